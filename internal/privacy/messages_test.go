package privacy_test

import (
	"sync"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestMessageSentTwiceIsKeptOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.Access)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := b.web.WriteToStaff(t.Context(), "ada@example.com", r.Ref, "Where is my parcel?"); err != nil {
				t.Error(err)
			}
			if err := b.web.WriteToPerson(t.Context(), b.agent, r.ID, "We look into it.", false); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := b.web.WriteToPerson(t.Context(), b.agent, r.ID, "We look into it.", true); err != nil { // the same words as a note are another thing
		t.Fatal(err)
	}
	m, err := b.web.Mine(t.Context(), "ada@example.com", r.Ref)
	if err != nil || len(m.Messages) != 2 {
		t.Fatalf("the person sees %d messages, want 2: %+v, %v", len(m.Messages), m.Messages, err)
	}
	if n := b.count(t, "SELECT count(*) FROM messages"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'staff_message'"); n != 1 {
		t.Errorf("%d letters for one message", n)
	}
}

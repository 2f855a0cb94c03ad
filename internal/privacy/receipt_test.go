package privacy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// carried takes a request of an address to the moment when its work begins.
func (b *bench) carried(t *testing.T, kind privacy.Kind, email string) (privacy.Request, privacy.Lease, privacy.Proposal) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := submission(kind)
	s.Email = email
	r, err := b.web.Submit(ctx, s)
	must(err)
	_, err = b.web.Confirm(ctx, b.link(t, privacy.LinkConfirm, r.ID))
	must(err)
	must(b.web.Search(ctx, b.agent, r.ID))
	hash := b.discover(t, r, discovery(kind))
	must(b.web.Propose(ctx, b.agent, r.ID, hash, ""))
	must(b.web.Approve(ctx, b.approver, r.ID, hash, ""))
	if kind == privacy.Deletion {
		must(b.web.ConfirmDeletion(ctx, email, r.Ref, hash))
		*b.clock = b.clock.Add(coolingOff)
		_, err := b.db.Exec(ctx, "UPDATE requests SET runs_at = now() WHERE id = $1", r.ID)
		must(err)
	}
	l := b.lease(t, r.ID)
	_, p, err := b.worker.BeginExecution(ctx, l)
	must(err)
	return r, l, p
}

func TestReceiptNamesTheCopiesThatOutliveTheDeletion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	ready := func(email string) privacy.Request {
		r, l, _ := b.carried(t, privacy.Access, email)
		if err := b.worker.Deliver(ctx, l); err != nil {
			t.Fatal(err)
		}
		return r
	}
	later, sooner, usedUp, over := ready("ada@example.com"), ready("ada@example.com"), ready("ada@example.com"), ready("ada@example.com")
	ready("eve@example.com")
	until := time.Now().UTC().Truncate(time.Second).Add(48 * time.Hour)
	for _, x := range []struct {
		r   privacy.Request
		set string
		arg any
	}{
		{later, "until = $2", until.Add(time.Hour)}, {sooner, "until = $2", until},
		{usedUp, "used = allowed + $2", 0}, {over, "until = $2", time.Now().Add(-time.Minute)},
	} {
		if tag, err := b.db.Exec(ctx, "UPDATE deliveries SET "+x.set+" WHERE request_id = $1", x.r.ID, x.arg); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(tag, err)
		}
	}
	r, l, p := b.carried(t, privacy.Deletion, "ada@example.com")
	if m, err := b.web.Mine(ctx, "ada@example.com", r.Ref); err != nil || m.Copies != nil {
		t.Fatalf("copies %v before there is a receipt, %v", m.Copies, err)
	}
	if err := b.worker.Finish(ctx, l, p.ID, []datamap.Outcome{{Step: p.Plan.Steps[0], Affected: 7, Done: true}}); err != nil {
		t.Fatal(err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	same := func(x, y privacy.Copy) bool { return x.Ref == y.Ref && x.Until.Equal(y.Until) }
	if want := []privacy.Copy{{Ref: sooner.Ref, Until: until}, {Ref: later.Ref, Until: until.Add(time.Hour)}}; !slices.EqualFunc(m.Copies, want, same) {
		t.Errorf("copies %v, want %v", m.Copies, want)
	}
}

package privacy_test

import (
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func receipt(b *bench, kind privacy.Kind) privacy.Receipt {
	s := submission(kind)
	s.Draft = "a draft of more than thirty-two characters, " + string(kind)
	return privacy.Receipt{Submission: s, Channel: privacy.ChannelPost, Day: b.clock.AddDate(0, 0, -3).Format(time.DateOnly), Time: "09:30", Original: "Letter 17 of the post book"}
}

func TestTheClockOfALetterStartsWhenItArrived(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := receipt(b, privacy.Access)
	in.Country, in.Zone = "DE", "America/Los_Angeles"
	r, err := b.web.Record(t.Context(), b.agent, in)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", in.Day+" 09:30", zone)
	if err != nil || !r.ReceivedAt.Equal(at) {
		t.Errorf("received %s, want %s", r.ReceivedAt, at)
	}
	if left := r.DueAt.Sub(at); left < 28*24*time.Hour || left > 33*24*time.Hour {
		t.Errorf("due %s after it arrived, want a month", left)
	}
	if r.State != privacy.Received || r.Channel != privacy.ChannelPost || r.RecordedBy == nil || *r.RecordedBy != b.agent.ID || r.Original != in.Original {
		t.Errorf("recorded as %+v", r)
	}
	again, err := b.web.Record(t.Context(), b.agent, in)
	if err != nil || again.ID != r.ID {
		t.Errorf("the form sent twice made another request (%v)", err)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'confirm_request'"); n != 1 {
		t.Errorf("%d links were mailed, want one", n)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'request.recorded' AND actor_id = $1 AND detail->>'channel' = 'post'", b.agent.ID.String()); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
	// It is in the queue at once, waiting for the person.
	p, err := b.web.Queue(t.Context(), b.agent, privacy.Filter{View: privacy.ViewWaiting, Channel: privacy.ChannelPost})
	if err != nil || len(p.Rows) != 1 || !p.Rows[0].Waiting {
		t.Errorf("the queue shows %+v (%v)", p.Rows, err)
	}
	// The person's link works as ever.
	if r, err = b.web.Confirm(t.Context(), b.link(t, privacy.LinkConfirm, r.ID)); err != nil || r.State != privacy.Verified {
		t.Errorf("confirmed: %+v (%v)", r.State, err)
	}
}

func TestAReceiptIsHeldToWhatCanBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, edit := range map[string]func(*privacy.Receipt){
		"day":     func(r *privacy.Receipt) { r.Day = "" },
		"channel": func(r *privacy.Receipt) { r.Channel = privacy.ChannelPortal },
		"email":   func(r *privacy.Receipt) { r.Channel, r.Email = privacy.ChannelEmail, "" },
		"name":    func(r *privacy.Receipt) { r.Name = " " },
		"kind":    func(r *privacy.Receipt) { r.Kind = "" },
	} {
		in := receipt(b, privacy.Access)
		edit(&in)
		_, err := b.web.Record(t.Context(), b.agent, in)
		wants(t, err, fault.Invalid, name)
	}
	for _, edit := range []func(*privacy.Receipt){
		func(r *privacy.Receipt) { r.Day = b.clock.AddDate(0, 0, 2).Format(time.DateOnly) },
		func(r *privacy.Receipt) { r.Day = "1999-01-01" },
		func(r *privacy.Receipt) { r.Time = "25:00" },
		func(r *privacy.Receipt) { r.Zone = "Local" },
		func(r *privacy.Receipt) { r.Day = "2026-02-30" },
	} {
		in := receipt(b, privacy.Access)
		edit(&in)
		_, err := b.web.Record(t.Context(), b.agent, in)
		wants(t, err, fault.Invalid, "day")
	}
	_, err := b.web.Record(t.Context(), b.auditor, receipt(b, privacy.Access))
	wants(t, err, fault.Forbidden, "")
	own := receipt(b, privacy.Access)
	own.Email = "agent+home@desk.example"
	_, err = b.web.Record(t.Context(), b.agent, own)
	wants(t, err, fault.Forbidden, "own_request")
	if n := b.count(t, "SELECT count(*) FROM requests"); n != 0 {
		t.Errorf("%d requests were made all the same", n)
	}
}

func TestALetterWithoutAnAddressNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, in := t.Context(), receipt(b, privacy.Access)
	in.Email, in.Phone = "", ""
	r, err := b.web.Record(ctx, b.agent, in)
	if err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1", r.ID); n != 0 {
		t.Errorf("%d mails to nobody", n)
	}
	// It waits for staff as long as it takes.
	*b.clock = b.clock.AddDate(0, 2, 0)
	b.officer.FactorAt, b.agent.FactorAt = b.clock, b.clock
	if _, err := b.worker.Sweep(ctx); err != nil || b.state(t, r.ID) != privacy.Received {
		t.Fatalf("swept away: %s (%v)", b.state(t, r.ID), err)
	}
	wants(t, b.web.ProveSender(ctx, b.agent, r.ID, "document"), fault.Forbidden, "recorded_it")
	wants(t, b.web.ProveSender(ctx, b.officer, r.ID, "a hunch"), fault.Invalid, "proof")
	if err := b.web.ProveSender(ctx, b.officer, r.ID, "document"); err != nil {
		t.Fatal(err)
	}
	if b.state(t, r.ID) != privacy.Verified {
		t.Fatalf("it is %s", b.state(t, r.ID))
	}
	wants(t, b.web.ProveSender(ctx, b.officer, r.ID, "document"), fault.Conflict, "")
	// The database says the same.
	_, err = b.db.Exec(ctx, "UPDATE requests SET proved_by = recorded_by WHERE id = $1", r.ID)
	if err == nil {
		t.Error("the database takes the one who wrote the letter down for a witness")
	}
}

func TestALetterThatNobodyCanPlaceIsForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, in := t.Context(), receipt(b, privacy.Deletion)
	in.Email = ""
	r, err := b.web.Record(ctx, b.agent, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.Unproved(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'lapsed' AND name = '' AND original = ''", r.ID); n != 1 {
		t.Error("something of it stays")
	}
	// One with an address lapses like those of the portal, from the day it was recorded.
	in = receipt(b, privacy.Portability)
	if r, err = b.web.Record(ctx, b.agent, in); err != nil {
		t.Fatal(err)
	}
	*b.clock = b.clock.AddDate(0, 0, 13)
	if _, err := b.worker.Sweep(ctx); err != nil || b.state(t, r.ID) != privacy.Received {
		t.Errorf("after 13 days it is %s (%v)", b.state(t, r.ID), err)
	}
	*b.clock = b.clock.AddDate(0, 0, 2)
	if _, err := b.worker.Sweep(ctx); err != nil || b.state(t, r.ID) != privacy.Lapsed {
		t.Errorf("after 15 days it is %s (%v)", b.state(t, r.ID), err)
	}
}

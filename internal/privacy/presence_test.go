package privacy_test

import (
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestColleaguesOnOneCaseSeeEachOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, r, other := t.Context(), b.verified(t, privacy.Access), b.verified(t, privacy.Deletion)
	here := func(m string, id privacy.ID) []privacy.Presence {
		t.Helper()
		who := b.agent
		if m == "officer" {
			who = b.officer
		}
		p, err := b.web.Here(ctx, who, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := here("agent", r.ID); len(p) != 0 {
		t.Errorf("alone, and sees %v", p)
	}
	b.own(t, "UPDATE presences SET since = now() - interval '3 minutes'")
	if p := here("officer", r.ID); len(p) != 1 || p[0].Member != b.agent.ID || p[0].Name != b.agent.Name || p[0].For.Round(time.Minute) != 3*time.Minute {
		t.Errorf("got %+v, want the agent since three minutes", p)
	}
	if p := here("officer", other.ID); len(p) != 0 {
		t.Errorf("on another case there is %v", p)
	}
	// A page that is open says so again; the time since it was opened stays.
	here("agent", r.ID)
	b.own(t, "UPDATE presences SET seen_at = now() - interval '89 seconds'")
	if p := here("officer", r.ID); len(p) != 1 || p[0].For.Round(time.Minute) != 3*time.Minute {
		t.Errorf("after 89 seconds: %+v", p)
	}
	// By the database's clock it is over after 90 seconds, whatever this one says.
	b.own(t, "UPDATE presences SET seen_at = now() - interval '91 seconds'")
	if p := here("officer", r.ID); len(p) != 0 {
		t.Errorf("after 91 seconds: %+v", p)
	}
	here("agent", r.ID)
	if p := here("officer", r.ID); len(p) != 1 || p[0].For > time.Minute {
		t.Errorf("who came back counts from then on: %+v", p)
	}
	// What somebody left behind goes when they open something else.
	b.own(t, "UPDATE presences SET seen_at = now() - interval '1 hour'")
	here("agent", other.ID)
	if n := b.count(t, "SELECT count(*) FROM presences WHERE member = $1", b.agent.ID); n != 1 {
		t.Errorf("%d rows of one member, want the one that counts", n)
	}
}

func TestASaveOnACaseThatSomebodyElseChangedIsAConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, r := t.Context(), b.verified(t, privacy.Access)
	version := func() int64 {
		c, err := b.web.Case(ctx, b.agent, r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		return c.Version
	}
	v := version()
	// One's own changes are no surprise, nor is what a job does or somebody reads.
	if err := b.web.Seen(b.agent, v).WriteToPerson(ctx, b.agent, r.ID, "We have begun.", false); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Seen(b.agent, v).Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.discover(t, r, discovery(privacy.Access))
	if err := b.web.Seen(b.agent, v).Assign(ctx, b.agent, r.ID, b.agent.ID); err != nil {
		t.Fatalf("a conflict with nobody: %v", err)
	}
	// Somebody else's are.
	if err := b.web.WriteToPerson(ctx, b.officer, r.ID, "Do not answer before Monday.", true); err != nil {
		t.Fatal(err)
	}
	before := b.count(t, "SELECT count(*) FROM audit_events")
	stale := b.web.Seen(b.agent, v)
	wants(t, stale.Assign(ctx, b.agent, r.ID, b.agent.ID), fault.Conflict, "queue.meanwhile")
	wants(t, stale.WriteToPerson(ctx, b.agent, r.ID, "Here is your answer.", false), fault.Conflict, "queue.meanwhile")
	wants(t, b.web.Seen(b.approver, v).Reject(ctx, b.approver, r.ID, "EXCESSIVE", "Too many."), fault.Conflict, "queue.meanwhile")
	if n := b.count(t, "SELECT count(*) FROM audit_events"); n != before || b.count(t, "SELECT count(*) FROM messages") != 2 {
		t.Error("a conflict left something behind")
	}
	c, err := b.web.Case(ctx, b.agent, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	others := c.Meanwhile(b.agent, v)
	if len(others) != 1 || others[0].Action != "note.written" || others[0].Actor.Label != b.officer.Name {
		t.Errorf("the page shows %+v, want the officer's note", others)
	}
	if err := b.web.Seen(b.agent, c.Version).WriteToPerson(ctx, b.agent, r.ID, "Here is your answer.", false); err != nil {
		t.Errorf("after reading, it is still refused: %v", err)
	}
	// What the person does counts as well.
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "I take it back."); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Seen(b.agent, version()-1).WriteToPerson(ctx, b.agent, r.ID, "And one more thing.", false), fault.Conflict, "queue.meanwhile")
}

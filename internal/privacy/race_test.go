package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// rush does things at the same moment, as many at once as the pools have
// connections, and counts how often each went well. What did not must have been
// told in so many words: a conflict, never a broken transaction.
func rush(t *testing.T, todo ...deed) map[string]int {
	t.Helper()
	begin, won := make(chan struct{}), map[string]*atomic.Int32{}
	for _, d := range todo {
		won[d.name] = &atomic.Int32{}
	}
	var all sync.WaitGroup
	for _, d := range todo {
		all.Go(func() {
			<-begin
			switch err := d.do(); {
			case err == nil:
				won[d.name].Add(1)
			case errors.Is(err, privacy.ErrLost), errors.Is(err, privacy.ErrTooEarly):
			case fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Forbidden:
				t.Errorf("%s: %v", d.name, err)
			}
		})
	}
	close(begin)
	all.Wait()
	out := map[string]int{}
	for name, n := range won {
		out[name] = int(n.Load())
	}
	return out
}

type deed struct {
	name string
	do   func() error
}

func times(n int, d deed) []deed {
	out := make([]deed, n)
	for i := range out {
		out[i] = d
	}
	return out
}

// deeds are what two people and a worker can do to a request in review.
func (b *bench) deeds(t *testing.T, r privacy.Request, hash string) map[string]deed {
	ctx := context.WithoutCancel(t.Context())
	return map[string]deed{
		"approve":   {"approve", func() error { return b.web.Approve(ctx, b.approver, r.ID, hash, "") }},
		"reject":    {"reject", func() error { return b.web.Reject(ctx, b.approver, r.ID, "EXCESSIVE", "Too often.") }},
		"send back": {"send back", func() error { return b.web.SendBack(ctx, b.approver, r.ID, hash, "Look again.") }},
		"edit": {"edit", func() error {
			return b.web.Choose(ctx, b.officer, r.ID, 0, privacy.Choices{Exclude: []privacy.RowRef{{Table: "contacts", Key: "1"}}})
		}},
		"execute": {"execute", func() error {
			l, err := b.worker.TakeWork(ctx, r.ID)
			if err != nil {
				return err
			}
			now, _, err := b.worker.BeginExecution(ctx, l)
			if back := b.worker.ReleaseWork(ctx, l, 0); err == nil && back != nil {
				return back
			}
			if err == nil && now.State != privacy.Executing {
				return fmt.Errorf("it executes in state %s", now.State)
			}
			return err
		}},
	}
}

func (b *bench) proposed(t *testing.T) (privacy.Request, string) {
	t.Helper()
	r, hash := b.inReview(t, privacy.Access)
	if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	return r, hash
}

func TestOfFiftyAtOnceOneDecides(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tt := range []struct {
		name  string
		state privacy.State
		entry string
	}{
		{"approve", privacy.Approved, "request.approved"},
		{"reject", privacy.Rejected, "request.rejected"},
		{"send back", privacy.Discovering, "request.discovering"},
		{"edit", privacy.Discovering, "plan.chosen"},
	} {
		r, hash := b.proposed(t)
		before := b.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = $2", r.ID.String(), tt.entry)
		won := rush(t, times(50, b.deeds(t, r, hash)[tt.name])...)
		if st := b.state(t, r.ID); won[tt.name] != 1 || st != tt.state {
			t.Errorf("%s: %d of 50 won, and the request is %s, want %s", tt.name, won[tt.name], st, tt.state)
		}
		if n := b.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = $2", r.ID.String(), tt.entry); n != before+1 {
			t.Errorf("%s: %d entries more, want one", tt.name, n-before)
		}
	}
}

func TestOfFiftyAtOnceOneExecutes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, hash := b.proposed(t)
	if err := b.web.Approve(t.Context(), b.approver, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	rush(t, times(50, b.deeds(t, r, hash)["execute"])...) // one after the other may: asking again gives the same plan
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = 'request.executing'", r.ID.String()); n != 1 || b.state(t, r.ID) != privacy.Executing {
		t.Errorf("it began %d times and is %s", n, b.state(t, r.ID))
	}
}

// Fifty people and workers do everything at once: one decision stands, and what
// follows from it is what it allows.
func TestOfFiftyDifferentAtOnceOneOutcomeStands(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for round := range 4 {
		r, hash := b.proposed(t)
		all := b.deeds(t, r, hash)
		var todo []deed
		for i := range 10 {
			for _, name := range [][]string{{"approve", "edit", "execute", "reject", "send back"}, {"reject", "send back", "approve", "execute", "edit"},
				{"edit", "execute", "send back", "reject", "approve"}, {"send back", "approve", "reject", "edit", "execute"}}[(round+i)%4] {
				todo = append(todo, all[name])
			}
		}
		won, st := rush(t, todo...), b.state(t, r.ID)
		decided := won["approve"] + won["send back"] + won["edit"]
		switch {
		case decided > 1, won["reject"] > 1, won["approve"]+won["reject"] > 1:
			t.Errorf("round %d: more than one of them won: %v", round, won)
		case decided+won["reject"] == 0:
			t.Errorf("round %d: nobody won", round)
		case won["execute"] > 0 && won["approve"] != 1, (st == privacy.Executing) != (won["execute"] > 0):
			t.Errorf("round %d: it is %s after %v", round, st, won)
		case won["reject"] == 1 && st != privacy.Rejected, won["reject"] == 0 && won["approve"] == 0 && st != privacy.Discovering:
			t.Errorf("round %d: it is %s after %v", round, st, won)
		}
		approvals := b.count(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND decision = 'approved'", r.ID)
		if approvals != won["approve"] {
			t.Errorf("round %d: %d approvals stand after %v", round, approvals, won)
		}
	}
}

func TestWhoWasSentAwayDoesNotStandBehindAnApproval(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]string{
		"switched off":        "UPDATE staff_members SET disabled_at = now() WHERE id = $1",
		"in another position": "UPDATE staff_members SET roles = '{agent}' WHERE id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r, _ := b.approved(t, privacy.Access)
			if _, err := b.db.Exec(t.Context(), gone, b.approver.ID); err != nil {
				t.Fatal(err)
			}
			// The database alone refuses it, too.
			if _, err := b.db.Exec(t.Context(), "UPDATE requests SET state = 'executing' WHERE id = $1", r.ID); err == nil {
				t.Error("the database lets it execute")
			}
			now, _, err := b.worker.BeginExecution(t.Context(), b.lease(t, r.ID))
			if err != nil || now.State != privacy.Discovering || b.state(t, r.ID) != privacy.Discovering {
				t.Errorf("it is %s (%v), want it back in the search", now.State, err)
			}
			if n := b.count(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND decision = 'approved'", r.ID); n != 0 {
				t.Error("the approval still stands")
			}
		})
	}
}

func TestTheDatabaseAsksWhetherWhoDecidesMay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, _ := b.proposed(t)
	for name, by := range map[string]uuid.UUID{"an auditor": b.auditor.ID, "somebody unknown": uuid.New()} {
		for _, decision := range []string{"approved", "sent_back"} {
			_, err := b.db.Exec(t.Context(), "UPDATE proposals SET decided_by = $2, decided_name = 'x', decided_at = now(), decision = $3 WHERE request_id = $1", r.ID, by, decision)
			if err == nil {
				t.Errorf("%s was recorded as %s", name, decision)
			}
		}
	}
}

// The rules of the database name roles; those of the program name permissions.
func TestTheDatabaseAndTheProgramAgreeOnWhoMay(t *testing.T) {
	t.Parallel()
	for p, roles := range map[staff.Permission][]staff.Role{
		staff.PlanApprove: {staff.Approver, staff.Officer},
		staff.ContentRead: {staff.Reviewer, staff.Approver, staff.Officer},
	} {
		for _, role := range staff.AllRoles {
			listed := false
			for _, r := range roles {
				listed = listed || r == role
			}
			if may := (staff.Member{Roles: []staff.Role{role}}).Can(p); may != listed {
				t.Errorf("%s may %s: %v in the program, %v in the database (migration 00015)", role, p, may, listed)
			}
		}
	}
}

package privacy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func (b *bench) hold(t *testing.T, r privacy.Request, scope privacy.Scope) uuid.UUID {
	t.Helper()
	h := privacy.Hold{Scope: scope, Matter: "4 O 12/26", Reason: "A claim is announced.", Owner: b.officer.ID, ReviewOn: b.clock.AddDate(0, 1, 0), Told: true}
	if err := b.web.Hold(t.Context(), b.officer, r.ID, h); err != nil {
		t.Fatal(err)
	}
	return b.clockOf(t, r).Holds[0].ID
}

func TestNothingIsCarriedOutWhileAHoldStands(t *testing.T) {
	t.Parallel()
	for _, scope := range privacy.Scopes {
		t.Run(string(scope), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ctx := t.Context()
			r, hash := b.approved(t, privacy.Deletion)
			if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
				t.Fatal(err)
			}
			*b.clock = b.clock.Add(2 * coolingOff)
			if _, err := b.db.Exec(ctx, "UPDATE requests SET runs_at = now()"); err != nil {
				t.Fatal(err)
			}
			at := r
			if scope == privacy.OnPerson {
				at = b.verified(t, privacy.Access)
			}
			id := b.hold(t, at, scope)
			l := b.lease(t, r.ID)
			if _, _, err := b.worker.BeginExecution(ctx, l); !errors.Is(err, privacy.ErrHeld) {
				t.Fatalf("it runs: %v", err)
			}
			refuses(t, b.db, "portal_worker", "carry out what is on hold", "UPDATE requests SET state = 'executing' WHERE id = '"+r.ID.String()+"'")
			if err := b.worker.ReleaseWork(ctx, l, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := b.db.Exec(ctx, "DELETE FROM river_job"); err != nil {
				t.Fatal(err)
			}
			if n, err := b.worker.Reconcile(ctx); err != nil || n != 0 {
				t.Fatalf("the reconciler rings %d times, %v", n, err)
			}
			if c := b.clockOf(t, r); len(c.Live()) != 1 {
				t.Errorf("the case shows %+v", c.Live())
			}
			task := "SELECT count(*) FROM duties WHERE request_id = $1 AND assignee = $2 AND state = $3"
			if n := b.count(t, task, at.ID, b.officer.ID, "open"); n != 1 {
				t.Errorf("%d open: who answers for the hold needs a task to look at it again", n)
			}
			wants(t, b.web.LiftHold(ctx, b.agent, at.ID, id, "over"), fault.Forbidden, "")
			if err := b.web.LiftHold(ctx, b.officer, at.ID, id, "The claim is settled."); err != nil {
				t.Fatal(err)
			}
			wants(t, b.web.LiftHold(ctx, b.officer, at.ID, id, "again"), fault.Conflict, "error.hold_lifted")
			if n := b.count(t, task, at.ID, b.officer.ID, "done"); n != 1 {
				t.Errorf("%d tasks ended with the hold", n)
			}
			if n := b.count(t, "SELECT count(*) FROM river_job WHERE kind = 'privacy.work' AND state = 'available'"); n != 1 {
				t.Errorf("%d bells after the hold", n)
			}
			if got, _, err := b.worker.BeginExecution(ctx, b.lease(t, r.ID)); err != nil || got.State != privacy.Executing {
				t.Fatalf("it does not go on: %s, %v", got.State, err)
			}
		})
	}
}

func TestAHoldOnThePersonTellsWhatItDoesNotStop(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	running, hash := b.approved(t, privacy.Deletion)
	if err := b.web.ConfirmDeletion(t.Context(), "ada@example.com", running.Ref, hash); err != nil {
		t.Fatal(err)
	}
	*b.clock = b.clock.Add(2 * coolingOff)
	if _, err := b.db.Exec(t.Context(), "UPDATE requests SET runs_at = now()"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.worker.BeginExecution(t.Context(), b.lease(t, running.ID)); err != nil {
		t.Fatal(err)
	}
	at := b.verified(t, privacy.Access)
	b.hold(t, at, privacy.OnCase)
	if c := b.clockOf(t, at); len(c.Running) != 0 {
		t.Errorf("a hold on one case is said to be too late for %v", c.Running)
	}
	b.hold(t, at, privacy.OnPerson)
	if c := b.clockOf(t, at); len(c.Running) != 1 || c.Running[0] != running.Ref {
		t.Errorf("staff read that %v go on, want %s", c.Running, running.Ref)
	}
}

func TestThePersonIsToldOfAHoldOrNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	for _, told := range []bool{true, false} {
		r := b.verified(t, privacy.Deletion)
		h := privacy.Hold{Scope: privacy.OnCase, Matter: "secret matter", Reason: "x", Owner: b.officer.ID, ReviewOn: b.clock.AddDate(0, 1, 0), Told: told}
		if err := b.web.Hold(ctx, b.officer, r.ID, h); err != nil {
			t.Fatal(err)
		}
		m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
		if err != nil || m.Clock.Held != told || (len(m.Messages) == 1) != told || told && strings.Contains(m.Messages[0].Body, "secret") {
			t.Errorf("told %v: %+v, %v", told, m.Messages, err)
		}
	}
	r := b.verified(t, privacy.Deletion)
	for name, h := range map[string]privacy.Hold{
		"owner":  {Scope: privacy.OnCase, Matter: "m", Reason: "x", Owner: uuid.New(), ReviewOn: b.clock.AddDate(0, 1, 0)},
		"review": {Scope: privacy.OnCase, Matter: "m", Reason: "x", Owner: b.officer.ID, ReviewOn: b.clock.AddDate(0, 0, -1)},
		"scope":  {Matter: "m", Reason: "x", Owner: b.officer.ID, ReviewOn: b.clock.AddDate(0, 1, 0)},
		"matter": {Scope: privacy.OnCase, Reason: "x", Owner: b.officer.ID, ReviewOn: b.clock.AddDate(0, 1, 0)},
	} {
		wants(t, b.web.Hold(ctx, b.officer, r.ID, h), fault.Invalid, name)
	}
	wants(t, b.web.Hold(ctx, b.agent, r.ID, privacy.Hold{}), fault.Forbidden, "")
}

func TestAHoldKeepsWhatWouldBePurged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	access, _ := b.approved(t, privacy.Access)
	l := b.lease(t, access.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE deliveries SET until = now() - interval '1 minute'"); err != nil {
		t.Fatal(err)
	}
	id := b.hold(t, access, privacy.OnCase)
	if n, err := b.worker.Sweep(ctx); err != nil || n != 0 {
		t.Fatalf("%d packages are closed while the hold stands, %v", n, err)
	}
	if err := b.web.LiftHold(ctx, b.officer, access.ID, id, "It is settled."); err != nil {
		t.Fatal(err)
	}
	if n, err := b.worker.Sweep(ctx); err != nil || n != 1 {
		t.Fatalf("%d packages are closed after it, %v", n, err)
	}

	r, _ := b.inReview(t, privacy.ShortenedRetention)
	p := planned(privacy.ShortenedRetention, "shorten")
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.propose(t, r, b.agent, b.approver, b.again(t, r, p))
	b.carryOut(t, r.ID)
	held := func() int {
		ops, err := b.worker.HeldOperations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(ops)
	}
	if n := held(); n != 0 {
		t.Fatalf("%d are held by nothing", n)
	}
	b.hold(t, b.verified(t, privacy.Access), privacy.OnPerson)
	if n := held(); n != 1 {
		t.Errorf("%d shortened retentions wait for the hold on their person", n)
	}
}

package privacy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// planned is what a worker would report for a right that changes rows.
func planned(kind privacy.Kind, action datamap.Action) privacy.Discovery {
	d := discovery(kind)
	d.Plan.Steps = []datamap.Step{{Seq: 1, Table: "contacts", Role: "owner", Action: action, Rows: 1}}
	return d
}

func (b *bench) request(t *testing.T, id privacy.ID) privacy.Request {
	t.Helper()
	r, err := b.web.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// carryOut takes an approved request to its end.
func (b *bench) carryOut(t *testing.T, id privacy.ID) {
	t.Helper()
	l := b.lease(t, id)
	_, p, err := b.worker.BeginExecution(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var done []datamap.Outcome
	for _, s := range p.Plan.Steps {
		done = append(done, datamap.Outcome{Operation: p.ID, Step: s, Affected: s.Rows, Done: true})
	}
	if err := b.worker.Finish(t.Context(), l, p.ID, done); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.ReleaseWork(t.Context(), l, 0); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) propose(t *testing.T, r privacy.Request, by, second staff.Member, hash string) {
	t.Helper()
	if err := b.web.Propose(t.Context(), by, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Approve(t.Context(), second, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
}

func TestEveryRightEndsWithItsOwnOutcome(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind   privacy.Kind
		action datamap.Action
		want   privacy.Outcome
		letter string
	}{
		{privacy.Correction, datamap.Correcting, privacy.Corrected, "corrected"},
		{privacy.Restriction, datamap.Restricting, privacy.Restricted, "restricted"},
		{privacy.Objection, datamap.Restricting, privacy.Objected, "objected"},
		{privacy.ShortenedRetention, datamap.Shortening, privacy.RetentionShortened, "retention_shortened"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.verified(t, tt.kind)
			if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
				t.Fatal(err)
			}
			b.propose(t, r, b.agent, b.approver, b.discover(t, r, planned(tt.kind, tt.action)))
			b.carryOut(t, r.ID)
			if got := b.request(t, r.ID); got.State != privacy.Closed || got.Outcome != tt.want {
				t.Fatalf("%s, %s", got.State, got.Outcome)
			}
			if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = $2", r.ID, tt.letter); n != 1 {
				t.Fatalf("%d letters tell it", n)
			}
			m, err := b.web.Mine(t.Context(), "ada@example.com", r.Ref)
			if err != nil || m.Proposal == nil || len(m.Progress) != 1 {
				t.Fatalf("the person does not see what was done: %+v, %v", m, err)
			}
		})
	}
}

func TestWhatTheFormAskedStandsUntilStaffChoose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for kind, want := range map[privacy.Kind]privacy.Choices{
		privacy.Objection:          {Purposes: []string{"marketing"}},
		privacy.Withdrawal:         {Purposes: []string{"marketing"}},
		privacy.ShortenedRetention: {Days: 90},
		privacy.Correction:         {},
	} {
		got, err := b.web.Chosen(t.Context(), b.verified(t, kind))
		if err != nil || got.Version != 0 || strings.Join(got.Purposes, ",") != strings.Join(want.Purposes, ",") || got.Days != want.Days || len(got.Edits) > 0 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
}

func TestWhatOnlyStopsSomethingNeedsNobody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		kind privacy.Kind
		make func(*privacy.Discovery)
		want privacy.State
	}{
		{"an opt-out", privacy.OptOut, func(*privacy.Discovery) {}, privacy.Approved},
		{"a withdrawal", privacy.Withdrawal, func(d *privacy.Discovery) { d.Plan.Steps[0].Action = datamap.Restricting }, privacy.Approved},
		{"nothing is stored", privacy.OptOut, func(d *privacy.Discovery) { d.Plan.Steps, d.Found = nil, nil }, privacy.Approved},
		{"nothing is proved, something may be meant", privacy.OptOut, func(d *privacy.Discovery) {
			d.Plan.Steps, d.Found, d.Candidates = nil, nil, []privacy.Candidate{{Table: "contacts", Key: "7", By: "phone", Why: "claimed"}}
		}, privacy.InReview},
		{"the store knows no way to stop it", privacy.OptOut, func(d *privacy.Discovery) { d.Plan.Steps = nil }, privacy.InReview},
		{"a plan that deletes", privacy.OptOut, func(d *privacy.Discovery) { d.Plan.Steps[0].Action = datamap.Delete }, privacy.InReview},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.verified(t, tt.kind)
			if got := b.request(t, r.ID); got.State != privacy.Discovering {
				t.Fatalf("the proof did not send a worker: %s", got.State)
			}
			d := planned(tt.kind, datamap.Suppressing)
			tt.make(&d)
			b.discover(t, r, d)
			if got := b.request(t, r.ID); got.State != tt.want {
				t.Fatalf("%s, want %s", got.State, tt.want)
			}
		})
	}
}

func TestOptOutIsCarriedOutWithoutStaff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.OptOut)
	b.discover(t, r, planned(privacy.OptOut, datamap.Suppressing))
	b.carryOut(t, r.ID)
	if got := b.request(t, r.ID); got.Outcome != privacy.OptedOut {
		t.Fatalf("%s, %s", got.State, got.Outcome)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND actor_kind = 'staff'", r.ID.String()); n != 0 {
		t.Fatalf("%d entries in a member's name", n)
	}
}

// restricted is a request whose restriction stands in the store.
func (b *bench) restricted(t *testing.T) privacy.Request {
	t.Helper()
	r := b.verified(t, privacy.Restriction)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.propose(t, r, b.agent, b.approver, b.discover(t, r, planned(privacy.Restriction, datamap.Restricting)))
	b.carryOut(t, r.ID)
	return b.request(t, r.ID)
}

func TestLiftHasNoticeAndTwoPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.restricted(t)
	lift, err := b.web.OpenLift(ctx, b.officer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.web.OpenLift(ctx, b.agent, r.ID); err != nil || again.ID != lift.ID {
		t.Fatalf("a second click opened another one: %s, %v", again.Ref, err)
	}
	wants(t, b.web.Withdraw(ctx, "ada@example.com", lift.Ref), fault.Conflict, "error.too_late_to_withdraw")
	undone, err := b.worker.CarriedOut(ctx, *lift.Ends)
	if err != nil || b.count(t, "SELECT count(*) FROM proposals WHERE id = $1 AND request_id = $2", undone, r.ID) != 1 {
		t.Fatalf("the lift does not know what it undoes: %v", err)
	}

	d := planned(privacy.RestrictionLift, datamap.Lifting)
	d.Chosen.Version = 1
	hash := b.discover(t, lift, d)
	if err := b.web.Propose(ctx, b.agent, lift.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Approve(ctx, b.officer, lift.ID, hash, ""), fault.Forbidden, "error.four_eyes") // who opened it
	if err := b.web.Approve(ctx, b.approver, lift.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = 'restriction_ends'", lift.ID); n != 1 {
		t.Fatalf("%d notices", n)
	}
	l := b.lease(t, lift.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); !errors.Is(err, privacy.ErrTooEarly) {
		t.Fatalf("before the notice is over: %v", err)
	}
	if err := b.worker.ReleaseWork(ctx, l, 0); err != nil {
		t.Fatal(err)
	}
	if n, err := b.worker.Reconcile(ctx); err != nil || n != 0 {
		t.Fatalf("Reconcile rang %d times for a notice that runs, %v", n, err)
	}
	refuses(t, b.db, "portal_worker", "lift within the notice", "UPDATE requests SET state = 'executing' WHERE id = '"+lift.ID.String()+"'")

	*b.clock = b.clock.AddDate(0, 0, 8)
	if _, err := b.db.Exec(ctx, "UPDATE requests SET runs_at = now() WHERE id = $1", lift.ID); err != nil {
		t.Fatal(err)
	}
	b.carryOut(t, lift.ID)
	if got := b.request(t, lift.ID); got.Outcome != privacy.Lifted {
		t.Fatalf("%s, %s", got.State, got.Outcome)
	}
	if again, err := b.web.OpenLift(ctx, b.agent, r.ID); err != nil || again.ID != lift.ID {
		t.Fatalf("what is lifted was opened again: %v", err)
	}
	c, err := b.web.Case(ctx, b.agent, r.Ref)
	if err != nil || c.Lift == nil || c.Lift.ID != lift.ID {
		t.Fatalf("the restriction does not name its lift: %v", err)
	}
}

func TestOnlyARestrictionThatStandsIsLifted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	open := b.verified(t, privacy.Restriction)
	_, err := b.web.OpenLift(t.Context(), b.agent, open.ID)
	wants(t, err, fault.Conflict, "error.nothing_to_lift")
	_, err = b.web.OpenLift(t.Context(), b.auditor, b.restricted(t).ID)
	wants(t, err, fault.Forbidden, "")
	refuses(t, b.db, "portal_web", "open a lift of nothing",
		"INSERT INTO requests (ref, kind, relation, name, email, country, lang, law, answers, due_at, ends) SELECT 'CS-2222-2222', 'restriction_lift', relation, name, email, country, lang, law, answers, now(), id FROM requests WHERE id = '"+open.ID.String()+"'")
}

func TestAStoreThatIsDownHasAName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.OptOut)
	l := b.lease(t, r.ID)
	for _, store := range []string{"eu1", "eu1", "eu2"} {
		if err := b.worker.StoreDown(ctx, l, store); err != nil {
			t.Fatal(err)
		}
		if got := b.request(t, r.ID); got.StoreDown != store || got.StoreDownAt == nil {
			t.Fatalf("%q does not answer, the request says %q", store, got.StoreDown)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = 'store.down'", r.ID.String()); n != 2 {
		t.Fatalf("%d entries for two stores", n)
	}
	if err := b.worker.StoreBack(ctx, l); err != nil {
		t.Fatal(err)
	}
	if got := b.request(t, r.ID); got.StoreDown != "" || got.StoreDownAt != nil {
		t.Fatal("it is back, and the request does not know")
	}
}

package connector_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// erasure is a frozen deletion of the demo's heavy person, in small batches.
type erasure struct {
	*connector.Store
	db     *pgxpool.Pool
	op     uuid.UUID
	plan   datamap.Plan
	keys   demo.Keys
	before map[string]demo.Sum
}

var heavyPerson = connector.Subject{Email: demo.Heavy.Email}

func newErasure(t *testing.T, opt connector.Options) *erasure {
	t.Helper()
	opt.BatchRows = 40
	s, db := demoStore(t, demo.Options{Seed: 4, Rows: 2000, HeavySubject: 600}, opt)
	keys, err := demo.RowsOf(t.Context(), db, demo.Heavy)
	if err != nil {
		t.Fatal(err)
	}
	before, err := demo.Checksum(t.Context(), db, keys)
	if err != nil {
		t.Fatal(err)
	}
	op, plan := freeze(t, s, heavyPerson)
	return &erasure{s, db, op, plan, keys, before}
}

// proved demands that the plan was carried out once, exactly, and nothing else.
func (e *erasure) proved(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for _, st := range e.plan.Steps {
		var affected int64
		var done bool
		if err := e.db.QueryRow(ctx, "SELECT affected, done_at IS NOT NULL FROM dsar.step WHERE operation = $1 AND seq = $2", e.op, st.Seq).Scan(&affected, &done); err != nil {
			t.Fatal(err)
		}
		if !done || affected != st.Rows {
			t.Errorf("step %d (%s %s): done %t, %d of %d rows", st.Seq, st.Action, st.Table, done, affected, st.Rows)
		}
	}
	residue, err := e.Recheck(ctx, e.op, heavyPerson)
	if err != nil || !residue.Empty() {
		t.Errorf("left: %+v, %v", residue, err)
	}
	after, err := demo.Checksum(ctx, e.db, e.keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.before, after); diff != "" {
		t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
	}
}

// TestAnErasureThatIsCutOffGoesOnWhereItStopped ends the worker at random
// moments, mostly in the middle of a batch, until an attempt gets through.
func TestAnErasureThatIsCutOffGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	dice, cuts := rand.New(rand.NewPCG(1, 2)), 0
	for {
		ctx, stop := context.WithCancel(t.Context())
		// Every attempt may last a little longer: the fastest machine is cut off
		// a few times, and the slowest ends.
		timer := time.AfterFunc(time.Duration(dice.IntN(2_000*(cuts+1)))*time.Microsecond, stop)
		err := e.Execute(ctx, e.op, e.plan, func(datamap.Outcome) error { return nil })
		timer.Stop()
		stop()
		if err == nil {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		cuts++
	}
	if cuts < 5 {
		t.Errorf("only %d attempts were cut off: the test proves little", cuts)
	}
	e.proved(t)
}

// TestAReportThatFailsStopsTheWorker and leaves a ledger to go on from.
func TestAReportThatFailsStopsTheWorker(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	broken := errors.New("the portal's database is down")
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	var told []datamap.Outcome
	if err := e.Execute(t.Context(), e.op, e.plan, func(o datamap.Outcome) error { told = append(told, o); return nil }); err != nil {
		t.Fatal(err)
	}
	finished := map[int]bool{}
	for _, o := range told {
		finished[o.Step.Seq] = finished[o.Step.Seq] || o.Done
	}
	if len(finished) != len(e.plan.Steps) {
		t.Errorf("%d of %d steps were told after the restart", len(finished), len(e.plan.Steps))
	}
	e.proved(t)
}

// TestAZombieIsFencedOff lets a worker sleep longer than its lease, with the
// heartbeat's connection taken away, and wake beside its successor.
func TestAZombieIsFencedOff(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	asleep, wake := make(chan struct{}), make(chan struct{})
	var once sync.Once
	ended := make(chan error, 1)
	go func() {
		ended <- e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error {
			once.Do(func() { close(asleep); <-wake })
			return nil
		})
	}()
	<-asleep
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrBusy) {
		t.Fatalf("a second worker beside a living one: %v", err)
	}
	exec(t, e.db, "UPDATE dsar.operation SET lease_until = now() - interval '1 second' WHERE id = $1", e.op)
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatalf("the successor: %v", err)
	}
	close(wake)
	if err := <-ended; !errors.Is(err, connector.ErrFenced) {
		t.Errorf("the zombie: %v", err)
	}
	e.proved(t)
}

func TestManyWorkersHaveOneEffect(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{Lease: time.Second})
	var through, busy atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			switch err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); {
			case err == nil:
				through.Add(1)
			case errors.Is(err, connector.ErrBusy), errors.Is(err, connector.ErrFenced):
				busy.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if through.Load() == 0 || through.Load()+busy.Load() != 4 {
		t.Errorf("%d got through, %d were sent away", through.Load(), busy.Load())
	}
	e.proved(t)
}

func TestAnythingThatMovedSendsThePlanBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sql string
	}{
		{"a row more", "INSERT INTO consents (organization_id, contact_id, purpose, channel, status, source) VALUES (1, 6, 'service', 'whatsapp', 'granted', 'form')"},
		{"a row less", "DELETE FROM reactions WHERE id = (SELECT min(id) FROM reactions WHERE contact_id = 6)"},
		{"a contact more", "INSERT INTO contacts (organization_id, name, phone, language) VALUES (4, 'B', '+5511912340077', 'pt')"},
		{"a column more", "ALTER TABLE messages ADD COLUMN mood text"},
		{"a table more", "CREATE TABLE diary (words text)"},
		{"a trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; CREATE TRIGGER g BEFORE DELETE ON messages FOR EACH ROW EXECUTE FUNCTION f()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newErasure(t, connector.Options{})
			exec(t, e.db, tt.sql)
			before, err := demo.Checksum(t.Context(), e.db)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrMoved) {
				t.Fatalf("got %v, expected ErrMoved", err)
			}
			after, err := demo.Checksum(t.Context(), e.db)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("something was changed all the same:\n%s", diff)
			}
		})
	}
}

func TestAPlanThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	other := e.plan
	other.Steps = append([]datamap.Step{}, other.Steps...)
	other.Steps[0].Rows++
	if err := e.Execute(t.Context(), e.op, other, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("a changed plan: %v", err)
	}
	other.Hash = other.Sum()
	if err := e.Execute(t.Context(), e.op, other, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("a changed plan with a new hash: %v", err)
	}
	if err := e.Execute(t.Context(), uuid.New(), e.plan, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrNotFrozen) {
		t.Errorf("an operation nobody froze: %v", err)
	}
}

func TestFreezingAgainReplaces(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	ctx := t.Context()
	f := find(t, e.Store, heavyPerson)
	again, err := e.Freeze(ctx, e.op, f, connector.Ask{Kind: "deletion"}, e.plan)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash != e.plan.Hash || again.Frozen != e.plan.Frozen {
		t.Errorf("the same rows have two digests: %s, %s", e.plan.Frozen, again.Frozen)
	}
	if err := e.Execute(ctx, e.op, again, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := e.Freeze(ctx, e.op, f, connector.Ask{Kind: "deletion"}, again); err != nil || got.Hash != again.Hash {
		t.Errorf("freezing what was carried out: %v", err)
	}
	other := again
	other.Cutoff = "2020-01-01"
	other.Hash = other.Sum()
	if _, err := e.Freeze(ctx, e.op, f, connector.Ask{Kind: "deletion"}, other); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("another plan for what was carried out: %v", err)
	}
	e.proved(t)
}

func TestAPlanNobodyBeganMayBeDiscarded(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	for range 2 {
		if err := e.Discard(t.Context(), e.op); err != nil {
			t.Fatal(err)
		}
	}
	if left := rows(t, e.db, "SELECT operation::text FROM dsar.target UNION SELECT id::text FROM dsar.operation"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrNotFrozen) {
		t.Errorf("a discarded plan: %v", err)
	}
	op, plan := freeze(t, e.Store, heavyPerson)
	stop := errors.New("stop")
	if err := e.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if err := e.Discard(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	e.op, e.plan = op, plan
	if err := e.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatalf("an operation that had begun was discarded: %v", err)
	}
	e.proved(t)
}

// TestARowThatMovedToSomebodyElseIsLeftAlone moves a conversation away after the
// operation has begun, when counts are not compared any more.
func TestARowThatMovedToSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	stop := errors.New("stop")
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	moved := rows(t, e.db, "UPDATE conversations SET contact_id = 1 WHERE id = (SELECT min(id) FROM conversations WHERE contact_id = 6) RETURNING id::text")[0]
	left := rows(t, e.db, "SELECT count(*)::text FROM messages WHERE conversation_id = $1::bigint", moved)
	if err := e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, e.db, "SELECT count(*)::text FROM messages WHERE conversation_id = $1::bigint", moved); !cmp.Equal(got, left) {
		t.Errorf("%v of %v messages are left in somebody else's conversation", got, left)
	}
}

// TestOneWhoIsBothUserAndContact is reached through both roots at once.
func TestOneWhoIsBothUserAndContact(t *testing.T) {
	t.Parallel()
	s, db := demoStore(t, demo.Options{Seed: 6, Rows: 3000}, connector.Options{BatchRows: 50})
	ctx, who := t.Context(), connector.Subject{Email: demo.Tomas.Email}
	exec(t, db, "UPDATE contacts SET email = upper($1) WHERE id = 3", demo.Tomas.Email)
	exec(t, db, "INSERT INTO contact_notes (organization_id, contact_id, author_user_id, body) VALUES (3, 3, 2, 'about myself')")
	f := find(t, s, who)
	if len(f.Matches) != 2 {
		t.Fatalf("matches: %+v", f.Matches)
	}
	op, plan := freeze(t, s, who)
	if err := s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Recheck(ctx, op, who); err != nil || !r.Empty() {
		t.Errorf("left: %+v, %v", r, err)
	}
	if got := rows(t, db, "SELECT email FROM users WHERE id = 2"); !cmp.Equal(got, []string{"deleted-2@deleted.invalid"}) {
		t.Errorf("the account: %v", got)
	}
}

// TestAnOrganizationIsItsRepresentativesToAskFor covers search and deletion of
// a whole tenant.
func TestAnOrganizationIsItsRepresentativesToAskFor(t *testing.T) {
	t.Parallel()
	s, db := demoStore(t, demo.Options{Seed: 7, Rows: 6000}, connector.Options{BatchRows: 500})
	ctx := t.Context()
	if f := find(t, s, connector.Subject{Organization: true, Email: demo.Tomas.Email}); f.Total != 0 || len(f.Matches) != 0 {
		t.Errorf("an agent speaks for the organization: %+v", f.Matches)
	}
	who := connector.Subject{Organization: true, Email: demo.Ines.Email}
	f := find(t, s, who)
	keys, err := demo.RowsOfOrganization(ctx, db, demo.Ines.OrganizationID)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range f.Tables {
		if found.Rows != int64(len(keys[found.Table])) {
			t.Errorf("%s: found %d rows, expected %d", found.Table, found.Rows, len(keys[found.Table]))
		}
	}
	before, err := demo.Checksum(ctx, db, keys)
	if err != nil {
		t.Fatal(err)
	}
	op, plan := freeze(t, s, who)
	if err := s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Recheck(ctx, op, who); err != nil || !r.Empty() {
		t.Errorf("left: %+v, %v", r, err)
	}
	after, err := demo.Checksum(ctx, db, keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("another organization's rows changed:\n%s", diff)
	}
}

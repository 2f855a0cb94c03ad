package privacy_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestDatabaseKnowsTheSameEdges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rows, err := b.db.Query(t.Context(), "SELECT old, new FROM request_edges")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for rows.Next() {
		var from, to string
		if err := rows.Scan(&from, &to); err != nil {
			t.Fatal(err)
		}
		have[from+">"+to] = true
	}
	for _, from := range privacy.States {
		for _, to := range privacy.States {
			if got, want := have[string(from)+">"+string(to)], from.CanBecome(to); got != want {
				t.Errorf("%s → %s: database %v, code %v", from, to, got, want)
			}
		}
	}
}

func TestConfirmWorksOnceAndAStrangerLearnsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, err := b.web.Submit(t.Context(), submission(privacy.Access))
	if err != nil {
		t.Fatal(err)
	}
	raw := b.link(t, privacy.LinkConfirm, r.ID)
	for range 3 { // a mail scanner looks
		if s, err := b.web.PeekLink(t.Context(), raw); err != nil || s.Expired || s.Purpose != privacy.LinkConfirm {
			t.Fatalf("PeekLink = %+v, %v", s, err)
		}
	}
	var wg sync.WaitGroup
	won := make([]bool, 50)
	for i := range won {
		wg.Go(func() { _, err := b.web.Confirm(t.Context(), raw); won[i] = err == nil })
	}
	wg.Wait()
	if n := len(slices.DeleteFunc(slices.Clone(won), func(w bool) bool { return !w })); n != 1 {
		t.Fatalf("%d of 50 confirmations won", n)
	}
	_, err = b.web.Confirm(t.Context(), raw)
	wants(t, err, fault.Expired, "")
	_, err = b.web.Mine(t.Context(), "eve@example.com", r.Ref)
	wants(t, err, fault.NotFound, "error.no_request")
	_, err = b.web.Mine(t.Context(), "", r.Ref)
	wants(t, err, fault.NotFound, "error.no_request")
	if _, err := b.web.Mine(t.Context(), "ada@example.com", r.Ref); err != nil {
		t.Fatal(err)
	}
}

func TestDisowningForgetsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, err := b.web.Submit(t.Context(), submission(privacy.Deletion))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.Disown(t.Context(), b.link(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM requests r WHERE r::text ILIKE '%lovelace%' OR r::text ILIKE '%example.com%'"); n != 0 {
		t.Fatal("the person is still there")
	}
}

func TestAccessFromConfirmationToDownload(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.approved(t, privacy.Access)
	l := b.lease(t, r.ID)
	_, p, err := b.worker.BeginExecution(ctx, l)
	if err != nil || p.Package == nil || p.Hash != hash {
		t.Fatalf("BeginExecution = %+v, %v", p, err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	if s := b.state(t, r.ID); s != privacy.Ready {
		t.Fatalf("state %s", s)
	}
	var grant string
	for range 5 {
		if grant, err = b.web.OpenDelivery(ctx, "ada@example.com", r.Ref, 1); err != nil {
			t.Fatal(err)
		}
	}
	_, err = b.web.OpenDelivery(ctx, "ada@example.com", r.Ref, 1)
	wants(t, err, fault.Expired, "error.delivery_over")
	for range 3 { // a resumed transfer asks again with the same grant
		if d, err := b.web.RedeemDelivery(ctx, "ada@example.com", r.Ref, grant); err != nil || d.Number != 1 || d.Of != 1 {
			t.Fatalf("RedeemDelivery = %+v, %v", d, err)
		}
	}
	_, err = b.web.RedeemDelivery(ctx, "eve@example.com", r.Ref, grant)
	wants(t, err, fault.NotFound, "error.no_request")

	*b.clock = b.clock.AddDate(0, 0, 15)
	if _, err := b.db.Exec(ctx, "UPDATE deliveries SET until = now() - interval '1 minute'"); err != nil {
		t.Fatal(err)
	}
	if n, err := b.worker.Sweep(ctx); err != nil || n != 1 {
		t.Fatalf("Sweep = %d, %v", n, err)
	}
	if n := b.count(t, "SELECT count(*) FROM package_parts WHERE key IS NOT NULL"); n != 0 {
		t.Fatal("the package's key outlived the delivery")
	}
}

func TestDeletionWaitsForThePersonAndTheCoolingOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.approved(t, privacy.Deletion)
	l := b.lease(t, r.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); !errors.Is(err, privacy.ErrTooEarly) {
		t.Fatalf("without the second confirmation: %v", err)
	}
	wants(t, b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, strings.Repeat("00", 32)), fault.Conflict, "error.plan_changed_person")
	for range 2 { // a double click
		if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.worker.BeginExecution(ctx, l); !errors.Is(err, privacy.ErrTooEarly) {
		t.Fatalf("within the cooling-off period: %v", err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE requests SET state = 'executing'"); err == nil {
		t.Fatal("the database let a deletion run within the cooling-off period")
	}
	if n := b.count(t, "SELECT count(*) FROM river_job WHERE kind = 'privacy.work' AND state = 'scheduled' AND scheduled_at > now() + interval '50 minutes'"); n != 1 {
		t.Fatalf("%d bells for the end of the cooling-off period", n)
	}
	*b.clock = b.clock.Add(coolingOff)
	if _, err := b.db.Exec(ctx, "UPDATE requests SET runs_at = now()"); err != nil {
		t.Fatal(err)
	}
	_, p, err := b.worker.BeginExecution(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.worker.RecordStep(ctx, l, p.ID, datamap.Outcome{Step: p.Plan.Steps[0], Affected: 3}); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Withdraw(ctx, "ada@example.com", r.Ref), fault.Conflict, "error.too_late_to_withdraw")
	if err := b.worker.Finish(ctx, l, p.ID, []datamap.Outcome{{Step: p.Plan.Steps[0], Affected: 7, Done: true}}); err != nil {
		t.Fatal(err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || m.Request.Outcome != privacy.Erased || m.Progress[0].Affected != 7 || !m.Progress[0].Done {
		t.Fatalf("receipt %+v, %v", m, err)
	}
}

func TestWithdrawnRequestNeverRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.approved(t, privacy.Deletion)
	if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Withdraw(ctx, "ada@example.com", r.Ref); err != nil {
		t.Fatal(err)
	}
	*b.clock = b.clock.Add(2 * coolingOff)
	l := b.lease(t, r.ID)
	if got, _, err := b.worker.BeginExecution(ctx, l); err == nil && got.State == privacy.Executing {
		t.Fatal("a withdrawn deletion runs")
	}
	if s := b.state(t, r.ID); s != privacy.Closed {
		t.Fatalf("state %s", s)
	}
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	stale := time.Now().Add(-time.Hour)
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, b *bench, r privacy.Request, hash string) error
		kind fault.Kind
		key  string
	}{
		{"nothing is approved before it is proposed", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.Approve(t.Context(), b.approver, r.ID, hash, "")
		}, fault.Conflict, "error.not_proposed"},
		{"the preparer may not approve, whatever the role", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			if err := b.web.Propose(t.Context(), b.officer, r.ID, hash, ""); err != nil {
				t.Fatal(err)
			}
			return b.web.Approve(t.Context(), b.officer, r.ID, hash, "")
		}, fault.Forbidden, "error.four_eyes"},
		{"an agent may not approve", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.Approve(t.Context(), b.agent, r.ID, hash, "")
		}, fault.Forbidden, "error.forbidden"},
		{"an auditor may not propose", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.Propose(t.Context(), b.auditor, r.ID, hash, "")
		}, fault.Forbidden, "error.forbidden"},
		{"another hash is another plan", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.Propose(t.Context(), b.agent, r.ID, strings.Repeat("11", 32), "")
		}, fault.Conflict, "error.plan_changed"},
		{"an old second factor is none", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, ""); err != nil {
				t.Fatal(err)
			}
			by := b.approver
			by.FactorAt = &stale
			return b.web.Approve(t.Context(), by, r.ID, hash, "")
		}, fault.Unproved, "error.factor_needed"},
		{"sending back needs a note", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.SendBack(t.Context(), b.approver, r.ID, hash, " ")
		}, fault.Invalid, "note"},
		{"a disabled member may nothing", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			by := b.agent
			by.Disabled = true
			return b.web.Propose(t.Context(), by, r.ID, hash, "")
		}, fault.Forbidden, "error.forbidden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r, hash := b.inReview(t, privacy.Access)
			wants(t, tt.do(t, b, r, hash), tt.kind, tt.key)
			if s := b.state(t, r.ID); s != privacy.InReview {
				t.Fatalf("state %s", s)
			}
		})
	}
}

func TestDatabaseRefusesWhatTheCodeRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, _ := b.inReview(t, privacy.Access)
	for name, sql := range map[string]string{
		"approval by the preparer":      "UPDATE proposals SET prepared_by = $2, prepared_at = now(), decided_by = $2, decided_at = now(), decision = 'approved' WHERE request_id = $1",
		"approval by nobody":            "UPDATE proposals SET decided_at = now(), decision = 'approved' WHERE request_id = $1 AND $2::uuid IS NOT NULL",
		"a jump over the approval":      "UPDATE requests SET state = 'executing' WHERE id = $1 AND $2::uuid IS NOT NULL",
		"closing without an outcome":    "UPDATE requests SET state = 'closed', closed_at = now() WHERE id = $1 AND $2::uuid IS NOT NULL",
		"work without a proved address": "UPDATE requests SET verified_at = NULL WHERE id = $1 AND $2::uuid IS NOT NULL",
	} {
		if _, err := b.db.Exec(t.Context(), sql, r.ID, b.agent.ID); err == nil {
			t.Errorf("the database took %s", name)
		}
	}
}

func TestFiftyApprovalsAndSendBacksGiveOneOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, hash := b.inReview(t, privacy.Access)
	if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	won := make([]bool, 50)
	for i := range won {
		wg.Go(func() {
			by := []staff.Member{b.approver, b.officer}[i%2]
			if i%5 == 0 {
				won[i] = b.web.SendBack(t.Context(), by, r.ID, hash, "again") == nil
			} else {
				won[i] = b.web.Approve(t.Context(), by, r.ID, hash, "") == nil
			}
		})
	}
	wg.Wait()
	n := 0
	for _, w := range won {
		if w {
			n++
		}
	}
	if n != 1 {
		t.Fatalf("%d decisions won", n)
	}
}

// Only who asked for a copy is told that one will come.
func TestTimelinePromisesNoCopyToOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for kind, want := range map[privacy.Kind]bool{privacy.Access: true, privacy.Correction: false, privacy.Deletion: false} {
		m, err := b.web.Mine(t.Context(), "ada@example.com", b.verified(t, kind).Ref)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(m.Timeline, func(i privacy.TimelineItem) bool { return i.Code == "ready" }); got != want {
			t.Errorf("%s: a copy is promised: %t, not %t", kind, got, want)
		}
	}
}

func TestMovedPlanNeedsEverythingAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.approved(t, privacy.Deletion)
	if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
		t.Fatal(err)
	}
	l := b.lease(t, r.ID)
	if err := b.worker.PlanMoved(ctx, l, "store_moved"); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.ReleaseWork(ctx, l, 0); err != nil {
		t.Fatal(err)
	}
	d := discovery(privacy.Deletion)
	d.Plan.Hash = strings.Repeat("ef", 32)
	b.discover(t, r, d)
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || m.Request.ConfirmedAt != nil {
		t.Fatalf("the confirmation of the old plan stands: %+v, %v", m.Request, err)
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, d.Hash(), ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Approve(ctx, b.approver, r.ID, d.Hash(), ""); err != nil {
		t.Fatal(err)
	}
}

func TestLeaseIsFencedAndTheBellRingsAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	dead := b.lease(t, r.ID)
	if _, err := b.worker.TakeWork(ctx, r.ID); !errors.Is(err, privacy.ErrLost) {
		t.Fatalf("a second lease: %v", err)
	}
	if n, err := b.worker.Reconcile(ctx); err != nil || n != 0 {
		t.Fatalf("Reconcile rang %d times for a living lease, %v", n, err)
	}
	// The first worker dies; its job hangs in "running" for a long time.
	if _, err := b.db.Exec(ctx, "UPDATE work SET lease_until = now() - interval '1 second'"); err != nil {
		t.Fatal(err)
	}
	for want := range []int{1, 0} {
		n, err := b.worker.Reconcile(ctx)
		if err != nil || n != 1-want {
			t.Fatalf("Reconcile rang %d times, %v", n, err)
		}
	}
	live := b.lease(t, r.ID)
	if err := b.worker.RecordDiscovery(ctx, dead, discovery(privacy.Access)); !errors.Is(err, privacy.ErrLost) {
		t.Fatalf("the zombie reported: %v", err)
	}
	if err := b.worker.RecordDiscovery(ctx, live, discovery(privacy.Access)); err != nil {
		t.Fatal(err)
	}
}

func TestStaffSeeWhenTheStoreIsDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	l := b.lease(t, r.ID)
	for range 3 {
		if err := b.worker.StoreDown(ctx, l, "store"); err != nil {
			t.Fatal(err)
		}
	}
	c, err := b.web.Case(ctx, b.agent, r.Ref)
	if err != nil || c.Request.StoreDownAt == nil {
		t.Fatalf("case %+v, %v", c.Request, err)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'store.down'"); n != 1 {
		t.Fatalf("%d entries for one outage", n)
	}
}

func TestEmptyStoreIsAnsweredWithNothingFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Deletion)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	hash := b.discover(t, r, privacy.Discovery{ID: uuid.New(), Found: []datamap.Found{{Table: "contacts", Role: "owner"}}, Plan: datamap.Plan{Kind: "deletion", Hash: strings.Repeat("12", 32)}})
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Approve(ctx, b.approver, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	got, _, err := b.worker.BeginExecution(ctx, b.lease(t, r.ID))
	if err != nil || got.State != privacy.Closed || got.Outcome != privacy.NothingFound {
		t.Fatalf("got %s %s, %v", got.State, got.Outcome, err)
	}
}

func TestQueueViewsSearchAndPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	if _, err := b.db.Exec(ctx, `INSERT INTO requests (ref, kind, state, relation, name, email, phone, country, lang, law, answers, verified_at, due_at)
		SELECT 'CS-TEST-' || lpad(i::text, 4, '0'), 'access', 'verified', 'recipient', 'Person ' || i, 'p' || i || '@example.com', '+4917' || i, 'DE', 'en', 'EU-DE', '{}', now(), now() + i * interval '1 hour' - interval '10 hours'
		FROM generate_series(1, 120) i`); err != nil {
		t.Fatal(err)
	}
	seen := map[privacy.Ref]bool{}
	f := privacy.Filter{View: privacy.ViewOpen}
	for pages := 1; ; pages++ {
		p, err := b.web.Queue(ctx, b.agent, f)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range p.Rows {
			if seen[r.Ref] || (i > 0 && r.DueAt.Before(p.Rows[i-1].DueAt)) {
				t.Fatalf("%s out of order or twice", r.Ref)
			}
			seen[r.Ref] = true
		}
		if f.After = p.Next; f.After == "" {
			if pages != 3 || len(seen) != 120 {
				t.Fatalf("%d rows on %d pages", len(seen), pages)
			}
			if p.Counts[privacy.ViewOverdue] != 9 || p.Counts[privacy.ViewMine] != 0 {
				t.Fatalf("counts %v", p.Counts)
			}
			break
		}
	}
	for search, want := range map[string]int{"cs-test-0007": 1, "person 12": 2, "P120@Example.com": 1, "+49 17120": 1, "%": 0, "_": 0, "": 50} {
		p, err := b.web.Queue(ctx, b.agent, privacy.Filter{View: privacy.ViewOpen, Search: search})
		if err != nil || len(p.Rows) != want {
			t.Errorf("search %q: %d rows, %v; want %d", search, len(p.Rows), err, want)
		}
	}
	open, err := b.web.Queue(ctx, b.agent, privacy.Filter{View: privacy.ViewOpen})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.web.Queue(ctx, b.agent, privacy.Filter{View: privacy.ViewClosed, After: open.Next}) // a place in another order
	wants(t, err, fault.Invalid, "error.cursor")
	_, err = b.web.Queue(ctx, b.agent, privacy.Filter{After: "!!"})
	wants(t, err, fault.Invalid, "error.cursor")
	_, err = b.web.Queue(ctx, staff.Member{}, privacy.Filter{})
	wants(t, err, fault.Forbidden, "")
}

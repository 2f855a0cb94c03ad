package privacy_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestManyAreAssignedAndTheOthersSayWhyNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine, theirs, closed := b.verified(t, privacy.Access), b.verified(t, privacy.Access), b.verified(t, privacy.Access)
	b.own(t, "UPDATE requests SET email = 'officer+home@desk.example' WHERE id = $1", theirs.ID)
	if err := b.web.Withdraw(t.Context(), "ada@example.com", closed.Ref); err != nil {
		t.Fatal(err)
	}
	refs := []privacy.Ref{mine.Ref, mine.Ref, theirs.Ref, closed.Ref, "CS-2222-2222"}
	got, err := b.web.AssignMany(t.Context(), b.agent, refs, b.officer.ID)
	if err != nil {
		t.Fatal(err)
	}
	why := map[privacy.Ref]string{}
	for _, l := range got.Left {
		why[l.Ref] = l.Why.Key
	}
	if len(got.Done) != 1 || got.Done[0] != mine.Ref || len(why) != 3 || why[theirs.Ref] != "queue.bulk.theirs" ||
		why[closed.Ref] != "queue.bulk.closed" || why["CS-2222-2222"] != "error.no_request" {
		t.Errorf("done %v, left %v", got.Done, why)
	}
	if n := b.count(t, "SELECT count(*) FROM requests WHERE assignee = $1", b.officer.ID); n != 1 {
		t.Errorf("%d requests have the new owner", n)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'request.assigned'"); n != 1 {
		t.Errorf("%d entries for one change", n)
	}
	// Theirs can be taken by anybody else, and mine given back.
	if got, err = b.web.AssignMany(t.Context(), b.agent, []privacy.Ref{theirs.Ref, mine.Ref}, uuid.Nil); err != nil || len(got.Done) != 2 {
		t.Errorf("freed %v, %v", got, err)
	}
}

func TestBulkIsForThoseWhoWorkAndGoesToThoseWhoCan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.Access)
	for _, m := range []staff.Member{b.approver, b.auditor} {
		_, err := b.web.AssignMany(t.Context(), m, []privacy.Ref{r.Ref}, m.ID)
		wants(t, err, fault.Forbidden, "")
		_, err = b.web.FollowUpMany(t.Context(), m, []privacy.Ref{r.Ref}, "")
		wants(t, err, fault.Forbidden, "")
	}
	for _, to := range []uuid.UUID{b.auditor.ID, uuid.New()} {
		_, err := b.web.AssignMany(t.Context(), b.agent, []privacy.Ref{r.Ref}, to)
		wants(t, err, fault.Invalid, "to")
	}
	b.own(t, "UPDATE staff_members SET disabled_at = now() WHERE id = $1", b.approver.ID)
	_, err := b.web.AssignMany(t.Context(), b.agent, []privacy.Ref{r.Ref}, b.approver.ID)
	wants(t, err, fault.Invalid, "to")
}

func TestAFollowUpComesUpOnItsDay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.Access)
	day := func(n int) string { return b.clock.AddDate(0, 0, n).Format(time.DateOnly) }
	for _, on := range []string{day(-1), day(800), "soon"} {
		_, err := b.web.FollowUpMany(t.Context(), b.agent, []privacy.Ref{r.Ref}, on)
		wants(t, err, fault.Invalid, "on")
	}
	shown := func() int {
		p, err := b.web.Queue(t.Context(), b.agent, privacy.Filter{View: privacy.ViewOpen, FollowUp: true})
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Rows)
	}
	if _, err := b.web.FollowUpMany(t.Context(), b.agent, []privacy.Ref{r.Ref}, day(2)); err != nil || shown() != 0 {
		t.Fatalf("%d rows two days before (%v)", shown(), err)
	}
	*b.clock = b.clock.AddDate(0, 0, 2)
	if shown() != 1 {
		t.Error("it does not come up on its day")
	}
	if _, err := b.web.FollowUpMany(t.Context(), b.agent, []privacy.Ref{r.Ref}, ""); err != nil || shown() != 0 {
		t.Errorf("%d rows after it was taken back (%v)", shown(), err)
	}
}

// own is the hand of the owner, past all guards of the application.
func (b *bench) own(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn, err := b.db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, s := range []string{"SET session_replication_role = replica", sql, "RESET session_replication_role"} {
		a := args
		if s != sql {
			a = nil
		}
		if _, err := conn.Exec(t.Context(), s, a...); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSavedViewsAreOnesOwnOrShared(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	f := privacy.Filter{View: privacy.ViewOverdue, Kind: privacy.Deletion, Assignee: privacy.AssigneeMe, Search: "Lovelace", After: "x"}
	if err := b.web.SaveView(ctx, b.agent, "  Late   deletions ", f, false); err != nil {
		t.Fatal(err)
	}
	if err := b.web.SaveView(ctx, b.agent, "Everything French", privacy.Filter{View: privacy.ViewOpen, Law: "EU-FR"}, true); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.SaveView(ctx, b.agent, "late deletions", f, false), fault.Invalid, "name")
	wants(t, b.web.SaveView(ctx, b.agent, " ", f, false), fault.Invalid, "name")
	own, err := b.web.SavedViews(ctx, b.agent)
	if err != nil || len(own) != 2 {
		t.Fatalf("%v (%v)", own, err)
	}
	if late := own[1]; late.Name != "Late deletions" || late.Filter != (privacy.Filter{View: privacy.ViewOverdue, Kind: privacy.Deletion, Assignee: privacy.AssigneeMe}) || !late.Own {
		t.Errorf("kept as %+v", late)
	}
	if n := b.count(t, "SELECT count(*) FROM saved_views WHERE query ILIKE '%lovelace%'"); n != 0 {
		t.Error("a saved view holds what was searched for")
	}
	seen, err := b.web.SavedViews(ctx, b.officer)
	if err != nil || len(seen) != 1 || seen[0].Own || seen[0].Owner != b.agent.Name {
		t.Fatalf("a colleague sees %+v (%v)", seen, err)
	}
	wants(t, b.web.DropView(ctx, b.officer, seen[0].ID), fault.NotFound, "")
	wants(t, b.web.ChangeView(ctx, b.officer, seen[0].ID, "Mine now", true), fault.NotFound, "")
	wants(t, b.web.ChangeView(ctx, b.agent, own[0].ID, "LATE deletions", true), fault.Invalid, "name")
	if err := b.web.ChangeView(ctx, b.agent, own[0].ID, "French", false); err != nil {
		t.Fatal(err)
	}
	if seen, err = b.web.SavedViews(ctx, b.officer); err != nil || len(seen) != 0 {
		t.Errorf("a colleague still sees %+v (%v)", seen, err)
	}
	if err := b.web.DropView(ctx, b.agent, own[1].ID); err != nil {
		t.Fatal(err)
	}
	if own, err = b.web.SavedViews(ctx, b.agent); err != nil || len(own) != 1 || own[0].Name != "French" {
		t.Errorf("left: %+v (%v)", own, err)
	}
}

func TestTheExportHasEveryRowAndSaysSoInTheAudit(t *testing.T) {
	t.Parallel()
	b := flooded(t, 3000)
	f := privacy.Filter{View: privacy.ViewClosed, Search: "a"}
	want := expected(b.everything(t), f, *b.clock, b.officer.ID)
	rows, err := b.web.ExportQueue(t.Context(), b.officer, f)
	if err != nil {
		t.Fatal(err)
	}
	var got []privacy.Ref
	for r, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Ref)
	}
	if len(want) < 200 || len(got) != len(want) || differ(got, want) != len(want) {
		t.Errorf("%d rows, the oracle has %d", len(got), len(want))
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'queue.exported' AND detail->>'filter' = 'view=closed' AND (detail->>'searched')::boolean"); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
	_, err = b.web.ExportQueue(t.Context(), b.agent, f)
	wants(t, err, fault.Forbidden, "")
	old := b.clock.Add(-time.Hour)
	b.officer.FactorAt = &old
	_, err = b.web.ExportQueue(t.Context(), b.officer, f)
	wants(t, err, fault.Unproved, "")
}

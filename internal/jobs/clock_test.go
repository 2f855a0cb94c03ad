package jobs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// refuse refuses some categories of what was found, and gives the next version.
func (w *works) refuse(t *testing.T, d desk, r privacy.Request, version int, code string, categories ...string) privacy.Case {
	t.Helper()
	var choices privacy.Choices
	var items []privacy.ItemRefusal
	for _, id := range categories {
		items = append(items, privacy.ItemRefusal{Item: "category:" + id, Code: code, Words: "We must keep it."})
	}
	choices.Refuse(r, items)
	if err := w.office.Choose(t.Context(), d.agent, r.ID, version, choices); err != nil {
		t.Fatal(err)
	}
	return w.review(t, d.agent, r, version+2)
}

func TestADeletionWaitsForAHoldAndKeepsWhatWasRefused(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Deletion})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	w.review(t, d.agent, r, 1)
	// Messages hang in contacts: kept alone they would refer to nothing.
	if c := w.refuse(t, d, r, 0, "LEGAL_RETENTION", "messages"); c.Proposal.Undecided == 0 || c.Refused[0].Code != "spare" {
		t.Fatalf("%d undecided, %+v", c.Proposal.Undecided, c.Refused)
	}
	kept := []string{"profile", "messages"}
	c := w.refuse(t, d, r, 1, "LEGAL_RETENTION", kept...)
	var deleted int64
	for _, s := range c.Proposal.Plan.Steps {
		if slices.Contains(kept, s.Category) && (s.Action != datamap.Keep || s.Ground != "LEGAL_RETENTION" || s.Reason["de"] == "") {
			t.Errorf("%s of %s is not kept, or not said why", s.Action, s.Table)
		}
		if s.Action == datamap.Delete {
			deleted += s.Rows
		}
	}
	if c.Proposal.Undecided > 0 || deleted == 0 {
		t.Fatalf("%d undecided, %d rows go: %+v", c.Proposal.Undecided, deleted, c.Refused)
	}
	w.decide(t, d.officer, d.approver, c)
	if err := w.office.ConfirmDeletion(ctx, demo.Heavy.Email, r.Ref, c.Proposal.Hash); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Hold(ctx, d.officer, r.ID, privacy.Hold{Scope: privacy.OnPerson, Matter: "m", Reason: "A claim.", Owner: d.officer.ID, ReviewOn: time.Now().AddDate(0, 1, 0)}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"UPDATE requests SET runs_at = now()", "DELETE FROM river_job WHERE kind = 'privacy.work' AND state = 'scheduled'"} {
		if _, err := w.db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	messages := func() int {
		return w.stored(t, "SELECT count(*) FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id WHERE c.email = $1", demo.Heavy.Email)
	}
	before, all := messages(), w.stored(t, "SELECT count(*) FROM message_events")
	w.ends(t, jobs.ReconcileArgs{})
	if n := w.stored(t, "SELECT count(*) FROM message_events"); n != all || w.count(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'approved'", r.ID) != 1 {
		t.Fatal("it was carried out while the hold stands")
	}
	cs, err := w.office.Case(ctx, d.officer, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.office.LiftHold(ctx, d.officer, r.ID, cs.Clock.Holds[0].ID, "It is settled."); err != nil {
		t.Fatal(err)
	}
	w.closed(t, r, privacy.Erased)
	if n := w.stored(t, "SELECT count(*) FROM message_events"); n >= all {
		t.Error("what was granted is not deleted")
	}
	if n := messages(); n != before || n == 0 {
		t.Errorf("%d of %d messages kept", n, before)
	}
}

func TestAPackageIsWithoutWhatWasRefused(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Access})
	if err := w.office.Search(t.Context(), d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	has := func(c privacy.Case) (found bool) {
		for _, f := range c.Proposal.Package.Files() {
			found = found || f.Category == "messages" && f.Rows > 0
		}
		return found
	}
	whole := w.review(t, d.agent, r, 1)
	part := w.refuse(t, d, r, 0, "THIRD_PARTY_RIGHTS", "messages")
	if !has(whole) || has(part) || part.Proposal.Hash == whole.Proposal.Hash || len(part.Proposal.Plan.Spared) != 1 {
		t.Errorf("messages are in the package: %v before, %v after", has(whole), has(part))
	}
}

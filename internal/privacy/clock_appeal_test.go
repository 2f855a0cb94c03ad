package privacy_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// refused is a request that the approver refused.
func (b *bench) refused(t *testing.T, country string) privacy.Request {
	t.Helper()
	r := b.verifiedIn(t, privacy.Access, country)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.discover(t, r, discovery(privacy.Access))
	if err := b.web.Reject(t.Context(), b.approver, r.ID, "EXCESSIVE", "You asked last week."); err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) filed(t *testing.T, r privacy.Request) privacy.Request {
	t.Helper()
	a, err := b.web.FileAbout(t.Context(), "ada@example.com", r.Ref, "I did not.")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAppealIsItsOwnClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for country, kind := range map[string]privacy.Kind{"US-VA": privacy.Appeal, "DE": privacy.Complaint} {
		r := b.refused(t, country)
		b.later(3)
		a := b.filed(t, r)
		if a.Kind != kind || a.About == nil || *a.About != r.ID || a.State != privacy.Verified || !a.DueAt.After(r.DueAt) && kind == privacy.Appeal || a.DueAt.Before(*b.clock) {
			t.Errorf("%s: %s, state %s, due %s", country, a.Kind, a.State, a.DueAt)
		}
		if again := b.filed(t, r); again.ID != a.ID { // a double click
			t.Errorf("%s: it was filed twice", country)
		}
		m, err := b.web.Mine(t.Context(), "ada@example.com", r.Ref)
		if err != nil || len(m.Clock.Appeals) != 1 {
			t.Errorf("%s: the person does not see it: %+v, %v", country, m.Clock, err)
		}
		if c := b.clockOf(t, r); len(c.Appeals) != 1 {
			t.Errorf("%s: staff do not see it", country)
		}
		wants(t, b.web.Search(t.Context(), b.agent, a.ID), fault.Conflict, "error.wrong_state")
		wants(t, b.web.Reject(t.Context(), b.approver, a.ID, "EXCESSIVE", "no"), fault.Conflict, "error.appeal_refused")
	}
	_, err := b.web.FileAbout(t.Context(), "eve@example.com", b.refused(t, "GB").Ref, "I see you")
	wants(t, err, fault.NotFound, "error.no_request")
}

func TestWhoDecidedDoesNotDecideAboutTheAppeal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.refused(t, "US-VA")
	a := b.filed(t, r)
	wants(t, b.web.DecideAppeal(ctx, b.approver, a.ID, privacy.Upheld, "You did not."), fault.Forbidden, "error.appeal_own")
	wants(t, b.web.DecideAppeal(ctx, b.agent, a.ID, privacy.Upheld, "You did not."), fault.Forbidden, "error.forbidden")
	wants(t, b.web.DecideAppeal(ctx, b.officer, a.ID, privacy.Answered, ""), fault.Invalid, "verdict")
	decide := func(who uuid.UUID) string {
		return "INSERT INTO appeal_decisions (request_id, outcome, words, decided_by, decided_name) VALUES ('" + a.ID.String() + "', 'dismissed', 'x', '" + who.String() + "', 'x')"
	}
	refuses(t, b.db, "portal_web", "decide about an appeal against one's own decision", decide(b.approver.ID))
	refuses(t, b.db, "portal_worker", "decide about an appeal", decide(b.officer.ID))
	refuses(t, b.db, "portal_web", "close an appeal without a decision", "UPDATE requests SET state = 'closed', closed_at = now(), outcome = 'dismissed' WHERE id = '"+a.ID.String()+"'")
	refuses(t, b.db, "portal_web", "search for an appeal", "UPDATE requests SET state = 'discovering' WHERE id = '"+a.ID.String()+"'")
	refuses(t, b.db, "portal_web", "put another name under a refusal", "UPDATE requests SET refused_by = '"+b.officer.ID.String()+"' WHERE id = '"+r.ID.String()+"'")

	if err := b.web.DecideAppeal(ctx, b.officer, a.ID, privacy.Upheld, "You did not."); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.DecideAppeal(ctx, b.officer, a.ID, privacy.Upheld, "Again."), fault.Conflict, "error.wrong_state")
	m, err := b.web.Mine(ctx, "ada@example.com", a.Ref)
	if err != nil || m.Request.Outcome != privacy.Upheld || m.Clock.Decided == nil || m.Clock.Decided.Words != "You did not." || m.Clock.About.ID != r.ID {
		t.Fatalf("the person is told %+v, %v", m.Clock, err)
	}
	if n := b.count(t, "SELECT count(*) FROM case_letters WHERE request_id = $1 AND kind = 'appeal_decided'", a.ID); n != 1 {
		t.Errorf("%d letters", n)
	}
	// What was upheld is looked into again, by a request like the first.
	all := b.clockOf(t, r).Appeals
	i := slices.IndexFunc(all, func(x privacy.Request) bool { return x.Kind == privacy.Access })
	if i < 0 || all[i].State != privacy.Discovering || all[i].Email != r.Email {
		t.Fatalf("no new search: %+v", all)
	}
	b.discover(t, all[i], discovery(privacy.Access))
	if s := b.state(t, all[i].ID); s != privacy.InReview {
		t.Errorf("the new search ends in %s", s)
	}
}

func TestAnAppealKeepsTheDataUntilItIsDecided(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	a := b.filed(t, b.refused(t, "US-VA"))
	r, hash := b.approved(t, privacy.Deletion)
	if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
		t.Fatal(err)
	}
	if b.load(t, r).HeldAt == nil {
		t.Fatal("the deletion does not wait")
	}
	if err := b.web.DecideAppeal(ctx, b.officer, a.ID, privacy.Dismissed, "You did."); err != nil {
		t.Fatal(err)
	}
	if b.load(t, r).HeldAt != nil {
		t.Error("the deletion waits for ever")
	}
}

func TestAComplaintByTheFormTellsNobodyAnything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.refused(t, "GB")
	for _, tt := range []struct {
		email string
		bound bool
	}{{"ada@example.com", true}, {"eve@example.com", false}} {
		g := privacy.Grievance{Name: "X", Email: tt.email, Country: "GB", Ref: string(r.Ref), Words: "It took too long.", Lang: lang.English, Draft: uuid.NewString()}
		for range 2 { // a double click
			if err := b.web.Complain(ctx, g); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.count(t, "SELECT count(*) FROM requests WHERE kind IN ('complaint', 'appeal') AND state = 'received' AND email = $1 AND (about IS NOT NULL) = $2", tt.email, tt.bound); n != 1 {
			t.Errorf("%s: %d complaints", tt.email, n)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'confirm_request' AND request_id IN (SELECT id FROM requests WHERE kind = 'complaint')"); n != 2 {
		t.Errorf("%d mails", n)
	}
	err := b.web.Complain(ctx, privacy.Grievance{Email: "x", Lang: lang.English})
	for _, field := range []string{"name", "email", "country", "words"} {
		if !wrongFields(err)[field] {
			t.Errorf("%s is not asked for: %v", field, err)
		}
	}
}

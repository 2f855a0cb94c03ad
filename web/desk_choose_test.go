package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestStaffSayWhoseACandidateIs(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) {
		d.Candidates = []privacy.Candidate{{Table: "contacts", Key: "7", By: "phone", Tenant: "2", Why: "claimed"}}
	}
	r, hash := b.inReview(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	page := link.DeskTab(string(r.Ref), "data")
	_, doc := w.get(page)
	if doc.Find(`[data-test="propose"]`).Length() != 0 || doc.Find(`[data-test="undecided"]`).Length() == 0 {
		t.Error("the page offers to propose what is not decided")
	}
	if doc.Find(`[data-test="who"] input[name="said-0"]`).Length() != 3 || doc.Find(`[data-test="who"] input[name="said-1"]`).Length() != 2 {
		t.Error("the page does not ask whose the rows are")
	}
	rec, _ := w.post(link.DeskTab(string(r.Ref), "propose"), "hash", hash)
	code(t, rec, http.StatusConflict)

	row := doc.Find(`[data-test="who"] input[name="row-0"]`).AttrOr("value", "")
	fields := []string{"version", "0", "row-0", row, "said-0", "same"}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "who"), fields...)
	goes(t, rec, page)
	if s := b.state(r); s != privacy.Discovering {
		t.Fatalf("state %s", s)
	}
	b.discover(r)
	rec, doc = w.post(link.DeskTab(string(r.Ref), "who"), fields...) // of the page that was open before
	code(t, rec, http.StatusConflict)
	if doc.Find(`[data-test="who"] input[name="said-0"][value="same"]`).AttrOr("checked", "no") == "no" {
		t.Error("what was chosen does not stand")
	}
	_, doc = w.get(page)
	if doc.Find(`[data-test="propose"]`).Length() != 1 {
		t.Error("all is decided, and nobody can propose")
	}
}

func TestACorrectionIsTypedTakenOrExplained(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) {
		d.Fields = []privacy.Field{{Table: "contacts", Key: "1", Column: "name", Old: "ada lovelase"}, {Table: "contacts", Key: "1", Column: "phone", Old: "+447700900184", Routing: true}}
		d.Plan.Steps = nil
		for _, e := range d.Chosen.Edits {
			d.Refused = append(d.Refused, privacy.Refusal{Table: e.Table, Key: e.Key, Column: e.Column, Code: "pattern"})
		}
	}
	r, _ := b.inReview(privacy.Correction)
	w := b.signedIn(staff.Agent, time.Minute)
	page, form := link.DeskTab(string(r.Ref), "data"), link.DeskTab(string(r.Ref), "edits")
	_, doc := w.get(page)
	if got := doc.Find("#new-0").AttrOr("value", ""); got != "Ada Lovelace" {
		t.Errorf("what the person wrote is not filled in: %q", got)
	}
	row := func(n string) string {
		return doc.Find(`[data-test="corrections"] input[name="row-`+n+`"]`).AttrOr("value", "")
	}
	fields := []string{"version", "0", "row-0", row("0"), "new-0", "", "row-1", row("1"), "new-1", "+44 7700 900185"}
	rec, doc := w.post(form, fields...)
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#routing-1"]`).Length() != 1 || doc.Find("#new-1").AttrOr("value", "") != "+44 7700 900185" {
		t.Error("the missing yes is not named, or what was typed is lost")
	}
	rec, _ = w.post(form, append(fields, "routing-1", "yes")...)
	goes(t, rec, page)
	b.discover(r)
	_, doc = w.get(page)
	if doc.Find("#new-1-e").Length() != 1 || doc.Find("#new-1").AttrOr("value", "") != "+44 7700 900185" || doc.Find("#routing-1").AttrOr("checked", "no") == "no" {
		t.Error("why the store would not take it does not stand beside what was typed")
	}
}

func TestPurposesAndPeriodsAreChosen(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) { d.Plan.Steps = nil }
	b.s.Map.Words = map[string]datamap.Text{}
	r, _ := b.inReview(privacy.ShortenedRetention)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(link.DeskTab(string(r.Ref), "keeping"), "version", "0", "keep_days", "soon")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#keep_days").AttrOr("value", "") != "soon" || doc.Find("#keep_days-e").Length() != 1 {
		t.Error("what is wrong is not said, or what was typed is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "keeping"), "version", "0", "keep_days", "30")
	goes(t, rec, link.DeskTab(string(r.Ref), "data"))
	got, err := b.s.Office.Chosen(t.Context(), r)
	must(t, err)
	if got.Days != 30 || got.Version != 1 {
		t.Errorf("%+v stands", got)
	}
}

func TestARestrictionIsEndedFromItsOwnPage(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) { d.Plan.Steps[0].Action = datamap.Restricting }
	r, hash := b.inReview(privacy.Restriction)
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))
	page := link.DeskCase(string(r.Ref))
	officer := b.signedIn(staff.Officer, time.Minute)
	rec, _ := officer.post(page+"/decision", "hash", hash, "do", "approve", "reference", string(r.Ref), "checks", "identity", "checks", "asked", "checks", "others")
	goes(t, rec, page)
	l, err := b.worker.TakeWork(t.Context(), r.ID)
	must(t, err)
	_, p, err := b.worker.BeginExecution(t.Context(), l)
	must(t, err)
	must(t, b.worker.Finish(t.Context(), l, p.ID, nil))

	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(page)
	if doc.Find(`form[action="`+page+`/lift"] [data-test="open-lift"]`).Length() != 1 {
		t.Fatal("the page does not offer the end of the restriction")
	}
	rec, _ = w.post(page + "/lift")
	c, err := b.s.Office.Case(t.Context(), b.staff[staff.Agent].Member, r.Ref)
	must(t, err)
	if c.Lift == nil {
		t.Fatal("no lift was opened")
	}
	goes(t, rec, link.DeskCase(string(c.Lift.Ref)))
	_, doc = w.get(page)
	if doc.Find(`[data-test="lift"] a.ref`).Text() != string(c.Lift.Ref) {
		t.Error("the restriction does not lead to its end")
	}
	_, doc = w.get(link.DeskCase(string(c.Lift.Ref)))
	if doc.Find(`a[href="`+page+`"]`).Length() == 0 {
		t.Error("the end does not lead to the restriction")
	}
}

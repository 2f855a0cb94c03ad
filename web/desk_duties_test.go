package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestATaskIsGivenAndDone(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	page := link.DeskCase(string(r.Ref))
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(page)
	if doc.Find(`#task_to option[value="`+b.staff[staff.Approver].ID.String()+`"]`).Length() != 1 {
		t.Error("a colleague cannot be chosen")
	}
	rec, doc := w.post(page+"/tasks", "task", "", "task_due", "soon", "task_note", "They know.")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#task_due").AttrOr("value", "") != "soon" || doc.Find("#task_note").Text() != "They know." || doc.Find("#task_due-e").Length() != 1 {
		t.Error("what is wrong is not said, or what was typed is lost")
	}
	rec, _ = w.post(page+"/tasks", "task", "Ask finance", "task_to", b.staff[staff.Approver].ID.String())
	goes(t, rec, page+"#colleagues")
	_, doc = w.get(page)
	duty := doc.Find(`[data-test="tasks"] input[name="duty"]`).AttrOr("value", "")
	rec, _ = w.post(page+"/settle", "n", "0", "duty", duty, "state-0", "done")
	goes(t, rec, page)
	_, doc = w.get(page)
	if doc.Find(`[data-test="tasks"] [data-test="done"]`).Length() != 0 || !strings.Contains(doc.Find(`[data-test="tasks"]`).Text(), "Ask finance") {
		t.Error("the task is not shown as done")
	}
	rec, _ = b.signedIn(staff.Approver, time.Minute).post(page+"/tasks", "task", "x")
	code(t, rec, http.StatusForbidden)
}

func TestARecipientIsSettledAtItsPlace(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) { d.Plan.Steps[0].Action = datamap.Restricting }
	r, hash := b.inReview(privacy.Restriction)
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))
	officer := b.staff[staff.Officer].Member
	officer.FactorAt = new(time.Time)
	*officer.FactorAt = time.Now()
	must(t, b.s.Office.Approve(t.Context(), officer, r.ID, hash, ""))
	l, err := b.worker.TakeWork(t.Context(), r.ID)
	must(t, err)
	_, p, err := b.worker.BeginExecution(t.Context(), l)
	must(t, err)
	must(t, b.worker.Finish(t.Context(), l, p.ID, []datamap.Outcome{{Step: p.Plan.Steps[0], Affected: 1, Done: true}}))

	page := link.DeskCase(string(r.Ref))
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(page)
	duty := doc.Find(`[data-test="recipients"] input[name="duty"]`).AttrOr("value", "")
	if duty == "" || !strings.Contains(doc.Find(".tasks li.now").Text(), "Tell the recipients") {
		t.Fatal("nobody is to be told")
	}
	rec, doc := w.post(page+"/settle", "n", "0", "duty", duty, "state-0", "told", "how-0", "email", "on-0", "yesterday")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#on-0"]`).Length() != 1 || doc.Find("#how-0").AttrOr("value", "") != "email" || doc.Find("#state-0 option[selected]").AttrOr("value", "") != "told" {
		t.Error("what is wrong is not said at its place, or what was typed is lost")
	}
	rec, _ = w.post(page+"/settle", "n", "0", "duty", duty, "state-0", "told", "how-0", "email", "on-0", time.Now().UTC().Format(time.DateOnly), "reference-0", "T-1")
	goes(t, rec, page)
	m, err := b.s.Office.Mine(t.Context(), "ada@example.com", r.Ref)
	must(t, err)
	if len(m.Recipients) != 1 || m.Recipients[0].State != privacy.DutyTold || m.Recipients[0].Reference != "T-1" {
		t.Errorf("the person sees %+v", m.Recipients)
	}
}

func TestWhoIsNotKnownWellEnoughIsCheckedFirst(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) { d.Learnt = nil }
	r, hash := b.inReview(privacy.Deletion)
	page := link.DeskTab(string(r.Ref), "plan")
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(link.DeskTab(string(r.Ref), "propose"), "hash", hash, "tab", "plan", "note", "All found.")
	code(t, rec, http.StatusConflict)
	if !strings.Contains(doc.Find(`[data-test="trouble"]`).Text(), "level 2 of 3") || doc.Find("#note").Text() != "All found." {
		t.Error("the page does not say what is missing, or what was typed is lost")
	}
	if doc.Find(`[data-test="override"]`).Length() != 0 {
		t.Error("an agent is offered what only a privacy officer may")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "override"), "override", "I know her")
	code(t, rec, http.StatusForbidden)
	rec, doc = w.post(link.DeskTab(string(r.Ref), "evidence"), "tab", "plan", "evidence", "", "evidence_note", "called her")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#evidence-e").Length() != 1 || doc.Find("#evidence_note").Text() != "called her" {
		t.Error("what is wrong is not said, or what was typed is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "evidence"), "tab", "plan", "evidence", "call", "evidence_note", "called her")
	goes(t, rec, page)
	_, doc = w.get(page)
	if doc.Find(`[data-test="identity"] .badge.ok`).Length() == 0 || !strings.Contains(doc.Find(`[data-test="identity"]`).Text(), "called her") {
		t.Error("the check is not shown")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "propose"), "hash", hash, "tab", "plan")
	goes(t, rec, link.DeskCase(string(r.Ref)))

	r, _ = b.inReview(privacy.Deletion)
	stale := b.signedIn(staff.Officer, time.Hour)
	rec, _ = stale.post(link.DeskTab(string(r.Ref), "override"), "override", "Known for years")
	goes(t, rec, link.DeskSecond)
	rec, _ = b.signedIn(staff.Officer, time.Minute).post(link.DeskTab(string(r.Ref), "override"), "override", "Known for years")
	goes(t, rec, link.DeskCase(string(r.Ref)))
}

func TestADuplicateIsClosedFromItsPage(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	first, second := b.verified(privacy.Access), b.verified(privacy.Access)
	page := link.DeskCase(string(second.Ref))
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(page)
	if doc.Find(`[data-test="duplicate"] option[value="`+string(first.Ref)+`"]`).Length() != 1 {
		t.Fatal("the other request cannot be chosen")
	}
	rec, doc := w.post(page+"/duplicate", "duplicate_of", string(first.Ref), "duplicate_reason", "")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#duplicate_reason-e").Length() != 1 {
		t.Error("the missing reason is not named")
	}
	rec, _ = w.post(page+"/duplicate", "duplicate_of", string(first.Ref), "duplicate_reason", "asked twice on one day")
	goes(t, rec, page)
	if s := b.state(second); s != privacy.Closed {
		t.Errorf("the duplicate is %s", s)
	}
	_, doc = w.get(link.DeskCase(string(first.Ref)))
	if doc.Find(`[data-test="like"] a[href="`+page+`"]`).Length() == 0 {
		t.Error("the one that stays does not show it")
	}
}

func TestAMessageBeginsWithATemplate(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	page := link.DeskTab(string(r.Ref), "messages")
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(page, "tab", "messages", "body", "One more thing.", "template", "detail", "insert", "1")
	code(t, rec, http.StatusOK)
	if got := doc.Find("#body").Text(); !strings.HasPrefix(got, "One more thing.\n\nHello Ada,") {
		t.Errorf("the message begins %q", got)
	}
	rec, doc = w.post(page, "tab", "messages", "body", "One more thing.", "template", "", "insert", "1")
	code(t, rec, http.StatusOK)
	if got := doc.Find("#body").Text(); got != "One more thing." {
		t.Errorf("the message is %q", got)
	}
	if n := len(doc.Find("#template option").Map(func(_ int, s *goquery.Selection) string { return s.Text() })); n < 8 {
		t.Errorf("%d templates", n)
	}
	c, err := b.s.Office.Case(t.Context(), b.staff[staff.Agent].Member, r.Ref)
	must(t, err)
	if len(c.Messages) != 0 {
		t.Error("a message was sent")
	}
}

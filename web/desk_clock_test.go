package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

func (b *deskBench) loaded(r privacy.Request) privacy.Request {
	b.t.Helper()
	now, err := b.s.Office.Load(b.t.Context(), r.ID)
	must(b.t, err)
	return now
}

func TestAnExtensionShowsItsDateAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	page := link.DeskClock(string(r.Ref))
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.get(page)
	code(t, rec, http.StatusOK)
	if doc.Find(`[data-test="trace"] li`).Length() == 0 || strings.Contains(rec.Body.String(), "⟦") {
		t.Error("the page does not say why this date")
	}
	shown := doc.Find(`[data-test="new-date"] time`).AttrOr("datetime", "")
	if got := b.loaded(r); shown <= got.DueAt.Format(time.DateOnly) || got.ExtendedAt != nil {
		t.Fatalf("the page shows %q, due is %s", shown, got.DueAt)
	}
	version := doc.Find(`[data-test="extend"] input[name="version"]`).AttrOr("value", "")
	rec, doc = w.post(link.DeskTab(string(r.Ref), "extend"), "version", version, "extend_reason", " ")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#extend_reason"]`).Length() != 1 {
		t.Error("the missing reason is not asked for")
	}
	rec, doc = w.post(link.DeskTab(string(r.Ref), "extend"), "version", "99", "extend_reason", "It is a lot.")
	code(t, rec, http.StatusConflict)
	if doc.Find("#extend_reason").Text() != "It is a lot." || doc.Find(`[data-test="trouble"]`).Length() != 1 {
		t.Error("what was typed is lost, or why is not said")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "extend"), "version", version, "extend_reason", "It is a lot.")
	goes(t, rec, page)
	if got := b.loaded(r).DueAt.Format(time.DateOnly); got != shown {
		t.Errorf("due %s, shown was %s", got, shown)
	}
	_, doc = w.get(page)
	if doc.Find(`[data-test="no-extension"]`).Length() != 1 || doc.Find(`[data-test="do-extend"]`).Length() != 0 {
		t.Error("a second extension is offered")
	}
}

func TestAPersonIsAskedAndTheirAnswerMarked(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	page := link.DeskClock(string(r.Ref))
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(link.DeskTab(string(r.Ref), "ask"), "version", "0", "what", "identity_asked", "ask_words", "Who are you?")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#ask_words").Text() != "Who are you?" || doc.Find(`[data-test="ask"][open]`).Length() != 1 || doc.Find(`input[value="identity_asked"][checked]`).Length() != 1 {
		t.Error("what was typed is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "ask"), "version", "0", "what", "identity_asked", "ask_words", "Who are you?", "ask_reason", "The address is new.")
	goes(t, rec, page)
	_, doc = w.get(link.DeskCase(string(r.Ref)))
	if doc.Find(".sla.paused").Length() != 1 {
		t.Error("the case does not say that the clock stands")
	}
	_, doc = w.get(page)
	question := doc.Find(`[data-test="answer"] input[name="question"]`).AttrOr("value", "")
	version := doc.Find(`[data-test="answer"] input[name="version"]`).AttrOr("value", "")
	rec, doc = w.post(link.DeskTab(string(r.Ref), "answered"), "version", version, "question", question, "answer_on", "1999-01-01", "answer_reason", "They came by.")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#answer_reason").Text() != "They came by." || doc.Find("#answer_on").AttrOr("value", "") != "1999-01-01" {
		t.Error("what was typed is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "answered"), "version", version, "question", question, "answer_reason", "They came by.")
	goes(t, rec, page)
	if b.loaded(r).PausedAt != nil {
		t.Error("the clock still stands")
	}
}

func TestTheLawIsChangedWithAReason(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(link.DeskTab(string(r.Ref), "law"), "version", "0", "country", "DE")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#country option[selected]`).AttrOr("value", "") != "DE" {
		t.Error("what was chosen is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "law"), "version", "0", "country", "DE", "law_reason", "They moved.")
	goes(t, rec, link.DeskClock(string(r.Ref)))
	_, doc = w.get(link.DeskClock(string(r.Ref)))
	version := doc.Find(`[data-test="laws"] input[name="version"]`).AttrOr("value", "")
	rec, _ = w.post(link.DeskTab(string(r.Ref), "laws"), "version", version, "laws_more", "UK", "laws_reason", "They are there often.")
	goes(t, rec, link.DeskClock(string(r.Ref)))
	if got := b.loaded(r); got.Law != "EU-DE" || len(got.Laws) != 1 {
		t.Errorf("law %s and %v", got.Law, got.Laws)
	}
}

func TestAHoldOnThePersonSaysWhatItDoesNotStop(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	running, r := b.verified(privacy.Deletion), b.verified(privacy.Access)
	// What runs is made without its two signatures and its waiting time: they are not what this is about.
	tx, err := b.db.Begin(t.Context())
	must(t, err)
	for _, sql := range []string{"SET LOCAL session_replication_role = replica", "UPDATE requests SET state = 'executing' WHERE ref = '" + string(running.Ref) + "'"} {
		_, err := tx.Exec(t.Context(), sql)
		must(t, err)
	}
	must(t, tx.Commit(t.Context()))
	w, page := b.signedIn(staff.Officer, time.Minute), link.DeskClock(string(r.Ref))
	rec, _ := w.post(link.DeskTab(string(r.Ref), "hold"), "scope", "person", "matter", "4 O 12/26", "hold_reason", "A claim.", "owner", b.staff[staff.Officer].ID.String(),
		"review", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	goes(t, rec, page)
	_, doc := w.get(page)
	want := views.TooLate(lang.With(t.Context(), b.staff[staff.Officer].Lang), []privacy.Ref{running.Ref})
	if n := strings.Count(doc.Text(), want); n != 2 || !strings.Contains(doc.Find(`[data-test="too-late"]`).Text(), want) {
		t.Errorf("%d times on the page, want it once at the hold and once as what just happened: %s", n, want)
	}
	_, doc = w.get(link.DeskCase(string(r.Ref)))
	if !strings.Contains(doc.Find(`[data-test="too-late"]`).Text(), string(running.Ref)) {
		t.Error("the case does not say which request runs all the same")
	}
}

func TestAHoldShowsEverywhereAndIsTheOfficersToLift(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Deletion)
	page := link.DeskClock(string(r.Ref))
	_, doc := b.signedIn(staff.Agent, time.Minute).get(page)
	if doc.Find(`[data-test="do-hold"]`).Length() != 0 {
		t.Error("an agent is offered a hold")
	}
	w := b.signedIn(staff.Officer, time.Minute)
	owner := b.staff[staff.Officer].ID.String()
	fields := []string{"scope", "case", "matter", "4 O 12/26", "hold_reason", "A claim.", "owner", owner, "told", "yes"}
	rec, doc := w.post(link.DeskTab(string(r.Ref), "hold"), append(fields, "review", "yesterday")...)
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#matter").AttrOr("value", "") != "4 O 12/26" || doc.Find(`#errors a[href="#review"]`).Length() != 1 {
		t.Error("what was typed is lost, or the missing day is not asked for")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "hold"), append(fields, "review", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))...)
	goes(t, rec, page)
	for _, tab := range []string{"", "/data", "/plan", "/decision", "/messages", "/audit", "/clock"} {
		_, doc := w.get(link.DeskCase(string(r.Ref)) + tab)
		if doc.Find(`[data-test="hold"]`).Length() != 1 {
			t.Errorf("the page %q does not show the hold", tab)
		}
	}
	_, doc = w.get(page)
	hold := doc.Find(`input[name="hold"]`).AttrOr("value", "")
	rec, _ = w.post(link.DeskTab(string(r.Ref), "unhold"), "hold", hold)
	code(t, rec, http.StatusUnprocessableEntity)
	rec, _ = w.post(link.DeskTab(string(r.Ref), "unhold"), "hold", hold, "lift_reason", "It is settled.")
	goes(t, rec, page)
	_, doc = w.get(page)
	if doc.Find(`[data-test="hold"]`).Length() != 0 {
		t.Error("the hold still shows")
	}
}

func TestPartsAreRefusedOneByOne(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = func(d *privacy.Discovery) {
		d.Found = append(d.Found, d.Found[0])
		d.Found[1].Table, d.Found[1].Category = "contacts", "account"
	}
	r, _ := b.inReview(privacy.Deletion)
	page := link.DeskTab(string(r.Ref), "items")
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(page)
	if doc.Find(`[data-test="item"]`).Length() != 2 || doc.Find(`#code-0 option`).Length() < 5 {
		t.Fatal("the parts, or the grounds, are not there")
	}
	rec, doc := w.post(page, "version", "0", "said-0", "refused", "words-0", "We must keep them.", "said-1", "granted")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#words-0").Text() != "We must keep them." || doc.Find(`#errors a[href="#code-0"]`).Length() != 1 {
		t.Error("what was typed is lost, or the missing ground is not asked for")
	}
	rec, _ = w.post(page, "version", "0", "said-0", "refused", "code-0", "LEGAL_RETENTION", "words-0", "We must keep them.", "said-1", "granted")
	goes(t, rec, page)
	b.discover(r)
	_, doc = w.get(link.DeskTab(string(r.Ref), "decision"))
	if !strings.Contains(doc.Find(`[data-test="refused-items"]`).Text(), "We must keep them.") {
		t.Error("who decides does not see what is refused")
	}
}

func TestAnAppealIsReadAndDecided(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	must(t, b.s.Office.Reject(t.Context(), b.fresh(staff.Approver), r.ID, "EXCESSIVE", "You asked last week."))
	a, err := b.s.Office.FileAbout(t.Context(), "ada@example.com", r.Ref, "I <b>did</b> not.")
	must(t, err)
	page := link.DeskTab(string(a.Ref), "appeal")
	changed := func() (n int) {
		must(t, b.db.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM audit_events) + (SELECT count(*) FROM clock_events) + (SELECT count(*) FROM requests) + (SELECT count(*) FROM messages)").Scan(&n))
		return n
	}
	before := changed()
	for _, path := range []string{link.Desk, link.DeskCase(string(a.Ref)), link.DeskClock(string(a.Ref)), link.DeskTab(string(a.Ref), "data"), link.DeskTab(string(a.Ref), "plan"),
		link.DeskTab(string(a.Ref), "decision"), link.DeskTab(string(a.Ref), "items"), link.DeskTab(string(a.Ref), "messages"), link.DeskTab(string(a.Ref), "audit")} {
		rec, _ := b.signedIn(staff.Officer, time.Minute).get(path)
		code(t, rec, http.StatusOK)
		if strings.Contains(rec.Body.String(), "⟦") {
			t.Errorf("%s lacks words", path)
		}
	}
	if n := changed(); n != before {
		t.Errorf("looking changed %d rows", n-before)
	}
	_, doc := b.signedIn(staff.Approver, time.Minute).get(page)
	if doc.Find(`[data-test="decide-appeal"]`).Length() != 0 || doc.Find(`[data-test="no-verdict"]`).Length() != 1 {
		t.Error("who refused may decide about the appeal")
	}
	w := b.signedIn(staff.Officer, time.Minute)
	rec, doc := w.get(page)
	if strings.Contains(rec.Body.String(), "<b>did") || !strings.Contains(doc.Find("main").Text(), "I <b>did</b> not.") {
		t.Error("what was written is not shown as it was")
	}
	rec, doc = w.post(page, "words", "You did not.")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#words").Text() != "You did not." {
		t.Error("what was typed is lost")
	}
	rec, _ = w.post(page, "words", "You did not.", "verdict", "upheld")
	goes(t, rec, link.DeskCase(string(a.Ref)))
	_, doc = w.get(page)
	if !strings.Contains(doc.Find(`[data-test="verdict"]`).Text(), "You did not.") {
		t.Error("the decision does not show")
	}
	rec, doc = w.get(link.DeskCase(string(r.Ref)))
	if doc.Find(`[data-test="appeals"] a.ref`).Length() != 2 || strings.Contains(rec.Body.String(), "⟦") {
		t.Error("the request does not lead to its appeal and to the new search")
	}
}

// fresh is a member who has just shown the second factor.
func (b *deskBench) fresh(r staff.Role) staff.Member {
	m, now := b.staff[r].Member, time.Now()
	m.FactorAt = &now
	return m
}

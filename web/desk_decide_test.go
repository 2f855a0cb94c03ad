package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// approval is the form as the second person sends it.
func approval(r privacy.Request, hash string) []string {
	return []string{"hash", hash, "do", "approve", "reference", strings.ToLower(string(r.Ref)), "note", "Counted again.",
		"checks", "identity", "checks", "kept", "checks", "others"}
}

func TestTwoPeopleTakeARequestFromTheQueueToTheApproval(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Deletion)
	page := link.DeskCase(string(r.Ref))
	agent, officer := b.signedIn(staff.Agent, time.Hour), b.signedIn(staff.Officer, time.Minute)

	rec, doc := agent.get(link.Desk)
	code(t, rec, http.StatusOK)
	if doc.Find(`[data-test="row"] a.ref`).Text() != string(r.Ref) {
		t.Fatal("the request is not in the queue")
	}
	_, doc = agent.get(page)
	if doc.Find(`form[action="`+page+`/search"] [data-test="next"]`).Length() != 1 {
		t.Fatal("searching is not offered as the next step")
	}
	rec, _ = agent.post(page+"/assign", "tab", "overview")
	goes(t, rec, page)
	rec, _ = agent.post(page + "/search")
	goes(t, rec, page)
	rec, doc = agent.get(page)
	if !strings.HasPrefix(rec.Header().Get("Refresh"), "5;") || doc.Find("progress").Length() != 1 || doc.Find("#body").Length() != 0 {
		t.Error("the running search does not show, or the page moves under a form")
	}
	rec, doc = agent.get(page + "?still=1")
	if rec.Header().Get("Refresh") != "" || doc.Find("#body").Length() != 1 {
		t.Error("the page cannot be held still")
	}
	hash := b.discover(r)

	rec, doc = agent.get(page + "/plan")
	code(t, rec, http.StatusOK)
	if got := doc.Find(`input[name="hash"]`).AttrOr("value", ""); got != hash {
		t.Fatalf("the page proposes %s, not %s", got, hash)
	}
	rec, _ = agent.post(page+"/propose", "hash", hash, "note", "All found.", "tab", "plan")
	goes(t, rec, page)
	_, doc = agent.get(page + "/decision")
	if doc.Find(`[data-test="approve"]`).Length() != 0 || !strings.Contains(doc.Find(`[data-test="verdict"]`).Text(), "You prepared this") && !strings.Contains(doc.Find(`[data-test="verdict"]`).Text(), "someone else") {
		t.Error("the preparer is not told why not")
	}

	rec, doc = officer.get(page + "/decision")
	code(t, rec, http.StatusOK)
	if doc.Find(`[data-test="approve"]`).Length() != 1 || !strings.Contains(doc.Find(`[data-test="approving"]`).Text(), hash[:4]) {
		t.Error("the second person does not see what to approve")
	}
	rec, doc = officer.post(page+"/decision", "hash", hash, "do", "approve", "note", "Almost", "checks", "kept")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#errors a").Length() != 2 || doc.Find("#note").Text() != "Almost" || doc.Find(`input[value="kept"]`).AttrOr("checked", "no") == "no" {
		t.Error("what is missing is not explained, or what was typed is not kept")
	}
	rec, _ = officer.post(page+"/decision", approval(r, hash)...)
	goes(t, rec, page)
	if s := b.state(r); s != privacy.Approved {
		t.Fatalf("state %s", s)
	}
	_, doc = officer.get(page + "/decision")
	if !strings.Contains(doc.Find(".pair").Text(), b.staff[staff.Officer].Name) {
		t.Error("the page does not name who approved")
	}
}

// What only an organisation's own entry links to the person needs a check of
// its own, and no other box stands in for it.
func TestRowsFoundByALearntNumberAreCheckedApart(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.learnt = []privacy.Match{{Table: "contacts", Key: "88", By: "phone", Learnt: true, Tenant: "9"}, {Table: "contacts", Key: "89", By: "phone", Learnt: true, Tenant: "9"}}
	r, hash := b.inReview(privacy.Deletion)
	agent := b.signedIn(staff.Agent, time.Minute)
	_, doc := agent.get(link.DeskTab(string(r.Ref), "data"))
	if got := doc.Find(`[data-test="learnt"]`).Text(); !strings.Contains(got, "contacts") || !strings.Contains(got, "2 rows") || !strings.Contains(got, "organisation 9") {
		t.Errorf("the agent is not told what to look at: %q", got)
	}
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))

	page := link.DeskTab(string(r.Ref), "decision")
	w := b.signedIn(staff.Officer, time.Minute)
	_, doc = w.get(page)
	if doc.Find(`input[name="checks"]`).Length() != 4 || doc.Find(`#learnt a[href="`+link.DeskTab(string(r.Ref), "data")+`"]`).Length() != 1 {
		t.Error("the page does not ask whether it is the same person")
	}
	for _, instead := range []string{"others", "foreign"} {
		rec, doc := w.post(page, append(approval(r, hash), "checks", instead)...)
		code(t, rec, http.StatusUnprocessableEntity)
		if doc.Find(`#errors a[href="#checks"]`).Length() != 1 || doc.Find("#errors a").Length() != 1 || doc.Find("#checks-e").Length() != 1 {
			t.Error("the missing check is not named")
		}
	}
	if s := b.state(r); s != privacy.InReview {
		t.Fatalf("state %s: approved without the check", s)
	}
	rec, _ := w.post(page, append(approval(r, hash), "checks", "learnt")...)
	goes(t, rec, link.DeskCase(string(r.Ref)))
	if s := b.state(r); s != privacy.Approved {
		t.Fatalf("state %s", s)
	}
}

func TestAnOldFactorIsAskedForAgainAndTheFormComesBack(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, hash := b.inReview(privacy.Access)
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))
	page := link.DeskTab(string(r.Ref), "decision")
	w := b.signedIn(staff.Approver, staff.FactorFresh+time.Minute)

	before := w.cookie.Value
	rec, _ := w.post(page, approval(r, hash)...)
	goes(t, rec, link.DeskSecond)
	if s := b.state(r); s != privacy.InReview {
		t.Fatalf("state %s: approved with an old factor", s)
	}
	_, doc := w.get(link.DeskSecond)
	if doc.Find(`[data-test="step-up"]`).Length() != 1 {
		t.Error("the page does not say why a code is asked for again")
	}
	rec, _ = w.post(link.DeskSecond, "code", b.digits(staff.Approver, 0))
	goes(t, rec, page)
	if w.cookie.Value == before {
		t.Error("the session kept its secret through the step-up")
	}
	_, doc = w.get(page)
	if doc.Find("#note").Text() != "Counted again." || doc.Find("#reference").AttrOr("value", "") == "" || doc.Find(`input[name="checks"][checked]`).Length() != 3 {
		t.Error("what was typed is lost")
	}
	rec, _ = w.post(page, approval(r, hash)...)
	goes(t, rec, link.DeskCase(string(r.Ref)))
	_, doc = w.get(page)
	if doc.Find("#note").Length() != 0 {
		t.Error("the form is still offered")
	}
}

func TestAPlanThatChangedIsNotApproved(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, old := b.inReview(privacy.Deletion)
	agent := b.staff[staff.Agent].Member
	must(t, b.s.Office.Propose(t.Context(), agent, r.ID, old, ""))
	must(t, b.s.Office.Search(t.Context(), agent, r.ID))
	hash := b.discover(r)
	must(t, b.s.Office.Propose(t.Context(), agent, r.ID, hash, ""))
	if old == hash {
		t.Fatal("the plan did not change")
	}
	page := link.DeskTab(string(r.Ref), "decision")
	w := b.signedIn(staff.Officer, time.Minute)
	rec, doc := w.post(page, approval(r, old)...)
	code(t, rec, http.StatusConflict)
	if doc.Find(`[data-test="trouble"]`).Length() != 1 || doc.Find("#note").Text() != "Counted again." {
		t.Error("the change is not explained, or what was typed is lost")
	}
	if got := doc.Find(`input[name="hash"]`).AttrOr("value", ""); got != hash {
		t.Error("the page still stands for the old plan")
	}
	_, doc = w.get(link.DeskTab(string(r.Ref), "plan"))
	if doc.Find(`[data-test="diff"] li`).Length() != 1 {
		t.Error("the difference to the earlier version does not show")
	}
	rec, _ = w.post(page, "hash", hash, "do", "back", "note", "Look at the messages again.")
	goes(t, rec, link.DeskCase(string(r.Ref)))
	if s := b.state(r); s != privacy.Discovering {
		t.Fatalf("state %s", s)
	}
}

func TestAFormFromAnotherSessionIsShownAgain(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, hash := b.inReview(privacy.Deletion)
	w := b.signedIn(staff.Agent, time.Minute)
	w.token = "from another session"
	rec, doc := w.post(link.DeskTab(string(r.Ref), "propose"), "hash", hash, "note", "All found.", "tab", "plan")
	code(t, rec, statusFormOld)
	if doc.Find(`[data-test="trouble"]`).Length() != 1 || doc.Find("#note").Text() != "All found." {
		t.Error("the page does not say what happened, or what was typed is lost")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "propose"), "hash", hash, "note", "All found.", "tab", "plan")
	goes(t, rec, link.DeskCase(string(r.Ref)))
}

func TestReadingContentNeedsAReasonAndLeavesATrace(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, _ := b.inReview(privacy.Access)
	page := link.DeskTab(string(r.Ref), "data")
	_, doc := b.signedIn(staff.Agent, time.Minute).get(page)
	if doc.Find("#reason").Length() != 0 {
		t.Error("an agent is offered the content")
	}
	w := b.signedIn(staff.Approver, time.Minute)
	rec, doc := w.post(link.DeskTab(string(r.Ref), "inspect"), "reason", "")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#reason"]`).Length() != 1 {
		t.Error("the missing reason is not asked for")
	}
	rec, _ = w.post(link.DeskTab(string(r.Ref), "inspect"), "reason", "look for other people's numbers")
	code(t, rec, http.StatusOK)
	if rec.Body.String() != "the package" || rec.Header().Get("Content-Type") != "application/zip" || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%q as %v", rec.Body, rec.Header())
	}
	_, doc = b.signedIn(staff.Auditor, time.Minute).get(link.DeskAudit + "?action=content.read")
	if doc.Find(".chain tbody tr").Length() != 1 || !strings.Contains(doc.Find(".facts").Text(), "other people's numbers") {
		t.Error("the reading is not in the log")
	}
}

func TestANoteStaysAtTheDeskAndAMessageDoesNot(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	page := link.DeskTab(string(r.Ref), "messages")
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.post(page, "body", " ")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#body"]`).Length() != 1 {
		t.Error("the empty message is not explained")
	}
	rec, _ = w.post(page, "body", "Only for us", "note", "1")
	goes(t, rec, page)
	rec, _ = w.post(page, "body", "<b>Hello</b> Ada")
	goes(t, rec, page)
	rec, doc = w.get(page)
	if doc.Find(".thread li").Length() != 2 || doc.Find(".note-internal").Length() != 1 || strings.Contains(rec.Body.String(), "<b>Hello") {
		t.Error("the thread is not as it was written")
	}
	mine, err := b.s.Office.Mine(t.Context(), "ada@example.com", r.Ref)
	must(t, err)
	if len(mine.Messages) != 1 || mine.Messages[0].Note {
		t.Errorf("the person sees %d messages", len(mine.Messages))
	}
}

func TestARefusalNeedsAGroundAndWords(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Correction)
	page := link.DeskCase(string(r.Ref))
	w := b.signedIn(staff.Officer, time.Minute)
	rec, doc := w.post(page+"/reject", "code", "NOT_A_CODE")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#errors a").Length() != 2 || doc.Find(`details[data-test="refuse"][open]`).Length() != 1 {
		t.Error("what is missing is not shown where it belongs")
	}
	rec, _ = w.post(page+"/reject", "code", "NOT_CONTROLLER", "text", "Please ask Baobab Deliveries.")
	goes(t, rec, page)
	if s := b.state(r); s != privacy.Rejected {
		t.Fatalf("state %s", s)
	}
}

func TestTheStoreThatDoesNotAnswerShows(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	must(t, b.s.Office.Search(t.Context(), b.staff[staff.Agent].Member, r.ID))
	l, err := b.worker.TakeWork(t.Context(), r.ID)
	must(t, err)
	must(t, b.worker.StoreDown(t.Context(), l, "store"))
	_, doc := b.signedIn(staff.Agent, time.Minute).get(link.DeskCase(string(r.Ref)))
	if doc.Find(".note.danger").Length() != 1 {
		t.Error("the page does not say that the store is down")
	}
}

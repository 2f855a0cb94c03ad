package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// flood puts so many requests of all sorts into the queue.
func (b *deskBench) flood(n int) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), demo.Requests, n, []uuid.UUID{b.staff[staff.Agent].ID, b.staff[staff.Officer].ID})
	must(b.t, err)
}

func TestAQueueIsReadForwardAndBack(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.flood(400)
	w := b.signedIn(staff.Agent, time.Minute)
	_, first := w.get("/desk?kind=access&view=closed")
	next, ok := first.Find(`.hintbar a[rel="next"]`).Attr("href")
	if !ok || first.Find(`.hintbar a[rel="prev"]`).Length() != 0 || first.Find(`[data-test="row"]`).Length() != privacy.PageSize {
		t.Fatal("the first page does not lead on, or leads back")
	}
	_, second := w.get(next)
	prev, ok := second.Find(`.hintbar a[rel="prev"]`).Attr("href")
	if !ok {
		t.Fatal("the second page does not lead back")
	}
	_, again := w.get(prev)
	if a, b := first.Find(".queue .ref").Text(), again.Find(".queue .ref").Text(); a != b {
		t.Errorf("the way back leads elsewhere:\n%s\n%s", a, b)
	}
	if v, _ := second.Find("#f-kind option[selected]").Attr("value"); v != "access" {
		t.Errorf("the second page filters by %q", v)
	}
}

func TestTheQueueStaysSmall(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.flood(400)
	rec, doc := b.signedIn(staff.Officer, time.Minute).get(link.Desk)
	if n := rec.Body.Len(); doc.Find(`[data-test="row"]`).Length() != 50 || n > 78<<10 {
		t.Errorf("the page has %d bytes", n)
	}
	doc.Find("use").Each(func(_ int, u *goquery.Selection) {
		if ref, _ := u.Attr("href"); doc.Find("symbol"+ref).Length() != 1 {
			t.Errorf("there is no picture %s", ref)
		}
	})
}

func TestWhatIsTickedIsGivenToAColleague(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, other := b.verified(privacy.Access), b.verified(privacy.Deletion)
	w := b.signedIn(staff.Agent, time.Minute)
	w.get(link.Desk)
	rec, _ := w.post(link.DeskAssign, "ref", string(r.Ref), "ref", string(other.Ref), "do", "to", "to", b.staff[staff.Officer].ID.String(), "back", "/desk?kind=access")
	goes(t, rec, "/desk?kind=access")
	if n := b.count("SELECT count(*) FROM requests WHERE assignee = $1", b.staff[staff.Officer].ID); n != 2 {
		t.Errorf("%d requests have the new owner", n)
	}
	// One that is closed is told by name.
	must(t, b.s.Office.Withdraw(t.Context(), "ada@example.com", other.Ref))
	rec, doc := w.post(link.DeskAssign, "ref", string(r.Ref), "ref", string(other.Ref), "do", "nobody", "back", "//evil.example")
	code(t, rec, http.StatusOK)
	if got := doc.Find(`[data-test="bulk"] tbody tr`); got.Length() != 1 || !strings.Contains(got.Text(), string(other.Ref)) {
		t.Errorf("it says %q", got.Text())
	}
	if back, _ := doc.Find(`[data-test="bulk"] a.btn`).Attr("href"); back != link.Desk {
		t.Errorf("the way back leads to %q", back)
	}
	// Without a choice the page comes back, filter and all.
	rec, doc = w.post(link.DeskAssign, "ref", string(r.Ref), "do", "to", "back", "/desk?kind=access")
	code(t, rec, http.StatusUnprocessableEntity)
	if v, _ := doc.Find("#f-kind option[selected]").Attr("value"); v != "access" || doc.Find("#errors a[href='#to']").Length() != 1 {
		t.Error("the page does not say what is missing")
	}
}

func (b *deskBench) count(sql string, args ...any) (n int) {
	b.t.Helper()
	must(b.t, b.db.QueryRow(b.t.Context(), sql, args...).Scan(&n))
	return n
}

func TestTheTableHasNoFormulas(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	evil := []string{`=HYPERLINK("http://evil.example","x")`, "+1", "-1", "@SUM(A1)", "\tx", "＝1", "Ordinary Name"}
	for _, name := range evil {
		_, err := b.s.Office.Record(t.Context(), b.staff[staff.Agent].Member, privacy.Receipt{Channel: privacy.ChannelPost, Day: time.Now().AddDate(0, 0, -1).Format(time.DateOnly),
			Submission: privacy.Submission{Kind: privacy.Access, Relation: privacy.Visitor, Name: name, Country: "DE", Lang: "en", AllTime: true, Draft: uuid.NewString() + uuid.NewString()}})
		must(t, err)
	}
	w := b.signedIn(staff.Officer, time.Minute)
	w.get(link.Desk)
	rec, _ := w.post(link.DeskExport, "query", "channel=post")
	code(t, rec, http.StatusOK)
	if got := rec.Header().Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="queue-`) {
		t.Errorf("sent as %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(rec.Body.String(), "\ufeff"))).ReadAll()
	must(t, err)
	if len(rows) != len(evil)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r＝＋－＠") == 0 {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	rec, _ = b.signedIn(staff.Officer, time.Hour).get(link.Desk)
	code(t, rec, http.StatusOK)
	old := b.signedIn(staff.Officer, time.Hour)
	old.get(link.Desk)
	rec, _ = old.post(link.DeskExport, "query", "")
	goes(t, rec, link.DeskSecond)
}

func TestAViewIsSavedRenamedAndRemoved(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.verified(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get("/desk?kind=deletion&q=Lovelace")
	query, _ := doc.Find(`form[action="/desk/views"] input[name="query"]`).Attr("value")
	rec, _ := w.post(link.DeskViews, "query", query, "name", "Deletions", "shared", "1")
	goes(t, rec, "/desk?kind=deletion")
	_, doc = b.signedIn(staff.Officer, time.Minute).get(link.Desk)
	if href, _ := doc.Find(`.rail a:contains("Deletions")`).Attr("href"); href != "/desk?kind=deletion" {
		t.Errorf("a colleague's rail leads to %q", href)
	}
	rec, doc = w.post(link.DeskViews, "query", query, "name", "deletions")
	code(t, rec, http.StatusUnprocessableEntity)
	if v, _ := doc.Find(`form[action="/desk/views"] input[name="name"]`).Attr("value"); v != "deletions" {
		t.Errorf("the name typed is %q now", v)
	}
	_, doc = w.get(link.DeskViews)
	action, id := link.DeskViewChange, doc.Find(`[data-test="saved"] input[name="id"]`).AttrOr("value", "")
	rec, doc = w.post(action, "id", id, "name", "", "do", "save")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`[data-test="saved"] .error-text`).Length() != 1 {
		t.Error("the page does not say that the name is missing")
	}
	rec, _ = w.post(action, "id", id, "name", "Mine", "do", "save")
	goes(t, rec, link.DeskViews)
	rec, _ = w.post(action, "id", id, "do", "remove")
	goes(t, rec, link.DeskViews)
	if n := b.count("SELECT count(*) FROM saved_views"); n != 0 {
		t.Errorf("%d views are left", n)
	}
}

func TestAReceiptThatCannotBeTakenComesBackAsTyped(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(link.DeskRecord)
	draft, _ := doc.Find(`input[name="draft"]`).Attr("value")
	typed := []string{"draft", draft, "channel", "post", "day", "2026-02-30", "time", "09:30", "original", "Letter 17", "relation", "visitor",
		"name", "Grace Hopper", "country", "US-CA", "lang", "en", "kind", "correction", "wrong-0", "Hoper", "right-0", "Hopper", "details", "Please correct my name."}
	rec, doc := w.post(link.DeskRecord, typed...)
	code(t, rec, http.StatusUnprocessableEntity)
	for name, want := range map[string]string{"day": "2026-02-30", "time": "09:30", "name": "Grace Hopper", "wrong-0": "Hoper", "draft": draft} {
		if got, _ := doc.Find(`input[name="` + name + `"]`).Attr("value"); got != want {
			t.Errorf("%s is %q now, typed was %q", name, got, want)
		}
	}
	if got := doc.Find(`textarea[name="details"]`).Text(); got != "Please correct my name." {
		t.Errorf("details are %q now", got)
	}
	if doc.Find(`#errors a[href="#day"]`).Length() != 1 {
		t.Error("the page does not lead to the day")
	}
	// A form that lay open for too long comes back the same way.
	stale := &browser{b: b, cookie: w.cookie, token: "of another session"}
	rec, doc = stale.post(link.DeskRecord, typed...)
	code(t, rec, statusFormOld)
	if got, _ := doc.Find(`input[name="name"]`).Attr("value"); got != "Grace Hopper" {
		t.Errorf("an old form has %q now", got)
	}
	for i := range typed {
		if typed[i] == "2026-02-30" {
			typed[i] = "2026-02-27"
		}
	}
	rec, _ = w.post(link.DeskRecord, typed...)
	code(t, rec, http.StatusSeeOther)
	at := rec.Header().Get("Location")
	_, doc = w.get(at)
	if s := doc.Find(`[data-test="recorded"]`).Text(); !strings.Contains(s, "Letter 17") || !strings.Contains(s, "colleague") {
		t.Errorf("the case says %q", s)
	}
	rec, _ = w.post(at+"/sender", "proof", "document")
	code(t, rec, http.StatusForbidden)
	second := b.signedIn(staff.Officer, time.Minute)
	_, doc = second.get(at)
	rec, _ = second.post(at+"/sender", "proof", "document", "seen", doc.Find(`input[name="seen"]`).AttrOr("value", ""))
	goes(t, rec, at)
	_, doc = second.get(at)
	if text := doc.Find("#identity").Text(); !strings.Contains(text, lang.In(lang.German, "desk.proof.not_yet")) || strings.Contains(text, lang.In(lang.German, "desk.proof.proved")) {
		t.Error("the case says that a link was opened")
	}
}

func TestTwoOnOneCaseSeeEachOtherAndLoseNothing(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	at := link.DeskCase(string(r.Ref))
	a, o := b.signedIn(staff.Agent, time.Minute), b.signedIn(staff.Officer, time.Minute)
	_, page := a.get(at + "/messages")
	_, doc := o.get(at)
	name := b.staff[staff.Agent].Name
	if s := doc.Find(`[data-test="here"]`).Text(); !strings.Contains(s, name) {
		t.Errorf("the officer reads %q", s)
	}
	rec, _ := o.post(at + "/here")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), name) || strings.Contains(rec.Body.String(), "<") {
		t.Errorf("the page is told %d %q", rec.Code, rec.Body)
	}
	seen := page.Find(`input[name="seen"]`).First().AttrOr("value", "")
	rec, _ = o.post(at+"/messages", "body", "Wait for the scan.", "note", "1", "tab", "messages", "seen", seen)
	goes(t, rec, at+"/messages")
	rec, doc = a.post(at+"/messages", "body", "Your data is on its way.", "tab", "messages", "seen", seen)
	code(t, rec, http.StatusConflict)
	if s := doc.Find(`[data-test="meanwhile"]`).Text(); !strings.Contains(s, b.staff[staff.Officer].Name) {
		t.Errorf("what changed is told as %q", s)
	}
	if doc.Find(`textarea[name="body"]`).Text() != "Your data is on its way." || !strings.Contains(doc.Text(), "Wait for the scan.") {
		t.Error("the page shows only one of the two")
	}
	fresh := doc.Find(`input[name="seen"]`).First().AttrOr("value", "")
	rec, _ = a.post(at+"/messages", "body", "Your data is on its way.", "tab", "messages", "seen", fresh)
	goes(t, rec, at+"/messages")
	rec, doc = o.post(at+"/assign", "seen", seen)
	code(t, rec, http.StatusConflict)
	if doc.Find(`[data-test="meanwhile"] li`).Length() == 0 {
		t.Error("nothing is told about the message")
	}
}

func TestNoFilterEndsInAnError(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.flood(60)
	w := b.signedIn(staff.Agent, time.Minute)
	for _, q := range []string{"q=%27", "q=%5C", "q=%3A%2A", "q=a%26b", "q=+", "q=%25", "q=%F4%8F%BF%BF", "q=" + strings.Repeat("a", 2000), "after=x", "before=x", "after=x&before=y",
		"due_from=9999-12-31&due_until=0001-01-01", "until=9999-12-31", "who=" + uuid.NewString(), "state=lapsed", "waits=paused&sort=received&view=approvals"} {
		if rec, _ := w.get("/desk?" + q); rec.Code != http.StatusOK {
			t.Errorf("%s gives %d", q, rec.Code)
		}
	}
	if rec, doc := w.get("/desk?q=" + url.QueryEscape("Nobody <b>at</b> all")); rec.Code != http.StatusOK || doc.Find(`[data-test="empty"] b`).Length() != 0 {
		t.Error("what was searched for is markup")
	}
}

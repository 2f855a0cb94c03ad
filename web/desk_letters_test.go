package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestStaffReadTheLettersOfACase(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, other := b.verified(privacy.Access), b.verified(privacy.Deletion)
	w := b.signedIn(staff.Auditor, time.Minute)
	rec, doc := w.get(link.DeskTab(string(r.Ref), "letters"))
	code(t, rec, http.StatusOK)
	row := doc.Find(`[data-test="letters"] tbody tr`)
	if row.Length() != 1 || !strings.Contains(row.Text(), lang.In(lang.English, "letters.kind.acknowledgement")) || doc.Find(`nav a[aria-current="true"], nav a[aria-current]`).Length() == 0 {
		t.Fatalf("the list is %q", row.Text())
	}
	if !strings.Contains(rec.Header().Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Error("the page may not frame a letter")
	}
	page := row.Find("th a").AttrOr("href", "")
	rec, doc = w.get(page)
	code(t, rec, http.StatusOK)
	if len(strings.ReplaceAll(doc.Find(`[data-test="sha256"]`).Text(), " ", "")) != 64 || !strings.Contains(doc.Find("pre").Text(), "Hello Ada Lovelace,") {
		t.Errorf("the page does not show the letter:\n%s", rec.Body)
	}
	frame := doc.Find("iframe")
	if _, boxed := frame.Attr("sandbox"); !boxed {
		t.Error("the frame is not boxed in")
	}
	rec, doc = w.get(frame.AttrOr("src", ""))
	code(t, rec, http.StatusOK)
	if p := rec.Header().Get("Content-Security-Policy"); !strings.HasPrefix(p, letter.Policy) || !strings.Contains(p, "sandbox") || !strings.Contains(p, "frame-ancestors 'self'") || strings.Contains(p, "script-src") {
		t.Errorf("the letter's own policy is %q", p)
	}
	if doc.Find("article.letter h1").Length() != 1 || doc.Find("script").Length() != 0 {
		t.Error("the frame has no letter, or a script")
	}
	for form, head := range map[string]string{".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8"} {
		rec, _ := w.get(page + form)
		code(t, rec, http.StatusOK)
		if rec.Header().Get("Content-Type") != head || !strings.Contains(rec.Header().Get("Content-Disposition"), `attachment; filename="`+string(r.Ref)+"-acknowledgement"+form) || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", form, rec.Header())
		}
	}
	for _, path := range []string{strings.Replace(page, string(r.Ref), string(other.Ref), 1), link.DeskLetter(string(r.Ref), uuid.NewString(), "pdf"), page + ".docx", page + ".html.pdf", link.DeskTab(string(r.Ref), "letters/nothing")} {
		rec, _ := w.get(path)
		code(t, rec, http.StatusNotFound)
	}
}

func TestTheAnswerIsShownBeforeItGoesOut(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, _ := b.inReview(privacy.Deletion)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.get(link.DeskTab(string(r.Ref), "letters"))
	code(t, rec, http.StatusOK)
	next := doc.Find(`[data-test="next-letter"]`)
	if next.Length() != 1 || next.Find("iframe").Length()+next.Find(`[data-test="missing"] li`).Length() == 0 {
		t.Fatalf("neither the answer nor what it lacks is shown:\n%s", rec.Body)
	}
	rec, _ = w.get(link.DeskLetterNext(string(r.Ref)))
	code(t, rec, http.StatusOK)
	rec, _ = w.post(link.DeskTab(string(r.Ref), "letters"))
	code(t, rec, http.StatusConflict) // nothing is owed yet
}

func TestWordsAreChangedSeenAndTakenBack(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Administrator, time.Minute)
	rec, doc := w.get(link.DeskWording + "?lang=en")
	code(t, rec, http.StatusOK)
	if n := doc.Find(`[data-test^="slot-"]`).Length(); n != len(letter.Slots) {
		t.Errorf("%d of %d places are listed", n, len(letter.Slots))
	}
	href := doc.Find(`[data-test="slot-refusal.opening"]`).AttrOr("href", "")
	_, doc = w.get(href)
	if got := doc.Find("#words").Text(); got != lang.In(lang.English, "letters.text.refusal.opening") {
		t.Errorf("the field has %q", got)
	}
	send := func(do, seen, words string) []string {
		return []string{"slot", "refusal.opening", "lang", "en", "seen", seen, "words", words, "do", do}
	}
	rec, doc = w.post(link.DeskWording, send("save", "0", "Dear {nobody}")...)
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#words").Text() != "Dear {nobody}" || !strings.Contains(doc.Find("#words-e").Text(), "{reference}") {
		t.Errorf("what is wrong is not said at the field, or what was typed is lost: %q", doc.Find("#words-e").Text())
	}
	rec, doc = w.post(link.DeskWording, send("preview", "0", "Dear <b>{name}</b>")...)
	code(t, rec, http.StatusOK)
	if doc.Find("h1").Length() != 1 {
		t.Error("the sample's heading stands as the page's")
	}
	if !strings.Contains(doc.Find(`[data-test="sample"] article`).Text(), "Dear <b>Amina Okafor</b>") || doc.Find("#words").Text() != "Dear <b>{name}</b>" {
		t.Error("the sample does not show the words as words")
	}
	rec, _ = w.post(link.DeskWording, send("preview", "0", "{")...)
	code(t, rec, http.StatusUnprocessableEntity)
	rec, _ = w.post(link.DeskWording, send("save", "0", "Dear {name}: no.")...)
	goes(t, rec, link.DeskWording+"?lang=en")
	rec, doc = w.post(link.DeskWording, send("save", "0", "Dear {name}: never.")...) // of a page that was open before
	code(t, rec, http.StatusConflict)
	if doc.Find("#words").Text() != "Dear {name}: never." || !strings.Contains(doc.Find(`[data-test="moved"]`).Text(), "Dear {name}: no.") || doc.Find(`input[name="seen"]`).AttrOr("value", "") != "1" {
		t.Error("a conflict does not show both")
	}
	rec, _ = w.post(link.DeskWording, send("ours", "1", "")...)
	goes(t, rec, link.DeskWording+"?lang=en")
	_, doc = w.get(href)
	if doc.Find(`[data-test="versions"] tbody tr`).Length() != 2 || doc.Find("#words").Text() != lang.In(lang.English, "letters.text.refusal.opening") {
		t.Error("the way back is not kept, or not taken")
	}
	for _, bad := range []string{"?slot=no.slot", "?slot=refusal.opening&lang=xx&slot=%00"} {
		if rec, _ := w.get(link.DeskWording + bad); rec.Code >= 500 {
			t.Errorf("%s gives %d", bad, rec.Code)
		}
	}
	_, doc = b.signedIn(staff.Agent, time.Minute).get(href)
	if doc.Find(`[data-test="save"]`).Length() != 0 || doc.Find("#words").Length() != 1 {
		t.Error("who may not change words is offered to, or cannot read them")
	}
}

func TestALetterIsSeenBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(link.DeskTab(string(r.Ref), "clock"))
	button := doc.Find(`[data-test="see-extend"]`)
	try := button.AttrOr("formaction", "")
	version := button.Closest("form").Find(`input[name="version"]`).AttrOr("value", "")
	if try == "" || version == "" {
		t.Fatal("the form does not offer to see the letter")
	}
	rec, doc := w.post(try, "version", version, "extend_reason", "We have <b>many</b> requests.")
	code(t, rec, http.StatusOK)
	if doc.Find("article h1").Text() != lang.In(lang.English, "letters.title.extension") || !strings.Contains(doc.Find("article").Text(), "We have <b>many</b> requests.") {
		t.Errorf("this is not the letter:\n%s", rec.Body)
	}
	if !strings.Contains(rec.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Error("the letter is not boxed in")
	}
	if n := len(b.lettersOf(r)); n != 1 {
		t.Errorf("%d letters: the look at it wrote one", n)
	}
	after, err := b.s.Office.Load(t.Context(), r.ID)
	must(t, err)
	if !after.DueAt.Equal(r.DueAt) || after.ExtendedAt != nil {
		t.Error("the look at the letter moved the date")
	}
	rec, doc = w.post(try, "version", version, "extend_reason", "")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#extend_reason"]`).Length() != 1 {
		t.Error("what is wrong is not said as the form says it")
	}
	rec, _ = w.post(link.DeskLetterTry(string(r.Ref), "search"))
	code(t, rec, http.StatusNotFound)
	rec, _ = w.post(link.DeskLetterTry(string(r.Ref), "reject"), "code", "EXCESSIVE", "text", "Again.")
	code(t, rec, http.StatusForbidden)
	second := b.signedIn(staff.Approver, time.Minute)
	rec, doc = second.post(link.DeskLetterTry(string(r.Ref), "reject"), "code", "EXCESSIVE", "text", "Again.")
	code(t, rec, http.StatusOK)
	if doc.Find("article h1").Text() != lang.In(lang.English, "letters.title.refusal") {
		t.Errorf("this is not the refusal:\n%s", rec.Body)
	}
	if after, err = b.s.Office.Load(t.Context(), r.ID); err != nil || after.State != privacy.Verified {
		t.Errorf("the look at it refused the request: %s, %v", after.State, err)
	}
	rec, _ = b.signedIn(staff.Approver, time.Hour).post(link.DeskLetterTry(string(r.Ref), "reject"), "code", "EXCESSIVE", "text", "Again.")
	goes(t, rec, link.DeskSecond)
}

func (b *deskBench) lettersOf(r privacy.Request) []privacy.LetterRow {
	b.t.Helper()
	rows, err := b.s.Office.MyLetters(b.t.Context(), r.Email, r.Ref)
	must(b.t, err)
	return rows
}

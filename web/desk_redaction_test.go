package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// said is one message of the conversation under review.
type said struct {
	talk, text, out string
	author          int
	marks           []export.SheetMark
}

func over(text, word, kind string, sure, never bool) export.SheetMark {
	at := strings.Index(text, word)
	m := export.SheetMark{Start: at, End: at + len(word), Kind: kind, Sure: sure, Never: never}
	if kind == "name" {
		m.Who = "token-" + word
	}
	return m
}

// story is a conversation of three pages and one of a single message.
func story() []said {
	const gareth, ngozi, pay = "Your parcel is with Gareth Price.", "My sister Ngozi may open the door.", "Card 4111 1111 1111 1111, please."
	all := []said{
		{"conversations.id/1", gareth, "Your parcel is with Contact 1.", export.ByOther, []export.SheetMark{over(gareth, "Gareth Price", "name", true, false)}},
		{"conversations.id/1", ngozi, "", export.BySubject, []export.SheetMark{over(ngozi, "Ngozi", "name", false, false)}},
		{"conversations.id/1", pay, "Card █████, please.", export.BySubject, []export.SheetMark{over(pay, "4111 1111 1111 1111", "card", true, true)}},
	}
	for n := len(all); n < 250; n++ {
		all = append(all, said{talk: "conversations.id/1", text: fmt.Sprintf("Message %d, nothing in it <b>.", n), author: export.ByOther})
	}
	const kofi = "Kofi drives today."
	all[120] = said{"conversations.id/1", kofi, "", export.ByOther, []export.SheetMark{over(kofi, "Kofi", "name", false, false)}}
	return append(all, said{talk: "conversations.id/2", text: "Thank you.", author: export.ByOther})
}

// sheet lays a sheet beside what a worker reports.
func (b *deskBench) sheet(messages []said) func(*privacy.Discovery) {
	return func(d *privacy.Discovery) {
		part, titles := &d.Package[0], []datamap.Text{{"en": "Messages"}, {"en": "Text"}}
		part.Manifest.Set = d.ID
		var s *export.SheetWriter
		a, err := b.s.Vault.Create(b.t.Context(), uuid.New(), func(w io.Writer) (err error) {
			if s, err = export.NewSheet(w, &titles, func(string) string { return "" }); err != nil {
				return err
			}
			for i, m := range messages {
				if err := s.Note(m.note(i)); err != nil {
					return err
				}
			}
			s.File(export.SheetFile{Place: "attachments/1/a", Name: "exam.pdf", Size: 2048, Withheld: true})
			return s.Close(*part, []byte("[]"))
		})
		must(b.t, err)
		part.Sheet.Artifact = a
		totals := s.Totals()
		d.Totals = &totals
		d.Ruled = b.ruled
	}
}

func (m said) note(i int) []byte {
	text := export.SheetText{Place: fmt.Sprintf("messages/%d/body", i), Title: 1, Text: m.text, Marks: m.marks}
	n := export.SheetNote{Talk: m.talk, At: "2026-11-03 10:42:00+00"}
	for _, x := range m.marks {
		text.Sum = fmt.Sprintf("sum-%d", i)
		state, word := export.MarkOpen, m.text[x.Start:x.End]
		if x.Sure {
			state = export.MarkHidden
		}
		n.Settled = append(n.Settled, export.Settled{Kind: x.Kind, Who: x.Who, Word: word, As: "Contact 1", State: state})
		if !x.Sure {
			asked := export.SheetSuggestion{SheetMark: x, Place: text.Place, Sum: text.Sum}
			asked.Surround(m.text)
			n.Asked = append(n.Asked, asked)
		}
	}
	if m.out != "" {
		text.Out = &m.out
	}
	n.Message = &export.SheetMessage{Row: fmt.Sprintf("messages/%d", i), At: n.At, Author: m.author, Texts: []export.SheetText{text}}
	b, err := n.Encode(nil)
	if err != nil {
		panic(err) // texts only
	}
	return b
}

// What people call their files is content: names are for who may read it, and
// said why.
func TestTheDataPageNamesAttachmentsToWhoeverMayReadContent(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	sheet := b.sheet(story())
	b.finds = func(d *privacy.Discovery) {
		m := &d.Package[0].Manifest
		m.Files = append(m.Files, export.Entry{Name: "attachments/scan-of-ngozi.pdf", Size: 9, SHA256: strings.Repeat("a", 64)})
		sheet(d)
	}
	r, _ := b.inReview(privacy.Access)
	page := link.DeskTab(string(r.Ref), "data")
	sees := func(w *browser, want bool) {
		t.Helper()
		rec, doc := w.get(page)
		code(t, rec, http.StatusOK)
		if got := strings.Contains(rec.Body.String(), "ngozi"); got != want || (doc.Find(`[data-test="unnamed"]`).Length() == 0) != want {
			t.Errorf("the name is shown: %t, not %t", got, want)
		}
	}
	sees(b.signedIn(staff.Auditor, time.Minute), false)
	w := b.signedIn(staff.Officer, time.Minute)
	sees(w, false)
	_, doc := w.get(link.DeskRedaction(string(r.Ref)))
	rec, _ := w.post(doc.Find(`form:has([name="reason"])`).AttrOr("action", ""), "back", page, "code", "review", "reason", "The review of this package")
	goes(t, rec, page)
	sees(w, true)
}

// reviewing is a package with that conversation, and a reviewer who said why.
func (b *deskBench) reviewing() (privacy.Request, *browser) {
	b.t.Helper()
	return b.reviewingWith(story())
}

func (b *deskBench) reviewingWith(messages []said) (privacy.Request, *browser) {
	b.t.Helper()
	b.finds = b.sheet(messages)
	r, _ := b.inReview(privacy.Access)
	w := b.signedIn(staff.Officer, time.Minute)
	rec, doc := w.get(link.DeskRedaction(string(r.Ref)))
	code(b.t, rec, http.StatusOK)
	if strings.Contains(rec.Body.String(), "Ngozi") || doc.Find(`[name="reason"]`).Length() != 1 {
		b.t.Fatal("what people wrote is shown before anybody said why")
	}
	form := doc.Find(`form:has([name="reason"])`)
	rec, _ = w.post(form.AttrOr("action", ""), "back", link.DeskRedaction(string(r.Ref)), "code", "review", "reason", "The review of this package")
	goes(b.t, rec, link.DeskRedaction(string(r.Ref)))
	return r, w
}

func (b *deskBench) caseNow(r privacy.Request) privacy.Case {
	b.t.Helper()
	c, err := b.s.Office.Case(b.t.Context(), b.staff[staff.Officer].Member, r.Ref)
	must(b.t, err)
	return c
}

// asShown is the fields that a page of the review sends back as it was shown.
func asShown(c privacy.Case, more ...string) []string {
	return append([]string{"hash", c.Proposal.Hash, "version", fmt.Sprint(c.Redaction.Version)}, more...)
}

func TestWithoutContentOnlyCountsAreShown(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	b.finds = b.sheet(story())
	r, _ := b.inReview(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.get(link.DeskRedaction(string(r.Ref)))
	code(t, rec, http.StatusOK)
	if strings.TrimSpace(doc.Find(`[data-test="open"]`).Text()) != "2" || doc.Find(`[data-test="no-content"]`).Length() != 1 || strings.Contains(rec.Body.String(), "Ngozi") {
		t.Error("an agent sees something else than how far the review is")
	}
	rec, _ = w.get(link.DeskTalk(string(r.Ref), 1, 1, false))
	code(t, rec, http.StatusForbidden)
	rec, _ = w.post(link.DeskRedactionPart(string(r.Ref), "finish"), asShown(b.caseNow(r))...)
	code(t, rec, http.StatusForbidden)
}

func TestAReviewGoesConversationByConversation(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	ref := string(r.Ref)
	_, doc := w.get(link.DeskRedaction(ref))
	if doc.Find(`[data-test="talks"] tbody tr`).Length() != 2 || doc.Find(`[data-test="undecided-marks"] li`).Length() != 2 {
		t.Fatal("the list does not have both conversations and both suggestions")
	}
	if href := doc.Find(`[data-test="undecided-marks"] a`).Last().AttrOr("href", ""); href != link.DeskTalk(ref, 1, 2, false)+"#m120" {
		t.Errorf("a suggestion leads to %s", href)
	}
	rec, doc := w.get(link.DeskTalk(ref, 1, 1, false))
	code(t, rec, http.StatusOK)
	if n := doc.Find(`[data-test="messages"] .m`).Length(); n != export.PageMessages {
		t.Errorf("%d messages on a page", n)
	}
	if doc.Find("#m1 .rx.ask input").Length() != 2 || doc.Find(`#m0 .rx input[type="checkbox"][checked]`).Length() != 1 || doc.Find("#m2 .rx.fixed.on input").Length() != 0 || doc.Find("#m2 .rx.fixed.on").Length() != 1 {
		t.Error("the marks are not what they are")
	}
	if !strings.Contains(rec.Body.String(), "&lt;b&gt;") {
		t.Error("what people wrote is not escaped")
	}
	_, doc = w.get(link.DeskTalk(ref, 1, 1, true))
	body := doc.Find(`[data-test="messages"]`).Text()
	for _, hidden := range []string{"Gareth Price", "4111"} {
		if strings.Contains(body, hidden) {
			t.Errorf("the view of the person shows %q", hidden)
		}
	}
	if !strings.Contains(body, "Your parcel is with Contact 1.") || !strings.Contains(body, "Card █████, please.") {
		t.Error("the view of the person is not what is in the package")
	}
	rec, _ = w.get(link.DeskTalk(ref, 9, 1, false))
	code(t, rec, http.StatusNotFound)
}

func TestMarksAreDecidedWithAReason(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	ref, page := string(r.Ref), link.DeskTalk(string(r.Ref), 1, 1, false)
	c := b.caseNow(r)
	// As a browser sends it: Ngozi hidden, Gareth kept.
	form := func(c privacy.Case, more ...string) []string {
		return asShown(c, append([]string{"page", "1", "d-1.0.10-15", "hide", "was-0.0.20-32", "hidden"}, more...)...)
	}
	rec, doc := w.post(page, form(c)...)
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#why-e").Length() != 1 || doc.Find(`#m1 input[value="hide"][checked]`).Length() != 1 || doc.Find(`#m0 input[type="checkbox"][checked]`).Length() != 0 {
		t.Error("the missing reason is not named, or what was chosen is lost")
	}
	rec, _ = w.post(page, form(c, "why", "rights", "go", "next")...)
	goes(t, rec, link.DeskTalk(ref, 1, 2, false))
	now := b.caseNow(r)
	if n := len(now.Redaction.Rulings); n != 2 || now.Open() != 1 {
		t.Fatalf("%d rulings, %d open", n, now.Open())
	}
	for _, u := range now.Redaction.Rulings {
		if u.Words != nil || u.Digest == "" || u.Reason != "rights" {
			t.Errorf("a ruling keeps %+v", u)
		}
	}
	rec, doc = w.post(page, form(c, "why", "rights")...) // of the page that was open before
	code(t, rec, http.StatusConflict)
	if doc.Find(`[data-test="rulings"] li`).Length() != 2 {
		t.Error("what stands now is not shown")
	}
	// The list counts, and finishing waits for the last suggestion.
	_, doc = w.get(link.DeskRedaction(ref))
	if doc.Find(`[data-test="unfinished"]`).Length() != 1 || doc.Find(`[data-test="undecided-marks"] li`).Length() != 1 {
		t.Error("the list does not say what is left")
	}
	rec, doc = w.post(link.DeskRedactionPart(ref, "finish"), asShown(now)...)
	code(t, rec, http.StatusConflict)
	if want := lang.N(lang.With(t.Context(), b.staff[staff.Officer].Lang), "redaction.undecided", 1); !strings.Contains(doc.Find(`[data-test="undecided-marks"]`).Text(), want) || doc.Find(`[data-test="undecided-marks"] a`).Length() != 1 {
		t.Error("the refusal does not say what is undecided")
	}
	// Undone, it is open again.
	undo := now.Redaction.Rulings[0].ID.String()
	if now.Redaction.Rulings[0].Act != privacy.ActHide {
		undo = now.Redaction.Rulings[1].ID.String()
	}
	rec, _ = w.post(link.DeskRedactionPart(ref, "undo"), asShown(now, "ruling", undo, "back", page)...)
	goes(t, rec, page)
	_, doc = w.get(page)
	if doc.Find("#m1 .rx.ask").Length() != 1 || b.caseNow(r).Open() != 2 {
		t.Error("what was undone still counts")
	}
}

func TestTypedWordsAreHiddenAndNeverLost(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	page := link.DeskTalk(string(r.Ref), 1, 1, false)
	words := func(more ...string) []string {
		return asShown(b.caseNow(r), append([]string{"page", "1", "go", "add"}, more...)...)
	}
	for _, tt := range []struct {
		name, field string
		form        []string
	}{
		{"words that are nowhere", "add", words("add", "Somebody Else", "what", "name", "why", "rights")},
		{"no words", "add", words("add", " ", "what", "name", "why", "rights")},
		{"a single letter", "add", words("add", "x", "what", "name", "why", "rights")},
		{"no reason", "why", words("add", "sister", "what", "name")},
		{"nothing of that sort", "what", words("add", "sister", "what", "secret", "why", "rights")},
	} {
		rec, doc := w.post(page, tt.form...)
		code(t, rec, http.StatusUnprocessableEntity)
		if doc.Find("#"+tt.field+"-e").Length() != 1 {
			t.Errorf("%s: the field is not named", tt.name)
		}
		if want := strings.TrimSpace(tt.form[9]); tt.form[8] == "add" && doc.Find("#add").AttrOr("value", "") != want {
			t.Errorf("%s: what was typed is lost", tt.name)
		}
	}
	rec, _ := w.post(page, words("add", "SISTER  ngozi", "what", "name", "why", "rights", "everywhere", "1")...)
	goes(t, rec, page)
	c := b.caseNow(r)
	if u := c.Redaction.Rulings[0]; u.Talk != "" || len(u.Words) == 0 || strings.Contains(string(u.Words), "ngozi") || u.Settled != 1 || c.Open() != 1 {
		t.Errorf("kept as %+v, %d open", u, c.Open())
	}
	_, doc := w.get(page)
	if got := doc.Find(`#m1 .rx`).Not(".ask").Text(); !strings.Contains(got, "sister Ngozi") {
		t.Errorf("the words are not hidden as one: %q", got)
	}
	if n := strings.Count(doc.Find(`[data-test="rulings"]`).Text(), "SISTER  ngozi"); n == 0 {
		t.Error("who undoes it does not see what was typed")
	}
}

func TestPeopleAndFilesAreDecidedAsAWhole(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	people, files := link.DeskRedactionPart(string(r.Ref), "people"), link.DeskRedactionPart(string(r.Ref), "files")
	_, doc := w.get(people)
	if got := doc.Find(`[data-test="people"]`).Text(); !strings.Contains(got, "Gareth Price") || !strings.Contains(got, "Contact 1") {
		t.Errorf("the people are %q", got)
	}
	rec, _ := w.post(people, asShown(b.caseNow(r), "who", "token-Ngozi", "act", "hide")...)
	code(t, rec, http.StatusUnprocessableEntity)
	rec, _ = w.post(people, asShown(b.caseNow(r), "who", "token-Nobody", "act", "hide", "why", "rights")...)
	code(t, rec, http.StatusConflict)
	rec, _ = w.post(people, asShown(b.caseNow(r), "who", "token-Ngozi", "act", "hide", "why", "rights")...)
	goes(t, rec, people)
	if c := b.caseNow(r); c.Open() != 1 {
		t.Errorf("%d open", c.Open())
	}
	rec, _ = w.post(files, asShown(b.caseNow(r), "place", "attachments/1/a", "act", "keep", "why", "own")...)
	goes(t, rec, files)
	_, doc = w.get(files)
	if got := doc.Find(`[data-test="files"] tbody td`).Eq(2).Text(); !strings.Contains(got, lang.In(b.staff[staff.Officer].Lang, "redaction.file.kept")) {
		t.Errorf("the file is %q", got)
	}
}

func TestWhatIsLeftIsHiddenAtOnce(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	people := link.DeskRedactionPart(string(r.Ref), "people")
	_, doc := w.get(link.DeskRedaction(string(r.Ref)))
	if doc.Find(`[data-test="hide-rest"]`).Length() != 1 {
		t.Error("the list does not offer it")
	}
	rec, _ := w.post(people, asShown(b.caseNow(r), "who", privacy.Everybody, "act", "keep", "why", "rights")...)
	code(t, rec, http.StatusConflict)
	rec, _ = w.post(link.DeskTalk(string(r.Ref), 1, 1, false), asShown(b.caseNow(r), "page", "1", "go", "rest", "why", "rights")...)
	goes(t, rec, link.DeskTalk(string(r.Ref), 1, 1, false))
	c := b.caseNow(r)
	if c.Open() != 0 || len(c.Redaction.Rulings) != 1 || c.Redaction.Rulings[0].Settled != 2 {
		t.Errorf("%d open after %+v", c.Open(), c.Redaction.Rulings)
	}
	rec, _ = w.post(link.DeskRedactionPart(string(r.Ref), "finish"), asShown(c)...)
	goes(t, rec, link.DeskTab(string(r.Ref), "data"))
}

func TestAFinishedReviewIsMadeAgainAndProposed(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, w := b.reviewing()
	ref := string(r.Ref)
	for _, who := range []string{"token-Ngozi", "token-Kofi"} {
		rec, _ := w.post(link.DeskRedactionPart(ref, "people"), asShown(b.caseNow(r), "who", who, "act", "hide", "why", "rights")...)
		goes(t, rec, link.DeskRedactionPart(ref, "people"))
	}
	rec, _ := w.post(link.DeskTab(ref, "propose"), "hash", b.caseNow(r).Proposal.Hash)
	code(t, rec, http.StatusConflict)
	rec, _ = w.post(link.DeskRedactionPart(ref, "finish"), asShown(b.caseNow(r))...)
	goes(t, rec, link.DeskTab(ref, "data"))
	if s := b.state(r); s != privacy.Discovering {
		t.Fatalf("state %s", s)
	}
	again := story()
	for i := range again {
		for j := range again[i].marks {
			again[i].marks[j].Sure = true
		}
	}
	b.ruled, b.finds = 2, b.sheet(again)
	b.discover(r)
	c := b.caseNow(r)
	if !c.Fresh() || c.Proposal.Undecided != 0 {
		t.Fatalf("fresh %v, %d undecided", c.Fresh(), c.Proposal.Undecided)
	}
	rec, _ = w.post(link.DeskRedactionPart(ref, "finish"), asShown(c)...)
	code(t, rec, http.StatusConflict)
	rec, _ = w.post(link.DeskTab(ref, "propose"), "hash", c.Proposal.Hash)
	goes(t, rec, link.DeskCase(ref))
	_, doc := w.get(link.DeskTalk(ref, 1, 1, false))
	if doc.Find(`[data-test="save"]`).Length() != 0 {
		t.Error("what waits for the second person can still be changed")
	}
}

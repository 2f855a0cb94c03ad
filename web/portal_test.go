package web_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

// toCheck fills in the form up to "Check your answers".
func toCheck(t *testing.T, b *webtest.Browser, kind privacy.Kind) *webtest.Page {
	t.Helper()
	p := b.Get(link.RequestRight)
	p = b.PostForm(link.RequestRight, p.Fill("kind", string(kind))).Is(200, link.RequestYou)
	p = b.PostForm(link.RequestYou, p.Fill("relation", "recipient", "business", "Baobab Deliveries")).Is(200, link.RequestDetails)
	p = b.PostForm(link.RequestDetails, p.Fill("name", "Ada Lovelace", "email", "ada@example.com", "phone", "+44 7700 900184", "country", "GB")).Is(200, link.RequestScope)
	return b.PostForm(link.RequestScope, p.Fill("from", "January 2026", "details", "All of it")).Is(200, link.RequestCheck)
}

// confirmed makes a request, confirms it and gives the browser that may see it.
func confirmed(t *testing.T, s *webtest.Site, kind privacy.Kind) (*webtest.Browser, privacy.Request) {
	t.Helper()
	b := s.Browser()
	p := toCheck(t, b, kind)
	b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	r := s.Latest()
	b.Post(link.Confirm(s.Link(privacy.LinkConfirm, r.ID)), "act", "confirm").Is(200, link.MyRequest(string(r.Ref))+"?done=confirmed")
	return b, s.Latest()
}

func TestFormFromTheFirstPageToTheLetter(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	p := toCheck(t, b, privacy.Access)
	if got := p.Find("dl.summary").Text(); !strings.Contains(got, "Baobab Deliveries") || !strings.Contains(got, "Since 1 January 2026") {
		t.Errorf("the answers to check are %q", got)
	}
	if p.Find(`[data-test="due"]`).Text() == "" {
		t.Error("no date by which we answer")
	}
	p = b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	if p.Find(`[data-test="sent-to"]`).Text() != "ada@example.com" {
		t.Errorf("sent to %q", p.Find(`[data-test="sent-to"]`).Text())
	}
	r := s.Latest()
	if r.State != privacy.Received || r.Answers.From != "2026-01-01" || r.Phone != "+447700900184" {
		t.Errorf("request is %+v", r)
	}
	if n := s.Count("SELECT count(*) FROM letters WHERE request_id IS NOT NULL"); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

func TestFormSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", privacy.MaxDetails+1)
	for _, tt := range []struct {
		name, path string
		fields     []string
		wrong      string // field
		kept       string // what must stand in the page still
	}{
		{"nothing chosen", link.RequestRight, nil, "kind", ""},
		{"no relation", link.RequestYou, nil, "relation", ""},
		{"an organisation without a name", link.RequestYou, []string{"relation", "organization", "organization", " "}, "organization", ""},
		{"no name", link.RequestDetails, []string{"name", "", "email", "ada@example.com", "country", "GB"}, "name", "ada@example.com"},
		{"a broken address", link.RequestDetails, []string{"name", "Ada", "email", "ada@", "country", "GB"}, "email", "ada@"},
		{"a broken number", link.RequestDetails, []string{"name", "Ada", "email", "ada@example.com", "country", "GB", "phone", "12"}, "phone", "ada@example.com"},
		{"no country", link.RequestDetails, []string{"name", "Ada", "email", "ada@example.com", "country", ""}, "country", "ada@example.com"},
		{"a day that is none", link.RequestScope, []string{"from", "31 June 2026", "details", "note"}, "from", "31 June 2026"},
		{"an end before the start", link.RequestScope, []string{"from", "2026", "until", "2025"}, "until", "31 December 2025"},
		{"too long a text", link.RequestScope, []string{"details", long}, "details", long},
		{"not said to be correct", link.RequestCheck, nil, "correct", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := webtest.New(t).Browser()
			toCheck(t, b, privacy.Access)
			p := b.Get(tt.path)
			if tt.path == link.RequestRight || tt.path == link.RequestYou {
				b.Forget() // nothing is chosen on these pages only before the first answer
				p = b.Get(link.RequestRight)
				if tt.path == link.RequestYou {
					p = b.PostForm(link.RequestRight, p.Fill("kind", "access"))
				}
			}
			p = b.PostForm(tt.path, p.Fill(tt.fields...)).Is(422, tt.path)
			if p.Find(`#errors a[href="#`+tt.wrong+`"]`).Length() != 1 || p.Find("#"+tt.wrong+"-e").Length() != 1 {
				t.Errorf("%s is not pointed out: %s", tt.wrong, p.Find("#errors").Text())
			}
			if !strings.HasPrefix(p.Find("title").Text(), "Error: ") {
				t.Errorf("title is %q", p.Find("title").Text())
			}
			typed := p.Find("input, textarea").Map(func(_ int, f *goquery.Selection) string { return f.AttrOr("value", "") + f.Text() })
			if tt.kept != "" && !slices.Contains(typed, tt.kept) {
				t.Errorf("%.40q is lost", tt.kept)
			}
		})
	}
}

func TestCorrectionAsksForPairs(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	p := b.Get(link.RequestRight)
	p = b.PostForm(link.RequestRight, p.Fill("kind", "correction"))
	p = b.PostForm(link.RequestYou, p.Fill("relation", "visitor"))
	p = b.PostForm(link.RequestDetails, p.Fill("name", "Ada", "email", "ada@example.com", "country", "DE"))
	p = b.PostForm(link.RequestScope, p.Fill()).Is(422, link.RequestScope)
	p = b.PostForm(link.RequestScope, p.Fill("wrong-0", "Lovelase", "right-0", "Lovelace", "more", "1")).Is(200, link.RequestScope)
	if p.Find("#wrong-1").Length() != 1 || p.Find("#wrong-0").AttrOr("value", "") != "Lovelase" {
		t.Fatal("no second pair, or the first is lost")
	}
	p = b.PostForm(link.RequestScope, p.Fill("wrong-1", "a", "right-1", "b")).Is(200, link.RequestCheck)
	b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	if got := s.Latest().Answers.Corrections; len(got) != 2 || got[1] != (privacy.CorrectionPair{Wrong: "a", Right: "b"}) {
		t.Errorf("corrections are %v", got)
	}
}

func TestAnotherRightAsksAnewWhatExactly(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	toCheck(t, b, privacy.Access)
	for _, way := range []string{link.RequestRight, link.RequestRight + "?kind=correction"} {
		p := b.Get(way)
		p = b.PostForm(link.RequestRight, p.Fill("kind", "correction")).Is(200, link.RequestYou)
		b.Get(link.RequestCheck).Is(200, link.RequestScope)
		p = b.PostForm(link.RequestYou, p.Fill()).Is(200, link.RequestDetails)
		p = b.PostForm(link.RequestDetails, p.Fill()).Is(200, link.RequestScope)
		b.PostForm(link.RequestScope, p.Fill("wrong-0", "a", "right-0", "b")).Is(200, link.RequestCheck)
		p = b.Get(link.RequestRight)
		b.PostForm(link.RequestRight, p.Fill("kind", "portability"))
	}
	p := b.Get(link.RequestScope)
	p = b.PostForm(link.RequestScope, p.Fill()).Is(200, link.RequestCheck)
	if got := p.Find("dl.summary").Text(); strings.Contains(got, "a → b") {
		t.Errorf("what was to be corrected is carried along: %q", got)
	}
}

func TestStepsCannotBeSkipped(t *testing.T) {
	t.Parallel()
	b := webtest.New(t).Browser()
	b.Get(link.RequestScope).Is(200, link.RequestRight)
	b.Get(link.RequestCheck).Is(200, link.RequestRight)
	b.Get(link.RequestSent).Is(200, link.Home)
	b.Get("/request/nonsense").Is(404, "/request/nonsense")
}

func TestDoubleClickMakesOneRequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	send := toCheck(t, b, privacy.Access).Fill("correct", "yes")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if p := b.PostForm(link.RequestCheck, send); p.Status != 200 || p.Path != link.RequestSent {
				t.Errorf("got %d %s", p.Status, p.Path)
			}
		})
	}
	wg.Wait()
	if n := s.Count("SELECT count(*) FROM requests"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestAnEndedSessionLosesNoAnswer(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	toCheck(t, b, privacy.Access)
	p := b.Get(link.RequestScope)
	b.Forget()
	p = b.PostForm(link.RequestScope, p.Fill("details", "typed at last")).Is(200, link.RequestCheck)
	b.Forget()
	b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	if a := s.Latest().Answers; a.Name != "Ada Lovelace" || a.Details != "typed at last" {
		t.Errorf("answers are %+v", a)
	}
}

func TestAFormOpenTooLongIsShownAgain(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	toCheck(t, b, privacy.Access)
	p := b.Get(link.RequestDetails)
	b.Forget()
	s.Wait(13 * time.Hour)
	p = b.PostForm(link.RequestDetails, p.Fill("name", "Augusta Ada King"))
	if p.Status != 419 || p.Find("#name").AttrOr("value", "") != "Augusta Ada King" || !strings.Contains(p.Find(".note").Text(), "open for a long time") {
		t.Fatalf("got %d: %s", p.Status, p.Find("main").Text())
	}
	p = b.PostForm(link.RequestDetails, p.Fill()).Is(200, link.RequestCheck)
	if !strings.Contains(p.Find("dl.summary").Text(), "Augusta Ada King") {
		t.Error("the name is lost")
	}
}

func TestTwoTabsAreTwoDrafts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	first := toCheck(t, b, privacy.Access)
	p := b.Get(link.RequestRight + "?kind=deletion") // a second tab, from the home page
	p = b.PostForm(link.RequestRight, p.Fill())
	b.PostForm(link.RequestCheck, first.Fill("correct", "yes")).Is(200, link.RequestSent)
	if r := s.Latest(); r.Kind != privacy.Access {
		t.Errorf("the first tab sent %s", r.Kind)
	}
	if p.Status != 200 {
		t.Errorf("the second tab got %d", p.Status)
	}
}

func TestGoingBackAfterSendingMakesANewRequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	b.PostForm(link.RequestCheck, toCheck(t, b, privacy.Access).Fill("correct", "yes")).Is(200, link.RequestSent)
	b.Get(link.RequestCheck).Is(200, link.RequestSent)
	p := b.Get(link.RequestDetails)
	p = b.PostForm(link.RequestDetails, p.Fill("email", "other@example.com")).Is(200, link.RequestCheck)
	b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	if n := s.Count("SELECT count(*) FROM requests"); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if r := s.Latest(); r.Email != "other@example.com" {
		t.Errorf("the second request is of %q", r.Email)
	}
}

func TestSentPageResendsThreeTimes(t *testing.T) {
	t.Parallel()
	b := webtest.New(t).Browser()
	b.PostForm(link.RequestCheck, toCheck(t, b, privacy.Access).Fill("correct", "yes"))
	for range 3 {
		b.Post(link.RequestSent).Is(200, link.RequestSent+"?again=1")
	}
	if p := b.Post(link.RequestSent); p.Status != 429 || p.H1() != "Check your email" {
		t.Errorf("the fourth gave %d %q", p.Status, p.H1())
	}
}

func TestMailedLinkActsOnlyByItsButton(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	b.PostForm(link.RequestCheck, toCheck(t, b, privacy.Access).Fill("correct", "yes"))
	r := s.Latest()
	page := link.Confirm(s.Link(privacy.LinkConfirm, r.ID))
	scanner := s.Browser()
	for range 3 {
		if p := scanner.Get(page).Is(200, page); p.H1() != "Confirm your request" || strings.Contains(p.Body, "7700") {
			t.Fatalf("%q, or it tells the number", p.H1())
		}
	}
	if s.Latest().State != privacy.Received {
		t.Fatal("a look confirmed the request")
	}
	phone := s.Browser() // another device than the one the form was filled in on
	phone.Post(page, "act", "confirm").Is(200, link.MyRequest(string(r.Ref))+"?done=confirmed")
	if s.Latest().State != privacy.Verified {
		t.Fatal("the button did not confirm it")
	}
	if p := s.Browser().Post(page, "act", "confirm"); p.Status != 410 || p.H1() != "Your request is confirmed" {
		t.Errorf("the second press got %d %q", p.Status, p.H1())
	}
	if p := s.Browser().Post(page, "act", "renew"); p.Status != 200 || strings.Contains(p.Find("main").Text(), "ada@") {
		t.Errorf("renewing gave %d, or it tells the address", p.Status)
	}
}

func TestDisowningForgetsTheRequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	b.PostForm(link.RequestCheck, toCheck(t, b, privacy.Deletion).Fill("correct", "yes"))
	page := link.Confirm(s.Link(privacy.LinkConfirm, s.Latest().ID))
	if p := s.Browser().Post(page, "act", "disown"); p.Status != 200 {
		t.Fatalf("got %d", p.Status)
	}
	if r := s.Latest(); r.State != privacy.Lapsed || r.Name != "" {
		t.Errorf("left: %s %q", r.State, r.Name)
	}
	if p := s.Browser().Get(page); p.Status != 410 || p.Find("main form").Length() != 0 {
		t.Errorf("the link now gives %d", p.Status)
	}
}

func TestUnknownLinksAreNotFound(t *testing.T) {
	t.Parallel()
	b := webtest.New(t).Browser()
	b.Get("/confirm/nonsense").Is(404, "/confirm/nonsense")
	b.Post("/confirm/nonsense", "act", "confirm").Is(404, "/confirm/nonsense")
}

func TestKnownAndUnknownAddressesLookTheSame(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	confirmed(t, s, privacy.Access)
	known := s.Browser().Post(link.My, "email", "ada@example.com")
	unknown := s.Browser().Post(link.My, "email", "eve@example.com")
	if known.Status != unknown.Status || strings.ReplaceAll(known.Body, "ada@", "eve@") != unknown.Body {
		t.Error("the pages differ")
	}
	if p := s.Browser().Post(link.My, "email", "eve"); p.Status != 422 || p.Find("#email").AttrOr("value", "") != "eve" {
		t.Errorf("a broken address gave %d", p.Status)
	}
}

func TestProvingTheAddressLeadsToTheWantedPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, r := confirmed(t, s, privacy.Access)
	b := s.Browser()
	mine := link.MyRequest(string(r.Ref))
	if p := b.Get(mine).Is(200, link.My); p.Find(`[data-test="wanted"]`).Length() != 1 {
		t.Error("the page does not say why")
	}
	b.Post(link.Confirm(s.Link(privacy.LinkMine, r.ID)), "act", "confirm").Is(200, mine)
	b.Get(link.My).Is(200, link.My)
	b.Post(link.SignOut).Is(200, link.Home)
	b.Get(mine).Is(200, link.My)
}

func TestSomebodyElsesRequestIsNotFound(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, r := confirmed(t, s, privacy.Access)
	eve := s.Browser()
	toCheck(t, eve, privacy.Access)
	p := eve.Get(link.RequestDetails)
	p = eve.PostForm(link.RequestDetails, p.Fill("email", "eve@example.com"))
	eve.PostForm(link.RequestCheck, p.Fill("correct", "yes"))
	eve.Post(link.Confirm(s.Link(privacy.LinkConfirm, s.Latest().ID)), "act", "confirm")
	mine := link.MyRequest(string(r.Ref))
	for _, path := range []string{mine, mine + "/withdraw", mine + "/delete", mine + "/data", mine + "/data/grant"} {
		eve.Get(path).Is(404, path)
	}
	for _, path := range []string{mine + "/messages", mine + "/withdraw", mine + "/delete", mine + "/data"} {
		eve.Post(path, "body", "hello", "act", "download").Is(404, path)
	}
}

func TestMessagesToStaff(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	page := link.MyAction(string(r.Ref), "messages")
	p := b.Post(page, "body", "Hello <b>there</b>").Is(200, link.MyRequest(string(r.Ref))+"?done=message")
	if got := p.Find(".thread").Text(); !strings.Contains(got, "Hello <b>there</b>") {
		t.Errorf("thread is %q", got)
	}
	if p = b.Post(page, "body", " "); p.Status != 422 || p.Find("#body-e").Length() != 1 {
		t.Errorf("an empty one gave %d", p.Status)
	}
	b.Forget()
	if p = b.Post(page, "body", "written for an hour"); p.Status != 419 || p.Find("#body").Text() != "written for an hour" {
		t.Errorf("without a session: %d, %q", p.Status, p.Find("#body").Text())
	}
}

func TestWithdrawing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	page := link.MyAction(string(r.Ref), "withdraw")
	b.Get(page).Is(200, page)
	b.Post(page).Is(200, link.MyRequest(string(r.Ref))+"?done=withdrawn")
	if got := s.Latest(); got.State != privacy.Closed || got.Outcome != privacy.Withdrawn {
		t.Errorf("state is %s %s", got.State, got.Outcome)
	}
	b.Get(page).Is(200, link.MyRequest(string(r.Ref)))
}

// stage plays staff and worker up to a plan or package that waits for approval.
func stage(t *testing.T, s *webtest.Site, r privacy.Request, d privacy.Discovery) string {
	t.Helper()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	do(s.Server.Office.Search(ctx, s.Agent, r.ID))
	l, err := s.Worker.TakeWork(ctx, r.ID)
	do(err)
	err = s.Worker.RecordDiscovery(ctx, l, d)
	do(err)
	do(s.Worker.ReleaseWork(ctx, l, 0))
	do(s.Server.Office.Propose(ctx, s.Agent, r.ID, d.Hash(), "all found"))
	return d.Hash()
}

func TestDeletionIsConfirmedAsShown(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Deletion)
	mine, page := link.MyRequest(string(r.Ref)), link.MyAction(string(r.Ref), "delete")
	b.Get(page).Is(200, mine) // nothing to confirm yet
	hash := stage(t, s, r, privacy.Discovery{ID: uuid.New(), Plan: datamap.Plan{Kind: "deletion", Hash: strings.Repeat("ab", 32), Steps: []datamap.Step{
		{Seq: 1, Table: "messages", Category: "messages", Action: datamap.Delete, Rows: 7},
		{Seq: 2, Table: "invoices", Category: "account", Action: datamap.Keep, Rows: 1, Ground: "tax", Until: "2036-12-31", Reason: datamap.Text{"en": "Tax law"}}}}})
	if b.Get(mine).Find(`[data-test="phase-confirm"]`).Length() != 1 {
		t.Fatal("the request's page does not ask for it")
	}
	p := b.Get(page).Is(200, page)
	if got := p.Find(`[data-test="plan-stays"]`).Text(); !strings.Contains(got, "Tax law") || !strings.Contains(got, "31 December 2036") {
		t.Errorf("what stays: %q", got)
	}
	if got := p.Fill().Get("plan"); got != hash {
		t.Errorf("the form is bound to %q, want %q", got, hash)
	}
	if p := b.Post(page, "plan", strings.Repeat("00", 32)); p.Status != 409 {
		t.Errorf("another plan gave %d", p.Status)
	}
	p = b.PostForm(page, p.Fill()).Is(200, mine+"?done=deletion")
	if p.Find(`[data-test="phase-confirmed"]`).Length() != 1 {
		t.Error("the page does not say that it is confirmed")
	}
	if err := s.Server.Office.Approve(t.Context(), s.Second, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if p = b.Get(mine); p.Find(`[data-test="countdown"]`).Text() == "" {
		t.Error("no countdown")
	}
	b.Post(link.MyAction(string(r.Ref), "withdraw")).Is(200, mine+"?done=withdrawn")
}

// ready makes a request whose package waits, and gives the package's bytes.
func ready(t *testing.T, s *webtest.Site) (*webtest.Browser, privacy.Request, []byte) {
	t.Helper()
	b, r, parts := waiting(t, s, 1)
	return b, r, parts[0]
}

// waiting is ready for a package in so many parts.
func waiting(t *testing.T, s *webtest.Site, parts int) (*webtest.Browser, privacy.Request, [][]byte) {
	t.Helper()
	b, r := confirmed(t, s, privacy.Access)
	d := privacy.Discovery{ID: uuid.New(),
		Plan: datamap.Plan{Kind: "access", Hash: strings.Repeat("ab", 32), Steps: []datamap.Step{{Seq: 1, Table: "messages", Category: "messages", Action: datamap.Export, Rows: 7}}}}
	var bodies [][]byte
	for n := 1; n <= parts; n++ {
		body := bytes.Repeat(fmt.Appendf(nil, "not really ZIP file %d. ", n), 20_000)
		a, err := s.Vault.Create(t.Context(), uuid.New(), func(w io.Writer) error { _, err := w.Write(body); return err })
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
		d.Package = append(d.Package, export.Part{Artifact: a, Manifest: export.Manifest{Part: n, Last: n == parts, Ref: string(r.Ref), Made: s.Now(), Rows: 7,
			Files: []export.Entry{{Name: "json/messages.json", Category: "messages", Rows: 7, Size: 9}}}})
	}
	hash := stage(t, s, r, d)
	if err := s.Server.Office.Approve(t.Context(), s.Second, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	l, err := s.Worker.TakeWork(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Worker.BeginExecution(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	mine := link.MyRequest(string(r.Ref))
	if got := b.Get(mine + "?done=message").Header.Get("Refresh"); got != "5; url="+mine {
		t.Errorf("while it runs the page refreshes as %q", got)
	}
	if p := b.Get(mine + "?still=1"); p.Header.Get("Refresh") != "" || p.Find("#body").Length() != 1 {
		t.Error("the page cannot be held still to write a message")
	}
	if err := s.Worker.Deliver(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return b, r, bodies
}

func TestDownload(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r, body := ready(t, s)
	page := link.MyData(string(r.Ref))
	p := b.Get(page).Is(200, page)
	if p.Find(`[data-test="download"]`).Length() != 1 || !strings.Contains(p.Find(`[data-test="downloads-left"]`).Text(), "5") {
		t.Fatalf("page is %s", p.Find("main").Text())
	}
	p = b.Post(page, "act", "download")
	if p.Status != 200 || p.Body != string(body) {
		t.Fatalf("got %d and %d bytes, want 200 and %d", p.Status, len(p.Body), len(body))
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/zip",
		"Cross-Origin-Resource-Policy": "same-origin", "Content-Disposition": `attachment; filename="` + string(r.Ref) + `.zip"`} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	file := p.Path
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=100000-100099")
	req.Header.Set("If-Range", p.Header.Get("ETag"))
	if p := b.Do(req); p.Status != http.StatusPartialContent || p.Body != string(body[100000:100100]) {
		t.Errorf("a resumed download got %d and %d bytes", p.Status, len(p.Body))
	}
	if got := b.Get(page).Find(`[data-test="downloads-left"]`).Text(); !strings.Contains(got, "4") {
		t.Errorf("after one download: %q", got)
	}
	s.Browser().Get(file).Is(403, file) // the address alone is worth nothing
}

func TestDownloadInParts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r, bodies := waiting(t, s, 3)
	page := link.MyData(string(r.Ref))
	p := b.Get(page).Is(200, page)
	if n := p.Find(`[data-test="parts"] li`).Length(); n != 3 {
		t.Fatalf("%d parts on the page: %s", n, p.Find("main").Text())
	}
	for i, body := range bodies {
		part := strconv.Itoa(i + 1)
		p := b.Post(page, "act", "download", "part", part)
		if p.Status != 200 || p.Body != string(body) {
			t.Fatalf("part %s: got %d and %d bytes", part, p.Status, len(p.Body))
		}
		if got, want := p.Header.Get("Content-Disposition"), `attachment; filename="`+string(r.Ref)+`-part-`+part+`-of-3.zip"`; got != want {
			t.Errorf("%s, not %s", got, want)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+p.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", "bytes=100000-100099")
		req.Header.Set("If-Range", p.Header.Get("ETag"))
		if p := b.Do(req); p.Status != http.StatusPartialContent || p.Body != string(body[100000:100100]) {
			t.Errorf("part %s resumed: %d and %d bytes", part, p.Status, len(p.Body))
		}
	}
	for range 4 {
		if p := b.Post(page, "act", "download", "part", "2"); p.Status != 200 {
			t.Fatalf("got %d", p.Status)
		}
	}
	p = b.Get(page)
	if p.Find(`[data-test="download-2"]`).Length() != 0 || p.Find(`[data-test="download-1"]`).Length() != 1 {
		t.Error("what is used up is still offered, or what is not is gone")
	}
	if p := b.Post(page, "act", "download", "part", "2"); p.Status != 410 && p.Status != 403 {
		t.Errorf("a part that is used up answers %d", p.Status)
	}
	if p := b.Post(page, "act", "download", "part", "9"); p.Status != 410 && p.Status != 403 {
		t.Errorf("a part that is not there answers %d", p.Status)
	}
	if n := s.Count("SELECT used FROM deliveries"); n != 1 {
		t.Errorf("%d downloads of the whole", n)
	}
}

func TestDownloadWantsAFreshProof(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r, _ := ready(t, s)
	page := link.MyData(string(r.Ref))
	s.Wait(16 * time.Minute)
	if p := b.Get(page); p.Find(`[data-test="proof-needed"]`).Length() != 1 || p.Find(`[data-test="download"]`).Length() != 0 {
		t.Fatal("an old proof is good enough")
	}
	b.Post(page, "act", "download").Is(200, page)
	if n := s.Count("SELECT used FROM deliveries"); n != 0 {
		t.Errorf("%d downloads were counted", n)
	}
	b.Post(page, "act", "prove").Is(200, page)
	p := b.Post(link.Confirm(s.Link(privacy.LinkMine, r.ID)), "act", "confirm").Is(200, page)
	if p.Find(`[data-test="download"]`).Length() != 1 {
		t.Error("a fresh proof does not open it")
	}
}

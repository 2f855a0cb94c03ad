package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

// raw asks as a program would: no redirects, any header, any cookie.
func raw(t *testing.T, s *webtest.Site, method, path string, form url.Values, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.URL)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// sessionOf is the Cookie header that a browser sends.
func sessionOf(t *testing.T, s *webtest.Site, b *webtest.Browser) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Cookies(u) {
		if c.Name == s.Server.Sessions.Name() {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

func TestBytesThatAreNoTextAreNoTrouble(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	known, _ := confirmed(t, s, privacy.Access)
	for _, bad := range []string{"%00", "%ff", "CS-AAAA-AAA%00", "%ed%a0%80"} {
		for _, path := range []string{"/my/" + bad, "/my/" + bad + "/data", "/my/" + bad + "/data/" + bad, "/my/" + bad + "/withdraw", "/my/" + bad + "/delete",
			"/confirm/" + bad, "/desk/sign-in/" + bad, "/request/" + bad, "/privacy/" + bad, "/complaint?country=" + bad, "/desk/" + bad, "/request/right?kind=" + bad} {
			if p := known.Get(path); p.Status >= 500 {
				t.Errorf("GET %s gives %d", path, p.Status)
			}
		}
		for _, path := range []string{"/my/" + bad + "/messages", "/my/" + bad + "/withdraw", "/my/" + bad + "/delete", "/my/" + bad + "/data", "/confirm/" + bad, "/desk/sign-in/" + bad} {
			if p := known.Post(path, "act", "confirm", "body", "a\x00b\xff", "plan", "\x00"); p.Status >= 500 {
				t.Errorf("POST %s gives %d", path, p.Status)
			}
		}
	}
	for _, path := range []string{link.My, link.DeskSignIn, link.RequestDetails, link.RequestRight, link.Language} {
		if p := known.Post(path, "email", "a\x00\xff@example.com", "name", "\x00\xff", "kind", "\xff", "back", "/\x00", "lang", "\xff", "draft", "\xff"); p.Status >= 500 {
			t.Errorf("POST %s gives %d", path, p.Status)
		}
	}
}

func TestTooMuchInOneFieldIsNoTrouble(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	toCheck(t, b, privacy.Access)
	for _, c := range []string{"<", "\xff", "a"} { // what grows when it is written as JSON, and what does not
		much := strings.Repeat(c, 80_000)
		for path, fields := range map[string][]string{
			link.RequestScope: {"details", "categories", "from"}, link.RequestDetails: {"name", "email", "phone", "country"},
			link.RequestYou: {"business", "organization", "relation"}, link.RequestRight: {"kind", "draft"},
			link.My: {"email"}, link.Language: {"back", "lang", "theme"}, link.DeskSignIn: {"email", "back"},
		} {
			for _, f := range fields {
				v := url.Values{"email": {"agent@desk.example"}}
				v.Set(f, much)
				if f == "back" {
					v.Set(f, link.Desk+"/"+much)
				}
				if p := b.PostForm(path, v); p.Status >= 500 {
					t.Errorf("%d bytes %q in %s of %s give %d", len(much), c, f, path, p.Status)
				}
			}
		}
	}
}

func TestALinkOpensItsOwnDoorAndNoOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, r, _ := ready(t, s)
	for _, tt := range []struct {
		what, path string
	}{
		{"a link of staff at the person's door", link.Confirm(s.Link("staff_sign_in", s.Second.ID))},
		{"an invitation at the person's door", link.Confirm(s.Link("staff_invite", s.Second.ID))},
		{"a download at the person's door", link.Confirm(s.Link("download", r.ID))},
		{"a person's link at the desk", link.DeskLink(s.Link(privacy.LinkMine, r.ID))},
		{"a confirmation at the desk", link.DeskLink(s.Link(privacy.LinkConfirm, s.Agent.ID))},
		{"a download at the desk", link.DeskLink(s.Link("download", s.Agent.ID))},
	} {
		b := s.Browser()
		if p := b.Get(tt.path); p.Status < 400 {
			t.Errorf("%s: its page gives %d", tt.what, p.Status)
		}
		for _, act := range []string{"confirm", "renew", "disown"} {
			if p := b.Post(tt.path, "act", act); p.Status < 400 {
				t.Errorf("%s: %s gives %d", tt.what, act, p.Status)
			}
		}
		if p := b.Get(link.My); p.Find("form[action='"+link.My+"']").Length() == 0 {
			t.Errorf("%s: somebody is signed in", tt.what)
		}
		if p := b.Get(link.Desk); !strings.HasPrefix(p.Path, link.DeskSignIn) {
			t.Errorf("%s: the desk is open at %s", tt.what, p.Path)
		}
	}
}

func TestASecretFromBeforeTheSignInIsWorthNothingAfter(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, r := confirmed(t, s, privacy.Access)
	b := s.Browser()
	toCheck(t, b, privacy.Deletion) // has a session, as one that was planted would be
	planted := sessionOf(t, s, b)
	b.Post(link.Confirm(s.Link(privacy.LinkMine, r.ID)), "act", "confirm")
	after := sessionOf(t, s, b)
	if planted == "" || after == "" || planted == after {
		t.Fatalf("the secret was %q and is %q", planted, after)
	}
	mine := link.MyRequest(string(r.Ref))
	if res := raw(t, s, "GET", mine, nil, "Cookie", planted); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the old secret opens the request: %d", res.StatusCode)
	}
	if res := raw(t, s, "GET", mine, nil, "Cookie", after); res.StatusCode != http.StatusOK {
		t.Fatalf("the new secret does not: %d", res.StatusCode)
	}
	b.Post(link.SignOut)
	if res := raw(t, s, "GET", mine, nil, "Cookie", after); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a copy of the cookie outlives the sign-out: %d", res.StatusCode)
	}
}

func TestAGrantIsForOneRequestOfOnePersonWhoIsThere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, first, _ := ready(t, s)
	grant, err := s.Server.Office.OpenDelivery(t.Context(), first.Email, first.Ref, 1)
	if err != nil {
		t.Fatal(err)
	}
	own := link.MyFile(string(first.Ref), grant)
	if p := b.Get(own); p.Status != http.StatusOK {
		t.Fatalf("the grant itself gives %d", p.Status)
	}
	_, second := confirmed(t, s, privacy.Access)
	if p := b.Get(link.MyFile(string(second.Ref), grant)); p.Status != http.StatusGone {
		t.Errorf("at another request of the same person: %d, want 410", p.Status)
	}
	if p := b.Get(link.MyFile(string(first.Ref), s.Link(privacy.LinkMine, first.ID))); p.Status != http.StatusGone {
		t.Errorf("another kind of link: %d, want 410", p.Status)
	}
	if p := b.Get(own + "%00"); p.Status >= 500 || p.Status == http.StatusOK {
		t.Errorf("with a zero byte: %d", p.Status)
	}
	over := raw(t, s, "GET", own, nil, "Cookie", sessionOf(t, s, b), "Range", "bytes=999999999-")
	if over.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range over the end: %d, want 416", over.StatusCode)
	}
	for _, many := range []string{"bytes=0-0," + strings.Repeat("0-0,", 2000) + "1-1", "bytes=-999999999999", "bytes=5-2", "lines=1-2", "bytes=9223372036854775807-"} {
		if res := raw(t, s, "GET", own, nil, "Cookie", sessionOf(t, s, b), "Range", many); res.StatusCode >= 500 {
			t.Errorf("range %.20s: %d", many, res.StatusCode)
		}
	}
	b.Post(link.SignOut)
	if p := b.Get(own); p.Status != http.StatusForbidden {
		t.Errorf("after the sign-out: %d, want 403", p.Status)
	}
}

func TestPersonalPagesAreNotKept(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r, _ := ready(t, s)
	for _, path := range []string{link.My, link.MyRequest(string(r.Ref)), link.MyData(string(r.Ref)), link.RequestRight, link.RequestDetails,
		link.Confirm(s.Link(privacy.LinkMine, r.ID)), link.DeskSignIn, link.DeskLink("nonsense"), "/my/CS-AAAA-AAAA", link.MyFile(string(r.Ref), "nonsense")} {
		if got := b.Get(path).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control is %q", path, got)
		}
	}
}

func TestWeLeadNowhereElse(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, r := confirmed(t, s, privacy.Access)
	for _, to := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "https:evil.example", "javascript:alert(1)", `\/evil.example`,
		"/\t/evil.example", "/\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "/my/\r\nX: y", "/my//evil.example", "/desk?\r\nX: y", "/my/../..//evil.example", "/\x00/evil.example", " //evil.example", "///evil.example"} {
		for _, where := range []*http.Response{
			raw(t, s, "POST", link.Language, url.Values{"lang": {"de"}, "back": {to}}),
			raw(t, s, "POST", link.Language+"?back="+url.QueryEscape(to), url.Values{"lang": {"de"}}),
			raw(t, s, "POST", link.Confirm(s.Link(privacy.LinkMine, r.ID)), url.Values{"act": {"confirm"}}, "Cookie", `next="`+strings.NewReplacer("\r", "", "\n", "", "\x00", "", `\`, `\\`).Replace(to)+`"`),
		} {
			if where.StatusCode == http.StatusNotFound {
				continue // such an address is not even looked at
			}
			got, err := url.Parse(where.Header.Get("Location"))
			if err != nil || where.StatusCode != http.StatusSeeOther || got.Scheme != "" || got.Host != "" || !strings.HasPrefix(got.Path, "/") ||
				strings.HasPrefix(got.Path, "//") || strings.Contains(got.Path, `\`) || where.Header.Get("X") != "" {
				t.Errorf("%q leads to %q (%d, %v)", to, where.Header.Get("Location"), where.StatusCode, err)
			}
			for _, c := range where.Cookies() {
				if c.Name == "a" {
					t.Errorf("%q sets a cookie", to)
				}
			}
		}
	}
}

// TestNothingTypedBecomesMarkup sends the same poison through every field, and
// looks for it on every page that shows one.
func TestNothingTypedBecomesMarkup(t *testing.T) {
	t.Parallel()
	const poison = `'"><img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a>{{7*7}}`
	s := webtest.New(t)
	ctx := t.Context()
	r, err := s.Server.Office.Submit(ctx, privacy.Submission{Kind: privacy.Correction, Relation: privacy.Recipient, Business: poison, Organization: poison, Name: poison,
		Email: "ada'@example.com", Country: "GB", Lang: "en", AllTime: true, Details: poison, Corrections: []privacy.CorrectionPair{{Wrong: poison, Right: poison}}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	pages := []*webtest.Page{b.Get(link.Confirm(s.Link(privacy.LinkConfirm, r.ID)))}
	mine := link.MyRequest(string(r.Ref))
	b.Post(link.Confirm(s.Link(privacy.LinkConfirm, r.ID)), "act", "confirm")
	for _, err := range []error{
		s.Server.Office.WriteToPerson(ctx, s.Agent, r.ID, poison, false),
		s.Server.Office.WriteToPerson(ctx, s.Agent, r.ID, poison+" note", true),
		s.Server.Office.WriteToStaff(ctx, r.Email, r.Ref, poison),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	pages = append(pages, b.Get(mine), b.Post(link.MyAction(string(r.Ref), "messages"), "body", strings.Repeat(poison, 60)),
		s.Browser().Post(link.MyAction(string(r.Ref), "messages"), "body", poison), s.Browser().Post(link.My, "email", poison),
		s.Browser().Post(link.DeskSignIn, "email", poison, "back", "/desk/"+poison), s.Browser().Get(link.DeskSignIn+"?back="+url.QueryEscape("/desk/"+poison)),
		s.Browser().Get(link.Complaint+"?country="+url.QueryEscape(poison)), s.Browser().Get("/"+url.PathEscape(poison)), b.Get("/my/"+url.PathEscape(poison)))
	form := s.Browser()
	toCheck(t, form, privacy.Access)
	for _, path := range []string{link.RequestRight, link.RequestYou, link.RequestDetails, link.RequestScope} {
		pages = append(pages, form.Post(path, "kind", poison, "relation", poison, "business", strings.Repeat(poison, 9), "name", strings.Repeat(poison, 9), "email", poison, "phone", poison,
			"country", poison, "from", poison, "until", poison, "details", poison, "categories", poison, "draft", poison))
	}
	if err := s.Server.Office.Reject(ctx, s.Second, r.ID, "EXCESSIVE", poison); err != nil {
		t.Fatal(err)
	}
	pages = append(pages, b.Get(mine), b.Get(link.My))
	desk := member(t, s, s.Second.ID.String())
	for _, path := range []string{link.Desk + "?view=closed&q=" + url.QueryEscape(poison), link.Desk + "?view=closed", link.DeskCase(string(r.Ref)), link.DeskTab(string(r.Ref), "data"),
		link.DeskTab(string(r.Ref), "messages"), link.DeskTab(string(r.Ref), "audit"), link.DeskTab(string(r.Ref), "decision"), link.DeskDashboard} {
		p := desk.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s gives %d at %s", path, p.Status, p.Path)
		}
		pages = append(pages, p)
	}
	for _, p := range pages {
		p.Find("*").Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", p.Path, goquery.NodeName(e), a.Key, a.Val)
				}
			}
		})
		if p.Find(`img[src="x"]`).Length() > 0 || strings.Contains(p.Find("script").Text(), "alert(") {
			t.Errorf("%s: the poison is markup", p.Path)
		}
	}
}

// member is a browser in which a member of staff is signed in.
func member(t *testing.T, s *webtest.Site, id string) *webtest.Browser {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	ses, err := s.Server.Sessions.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	ses.Values[auth.MemberKey], ses.Values["factor_at"], ses.Values["desk_token"] = id, s.Now().Format(time.RFC3339), "token"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := keeper{http.Header{}}
	if err := s.Server.Sessions.Save(r, w, ses); err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(r.URL, (&http.Response{Header: w.h}).Cookies())
	return s.Browser().With(jar)
}

// keeper is a ResponseWriter of which only the header matters.
type keeper struct{ h http.Header }

func (k keeper) Header() http.Header       { return k.h }
func (keeper) Write(b []byte) (int, error) { return len(b), nil }
func (keeper) WriteHeader(int)             {}

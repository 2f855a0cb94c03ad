package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

func TestNetworkOfAClient(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"203.0.113.77":              "203.0.113.0/24",
		"::ffff:203.0.113.77":       "203.0.113.0/24",
		"2001:db8:1:2:3:4:5:6":      "2001:db8:1:2::/64",
		"fe80::1%eth0":              "fe80::/64",
		"":                          "unknown",
		"203.0.113.77, 203.0.113.1": "unknown",
	} {
		if got := web.Network(ip); got != want {
			t.Errorf("%q is of %s, want %s", ip, got, want)
		}
	}
}

// TestANetworkThatAsksTooMuchHasToWait: a limit per address alone lets one
// machine write to as many addresses as it can think of.
func TestANetworkThatAsksTooMuchHasToWait(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	visitor := s.Browser()
	check := toCheck(t, visitor, privacy.Access).Fill("correct", "yes")
	known, r, _ := ready(t, s)
	data, confirm := link.MyData(string(r.Ref)), link.Confirm(s.Link(privacy.LinkMine, r.ID))
	exhaust := func() {
		t.Helper()
		for _, what := range web.NetworkLimits {
			if err := s.Server.Office.Admit(t.Context(), what, web.Network("127.0.0.1"), auth.Limit{Burst: 2, Per: 100 * time.Hour}); err != nil {
				t.Fatal(err)
			}
		}
	}
	exhaust()
	before := s.Count("SELECT count(*) FROM letters")
	for name, p := range map[string]*webtest.Page{
		"the form":           visitor.PostForm(link.RequestCheck, check),
		"a link to requests": s.Browser().Post(link.My, "email", "eve@example.com"),
		"a fresh proof":      known.Post(data, "act", "prove"),
		"renewing a link":    s.Browser().Post(confirm, "act", "renew"),
		"signing in to desk": s.Browser().Post(link.DeskSignIn, "email", "agent@desk.example"),
		"an unknown at desk": s.Browser().Post(link.DeskSignIn, "email", "nobody@desk.example"),
		"a link to another":  s.Browser().Post(link.My, "email", "ada@example.com"),
	} {
		if p.Status != http.StatusTooManyRequests {
			t.Errorf("%s: got %d, want 429", name, p.Status)
		}
	}
	if n := s.Count("SELECT count(*) FROM letters") - before; n != 0 {
		t.Errorf("%d letters were written all the same", n)
	}
	if p := s.Browser().Post(link.RequestRight, "kind", "access"); p.Status != http.StatusTooManyRequests {
		t.Errorf("another session is kept: %d", p.Status)
	}
	if p := visitor.Post(link.RequestRight, "kind", "access"); p.Status != http.StatusOK {
		t.Errorf("whoever is there already cannot go on: %d", p.Status)
	}
	if p := visitor.Get(link.RequestCheck); p.Status != http.StatusOK || p.Path != link.RequestCheck {
		t.Errorf("the answers are lost: %d %s", p.Status, p.Path)
	}
}

// patient is a connection that notes its deadlines.
type patient struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (p *patient) SetReadDeadline(t time.Time) error { p.until = t; return nil }

// trickle is a body that asks, when it is read, by when it must have arrived.
type trickle struct {
	io.Reader
	p   *patient
	due time.Time
}

func (b *trickle) Read(p []byte) (int, error) { b.due = b.p.until; return b.Reader.Read(p) }

func TestAFormHasToArriveInTime(t *testing.T) {
	t.Parallel()
	p := &patient{ResponseRecorder: httptest.NewRecorder()}
	body := &trickle{Reader: strings.NewReader("lang=de"), p: p}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, link.Language, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	web.New(web.Server{}).Handler().ServeHTTP(p, r)
	if p.Code != http.StatusSeeOther {
		t.Fatalf("the form gives %d", p.Code)
	}
	if wait := time.Until(body.due); wait <= 0 || wait > time.Minute {
		t.Errorf("the body may take %v to arrive", wait)
	}
	if !p.until.IsZero() {
		t.Error("the deadline outlives the body, and would end the answer")
	}
}

// Package webtest runs the site against a database of the test's own, and
// plays the browser.
package webtest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/web"
)

// Site is one installation: the site as the web process has it, and the office
// as the worker has it, each with the rights of its own database role.
type Site struct {
	URL    string
	DB     *pgxpool.Pool // owner, for looking
	Server *web.Server
	Worker *privacy.Office
	Vault  *export.Vault
	Agent  staff.Member
	Second staff.Member // may approve what Agent proposed
	Keys   *seal.Keyring

	t   *testing.T
	mu  sync.Mutex
	now time.Time
}

// CoolingOff is how long a confirmed deletion waits.
const CoolingOff = time.Hour

// FileLimit is how many bytes a file of the correspondence may have.
const FileLimit = 64 << 10

// Categories are the data map's, for the form.
var Categories = []datamap.Category{
	{ID: "account", Title: datamap.Text{"en": "Account"}, About: datamap.Text{"en": "Your sign-in"}},
	{ID: "messages", Title: datamap.Text{"en": "Messages"}, About: datamap.Text{"en": "What was written"}},
}

// New starts a site; change may alter the server before it answers.
func New(t *testing.T, change ...func(*web.Server)) *Site {
	t.Helper()
	slog.SetLogLoggerLevel(slog.LevelError) // a line per request would bury a failure
	keys, err := seal.Parse(seal.NewKey("test"))
	fatal(t, err)
	s := &Site{DB: pgtest.New(t), Keys: keys, t: t, now: time.Now().UTC().Truncate(time.Microsecond)}
	office := func(role string) (*pgxpool.Pool, *privacy.Office, *staff.Roster) {
		pool := pgtest.As(t, s.DB, role)
		queue, err := pg.Queue(pool)
		fatal(t, err)
		outbox := mail.NewOutbox(queue, keys, &url.URL{Scheme: "http", Host: "privacy.example"}, "privacy.example")
		throttle := auth.NewThrottle(pool, keys)
		roster := staff.NewRoster(pool, outbox, keys, throttle)
		return pool, privacy.NewOffice(pool, queue, outbox, roster, throttle, privacy.Settings{
			CoolingOff: CoolingOff, Categories: []string{"account", "messages"},
		}, s.Now), roster
	}
	_, s.Worker, _ = office("portal_worker")
	pool, front, roster := office("portal_web")
	s.Vault, err = export.OpenVault(t.TempDir(), keys)
	fatal(t, err)
	t.Cleanup(func() { s.Vault.Close() })
	for _, o := range []*privacy.Office{front, s.Worker} {
		o.Files(privacy.Filing{Vault: s.Vault.Files(), Limit: FileLimit})
	}
	for _, m := range []struct {
		to   *staff.Member
		role staff.Role
	}{{&s.Agent, staff.Agent}, {&s.Second, staff.Approver}} {
		*m.to, _, err = roster.Add(t.Context(), audit.Actor{Kind: audit.CLIActor, ID: "test"}, string(m.role)+"@desk.example", "The "+string(m.role), []staff.Role{m.role}, lang.English)
		fatal(t, err)
		at := s.Now()
		m.to.FactorAt = &at
	}
	listen := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: listen.Listener.Addr().String()}
	server := web.Server{Office: front, Roster: roster, Log: audit.NewLog(pool), Vault: s.Vault, Map: &datamap.Map{Categories: Categories},
		Sessions: auth.NewSessions(pool, keys, auth.SessionOptions{}),
		Options:  web.Options{BaseURL: base, Operator: "CrowsStack", PrivacyEmail: "privacy@example.org", Keys: keys, Now: s.Now}}
	for _, c := range change {
		c(&server)
	}
	s.Server = web.New(server)
	listen.Config.Handler = s.Server.Handler()
	listen.Start()
	t.Cleanup(listen.Close)
	s.URL = listen.URL
	return s
}

// Now is the site's clock: it stands still but for a tick each time it is
// asked, so that no two things happen at once, and Wait moves it.
func (s *Site) Now() time.Time {
	s.Wait(time.Microsecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Wait moves the site's clock. Mailed links and sessions follow the database's.
func (s *Site) Wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Link mints the link that a letter would carry; letters are sealed.
func (s *Site) Link(p privacy.LinkPurpose, id privacy.ID) string {
	s.t.Helper()
	tx, err := s.DB.Begin(s.t.Context())
	fatal(s.t, err)
	raw, err := auth.MintLink(s.t.Context(), tx, auth.Purpose(p), id, time.Hour)
	fatal(s.t, err)
	fatal(s.t, tx.Commit(s.t.Context()))
	return raw
}

// Count runs a query that gives one number.
func (s *Site) Count(sql string, args ...any) (n int) {
	s.t.Helper()
	fatal(s.t, s.DB.QueryRow(s.t.Context(), sql, args...).Scan(&n))
	return n
}

// Latest is the request that was made last.
func (s *Site) Latest() privacy.Request {
	s.t.Helper()
	var id uuid.UUID
	fatal(s.t, s.DB.QueryRow(s.t.Context(), "SELECT id FROM requests ORDER BY received_at DESC, id DESC LIMIT 1").Scan(&id))
	r, err := s.Server.Office.Load(s.t.Context(), id)
	fatal(s.t, err)
	return r
}

// Browser is somebody's browser: it keeps cookies and says where forms come from.
type Browser struct {
	s *Site
	c *http.Client
}

// Browser opens a fresh one.
func (s *Site) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	fatal(s.t, err)
	return &Browser{s, &http.Client{Jar: jar}}
}

// Page is an answer, after redirects.
type Page struct {
	*goquery.Document
	Status int
	Path   string // with query
	Header http.Header
	Body   string
	t      *testing.T
}

// Get opens a page.
func (b *Browser) Get(path string) *Page {
	b.s.t.Helper()
	r, err := http.NewRequestWithContext(b.s.t.Context(), http.MethodGet, b.s.URL+path, nil)
	fatal(b.s.t, err)
	return b.Do(r)
}

// Post sends a form with alternating names and values.
func (b *Browser) Post(path string, fields ...string) *Page {
	b.s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return b.PostForm(path, v)
}

// PostForm is Post with the fields in a map.
func (b *Browser) PostForm(path string, v url.Values) *Page {
	b.s.t.Helper()
	r, err := http.NewRequestWithContext(b.s.t.Context(), http.MethodPost, b.s.URL+path, strings.NewReader(v.Encode()))
	fatal(b.s.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.s.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

// Do sends any request with the browser's cookies.
func (b *Browser) Do(r *http.Request) *Page {
	b.s.t.Helper()
	res, err := b.c.Do(r)
	fatal(b.s.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	fatal(b.s.t, err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	fatal(b.s.t, err)
	return &Page{Document: doc, Status: res.StatusCode, Path: res.Request.URL.RequestURI(), Header: res.Header, Body: string(body), t: b.s.t}
}

// Cookies are what the browser sends to an address.
func (b *Browser) Cookies(u *url.URL) []*http.Cookie { return b.c.Jar.Cookies(u) }

// With gives the browser other cookies.
func (b *Browser) With(jar http.CookieJar) *Browser {
	b.c.Jar = jar
	return b
}

// Forget throws the browser's cookies away, as an ended session does.
func (b *Browser) Forget() {
	jar, err := cookiejar.New(nil)
	fatal(b.s.t, err)
	b.c.Jar = jar
}

// Fill gives what the page's form would send untouched: values that stand
// there, ticked boxes, hidden fields. Pairs of names and values overwrite.
func (p *Page) Fill(fields ...string) url.Values {
	v := url.Values{}
	p.Find("main form").First().Find("input, select, textarea").Each(func(_ int, f *goquery.Selection) {
		name, ok := f.Attr("name")
		if !ok {
			return
		}
		switch t := f.AttrOr("type", ""); {
		case t == "radio" || t == "checkbox":
			if _, on := f.Attr("checked"); on {
				v.Add(name, f.AttrOr("value", "on"))
			}
		case goquery.NodeName(f) == "textarea":
			v.Add(name, f.Text())
		case goquery.NodeName(f) == "select":
			v.Add(name, f.Find("option[selected]").AttrOr("value", ""))
		default:
			v.Add(name, f.AttrOr("value", ""))
		}
	})
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return v
}

// H1 is the page's heading.
func (p *Page) H1() string { return strings.TrimSpace(p.Find("h1").Text()) }

// Is fails the test unless the page has this status and is at this path.
func (p *Page) Is(status int, path string) *Page {
	p.t.Helper()
	if p.Status != status || p.Path != path {
		p.t.Fatalf("got %d %s %q, want %d %s", p.Status, p.Path, p.H1(), status, path)
	}
	return p
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

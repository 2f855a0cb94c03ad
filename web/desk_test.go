package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// deskBench is one installation with its demo staff: the site as the web
// process has it, and the office as a worker has it.
type deskBench struct {
	t      *testing.T
	db     *pgxpool.Pool
	s      *Server
	site   http.Handler
	worker *privacy.Office
	staff  map[staff.Role]staff.DemoMember
	learnt []privacy.Match // what a search finds by an identifier that it learnt
	finds  func(*privacy.Discovery)
	ruled  int // the last ruling that a worker knows
}

func newDeskBench(t *testing.T) *deskBench {
	t.Helper()
	keys, err := seal.Parse(seal.NewKey("test"))
	must(t, err)
	base := &url.URL{Scheme: "http", Host: "privacy.example"}
	b := &deskBench{t: t, db: pgtest.New(t), staff: map[staff.Role]staff.DemoMember{}}
	office := func(role string) (*pgxpool.Pool, *privacy.Office, *staff.Roster) {
		pool := pgtest.As(t, b.db, role)
		queue, err := pg.Queue(pool)
		must(t, err)
		outbox := mail.NewOutbox(queue, keys, base, "privacy.example")
		throttle := auth.NewThrottle(pool, keys)
		roster := staff.NewRoster(pool, outbox, keys, throttle)
		return pool, privacy.NewOffice(pool, queue, outbox, roster, throttle, privacy.Settings{CoolingOff: time.Hour,
			Recipients: []privacy.DataRecipient{{Name: datamap.Text{"en": "Meta"}, Categories: []string{"messages"}}}}, nil), roster
	}
	pool, desk, roster := office("portal_web")
	_, b.worker, _ = office("portal_worker")
	vault, err := export.OpenVault(t.TempDir(), keys)
	must(t, err)
	t.Cleanup(func() { _ = vault.Close() }) // the directory goes anyway
	b.s = New(Server{Office: desk, Roster: roster, Log: audit.NewLog(pool), Vault: vault, Map: &datamap.Map{},
		Sessions: auth.NewSessions(pool, keys, auth.SessionOptions{}), Options: Options{BaseURL: base, Keys: keys}})
	desk.Files(privacy.Filing{Vault: vault.Files(), Limit: 64 << 10})
	b.site = b.s.Handler()
	demo, err := roster.SeedDemo(t.Context())
	must(t, err)
	for _, m := range demo {
		for _, r := range m.Roles {
			b.staff[r] = m
		}
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser keeps a cookie, as a member's browser does.
type browser struct {
	b      *deskBench
	cookie *http.Cookie
	token  string
}

// signedIn is a browser in which a member has shown the second factor ago.
func (b *deskBench) signedIn(r staff.Role, ago time.Duration) *browser {
	b.t.Helper()
	req, rec := httptest.NewRequest("GET", link.Desk, nil), httptest.NewRecorder()
	ses, err := b.s.Sessions.Of(req)
	must(b.t, err)
	w := &browser{b: b, token: newToken()}
	ses.Values[auth.MemberKey], ses.Values[keyToken] = b.staff[r].ID.String(), w.token
	ses.Values[keyFactor] = time.Now().UTC().Add(-ago).Format(time.RFC3339)
	must(b.t, b.s.Sessions.Save(req, rec, ses))
	w.keep(rec)
	return w
}

func (w *browser) keep(rec *httptest.ResponseRecorder) {
	for _, c := range rec.Result().Cookies() {
		if c.Name == w.b.s.Sessions.Name() {
			w.cookie = c
		}
	}
}

func (w *browser) do(req *http.Request) (*httptest.ResponseRecorder, *goquery.Document) {
	w.b.t.Helper()
	req.Host = "privacy.example"
	if w.cookie != nil {
		req.AddCookie(w.cookie)
	}
	rec := httptest.NewRecorder()
	w.b.site.ServeHTTP(rec, req)
	w.keep(rec)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	must(w.b.t, err)
	if t, ok := doc.Find(`input[name="token"]`).Attr("value"); ok {
		w.token = t
	}
	return rec, doc
}

func (w *browser) get(path string) (*httptest.ResponseRecorder, *goquery.Document) {
	w.b.t.Helper()
	return w.do(httptest.NewRequest("GET", path, nil))
}

// post sends a form from one of our own pages, with the token that it had.
func (w *browser) post(path string, fields ...string) (*httptest.ResponseRecorder, *goquery.Document) {
	w.b.t.Helper()
	v := url.Values{"token": {w.token}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	req := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.do(req)
}

// goes checks that an answer leads to a page.
func goes(t *testing.T, rec *httptest.ResponseRecorder, to string) {
	t.Helper()
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != to {
		t.Fatalf("%d to %q, want 303 to %q\n%s", rec.Code, rec.Header().Get("Location"), to, rec.Body)
	}
}

func code(t *testing.T, rec *httptest.ResponseRecorder, want int) {
	t.Helper()
	if rec.Code != want {
		t.Fatalf("status %d, want %d\n%s", rec.Code, want, rec.Body)
	}
}

func (b *deskBench) mint(p auth.Purpose, id uuid.UUID) string {
	b.t.Helper()
	tx, err := b.db.Begin(b.t.Context())
	must(b.t, err)
	raw, err := auth.MintLink(b.t.Context(), tx, p, id, time.Hour)
	must(b.t, err)
	must(b.t, tx.Commit(b.t.Context()))
	return raw
}

// verified is a request whose address is proved.
func (b *deskBench) verified(k privacy.Kind) privacy.Request {
	b.t.Helper()
	r, err := b.s.Office.Submit(b.t.Context(), privacy.Submission{Kind: k, Relation: privacy.Recipient, Name: "Ada Lovelace",
		Email: "ada@example.com", Country: "GB", Lang: lang.English, AllTime: true, Draft: uuid.NewString(),
		KeepDays: 90, Corrections: []privacy.CorrectionPair{{Wrong: "Ada Lovelase", Right: "Ada Lovelace"}}})
	must(b.t, err)
	r, err = b.s.Office.Confirm(b.t.Context(), b.mint(auth.Purpose(privacy.LinkConfirm), r.ID))
	must(b.t, err)
	return r
}

// inReview is a request with something staged, and its hash.
func (b *deskBench) inReview(k privacy.Kind) (privacy.Request, string) {
	b.t.Helper()
	r := b.verified(k)
	must(b.t, b.s.Office.Search(b.t.Context(), b.staff[staff.Agent].Member, r.ID))
	return r, b.discover(r)
}

// discover is what a worker reports; each time it finds one row more.
func (b *deskBench) discover(r privacy.Request) string {
	b.t.Helper()
	ctx := b.t.Context()
	l, err := b.worker.TakeWork(ctx, r.ID)
	must(b.t, err)
	d := privacy.Discovery{ID: uuid.New(), Found: []datamap.Found{{Table: "messages", Category: "messages", Rows: l.Epoch}},
		Matches: append([]privacy.Match{{Table: "contacts", Key: "1", By: "email"}}, b.learnt...), Learnt: []string{"phone"},
		Plan: datamap.Plan{Kind: string(r.Kind), Hash: strings.Repeat("ab", 31) + string("0123456789"[l.Epoch]) + "0",
			Steps: []datamap.Step{{Seq: 1, Table: "messages", Category: "messages", Action: datamap.Delete, Rows: l.Epoch}}}}
	if r.Kind == privacy.Access {
		a, err := b.s.Vault.Create(ctx, d.ID, func(w io.Writer) error { _, err := io.WriteString(w, "the package"); return err })
		must(b.t, err)
		d.Package = export.Package{{Artifact: a, Manifest: export.Manifest{Part: 1, Last: true, Ref: string(r.Ref), Rows: l.Epoch, Files: []export.Entry{{Name: "index.html", SHA256: a.SHA256}}}}}
	}
	d.Chosen, err = b.worker.Chosen(ctx, r)
	must(b.t, err)
	if b.finds != nil {
		b.finds(&d)
	}
	must(b.t, b.worker.RecordDiscovery(ctx, l, d))
	must(b.t, b.worker.ReleaseWork(ctx, l, 0))
	return d.Hash()
}

func (b *deskBench) state(r privacy.Request) privacy.State {
	b.t.Helper()
	now, err := b.s.Office.Load(b.t.Context(), r.ID)
	must(b.t, err)
	return now.State
}

// digits is the code that the member's app shows in another half minute.
func (b *deskBench) digits(r staff.Role, steps int) string {
	b.t.Helper()
	c, err := totp.GenerateCode(b.staff[r].Secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	must(b.t, err)
	return c
}

func TestSignInTakesBothFactorsAndRotatesTheSession(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	m := b.staff[staff.Agent]
	w := &browser{b: b}

	rec, _ := w.get(link.Desk)
	goes(t, rec, link.DeskSignIn)
	rec, doc := w.post(link.DeskSignIn, "email", "nobody")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#email"]`).Length() != 1 || doc.Find(`#email`).AttrOr("value", "") != "nobody" {
		t.Error("the wrong address is not explained, or not kept")
	}
	known, _ := w.post(link.DeskSignIn, "email", m.Email)
	unknown, _ := w.post(link.DeskSignIn, "email", "other@demo.example")
	code(t, known, http.StatusOK)
	if known.Code != unknown.Code || strings.ReplaceAll(known.Body.String(), m.Email, "") != strings.ReplaceAll(unknown.Body.String(), "other@demo.example", "") {
		t.Error("the answer tells who works here")
	}

	path := link.DeskLink(b.mint("staff_sign_in", m.ID))
	for range 3 { // a mail scanner looks
		rec, _ = w.get(path)
		code(t, rec, http.StatusOK)
	}
	rec, _ = w.post(path)
	goes(t, rec, link.DeskSecond)
	first := w.cookie.Value
	rec, _ = w.post(path)
	code(t, rec, http.StatusGone)
	rec, _ = w.get(link.Desk)
	goes(t, rec, link.DeskSecond)

	w.get(link.DeskSecond)
	rec, doc = w.post(link.DeskSecond, "code", "000000")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#code"]`).Length() != 1 {
		t.Error("the wrong code is not explained")
	}
	right := b.digits(staff.Agent, 0)
	rec, _ = w.post(link.DeskSecond, "code", right)
	goes(t, rec, link.Desk)
	if w.cookie.Value == first {
		t.Error("the session kept its secret through the second factor")
	}
	rec, _ = w.get(link.Desk)
	code(t, rec, http.StatusOK)

	w.get(link.DeskSecond)
	rec, _ = w.post(link.DeskSecond, "code", right) // each code counts once
	code(t, rec, http.StatusUnprocessableEntity)
}

package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/static"
	"github.com/crowsstack/privacy-portal/web"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

// plain is a site that needs no database: what these tests ask for never gets
// that far.
func plain(o web.Options) http.Handler {
	if o.BaseURL == nil {
		o.BaseURL = &url.URL{Scheme: "https", Host: "privacy.example"}
	}
	o.PrivacyEmail = "privacy@example.org"
	return web.New(web.Server{Options: o}).Handler()
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "privacy.example"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWritesFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	h := plain(web.Options{})
	for _, tt := range []struct {
		name   string
		header []string
		want   int
	}{
		{"our own page", []string{"Sec-Fetch-Site", "same-origin"}, 303},
		{"an older browser on our own page", []string{"Origin", "https://privacy.example"}, 303},
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a sibling site", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"another origin", []string{"Origin", "https://evil.example"}, 403},
		{"an origin that hides", []string{"Origin", "null"}, 403},
		{"nobody in particular", nil, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(h, "POST", link.Language, tt.header...); got.Code != tt.want {
				t.Errorf("got %d, want %d", got.Code, tt.want)
			}
		})
	}
}

func TestOnlyOurOwnHostIsServed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host string
		dev  bool
		want int
	}{
		{"privacy.example", false, 200}, {"PRIVACY.example", false, 200}, {"evil.example", false, 421}, {"localhost:8080", false, 421},
		{"localhost:8080", true, 200}, {"127.0.0.1:8080", true, 200}, {"[::1]:8080", true, 200}, {"evil.example", true, 421},
	} {
		if got := ask(plain(web.Options{Dev: tt.dev}), "GET", "/", "Host", tt.host); got.Code != tt.want {
			t.Errorf("host %s (dev %v): got %d, want %d", tt.host, tt.dev, got.Code, tt.want)
		}
	}
}

func TestEveryPageForbidsWhatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	h := plain(web.Options{})
	for _, path := range []string{"/", "/privacy", "/nonsense", static.URL("app.js")} {
		w := ask(h, "GET", path)
		csp := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %q", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: headers are %v", path, w.Header())
		}
	}
}

func TestErrorPagesTellWhatToDoNext(t *testing.T) {
	t.Parallel()
	h := plain(web.Options{})
	for path, want := range map[string]int{"/nonsense": 404, "/static/app.css": 404, "/privacy/1999-01-01": 404} {
		w := ask(h, "GET", path, "Accept-Language", "de")
		if w.Code != want || !strings.Contains(w.Body.String(), `lang="de"`) || !strings.Contains(w.Body.String(), `class="btn"`) {
			t.Errorf("%s: %d, or not in German, or nothing to do next", path, w.Code)
		}
	}
	if w := ask(h, "PUT", "/", "Sec-Fetch-Site", "same-origin"); w.Code != 404 {
		t.Errorf("a method nobody uses: %d", w.Code)
	}
}

// Not parallel: it listens to the log of the process.
func TestInternalErrorsAreLoggedOnceAndNeverShown(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	t.Cleanup(func() { slog.SetDefault(before) })
	s := webtest.New(t)
	b := s.Browser()
	toCheck(t, b, "access")
	if _, err := s.DB.Exec(t.Context(), "ALTER TABLE auth_sessions RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	p := b.Get(link.RequestCheck)
	code := p.Find(`[data-test="error-code"]`).Text()
	if p.Status != 500 || code == "" || strings.Contains(p.Body, "auth_sessions") {
		t.Fatalf("got %d, code %q: %s", p.Status, code, p.Find("main").Text())
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), code) {
		t.Errorf("%d lines in the log: %s", n, log.String())
	}
	if strings.Contains(log.String(), "ada@example.com") {
		t.Error("the log tells the address")
	}
}

func TestTooBigAFormIsRefused(t *testing.T) {
	t.Parallel()
	h := plain(web.Options{})
	for name, chunked := range map[string]bool{"said before": false, "found out while reading": true} {
		r := httptest.NewRequest("POST", link.Language, strings.NewReader("x="+strings.Repeat("y", 300<<10)))
		r.Host = "privacy.example"
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if chunked {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 413 || !strings.Contains(w.Body.String(), "<h1") {
			t.Errorf("%s: got %d", name, w.Code)
		}
	}
}

func TestLanguageAndAppearanceAreKept(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	p := b.Post(link.Language, "lang", "de", "back", link.Accessibility).Is(200, link.Accessibility)
	if got := p.Find("html").AttrOr("lang", ""); got != "de" {
		t.Errorf("language is %q", got)
	}
	p = b.Post(link.Language, "theme", "dark", "back", "/").Is(200, "/")
	if got := p.Find("html").AttrOr("data-theme", ""); got != "dark" {
		t.Errorf("appearance is %q", got)
	}
	p = b.Post(link.Language, "theme", "", "back", "/").Is(200, "/")
	if _, ok := p.Find("html").Attr("data-theme"); ok {
		t.Error("the appearance cannot be given back to the system")
	}
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		b.Post(link.Language, "lang", "en", "back", evil).Is(200, "/")
	}
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	h := plain(web.Options{})
	css := ask(h, "GET", static.URL("app.css"))
	if css.Code != 200 || !strings.Contains(css.Header().Get("Cache-Control"), "immutable") {
		t.Fatalf("stylesheet: %d %v", css.Code, css.Header())
	}
	if w := ask(h, "GET", static.URL("app.css"), "Accept-Encoding", "gzip, br"); w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 16<<10 {
		t.Errorf("packed stylesheet: %q, %d bytes", w.Header().Get("Content-Encoding"), w.Body.Len())
	}
	for _, font := range []string{"fonts/ahn-latin.woff2", "fonts/ahn-latin-ext.woff2", "fonts/ahm-latin.woff2"} {
		if !strings.Contains(css.Body.String(), static.URL(font)) {
			t.Errorf("the stylesheet does not name %s", static.URL(font))
		}
		if w := ask(h, "GET", static.URL(font)); w.Code != 200 || w.Header().Get("Content-Type") != "font/woff2" {
			t.Errorf("%s: %d %s", font, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestLicencesLieBesideWhatTheyCover(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"OFL-Atkinson-Hyperlegible-Next.txt", "OFL-Atkinson-Hyperlegible-Mono.txt", "ISC-Lucide-icons.txt"} {
		if _, err := os.Stat("../static/fonts/" + f); err != nil {
			t.Error(err)
		}
	}
}

func TestForwardedAddressCountsOnlyFromNamedProxies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		trust  []netip.Prefix
		remote string
		want   string
	}{
		{"no proxy is named", nil, "192.0.2.7:1234", "192.0.2.7"},
		{"a named proxy", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "192.0.2.7:1234", "203.0.113.9"},
		{"somebody else", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "192.0.2.7:1234", "192.0.2.7"},
		{"a private address is not trusted by itself", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "10.1.2.3:1234", "10.1.2.3"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		s := web.New(web.Server{Options: web.Options{TrustedProxies: tt.trust}})
		if got := s.ClientIP()(r); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A database that does not answer is not our mistake and passes: the page says
// so, and signs nobody out.
func TestDatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	keys, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := pgxpool.New(t.Context(), "postgres://portal_web@127.0.0.1:1/portal")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nobody.Close)
	sessions := auth.NewSessions(nobody, keys, auth.SessionOptions{})
	h := web.New(web.Server{Sessions: sessions, Options: web.Options{BaseURL: &url.URL{Scheme: "https", Host: "privacy.example"}, Keys: keys}}).Handler()
	res := ask(h, http.MethodGet, link.My, "Cookie", sessions.Name()+"="+strings.Repeat("A", 43))
	if res.Code != http.StatusServiceUnavailable || res.Header().Get("Retry-After") == "" || res.Header().Get("Set-Cookie") != "" {
		t.Errorf("status %d, header %v", res.Code, res.Header())
	}
}

package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/web"
)

func TestDevelopmentInbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mailbox, err := inbox.Start("127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mailbox.Close() })
	mail := strings.ReplaceAll(`Subject: Confirm <b>it</b>
To: <amina@example.com>
Content-Type: multipart/alternative; boundary=part

--part
Content-Type: text/plain; charset=utf-8

Open https://privacy.example.org/confirm/abc. Not <script>alert(1)</script>
--part
Content-Type: text/html; charset=utf-8

<!doctype html><html><head><title>x</title></head><body><a href="https://privacy.example.org/confirm/abc">Go</a></body></html>
--part--
`, "\n", "\r\n")
	if err := smtp.SendMail(mailbox.Addr(), nil, "bounce@example.org", []string{"amina@example.com"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	mails, err := inbox.List(dir)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	page := link.DevInbox + "/" + mails[0].ID
	base := &url.URL{Scheme: "http", Host: "localhost:8080"}
	open := web.New(web.Server{Options: web.Options{BaseURL: base, Dev: true, InboxDir: dir}}).Handler()
	get := func(h http.Handler, path string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}

	t.Run("the list links to each mail and looks again by itself", func(t *testing.T) {
		w := get(open, link.DevInbox)
		if w.Code != http.StatusOK || w.Header().Get("Refresh") != "5" ||
			!strings.Contains(w.Body.String(), `href="`+page+`"`) || !strings.Contains(w.Body.String(), "amina@example.com") {
			t.Errorf("%d, %v:\n%s", w.Code, w.Header(), w.Body)
		}
	})
	t.Run("a mail shows its links, and no markup of its own", func(t *testing.T) {
		w := get(open, page)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, `<a href="https://privacy.example.org/confirm/abc">`) {
			t.Errorf("%d:\n%s", w.Code, body)
		}
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>it</b>") {
			t.Error("the mail's own markup is live in our page")
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "frame-src 'self'") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("policy %q", csp)
		}
	})
	t.Run("the HTML part is caged", func(t *testing.T) {
		w := get(open, page+"/html")
		want := "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-top-navigation-by-user-activation allow-popups; frame-ancestors 'self'"
		if csp := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusOK || csp != want {
			t.Errorf("%d, policy %q", w.Code, csp)
		}
		if !strings.Contains(w.Body.String(), `<head><base target="_top">`) {
			t.Errorf("links stay inside of the frame:\n%s", w.Body)
		}
	})
	t.Run("what is not in the inbox is not found", func(t *testing.T) {
		secret := filepath.Join(filepath.Dir(dir), "secret.eml")
		if err := os.WriteFile(secret, []byte("Subject: secret\r\n\r\nx"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"x", "..%2Fsecret", "20200101T000000.000000-000000", "..%2Fsecret/html"} {
			if w := get(open, link.DevInbox+"/"+id); w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", id, w.Code)
			}
		}
	})
	for name, o := range map[string]web.Options{
		"without a directory there is no inbox":    {BaseURL: base, Dev: true},
		"outside of development there is no inbox": {BaseURL: base, InboxDir: dir},
	} {
		t.Run(name, func(t *testing.T) {
			h := web.New(web.Server{Options: o}).Handler()
			for _, path := range []string{link.DevInbox, page, page + "/html"} {
				if w := get(h, path); w.Code != http.StatusNotFound {
					t.Errorf("%s: %d", path, w.Code)
				}
			}
		})
	}
}

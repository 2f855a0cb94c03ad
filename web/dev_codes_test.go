package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/web"
)

func TestDevelopmentInboxShowsTheDemoStaffsCodes(t *testing.T) {
	t.Parallel()
	const secret = "CROWDEMOAGENT234567CROWDEMOAGENT"
	dir := t.TempDir()
	staff := `[{"name": "Hana", "email": "agent@demo.example", "roles": ["agent"], "secret": "` + secret + `"}]`
	if err := os.WriteFile(filepath.Join(dir, "staff.json"), []byte(staff), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	site := web.New(web.Server{Options: web.Options{BaseURL: &url.URL{Scheme: "http", Host: "localhost:8080"}, Dev: true, InboxDir: dir,
		Now: func() time.Time { return now }}})
	w := httptest.NewRecorder()
	site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080"+link.DevInbox, nil))
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatal(err)
	}
	page := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(page, code) || !strings.Contains(page, "agent@demo.example") || !strings.Contains(page, "Agent") {
		t.Errorf("answer %d has no code %s:\n%s", w.Code, code, page)
	}
	if strings.Contains(page, secret) {
		t.Error("the secret itself is on the page")
	}
}

package process_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// TestAStartThatFailsSaysWhy: whatever is wrong, what was opened so far is closed
// and the sentence comes out.
func TestAStartThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	datamap := filepath.Join(dir, "datamap.yaml")
	if err := os.WriteFile(datamap, demo.DataMap, 0o600); err != nil {
		t.Fatal(err)
	}
	current, empty := pgtest.New(t), pgtest.Blank(t)
	good := config.Office{DatabaseURL: pgtest.DSN(current, "portal_web"), Keys: seal.NewKey("a"), BaseURL: &url.URL{Scheme: "https", Host: "privacy.example"},
		Datamap: datamap, Vault: filepath.Join(dir, "vault"), MailFrom: "privacy@privacy.example", Operator: "CrowsStack", UploadMB: 10}
	for _, tt := range []struct {
		name   string
		change func(*config.Office)
		says   string // "" if it starts
	}{
		{"all is well", func(*config.Office) {}, ""},
		{"with a scanner", func(c *config.Office) { c.Clamd = "tcp://127.0.0.1:3310" }, ""},
		{"no key", func(c *config.Office) { c.Keys = "" }, "PORTAL_KEYS"},
		{"no map", func(c *config.Office) { c.Datamap = dir + "/none" }, "there is no data map"},
		{"a scanner without a port", func(c *config.Office) { c.Clamd = "127.0.0.1" }, "PORTAL_CLAMD"},
		{"a database that was not migrated", func(c *config.Office) { c.DatabaseURL = pgtest.DSN(empty, "portal_web") }, "migrations"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			p, err := process.Build(t.Context(), c)
			if tt.says == "" && err == nil {
				if limit, ok := p.Office.TakesFiles(); !ok || limit != 10<<20 {
					t.Errorf("files of %d bytes are taken: %v", limit, ok)
				}
				p.Close()
				return
			}
			if err == nil || tt.says == "" || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the start says %v, want %q", err, tt.says)
			}
		})
	}
}

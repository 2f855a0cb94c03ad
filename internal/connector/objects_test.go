package connector_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestObjectsStayInTheirDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inside := filepath.Join(dir, "objects")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secret", "objects/mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("words"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret", filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	o, err := connector.OpenObjects(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	r, err := o.Open("mine")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "words" {
		t.Errorf("read %q, %v", b, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"../secret", "/etc/passwd", "link", "", "a/../../secret"} {
		if f, err := o.Open(key); err == nil {
			t.Errorf("%q was opened", key)
			_ = f.Close()
		} else if key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	for range 2 {
		if err := o.Remove(t.Context(), "mine"); err != nil {
			t.Errorf("removing, and removing again: %v", err)
		}
	}
	if err := o.Remove(t.Context(), "../secret"); err == nil {
		t.Error("a file outside was removed")
	}
	if _, err := os.Stat(filepath.Join(dir, "secret")); err != nil {
		t.Error(err)
	}
}

func TestMigrateMayBeRepeated(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	pending, err := connector.Pending(t.Context(), pool)
	if err != nil || len(pending) == 0 {
		t.Fatalf("pending on an empty store: %v, %v", pending, err)
	}
	first, err := connector.Migrate(t.Context(), pool)
	if err != nil || len(first) != len(pending) {
		t.Fatalf("applied %v of %v: %v", first, pending, err)
	}
	again, err := connector.Migrate(t.Context(), pool)
	if err != nil || len(again) != 0 {
		t.Errorf("applied again: %v, %v", again, err)
	}
	if pending, err := connector.Pending(t.Context(), pool); err != nil || len(pending) != 0 {
		t.Errorf("still pending: %v, %v", pending, err)
	}
	if public := rows(t, pool, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"); len(public) != 0 {
		t.Errorf("the ledger left its schema: %v", public)
	}
}

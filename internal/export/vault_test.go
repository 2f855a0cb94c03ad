package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

func keyring(t *testing.T, list string) *seal.Keyring {
	t.Helper()
	k, err := seal.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func vault(t *testing.T) (*export.Vault, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	v, err := export.OpenVault("file://"+dir, keyring(t, seal.NewKey("a")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v, dir
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func create(t *testing.T, v *export.Vault, body []byte) export.Artifact {
	t.Helper()
	a, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestVaultRoundTrip(t *testing.T) {
	v, dir := vault(t)
	body := append(noise(300_000), "in plain words"...)
	a := create(t, v, body)
	if sum := sha256.Sum256(body); a.Size != int64(len(body)) || a.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("artifact %+v", a)
	}
	r, err := v.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes back, %v", len(got), err)
	}
	if err := v.Check(t.Context(), a); err != nil {
		t.Error(err)
	}
	onDisk, _ := os.ReadFile(filepath.Join(dir, names(t, dir)[0]))
	if bytes.Contains(onDisk, []byte("in plain words")) {
		t.Error("the package lies on the disk in plain words")
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, names(t, dir)[0]): 0o600} {
		if info, _ := os.Stat(path); info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
}

func TestVaultPublishesWholeOrNot(t *testing.T) {
	boom := errors.New("boom")
	v, dir := vault(t)
	_, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) error {
		w.Write(noise(100_000))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = v.Create(ctx, uuid.New(), func(w io.Writer) error {
		cancel(boom)
		_, err := w.Write(noise(100))
		return err
	})
	if !errors.Is(err, boom) {
		t.Errorf("cancelled: %v", err)
	}
	_, err = v.Create(ctx, uuid.New(), func(io.Writer) error { return nil })
	if !errors.Is(err, boom) {
		t.Errorf("cancelled before: %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		v.Create(t.Context(), uuid.New(), func(io.Writer) error { panic("oh") })
	}()
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("left in the vault: %v", left)
	}
}

func TestVaultRefusesAnIDTwice(t *testing.T) {
	v, _ := vault(t)
	a := create(t, v, []byte("first"))
	if _, err := v.Create(t.Context(), a.ID, func(io.Writer) error { return nil }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if err := v.Check(t.Context(), a); err != nil {
		t.Errorf("the first is gone: %v", err)
	}
}

func TestVaultFindsDamage(t *testing.T) {
	body := noise(200_000)
	path := func(dir string, a export.Artifact) string { return filepath.Join(dir, a.ID.String()+".zip.sealed") }
	for name, damage := range map[string]func(t *testing.T, dir string, a *export.Artifact){
		"cut short": func(t *testing.T, dir string, a *export.Artifact) { os.Truncate(path(dir, *a), 131_000) },
		"empty":     func(t *testing.T, dir string, a *export.Artifact) { os.Truncate(path(dir, *a), 0) },
		"cut at a chunk": func(t *testing.T, dir string, a *export.Artifact) {
			os.Truncate(path(dir, *a), 24+2*(64<<10+16))
		},
		"a byte changed": func(t *testing.T, dir string, a *export.Artifact) {
			f, _ := os.OpenFile(path(dir, *a), os.O_RDWR, 0)
			f.WriteAt([]byte{0}, 70_000)
			f.WriteAt([]byte{1}, 70_001)
			f.Close()
		},
		"another key":       func(t *testing.T, dir string, a *export.Artifact) { a.Key = bytes.Clone(a.Key); a.Key[len(a.Key)-1]++ },
		"no key":            func(t *testing.T, dir string, a *export.Artifact) { a.Key = nil },
		"another size":      func(t *testing.T, dir string, a *export.Artifact) { a.Size-- },
		"another sum":       func(t *testing.T, dir string, a *export.Artifact) { a.SHA256 = strings.Repeat("0", 64) },
		"two files swapped": func(t *testing.T, dir string, a *export.Artifact) {},
	} {
		t.Run(name, func(t *testing.T) {
			v, dir := vault(t)
			a, b := create(t, v, body), create(t, v, body)
			if name == "two files swapped" {
				os.Rename(path(dir, b), path(dir, a))
			}
			damage(t, dir, &a)
			if err := v.Check(t.Context(), a); err == nil {
				t.Error("not found")
			}
		})
	}
}

func TestVaultNeedsTheRightMasterKey(t *testing.T) {
	v, dir := vault(t)
	a := create(t, v, []byte("x"))
	other, err := export.OpenVault(dir, keyring(t, seal.NewKey("a")))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Open(a); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("got %v", err)
	}
}

func TestVaultRemoves(t *testing.T) {
	v, _ := vault(t)
	a := create(t, v, []byte("x"))
	for range 2 {
		if err := v.Remove(a.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := v.Open(a); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestVaultSweep(t *testing.T) {
	v, dir := vault(t)
	kept, old, fresh := create(t, v, nil), create(t, v, nil), create(t, v, nil)
	hours := time.Now().Add(-2 * time.Hour)
	for _, a := range []export.Artifact{kept, old} {
		os.Chtimes(filepath.Join(dir, a.ID.String()+".zip.sealed"), hours, hours)
	}
	os.WriteFile(filepath.Join(dir, "dead.partial"), []byte("x"), 0o600)
	os.WriteFile(filepath.Join(dir, "not ours.txt"), []byte("x"), 0o600)
	n, err := v.Sweep(func(id uuid.UUID) bool { return id == kept.ID })
	if n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	got := strings.Join(names(t, dir), " ")
	if !strings.Contains(got, kept.ID.String()) || !strings.Contains(got, fresh.ID.String()) || !strings.Contains(got, "not ours.txt") {
		t.Errorf("too much was swept: %s", got)
	}
	if strings.Contains(got, old.ID.String()) || strings.Contains(got, "partial") {
		t.Errorf("too little was swept: %s", got)
	}
}

func TestOpeningAVaultSparesWhoIsWriting(t *testing.T) {
	v, dir := vault(t)
	dead := filepath.Join(dir, "dead.partial")
	os.WriteFile(dead, []byte("x"), 0o600)
	a, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) error {
		second, err := export.OpenVault(dir, keyring(t, seal.NewKey("a")))
		if err != nil {
			return err
		}
		defer second.Close()
		_, err = w.Write([]byte("still here"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Check(t.Context(), a); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a dead writer's file is still there: %v", err)
	}
}

func TestOpenVaultAddresses(t *testing.T) {
	k := keyring(t, seal.NewKey("a"))
	for _, bad := range []string{"", "s3://bucket", "file://relative", "https://x/y"} {
		if _, err := export.OpenVault(bad, k); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	dir := t.TempDir()
	old := syscall.Umask(0)
	os.Chmod(dir, 0o777)
	syscall.Umask(old)
	v, err := export.OpenVault(dir, k)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestVaultServesRangesToManyAtOnce(t *testing.T) {
	v, _ := vault(t)
	body := noise(700_000)
	a := create(t, v, body)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := v.Open(a)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		w.Header().Set("ETag", `"`+a.SHA256+`"`)
		http.ServeContent(w, r, "x.zip", time.Time{}, f)
	}))
	defer server.Close()
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(2, uint64(g)))
			for range 20 {
				from := rnd.IntN(len(body))
				to := from + rnd.IntN(len(body)-from)
				req, _ := http.NewRequest("GET", server.URL, nil)
				req.Header.Set("Range", "bytes="+strconv.Itoa(from)+"-"+strconv.Itoa(to))
				res, err := server.Client().Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != http.StatusPartialContent || !bytes.Equal(got, body[from:to+1]) {
					t.Errorf("%d-%d: status %d, %d bytes, %v", from, to, res.StatusCode, len(got), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestPackageThroughTheVault(t *testing.T) {
	v, _ := vault(t)
	var m export.Manifest
	a, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) (err error) {
		m, err = export.Write(t.Context(), w, sample())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	report, err := export.Verify(export.Source{ReaderAt: r, Size: r.Size()})
	if err != nil || !report.OK || report.Rows != m.Rows || report.Files != len(m.Files) {
		t.Errorf("verify: %+v, %v", report, err)
	}
}

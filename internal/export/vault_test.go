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
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"

	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
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

// cellar is where a vault lies, and what a test does there behind its back.
type cellar struct {
	address string
	names   func(t *testing.T) []string
	read    func(t *testing.T, name string) []byte
	write   func(t *testing.T, name string, body []byte)
}

// cellars runs a test with a vault in a directory and with one in S3.
func cellars(t *testing.T, test func(t *testing.T, s cellar)) {
	t.Helper()
	for name, s := range map[string]func(*testing.T) cellar{"directory": inDirectory, "S3": inS3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s(t))
		})
	}
}

func inDirectory(t *testing.T) cellar {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	return cellar{
		address: "file://" + dir,
		names:   func(t *testing.T) []string { return names(t, dir) },
		read: func(t *testing.T, name string) []byte {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		write: func(t *testing.T, name string, body []byte) {
			if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func inS3(t *testing.T) cellar {
	t.Helper()
	server := buckettest.New(t)
	return cellar{
		address: server.Address("plain"),
		names: func(t *testing.T) (out []string) {
			list, err := server.Storage.ListBucket("plain", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list.Contents {
				out = append(out, o.Key)
			}
			return out
		},
		read: func(t *testing.T, name string) []byte {
			o, err := server.Storage.GetObject("plain", name, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(o.Contents)
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		write: func(t *testing.T, name string, body []byte) {
			if _, err := server.Storage.PutObject("plain", name, map[string]string{}, bytes.NewReader(body), int64(len(body)), nil); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func (s cellar) vault(t *testing.T) *export.Vault {
	t.Helper()
	v, err := export.OpenVault(s.address, keyring(t, seal.NewKey("a")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func sealedName(a export.Artifact) string { return a.ID.String() + ".zip.sealed" }

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
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
		body := append(noise(300_000), "in plain words"...)
		a := create(t, v, body)
		if sum := sha256.Sum256(body); a.Size != int64(len(body)) || a.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("artifact %+v", a)
		}
		r, err := v.Open(t.Context(), a)
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
		if got := s.names(t); !slices.Equal(got, []string{sealedName(a)}) {
			t.Fatalf("in the vault: %q", got)
		}
		if bytes.Contains(s.read(t, sealedName(a)), []byte("in plain words")) {
			t.Error("the package lies there in plain words")
		}
	})
}

func TestVaultInADirectoryIsClosedToOthers(t *testing.T) {
	s := inDirectory(t)
	a := create(t, s.vault(t), []byte("x"))
	dir := strings.TrimPrefix(s.address, "file://")
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, sealedName(a)): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
}

func TestVaultPublishesWholeOrNot(t *testing.T) {
	boom := errors.New("boom")
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
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
		if _, err = v.Create(ctx, uuid.New(), func(io.Writer) error { return nil }); err == nil {
			t.Error("cancelled before, and created")
		}
		func() {
			defer func() { _ = recover() }()
			v.Create(t.Context(), uuid.New(), func(io.Writer) error { panic("oh") })
		}()
		if left := s.names(t); len(left) != 0 {
			t.Errorf("left in the vault: %v", left)
		}
	})
}

func TestVaultRefusesAnIDTwice(t *testing.T) {
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
		a := create(t, v, []byte("first"))
		if _, err := v.Create(t.Context(), a.ID, func(io.Writer) error { return nil }); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		if err := v.Check(t.Context(), a); err != nil {
			t.Errorf("the first is gone: %v", err)
		}
	})
}

func TestVaultFindsDamage(t *testing.T) {
	body := noise(200_000)
	cut := func(n int) func(b []byte, _ *export.Artifact) []byte {
		return func(b []byte, _ *export.Artifact) []byte { return b[:n] }
	}
	for name, damage := range map[string]func(b []byte, a *export.Artifact) []byte{
		"cut short":      cut(131_000),
		"empty":          cut(0),
		"cut at a chunk": cut(24 + 2*(64<<10+16)),
		"a byte changed": func(b []byte, _ *export.Artifact) []byte { b[70_000] ^= 1; return b },
		"another key": func(b []byte, a *export.Artifact) []byte {
			a.Key = bytes.Clone(a.Key)
			a.Key[len(a.Key)-1]++
			return b
		},
		"no key":       func(b []byte, a *export.Artifact) []byte { a.Key = nil; return b },
		"another size": func(b []byte, a *export.Artifact) []byte { a.Size--; return b },
		"another sum":  func(b []byte, a *export.Artifact) []byte { a.SHA256 = strings.Repeat("0", 64); return b },
		"another file": nil,
	} {
		t.Run(name, func(t *testing.T) {
			cellars(t, func(t *testing.T, s cellar) {
				v := s.vault(t)
				a, b := create(t, v, body), create(t, v, body)
				if damage == nil {
					s.write(t, sealedName(a), s.read(t, sealedName(b)))
				} else {
					s.write(t, sealedName(a), damage(s.read(t, sealedName(a)), &a))
				}
				if err := v.Check(t.Context(), a); !errors.Is(err, seal.ErrOpen) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// A server that does not understand the checksums behind the parts of an upload
// stores them as if they were data, and says that all went well.
func TestVaultNoticesAServerThatGarbles(t *testing.T) {
	server, certificate := buckettest.NewTLS(t)
	t.Setenv("AWS_CA_BUNDLE", certificate)
	v := cellar{address: server.Address("plain")}.vault(t)
	_, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) error {
		_, err := w.Write(noise(20 << 20))
		return err
	})
	if !errors.Is(err, seal.ErrOpen) {
		t.Errorf("got %v", err)
	}
	if n, err := v.Sweep(t.Context(), func(uuid.UUID) bool { return true }); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	list, err := server.Storage.ListBucket("plain", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil || len(list.Contents) != 0 {
		t.Errorf("left: %v, %v", list.Contents, err)
	}
}

func TestVaultNeedsTheRightMasterKey(t *testing.T) {
	cellars(t, func(t *testing.T, s cellar) {
		a := create(t, s.vault(t), []byte("x"))
		if _, err := s.vault(t).Open(t.Context(), a); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("got %v", err)
		}
	})
}

func TestVaultRemoves(t *testing.T) {
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
		a := create(t, v, []byte("x"))
		for range 2 {
			if err := v.Remove(t.Context(), a.ID); err != nil {
				t.Error(err)
			}
		}
		if _, err := v.Open(t.Context(), a); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

func TestVaultSweepTakesWhatIsForgotten(t *testing.T) {
	s := inDirectory(t)
	v, dir := s.vault(t), strings.TrimPrefix(s.address, "file://")
	kept, old, fresh := create(t, v, nil), create(t, v, nil), create(t, v, nil)
	hours := time.Now().Add(-2 * time.Hour)
	for _, a := range []export.Artifact{kept, old} {
		os.Chtimes(filepath.Join(dir, sealedName(a)), hours, hours)
	}
	os.WriteFile(filepath.Join(dir, "dead.partial"), []byte("x"), 0o600)
	os.WriteFile(filepath.Join(dir, "not ours.txt"), []byte("x"), 0o600)
	n, err := v.Sweep(t.Context(), func(id uuid.UUID) bool { return id == kept.ID })
	if n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	want := []string{sealedName(kept), sealedName(fresh), "not ours.txt"}
	slices.Sort(want)
	if d := cmp.Diff(want, s.names(t)); d != "" {
		t.Error(d)
	}
}

func TestVaultSweepInS3(t *testing.T) {
	clock := gofakes3.FixedTimeSource(time.Now().Add(-2 * time.Hour))
	server := buckettest.NewAt(t, clock)
	v := cellar{address: server.Address("versioned")}.vault(t)
	kept, old := create(t, v, nil), create(t, v, nil)
	clock.Advance(2 * time.Hour)
	fresh := create(t, v, nil)
	n, err := v.Sweep(t.Context(), func(id uuid.UUID) bool { return id == kept.ID })
	if n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	for _, a := range []export.Artifact{kept, fresh} {
		if err := v.Check(t.Context(), a); err != nil {
			t.Error(err)
		}
	}
	if _, err := v.Open(t.Context(), old); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the forgotten one: %v", err)
	}
}

func TestOpeningAVaultSparesWhoIsWriting(t *testing.T) {
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
		s.write(t, "dead.partial", []byte("x"))
		a, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) error {
			s.vault(t)
			_, err := w.Write([]byte("still here"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Check(t.Context(), a); err != nil {
			t.Error(err)
		}
		// In S3 an unfinished upload has no name; there the file is somebody's.
		_, isS3 := strings.CutPrefix(s.address, "s3:")
		if left := slices.Contains(s.names(t), "dead.partial"); left != isS3 {
			t.Errorf("the file of a writer that died is still there: %v", left)
		}
	})
}

func TestOpenVaultAddresses(t *testing.T) {
	k := keyring(t, seal.NewKey("a"))
	for _, bad := range []string{"", "file://relative", "https://x/y", "s3://bucket?colour=red"} {
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
	cellars(t, func(t *testing.T, s cellar) {
		v := s.vault(t)
		body := noise(700_000)
		a := create(t, v, body)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f, err := v.Open(r.Context(), a)
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
			wg.Go(func() { askForRanges(t, server, body, rand.New(rand.NewPCG(2, uint64(g)))) })
		}
		wg.Wait()
	})
}

func askForRanges(t *testing.T, server *httptest.Server, body []byte, rnd *rand.Rand) {
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
}

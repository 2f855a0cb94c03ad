package bucket_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/bucket"
)

// yard is a directory with a secret beside it that no key may reach.
func yard(t *testing.T) (b *bucket.Bucket, inside, outside string) {
	t.Helper()
	top := t.TempDir()
	inside, outside = filepath.Join(top, "objects"), filepath.Join(top, "outside")
	for _, dir := range []string{inside, outside, filepath.Join(inside, "sub")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"outside/secret", "secret", "objects/mine"} {
		if err := os.WriteFile(filepath.Join(top, name), []byte("words"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := bucket.Open(inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, inside, outside
}

func TestLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	b, inside, outside := yard(t)
	for name, target := range map[string]string{
		"relative": "../secret", "absolute": filepath.Join(outside, "secret"), "directory": outside, "up": "..", "loop": "loop", "sub/deeper": "../../outside",
	} {
		if err := os.Symlink(target, filepath.Join(inside, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"relative", "absolute", "directory/secret", "up/secret", "loop", "loop/x", "sub/deeper/secret", "/etc/passwd", filepath.Join(outside, "secret")} {
		if f, err := b.Open(t.Context(), key); !errors.Is(err, bucket.ErrRefused) {
			t.Errorf("open %s: %v", key, err)
			if err == nil {
				f.Close()
			}
		} else if strings.Contains(err.Error(), key) {
			t.Errorf("the error tells the key: %v", err)
		}
		if err := b.Remove(t.Context(), key); !errors.Is(err, bucket.ErrRefused) {
			t.Errorf("remove %s: %v", key, err)
		}
		err := b.Create(t.Context(), key, func(w io.Writer) error { _, err := w.Write([]byte("theirs")); return err }, func(*bucket.File) error { return nil })
		if err == nil {
			t.Errorf("create %s: done", key)
		}
	}
	for _, prefix := range []string{"directory/", "up/", "sub/deeper/"} {
		for o, err := range b.List(t.Context(), prefix) {
			if !errors.Is(err, bucket.ErrRefused) {
				t.Errorf("list %s: %q, %v", prefix, o.Key, err)
			}
		}
	}
	for o, err := range b.List(t.Context(), "") {
		if err != nil || strings.Contains(o.Key, "secret") {
			t.Errorf("list all: %q, %v", o.Key, err)
		}
	}
	for _, path := range []string{filepath.Join(outside, "secret"), filepath.Join(outside, "../secret")} {
		if body, err := os.ReadFile(path); err != nil || string(body) != "words" {
			t.Errorf("outside: %q, %v", body, err)
		}
	}
}

// What is named in two ways would be removed for one row and missing to another.
func TestAFileHasOneKey(t *testing.T) {
	t.Parallel()
	b, inside, _ := yard(t)
	if err := os.WriteFile(filepath.Join(inside, "sub/x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"sub//x", "sub/x/", "sub/", "/sub/x", "./sub/x", "sub/./x"} {
		if err := b.Remove(t.Context(), key); !errors.Is(err, bucket.ErrRefused) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if there, err := b.Exists(t.Context(), "sub/x"); !there || err != nil {
		t.Errorf("exists %v, %v", there, err)
	}
}

// What is no file: opening a pipe would wait for ever, of a link only the link
// would go, and a directory in the place of an object is a mistake of the map.
func TestWhatIsNoFileIsNoObject(t *testing.T) {
	t.Parallel()
	b, inside, _ := yard(t)
	if err := errors.Join(syscall.Mkfifo(filepath.Join(inside, "pipe"), 0o600), os.Symlink("mine", filepath.Join(inside, "link"))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), "pipe"); !errors.Is(err, bucket.ErrRefused) {
		t.Errorf("open a pipe: %v", err)
	}
	if _, err := b.Open(t.Context(), "sub"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open a directory: %v", err)
	}
	for _, key := range []string{"pipe", "link", "sub"} {
		if err := b.Remove(t.Context(), key); !errors.Is(err, bucket.ErrRefused) {
			t.Errorf("remove %s: %v", key, err)
		}
	}
	if there, err := b.Exists(t.Context(), "sub"); there || err != nil {
		t.Errorf("a directory exists as an object: %v, %v", there, err)
	}
	if err := b.Remove(t.Context(), "mine/below/a/file"); err != nil {
		t.Errorf("below a file there is nothing: %v", err)
	}
}

func TestOtherPeoplesDirectoryIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	_, inside, _ := yard(t)
	if err := errors.Join(os.Chmod(inside, 0o755), os.WriteFile(filepath.Join(inside, "half.partial"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	b, err := bucket.Open(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if info, err := os.Stat(inside); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if got := keys(t, b, ""); !slices.Equal(got, []string{"half.partial", "mine"}) {
		t.Errorf("in it: %q", got)
	}
}

func TestListGoesDeepAndTakesAnyNumber(t *testing.T) {
	t.Parallel()
	b, inside, _ := yard(t)
	want := []string{}
	for i := range 300 { // more than one reading of the directory gives
		name := filepath.Join("sub", string(rune('a'+i%26)), strings.Repeat("x", 1+i/26))
		path := filepath.Join(inside, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	slices.Sort(want)
	if got := keys(t, b, "sub/"); !slices.Equal(got, want) {
		t.Errorf("%d of %d", len(got), len(want))
	}
	for o := range b.List(t.Context(), "sub/") {
		if err := b.Remove(t.Context(), o.Key); err != nil {
			t.Fatal(err)
		}
	}
	if got := keys(t, b, ""); !slices.Equal(got, []string{"mine"}) {
		t.Errorf("left: %d", len(got))
	}
}

// Whatever a row of a store says is the key, nothing beside the directory is
// read, changed or taken away.
func FuzzKeysStayInside(f *testing.F) {
	for _, key := range []string{"mine", "../secret", "out/secret", "a/../../secret", "/etc/passwd", "sub/../..", ".\x00", "sub//x", "out", "\u202e..//", "~/x", `..\secret`} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		b, inside, outside := yard(t)
		if err := os.Symlink(outside, filepath.Join(inside, "out")); err != nil {
			t.Fatal(err)
		}
		if file, err := b.Open(t.Context(), key); err == nil {
			if key != "mine" {
				t.Errorf("%q was opened", key)
			}
			file.Close()
		} else if len(key) > 8 && strings.Contains(err.Error(), key) {
			t.Errorf("the error tells the key: %v", err)
		}
		_ = b.Create(t.Context(), key, func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }, func(*bucket.File) error { return nil }) // may well fail
		_ = b.Remove(t.Context(), key)                                                                                                                  // so may this
		for _, path := range []string{filepath.Join(outside, "secret"), filepath.Join(outside, "../secret")} {
			if body, err := os.ReadFile(path); err != nil || string(body) != "words" {
				t.Errorf("%q reached outside: %q, %v", key, body, err)
			}
		}
		if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
			t.Errorf("%q left something outside: %v, %v", key, entries, err)
		}
		if entries, err := os.ReadDir(filepath.Dir(outside)); err != nil || len(entries) != 3 {
			t.Errorf("%q left something above: %v, %v", key, entries, err)
		}
	})
}

func TestOpeningOurOwnTidiesWhatTheDeadLeft(t *testing.T) {
	t.Parallel()
	where := t.TempDir()
	b := open(t, where)
	if err := os.WriteFile(filepath.Join(where, "dead.partial"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := b.Create(t.Context(), "x", func(w io.Writer) error {
		open(t, where) // while somebody is writing
		_, err := w.Write([]byte("still here"))
		return err
	}, func(*bucket.File) error { return nil })
	if err != nil {
		t.Error(err)
	}
	if got := keys(t, b, ""); !slices.Equal(got, []string{"x"}) {
		t.Errorf("in it: %q", got)
	}
}

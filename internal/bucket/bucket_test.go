package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
)

// everywhere runs a test with each sort of storage.
func everywhere(t *testing.T, test func(t *testing.T, b *bucket.Bucket)) {
	t.Helper()
	for name, address := range map[string]func(*testing.T) string{
		"directory":         func(t *testing.T) string { return filepath.Join(t.TempDir(), "new") },
		"S3":                func(t *testing.T) string { return buckettest.New(t).Address("plain") },
		"S3, part":          func(t *testing.T) string { return buckettest.New(t).Address("plain/a part/of it") },
		"S3, versions":      func(t *testing.T) string { return buckettest.New(t).Address("versioned") },
		"S3, none possible": func(t *testing.T) string { return buckettest.New(t, gofakes3.WithoutVersioning()).Address("plain") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, address(t)))
		})
	}
}

func open(t testing.TB, address string) *bucket.Bucket {
	t.Helper()
	b, err := bucket.OpenPrivate(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func put(t testing.TB, b *bucket.Bucket, key string, body []byte) {
	t.Helper()
	err := b.Create(t.Context(), key, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}, func(*bucket.File) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func keys(t testing.TB, b *bucket.Bucket, prefix string) (out []string) {
	t.Helper()
	for o, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o.Key)
	}
	slices.Sort(out)
	return out
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestObjectsComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		for _, size := range []int{0, 1, 100_000, 20 << 20} { // the last in several parts
			key, body := fmt.Sprintf("of %d bytes", size), noise(size)
			checked := false
			err := b.Create(t.Context(), key, func(w io.Writer) error {
				_, err := io.Copy(w, struct{ io.Reader }{bytes.NewReader(body)})
				return err
			}, func(f *bucket.File) error {
				got, err := io.ReadAll(f)
				checked = bytes.Equal(got, body)
				return err
			})
			if err != nil || !checked {
				t.Fatalf("%d bytes: %v, checked %v", size, err, checked)
			}
			f, err := b.Open(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(got, body) {
				t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestObjectsAreReadAtAnyPlace(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		body := noise(5000)
		put(t, b, "x", body)
		f, err := b.Open(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := iotest.TestReader(f, body); err != nil {
			t.Error(err)
		}
	})
}

func TestRemovedIsGoneAndGoneIsNoError(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		put(t, b, "a", []byte("words"))
		put(t, b, "ab", []byte("words"))
		for range 2 {
			if err := b.Remove(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Open(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, bucket.ErrRefused) {
			t.Errorf("opened: %v", err)
		}
		for key, want := range map[string]bool{"a": false, "ab": true, "ab/c": false} {
			if got, err := b.Exists(t.Context(), key); got != want || err != nil {
				t.Errorf("%s exists: %v, %v", key, got, err)
			}
		}
		if err := b.Remove(t.Context(), "ab/c"); err != nil {
			t.Errorf("below an object there is nothing to remove: %v", err)
		}
		if got := keys(t, b, ""); !slices.Equal(got, []string{"ab"}) {
			t.Errorf("left: %q", got)
		}
	})
}

func TestListStaysBelowItsPrefix(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		want := []string{}
		for i := range 12 { // more than the least page, all in one flat name space
			put(t, b, fmt.Sprintf("k%02d", i), []byte("x"))
			want = append(want, fmt.Sprintf("k%02d", i))
		}
		if d := cmp.Diff(want, keys(t, b, "")); d != "" {
			t.Error(d)
		}
		if got := keys(t, b, "k0/"); got != nil {
			t.Errorf("below k0/: %q", got)
		}
		for o, err := range b.List(t.Context(), "") {
			if err != nil || o.Size != 1 || o.Modified.IsZero() {
				t.Errorf("%+v, %v", o, err)
			}
			if err := b.Remove(t.Context(), o.Key); err != nil {
				t.Error(err)
			}
		}
		if got := keys(t, b, ""); got != nil {
			t.Errorf("left after removal on the way: %q", got)
		}
	})
}

func TestKeysThatNameNoObjectAreRefused(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		put(t, b, "a", []byte("x"))
		for _, key := range []string{"", ".", "..", "./a", "a/.", "../secret", "a/../a", "a/../../secret", "x/..", "a\x00b", "a\nb", "a\xff", strings.Repeat("k", 1025)} {
			_, opened := b.Open(t.Context(), key)
			_, there := b.Exists(t.Context(), key)
			created := b.Create(t.Context(), key, func(io.Writer) error { return nil }, func(*bucket.File) error { return nil })
			for what, err := range map[string]error{"open": opened, "remove": b.Remove(t.Context(), key), "exists": there, "create": created} {
				if !errors.Is(err, bucket.ErrRefused) {
					t.Errorf("%s %q: %v", what, key, err)
				} else if len(key) > 2 && strings.Contains(err.Error(), key) {
					t.Errorf("%s: the error tells the key: %v", what, err)
				}
			}
		}
		for _, prefix := range []string{"/", "a", "../", "x/../", "./"} {
			for _, err := range b.List(t.Context(), prefix) {
				if !errors.Is(err, bucket.ErrRefused) {
					t.Errorf("list %q: %v", prefix, err)
				}
			}
		}
	})
}

func TestCreateIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	fine := func(*bucket.File) error { return nil }
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		for name, create := range map[string]func(context.Context, context.CancelCauseFunc) error{
			"the writer fails": func(ctx context.Context, _ context.CancelCauseFunc) error {
				return b.Create(ctx, "x", func(w io.Writer) error { w.Write(noise(100)); return boom }, fine)
			},
			"the writer fails late": func(ctx context.Context, _ context.CancelCauseFunc) error {
				return b.Create(ctx, "x", func(w io.Writer) error { w.Write(noise(30 << 20)); return boom }, fine)
			},
			"what came back is not right": func(ctx context.Context, _ context.CancelCauseFunc) error {
				return b.Create(ctx, "x", func(w io.Writer) error { _, err := w.Write(noise(100)); return err }, func(*bucket.File) error { return boom })
			},
			"the context ends": func(ctx context.Context, cancel context.CancelCauseFunc) error {
				return b.Create(ctx, "x", func(w io.Writer) error { cancel(boom); w.Write(noise(100)); return nil }, fine)
			},
			"the writer panics": func(ctx context.Context, _ context.CancelCauseFunc) (err error) {
				defer func() { err = recover().(error) }()
				return b.Create(ctx, "x", func(w io.Writer) error { w.Write(noise(100)); panic(boom) }, fine)
			},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			if err := create(ctx, cancel); !errors.Is(err, boom) {
				t.Errorf("%s: %v", name, err)
			}
			cancel(nil)
			if got := keys(t, b, ""); got != nil {
				t.Errorf("%s: left %q", name, got)
			}
		}
	})
}

func TestCreateTakesNoKeyTwice(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		put(t, b, "x", []byte("first"))
		err := b.Create(t.Context(), "x", func(w io.Writer) error { _, err := w.Write([]byte("second")); return err }, func(*bucket.File) error { return nil })
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		f, err := b.Open(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, _ := io.ReadAll(f); string(got) != "first" {
			t.Errorf("now it is %q", got)
		}
	})
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "file://relative", "https://x/y", "s3://", "s3://b", "s3://b?region=eu&colour=red", "s3://key:secret@b?region=eu",
		"s3://b?region=eu&endpoint=http://store.example.com", "s3://b?region=eu&endpoint=minio:9000", "s3://b?region=eu&disable_https=true",
	} {
		if b, err := bucket.OpenPrivate(address); err == nil {
			t.Errorf("%q is taken", address)
			b.Close()
		}
	}
	if _, err := bucket.Open(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a directory that is not there is taken for somebody else's storage")
	}
}

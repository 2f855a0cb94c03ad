package connector_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// shop is a messaging store's object storage, and how its own program fills it.
type shop struct {
	address string
	put     func(t *testing.T, key string)
}

func shops(t *testing.T, test func(t *testing.T, s shop)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) shop{
		"directory":     inDirectory,
		"S3":            func(t *testing.T) shop { return inS3(t, buckettest.New(t), "plain") },
		"S3 + versions": func(t *testing.T) shop { return inS3(t, buckettest.New(t), "versioned") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func inDirectory(t *testing.T) shop {
	dir := t.TempDir()
	return shop{dir, func(t *testing.T, key string) {
		t.Helper()
		path := filepath.Join(dir, key)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("words"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}}
}

func inS3(t *testing.T, s *buckettest.Server, name string) shop {
	return shop{s.Address(name), func(t *testing.T, key string) {
		t.Helper()
		if _, err := s.Storage.PutObject(name, key, map[string]string{}, strings.NewReader("words"), 5, nil); err != nil {
			t.Fatal(err)
		}
	}}
}

func openObjects(t *testing.T, addresses string) *connector.Objects {
	t.Helper()
	o, err := connector.OpenObjects(addresses)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func listed(t *testing.T, o *connector.Objects, prefix string) (keys []string) {
	t.Helper()
	for key, err := range o.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestObjectsAreReadListedAndRemoved(t *testing.T) {
	t.Parallel()
	shops(t, func(t *testing.T, s shop) {
		ctx, o := t.Context(), openObjects(t, s.address)
		for _, key := range []string{"exports/1/a.zip", "exports/1/deep/er/b", "exports/10/c", "exports/1", "é & <b> +%2F.jpg"} {
			if key == "exports/1" && s.address[0] == '/' {
				continue // a directory cannot hold a file and a directory of one name
			}
			s.put(t, key)
		}
		r, err := o.Open(ctx, "é & <b> +%2F.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != "words" {
			t.Errorf("read %q, %v", b, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"exports/1/a.zip", "exports/1/deep/er/b"}, listed(t, o, "exports/1/")); d != "" {
			t.Error(d)
		}
		for _, key := range listed(t, o, "exports/1/") {
			for range 2 {
				if err := o.Remove(ctx, key); err != nil {
					t.Errorf("remove: %v", err)
				}
			}
			if there, err := o.Exists(ctx, key); there || err != nil {
				t.Errorf("exists still: %v, %v", there, err)
			}
		}
		if s.address[0] != '/' { // what the console of S3 makes for a directory
			s.put(t, "exports/1/")
			if gone, err := o.RemoveAll(ctx, listed(t, o, "exports/1/")); len(gone) != 1 || err != nil {
				t.Errorf("the mark of a directory: %q, %v", gone, err)
			}
		}
		if got := listed(t, o, "exports/1/"); got != nil {
			t.Errorf("left: %q", got)
		}
		if there, err := o.Exists(ctx, "exports/10/c"); !there || err != nil {
			t.Errorf("the neighbour went: %v, %v", there, err)
		}
		if err := o.Remove(ctx, "é & <b> +%2F.jpg"); err != nil {
			t.Error(err)
		}
		if _, err := o.Open(ctx, "é & <b> +%2F.jpg"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what is gone opens with %v", err)
		}
	})
}

func TestObjectsRefuseHostileKeys(t *testing.T) {
	t.Parallel()
	shops(t, func(t *testing.T, s shop) {
		o := openObjects(t, s.address)
		s.put(t, "mine")
		for _, key := range []string{"", ".", "../secret", "a/../../secret", "mine/../mine", "./mine", "mine\x00", "mi\nne", "\xff"} {
			_, opened := o.Open(t.Context(), key)
			_, looked := o.Exists(t.Context(), key)
			for what, err := range map[string]error{"open": opened, "exists": looked, "remove": o.Remove(t.Context(), key)} {
				if !errors.Is(err, bucket.ErrRefused) {
					t.Errorf("%s %q: %v", what, key, err)
				} else if len(key) > 1 && strings.Contains(err.Error(), key) {
					t.Errorf("the error tells the key: %v", err)
				}
			}
		}
		for _, prefix := range []string{"", "/", "mine", "../"} {
			for key, err := range o.List(t.Context(), prefix) {
				if !errors.Is(err, bucket.ErrRefused) {
					t.Errorf("list %q: %q, %v", prefix, key, err)
				}
			}
		}
		if there, err := o.Exists(t.Context(), "mine"); !there || err != nil {
			t.Errorf("exists %v, %v", there, err)
		}
	})
}

func TestOneRefusedObjectKeepsNoOther(t *testing.T) {
	t.Parallel()
	shops(t, func(t *testing.T, s shop) {
		o := openObjects(t, s.address)
		keys := []string{"../words-of-davi", "never/was"}
		for i := range 40 {
			keys = append(keys, fmt.Sprint("k/", i))
			s.put(t, fmt.Sprint("k/", i))
		}
		gone, err := o.RemoveAll(t.Context(), keys)
		if !errors.Is(err, bucket.ErrRefused) || !strings.Contains(err.Error(), "1 of 42") || strings.Contains(err.Error(), "davi") {
			t.Errorf("got %v", err)
		}
		slices.Sort(gone)
		slices.Sort(keys)
		if d := cmp.Diff(keys[1:], gone); d != "" {
			t.Error(d)
		}
		if left := listed(t, o, "k/"); left != nil {
			t.Errorf("left: %q", left)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if gone, err := o.RemoveAll(ctx, []string{"k/1"}); !errors.Is(err, context.Canceled) || len(gone) > 0 {
			t.Errorf("cancelled: %q, %v", gone, err)
		}
	})
}

func TestAStorageThatFailsEndsTheRound(t *testing.T) {
	t.Parallel()
	server := buckettest.New(t)
	s := inS3(t, server, "plain")
	o := openObjects(t, s.address)
	var keys []string
	for i := range 200 {
		keys = append(keys, fmt.Sprint("k/", i))
		s.put(t, keys[i])
	}
	var removed atomic.Int32
	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete && removed.Add(1) > 20 {
			return buckettest.Refuse(w, r, http.StatusInternalServerError, "InternalError")
		}
		return false
	})
	gone, err := o.RemoveAll(t.Context(), keys)
	if err == nil || errors.Is(err, bucket.ErrRefused) || len(gone) > 20 || removed.Load() > 60 {
		t.Errorf("%d are gone, %d tries, %v", len(gone), removed.Load(), err)
	}
	server.Before(nil)
	for _, key := range gone { // what is told to be gone is
		if there, err := o.Exists(t.Context(), key); there || err != nil {
			t.Errorf("exists %v, %v", there, err)
		}
	}
	if left := listed(t, o, "k/"); len(left) < 180 {
		t.Errorf("%d left", len(left))
	}
	if gone, err := o.RemoveAll(t.Context(), keys); len(gone) != 200 || err != nil {
		t.Errorf("again: %d, %v", len(gone), err)
	}
}

func TestObjectStoragesHaveNames(t *testing.T) {
	t.Parallel()
	dir, media := inDirectory(t), inS3(t, buckettest.New(t), "plain")
	dir.put(t, "in/the=directory,x=y")
	media.put(t, "in/s3")
	for _, tt := range []struct {
		addresses, in, key string
		names              int
	}{
		{dir.address, "", "in/the=directory,x=y", 0},
		{"local=" + dir.address, "", "in/the=directory,x=y", 1}, // the only one needs no name
		{"local=" + dir.address, "local", "in/the=directory,x=y", 1},
		{media.address + ", local=" + dir.address, "", "in/s3", 1},
		{media.address + ", local=" + dir.address, "local", "in/the=directory,x=y", 1},
		{"media=" + media.address + ",local=" + dir.address, "media", "in/s3", 2},
		{"media=" + media.address + ",local=" + dir.address, "local", "in/the=directory,x=y", 2},
	} {
		all := openObjects(t, tt.addresses)
		o, err := all.In(tt.in)
		if err != nil {
			t.Error(err)
			continue
		}
		if there, err := o.Exists(t.Context(), tt.key); !there || err != nil {
			t.Errorf("%s, in %q: exists %v, %v", tt.addresses, tt.in, there, err)
		}
		if got := all.Names(); len(got) != tt.names {
			t.Errorf("%s: names %q", tt.addresses, got)
		}
	}
	if err := openObjects(t, media.address+", local="+dir.address).Ping(t.Context()); err != nil {
		t.Error(err)
	}
	nowhere := strings.Replace(media.address, "s3://plain", "s3://nowhere", 1)
	if err := openObjects(t, "media="+nowhere+",local="+dir.address).Ping(t.Context()); !errors.Is(err, bucket.ErrRefused) || !strings.Contains(err.Error(), "media") {
		t.Errorf("a bucket that is not there: %v", err)
	}
	two := openObjects(t, "media="+media.address+",local="+dir.address)
	if _, err := two.In("elsewhere"); !errors.Is(err, bucket.ErrRefused) {
		t.Errorf("a name that nobody has: %v", err)
	}
	if err := two.Remove(t.Context(), "in/s3"); !errors.Is(err, bucket.ErrRefused) {
		t.Errorf("no name, where there are two: %v", err)
	}
	for _, bad := range []string{"", "a=", "a=" + dir.address + ",a=" + dir.address, dir.address + "/none", "s3://b?colour=red", "a=" + dir.address + ",b=ftp://x"} {
		if o, err := connector.OpenObjects(bad); err == nil {
			t.Errorf("%q is taken", bad)
			o.Close()
		}
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

package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
)

// store puts an object into the server as another program would.
func store(t *testing.T, s *buckettest.Server, name, key, body string) {
	t.Helper()
	if _, err := s.Storage.PutObject(name, key, map[string]string{}, strings.NewReader(body), int64(len(body)), nil); err != nil {
		t.Fatal(err)
	}
}

func TestKeysOfOtherProgramsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	all := []string{"a//b", "/a", "a", "a/", "a b+c%2Fd&e=f", "x../y", "__0x2f__", "é/ü.jpg", `back\slash`, "?versions", "#1"}
	for _, key := range all {
		store(t, s, "plain", key, key)
	}
	for _, key := range all {
		f, err := b.Open(t.Context(), key)
		if err != nil {
			t.Errorf("%q: %v", key, err)
			continue
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != key {
			t.Errorf("%q holds %q, %v", key, got, err)
		}
		f.Close()
		if err := b.Remove(t.Context(), key); err != nil {
			t.Errorf("remove %q: %v", key, err)
		}
		if there, err := b.Exists(t.Context(), key); there || err != nil {
			t.Errorf("%q exists still: %v, %v", key, there, err)
		}
	}
	if left := keys(t, b, ""); left != nil {
		t.Errorf("left: %q", left)
	}
}

func TestAPrefixIsAWallToo(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	for _, key := range []string{"ours/x", "ours/sub/y", "oursx/z", "z"} {
		store(t, s, "plain", key, "words")
	}
	b := open(t, s.Address("plain/ours"))
	if got := fmt.Sprint(keys(t, b, "")); got != "[sub/y x]" {
		t.Errorf("all: %s", got)
	}
	for _, key := range []string{"../z", "ours/x", "z"} {
		if _, err := b.Open(t.Context(), key); err == nil {
			t.Errorf("opened %s", key)
		}
	}
}

func TestRemovalTakesEveryVersion(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("versioned"))
	for i := range 5 {
		store(t, s, "versioned", "k", fmt.Sprint(i))
		store(t, s, "versioned", "k2", "a neighbour")
	}
	if _, err := s.Storage.DeleteObject("versioned", "k"); err != nil { // leaves a mark over the versions
		t.Fatal(err)
	}
	if there, err := b.Exists(t.Context(), "k"); there || err != nil {
		t.Fatalf("exists: %v, %v", there, err)
	}
	if err := b.Remove(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	versions := map[string]int{}
	list, err := s.Storage.ListBucketVersions("versioned", &gofakes3.Prefix{}, &gofakes3.ListBucketVersionsPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Versions {
		switch v := v.(type) {
		case *gofakes3.Version:
			versions[v.Key]++
		case *gofakes3.DeleteMarker:
			versions[v.Key]++
		}
	}
	if versions["k"] != 0 || versions["k2"] != 5 {
		t.Errorf("versions left: %v", versions)
	}
}

func TestRemovalEndsUploadsOfTheKey(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	for _, key := range []string{"k", "k", "k2"} {
		s.Begin(t, "plain", key)
	}
	if n := s.Uploads(t, "plain"); n != 3 {
		t.Fatalf("%d uploads", n)
	}
	if err := b.Remove(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if n := s.Uploads(t, "plain"); n != 1 {
		t.Errorf("%d uploads left, want the neighbour's", n)
	}
}

func TestAFailedCreateLeavesNoUpload(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	var published atomic.Int32
	s.Before(func(_ http.ResponseWriter, r *http.Request) bool {
		if q := r.URL.Query(); r.Method == http.MethodPost && q.Has("uploadId") || r.Method == http.MethodPut && !q.Has("uploadId") {
			published.Add(1)
		}
		return false
	})
	boom, begun := errors.New("boom"), 0
	err := b.Create(t.Context(), "x", func(w io.Writer) error {
		w.Write(noise(40 << 20))
		begun = s.Uploads(t, "plain")
		return boom
	}, func(*bucket.File) error { return nil })
	if !errors.Is(err, boom) || begun != 1 {
		t.Errorf("%v, %d uploads while writing", err, begun)
	}
	if n := s.Uploads(t, "plain"); n != 0 {
		t.Errorf("%d uploads left", n)
	}
	err = b.Create(t.Context(), "x", func(w io.Writer) error { w.Write(noise(100)); return boom }, func(*bucket.File) error { return nil })
	if !errors.Is(err, boom) || published.Load() != 0 {
		t.Errorf("%v; half an object was to be seen %d times", err, published.Load())
	}
}

func TestErrorsSayWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		code    string
		gone    bool
		refused bool
	}{
		{404, "NoSuchKey", true, false},
		{404, "NoSuchBucket", false, true},
		{301, "PermanentRedirect", false, true},
		{403, "AccessDenied", false, true},
		{403, "SignatureDoesNotMatch", false, true},
		{403, "RequestTimeTooSkewed", false, false},
		{409, "OperationAborted", false, false},
		{500, "InternalError", false, false},
		{503, "SlowDown", false, false},
	} {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			s := buckettest.New(t)
			b := open(t, s.Address("plain"))
			store(t, s, "plain", "words-of-davi", "x")
			s.Before(func(w http.ResponseWriter, r *http.Request) bool { return buckettest.Refuse(w, r, tt.status, tt.code) })
			errs := map[string]error{"remove": b.Remove(t.Context(), "words-of-davi")}
			if tt.gone || tt.refused { // else each of them pauses between its tries
				_, errs["open"] = b.Open(t.Context(), "words-of-davi")
				_, errs["exists"] = b.Exists(t.Context(), "words-of-davi")
			}
			for what, err := range errs {
				if err == nil || errors.Is(err, bucket.ErrRefused) != tt.refused || errors.Is(err, fs.ErrNotExist) != tt.gone {
					t.Errorf("%s: %v", what, err)
				} else if strings.Contains(err.Error(), "davi") {
					t.Errorf("%s: the error tells the key: %v", what, err)
				}
			}
		})
	}
}

func TestARemovalThatMayNotSeeVersionsFails(t *testing.T) {
	t.Parallel()
	for _, hidden := range []string{"versions", "uploads"} {
		s := buckettest.New(t)
		b := open(t, s.Address("versioned"))
		store(t, s, "versioned", "k", "x")
		s.Before(func(w http.ResponseWriter, r *http.Request) bool {
			return r.URL.Query().Has(hidden) && buckettest.Refuse(w, r, 403, "AccessDenied")
		})
		if err := b.Remove(t.Context(), "k"); !errors.Is(err, bucket.ErrRefused) {
			t.Errorf("%s: %v", hidden, err)
		}
	}
}

func TestAServerThatIsDownTellsNoKey(t *testing.T) {
	t.Parallel()
	b := open(t, "s3://b?region=eu&use_path_style=true&anonymous=true&endpoint=http://127.0.0.1:1")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := b.Open(ctx, "words-of-davi")
	if err == nil || errors.Is(err, bucket.ErrRefused) || errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "davi") {
		t.Errorf("got %v", err)
	}
	cancel()
	if _, err := b.Open(ctx, "words-of-davi"); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "davi") {
		t.Errorf("cancelled: %v", err)
	}
}

// A line to the storage that breaks every now and then is not a file that was
// cut short.
func TestReadingGoesOnWhereAnAnswerBrokeOff(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	body := noise(1 << 20)
	put(t, b, "x", body)
	var asked, broken atomic.Int32
	s.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || asked.Add(1)%2 == 0 {
			return false
		}
		from := 0
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from) // none is from the start
		broken.Add(1)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)-from))
		if from > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(body[from : from+(len(body)-from)/3]) // and not the rest
		return true
	})
	f, err := b.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, body) || broken.Load() == 0 {
		t.Errorf("%d of %d bytes, %v; broke off %d times", len(got), len(body), err, broken.Load())
	}
}

// Reading on is one request; asking for each piece would be thousands.
func TestReadingForwardIsOneRequest(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	body := noise(4 << 20)
	put(t, b, "x", body)
	var asked atomic.Int32
	s.Before(func(_ http.ResponseWriter, r *http.Request) bool { asked.Add(1); return false })
	f, err := b.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := io.Copy(io.Discard, f); err != nil || n != int64(len(body)) || asked.Load() != 1 {
		t.Errorf("%d bytes, %v, %d requests", n, err, asked.Load())
	}
}

// Not parallel: it weighs the whole process.
func TestAnUploadHoldsAFewPartsInMemory(t *testing.T) {
	s := buckettest.New(t)
	b := open(t, s.Address("plain"))
	s.Before(func(w http.ResponseWriter, r *http.Request) bool { // or the server's memory would be weighed too
		if r.Method != http.MethodPut {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("ETag", `"part"`)
		return true
	})
	boom, piece := errors.New("boom"), noise(1<<20)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	err := b.Create(t.Context(), "x", func(w io.Writer) error {
		for range 256 {
			if _, err := w.Write(piece); err != nil {
				return err
			}
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
		}
		return boom
	}, func(*bucket.File) error { return nil })
	if !errors.Is(err, boom) || most > 48<<20 {
		t.Errorf("%d MB for an object of 256 MB, %v", most>>20, err)
	}
	t.Logf("%d MB for an object of 256 MB", most>>20)
}

func TestOnlyOldUploadsOfOursAreTidied(t *testing.T) {
	t.Parallel()
	clock := gofakes3.FixedTimeSource(time.Now().Add(-25 * time.Hour))
	s := buckettest.NewAt(t, clock)
	b := open(t, s.Address("plain"))
	s.Begin(t, "plain", "ours/old")
	s.Begin(t, "plain", "theirs/old")
	clock.Advance(25 * time.Hour)
	s.Begin(t, "plain", "ours/new") // somebody may be writing
	if err := b.Tidy(t.Context(), func(key string) bool { return strings.HasPrefix(key, "ours/") }); err != nil {
		t.Fatal(err)
	}
	if n := s.Uploads(t, "plain"); n != 2 {
		t.Errorf("%d uploads left", n)
	}
}

// Package buckettest starts an S3 server that lives as long as a test.
package buckettest

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Server speaks S3 over HTTP and keeps its buckets in memory.
type Server struct {
	Storage *s3mem.Backend
	url     string
	before  atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
}

// New starts a server with the buckets "plain" and "versioned".
func New(t testing.TB, options ...gofakes3.Option) *Server {
	t.Helper()
	return serve(t, s3mem.New(), (*httptest.Server).Start, options...)
}

// NewTLS is New over https, and tells where the certificate lies in which a
// client has to believe.
func NewTLS(t testing.TB) (s *Server, certificate string) {
	t.Helper()
	certificate = filepath.Join(t.TempDir(), "ca.pem")
	s = serve(t, s3mem.New(), func(server *httptest.Server) {
		server.StartTLS()
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		if err := os.WriteFile(certificate, block, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	return s, certificate
}

// NewAt is New with a clock for the times of what is stored.
func NewAt(t testing.TB, clock gofakes3.TimeSource) *Server {
	t.Helper()
	return serve(t, s3mem.New(s3mem.WithTimeSource(clock)), (*httptest.Server).Start, gofakes3.WithTimeSource(clock), gofakes3.WithTimeSkewLimit(0))
}

func serve(t testing.TB, storage *s3mem.Backend, start func(*httptest.Server), options ...gofakes3.Option) *Server {
	t.Helper()
	s := &Server{Storage: storage}
	for _, name := range []string{"plain", "versioned"} {
		if err := s.Storage.CreateBucket(name); err != nil {
			t.Fatal(err)
		}
	}
	on := gofakes3.VersioningConfiguration{}
	on.SetEnabled(true)
	if err := s.Storage.SetVersioningConfiguration("versioned", on); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(s.Storage, options...).Server()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first := s.before.Load(); first != nil && (*first)(w, r) {
			return
		}
		s3.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that have read enough
	start(server)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// Address is how a program is told to use a bucket, or a part of it, of this
// server.
func (s *Server) Address(bucket string) string {
	return s.Signed(bucket) + "&anonymous=true"
}

// Signed is Address for a client with credentials.
func (s *Server) Signed(bucket string) string {
	return "s3://" + bucket + "?region=eu-central-1&use_path_style=true&endpoint=" + s.url
}

// Begin starts an upload and never ends it, as a program does that is killed.
func (s *Server) Begin(t testing.TB, bucket, key string) {
	t.Helper()
	s.ask(t, http.MethodPost, "/"+bucket+"/"+key+"?uploads")
}

// Uploads counts the uploads of a bucket that were begun and not ended.
func (s *Server) Uploads(t testing.TB, bucket string) int {
	t.Helper()
	return bytes.Count(s.ask(t, http.MethodGet, "/"+bucket+"?uploads"), []byte("<Upload>"))
}

func (s *Server) ask(t testing.TB, method, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Before lets a test see every request, and answer it in the server's place by
// giving true; nil ends that.
func (s *Server) Before(first func(http.ResponseWriter, *http.Request) bool) {
	if first == nil {
		s.before.Store(nil)
		return
	}
	s.before.Store(&first)
}

// Refuse answers like S3 does when it says no, or not now; with the key in it.
func Refuse(w http.ResponseWriter, r *http.Request, status int, code string) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	where := html.EscapeString(r.URL.String())
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no, not %s</Message><Resource>%s</Resource></Error>", code, where, where) // the client may be gone
	return true
}

package bucket_test

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
)

// awsEnvironment is all of it, so that no other of this machine comes through.
func awsEnvironment(t *testing.T, more map[string]string) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	set := map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "",
	}
	for name, value := range more {
		set[name] = value
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

// As in earnest: over TLS and signed. The server is one of those that do not
// understand the checksum which Amazon's client puts behind each part.
func TestS3OverTLSWithTheUsualCredentials(t *testing.T) {
	s, certificate := buckettest.NewTLS(t)
	awsEnvironment(t, map[string]string{"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_CA_BUNDLE": certificate, "AWS_REGION": "eu-west-3"})
	var mu sync.Mutex
	signed := map[string]int{}
	s.Before(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		scope, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), ",")
		parts := strings.Split(scope, "/") // key, day, region, service
		if len(parts) > 3 {
			signed[parts[0]+" "+parts[2]+" "+parts[3]]++
		} else {
			signed["none"]++
		}
		return false
	})
	b := open(t, strings.Replace(s.Signed("versioned"), "region=eu-central-1", "request_checksum_calculation=when_required", 1))
	body := noise(20 << 20)
	put(t, b, "x", body)
	f, err := b.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes back, %v", len(got), err)
	}
	if err := b.Remove(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if len(signed) != 1 || signed["AKIDTEST eu-west-3 s3"] == 0 {
		t.Errorf("signed: %v", signed)
	}
}

func TestWithoutCredentialsTheErrorSaysSo(t *testing.T) {
	awsEnvironment(t, nil)
	b := open(t, buckettest.New(t).Signed("plain"))
	for _, err := range []error{b.Remove(t.Context(), "words-of-davi"), b.Ping(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), "credentials") || strings.Contains(err.Error(), "davi") {
			t.Errorf("got %v", err)
		}
	}
}

func TestTheEnvironmentCannotLowerTheGuard(t *testing.T) {
	awsEnvironment(t, map[string]string{"AWS_ENDPOINT_URL_S3": "http://store.example.com"})
	if b, err := bucket.Open("s3://b?region=eu-central-1"); err == nil {
		b.Close()
		t.Error("plain http is taken from the environment")
	}
	awsEnvironment(t, nil)
	if b, err := bucket.Open("s3://b"); err == nil || !strings.Contains(err.Error(), "region") {
		t.Errorf("without a region: %v, %v", b, err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b *bucket.Bucket) {
		if err := b.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
	b := open(t, buckettest.New(t).Address("none"))
	if err := b.Ping(t.Context()); err == nil {
		t.Error("a bucket that is not there answers")
	}
}

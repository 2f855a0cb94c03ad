package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
)

const (
	// An upload holds a few parts in memory, whatever the size of the object,
	// and S3 takes 10,000 parts: 50 GB.
	partSize    = 5 << 20 // the least that S3 takes
	partsAtOnce = 2

	// patience is for cleaning up after a context that has ended.
	patience = 30 * time.Second
)

// bucketS3 keeps objects in an S3 bucket, below a prefix.
type bucketS3 struct {
	blob   *blob.Bucket
	client *s3.Client
	name   *string
	prefix string // "" or ends in "/"
}

func openS3(address string) (*bucketS3, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, errors.New("expected s3://bucket/prefix?region=…, credentials only by the AWS environment")
	}
	s := &bucketS3{name: aws.String(u.Host)}
	if below := strings.Trim(u.Path, "/"); below != "" {
		s.prefix = below + "/"
	}
	if endpoint := u.Query().Get("endpoint"); !private(endpoint) {
		return nil, errors.New("the endpoint must be https (plain http is for a loopback address)")
	}
	u.Path = ""
	// Opening reads settings and asks nobody, so there is nothing to cancel.
	if s.blob, err = new(s3blob.URLOpener).OpenBucketURL(context.Background(), u); err != nil {
		return nil, fmt.Errorf("open the S3 bucket: %w", err)
	}
	if !s.blob.As(&s.client) {
		return nil, errors.New("open the S3 bucket: there is no client")
	}
	o := s.client.Options()
	if o.Region == "" {
		return nil, errors.New("the S3 bucket needs a region: s3://bucket?region=…, or AWS_REGION")
	}
	if !private(aws.ToString(o.BaseEndpoint)) || o.EndpointOptions.DisableHTTPS {
		return nil, errors.New("the endpoint must be https (plain http is for a loopback address)")
	}
	return s, nil
}

// private says that nobody can listen on the way to an endpoint.
func private(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || endpoint == "" || u.Scheme == "https" {
		return err == nil
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func (s *bucketS3) Close() error { return s.blob.Close() }

// valid takes any text: "a//b" and "/a" are keys like others, and not "a/b";
// "a/" is what some programs put where a directory would be.
func (s *bucketS3) valid(string) bool { return true }

func (s *bucketS3) key(key string) *string { return aws.String(s.prefix + key) }

func (s *bucketS3) open(ctx context.Context, key string) (*File, error) {
	// gocloud escapes some characters, also in the keys of other programs.
	raw := &blob.ReaderOptions{BeforeRead: func(as func(any) bool) error {
		var in *s3.GetObjectInput
		var options *[]func(*s3.Options)
		if !as(&in) || !as(&options) {
			return errors.New("the S3 client is another one")
		}
		in.Key, *options = s.key(key), append(*options, quiet)
		return nil
	}}
	from := func(off int64) (io.ReadCloser, int64, error) {
		r, err := s.blob.NewRangeReader(ctx, "object", off, -1, raw)
		if err != nil {
			return nil, 0, s3Error("open an object", err)
		}
		return r, r.Size(), nil
	}
	body, size, err := from(0)
	if err != nil {
		return nil, err
	}
	r := &stream{ctx: ctx, from: from, size: size, body: body}
	return &File{io.NewSectionReader(r, 0, size), r}, nil
}

// quiet stops a line in the log for each object that was stored without a
// checksum of Amazon's.
func quiet(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true }

func (s *bucketS3) exists(ctx context.Context, key string) (bool, error) {
	// Not HEAD: its 404 has no words, and may be about the bucket.
	page, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: s.name, Prefix: s.key(key), MaxKeys: aws.Int32(1)})
	if err != nil {
		return false, s3Error("look for an object", err)
	}
	// Of all keys that begin with this one, it comes first.
	return len(page.Contents) > 0 && aws.ToString(page.Contents[0].Key) == s.prefix+key, nil
}

func (s *bucketS3) create(ctx context.Context, key string, fill func(io.Writer) error, check func(*File) error) error {
	if err := free(ctx, s, key); err != nil {
		return err
	}
	whole := false
	defer func() {
		if whole {
			return
		}
		// The upload may have ended although its answer was lost.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		_ = s.remove(ctx, key) // if not now, then as something that nobody has written down
	}()
	if err := s.write(ctx, key, fill); err != nil {
		return err
	}
	back, err := s.open(ctx, key)
	if err != nil {
		return err
	}
	defer back.Close()
	if err := check(back); err != nil {
		return err
	}
	whole = true
	return nil
}

// write uploads what fill writes. Only closing makes an object of it, and
// closing after the context was cancelled makes none.
func (s *bucketS3) write(ctx context.Context, key string, fill func(io.Writer) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := s.blob.NewWriter(ctx, "object", &blob.WriterOptions{
		BufferSize: partSize, MaxConcurrency: partsAtOnce, ContentType: "application/octet-stream",
		BeforeWrite: func(as func(any) bool) error {
			var in *transfermanager.UploadObjectInput
			if !as(&in) {
				return errors.New("the S3 client is another one")
			}
			in.Key = s.key(key)
			return nil
		},
	})
	if err != nil {
		return s3Error("create an object", err)
	}
	filled := false
	defer func() {
		if !filled { // fill may also have panicked
			cancel()
			_ = w.Close() // says only that it was cancelled
		}
	}()
	if err := fill(sayer{w}); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	filled = true
	if err := w.Close(); err != nil {
		return s3Error("write an object", err)
	}
	return nil
}

// sayer keeps keys out of the errors of writing.
type sayer struct{ w io.Writer }

func (s sayer) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = s3Error("write an object", err)
	}
	return n, err
}

func (s *bucketS3) list(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: s.name, Prefix: s.key(prefix)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Object{}, s3Error("list objects", err))
				return
			}
			for _, o := range page.Contents {
				key := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
				if !yield(Object{key, aws.ToInt64(o.Size), aws.ToTime(o.LastModified)}, nil) {
					return
				}
			}
		}
	}
}

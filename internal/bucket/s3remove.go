package bucket

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// uploadAge is how old an unfinished upload must be to be taken for one whose
// writer died: nothing that we write takes a day.
const uploadAge = 24 * time.Hour

// errStays says that the storage took a removal and still has the object.
var errStays = errors.New("remove an object: the storage still has it")

// remove takes first what could become the object again, then every version,
// and is content when a listing no longer has the key. A bucket whose versions
// we may not see is an error: what looks gone there may only be hidden.
func (s *bucketS3) remove(ctx context.Context, key string) error {
	if err := s.abort(ctx, key, func(k string, _ time.Time) bool { return k == s.prefix+key }); err != nil {
		return err
	}
	for range 100 {
		ids, more, err := s.versions(ctx, key)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.delete(ctx, key, id); err != nil {
				return err
			}
		}
		if more {
			continue
		}
		there, err := s.exists(ctx, key)
		if err != nil || !there {
			return err
		}
		if err := s.delete(ctx, key, nil); err != nil { // no versions here, or one that is new
			return err
		}
	}
	return errStays
}

func (s *bucketS3) delete(ctx context.Context, key string, version *string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: s.name, Key: s.key(key), VersionId: version})
	if err != nil && !says(err, "NoSuchKey", "NoSuchVersion") {
		return s3Error("remove an object", err)
	}
	return nil
}

// versions lists the versions of an object and the marks of its deletion, up to
// a page of them. Of all keys that begin with this one, it comes first.
func (s *bucketS3) versions(ctx context.Context, key string) (ids []*string, more bool, err error) {
	page, err := s.client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: s.name, Prefix: s.key(key)})
	if says(err, "NotImplemented", "MethodNotAllowed") {
		return nil, false, nil // a storage that knows of no versions
	}
	if err != nil {
		return nil, false, s3Error("list the versions of an object", err)
	}
	more = aws.ToBool(page.IsTruncated)
	for _, v := range page.Versions {
		if aws.ToString(v.Key) == s.prefix+key {
			ids = append(ids, v.VersionId)
		} else {
			more = false
		}
	}
	for _, m := range page.DeleteMarkers {
		if aws.ToString(m.Key) == s.prefix+key {
			ids = append(ids, m.VersionId)
		} else {
			more = false
		}
	}
	return ids, more, nil
}

// abort ends unfinished uploads below a prefix: their parts are held, and paid
// for, although no listing shows them.
func (s *bucketS3) abort(ctx context.Context, prefix string, which func(key string, begun time.Time) bool) error {
	pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: s.name, Prefix: s.key(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if says(err, "NotImplemented", "NoSuchUpload") { // none can be, or there never was one
			return nil
		}
		if err != nil {
			return s3Error("list unfinished uploads", err)
		}
		for _, u := range page.Uploads {
			if !which(aws.ToString(u.Key), aws.ToTime(u.Initiated)) {
				continue
			}
			_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: s.name, Key: u.Key, UploadId: u.UploadId})
			if err != nil && !says(err, "NoSuchUpload") {
				return s3Error("abort an unfinished upload", err)
			}
		}
	}
	return nil
}

func (s *bucketS3) tidy(ctx context.Context, ours func(key string) bool) error {
	err := s.abort(ctx, "", func(key string, begun time.Time) bool {
		return time.Since(begun) > uploadAge && ours(strings.TrimPrefix(key, s.prefix))
	})
	if err != nil {
		return fmt.Errorf("tidy the bucket: %w", err)
	}
	return nil
}

// Package bucket keeps objects under keys, in a directory or in an S3 bucket,
// with the same promises for both.
//
// A directory is read and written by os.Root, not by gocloud's fileblob, which
// follows links out of its directory, escapes keys (so that what another
// program wrote is not found), writes a second file of attributes beside each
// object, and does not sync. S3 goes through gocloud.dev/blob for what streams,
// and through the client below it for what blob has no words for: versions,
// unfinished uploads, and keys as they are.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrRefused says that trying again will not help: the storage does not let us,
// it is not there, or the key can be none. An object that is gone is
// fs.ErrNotExist, one that is there already fs.ErrExist. Any other error may
// pass. No error tells a key: names of files tell about people.
var ErrRefused = errors.New("refused")

// Bucket is a place for objects. It may be used by many at once.
type Bucket struct{ place }

// place is what directories and S3 do each in their way. Keys and prefixes
// have been looked at before.
type place interface {
	open(ctx context.Context, key string) (*File, error)
	create(ctx context.Context, key string, fill func(io.Writer) error, check func(*File) error) error
	remove(ctx context.Context, key string) error
	exists(ctx context.Context, key string) (bool, error)
	list(ctx context.Context, prefix string) iter.Seq2[Object, error]
	tidy(ctx context.Context, ours func(key string) bool) error
	valid(key string) bool
	Close() error
}

// Object is an entry of a list.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
}

// File is an opened object, to be read from front to back or at any place. In
// S3, going forward is one request and each jump another.
type File struct {
	*io.SectionReader
	io.Closer
}

// Open opens "/directory", "file:///directory" or "s3://bucket/prefix?region=…".
// A directory must be there. S3 is not asked anything yet: it may be down now
// and back later.
func Open(address string) (*Bucket, error) { return open(address, openDirectory) }

// OpenPrivate is Open for storage of our own: a directory is made if it is not
// there, closed to everybody else, and tidied.
func OpenPrivate(address string) (*Bucket, error) { return open(address, makeDirectory) }

func open(address string, directory func(string) (*dir, error)) (*Bucket, error) {
	scheme, rest, isURL := strings.Cut(address, "://")
	switch {
	case !isURL && address != "":
		rest = address
	case scheme == "s3":
		s, err := openS3(address)
		if err != nil {
			return nil, err
		}
		return &Bucket{s}, nil
	case scheme != "file" || !strings.HasPrefix(rest, "/"):
		return nil, errors.New("expected a directory, as /path or file:///path, or s3://bucket")
	}
	d, err := directory(rest)
	if err != nil {
		return nil, err
	}
	return &Bucket{d}, nil
}

// Open opens an object. The context is for all reading from it.
func (b *Bucket) Open(ctx context.Context, key string) (*File, error) {
	if err := b.look(key); err != nil {
		return nil, err
	}
	return b.open(ctx, key)
}

// Create writes a new object, whole or not at all. When fill has written it,
// check is given what the storage holds; if either complains or the context
// ends, nothing stays. It needs no room outside the storage, and the same
// memory for any size. One that is there already is fs.ErrExist.
func (b *Bucket) Create(ctx context.Context, key string, fill func(io.Writer) error, check func(*File) error) error {
	if err := b.look(key); err != nil {
		return err
	}
	return b.create(ctx, key, fill, check)
}

// free says that a key can be taken.
func free(ctx context.Context, p place, key string) error {
	there, err := p.exists(ctx, key)
	if err == nil && there {
		err = fmt.Errorf("create an object: %w", fs.ErrExist)
	}
	return err
}

// Remove removes an object so that a power cut does not bring it back; in S3
// with all its versions and with uploads of it that never ended. One that is
// gone is no error. Directories stay, also empty ones: another program may have
// made one for what it is about to write.
func (b *Bucket) Remove(ctx context.Context, key string) error {
	if err := b.look(key); err != nil {
		return err
	}
	return b.remove(ctx, key)
}

// Exists says whether there is such an object.
func (b *Bucket) Exists(ctx context.Context, key string) (bool, error) {
	if err := b.look(key); err != nil {
		return false, err
	}
	return b.exists(ctx, key)
}

// List walks over the objects below a prefix, in no order that a caller may
// rely on. A prefix is "", for all, or ends in "/", so that a/1/ does not bring
// a/10. Objects may be removed on the way.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	if prefix != "" {
		below, ok := strings.CutSuffix(prefix, "/")
		if err := b.look(below); err != nil || !ok {
			return func(yield func(Object, error) bool) {
				yield(Object{}, fmt.Errorf("list objects: %w: a prefix ends in a slash", ErrRefused))
			}
		}
	}
	return b.list(ctx, prefix)
}

// Ping says whether the storage is there and lets us look.
func (b *Bucket) Ping(ctx context.Context) error {
	_, err := b.exists(ctx, "is anybody there")
	return err
}

// Tidy removes what writers that died left half written. In a bucket that is
// shared with others, ours says which keys are for us to tidy.
func (b *Bucket) Tidy(ctx context.Context, ours func(key string) bool) error {
	return b.tidy(ctx, ours)
}

// Names says whether an object can have that key here.
func (b *Bucket) Names(key string) bool { return b.look(key) == nil }

// look refuses a key that leads elsewhere, or may do so to a part of the way,
// and what no listing can give back.
func (b *Bucket) look(key string) error {
	ok := key != "" && len(key) <= 1024 && utf8.ValidString(key) && !strings.ContainsFunc(key, unicode.IsControl)
	for part := range strings.SplitSeq(key, "/") {
		ok = ok && part != "." && part != ".."
	}
	if !ok || !b.valid(key) {
		return fmt.Errorf("look at a key: %w: it names no object", ErrRefused)
	}
	return nil
}

// clean says that a key is a path to a file with one spelling only. In a directory two
// spellings are one file: removed for a row that names it in one, it would be
// missing to a row that names it in the other.
func clean(key string) bool { return key == path.Clean(key) && key[0] != '/' }

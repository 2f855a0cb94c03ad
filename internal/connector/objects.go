package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/crowsstack/privacy-portal/internal/bucket"
)

// Objects is the messaging store's object storage: a directory or an S3 bucket,
// or several with names where the store itself spreads its objects. Keys are
// what the store's rows say. Errors are those of package bucket: gone is
// fs.ErrNotExist, hopeless is bucket.ErrRefused, the rest may pass; none of them
// tells a key.
type Objects struct {
	places map[string]*bucket.Bucket // "" is the one without a name
	place  *bucket.Bucket            // where keys are looked for; nil if a name has to be said first
}

// named finds where an address with a name before it begins. No address of a
// place begins like that: they have a slash or a colon before any "=".
var named = regexp.MustCompile(`(?:^|,)\s*([A-Za-z][A-Za-z0-9_-]*)=`)

// OpenObjects opens object storage: "/srv/files", "s3://bucket/prefix?region=…",
// or several as "media=s3://media?region=…,local=/srv/files", of which one may
// come first without a name and is then the one that is meant where a map says
// none. The forms of an address are those of bucket.Open.
func OpenObjects(addresses string) (*Objects, error) {
	o := &Objects{places: map[string]*bucket.Bucket{}}
	add := func(name, address string) error {
		if o.places[name] != nil {
			return fmt.Errorf("two object storages have the name %q", name)
		}
		b, err := bucket.Open(strings.TrimSpace(address))
		if err != nil {
			return fmt.Errorf("open the object storage at %s: %w", strings.TrimSpace(address), err)
		}
		o.places[name], o.place = b, b
		return nil
	}
	rest, names := addresses, named.FindAllStringSubmatchIndex(addresses, -1)
	var errs []error
	for _, at := range slices.Backward(names) {
		errs = append(errs, add(rest[at[2]:at[3]], rest[at[1]:]))
		rest = rest[:at[0]]
	}
	if len(names) == 0 || strings.TrimSpace(rest) != "" {
		errs = append(errs, add("", rest))
	}
	if len(o.places) > 1 {
		o.place = o.places[""]
	}
	if err := errors.Join(errs...); err != nil {
		_ = o.Close() // the first error says more
		return nil, err
	}
	return o, nil
}

// Names lists the names that In takes, "" left out.
func (o *Objects) Names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(o.places)), func(name string) bool { return name == "" })
}

// In gives the storage of that name, "" the one that needs none.
func (o *Objects) In(name string) (*Objects, error) {
	if name == "" {
		return o, nil
	}
	b := o.places[name]
	if b == nil {
		return nil, fmt.Errorf("%w: no object storage has the name %q", bucket.ErrRefused, name)
	}
	return &Objects{o.places, b}, nil
}

var errNameless = fmt.Errorf("%w: there are several object storages, and the data map does not say which", bucket.ErrRefused)

// Open opens one object. The context is for all of the reading.
func (o *Objects) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if o.place == nil {
		return nil, errNameless
	}
	f, err := o.place.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Remove removes one object, with all versions of it; one that is gone is no
// error.
func (o *Objects) Remove(ctx context.Context, key string) error {
	if o.place == nil {
		return errNameless
	}
	return o.place.Remove(ctx, key)
}

// atOnce is how many objects are removed at a time: each costs S3 four requests.
const atOnce = 8

// RemoveAll removes objects and gives the keys of those that are gone now, also
// beside an error. One that is refused does not keep the others; an error that
// may pass ends the round, since the next would only run into it too.
func (o *Objects) RemoveAll(ctx context.Context, keys []string) (gone []string, err error) {
	var (
		mu      sync.Mutex
		refused []error
	)
	all, round := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	for _, key := range keys {
		if round.Err() != nil {
			break
		}
		all.Go(func() error {
			err := o.Remove(round, key)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				gone = append(gone, key)
			case errors.Is(err, bucket.ErrRefused):
				refused = append(refused, err)
			default:
				return err
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return gone, err
	}
	if len(refused) > 0 {
		return gone, fmt.Errorf("%d of %d objects stay: %w", len(refused), len(keys), refused[0])
	}
	return gone, ctx.Err()
}

// Exists says whether there is such an object.
func (o *Objects) Exists(ctx context.Context, key string) (bool, error) {
	if o.place == nil {
		return false, errNameless
	}
	return o.place.Exists(ctx, key)
}

// List gives the keys of all objects below a prefix, which ends in "/": one
// that did not would bring a neighbour's, and an empty one everybody's. They may
// be removed on the way.
func (o *Objects) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if o.place == nil {
			yield("", errNameless)
			return
		}
		if prefix == "" {
			yield("", fmt.Errorf("list objects: %w: all of them are nobody's", bucket.ErrRefused))
			return
		}
		for object, err := range o.place.List(ctx, prefix) {
			if !yield(object.Key, err) {
				return
			}
		}
	}
}

// Ping says whether all places are there and let us look.
func (o *Objects) Ping(ctx context.Context) error {
	var errs []error
	for name, b := range o.places {
		if err := b.Ping(ctx); err != nil {
			errs = append(errs, fmt.Errorf("object storage %q: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// Close gives the places back, all of them, whatever name this one has.
func (o *Objects) Close() error {
	var errs []error
	for _, b := range o.places {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Objects is the messaging store's object storage: a directory, the keys being
// paths below it. A key cannot lead out of it, not even through a link.
type Objects struct{ root *os.Root }

// OpenObjects opens object storage that lies in a directory.
func OpenObjects(dir string) (*Objects, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the object storage: %w", err)
	}
	return &Objects{root}, nil
}

// Open reads one object.
func (o *Objects) Open(key string) (io.ReadCloser, error) {
	f, err := o.root.Open(key)
	if err != nil {
		return nil, withoutKey("open an object", err)
	}
	return f, nil
}

// Remove removes one object; one that is gone is no error.
func (o *Objects) Remove(_ context.Context, key string) error {
	if err := o.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withoutKey("remove an object", err)
	}
	return nil
}

// Close gives the directory back.
func (o *Objects) Close() error { return o.root.Close() }

// withoutKey keeps a key out of the error: file names tell about people.
func withoutKey(doing string, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

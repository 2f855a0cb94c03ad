package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

const partialExt = ".partial"

// dir keeps objects as files. A key cannot lead out of it, not even through a
// link.
type dir struct{ root *os.Root }

func openDirectory(name string) (*dir, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	return &dir{root}, nil
}

func makeDirectory(name string) (*dir, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory: %w", err)
	}
	if err := os.Chmod(name, 0o700); err != nil {
		return nil, fmt.Errorf("close the directory to others: %w", err)
	}
	d, err := openDirectory(name)
	if err != nil {
		return nil, err
	}
	if err := d.tidy(context.Background(), nil); err != nil { // as short as opening
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *dir) Close() error { return d.root.Close() }

func (d *dir) valid(key string) bool { return clean(key) }

func (d *dir) open(_ context.Context, key string) (*File, error) {
	// Without O_NONBLOCK a pipe in the directory would hold us for ever.
	f, err := d.root.OpenFile(key, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, dirError("open an object", err)
	}
	file, err := whole(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return file, nil
}

// whole gives all of a file that is one.
func whole(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, dirError("look at an object", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("open an object: %w", fs.ErrNotExist)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open an object: %w: it is no file", ErrRefused)
	}
	return &File{io.NewSectionReader(f, 0, info.Size()), f}, nil
}

func (d *dir) exists(_ context.Context, key string) (bool, error) {
	info, err := d.root.Lstat(key)
	if gone(err) {
		return false, nil
	}
	if err != nil {
		return false, dirError("look for an object", err)
	}
	return !info.IsDir(), nil
}

func (d *dir) create(ctx context.Context, key string, fill func(io.Writer) error, check func(*File) error) error {
	if err := free(ctx, d, key); err != nil {
		return err
	}
	partial := uuid.NewString() + partialExt
	f, err := d.root.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return dirError("create an object", err)
	}
	published := false
	defer func() {
		f.Close() // synced by then, or thrown away
		if !published {
			_ = d.root.Remove(partial) // if not now, Tidy does it
		}
	}()
	// The lock tells other processes that somebody is still writing.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return dirError("lock an object", err)
	}
	if err := fill(f); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := f.Sync(); err != nil {
		return dirError("sync an object", err)
	}
	back, err := whole(f)
	if err != nil {
		return err
	}
	if err := check(back); err != nil {
		return err
	}
	if err := d.root.Rename(partial, key); err != nil {
		return dirError("publish an object", err)
	}
	published = true
	return d.sync(path.Dir(key))
}

func (d *dir) remove(_ context.Context, key string) error {
	info, err := d.root.Lstat(key)
	if gone(err) {
		return nil
	}
	if err != nil {
		return dirError("look at an object", err)
	}
	if !info.Mode().IsRegular() { // of a link, only the link would go
		return fmt.Errorf("remove an object: %w: it is no file", ErrRefused)
	}
	if err := d.root.Remove(key); err != nil && !gone(err) {
		return dirError("remove an object", err)
	}
	return d.sync(path.Dir(key))
}

// sync makes a change of a directory survive a power cut.
func (d *dir) sync(name string) error {
	f, err := d.root.Open(name)
	if gone(err) {
		return nil // and whatever was in it
	}
	if err != nil {
		return dirError("open a directory", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return dirError("sync a directory", err)
	}
	return nil
}

func (d *dir) list(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) { d.walk(ctx, prefix, yield) }
}

// walk goes through a directory, piece by piece: there may be millions in it.
// It does not follow links.
func (d *dir) walk(ctx context.Context, prefix string, yield func(Object, error) bool) bool {
	f, err := d.root.Open(path.Clean(prefix))
	if gone(err) {
		return true
	}
	if err != nil {
		return yield(Object{}, dirError("list objects", err))
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			if ctx.Err() != nil {
				return yield(Object{}, context.Cause(ctx))
			}
			if !d.visit(ctx, prefix, e, yield) {
				return false
			}
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			return yield(Object{}, dirError("list objects", err))
		}
	}
}

func (d *dir) visit(ctx context.Context, prefix string, e fs.DirEntry, yield func(Object, error) bool) bool {
	if e.IsDir() {
		return d.walk(ctx, prefix+e.Name()+"/", yield)
	}
	info, err := e.Info()
	if gone(err) {
		return true
	}
	if err != nil {
		return yield(Object{}, dirError("look at an object", err))
	}
	return yield(Object{prefix + e.Name(), info.Size(), info.ModTime()}, nil)
}

// tidy removes half-written files that no living process has locked. Their
// names are nobody else's, so it need not ask whose they are.
func (d *dir) tidy(ctx context.Context, _ func(string) bool) error {
	for o, err := range d.list(ctx, "") {
		if err != nil {
			return err
		}
		if strings.Contains(o.Key, "/") || !strings.HasSuffix(o.Key, partialExt) {
			continue
		}
		if err := d.drop(o.Key); err != nil {
			return err
		}
	}
	return nil
}

func (d *dir) drop(name string) error {
	f, err := d.root.OpenFile(name, os.O_RDWR, 0)
	if gone(err) {
		return nil
	}
	if err != nil {
		return dirError("open what is half written", err)
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // its writer lives
	}
	if err := d.root.Remove(name); err != nil && !gone(err) {
		return dirError("remove what is half written", err)
	}
	return nil
}

// gone holds as well where a part of the way is a file.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// passing lists what a file system may get over. What is not in it, it does
// not: no permission, read-only, a name too long, a link that leads out.
var passing = []error{syscall.EIO, syscall.EAGAIN, syscall.EBUSY, syscall.EINTR, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM,
	syscall.ENOSPC, syscall.EDQUOT, syscall.ESTALE, syscall.ETIMEDOUT, syscall.EREMOTEIO, syscall.ETXTBSY, fs.ErrClosed}

// dirError keeps the path out of the error, and says whether to try again.
func dirError(doing string, err error) error {
	if gone(err) {
		return fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
	}
	refused := true
	for _, p := range passing {
		refused = refused && !errors.Is(err, p)
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	} else if le, ok := errors.AsType[*os.LinkError](err); ok {
		err = le.Err
	}
	if refused {
		return fmt.Errorf("%s: %w: %w", doing, ErrRefused, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

const (
	sealedExt  = ".zip.sealed"
	partialExt = ".partial"

	// sweepAge is how old a package must be before Sweep takes it for
	// forgotten: a new one may not be written down anywhere yet.
	sweepAge = time.Hour
)

// Vault keeps sealed packages in a directory. Each has a key of its own; the
// vault keeps none of them: without the Artifact a package cannot be read.
// Several processes may share the directory.
type Vault struct {
	root *os.Root
	keys *seal.Keyring
}

// OpenVault opens or makes the directory ("/var/lib/portal/vault" or
// "file:///var/lib/portal/vault"), closes it to everybody else, and takes away
// what was left half written.
func OpenVault(dir string, keys *seal.Keyring) (*Vault, error) {
	if scheme, rest, ok := strings.Cut(dir, "://"); ok {
		if scheme != "file" || !strings.HasPrefix(rest, "/") {
			return nil, fmt.Errorf("the vault must be a directory, as a path or as file:///path; %s: is not supported", scheme)
		}
		dir = rest
	}
	if dir == "" {
		return nil, errors.New("the vault needs a directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the vault's directory: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("close the vault's directory to others: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the vault's directory: %w", err)
	}
	v := &Vault{root, keys}
	if err := v.sweepPartial(); err != nil {
		root.Close()
		return nil, err
	}
	return v, nil
}

// Close gives the directory back to the system.
func (v *Vault) Close() error { return v.root.Close() }

func aad(id uuid.UUID) string { return "package/" + id.String() }

// Create seals what fill writes into a new package. It is published whole or
// not at all, and has been read back and compared before Create returns. Take a
// new id for every try; one that exists is refused.
func (v *Vault) Create(ctx context.Context, id uuid.UUID, fill func(io.Writer) error) (Artifact, error) {
	key := seal.RandomKey()
	wrapped, err := v.keys.Wrap(aad(id), key)
	if err != nil {
		return Artifact{}, fmt.Errorf("wrap the key of package %s: %w", id, err)
	}
	name := id.String() + sealedExt
	if _, err := v.root.Lstat(name); err == nil {
		return Artifact{}, fmt.Errorf("create package %s: %w", id, fs.ErrExist)
	}
	partial := uuid.NewString() + partialExt
	f, err := v.root.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return Artifact{}, fmt.Errorf("create package %s: %w", id, err)
	}
	published := false
	defer func() {
		f.Close() // synced by then, or thrown away
		if !published {
			_ = v.root.Remove(partial) // if not now, the next start does it
		}
	}()
	// The lock tells other processes that somebody is still writing.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return Artifact{}, fmt.Errorf("lock package %s: %w", id, err)
	}
	a, err := v.write(ctx, f, key, Artifact{ID: id, Key: wrapped}, fill)
	if err != nil {
		return Artifact{}, fmt.Errorf("write package %s: %w", id, err)
	}
	if err := v.check(ctx, f, a); err != nil {
		return Artifact{}, fmt.Errorf("read package %s back: %w", id, err)
	}
	if err := v.root.Rename(partial, name); err != nil {
		return Artifact{}, fmt.Errorf("publish package %s: %w", id, err)
	}
	published = true
	return a, v.sync()
}

func (v *Vault) write(ctx context.Context, f *os.File, key []byte, a Artifact, fill func(io.Writer) error) (Artifact, error) {
	w, err := seal.NewWriter(f, key, aad(a.ID))
	if err != nil {
		return a, err
	}
	m := &meter{ctx: ctx, w: w, sum: sha256.New()}
	if err := fill(m); err != nil {
		return a, err
	}
	if err := ctx.Err(); err != nil {
		return a, context.Cause(ctx)
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	if err := f.Sync(); err != nil {
		return a, err
	}
	a.Size, a.SHA256 = m.n, hex.EncodeToString(m.sum.Sum(nil))
	return a, nil
}

// meter measures the plain ZIP, and stops a fill whose context has ended.
type meter struct {
	ctx context.Context
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (m *meter) Write(p []byte) (int, error) {
	if m.ctx.Err() != nil {
		return 0, context.Cause(m.ctx)
	}
	n, err := m.w.Write(p)
	m.sum.Write(p[:n])
	m.n += int64(n)
	return n, err
}

// sync makes a change of the directory survive a power cut.
func (v *Vault) sync() error {
	d, err := v.root.Open(".")
	if err != nil {
		return fmt.Errorf("open the vault's directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync the vault's directory: %w", err)
	}
	return nil
}

// Reader reads an opened package at any place, deciphering as it goes.
type Reader struct {
	*io.SectionReader
	file *os.File
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// Open opens a package for reading, as http.ServeContent wants it. A package
// that is gone is fault.NotFound; one that was changed is seal.ErrOpen, here or
// when the changed place is read.
func (v *Vault) Open(a Artifact) (*Reader, error) {
	f, err := v.root.Open(a.ID.String() + sealedExt)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "error.package_gone").Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open package %s: %w", a.ID, err)
	}
	r, err := v.unseal(f, a)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open package %s: %w", a.ID, err)
	}
	return &Reader{r, f}, nil
}

func (v *Vault) unseal(f *os.File, a Artifact) (*io.SectionReader, error) {
	key, err := v.keys.Unwrap(aad(a.ID), a.Key)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	r, size, err := seal.NewReaderAt(f, info.Size(), key, aad(a.ID))
	if err != nil {
		return nil, err
	}
	if size != a.Size {
		return nil, seal.ErrOpen
	}
	return io.NewSectionReader(r, 0, size), nil
}

// Check reads all of a package and compares it with its SHA-256. One that is
// gone or was changed gives the errors of Open; any other error says only that
// it could not be read now.
func (v *Vault) Check(ctx context.Context, a Artifact) error {
	r, err := v.Open(a)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := v.check(ctx, r.file, a); err != nil {
		return fmt.Errorf("check package %s: %w", a.ID, err)
	}
	return nil
}

func (v *Vault) check(ctx context.Context, f *os.File, a Artifact) error {
	r, err := v.unseal(f, a)
	if err != nil {
		return err
	}
	m := &meter{ctx: ctx, w: io.Discard, sum: sha256.New()}
	if _, err := io.CopyBuffer(struct{ io.Writer }{m}, struct{ io.Reader }{r}, make([]byte, 64<<10)); err != nil {
		return err
	}
	if hex.EncodeToString(m.sum.Sum(nil)) != a.SHA256 {
		return fmt.Errorf("the package is not the one that was written: %w", seal.ErrOpen)
	}
	return nil
}

// Remove takes a package away; one that is not there is no error. Delete the
// artifact's key as well: then no copy of the file can be read either.
func (v *Vault) Remove(id uuid.UUID) error {
	if err := v.root.Remove(id.String() + sealedExt); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove package %s: %w", id, err)
	}
	return v.sync()
}

// Sweep removes packages that keep does not want and that are more than an
// hour old, and what was left half written. It says how many packages went.
func (v *Vault) Sweep(keep func(uuid.UUID) bool) (int, error) {
	if err := v.sweepPartial(); err != nil {
		return 0, err
	}
	gone := 0
	err := v.each(sealedExt, func(name string, info fs.FileInfo) error {
		id, err := uuid.Parse(strings.TrimSuffix(name, sealedExt))
		if err != nil || time.Since(info.ModTime()) < sweepAge || keep(id) {
			return nil
		}
		gone++
		return v.Remove(id)
	})
	return gone, err
}

// sweepPartial removes half-written files that no living process has locked.
func (v *Vault) sweepPartial() error {
	return v.each(partialExt, func(name string, _ fs.FileInfo) error {
		f, err := v.root.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("open a half-written package: %w", err)
		}
		defer f.Close()
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			return nil // its writer lives
		}
		if err := v.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a half-written package: %w", err)
		}
		return nil
	})
}

func (v *Vault) each(ext string, fn func(string, fs.FileInfo) error) error {
	d, err := v.root.Open(".")
	if err != nil {
		return fmt.Errorf("open the vault's directory: %w", err)
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(256)
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ext) {
				continue
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return fmt.Errorf("look at a file of the vault: %w", err)
			}
			if err := fn(e.Name(), info); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list the vault: %w", err)
		}
	}
}

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
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

const (
	// sweepAge is how old a package must be before Sweep takes it for
	// forgotten: a new one may not be written down anywhere yet.
	sweepAge = time.Hour
)

// Vault keeps sealed packages in a directory or an S3 bucket. Each has a key of
// its own; the vault keeps none of them: without the Artifact a package cannot
// be read. Several processes may share the place.
type Vault struct {
	bucket *bucket.Bucket
	keys   *seal.Keyring
	kind
}

// kind is what a vault keeps: things of two kinds lie side by side, and none
// passes for one of the other.
type kind struct{ purpose, ext string }

var (
	packages = kind{"package/", ".zip.sealed"}
	files    = kind{"file/", ".file.sealed"}
)

func (k kind) aad(id uuid.UUID) string { return k.purpose + id.String() }

func (k kind) key(id uuid.UUID) string { return id.String() + k.ext }

// ours tells what we keep from what else may lie there.
func (k kind) ours(name string) (uuid.UUID, bool) {
	text, ok := strings.CutSuffix(name, k.ext)
	id, err := uuid.Parse(text)
	return id, ok && err == nil && name == k.key(id)
}

// OpenVault opens a directory, which is made if it is not there, closed to
// everybody else, and cleared of what was left half written; or an S3 bucket,
// which is not asked anything yet. For the addresses see bucket.Open.
func OpenVault(address string, keys *seal.Keyring) (*Vault, error) {
	b, err := bucket.OpenPrivate(address)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	return &Vault{b, keys, packages}, nil
}

// Files is the part of the same place for single files that people send.
// Closing it is closing the vault.
func (v *Vault) Files() *Vault { return &Vault{v.bucket, v.keys, files} }

// Close gives the place back to the system.
func (v *Vault) Close() error { return v.bucket.Close() }

// Ping says whether the place is there and lets us look.
func (v *Vault) Ping(ctx context.Context) error { return v.bucket.Ping(ctx) }

// Create seals what fill writes into a new package. Nothing is ever outside the
// vault or unsealed, and memory does not grow with the package. It is there
// whole or not at all, and has been read back and compared before Create
// returns. Take a new id for every try; one that exists is refused.
func (v *Vault) Create(ctx context.Context, id uuid.UUID, fill func(io.Writer) error) (Artifact, error) {
	secret := seal.RandomKey()
	wrapped, err := v.keys.Wrap(v.aad(id), secret)
	if err != nil {
		return Artifact{}, fmt.Errorf("wrap the key of package %s: %w", id, err)
	}
	a := Artifact{ID: id, Key: wrapped}
	write := func(w io.Writer) (err error) {
		a.Size, a.SHA256, err = write(ctx, w, secret, v.aad(id), fill)
		return err
	}
	if err := v.bucket.Create(ctx, v.key(id), write, func(f *bucket.File) error { return v.check(ctx, f, a) }); err != nil {
		return Artifact{}, fmt.Errorf("create package %s: %w", id, err)
	}
	return a, nil
}

func write(ctx context.Context, to io.Writer, secret []byte, aad string, fill func(io.Writer) error) (size int64, sum string, err error) {
	w, err := seal.NewWriter(to, secret, aad)
	if err != nil {
		return 0, "", err
	}
	m := &meter{ctx: ctx, w: w, sum: sha256.New()}
	if err := fill(m); err != nil {
		return 0, "", err
	}
	if ctx.Err() != nil {
		return 0, "", context.Cause(ctx)
	}
	if err := w.Close(); err != nil {
		return 0, "", err
	}
	return m.n, hex.EncodeToString(m.sum.Sum(nil)), nil
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

// Reader reads an opened package at any place, deciphering as it goes.
type Reader struct {
	*io.SectionReader
	file *bucket.File
}

// Close ends the reading.
func (r *Reader) Close() error { return r.file.Close() }

// Open opens a package for reading, as http.ServeContent wants it; the context
// is for all of the reading. A package that is gone is fault.NotFound; one that
// was changed is seal.ErrOpen, here or when the changed place is read.
func (v *Vault) Open(ctx context.Context, a Artifact) (*Reader, error) {
	f, err := v.bucket.Open(ctx, v.key(a.ID))
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

func (v *Vault) unseal(f *bucket.File, a Artifact) (*io.SectionReader, error) {
	secret, err := v.keys.Unwrap(v.aad(a.ID), a.Key)
	if err != nil {
		return nil, err
	}
	r, size, err := seal.NewReaderAt(f, f.Size(), secret, v.aad(a.ID))
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
	r, err := v.Open(ctx, a)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := v.compare(ctx, r.SectionReader, a); err != nil {
		return fmt.Errorf("check package %s: %w", a.ID, err)
	}
	return nil
}

func (v *Vault) check(ctx context.Context, f *bucket.File, a Artifact) error {
	r, err := v.unseal(f, a)
	if err == nil {
		err = v.compare(ctx, r, a)
	}
	if err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	return nil
}

func (v *Vault) compare(ctx context.Context, r *io.SectionReader, a Artifact) error {
	m := &meter{ctx: ctx, w: io.Discard, sum: sha256.New()}
	if _, err := io.CopyBuffer(struct{ io.Writer }{m}, struct{ io.Reader }{r}, make([]byte, 64<<10)); err != nil {
		return err
	}
	if hex.EncodeToString(m.sum.Sum(nil)) != a.SHA256 {
		return fmt.Errorf("the package is not the one that was written: %w", seal.ErrOpen)
	}
	return nil
}

// SealNote seals a few words that belong to something that the vault keeps; about
// says to what. OpenNote gives them back.
func (v *Vault) SealNote(about string, words []byte) ([]byte, error) {
	return v.keys.Seal("note/"+about, words)
}

// OpenNote opens what SealNote sealed about the same.
func (v *Vault) OpenNote(about string, sealed []byte) ([]byte, error) {
	return v.keys.Open("note/"+about, sealed)
}

// Remove takes a package away; one that is not there is no error. Delete the
// artifact's key as well: then no copy of the file can be read either.
func (v *Vault) Remove(ctx context.Context, id uuid.UUID) error {
	if err := v.bucket.Remove(ctx, v.key(id)); err != nil {
		return fmt.Errorf("remove package %s: %w", id, err)
	}
	return nil
}

// Sweep removes packages that keep does not want and that are more than an
// hour old, and what was left half written. It says how many packages went.
func (v *Vault) Sweep(ctx context.Context, keep func(uuid.UUID) bool) (int, error) {
	if err := v.bucket.Tidy(ctx, func(key string) bool { _, ours := v.ours(key); return ours }); err != nil {
		return 0, err
	}
	gone := 0
	for o, err := range v.bucket.List(ctx, "") {
		if err != nil {
			return gone, fmt.Errorf("list the vault: %w", err)
		}
		id, ok := v.ours(o.Key)
		if !ok || time.Since(o.Modified) < sweepAge || keep(id) {
			continue
		}
		if err := v.Remove(ctx, id); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

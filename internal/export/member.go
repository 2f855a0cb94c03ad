package export

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/klauspost/compress/flate"

	"github.com/crowsstack/privacy-portal/internal/seal"
)

// level is where more work stopped making realistic messages much smaller
// (see BenchmarkLevel): the store and the other forms need the processor too.
const level = 3

// sink is where the files of one form go: straight into the ZIP, or aside.
type sink interface {
	create(Entry) (*member, error)
}

// member is one file of a ZIP while it is written. Its entry is complete after
// close.
type member struct {
	Entry
	sum  hash.Hash
	w    io.Writer
	done func(*member) error
}

func newMember(e Entry, w io.Writer, done func(*member) error) *member {
	return &member{Entry: e, sum: sha256.New(), w: w, done: done}
}

func (m *member) Write(b []byte) (int, error) {
	m.sum.Write(b)
	m.Size += int64(len(b))
	return m.w.Write(b)
}

func (m *member) close() error {
	m.SHA256 = hex.EncodeToString(m.sum.Sum(nil))
	return m.done(m)
}

// spill keeps the finished, deflated files of one form until their place in
// the ZIP comes. It is a file without a name, sealed with a key that exists
// only here, so nothing readable ever lies on the disk.
type spill struct {
	dir   string
	file  *os.File
	key   []byte
	w     io.WriteCloser
	flate *flate.Writer
	at    int64
	size  atomic.Int64 // at, for who decides whether the ZIP is full
	files []spilled
}

type spilled struct {
	Entry
	crc        uint32
	start, end int64
}

func (s *spill) create(e Entry) (*member, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	crc, start := crc32.NewIEEE(), s.at
	s.flate.Reset(counter{s})
	return newMember(e, io.MultiWriter(crc, s.flate), func(m *member) error {
		if err := s.flate.Close(); err != nil {
			return fmt.Errorf("set %s aside: %w", m.Name, err)
		}
		s.files = append(s.files, spilled{m.Entry, crc.Sum32(), start, s.at})
		return nil
	}), nil
}

// counter knows how far the spill has got.
type counter struct{ s *spill }

func (c counter) Write(b []byte) (int, error) {
	n, err := c.s.w.Write(b)
	c.s.at += int64(n)
	c.s.size.Store(c.s.at)
	return n, err
}

func (s *spill) open() (err error) {
	if s.w != nil {
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "package-*"); err != nil {
			return fmt.Errorf("open a temporary file: %w", err)
		}
		if err := os.Remove(s.file.Name()); err != nil {
			return fmt.Errorf("take the name off a temporary file: %w", err)
		}
		if s.flate, err = flate.NewWriter(nil, level); err != nil {
			return err
		}
	}
	s.key = seal.RandomKey()
	s.w, err = seal.NewWriter(s.file, s.key, "spill")
	return err
}

// join copies everything that was set aside into the ZIP and starts anew.
func (s *spill) join(v *volume) error {
	if s.w == nil {
		return nil
	}
	if err := s.w.Close(); err != nil {
		return fmt.Errorf("finish a temporary file: %w", err)
	}
	size, err := s.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	r, _, err := seal.NewReaderAt(s.file, size, s.key, "spill")
	if err != nil {
		return fmt.Errorf("read a temporary file: %w", err)
	}
	buf := make([]byte, 64<<10)
	for _, d := range s.files {
		w, err := v.zip.CreateRaw(rawHeader(d, v.made))
		if err != nil {
			return fmt.Errorf("add %s to the package: %w", d.Name, err)
		}
		if _, err := io.CopyBuffer(w, io.NewSectionReader(r, d.start, d.end-d.start), buf); err != nil {
			return fmt.Errorf("add %s to the package: %w", d.Name, err)
		}
		v.manifest.Files = append(v.manifest.Files, d.Entry)
	}
	s.w, s.at, s.files = nil, 0, s.files[:0]
	s.size.Store(0)
	if err := s.file.Truncate(0); err != nil {
		return fmt.Errorf("empty a temporary file: %w", err)
	}
	_, err = s.file.Seek(0, io.SeekStart)
	return err
}

// rawHeader sets the time by hand, once for people's tools (local time without a
// zone) and once exactly; CreateRaw leaves both out.
func rawHeader(d spilled, made time.Time) *zip.FileHeader {
	h := &zip.FileHeader{
		Name: d.Name, Method: zip.Deflate, CRC32: d.crc,
		UncompressedSize64: uint64(d.Size), CompressedSize64: uint64(d.end - d.start),
	}
	if !isASCII(d.Name) {
		h.Flags |= 0x800 // the name is UTF-8
	}
	//lint:ignore SA1019 nothing else fills the old fields for CreateRaw
	h.SetModTime(made)
	h.Extra = binary.LittleEndian.AppendUint32([]byte{'U', 'T', 5, 0, 1}, uint32(made.Unix()))
	return h
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func (s *spill) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing in it is wanted any more
	}
}

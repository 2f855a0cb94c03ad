package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
)

// A sealed stream is a head (version, salt, nonce prefix) and then chunks of
// AES-256-GCM in the STREAM construction: the nonce of a chunk is the prefix,
// its number, and whether it is the last. So a chunk that was moved, left out,
// added or cut off does not open. Key and aad give the stream its own key with
// the salt.
const (
	chunkSize  = 64 << 10
	saltSize   = 16
	prefixSize = 7
	headSize   = 1 + saltSize + prefixSize
	tagSize    = 16
	sealedSize = chunkSize + tagSize
)

type stream struct {
	aead cipher.AEAD
	head []byte
}

func newStream(key []byte, aad string, head []byte) (stream, error) {
	if len(key) != KeySize {
		return stream{}, fmt.Errorf("a stream key has %d bytes, not %d", KeySize, len(key))
	}
	aead, err := newGCM(derive(key, head[1:1+saltSize], "stream/"+aad))
	return stream{aead, head}, err
}

func (s stream) nonce(n uint32, last bool) []byte {
	nonce := make([]byte, 0, 12)
	nonce = append(nonce, s.head[1+saltSize:]...)
	nonce = binary.BigEndian.AppendUint32(nonce, n)
	if last {
		return append(nonce, 1)
	}
	return append(nonce, 0)
}

type writer struct {
	stream
	w     io.Writer
	plain []byte // waits until more comes, for only then is it not the last
	out   []byte
	n     uint32
	err   error
}

// NewWriter seals what is written to it into w. Close writes the last chunk;
// without it, or after an error, what was written does not open. Close leaves w
// open. Use a key for one stream or several, as you like; never for something
// else too.
func NewWriter(w io.Writer, key []byte, aad string) (io.WriteCloser, error) {
	head := append([]byte{version}, random(saltSize+prefixSize)...)
	s, err := newStream(key, aad, head)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(head); err != nil {
		return nil, fmt.Errorf("write the head of a sealed stream: %w", err)
	}
	return &writer{stream: s, w: w, plain: make([]byte, 0, chunkSize), out: make([]byte, 0, sealedSize)}, nil
}

func (w *writer) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) && w.err == nil {
		if len(w.plain) == chunkSize {
			w.flush(false)
			continue
		}
		n := min(chunkSize-len(w.plain), len(p)-done)
		w.plain = append(w.plain, p[done:done+n]...)
		done += n
	}
	return done, w.err
}

func (w *writer) flush(last bool) {
	if w.n == math.MaxUint32 && !last {
		w.err = errors.New("sealed stream is too long")
		return
	}
	w.out = w.aead.Seal(w.out[:0], w.nonce(w.n, last), w.plain, w.head)
	w.n++
	w.plain = w.plain[:0]
	if _, err := w.w.Write(w.out); err != nil {
		w.err = fmt.Errorf("write a sealed chunk: %w", err)
	}
}

var errClosed = errors.New("sealed stream is closed")

func (w *writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.flush(true)
	err := w.err
	if err == nil {
		w.err = errClosed
	}
	return err
}

type readerAt struct {
	stream
	r     io.ReaderAt
	size  int64 // of the plain text
	last  int64 // number of the last chunk
	cache atomic.Pointer[chunk]
}

type chunk struct {
	n     int64
	plain []byte // never written to again
}

// NewReaderAt opens a sealed stream of size bytes for reading at any place, by
// any number of readers at once, and gives its length in plain bytes. The last
// chunk is opened at once, so a stream that was cut short or made longer is
// ErrOpen here; a chunk that was changed is ErrOpen when it is read.
func NewReaderAt(r io.ReaderAt, size int64, key []byte, aad string) (io.ReaderAt, int64, error) {
	body := size - headSize
	if body < tagSize {
		return nil, 0, ErrOpen
	}
	head := make([]byte, headSize)
	if err := readFull(r, head, 0); err != nil {
		return nil, 0, fmt.Errorf("read the head of a sealed stream: %w", err)
	}
	chunks := (body + sealedSize - 1) / sealedSize
	rest := body - (chunks-1)*sealedSize
	if head[0] != version || chunks > math.MaxUint32+1 || rest < tagSize || (rest == tagSize && chunks > 1) {
		return nil, 0, ErrOpen
	}
	s, err := newStream(key, aad, head)
	if err != nil {
		return nil, 0, err
	}
	ra := &readerAt{stream: s, r: r, size: body - chunks*tagSize, last: chunks - 1}
	if _, err := ra.chunk(ra.last); err != nil {
		return nil, 0, err
	}
	return ra, ra.size, nil
}

func (r *readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read a sealed stream before its start")
	}
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= r.size {
			return done, io.EOF
		}
		plain, err := r.chunk(at / chunkSize)
		if err != nil {
			return done, err
		}
		done += copy(p[done:], plain[at%chunkSize:])
	}
	return done, nil
}

// chunk opens chunk n, or gives the one opened last: readers mostly go forward
// in steps smaller than a chunk.
func (r *readerAt) chunk(n int64) ([]byte, error) {
	if c := r.cache.Load(); c != nil && c.n == n {
		return c.plain, nil
	}
	size := int64(chunkSize)
	if n == r.last {
		size = r.size - n*chunkSize
	}
	buf := make([]byte, size+tagSize)
	if err := readFull(r.r, buf, headSize+n*sealedSize); err != nil {
		return nil, fmt.Errorf("read a sealed chunk: %w", err)
	}
	plain, err := r.aead.Open(buf[:0], r.nonce(uint32(n), n == r.last), buf, r.head)
	if err != nil {
		return nil, ErrOpen
	}
	r.cache.Store(&chunk{n, plain})
	return plain, nil
}

// readFull treats fewer bytes than there should be as a stream that was cut.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return ErrOpen
	}
	return err
}

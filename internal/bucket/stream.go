package bucket

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
)

// stream reads an object of S3 at any place. What follows on what was read last
// comes out of the same answer; a jump asks anew. An answer that breaks off is
// asked for again from there.
type stream struct {
	ctx  context.Context // io.ReaderAt has no place for one
	from func(off int64) (io.ReadCloser, int64, error)
	size int64

	mu   sync.Mutex
	body io.ReadCloser // nil if none is open
	at   int64         // place of the body
}

const triesInVain = 3

func (s *stream) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if off >= s.size {
		return 0, io.EOF
	}
	want := int(min(int64(len(p)), s.size-off))
	done, vain := 0, 0
	for done < want {
		n, err := s.read(p[done:want], off+int64(done))
		if done += n; n > 0 {
			vain = 0
			continue
		}
		if vain++; err != nil && (vain == triesInVain || s.ctx.Err() != nil || errors.Is(err, ErrRefused) || errors.Is(err, fs.ErrNotExist)) {
			return done, err
		}
	}
	if want < len(p) {
		return done, io.EOF
	}
	return done, nil
}

func (s *stream) read(p []byte, off int64) (int, error) {
	if s.body == nil || s.at != off {
		s.drop()
		body, size, err := s.from(off)
		if err != nil {
			return 0, err
		}
		if s.body, s.at = body, off; size != s.size { // it was replaced meanwhile
			s.drop()
			return 0, fs.ErrNotExist
		}
	}
	n, err := s.body.Read(p)
	s.at += int64(n)
	if err != nil {
		s.drop()
	}
	if err == io.EOF { // not the end of the object: nobody reads beyond that
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = s3Error("read an object", err)
	}
	return n, err
}

func (s *stream) drop() {
	if s.body != nil {
		_ = s.body.Close() // nothing more is wanted of it
		s.body = nil
	}
}

// Close ends the reading.
func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	return nil
}

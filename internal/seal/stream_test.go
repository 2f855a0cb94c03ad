package seal_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/crowsstack/privacy-portal/internal/seal"
)

const chunk = 64 << 10

func pattern(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)})
	r.Read(b)
	return b
}

func sealed(t testing.TB, key []byte, aad string, plain []byte, step int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := seal.NewWriter(&out, key, aad)
	if err != nil {
		t.Fatal(err)
	}
	for len(plain) > 0 {
		n := min(step, len(plain))
		if m, err := w.Write(plain[:n]); m != n || err != nil {
			t.Fatal(m, err)
		}
		plain = plain[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// open reads all of a sealed stream.
func open(key []byte, aad string, b []byte) ([]byte, error) {
	r, n, err := seal.NewReaderAt(bytes.NewReader(b), int64(len(b)), key, aad)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, n))
}

var sizes = []int{0, 1, 100, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 7}

func TestStreamRoundTrip(t *testing.T) {
	key := seal.RandomKey()
	for _, n := range sizes {
		for _, step := range []int{777, chunk, 1 << 20} {
			plain := pattern(n)
			got, err := open(key, "a", sealed(t, key, "a", plain, step))
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes in steps of %d: %d bytes back, %v", n, step, len(got), err)
			}
		}
	}
}

func TestStreamReadsAsAnyReaderAt(t *testing.T) {
	key := seal.RandomKey()
	for _, n := range sizes {
		plain := pattern(n)
		b := sealed(t, key, "a", plain, chunk)
		r, size, err := seal.NewReaderAt(bytes.NewReader(b), int64(len(b)), key, "a")
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(io.NewSectionReader(r, 0, size), plain); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if _, err := r.ReadAt(make([]byte, 1), size); err != io.EOF {
			t.Errorf("%d bytes: read at the end gives %v", n, err)
		}
		if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
			t.Errorf("%d bytes: read before the start", n)
		}
	}
}

func TestStreamDamageIsFound(t *testing.T) {
	key := seal.RandomKey()
	plain := pattern(3*chunk + 100)
	good := sealed(t, key, "a", plain, chunk)
	const head, step = 24, chunk + 16
	part := func(i int) []byte { return good[head+i*step : min(head+(i+1)*step, len(good))] }
	join := func(p ...[]byte) []byte { return bytes.Join(append([][]byte{good[:head]}, p...), nil) }
	other := sealed(t, key, "a", plain, chunk)

	for name, bad := range map[string][]byte{
		"empty":                     {},
		"the head alone":            good[:head],
		"one byte less":             good[:len(good)-1],
		"the last chunk missing":    join(part(0), part(1), part(2)),
		"the last chunk emptied":    join(part(0), part(1), part(2), part(3)[:16]),
		"a middle chunk missing":    join(part(0), part(2), part(3)),
		"two chunks swapped":        join(part(1), part(0), part(2), part(3)),
		"one chunk twice":           join(part(0), part(0), part(1), part(2), part(3)),
		"only the last chunk":       join(part(3)),
		"a byte added":              append(bytes.Clone(good), 0),
		"a chunk added":             append(bytes.Clone(good), part(1)...),
		"a chunk of another stream": join(part(0), other[head+step:head+2*step], part(2), part(3)),
		"another stream's head":     append(bytes.Clone(other[:head]), good[head:]...),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := open(key, "a", bad); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%d bytes came out, %v", len(got), err)
			}
		})
	}
	for _, i := range []int{0, 1, 16, 17, 23, 24, head + step - 1, head + step, len(good) - 1} {
		bad := bytes.Clone(good)
		bad[i] ^= 0x80
		if _, err := open(key, "a", bad); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := open(key, "b", good); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another aad: %v", err)
	}
	if _, err := open(seal.RandomKey(), "a", good); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another key: %v", err)
	}
}

func TestStreamWithoutCloseDoesNotOpen(t *testing.T) {
	key := seal.RandomKey()
	for _, n := range sizes {
		var out bytes.Buffer
		w, _ := seal.NewWriter(&out, key, "a")
		w.Write(pattern(n))
		if _, err := open(key, "a", out.Bytes()); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestStreamWriterKeepsItsError(t *testing.T) {
	key := seal.RandomKey()
	w, err := seal.NewWriter(&full{left: chunk}, key, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(pattern(3 * chunk)); err == nil {
		t.Error("the disk was full and nobody said so")
	}
	if err := w.Close(); err == nil {
		t.Error("Close forgets the error")
	}

	w, _ = seal.NewWriter(io.Discard, key, "a")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("wrote after Close")
	}
}

// full is a disk with some bytes left.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errors.New("no space left")
	}
	f.left -= len(p)
	return len(p), nil
}

func TestStreamReadByManyAtOnce(t *testing.T) {
	key := seal.RandomKey()
	plain := pattern(9*chunk + 5)
	b := sealed(t, key, "a", plain, chunk)
	r, _, err := seal.NewReaderAt(bytes.NewReader(b), int64(len(b)), key, "a")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(g)))
			for range 200 {
				off := rnd.IntN(len(plain))
				p := make([]byte, 1+rnd.IntN(min(len(plain)-off, 3*chunk)))
				if _, err := r.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, plain[off:off+len(p)]) {
					t.Errorf("%d bytes at %d: %v", len(p), off, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("x"), uint16(1), uint16(0), byte(1))
	f.Add(pattern(200), uint16(700), uint16(30), byte(0))
	f.Fuzz(func(t *testing.T, seed []byte, times, at uint16, flip byte) {
		key := seal.RandomKey()
		plain := bytes.Repeat(seed, min(int(times), 1+200_000/(1+len(seed))))
		b := sealed(t, key, string(seed), plain, 1+len(seed)*7)
		got, err := open(key, string(seed), b)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("round trip of %d bytes: %v", len(plain), err)
		}
		if flip == 0 {
			b = b[:int(at)%len(b)]
		} else {
			b[int(at)%len(b)] ^= flip
		}
		if _, err := open(key, string(seed), b); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("damage at %d not found: %v", int(at)%len(b), err)
		}
	})
}

func BenchmarkStreamWrite(b *testing.B) {
	key, p := seal.RandomKey(), pattern(1<<20)
	w, _ := seal.NewWriter(io.Discard, key, "a")
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		w.Write(p)
	}
}

func BenchmarkStreamRead(b *testing.B) {
	key := seal.RandomKey()
	data := sealed(b, key, "a", pattern(8<<20), chunk)
	r, n, _ := seal.NewReaderAt(bytes.NewReader(data), int64(len(data)), key, "a")
	b.SetBytes(n)
	for b.Loop() {
		io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.NewSectionReader(r, 0, n), make([]byte, 32<<10))
	}
}

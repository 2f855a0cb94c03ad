package export_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// vocabulary has words as often as language has: few very often, most rarely.
var vocabulary = func() (words []string) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		w := make([]byte, 2+r.IntN(9))
		for i := range w {
			w[i] = "etaoinshrdlucmfwypvbgk"[min(r.IntN(22), r.IntN(22))]
		}
		words = append(words, string(w))
	}
	return words
}()

var chat = columns("id:n", "conversation_id:n", "direction", "kind", "body", "status", "provider_id", "created_at:t", "read:b", "payload:j")

// messages makes n rows like those of a messaging store.
func messages(n int) iter.Seq2[export.Row, error] {
	return func(yield func(export.Row, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		zipf := rand.NewZipf(r, 1.1, 4, uint64(len(vocabulary)-1))
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		row := make(export.Row, len(chat))
		var buf [10][]byte
		for i := range n {
			for c := range buf {
				buf[c] = buf[c][:0]
			}
			buf[0] = fmt.Append(buf[0], 90_000_000+i)
			buf[1] = fmt.Append(buf[1], 1000+i/37)
			buf[2] = append(buf[2], [2]string{"inbound", "outbound"}[i&1]...)
			buf[3] = append(buf[3], "text"...)
			for w := range 3 + r.IntN(20) {
				if w > 0 {
					buf[4] = append(buf[4], ' ')
				}
				buf[4] = append(buf[4], vocabulary[zipf.Uint64()]...)
			}
			buf[5] = append(buf[5], [3]string{"sent", "delivered", "read"}[i%3]...)
			buf[6] = fmt.Appendf(buf[6], "wamid.%016X%08X", r.Uint64(), r.Uint32())
			buf[7] = start.Add(time.Duration(i)*31*time.Second).AppendFormat(buf[7], "2006-01-02 15:04:05.999999-07")
			buf[8] = append(buf[8], "tf"[i&1])
			buf[9] = append(buf[9], `{"type": "text"}`...)
			copy(row, buf[:])
			if i%5 == 0 {
				row[9] = nil
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func big(n int, dir string) export.Contents {
	c := sample()
	c.Files, c.TempDir = nil, dir
	c.Tables = seq(export.Table{Name: "messages", Title: en("Messages"), Category: "messages", Columns: chat, Rows: messages(n)})
	return c
}

// plain writes the bytes of the same rows with a tab between cells.
func plain(w io.Writer, n int) {
	var b []byte
	for row := range messages(n) {
		for _, c := range row {
			b = append(append(b, c...), '\t')
		}
		b = append(b, '\n')
		if len(b) > 64<<10 {
			w.Write(b)
			b = b[:0]
		}
	}
	w.Write(b)
}

const benchRows = 100_000

// BenchmarkWrite against BenchmarkGzip: the three forms in a ZIP, and one
// plain form through gzip.
func BenchmarkWrite(b *testing.B) {
	for _, portable := range []bool{false, true} {
		b.Run(fmt.Sprintf("pages=%v", !portable), func(b *testing.B) {
			dir := b.TempDir()
			for b.Loop() {
				c := big(benchRows, dir)
				c.Portable = portable
				if _, err := export.Write(b.Context(), io.Discard, c); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkGzip(b *testing.B) {
	for b.Loop() {
		w := gzip.NewWriter(io.Discard)
		plain(w, benchRows)
		w.Close()
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRows(b *testing.B) {
	for b.Loop() {
		plain(io.Discard, benchRows)
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkLevel shows what each level of compression costs and gains on the
// three forms of realistic messages.
func BenchmarkLevel(b *testing.B) {
	var all strings.Builder
	z, m, _ := write(b, big(20_000, ""))
	for _, e := range m.Files {
		if e.Table != "" {
			all.WriteString(read(b, z, e.Name))
		}
	}
	for level := 1; level <= 6; level++ {
		b.Run(fmt.Sprint(level), func(b *testing.B) {
			var n counter
			for b.Loop() {
				n = 0
				w, _ := flate.NewWriter(&n, level)
				io.WriteString(w, all.String())
				w.Close()
			}
			b.SetBytes(int64(all.Len()))
			b.ReportMetric(float64(n)/float64(all.Len())*100, "%size")
		})
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkMemory prints the highest heap while 300,000 rows go through.
func BenchmarkMemory(b *testing.B) {
	const rows = 300_000
	dir := b.TempDir()
	for b.Loop() {
		runtime.GC()
		idle, peak := resident(), int64(0)
		c := big(rows, dir)
		inner := c.Tables
		c.Tables = func(yield func(export.Table, error) bool) {
			for t := range inner {
				stream, i := t.Rows, 0
				t.Rows = func(yield func(export.Row, error) bool) {
					for r, err := range stream {
						if i++; i%1000 == 0 {
							peak = max(peak, resident())
						}
						if !yield(r, err) {
							return
						}
					}
				}
				if !yield(t, nil) {
					return
				}
			}
		}
		w := &counterAt{}
		if _, err := export.Write(b.Context(), w, c); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak-idle)/(1<<20), "MiB-above-idle")
		b.ReportMetric(float64(w.n)/(1<<20), "MiB-zip")
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

type counterAt struct{ n int64 }

func (c *counterAt) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

// resident is the memory of this process, from the system where it tells.
func resident() int64 {
	var size, pages int64
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		fmt.Sscan(string(b), &size, &pages)
		return pages * int64(os.Getpagesize())
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

func BenchmarkVerify(b *testing.B) {
	_, _, z := write(b, big(benchRows, ""))
	for b.Loop() {
		if r, err := export.Verify(source(z)); err != nil || !r.OK {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

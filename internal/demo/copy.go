package demo

import (
	"io"
	"net/netip"
	"strconv"
	"time"
)

// rows writes one table's rows in COPY text format. After the first error of
// the reader it writes nowhere; fillers look at err between rows.
type rows struct {
	out io.Writer
	buf []byte
	n   int64
	err error
}

const flushAt = 1 << 16

func (r *rows) end() {
	r.buf[len(r.buf)-1] = '\n'
	r.n++
	if len(r.buf) >= flushAt {
		r.flush()
	}
}

func (r *rows) flush() {
	if r.err == nil {
		_, r.err = r.out.Write(r.buf)
	}
	r.buf = r.buf[:0]
}

func (r *rows) null() { r.buf = append(r.buf, '\\', 'N', '\t') }

func (r *rows) int(v int64) {
	r.buf = strconv.AppendInt(r.buf, v, 10)
	r.buf = append(r.buf, '\t')
}

// ref writes a reference; 0 is NULL.
func (r *rows) ref(id int64) {
	if id == 0 {
		r.null()
		return
	}
	r.int(id)
}

func (r *rows) text(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		var esc byte
		switch s[i] {
		case '\\':
			esc = '\\'
		case '\n':
			esc = 'n'
		case '\t':
			esc = 't'
		case '\r':
			esc = 'r'
		default:
			continue
		}
		r.buf = append(r.buf, s[from:i]...)
		r.buf = append(r.buf, '\\', esc)
		from = i + 1
	}
	r.buf = append(r.buf, s[from:]...)
	r.buf = append(r.buf, '\t')
}

// opt writes a text; "" is NULL.
func (r *rows) opt(s string) {
	if s == "" {
		r.null()
		return
	}
	r.text(s)
}

// json writes a document; "" is the empty object.
func (r *rows) json(s string) {
	if s == "" {
		s = "{}"
	}
	r.text(s)
}

// time writes a moment; the zero time is NULL.
func (r *rows) time(t time.Time) {
	if t.IsZero() {
		r.null()
		return
	}
	r.buf = t.UTC().AppendFormat(r.buf, "2006-01-02 15:04:05.000Z")
	r.buf = append(r.buf, '\t')
}

func (r *rows) ip(a netip.Addr) {
	if !a.IsValid() {
		r.null()
		return
	}
	r.buf = a.AppendTo(r.buf)
	r.buf = append(r.buf, '\t')
}

func (r *rows) array(words []string) {
	r.buf = append(r.buf, '{')
	for i, w := range words {
		if i > 0 {
			r.buf = append(r.buf, ',')
		}
		r.buf = append(r.buf, '"')
		r.buf = append(r.buf, w...) // tags are plain words
		r.buf = append(r.buf, '"')
	}
	r.buf = append(r.buf, '}', '\t')
}

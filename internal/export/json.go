package export

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// jsonForm writes a table as one array with an object for each row, a row a line.
type jsonForm struct {
	file  *member
	names [][]byte // `{"id":`, `,"body":` …
	types []ColumnType
	buf   []byte
}

func newJSONForm(m *member, columns []Column) *jsonForm {
	f := &jsonForm{file: m, buf: append([]byte(nil), '[')}
	for i, c := range columns {
		name := []byte{','}
		if i == 0 {
			name[0] = '{'
		}
		f.names = append(f.names, append(appendString(name, []byte(c.Name)), ':'))
		f.types = append(f.types, c.Type)
	}
	return f
}

func (f *jsonForm) row(r Row) error {
	b := f.buf
	if f.file.Rows > 0 {
		b = append(b, ',')
	}
	b = append(b, '\n')
	for i, cell := range r {
		b = append(b, f.names[i]...)
		b = appendValue(b, f.types[i], cell)
	}
	f.buf = append(b, '}')
	f.file.Rows++
	return nil
}

func (f *jsonForm) flush() error {
	_, err := f.file.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

func (f *jsonForm) close() error {
	f.buf = append(f.buf, "\n]\n"...)
	if err := f.flush(); err != nil {
		return err
	}
	return f.file.close()
}

// appendValue writes one cell. What does not have the form that its type
// promises ("NaN", "infinity") is written as a string rather than as bad JSON.
func appendValue(b []byte, t ColumnType, cell []byte) []byte {
	switch {
	case cell == nil:
		return append(b, "null"...)
	case t == Number && isNumber(cell):
		return append(b, cell...)
	case t == Bool && (string(cell) == "t" || string(cell) == "true"):
		return append(b, "true"...)
	case t == Bool && (string(cell) == "f" || string(cell) == "false"):
		return append(b, "false"...)
	case t == JSON && utf8.Valid(cell) && json.Valid(cell):
		return append(b, cell...)
	case t == Time:
		var text [64]byte
		return appendString(b, appendTime(text[:0], cell))
	}
	return appendString(b, cell)
}

// appendTime writes a PostgreSQL timestamp as RFC 3339. A time without a zone
// stays without one, and what is not a timestamp is written as it is.
func appendTime(b, cell []byte) []byte {
	const day, second = len("2006-01-02"), len("2006-01-02 15:04:05")
	if len(cell) < second || cell[4] != '-' || cell[day] != ' ' || cell[13] != ':' || bytes.HasSuffix(cell, []byte(" BC")) {
		return append(b, cell...)
	}
	b = append(append(append(b, cell[:day]...), 'T'), cell[day+1:second]...)
	rest := cell[second:]
	zone := bytes.IndexAny(rest, "+-")
	if zone < 0 {
		return append(b, rest...)
	}
	b = append(b, rest[:zone]...)
	switch z := rest[zone:]; {
	case string(z) == "+00":
		return append(b, 'Z')
	case len(z) == len("+02"):
		return append(append(b, z...), ":00"...)
	default:
		return append(b, z...)
	}
}

const hexDigits = "0123456789abcdef"

func appendString(b, s []byte) []byte {
	b = append(b, '"')
	return append(appendText(b, s), '"')
}

// appendText escapes s for the inside of a JSON string. Bytes that are no
// UTF-8 become U+FFFD.
func appendText(b, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(b, s[from:]...)
}

// isNumber says whether s is a number by the grammar of JSON.
func isNumber(s []byte) bool {
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	n := digits(s)
	if n == 0 || (n > 1 && s[0] == '0') {
		return false
	}
	s = s[n:]
	if len(s) > 0 && s[0] == '.' {
		if n = digits(s[1:]); n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if n = digits(s); n == 0 {
			return false
		}
		s = s[n:]
	}
	return len(s) == 0
}

// digits counts the digits that s starts with.
func digits(s []byte) int {
	for i, c := range s {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(s)
}

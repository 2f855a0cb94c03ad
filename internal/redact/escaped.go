package redact

import (
	"html"
	"iter"
	"mime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Programs write "&eacute;", "\u00e9", "%C3%A9" and "=C3=A9" for one letter. A
// text with any of that is read once more as people see it, and what is found
// there is marked where it is written.

// mostEscapes is how often a text is taken out of what it is wrapped in.
const mostEscapes = 3

// signs are what an escape begins with.
var signs = []byte(escapes)

const escapes = `&\%=`

// Escaped says that something in a text may be written as an escape.
func Escaped(text string) bool {
	return slices.ContainsFunc(signs, func(c byte) bool { return strings.IndexByte(text, c) >= 0 })
}

// Unescaped gives a text as people see it, once for everything that it is wrapped
// in; written says where in the text a stretch of that, which is not empty, is.
func Unescaped(text string) iter.Seq2[string, func(start, end int) (int, int)] {
	return func(yield func(string, func(start, end int) (int, int)) bool) {
		if !Escaped(text) {
			return
		}
		var whole []int32
		for range mostEscapes {
			plain, at := unescape(text)
			if at == nil {
				return
			}
			if whole != nil {
				for i := range at {
					at[i] = whole[at[i]]
				}
			}
			written := func(start, end int) (int, int) {
				last := at[end-1]
				for at[end] == last { // in the middle of what is written as one
					end++
				}
				return int(at[start]), int(at[end])
			}
			if !yield(plain, written) {
				return
			}
			text, whole = plain, at
		}
	}
}

// escaped adds the marks of a text as people see it to those of how it is written.
func (r *Redactor) escaped(text string, author Author, marks []Mark) []Mark {
	for plain, written := range Unescaped(text) {
		more := r.look(plain, author)
		for i, m := range more {
			more[i].Start, more[i].End = written(m.Start, m.End)
		}
		marks = joined(marks, more)
	}
	return marks
}

// joined makes one of marks that overlap: what any of them hides is hidden, by
// the strongest.
func joined(a, b []Mark) []Mark {
	if len(b) == 0 {
		return a
	}
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, byStart)
	out := all[:0]
	for _, m := range all {
		if len(out) == 0 || out[len(out)-1].End <= m.Start {
			out = append(out, m)
			continue
		}
		last := &out[len(out)-1]
		start, end := last.Start, max(last.End, m.End)
		if strength(m) > strength(*last) || strength(m) == strength(*last) && m.End-m.Start > last.End-last.Start {
			*last = m
		}
		last.Start, last.End = start, end
	}
	return out
}

func strength(m Mark) int {
	switch {
	case m.Never:
		return 3
	case m.Sure && m.Who != "":
		return 2
	case m.Sure:
		return 1
	}
	return 0
}

// unescape gives a text as people see it, and for each of its bytes, and its end,
// where it is written; nil where nothing is escaped.
func unescape(text string) (plain string, at []int32) {
	var out []byte
	from := 0
	through := func(i int) {
		if at == nil {
			out, at = make([]byte, 0, len(text)), make([]int32, 0, len(text)+1)
		}
		out = append(out, text[from:i]...)
		for ; from < i; from++ {
			at = append(at, int32(from))
		}
	}
	for i := 0; ; {
		n := strings.IndexAny(text[i:], escapes)
		if n < 0 {
			break
		}
		i += n
		seen, size := escape(text[i:])
		if size == 0 {
			i++
			continue
		}
		through(i)
		out = append(out, seen...)
		for range len(seen) {
			at = append(at, int32(i))
		}
		i += size
		from = i
	}
	if at == nil {
		return text, nil
	}
	through(len(text))
	return string(out), append(at, int32(len(text)))
}

// How far an escape may go on.
const (
	mostEntity    = 32
	mostSeen      = 6 // bytes of what HTML writes at once
	mostWord      = 256
	mostBackslash = 8 // of JSON in JSON in JSON
)

// escape reads what a text begins with: what people see there, and how long it
// is written; 0 where it is no escape.
func escape(s string) (seen string, size int) {
	switch s[0] {
	case '&':
		end := strings.IndexByte(s[:min(len(s), mostEntity)], ';')
		if end < 2 {
			return "", 0
		}
		name := s[1:end]
		if seen = html.UnescapeString(s[:end+1]); strings.ContainsAny(name, "& ") || strings.HasSuffix(seen, name+";") || len(seen) > mostSeen {
			return "", 0
		}
		return seen, end + 1
	case '=':
		if strings.HasPrefix(s, "=?") {
			return word(s)
		}
		for _, end := range []string{"=\r\n", "=\n"} {
			if strings.HasPrefix(s, end) {
				return "", len(end)
			}
		}
		if len(s) > 2 && strings.ToUpper(s[1:3]) != s[1:3] {
			return "", 0
		}
		return octet(s)
	case '%':
		return octet(s)
	}
	return backslash(s)
}

// word reads a word of a mail's head: "=?utf-8?Q?Jos=C3=A9?=".
func word(s string) (string, int) {
	s = s[:min(len(s), mostWord)]
	begin := strings.IndexByte(s[2:], '?') + 2
	if begin < 3 || len(s) < begin+4 || s[begin+2] != '?' {
		return "", 0
	}
	end := strings.Index(s[begin+3:], "?=")
	if end < 0 {
		return "", 0
	}
	size := begin + 3 + end + 2
	seen, err := (&mime.WordDecoder{}).Decode(s[:size])
	if err != nil {
		return "", 0
	}
	return seen, size
}

// octet reads two digits behind a sign.
func octet(s string) (string, int) {
	if len(s) < 3 {
		return "", 0
	}
	n, err := strconv.ParseUint(s[1:3], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(n)}), 3
}

func backslash(s string) (string, int) {
	n := 1
	for n < len(s) && n < mostBackslash && s[n] == '\\' {
		n++
	}
	if n >= len(s) {
		return "", 0
	}
	switch s[n] {
	case 'n', 'r', 't', 'f', 'b':
		return "\n", n + 1
	case '"', '\'', '/':
		return s[n : n+1], n + 1
	case 'u':
		c, ok := unit(s[n:])
		if !ok {
			return "", 0
		}
		size := n + 5
		if utf16.IsSurrogate(c) {
			rest := strings.TrimLeft(s[size:min(len(s), size+mostBackslash)], `\`)
			skip := len(s[size:min(len(s), size+mostBackslash)]) - len(rest)
			low, ok := unit(s[size+skip:])
			if !ok || skip == 0 {
				return "", 0
			}
			c, size = utf16.DecodeRune(c, low), size+skip+5
		}
		return string(utf8.AppendRune(nil, c)), size
	}
	return "", 0
}

// unit reads "u00e9".
func unit(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(n), err == nil
}

package connector

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A JSON value is edited where it lies: whatever an edit does not name keeps its
// bytes, its order and its blanks. So the document is never decoded as a whole.

// span replaces the bytes [from, to) of a document.
type span struct {
	from, to int
	text     string
}

// splice carries spans out. Of two that overlap the outer one counts.
func splice(doc string, spans []span) string {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var b strings.Builder
	at := 0
	for _, s := range spans {
		if s.from < at {
			continue
		}
		b.WriteString(doc[at:s.from] + s.text)
		at = s.to
	}
	return b.String() + doc[at:]
}

// node is a JSON value and where it stands.
type node struct {
	from, to int
	members  []element // of an object or a list
}

// element is an element of a list, or a key and its value.
type element struct {
	key   node // zero in a list
	value node
}

func (m element) from(list bool) int {
	if list {
		return m.value.from
	}
	return m.key.from
}

// scan reads the structure of a document that is valid JSON.
func scan(doc string) node {
	s := &scanner{doc: doc}
	s.blank()
	return s.value()
}

type scanner struct {
	doc string
	at  int
}

func (s *scanner) blank() {
	for s.at < len(s.doc) && strings.IndexByte(" \t\r\n,:", s.doc[s.at]) >= 0 {
		s.at++
	}
}

func (s *scanner) value() node {
	n := node{from: s.at}
	switch open := s.doc[s.at]; open {
	case '{', '[':
		s.at++
		for s.blank(); s.doc[s.at] != '}' && s.doc[s.at] != ']'; s.blank() {
			var m element
			if open == '{' {
				m.key = s.value()
				s.blank()
			}
			m.value = s.value()
			n.members = append(n.members, m)
		}
		s.at++
	case '"':
		for s.at++; s.doc[s.at] != '"'; s.at++ {
			if s.doc[s.at] == '\\' {
				s.at++
			}
		}
		s.at++
	default:
		for s.at < len(s.doc) && strings.IndexByte(" \t\r\n,:]}", s.doc[s.at]) < 0 {
			s.at++
		}
	}
	n.to = s.at
	return n
}

// text is what a JSON text says. at gives for each of its bytes where the
// document says it, and last where that ends.
type text struct {
	said string
	at   []int
}

// read decodes the text that stands from one quote to the other.
func read(doc string, n node) text {
	var b strings.Builder
	var t text
	say := func(r rune, at int) {
		size, _ := b.WriteRune(r) // never fails
		for range size {
			t.at = append(t.at, at)
		}
	}
	for i, end := n.from+1, n.to-1; i < end; {
		start := i
		if doc[i] != '\\' {
			r, size := utf8.DecodeRuneInString(doc[i:end])
			i += size
			say(r, start)
			continue
		}
		i += 2
		switch c := doc[i-1]; c {
		case 'u':
			r := hex4(doc[i:])
			i += 4
			if utf16.IsSurrogate(r) && i+6 <= end && doc[i] == '\\' && doc[i+1] == 'u' {
				if pair := utf16.DecodeRune(r, hex4(doc[i+2:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			say(r, start)
		default:
			if j := strings.IndexByte("bfnrt", c); j >= 0 {
				c = "\b\f\n\r\t"[j]
			}
			say(rune(c), start)
		}
	}
	t.said, t.at = b.String(), append(t.at, n.to-1)
	return t
}

func hex4(s string) (r rune) {
	for _, c := range []byte(s[:4]) {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}

// within carries spans of what a text says over to the document around it.
func (t text) within(spans []span) []span {
	out := make([]span, len(spans))
	for i, s := range spans {
		out[i] = span{t.at[s.from], t.at[s.to], inQuotes(s.text)}
	}
	return out
}

// jsonText writes a text as JSON.
func jsonText(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text into memory never fails
	return strings.TrimSuffix(b.String(), "\n")
}

func inQuotes(s string) string {
	q := jsonText(s)
	return q[1 : len(q)-1]
}

// holder is an object or a list on the way to a place, and which of its members
// leads there.
type holder struct {
	node  *node
	index int
}

// editor collects what becomes of one document.
type editor struct {
	doc   string
	spans []span
	drops map[*node]map[int]bool
}

// edit does something to every place of a document that a path names. Paths are
// lax, as PostgreSQL's are: a key is also looked for in the elements of a list,
// and every element of what is no list is the value itself. ok is false if the
// document is no JSON.
func edit(doc string, path datamap.JSONPath, do func(*editor, *node, []holder)) (out string, ok bool) {
	spans, ok := edits(doc, path, do)
	return splice(doc, spans), ok
}

func edits(doc string, path datamap.JSONPath, do func(*editor, *node, []holder)) ([]span, bool) {
	if !json.Valid([]byte(doc)) {
		return nil, false
	}
	e, root := &editor{doc: doc, drops: map[*node]map[int]bool{}}, scan(doc)
	e.walk(&root, path, nil, do)
	for n, gone := range e.drops {
		e.spans = append(e.spans, e.without(n, gone)...)
	}
	return e.spans, true
}

func (e *editor) walk(n *node, path datamap.JSONPath, trail []holder, do func(*editor, *node, []holder)) {
	if len(path) == 0 {
		do(e, n, trail)
		return
	}
	into := func(i int, rest datamap.JSONPath) {
		e.walk(&n.members[i].value, rest, append(slices.Clip(trail), holder{n, i}), do)
	}
	kind := e.doc[n.from]
	switch seg, rest := path[0], path[1:]; {
	case seg.Decode:
		if kind == '"' {
			t := read(e.doc, *n)
			if inner, ok := edits(t.said, rest, do); ok {
				e.spans = append(e.spans, t.within(inner)...)
			}
		}
	case seg.Each && kind != '[':
		e.walk(n, rest, trail, do)
	case seg.Each:
		for i := range n.members {
			into(i, rest)
		}
	case kind == '[':
		for i := range n.members {
			if e.doc[n.members[i].value.from] != '[' {
				into(i, path)
			}
		}
	case kind == '{':
		for i, m := range n.members {
			if seg.Any || read(e.doc, m.key).said == seg.Key {
				into(i, rest)
			}
		}
	}
}

// put writes something else at a place. What says the same already stays.
func (e *editor) put(n *node, value string) {
	if compact(e.doc[n.from:n.to]) != compact(value) {
		e.spans = append(e.spans, span{n.from, n.to, value})
	}
}

func compact(value string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(value)) != nil {
		return value
	}
	return b.String()
}

// drop takes a key or an element out of what holds it; a whole document becomes null.
func (e *editor) drop(n *node, trail []holder) {
	if len(trail) == 0 {
		e.put(n, "null")
		return
	}
	at := trail[len(trail)-1]
	if e.drops[at.node] == nil {
		e.drops[at.node] = map[int]bool{}
	}
	e.drops[at.node][at.index] = true
}

// without takes members out, each with the comma that would be one too many.
func (e *editor) without(n *node, gone map[int]bool) []span {
	var out []span
	list, kept := e.doc[n.from] == '[', false
	for i, m := range n.members {
		switch {
		case !gone[i]:
			kept = true
		case i+1 < len(n.members) && !kept:
			out = append(out, span{m.from(list), n.members[i+1].from(list), ""})
		case i > 0 && kept:
			out = append(out, span{n.members[i-1].value.to, m.value.to, ""})
		default: // the last, and nothing is kept
			out = append(out, span{m.from(list), m.value.to, ""})
		}
	}
	return out
}

// texts takes spans out of every text below a node, keys and numbers too, and
// of what a text holds that is JSON itself.
func (e *editor) texts(n *node, find func(string) []span) {
	switch c := e.doc[n.from]; {
	case c == '{' || c == '[':
		for i := range n.members {
			if c == '{' {
				e.texts(&n.members[i].key, find)
			}
			e.texts(&n.members[i].value, find)
		}
	case c == '"':
		t := read(e.doc, *n)
		if strings.ContainsAny(t.said, "{[") && json.Valid([]byte(t.said)) {
			if inner, ok := edits(t.said, nil, func(e *editor, n *node, _ []holder) { e.texts(n, find) }); ok {
				e.spans = append(e.spans, t.within(inner)...)
				return
			}
		}
		e.spans = append(e.spans, t.within(find(t.said))...)
	case c == '-' || '0' <= c && c <= '9':
		if len(find(e.doc[n.from:n.to])) > 0 {
			e.spans = append(e.spans, span{n.from, n.to, jsonText(datamap.Erased)})
		}
	}
}

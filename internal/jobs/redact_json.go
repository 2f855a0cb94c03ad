package jobs

import (
	"encoding/json"
	"strconv"
	"strings"
)

// leaves walks through a JSON document and lets every text, key and long number
// be changed; all other bytes stay as they are. ok is false for what is no JSON.
type leaves struct {
	doc   []byte
	at    int
	out   []byte // the document up to done, where anything was changed
	done  int
	n     int // of the leaf
	path  []step
	visit func(n int, text string, path func() string) (string, bool)
}

// step is a key or the number of an element.
type step struct {
	key  string
	n    int
	list bool
}

// eachLeaf gives the document with what visit changed.
func eachLeaf(doc []byte, visit func(n int, text string, path func() string) (string, bool)) (out []byte, ok bool) {
	l := leaves{doc: doc, visit: visit}
	l.space()
	if !l.value() {
		return nil, false
	}
	l.space()
	if l.at != len(doc) {
		return nil, false
	}
	if l.out == nil {
		return doc, true
	}
	return append(l.out, doc[l.done:]...), true
}

func (l *leaves) space() {
	for l.at < len(l.doc) {
		switch l.doc[l.at] {
		case ' ', '\t', '\n', '\r':
			l.at++
		default:
			return
		}
	}
}

func (l *leaves) next() byte {
	if l.at >= len(l.doc) {
		return 0
	}
	return l.doc[l.at]
}

func (l *leaves) value() bool {
	switch c := l.next(); {
	case c == '{':
		return l.members('}', l.member)
	case c == '[':
		l.path = append(l.path, step{list: true, n: -1})
		ok := l.members(']', func() bool { l.path[len(l.path)-1].n++; return l.value() })
		l.path = l.path[:len(l.path)-1]
		return ok
	case c == '"':
		_, ok := l.text()
		return ok
	default:
		return l.plain()
	}
}

// members reads what stands between brackets.
func (l *leaves) members(end byte, one func() bool) bool {
	l.at++
	for l.space(); l.next() != end; l.space() {
		if !one() {
			return false
		}
		l.space()
		if l.next() == ',' {
			l.at++
		} else if l.next() != end {
			return false
		}
	}
	l.at++
	return true
}

func (l *leaves) member() bool {
	key, ok := l.text()
	if !ok {
		return false
	}
	l.space()
	if l.next() != ':' {
		return false
	}
	l.at++
	l.space()
	l.path = append(l.path, step{key: key})
	ok = l.value()
	l.path = l.path[:len(l.path)-1]
	return ok
}

// text reads a text in quotes, and writes another one in its place if it is to.
func (l *leaves) text() (string, bool) {
	if l.next() != '"' {
		return "", false
	}
	start, plain := l.at, true
	for l.at++; l.at < len(l.doc) && l.doc[l.at] != '"'; l.at++ {
		if l.doc[l.at] == '\\' {
			plain = false
			l.at++
		}
	}
	if l.at >= len(l.doc) {
		return "", false
	}
	l.at++
	text := string(l.doc[start+1 : l.at-1])
	if !plain && json.Unmarshal(l.doc[start:l.at], &text) != nil {
		return "", false
	}
	l.change(start, text)
	return text, true
}

// longNumber is how many signs a number needs to be anybody's.
const longNumber = 7

// plain reads a number, true, false or null.
func (l *leaves) plain() bool {
	start := l.at
	for l.at < len(l.doc) && !strings.ContainsRune(" \t\r\n,]}", rune(l.doc[l.at])) {
		l.at++
	}
	word := l.doc[start:l.at]
	if len(word) >= longNumber && (word[0] == '-' || word[0] >= '0' && word[0] <= '9') {
		l.change(start, string(word))
	}
	return len(word) > 0
}

func (l *leaves) change(start int, text string) {
	l.n++
	with, changed := l.visit(l.n-1, text, l.where)
	if !changed {
		return
	}
	quoted, err := json.Marshal(with)
	if err != nil {
		panic(err) // a text can always be written
	}
	l.out = append(append(l.out, l.doc[l.done:start]...), quoted...)
	l.done = l.at
}

// where writes the path of the leaf at hand for people.
func (l *leaves) where() string {
	var b strings.Builder
	for _, s := range l.path {
		if s.list {
			b.WriteString("[" + strconv.Itoa(s.n) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.key)
	}
	return b.String()
}

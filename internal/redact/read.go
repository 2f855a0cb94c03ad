package redact

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// token is a word or a run of digits; what stands between two is looked at
// where it matters.
type token struct {
	start, end int32
	kind       class // letter, figure or solid
	caps       caps
	letters    uint8 // how many, at most 255
	part       int32 // the known name that it may be, or -1
	bent       bool  // it is not written as the name is
	hash       uint64
	entry      *entry // in the vocabulary, or nil
	digit      int32  // index of its first digit, of figures
}

type caps uint8

const (
	noCaps  caps = iota // small letters, or a script that has no others
	capital             // Anna, McCoy
	allCaps             // ANNA
)

// digit is one digit of a text, in figures or spoken.
type digit struct {
	value      byte
	spoken     bool
	start, end int32
	token      int32
}

// reading is one text being read. Everything in it is used again for the
// next text.
type reading struct {
	r           *Redactor
	text        string
	author      Author
	tokens      []token
	digits      []digit
	roles       role
	known       bool // a known name
	at          bool // a sign that is written in addresses and handles
	met         bool // a name, by the word before it
	leading     int  // how many words a name may still follow
	singles     int  // how many words of one letter stand in a row
	capitalised int  // the token behind the last word with a capital inside a sentence
	german      int  // words of the language whose nouns have capitals
	solid       bool
	runes       []rune

	chainEnds []int32 // where digits stop belonging together
	sums      []uint64
	powers    []uint64
	found     []found
	keeps     []found
	owner     []int32
	taken     []bool // digits that are part of a date, an amount or a mark
	bye       int32  // where the author signs off, or the end
	quoted    []span
	lookups   int
	verdicts  map[string]verdict
}

type span struct{ start, end int32 }

var readings = sync.Pool{New: func() any { return &reading{} }}

// keepRoom is how many tokens a reading may keep room for.
const keepRoom = 1 << 16

func (x *reading) done() {
	if cap(x.tokens) > keepRoom || cap(x.owner) > 8*keepRoom {
		return
	}
	x.text, x.r = "", nil
	readings.Put(x)
}

// ascii is what a byte is: its small letter, or one of these.
const (
	asciiOther = iota
	asciiFigure
	asciiAt
)

var ascii = func() (out [128]byte) {
	for c := byte('a'); c <= 'z'; c++ {
		out[c], out[c-'a'+'A'] = c, c
	}
	for c := byte('0'); c <= '9'; c++ {
		out[c] = asciiFigure
	}
	out['@'] = asciiAt
	return out
}()

// read cuts the text into tokens and looks each word up.
func (x *reading) read(r *Redactor, text string) {
	*x = reading{r: r, text: text, tokens: x.tokens[:0], digits: x.digits[:0], runes: x.runes[:0], chainEnds: x.chainEnds[:0],
		sums: x.sums[:0], powers: x.powers, found: x.found[:0], keeps: x.keeps[:0], owner: x.owner[:0], taken: x.taken[:0], quoted: x.quoted[:0]}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			switch k := ascii[c]; k {
			case asciiOther:
				i++
			case asciiAt:
				x.at = true
				i++
			case asciiFigure:
				i = x.figures(i)
			default:
				i = x.word(i)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch classOf(r) {
		case letter:
			i = x.word(i)
		case figure:
			i = x.figures(i)
		case solid:
			i = x.solidRun(i)
		default:
			if r == '＠' || r == '﹫' {
				x.at = true
			}
			i += size
		}
	}
}

// word reads one word. The hashes of its beginnings tell whether it may be a
// known name with an ending.
func (x *reading) word(i int) int {
	s, start := x.text, i
	h, n, upper := hashSeed, 0, 0
	var before [4]uint64 // the hashes up to four letters ago
	end, first := i, rune(0)
	foreign := false
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			l := ascii[c]
			if l <= asciiAt {
				break
			}
			before[3], before[2], before[1], before[0] = before[2], before[1], before[0], h
			h = (h ^ uint64(l)) * hashPrime
			if l != c {
				upper++
			}
			if n == 0 {
				first = rune(c)
			}
			n++
			i++
			end = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		k := classOf(r)
		if k == nothing {
			i += size
			if !invisible(r) {
				end = i
			}
			continue
		}
		if k != letter {
			break
		}
		if n == 0 {
			first = r
		}
		if big(r) {
			upper++
		}
		foreign = foreign || r >= latinEnd
		f := fold(r)
		for _, c := range f.r[:f.n] {
			before[3], before[2], before[1], before[0] = before[2], before[1], before[0], h
			h = push(h, c)
		}
		n++
		i += size
		end = i
	}
	if n == 0 {
		return max(i, start+1)
	}
	t := token{start: int32(start), end: int32(end), kind: letter, letters: uint8(min(n, 255)), part: -1, hash: h}
	switch {
	case upper > 1 && upper == n:
		t.caps = allCaps
	case big(first):
		t.caps = capital
	}
	if e := words.find(h); e != nil {
		t.entry = e
		x.notice(e, &t)
	}
	if n <= 2 && !foreign {
		x.mistaken(&t)
	}
	if x.singles++; n > 1 {
		x.singles = 0
	}
	x.known = x.known || x.singles >= 4 // spelled
	// A capital inside a sentence may be a name, in languages whose nouns have
	// none; two in a row may be one in any.
	inside := t.caps == capital && n >= 3 && t.entry == nil && start > 1 && s[start-1] == ' ' && strings.IndexByte(".!?", s[start-2]) < 0
	x.met = x.met || inside && x.capitalised == len(x.tokens)
	if inside {
		x.capitalised = len(x.tokens) + 1
	}
	if x.leading > 0 {
		x.leading--
		x.met = x.met || t.caps != noCaps || foreign
	}
	if t.entry != nil && t.entry.roles&leads != 0 {
		x.leading = leadsOver
	}
	if t.caps != noCaps && i < len(s) && (s[i] == ' ' || s[i] == '.') {
		x.met = x.met || i+1 < len(s) && ascii[s[i+1]&127] == asciiFigure || i+2 < len(s) && s[i] == '.' && ascii[s[i+2]&127] == asciiFigure // Hauptstraße 5
	}
	x.recognise(&t, before, foreign)
	x.known = x.known || x.r.starts.has(h)
	x.tokens = append(x.tokens, t)
	return i
}

// latinEnd is where letters begin that a Latin name may be meant by.
const latinEnd = 0x250

// longest is how long a word may be to be looked at as a name.
const longest = 64

// recognise finds the known name that a word may be.
func (x *reading) recognise(t *token, before [4]uint64, foreign bool) {
	if t.part = x.r.part(t.hash); t.part < 0 && t.letters >= 2 && t.letters <= longest {
		k := x.r.known
		if foreign || t.letters > 3 && (k.has(before[0]) || k.has(before[1]) || k.has(before[2]) || k.has(before[3])) {
			t.part = x.unusual(t, foreign)
			t.bent = t.part >= 0
		}
		if t.part < 0 && k.has(t.hash) {
			if all := x.r.weak[t.hash]; len(all) > 0 {
				t.part, t.bent = all[0], true
			}
		}
	}
	// "will" and "mark" in small letters are no reason to read on.
	x.known = x.known || t.part >= 0 && !(t.caps == noCaps && t.entry != nil && t.entry.roles&isCommon != 0)
}

// unusual reads a word that is not written as the store has it: with an
// ending, in another script, in letters that look like others.
func (x *reading) unusual(t *token, foreign bool) int32 {
	x.runes = x.runes[:0]
	latin, others := 0, 0
	for _, c := range x.text[t.start:t.end] {
		if invisible(c) {
			continue
		}
		f := fold(c)
		for _, c := range f.r[:f.n] {
			x.runes = append(x.runes, c)
			if c < 0x250 {
				latin++
			} else if c < 0x530 {
				others++
			}
		}
	}
	if len(x.runes) == 0 {
		return -1
	}
	if i := x.r.inflected(x.runes); i >= 0 || others == 0 {
		return i
	}
	h := hashSeed
	for i, c := range x.runes {
		l := lookalike(c)
		if l >= 0x250 {
			return -1
		}
		x.runes[i], h = l, push(h, l)
	}
	if latin > 0 && t.entry == nil {
		t.hash = h
		if t.entry = words.find(h); t.entry != nil {
			x.roles |= t.entry.roles
		}
	}
	if i := x.r.part(h); i >= 0 {
		return i
	}
	return x.r.inflected(x.runes)
}

// figures reads a run of digits with nothing visible between them.
func (x *reading) figures(i int) int {
	s := x.text
	t := token{start: int32(i), kind: figure, part: -1, digit: int32(len(x.digits))}
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if ascii[c] != asciiFigure {
				break
			}
			x.digits = append(x.digits, digit{value: c - '0', start: int32(i), end: int32(i + 1), token: int32(len(x.tokens))})
			i++
			t.end = int32(i)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		k := classOf(r)
		if k == nothing {
			i += size
			if !invisible(r) || r == 0xFE0F {
				t.end = int32(i)
			}
			continue
		}
		v, ok := byte(0), k == figure
		if ok {
			v, ok = figureOf(r)
		}
		if !ok {
			if k == figure && t.end == 0 {
				return i + size
			}
			break
		}
		x.digits = append(x.digits, digit{value: v, start: int32(i), end: int32(i + size), token: int32(len(x.tokens))})
		i += size
		t.end = int32(i)
	}
	if n := len(x.digits) - int(t.digit); n > 0 {
		t.letters = uint8(min(n, 255))
		if last := len(x.tokens) - 1; last >= 0 && x.tokens[last].end == t.start && (x.tokens[last].letters <= 2 && x.tokens[last].caps != noCaps || x.tokens[last].letters >= 4) {
			x.met = true // a British postcode, or a key
		}
		x.tokens = append(x.tokens, t)
	}
	return i
}

// gap is what stands before token i and after the one before.
func (x *reading) gap(i int) string {
	from := int32(0)
	if i > 0 {
		from = x.tokens[i-1].end
	}
	to := int32(len(x.text))
	if i < len(x.tokens) {
		to = x.tokens[i].start
	}
	return x.text[from:to]
}

func (x *reading) str(i int) string { return x.text[x.tokens[i].start:x.tokens[i].end] }

// is says whether token i is a word of some role.
func (x *reading) is(i int, r role) bool {
	return i >= 0 && i < len(x.tokens) && x.tokens[i].entry != nil && x.tokens[i].entry.roles&r != 0
}

package redact

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// class is what a character is to the reader of a text.
type class uint8

const (
	other   class = iota
	letter        // part of a word
	figure        // a digit of any script
	solid         // a script that writes words without spaces
	nothing       // seen by nobody: zero width, an accent of its own
)

// folded is what a letter counts as: lower case, without accents, one way of
// writing it. None at all for an accent.
type folded struct {
	n uint8
	r [3]rune
}

const tableEnd = 0x600 // Latin, Greek, Cyrillic, Armenian, Hebrew

var foldTable, classTable, bigTable = tables()

func tables() (f [tableEnd]folded, c [tableEnd]class, b [tableEnd]bool) {
	for r := range rune(tableEnd) {
		f[r], c[r], b[r] = foldSlowly(r), classSlowly(r), unicode.IsUpper(r)
	}
	return f, c, b
}

// big says whether a letter is a capital.
func big(r rune) bool {
	if r < tableEnd {
		return bigTable[r]
	}
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

func fold(r rune) folded {
	if r < tableEnd {
		return foldTable[r]
	}
	return foldSlowly(r)
}

func classOf(r rune) class {
	if r < tableEnd {
		return classTable[r]
	}
	return classSlowly(r)
}

// own are letters that Unicode takes apart differently from the people who
// write them.
var own = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d",
	'þ': "th", 'Þ': "th", 'ł': "l", 'Ł': "l", 'ı': "i", 'ħ': "h", 'Ħ': "h", 'ŋ': "n", 'Ŋ': "n", 'ə': "e", 'Ə': "e", 'ς': "σ",
	'ך': "כ", 'ם': "מ", 'ן': "נ", 'ף': "פ", 'ץ': "צ",
	'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ئ': "ي", 'ؤ': "و", 'ة': "ه", 'ە': "ه", 'ک': "ك", 'ء': "",
	'ґ': "г", 'Ґ': "г",
}

func foldSlowly(r rune) folded {
	if s, ok := own[r]; ok {
		return foldedOf(s)
	}
	if r >= 0xAC00 && r <= 0xD7A3 { // a Hangul syllable is one letter to people
		return folded{1, [3]rune{r}}
	}
	var buf [utf8.UTFMax]byte
	var out folded
	for _, c := range string(norm.NFKD.Append(nil, buf[:utf8.EncodeRune(buf[:], r)]...)) {
		if silent(c) {
			continue
		}
		c = unicode.ToLower(c)
		if s, ok := own[c]; ok {
			for _, c := range s {
				out.add(c)
			}
			continue
		}
		out.add(c)
	}
	return out
}

func foldedOf(s string) folded {
	var out folded
	for _, c := range s {
		out.add(c)
	}
	return out
}

func (f *folded) add(r rune) {
	if int(f.n) < len(f.r) {
		f.r[f.n] = r
		f.n++
	}
}

// silent says whether a character is an accent or vowel sign that people
// leave out. Those of Indian scripts are letters like any other.
func silent(r rune) bool {
	switch {
	case r < 0x300:
		return r == 0xAD
	case r <= 0x36F, r >= 0x483 && r <= 0x489, r >= 0x591 && r <= 0x5C7 && unicode.Is(unicode.Mn, r):
		return true
	case r == 0x640, r >= 0x610 && r <= 0x61A, r >= 0x64B && r <= 0x65F, r == 0x670, r >= 0x6D6 && r <= 0x6ED && unicode.Is(unicode.Mn, r):
		return true
	case r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF, r >= 0x20D0 && r <= 0x20F0, r >= 0xFE20 && r <= 0xFE2F:
		return true
	}
	return invisible(r)
}

// invisible says whether a character takes no room.
func invisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x180E, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE01EF:
		return true
	}
	return false
}

func classSlowly(r rune) class {
	switch {
	case r == utf8.RuneError:
		return other
	case silent(r):
		return nothing
	case unicode.IsDigit(r):
		return figure
	case spaceless(r):
		return solid
	case unicode.IsLetter(r), unicode.IsMark(r):
		if f := foldSlowly(r); f.n > 0 && f.r[0] >= '0' && f.r[0] <= '9' {
			return figure
		}
		return letter
	case unicode.Is(unicode.No, r):
		if _, ok := figureOf(r); ok {
			return figure
		}
	case r >= 0x1F130 && r <= 0x1F189, r >= 0x24B6 && r <= 0x24E9: // letters in squares and circles
		return letter
	}
	return other
}

func spaceless(r rune) bool {
	switch {
	case r < 0xE00:
		return false
	case r <= 0xEFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF: // Thai, Lao, Burmese, Khmer
		return true
	case r == 0x3005, r == 0x3007, r >= 0x3041 && r <= 0x30FF, r >= 0x31F0 && r <= 0x31FF, r >= 0xFF66 && r <= 0xFF9F:
		return r != 0x30FB // the dot between Japanese words
	case r >= 0x3400 && r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x323AF:
		return true
	}
	return r >= 0xAC00 && r <= 0xD7A3 || r >= 0x1100 && r <= 0x11FF
}

// figureOf gives the value of a digit of any script.
func figureOf(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r - '0'), true
	}
	if r < 0x80 {
		return 0, false
	}
	if unicode.IsDigit(r) {
		// Every script's digits stand in runs of ten from its zero.
		for _, t := range unicode.Nd.R16 {
			if r <= rune(t.Hi) {
				return byte((r - rune(t.Lo)) % 10), true
			}
		}
		for _, t := range unicode.Nd.R32 {
			if r <= rune(t.Hi) {
				return byte((r - rune(t.Lo)) % 10), true
			}
		}
	}
	if f := foldSlowly(r); f.n == 1 && f.r[0] >= '0' && f.r[0] <= '9' {
		return byte(f.r[0] - '0'), true
	}
	return 0, false
}

// lookalike gives the Latin letter that a Cyrillic or Greek one looks like.
func lookalike(r rune) rune {
	switch r {
	case 'а', 'α':
		return 'a'
	case 'в', 'β':
		return 'b'
	case 'с':
		return 'c'
	case 'ԁ':
		return 'd'
	case 'е', 'ε':
		return 'e'
	case 'һ', 'н', 'η':
		return 'h'
	case 'і', 'ι':
		return 'i'
	case 'ј':
		return 'j'
	case 'к', 'κ':
		return 'k'
	case 'ӏ':
		return 'l'
	case 'м', 'μ':
		return 'm'
	case 'ν', 'п':
		return 'n'
	case 'о', 'ο', 'օ':
		return 'o'
	case 'р', 'ρ':
		return 'p'
	case 'ԛ':
		return 'q'
	case 'г':
		return 'r'
	case 'ѕ':
		return 's'
	case 'т', 'τ':
		return 't'
	case 'υ':
		return 'u'
	case 'ѵ':
		return 'v'
	case 'ԝ':
		return 'w'
	case 'х', 'χ':
		return 'x'
	case 'у', 'γ':
		return 'y'
	}
	return r
}

// plain folds a short text: an identifier, a label, a name.
func plain(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if invisible(r) {
			continue
		}
		f := fold(r)
		out = append(out, f.r[:f.n]...)
	}
	return string(out)
}

const (
	hashSeed  uint64 = 14695981039346656037
	hashPrime uint64 = 1099511628211
)

func push(h uint64, r rune) uint64 { return (h ^ uint64(r)) * hashPrime }

func hashOf(s string) uint64 {
	h := hashSeed
	for _, r := range s {
		h = push(h, r)
	}
	return h
}

// both is one key for two in either order.
func both(a, b uint64) uint64 {
	if a > b {
		a, b = b, a
	}
	return (a*0x9E3779B97F4A7C15 ^ b) * hashPrime
}

// filter says of most hashes that are not in a set that they are not, at the
// price of one look into memory.
type filter struct {
	bits  []uint64
	shift uint
}

func newFilter(n int) *filter {
	words, shift := 512, uint(64-9)
	for words < n/4 {
		words, shift = words*2, shift-1
	}
	return &filter{make([]uint64, words), shift}
}

func (f *filter) at(h uint64) (uint64, uint64) {
	h *= 0x9E3779B97F4A7C15
	return h >> f.shift, 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63)
}

func (f *filter) add(h uint64) {
	word, bits := f.at(h)
	f.bits[word] |= bits
}

func (f *filter) has(h uint64) bool {
	word, bits := f.at(h)
	return f.bits[word]&bits == bits
}

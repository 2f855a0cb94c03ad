package jobs

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// A provider's id of a message is a telephone number in base64 with something
// around it: whoever has the id has the number.

// How long a text may be to be one, how many digits a number has at least in
// plain sight, and how many with its country code.
const (
	leastEncoded = 20
	mostEncoded  = 1 << 10
	leastDigits  = 8
	leastWhole   = 10
)

// encoded gives who is meant by a number inside a text that is base64; there is
// false where there is none, or only the person's own. opaque says that nothing
// else can stand in the text: it is one word of letters in both cases and digits,
// as nobody writes them.
func (v *veil) encoded(text string) (who string, there, opaque bool) {
	if len(text) < leastEncoded || len(text) > mostEncoded {
		return "", false, false
	}
	var lower, upper, digit, url bool
	run, from := 0, 0
	for i := range len(text) {
		c := text[i]
		run++
		switch {
		case c >= '0' && c <= '9':
			if digit = true; run >= leastDigits {
				return "", false, false // a number in plain sight
			}
			continue
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c == '.':
			from = i + 1
		case c == '-', c == '_':
			url = true
		case c != '+' && c != '/' && c != '=':
			return "", false, false
		}
		run = 0
	}
	if opaque = lower && upper && digit; !opaque {
		return "", false, false
	}
	decoding := base64.RawStdEncoding
	if url {
		decoding = base64.RawURLEncoding
	}
	var room [mostEncoded]byte
	n, err := decoding.Decode(room[:], []byte(strings.TrimRight(text[from:], "=")))
	if err != nil {
		return "", false, true
	}
	plain := room[:n]
	for from := 0; from < len(plain); from++ {
		end := from
		for end < len(plain) && plain[end] >= '0' && plain[end] <= '9' {
			end++
		}
		if end-from >= leastWhole {
			if who, ok := v.numbered(string(plain[from:end])); ok {
				return who, true, true
			}
		}
		from = end
	}
	return "", false, true
}

// inside adds to the marks of a text the words in it that are somebody's number
// in base64.
func (v *veil) inside(text string, marks []redact.Mark) []redact.Mark {
	for from := 0; from+leastEncoded <= len(text); from++ {
		end := from
		for end < len(text) && encodes(text[end]) {
			end++
		}
		if end-from >= leastEncoded {
			if who, there, _ := v.encoded(text[from:end]); there {
				marks = over(marks, redact.Mark{Start: from, End: end, Kind: redact.Phone, Who: who, Sure: true})
			}
		}
		from = end
	}
	return marks
}

// encodes says whether a byte may be of base64 and what stands around it.
func encodes(c byte) bool {
	switch c {
	case '+', '/', '=', '-', '_', '.':
		return true
	}
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// solid says that a word that may be a key has no words in it, as the name of a
// file has.
func solid(text string) bool {
	return strings.IndexByte(text, '-') < 0 && strings.IndexByte(text, '_') < 0 && strings.Count(text, "/") < 2 && strings.Count(text, ".") < 2
}

// over puts a mark in the place of those that it touches.
func over(marks []redact.Mark, one redact.Mark) []redact.Mark {
	var out []redact.Mark
	for _, m := range marks {
		if m.End <= one.Start || m.Start >= one.End {
			out = append(out, m)
			continue
		}
		one.Start, one.End, one.Never = min(m.Start, one.Start), max(m.End, one.End), m.Never || one.Never
	}
	out = append(out, one)
	slices.SortFunc(out, func(a, b redact.Mark) int { return a.Start - b.Start })
	return out
}

// numbered says whose telephone number some digits are, if not the person's.
func (v *veil) numbered(digits string) (who string, ok bool) {
	who, known := v.numbers[digits]
	if !known {
		for _, m := range v.text.Marks("+"+digits, redact.Unknown) {
			if m.Kind == redact.Phone {
				who = m.Who
			}
		}
		v.numbers[digits] = who
	}
	return who, who != ""
}

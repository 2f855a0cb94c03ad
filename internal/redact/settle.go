package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// found is a candidate for a mark.
type found struct {
	start, end  int32
	kind        Kind
	who         int32  // index of a known person, or -1
	key         string // of somebody unknown, or ""
	sure, never bool
	rank        rank
}

// rank decides who has the characters that two candidates claim.
type rank uint8

const (
	rankGuess   rank = iota // somebody unknown, perhaps
	rankHint                // somebody known, perhaps
	rankAddress             // and everything else that is read from its shape
	rankStranger
	rankPhone
	rankName
	rankHandle
	rankEmail
	rankNumber // known identifiers
	rankNever
)

func (x *reading) find(f found) {
	if f.end > f.start {
		x.found = append(x.found, f)
	}
}

// keep remembers what is the subject's own.
func (x *reading) keep(f found) { x.keeps = append(x.keeps, f) }

// never masks what no decision of staff discloses.
func (x *reading) never(start, end int32, kind Kind) {
	x.find(found{start: start, end: end, kind: kind, who: -1, sure: true, never: true, rank: rankNever})
}

// settle turns candidates into marks that do not overlap. Nothing that a sure
// candidate claims stays readable: where two overlap, the characters go to the
// higher rank and the rest stays hidden by the other.
func (x *reading) settle() []Mark {
	x.yield()
	if len(x.found) == 0 {
		return nil
	}
	slices.SortStableFunc(x.found, func(a, b found) int {
		if a.rank != b.rank {
			return int(a.rank) - int(b.rank)
		}
		if a.sure != b.sure {
			if a.sure {
				return 1
			}
			return -1
		}
		return int(a.end-a.start) - int(b.end-b.start)
	})
	x.paint()
	return x.belonging(x.marks())
}

// belonging gives one key to what stands together as one person's: a name
// before an address of mail, and all that is on one card. A known person's key
// goes before a stranger's, a number's and an address's before a name's.
func (x *reading) belonging(marks []Mark) []Mark {
	for i := 0; i+1 < len(marks); i++ {
		a, b := &marks[i], &marks[i+1]
		if gap := x.text[a.End:b.Start]; a.Kind == Name && b.Kind == Email && (gap == " <" || gap == "\" <" || gap == " (" || gap == " [mailto:") {
			share(a, b)
		}
	}
	for from := 0; ; {
		n := strings.Index(x.text[from:], "BEGIN:VCARD")
		if n < 0 {
			return marks
		}
		start := from + n
		end := len(x.text)
		if n := strings.Index(x.text[start:], "END:VCARD"); n >= 0 {
			end = start + n
		}
		x.oneCard(marks, start, end)
		from = end
	}
}

func (x *reading) oneCard(marks []Mark, start, end int) {
	first, _ := slices.BinarySearchFunc(marks, start, func(m Mark, at int) int { return m.Start - at })
	last := first
	var best *Mark
	for ; last < len(marks) && marks[last].Start < end; last++ {
		if m := &marks[last]; m.Who != "" && (best == nil || certain(m) > certain(best)) {
			best = m
		}
	}
	for i := first; i < last && best != nil; i++ {
		if !marks[i].Never {
			marks[i].Who = best.Who
		}
	}
}

func share(a, b *Mark) {
	if certain(a) > certain(b) {
		b.Who = a.Who
	} else if b.Who != "" {
		a.Who = b.Who
	}
}

// certain says how well a mark's key tells a person from others.
func certain(m *Mark) int {
	switch {
	case m.Who == "":
		return 0
	case !strings.HasPrefix(m.Who, "?"):
		return 3
	case m.Kind == Phone || m.Kind == Email:
		return 2
	}
	return 1
}

// yield drops candidates that are the subject's own, and cuts what is the
// subject's out of the others.
func (x *reading) yield() {
	if len(x.keeps) == 0 {
		return
	}
	slices.SortFunc(x.found, func(a, b found) int { return int(a.start - b.start) })
	kept := x.keeps[:0]
	for _, k := range x.keeps {
		if !x.outweighed(k) {
			kept = append(kept, k)
		}
	}
	x.keeps = kept
}

// longestFound is how far before a place a candidate that reaches it may begin.
const longestFound = 512

// outweighed says whether a candidate is more than what is the subject's.
func (x *reading) outweighed(k found) bool {
	from, _ := slices.BinarySearchFunc(x.found, k.start-longestFound, func(f found, at int32) int { return int(f.start - at) })
	for _, f := range x.found[from:] {
		if f.start > k.start {
			break
		}
		if x.outweighs(f, k) {
			return true
		}
	}
	return false
}

// outweighs says whether a candidate is more than the subject's own thing that
// it contains: an address of mail with the subject's name in it may be anyone's.
func (x *reading) outweighs(f, k found) bool {
	if f.start > k.start || f.end < k.end || f.end-f.start == k.end-k.start {
		return false
	}
	switch {
	case f.never:
		return true
	case k.kind == Name:
		return f.sure && f.kind != Name || f.kind == Name && (f.rank == rankName || k.rank == rankGuess)
	}
	return f.rank >= rankHandle
}

// paint writes over every byte which candidate has it, the lowest rank first.
func (x *reading) paint() {
	if cap(x.owner) < len(x.text) {
		x.owner = make([]int32, len(x.text))
	}
	x.owner = x.owner[:len(x.text)]
	clear(x.owner)
	for i, f := range x.found {
		for b := f.start; b < f.end; b++ {
			x.owner[b] = int32(i + 1)
		}
	}
	for _, k := range x.keeps {
		for b := k.start; b < k.end; b++ {
			x.owner[b] = 0
		}
	}
}

func (x *reading) marks() []Mark {
	out := make([]Mark, 0, len(x.found))
	for b := 0; b < len(x.owner); {
		i := x.owner[b]
		start := b
		for b < len(x.owner) && x.owner[b] == i {
			b++
		}
		if i == 0 {
			continue
		}
		f := x.found[i-1]
		m, ok := x.trimmed(start, b, f)
		if !ok {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].End == m.Start && out[n].Who == m.Who && out[n].Sure == m.Sure && out[n].Never == m.Never && m.Who != "" {
			out[n].End = m.End
			continue
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// trimmed makes a mark of what a candidate has been left, without the white
// space at its ends. A rest that says nothing is none.
func (x *reading) trimmed(start, end int, f found) (Mark, bool) {
	s := x.text[start:end]
	start += len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	s = strings.TrimSpace(s)
	end = start + len(s)
	whole := int(f.start) == start && int(f.end) == end
	if !whole && !says(s, f) {
		return Mark{}, false
	}
	m := Mark{Start: start, End: end, Kind: f.kind, Who: f.key, Sure: f.sure, Never: f.never}
	if f.who >= 0 {
		m.Who = x.r.who[f.who]
	}
	return m, end > start
}

// says whether a rest could still tell something.
func says(s string, f found) bool {
	signs := 0
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			signs++
		}
	}
	if f.never || f.sure && f.who >= 0 {
		return signs > 0
	}
	return signs > 2 || signs > 0 && utf8.RuneCountInString(s) > 4
}

// stranger is the key of somebody whom the store does not know. It is a hash
// so that a package's state does not repeat the value in clear; it is no
// secret.
func stranger(kind Kind, value string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + value))
	return "?" + string(kind) + ":" + hex.EncodeToString(sum[:9])
}

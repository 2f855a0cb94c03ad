package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// knownNames finds the names of the store: two parts of one person's name
// together are that person, one alone is mostly for staff to decide.
func (x *reading) knownNames() {
	if !x.known {
		return
	}
	for i := 0; i < len(x.tokens); i++ {
		t := &x.tokens[i]
		if t.kind != letter || t.part < 0 && t.letters != 1 {
			continue
		}
		if last, who := x.together(i); last > i {
			x.wholeName(i, last, who)
			i = last
			continue
		}
		if t.part >= 0 {
			x.loneName(i)
		}
	}
	x.spelledNames()
}

// nameKeys are what a token counts as in a pair: the name that it is, those
// that it may be short for, an initial.
func (x *reading) nameKeys(i int, keys []uint64) []uint64 {
	t := x.tokens[i]
	if t.part >= 0 {
		keys = append(keys, uint64(t.part))
		for _, w := range x.r.weak[t.hash] {
			if w != t.part {
				keys = append(keys, uint64(w))
			}
		}
		return keys
	}
	if t.kind == letter && t.letters == 1 {
		c, _ := utf8.DecodeRuneInString(x.str(i))
		if cased(c) && t.caps == noCaps && !strings.HasPrefix(x.text[t.end:], ".") {
			return keys
		}
		if f := fold(c); f.n > 0 {
			keys = append(keys, initial(f.r[0]))
		}
	}
	return keys
}

// paired gives who has both of two tokens in a name.
func (x *reading) paired(i, k int) (owners, bool) {
	var a, b [someOwners + 1]uint64
	var all owners
	for _, one := range x.nameKeys(i, a[:0]) {
		for _, two := range x.nameKeys(k, b[:0]) {
			if o, ok := x.r.pairs[both(one, two)]; ok {
				for _, w := range o.all {
					all.add(w)
				}
				all.mine = all.mine || o.mine
			}
		}
	}
	return all, all.mine || len(all.all) > 0
}

// together goes on from a part of a name as long as the parts are one
// person's. Particles and one more name may stand between.
func (x *reading) together(i int) (int, owners) {
	var who owners
	last := i
	for found := true; found; {
		found = false
		between := 0
		for k := last + 1; k < len(x.tokens) && k <= last+5 && x.near(k); k++ {
			if o, ok := x.paired(last, k); ok {
				if last > i {
					o = o.and(who)
				}
				if o.mine || len(o.all) > 0 {
					who, last, found = o, k, true
					break
				}
			}
			t := x.tokens[k]
			switch {
			case x.is(k, isParticle):
			case t.kind == letter && between == 0 && (t.letters == 1 || t.caps != noCaps || t.part >= 0):
				between++
			default:
				k = len(x.tokens)
			}
		}
	}
	return last, who
}

func (o owners) and(p owners) owners {
	out := owners{mine: o.mine && p.mine}
	for _, w := range o.all {
		if slices.Contains(p.all, w) {
			out.all = append(out.all, w)
		}
	}
	return out
}

// near says whether token k may be one name with the one before.
func (x *reading) near(k int) bool {
	gap := x.gap(k)
	if len(gap) > 12 {
		return false
	}
	lines := 0
	for _, c := range gap {
		switch {
		case c == '\n':
			lines++
		case strings.ContainsRune(" \t\r.,-_'’ʼ`\"“”„«»()&+/·・", c), unicode.IsSpace(c), unicode.Is(unicode.Pd, c), silent(c):
		default:
			return false
		}
	}
	return lines <= 1
}

func (x *reading) wholeName(i, last int, who owners) {
	f := found{start: x.tokens[i].start, end: x.tokens[last].end, kind: Name, rank: rankName, sure: true, who: -1}
	exact := x.exactly(i, last)
	if who.mine && exact && len(who.all) > 0 && x.initialled(i, last) {
		f.sure, f.rank = false, rankHint
		x.find(f)
		return
	}
	if who.mine && (exact || len(who.all) == 0 && !x.short(i, last)) {
		x.keep(f)
		return
	}
	if len(who.all) > 0 { // a namesake in other letters is the other one
		f.who = who.all[0]
	}
	if len(who.all) == 0 || x.everyday(i, last) {
		f.sure, f.rank = false, rankHint
	}
	x.find(f)
}

// exactly says whether a name is written as the subject's is.
func (x *reading) exactly(i, last int) bool {
	for k := i; k <= last; k++ {
		if t := x.tokens[k]; t.part >= 0 && !x.r.exact[t.hash] {
			return false
		}
	}
	return true
}

// initialled says whether a name has only an initial for one part.
func (x *reading) initialled(i, last int) bool {
	for k := i; k <= last; k++ {
		if t := x.tokens[k]; t.letters == 1 && t.part < 0 {
			return true
		}
	}
	return false
}

// short says whether a name stands there by a form that others share.
func (x *reading) short(i, last int) bool {
	for k := i; k <= last; k++ {
		if t := x.tokens[k]; t.part >= 0 && x.r.part(t.hash) < 0 && len(x.r.weak[t.hash]) > 0 {
			return true
		}
	}
	return false
}

// everyday says whether all words of a name are everyday words: none of them a
// first name, as in "Support Team", or all in small letters, as in "i will mark
// it".
func (x *reading) everyday(i, last int) bool {
	given, capitals := false, false
	for k := i; k <= last; k++ {
		t := x.tokens[k]
		if t.entry == nil || t.letters < 2 || t.entry.roles&^(isGiven|isParticle) == 0 {
			return false
		}
		given = given || t.entry.roles&isGiven != 0
		capitals = capitals || t.caps != noCaps
	}
	return !given || !capitals
}

// rareLetters is how long one name must be to be hidden unasked.
const rareLetters = 7

// loneName decides about one part of a name alone.
func (x *reading) loneName(i int) {
	t := x.tokens[i]
	p := x.r.names[t.part]
	f := found{start: t.start, end: t.end, kind: Name, rank: rankHint, who: -1}
	if p.first < 0 || p.mine && (x.author == Other && x.is(i-1, isGreeting) || x.author == Subject && x.signs(i)) {
		if p.mine {
			f.rank = rankGuess // a name alone does not make a longer one the subject's
			x.keep(f)
		}
		return
	}
	c, _ := utf8.DecodeRuneInString(x.str(i))
	small := unicode.IsLower(c)
	common := p.common && t.bent || t.entry != nil && t.entry.roles&^isGiven != 0
	switch {
	case common && (small || x.opens(i)) && !x.is(i-1, isTitle|isGreeting|isCall):
		return
	case common && (small || t.bent):
		return
	case small && t.letters < 4 && cased(c), t.letters < 3 && x.opens(i):
		return
	}
	short := x.short(i, i)
	if !p.many && !p.mine && !(short && len(x.r.weak[t.hash]) > 1) {
		f.who = p.first
		if !common && !short && (p.letters >= rareLetters || p.whole && p.letters >= 5) && int(t.letters) >= min(p.letters, rareLetters)-1 {
			f.sure, f.rank = true, rankName
		}
	}
	x.find(f)
}

// cased says whether a letter's script has capitals.
func cased(c rune) bool { return unicode.ToUpper(c) != c || unicode.ToLower(c) != c }

// opens says whether token i is the first of a sentence, where a capital says
// nothing.
func (x *reading) opens(i int) bool {
	return i == 0 || strings.ContainsAny(x.gap(i), ".!?…\n:•*>")
}

// signs says whether token i stands where the author signs.
func (x *reading) signs(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if x.is(k, isBye) {
			return true
		}
	}
	return false
}

// spelledNames finds names spelled letter by letter.
func (x *reading) spelledNames() {
	for i := 0; i+3 < len(x.tokens); i++ {
		if x.tokens[i].letters != 1 || x.tokens[i].kind != letter {
			continue
		}
		h, best := hashSeed, -1
		k := i
		for ; k < len(x.tokens) && k < i+24; k++ {
			t := x.tokens[k]
			if t.kind != letter || t.letters != 1 || k > i && t.start-x.tokens[k-1].end > 3 {
				break
			}
			c, _ := utf8.DecodeRuneInString(x.str(k))
			f := fold(c)
			for _, c := range f.r[:f.n] {
				h = push(h, c)
			}
			if p := x.r.part(h); p >= 0 && k >= i+3 && x.r.names[p].first > 0 && !x.r.names[p].mine {
				best = k
			}
		}
		if best > 0 {
			x.find(found{start: x.tokens[i].start, end: x.tokens[best].end, kind: Name, rank: rankHint, who: -1})
			i = best
		}
	}
}

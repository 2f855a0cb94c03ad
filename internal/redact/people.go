package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redactor knows the subject and the other people of a store.
type Redactor struct {
	who     []string // by index; 0 is the subject
	regions []string // whose national numbers are read

	parts  map[uint64]int32   // hash of a written form → the name it may be
	names  []part             // names that may be one another share an entry
	weak   map[uint64][]int32 // hash of another writing or short form → names that it may stand for
	exact  map[uint64]bool    // hashes of the subject's names as they are
	pairs  map[uint64]owners  // two parts of one person's name
	solids map[uint64]solidName
	widths []int // lengths of solid names, in characters
	known  *filter

	numbers map[uint64][]number // hash of a number's own digits
	lengths []int               // of these digits
	locals  map[uint64]int32    // hash of digits without the area, or with letters' worth of doubt
	digits  *filter

	emails  map[string]int32
	account map[uint64]int32 // hash of a handle
	begins  []uint64         // first words of handles
	starts  *filter          // and their filter
}

// part is one or more names that may be written alike.
type part struct {
	id      int32
	first   int32 // the first other person who has it, or -1
	many    bool  // more than one other person has it
	mine    bool  // the subject has it
	whole   bool  // it is all of somebody's name
	letters int   // of the longest
	common  bool  // an everyday word too
}

// owners are the people who have two parts, in order, cut at a few.
type owners struct {
	all  []int32
	mine bool // the subject is among them
}

const someOwners = 8

func (o *owners) add(who int32) {
	if who == 0 {
		o.mine = true
	} else if len(o.all) < someOwners && !slices.Contains(o.all, who) {
		o.all = append(o.all, who)
	}
}

type solidName struct {
	part  int32
	whole owners
	full  bool
}

// New prepares a Redactor. Regions are ISO 3166 codes of the countries whose
// national numbers are read, the most likely first; those of known numbers
// are added.
func New(subject Person, others []Person, regions ...string) *Redactor {
	size := len(others) + 1
	r := &Redactor{
		who:   make([]string, 0, size),
		parts: make(map[uint64]int32, 4*size), pairs: make(map[uint64]owners, 4*size), solids: map[uint64]solidName{}, weak: map[uint64][]int32{}, exact: map[uint64]bool{},
		numbers: make(map[uint64][]number, size), locals: map[uint64]int32{},
		emails: make(map[string]int32, size), account: map[uint64]int32{},
	}
	r.addRegions(regions)
	b := builder{r: r, class: make(map[uint64]int32, 8*size)}
	index := make(map[string]int32, size)
	for _, p := range append([]Person{subject}, others...) {
		who, again := index[p.Who]
		if !again || p.Who == "" { // what is in two Persons of one key belongs together too
			who = int32(len(r.who))
			r.who = append(r.who, p.Who)
			index[p.Who] = who
		}
		for _, n := range p.Names {
			if strings.Contains(n, "@") && !strings.ContainsAny(n, " \t") { // many apps show the address for want of a name
				r.addEmail(who, n)
				continue
			}
			b.name(who, n)
		}
		for _, n := range p.Numbers {
			b.numbers = append(b.numbers, ownedNumber{who, n})
		}
		for _, n := range p.Emails {
			r.addEmail(who, n)
		}
		for _, n := range p.Handles {
			r.addHandle(who, n)
		}
	}
	b.finish()
	r.addNumbers(b.numbers)
	r.seal(b.stems)
	return r
}

// builder joins names that may be written alike before anything is looked up.
type builder struct {
	r       *Redactor
	class   map[uint64]int32 // hash of a written form → class
	parent  []int32
	parts   []builtPart
	pairs   []builtPair
	solids  []builtSolid
	numbers []ownedNumber
	weak    []weakForm
	stems   []uint64 // names without the vowel that an ending replaces
}

type weakForm struct {
	hash  uint64
	class int32
}

type ownedNumber struct {
	who   int32
	value string
}

type builtPart struct {
	class   int32
	who     int32
	letters int
	whole   bool
	common  bool
}

type builtPair struct {
	a, b     int32
	who      int32
	one, two uint64 // hashes, where a part is an initial
}

type builtSolid struct {
	hash  uint64
	class int32
	who   int32
	full  bool
}

func (b *builder) root(c int32) int32 {
	for b.parent[c] != c {
		b.parent[c] = b.parent[b.parent[c]]
		c = b.parent[c]
	}
	return c
}

// joined gives the class of all written forms together.
func (b *builder) joined(forms []uint64) int32 {
	at := int32(-1)
	for _, f := range forms {
		c, ok := b.class[f]
		if !ok {
			if at < 0 {
				at = int32(len(b.parent))
				b.parent = append(b.parent, at)
			}
			b.class[f] = at
			continue
		}
		c = b.root(c)
		if at >= 0 {
			b.parent[b.root(at)] = c
		}
		at = c
	}
	return b.root(at)
}

// maxParts of a name are looked at: more is no name.
const maxParts = 6

func (b *builder) name(who int32, name string) {
	if erased(name) {
		return
	}
	words := nameWords(name)
	if len(words) == 0 {
		return
	}
	if len(words) > maxParts {
		words = words[:maxParts]
	}
	type one struct {
		class   int32
		initial rune
		plain   string
	}
	var all []one
	for _, w := range words {
		if spacelessWord(w) {
			b.solidPart(who, w, len(words) == 1)
			all = append(all, one{b.joined([]uint64{hashOf(plain(w))}), 0, plain(w)})
			continue
		}
		p := plain(w)
		first, _ := utf8.DecodeRuneInString(p)
		if utf8.RuneCountInString(p) < 2 {
			all = append(all, one{-1, first, p})
			continue
		}
		e := words0(p)
		if e != nil && e.roles&isParticle != 0 && len(words) > 1 {
			continue
		}
		if last, size := utf8.DecodeLastRuneInString(p); strings.ContainsRune("aeoyаяоиы", last) {
			b.stems = append(b.stems, hashOf(p[:len(p)-size]), skeleton(p[:len(p)-size]))
		}
		c := b.joined(forms(p, w))
		for _, v := range alike[p] {
			b.weak = append(b.weak, weakForm{hashOf(v), c})
		}
		if who == 0 {
			b.r.exact[hashOf(p)] = true
			b.r.exact[hashOf(plain(umlauts.Replace(strings.ToLower(w))))] = true
		}
		b.parts = append(b.parts, builtPart{c, who, utf8.RuneCountInString(p), len(words) == 1, e != nil && e.roles&^isGiven != 0})
		all = append(all, one{c, first, p})
	}
	for i := range all {
		for j := i + 1; j < len(all); j++ {
			x, y := all[i], all[j]
			switch {
			case x.class >= 0 && y.class >= 0:
				b.pairs = append(b.pairs, builtPair{a: x.class, b: y.class, who: who})
				if x.initial != 0 {
					b.pairs = append(b.pairs, builtPair{a: -1, one: initial(x.initial), b: y.class, who: who})
				}
				if y.initial != 0 {
					b.pairs = append(b.pairs, builtPair{a: x.class, b: -1, two: initial(y.initial), who: who})
				}
				if utf8.RuneCountInString(x.plain+y.plain) >= 6 {
					b.joint(who, x.plain+y.plain)
					b.joint(who, y.plain+x.plain)
				}
			case x.class < 0 && y.class >= 0:
				b.pairs = append(b.pairs, builtPair{a: -1, one: initial(x.initial), b: y.class, who: who})
			case x.class >= 0:
				b.pairs = append(b.pairs, builtPair{a: x.class, b: -1, two: initial(y.initial), who: who})
			}
		}
	}
	if len(words) > 1 && allSpaceless(words) {
		b.solidPart(who, strings.Join(words, ""), true)
	}
}

// joint is a whole name in one word, as in addresses and tags.
func (b *builder) joint(who int32, s string) {
	b.parts = append(b.parts, builtPart{b.joined([]uint64{hashOf(s)}), who, 99, true, false})
}

// solidPart takes a name of a script without spaces: whole, and what is left
// of it without the family's one or two signs.
func (b *builder) solidPart(who int32, w string, full bool) {
	signs := []rune(plain(w))
	if len(signs) < 2 {
		return
	}
	add := func(s []rune, full bool) {
		h := hashOf(string(s))
		b.solids = append(b.solids, builtSolid{h, b.joined([]uint64{h}), who, full})
		b.parts = append(b.parts, builtPart{b.joined([]uint64{h}), who, len(s) * 2, full, false})
		if !slices.Contains(b.r.widths, len(s)) {
			b.r.widths = append(b.r.widths, len(s))
		}
	}
	add(signs, full)
	if full && (unicode.Is(unicode.Han, signs[0]) || unicode.Is(unicode.Hangul, signs[0])) {
		if len(signs) == 3 {
			add(signs[1:], false)
		}
		if len(signs) == 4 {
			add(signs[:2], false)
			add(signs[2:], false)
		}
	}
}

func initial(r rune) uint64 { return push(push(hashSeed, '.'), r) }

// finish turns classes into what is looked up.
func (b *builder) finish() {
	r := b.r
	at := map[int32]int32{}
	id := func(c int32) int32 {
		c = b.root(c)
		i, ok := at[c]
		if !ok {
			i = int32(len(r.names))
			at[c] = i
			r.names = append(r.names, part{id: i, first: -1})
		}
		return i
	}
	for _, p := range b.parts {
		n := &r.names[id(p.class)]
		n.letters, n.whole, n.common = max(n.letters, p.letters), n.whole || p.whole, n.common || p.common
		switch {
		case p.who == 0:
			n.mine = true
		case n.first < 0:
			n.first = p.who
		case n.first != p.who:
			n.many = true
		}
	}
	for form, c := range b.class {
		r.parts[form] = id(c)
	}
	for _, p := range b.pairs {
		one, two := p.one, p.two
		if p.a >= 0 {
			one = uint64(id(p.a))
		}
		if p.b >= 0 {
			two = uint64(id(p.b))
		}
		key := both(one, two)
		o := r.pairs[key]
		o.add(p.who)
		r.pairs[key] = o
	}
	for _, s := range b.solids {
		n := r.solids[s.hash]
		n.part, n.full = id(s.class), n.full || s.full
		if s.full {
			n.whole.add(s.who)
		}
		r.solids[s.hash] = n
	}
	for _, w := range b.weak {
		if i := id(w.class); len(r.weak[w.hash]) < someOwners && !slices.Contains(r.weak[w.hash], i) {
			r.weak[w.hash] = append(r.weak[w.hash], i)
		}
	}
	slices.Sort(r.widths)
}

// seal makes the filters that most of a text never passes.
func (r *Redactor) seal(stems []uint64) {
	r.known = newFilter(2 * (len(r.parts) + len(r.solids) + len(r.weak)))
	for h := range r.parts {
		r.known.add(h)
	}
	for _, h := range stems {
		r.known.add(h)
	}
	for h := range r.solids {
		r.known.add(h)
	}
	for h := range r.weak {
		r.known.add(h)
	}
	r.digits = newFilter(2 * len(r.numbers))
	for h := range r.numbers {
		r.digits.add(h)
	}
	r.starts = newFilter(2 * len(r.begins))
	for _, h := range r.begins {
		r.starts.add(h)
	}
}

// nameWords cuts a name at everything that is no letter.
func nameWords(name string) []string {
	return strings.FieldsFunc(name, func(c rune) bool {
		k := classOf(c)
		return k != letter && k != solid && k != nothing
	})
}

// erased says whether somebody has no name any more.
func erased(name string) bool {
	p := plain(strings.TrimSpace(name))
	return p == "" || strings.Contains(p, "erased") || strings.Contains(p, "redacted")
}

func spacelessWord(w string) bool {
	for _, c := range w {
		if classOf(c) == solid {
			return true
		}
	}
	return false
}

func allSpaceless(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !spacelessWord(w) })
}

func words0(p string) *entry { return words.find(hashOf(p)) }

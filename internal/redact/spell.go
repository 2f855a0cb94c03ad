package redact

import (
	_ "embed"
	"strings"
	"unicode"
)

// forms are the hashes of the ways in which a name is written: with and
// without what stands for an umlaut, and in Latin letters or so that a
// Cyrillic writing is found. p is the folded name, w the name as it is.
func forms(p, w string) []uint64 {
	all := []string{p}
	if long := umlauts.Replace(strings.ToLower(w)); long != strings.ToLower(w) {
		all = append(all, plain(long))
	}
	if short := shorter.Replace(p); short != p && len(short) > 2 {
		all = append(all, short)
	}
	var out []uint64
	if isCyrillic(p) {
		for _, latin := range romanised(p) {
			out = append(out, hashOf(latin))
		}
		out = append(out, skeleton(p))
	} else if latin := inLatin(p); latin != "" {
		out = append(out, hashOf(latin))
		if short := vowels.Replace(latin); short != latin {
			out = append(out, hashOf(short))
		}
	} else if isLatin(p) {
		for _, s := range all {
			out = append(out, skeleton(s))
		}
	}
	for _, s := range all {
		out = append(out, hashOf(s))
	}
	return out
}

//go:embed words/variants.txt
var variantFile string

// alike gives the other ways to write a name, and short forms of it.
var alike = func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(variantFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		names := strings.Fields(line)
		for i, n := range names {
			names[i] = plain(n)
		}
		for i, n := range names {
			out[n] = append(append(out[n], names[:i]...), names[i+1:]...)
		}
	}
	return out
}()

var (
	umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe")
	shorter = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")
)

func isCyrillic(p string) bool { return only(p, unicode.Cyrillic) }
func isLatin(p string) bool    { return only(p, unicode.Latin) }

func only(p string, script *unicode.RangeTable) bool {
	for _, c := range p {
		if !unicode.Is(script, c) {
			return false
		}
	}
	return p != ""
}

// latin are the ways in which a Cyrillic letter is written in Latin ones, the
// usual first. Folding has made й и and ё е before.
var latin = map[rune][]string{
	'а': {"a"}, 'б': {"b"}, 'в': {"v", "w"}, 'г': {"g", "h"}, 'д': {"d"}, 'е': {"e", "ye", "je"}, 'ж': {"zh", "j", "sch"}, 'з': {"z", "s"},
	'и': {"i", "y", "j"}, 'к': {"k"}, 'л': {"l"}, 'м': {"m"}, 'н': {"n"}, 'о': {"o"}, 'п': {"p"}, 'р': {"r"}, 'с': {"s", "ss"}, 'т': {"t"},
	'у': {"u", "ou"}, 'ф': {"f", "ph"}, 'х': {"kh", "h", "ch"}, 'ц': {"ts", "c", "z"}, 'ч': {"ch", "tsch", "tch", "c"}, 'ш': {"sh", "sch", "ch", "s"},
	'щ': {"shch", "schtsch"}, 'ъ': {""}, 'ы': {"y", "i"}, 'ь': {""}, 'э': {"e"}, 'ю': {"yu", "ju", "iu"}, 'я': {"ya", "ja", "ia", "a"},
	'і': {"i"}, 'ї': {"yi", "i"}, 'є': {"ye", "ie", "e"}, 'ј': {"j"}, 'љ': {"lj"}, 'њ': {"nj"}, 'ћ': {"c"}, 'ђ': {"dj", "d"}, 'џ': {"dz"}, 'ў': {"u"},
}

// manyForms is how many romanisations of one name are looked for.
const manyForms = 24

// romanised gives the usual romanisations of a Cyrillic name: each way of one
// letter with the usual ways of the others, and the two endings of men's
// names.
func romanised(p string) []string {
	letters := []rune(p)
	base := make([]string, len(letters))
	for i, c := range letters {
		if l, ok := latin[c]; ok {
			base[i] = l[0]
		}
	}
	out := []string{strings.Join(base, "")}
	for style := 1; style < 4; style++ { // a whole name in one style
		at := make([]string, len(letters))
		for i, c := range letters {
			if l := latin[c]; len(l) > 0 {
				at[i] = l[min(style, len(l)-1)]
			}
		}
		out = append(out, strings.Join(at, ""))
	}
	for i, c := range letters {
		for _, l := range latin[c] {
			if l != base[i] && len(out) < manyForms {
				out = append(out, strings.Join(base[:i], "")+l+strings.Join(base[i+1:], ""))
			}
		}
	}
	for _, s := range out {
		if cut, ok := strings.CutSuffix(s, "ii"); ok {
			out = append(out, cut+"y", cut+"i", cut+"ij", cut+"iy")
		}
		if cut, ok := strings.CutSuffix(s, "ei"); ok {
			out = append(out, cut+"ey", cut+"ej")
		}
	}
	return out
}

// greek and the signs of Devanagari, each with its Latin letters.
var (
	greek = strings.NewReplacer("ου", "ou", "αι", "ai", "ει", "ei", "οι", "oi", "γγ", "ng", "γκ", "gk", "μπ", "b", "ντ", "nt", "α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i", "θ", "th",
		"ι", "i", "κ", "k", "λ", "l", "μ", "m", "ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "τ", "t", "υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o")
	devanagari = map[rune]string{
		'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ट': "t", 'ठ': "th", 'ड': "d", 'ढ': "dh", 'ण': "n", 'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n",
		'प': "p", 'फ': "ph", 'ब': "b", 'भ': "bh", 'म': "m", 'य': "y", 'र': "r", 'ल': "l", 'व': "v", 'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
	}
	matras = map[rune]string{'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'ृ': "ri", 'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au", '्': "", 'ं': "n", 'ँ': "n", '़': "",
		'अ': "a", 'आ': "a", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au"}
	vowels = strings.NewReplacer("ou", "u", "ei", "i", "oi", "i", "ch", "h", "y", "i")
)

// inLatin writes a Greek or Hindi name in Latin letters, the usual way, or
// gives nothing.
func inLatin(p string) string {
	if only(p, unicode.Greek) {
		return greek.Replace(p)
	}
	if !only(p, unicode.Devanagari) {
		return ""
	}
	var b strings.Builder
	signs := []rune(p)
	for i, c := range signs {
		if l, ok := devanagari[c]; ok {
			b.WriteString(l)
			next := rune(0)
			if i+1 < len(signs) {
				next = signs[i+1]
			}
			// A consonant carries an a, unless a sign or the word's end takes it.
			if _, sign := matras[next]; next != 0 && !sign || next == 'ं' {
				b.WriteByte('a')
			}
			continue
		}
		b.WriteString(matras[c])
	}
	return b.String()
}

// skeleton is one key for a name in Cyrillic and Latin letters: what the
// romanisations have in common.
func skeleton(p string) uint64 {
	k := newSound()
	letters := []rune(p)
	for i := 0; i < len(letters); i++ {
		if c := letters[i]; isHeard(c) {
			k.emit(heard[c-cyrillic])
			continue
		}
		rest := string(letters[i:min(i+4, len(letters))])
		found := false
		for _, s := range sounds {
			if strings.HasPrefix(rest, s.latin) {
				k.emit(s.sound)
				i += len(s.latin) - 1
				found = true
				break
			}
		}
		if !found {
			k.emit(string(letters[i]))
		}
	}
	return k.hash
}

// sound is a skeleton as far as it is read; a sound twice in a row counts once.
type sound struct {
	hash uint64
	last rune
}

func newSound() sound { return sound{hash: push(hashSeed, '~')} }

func (k *sound) emit(s string) {
	for _, c := range s {
		if c != k.last {
			k.hash = push(k.hash, c)
		}
		k.last = c
	}
}

func isHeard(c rune) bool { return c >= cyrillic && c < cyrillic+cyrillicLetters }

const (
	cyrillic        = 0x400
	cyrillicLetters = 0x60
)

// heard are the sounds of Cyrillic letters.
var heard = func() (out [cyrillicLetters]string) {
	for c, l := range latin {
		out[c-cyrillic] = hard.Replace(l[0])
	}
	return out
}()

// hard brings the first romanisation of a letter to its sound.
var hard = strings.NewReplacer("zh", "Z", "kh", "h", "ts", "c", "ch", "C", "shch", "S", "sh", "S", "ya", "a", "yu", "u", "ye", "e", "yi", "i", "y", "i", "w", "v", "j", "i")

// sounds are how Latin letters are read where Cyrillic has one letter.
var sounds = []struct{ latin, sound string }{
	{"shch", "S"}, {"tsch", "C"}, {"sch", "S"}, {"tch", "C"}, {"sh", "S"}, {"ch", "C"}, {"zh", "Z"}, {"kh", "h"}, {"ts", "c"}, {"tz", "c"},
	{"ya", "a"}, {"ja", "a"}, {"ia", "a"}, {"yu", "u"}, {"ju", "u"}, {"iu", "u"}, {"ye", "e"}, {"je", "e"}, {"ie", "e"}, {"ou", "u"},
	{"ph", "f"}, {"th", "t"}, {"ck", "k"}, {"qu", "kv"}, {"x", "ks"}, {"w", "v"}, {"y", "i"}, {"j", "i"}, {"q", "k"},
}

// Endings that languages add to names, longest first.
var (
	latinEndings    = endings("s es ns em om owi ovi ego emu iem nin nun ya ye da de dan den la le lle lla lta lle nak nek val vel ova a u n in un ni nu")
	latinVowel      = endings("y u ou om ie iej ej")
	cyrillicEndings = endings("а я ю у ы и е ом ем ым ого ому ои ою еи ею ов ова овы ами ам ах")
	cyrillicVowel   = endings("ы и е у я ю ем ои ою еи ею ам ами ах ию ии ью")
)

func endings(s string) map[string]bool {
	out := map[string]bool{}
	for _, e := range strings.Fields(s) {
		out[e] = true
	}
	return out
}

// prefixes that Arabic and Hebrew write in one with the name: and, to, by.
var glued = map[rune]bool{'و': true, 'ل': true, 'ب': true, 'ف': true, 'ك': true, 'ו': true, 'ל': true, 'ב': true, 'ה': true, 'מ': true, 'ש': true, 'כ': true}

// inflected finds the name of which a word is a form, or -1.
func (r *Redactor) inflected(word []rune) int32 {
	n := len(word)
	switch {
	case n > longest:
	case unicode.Is(unicode.Latin, word[0]):
		if n >= 4 {
			return r.ended(word, latinEndings, latinVowel, "aeoy")
		}
	case unicode.Is(unicode.Cyrillic, word[0]):
		return r.ended(word, cyrillicEndings, cyrillicVowel, "аяоиы")
	case glued[word[0]] && n >= 4:
		for cut := 1; cut <= 2 && n-cut >= 3; cut++ {
			h := hashSeed
			for _, c := range word[cut:] {
				h = push(h, c)
			}
			if i := r.part(h); i >= 0 {
				return i
			}
		}
	}
	return -1
}

func (r *Redactor) part(h uint64) int32 {
	if r.known.has(h) {
		if i, ok := r.parts[h]; ok {
			return i
		}
	}
	return -1
}

// ended takes endings off a word: where the name goes on as it is, and where
// the name's own last vowel has gone. The word itself counts too, if it is
// only by its sound a name.
func (r *Redactor) ended(word []rune, added, instead map[string]bool, vowels string) int32 {
	var hashes [longest + 1]uint64 // of the word's beginnings
	var heardSo [longest + 1]sound
	hashes[0], heardSo[0] = hashSeed, newSound()
	slavic := true
	for i, c := range word {
		hashes[i+1] = push(hashes[i], c)
		if slavic = slavic && isHeard(c); slavic {
			heardSo[i+1] = heardSo[i]
			heardSo[i+1].emit(heard[c-cyrillic])
		}
	}
	n := len(word)
	if slavic {
		if i := r.part(heardSo[n].hash); i >= 0 {
			return i
		}
	}
	for cut := 1; cut <= 4 && n-cut >= 3; cut++ {
		h, k := hashes[n-cut], heardSo[n-cut]
		if !r.known.has(h) && !(slavic && r.known.has(k.hash)) {
			continue
		}
		end := string(word[n-cut:])
		if added[end] {
			i := r.part(h)
			if i < 0 && slavic {
				i = r.part(k.hash)
			}
			if i >= 0 && (cut == 1 && end == "s" || r.names[i].letters >= 4) {
				return i
			}
		}
		if !instead[end] {
			continue
		}
		for _, v := range vowels {
			i := r.part(push(h, v))
			if i < 0 && slavic {
				with := k
				with.emit(heard[v-cyrillic])
				i = r.part(with.hash)
			}
			if i >= 0 && r.names[i].letters >= 4 {
				return i
			}
		}
	}
	return -1
}

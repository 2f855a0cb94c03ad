package redact

import (
	"strings"
	"unicode/utf8"
)

// introduced finds names of people whom the store does not know by the words
// beside them, and first names.
func (x *reading) introduced() {
	german := x.inGerman()
	for i := range x.tokens {
		if t := x.tokens[i]; t.letters == 1 && t.caps != noCaps && t.kind == letter && i+1 < len(x.tokens) && x.gap(i+1) == ". " {
			x.initialed(i)
		}
		if x.tokens[i].kind == solid {
			x.polite(i, chineseBehind, true)
			x.polite(i, easternBehind, false)
			x.called(i)
			x.korean(i)
			continue
		}
		x.patronymic(i)
		x.capitals(i, german)
		x.servant(i)
		e := x.tokens[i].entry
		if e == nil {
			continue
		}
		switch r := e.roles; {
		case r&isTitle != 0 && x.tokens[i].letters > 1:
			x.nameAfter(i, true, false)
		case r&isIntro != 0 && x.introduces(i):
			x.nameAfter(i, x.full(i), true)
		case r&isVerb != 0 && i > 0 && plain(x.str(i-1)) == "hier": // hier ist Fiete
			x.nameAfter(i, false, true)
		case r&isGreeting != 0:
			x.nameAfter(i, false, false)
		case r&isBye != 0:
			x.signed(i)
		case r&(isKin|isCall) != 0:
			x.nameAfter(i, false, false)
		}
		if e.roles&isGiven != 0 {
			x.given(i)
		}
	}
}

// nameAt says how many tokens from i on are a name by their capitals, and
// that none is an everyday word.
func (x *reading) nameAt(i int) int { return x.nameFrom(i, false) }

// nameFrom is nameAt; behind a bold word even scripts without capitals are
// believed.
func (x *reading) nameFrom(i int, bold bool) int {
	n := 0
	for k := i; k < len(x.tokens) && k < i+5; k++ {
		t := x.tokens[k]
		gap := x.gap(k)
		if k > i && gap != " " && gap != "-" && gap != "'" && gap != "’" && gap != ". " && gap != "\u00a0" && gap != "." {
			break
		}
		if k > i && strings.HasPrefix(gap, ".") && x.tokens[k-1].letters > 2 {
			break
		}
		if t.kind != letter {
			break
		}
		c, _ := utf8.DecodeRuneInString(x.str(k))
		if x.is(k, isParticle) && k+1 < len(x.tokens) && x.tokens[k+1].caps != noCaps && k > i {
			continue
		}
		if t.letters == 1 && t.caps != noCaps && k+1 < len(x.tokens) && (x.gap(k+1) == "'" || x.gap(k+1) == "’" || x.gap(k+1) == ". " || x.gap(k+1) == ".") && x.tokens[k+1].caps != noCaps {
			continue // O'Brien, T. Brook
		}
		if t.caps == noCaps && cased(c) || !(bold && n == 0 && t.caps == capital && t.entry != nil && t.entry.roles&^(isGiven|isParticle|isHost|isNumber|isFiller|isKin) == isCommon) && x.noName(k, n) || !cased(c) && x.is(k, isCommon) || !cased(c) && n == 0 && !x.is(k, isGiven) && !bold {
			break
		}
		if !cased(c) && n > 1 {
			break
		}
		n = k - i + 1
	}
	for k := i; k <= i+n && k < len(x.tokens); k++ { // the Baobab Team is nobody
		if x.is(k, isOrg) && x.tokens[k].caps != noCaps && (k < i+n || x.gap(k) == " ") && n > 0 && k > i {
			return 0
		}
	}
	return n
}

// noName says whether a word is an everyday one that cannot be part n of a
// name: "Grace" alone can, behind a cue, and "Rose Garden" could.
func (x *reading) noName(k, n int) bool {
	e := x.tokens[k].entry
	if e == nil {
		return false
	}
	const harmless = isGiven | isParticle | isHost | isNumber | isFiller
	if e.roles&^(harmless|isCommon) != 0 && e.roles&isGiven == 0 {
		return n == 0 || e.roles&isCommon == 0 || x.tokens[k].letters < 4
	}
	return e.roles&isCommon != 0 && e.roles&isGiven == 0 && n == 0 || e.roles&isCommon != 0 && n > 0 && e.roles&isGiven == 0 && x.is(k-1, isCommon)
}

// nameAfter takes the name behind a word. Titles stand behind each other, and
// "is" and a comma may stand between. In the subject's own messages, what
// introduces the author is the subject's.
func (x *reading) nameAfter(i int, sure, authors bool) {
	k := i + 1
	for steps := 0; k < len(x.tokens) && steps < 4 && (x.is(k, isTitle) || x.is(i, isIntro|isKin|isCall) && x.tokens[k].caps == noCaps && x.is(k, isVerb|isKin|isMine)); steps++ {
		k++
	}
	if k >= len(x.tokens) || !x.leads(i, k) {
		return
	}
	n := x.nameFrom(k, x.is(i, isIntro|isTitle))
	if n == 0 {
		return
	}
	f := found{start: x.tokens[k].start, end: x.tokens[k+n-1].end, kind: Name, who: -1, rank: rankGuess}
	if authors && x.author == Subject && !x.inQuote(f.start) && !x.toldBefore(i, isTheirs|isKin) {
		return
	}
	if sure {
		f.sure, f.rank = true, rankStranger
		f.key = stranger(Name, plain(x.text[f.start:f.end]))
	}
	x.find(f)
}

// leads says whether only a colon, a dot of a title or a dash stands between
// the words and the name.
func (x *reading) leads(i, k int) bool {
	for j := i + 1; j <= k; j++ {
		switch gap := x.gap(j); strings.TrimSpace(gap) {
		case "":
		case ":", ",", "-", "–", "’", "'":
			if strings.Count(gap, "\n") > 1 || x.is(j-1, isTitle) {
				return false
			}
		case ".":
			if !x.is(j-1, isTitle) && !(j-1 == i && x.is(i, isCall) && x.tokens[i].letters <= 4) {
				return false // but z. Hd., attn.
			}
		default:
			return false
		}
	}
	return true
}

// introduces says whether a word like "name" really leads to one: "is" or a
// colon behind, or "heiße", "llamo" alone.
func (x *reading) introduces(i int) bool {
	w := plain(x.str(i))
	if w == "m" {
		return i > 0 && plain(x.str(i-1)) == "i" && (x.gap(i) == "'" || x.gap(i) == "’")
	}
	if w == "name" || w == "names" || w == "adim" || w == "jina" {
		return x.is(i+1, isVerb) || strings.HasPrefix(strings.TrimSpace(x.text[x.tokens[i].end:]), ":")
	}
	return true
}

func (x *reading) full(i int) bool {
	w := plain(x.str(i))
	return w != "names" && w != "speaking" && w != "im"
}

// signed takes the name under a farewell.
func (x *reading) signed(i int) {
	if x.author == Subject && !x.inQuote(x.tokens[i].start) {
		return
	}
	k := i + 1
	for k < len(x.tokens) && x.is(k, isBye|isMine|isFiller|isVerb) && k < i+4 {
		k++
	}
	if k >= len(x.tokens) {
		return
	}
	for j := i + 1; j <= k; j++ {
		if g := strings.TrimSpace(x.gap(j)); g != "" && g != "," && g != "!" && g != "." && g != "-" && g != "–" {
			return
		}
	}
	n := x.nameAt(k)
	if n == 0 {
		return
	}
	f := found{start: x.tokens[k].start, end: x.tokens[k+n-1].end, kind: Name, who: -1, rank: rankGuess}
	if strings.Contains(x.gap(k), "\n") || n > 1 {
		f.sure, f.rank = true, rankStranger
		f.key = stranger(Name, plain(x.text[f.start:f.end]))
	}
	x.find(f)
}

// inGerman says whether a text is in the language whose nouns all begin with
// a capital.
func (x *reading) inGerman() bool {
	return x.german > 1 || x.german > 0 && len(x.tokens) <= 12
}

// capitals takes words in capitals inside of sentences that are no everyday
// words: two in a row in any language, one where nouns have none.
func (x *reading) capitals(i int, german bool) {
	if !x.proper(i) || x.proper(i-1) && x.gap(i) == " " {
		return
	}
	head := i == 0 || strings.ContainsAny(x.gap(i), ".!?…\n•*>")
	if head && (german || i+1 >= len(x.tokens) || !x.proper(i+1) || x.gap(i+1) != " ") {
		return // the capital is the sentence's
	}
	n := 1
	for i+n < len(x.tokens) && n < 4 && x.gap(i+n) == " " && x.proper(i+n) {
		n++
	}
	if n == 1 && (german || i+1 < len(x.tokens) && x.tokens[i+1].kind == figure && len(x.gap(i+1)) <= 1) || i+n < len(x.tokens) && x.is(i+n, isOrg|isStreet) && x.tokens[i+n].caps != noCaps {
		return
	}
	x.find(found{start: x.tokens[i].start, end: x.tokens[i+n-1].end, kind: Name, who: -1, rank: rankGuess})
}

// proper says whether a word with a capital is in no list.
func (x *reading) proper(i int) bool {
	if i < 0 || i >= len(x.tokens) {
		return false
	}
	t := x.tokens[i]
	return t.kind == letter && t.caps == capital && t.letters >= 3 && t.letters <= 20 && t.part < 0 && (t.entry == nil || t.entry.roles&^isGiven == 0) &&
		!(i+1 < len(x.tokens) && x.tokens[i+1].start == t.end) && !(i > 0 && x.tokens[i-1].end == t.start) && !camel(x.str(i))
}

// servant takes "Abd al-Rahman" in Arabic: servant of one of God's names.
func (x *reading) servant(i int) {
	if x.str(i) == "عبد" && i+1 < len(x.tokens) && strings.HasPrefix(x.str(i+1), "ال") && x.gap(i+1) == " " {
		x.find(found{start: x.tokens[i].start, end: x.tokens[i+1].end, kind: Name, who: -1, rank: rankGuess})
	}
}

// patronymic takes a Russian name of the father, with the name before it.
func (x *reading) patronymic(i int) {
	t := x.tokens[i]
	if t.caps == noCaps || t.letters < 6 || x.text[t.start] < 0x80 || t.part >= 0 {
		return
	}
	p := plain(x.str(i))
	for _, end := range []string{"овна", "евна", "овне", "евне", "овну", "евну", "овны", "евны", "овной", "евной", "ович", "евич", "овичу", "евичу", "овича", "евича", "овичем", "евичем"} {
		if strings.HasSuffix(p, plain(end)) {
			first := i
			if i > 0 && x.tokens[i-1].caps == capital && x.gap(i) == " " {
				first--
			}
			x.find(found{start: x.tokens[first].start, end: t.end, kind: Name, who: -1, rank: rankGuess})
			return
		}
	}
}

// initialed takes "T. Hargreaves".
func (x *reading) initialed(i int) {
	t := x.tokens[i+1]
	if t.caps != capital || t.letters < 3 || t.entry != nil && t.entry.roles&^isGiven != 0 || t.part >= 0 {
		return
	}
	x.find(found{start: x.tokens[i].start, end: t.end, kind: Name, who: -1, rank: rankGuess})
}

// given takes a first name, with the family name behind it.
func (x *reading) given(i int) {
	t := x.tokens[i]
	c, _ := utf8.DecodeRuneInString(x.str(i))
	common := t.entry.roles&^(isGiven) != 0
	if t.caps == noCaps && cased(c) || t.part >= 0 || x.str(i) == "على" { // upon, not Ali
		return
	}
	n := max(1, x.nameAt(i))
	if common && (n == 1 || x.opens(i)) {
		return
	}
	x.find(found{start: t.start, end: x.tokens[i+n-1].end, kind: Name, who: -1, rank: rankGuess})
}

package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// streets finds postal addresses: a street with a number, and what tells the
// town. With its town it is hidden unasked.
func (x *reading) streets() {
	if len(x.digits) == 0 {
		return
	}
	for i := 0; i < len(x.tokens); i++ {
		t := x.tokens[i]
		if t.kind != figure || t.letters > 5 {
			continue
		}
		first, last, ok := x.streetAround(i)
		if !ok {
			if first, last, ok = x.britishCode(i); ok {
				x.place(first, last, false)
			}
			continue
		}
		end, town := x.townAfter(last)
		if !town {
			end = x.bareTown(last)
		}
		x.place(x.flatBefore(first), end, town)
		i = max(i, end)
	}
}

func (x *reading) place(first, last int, sure bool) {
	f := found{start: x.tokens[first].start, end: x.tokens[last].end, kind: Address, who: -1, rank: rankGuess}
	if x.mine(f.start) || x.livesHere(first) {
		return
	}
	if sure && x.author != Subject { // most addresses that people write are their own
		f.sure, f.rank = true, rankAddress
	}
	for k := first; k <= last && k < len(x.tokens); k++ {
		if x.tokens[k].kind == figure {
			for d := x.tokens[k].digit; d < x.tokens[k].digit+int32(x.tokens[k].letters); d++ {
				x.taken[d] = true
			}
		}
	}
	x.find(f)
}

// livesHere reads "I live at", "ich wohne" in the subject's own words.
func (x *reading) livesHere(i int) bool {
	if x.author != Subject || x.inQuote(x.tokens[i].start) {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		switch plain(x.str(k)) {
		case "live", "wohne", "vivo", "habite", "moro", "abito", "oturuyorum", "живу", "mieszkam", "woon", "اسكن":
			return true
		}
		if strings.ContainsAny(x.gap(k), ".!?\n") {
			return false
		}
	}
	return false
}

// joins says whether a gap stays within one line of an address.
func joins(gap string) bool {
	if len(gap) > 6 {
		return false
	}
	return strings.Trim(gap, " ,.-–/\u00a0#º°\n\r") == "" && strings.Count(gap, "\n") <= 1
}

// streetAround finds the street of which token i is the number: its name
// before (Hauptstraße 5, rue de la Paix 5) or behind (5 Calder Row).
func (x *reading) streetAround(i int) (first, last int, ok bool) {
	t := x.tokens[i]
	last = i
	if i+1 < len(x.tokens) && x.tokens[i+1].start <= t.end+1 && x.tokens[i+1].letters == 1 && x.tokens[i+1].kind == letter && !x.is(i+1, isFiller|isUnit) {
		last = i + 1 // 5a
	} else if i+1 < len(x.tokens) && x.tokens[i+1].kind == figure && x.tokens[i+1].letters <= 3 && (x.gap(i+1) == "/" || x.gap(i+1) == "-") {
		last = i + 1 // 15/3
	}
	if t.letters <= 4 && i > 0 && joins(x.gap(i)) && strings.Count(x.gap(i), ",") <= 1 {
		if first, ok = x.streetBefore(i - 1); ok {
			return first, last, true
		}
	}
	if t.letters <= 5 {
		if end, ok := x.streetAfter(i, last); ok {
			return i, end, true
		}
	}
	return 0, 0, false
}

// streetBefore goes back from a house's number over the name of its street.
func (x *reading) streetBefore(k int) (int, bool) {
	for k > 0 && isNo(plain(x.str(k))) {
		k--
		if k < 0 || !joins(x.gap(k+1)) {
			return 0, false
		}
	}
	if k < 0 || x.tokens[k].kind != letter {
		return 0, false
	}
	if x.germanStreet(k) || x.is(k, isStreet) && x.tokens[k].caps != noCaps && k > 0 && x.tokens[k-1].caps == capital && joins(x.gap(k)) {
		first := k
		for first > 0 && k-first < 3 && x.tokens[first-1].caps == capital && x.tokens[first-1].kind == letter && (x.gap(first) == " " || x.gap(first) == "-" || x.gap(first) == ". ") && !x.is(first-1, isGreeting|isCommon|isNoPhone) {
			first--
		}
		return first, true
	}
	// rue de la Paix, Calle Mayor, Via Roma, ul. Długa: the word stands first
	for back := 1; back <= 5 && k-back >= 0; back++ {
		if !joins(x.gap(k-back+1)) || strings.Contains(x.gap(k-back+1), ",") || x.tokens[k-back].kind != letter {
			return 0, false
		}
		if x.is(k-back, isRoad) && x.tokens[k-back+1].kind == letter && x.roadName(k-back+1, k) && (x.tokens[k-back].letters > 2 || x.tokens[k-back].caps != noCaps || back == 1) {
			if article(plain(x.str(k-back))) && !x.germanArticle(k-back, k) {
				continue
			}
			return k - back, true
		}
	}
	return 0, false
}

func isNo(p string) bool {
	switch p {
	case "no", "nr", "n", "apto", "apt", "apartment", "appt", "apartamento", "flat", "piso", "unit", "suite", "кв", "квартира", "daire", "stock", "tur", "nº", "numero", "num", "number", "дом", "д", "kat", "d":
		return true
	}
	return false
}

func article(p string) bool {
	return p == "am" || p == "an" || p == "im" || p == "zum" || p == "zur" || p == "unter"
}

// germanArticle says whether "Am Markt" is a street: a capital inside a
// sentence says so, or a town behind.
func (x *reading) germanArticle(k, last int) bool {
	return x.tokens[k].caps == capital && (!x.opens(k) || x.townFollows(last))
}

// roadName says whether a name of a street is written with a capital.
func (x *reading) roadName(first, last int) bool {
	for k := first; k <= last; k++ {
		c, _ := utf8.DecodeRuneInString(x.str(k))
		if x.tokens[k].caps != noCaps || !cased(c) {
			return true
		}
	}
	return false
}

// germanStreet says whether a word ends as streets do in German, Dutch or
// Swedish.
func (x *reading) germanStreet(k int) bool {
	t := x.tokens[k]
	if t.letters < 6 || t.caps == noCaps {
		return false
	}
	p := plain(x.str(k))
	for _, end := range []string{"strasse", "str", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "chaussee", "steig", "stieg", "graben", "hof", "markt", "straat", "laan", "plein", "gracht", "kade", "singel", "gatan", "vagen", "gade", "vej", "pfad", "wiese", "berg"} {
		if strings.HasSuffix(p, end) && len(p) >= len(end)+3 {
			return end != "berg" && end != "ring" && end != "hof" && end != "markt" && end != "wiese" || x.townFollows(k)
		}
	}
	return false
}

// townFollows says whether a postcode stands shortly behind a word that is not
// only a street.
func (x *reading) townFollows(k int) bool {
	for j := k + 2; j < len(x.tokens) && j <= k+4; j++ {
		if x.tokens[j].kind == figure && x.tokens[j].letters >= 4 && x.tokens[j].letters <= 5 {
			return true
		}
	}
	return false
}

// streetAfter goes on from a house's number over the name of its street.
func (x *reading) streetAfter(i, from int) (int, bool) {
	for x.is(from+1, isFiller) && plain(x.str(from+1)) != "y" || from+1 < len(x.tokens) && (plain(x.str(from+1)) == "bis" || plain(x.str(from+1)) == "ter") {
		from++
	}
	for k := from + 1; k < len(x.tokens) && k <= from+5; k++ {
		if !joins(x.gap(k)) || strings.Contains(x.gap(k), "\n") || x.tokens[k].kind != letter {
			return 0, false
		}
		if k == from+1 && x.is(k, isRoad) && x.tokens[k].letters > 2 { // 5 rue de la Paix
			end := k
			for j := k + 1; j < len(x.tokens) && j <= k+6 && x.gap(j) != "" && strings.Trim(x.gap(j), " '’-") == "" && x.tokens[j].kind == letter; j++ {
				if x.tokens[j].caps != noCaps {
					end = j
				} else if !x.is(j, isParticle) {
					break
				}
			}
			if end > k {
				return end, true
			}
			return 0, false
		}
		if x.is(k, isStreet) && k > from+1 {
			return k, x.tokens[k].caps != noCaps || x.tokens[k-1].caps != noCaps
		}
		if x.tokens[k].caps == noCaps {
			return 0, false
		}
	}
	return 0, false
}

// townAfter goes on over postcode and town, and says whether there is one.
func (x *reading) townAfter(last int) (int, bool) {
	for k := last + 1; k < len(x.tokens) && k <= last+6; k++ {
		if !joins(x.gap(k)) && strings.TrimSpace(x.gap(k)) != "" {
			return last, false
		}
		t := x.tokens[k]
		if t.kind == figure && t.letters >= 4 && t.letters <= 6 || t.kind == figure && t.letters == 2 && k+1 < len(x.tokens) && x.tokens[k+1].letters == 3 && x.gap(k+1) == "-" {
			end := k
			for k+1 < len(x.tokens) && (x.gap(k+1) == "-" || x.gap(k+1) == " ") && (x.tokens[k+1].kind == figure || x.tokens[k+1].letters == 2 && x.tokens[k+1].caps == allCaps) && k < end+3 {
				k++
			}
			return x.town(k), true
		}
		if first, end, ok := x.britishCode(k); ok && first <= k {
			return end, true
		}
		if x.britishHere(k) {
			return k + 1, true
		}
		if t.kind != letter || t.caps == noCaps && !x.is(k, isParticle|isNoPhone) && t.letters > 3 {
			return last, false
		}
	}
	return last, false
}

// flatBefore takes in "Flat 3," before an address.
func (x *reading) flatBefore(first int) int {
	if k := first - 2; k >= 0 && x.tokens[k+1].kind == figure && isNo(plain(x.str(k))) && joins(x.gap(first)) && joins(x.gap(k+1)) && x.tokens[k].letters > 3 {
		return k
	}
	return first
}

// bareTown takes in a flat and a town without its code: ", apto 32, São Paulo".
func (x *reading) bareTown(last int) int {
	if k := last + 2; k < len(x.tokens) && isNo(plain(x.str(k-1))) && x.tokens[k].kind == figure && joins(x.gap(k)) && joins(x.gap(k-1)) {
		last = k
	}
	for n := 0; n < 3 && last+1 < len(x.tokens); n++ {
		t, gap := x.tokens[last+1], x.gap(last+1)
		if t.kind != letter || t.caps != capital || gap != ", " && (n == 0 || gap != " ") || x.is(last+1, isGreeting|isBye|isCall|isPhone) {
			break
		}
		last++
	}
	return last
}

// town takes the town's name behind a postcode.
func (x *reading) town(k int) int {
	for n := 0; k+1 < len(x.tokens) && n < 3; n++ {
		gap := x.gap(k + 1)
		t := x.tokens[k+1]
		c, _ := utf8.DecodeRuneInString(x.str(k + 1))
		if t.kind != letter || t.caps == noCaps && cased(c) && !x.is(k+1, isParticle) || strings.Trim(gap, " -\u00a0") != "" || gap == "" || x.is(k+1, isGreeting|isBye) {
			break
		}
		k++
	}
	return k
}

// britishCode reads a postcode such as SW1A 1AA around token i.
func (x *reading) britishCode(i int) (first, last int, ok bool) {
	for k := max(0, i-2); k <= i; k++ {
		if x.britishHere(k) {
			end := k
			for end+1 < len(x.tokens) && x.tokens[end+1].start-x.tokens[k].start < 8 {
				end++
			}
			return k, end, true
		}
	}
	return 0, 0, false
}

func (x *reading) britishHere(k int) bool {
	start := int(x.tokens[k].start)
	if k > 0 && x.tokens[k-1].end == x.tokens[k].start || x.tokens[k].kind != letter || x.tokens[k].letters > 2 || x.tokens[k].caps == noCaps {
		return false
	}
	s := x.text[start:min(len(x.text), start+9)]
	n := onWhile(s, 0, 4, func(c rune) bool { return c < 0x80 && (unicode.IsUpper(c) || unicode.IsDigit(c)) })
	if n < 2 || n+4 > len(s) || s[n] != ' ' {
		return false
	}
	inner := s[n+1 : n+4]
	if !figuresOnly(inner[:1]) || !lettersOnly(inner[1:]) || !strings.ContainsFunc(s[:n], unicode.IsDigit) || n+4 < len(s) && wordAt(s, n+4) {
		return false
	}
	return true
}

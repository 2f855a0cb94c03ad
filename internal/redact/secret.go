package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// secrets masks what is never disclosed: by its check digits and shape, and by
// the words before it.
func (x *reading) secrets() {
	for i := range x.tokens {
		t := &x.tokens[i]
		if t.kind == figure {
			x.grouped(i)
		}
		if t.kind == letter && t.letters == 2 && i+1 < len(x.tokens) && x.tokens[i+1].kind == figure {
			x.bankAccount(i)
		}
		if i == 0 || x.tokens[i-1].end != t.start {
			x.lettered(i)
		}
		if t.kind == solid {
			x.solidSecret(i)
		}
		switch {
		case t.entry != nil && t.entry.roles&(isPass|isCode|isCardWord|isAccount|isIdentity|isHealth|isToken) != 0:
			x.told(i, t.entry.roles)
		case t.entry == nil && t.letters >= 8 && t.kind == letter && t.letters <= 32 && (x.is(i+1, isVerb) || strings.ContainsAny(x.gap(i + 1)[:min(len(x.gap(i+1)), 3)], ":=,") || i+1 < len(x.tokens) && x.tokens[i+1].kind == figure):
			if e := compound(plain(x.str(i))); e != 0 {
				x.told(i, e)
			}
		}
	}
	x.spokenCards()
	x.keys()
}

// lone says whether the sign between two groups of one number is one that
// banks and states write: and only one.
func lone(gap string) bool {
	switch gap {
	case " ", "-", ".", "/", "\u00a0", "\u202f", "–", "‑", " - ":
		return true
	}
	return false
}

// longestID is how many digits are tried as one.
const longestID = 19

// grouped tries the groups of digits from token i on as numbers with a check.
func (x *reading) grouped(i int) {
	worded := i > 0 && x.tokens[i-1].end == x.tokens[i].start // part of a word: only cards are found there
	if i > 1 && x.tokens[i-1].kind == figure && lone(x.gap(i)) && x.tokens[i].letters == 1 && x.tokens[i-1].letters == 1 {
		return // inside digits written one by one
	}
	var d []byte
	shape := ""
	for k := i; k < len(x.tokens) && x.tokens[k].kind == figure && len(d) <= longestID; k++ {
		if k > i {
			gap := x.gap(k)
			if !lone(gap) {
				break
			}
			if gap == "–" || gap == "‑" {
				gap = "-"
			}
			shape += gap
		}
		t := x.tokens[k]
		for _, one := range x.digits[t.digit : t.digit+int32(t.letters)] {
			d = append(d, one.value+'0')
		}
		shape += strings.Repeat("9", min(int(t.letters), longestID+1))
		if len(d) < 9 || len(d) > longestID {
			continue
		}
		glued := worded || k+1 < len(x.tokens) && x.tokens[k+1].start == t.end && x.tokens[k+1].kind == letter
		x.checked(i, k, string(d), shape, glued)
	}
}

// checked masks digits that are a card or an identity number.
func (x *reading) checked(first, last int, d, shape string, glued bool) {
	start, end := x.tokens[first].start, x.tokens[last].end
	plus := strings.HasSuffix(x.text[:start], "+")
	switch {
	case plus, glued && len(d) < 15:
	case len(d) >= 13 && luhn(d) && issued(d) && !same(d):
		f := found{start: start, end: end, kind: Card, who: -1, sure: true, never: true, rank: rankNever}
		if x.ordered(first) && first == last {
			f.never, f.rank = false, rankPhone // a parcel's number checks one time in ten
		}
		x.find(f)
	case !glued && x.identity(d, shape, first):
		x.never(start, end, IDNumber)
	}
}

// identity says whether digits are an identity number, by a check that chance
// hardly passes, or a shape that only such numbers have, or in a country where
// they are common.
func (x *reading) identity(d, shape string, first int) bool {
	dashed := shape
	in := func(region string) bool { return x.livesIn(region, first) }
	switch len(d) {
	case 9:
		return dashed == "999-99-9999" && ssn(d)
	case 10:
		return dashed == "999999-9999" && personnummer(d)
	case 11:
		return steuerID(d) && !x.ordered(first) || cpf(d) && (dashed == "999.999.999-99" || in("BR") && dashed == "99999999999") ||
			pesel(d) && in("PL") && dashed == "99999999999" || kimlik(d) && in("TR") && dashed == "99999999999" ||
			belgian(d) && dashed == "99.99.99-999.99"
	case 12:
		return aadhaar(d) && in("IN")
	case 13:
		return ahv(d)
	case 14:
		return cnpj(d) && (dashed == "99.999.999/9999-99" || in("BR"))
	case 15:
		return nir(d) && (strings.Count(shape, " ") >= 3 || in("FR")) || dashed == "999-9999-9999999-9" && d[:3] == "784"
	}
	return false
}

// livesIn says whether a country's numbers are to be expected, where chance may
// make one of an order's number.
func (x *reading) livesIn(region string, first int) bool {
	return contains(x.r.regions, region) && !x.ordered(first)
}

// ordered says whether the words before a token speak of an order or parcel.
func (x *reading) ordered(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if strings.ContainsAny(x.gap(k+1), ".!?\n") && !strings.Contains(x.gap(k+1), ".:") && !x.is(k, isNoPhone) {
			return false
		}
		if x.is(k, isNoPhone) {
			return !x.is(k-1, isIdentity|isCardWord|isAccount|isHealth)
		}
		if x.tokens[k].kind == solid {
			return anyOf(x.tail(k), solidOrder)
		}
		if x.is(k, isIdentity|isCardWord|isAccount|isHealth) {
			return false
		}
	}
	return strings.HasSuffix(strings.TrimRight(x.gap(i), " "), "#")
}

// bankAccount reads an IBAN, with or without spaces.
func (x *reading) bankAccount(i int) {
	if i > 0 && x.tokens[i-1].end == x.tokens[i].start || len(x.gap(i+1)) > 1 {
		return
	}
	country := strings.ToUpper(plain(x.str(i)))
	length := ibanLengths[country]
	var s []byte
	end := int(x.tokens[i].start)
	for at, spaces := end, 0; at < len(x.text) && len(s) < 34; {
		c, size := utf8.DecodeRuneInString(x.text[at:])
		v, digit := figureOf(c)
		switch {
		case digit:
			s, spaces = append(s, '0'+v), 0
		case c < 0x80 && unicode.IsLetter(c):
			s, spaces = append(s, byte(unicode.ToUpper(c))), 0
		case invisible(c):
		case (unicode.IsSpace(c) || c == '-' || c == '.') && spaces < 2 && len(s) >= 4:
			spaces++
			at += size
			continue
		default:
			at = len(x.text)
			continue
		}
		at += size
		end = at
		if len(s) == length || length == 0 && len(s) >= 15 && (at == len(x.text) || !wordAt(x.text, at)) {
			break
		}
	}
	told := x.toldBefore(i, isAccount)
	if len(s) < 15 || length > 0 && len(s) != length || !figuresOnly(string(s[2:4])) || !iban(string(s)) && !told {
		return
	}
	x.never(x.tokens[i].start, int32(end), Account)
}

func wordAt(s string, at int) bool {
	c, _ := utf8.DecodeRuneInString(s[at:])
	return unicode.IsLetter(c) || unicode.IsDigit(c)
}

// toldBefore says whether a word of some role stands shortly before token i.
func (x *reading) toldBefore(i int, r role) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if x.is(k, r) {
			return true
		}
	}
	return false
}

// lettered tries a word of letters and digits as an identity number.
func (x *reading) lettered(i int) {
	if x.tokens[i].kind == solid {
		return
	}
	var s []byte
	last, figures, letters := i, 0, 0
	for k := i; k < len(x.tokens) && k < i+12 && len(s) <= 20; k++ {
		t := x.tokens[k]
		if k > i && t.start != x.tokens[k-1].end && !(lone(x.gap(k)) && figures+letters < 18 && (t.kind == figure || t.letters == 1 || x.tokens[k-1].kind == figure)) {
			break
		}
		if t.kind == solid {
			return
		}
		if k > i && t.start != x.tokens[k-1].end {
			x.shaped(i, last, string(s), figures, letters)
		}
		if t.kind == figure {
			for _, one := range x.digits[t.digit : t.digit+int32(t.letters)] {
				s = append(s, one.value+'0')
			}
			figures += int(t.letters)
		} else {
			s = append(s, strings.ToUpper(x.str(k))...)
			letters += int(t.letters)
		}
		last = k
	}
	x.shaped(i, last, string(s), figures, letters)
}

func (x *reading) shaped(first, last int, s string, figures, letters int) {
	if figures < 4 || letters == 0 || len(s) < 9 || len(s) > 18 || len(s) != figures+letters {
		return
	}
	upper := x.tokens[first].caps != noCaps || x.tokens[first].kind == figure
	groups := false
	for k := first + 1; k <= last; k++ {
		groups = groups || x.tokens[k].start != x.tokens[k-1].end
	}
	if nino(s) && upper && (groups || x.livesIn("GB", first)) || dni(s) && (s[0] >= 'X' || x.livesIn("ES", first)) || codiceFiscale(s) || curp(s) || pan(s) && upper || rfc(s) && upper && x.toldBefore(first, isIdentity) || kvnr(s) && x.livesIn("DE", first) {
		x.never(x.tokens[first].start, x.tokens[last].end, IDNumber)
	}
}

// spokenCards masks cards that are said digit by digit.
func (x *reading) spokenCards() {
	from := 0
	for _, end := range x.chainEnds {
		to := int(end)
		if n := to - from; n >= 13 && n <= longestID && x.digits[from].spoken {
			var d []byte
			for _, one := range x.digits[from:to] {
				d = append(d, one.value+'0')
			}
			if luhn(string(d)) && issued(string(d)) {
				x.never(x.digits[from].start, x.digits[to-1].end, Card)
			}
		}
		from = to
	}
}

// keys masks what only programs sign in with, known by its shape.
func (x *reading) keys() {
	if at := strings.Index(x.text, "-----BEGIN"); at >= 0 && strings.Contains(x.text[at:], "KEY") {
		end := len(x.text)
		if n := strings.Index(x.text[at:], "-----END"); n >= 0 {
			end = onWhile(x.text, at+n+len("-----END"), 80, func(c rune) bool { return c != '\n' })
		}
		x.never(int32(at), int32(end), Code)
	}
	for i := 0; i < len(x.text); {
		if !keySign(x.text[i]) {
			i++
			continue
		}
		end := i
		for end < len(x.text) && keySign(x.text[end]) {
			end++
		}
		if end-i >= 16 && end-i < 1<<14 {
			word := strings.Trim(x.text[i:end], ".:=")
			if n := strings.Index(x.text[i:end], word); word != "" && secretShape(word) {
				x.never(int32(i+n), int32(i+n+len(word)), Code)
			}
		}
		i = end
	}
}

func keySign(c byte) bool {
	return c < 0x80 && (ascii[c] > asciiAt || ascii[c] == asciiFigure || c == '_' || c == '-' || c == '.' || c == '$' || c == '/' || c == '+' || c == '=' || c == ':')
}

// secretShape says whether a long word is a key or a hash of a password. The
// beginnings are those that makers of keys give them so that they are found.
func secretShape(s string) bool {
	for _, p := range []string{"sk_live_", "sk_test_", "pk_live_", "rk_live_", "sk-", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "SG.", "EAA", "npm_", "pypi-", "dop_v1_", "hf_", "whsec_", "shpat_", "key-", "SK", "AC", "$2a$", "$2b$", "$2y$", "$argon2", "$6$", "$5$", "$1$", "pbkdf2"} {
		if strings.HasPrefix(s, p) && len(s) >= 20 && mixed(s[len(p):]) {
			return p != "SK" && p != "AC" || len(s) == 34
		}
	}
	if strings.HasPrefix(s, "eyJ") && strings.Count(s, ".") >= 1 {
		return true
	}
	return false
}

// mixed says whether letters and digits stand together as they do in keys.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, unicode.IsLetter)
}

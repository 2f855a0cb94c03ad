package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// told masks the value that a word announces: "password: …", "your code is …".
func (x *reading) told(i int, e role) {
	if e&isCode != 0 && !x.is(i-1, isNoCode) && !x.is(i+1, isNoCode) {
		x.codeBefore(i)
	}
	at, next, ok := x.value(i)
	if e&isCode != 0 && !x.is(i-1, isNoCode) && !x.is(i+1, isNoCode) && (!ok || !x.nocode(i, next) && !x.codeLike(next)) {
		x.codeAfter(i)
	}
	if e&isCode != 0 && (x.wireless(i-2, i) || x.wireless(i+1, i+4)) {
		x.passwordAfter(i)
	}
	if e&isPass != 0 && !x.passwordAfter(i) && !x.passwordBefore(i) && ok {
		x.password(i, at)
	}
	if !ok {
		return
	}
	short := x.tokens[i].letters <= 4 && x.tokens[i].caps != allCaps
	switch {
	case e&isPass != 0:
	case e&isToken != 0 && x.longKey(at):
	case e&isCode != 0 && !x.is(i-1, isNoCode) && !x.nocode(i, next) && x.code(next):
	case e&isCardWord != 0 && x.cardValue(i, next):
	case e&isAccount != 0 && !x.is(i-1, isNoPhone) && !(i > 0 && plain(x.str(i-1)) == "customer"):
		x.digitsTold(next, 5, 24, Account)
	case e&(isIdentity|isHealth) != 0 && !(short && !strings.Contains(x.gap(i+1), ":")):
		x.digitsTold(next, 5, 20, IDNumber)
	}
}

// steps is how many words may stand between a label and its value.
const steps = 7

// value finds where the value of a label begins: behind "is", "number", a
// colon. It gives its place, and its first token.
func (x *reading) value(i int) (at int32, token int, ok bool) {
	at = x.tokens[i].end
	for k := i + 1; k <= len(x.tokens) && k <= i+steps; k++ {
		gap := x.gap(k)
		if k == len(x.tokens) {
			gap = x.text[at:]
		}
		if strings.ContainsAny(gap, "!?;\n") && !strings.ContainsAny(gap, ":=") || len(gap) > 10 && k < len(x.tokens) || strings.Contains(gap, ". ") && x.tokens[k-1].letters > 4 {
			return 0, 0, false
		}
		if colon := strings.IndexAny(gap, ":="); colon >= 0 {
			at += int32(colon + 1)
			return x.skipBlank(at), k, k < len(x.tokens) || strings.TrimSpace(x.text[at:]) != ""
		}
		if k == len(x.tokens) {
			return 0, 0, false
		}
		if !x.is(k, isVerb|isPass|isCode|isIdentity|isHealth|isAccount|isCardWord|isToken|isPhone|isIntro) {
			return x.skipBlank(at), k, true
		}
		at = x.tokens[k].end
	}
	return 0, 0, false
}

func (x *reading) skipBlank(at int32) int32 {
	return int32(onWhile(x.text, int(at), 8, func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune(`"'“”„«»‚‘’#*`+"`", c)
	}))
}

// password masks the word behind the label, if it is more than a word about
// passwords.
func (x *reading) password(label int, at int32) {
	if end, ok := x.inQuotes(label, at); ok {
		x.never(at, end, Password)
		return
	}
	switch plain(x.str(label)) {
	case "maiden", "madchenname", "geburtsname":
		if n := x.nameAt(x.tokenAt(at)); n > 0 {
			x.never(at, x.tokens[x.tokenAt(at)+n-1].end, Password)
			return
		}
	}
	end := int32(onWhile(x.text, int(at), 128, func(c rune) bool { return !unicode.IsSpace(c) && c != '"' && c != '“' && c != '”' && c != '<' }))
	word := strings.TrimRight(x.text[at:end], `.,;:!?)'»’`)
	end = at + int32(len(word))
	if utf8.RuneCountInString(word) < 3 || strings.HasPrefix(word, "http") || strings.ContainsFunc(word, func(c rune) bool { return c == '█' }) {
		return
	}
	assigned := strings.ContainsAny(x.text[x.tokens[label].end:at], ":=") || strings.ContainsAny(x.text[x.tokens[label].end:at], `"“„'`)
	strong := strongWord(word)
	switch plain(x.str(label)) { // these are other words too
	case "pass", "passe", "losung", "clave", "parola":
		if !strong && !strings.ContainsAny(x.text[x.tokens[label].end:at], ":=") {
			return
		}
	}
	e := words0(plain(word))
	verb := x.tokenAt(at) > label+1
	switch {
	case strong, assigned && (e == nil || e.roles&(isCommon|isVerb|isOwnWord) == 0):
		x.never(at, end, Password)
	case verb && e == nil && !about(plain(word)):
		x.find(found{start: at, end: end, kind: Password, who: -1, rank: rankGuess})
	}
}

// strongWord says whether a word looks as passwords should.
func strongWord(s string) bool {
	return strings.ContainsFunc(s, unicode.IsDigit) || strings.ContainsAny(s, "!@#$%^&*_+=~") || camel(s)
}

// passwordAfter masks the password in "the password for the portal is …".
func (x *reading) passwordAfter(label int) bool {
	for k := label + 1; k < len(x.tokens) && k <= label+steps; k++ {
		gap := x.gap(k)
		if strings.ContainsAny(gap, "!?;\n.") {
			return false
		}
		said := strings.ContainsAny(gap, ":=") || copula(plain(x.str(k-1)))
		if !said && k > label+4 {
			return false
		}
		at := int32(onWhile(x.text, int(x.tokens[k-1].end), 8, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(":=\"'“„«", c) }))
		if at == x.tokens[k-1].end {
			continue // inside a word
		}
		end := int32(onWhile(x.text, int(at), 64, func(c rune) bool { return !unicode.IsSpace(c) }))
		if word := strings.TrimRight(x.text[at:end], `.,;:!?)"'»’”`); len(word) > 3 && strongWord(word) && (said || strings.ContainsFunc(word, unicode.IsDigit) && !figuresOnly(word)) && !strings.HasPrefix(word, "http") {
			x.never(at, at+int32(len(word)), Password)
			return true
		}
	}
	return false
}

// passwordBefore masks the password in "… as password", "… ist das Passwort".
func (x *reading) passwordBefore(label int) bool {
	for k := label - 1; k >= 0 && k >= label-4; k-- {
		if strings.ContainsAny(x.gap(k+1), ";\n") {
			return false
		}
		if x.is(k, isVerb|isMine|isTheirs|isCommon) && x.gap(k+1) == " " {
			continue
		}
		end := onWhile(x.text, int(x.tokens[k].end), 8, func(c rune) bool { return !unicode.IsSpace(c) })
		start := backWhile(x.text, end, 64, func(c rune) bool { return !unicode.IsSpace(c) })
		word := strings.Trim(x.text[start:end], `.,;:?"'„“”`)
		if len(word) > 4 && strings.ContainsFunc(word, unicode.IsLetter) && strings.ContainsFunc(word, unicode.IsDigit) && k+1 < label && !strings.Contains(word, "://") && !strings.Contains(word, "@") {
			at := start + strings.Index(x.text[start:end], word)
			x.never(int32(at), int32(at+len(word)), Password)
			return true
		}
		return false
	}
	return false
}

// wireless says whether a network is spoken of in some tokens.
func (x *reading) wireless(from, to int) bool {
	for k := max(from, 0); k < to && k < len(x.tokens); k++ {
		switch plain(x.str(k)) {
		case "wifi", "wlan", "fi", "router", "hotspot":
			return true
		}
	}
	return false
}

func copula(p string) bool {
	switch p {
	case "is", "lautet", "ist", "es", "est", "e", "heisst", "هو", "является", "to", "=":
		return true
	}
	return false
}

// inQuotes gives where a value in quotes ends.
func (x *reading) inQuotes(label int, at int32) (int32, bool) {
	for open, shut := range map[string]string{`"`: `"`, "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'", "`": "`"} {
		if strings.HasSuffix(x.text[x.tokens[label].end:at], open) {
			if n := strings.Index(x.text[at:min(len(x.text), int(at)+64)], shut); n > 2 {
				return at + int32(n), true
			}
		}
	}
	return 0, false
}

// about are words that follow "password is" and are none.
func about(p string) bool {
	switch p {
	case "incorrect", "expired", "required", "correct", "invalid", "reset", "missing", "changed", "protected", "secure", "weak", "forgotten", "falsch", "abgelaufen", "vergessen", "ungultig", "geandert", "notwendig", "incorrecta", "caducada", "incorrecto", "expire", "oublie", "errata", "scaduta", "incorreta", "expirou", "yanlis", "falsche", "locked", "needed", "valid", "updated", "saved", "stored", "gesperrt", "erforderlich", "sicher", "hidden", "encrypted":
		return true
	}
	return false
}

// camel says whether capitals stand inside a word.
func camel(s string) bool {
	seen := false
	for i, c := range s {
		if unicode.IsLower(c) {
			seen = true
		}
		if i > 0 && unicode.IsUpper(c) && seen {
			return true
		}
	}
	return false
}

// longKey masks a long word behind "token", "key", "secret".
func (x *reading) longKey(at int32) bool {
	end := int32(onWhile(x.text, int(at), 1<<12, func(c rune) bool { return c < 0x80 && keySign(byte(c)) }))
	word := strings.TrimRight(x.text[at:end], ".:")
	if len(word) < 12 || !mixed(word) || strings.Contains(word, "://") {
		return false
	}
	x.never(at, at+int32(len(word)), Code)
	return true
}

// nocode says whether a word between label and value makes it no secret.
func (x *reading) nocode(i, next int) bool {
	for k := i + 1; k < next; k++ {
		if x.is(k, isNoCode) {
			return true
		}
	}
	return x.is(i-1, isNoCode|isNoPhone)
}

// code masks a one-time code that begins at a token: four to ten signs with
// digits among them.
func (x *reading) code(next int) bool {
	if !x.codeLike(next) {
		return false
	}
	first, last, signs, figures := next, next, 0, 0
	for k := next; k < len(x.tokens) && k < next+6; k++ {
		t := x.tokens[k]
		gap := ""
		if k > next {
			gap = x.gap(k)
		}
		if gap != "" && (gap != "-" && gap != " " || t.kind != figure && gap == " " || signs+int(t.letters) > 8 && gap == " ") || t.kind == solid || t.kind == letter && gap == "" && t.letters > 6 {
			break
		}
		signs += int(t.letters)
		if t.kind == figure {
			figures += int(t.letters)
		}
		last = k
	}
	if signs < 4 || signs > 10 || figures < 3 {
		return false
	}
	x.never(x.tokens[first].start, x.tokens[last].end, Code)
	return true
}

// compound gives the role of a German word by its last part: Tresorcode,
// WLAN-Passwort.
func compound(p string) role {
	if len(p) < 8 {
		return 0
	}
	for _, end := range []string{"es", "s", "n", "en"} { // des Personalausweises
		if cut, ok := strings.CutSuffix(p, end); ok {
			if e := words0(cut); e != nil && e.roles&(isIdentity|isHealth|isAccount|isPass) != 0 {
				return e.roles
			}
		}
	}
	for _, end := range []struct {
		word string
		role role
	}{{"code", isCode}, {"passwort", isPass}, {"kennwort", isPass}, {"schlussel", isToken}} {
		if cut, ok := strings.CutSuffix(p, end.word); ok && cut != "" {
			for _, not := range []string{"gutschein", "rabatt", "fehler", "bar", "qr", "strich", "aktions", "zip", "post", "quell", "farb", "lander"} {
				if strings.HasSuffix(cut, not) {
					return 0
				}
			}
			return end.role
		}
	}
	return 0
}

// codeLike says whether a code could begin at a token.
func (x *reading) codeLike(k int) bool {
	return k < len(x.tokens) && (x.tokens[k].kind == figure || k+1 < len(x.tokens) && x.gap(k+1) == "" && x.tokens[k+1].kind == figure)
}

// codeAfter masks the code in "the code for the locker is 123456".
func (x *reading) codeAfter(i int) {
	for k := i + 1; k < len(x.tokens) && k <= i+steps; k++ {
		if strings.ContainsAny(x.gap(k), "!?;\n.") || x.is(k, isNoCode|isNoPhone) {
			return
		}
		if x.codeLike(k) {
			if k <= i+2 && !x.is(k-1, isFiller) || x.is(k-1, isVerb) || strings.Contains(x.gap(k), ":") {
				x.code(k)
			}
			return
		}
	}
}

// codeBefore masks the code in "123456 is your code".
func (x *reading) codeBefore(i int) {
	for k := i - 1; k >= 0 && k >= i-steps; k-- {
		t := x.tokens[k]
		if strings.ContainsAny(x.gap(k+1), "!?;\n") || strings.Contains(x.gap(k+1), ". ") {
			return
		}
		if t.kind == figure && t.letters >= 4 && t.letters <= 8 && x.is(k+1, isVerb) {
			first := k
			if k > 0 && (x.gap(k) == "-" || x.gap(k) == "") && x.tokens[k-1].letters <= 4 {
				first--
			}
			x.never(x.tokens[first].start, t.end, Code)
			return
		}
		if !x.is(k, isVerb|isMine|isTheirs|isCode|isCommon|isApp) && t.caps == noCaps {
			return
		}
	}
}

// cardValue masks the digits behind "card number", and those of its check.
func (x *reading) cardValue(i, next int) bool {
	n, last := x.digitsFrom(next)
	check := strings.HasPrefix(plain(x.str(i)), "cv") || strings.Contains(plain(x.str(i)), "pruf")
	if check && (n == 3 || n == 4) || n >= 12 && n <= longestID {
		x.never(x.tokens[next].start, x.tokens[last].end, Card)
		return true
	}
	return false
}

// digitsFrom counts the digits of the groups from a token on.
func (x *reading) digitsFrom(next int) (n, last int) {
	last = next
	for k := next; k < len(x.tokens) && k < next+longestID; k++ {
		if x.tokens[k].kind != figure || k > next && !lone(x.gap(k)) {
			break
		}
		n += int(x.tokens[k].letters)
		last = k
	}
	return n, last
}

// digitsTold masks letters and digits behind a label, if digits enough are
// among them.
func (x *reading) digitsTold(next, least, most int, kind Kind) {
	signs, figures, last := 0, 0, -1
	for k := next; k < len(x.tokens) && k < next+12; k++ {
		t := x.tokens[k]
		glued := k == next || x.gap(k) == ""
		if t.kind == solid || !glued && (!lone(x.gap(k)) || t.kind == letter && t.letters > 2) || k == next && t.kind == letter && !x.leadsDigits(k) || signs+int(t.letters) > most {
			break
		}
		signs += int(t.letters)
		if t.kind == figure {
			figures += int(t.letters)
			last = k
		} else if glued && t.letters <= 4 && k > next {
			last = k
		}
	}
	if figures >= 3 && figures < least && signs >= 7 && x.gap(next+1) == "" && kind == IDNumber {
		figures = least // letters and digits mixed, as in passports
	}
	if figures < least || last < 0 || last > next && x.yearly(next, last) {
		return
	}
	x.never(x.tokens[next].start, x.tokens[last].end, kind)
}

// leadsDigits says whether letters are the beginning of a number: glued to
// digits, or a few capitals before them.
func (x *reading) leadsDigits(k int) bool {
	t := x.tokens[k]
	if k+1 >= len(x.tokens) || x.tokens[k+1].kind != figure {
		return false
	}
	return x.gap(k+1) == "" && t.letters <= 6 || lone(x.gap(k+1)) && t.letters <= 3 && t.caps == allCaps || t.letters == 1 && t.caps == capital
}

package redact

import "strings"

// leads are words behind which a capital is a name; leadsOver is how far.
const (
	leads     = isKin | isCall | isGreeting | isIntro | isTitle | isBye
	leadsOver = 4
)

// notice remembers what a word of the vocabulary may mean for the text.
func (x *reading) notice(e *entry, t *token) {
	x.roles |= e.roles
	if e.roles&isGerman != 0 {
		x.german++
	}
	if e.roles&isNumber != 0 {
		x.say(t)
	}
	if e.roles&isAt != 0 {
		x.at = x.at || x.hostFollows(t)
	}
	uncased := x.text[t.start] >= 0x80
	if e.roles&isGiven != 0 {
		x.met = x.met || t.caps != noCaps || uncased
	}
	if e.roles&(isStreet|isRoad) != 0 {
		x.met = x.met || t.caps != noCaps && len(x.digits) > 0 || uncased
	}
}

// hostFollows says whether the word "at" stands as it does in an address: in
// brackets, or before a word with a dot.
func (x *reading) hostFollows(t *token) bool {
	if t.start == 0 {
		return false
	}
	if strings.IndexByte("[({<", x.text[t.start-1]) >= 0 {
		return true
	}
	rest := x.text[t.end:min(len(x.text), int(t.end)+60)]
	if !strings.HasPrefix(rest, " ") {
		return false
	}
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '.' || c == '[' || c == '(':
			return i > 1 && i+1 < len(rest) && rest[i+1] != ' ' || c != '.'
		case c == ' ':
			next := rest[i+1:]
			return strings.HasPrefix(next, "dot") || strings.HasPrefix(next, "pun") || strings.HasPrefix(next, "pon") || strings.HasPrefix(next, "poi") || strings.HasPrefix(next, "nok") ||
				strings.HasPrefix(next, "точ") || strings.HasPrefix(next, "نق") || strings.HasPrefix(next, "kro") || strings.HasPrefix(next, "DOT") || strings.HasPrefix(next, "Dot") || strings.HasPrefix(next, "Pun") || strings.HasPrefix(next, "[") || strings.HasPrefix(next, "(")
		}
	}
	return false
}

// fewDigits cannot be anybody's number, nor a code.
const fewDigits = 4

// suspicious says whether a text is worth reading closely.
func (x *reading) suspicious() bool {
	return x.known || x.at || x.met || x.capitalised > 0 && !x.inGerman() || x.solid && len(x.r.solids) > 0 || x.row() || x.roles&(isPass|isApp) != 0 ||
		len(x.digits) > 0 && x.roles&(isCode|isCardWord) != 0 || x.roles&(isField|isFrom|isWrote|isToken|isGiven) != 0 && strings.IndexByte(x.text, ':') >= 0 || x.keyShaped()
}

// row says whether digits enough stand together to be somebody's number. Words
// like "on", which is ten in Turkish, are in many texts.
func (x *reading) row() bool {
	n := 0
	for i, d := range x.digits {
		if i > 0 && (d.token-x.digits[i-1].token > 3 || d.start-x.digits[i-1].end > 48) {
			n = 0
		}
		if n++; n >= fewDigits {
			return true
		}
	}
	return false
}

// keyShaped says whether there is the head of a key, or a link to an account.
func (x *reading) keyShaped() bool {
	return strings.Contains(x.text, "-----BEGIN") || strings.Contains(x.text, ".me/") || strings.Contains(x.text, "/maps") || strings.Contains(x.text, "maps.") || strings.Contains(x.text, "geo:")
}

package datamap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// NormalKind is a way to make two writings of one identifier equal.
type NormalKind string

const (
	E164   NormalKind = "e164"    // a telephone number with its country
	Email  NormalKind = "email"   // ASCII lower case, outer white space gone
	Digits NormalKind = "digits"  // everything but digits gone
	Exact  NormalKind = "exact"   // outer white space gone
	Name   NormalKind = "name"    // letters and digits only, folded: for candidates
	Regexp NormalKind = "pattern" // what a regular expression matches as a whole, outer white space gone
)

// Normaliser is one kind of identifier and how its writings are made equal.
type Normaliser struct {
	Kind   NormalKind
	Region string         // of numbers without a country code; "" for the tenant's, else the store's
	Strip  []string       // prefixes to remove first, such as "whatsapp:"
	End    []string       // suffixes to remove, such as "@s.whatsapp.net"
	Only   *regexp.Regexp // of Regexp: anything else is no identifier
}

const blanks = " \t\r\n"

// Normal gives the normal form of a value, or "" if the value is none of this
// kind: an empty value, a wildcard or half an address matches nothing. Nor does
// what only stands in JSON or bytes and no column could hold.
func (n Normaliser) Normal(value, region string) string {
	if normal := n.normal(value, region); utf8.ValidString(normal) && !strings.Contains(normal, "\x00") {
		return normal
	}
	return ""
}

func (n Normaliser) normal(value, region string) string {
	v := strings.Trim(value, blanks)
	for _, p := range n.Strip {
		if len(v) >= len(p) && strings.EqualFold(v[:len(p)], p) {
			v = strings.Trim(v[len(p):], blanks)
			break
		}
	}
	for _, end := range n.End {
		if at := len(v) - len(end); at >= 0 && strings.EqualFold(v[at:], end) {
			v = strings.Trim(v[:at], blanks)
			break
		}
	}
	switch n.Kind {
	case Name:
		return folded(v)
	case Regexp:
		if !n.Only.MatchString(v) {
			return ""
		}
		return v
	case E164:
		if n.Region != "" {
			region = n.Region
		}
		return settled(v, region)
	case Email:
		return address(v)
	case Digits:
		return onlyDigits(v)
	}
	return v
}

// folded keeps letters and digits, in lower case and without accents.
func folded(v string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(v) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(unicode.ToLower(c))
		}
	}
	return b.String()
}

func address(v string) string {
	local, host, ok := strings.Cut(v, "@")
	if !ok || local == "" || host == "" || strings.ContainsAny(v, blanks) || strings.Contains(host, "@") {
		return ""
	}
	// Only ASCII letters fold: a dotless i or a Kelvin sign is another address.
	b := []byte(v)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func onlyDigits(v string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, v)
}

// settled reads a number until reading it again changes nothing: a zero too
// many is part of the number at first.
func settled(v, region string) string {
	for range 3 {
		next := number(v, region)
		if next == v {
			return v
		}
		v = next
	}
	return ""
}

// number reads a telephone number. Digits without a plus are ambiguous: most
// stores keep the provider's form (country code first), some the national one.
// The reading that gives a valid number wins, the national one first only
// where a trunk zero says so.
func number(v, region string) string {
	if len(v) > 40 || strings.ContainsAny(v, "%_*?") || len(onlyDigits(v)) < 5 {
		return ""
	}
	national, err := phonenumbers.Parse(v, region)
	if strings.HasPrefix(v, "+") || strings.HasPrefix(v, "0") || strings.HasPrefix(v, "(0") {
		if err != nil {
			return ""
		}
		return phonenumbers.Format(national, phonenumbers.E164)
	}
	international, err2 := phonenumbers.Parse("+"+v, region)
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	ours := strings.HasPrefix(onlyDigits(v), code)
	switch {
	case err2 == nil && ours && phonenumbers.IsValidNumber(international):
		return phonenumbers.Format(international, phonenumbers.E164)
	case err == nil && phonenumbers.IsValidNumber(national):
		return phonenumbers.Format(national, phonenumbers.E164)
	case err2 == nil && (phonenumbers.IsValidNumber(international) || ours && phonenumbers.IsPossibleNumber(international)):
		return phonenumbers.Format(international, phonenumbers.E164)
	case err == nil:
		return phonenumbers.Format(national, phonenumbers.E164)
	}
	return ""
}

// Spellings lists what a store's index may hold for a normal form: digits only
// for numbers, lower case for addresses. They only narrow the search; Normal
// decides about every row that they bring.
func (n Normaliser) Spellings(normal string) []string {
	switch n.Kind {
	case E164:
		return digitForms(normal)
	case Email:
		return padded(normal)
	case Digits:
		return []string{normal}
	}
	out := padded(normal)
	for _, p := range append([]string{""}, n.Strip...) {
		for _, e := range append([]string{""}, n.End...) {
			if p+e != "" {
				out = append(out, p+normal+e)
			}
		}
	}
	return out
}

func padded(v string) []string {
	var out []string
	for _, before := range []string{"", " ", "  ", "\t"} {
		for _, after := range []string{"", " ", "  ", "\t", "\n", "\r\n"} {
			out = append(out, before+v+after)
		}
	}
	return out
}

func digitForms(e164 string) []string {
	full := onlyDigits(e164)
	out := []string{full}
	num, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return out
	}
	nsn := phonenumbers.GetNationalSignificantNumber(num)
	code := strconv.Itoa(int(num.GetCountryCode()))
	out = append(out, nsn, onlyDigits(phonenumbers.Format(num, phonenumbers.NATIONAL)))
	for _, trunk := range []string{"0", "1", "8", "06"} {
		out = append(out, trunk+nsn, code+trunk+nsn)
	}
	for _, abroad := range []string{"00", "011", "0011", "010", "810"} {
		out = append(out, abroad+full, abroad+code+"0"+nsn)
	}
	if rest, mobile := strings.CutPrefix(nsn, "9"); mobile && code == "54" && len(rest) == 10 {
		for area := 2; area <= 4; area++ { // Argentina writes mobiles with 15 behind the area
			local := rest[:area] + "15" + rest[area:]
			out = append(out, local, "0"+local)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

package connector

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// telling is how long an identifier must be, that is neither an address nor a
// number, to be looked for in free text: a shorter one is in every other date.
const telling = 5

// scrubber knows the writings of a subject's identifiers and names in text.
type scrubber struct{ all []writing }

// writing is one identifier or name: what it may look like, and what may not
// stand around it, or it is another's.
type writing struct {
	looks  *regexp.Regexp
	before func(rune) bool
	after  func(string) bool // what follows makes another of it
}

// apart are the signs that may stand between the digits of a number.
const apart = `[\s\x{00A0}\x{2007}\x{202F}\x{2010}-\x{2015}().\-/]{0,3}`

// scrubberOf gathers what is looked for when text is scrubbed.
func (s *Store) scrubberOf(r *roots) *scrubber {
	w := &scrubber{}
	if r.Who.Organization {
		return w // its people's addresses are their own
	}
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			w.identifier(s.m.Normalisers[kind].Kind, v)
		}
	}
	for _, name := range r.Names {
		w.name(name)
	}
	return w
}

func (w *scrubber) add(looks string, before func(rune) bool, after func(string) bool) {
	w.all = append(w.all, writing{regexp.MustCompile(looks), before, after})
}

func (w *scrubber) identifier(kind datamap.NormalKind, v string) {
	switch kind {
	case datamap.E164:
		forms := longForms(v)
		slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
		for i, f := range forms {
			forms[i] = strings.Join(strings.Split(f, ""), apart)
		}
		if len(forms) > 0 {
			w.add(`[+(]{0,2}(?:`+strings.Join(forms, "|")+`)`, isDigit, startsWith(isDigit))
		}
	case datamap.Email:
		local, host, _ := strings.Cut(v, "@")
		w.add(`(?i)`+regexp.QuoteMeta(local)+`(?:@|%40)`+regexp.QuoteMeta(host), inAddress, func(rest string) bool {
			if dotted, ok := strings.CutPrefix(rest, "."); ok {
				return startsWith(isWord)(dotted)
			}
			return startsWith(func(c rune) bool { return isWord(c) || c == '-' })(rest)
		})
	default:
		if utf8.RuneCountInString(v) >= telling {
			w.add(`(?i)`+regexp.QuoteMeta(v), isWord, startsWith(isWord))
		}
	}
}

// name looks for a whole name, in either order if it has two parts. One short
// word alone is too many people's.
func (w *scrubber) name(name string) {
	parts := strings.FieldsFunc(name, func(c rune) bool { return !isWord(c) })
	if len(parts) == 0 || len(parts) == 1 && utf8.RuneCountInString(parts[0]) < telling || strings.EqualFold(strings.Join(parts, ""), "erased") {
		return
	}
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	looks := strings.Join(parts, `[\s._,'’-]{1,3}`)
	if len(parts) == 2 {
		looks += "|" + parts[1] + `[\s._,-]{1,3}` + parts[0]
	}
	w.add(`(?i)(?:`+looks+`)`, isWord, startsWith(isWord))
}

func isDigit(c rune) bool   { return '0' <= c && c <= '9' }
func isWord(c rune) bool    { return unicode.IsLetter(c) || unicode.IsDigit(c) }
func inAddress(c rune) bool { return isWord(c) || strings.ContainsRune("._+-", c) }

func startsWith(is func(rune) bool) func(string) bool {
	return func(rest string) bool {
		c, size := utf8.DecodeRuneInString(rest)
		return size > 0 && is(c)
	}
}

// in finds the writings in a text, none inside another.
func (w *scrubber) in(s string) []span {
	var out []span
	for _, one := range w.all {
		for at := 0; at < len(s); {
			m := one.looks.FindStringIndex(s[at:])
			if m == nil {
				break
			}
			from, to := at+m[0], at+m[1]
			before, _ := utf8.DecodeLastRuneInString(s[:from])
			if from > 0 && one.before(before) || one.after(s[to:]) {
				_, size := utf8.DecodeRuneInString(s[from:])
				at = from + size
				continue
			}
			out = append(out, span{from, to, datamap.Erased})
			at = to
		}
	}
	return out
}

// token is what may be base64, in either alphabet.
var token = regexp.MustCompile(`[A-Za-z0-9+/_-]{10,}={0,2}`)

// encoded finds, beside the writings, the base64 around them. It may begin
// anywhere in a token: many an id is glued together of several.
func (w *scrubber) encoded(s string) []span {
	out := w.in(s)
	for _, m := range token.FindAllStringIndex(s, -1) {
		if w.hidden(s[m[0]:m[1]]) {
			out = append(out, span{m[0], m[1], datamap.Erased})
		}
	}
	return out
}

func (w *scrubber) hidden(token string) bool {
	token = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(token, "="))
	for skip := range 4 {
		if skip >= len(token) {
			return false
		}
		part := token[skip:]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		plain, err := base64.RawStdEncoding.DecodeString(part)
		if err == nil && len(w.in(string(plain))) > 0 {
			return true
		}
	}
	return false
}

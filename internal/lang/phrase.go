package lang

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// phrase is a text cut at its values: words, name, words, name, words. To put
// values in takes a fifth of what the library takes, and a page of the
// queue has hundreds of them.
type phrase []string

// forms are a text's plural forms, by plural.Form; one without a plural has
// only plural.Other.
type forms [plural.Many + 1]phrase

func cutForms(m *i18n.Message) (f forms, ok bool) {
	for form, text := range map[plural.Form]string{plural.Other: m.Other, plural.Zero: m.Zero, plural.One: m.One,
		plural.Two: m.Two, plural.Few: m.Few, plural.Many: m.Many} {
		if f[form], ok = cut(text); !ok {
			return f, false
		}
	}
	return f, m.Other != ""
}

// cut refuses a text in which anything but a {{.Name}} stands between braces.
func cut(text string) (phrase, bool) {
	if text == "" {
		return nil, true
	}
	var p phrase
	for {
		words, rest, more := strings.Cut(text, "{{")
		p = append(p, words)
		if !more {
			return p, true
		}
		name, rest, closed := strings.Cut(rest, "}}")
		name, field := strings.CutPrefix(name, ".")
		if !closed || !field || name == "" || strings.ContainsAny(name, " .|(\t\n\"-") {
			return nil, false
		}
		p, text = append(p, name), rest
	}
}

// of picks the form that n needs; a language that lacks it says Other.
func (f *forms) of(t language.Tag, n int64) phrase {
	if n < 0 {
		n = -n
	}
	if p := f[plural.Cardinal.MatchPlural(t, int(n), 0, 0, 0, 0)]; p != nil {
		return p
	}
	return f[plural.Other]
}

// fill puts the values in; args are alternating names and values, and the last
// of a name counts.
func (p phrase) fill(args []any) string {
	if len(p) == 1 {
		return p[0]
	}
	var b strings.Builder
	for i, s := range p {
		if i%2 == 0 {
			b.WriteString(s)
			continue
		}
		switch v := value(args, s).(type) {
		case string:
			b.WriteString(v)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

func value(args []any, name string) any {
	for i := len(args) - 2; i >= 0; i-- {
		if args[i] == name && i%2 == 0 {
			return args[i+1]
		}
	}
	return "<no value>" // as a template says
}

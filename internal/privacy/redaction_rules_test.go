package privacy_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// Words that staff typed are found however the text has them, and mean nothing
// but themselves.
func TestTypedWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words, text string
		hidden      bool
	}{
		{"José Müller", "Oi JOSÉ  müller!", true},
		{"José Müller", "Oi José\u00a0Müller!", true},
		{"José Müller", "Oi Jose\u0301 Mu\u0308ller!", true},
		{"José", "José\u200b,", true},
		{"Johanna", "Jo\u00adhan\u200bna", true},
		{"José Müller", "José\u2060 \u200eMüller", true},
		{"José", "Joséfa", false},
		{"María", `Oi Mar\u00eda!`, true},
		{"María", "Oi Mar&iacute;a!", true},
		{"María", "q=Mar%C3%ADa&x=1", true},
		{"María", "=?utf-8?Q?Mar=C3=ADa?= says", true},
		{"María", `Oi Mar\\u00eda!`, true},
		{"María", "Oi Mar&amp;iacute;a!", true},
		{"Mar", "Oi Mar&iacute;a!", true}, // as it is written it stands alone
		{"María", "Oi Mar&iacute;adne!", false},
		{"a.b*(c)", "x a.b*(c) y", true},
		{"a.b", "axb", false},
		{".*", "alles", false},
		{strings.Repeat("(a", 99), strings.Repeat("a", 1000), false},
	} {
		book, err := privacy.NewRulebook([]privacy.Ruling{{Sort: privacy.RuleWords, Act: privacy.ActHide, What: "name", Words: []byte("x")}},
			func([]byte) ([]byte, error) { return []byte(tt.words), nil })
		if err != nil {
			t.Fatal(err)
		}
		all := book.Settle("p", "", tt.text, nil, func(s string) string { return s }, func(s string) string { return s })
		if got := len(all) == 1; got != tt.hidden {
			t.Errorf("%q in %q: hidden %v, want %v", tt.words, tt.text, got, tt.hidden)
		}
		if got := len(book.Everywhere(tt.text, []redact.Mark{{Start: 0, End: 1}})) > 0; !got {
			t.Errorf("%q in %q: what was hidden already is not", tt.words, tt.text)
		}
	}
}

// What is hidden in a text that is escaped is the whole of what stands there for
// the words, and what stands beside it stays.
func TestTypedWordsAreHiddenWhereTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"to":"Mar\\u00eda","n":1}`:           `{"to":"█","n":1}`,
		"<p>&#77;ar&iacute;a</p> and María":    "<p>█</p> and █",
		"q=Mar%C3%ADa&x=1":                     "q=█&x=1",
		"Mar&amp;iacute;a &amp; Mar&iacute;as": "█ &amp; Mar&iacute;as",
	} {
		book, err := privacy.NewRulebook([]privacy.Ruling{{Sort: privacy.RuleWords, Act: privacy.ActHide, What: "name", Words: []byte("x")}},
			func([]byte) ([]byte, error) { return []byte("María"), nil })
		if err != nil {
			t.Fatal(err)
		}
		if got := redact.Write(text, book.Everywhere(text, nil), func(redact.Mark) string { return "█" }); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

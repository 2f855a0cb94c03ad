package letter_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
)

// A text of ours keeps to the rules that the operator's texts have to keep.
func TestOurOwnWordsKeepTheRules(t *testing.T) {
	t.Parallel()
	for _, s := range letter.Slots {
		for _, l := range lang.Supported {
			text := s.Ours(l)
			if text == "" && s.ID == "statement.sale" {
				continue // only the operator can say it
			}
			if m, ok := s.Check(text); !ok || text != letter.Tidy(text) {
				t.Errorf("%s in %s: %v", s.ID, l, m)
			}
			for _, key := range append([]string{"letters.slot." + s.ID}, fieldKeys(s)...) {
				if strings.HasPrefix(lang.In(l, key), "⟦") {
					t.Errorf("%s has no words in %s", key, l)
				}
			}
		}
	}
}

func fieldKeys(s letter.Slot) (keys []string) {
	for _, f := range s.Allowed() {
		keys = append(keys, "letters.field."+f)
	}
	return keys
}

func TestWhatIsWrongWithWordsIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, slot, text, want string }{
		{"a plain text", "refusal.opening", "No.", ""},
		{"known fields", "acknowledgement.due", "{name}: {due}.", ""},
		{"braces", "refusal.opening", "We write {{so}} here.", ""},
		{"nothing", "refusal.opening", "", "empty"},
		{"nothing, where it may be", "statement.beyond", "", ""},
		{"a needed field is left out", "acknowledgement.due", "Soon.", "needs"},
		{"a field of another place", "refusal.opening", "Until {due}.", "field"},
		{"a field that nobody knows", "refusal.opening", "{password}", "field"},
		{"template code", "refusal.opening", "{{.Secret}} {% evil %}", "brace"},
		{"code of a shell", "refusal.opening", "${HOME}", "brace"},
		{"a field with a call", "refusal.opening", "{name()}", "brace"},
		{"an open brace", "refusal.opening", "We {name", "brace"},
		{"a closing brace", "refusal.opening", "We } name", "brace"},
		{"an empty field", "refusal.opening", "{}", "brace"},
		{"a field in a field", "refusal.opening", "{na{name}me}", "brace"},
		{"too much", "refusal.opening", strings.Repeat("a", letter.MaxText+1), "long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, ok := letter.SlotOf(tt.slot)
			if !ok {
				t.Fatal("no such slot")
			}
			m, ok := s.Check(tt.text)
			if ok != (tt.want == "") || !ok && m.Key != "letters.error."+tt.want {
				t.Fatalf("got %v %s, want %q", ok, m.Key, tt.want)
			}
			for _, l := range lang.Supported {
				if m.Key != "" && strings.ContainsAny(lang.In(l, m.Key, m.Args...), "⟦⟧<") {
					t.Errorf("in %s: %s", l, lang.In(l, m.Key, m.Args...))
				}
			}
		})
	}
}

// What a person types in is shown, never read as words of ours, and cannot move
// what stands around it.
func TestHostileNamesStayNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, typed, want, never string }{
		{"markup", `<script>alert(1)</script>`, "<script>alert(1)</script>", "<script>"},
		{"an attribute", `" onmouseover="x`, `" onmouseover="x`, `" onmouseover=`},
		{"a field", "{reference} {due}", "{reference} {due}", ""},
		{"a template", "{{.Ref}}", "{{.Ref}}", ""},
		{"lines", "Amina\r\n\r\nBcc: x@evil.example", "Amina Bcc: x@evil.example", "\r"},
		{"separators of lines and paragraphs", "Amina\u2028Pay\u2029now\u0085!", "Amina Pay now !", "\u2028"},
		{"a turn of direction", "Amina \u202e\u2066evil\u2069\u200f", "Amina evil", "\u202e"},
		{"nothing that can be seen", "\u200b\u2060\ufeff", "Hello,", "\u200b"},
		{"no text at all", "Amina\x00\xff\x1b[31m", "Amina[31m", "\x1b"},
		{"something endless", strings.Repeat("A", 5000), strings.Repeat("A", 299) + "…", strings.Repeat("A", 301)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := letter.Sample(letter.Refusal, "deletion", "EU-DE", lang.English)
			f.Name = tt.typed
			l, err := letter.Build(letter.Refusal, f, letter.Wording{Texts: map[string]string{"refusal.opening": "Dear {name}: no."}})
			if err != nil {
				t.Fatal(err)
			}
			html, err := l.HTML()
			if err != nil {
				t.Fatal(err)
			}
			text := string(l.PlainText())
			if !strings.Contains(strings.Join(strings.Fields(text), " "), tt.want) {
				t.Errorf("the text does not have %q:\n%s", tt.want, text)
			}
			if tt.never != "" && strings.Contains(string(html), tt.never) {
				t.Errorf("the HTML has %q:\n%s", tt.never, html)
			}
			if tt.want != "Hello," && tt.never != "" && !strings.Contains(tt.never, "<") && !strings.Contains(tt.never, `"`) && strings.Contains(text, tt.never) {
				t.Errorf("the text has %q", tt.never)
			}
			if _, err := l.PDF(); err != nil {
				t.Errorf("no PDF: %v", err)
			}
		})
	}
}

// Whatever is typed, what Check lets in makes a letter, and no field of it stays
// unfilled.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", "{name}", "{{x}}", "{", "}", "a\r\n\r\nb {reference}", "\xff{name}\x00", "{right}{right}", "\u202e{law}", "\u200d", "<b>&amp;"} {
		f.Add(seed, seed)
	}
	s, _ := letter.SlotOf("refusal.opening")
	f.Fuzz(func(t *testing.T, text, name string) {
		tidy := letter.Tidy(text)
		if letter.Tidy(tidy) != tidy {
			t.Fatalf("%q is not tidy yet", tidy)
		}
		if _, ok := s.Check(tidy); !ok {
			return
		}
		facts := letter.Sample(letter.Refusal, "deletion", "EU-DE", lang.English)
		facts.Name = name
		l, err := letter.Build(letter.Refusal, facts, letter.Wording{Texts: map[string]string{s.ID: tidy}})
		if err != nil {
			if strings.Trim(tidy, "{}") == "" || strings.TrimSpace(tidy) == "" {
				return // nothing that can be seen is nothing
			}
			t.Fatalf("%q is let in and makes no letter: %v", tidy, err)
		}
		html, err := l.HTML()
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(strings.ToLower(string(html)), "<script"); n != 0 || strings.ContainsAny(string(l.PlainText()), "\x00\x1b\u202e") {
			t.Fatalf("%q gets through", tidy)
		}
	})
}

// The operator's own words are words as well.
func TestHostileWordsStayWords(t *testing.T) {
	t.Parallel()
	f := letter.Sample(letter.Refusal, "deletion", "EU-DE", lang.English)
	f.Name = "{operator}"
	text := letter.Tidy("<img src=x onerror=y> {{braces}} for {name}\u202e\r\n\r\nSecond.\r\n\r\n\r\nThird {{{reference}}}")
	s, _ := letter.SlotOf("refusal.opening")
	if m, ok := s.Check(text); !ok {
		t.Fatal(m)
	}
	l, err := letter.Build(letter.Refusal, f, letter.Wording{Texts: map[string]string{"refusal.opening": text}})
	if err != nil {
		t.Fatal(err)
	}
	got := l.Block("opening").Parts
	want := []string{"<img src=x onerror=y> {braces} for {operator}", "Second.", "Third {CS-7F3K-29QD}"}
	if len(got) != len(want) {
		t.Fatalf("%d paragraphs: %v", len(got), got)
	}
	for i, p := range got {
		if p.Text.String() != want[i] {
			t.Errorf("paragraph %d is %q, want %q", i+1, p.Text, want[i])
		}
	}
	html, err := l.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(html), "<img") {
		t.Error("markup got into the letter")
	}
}

package letter_test

import (
	"errors"
	"flag"
	stdhtml "html"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
)

var update = flag.Bool("update", false, "rewrite the golden letters")

// laws is one place of each family.
var laws = []string{"EU", "EU-DE", "UK", "CH", "US-CA", "US-VA", "US-CO", "US-UT", "US-OR", "US-IA", "US-XX", "BR", "CA-FED", "CA-QC", "CN", "IN", "ZA", "AU", "NZ", "SG", "KR", "JP", "TR", "AR"}

var rights = []string{"access", "portability", "correction", "deletion", "restriction", "objection", "withdrawal", "opt_out", "shortened_retention"}

// said is what only the operator can say.
func said(l lang.Tag) letter.Wording {
	return letter.Wording{Texts: map[string]string{"statement.sale": lang.In(l, "letters.sample.sale")}}
}

// each runs fn for every kind, right, law and language.
func each(t *testing.T, fn func(t *testing.T, kind letter.Kind, f letter.Facts, w letter.Wording)) {
	for _, kind := range letter.Kinds {
		asked := rights
		if kind == letter.RestrictionLifted {
			asked = []string{"restriction_lift"}
		}
		for _, right := range asked {
			for _, code := range laws {
				for _, l := range lang.Supported {
					fn(t, kind, letter.Sample(kind, right, code, l), said(l))
				}
			}
		}
	}
}

func TestEveryLetterIsBuiltInEveryLawAndLanguage(t *testing.T) {
	t.Parallel()
	n := 0
	each(t, func(t *testing.T, kind letter.Kind, f letter.Facts, w letter.Wording) {
		name := strings.Join([]string{string(kind), f.Right, f.Law, string(f.Lang)}, " ")
		l, err := letter.Build(kind, f, w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		html, err := l.HTML()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := string(l.PlainText())
		zone, err := time.LoadLocation(law.For(f.Law).Zone)
		if err != nil {
			t.Fatal(err)
		}
		n++
		for what, bad := range map[string]bool{
			"a sentence has no words":              strings.ContainsAny(text+string(html), "⟦⟧") || strings.Contains(text, "<no value>"),
			"a field was not filled in":            regexp.MustCompile(`\{[a-z_]*\}`).MatchString(text),
			"a value is missing":                   strings.Contains(text, "  .") || strings.Contains(text, " ,") || strings.Contains(text, "()"),
			"the reference is missing":             !strings.Contains(text, f.Ref),
			"the day of receipt is missing":        !strings.Contains(text, lang.Date(lang.With(t.Context(), f.Lang), f.Received.In(zone))),
			"nobody says whom to complain to":      l.Block("remedies") == nil || len(l.Block("remedies").Parts) < 2,
			"nobody says where to ask":             !strings.Contains(text, f.Contact) || !strings.Contains(text, f.Page),
			"a line is too long":                   regexp.MustCompile(`(?m)^[^<\n]{73,}$`).MatchString(text),
			"it loads something":                   regexp.MustCompile(`(?i)<script|<img|<link|src=|url\(|@import| on[a-z]+=`).Match(html),
			"the article cannot be cut out":        letter.Article(html) == "" || strings.Count(letter.Article(html), "<h1>") != 1,
			"its policy is not that of the header": !strings.Contains(stdhtml.UnescapeString(string(html)), letter.Policy),
		} {
			if bad {
				t.Fatalf("%s: %s\n%s", name, what, text)
			}
		}
	})
	if n != (10*len(rights)+1)*len(laws)*len(lang.Supported) {
		t.Errorf("%d letters", n)
	}
}

// Each line takes one thing away. A law that wants it has no letter without it,
// and says which; the others do without.
func TestALetterWithAHoleIsNoLetter(t *testing.T) {
	t.Parallel()
	access := func(law string, change func(*letter.Facts)) func() (letter.Kind, letter.Facts) {
		return func() (letter.Kind, letter.Facts) {
			f := letter.Sample(letter.Fulfilment, "access", law, lang.English)
			change(&f)
			return letter.Fulfilment, f
		}
	}
	of := func(kind letter.Kind, right string, change func(*letter.Facts)) func() (letter.Kind, letter.Facts) {
		return func() (letter.Kind, letter.Facts) {
			f := letter.Sample(kind, right, "EU-DE", lang.English)
			change(&f)
			return kind, f
		}
	}
	noPurpose := func(f *letter.Facts) { f.Held[0].Purpose = "" }
	noPeriod := func(f *letter.Facts) { f.Held[0].Retention = " " }
	for _, tt := range []struct {
		name string
		make func() (letter.Kind, letter.Facts)
		want string // block, or "" if the letter does without
	}{
		{"no reference", of(letter.Acknowledgement, "access", func(f *letter.Facts) { f.Ref = "" }), "reference"},
		{"no day of receipt", of(letter.Refusal, "access", func(f *letter.Facts) { f.Received = time.Time{} }), "received"},
		{"nobody who answers", of(letter.Extension, "access", func(f *letter.Facts) { f.Operator = "" }), "operator"},
		{"nowhere to write to", of(letter.Extension, "access", func(f *letter.Facts) { f.Page, f.Contact = "", "" }), "contact"},
		{"the page alone is enough", of(letter.Extension, "access", func(f *letter.Facts) { f.Contact = "" }), ""},
		{"no day of the answer", of(letter.Acknowledgement, "access", func(f *letter.Facts) { f.Due = time.Time{} }), "due"},
		{"no new day", of(letter.Extension, "access", func(f *letter.Facts) { f.NewDue = time.Time{} }), "opening"},
		{"no reason for more time", of(letter.Extension, "access", func(f *letter.Facts) { f.Reason = "\n \n" }), "why_longer"},
		{"no question", of(letter.Clarification, "access", func(f *letter.Facts) { f.Questions = nil }), "asked"},
		{"nothing to prove with", of(letter.Verification, "access", func(f *letter.Facts) { f.Questions = []string{" "} }), "asked"},
		{"no word about the time", of(letter.Verification, "access", func(f *letter.Facts) { f.Paused, f.Due = false, time.Time{} }), "effect"},
		{"no item refused", of(letter.Refusal, "deletion", func(f *letter.Facts) { f.Items = nil }), "items"},
		{"no reason for a refusal", of(letter.Refusal, "deletion", func(f *letter.Facts) { f.Reason = "" }), "reason"},
		{"a code without words", of(letter.Refusal, "deletion", func(f *letter.Facts) { f.Items[0].Code = "" }), "ground"},
		{"a code that nobody knows", of(letter.Refusal, "deletion", func(f *letter.Facts) { f.Items[0].Code = "BECAUSE" }), "ground"},
		{"kept without a rule", of(letter.Fulfilment, "deletion", func(f *letter.Facts) { f.Items[1].Law = "" }), "ground"},
		{"kept without a reason", of(letter.Fulfilment, "deletion", func(f *letter.Facts) { f.Items[1].Why = "" }), "ground"},
		{"a deletion that tells nothing", of(letter.Fulfilment, "deletion", func(f *letter.Facts) { f.Items = nil }), "did"},
		{"a copy that is nowhere", of(letter.Fulfilment, "portability", func(f *letter.Facts) { f.Until = time.Time{} }), "copy"},
		{"nowhere searched", of(letter.NothingFound, "access", func(f *letter.Facts) { f.Held, f.Searched = nil, nil }), "searched"},
		{"an appeal without an outcome", of(letter.AppealDecided, "appeal", func(f *letter.Facts) { f.Verdict = "" }), "opening"},
		{"an appeal without a reason", of(letter.AppealDecided, "appeal", func(f *letter.Facts) { f.Reason = "" }), "reason"},
		{"no period of storage", of(letter.Fulfilment, "shortened_retention", func(f *letter.Facts) { f.Days = 0 }), "opening"},

		{"EU: no purpose", access("EU-DE", noPurpose), "purposes"},
		{"EU: no period", access("EU-DE", noPeriod), "period"},
		{"EU: no recipients", access("EU-DE", func(f *letter.Facts) { f.Held[0].Recipients = nil }), "recipients"},
		{"EU: no source", access("EU-DE", func(f *letter.Facts) { f.Held[0].Source = "" }), "source"},
		{"EU: no category", access("EU-DE", func(f *letter.Facts) { f.Held = nil }), "held"},
		{"EU: no transfer is said to be none", access("EU-DE", func(f *letter.Facts) { f.Held[0].Transfers = "" }), ""},
		{"UK: no purpose", access("UK", noPurpose), "purposes"},
		{"Switzerland: no period", access("CH", noPeriod), "period"},
		{"California asks for no period", access("US-CA", noPeriod), "sale"}, // which the operator has not said here
		{"Virginia asks for no purpose", access("US-VA", noPurpose), ""},
		{"Korea: no period", access("KR", noPeriod), "period"},
		{"Australia asks for no purpose", access("AU", noPurpose), ""},
		{"nothing held in a category wants no purpose", access("EU-DE", func(f *letter.Facts) { f.Held[0].Rows, f.Held[0].Purpose = 0, "" }), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kind, f := tt.make()
			_, err := letter.Build(kind, f, letter.Wording{})
			missing, ok := errors.AsType[*letter.Incomplete](err)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("no letter: %v", err)
				}
				return
			}
			if !ok || strings.Join(missing.Blocks(), ",") != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			for _, l := range lang.Supported {
				if strings.HasPrefix(lang.In(l, "letters.missing."+tt.want), "⟦") {
					t.Errorf("nobody can read in %s what is missing", l)
				}
			}
		})
	}
}

// An operator who takes the words of a block away has no letter.
func TestWordsThatTheLawWantsCannotBeTakenAway(t *testing.T) {
	t.Parallel()
	for _, s := range letter.Slots {
		kind, f := letter.SampleFor(s, lang.English)
		w := said(lang.English)
		if _, err := letter.Build(kind, f, w); err != nil {
			t.Errorf("%s: its sample is no letter: %v", s.ID, err)
		}
		w.Texts[s.ID] = ""
		l, err := letter.Build(kind, f, w)
		if _, incomplete := errors.AsType[*letter.Incomplete](err); incomplete == s.Free {
			t.Errorf("%s, which may be empty: %v, gives %v (%d sections)", s.ID, s.Free, err, len(l.Sections))
		}
	}
}

// What the data map says is told whole, however long it is.
func TestNothingThatHasToBeToldIsCut(t *testing.T) {
	t.Parallel()
	f := letter.Sample(letter.Fulfilment, "access", "EU-DE", lang.English)
	f.Held[0].Recipients = nil
	for i := range 60 {
		f.Held[0].Recipients = append(f.Held[0].Recipients, "Recipient number "+strconv.Itoa(i)+" of a long list")
	}
	l, err := letter.Build(letter.Fulfilment, f, letter.Wording{})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(l.PlainText())), " ")
	pdf, err := l.PDF()
	if err != nil {
		t.Fatal(err)
	}
	printed, _ := words(t, pdf)
	for _, r := range f.Held[0].Recipients {
		if !strings.Contains(text, r) || !strings.Contains(printed, r) {
			t.Fatalf("%q is left out", r)
		}
	}
}

// Words with a value that nobody knows would be a sentence with a hole.
func TestAValueThatIsNotKnownMakesNoSentence(t *testing.T) {
	t.Parallel()
	f := letter.Sample(letter.Refusal, "deletion", "EU-DE", lang.English)
	f.Contact, f.Name = "", ""
	for text, there := range map[string]bool{"Write to {contact}.": false, "{name}": false, "Dear {name}, no.": true, "About {reference}.": true} {
		_, err := letter.Build(letter.Refusal, f, letter.Wording{Texts: map[string]string{"refusal.opening": text}})
		missing, ok := errors.AsType[*letter.Incomplete](err)
		if there != (err == nil) || !there && (!ok || strings.Join(missing.Blocks(), ",") != "opening") {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

func TestLettersReadAsAgreed(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		kind       letter.Kind
		right, law string
	}{
		{letter.Acknowledgement, "access", "US-CA"}, {letter.Verification, "access", "UK"}, {letter.Clarification, "access", "EU-DE"}, {letter.Extension, "deletion", "EU-DE"},
		{letter.Fulfilment, "access", "EU-DE"}, {letter.Fulfilment, "access", "US-CA"}, {letter.Fulfilment, "deletion", "EU-DE"}, {letter.Partial, "access", "UK"}, {letter.Refusal, "deletion", "CA-FED"},
		{letter.NothingFound, "access", "BR"}, {letter.RestrictionLifted, "restriction_lift", "EU-DE"}, {letter.Redirected, "access", "EU-DE"}, {letter.AppealDecided, "appeal", "US-VA"},
	} {
		for _, l := range lang.Supported {
			name := strings.Join([]string{string(one.kind), one.right, one.law, string(l)}, ".")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				made, err := letter.Build(one.kind, letter.Sample(one.kind, one.right, one.law, l), said(l))
				if err != nil {
					t.Fatal(err)
				}
				html, err := made.HTML()
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+".txt", string(made.PlainText()))
				golden(t, name+".html", string(html))
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (run with -update if this is meant):\n%s", file, diff)
	}
}

package letter_test

import (
	"bytes"
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"github.com/carlos7ags/folio/reader"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
)

// words reads the text of a PDF back, page by page, as a screen reader or a
// search would get it.
func words(t *testing.T, pdf []byte) (string, *reader.PdfReader) {
	t.Helper()
	r, err := reader.Parse(pdf)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range r.PageCount() {
		p, err := r.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.ExtractText()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text + "\n")
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	feet := foot.FindAllString(text, -1)
	if len(feet) != r.PageCount() {
		t.Errorf("%d pages have a number, of %d", len(feet), r.PageCount())
	}
	return strings.Join(strings.Fields(foot.ReplaceAllString(text, " ")), " "), r
}

var foot = regexp.MustCompile(`(Request|Antrag) CS-7F3K-29QD, (page|Seite) \d+ (of|von) \d+`)

func printed(t *testing.T, kind letter.Kind, f letter.Facts) []byte {
	t.Helper()
	l, err := letter.Build(kind, f, said(f.Lang))
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := l.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

func TestThePDFSaysWhatTheTextSays(t *testing.T) {
	t.Parallel()
	for _, l := range lang.Supported {
		for _, kind := range letter.Kinds {
			t.Run(string(kind)+"."+string(l), func(t *testing.T) {
				t.Parallel()
				f := letter.Sample(kind, "access", "EU-DE", l)
				made, err := letter.Build(kind, f, said(l))
				if err != nil {
					t.Fatal(err)
				}
				got, r := words(t, printed(t, kind, f))
				for _, s := range made.Sections {
					for _, p := range s.Parts {
						for _, want := range append([]letter.Text{p.Text}, p.Items...) {
							if w := strings.Join(strings.Fields(want.String()), " "); !strings.Contains(got, w) {
								t.Fatalf("%q is not in the PDF:\n%s", w, got)
							}
						}
						for _, fact := range p.Facts {
							if !strings.Contains(got, fact.Name+":") {
								t.Errorf("%q is not in the PDF:\n%s", fact.Name, got)
							}
						}
					}
				}
				if tree := r.StructureTree(); tree == nil || !strings.Contains(tags(tree.Root), "H1") || !strings.Contains(tags(tree.Root), "P") {
					t.Errorf("it is not tagged: %v", tree)
				}
			})
		}
	}
}

func tags(n *reader.StructNode) string {
	out := n.Tag + " "
	for _, c := range n.Children {
		out += tags(c)
	}
	return out
}

func TestTheSameLetterHasTheSameBytes(t *testing.T) {
	t.Parallel()
	f := letter.Sample(letter.Fulfilment, "access", "EU-DE", lang.German)
	once, twice := printed(t, letter.Fulfilment, f), printed(t, letter.Fulfilment, f)
	if sha256.Sum256(once) != sha256.Sum256(twice) {
		t.Fatal("two prints of one letter differ")
	}
	f.Name = "Somebody Else"
	if bytes.Equal(once, printed(t, letter.Fulfilment, f)) {
		t.Fatal("two letters are one")
	}
	for _, want := range []string{"/Lang (de)", "/Marked true", "/Outlines", "/StructTreeRoot", "/DisplayDocTitle true", "/FontFile2"} {
		if !bytes.Contains(once, []byte(want)) {
			t.Errorf("the PDF has no %s", want)
		}
	}
	if len(once) > 120<<10 {
		t.Errorf("%d bytes for a letter", len(once))
	}
}

func TestThePDFHasTheScriptsOfEurope(t *testing.T) {
	t.Parallel()
	f := letter.Sample(letter.Refusal, "deletion", "EU-GR", lang.English)
	f.Name = "Zoë Płatek Ιωάννα Љубица Щербакова"
	got, _ := words(t, printed(t, letter.Refusal, f))
	if !strings.Contains(got, f.Name) {
		t.Errorf("the name is not in the PDF:\n%s", got)
	}
	if strings.Contains(got, lang.In(lang.English, "letters.unlike")) {
		t.Error("it says that something cannot be shown")
	}
	f.Name = "محمد علي"
	got, _ = words(t, printed(t, letter.Refusal, f))
	if !strings.Contains(got, lang.In(lang.English, "letters.unlike")) {
		t.Errorf("what cannot be shown is not said:\n%s", got)
	}
}

// A letter is written inside the transaction of what it tells.
func BenchmarkLetter(b *testing.B) {
	f := letter.Sample(letter.Fulfilment, "access", "EU-DE", lang.English)
	for _, form := range []struct {
		name  string
		write func(letter.Letter) ([]byte, error)
	}{{"html", letter.Letter.HTML}, {"text", func(l letter.Letter) ([]byte, error) { return l.PlainText(), nil }}, {"pdf", letter.Letter.PDF}} {
		b.Run(form.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l, err := letter.Build(letter.Fulfilment, f, said(lang.English))
				if err != nil {
					b.Fatal(err)
				}
				out, err := form.write(l)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(out)), "bytes")
			}
		})
	}
}

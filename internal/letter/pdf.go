package letter

import (
	"compress/zlib"
	"fmt"
	"strings"

	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/font"
	"github.com/carlos7ags/folio/layout"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// The sizes of the printed letter, in points.
const (
	sizeTitle = 20
	sizeHead  = 13
	sizeText  = 10.5
	sizeFoot  = 8.5
	leading   = 1.4
	margin    = 68
)

var (
	ink   = layout.Hex("#10191b")
	faint = layout.Hex("#45514f")
	leads = layout.Hex("#0b5e64")
)

// PDF writes the letter for paper and for keeping: tagged for screen readers,
// with bookmarks, its fonts inside. The same letter gives the same bytes.
func (l Letter) PDF() ([]byte, error) {
	p, err := newPrinter()
	if err != nil {
		return nil, err
	}
	paper := document.PageSizeA4
	if l.narrow {
		paper = document.PageSizeLetter
	}
	doc := document.NewDocument(paper)
	doc.Info = document.Info{Title: p.fit(l.Title + " " + l.Ref), Author: p.fit(l.From), Creator: p.fit(l.From), Language: string(l.Lang), CreationDate: l.Made, ModDate: l.Made}
	doc.SetMargins(layout.Margins{Top: margin, Right: margin, Bottom: margin, Left: margin})
	doc.SetTagged(true)
	doc.SetAutoBookmarks(true)
	doc.SetViewerPreferences(document.ViewerPreferences{DisplayDocTitle: true})
	p.rtl = l.Dir == "rtl"
	for _, e := range p.letter(l) {
		doc.Add(e)
	}
	foot := strings.NewReplacer("{page}", layout.CounterPagePlaceholder, "{pages}", layout.CounterPagesPlaceholder).Replace(l.foot)
	doc.SetMarginBoxes(map[string]layout.MarginBox{"bottom-left": {Content: foot, FontSize: sizeFoot, Embedded: p.plain, HasColor: true, Color: [3]float64{faint.R, faint.G, faint.B}}})
	doc.SetFooter(func(document.PageContext, *document.Page) { p.blanks() }) // once all is drawn
	if p.unlike {                                                            // the note must be in the letter, and is only known once all of it was looked at
		doc.Add(p.paragraph(6, p.run(l.unlike, p.plain, sizeFoot, faint)).SetSpaceBefore(12))
	}
	b, err := doc.ToBytesWithOptions(document.WriteOptions{Deterministic: true, CompressionLevel: zlib.BestCompression})
	if err != nil {
		return nil, fmt.Errorf("write a letter as PDF: %w", err)
	}
	return b, nil
}

// printer has the fonts of one document: they remember which letters are used.
type printer struct {
	face        font.Face
	plain, bold *font.EmbeddedFont
	rtl         bool
	unlike      bool // something could not be shown
}

func newPrinter() (*printer, error) {
	regular, err := font.ParseTTF(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	bold, err := font.ParseTTF(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the bold font: %w", err)
	}
	return &printer{face: regular, plain: font.NewEmbeddedFont(spaced{regular}), bold: font.NewEmbeddedFont(spaced{bold})}, nil
}

// The library sets words apart by moving on, without a space between them, and
// leaves it to the reader to guess where a word ends. So each word brings a space
// of its own: blank stands for it until the layout has cut a line into words, and
// has the glyph of the space.
const blank = '\ue000'

// hair is what the library then still moves on, in points: words without any
// distance would be one word to it.
const hair = 0.02

type spaced struct{ font.Face }

func (f spaced) GlyphIndex(r rune) uint16 {
	if r == blank {
		r = ' '
	}
	return f.Face.GlyphIndex(r)
}

// blanks says that the glyph is a space, whatever was last drawn with it.
func (p *printer) blanks() {
	p.plain.EncodeString(" ")
	p.bold.EncodeString(" ")
}

func (p *printer) letter(l Letter) []layout.Element {
	out := []layout.Element{p.paragraph(2, p.run(l.From, p.bold, sizeText, ink))}
	for _, a := range l.Address {
		out = append(out, p.paragraph(0, p.run(a, p.plain, sizeText, faint)))
	}
	out = append(out, p.heading(l.Title, layout.H1, sizeTitle))
	out = append(out, p.paragraph(0)) // air below the title
	out = append(out, p.facts(l.Head)...)
	out = append(out, p.paragraph(8, p.run(l.Greeting, p.plain, sizeText, ink)).SetSpaceBefore(10))
	for _, s := range l.Sections {
		if s.Title != "" {
			out = append(out, p.heading(s.Title, layout.H2, sizeHead))
		}
		for _, part := range s.Parts {
			out = append(out, p.part(part)...)
		}
	}
	return append(out, p.paragraph(0, p.run(l.From, p.bold, sizeText, ink)).SetSpaceBefore(18))
}

func (p *printer) part(part Part) (out []layout.Element) {
	if part.Title != "" {
		out = append(out, p.heading(part.Title, layout.H3, sizeText))
	}
	if len(part.Text) > 0 {
		out = append(out, p.paragraph(6, p.runs(part.Text, ink)...))
	}
	if len(part.Items) > 0 {
		list := layout.NewListEmbedded(p.plain, sizeText).SetLeading(leading)
		if p.rtl {
			list.SetDirection(layout.DirectionRTL)
		}
		for _, i := range part.Items {
			list.AddItemRuns(p.runs(i, ink))
		}
		out = append(out, list)
	}
	return append(out, p.facts(part.Facts)...)
}

// facts are lines, not a table: they are read in order and need no columns.
func (p *printer) facts(facts []Fact) (out []layout.Element) {
	for _, f := range facts {
		runs := append([]layout.TextRun{p.run(f.Name+": ", p.plain, sizeText, faint)}, p.runs(f.Value, ink)...)
		out = append(out, p.paragraph(3, runs...))
	}
	return out
}

func (p *printer) runs(t Text, c layout.Color) (out []layout.TextRun) {
	for _, s := range t {
		r := p.run(s.Text, p.plain, sizeText, c)
		if s.Link != "" {
			r = p.run(s.Text, p.plain, sizeText, leads).WithUnderline().WithLinkURI(s.Link)
		}
		out = append(out, r)
	}
	return out
}

func (p *printer) run(s string, f *font.EmbeddedFont, size float64, c layout.Color) layout.TextRun {
	r := layout.NewRunEmbedded(strings.ReplaceAll(p.fit(s), " ", string(blank)+" "), f, size).WithColor(c)
	r.WordSpacing = hair - f.MeasureString(" ", size)
	return r
}

func (p *printer) paragraph(after float64, runs ...layout.TextRun) *layout.Paragraph {
	out := layout.NewStyledParagraph(runs...).SetLeading(leading).SetSpaceAfter(after).SetOrphans(2).SetWidows(2)
	if p.rtl {
		out.SetDirection(layout.DirectionRTL)
	}
	return out
}

func (p *printer) heading(s string, level layout.HeadingLevel, size float64) layout.Element {
	return layout.NewHeadingEmbedded(p.fit(s), level, p.bold).SetRuns([]layout.TextRun{p.run(s, p.bold, size, ink)}).SetBookmarkLabel(p.fit(s))
}

// fit puts a box where the font has no glyph: Latin, Greek and Cyrillic it has.
// The other forms of the letter show everything, and the PDF says so.
func (p *printer) fit(s string) string {
	s = strings.ReplaceAll(s, "{counter(", "{counter (") // which the library would read as its own
	return strings.Map(func(r rune) rune {
		if r != ' ' && p.face.GlyphIndex(r) == 0 {
			p.unlike = true
			return '□'
		}
		return r
	}, s)
}

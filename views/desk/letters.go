package desk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// letterAuthor is who wrote a letter; the portal, where nobody had to.
func letterAuthor(ctx context.Context, l privacy.LetterRow) string {
	if l.Author == "" {
		return lang.T(ctx, "letters.desk.portal")
	}
	return l.Author
}

// edition names the wording of a letter.
func edition(ctx context.Context, n int) string {
	if n == 0 {
		return lang.T(ctx, "letters.wording.ours")
	}
	return lang.T(ctx, "letters.desk.edition", "N", lang.Number(ctx, int64(n)))
}

// missing says what has to be there before a letter can be written.
func missing(ctx context.Context, m letter.Missing) string {
	what := lang.T(ctx, "letters.missing."+m.Block)
	if m.Of == "" {
		return what
	}
	return lang.T(ctx, "letters.missing.of", "What", what, "Of", m.Of)
}

// fingerprint writes a hash in groups that people can compare.
func fingerprint(hash string) string {
	var b strings.Builder
	for i := 0; i < len(hash); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hash[i:min(i+4, len(hash))])
	}
	return b.String()
}

// WordingPage is the settings of what letters say.
type WordingPage struct {
	Lang    lang.Tag
	All     []privacy.Wording
	Here    *privacy.Wording // the place that is being worded; nil for the list
	History []privacy.Wording
	Sample  string // a letter with the words that stand in the form
	Moved   bool   // somebody else changed them meanwhile
	Form    Form
}

func (p WordingPage) may(f Frame) bool { return f.Member.Can(staff.MapEdit) }

// words are those of the form, else those that count.
func (p WordingPage) words() string {
	if p.Form.Values.Has("words") {
		return p.Form.Value("words")
	}
	return p.Here.Text
}

// seen is the edition that the page showed when the form was filled in; the one
// that counts now, once the page has shown that it moved.
func (p WordingPage) seen() string {
	if before := p.Form.Value("seen"); before != "" && !p.Moved {
		return before
	}
	return strconv.Itoa(p.Here.Edition)
}

func (p WordingPage) hint(ctx context.Context) string {
	hint := lang.T(ctx, "letters.wording.hint")
	if needs := p.Here.Slot.Needs; len(needs) > 0 {
		hint += " " + lang.T(ctx, "letters.wording.needs", "Fields", "{"+strings.Join(needs, "}, {")+"}")
	}
	return hint
}

// group is one kind of letter with its places.
type group struct {
	kind   letter.Kind
	places []privacy.Wording
}

func (g group) id() string {
	if g.kind == "" {
		return "all"
	}
	return string(g.kind)
}

func (g group) title(ctx context.Context) string { return groupTitle(ctx, g.kind) }

func groupTitle(ctx context.Context, k letter.Kind) string {
	if k == "" {
		return lang.T(ctx, "letters.wording.every")
	}
	return lang.T(ctx, "letters.kind."+string(k))
}

func (p WordingPage) groups() []group {
	var out []group
	for _, w := range p.All {
		i := slices.IndexFunc(out, func(g group) bool { return g.kind == w.Slot.Kind })
		if i < 0 {
			out = append(out, group{kind: w.Slot.Kind})
			i = len(out) - 1
		}
		out[i].places = append(out[i].places, w)
	}
	return out
}

func wordingHref(slot string, l lang.Tag) string {
	q := url.Values{"lang": {string(l)}}
	if slot != "" {
		q.Set("slot", slot)
	}
	return link.DeskWording + "?" + q.Encode()
}

// fieldWords says what a field stands for, and whether it may be left out.
func fieldWords(ctx context.Context, s letter.Slot, name string) string {
	words := lang.T(ctx, "letters.field."+name)
	if slices.Contains(s.Needs, name) {
		words += " – " + lang.T(ctx, "letters.wording.must")
	}
	return words
}

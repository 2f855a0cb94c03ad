package mail

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"regexp"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
)

//go:embed letter.html.tmpl
var htmlSource string

//go:embed letter.txt.tmpl
var textSource string

var (
	htmlLetter = htmltemplate.Must(htmltemplate.New("html").Parse(htmlSource))
	textLetter = texttemplate.Must(texttemplate.New("text").
			Funcs(texttemplate.FuncMap{"wrap": wrap, "upper": strings.ToUpper}).Parse(textSource))
)

// sheet is everything that both parts of a letter show.
type sheet struct {
	Lang, Dir               string
	Brand, What             string
	Subject, Title, Preview string
	Greeting                string
	Paragraphs              []string
	Button, URL             string
	Works, Fallback         string // how long the link works; what to do if the button does nothing
	Facts                   []fact
	NotYouTitle, NotYou     string
	Never                   string
	PolicyLabel, PolicyURL  string
}

type fact struct{ Label, Value string }

// lay puts a letter's sentences in their places, in the recipient's language.
func lay(l Letter, to Recipient, operator string, base *url.URL, now time.Time) sheet {
	ctx := lang.With(context.Background(), to.Lang) // carries the language only
	d := l.details()
	date := func(t time.Time) string {
		if d.exact {
			return instant(ctx, t)
		}
		return lang.Date(ctx, t)
	}
	args := []any{"Ref", d.ref, "Other", d.other, "Today", lang.Date(ctx, now), "When", date(d.when)}
	say := func(part string) string { return lang.T(ctx, "mail."+l.letter()+"."+part, args...) }
	s := sheet{
		Lang: string(lang.From(ctx)), Dir: lang.Dir(ctx),
		Brand: operator, What: lang.T(ctx, "mail.brand"),
		Subject: say("subject"), Title: say("title"), Preview: say("preview"),
		Greeting:   lang.T(ctx, "mail.hello"),
		Paragraphs: strings.Split(say("text"), "\n\n"),
		Button:     say("button"), URL: absolute(base, d.path),
		Fallback:    lang.T(ctx, "mail.fallback"),
		NotYouTitle: lang.T(ctx, "mail.not_you"), NotYou: say("not_you"),
		Never:       lang.T(ctx, "mail.never"),
		PolicyLabel: lang.T(ctx, "mail.policy"), PolicyURL: absolute(base, link.Privacy),
	}
	if name := greetable(to.Name); name != "" {
		s.Greeting = lang.T(ctx, "mail.hello.name", "Name", name)
	}
	if d.once > 0 {
		s.Works = lang.T(ctx, "mail.works_until", "When", instant(ctx, now.Add(d.once)))
	}
	if d.ref != "" {
		s.Facts = append(s.Facts, fact{lang.T(ctx, "mail.fact.reference"), d.ref})
	}
	if d.label != "" && !d.when.IsZero() {
		s.Facts = append(s.Facts, fact{lang.T(ctx, d.label), date(d.when)})
	}
	return s
}

// instant writes a moment so that it is right wherever the reader is.
func instant(ctx context.Context, t time.Time) string {
	return lang.T(ctx, "mail.instant", "Time", lang.DateTime(ctx, t.UTC()))
}

// render writes both parts.
func (s sheet) render() (text, html string, err error) {
	var t, h bytes.Buffer
	if err := textLetter.Execute(&t, s); err != nil {
		return "", "", fmt.Errorf("write the text part: %w", err)
	}
	if err := htmlLetter.Execute(&h, s); err != nil {
		return "", "", fmt.Errorf("write the HTML part: %w", err)
	}
	return t.String(), h.String(), nil
}

// absolute makes an address of the portal clickable in a mail program. The base
// is configured; a Host header never gets here.
func absolute(base *url.URL, path string) string {
	return strings.TrimRight(base.String(), "/") + path
}

var nameWords = regexp.MustCompile(`^[\p{L}\p{M}]+(?:[ '’-][\p{L}\p{M}]+){0,4}$`)

// greetable gives the name back if it can be nothing but a name. Whoever fills
// in the form decides what it says and to whom it is mailed, so addresses,
// numbers and slogans are left out and the greeting stays plain.
func greetable(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if utf8.RuneCountInString(name) > 40 || !nameWords.MatchString(name) {
		return ""
	}
	return name
}

const lineWidth = 60

// wrap breaks a paragraph of the text part into lines; a word is never cut.
func wrap(s string) string {
	var b strings.Builder
	n := 0
	for _, word := range strings.Fields(s) {
		w := utf8.RuneCountInString(word)
		switch {
		case n > 0 && n+1+w > lineWidth:
			b.WriteByte('\n')
			n = 0
		case n > 0:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += w
	}
	return b.String()
}

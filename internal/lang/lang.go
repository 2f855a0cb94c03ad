// Package lang holds every sentence that a person reads, in every language we
// speak, and writes dates and numbers the way that language does.
//
// Catalogues are flat JSON files, catalog/<area>.<language>.json: a key such as
// "home.title" gives one text, or an object with plural forms ("one", "other").
// Values stand in as {{.Name}}. English is complete by test, and so is every
// other language listed in Supported.
package lang

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Tag is a language we speak, as in BCP 47.
type Tag string

const (
	English Tag = "en"
	German  Tag = "de"
)

// Supported lists the languages with a complete catalogue; the first is the fallback.
var Supported = []Tag{English, German}

//go:embed catalog/*.json
var catalog embed.FS

type speaker struct {
	plain     map[string]string // texts without values, ready to use
	phrases   map[string]forms  // texts with values or a plural, cut at the values
	tag       language.Tag
	localizer *i18n.Localizer // for what is in neither
}

var (
	speakers = map[Tag]*speaker{}
	matcher  language.Matcher
)

func init() {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, t := range Supported {
		speakers[t] = &speaker{plain: map[string]string{}, phrases: map[string]forms{}, tag: language.Make(string(t))}
	}
	files, err := fs.Glob(catalog, "catalog/*.json")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		mf, err := bundle.LoadMessageFileFS(catalog, f)
		if err != nil {
			panic(fmt.Sprintf("message catalogue %s: %v", f, err))
		}
		s := speakers[Tag(mf.Tag.String())]
		for _, m := range mf.Messages {
			if s == nil {
				continue
			}
			if m.Other != "" && m.One == "" && !strings.Contains(m.Other, "{{") {
				s.plain[m.ID] = m.Other
			} else if f, ok := cutForms(m); ok {
				s.phrases[m.ID] = f
			}
		}
	}
	tags := make([]language.Tag, len(Supported))
	for i, t := range Supported {
		tags[i] = speakers[t].tag
		speakers[t].localizer = i18n.NewLocalizer(bundle, string(t))
	}
	matcher = language.NewMatcher(tags)
}

type ctxKey struct{}

// With says in which language the answer to this context is written.
func With(ctx context.Context, t Tag) context.Context { return context.WithValue(ctx, ctxKey{}, t) }

// From gives the language of a context; English if none was set.
func From(ctx context.Context) Tag {
	if t, ok := ctx.Value(ctxKey{}).(Tag); ok && speakers[t] != nil {
		return t
	}
	return English
}

// Known says whether t is one of Supported.
func Known(t Tag) bool { return speakers[t] != nil }

// Match picks the best supported language for a request: the choice made
// before (a cookie's value, may be empty), else Accept-Language, else English.
func Match(r *http.Request, chosen string) Tag {
	if Known(Tag(chosen)) {
		return Tag(chosen)
	}
	_, i := language.MatchStrings(matcher, r.Header.Get("Accept-Language"))
	return Supported[i]
}

// T gives the sentence for key; args are alternating names and values.
// An unknown key comes back in brackets, which the catalogue test and the
// journeys refuse.
func T(ctx context.Context, key string, args ...any) string { return In(From(ctx), key, args...) }

// In is T for a language that is not the context's.
func In(t Tag, key string, args ...any) string {
	s := speakers[t]
	if s == nil {
		s = speakers[English]
	}
	if p, ok := s.plain[key]; ok {
		return p
	}
	if f, ok := s.phrases[key]; ok {
		return f[plural.Other].fill(args)
	}
	return s.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values(args)}, key)
}

// N gives the sentence for key in the plural form that n needs; {{.N}} is n,
// written with the language's digit groups.
func N(ctx context.Context, key string, n int64, args ...any) string {
	s := speakers[From(ctx)]
	if f, ok := s.phrases[key]; ok {
		return f.of(s.tag, n).fill(append(args[:len(args):len(args)], "N", Number(ctx, n)))
	}
	data := values(args)
	data["N"] = Number(ctx, n)
	return s.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n}, key)
}

func (s *speaker) localize(c *i18n.LocalizeConfig, key string) string {
	text, err := s.localizer.Localize(c)
	if err != nil && text == "" {
		return "⟦" + key + "⟧"
	}
	return text
}

func values(args []any) map[string]any {
	m := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}

// Has says whether a catalogue entry exists in English.
func Has(key string) bool {
	if _, ok := speakers[English].plain[key]; ok {
		return true
	}
	text, _ := speakers[English].localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: 2})
	return text != ""
}

// Dir is the writing direction, for <html dir>.
func Dir(ctx context.Context) string {
	switch From(ctx) {
	case "ar", "he", "fa", "ur":
		return "rtl"
	}
	return "ltr"
}

// Date writes a day in full, with the month by name: "23 December 2026".
func Date(ctx context.Context, t time.Time) string {
	return T(ctx, "date.full", "Day", t.Day(), "Month", T(ctx, "date.month."+strconv.Itoa(int(t.Month()))), "Year", t.Year())
}

// Weekday writes a day in full with its weekday: "Thursday 3 December 2026".
func Weekday(ctx context.Context, t time.Time) string {
	return T(ctx, "date.weekday", "Weekday", T(ctx, "date.weekday."+strconv.Itoa(int(t.Weekday()))), "Date", Date(ctx, t))
}

// ShortDate writes a day for tables: "23 Dec".
func ShortDate(ctx context.Context, t time.Time) string {
	return T(ctx, "date.short", "Day", t.Day(), "Month", T(ctx, "date.month.short."+strconv.Itoa(int(t.Month()))))
}

// Clock writes a time of day: "09:02".
func Clock(_ context.Context, t time.Time) string { return t.Format("15:04") }

// DateTime writes a day and a time: "23 December 2026, 09:02".
func DateTime(ctx context.Context, t time.Time) string {
	return T(ctx, "date.time", "Date", Date(ctx, t), "Time", Clock(ctx, t))
}

// Number writes n with the language's digit groups: 12,345 or 12.345.
func Number(ctx context.Context, n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	sep := T(ctx, "number.group")
	var b strings.Builder
	for i, d := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(d)
	}
	if neg {
		return "-" + b.String()
	}
	return b.String()
}

package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/views/desk"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// -pages writes every page as a file, to look at in a browser.
var pagesDir = flag.String("pages", "", "write every page as HTML into this `directory`")

func render(t *testing.T, l lang.Tag, page templ.Component) (string, *goquery.Document) {
	t.Helper()
	ctx := ui.WithFrame(lang.With(context.Background(), l), ui.Frame{Operator: "CrowsStack", Email: "privacy@example.com", Path: "/desk"})
	var b bytes.Buffer
	if err := page.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return html, doc
}

var handler = regexp.MustCompile(`\son[a-z]+=`)

func TestEveryPageIsWellFormed(t *testing.T) {
	t.Parallel()
	for name, page := range pages() {
		for _, l := range lang.Supported {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				t.Parallel()
				html, doc := render(t, l, page)
				keep(t, name+"."+string(l), html)
				if n := doc.Find("h1").Length(); n != 1 {
					t.Errorf("%d h1 elements, want one", n)
				}
				if strings.Contains(html, "⟦") {
					t.Errorf("sentences without words: %s", regexp.MustCompile(`⟦[^⟧]*⟧`).FindAllString(html, -1))
				}
				if strings.Contains(html, "<no value>") {
					t.Error("a sentence lacks a value")
				}
				if strings.Contains(html, " style=") || strings.Contains(html, "<style") || handler.MatchString(html) {
					t.Error("inline style or handler")
				}
				everyControlHasAName(t, doc)
				idsAreUnique(t, doc)
				postsCarryAToken(t, doc)
			})
		}
	}
}

func everyControlHasAName(t *testing.T, doc *goquery.Document) {
	doc.Find("input, select, textarea").Each(func(_ int, c *goquery.Selection) {
		if c.AttrOr("type", "") == "hidden" || c.AttrOr("aria-label", "") != "" || c.Closest("label").Length() > 0 {
			return
		}
		if doc.Find(`label[for="`+c.AttrOr("id", "-")+`"]`).Length() != 1 {
			t.Errorf("control %q has no label", c.AttrOr("name", ""))
		}
	})
	doc.Find("button, a").Each(func(_ int, c *goquery.Selection) {
		if strings.TrimSpace(c.Text()) == "" && c.AttrOr("aria-label", "") == "" {
			h, _ := goquery.OuterHtml(c)
			t.Errorf("no words on %s", h)
		}
	})
}

func idsAreUnique(t *testing.T, doc *goquery.Document) {
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id := e.AttrOr("id", "")
		if seen[id] {
			t.Errorf("id %q twice", id)
		}
		seen[id] = true
	})
	doc.Find("[aria-describedby], [aria-labelledby]").Each(func(_ int, e *goquery.Selection) {
		for id := range strings.FieldsSeq(e.AttrOr("aria-describedby", "") + " " + e.AttrOr("aria-labelledby", "")) {
			if !seen[id] {
				t.Errorf("refers to id %q, which is not there", id)
			}
		}
	})
}

// Inside the desk every form that posts is bound to the session.
func postsCarryAToken(t *testing.T, doc *goquery.Document) {
	doc.Find(`body.staff form[method="post"]:not(.prefs)`).Each(func(_ int, f *goquery.Selection) {
		if f.Find(`input[name="token"]`).Length() != 1 {
			t.Errorf("form to %s carries no token", f.AttrOr("action", ""))
		}
	})
}

func keep(t *testing.T, name, html string) {
	if *pagesDir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pagesDir, name+".html"), []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestGermanSaysEverythingThatEnglishSays(t *testing.T) {
	t.Parallel()
	read := func(l string) map[string]json.RawMessage {
		b, err := os.ReadFile("../../internal/lang/catalog/desk." + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]json.RawMessage{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	values := regexp.MustCompile(`\{\{\.\w+\}\}`)
	en, de := read("en"), read("de")
	for k, e := range en {
		d, ok := de[k]
		if !ok {
			t.Errorf("%s has no German", k)
			continue
		}
		for _, v := range values.FindAllString(string(e), -1) {
			if !strings.Contains(string(d), v) {
				t.Errorf("%s: the German lacks %s", k, v)
			}
		}
	}
	for k := range de {
		if _, ok := en[k]; !ok {
			t.Errorf("%s is German only", k)
		}
	}
}

// What people write into a form must be known, or it is lost with the session.
func TestEveryFieldToWriteInIsKnown(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, page := range pages() {
		_, doc := render(t, lang.English, page)
		doc.Find(`body.staff form[method="post"]`).Find(`textarea, input:not([type]), input[type="text"], input[type="email"]`).Each(func(_ int, c *goquery.Selection) {
			action := c.Closest("form").AttrOr("action", "")
			form, name := action[strings.LastIndexByte(action, '/')+1:], c.AttrOr("name", "")
			if name == "reference" || name == "code" { // typed anew each time
				return
			}
			if !slices.ContainsFunc(desk.Fields[form], func(f desk.Field) bool {
				known[form+" "+f.Name] = known[form+" "+f.Name] || f.Is(name)
				return f.Is(name)
			}) {
				t.Errorf("%s of the form %s would be lost", name, form)
			}
		})
	}
	for form, fields := range desk.Fields {
		for _, f := range fields {
			if !known[form+" "+f.Name] {
				t.Errorf("no page has the field %s of the form %s", f.Name, form)
			}
		}
	}
}

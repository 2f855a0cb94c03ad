package portal_test

import (
	"bytes"
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/static"
	"github.com/crowsstack/privacy-portal/views/ui"
)

var (
	update = flag.Bool("update", false, "rewrite the golden pages")
	into   = flag.String("pages", "", "write whole pages into this folder, to look at")
)

func in(l lang.Tag) context.Context {
	f := ui.Frame{Operator: "CrowsStack", Email: "privacy@example.org", Path: "/", SignedIn: true}
	return ui.WithFrame(lang.With(context.Background(), l), f)
}

// Every page keeps the rules of markup that need no browser: one heading of the
// first level, a label for every control, unique ids, references that lead
// somewhere, nothing inline, no text that is missing from the catalogue.
func TestPagesKeepTheRulesOfMarkup(t *testing.T) {
	for _, l := range lang.Supported {
		ctx := in(l)
		for _, p := range pages(ctx) {
			t.Run(p.name+"/"+string(l), func(t *testing.T) {
				var b bytes.Buffer
				if err := p.at.Render(ctx, &b); err != nil {
					t.Fatal(err)
				}
				write(t, p.name+"."+string(l)+".html", b.Bytes())
				checkMarkup(t, b.String(), l)
			})
		}
	}
}

var (
	inline  = regexp.MustCompile(`(?i)\s(style|on[a-z]+)=`)
	missing = regexp.MustCompile(`⟦[^⟧]*⟧|<no value>`)
)

func checkMarkup(t *testing.T, html string, l lang.Tag) {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if m := inline.FindString(html); m != "" {
		t.Errorf("inline attribute %q", m)
	}
	if m := missing.FindString(html); m != "" {
		t.Errorf("no text for %s", m)
	}
	if n := d.Find("h1").Length(); n != 1 {
		t.Errorf("%d headings of the first level, want 1", n)
	}
	if got := d.Find("html").AttrOr("lang", ""); got != string(l) {
		t.Errorf("lang is %q, want %q", got, l)
	}
	if d.Find("html").AttrOr("dir", "") == "" {
		t.Error("no writing direction")
	}
	if d.Find("style, script:not([src]), iframe").Length() > 0 {
		t.Error("inline style or script")
	}
	ids := map[string]bool{}
	d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if ids[id] {
			t.Errorf("id %q twice", id)
		}
		ids[id] = true
	})
	d.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		if id, ok := s.Attr("id"); !ok || d.Find(`label[for="`+id+`"]`).Length() == 0 && s.Closest("label").Length() == 0 {
			t.Errorf("control %q has no label", s.AttrOr("name", ""))
		}
	})
	d.Find("[aria-describedby], [aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		for _, id := range strings.Fields(s.AttrOr("aria-describedby", "") + " " + s.AttrOr("aria-labelledby", "")) {
			if !ids[id] {
				t.Errorf("reference to %q leads nowhere", id)
			}
		}
	})
	d.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); !ids[id] {
			t.Errorf("link to #%s leads nowhere", id)
		}
	})
	d.Find("button, a").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			t.Error("a button or link without a name")
		}
	})
	if d.Find("[aria-invalid]").Length() > 0 && !strings.HasPrefix(d.Find("title").Text(), lang.In(l, "ui.error.title", "Title", "")) {
		t.Errorf("title %q does not say that there is an error", d.Find("title").Text())
	}
}

// The main part of every page, word for word, in English.
func TestGoldenPages(t *testing.T) {
	ctx := in(lang.English)
	for _, p := range pages(ctx) {
		t.Run(p.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := p.at.Render(ctx, &b); err != nil {
				t.Fatal(err)
			}
			_, html, _ := strings.Cut(b.String(), "<main")
			html, _, _ = strings.Cut("<main"+html, "<footer")
			got := strings.ReplaceAll(html, "><", ">\n<") + "\n"
			file := filepath.Join("testdata", p.name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// write puts a whole page with its assets into -pages.
func write(t *testing.T, name string, html []byte) {
	t.Helper()
	if *into == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*into, name), html, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, a := range []string{"app.css", "app.js", "favicon.svg", "fonts/ahn-latin.woff2", "fonts/ahn-latin-ext.woff2", "fonts/ahm-latin.woff2"} {
		w := httptest.NewRecorder()
		static.Serve(w, httptest.NewRequest("GET", static.URL(a), nil))
		file := filepath.Join(*into, static.URL(a))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, w.Body.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

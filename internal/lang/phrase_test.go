package lang

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// names gives every value that a language's phrases ask for.
func names(s *speaker) []any {
	found := map[string]bool{}
	for _, f := range s.phrases {
		for _, p := range f {
			for i := 1; i < len(p); i += 2 {
				found[p[i]] = true
			}
		}
	}
	var args []any
	for i, name := range slices.Sorted(maps.Keys(found)) {
		if i%2 == 0 {
			args = append(args, name, "<"+name+">")
		} else {
			args = append(args, name, i)
		}
	}
	return args
}

// TestPhrasesAreWhatTheLibraryWouldSay compares every text of the catalogue
// with what the library makes of it.
func TestPhrasesAreWhatTheLibraryWouldSay(t *testing.T) {
	for tag, s := range speakers {
		if len(s.phrases) < 50 {
			t.Fatalf("%s has only %d phrases: is the catalogue read?", tag, len(s.phrases))
		}
		ctx, args := With(context.Background(), tag), names(s)
		for key := range s.phrases {
			for _, given := range [][]any{args, nil} {
				want := s.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values(given)}, key)
				if got := T(ctx, key, given...); got != want {
					t.Errorf("%s %s: %q, the library says %q", tag, key, got, want)
				}
			}
			for _, n := range []int64{-1, 0, 1, 2, 5, 11, 21, 100, 1001, 1_000_000, 10_000_001} {
				data := values(args)
				data["N"] = Number(ctx, n)
				want := s.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n}, key)
				if got := N(ctx, key, n, args...); got != want {
					t.Errorf("%s %s with %d: %q, the library says %q", tag, key, n, got, want)
				}
			}
		}
	}
}

func TestCutTakesPlainNamesOnly(t *testing.T) {
	for text, want := range map[string]bool{
		"Hello {{.Name}}, {{.N}} new": true, "{{.Name}}": true, "no braces": true, "": true,
		"{{if .Name}}x{{end}}": false, "{{.Name | printf}}": false, "{{ .Name }}": false, "{{.Name": false, "{{.A.B}}": false,
	} {
		if _, ok := cut(text); ok != want {
			t.Errorf("cut(%q) says %v, want %v", text, ok, want)
		}
	}
}

func BenchmarkT(b *testing.B) {
	ctx := context.Background()
	b.Run("phrase", func(b *testing.B) {
		for b.Loop() {
			T(ctx, "date.short", "Day", 3, "Month", "May")
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			speakers[English].localize(&i18n.LocalizeConfig{MessageID: "date.short", TemplateData: values([]any{"Day", 3, "Month", "May"})}, "date.short")
		}
	})
}

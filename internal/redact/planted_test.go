package redact_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// acquaintances are the people of the planted set.
func acquaintances() []redact.Person {
	return append(slices.Clone(others),
		redact.Person{Who: "mark", Names: []string{"Mark Will"}},
		redact.Person{Who: "jose", Names: []string{"José Luis Ramírez"}, Numbers: []string{"+34612345678"}},
		redact.Person{Who: "helene", Names: []string{"Hélène Dubois"}, Numbers: []string{"+33612345678"}},
		redact.Person{Who: "giulia", Names: []string{"Giulia Bianchi"}, Numbers: []string{"+393471234567"}},
		redact.Person{Who: "mehmet", Names: []string{"Mehmet Yılmaz"}, Numbers: []string{"+905321234567"}},
		redact.Person{Who: "kasia", Names: []string{"Katarzyna Nowakowska"}, Numbers: []string{"+48601234567"}},
		redact.Person{Who: "pieter", Names: []string{"Pieter van der Berg"}, Numbers: []string{"+31612345679"}},
		redact.Person{Who: "minsu", Names: []string{"김민수"}, Numbers: []string{"+821023456789"}},
		redact.Person{Who: "rahul", Names: []string{"राहुल शर्मा"}, Numbers: []string{"+919876543210"}},
		redact.Person{Who: "giorgos", Names: []string{"Γιώργος Παπαδόπουλος"}, Numbers: []string{"+306971234567"}},
		redact.Person{Who: "yossi", Names: []string{"יוסי כהן"}, Numbers: []string{"+972501234567"}},
	)
}

// planted is one message of the set.
type planted struct {
	file   string
	author redact.Author
	text   string
	items  []item
}

type item struct {
	class, kind string
	start, end  int
}

func readPlanted(t *testing.T) []planted {
	t.Helper()
	files, err := filepath.Glob("testdata/planted/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no planted messages", err)
	}
	var all []planted
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq("\n"+string(content), "\n# ") {
			head, body, ok := strings.Cut(part, "\n")
			if !ok {
				continue
			}
			m := planted{file: filepath.Base(file), author: map[string]redact.Author{"subject": redact.Subject, "other": redact.Other}[head]}
			for body = strings.TrimRight(body, "\n"); ; {
				before, rest, ok := strings.Cut(body, "⟦")
				m.text += before
				if !ok {
					break
				}
				label, after, ok := strings.Cut(rest, "⟧")
				what, value, ok2 := strings.Cut(label, "|")
				class, kind, ok3 := strings.Cut(what, " ")
				if !ok || !ok2 || !ok3 {
					t.Fatalf("%s: bad label %q", file, label)
				}
				m.items = append(m.items, item{class, kind, len(m.text), len(m.text) + len(value)})
				m.text += value
				body = after
			}
			all = append(all, m)
		}
	}
	return all
}

// cover says how a span of a text is marked: all of its letters and digits
// hidden, or at least suggested, or not.
func cover(text string, marks []redact.Mark, start, end int) (never, sure, marked bool) {
	never, sure, marked = true, true, true
	for i, c := range text[start:end] {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			continue
		}
		at := start + i
		m, ok := markAt(marks, at)
		never, sure, marked = never && ok && m.Never, sure && ok && m.Sure, marked && ok
	}
	return never, sure, marked
}

func markAt(marks []redact.Mark, at int) (redact.Mark, bool) {
	for _, m := range marks {
		if m.Start <= at && at < m.End {
			return m, true
		}
	}
	return redact.Mark{}, false
}

// TestPlanted measures what leaks and what is hidden too much. A known
// identifier that leaks fails it.
func TestPlanted(t *testing.T) {
	r := redact.New(subject, append(acquaintances(), crowd(500)...), "GB", "DE")
	type count struct{ all, hidden, asked, leaked int }
	known, unknown, never := count{}, map[string]*count{}, map[string]*count{}
	at := func(m map[string]*count, k string) *count {
		if m[k] == nil {
			m[k] = &count{}
		}
		return m[k]
	}
	var own, ownHidden, ownAsked, words, overHidden, overAsked, ambiguous, ambiguousFound, messages int
	for _, m := range readPlanted(t) {
		messages++
		marks := r.Marks(m.text, m.author)
		show := func(what string, i item) {
			t.Logf("%s: %s %q in %s", m.file, what, m.text[i.start:i.end], shown(m.text, marks))
		}
		for _, i := range m.items {
			n, sure, marked := cover(m.text, marks, i.start, i.end)
			switch i.class {
			case "k", "n":
				known.all++
				switch {
				case sure:
					known.hidden++
				case marked && i.class == "n":
					known.asked++
				default:
					known.leaked++
					show("KNOWN LEAKS", i)
					t.Fail()
				}
			case "a":
				ambiguous++
				if marked {
					ambiguousFound++
				}
			case "u":
				c := at(unknown, i.kind)
				c.all++
				switch {
				case sure:
					c.hidden++
				case marked:
					c.asked++
				default:
					c.leaked++
					show("unknown leaks", i)
				}
			case "x":
				c := at(never, i.kind)
				c.all++
				switch {
				case n:
					c.hidden++
				case sure || marked:
					c.asked++
					show("not never", i)
				default:
					c.leaked++
					show("secret leaks", i)
				}
			case "o":
				own++
				for _, c := range overlapping(marks, i.start, i.end) {
					if c.Sure {
						ownHidden++
						show("own hidden", i)
					} else {
						ownAsked++
						show("own asked", i)
					}
					break
				}
			default:
				t.Fatalf("%s: class %q", m.file, i.class)
			}
		}
		for _, w := range free(m) {
			words++
			over := overlapping(marks, w.start, w.end)
			if len(over) == 0 {
				continue
			}
			if over[0].Sure {
				overHidden++
				show("over-hidden "+string(over[0].Kind), w)
			} else {
				overAsked++
				show("over-asked "+string(over[0].Kind), w)
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d messages, %d words that are nobody's\n", messages, words)
	fmt.Fprintf(&out, "known identifiers: %d, hidden %d, suggested %d, leaked %d\n", known.all, known.hidden, known.asked, known.leaked)
	fmt.Fprintf(&out, "known names alone that are everyday words: %d, found %d\n", ambiguous, ambiguousFound)
	for _, group := range []struct {
		name string
		of   map[string]*count
	}{{"unknown", unknown}, {"never disclosed:", never}} {
		total := count{}
		for _, k := range redact.Kinds() {
			if c := group.of[string(k)]; c != nil {
				fmt.Fprintf(&out, "%s %s: %d, hidden %d, suggested %d, leaked %d\n", group.name, k, c.all, c.hidden, c.asked, c.leaked)
				total.all, total.hidden, total.asked, total.leaked = total.all+c.all, total.hidden+c.hidden, total.asked+c.asked, total.leaked+c.leaked
			}
		}
		fmt.Fprintf(&out, "%s all: %d, hidden %d, suggested %d, leaked %d\n", group.name, total.all, total.hidden, total.asked, total.leaked)
	}
	fmt.Fprintf(&out, "the subject's own: %d, hidden %d, suggested %d\n", own, ownHidden, ownAsked)
	fmt.Fprintf(&out, "words that are nobody's: %d, hidden %d (%.2f %%), suggested %d (%.2f %%)", words, overHidden, 100*float64(overHidden)/float64(words), overAsked, 100*float64(overAsked)/float64(words))
	t.Log("\n" + out.String())
}

func shown(text string, marks []redact.Mark) string {
	return fmt.Sprintf("%q", redact.Write(text, marks, func(m redact.Mark) string {
		open, end := "{", "}"
		if m.Sure {
			open, end = "[", "]"
		}
		return open + string(m.Kind) + ":" + text[m.Start:m.End] + end
	}))
}

func overlapping(marks []redact.Mark, start, end int) []redact.Mark {
	var out []redact.Mark
	for _, m := range marks {
		if m.Start < end && start < m.End {
			out = append(out, m)
		}
	}
	return out
}

// free lists the words of a message outside of its labels.
func free(m planted) []item {
	var out []item
	start := -1
	for i, c := range m.text + " " {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && !slices.ContainsFunc(m.items, func(l item) bool { return l.start < i && start < l.end }) {
			out = append(out, item{start: start, end: i})
		}
		start = -1
	}
	return out
}

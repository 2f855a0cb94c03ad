package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/export"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

func TestPackageListing(t *testing.T) {
	z, m, _ := write(t, sample())
	var list strings.Builder
	for _, e := range m.Files {
		fmt.Fprintf(&list, "%s rows=%d table=%s category=%s\n", e.Name, e.Rows, e.Table, e.Category)
	}
	fmt.Fprintf(&list, "missing=%v rows=%d\n", m.Missing, m.Rows)
	list.WriteString("\n")
	for _, f := range z.File {
		fmt.Fprintln(&list, f.Name, f.Modified.UTC().Format("2006-01-02 15:04"))
	}
	golden(t, "listing.txt", list.String())

	var inside export.Manifest
	text := read(t, z, "manifest.json")
	if err := json.Unmarshal([]byte(text), &inside); err != nil || !cmp.Equal(inside, m) {
		t.Errorf("manifest.json is not the manifest: %v\n%s", err, cmp.Diff(m, inside))
	}
	if z.File[len(z.File)-1].Name != "manifest.json" {
		t.Error("the manifest is not last")
	}
}

func TestTheSameContentsGiveTheSameBytes(t *testing.T) {
	_, _, a := write(t, sample())
	_, _, b := write(t, sample())
	if !bytes.Equal(a, b) {
		t.Error("two runs differ")
	}
}

func TestTableAsJSON(t *testing.T) {
	z, _, _ := write(t, sample())
	golden(t, "messages.json", read(t, z, "json/messages.json"))
	golden(t, "sessions.json", read(t, z, "json/sessions.json"))
}

func TestTableAsCSV(t *testing.T) {
	z, _, _ := write(t, sample())
	golden(t, "contacts.csv", read(t, z, "csv/contacts.csv"))
	golden(t, "delivery_events.csv", read(t, z, "csv/delivery_events.csv"))
	golden(t, "sessions.csv", read(t, z, "csv/sessions.csv"))
}

func TestPages(t *testing.T) {
	z, _, _ := write(t, sample())
	css := regexp.MustCompile(`(?s)<style>.*?</style>|sha256-[^ ]*;;?`) // tested below
	for _, name := range []string{"index.html", "letter.html", "read/messages-1.html", "read/contacts-1.html", "read/sessions-1.html"} {
		golden(t, strings.ReplaceAll(name, "/", "_"), css.ReplaceAllString(read(t, z, name), "…"))
	}
	golden(t, "README.txt", read(t, z, "README.txt"))
}

func TestPagesAskNothingOfTheNetwork(t *testing.T) {
	c := sample()
	c.Language = "de"
	z, _, _ := write(t, c)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".html") {
			continue
		}
		page := read(t, z, f.Name)
		s := style.FindStringSubmatch(page)
		if s == nil {
			t.Fatalf("%s has no style", f.Name)
		}
		sum := sha256.Sum256([]byte(s[1]))
		hash := strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
		if !strings.Contains(page, "style-src &#39;sha256-"+hash+"&#39;") {
			t.Errorf("%s: its policy does not let its style in", f.Name)
		}
		for _, bad := range []string{"<script", "http://", "https://", "//", "url(", "@import", " style=", " on", "<form", "<iframe", "⟦", "ZgotmplZ"} {
			text := strings.ReplaceAll(style.ReplaceAllString(page, ""), "&#43;", "")
			text = regexp.MustCompile(`sha256-[^ ;]*`).ReplaceAllString(text, "")
			if bad == " on" {
				if regexp.MustCompile(`<[^>]* on\w+=`).MatchString(text) {
					t.Errorf("%s has an event handler", f.Name)
				}
			} else if strings.Contains(text, bad) {
				t.Errorf("%s contains %q", f.Name, bad)
			}
		}
		if strings.Contains(s[1], "url(") || strings.Contains(s[1], "@import") {
			t.Errorf("%s: the style asks for something", f.Name)
		}
		if !strings.Contains(page, "default-src &#39;none&#39;") || !strings.Contains(page, `lang="de"`) {
			t.Errorf("%s: policy or language is missing", f.Name)
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	evil := `</td></table><script>alert(1)</script><img src=x onerror=alert(1)>"'&` + "\x00\x1b\u202e"
	c := sample()
	c.Operator, c.Ref = evil, evil
	c.Categories[0].Title, c.Categories[0].Purpose = en(evil), en(evil)
	c.Categories[0].ID = evil
	c.Tables = seq(
		export.Table{Name: evil, Title: en(evil), Category: evil, Columns: []export.Column{{Name: evil, Title: en(evil)}}, Rows: rows([]any{evil})},
		export.Table{Name: "messages", Title: en(evil), Category: evil, Columns: columns("direction", "body", "created_at"), Rows: rows([]any{evil, evil, evil})},
	)
	c.Files = seq(file(evil, "x"), gone(evil))
	z, _, b := write(t, c)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".html") {
			if page := read(t, z, f.Name); strings.Contains(page, "<script") || strings.Contains(page, "<img") {
				t.Errorf("%s: hostile text became markup", f.Name)
			}
		}
		if strings.ContainsAny(f.Name, "<>\"\x00\x1b\u202e") {
			t.Errorf("hostile name %q", f.Name)
		}
	}
	if r, err := export.Verify(source(b)); err != nil || !r.OK {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func TestLongTableHasManyPages(t *testing.T) {
	const n = 4001
	c := sample()
	c.Tables = seq(export.Table{Name: "events", Title: en("Events"), Category: "messages", Columns: columns("id:n"), Rows: numbers(n)})
	z, m, b := write(t, c)
	var perPage []int64
	for _, e := range m.Files {
		if strings.HasPrefix(e.Name, "read/") {
			perPage = append(perPage, e.Rows)
		}
	}
	if d := cmp.Diff([]int64{2000, 2000, 1}, perPage); d != "" {
		t.Error(d)
	}
	middle := read(t, z, "read/events-2.html")
	for _, link := range []string{`rel="prev" href="events-1.html"`, `rel="next" href="events-3.html"`, `href="../index.html"`, "<td>2001\n", "<td>4000\n"} {
		if !strings.Contains(middle, link) {
			t.Errorf("page 2 lacks %s", link)
		}
	}
	if last := read(t, z, "read/events-3.html"); strings.Contains(last, `rel="next"`) {
		t.Error("the last page has a next one")
	}
	if m.Rows != n {
		t.Errorf("%d rows", m.Rows)
	}
	if r, err := export.Verify(source(b)); err != nil || !r.OK || r.Rows != n {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func numbers(n int) iter.Seq2[export.Row, error] {
	return func(yield func(export.Row, error) bool) {
		for i := range n {
			if !yield(export.Row{fmt.Append(nil, i+1)}, nil) {
				return
			}
		}
	}
}

func TestOneTableInTwoRoles(t *testing.T) {
	c := sample()
	table := func(role string) export.Table {
		return export.Table{Name: "messages", Role: role, Category: "messages", Columns: columns("id:n"), Rows: numbers(2)}
	}
	confused := table("")
	confused.Name = "messages-author"
	c.Tables = seq(table("thread"), table("author"), confused)
	_, m, _ := write(t, c)
	var got []string
	for _, e := range m.Files {
		if strings.HasPrefix(e.Name, "json/") {
			got = append(got, e.Name)
		}
	}
	if d := cmp.Diff([]string{"json/messages.json", "json/messages-author.json", "json/messages-author-2.json"}, got); d != "" {
		t.Error(d)
	}
	if m.Rows != 6 {
		t.Errorf("%d rows, not 6", m.Rows)
	}
}

// Somebody who wrote nothing does not want to read "Messages, 0 records" below
// "Messages, 2 records".
func TestEmptyRolesAreNotListed(t *testing.T) {
	c := sample()
	table := func(name, role string, n int) export.Table {
		return export.Table{Name: name, Role: role, Title: en(name), Category: "messages", Columns: columns("id:n"), Rows: numbers(n)}
	}
	c.Tables = seq(table("letters", "thread", 2), table("letters", "author", 0), table("calls", "thread", 0), table("calls", "author", 0))
	z, m, _ := write(t, c)
	index := read(t, z, "index.html")
	for _, tt := range []struct {
		link string
		want bool
	}{{"json/letters.json", true}, {"json/letters-author.json", false}, {"json/calls.json", true}, {"json/calls-author.json", false}} {
		if got := strings.Contains(index, tt.link); got != tt.want {
			t.Errorf("%s listed: %t, not %t", tt.link, got, tt.want)
		}
		if !slices.ContainsFunc(m.Files, func(e export.Entry) bool { return e.Name == tt.link }) {
			t.Errorf("%s is not in the manifest", tt.link)
		}
	}
}

func TestPortablePackageHasNoLetter(t *testing.T) {
	c := sample()
	c.Portable = true
	z, _, _ := write(t, c)
	for _, f := range z.File {
		if f.Name == "letter.html" || strings.HasPrefix(f.Name, "read/") {
			t.Errorf("%s is in a portable package", f.Name)
		}
	}
	if index := read(t, z, "index.html"); strings.Contains(index, "letter.html") || strings.Contains(index, "read/") {
		t.Error("index.html links to what is not there")
	}
}

func TestNothingFound(t *testing.T) {
	c := sample()
	c.Tables, c.Files = nil, nil
	z, m, b := write(t, c)
	if m.Rows != 0 || !strings.Contains(read(t, z, "letter.html"), "found nothing about you") {
		t.Error("the letter does not say that nothing was found")
	}
	if r, err := export.Verify(source(b)); err != nil || !r.OK {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func TestWriteSaysWhatWentWrong(t *testing.T) {
	boom := errors.New("boom")
	failing := func(after int) iter.Seq2[export.Row, error] {
		return func(yield func(export.Row, error) bool) {
			for r, err := range numbers(after) {
				if !yield(r, err) {
					return
				}
			}
			yield(nil, boom)
		}
	}
	table := func(rows iter.Seq2[export.Row, error]) iter.Seq2[export.Table, error] {
		return seq(export.Table{Name: "t", Columns: columns("id:n"), Rows: rows})
	}
	for name, change := range map[string]func(*export.Contents){
		"the first row":       func(c *export.Contents) { c.Tables = table(failing(0)) },
		"a row in the middle": func(c *export.Contents) { c.Tables = table(failing(5000)) },
		"the list of tables": func(c *export.Contents) {
			c.Tables = func(yield func(export.Table, error) bool) { yield(export.Table{}, boom) }
		},
		"the list of files": func(c *export.Contents) {
			c.Files = func(yield func(export.File, error) bool) { yield(export.File{}, boom) }
		},
		"opening a file": func(c *export.Contents) {
			c.Files = seq(export.File{Name: "a", Open: func() (io.ReadCloser, error) {
				return nil, boom
			}})
		},
		"reading a file": func(c *export.Contents) {
			c.Files = seq(export.File{Name: "a", Open: func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader("x"), broken{boom})), nil
			}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := sample()
			change(&c)
			if _, err := export.Write(t.Context(), io.Discard, c); !errors.Is(err, boom) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a row of the wrong width", func(t *testing.T) {
		c := sample()
		c.Tables = table(rows([]any{1, 2}))
		if _, err := export.Write(t.Context(), io.Discard, c); err == nil {
			t.Error("nobody said so")
		}
	})
	t.Run("the disk is full", func(t *testing.T) {
		c := sample()
		c.Tables = table(numbers(200_000))
		if _, err := export.Write(t.Context(), &full{left: 100_000, err: boom}, c); !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		c := sample()
		c.Tables = table(func(yield func(export.Row, error) bool) {
			for r := range numbers(1 << 40) {
				if string(r[0]) == "3000" {
					cancel(boom)
				}
				if !yield(r, nil) {
					return
				}
			}
		})
		if _, err := export.Write(ctx, io.Discard, c); !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
	})
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

type full struct {
	left int
	err  error
}

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestNothingIsLeftInTheTempDir(t *testing.T) {
	c := sample()
	c.TempDir = t.TempDir()
	seen := -1
	c.Files = func(func(export.File, error) bool) {
		entries, _ := os.ReadDir(c.TempDir)
		seen = len(entries)
	}
	if _, err := export.Write(t.Context(), io.Discard, c); err != nil {
		t.Fatal(err)
	}
	if seen != 0 {
		t.Errorf("%d files have a name in the temporary folder while a package is made", seen)
	}
}

func FuzzFormsGiveBackWhatWasPutIn(f *testing.F) {
	for _, s := range []string{"", "plain", "=1+1", "-5", "+44", "@a", "\ta", "\rb", `say "hi"`, "a,b", "a;b", "line\nbreak", "\xff\xfe", " pad ", "'=x", "\u202e", "NaN", "1e5", "01", `{"a": [1, "\u0000"]}`, "2026-01-02 03:04:05.6+00", "infinity"} {
		f.Add(s, "x", byte(0))
		f.Add(s, "", byte(1))
		f.Add("x", s, byte(2))
	}
	f.Fuzz(func(t *testing.T, a, b string, kind byte) {
		c := sample()
		types := []export.ColumnType{export.Text, export.Number, export.Bool, export.JSON, export.Time}
		c.Tables = seq(export.Table{Name: "t", Columns: []export.Column{{Name: "a"}, {Name: "b", Type: types[int(kind)%len(types)]}, {Name: "c"}}, Rows: rows([]any{a, b, nil}, []any{b, a, ""})})
		c.Files = nil
		z, m, all := write(t, c)

		var back []struct {
			A, C *string
			B    any
		}
		text := read(t, z, "json/t.json")
		if err := json.Unmarshal([]byte(text), &back); err != nil || len(back) != 2 || !utf8.ValidString(text) {
			t.Fatalf("JSON: %v\n%s", err, text)
		}
		if want := strings.ToValidUTF8(a, ""); strings.ReplaceAll(*back[0].A, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("JSON gives %q for %q", *back[0].A, a)
		}
		if back[0].C != nil || back[1].C == nil || *back[1].C != "" {
			t.Error("JSON mixes NULL and empty text")
		}
		if got, ok := back[0].B.(string); ok && types[int(kind)%len(types)] == export.Text && utf8.ValidString(b) && got != b {
			t.Errorf("JSON gives %q for %q", got, b)
		}

		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(read(t, z, "csv/t.csv"), "\ufeff")))
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 3 {
			t.Fatalf("CSV: %d lines, %v", len(lines), err)
		}
		got := lines[1][0]
		if got != "" && strings.ContainsRune("=+-@\t\r\n", rune(got[0])) {
			t.Errorf("CSV cell %q runs as a formula", got)
		}
		want := strings.ReplaceAll(string(bytes.ToValidUTF8([]byte(a), []byte("\ufffd"))), "\r\n", "\n")
		if want != "" && strings.ContainsRune("=+-@\t\r\n", rune(a[0])) {
			want = strings.ReplaceAll("'"+string(bytes.ToValidUTF8([]byte(a), []byte("\ufffd"))), "\r\n", "\n")
		}
		if got != want {
			t.Errorf("CSV gives %q for %q", got, a)
		}
		if rep, err := export.Verify(source(all)); err != nil || !rep.OK || rep.Rows != m.Rows {
			t.Errorf("verify: %+v, %v", rep, err)
		}
	})
}

package datamap_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func small(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "small.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	t.Parallel()
	m, err := datamap.Parse("small.yaml", []byte(small(t)))
	if err != nil {
		t.Fatal(err)
	}
	note, _ := m.Table("note")
	if got, want := note.Paths[0], (datamap.Path{As: datamap.Author, From: datamap.Ref{Table: "member", Column: "no"}, To: "by_id",
		Through: []datamap.Role{datamap.Thread, datamap.Owner, datamap.Inherit}, When: []datamap.Condition{{Column: "by_type", In: []string{"member"}}}, Line: note.Paths[0].Line}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	member, _ := m.Table("member")
	if !member.Paths[0].Root || member.Paths[0].As != datamap.Owner {
		t.Errorf("the root table's own rows are not the owner's: %+v", member.Paths)
	}
	if g := m.Grounds["books"]; g.Period != (datamap.Period{Years: 2, Months: 6}) {
		t.Errorf("period: %+v", g.Period)
	}
	if c, _ := note.Column("body"); c.Group != datamap.Data || !c.Mentions || c.Title.In("de") != "Words" {
		t.Errorf("column: %+v", c)
	}
	if len(m.Hash()) != 64 {
		t.Errorf("hash: %q", m.Hash())
	}
}

// TestEveryMistakeIsNamed breaks the small map in one place each.
func TestEveryMistakeIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, old, new, want string }{
		{"an unknown key", "default_region: FR", "default_regoin: FR", `:5: store: unknown key "default_regoin"; expected one of default_region, engine, name, schema, shards, timestamps (did you mean "default_region"?)`},
		{"a key twice", "  name: Club\n", "  name: Club\n  name: Club\n", `:5: store: "name" stands here twice, first in line 4; remove one`},
		{"a wrong type", "by_type: member", "by_type: {a: b}", `expected one of not, of, when`},
		{"a missing key", "  name: Club\n", "", `store: "name" is missing; add it`},
		{"another version", "version: 1", "version: 7", `:1: version: expected 1, the only version there is`},
		{"an unknown role", "as: author", "as: auhtor", `expected one of other_person, thread, owner, inherit, author, addressee, about, named, found "auhtor" (did you mean "author"?)`},
		{"an unknown table", "from: member.no", "from: membre.no", `no table "membre" under tables; add it or correct the name (did you mean "member"?)`},
		{"an unknown column", "to: by_id", "to: by_ids", `the map gives the table note no column "by_ids"; put it into columns or a group (did you mean "by_id"?)`},
		{"an unknown category", "category: words", "category: wrods", `no category "wrods"`},
		{"an unknown ground", "ground: books", "ground: boks", `no ground "boks" under retention`},
		{"an unknown normaliser", "by: mail", "by: male", `no normaliser "male"`},
		{"a column in two places", "    none: [no]", "    none: [no, mail]", `the column mail stands here and in line`},
		{"a role without a rule", "      author: {do: keep", "      about: {do: keep", `no rule for the role author; add author: delete, or another`},
		{"a rule without a role", "    erase: {owner: delete}", "    erase: {owner: delete, named: delete}", `no path gives the role named`},
		{"keep without a ground", "{do: keep, ground: books, after: delete}", "{do: keep}", `keep needs a ground`},
		{"keep without an end", "{do: keep, ground: books, after: delete}", "{do: keep, ground: books}", `say what happens to rows whose time is over`},
		{"anonymise without words", "{do: keep, ground: books, after: delete}", "{do: anonymise}", `anonymise needs to know what to write`},
		{"a path of both sorts", "to: by_id, ", "to: by_id, find: mail, in: [body], ", `expected either from: table.column with to: column, or find: identifier with in: [columns]`},
		{"a wrong length of time", "for: 2y 6m", "for: 2 years", `expected a length such as 10y, 6m or 30d, found "2 years"`},
		{"a wrong region", "default_region: FR", "default_region: France", `expected two capital letters such as DE (ISO 3166), found "France"`},
		{"an alias", "ignore: {log: bookkeeping}", "ignore: &x {log: bookkeeping}\nextra: *x", `aliases (*x) are not read here; write the value out`},
		{"broken YAML", "version: 1", "version: [1", `this is not YAML`},
		{"two documents", "version: 1", "version: 1\n---\nversion: 1", `expected one document, found a second one`},
		{"a circle", "    reach:\n      - {as: author, ", "    reach:\n      - {as: thread, from: note.no, to: no}\n      - {as: author, ", `the paths go in a circle: note ← note`},
		{"ignored and mapped", "ignore: {log:", "ignore: {note: mistake, log:", `the table is also under ignore; remove one`},
		{"a pattern of no row", "mail: Address", "mail: {title: Address, correct: {type: email, pattern_from: {table: note, column: body}}}", `say which row holds the pattern: add on: {column there: column here}, or when:`},
		{"a pattern from nowhere", "mail: Address", "mail: {title: Address, correct: {type: email, pattern_from: {table: note, column: bodi, on: {by_id: no}}}}", `the map gives the table note no column "bodi"`},
		{"a pattern beside the places", "mail: Address", "mail: {title: Address, json: true, correct: {pattern: x, json: {a: {type: text}}}}", `a pattern goes with the place that it is about; move it below json:`},
		{"no English", "title: {en: Notes, fr: Notes}", "title: {fr: Notes}", `the English text is missing; add en: …`},
		{"a scalar file", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := "just words"
			want := ":1: map: expected a mapping (key: value), found the text \"just words\""
			if tt.old != "" {
				if !strings.Contains(small(t), tt.old) {
					t.Fatalf("the small map has no %q", tt.old)
				}
				src, want = strings.Replace(small(t), tt.old, tt.new, 1), tt.want
			}
			_, err := datamap.Parse("small.yaml", []byte(src))
			var p *datamap.Problems
			if !errors.As(err, &p) {
				t.Fatalf("got %v, expected *Problems", err)
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got:\n%s\nexpected in it:\n%s", err, want)
			}
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	src := strings.NewReplacer("default_region: FR", "default_region: France", "as: author", "as: auhtor", "for: 2y 6m", "for: long").Replace(small(t))
	_, err := datamap.Parse("small.yaml", []byte(src))
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d problems, expected 3:\n%s", n, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small(f)))
	f.Add([]byte("version: 1\nstore: {name: x}\ntables: {a: {columns: {b: null}}}"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("tables:\n  ? [x]\n  : y"))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := datamap.Parse("f.yaml", src)
		if (m == nil) == (err == nil) {
			t.Fatalf("map %v, error %v", m, err)
		}
		var p *datamap.Problems
		if err != nil && (!errors.As(err, &p) || len(p.List) == 0) {
			t.Fatalf("an error without a problem: %v", err)
		}
	})
}

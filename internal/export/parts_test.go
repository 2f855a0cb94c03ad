package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// stock is a store of numbered rows: table → how many. It reads behind marks, as
// the real one does.
type stock struct {
	tables []string // name, or name/role
	rows   map[string]int
	files  int // each row of the first table up to here names one
}

func (s stock) contents(from export.Position, l export.Limits) export.Contents {
	c := sample()
	c.Set, c.Limits, c.From = uuid.UUID{1}, l, from
	c.Tables, c.Files = s.read(from.Tables), s.attached(from.Files)
	return c
}

func after(marks []export.Mark, table, role string) int {
	for _, m := range marks {
		if m.Table == table && m.Role == role && m.Key != nil {
			n, _ := strconv.Atoi(m.Key[0])
			return n
		}
	}
	return 0
}

func (s stock) read(marks []export.Mark) iter.Seq2[export.Table, error] {
	return func(yield func(export.Table, error) bool) {
		for _, full := range s.tables {
			name, role, _ := strings.Cut(full, "/")
			at := after(marks, name, role)
			t := export.Table{Name: name, Role: role, Category: "messages", Columns: columns("id:n", "body"), Key: func() []string { return []string{strconv.Itoa(at)} }}
			t.Rows = func(yield func(export.Row, error) bool) {
				for at < s.rows[full] {
					at++
					if !yield(export.Row{fmt.Append(nil, at), []byte("words")}, nil) {
						return
					}
				}
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}

func (s stock) attached(marks []export.Mark) iter.Seq2[export.File, error] {
	return func(yield func(export.File, error) bool) {
		name, role, _ := strings.Cut(s.tables[0], "/")
		for n := after(marks, name, role) + 1; n <= s.files; n++ {
			for _, side := range []string{"front", "back"} {
				f := file(fmt.Sprintf("%s-%d.txt", side, n), side)
				f.Table, f.Role, f.Row = name, role, []string{strconv.Itoa(n)}
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// packed is one part as it was written.
type packed struct {
	manifest export.Manifest
	position export.Position
	zip      []byte
}

// pack writes at most so many parts.
func pack(t *testing.T, c export.Contents, most int) (out []packed) {
	t.Helper()
	c.TempDir = t.TempDir()
	p := export.NewPacker(c)
	defer p.Close()
	for range most {
		var b bytes.Buffer
		m, err := p.Part(t.Context(), &b)
		if err != nil {
			t.Fatal(err)
		}
		// A position has been through the database before anybody uses it.
		var at export.Position
		text, err := json.Marshal(p.Position())
		if err == nil {
			err = json.Unmarshal(text, &at)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, packed{m, at, b.Bytes()})
		if m.Last {
			break
		}
	}
	return out
}

func sources(parts []packed) (out []export.Source) {
	for _, p := range parts {
		s := source(p.zip)
		s.Name = fmt.Sprintf("part-%d.zip", p.manifest.Part)
		out = append(out, s)
	}
	return out
}

// holds looks whether parts have each row of the stock once, in order, and no
// file twice.
func (s stock) holds(t *testing.T, parts []packed) {
	t.Helper()
	report, err := export.Verify(sources(parts)...)
	if err != nil || !report.OK {
		t.Fatalf("Verify = %+v, %v", report, err)
	}
	ids, seen := map[string][]int{}, map[string]bool{}
	for _, p := range parts {
		z, err := zip.NewReader(bytes.NewReader(p.zip), int64(len(p.zip)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			own := !strings.Contains(f.Name, "/") || strings.HasPrefix(f.Name, "schema/")
			if seen[f.Name] && !own {
				t.Errorf("%s is in two parts", f.Name)
			}
			seen[f.Name] = true
			table, ok := strings.CutPrefix(f.Name, "json/")
			if !ok {
				continue
			}
			table, _, _ = strings.Cut(strings.TrimSuffix(table, ".json"), "-part-")
			var rows []struct{ ID int }
			if err := json.Unmarshal([]byte(read(t, z, f.Name)), &rows); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			for _, r := range rows {
				ids[table] = append(ids[table], r.ID)
			}
		}
	}
	total := int64(0)
	for _, full := range s.tables {
		name, role, _ := strings.Cut(full, "/")
		got := ids[name]
		if len(ids[name+"-"+role]) > 0 {
			got = ids[name+"-"+role]
		}
		if len(got) != s.rows[full] || !slices.IsSorted(got) || len(slices.Compact(got)) != s.rows[full] {
			t.Errorf("%s: %d rows in the parts, the stock has %d", full, len(got), s.rows[full])
		}
		total += int64(s.rows[full])
	}
	if report.Rows != total || parts[len(parts)-1].position.Rows() != total {
		t.Errorf("%d rows verified, %d in the position, %d on the stock", report.Rows, parts[len(parts)-1].position.Rows(), total)
	}
	attachments := 0
	for name := range seen {
		if strings.HasPrefix(name, "attachments/") {
			attachments++
		}
	}
	if attachments != 2*s.files {
		t.Errorf("%d attachments, not %d", attachments, 2*s.files)
	}
}

var wide = stock{tables: []string{"messages", "notes", "letters", "empty", "calls/thread"}, files: 9,
	rows: map[string]int{"messages": 3300, "notes": 700, "letters": 2, "calls/thread": 1501}}

func TestPackageInParts(t *testing.T) {
	t.Parallel()
	parts := pack(t, wide.contents(export.Position{}, export.Limits{Rows: 1000}), 99)
	if len(parts) != 6 {
		t.Errorf("%d parts, not 6", len(parts))
	}
	wide.holds(t, parts)
	for i, p := range parts {
		if m := p.manifest; m.Part != i+1 || m.Last != (i == len(parts)-1) {
			t.Errorf("part %d says that it is part %d, last %v", i+1, m.Part, m.Last)
		}
	}
}

func TestPackageInPartsBySize(t *testing.T) {
	t.Parallel()
	parts := pack(t, wide.contents(export.Position{}, export.Limits{Bytes: 8 << 10}), 99)
	if len(parts) < 3 {
		t.Errorf("%d parts", len(parts))
	}
	wide.holds(t, parts)
}

func TestOnePartIsNoSetOfParts(t *testing.T) {
	t.Parallel()
	parts := pack(t, wide.contents(export.Position{}, export.Limits{Rows: 1_000_000, Bytes: 200 << 20}), 99)
	if len(parts) != 1 || parts[0].manifest.Ranges != nil {
		t.Fatalf("%d parts, ranges %v", len(parts), parts[0].manifest.Ranges)
	}
	z, _ := zip.NewReader(bytes.NewReader(parts[0].zip), int64(len(parts[0].zip)))
	if text := read(t, z, "index.html") + read(t, z, "README.txt"); strings.Contains(text, "comes in parts") || strings.Contains(text, "several parts") {
		t.Error("a package of one ZIP speaks of parts")
	}
}

// Whoever packs may die after any part. Another one goes on with another
// snapshot, in which rows may have come.
func TestPackingGoesOnAfterAnyPart(t *testing.T) {
	t.Parallel()
	limits := export.Limits{Rows: 1000}
	whole := pack(t, wide.contents(export.Position{}, limits), 99)
	for died := range len(whole) - 1 {
		t.Run(fmt.Sprint(died+1), func(t *testing.T) {
			t.Parallel()
			first := pack(t, wide.contents(export.Position{}, limits), died+1)
			at := first[died].position
			second := pack(t, wide.contents(at, limits), 99)
			wide.holds(t, append(slices.Clone(first), second...))

			later := wide
			later.rows = map[string]int{"messages": 3300 + 5, "notes": 700, "letters": 4, "empty": 1, "calls/thread": 1501}
			more := pack(t, later.contents(at, limits), 99)
			later.holds(t, append(first, more...))
		})
	}
}

func TestTheLetterTellsOfAllParts(t *testing.T) {
	t.Parallel()
	limits := export.Limits{Rows: 1000}
	first := pack(t, wide.contents(export.Position{}, limits), 2)
	parts := append(first, pack(t, wide.contents(first[1].position, limits), 99)...)
	for i, p := range parts {
		z, _ := zip.NewReader(bytes.NewReader(p.zip), int64(len(p.zip)))
		index, last := read(t, z, "index.html"), i == len(parts)-1
		if letter := slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "letter.html" }); letter != last {
			t.Errorf("part %d of %d has a letter: %v", i+1, len(parts), letter)
		}
		if !strings.Contains(index, fmt.Sprintf("Part %d", i+1)) || strings.Contains(index, "found nothing about you") {
			t.Errorf("part %d does not say what it is, or that nothing was found:\n%s", i+1, index)
		}
		if last && !strings.Contains(read(t, z, "letter.html"), "5,503 records") {
			t.Errorf("the letter does not count all rows:\n%s", read(t, z, "letter.html"))
		}
	}
}

func TestVerifyKnowsWhichPartsAreMissing(t *testing.T) {
	t.Parallel()
	all := sources(pack(t, wide.contents(export.Position{}, export.Limits{Rows: 1000}), 99))
	other := wide.contents(export.Position{}, export.Limits{Rows: 1000})
	other.Set = uuid.UUID{2}
	strange := sources(pack(t, other, 99))
	moved := wide
	moved.rows = map[string]int{"messages": 3300, "notes": 701, "letters": 2, "calls/thread": 1501}
	another := sources(pack(t, moved.contents(export.Position{}, export.Limits{Rows: 1000}), 99))
	for _, tt := range []struct {
		name     string
		zips     []export.Source
		missing  []int
		problems int
	}{
		{"all, in any order", []export.Source{all[5], all[0], all[2], all[1], all[4], all[3]}, nil, 0},
		{"one alone", all[:1], []int{2}, 0},
		{"the last alone", all[5:], []int{1, 2, 3, 4, 5}, 0},
		{"one in the middle is not there", []export.Source{all[0], all[1], all[3], all[4], all[5]}, []int{3}, 0},
		{"the end is not there", all[:4], []int{5}, 0},
		{"one twice", []export.Source{all[0], all[1], all[1], all[2], all[3], all[4], all[5]}, nil, 1},
		{"one of another package", []export.Source{all[0], strange[1], all[2], all[3], all[4], all[5]}, []int{2}, 1},
		{"one of an attempt that was given up", []export.Source{all[0], all[1], all[2], another[3], all[4], all[5]}, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := export.Verify(tt.zips...)
			if err != nil || !slices.Equal(r.Missing, tt.missing) || len(r.Problems) != tt.problems {
				t.Fatalf("Verify = %+v, %v", r, err)
			}
			if r.OK != (tt.missing == nil && tt.problems == 0) {
				t.Errorf("OK is %v", r.OK)
			}
		})
	}
}

// What is packed goes by batches, whatever there is of it.
func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED by -short: packs 120,000 rows, which takes some seconds")
	}
	peak := func(n int) (most uint64) {
		c := big(n, t.TempDir())
		c.Limits = export.Limits{Rows: 10_000}
		tables := c.Tables
		c.Tables = func(yield func(export.Table, error) bool) {
			for t, err := range tables {
				t.Key = func() []string { return []string{"90000000"} }
				if !yield(t, err) {
					return
				}
			}
		}
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		c.Progress = func(int64) {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
		}
		p := export.NewPacker(c)
		defer p.Close()
		for last := false; !last; {
			m, err := p.Part(t.Context(), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			last = m.Last
		}
		if rows := p.Position().Rows(); rows != int64(n) {
			t.Fatalf("%d rows packed, not %d", rows, n)
		}
		return most
	}
	few := peak(20_000)
	many := peak(100_000)
	t.Logf("at most %d kB in use for 20,000 rows, %d kB for 100,000", few>>10, many>>10)
	if many > 2*few || many > 64<<20 { // garbage included, which comes and goes
		t.Errorf("%d MB for five times the rows, %d MB before", many>>20, few>>20)
	}
}

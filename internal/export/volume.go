package export

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/flate"
)

// volume is one ZIP of a package in the making.
type volume struct {
	p        *Packer
	zip      *zip.Writer
	size     *meterWriter
	made     time.Time
	names    names // of attachments
	manifest Manifest
	tables   []packedTable
	files    []packedFile
	more     int    // files beyond those that index.html lists
	masked   Masked // in this part and those before
}

type packedTable struct {
	title, category string
	table           string // its name in the store; the same for each role
	called          string // its name in the package
	rows            int64
	json, read      string
	csv             []string
}

type packedFile struct {
	name string
	size int64
}

// meterWriter counts what the forms write while somebody else asks.
type meterWriter struct {
	w io.Writer
	n atomic.Int64
}

func (m *meterWriter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.n.Add(int64(n))
	return n, err
}

func newVolume(p *Packer, w io.Writer) (*volume, error) {
	size := &meterWriter{w: w}
	made := p.c.Made.UTC().Truncate(time.Second)
	v := &volume{p: p, zip: zip.NewWriter(size), size: size, made: made, names: newNames(), manifest: Manifest{
		Version: 1, Ref: p.c.Ref, Set: p.c.Set, Part: p.at.Parts + 1, Previous: p.at.Previous, Made: made, Map: p.c.MapVersion, Files: []Entry{}}}
	deflater, err := flate.NewWriter(io.Discard, level)
	if err != nil {
		return nil, err
	}
	v.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		deflater.Reset(w) // one file is open at a time, so one is enough
		return deflater, nil
	})
	return v, nil
}

// full says whether the part has enough, with rows that are being written. One
// without any row or attachment never has.
func (v *volume) full(rows int64) bool {
	l := v.p.c.Limits
	if rows += v.manifest.Rows; rows == 0 && len(v.files) == 0 {
		return false
	}
	return l.Rows > 0 && rows >= l.Rows || l.Bytes > 0 && v.size.n.Load()+v.p.csv.size.Load()+v.p.html.size.Load() >= l.Bytes
}

// create starts a file right in the ZIP.
func (v *volume) create(e Entry) (*member, error) {
	w, err := v.zip.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: v.made})
	if err != nil {
		return nil, fmt.Errorf("add %s to the package: %w", e.Name, err)
	}
	return newMember(e, w, func(done *member) error {
		v.manifest.Files = append(v.manifest.Files, done.Entry)
		return nil
	}), nil
}

// add puts a whole file into the ZIP.
func (v *volume) add(e Entry, b []byte) error {
	m, err := v.create(e)
	if err != nil {
		return err
	}
	if _, err := m.Write(b); err != nil {
		return fmt.Errorf("add %s to the package: %w", e.Name, err)
	}
	return m.close()
}

// addTable packs rows of a table, as many as there are or fit, and moves its mark.
func (v *volume) addTable(ctx context.Context, s *stream, name string, m *Mark) (packed packedTable, more bool, err error) {
	t, c := s.table, v.p.c
	entry := func(file string) Entry { return Entry{Name: file, Category: t.Category, Table: name} }
	packed = packedTable{title: title(t.Title, t.Name, c.Language), category: t.Category, table: t.Name, called: name, json: numbered("json/"+name, m.JSON+1, ".json")}
	if c.Portable {
		if err := v.add(Entry{Name: "schema/" + name + ".schema.json", Category: t.Category}, schema(t, packed.title, c.Language)); err != nil {
			return packed, false, err
		}
	}
	file, err := v.create(entry(packed.json))
	if err != nil {
		return packed, false, err
	}
	csv := &csvForm{sink: &v.p.csv, columns: t.Columns, files: m.CSV, entry: func(n int) Entry { return entry(numbered("csv/"+name, n, ".csv")) }}
	forms := []form{newJSONForm(file, t.Columns), csv}
	pages := m.Pages
	if !c.Portable {
		read := newHTMLForm(v.p.page, &v.p.html, t, packed.title, pages, func(n int) Entry { return entry("read/" + pageName(name, n)) })
		forms = append(forms, read)
		packed.read = "read/" + pageName(name, pages+1)
		defer func() { m.Pages = read.view.Page }()
	}
	before := v.p.at.Rows()
	rows, key, more, err := fanOut(ctx, s, forms, func(rows int64) bool {
		if c.Progress != nil {
			c.Progress(before + rows)
		}
		return v.full(rows)
	}, c.Noted)
	if err != nil {
		return packed, false, err
	}
	for _, s := range []*spill{&v.p.csv, &v.p.html} {
		if err := s.join(v); err != nil {
			return packed, false, err
		}
	}
	if err := v.recount(name, rows); err != nil {
		return packed, false, err
	}
	for n := m.CSV; n < csv.files; n++ {
		packed.csv = append(packed.csv, numbered("csv/"+name, n+1, ".csv"))
	}
	packed.rows = rows
	v.tables = append(v.tables, packed)
	if rows > 0 {
		v.manifest.Ranges = append(v.manifest.Ranges, Range{Table: name, From: m.Rows + 1, To: m.Rows + rows})
		m.Key = key
	}
	v.manifest.Rows += rows
	m.Rows, m.JSON, m.CSV = m.Rows+rows, m.JSON+1, csv.files
	return packed, more, nil
}

// recount holds the rows that each form wrote against the rows that were read.
func (v *volume) recount(table string, want int64) error {
	got := map[string]int64{}
	for _, e := range slices.Backward(v.manifest.Files) {
		if e.Table != table {
			break // the files of one table stand together
		}
		got[path.Ext(e.Name)] += e.Rows
	}
	for form, n := range got {
		if n != want {
			return fmt.Errorf("table %s: %d rows were read, %d written as %s", table, want, n, form)
		}
	}
	return nil
}

// maxListed is how many attachments index.html names one by one.
const maxListed = 500

func (v *volume) addFile(f File, buf []byte) error {
	dir := "attachments"
	if v.manifest.Part > 1 { // no file covers another when people unpack all parts into one folder
		dir += "/part-" + strconv.Itoa(v.manifest.Part)
	}
	name := v.names.claim(dir, f.Name)
	r, err := f.Open()
	if errors.Is(err, fs.ErrNotExist) {
		v.manifest.Missing = append(v.manifest.Missing, name)
		v.p.at.Missing++
		return nil
	}
	if err != nil {
		return fmt.Errorf("open an attachment: %w", err)
	}
	defer r.Close()
	if f.Withhold {
		v.withhold(name, f, r)
		return nil
	}
	file, err := v.create(Entry{Name: name, Category: f.Category})
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(file, r, buf); err != nil {
		return fmt.Errorf("copy an attachment: %w", err)
	}
	if len(v.files) < maxListed {
		v.files = append(v.files, packedFile{name, file.Size})
	} else {
		v.more++
	}
	return file.close()
}

// withhold lists an attachment that somebody else sent. Its type is what its name
// says: nobody looks into it.
func (v *volume) withhold(name string, f File, r io.Reader) {
	one := Withheld{Name: name, Category: f.Category, Type: strings.ToUpper(strings.TrimPrefix(path.Ext(name), "."))}
	if sized, ok := r.(interface{ Size() int64 }); ok {
		one.Size = sized.Size()
	}
	v.manifest.Withheld = append(v.manifest.Withheld, one)
	v.p.at.Withheld++
}

// finish writes what people read first, last, for it tells the counts; then the
// manifest.
func (v *volume) finish() error {
	if v.p.c.Masked != nil {
		v.manifest.Masked, v.masked = v.p.c.Masked()
	}
	pages := []struct {
		name   string
		render func() ([]byte, error)
	}{{"index.html", v.index}, {"letter.html", v.letter}, {"README.txt", v.readme}}
	for _, page := range pages {
		if page.name == "letter.html" && !v.hasLetter() {
			continue
		}
		b, err := page.render()
		if err != nil {
			return fmt.Errorf("render %s: %w", page.name, err)
		}
		if err := v.add(Entry{Name: page.name}, b); err != nil {
			return err
		}
	}
	w, err := v.zip.CreateHeader(&zip.FileHeader{Name: manifestName, Method: zip.Deflate, Modified: v.made})
	if err == nil {
		_, err = w.Write(v.manifest.encode())
	}
	if err != nil {
		return fmt.Errorf("add the manifest to the package: %w", err)
	}
	if err := v.zip.Close(); err != nil {
		return fmt.Errorf("finish the package: %w", err)
	}
	return nil
}

// hasLetter: only the last part knows all that the letter tells.
func (v *volume) hasLetter() bool { return v.manifest.Last && !v.p.c.Portable }

package export

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

const manifestName = "manifest.json"

// Write streams one package into w: every table as JSON, CSV and pages to read,
// the attachments, index.html, the letter, and manifest.json last. Memory does
// not grow with the rows. Every row that was read is in the package and in the
// manifest; if anything cannot be read or written Write says so, and what is in
// w then is no package.
func Write(ctx context.Context, w io.Writer, c Contents) (Manifest, error) {
	ctx = lang.With(ctx, lang.Tag(c.Language))
	p := &packer{
		c: c, zip: zip.NewWriter(w), made: c.Made.UTC().Truncate(time.Second), names: newNames(), page: newPage(ctx, c),
		manifest: Manifest{Version: 1, Ref: c.Ref, Made: c.Made.UTC().Truncate(time.Second), Map: c.MapVersion, Files: []Entry{}},
		csv:      spill{dir: c.TempDir}, html: spill{dir: c.TempDir},
	}
	defer p.csv.close()
	defer p.html.close()
	var deflater *flate.Writer
	p.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (_ io.WriteCloser, err error) {
		if deflater == nil { // one file is open at a time, so one is enough
			deflater, err = flate.NewWriter(w, level)
			return deflater, err
		}
		deflater.Reset(w)
		return deflater, nil
	})
	for _, step := range []func(context.Context) error{p.addTables, p.addFiles, p.addPages, p.addManifest} {
		if err := step(ctx); err != nil {
			return Manifest{}, err
		}
	}
	if err := p.zip.Close(); err != nil {
		return Manifest{}, fmt.Errorf("finish the package: %w", err)
	}
	return p.manifest, nil
}

// packer is one package in the making.
type packer struct {
	c         Contents
	page      page
	zip       *zip.Writer
	made      time.Time
	names     names
	manifest  Manifest
	csv, html spill
	tables    []packedTable
	files     []packedFile
	more      int // files beyond those that index.html lists
}

type packedTable struct {
	title, category string
	table           string // its name in the store; the same for each role
	rows            int64
	json, read      string
	csv             []string
}

type packedFile struct {
	name string
	size int64
}

// create starts a file right in the ZIP.
func (p *packer) create(e Entry) (*part, error) {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: p.made})
	if err != nil {
		return nil, fmt.Errorf("add %s to the package: %w", e.Name, err)
	}
	return newPart(e, w, func(done *part) error {
		p.manifest.Files = append(p.manifest.Files, done.Entry)
		return nil
	}), nil
}

func (p *packer) addTables(ctx context.Context) error {
	if p.c.Tables == nil {
		return nil
	}
	for t, err := range p.c.Tables {
		if err != nil {
			return fmt.Errorf("read the tables: %w", err)
		}
		if err := p.addTable(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) addTable(ctx context.Context, t Table) error {
	name := strings.NewReplacer("/", "_", `\`, "_").Replace(t.Name)
	if p.names.files[fold("json/"+safeSegment(name+".json"))] && t.Role != "" {
		name += "-" + t.Role // one table may come once for each role
	}
	file := p.names.claim("json", name+".json")
	name = file[len("json/") : len(file)-len(".json")]
	entry := func(file string) Entry { return Entry{Name: file, Category: t.Category, Table: name} }

	part, err := p.create(entry(file))
	if err != nil {
		return err
	}
	csv := &csvForm{sink: &p.csv, columns: t.Columns, entry: func(n int) Entry { return entry(numbered("csv/"+name, n, ".csv")) }}
	forms := []form{newJSONForm(part, t.Columns), csv}
	packed := packedTable{title: title(t.Title, t.Name, p.c.Language), category: t.Category, table: t.Name, json: file}
	if !p.c.Portable {
		read := newHTMLForm(p.page, &p.html, t, packed.title, func(n int) Entry { return entry("read/" + pageName(name, n)) })
		forms = append(forms, read)
		packed.read = "read/" + pageName(name, 1)
	}
	if packed.rows, err = fanOut(ctx, t, forms); err != nil {
		return err
	}
	for _, s := range []*spill{&p.csv, &p.html} {
		if err := s.join(p); err != nil {
			return err
		}
	}
	if err := p.recount(name, packed.rows); err != nil {
		return err
	}
	for n := range csv.files {
		packed.csv = append(packed.csv, numbered("csv/"+name, n+1, ".csv"))
	}
	p.tables = append(p.tables, packed)
	p.manifest.Rows += packed.rows
	return nil
}

// recount holds the rows that each form wrote against the rows that were read.
func (p *packer) recount(table string, want int64) error {
	got := map[string]int64{}
	for _, e := range slices.Backward(p.manifest.Files) {
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

func numbered(name string, n int, ext string) string {
	if n == 1 {
		return name + ext
	}
	return name + "-part-" + strconv.Itoa(n) + ext
}

func title(t datamap.Text, name, language string) string {
	if s := t.In(language); s != "" {
		return s
	}
	return name
}

// maxListed is how many attachments index.html names one by one.
const maxListed = 500

func (p *packer) addFiles(ctx context.Context) error {
	if p.c.Files == nil {
		return nil
	}
	buf := make([]byte, 64<<10)
	for f, err := range p.c.Files {
		if err != nil {
			return fmt.Errorf("read the attachments: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := p.addFile(f, buf); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) addFile(f File, buf []byte) error {
	name := p.names.claim("attachments", f.Name)
	r, err := f.Open()
	if errors.Is(err, fs.ErrNotExist) {
		p.manifest.Missing = append(p.manifest.Missing, name)
		return nil
	}
	if err != nil {
		return fmt.Errorf("open an attachment: %w", err)
	}
	defer r.Close()
	part, err := p.create(Entry{Name: name, Category: f.Category})
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(part, r, buf); err != nil {
		return fmt.Errorf("copy an attachment: %w", err)
	}
	if len(p.files) < maxListed {
		p.files = append(p.files, packedFile{name, part.Size})
	} else {
		p.more++
	}
	return part.close()
}

// addPages writes what people read first, last: it tells the counts.
func (p *packer) addPages(context.Context) error {
	pages := []struct {
		name   string
		render func() ([]byte, error)
	}{{"index.html", p.index}, {"letter.html", p.letter}, {"README.txt", p.readme}}
	for _, page := range pages {
		if p.c.Portable && page.name == "letter.html" {
			continue
		}
		b, err := page.render()
		if err != nil {
			return fmt.Errorf("render %s: %w", page.name, err)
		}
		part, err := p.create(Entry{Name: page.name})
		if err != nil {
			return err
		}
		if _, err := part.Write(b); err != nil {
			return fmt.Errorf("add %s to the package: %w", page.name, err)
		}
		if err := part.close(); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) addManifest(context.Context) error {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: manifestName, Method: zip.Deflate, Modified: p.made})
	if err == nil {
		_, err = w.Write(p.manifest.encode())
	}
	if err != nil {
		return fmt.Errorf("add the manifest to the package: %w", err)
	}
	return nil
}

// encode gives the bytes of manifest.json.
func (m Manifest) encode() []byte {
	var b bytes.Buffer
	m.Made = m.Made.UTC() // the zone of a database must not change the bytes
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic(err) // strings, numbers and a time always encode
	}
	return b.Bytes()
}

package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

const manifestName = "manifest.json"

// Write streams one package into w, as one ZIP whatever its size: see Packer.
func Write(ctx context.Context, w io.Writer, c Contents) (Manifest, error) {
	c.Limits = Limits{}
	p := NewPacker(c)
	defer p.Close()
	return p.Part(ctx, w)
}

// Packer writes a package part by part: every table as JSON, CSV and pages to
// read, the attachments, index.html, the letter in the last part, and in each
// part manifest.json last. Memory does not grow with the rows. Every row that
// was read is in the package and in a manifest; if anything cannot be read or
// written Part says so, and what was written then is no part.
type Packer struct {
	c         Contents
	page      page
	names     names             // of the tables, the same in every part
	called    map[string]string // table and role → name of its files
	at        Position
	csv, html spill
	all       []packedTable // of every part; an earlier packer's as well

	tables func() (Table, error, bool)
	files  func() (File, error, bool)
	stop   []func()
	open   *stream // the table whose rows come next
	file   *File   // the attachment that comes next
}

// NewPacker begins a package, or goes on with it at c.From. Close it.
func NewPacker(c Contents) *Packer {
	p := &Packer{c: c, names: newNames(), called: map[string]string{}, at: c.From.clone(), csv: spill{dir: c.TempDir}, html: spill{dir: c.TempDir}}
	p.page = newPage(lang.With(context.Background(), lang.Tag(c.Language)), c)
	p.tables, p.stop = pull(c.Tables, p.stop)
	p.files, p.stop = pull(c.Files, p.stop)
	return p
}

func pull[T any](all iter.Seq2[T, error], stop []func()) (func() (T, error, bool), []func()) {
	if all == nil {
		all = func(func(T, error) bool) {}
	}
	next, end := iter.Pull2(all)
	return next, append(stop, end)
}

// Close lets go of what was being read. The position stays as it was.
func (p *Packer) Close() {
	if p.open != nil {
		p.open.stop()
	}
	for _, stop := range p.stop {
		stop()
	}
	p.csv.close()
	p.html.close()
}

// Position is where the next part begins, after one that was written.
func (p *Packer) Position() Position { return p.at.clone() }

// Part writes the next part of the package into w. Its manifest says whether it
// is the last.
func (p *Packer) Part(ctx context.Context, w io.Writer) (Manifest, error) {
	v, err := newVolume(p, w)
	if err != nil {
		return Manifest{}, err
	}
	more, err := p.fill(lang.With(ctx, lang.Tag(p.c.Language)), v)
	if err != nil {
		return Manifest{}, err
	}
	v.manifest.Last = !more
	if p.at.Parts == 0 && !more {
		v.manifest.Ranges = nil // all rows of everything: nothing to tell
	}
	if err := v.finish(); err != nil {
		return Manifest{}, err
	}
	p.at.Parts++
	sum := sha256.Sum256(v.manifest.encode())
	p.at.Previous = hex.EncodeToString(sum[:])
	return v.manifest, nil
}

// fill packs tables, then attachments, until the part is full; more says that
// something is left.
func (p *Packer) fill(ctx context.Context, v *volume) (more bool, err error) {
	for {
		if p.open == nil {
			t, err, ok := p.tables()
			if err != nil {
				return false, fmt.Errorf("read the tables: %w", err)
			}
			if !ok {
				return p.fillFiles(ctx, v)
			}
			if p.open, err = newStream(t); err != nil {
				return false, err
			}
		}
		more, err := p.fillTable(ctx, v)
		if more || err != nil {
			return more, err
		}
		p.open.stop()
		p.open = nil
	}
}

// fillTable packs what is left of the open table.
func (p *Packer) fillTable(ctx context.Context, v *volume) (more bool, err error) {
	t := p.open.table
	m, known := mark(&p.at.Tables, t.Name, t.Role)
	name := p.nameOf(t)
	ahead, err := p.open.peek()
	if err != nil {
		return false, err
	}
	if ahead == nil && known {
		p.tell(packedTable{category: t.Category, table: t.Name, called: name, rows: m.Rows})
		return false, nil // all of it is in earlier parts
	}
	if ahead != nil && v.full(0) {
		if !known {
			p.at.Tables = p.at.Tables[:len(p.at.Tables)-1] // not begun
		}
		return true, nil
	}
	packed, more, err := v.addTable(ctx, p.open, name, m)
	if err != nil {
		return false, err
	}
	packed.rows = m.Rows
	p.tell(packed)
	return more, nil
}

// tell keeps what the letter tells of a table, once for all its parts.
func (p *Packer) tell(t packedTable) {
	i := slices.IndexFunc(p.all, func(o packedTable) bool { return o.called == t.called })
	if i < 0 {
		p.all = append(p.all, t)
		return
	}
	p.all[i].rows = t.rows
}

// nameOf gives a table's files a name that is the same in every part, however
// many processes write them.
func (p *Packer) nameOf(t Table) string {
	key := t.Name + "\x00" + t.Role
	if name, ok := p.called[key]; ok {
		return name
	}
	name := strings.NewReplacer("/", "_", `\`, "_").Replace(t.Name)
	if p.names.files[fold("json/"+safeSegment(name+".json"))] && t.Role != "" {
		name += "-" + t.Role // one table may come once for each role
	}
	file := p.names.claim("json", name+".json")
	p.called[key] = file[len("json/") : len(file)-len(".json")]
	return p.called[key]
}

// fillFiles packs attachments. A part ends between two rows, so that the mark of
// a row stands for all its attachments.
func (p *Packer) fillFiles(ctx context.Context, v *volume) (more bool, err error) {
	buf := make([]byte, 64<<10)
	for {
		if p.file == nil {
			f, err, ok := p.files()
			if err != nil {
				return false, fmt.Errorf("read the attachments: %w", err)
			}
			if !ok {
				return false, nil
			}
			p.file = &f
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		m, known := mark(&p.at.Files, p.file.Table, p.file.Role)
		if v.full(0) && !slices.Equal(m.Key, p.file.Row) {
			if !known {
				p.at.Files = p.at.Files[:len(p.at.Files)-1]
			}
			return true, nil
		}
		if err := v.addFile(*p.file, buf); err != nil {
			return false, err
		}
		m.Key, m.Rows = p.file.Row, m.Rows+1
		p.file = nil
	}
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

// encode gives the bytes of manifest.json.
func (m Manifest) encode() []byte {
	m.Made = m.Made.UTC() // the zone of a database must not change the bytes
	return indented(m)
}

package jobs

import (
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// Contents is what a package holds of a snapshot, still without the facts of a
// request. Without objects it has the rows and not the files. What is packed
// before from is not read again.
func Contents(snap *connector.Snapshot, m *datamap.Map, objects *connector.Objects, from export.Position) export.Contents {
	return veiled(snap, m, objects, from, nil)
}

// veiled is Contents behind a veil, if there is one.
func veiled(snap *connector.Snapshot, m *datamap.Map, objects *connector.Objects, from export.Position, v *veil) export.Contents {
	c := export.Contents{MapVersion: m.Hash(), Categories: m.Categories, From: from,
		Tables: tables(snap, marks(from.Tables), v), Files: files(snap, m, objects, marks(from.Files), v)}
	if v != nil {
		c.Noted, c.Masked = v.noted, v.masked
	}
	return c
}

// leftOut says what the package does not show of the tables that have rows:
// secrets, other people's identities, other people's words.
func leftOut(m *datamap.Map, found *connector.Found) []export.Omission {
	rows := map[string]int64{} // by sort of omission
	for _, f := range found.Tables {
		t, ok := m.Table(f.Table)
		if !ok || f.Rows == 0 {
			continue
		}
		has := func(g datamap.Group) bool {
			return slices.ContainsFunc(t.Columns, func(c datamap.Column) bool { return c.Group == g })
		}
		if has(datamap.Secret) {
			rows["secret"] += f.Rows
		}
		if has(datamap.Staff) {
			rows["staff"] += f.Rows
		}
		if slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return string(p.As) == f.Role && p.Withhold }) {
			rows["others"] += f.Rows
		}
	}
	var out []export.Omission
	for _, sort := range []string{"secret", "staff", "others"} {
		if n := rows[sort]; n > 0 {
			out = append(out, export.Omission{What: inAll("package.omitted." + sort), Why: inAll("package.omitted." + sort + ".why"), Rows: n})
		}
	}
	return out
}

// refused says which categories were found and are not in the package, because
// staff refused them.
func refused(m *datamap.Map, found *connector.Found, c privacy.Chosen) (out []export.Omission) {
	for _, x := range c.Spared() {
		var rows int64
		for _, f := range found.Tables {
			if f.Category == x.Category() && !f.Withheld {
				rows += f.Rows
			}
		}
		title := datamap.Text{"en": x.Category()}
		if category, ok := m.Category(x.Category()); ok {
			title = category.Title
		}
		why := inAll("law.refusal." + x.Code)
		for tag := range why {
			why[tag] += ": " + x.Words
		}
		out = append(out, export.Omission{What: title, Why: why, Rows: rows})
	}
	return out
}

// inAll gives a sentence of the catalogue in every language.
func inAll(key string) datamap.Text {
	text := datamap.Text{}
	for _, l := range lang.Supported {
		text[string(l)] = lang.In(l, key)
	}
	return text
}

// columnType says how the package writes what the store calls by its own name.
var columnType = map[connector.Kind]export.ColumnType{
	connector.KindText: export.Text, connector.KindNumber: export.Number, connector.KindBool: export.Bool,
	connector.KindJSON: export.JSON, connector.KindTime: export.Time,
}

// tables hands the snapshot's streams to the package, one by one.
func tables(snap *connector.Snapshot, after []connector.Mark, v *veil) iter.Seq2[export.Table, error] {
	return func(yield func(export.Table, error) bool) {
		for t, err := range snap.Tables(after...) {
			out := export.Table{Name: t.Name, Title: t.Title, Category: t.Category, Role: t.Role, Key: t.Key}
			for _, c := range t.Columns {
				out.Columns = append(out.Columns, export.Column{Name: c.Name, Title: c.Title, Type: columnType[c.Kind]})
			}
			hide, note := func(export.Row) []byte { return nil }, []byte(nil)
			if v != nil && err == nil {
				hide, out.Note = v.over(&t), func() []byte { return note }
			}
			out.Rows = func(yield func(export.Row, error) bool) {
				for row, err := range t.Rows {
					if err == nil {
						note = hide(row)
					}
					if v != nil && v.failure != nil {
						err = v.failure
					}
					if !yield(row, err) {
						return
					}
				}
			}
			if !yield(out, err) {
				return
			}
		}
	}
}

// files hands over the attachments that the snapshot's rows name; none where
// the store has no object storage.
func files(snap *connector.Snapshot, m *datamap.Map, objects *connector.Objects, after []connector.Mark, v *veil) iter.Seq2[export.File, error] {
	return func(yield func(export.File, error) bool) {
		if objects == nil {
			return
		}
		for f, err := range snap.Files(after...) {
			out := export.File{Table: f.Table, Role: f.Role, Row: f.Row, Name: f.Name, Category: category(m, strings.TrimPrefix(f.Table, f.Store+".")), Open: func() (io.ReadCloser, error) { return snap.OpenFile(objects, f) }}
			if v != nil && err == nil {
				v.file(f, &out)
			}
			if !yield(out, err) {
				return
			}
		}
	}
}

func category(m *datamap.Map, table string) string {
	t, ok := m.Table(table)
	if !ok {
		return ""
	}
	return t.Category
}

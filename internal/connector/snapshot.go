package connector

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Redacted stands where another person's identity was.
const Redacted = "[redacted]"

// Kind says how the text form of a column is to be read.
type Kind int

const (
	KindText   Kind = iota // any text; numbers with a fraction too, exact as they are
	KindNumber             // a whole number
	KindBool               // t or f
	KindJSON               // a JSON value
	KindTime               // 2026-01-31 09:05:00.123456+00, always in UTC
)

// Column is one column of the rows.
type Column struct {
	Name  string
	Title datamap.Text
	Kind  Kind
	Group datamap.Group
	Free  bool // text that people wrote, which may speak of anybody
}

// TableRows streams what one table holds of the subject in one role. Values are
// in PostgreSQL's text form, nil for NULL; a row is valid until the next.
type TableRows struct {
	Name     string
	Title    datamap.Text
	Category string
	Role     string
	Columns  []Column
	Rows     iter.Seq2[[][]byte, error]
	Key      func() []string // of the row that Rows gave last
	Talk     func() Talk     // of the same row
}

// File is one attachment: its name as the store tells it and the column with it,
// its key there, the key of the row that names it, and where that row stands.
type File struct {
	Store  string
	Table  string
	Role   string
	Name   string // "" where the column with it does not leave the store
	Column string
	Place  string // name of its object storage, "" where there is one only
	Key    string
	Row    []string
	Talk   Talk
}

// Snapshot reads a subject's rows, all from one moment. Close it.
type Snapshot struct {
	s     *Store
	ctx   context.Context // of the transaction, which is what a Snapshot is
	tx    pgx.Tx
	c     *catalog
	roots *roots

	portability bool
	without     []datamap.Spare                // categories that are left out
	stand       func(table, key string) string // for other people; nil: Redacted

	fleet *Fleet      // of several databases …
	parts []*Snapshot // … each one's
}

// Snapshot begins to read what was found.
func (s *Store) Snapshot(ctx context.Context, f *Found) (*Snapshot, error) {
	tx, err := s.beginReading(ctx, 0) // a large table streams for as long as its reader takes
	if err != nil {
		return nil, err
	}
	c, err := loadCatalog(ctx, tx, s.m.Store.Schema)
	if err == nil {
		err = broken(s.check(c))
	}
	if err == nil {
		err = f.roots.plannedForMany(ctx, tx)
	}
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx)) // the first error says more
		return nil, err
	}
	return &Snapshot{s: s, ctx: ctx, tx: tx, c: c, roots: f.roots}, nil
}

// Portable narrows the snapshot to what the person provided or what was observed
// of them, which is all that a portability request takes along.
func (n *Snapshot) Portable() *Snapshot {
	narrow := *n
	narrow.portability, narrow.parts = true, nil
	for _, p := range n.parts {
		narrow.parts = append(narrow.parts, p.Portable())
	}
	return &narrow
}

// Close ends the snapshot.
func (n *Snapshot) Close() {
	for _, p := range n.parts {
		p.Close()
	}
	if n.tx != nil {
		_ = n.tx.Rollback(context.WithoutCancel(n.ctx)) // it changed nothing
	}
}

// Plan says what a kind of request would do to the rows of this moment.
func (n *Snapshot) Plan(kind string) (datamap.Plan, error) {
	if n.fleet != nil {
		return n.fleet.snapshotPlan(n, kind)
	}
	plan, _, err := n.s.plan(n.ctx, n.tx, n.c, n.roots, Ask{Kind: kind, Spares: n.without}, n.s.today())
	return plan, err
}

// Tables yields every table and role in which the subject may have rows, in the
// map's order. Read one's rows, or leave them, before you ask for the next.
// Columns that the map calls secret are not there; other people's identities
// are redacted; rows whose path says withhold are left out. Rows come in the
// order of their key, and where a mark says how far they were read, from there.
func (n *Snapshot) Tables(after ...Mark) iter.Seq2[TableRows, error] {
	if n.fleet != nil {
		return ofFleet(n, func(p *Snapshot, name string) iter.Seq2[TableRows, error] { return p.Tables(marksOf(after, name)...) },
			func(t *TableRows, name string) {
				talk := t.Talk
				t.Name = name + "." + t.Name
				t.Talk = func() Talk { one := talk(); one.Conversation = name + "." + one.Conversation; return one }
			})
	}
	return func(yield func(TableRows, error) bool) {
		for _, t := range n.s.m.Tables {
			for _, role := range n.s.rolesOf(t, n.roots.Who.Organization) {
				if role == "" || !handsOut(t, role, n.portability) || spared(n.without, t.Category) {
					continue
				}
				if !yield(n.table(t, role, after), nil) {
					return
				}
			}
		}
	}
}

// leaves gives a column of a table if it is in what is handed out.
func (n *Snapshot) leaves(t *datamap.Table, name string) (datamap.Column, bool) {
	col, ok := t.Column(name)
	return col, ok && col.Group != datamap.Secret && col.Group != datamap.Derived && (!n.portability || portable(t, col))
}

func withheld(t *datamap.Table, role datamap.Role) bool {
	return slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.As == role && p.Withhold })
}

func (n *Snapshot) table(t *datamap.Table, role datamap.Role, after []Mark) TableRows {
	out := TableRows{Name: t.Name, Title: t.Title, Category: t.Category, Role: string(role)}
	q := n.s.query(n.c, n.roots)
	var selected []string
	reshape := map[int]func([]byte) []byte{}
	for _, name := range n.c.tables[t.Name].order {
		col, ok := n.leaves(t, name)
		if !ok {
			continue
		}
		expression, kind := q.exported(t, col, role)
		switch change := n.reshape(q, t, col, role); {
		case hidden(col, role) && col.Group == datamap.Staff && n.stand != nil:
			expression, reshape[len(selected)] = ident("t", name)+"::text", n.standIn(q, t, col)
		case change != nil && !hidden(col, role):
			reshape[len(selected)] = change
		}
		title := col.Title
		if len(title) == 0 {
			title = datamap.Text{"en": name}
		}
		free := (col.Mentions || col.Review || fileName(t, name)) && !hidden(col, role)
		out.Columns = append(out.Columns, Column{Name: name, Title: title, Kind: kind, Group: col.Group, Free: free})
		selected = append(selected, expression)
	}
	width, reshaped := len(selected), slices.Sorted(maps.Keys(reshape))
	sql := q.export(t, role, append(selected, q.talk(t, role)...), n.behind(q, t, role, after))
	var cells [][]byte
	out.Key = func() []string {
		key := make([]string, 0, len(cells)-width-talkCells)
		for _, cell := range cells[width+talkCells:] {
			key = append(key, string(cell))
		}
		return key
	}
	joined := q.conversation(t)
	out.Talk = func() Talk { return talkOf(joined, cells[width:]) }
	out.Rows = func(yield func([][]byte, error) bool) {
		rows, err := n.tx.Query(n.ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, q.args...)...)
		if err != nil {
			yield(nil, fmt.Errorf("read %s: %w", t.Name, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			cells = rows.RawValues()
			for _, i := range reshaped { // in their order: who is met first is called the first
				cells[i] = reshape[i](cells[i])
			}
			if !yield(cells[:width], nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read %s: %w", t.Name, err))
		}
	}
	return out
}

// fileName says whether a column has the names that people gave to their files.
func fileName(t *datamap.Table, column string) bool {
	return slices.ContainsFunc(t.Objects, func(o datamap.Object) bool { return o.Name == column })
}

// export selects a role's rows in the order of their key, and the key with them.
func (q *query) export(t *datamap.Table, role datamap.Role, columns []string, narrow string) string {
	var order, keys []string
	for i, k := range q.c.key(t) {
		keys = append(keys, fmt.Sprintf("%s AS o%d", ident("t", k), i))
		order = append(order, fmt.Sprintf("o%d", i))
	}
	rows := q.union(t, role, strings.Join(append(columns, keys...), ", "), narrow)
	return rows + "\nORDER BY " + strings.Join(order, ", ")
}

// hidden says whether a column is somebody else's in a role. An organization
// sees its own people.
func hidden(c datamap.Column, role datamap.Role) bool {
	others := c.Group == datamap.Staff || len(c.Only) > 0 && !slices.Contains(c.Only, role)
	return others && role != datamap.TenantRole
}

// exported is a column as it leaves the store, and how it is to be read.
func (q *query) exported(t *datamap.Table, c datamap.Column, role datamap.Role) (string, Kind) {
	at, col := ident("t", c.Name), q.column(t.Name, c.Name)
	switch {
	case hidden(c, role):
		return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN '%s' END", at, Redacted), KindText
	case c.Epoch != "" || strings.HasPrefix(col.sqlType, "timestamp "):
		return q.moment("t", t, c.Name), KindTime
	case col.sqlType == "json" || col.sqlType == "jsonb":
		return at, KindJSON
	case col.sqlType == "boolean":
		return at, KindBool
	case col.sqlType == "bigint" || col.sqlType == "integer" || col.sqlType == "smallint":
		return at, KindNumber
	}
	return at, KindText
}

// Files yields the attachments of all exported rows, in the order of the rows;
// behind the marks where there are some.
func (n *Snapshot) Files(after ...Mark) iter.Seq2[File, error] {
	if n.fleet != nil {
		return ofFleet(n, func(p *Snapshot, name string) iter.Seq2[File, error] { return p.Files(marksOf(after, name)...) },
			func(f *File, name string) {
				f.Store, f.Table, f.Talk.Conversation = name, name+"."+f.Table, name+"."+f.Talk.Conversation
			})
	}
	return func(yield func(File, error) bool) {
		for _, t := range n.s.m.Tables {
			for _, role := range n.s.rolesOf(t, n.roots.Who.Organization) {
				if role == "" || !handsOut(t, role, n.portability) || spared(n.without, t.Category) {
					continue
				}
				if !n.files(t, role, after, yield) {
					return
				}
			}
		}
	}
}

package connector

import (
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// handed reads the files that a table's rows hand out: its objects but those that
// hold many people's data.
type handed struct {
	objects []naming
	at      []int // where each object's cells begin: its condition, its name, then what things needs
	width   int
}

func handedOf(t *datamap.Table) handed {
	var h handed
	for _, o := range t.Objects {
		if o.Many {
			continue
		}
		n := newNaming(o)
		h.objects, h.at = append(h.objects, n), append(h.at, h.width)
		h.width += 3 + len(n.columns)
	}
	return h
}

// selected are the cells of all objects.
func (h handed) selected(q *query, t *datamap.Table, named func(column string) bool) []string {
	var out []string
	for i, n := range h.objects {
		name := "''"
		if named(n.o.Name) {
			name = "coalesce(" + ident("t", n.o.Name) + "::text, '')"
		}
		cells := append([]string{fmt.Sprintf("(true%s) IS TRUE", q.when("t", t.Name, n.o.When)), name}, n.cells("t")...)
		for j, cell := range cells {
			out = append(out, fmt.Sprintf("%s AS f%d", cell, h.at[i]+j))
		}
	}
	return out
}

// some narrows to rows that may name a file at all.
func (h handed) some() string {
	var any []string
	for _, n := range h.objects {
		var all []string
		for _, name := range n.columns {
			all = append(all, ident("t", name)+" IS NOT NULL")
		}
		any = append(any, "("+strings.Join(all, " AND ")+")")
	}
	return " AND " + either(any)
}

// files hands on the files of a role's rows; false if the reader has enough.
func (n *Snapshot) files(t *datamap.Table, role datamap.Role, after []Mark, yield func(File, error) bool) bool {
	q, h := n.s.query(n.c, n.roots), handedOf(t)
	if len(h.objects) == 0 {
		return true
	}
	failed := func(err error) bool { return yield(File{}, fmt.Errorf("read the files of %s: %w", t.Name, err)) }
	named := func(column string) bool { // else the name would leave beside the column
		col, ok := n.leaves(t, column)
		return ok && !hidden(col, role)
	}
	columns := h.selected(q, t, named)
	for i, cell := range q.talk(t, role) {
		columns = append(columns, fmt.Sprintf("%s AS w%d", cell, i))
	}
	joined := q.conversation(t)
	sql := q.export(t, role, columns, n.behind(q, t, role, after)+h.some())
	rows, err := n.tx.Query(n.ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, q.args...)...)
	if err != nil {
		return failed(err)
	}
	defer rows.Close()
	for rows.Next() {
		var cells []string
		for _, cell := range rows.RawValues() {
			cells = append(cells, string(cell))
		}
		talk := talkOf(joined, rows.RawValues()[h.width:])
		for i, one := range h.objects {
			mine := cells[h.at[i] : h.at[i]+3+len(one.columns)]
			if mine[0] != "t" {
				continue
			}
			things, err := one.things(mine[2:])
			if err != nil {
				return failed(err)
			}
			for _, x := range things {
				f := File{Table: t.Name, Role: string(role), Name: mine[1], Column: one.o.Name, Place: x.store, Key: x.key, Row: cells[h.width+talkCells:], Talk: talk}
				if !n.below(x, f, yield) {
					return false
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		return failed(err)
	}
	return true
}

// below yields a file, or every file that lies below its key.
func (n *Snapshot) below(x thing, f File, yield func(File, error) bool) bool {
	if !x.below {
		return yield(f, nil)
	}
	if n.s.opt.Objects == nil {
		return true // nobody could open them
	}
	in, err := n.s.opt.Objects.In(x.store)
	if err != nil {
		return yield(File{}, err)
	}
	for key, err := range in.List(n.ctx, x.key) {
		f.Key = key
		if !yield(f, err) {
			return false
		}
	}
	return true
}

// OpenFile opens a file that a row of the snapshot names, to be read for as long
// as the snapshot lasts.
func (n *Snapshot) OpenFile(o *Objects, f File) (io.ReadCloser, error) {
	in, err := o.In(f.Place)
	if err != nil {
		return nil, err
	}
	return in.Open(n.ctx, f.Key)
}

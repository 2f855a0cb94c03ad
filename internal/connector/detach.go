package connector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// going lists the steps that delete rows of a table.
func going(rows []work, table string) []work {
	return slices.DeleteFunc(slices.Clone(rows), func(w work) bool { return w.Table != table || w.Action != datamap.Delete })
}

// goes says that a row is one that a deletion takes away.
func (q *query) goes(alias string, t *datamap.Table, rows []work, cutoff string) string {
	var any []string
	for _, w := range going(rows, t.Name) {
		for _, b := range q.branches(t, alias, w.role) {
			any = append(any, "("+b.String()+q.narrow(alias, &w, cutoff)+")")
		}
	}
	return either(any)
}

// link is a column whose references are taken away before what they point at is.
type link struct {
	table  *datamap.Table
	column string
	to     string // column of the other table
}

// links lists the columns that may be emptied when rows of a table go: its own
// that refer to itself, and those that other tables' detach names.
func (s *Store) links(c *catalog, t *datamap.Table) []link {
	var out []link
	for _, name := range t.Self {
		out = append(out, link{t, name, c.key(t)[0]})
	}
	for _, fk := range c.tables[t.Name].refs {
		if child, ok := s.m.Table(fk.table); ok && len(fk.columns) == 1 && slices.Contains(child.Detach, fk.columns[0]) {
			out = append(out, link{child, fk.columns[0], fk.to[0]})
		}
	}
	return out
}

// detaching lists, for all that goes, the rows that stay and refer to it.
func (s *Store) detaching(c *catalog, order []*datamap.Table, rows []work, cutoff string) []work {
	var out []work
	for _, t := range order {
		if len(going(rows, t.Name)) == 0 {
			continue
		}
		for _, l := range s.links(c, t) {
			w := newWork(l.table, "", datamap.Rule{Do: datamap.Detaching}, part(l.column+" of "+t.Name))
			w.rows = func(q *query, columns string) string { return q.referring(l, t, rows, columns, cutoff) }
			w.holds = func(q *query) string {
				x := q.alias()
				return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s = %s AND %s)", q.table(t.Name), ident(x), ident(x, l.to), ident("t", l.column), q.goes(x, t, rows, cutoff))
			}
			w.change = func(ctx context.Context, tx pgx.Tx, e *execution, w *work, batch int) (int64, error) {
				q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
				sql := fmt.Sprintf("UPDATE %s t SET %s = NULL FROM %s WHERE %s", q.table(w.Table), ident(l.column), q.frozen(w), q.isFrozen(w))
				tag, err := tx.Exec(ctx, sql, q.args...)
				return tag.RowsAffected(), err
			}
			out = append(out, w)
		}
	}
	return out
}

// referring selects the rows that stay and refer to rows that go, beginning at
// those that go: they are the subject's, and few.
func (q *query) referring(l link, t *datamap.Table, rows []work, columns, cutoff string) string {
	var gone []string
	for _, w := range going(rows, t.Name) {
		if len(q.ways(t, "t", w.role)) == 0 {
			continue // nothing there that could be narrowed
		}
		gone = append(gone, q.union(t, w.role, ident("t", l.to)+" AS gone", q.narrow("t", &w, cutoff)))
	}
	if len(gone) == 0 {
		return fmt.Sprintf("SELECT %s FROM %s t WHERE false", columns, q.table(l.table.Name))
	}
	return fmt.Sprintf("SELECT %s FROM (\n%s\n) g JOIN %s t ON %s = g.gone WHERE (%s) IS NOT TRUE", columns, strings.Join(gone, "\nUNION ALL\n"),
		q.table(l.table.Name), ident("t", l.column), q.goes("t", l.table, rows, cutoff))
}

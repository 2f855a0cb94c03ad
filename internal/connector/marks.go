package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Mark says how far the rows of one table and role were read, in the order of
// their key. A later snapshot goes on behind it.
type Mark struct {
	Table string
	Role  string
	Key   []string // of the last row, in text form
	Rows  int64    // up to and with it
}

// markOf finds the mark of a table and role; nil if it was not read yet.
func markOf(marks []Mark, t *datamap.Table, role datamap.Role) *Mark {
	i := slices.IndexFunc(marks, func(m Mark) bool { return m.Table == t.Name && m.Role == string(role) })
	if i < 0 {
		return nil
	}
	return &marks[i]
}

// Hold says whether the rows up to a mark are still as many as were read: if
// not, rows came or went behind the reader's back, and what it has read is no
// copy of anything.
func (n *Snapshot) Hold(m Mark) (bool, error) {
	for i, p := range n.parts {
		if own := marksOf([]Mark{m}, n.fleet.names[i]); len(own) == 1 {
			return p.Hold(own[0])
		}
	}
	if n.fleet != nil {
		return false, nil
	}
	t, ok := n.s.m.Table(m.Table)
	if !ok {
		return false, nil
	}
	q := n.s.query(n.c, n.roots)
	if len(n.s.query(n.c, n.roots).ways(t, "t", datamap.Role(m.Role))) == 0 || len(m.Key) != len(q.c.key(t)) {
		return false, nil
	}
	var rows int64
	sql := q.sum(t, datamap.Role(m.Role), q.beside(t, "<=", m.Key), "coalesce(count(*), 0)")
	if err := n.tx.QueryRow(n.ctx, sql, q.args...).Scan(&rows); err != nil {
		return false, fmt.Errorf("count %s up to a mark: %w", t.Name, err)
	}
	return rows == m.Rows, nil
}

// beside narrows to the rows before or behind a key.
func (q *query) beside(t *datamap.Table, compare string, key []string) string {
	var mine, theirs []string
	for i, k := range q.c.key(t) {
		mine = append(mine, ident("t", k))
		theirs = append(theirs, fmt.Sprintf("%s::text::%s", q.arg("mark\x00"+k, key[i]), q.column(t.Name, k).sqlType))
	}
	return fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(mine, ", "), compare, strings.Join(theirs, ", "))
}

// behind narrows to the rows behind a mark; to all where there is none, or
// where nothing is read anyway and a parameter would have no place.
func (n *Snapshot) behind(q *query, t *datamap.Table, role datamap.Role, marks []Mark) string {
	m := markOf(marks, t, role)
	if m == nil || len(m.Key) != len(q.c.key(t)) || len(n.s.query(n.c, n.roots).ways(t, "t", role)) == 0 {
		return ""
	}
	return q.beside(t, ">", m.Key)
}

// portable says whether a portability request may take a column along.
func portable(t *datamap.Table, c datamap.Column) bool { return t.Origin(c).Portable() }

// handsOut says whether the rows that a table holds of the subject in a role leave
// the store in the answer to a kind of request.
func handsOut(t *datamap.Table, role datamap.Role, portability bool) bool {
	if withheld(t, role) {
		return false
	}
	return !portability || slices.ContainsFunc(t.Columns, func(c datamap.Column) bool {
		return c.Group != datamap.Secret && c.Group != datamap.Derived && portable(t, c)
	})
}

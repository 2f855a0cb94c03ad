package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A server that cascades takes rows along which nobody approved. The plan's own
// are gone before what they refer to is deleted; a row that still refers to it
// then was written meanwhile, by somebody whose row it is. Such a row stays, and
// what it refers to stays with it, as one that has moved.

// errTaken says that a row came between the look and the delete. The batch is
// undone and looks again.
var errTaken = errors.New("the server would have deleted rows that are not in the plan")

// taking are the foreign keys through which the server itself deletes or changes
// rows of other tables when rows of this one go; of a wary step also those by
// which it refuses.
func (c *catalog) taking(w *work) []foreignKey {
	var out []foreignKey
	for _, fk := range c.tables[w.Table].refs {
		refuses := fk.onDelete == "a" || fk.onDelete == "r"
		if fk.table != w.Table && c.tables[fk.table] != nil && (w.wary || !refuses) {
			out = append(out, fk)
		}
	}
	return out
}

// unreferred narrows a delete to the rows with which nothing else would go.
func (q *query) unreferred(w *work) string {
	var b strings.Builder
	for _, fk := range q.c.taking(w) {
		x := q.alias()
		on := make([]string, len(fk.columns))
		for i, name := range fk.columns {
			on[i] = ident(x, name) + " = " + ident("t", fk.to[i])
		}
		fmt.Fprintf(&b, " AND NOT EXISTS (SELECT FROM %s %s WHERE %s)", q.table(fk.table), ident(x), strings.Join(on, " AND "))
	}
	return b.String()
}

// takesOwn says that the server deletes rows of a table along with others of it.
func (c *catalog) takesOwn(table string) bool {
	return slices.ContainsFunc(c.tables[table].refs, func(fk foreignKey) bool { return fk.table == table && fk.onDelete == "c" })
}

// taken counts the rows that were deleted so far in this transaction where the
// server may delete some along with those of a step. A row whose writer had not
// committed when the delete looked is seen by the cascade, and by this only.
func (e *execution) taken(ctx context.Context, tx pgx.Tx, w *work) (n int64, err error) {
	var tables []string
	for _, fk := range e.c.taking(w) {
		tables = append(tables, ident(e.s.m.Store.Schema, fk.table))
	}
	if e.c.takesOwn(w.Table) {
		tables = append(tables, ident(e.s.m.Store.Schema, w.Table))
	}
	if len(tables) == 0 {
		return 0, nil
	}
	err = tx.QueryRow(ctx, `SELECT coalesce(sum(pg_stat_get_xact_tuples_deleted(c.oid)), 0)::bigint FROM pg_class c
		WHERE c.oid = ANY ($1::text[]::regclass[]) OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY ($1::text[]::regclass[]))`, tables).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("ask what the server deleted along: %w", err)
	}
	return n, nil
}

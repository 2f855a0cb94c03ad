package connector

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// repairing lists the columns that are computed from rows which the steps
// before it touch, for exactly the rows that those count for.
func (s *Store) repairing(before []work, cutoff string) []work {
	var out []work
	for _, t := range s.m.Tables {
		for _, p := range t.Repairs {
			if touched := (touch{before, cutoff}); !touched.any(p.From, p.When) {
				continue
			}
			w := newWork(t, "", datamap.Rule{Do: datamap.Repairing}, part(p.Column))
			w.rows = func(q *query, columns string) string { return q.repaired(t, p, touch{before, cutoff}, columns) }
			w.holds = func(*query) string { return "true" }
			w.change = func(ctx context.Context, tx pgx.Tx, e *execution, w *work, batch int) (int64, error) {
				return e.repair(ctx, tx, w, p, batch)
			}
			w.left = func(ctx context.Context, tx pgx.Tx, f *proof, w *work) (int64, error) { return f.wrong(ctx, tx, w, p) }
			out = append(out, w)
		}
	}
	return out
}

// touch knows which rows a plan changes or takes away.
type touch struct {
	works  []work
	cutoff string
}

// any says whether rows of a table, or rows that decide about them, may change.
func (h touch) any(table string, when []datamap.Condition) bool {
	for _, w := range h.works {
		if w.Table == table && w.Action != datamap.Keep {
			return true
		}
	}
	for _, one := range when {
		if one.Of.Table != "" && h.any(one.Of.Table, one.When) {
			return true
		}
	}
	return false
}

// rows selects columns of a table's touched rows: those that a step changes,
// and those about which a touched row of another table decides.
func (h touch) rows(q *query, table string, when []datamap.Condition, columns string) []string {
	var out []string
	for _, w := range h.works {
		if w.Table == table && w.Action != datamap.Keep && (w.rows != nil || len(q.ways(w.table, "t", w.role)) > 0) {
			out = append(out, q.selected(&w, columns, h.cutoff))
		}
	}
	for _, one := range when {
		if one.Of.Table == "" {
			continue
		}
		if inner := h.rows(q, one.Of.Table, one.When, ident("t", one.Of.Column)); len(inner) > 0 {
			out = append(out, fmt.Sprintf("SELECT %s FROM %s t WHERE %s IN (%s)", columns, q.table(table), ident("t", one.Column), strings.Join(inner, "\nUNION ALL\n")))
		}
	}
	return out
}

// repaired selects the rows of a table that touched rows count for and that stay.
func (q *query) repaired(t *datamap.Table, p datamap.Repair, h touch, columns string) string {
	var mine, theirs []string
	for _, on := range p.On {
		mine, theirs = append(mine, ident("t", on.Theirs)), append(theirs, ident("t", on.Mine))
	}
	touched := h.rows(q, p.From, p.When, strings.Join(theirs, ", "))
	if len(touched) == 0 {
		return fmt.Sprintf("SELECT %s FROM %s t WHERE false", columns, q.table(t.Name))
	}
	return fmt.Sprintf("SELECT %s FROM %s t WHERE (%s) IN (%s) AND (%s) IS NOT TRUE", columns, q.table(t.Name), strings.Join(mine, ", "),
		strings.Join(touched, "\nUNION ALL\n"), q.goes("t", t, h.works, h.cutoff))
}

// formula computes a repaired column of the row t.
func (q *query) formula(t *datamap.Table, p datamap.Repair) string {
	x := q.alias()
	var where []string
	for _, on := range p.On {
		where = append(where, ident(x, on.Mine)+" = "+ident("t", on.Theirs))
	}
	from := fmt.Sprintf("FROM %s %s WHERE %s%s", q.table(p.From), ident(x), strings.Join(where, " AND "), q.when(x, p.From, p.When))
	value := ""
	switch p.How {
	case datamap.Exists:
		value = "EXISTS (SELECT " + from + ")"
		if q.column(t.Name, p.Column).category == "N" {
			value += "::integer"
		}
		return "(" + value + ")::" + q.column(t.Name, p.Column).sqlType
	case datamap.Count:
		value = "SELECT count(*) " + from
	case datamap.Sum:
		value = fmt.Sprintf("SELECT coalesce(sum(%s), 0) %s", ident(x, p.Of), from)
	case datamap.Max, datamap.Min:
		value = fmt.Sprintf("SELECT %s(%s) %s", p.How, ident(x, p.Of), from)
	case datamap.Latest:
		order := []string{ident(x, p.By) + " DESC NULLS LAST"}
		if source, ok := q.m.Table(p.From); ok {
			for _, k := range q.c.key(source) {
				order = append(order, ident(x, k)+" DESC")
			}
		}
		value = fmt.Sprintf("SELECT %s %s ORDER BY %s LIMIT 1", ident(x, p.Of), from, strings.Join(order, ", "))
	}
	return "(" + value + ")::" + q.column(t.Name, p.Column).sqlType
}

// repair computes a column again. The rows are locked by a statement of their
// own: the one that computes then sees what whoever held a row before has
// committed, and nobody who keeps the count by locking it is overtaken.
func (e *execution) repair(ctx context.Context, tx pgx.Tx, w *work, p datamap.Repair, batch int) (int64, error) {
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	tag, err := tx.Exec(ctx, fmt.Sprintf("SELECT FROM %s t, %s WHERE %s ORDER BY %s FOR UPDATE OF t", q.table(w.Table), q.frozen(w), q.isFrozen(w), q.keyed(w.table)), q.args...)
	if err != nil {
		return 0, fmt.Errorf("lock the rows to repair: %w", err)
	}
	q = e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	at, value := ident("t", p.Column), q.formula(w.table, p)
	sql := fmt.Sprintf("UPDATE %s t SET %s = %s FROM %s WHERE %s AND %s", q.table(w.Table), ident(p.Column), value, q.frozen(w), q.isFrozen(w), q.differs(w.Table, p, at, value))
	if _, err := tx.Exec(ctx, sql, q.args...); err != nil {
		return 0, fmt.Errorf("compute %s again: %w", p.Column, err)
	}
	return tag.RowsAffected(), nil
}

// differs compares by text what has no equality of its own.
func (q *query) differs(table string, p datamap.Repair, at, value string) string {
	if t := q.column(table, p.Column).sqlType; t == "json" || t == "xml" {
		return at + "::text IS DISTINCT FROM " + value + "::text"
	}
	return at + " IS DISTINCT FROM " + value
}

// keyed lists a table's key, for an order in which nobody waits in a circle.
func (q *query) keyed(t *datamap.Table) string {
	var out []string
	for _, k := range q.c.key(t) {
		out = append(out, ident("t", k))
	}
	return strings.Join(out, ", ")
}

// wrong counts the repaired rows for which the formula does not hold.
func (f *proof) wrong(ctx context.Context, tx pgx.Tx, w *work, p datamap.Repair) (n int64, err error) {
	if w.Seq == 0 {
		return 0, nil // nothing touched what it is computed from
	}
	targets, err := f.targets(ctx, tx, w)
	if err != nil || targets == 0 {
		return 0, err
	}
	for batch := range targets {
		q := f.s.query(f.c, f.r, f.op, w.Seq, batch)
		at, value := ident("t", p.Column), q.formula(w.table, p)
		var one int64
		sql := fmt.Sprintf("SELECT count(*), count(*) FILTER (WHERE %s) FROM %s t, %s WHERE %s", q.differs(w.Table, p, at, value), q.table(w.Table), q.frozen(w), q.isFrozen(w))
		var rows int64
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&rows, &one); err != nil {
			return n, fmt.Errorf("prove %s of %s: %w", p.Column, w.Table, err)
		}
		n, w.Rows = n+one, w.Rows+rows
	}
	return n, nil
}

// targets counts the batches that are still written down; none after Finish.
func (f *proof) targets(ctx context.Context, tx pgx.Tx, w *work) (n int, err error) {
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM dsar.target WHERE operation = $1 AND seq = $2", f.op, w.Seq).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the frozen batches: %w", err)
	}
	return n, nil
}

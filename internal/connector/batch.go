package connector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// The statements of one batch. $1 to $3 are operation, step and batch.

// frozen gives the keys of the batch as a table k, with what the rows' place in
// the plan depended on.
func (q *query) frozen(w *work) string {
	var arrays, names, typed []string
	for i, k := range q.c.key(w.table) {
		n := i + 1
		arrays = append(arrays, fmt.Sprintf("f.k%d", n))
		names = append(names, fmt.Sprintf("k%d", n))
		typed = append(typed, fmt.Sprintf("u.k%d::%s AS k%d", n, q.column(w.Table, k).sqlType, n))
	}
	if q.print(w) != "" {
		arrays, names, typed = append(arrays, "f.prints"), append(names, "print"), append(typed, "u.print")
	}
	return fmt.Sprintf("(SELECT %s FROM dsar.target f, unnest(%s) u(%s) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k",
		strings.Join(typed, ", "), strings.Join(arrays, ", "), strings.Join(names, ", "))
}

// hasKey joins a row with its frozen key.
func (q *query) hasKey(w *work) string {
	var on []string
	for i, k := range q.c.key(w.table) {
		on = append(on, fmt.Sprintf("%s = k.k%d", ident("t", k), i+1))
	}
	return strings.Join(on, " AND ")
}

// isFrozen joins a row with its key and asks again whether it is still what it
// was when it was frozen, and the subject still reaches it: a row that was
// moved to somebody else meanwhile, or whose time is not over any more, is left
// alone.
func (q *query) isFrozen(w *work) string {
	q.known = true
	on := []string{q.hasKey(w)}
	if w.holds != nil {
		return strings.Join(append(on, w.holds(q)), " AND ")
	}
	if print := q.print(w); print != "" {
		on = append(on, "k.print = "+print)
	}
	if w.only != nil {
		on = append(on, w.only(q, "t"))
	}
	return strings.Join(append(on, either(q.ways(w.table, "t", w.role))), " AND ")
}

// print is a hash over the columns of a row by which a rule came to it: paths
// and their conditions, the tenant, the start of a period, what keeps it. Over
// these only, so that a tick mark or a new name does not send a plan back; and
// not over references that the plan itself takes away.
func (q *query) print(w *work) string {
	if w.holds != nil || w.rows != nil {
		return ""
	}
	t := w.table
	var names []string
	add := func(name string) {
		if c, ok := t.Column(name); ok && c.Group != datamap.Secret && len(c.Leaves) == 0 && !c.JSON && !slices.Contains(t.Self, name) && !slices.Contains(t.Detach, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	when := func(all []datamap.Condition) {
		for _, c := range all {
			add(c.Column)
		}
	}
	for _, p := range t.Paths {
		add(p.To)
		for _, and := range p.And {
			add(and.Mine)
		}
		if len(p.JSON) == 0 {
			for _, name := range p.In {
				add(name)
			}
		}
		when(p.When)
	}
	if t.Tenant != nil {
		add(t.Tenant.Column)
		when(t.Tenant.When)
	}
	if w.part == live || w.part == expired {
		add(q.m.From(datamap.Rule{From: w.rule.From, Ground: cmp.Or(w.rule.Ground, w.rule.Expired)}))
		when(w.rule.While)
	}
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = ident("t", name)
	}
	return "hashtextextended(ROW(" + strings.Join(names, ", ") + ")::text, 0)"
}

func (q *query) deleteBatch(w *work) string {
	return fmt.Sprintf("DELETE FROM %s t USING %s WHERE %s%s", q.table(w.Table), q.frozen(w), q.isFrozen(w), q.unreferred(w))
}

func (q *query) anonymiseBatch(w *work, inner, outer []byte) string {
	var set []string
	for _, a := range w.rule.Set {
		set = append(set, ident(a.Column)+" = "+q.fill(w, a, inner, outer))
	}
	return fmt.Sprintf("UPDATE %s t SET %s FROM %s WHERE %s", q.table(w.Table), strings.Join(set, ", "), q.frozen(w), q.isFrozen(w))
}

func (q *query) fill(w *work, a datamap.Assignment, inner, outer []byte) string {
	col := q.column(w.Table, a.Column)
	var value string
	switch a.Fill {
	case datamap.Null:
		return "NULL"
	case datamap.Constant:
		return fmt.Sprintf("%s::text::%s", q.arg("", a.Value), col.sqlType)
	case datamap.Fresh:
		var key []string
		for _, k := range q.c.key(w.table) {
			key = append(key, ident("t", k)+"::text")
		}
		value = fmt.Sprintf("replace(%s::text, '{key}', %s)", q.arg("", a.Value), strings.Join(key, " || '-' || "))
	case datamap.Hash:
		value = fmt.Sprintf("encode(sha256(%s::bytea || sha256(%s::bytea || convert_to(%s::text, 'UTF8'))), 'hex')",
			q.arg("outer", outer), q.arg("inner", inner), ident("t", a.Source))
	}
	if col.length > 0 {
		value = fmt.Sprintf("left(%s, %d)", value, col.length)
	}
	return value
}

// detach sets references to the batch's rows to NULL, where the referring row
// does not go in the same batch.
func (q *query) detach(w *work, l link) string {
	stays := ""
	if l.table == w.table {
		stays = fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s WHERE k.k1 = %s)", q.frozen(w), ident("t", q.c.key(w.table)[0]))
	}
	if l.to != q.c.key(w.table)[0] { // it refers to another unique column of the row
		x := q.alias()
		return fmt.Sprintf("UPDATE %s t SET %s = NULL FROM %s, %s %s WHERE %s = k.k1 AND %s = %s", q.table(l.table.Name), ident(l.column), q.frozen(w),
			q.table(w.Table), ident(x), ident(x, q.c.key(w.table)[0]), ident("t", l.column), ident(x, l.to))
	}
	return fmt.Sprintf("UPDATE %s t SET %s = NULL FROM %s WHERE %s = k.k1%s",
		q.table(l.table.Name), ident(l.column), q.frozen(w), ident("t", l.column), stays)
}

// left counts the batch's rows that are still there.
func (q *query) left(w *work) string {
	return fmt.Sprintf("SELECT count(*) FROM %s t, %s WHERE %s", q.table(w.Table), q.frozen(w), q.hasKey(w))
}

package connector

import (
	"fmt"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// The statements of one batch. $1 to $3 are operation, step and batch.

// frozen gives the keys of the batch as a table k.
func (q *query) frozen(w *work) string {
	var arrays, names, typed []string
	for i, k := range q.c.key(w.table) {
		n := i + 1
		arrays = append(arrays, fmt.Sprintf("f.k%d", n))
		names = append(names, fmt.Sprintf("k%d", n))
		typed = append(typed, fmt.Sprintf("u.k%d::%s AS k%d", n, q.column(w.Table, k).sqlType, n))
	}
	return fmt.Sprintf("(SELECT %s FROM dsar.target f, unnest(%s) u(%s) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k",
		strings.Join(typed, ", "), strings.Join(arrays, ", "), strings.Join(names, ", "))
}

// isFrozen joins a row with its key, and asks again whether the subject still
// reaches it: a row that was moved to somebody else meanwhile is left alone.
func (q *query) isFrozen(w *work) string {
	q.known = true
	var on []string
	for i, k := range q.c.key(w.table) {
		on = append(on, fmt.Sprintf("%s = k.k%d", ident("t", k), i+1))
	}
	if w.holds != nil {
		return strings.Join(append(on, w.holds(q)), " AND ")
	}
	return strings.Join(on, " AND ") + " AND " + either(q.ways(w.table, "t", w.role))
}

func (q *query) deleteBatch(w *work) string {
	return fmt.Sprintf("DELETE FROM %s t USING %s WHERE %s", q.table(w.Table), q.frozen(w), q.isFrozen(w))
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
func (q *query) detach(w *work, column string) string {
	key := q.c.key(w.table)[0]
	return fmt.Sprintf("UPDATE %s t SET %s = NULL FROM %s WHERE %s = k.k1 AND NOT EXISTS (SELECT FROM %s WHERE k.k1 = %s)",
		q.table(w.Table), ident(column), q.frozen(w), ident("t", column), q.frozen(w), ident("t", key))
}

// journal notes the files of the batch's rows for removal.
func (q *query) journal(w *work) string {
	at := ident("t", plainObject(w.table).Column())
	return fmt.Sprintf("INSERT INTO dsar.object (operation, object_key) SELECT DISTINCT $1::uuid, %s::text FROM %s t, %s WHERE %s AND %s IS NOT NULL ON CONFLICT DO NOTHING",
		at, q.table(w.Table), q.frozen(w), q.isFrozen(w), at)
}

// shared lists pending files that a row still names.
func (q *query) shared() string {
	var any []string
	for _, t := range q.m.Tables {
		if plainObject(t) != nil {
			x := q.alias()
			any = append(any, fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s = o.object_key::%s)", q.table(t.Name), ident(x),
				ident(x, plainObject(t).Column()), q.column(t.Name, plainObject(t).Column()).sqlType))
		}
	}
	return "UPDATE dsar.object o SET outcome = 'shared' WHERE o.operation = $1 AND o.outcome IS NULL AND " + either(any)
}

// plainObject is a table's object whose key is what a column holds, nil without one.
func plainObject(t *datamap.Table) *datamap.Object {
	for i := range t.Objects {
		if t.Objects[i].Column() != "" {
			return &t.Objects[i]
		}
	}
	return nil
}

package connector

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Some fills depend on what stands in the column in a way that only Go knows.
// Their rows are read under a lock, rewritten here, and written back in the
// transaction of their batch.

// readsOld says whether a column's new value is made of the old one here.
func readsOld(a datamap.Assignment) bool {
	return a.Fill == datamap.Scrub || a.Fill == datamap.Leaves || a.Fill == datamap.Remove
}

// rewriter makes new values for the rows of one table.
type rewriter struct {
	s     *Store
	q     *query // for the columns' types
	t     *datamap.Table
	words *scrubber
	r     *roots
	set   []datamap.Assignment // those that read the old value
}

// rewriter gives nil if nothing in a rule depends on old values.
func (s *Store) rewriter(c *catalog, r *roots, t *datamap.Table, u datamap.Rule) *rewriter {
	set := slices.DeleteFunc(slices.Clone(u.Set), func(a datamap.Assignment) bool { return !readsOld(a) })
	if len(set) == 0 {
		return nil
	}
	return &rewriter{s: s, q: s.query(c, r), t: t, words: s.scrubberOf(r), r: r, set: set}
}

// columns selects the key, the region of the row's tenant and the old values.
func (x *rewriter) columns(q *query) string {
	var out []string
	for _, k := range q.c.key(x.t) {
		out = append(out, ident("t", k)+"::text")
	}
	out = append(out, q.regionOf("t", x.t))
	for _, a := range x.set {
		out = append(out, q.portable(x.t, a.Column))
	}
	return strings.Join(out, ", ")
}

// regionOf is the region of a row's tenant, NULL if none is known.
func (q *query) regionOf(alias string, t *datamap.Table) string {
	m := q.m.Tenant
	if m == nil || m.Region == "" || !q.m.HasTenant(t) {
		return "NULL::text"
	}
	x := q.alias()
	return fmt.Sprintf("(SELECT %s::text FROM %s %s WHERE %s::text = %s)", ident(x, m.Region), q.table(m.Table), ident(x), ident(x, m.Key), q.tenant(alias, t))
}

// portable reads a column as text that stored brings back: bytes as hex, a native
// array as a JSON list.
func (q *query) portable(t *datamap.Table, name string) string {
	at, col := ident("t", name), q.column(t.Name, name)
	switch {
	case col.sqlType == "bytea":
		return "encode(" + at + ", 'hex')"
	case col.category == "A":
		return "to_json(" + at + "::text[])::text"
	}
	return at + "::text"
}

func (q *query) stored(t *datamap.Table, name, value string) string {
	col := q.column(t.Name, name)
	switch {
	case col.sqlType == "bytea":
		return "decode(" + value + ", 'hex')"
	case col.category == "A":
		return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN ARRAY(SELECT e FROM jsonb_array_elements_text(%s::jsonb) WITH ORDINALITY x(e, n) ORDER BY n)::%s END", value, value, col.sqlType)
	}
	return value + "::" + col.sqlType
}

// oldRow is one row on its way: key, region, and the values of the rewriter's columns.
type oldRow struct {
	key    []string
	region string
	old    []*string
}

func (x *rewriter) scan(rows pgx.Rows) (oldRow, error) {
	r := oldRow{key: make([]string, len(x.q.c.key(x.t))), old: make([]*string, len(x.set))}
	var region *string
	into := []any{}
	for i := range r.key {
		into = append(into, &r.key[i])
	}
	into = append(into, &region)
	for i := range r.old {
		into = append(into, &r.old[i])
	}
	err := rows.Scan(into...)
	if r.region = x.s.m.Store.Region; region != nil && *region != "" {
		r.region = *region
	}
	return r, err
}

// renew gives a row's new values, and whether any differs.
func (x *rewriter) renew(r oldRow) (out []*string, changed bool) {
	for i, a := range x.set {
		if r.old[i] == nil {
			out = append(out, nil)
			continue
		}
		value := x.value(a, *r.old[i], r.region)
		out, changed = append(out, &value), changed || value != *r.old[i]
	}
	return out, changed
}

func (x *rewriter) value(a datamap.Assignment, old, region string) string {
	col := x.q.column(x.t.Name, a.Column)
	mapped, _ := x.t.Column(a.Column)
	if col.sqlType == "bytea" {
		plain, _ := hex.DecodeString(old) // PostgreSQL wrote it
		return hex.EncodeToString([]byte(x.text(a, mapped, col, string(plain), region)))
	}
	return x.text(a, mapped, col, old, region)
}

// text rewrites a value. A column that should hold JSON and holds something else
// is scrubbed as the text that it is: nothing in it is passed over.
func (x *rewriter) text(a datamap.Assignment, mapped datamap.Column, col *column, old, region string) string {
	find := x.words.in
	if mapped.Encoded != "" {
		find = x.words.encoded
	}
	isJSON := mapped.JSON || col.sqlType == "json" || col.sqlType == "jsonb" || col.category == "A"
	switch a.Fill {
	case datamap.Leaves:
		for _, l := range a.Leaves {
			next, ok := edit(old, l.Path, leafEdit(l, find))
			if !ok {
				return fitting(splice(old, find(old)), col)
			}
			old = next
		}
		return old
	case datamap.Remove:
		if a.Separator != "" {
			return x.withoutElements(a, old, region)
		}
		path := a.Path
		if len(path) == 0 && isJSON {
			path = datamap.JSONPath{{Each: true}}
		}
		next, ok := edit(old, path, x.removeEdit(a, region))
		if !ok {
			return fitting(splice(old, find(old)), col)
		}
		return next
	}
	if isJSON {
		if next, ok := edit(old, nil, func(e *editor, n *node, _ []holder) { e.texts(n, find) }); ok {
			return next
		}
	}
	return fitting(splice(old, find(old)), col)
}

// fitting cuts what became too long for its column.
func fitting(s string, col *column) string {
	if col.length > 0 && utf8.RuneCountInString(s) > col.length {
		return string([]rune(s)[:col.length])
	}
	return s
}

func leafEdit(l datamap.Leaf, find func(string) []span) func(*editor, *node, []holder) {
	return func(e *editor, n *node, trail []holder) {
		switch l.Do {
		case datamap.LeafNull:
			e.put(n, "null")
		case datamap.LeafValue:
			e.put(n, l.Value)
		case datamap.LeafDrop:
			e.drop(n, trail)
		case datamap.LeafScrub:
			e.texts(n, find)
		}
	}
}

// removeEdit takes out the list elements that are the subject. Where the path
// leads on into an element, the element goes as a whole.
func (x *rewriter) removeEdit(a datamap.Assignment, region string) func(*editor, *node, []holder) {
	return func(e *editor, n *node, trail []holder) {
		value := e.doc[n.from:n.to]
		if value[0] == '"' {
			value = read(e.doc, *n).said
		}
		if !x.isSubject(a.By, value, region) {
			return
		}
		for i := len(trail) - 1; i >= 0; i-- {
			if e.doc[trail[i].node.from] == '[' {
				e.drop(n, trail[:i+1])
				return
			}
		}
		e.drop(n, trail)
	}
}

// isSubject says whether an element of a list, as it is written there, is the
// subject: "Lu <lu@example.com>" is too.
func (x *rewriter) isSubject(kind, value, region string) bool {
	normal := x.s.m.Normalisers[kind]
	if slices.Contains(x.r.Values[kind], normal.Normal(value, region)) {
		return true
	}
	_, inside, ok := strings.Cut(value, "<")
	address, _, closed := strings.Cut(inside, ">")
	return ok && closed && slices.Contains(x.r.Values[kind], normal.Normal(address, region))
}

// withoutElements takes elements out of a list in plain text, each with the
// separator that would be one too many.
func (x *rewriter) withoutElements(a datamap.Assignment, old, region string) string {
	parts := strings.Split(old, a.Separator)
	kept := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return x.isSubject(a.By, p, region) })
	if len(kept) == len(parts) {
		return old
	}
	if len(kept) > 0 && x.isSubject(a.By, parts[0], region) {
		kept[0] = strings.TrimLeft(kept[0], " \t")
	}
	return strings.Join(kept, a.Separator)
}

// overwrite fills the columns of a batch's rows.
func (e *execution) overwrite(ctx context.Context, tx pgx.Tx, w *work, batch int) (int64, error) {
	inner, outer := e.s.hmacPads()
	x := e.s.rewriter(e.c, e.roots, w.table, w.rule)
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	if x == nil {
		sql := q.anonymiseBatch(w, inner, outer)
		tag, err := tx.Exec(ctx, sql, q.args...)
		return tag.RowsAffected(), err
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM %s t, %s WHERE %s FOR UPDATE OF t", x.columns(q), q.table(w.Table), q.frozen(w), q.isFrozen(w)), q.args...)
	if err != nil {
		return 0, fmt.Errorf("read the rows to rewrite: %w", err)
	}
	keys, values := make([][]string, len(e.c.key(w.table))), make([][]*string, len(x.set))
	for rows.Next() {
		r, err := x.scan(rows)
		if err != nil {
			rows.Close()
			return 0, fmt.Errorf("read a row to rewrite: %w", err)
		}
		renewed, _ := x.renew(r)
		for i, k := range r.key {
			keys[i] = append(keys[i], k)
		}
		for i, v := range renewed {
			values[i] = append(values[i], v)
		}
	}
	if err := rows.Err(); err != nil || len(keys[0]) == 0 {
		return 0, err
	}
	q = e.s.query(e.c, e.roots)
	sql := q.rewriteBatch(w, x, keys, values, inner, outer)
	tag, err := tx.Exec(ctx, sql, q.args...)
	return tag.RowsAffected(), err
}

// rewriteBatch writes new values by key, and the other fills with them.
func (q *query) rewriteBatch(w *work, x *rewriter, keys [][]string, values [][]*string, inner, outer []byte) string {
	var arrays, names, on, set []string
	for i, k := range q.c.key(w.table) {
		arrays, names = append(arrays, q.arg("", keys[i])+"::text[]"), append(names, fmt.Sprintf("k%d", i+1))
		on = append(on, fmt.Sprintf("%s = u.k%d::%s", ident("t", k), i+1, q.column(w.Table, k).sqlType))
	}
	for i := range x.set {
		arrays, names = append(arrays, q.arg("", values[i])+"::text[]"), append(names, fmt.Sprintf("v%d", i+1))
	}
	n := 0
	for _, a := range w.rule.Set {
		value := ""
		if readsOld(a) {
			n++
			value = q.stored(w.table, a.Column, fmt.Sprintf("u.v%d", n))
		} else {
			value = q.fill(w, a, inner, outer)
		}
		set = append(set, ident(a.Column)+" = "+value)
	}
	return fmt.Sprintf("UPDATE %s t SET %s FROM unnest(%s) u(%s) WHERE %s", q.table(w.Table), strings.Join(set, ", "),
		strings.Join(arrays, ", "), strings.Join(names, ", "), strings.Join(on, " AND "))
}

package connector

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// follow leads a path by key back from its own column to the subject.
func (q *query) follow(alias string, t *datamap.Table, p datamap.Path) string {
	at := place{t.Name, p.To, p.JSON}
	if q.nature(at) == asDocument {
		return q.listed(alias, t, pathName(t, p, p.To))
	}
	if keys, ok := q.directly(p); ok && len(p.Via) == 0 {
		return q.holdsKey(alias, at, p, keys)
	}
	if n := q.nature(at); n == asList || n == asArray {
		return q.among(alias, at, t, p)
	}
	return q.link(alias, p.Via, p, func(other string, x place) string { return q.equals(alias, at, p, other, x) })
}

// directly says whether a path compares with the keys of roots, which are known.
func (q *query) directly(p datamap.Path) ([]string, bool) {
	if key := q.rootKey(p.From.Table); key == "" || key != p.From.Column || len(p.And) > 0 {
		return nil, false
	}
	return q.r.Keys[p.From.Table], true
}

// holdsKey compares a place with the roots' keys.
func (q *query) holdsKey(alias string, at place, p datamap.Path, keys []string) string {
	label := "root\x00" + p.From.Table
	if p.Form == "" {
		return q.is(alias, at, label, keys)
	}
	before, after, open := formed(p.Form)
	var texts, any []string
	for _, k := range keys {
		if k != "" { // an empty key would stand everywhere
			texts = append(texts, before+k+after)
		}
	}
	if len(texts) == 0 {
		return "false"
	}
	if !open {
		return q.is(alias, at, label+"\x00"+p.Form, texts)
	}
	for i, text := range texts {
		pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
		any = append(any, fmt.Sprintf("%s LIKE %s::text", q.text(alias, at.table, at.column), q.arg(fmt.Sprintf("%s\x00%s\x00%d", label, p.Form, i), pattern)))
	}
	return either(any)
}

// formed takes a form apart: what stands before the key and behind it, and
// whether anything may follow.
func formed(form string) (before, after string, open bool) {
	before, after, _ = strings.Cut(form, "{}")
	after, open = strings.CutSuffix(after, "*")
	return before, after, open
}

// equals compares a path's own place with the column of another row.
func (q *query) equals(alias string, at place, p datamap.Path, other string, x place) string {
	theirs := ident(other, x.column)
	switch {
	case p.Form != "":
		mine, key := q.text(alias, at.table, at.column), q.text(other, x.table, x.column)
		before, after, open := formed(p.Form)
		if open { // an expression that an index can hold, so that the search starts at the other row
			return fmt.Sprintf("%s = nullif(%s, '')", keyIn(mine, q.arg("", before)+"::text", q.arg("", after)+"::text"), key)
		}
		return fmt.Sprintf("%s = %s::text || nullif(%s, '') || %s::text", mine, q.arg("", before), key, q.arg("", after))
	case q.nature(at) == asLeaf:
		return fmt.Sprintf("%s = %s::text", q.one(alias, at), theirs)
	}
	return theirs + " = " + ident(alias, at.column)
}

// keyIn is the key that stands in a text between what comes before and the
// sign that ends it.
func keyIn(text, before, after string) string {
	return fmt.Sprintf("CASE WHEN starts_with(%s, %s) THEN split_part(substr(%s, length(%s) + 1), %s, 1) END", text, before, text, before, after)
}

// among looks for rows in whose list one of another table's keys stands. An
// index of lists only answers if the search starts at the other rows.
func (q *query) among(alias string, at place, t *datamap.Table, p datamap.Path) string {
	y := q.alias()
	var mine, theirs []string
	for _, k := range q.c.key(t) {
		mine, theirs = append(mine, ident(alias, k)), append(theirs, ident(y, k))
	}
	source := q.source(y, p.Via, p, func(other string, x place) string { return q.contains(y, at, ident(other, x.column)) })
	if source == "" {
		return "false"
	}
	return fmt.Sprintf("(%s) IN (SELECT %s FROM %s %s, %s)", strings.Join(mine, ", "), strings.Join(theirs, ", "), q.table(t.Name), ident(y), source)
}

// link looks for the row that a column refers to.
func (q *query) link(alias string, via []datamap.Hop, p datamap.Path, equal func(other string, x place) string) string {
	source := q.source(alias, via, p, equal)
	if source == "" {
		return "false"
	}
	return "EXISTS (SELECT FROM " + source + ")"
}

// source gives the rows that a path comes from: the last hop's, or those of the
// table that it starts from, which must be the subject's themselves. It is empty
// if there are none.
func (q *query) source(alias string, via []datamap.Hop, p datamap.Path, equal func(other string, x place) string) string {
	x := q.alias()
	if n := len(via); n > 0 {
		h := via[n-1]
		inner := q.before(x, h, via[:n-1], p)
		if inner == "false" {
			return ""
		}
		return fmt.Sprintf("%s %s WHERE %s%s AND %s", q.table(h.Table), ident(x),
			equal(x, place{table: h.Table, column: h.Out}), q.when(x, h.Table, h.When), inner)
	}
	from, _ := q.m.Table(p.From.Table)
	inner := q.carried(x, from, p.Through)
	if inner == "false" {
		return ""
	}
	both := ""
	for _, a := range p.And {
		both += fmt.Sprintf(" AND %s = %s", ident(x, a.Theirs), ident(alias, a.Mine))
	}
	return fmt.Sprintf("%s %s WHERE %s%s AND %s", q.table(from.Name), ident(x), equal(x, place{table: from.Name, column: p.From.Column}), both, inner)
}

// before leads from a hop's column back to the subject.
func (q *query) before(x string, h datamap.Hop, via []datamap.Hop, p datamap.Path) string {
	if keys, ok := q.directly(p); ok && len(via) == 0 {
		return q.anyOf(x, h.Table, h.In, "root\x00"+p.From.Table, keys)
	}
	return q.link(x, via, p, func(other string, y place) string { return ident(other, y.column) + " = " + ident(x, h.In) })
}

// carried says which rows of a table a path may go on through: those that the
// subject has in one of the roles, unless a role that protects somebody else
// more takes them.
func (q *query) carried(x string, from *datamap.Table, through []datamap.Role) string {
	var any []string
	var protected []datamap.Path
	for _, role := range datamap.Roles {
		for _, up := range from.Paths {
			switch {
			case up.As != role:
			case !slices.Contains(through, role):
				protected = append(protected, up)
			default:
				if one := q.reach(x, from, up); one != "false" {
					any = append(any, one+q.notReached(x, from, protected))
				}
			}
		}
	}
	return either(any)
}

func (q *query) notReached(x string, t *datamap.Table, paths []datamap.Path) string {
	var b strings.Builder
	for _, p := range paths {
		if one := q.reach(x, t, p); one != "false" {
			b.WriteString(" AND (" + one + ") IS NOT TRUE")
		}
	}
	return b.String()
}

// pathName names a path, and the column of it, in what is written down of a
// subject: two paths into one column differ in kind or discriminator.
func pathName(t *datamap.Table, p datamap.Path, column string) string {
	i := slices.IndexFunc(t.Paths, func(other datamap.Path) bool { return reflect.DeepEqual(p, other) })
	return fmt.Sprintf("%s.%s %d", t.Name, column, i)
}

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
	nature := q.nature(at)
	if nature == asDocument {
		return q.listed(alias, t, pathName(t, p, p.To))
	}
	if keys, ok := q.directly(p); ok && len(p.Via) == 0 {
		return q.holdsKey(alias, at, p, keys)
	}
	from := q.origin(p.Via, p)
	switch {
	case from == nil:
		return "false"
	case nature == asList || nature == asArray:
		return q.among(alias, at, t, from)
	}
	mine, theirs, only := q.sides(alias, at, p, from)
	return from.linked(q, []string{mine}, []string{theirs}, alias, p.And) + only
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

// sides are the two sides of a path's comparison, and what must hold of the
// path's own side besides.
func (q *query) sides(alias string, at place, p datamap.Path, from *origin) (mine, theirs, only string) {
	theirs = ident(from.x, from.at.column)
	switch {
	case p.Form != "":
		mine = q.text(alias, at.table, at.column)
		before, after, open := formed(p.Form)
		key := "nullif(" + q.text(from.x, from.at.table, from.at.column) + ", '')"
		if !open {
			return mine, fmt.Sprintf("%s::text || %s || %s::text", q.arg("", before), key, q.arg("", after)), ""
		}
		// What cuts the key out is an expression that an index can hold, so that
		// the search starts at the other row.
		end, start := q.arg("", after)+"::text", fmt.Sprint(len([]rune(before))+1)
		only = fmt.Sprintf(" AND starts_with(%s, %s::text) AND strpos(substr(%s, %s), %s) > 0", mine, q.arg("", before), mine, start, end)
		return keyIn(mine, start, end), key, only
	case q.nature(at) == asLeaf:
		return q.one(alias, at), theirs + "::text", ""
	}
	return ident(alias, at.column), theirs, ""
}

// keyIn is the key that begins at a place of a text and ends with a sign.
func keyIn(text, from, end string) string {
	return fmt.Sprintf("split_part(substr(%s, %s), %s, 1)", text, from, end)
}

// origin is the rows that a path's own column compares with: the last hop's, or
// those of the table that it starts from.
type origin struct {
	table string // as it stands in a statement, with the alias x
	x     string
	at    place // the column that is compared
	when  string
	any   []string // conditions of which one makes a row the subject's
}

// origin is nil if there are no such rows.
func (q *query) origin(via []datamap.Hop, p datamap.Path) *origin {
	o := &origin{x: q.alias()}
	if n := len(via); n > 0 {
		h := via[n-1]
		o.table, o.at = q.table(h.Table)+" "+ident(o.x), place{table: h.Table, column: h.Out}
		if inner := q.before(o.x, h, via[:n-1], p); inner != "false" {
			o.any, o.when = []string{inner}, q.when(o.x, h.Table, h.When)
		}
	} else {
		from, _ := q.m.Table(p.From.Table)
		o.table, o.at = q.table(from.Name)+" "+ident(o.x), place{table: from.Name, column: p.From.Column}
		o.any = q.carried(o.x, from, p.Through)
	}
	if len(o.any) == 0 {
		return nil
	}
	return o
}

// linked says that one of the rows is equal. Of conditions that are alternatives
// each is looked for by itself, as the planner would read the whole table for
// both, unless the row at hand is known.
func (o *origin) linked(q *query, mine, theirs []string, alias string, and []datamap.Pair) string {
	for _, a := range and {
		mine, theirs = append(mine, ident(alias, a.Mine)), append(theirs, ident(o.x, a.Theirs))
	}
	if len(o.any) > 1 && !q.known {
		return fmt.Sprintf("(%s) IN (%s)", strings.Join(mine, ", "), o.selected(strings.Join(theirs, ", "), "", ""))
	}
	equal := make([]string, len(mine))
	for i := range mine {
		equal[i] = theirs[i] + " = " + mine[i]
	}
	// Of a known row the planner shall not start at the subject, whom it takes
	// for the average person: each batch would read all that the subject has.
	var fence string
	if q.known {
		fence = " OFFSET 0"
	}
	return fmt.Sprintf("EXISTS (SELECT FROM %s WHERE %s%s AND %s%s)", o.table, strings.Join(equal, " AND "), o.when, either(o.any), fence)
}

// selected reads columns of the rows, and of another table's if one is joined.
func (o *origin) selected(columns, join, on string) string {
	var all []string
	for _, one := range o.any {
		all = append(all, fmt.Sprintf("SELECT %s FROM %s%s WHERE %s%s%s", columns, o.table, join, one, o.when, on))
	}
	return strings.Join(all, " UNION ALL ")
}

// among looks for rows in whose list one of another table's keys stands. An
// index of lists only answers if the search starts at the other rows; how many
// rows it brings, the planner cannot know, and need not.
func (q *query) among(alias string, at place, t *datamap.Table, from *origin) string {
	y := q.alias()
	var mine, theirs []string
	for _, k := range q.c.key(t) {
		mine, theirs = append(mine, ident(alias, k)), append(theirs, ident(y, k))
	}
	rows := from.selected(strings.Join(theirs, ", "), ", "+q.table(t.Name)+" "+ident(y), " AND "+q.contains(y, at, ident(from.x, from.at.column)))
	if len(mine) == 1 {
		return fmt.Sprintf("%s = ANY (ARRAY(%s))", mine[0], rows)
	}
	return fmt.Sprintf("(%s) IN (%s)", strings.Join(mine, ", "), rows)
}

// before leads from a hop's column back to the subject.
func (q *query) before(x string, h datamap.Hop, via []datamap.Hop, p datamap.Path) string {
	if keys, ok := q.directly(p); ok && len(via) == 0 {
		return q.anyOf(x, h.Table, h.In, "root\x00"+p.From.Table, keys)
	}
	from := q.origin(via, p)
	if from == nil {
		return "false"
	}
	return from.linked(q, []string{ident(x, h.In)}, []string{ident(from.x, from.at.column)}, x, nil)
}

// carried says which rows of a table a path may go on through: those that the
// subject has in one of the roles, unless a role that protects somebody else
// more takes them. One of the conditions must hold.
func (q *query) carried(x string, from *datamap.Table, through []datamap.Role) []string {
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
	return any
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

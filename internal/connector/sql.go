package connector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// query composes one statement. Names come from the map after they were held
// against the catalogue, and go through pgx.Identifier; types are the
// catalogue's own words; every value is a parameter.
type query struct {
	m     *datamap.Map
	c     *catalog
	r     *roots
	args  []any
	given map[string]string // what a parameter holds → its place
	depth int
	known bool // the rows are at hand: they are looked at, not looked for
}

func (s *Store) query(c *catalog, r *roots, args ...any) *query {
	return &query{m: s.m, c: c, r: r, args: args, given: map[string]string{}}
}

func ident(names ...string) string { return pgx.Identifier(names).Sanitize() }

// arg adds a parameter; one of the same name is used again.
func (q *query) arg(name string, v any) string {
	if at, ok := q.given[name]; ok && name != "" {
		return at
	}
	q.args = append(q.args, v)
	at := fmt.Sprintf("$%d", len(q.args))
	q.given[name] = at
	return at
}

func (q *query) table(name string) string { return ident(q.m.Store.Schema, name) }

// alias gives a fresh name for a table inside the statement.
func (q *query) alias() string { q.depth++; return fmt.Sprintf("x%d", q.depth) }

func (q *query) column(table, name string) *column {
	if r := q.c.tables[table]; r != nil && r.columns[name] != nil {
		return r.columns[name]
	}
	return &column{name: name, sqlType: "text", category: "S"} // Check has refused the map before it runs
}

// anyOf compares a column with a list of values in text form. What the column's
// type cannot hold is left out: a cast of it would stop the search.
func (q *query) anyOf(alias, table, name, label string, values []string) string {
	sqlType := q.column(table, name).sqlType
	values, at := q.fitting(sqlType, label, values)
	switch {
	case len(values) == 0:
		return "false"
	case sqlType == "text":
		return fmt.Sprintf("%s = ANY (%s::text[])", ident(alias, name), at())
	}
	return fmt.Sprintf("%s = ANY (%s::text[]::%s[])", ident(alias, name), at(), sqlType)
}

// fitting leaves the values that a type can hold, and makes them a parameter
// once it is asked for.
func (q *query) fitting(sqlType, label string, values []string) ([]string, func() string) {
	fit := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !fits(sqlType, v) })
	if len(fit) != len(values) && label != "" {
		label = sqlType + "\x00" + label
	}
	return fit, func() string { return q.arg(label, fit) }
}

var integers = map[string]int{"smallint": 16, "integer": 32, "bigint": 64}

func fits(sqlType, v string) bool {
	if bits, ok := integers[sqlType]; ok {
		_, err := strconv.ParseInt(v, 10, bits)
		return err == nil
	}
	if sqlType == "uuid" {
		return uuid.Validate(v) == nil && len(v) == 36
	}
	return !strings.Contains(v, "\x00")
}

// text reads a column as text without hiding it from an index.
func (q *query) text(alias, table, name string) string {
	if q.column(table, name).textual() {
		return ident(alias, name)
	}
	return ident(alias, name) + "::text"
}

func (q *query) when(alias, table string, when []datamap.Condition) string {
	var b strings.Builder
	for _, w := range when {
		b.WriteString(" AND " + q.condition(alias, table, w))
	}
	return b.String()
}

func (q *query) condition(alias, table string, w datamap.Condition) string {
	at := ident(alias, w.Column)
	switch {
	case w.Of.Table != "":
		x := q.alias()
		return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s = %s%s)", q.table(w.Of.Table), ident(x), ident(x, w.Of.Column), at, q.when(x, w.Of.Table, w.When))
	case w.NotNull:
		return at + " IS NOT NULL"
	case w.Null && len(w.In) == 0:
		return at + " IS NULL"
	}
	in := q.anyOf(alias, table, w.Column, "when\x00"+w.Column+strings.Join(w.In, "\x00"), w.In)
	if w.Null {
		return "(" + at + " IS NULL OR " + in + ")"
	}
	return in
}

// reach says which rows of a table one path brings.
func (q *query) reach(alias string, t *datamap.Table, p datamap.Path) string {
	switch {
	case p.Root:
		return q.anyOf(alias, t.Name, q.rootKey(t.Name), "root\x00"+t.Name, q.r.Keys[t.Name])
	case p.Find != "":
		var any []string
		for _, name := range p.In {
			if one := q.spelled(alias, t, p, name); one != "false" {
				any = append(any, one)
			}
		}
		return q.narrowed(either(any), alias, t.Name, p.When) + q.within(alias, t, either(any), true)
	}
	where := q.narrowed(q.follow(alias, t, p), alias, t.Name, p.When)
	return where + q.within(alias, t, where, false)
}

// within keeps a path's rows in the tenants of the request. A row that is found
// by value must be known to be there; one that refers to the subject's rows is
// let through if nothing says whose it is.
func (q *query) within(alias string, t *datamap.Table, where string, certain bool) string {
	if len(q.r.Who.Tenants) == 0 || where == "false" || !q.m.HasTenant(t) {
		return ""
	}
	in := fmt.Sprintf("%s = ANY (%s::text[])", q.tenant(alias, t), q.arg("within", q.r.Who.Tenants))
	if certain {
		return " AND " + in
	}
	return " AND (" + in + ") IS NOT FALSE"
}

// narrowed adds conditions, unless nothing can be true anyway: a parameter that
// no statement uses is an error.
func (q *query) narrowed(where, alias, table string, when []datamap.Condition) string {
	if where == "false" {
		return where
	}
	return where + q.when(alias, table, when)
}

func either(any []string) string {
	switch len(any) {
	case 0:
		return "false"
	case 1:
		return any[0]
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func (q *query) rootKey(table string) string {
	for _, r := range q.m.Person {
		if r.Table == table {
			return r.Key
		}
	}
	return ""
}

// spelled compares a place with the writings that were found to be the
// subject's. Where one writing is the subject's in one tenant and a stranger's
// in another, the tenant decides. A place that has to be decoded was decoded
// when it was searched: its rows are known.
func (q *query) spelled(alias string, t *datamap.Table, p datamap.Path, name string) string {
	at, what := place{t.Name, name, p.JSON}, pathName(t, p, name)
	if q.nature(at) == asDocument {
		return q.listed(alias, t, what)
	}
	s, any := q.r.Spelled[what], []string{}
	if len(s.Everywhere) > 0 {
		any = append(any, q.holdsWriting(alias, at, p, "spelled\x00"+what, s.Everywhere))
	}
	for _, tenant := range sortedKeys(s.Tenant) {
		any = append(any, fmt.Sprintf("(%s AND %s = %s)",
			q.holdsWriting(alias, at, p, "spelled\x00"+what+"\x00"+tenant, s.Tenant[tenant]),
			"coalesce("+q.tenant(alias, t)+", '')", q.arg("tenant\x00"+tenant, tenant)))
	}
	return either(any)
}

// holdsWriting compares a place with exact writings; the index that brought
// them brings them again.
func (q *query) holdsWriting(alias string, at place, p datamap.Path, label string, writings []string) string {
	where, kind := q.is(alias, at, label, writings), q.m.Normalisers[p.Find].Kind
	if where == "false" || p.Stored != datamap.AsTyped || q.known {
		return where
	}
	switch q.nature(at) {
	case asList:
		if forms := firstTokens(kind, tokenised(kind, writings)); len(forms) == len(writings) {
			return fmt.Sprintf("%s && %s::text[] AND %s", listTokens(kind, q.all(alias, at)), q.arg("tokens\x00"+label, forms), where)
		}
	case asColumn, asLeaf:
		text := q.one(alias, at)
		if key := searchKey(kind, text); key != text {
			return fmt.Sprintf("%s = ANY (ARRAY(SELECT %s FROM unnest(%s::text[]) u (u))) AND %s", key, searchKey(kind, "u.u"), q.arg(label, writings), where)
		}
	}
	return where
}

// listed compares a row with those whose keys were written down.
func (q *query) listed(alias string, t *datamap.Table, what string) string {
	rows, key := q.r.Rows[what], q.c.key(t)
	if len(rows) != len(key) || len(rows) == 0 || len(rows[0]) == 0 {
		return "false"
	}
	if len(key) == 1 {
		return q.anyOf(alias, t.Name, key[0], "listed\x00"+what, rows[0])
	}
	var mine, theirs, names, given []string
	for i, k := range key {
		mine = append(mine, ident(alias, k))
		names = append(names, fmt.Sprintf("k%d", i))
		theirs = append(theirs, fmt.Sprintf("u.k%d::%s", i, q.column(t.Name, k).sqlType))
		given = append(given, q.arg(fmt.Sprintf("listed\x00%s\x00%d", what, i), rows[i])+"::text[]")
	}
	return fmt.Sprintf("(%s) IN (SELECT %s FROM unnest(%s) u (%s))", strings.Join(mine, ", "), strings.Join(theirs, ", "),
		strings.Join(given, ", "), strings.Join(names, ", "))
}

// ofTenant says which rows of a table belong to the organizations asked for.
func (q *query) ofTenant(alias string, t *datamap.Table) string {
	label := "organizations"
	if o := q.m.Organization; o != nil && o.Table == t.Name {
		return q.anyOf(alias, t.Name, o.Key, label, q.r.Organizations)
	}
	p := t.Tenant
	if p == nil {
		return "false"
	}
	if p.Parent == "" {
		return q.narrowed(q.anyOf(alias, t.Name, p.Column, label, q.r.Organizations), alias, t.Name, p.When)
	}
	parent, _ := q.m.Table(p.Parent)
	x := q.alias()
	inner := q.ofTenant(x, parent)
	if inner == "false" {
		return inner
	}
	return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s = %s AND %s)%s", q.table(parent.Name), ident(x),
		ident(x, p.Key), ident(alias, p.Column), inner, q.when(alias, t.Name, p.When))
}

// tenant gives the tenant of a row as text, NULL if it has none.
func (q *query) tenant(alias string, t *datamap.Table) string {
	if q.m.Tenant != nil && q.m.Tenant.Table == t.Name {
		return ident(alias, q.m.Tenant.Key) + "::text"
	}
	p := t.Tenant
	if p == nil {
		return "NULL::text"
	}
	tenant := ident(alias, p.Column) + "::text"
	if p.Parent != "" {
		parent, _ := q.m.Table(p.Parent)
		x := q.alias()
		tenant = fmt.Sprintf("(SELECT %s FROM %s %s WHERE %s = %s LIMIT 1)", q.tenant(x, parent), q.table(parent.Name), ident(x),
			ident(x, p.Key), ident(alias, p.Column))
	}
	if len(p.When) == 0 {
		return tenant
	}
	return fmt.Sprintf("CASE WHEN true%s THEN %s END", q.when(alias, t.Name, p.When), tenant)
}

// branch is one set of rows of a table in one role; branches never overlap.
type branch struct {
	where  string
	before []string // what more protective roles have taken
}

func (b branch) String() string {
	var s strings.Builder
	s.WriteString(b.where)
	for _, other := range b.before {
		s.WriteString(" AND (" + other + ") IS NOT TRUE")
	}
	return s.String()
}

// ways lists the conditions under which a table's rows are the subject's in a
// role. Ways that bring nothing are left out, and so are their parameters.
func (q *query) ways(t *datamap.Table, alias string, role datamap.Role) []string {
	var out []string
	add := func(where string) {
		if where != "false" {
			out = append(out, where)
		}
	}
	if q.r.Who.Organization {
		if role == datamap.TenantRole {
			add(q.ofTenant(alias, t))
		}
		return out
	}
	for _, p := range t.Paths {
		if p.As == role {
			add(q.reach(alias, t, p))
		}
	}
	return out
}

// branches splits a role's rows into sets that do not overlap; what a more
// protective role takes, it leaves.
func (q *query) branches(t *datamap.Table, alias string, role datamap.Role) []branch {
	own := q.ways(t, alias, role)
	if len(own) == 0 {
		return nil
	}
	var before []string
	for _, other := range datamap.Roles {
		if other == role {
			break
		}
		if role != datamap.TenantRole {
			before = append(before, q.ways(t, alias, other)...)
		}
	}
	var out []branch
	for _, where := range own {
		out = append(out, branch{where, slices.Clone(before)})
		before = append(before, where)
	}
	return out
}

// part narrows the rows of a role by its retention.
type part string

const (
	whole   part = ""
	live    part = "live"    // still to be kept
	expired part = "expired" // its time is over
)

// split is the condition of a part; NULL starts no clock, so the row stays.
func (q *query) split(alias string, t *datamap.Table, u datamap.Rule, p part, cutoff string) string {
	if p == whole {
		return ""
	}
	over := fmt.Sprintf("(%s)::date < %s::text::date", q.until(alias, t, u), q.arg("cutoff", cutoff))
	if p == live {
		return " AND (" + over + ") IS NOT TRUE"
	}
	return " AND " + over
}

func (q *query) until(alias string, t *datamap.Table, u datamap.Rule) string {
	g := q.m.Grounds[u.Ground]
	return fmt.Sprintf("%s + %s::text::interval", q.moment(alias, t, q.m.From(u)), q.arg("period\x00"+g.Code, g.Period.Interval()))
}

// moment reads a column as a point in time, whatever it is stored as.
func (q *query) moment(alias string, t *datamap.Table, name string) string {
	at, col := ident(alias, name), q.column(t.Name, name)
	c, _ := t.Column(name)
	switch {
	case c.Epoch == "ms":
		return fmt.Sprintf("to_timestamp(%s / 1000.0)", at)
	case c.Epoch == "s":
		return fmt.Sprintf("to_timestamp(%s)", at)
	case col.sqlType == "timestamp without time zone":
		return fmt.Sprintf("(%s AT TIME ZONE %s::text)", at, q.arg("zone", q.m.Store.Zone))
	}
	return at
}

// union selects from all rows of a table that the subject has in a role.
func (q *query) union(t *datamap.Table, role datamap.Role, columns, narrow string) string {
	var all []string
	for _, b := range q.branches(t, "t", role) {
		all = append(all, fmt.Sprintf("SELECT %s FROM %s t WHERE %s%s", columns, q.table(t.Name), b, narrow))
	}
	if len(all) == 0 {
		return fmt.Sprintf("SELECT %s FROM %s t WHERE false", columns, q.table(t.Name))
	}
	return strings.Join(all, "\nUNION ALL\n")
}

// sum adds up over all branches of a role.
func (q *query) sum(t *datamap.Table, role datamap.Role, narrow string, parts ...string) string {
	inner, outer := make([]string, len(parts)), make([]string, len(parts))
	for i, p := range parts {
		inner[i] = fmt.Sprintf("%s AS n%d", p, i)
		outer[i] = fmt.Sprintf("sum(n%d)::bigint", i)
		if strings.HasPrefix(p, "max(") {
			outer[i] = fmt.Sprintf("coalesce(max(n%d)::text, '')", i)
		}
	}
	return fmt.Sprintf("SELECT %s FROM (\n%s\n) u", strings.Join(outer, ", "), q.union(t, role, strings.Join(inner, ", "), narrow))
}

// searchKey is the expression that an index should have for an identifier.
func searchKey(k datamap.NormalKind, column string) string {
	switch k {
	case datamap.E164, datamap.Digits:
		return "regexp_replace(" + column + ", '[^0-9]', '', 'g')"
	case datamap.Email:
		return "lower(" + column + ")"
	case datamap.Name:
		return "lower(regexp_replace(NORMALIZE(" + column + ", NFKD), '[^[:alnum:]]', '', 'g'))"
	}
	return column
}

// storedAs writes normal forms as a column is said to hold them.
func storedAs(n datamap.Normaliser, stored datamap.Stored, values []string) []string {
	out := slices.Clone(values)
	if stored == datamap.AsDigits && n.Kind == datamap.E164 {
		for i, v := range out {
			out[i] = strings.TrimPrefix(v, "+")
		}
	}
	return out
}

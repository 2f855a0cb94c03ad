package datamap

import (
	"cmp"
	"slices"
	"strings"
)

// references holds the names in a map against each other. It runs only on a
// map whose shape is right.
func (r *reader) references(m *Map) {
	c := &checker{r, m}
	if t := m.Tenant; t != nil {
		c.column(1, "tenant", t.Table, t.Key)
		if t.Region != "" {
			c.column(1, "tenant", t.Table, t.Region)
		}
	}
	seen := map[string]bool{}
	for _, root := range m.Person {
		t := c.column(1, "subjects.person", root.Table, root.Key)
		if seen[root.Table] {
			r.fail(1, "subjects.person: the table %s stands there twice; put all keys under one", root.Table)
		}
		seen[root.Table] = true
		for _, k := range slices.Concat(root.Match, root.Candidates, root.Learn) {
			c.match(root, k)
		}
		if t != nil {
			t.Paths = append([]Path{{As: Owner, Root: true, Line: t.Line}}, t.Paths...)
		}
	}
	if o := m.Organization; o != nil {
		c.column(1, "subjects.organization", o.Table, o.Key)
		c.identifier(1, "subjects.organization", "email")
		rep := o.Representative
		for _, name := range []string{rep.Email, rep.Organization, rep.Absent} {
			if name != "" {
				c.column(1, "subjects.organization.representatives", rep.Table, name)
			}
		}
		c.conditions(1, "subjects.organization.representatives", rep.Table, rep.When)
	}
	for _, t := range m.Tables {
		c.table(t)
	}
	c.everywhere()
	c.stores()
	done := map[string]bool{}
	for _, t := range m.Tables {
		c.cycle(t, nil, done)
	}
}

type checker struct {
	*reader
	m *Map
}

func (c *checker) known(line int, what, table string) *Table {
	t, ok := c.m.byName[table]
	if !ok {
		names := make([]string, len(c.m.Tables))
		for i, t := range c.m.Tables {
			names[i] = t.Name
		}
		c.fail(line, "%s: no table %q under tables; add it or correct the name%s", what, table, Near(table, names))
	}
	return t
}

func (c *checker) column(line int, what, table, column string) *Table {
	t := c.known(line, what, table)
	if t == nil {
		return nil
	}
	if _, ok := t.Column(column); !ok {
		names := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			names[i] = col.Name
		}
		c.fail(line, "%s: the map gives the table %s no column %q; put it into columns or a group%s", what, table, column, Near(column, names))
	}
	return t
}

func (c *checker) identifier(line int, what, kind string) {
	if _, ok := c.m.Normalisers[kind]; !ok {
		c.fail(line, "%s: no normaliser %q; add it under normalisers", what, kind)
	}
}

func (c *checker) conditions(line int, what, table string, when []Condition) {
	for _, w := range when {
		c.column(line, what+".when", table, w.Column)
		if w.Of.Table != "" {
			c.column(line, what+".when."+w.Column, w.Of.Table, w.Of.Column)
			c.conditions(line, what+".when."+w.Column, w.Of.Table, w.When)
		} else if len(w.In) == 0 && !w.Null && !w.NotNull {
			c.fail(line, "%s.when.%s: expected at least one value", what, w.Column)
		}
	}
}

func (c *checker) match(root Root, k Match) {
	what, table := "subjects.person."+root.Table, root.Table
	c.identifier(k.Line, what, k.By)
	if k.Table != "" {
		table = k.Table
		c.column(k.Line, what, table, k.To)
	}
	c.column(k.Line, what, table, k.Column)
	c.conditions(k.Line, what, table, k.When)
	if n, ok := c.m.Normalisers[k.By]; k.Variants && ok && n.Kind != E164 {
		c.fail(k.Line, "%s: variants are of telephone numbers; %s is none", what, k.By)
	}
}

// everywhere holds what stands beside the tables against them.
func (c *checker) everywhere() {
	for _, p := range c.m.Objectionable() {
		if len(c.m.Words[p]) == 0 {
			c.fail(1, "stop.%s: people may object to this purpose, and nothing says what it is; add it under purposes: {%s: {en: …}}", p, p)
		}
	}
	for _, term := range c.m.Mentions.Terms {
		if term != MentionName && term != MentionKey {
			c.identifier(1, "mentions.terms", term)
		}
	}
	for _, n := range c.m.Mentions.Names {
		if c.column(1, "mentions.names", n.Table, n.Column) != nil && !c.isRoot(n.Table) {
			c.fail(1, "mentions.names: the table %s is no table whose rows are the person; name one from subjects.person", n.Table)
		}
	}
	for _, v := range c.m.Views {
		if _, mapped := c.m.byName[v.Name]; mapped {
			c.fail(v.Line, "views.%s: it also stands under tables; remove one", v.Name)
		}
	}
}

func (c *checker) table(t *Table) {
	what := "tables." + t.Name
	if _, twice := c.m.Ignored[t.Name]; twice {
		c.fail(t.Line, "%s: the table is also under ignore; remove one", what)
	}
	if _, ok := c.m.Category(t.Category); !ok {
		c.fail(t.Line, "%s.category: no category %q; add it under categories", what, t.Category)
	}
	for _, name := range slices.Concat(t.Key, t.Self, t.Detach) {
		c.column(t.Line, what, t.Name, name)
	}
	for _, col := range t.Columns {
		if _, ok := c.m.Category(col.Category); col.Category != "" && !ok {
			c.fail(col.Line, "%s.columns.%s: no category %q; add it under categories", what, col.Name, col.Category)
		}
	}
	c.parts(t)
	if p := t.Tenant; p != nil {
		c.column(t.Line, what+".tenant", t.Name, p.Column)
		if p.Parent != "" {
			parent := c.column(t.Line, what+".tenant", p.Parent, p.Key)
			if parent != nil && !c.m.HasTenant(parent) {
				c.fail(t.Line, "%s.tenant: the table %s has no tenant itself; give it one", what, p.Parent)
			}
		}
		c.conditions(t.Line, what+".tenant", t.Name, p.When)
	}
	for _, p := range t.Paths {
		c.path(t, p)
	}
	c.rules(t)
}

// HasTenant says whether a table's rows belong to a tenant.
func (m *Map) HasTenant(t *Table) bool {
	return t.Tenant != nil || m.Organization != nil && m.Organization.Table == t.Name || m.Tenant != nil && m.Tenant.Table == t.Name
}

func (c *checker) path(t *Table, p Path) {
	what := "tables." + t.Name + ".reach"
	c.conditions(p.Line, what, t.Name, p.When)
	switch {
	case p.Root:
		return
	case p.Find != "":
		c.identifier(p.Line, what, p.Find)
		for _, name := range p.In {
			c.column(p.Line, what, t.Name, name)
		}
		return
	}
	from := c.column(p.Line, what, p.From.Table, p.From.Column)
	if from != nil && len(from.Paths) == 0 && !c.isRoot(from.Name) {
		c.fail(p.Line, "%s: nothing reaches the table %s, so nothing can be reached from it; give it a reach", what, from.Name)
	}
	c.column(p.Line, what, t.Name, p.To)
	for _, a := range p.And {
		c.column(p.Line, what+".and", t.Name, a.Mine)
		c.column(p.Line, what+".and", p.From.Table, a.Theirs)
	}
	for _, h := range p.Via {
		c.column(p.Line, what+".via", h.Table, h.In)
		c.column(p.Line, what+".via", h.Table, h.Out)
		c.conditions(p.Line, what+".via", h.Table, h.When)
	}
}

func (c *checker) isRoot(table string) bool {
	return slices.ContainsFunc(c.m.Person, func(r Root) bool { return r.Table == table })
}

// rules demands one rule for each role that can occur, and no other.
func (c *checker) rules(t *Table) {
	what := "tables." + t.Name + ".erase"
	need := map[Role]bool{}
	for _, p := range t.Paths {
		need[p.As] = true
	}
	if c.m.Organization != nil && c.m.HasTenant(t) {
		need[TenantRole] = true
	}
	lines := map[int]int{}
	for _, u := range t.Rules {
		lines[u.Line]++
	}
	for _, role := range append(slices.Clone(Roles), TenantRole) {
		u, ok := t.Rules[role]
		switch {
		case need[role] && !ok:
			c.fail(t.Line, "%s: no rule for the role %s; add %s: delete, or another", what, role, role)
		case ok && !need[role]:
			if lines[u.Line] < len(Roles) { // not the short form for all roles
				c.fail(u.Line, "%s: no path gives the role %s; remove the rule or add the path", what, role)
			}
			delete(t.Rules, role)
		case ok:
			c.rule(t, what+"."+string(role), u)
		}
	}
}

func (c *checker) rule(t *Table, what string, u Rule) {
	c.conditions(u.Line, what+".while", t.Name, u.While)
	if sh := u.Shared; sh != nil {
		c.column(u.Line, what+".shared", sh.By.Table, sh.By.Column)
		c.assignments(t, u.Line, what+".shared.set", sh.Set)
	}
	g, ok := c.m.Grounds[u.Ground]
	if u.Ground != "" && !ok {
		c.fail(u.Line, "%s.ground: no ground %q under retention; add it there", what, u.Ground)
	}
	from := c.m.From(u)
	if u.Do == Keep && !g.Period.IsZero() && from == "" {
		c.fail(u.Line, "%s: the ground %s has a length but no start; add from: column", what, u.Ground)
	}
	if u.After != "" && ok && (g.Period.IsZero() || from == "") {
		c.fail(u.Line, "%s: after needs a ground with for: and a start; give %s both", what, u.Ground)
	}
	if u.Do == Keep && !g.Period.IsZero() && u.After == "" {
		c.fail(u.Line, "%s: say what happens to rows whose time is over; add after: delete", what)
	}
	if from != "" {
		c.column(u.Line, what, t.Name, from)
	}
	c.assignments(t, u.Line, what+".set", u.Set)
}

func (c *checker) assignments(t *Table, line int, what string, set []Assignment) {
	for _, a := range set {
		c.column(line, what, t.Name, a.Column)
		if a.Source != "" {
			c.column(line, what, t.Name, a.Source)
		}
		if a.Fill == Remove {
			c.identifier(line, what+"."+a.Column+".remove", a.By)
		}
	}
}

// cycle refuses paths that lead back to their own table: the search would not
// end. done are tables that are known to lead nowhere twice.
func (c *checker) cycle(t *Table, trail []string, done map[string]bool) {
	if done[t.Name] {
		return
	}
	if i := slices.Index(trail, t.Name); i >= 0 {
		c.fail(t.Line, "tables.%s.reach: the paths go in a circle: %s; break it, or use self: for a column that refers to its own table", t.Name, strings.Join(append(trail[i:], t.Name), " ← "))
		return
	}
	trail = append(trail, t.Name)
	for _, next := range c.sources(t) {
		c.cycle(next, trail, done)
	}
	done[t.Name] = true
}

// sources are the tables that a table's predicates look into.
func (c *checker) sources(t *Table) []*Table {
	var out []*Table
	for _, name := range c.m.Sources(t) {
		if s, ok := c.m.byName[name]; ok {
			out = append(out, s)
		}
	}
	return out
}

// Sources names the tables that must still stand when rows of t are looked for.
func (m *Map) Sources(t *Table) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, p := range t.Paths {
		add(p.From.Table)
		for _, h := range p.Via {
			add(h.Table)
			looked(h.When, add)
		}
		looked(p.When, add)
	}
	if t.Tenant != nil {
		add(t.Tenant.Parent)
	}
	return out
}

// looked names the tables that conditions look into.
func looked(when []Condition, add func(string)) {
	for _, w := range when {
		if w.Of.Table != "" {
			add(w.Of.Table)
			looked(w.When, add)
		}
	}
}

// Identifies says whether a column is searched as an identifier, by normalising.
func (m *Map) Identifies(t *Table, column string) bool {
	for _, r := range m.Person {
		if slices.ContainsFunc(r.Match, func(k Match) bool {
			return cmp.Or(k.Table, r.Table) == t.Name && k.Column == column && len(k.Path) == 0
		}) {
			return true
		}
	}
	return slices.ContainsFunc(t.Paths, func(p Path) bool { return slices.Contains(p.In, column) && len(p.JSON) == 0 })
}

// From gives the column that a rule's period starts at, "" if there is none.
func (m *Map) From(u Rule) string {
	if u.From != "" || u.Ground == "" {
		return u.From
	}
	return m.Grounds[u.Ground].From
}

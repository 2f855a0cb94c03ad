package datamap

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) table(p pair) *Table {
	what := "tables." + p.key
	t := &Table{Name: p.key, Rules: map[Role]Rule{}, Line: p.line}
	var erase *yaml.Node
	columns := func(g Group) func(*yaml.Node) {
		return func(n *yaml.Node) {
			for _, item := range r.items(n, what+"."+string(g)) {
				r.column(t, Column{Name: r.text(item, what+"."+string(g)), Group: g, Mentions: g == Mention, Line: item.Line})
			}
		}
	}
	r.mapping(p.value, what, fields{
		"title!":    func(n *yaml.Node) { t.Title = r.words(n, what+".title") },
		"category!": func(n *yaml.Node) { t.Category = r.text(n, what+".category") },
		"controller!": func(n *yaml.Node) {
			t.Controller = Controller(r.oneOf(n, what+".controller", string(Operator), string(Organization)))
		},
		"key":    func(n *yaml.Node) { t.Key = r.texts(n, what+".key") },
		"tenant": func(n *yaml.Node) { t.Tenant = r.tenantPath(n, what+".tenant") },
		"reach": func(n *yaml.Node) {
			for _, item := range r.items(n, what+".reach") {
				t.Paths = append(t.Paths, r.path(item, what+".reach"))
			}
		},
		"erase":    func(n *yaml.Node) { erase = n },
		"self":     func(n *yaml.Node) { t.Self = r.texts(n, what+".self") },
		"object":   func(n *yaml.Node) { t.Object = r.object(n, what+".object") },
		"triggers": func(n *yaml.Node) { t.Triggers = r.texts(n, what+".triggers") },
		"columns":  func(n *yaml.Node) { r.columns(n, what+".columns", t) },
		"none":     columns(None), "link": columns(Link), "secret": columns(Secret),
		"staff": columns(Staff), "mention": columns(Mention),
	})
	if erase != nil {
		r.rules(erase, what+".erase", t)
	}
	return t
}

func (r *reader) column(t *Table, c Column) {
	if old, twice := t.Column(c.Name); twice {
		r.fail(c.Line, "tables.%s: the column %s stands here and in line %d; a column is in one place only", t.Name, c.Name, old.Line)
		return
	}
	t.Columns = append(t.Columns, c)
}

// columns reads the subject's own columns: a title alone, or the long form.
func (r *reader) columns(n *yaml.Node, what string, t *Table) {
	for _, p := range r.pairs(n, what) {
		c, at := Column{Name: p.key, Group: Data, Line: p.line}, what+"."+p.key
		if p.value.Kind == yaml.ScalarNode || onlyLanguages(p.value) {
			c.Title = r.words(p.value, at)
		} else {
			r.mapping(p.value, at, fields{
				"title!":   func(n *yaml.Node) { c.Title = r.words(n, at+".title") },
				"category": func(n *yaml.Node) { c.Category = r.text(n, at+".category") },
				"json":     func(n *yaml.Node) { c.JSON = r.flag(n, at+".json") },
				"mentions": func(n *yaml.Node) { c.Mentions = r.flag(n, at+".mentions") },
				"epoch":    func(n *yaml.Node) { c.Epoch = r.oneOf(n, at+".epoch", "ms", "s") },
				"only": func(n *yaml.Node) {
					for _, item := range r.items(n, at+".only") {
						c.Only = append(c.Only, r.role(item, at+".only"))
					}
				},
			})
		}
		r.column(t, c)
	}
}

func onlyLanguages(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isLanguage(n.Content[i].Value) {
			return false
		}
	}
	return n.Kind == yaml.MappingNode && len(n.Content) > 0
}

func (r *reader) tenantPath(n *yaml.Node, what string) *TenantPath {
	if n.Kind == yaml.ScalarNode {
		return &TenantPath{Column: r.text(n, what)}
	}
	t := &TenantPath{}
	r.mapping(n, what, fields{
		"from!": func(n *yaml.Node) { ref := r.ref(n, what+".from"); t.Parent, t.Key = ref.Table, ref.Column },
		"to!":   func(n *yaml.Node) { t.Column = r.text(n, what+".to") },
		"when":  func(n *yaml.Node) { t.When = r.conditions(n, what+".when") },
	})
	return t
}

// ref reads table.column.
func (r *reader) ref(n *yaml.Node, what string) Ref {
	v := r.text(n, what)
	table, column, ok := strings.Cut(v, ".")
	if v != "" && (!ok || table == "" || column == "") {
		r.fail(n.Line, "%s: expected table.column, found %q", what, v)
	}
	return Ref{table, column}
}

func (r *reader) role(n *yaml.Node, what string) Role {
	names := make([]string, len(Roles))
	for i, role := range Roles {
		names[i] = string(role)
	}
	return Role(r.oneOf(n, what, names...))
}

func (r *reader) path(n *yaml.Node, what string) Path {
	p := Path{Through: carrying, Line: n.Line}
	r.mapping(n, what, fields{
		"as!":  func(n *yaml.Node) { p.As = r.role(n, what+".as") },
		"from": func(n *yaml.Node) { p.From = r.ref(n, what+".from") },
		"to":   func(n *yaml.Node) { p.To = r.text(n, what+".to") },
		"and": func(n *yaml.Node) {
			for _, one := range r.pairs(n, what+".and") {
				p.And = append(p.And, Pair{one.key, r.text(one.value, what+".and."+one.key)})
			}
		},
		"through": func(n *yaml.Node) {
			p.Through = nil
			for _, item := range r.items(n, what+".through") {
				p.Through = append(p.Through, r.role(item, what+".through"))
			}
		},
		"via": func(n *yaml.Node) {
			for _, item := range r.items(n, what+".via") {
				h := Hop{}
				r.mapping(item, what+".via", fields{
					"table!": func(n *yaml.Node) { h.Table = r.text(n, what+".via.table") },
					"in!":    func(n *yaml.Node) { h.In = r.text(n, what+".via.in") },
					"out!":   func(n *yaml.Node) { h.Out = r.text(n, what+".via.out") },
					"when":   func(n *yaml.Node) { h.When = r.conditions(n, what+".via.when") },
				})
				p.Via = append(p.Via, h)
			}
		},
		"find":   func(n *yaml.Node) { p.Find = r.text(n, what+".find") },
		"in":     func(n *yaml.Node) { p.In = r.texts(n, what+".in") },
		"stored": func(n *yaml.Node) { p.Stored = Stored(r.oneOf(n, what+".stored", "normal", "digits")) },
		"when":   func(n *yaml.Node) { p.When = r.conditions(n, what+".when") },
		"access": func(n *yaml.Node) {
			p.Withhold = r.oneOf(n, what+".access", "include", "withhold") == "withhold"
		},
	})
	byKey, byValue := p.From.Table != "" && p.To != "", p.Find != "" && len(p.In) > 0
	if n.Kind == yaml.MappingNode && byKey == byValue {
		r.fail(n.Line, "%s: expected either from: table.column with to: column, or find: identifier with in: [columns]", what)
	}
	if len(p.And) > 0 && (len(p.Via) > 0 || p.Find != "") {
		r.fail(n.Line, "%s: and: compares with the table under from, so it goes neither with via nor with find", what)
	}
	return p
}

func (r *reader) object(n *yaml.Node, what string) *Object {
	o := &Object{}
	r.mapping(n, what, fields{
		"key!": func(n *yaml.Node) { o.Key = r.text(n, what+".key") },
		"name": func(n *yaml.Node) { o.Name = r.text(n, what+".name") },
	})
	return o
}

// rules reads one rule for all roles (erase: delete), or role: rule.
func (r *reader) rules(n *yaml.Node, what string, t *Table) {
	if n.Kind == yaml.ScalarNode {
		all := r.rule(n, what)
		for _, role := range append(slices.Clone(Roles), TenantRole) {
			t.Rules[role] = all
		}
		return
	}
	for _, p := range r.pairs(n, what) {
		if p.key != string(TenantRole) && !slices.Contains(Roles, Role(p.key)) {
			r.fail(p.line, "%s: expected a role (%s), found %q", what, roleNames(), p.key)
			continue
		}
		t.Rules[Role(p.key)] = r.rule(p.value, what+"."+p.key)
	}
}

func roleNames() string {
	var b strings.Builder
	for _, role := range Roles {
		b.WriteString(string(role) + ", ")
	}
	return b.String() + string(TenantRole)
}

func (r *reader) rule(n *yaml.Node, what string) Rule {
	if n.Kind == yaml.ScalarNode {
		do := r.oneOf(n, what, string(Delete), string(Anonymise), string(Keep))
		if do == string(Keep) || do == string(Anonymise) {
			r.fail(n.Line, "%s: %s needs more: write {do: keep, ground: …} or {do: anonymise, set: {…}}", what, do)
		}
		return Rule{Do: Action(do), Line: n.Line}
	}
	u := Rule{Line: n.Line}
	r.mapping(n, what, fields{
		"do!": func(n *yaml.Node) {
			u.Do = Action(r.oneOf(n, what+".do", string(Delete), string(Anonymise), string(Keep)))
		},
		"ground": func(n *yaml.Node) { u.Ground = r.text(n, what+".ground") },
		"from":   func(n *yaml.Node) { u.From = r.text(n, what+".from") },
		"after": func(n *yaml.Node) {
			u.After = Action(r.oneOf(n, what+".after", string(Delete), string(Anonymise)))
		},
		"set": func(n *yaml.Node) { u.Set = r.assignments(n, what+".set") },
	})
	switch {
	case u.Do == Keep && u.Ground == "":
		r.fail(n.Line, "%s: keep needs a ground: add ground: with a code from retention", what)
	case (u.Do == Anonymise || u.After == Anonymise) && len(u.Set) == 0:
		r.fail(n.Line, "%s: anonymise needs to know what to write: add set: {column: null}", what)
	case u.Do == Delete && (u.Ground != "" || len(u.Set) > 0):
		r.fail(n.Line, "%s: delete takes neither ground nor set; remove them, or choose keep or anonymise", what)
	case u.Do != Keep && u.After != "":
		r.fail(n.Line, "%s: after belongs to keep; remove it", what)
	}
	return u
}

// assignments reads column: null | hash | {value: …} | {hash: column} | {fresh: …{key}…}.
func (r *reader) assignments(n *yaml.Node, what string) []Assignment {
	var out []Assignment
	for _, p := range r.pairs(n, what) {
		a, at := Assignment{Column: p.key}, what+"."+p.key
		switch {
		case p.value.Kind == yaml.ScalarNode && p.value.Tag == "!!null":
			a.Fill = Null
		case p.value.Kind == yaml.ScalarNode && p.value.Value == "hash":
			a.Fill, a.Source = Hash, p.key
		case p.value.Kind == yaml.ScalarNode:
			r.fail(p.value.Line, "%s: expected null, hash, {value: …}, {hash: column} or {fresh: …}, found %s", at, kindOf(p.value))
		default:
			r.mapping(p.value, at, fields{
				"value": func(n *yaml.Node) {
					a.Fill, a.Value = Constant, n.Value
					if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
						r.fail(n.Line, "%s.value: expected a text, found %s", at, kindOf(n))
					}
				},
				"hash": func(n *yaml.Node) { a.Fill, a.Source = Hash, r.text(n, at+".hash") },
				"fresh": func(n *yaml.Node) {
					a.Fill, a.Value = Fresh, r.text(n, at+".fresh")
					if !strings.Contains(a.Value, "{key}") {
						r.fail(n.Line, "%s.fresh: expected {key} in it, or the value is not unique", at)
					}
				},
			})
			if len(p.value.Content) != 2 {
				r.fail(p.value.Line, "%s: expected exactly one of value, hash, fresh", at)
			}
		}
		out = append(out, a)
	}
	return out
}

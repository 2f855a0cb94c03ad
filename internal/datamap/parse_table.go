package datamap

import (
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
		"like":      func(*yaml.Node) {}, // likes has written it out
		"title!":    func(n *yaml.Node) { t.Title = r.words(n, what+".title") },
		"store":     func(n *yaml.Node) { t.Store = r.text(n, what+".store") },
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
		"erase":  func(n *yaml.Node) { erase = n },
		"self":   func(n *yaml.Node) { t.Self = r.texts(n, what+".self") },
		"detach": func(n *yaml.Node) { t.Detach = r.texts(n, what+".detach") },
		"object": func(n *yaml.Node) { t.Objects = append(t.Objects, r.plainObject(n, what+".object")) },
		"objects": func(n *yaml.Node) {
			for _, item := range r.items(n, what+".objects") {
				t.Objects = append(t.Objects, r.object(item, what+".objects"))
			}
		},
		"discriminators": func(n *yaml.Node) { t.Discriminators = r.conditions(n, what+".discriminators") },
		"age":            func(n *yaml.Node) { t.Age = r.text(n, what+".age") },
		"conversation":   func(n *yaml.Node) { t.Conversation = r.conversation(n, what+".conversation") },
		"provenance":     func(n *yaml.Node) { t.Provenance = r.provenance(n, what+".provenance") },
		"batch":          func(n *yaml.Node) { t.Batch = r.batch(n, what+".batch") },
		"repair": func(n *yaml.Node) {
			for _, item := range r.items(n, what+".repair") {
				t.Repairs = append(t.Repairs, r.repair(item, what+".repair"))
			}
		},
		"stop":     func(n *yaml.Node) { t.Stop = r.stop(n, what+".stop") },
		"suppress": func(n *yaml.Node) { t.Suppress = r.suppress(n, what+".suppress") },
		"triggers": func(n *yaml.Node) { t.Triggers = r.texts(n, what+".triggers") },
		"columns":  func(n *yaml.Node) { r.columns(n, what+".columns", t) },
		"none":     columns(None), "link": columns(Link), "secret": columns(Secret),
		"staff": columns(Staff), "mention": columns(Mention), "derived": columns(Derived),
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
		"form":   func(n *yaml.Node) { p.Form = r.form(n, what+".form") },
		"json":   func(n *yaml.Node) { p.JSON = r.jsonPath(n, what+".json") },
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
	if p.Form != "" && (!byKey || len(p.And) > 0 || len(p.JSON) > 0) {
		r.fail(n.Line, "%s: form says how a key stands in the column under to; it goes with from and to, and without and: or json:", what)
	}
	return p
}

// form reads how a key stands inside a text: {} is the key, a * may end it.
func (r *reader) form(n *yaml.Node, what string) string {
	v := r.text(n, what)
	if v != "" && (strings.Count(v, "{}") != 1 || strings.Contains(strings.TrimSuffix(v, "*"), "*")) {
		r.fail(n.Line, "%s: expected {} once, where the key stands, and at most one * at the end, found %q", what, v)
	}
	_, after, _ := strings.Cut(v, "{}")
	if strings.HasPrefix(after, "*") {
		r.fail(n.Line, "%s: expected a sign between {} and *, or the key 12 is found in 123; found %q", what, v)
	}
	return v
}

package datamap

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rules reads one rule for all roles (erase: delete, erase: {do: …}), or role: rule.
func (r *reader) rules(n *yaml.Node, what string, t *Table) {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.MappingNode && entry(n, "do") >= 0 {
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

// overwriting are the actions that leave a row and overwrite parts of it.
var overwriting = []Action{Anonymise, Tombstone, Redact}

// Overwrites says whether an action leaves a row and overwrites parts of it.
func (a Action) Overwrites() bool { return slices.Contains(overwriting, a) }

func (r *reader) action(n *yaml.Node, what string, actions ...Action) Action {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = string(a)
	}
	return Action(r.oneOf(n, what, names...))
}

func (r *reader) rule(n *yaml.Node, what string) Rule {
	all := append([]Action{Delete, Keep}, overwriting...)
	if n.Kind == yaml.ScalarNode {
		do := r.action(n, what, all...)
		if do != Delete && do != "" {
			r.fail(n.Line, "%s: %s needs more: write {do: keep, ground: …} or {do: %s, set: {…}}", what, do, Anonymise)
		}
		return Rule{Do: do, Line: n.Line}
	}
	u := Rule{Line: n.Line}
	r.mapping(n, what, fields{
		"do!":    func(n *yaml.Node) { u.Do = r.action(n, what+".do", all...) },
		"ground": func(n *yaml.Node) { u.Ground = r.text(n, what+".ground") },
		"from":   func(n *yaml.Node) { u.From = r.text(n, what+".from") },
		"after":  func(n *yaml.Node) { u.After = r.action(n, what+".after", append([]Action{Delete}, overwriting...)...) },
		"while":  func(n *yaml.Node) { u.While = r.conditions(n, what+".while") },
		"set":    func(n *yaml.Node) { u.Set = r.assignments(n, what+".set") },
		"shared": func(n *yaml.Node) { u.Shared = r.shared(n, what+".shared") },
	})
	switch {
	case u.Do == Keep && u.Ground == "":
		r.fail(n.Line, "%s: keep needs a ground: add ground: with a code from retention", what)
	case (u.Do.Overwrites() || u.After.Overwrites()) && len(u.Set) == 0:
		r.fail(n.Line, "%s: %s needs to know what to write: add set: {column: null}", what, cmp.Or(u.After, u.Do))
	case !u.Do.Overwrites() && !u.After.Overwrites() && len(u.Set) > 0:
		r.fail(n.Line, "%s: set goes with anonymise, tombstone and redact; remove it, or choose one of them", what)
	case u.Do == Delete && u.Ground != "":
		r.fail(n.Line, "%s: delete takes no ground; remove it, or choose keep", what)
	case u.Do == Delete && (u.After != "" || len(u.While) > 0):
		r.fail(n.Line, "%s: after and while go with a rule that keeps rows for a time; remove them", what)
	case u.After != "" && u.Ground == "":
		r.fail(n.Line, "%s: after needs a ground with a length; add ground:", what)
	case len(u.While) > 0 && u.After == "":
		r.fail(n.Line, "%s: while keeps rows from what after says; add after:", what)
	case u.Shared != nil && u.Do != Delete:
		r.fail(n.Line, "%s: shared goes with delete: it says what happens instead", what)
	}
	return u
}

func (r *reader) shared(n *yaml.Node, what string) *Shared {
	s := &Shared{}
	r.mapping(n, what, fields{
		"by!":  func(n *yaml.Node) { s.By = r.ref(n, what+".by") },
		"do!":  func(n *yaml.Node) { s.Do = r.action(n, what+".do", overwriting...) },
		"set!": func(n *yaml.Node) { s.Set = r.assignments(n, what+".set") },
	})
	return s
}

// assignments reads column: null | hash | scrub | {value: …} | {hash: column} |
// {fresh: …{key}…} | {json: {…}} | {remove: {…}}.
func (r *reader) assignments(n *yaml.Node, what string) []Assignment {
	var out []Assignment
	for _, p := range r.pairs(n, what) {
		a, at := Assignment{Column: p.key}, what+"."+p.key
		switch {
		case p.value.Kind == yaml.ScalarNode && p.value.Tag == "!!null":
			a.Fill = Null
		case p.value.Kind == yaml.ScalarNode && p.value.Value == "hash":
			a.Fill, a.Source = Hash, p.key
		case p.value.Kind == yaml.ScalarNode && p.value.Value == "scrub":
			a.Fill = Scrub
		case p.value.Kind == yaml.ScalarNode:
			r.fail(p.value.Line, "%s: expected null, hash, scrub, {value: …}, {hash: column}, {fresh: …}, {json: {…}} or {remove: {…}}, found %s", at, kindOf(p.value))
		default:
			r.assignment(p.value, at, &a)
		}
		out = append(out, a)
	}
	return out
}

func (r *reader) assignment(n *yaml.Node, at string, a *Assignment) {
	r.mapping(n, at, fields{
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
		"json": func(n *yaml.Node) { a.Fill, a.Leaves = Leaves, r.jsonLeaves(n, at+".json") },
		"remove": func(n *yaml.Node) {
			a.Fill = Remove
			r.mapping(n, at+".remove", fields{
				"by!":       func(n *yaml.Node) { a.By = r.text(n, at+".remove.by") },
				"json":      func(n *yaml.Node) { a.Path = r.jsonPath(n, at+".remove.json") },
				"separator": func(n *yaml.Node) { a.Separator = r.text(n, at+".remove.separator") },
			})
			if len(a.Path) > 0 && a.Separator != "" {
				r.fail(n.Line, "%s.remove: json: is for a list in JSON, separator: for one in plain text; choose one", at)
			}
		},
	})
	if n.Kind == yaml.MappingNode && len(n.Content) != 2 {
		r.fail(n.Line, "%s: expected exactly one of value, hash, fresh, json, remove", at)
	}
}

// jsonLeaves reads path: null | drop | scrub | {value: …}.
func (r *reader) jsonLeaves(n *yaml.Node, what string) []Leaf {
	var out []Leaf
	for _, p := range r.pairs(n, what) {
		path, err := ParseJSONPath(p.key)
		if err != nil {
			r.fail(p.line, "%s: expected keys with dots, [] for every element, * for every key: %s", what, err)
		}
		l, at := Leaf{Path: path}, what+"."+p.key
		switch {
		case p.value.Kind == yaml.ScalarNode && p.value.Tag == "!!null":
			l.Do = LeafNull
		case p.value.Kind == yaml.ScalarNode && (p.value.Value == "drop" || p.value.Value == "scrub"):
			l.Do = LeafAction(p.value.Value)
		case p.value.Kind == yaml.ScalarNode:
			r.fail(p.value.Line, "%s: expected null, drop, scrub or {value: …}, found %s", at, kindOf(p.value))
		default:
			r.mapping(p.value, at, fields{"value!": func(n *yaml.Node) {
				l.Do = LeafValue
				var v any
				if err := n.Decode(&v); err != nil {
					r.fail(n.Line, "%s.value: expected a text, a number, true or false, found %s", at, kindOf(n))
				}
				b, err := json.Marshal(v)
				if err != nil {
					r.fail(n.Line, "%s.value: this cannot be written as JSON: %s", at, err)
				}
				l.Value = string(b)
			}})
		}
		out = append(out, l)
	}
	return out
}

package datamap

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

func (r *reader) roots(n *yaml.Node) []Root {
	var out []Root
	for _, item := range r.items(n, "subjects.person") {
		root := Root{Line: item.Line}
		r.mapping(item, "subjects.person", fields{
			"table!":     func(n *yaml.Node) { root.Table = r.text(n, "subjects.person.table") },
			"key!":       func(n *yaml.Node) { root.Key = r.text(n, "subjects.person.key") },
			"match!":     func(n *yaml.Node) { root.Match = r.matches(n, "subjects.person.match", false) },
			"candidates": func(n *yaml.Node) { root.Candidates = r.matches(n, "subjects.person.candidates", true) },
			"learn":      func(n *yaml.Node) { root.Learn = r.matches(n, "subjects.person.learn", false) },
		})
		out = append(out, root)
	}
	if len(out) == 0 && n.Kind == yaml.SequenceNode {
		r.fail(n.Line, "subjects.person: expected at least one table whose rows are the person")
	}
	return out
}

// matches reads where identifiers stand: at: column of the root, or
// at: table.column with to: the column that refers to the root.
func (r *reader) matches(n *yaml.Node, what string, candidates bool) []Match {
	var out []Match
	for _, item := range r.items(n, what) {
		one := Match{Line: item.Line}
		r.mapping(item, what, fields{
			"by!":    func(n *yaml.Node) { one.By = r.text(n, what+".by") },
			"at!":    func(n *yaml.Node) { one.Column = r.text(n, what+".at") },
			"to":     func(n *yaml.Node) { one.To = r.text(n, what+".to") },
			"json":   func(n *yaml.Node) { one.Path = r.jsonPath(n, what+".json") },
			"when":   func(n *yaml.Node) { one.When = r.conditions(n, what+".when") },
			"stored": func(n *yaml.Node) { one.Stored = Stored(r.oneOf(n, what+".stored", "normal", "digits")) },
			"variants": func(n *yaml.Node) {
				one.Variants = r.flag(n, what+".variants")
				if !candidates {
					r.fail(n.Line, "%s: variants are guesses; they go under candidates", what)
				}
			},
		})
		if one.To != "" { // without it, a dot is part of the column's name
			var ok bool
			if one.Table, one.Column, ok = strings.Cut(one.Column, "."); !ok {
				r.fail(item.Line, "%s: to: belongs to at: table.column; it is the column of that table that refers to the person's key", what)
			}
		}
		out = append(out, one)
	}
	return out
}

func (r *reader) jsonPath(n *yaml.Node, what string) JSONPath {
	text := r.text(n, what)
	if text == "" {
		return nil
	}
	p, err := ParseJSONPath(text)
	if err != nil {
		r.fail(n.Line, "%s: expected keys with dots, [] for every element, * for every key: %s", what, err)
	}
	return p
}

// conditions reads {column: value}, {column: [value, value]}, {column: null},
// {column: {not: null}} and {column: {of: table.key, when: {…}}}.
func (r *reader) conditions(n *yaml.Node, what string) []Condition {
	var out []Condition
	for _, p := range r.pairs(n, what) {
		c, at := Condition{Column: p.key}, what+"."+p.key
		switch {
		case p.value.Kind == yaml.MappingNode:
			r.mapping(p.value, at, fields{
				"not": func(n *yaml.Node) {
					c.NotNull = true
					if n.Tag != "!!null" {
						r.fail(n.Line, "%s.not: only null may stand here; list the values that count instead", at)
					}
				},
				"of":   func(n *yaml.Node) { c.Of = r.ref(n, at+".of") },
				"when": func(n *yaml.Node) { c.When = r.conditions(n, at+".when") },
			})
			if c.NotNull == (c.Of.Table != "") {
				r.fail(p.value.Line, "%s: expected either not: null, or of: table.key with when: {…}", at)
			}
		case p.value.Tag == "!!null":
			c.Null = true
		case p.value.Kind == yaml.SequenceNode:
			for _, item := range p.value.Content {
				if item.Tag == "!!null" {
					c.Null = true
				} else {
					c.In = append(c.In, r.text(item, at))
				}
			}
		default:
			c.In = r.texts(p.value, at)
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) mentions(n *yaml.Node, m *Mentions) {
	r.mapping(n, "mentions", fields{
		"terms!": func(n *yaml.Node) { m.Terms = r.texts(n, "mentions.terms") },
		"names": func(n *yaml.Node) {
			for _, item := range r.items(n, "mentions.names") {
				m.Names = append(m.Names, r.ref(item, "mentions.names"))
			}
		},
		"timeout": func(n *yaml.Node) { m.Timeout = r.duration(n, "mentions.timeout") },
		"limit":   func(n *yaml.Node) { m.Limit = r.whole(n, "mentions.limit", 1, 10_000) },
	})
}

func (r *reader) views(n *yaml.Node) []View {
	var out []View
	for _, p := range r.pairs(n, "views") {
		v, what := View{Name: p.key, Line: p.line}, "views."+p.key
		r.mapping(p.value, what, fields{
			"refresh": func(n *yaml.Node) { v.Refresh = r.flag(n, what+".refresh") },
			"search":  func(n *yaml.Node) { v.Search = r.texts(n, what+".search") },
		})
		out = append(out, v)
	}
	return out
}

func (r *reader) duration(n *yaml.Node, what string) time.Duration {
	d, err := time.ParseDuration(r.text(n, what))
	if err != nil || d <= 0 || d > time.Hour {
		r.fail(n.Line, "%s: expected a length such as 100ms, 20s or 2m, found %s", what, kindOf(n))
	}
	return d
}

func (r *reader) whole(n *yaml.Node, what string, least, most int) int {
	v, err := strconv.Atoi(r.text(n, what))
	if err != nil || v < least || v > most {
		r.fail(n.Line, "%s: expected a whole number from %d to %d, found %s", what, least, most, kindOf(n))
	}
	return v
}

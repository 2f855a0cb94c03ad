package datamap

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// likes writes out tables that are like another one, such as an archive: what
// stands under the table itself wins, key by key; columns are added.
func (r *reader) likes(tables []pair) []pair {
	by := map[string]*yaml.Node{}
	for _, p := range tables {
		by[p.key] = p.value
	}
	out := make([]pair, len(tables))
	for i, p := range tables {
		out[i] = p
		if p.value.Kind != yaml.MappingNode {
			continue
		}
		at := entry(p.value, "like")
		if at < 0 {
			continue
		}
		what, name := "tables."+p.key+".like", p.value.Content[at+1]
		other := by[r.text(name, what)]
		switch {
		case other == nil || other.Kind != yaml.MappingNode || other == p.value:
			r.fail(name.Line, "%s: expected the name of another table under tables, found %s", what, kindOf(name))
		case entry(other, "like") >= 0:
			r.fail(name.Line, "%s: the table %s is like another one itself; name that one", what, name.Value)
		default:
			out[i].value = joined(p.value, other, at)
		}
	}
	return out
}

// entry finds a key of a mapping, -1 if it is not there.
func entry(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// added are the keys whose lists or mappings a twin adds to; all others replace.
var added = map[string]bool{"columns": true, "none": true, "link": true, "secret": true, "staff": true, "mention": true, "derived": true}

func joined(own, other *yaml.Node, like int) *yaml.Node {
	out := *own
	out.Content = slices.Concat(own.Content[:like], own.Content[like+2:])
	for i := 0; i+1 < len(other.Content); i += 2 {
		k, v := other.Content[i], other.Content[i+1]
		at := entry(&out, k.Value)
		switch {
		case at < 0:
			out.Content = append(out.Content, k, v)
		case added[k.Value] && out.Content[at+1].Kind == v.Kind:
			both := *v
			both.Content = slices.Concat(v.Content, out.Content[at+1].Content)
			out.Content[at+1] = &both
		}
	}
	return &out
}

func (r *reader) plainObject(n *yaml.Node, what string) Object {
	o := Object{Line: n.Line}
	r.mapping(n, what, fields{
		"key!": func(n *yaml.Node) { o.Key = "{" + r.text(n, what+".key") + "}" },
		"name": func(n *yaml.Node) { o.Name = r.text(n, what+".name") },
	})
	return o
}

func (r *reader) object(n *yaml.Node, what string) Object {
	o := Object{Line: n.Line}
	r.mapping(n, what, fields{
		"key!": func(n *yaml.Node) { o.Key = r.text(n, what+".key") },
		"name": func(n *yaml.Node) { o.Name = r.text(n, what+".name") },
		"when": func(n *yaml.Node) { o.When = r.conditions(n, what+".when") },
		"many": func(n *yaml.Node) { o.Many = r.flag(n, what+".many") },
		"store": func(n *yaml.Node) {
			if n.Kind == yaml.ScalarNode {
				o.Stores = map[string]string{"": r.text(n, what+".store")}
				return
			}
			r.mapping(n, what+".store", fields{
				"by!": func(n *yaml.Node) { o.By = r.text(n, what+".store.by") },
				"is!": func(n *yaml.Node) {
					o.Stores = map[string]string{}
					for _, p := range r.pairs(n, what+".store.is") {
						o.Stores[p.key] = r.text(p.value, what+".store.is."+p.key)
					}
				},
			})
		},
	})
	if _, err := ParseTemplate(o.Key); err != nil && o.Key != "" {
		r.fail(n.Line, "%s.key: %s", what, err)
	}
	return o
}

func (r *reader) batch(n *yaml.Node, what string) Batch {
	b := Batch{}
	r.mapping(n, what, fields{
		"size":    func(n *yaml.Node) { b.Size = r.whole(n, what+".size", 1, 100_000) },
		"pause":   func(n *yaml.Node) { b.Pause = r.duration(n, what+".pause") },
		"timeout": func(n *yaml.Node) { b.Timeout = r.duration(n, what+".timeout") },
	})
	return b
}

func (r *reader) repair(n *yaml.Node, what string) Repair {
	p := Repair{Line: n.Line}
	f := fields{
		"column!": func(n *yaml.Node) { p.Column = r.text(n, what+".column") },
		"of":      func(n *yaml.Node) { p.Of = r.text(n, what+".of") },
		"by":      func(n *yaml.Node) { p.By = r.text(n, what+".by") },
		"on!":     func(n *yaml.Node) { p.On = r.on(n, what+".on") },
		"when":    func(n *yaml.Node) { p.When = r.conditions(n, what+".when") },
	}
	for _, how := range []Formula{Count, Exists, Sum, Max, Min, Latest} {
		f[string(how)] = func(n *yaml.Node) {
			if p.How != "" {
				r.fail(n.Line, "%s: expected one of count, exists, sum, max, min, latest, found %s and %s", what, p.How, how)
			}
			p.How, p.From = how, r.text(n, what+"."+string(how))
		}
	}
	r.mapping(n, what, f)
	switch {
	case n.Kind != yaml.MappingNode:
	case p.How == "":
		r.fail(n.Line, "%s: say how the column is computed: count, exists, sum, max, min or latest, with the table", what)
	case (p.Of != "") == (p.How == Count || p.How == Exists):
		r.fail(n.Line, "%s: of: column goes with sum, max, min and latest, and only with them", what)
	case (p.By != "") != (p.How == Latest):
		r.fail(n.Line, "%s: by: column goes with latest, and only with it", what)
	}
	return p
}

// stop reads what is written to stop a purpose: restriction, marketing …
func (r *reader) stop(n *yaml.Node, what string) map[string][]Assignment {
	out := map[string][]Assignment{}
	for _, p := range r.pairs(n, what) {
		out[p.key] = r.assignments(p.value, what+"."+p.key)
		for _, a := range out[p.key] {
			if a.Fill != Constant && a.Fill != Null && a.Fill != Leaves {
				r.fail(p.line, "%s.%s.%s: expected null, {value: …} or {json: {…}}: a stop must be undone to the byte", what, p.key, a.Column)
			}
		}
	}
	return out
}

func (r *reader) suppress(n *yaml.Node, what string) *Suppress {
	s := &Suppress{Line: n.Line}
	r.mapping(n, what, fields{
		"by!":    func(n *yaml.Node) { s.By = r.text(n, what+".by") },
		"set":    func(n *yaml.Node) { s.Set = r.written(n, what+".set") },
		"append": func(n *yaml.Node) { s.Append = r.text(n, what+".append") },
		"stored": func(n *yaml.Node) { s.Stored = Stored(r.oneOf(n, what+".stored", "normal", "digits")) },
	})
	if n.Kind == yaml.MappingNode && (len(s.Set) > 0) == (s.Append != "") {
		r.fail(n.Line, "%s: expected either set: {column: …} for a row of its own, or append: column for a list in the tenant's row", what)
	}
	return s
}

// written reads the columns of a row that is inserted: tenant, now, null,
// {value: …} or {identifier: normal}.
func (r *reader) written(n *yaml.Node, what string) []Assignment {
	var out []Assignment
	for _, p := range r.pairs(n, what) {
		a, at := Assignment{Column: p.key}, what+"."+p.key
		switch v := p.value; {
		case v.Kind == yaml.ScalarNode && v.Tag == "!!null":
			a.Fill = Null
		case v.Kind == yaml.ScalarNode && (v.Value == "tenant" || v.Value == "now"):
			a.Fill = Fill(v.Value)
		case v.Kind == yaml.ScalarNode:
			r.fail(v.Line, "%s: expected tenant, now, null, {value: …} or {identifier: normal or digits}, found %s", at, kindOf(v))
		default:
			r.mapping(v, at, fields{
				"value": func(n *yaml.Node) { a.Fill, a.Value = Constant, r.text(n, at+".value") },
				"identifier": func(n *yaml.Node) {
					a.Fill, a.Stored = Identifier, Stored(r.oneOf(n, at+".identifier", "normal", "digits"))
				},
			})
		}
		out = append(out, a)
	}
	return out
}

func (r *reader) pattern(n *yaml.Node, what string) string {
	v := r.text(n, what)
	if _, err := regexp.Compile(v); err != nil {
		r.fail(n.Line, "%s: expected a regular expression (RE2): %s", what, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return v
}

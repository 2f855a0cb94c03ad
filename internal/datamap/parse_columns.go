package datamap

import "go.yaml.in/yaml/v3"

// columns reads the subject's own columns: a title alone, or the long form.
func (r *reader) columns(n *yaml.Node, what string, t *Table) {
	for _, p := range r.pairs(n, what) {
		c, at := Column{Name: p.key, Group: Data, Line: p.line}, what+"."+p.key
		if p.value.Kind == yaml.ScalarNode || onlyLanguages(p.value) {
			c.Title = r.words(p.value, at)
		} else {
			r.mapping(p.value, at, fields{
				"title!":     func(n *yaml.Node) { c.Title = r.words(n, at+".title") },
				"category":   func(n *yaml.Node) { c.Category = r.text(n, at+".category") },
				"json":       func(n *yaml.Node) { c.JSON, c.Leaves = r.leaves(n, at+".json") },
				"mentions":   func(n *yaml.Node) { c.Mentions = r.flag(n, at+".mentions") },
				"review":     func(n *yaml.Node) { c.Review = r.flag(n, at+".review") },
				"encoded":    func(n *yaml.Node) { c.Encoded = r.oneOf(n, at+".encoded", "base64") },
				"epoch":      func(n *yaml.Node) { c.Epoch = r.oneOf(n, at+".epoch", "ms", "s") },
				"provenance": func(n *yaml.Node) { c.Provenance = r.provenance(n, at+".provenance") },
				"correct":    func(n *yaml.Node) { c.Correct = r.correct(n, at+".correct") },
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

// leaves reads json: true, or what each place of the value is.
func (r *reader) leaves(n *yaml.Node, what string) (bool, []LeafGroup) {
	if n.Kind == yaml.ScalarNode {
		return r.flag(n, what), nil
	}
	var out []LeafGroup
	for _, p := range r.pairs(n, what) {
		path, err := ParseJSONPath(p.key)
		if err != nil {
			r.fail(p.line, "%s: expected keys with dots, [] for every element, * for every key: %s", what, err)
		}
		g := r.oneOf(p.value, what+"."+p.key, string(Data), string(None), string(Link), string(Secret), string(Staff), string(Mention))
		out = append(out, LeafGroup{path, Group(g)})
	}
	return true, out
}

func (r *reader) provenance(n *yaml.Node, what string) Provenance {
	return Provenance(r.oneOf(n, what, string(Provided), string(Observed), string(Inferred), string(FromOrganization)))
}

func (r *reader) correct(n *yaml.Node, what string) *Correct {
	c := &Correct{}
	r.mapping(n, what, fields{
		"json": func(n *yaml.Node) {
			for _, p := range r.pairs(n, what+".json") {
				path, err := ParseJSONPath(p.key)
				if err != nil || !path.Plain() {
					r.fail(p.line, "%s.json: expected keys joined by dots, found %q: one place is corrected, not many", what, p.key)
				}
				c.Leaves = append(c.Leaves, CorrectLeaf{path, r.correct(p.value, what+".json."+p.key)})
			}
		},
		"type": func(n *yaml.Node) {
			c.Type = r.oneOf(n, what+".type", "text", "name", "email", "phone", "date", "number", "language", "one_of")
		},
		"pattern":      func(n *yaml.Node) { c.Pattern = r.pattern(n, what+".pattern") },
		"pattern_from": func(n *yaml.Node) { c.PatternFrom = r.patternFrom(n, what+".pattern_from") },
		"one_of":       func(n *yaml.Node) { c.OneOf = r.texts(n, what+".one_of") },
		"unique":       func(n *yaml.Node) { c.Unique = r.flag(n, what+".unique") },
		"store":        func(n *yaml.Node) { c.Stored = Stored(r.oneOf(n, what+".store", "normal", "digits")) },
		"routing":      func(n *yaml.Node) { c.Routing = r.flag(n, what+".routing") },
		"kind":         func(n *yaml.Node) { c.Kind = r.text(n, what+".kind") },
	})
	if n.Kind == yaml.MappingNode && (c.Type == "") == (len(c.Leaves) == 0) {
		r.fail(n.Line, "%s: expected either type: for the column or json: {path: {type: …}} for places in it", what)
	}
	if len(c.Leaves) > 0 && (c.Pattern != "" || c.PatternFrom != nil) {
		r.fail(n.Line, "%s: a pattern goes with the place that it is about; move it below json:", what)
	}
	if (c.Type == "one_of") != (len(c.OneOf) > 0) {
		r.fail(n.Line, "%s: type: one_of and one_of: [values] go together", what)
	}
	return c
}

func (r *reader) patternFrom(n *yaml.Node, what string) *PatternFrom {
	p := &PatternFrom{Line: n.Line}
	r.mapping(n, what, fields{
		"table!":  func(n *yaml.Node) { p.Table = r.text(n, what+".table") },
		"column!": func(n *yaml.Node) { p.Column = r.text(n, what+".column") },
		"on":      func(n *yaml.Node) { p.On = r.on(n, what+".on") },
		"when":    func(n *yaml.Node) { p.When = r.conditions(n, what+".when") },
	})
	if n.Kind == yaml.MappingNode && len(p.On) == 0 && len(p.When) == 0 {
		r.fail(n.Line, "%s: say which row holds the pattern: add on: {column there: column here}, or when:", what)
	}
	return p
}

// on reads which column of another table equals which of this one.
func (r *reader) on(n *yaml.Node, what string) (on []Pair) {
	for _, one := range r.pairs(n, what) {
		on = append(on, Pair{one.key, r.text(one.value, what+"."+one.key)})
	}
	return on
}

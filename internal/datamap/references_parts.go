package datamap

import "slices"

// parts holds what a table says beside paths and rules against its columns.
func (c *checker) parts(t *Table) {
	what := "tables." + t.Name
	c.conditions(t.Line, what+".discriminators", t.Name, t.Discriminators)
	if t.Age != "" {
		c.column(t.Line, what+".age", t.Name, t.Age)
	}
	if t.Conversation != nil {
		c.conversation(t, t.Conversation)
	}
	for _, o := range t.Objects {
		c.object(t, o)
	}
	for _, p := range t.Repairs {
		c.repair(t, p)
	}
	for purpose, set := range t.Stop {
		c.assignments(t, t.Line, what+".stop."+purpose, set)
		for _, a := range set {
			for _, l := range a.Leaves {
				if !l.Path.Plain() || l.Do != LeafValue && l.Do != LeafNull {
					c.fail(t.Line, "%s.stop.%s.%s.json: expected keys joined by dots with {value: …} or null, found %s", what, purpose, a.Column, l.Path)
				}
			}
		}
	}
	if s := t.Suppress; s != nil {
		c.identifier(s.Line, what+".suppress", s.By)
		c.assignments(t, s.Line, what+".suppress.set", s.Set)
		if s.Append != "" {
			c.column(s.Line, what+".suppress", t.Name, s.Append)
		}
		if s.Append != "" && !c.m.HasTenant(t) {
			c.fail(s.Line, "%s.suppress: append writes into the row of a tenant, and the table has none; give it tenant:", what)
		}
	}
	for _, col := range t.Columns {
		if k := col.Correct; k != nil {
			c.correct(t, col, k, what+".columns."+col.Name+".correct")
		}
	}
}

func (c *checker) correct(t *Table, col Column, k *Correct, what string) {
	if k.Kind != "" {
		c.identifier(col.Line, what, k.Kind)
	}
	if len(k.Leaves) > 0 && !col.JSON {
		c.fail(col.Line, "%s.json: the column is not said to be JSON; add json: true", what)
	}
	if len(k.Leaves) == 0 && col.JSON {
		c.fail(col.Line, "%s: a JSON value is not corrected as a whole; write json: {path: {type: …}}", what)
	}
	if p := k.PatternFrom; p != nil {
		c.column(p.Line, what+".pattern_from", p.Table, p.Column)
		for _, on := range p.On {
			c.column(p.Line, what+".pattern_from.on", p.Table, on.Mine)
			c.column(p.Line, what+".pattern_from.on", t.Name, on.Theirs)
		}
		c.conditions(p.Line, what+".pattern_from", p.Table, p.When)
		if from := c.known(p.Line, what+".pattern_from", p.Table); from != nil && slices.Contains(from.InGroup(Secret), p.Column) {
			c.fail(p.Line, "%s.pattern_from: %s.%s is secret and cannot be read; take it out of secret:", what, p.Table, p.Column)
		}
	}
	for _, leaf := range k.Leaves {
		c.correct(t, Column{Line: col.Line, Name: col.Name}, leaf.Correct, what+".json."+leaf.Path.String())
	}
}

func (c *checker) object(t *Table, o Object) {
	what := "tables." + t.Name + ".objects"
	if template, err := ParseTemplate(o.Key); err == nil {
		for _, name := range template.Columns() {
			c.column(o.Line, what, t.Name, name)
		}
	}
	for _, name := range []string{o.Name, o.By} {
		if name != "" {
			c.column(o.Line, what, t.Name, name)
		}
	}
	c.conditions(o.Line, what, t.Name, o.When)
}

func (c *checker) repair(t *Table, p Repair) {
	what := "tables." + t.Name + ".repair"
	c.column(p.Line, what, t.Name, p.Column)
	for _, name := range []string{p.Of, p.By} {
		if name != "" {
			c.column(p.Line, what, p.From, name)
		}
	}
	for _, on := range p.On {
		c.column(p.Line, what+".on", p.From, on.Mine)
		c.column(p.Line, what+".on", t.Name, on.Theirs)
	}
	if len(p.On) == 0 {
		c.fail(p.Line, "%s: on: says which rows count for which row; add {column of %s: column of %s}", what, p.From, t.Name)
	}
	c.conditions(p.Line, what, p.From, p.When)
}

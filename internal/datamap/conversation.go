package datamap

import "go.yaml.in/yaml/v3"

// Conversation says how a table's rows are read as what people wrote: which of
// them belong together, when each was written, and which the subject wrote.
type Conversation struct {
	By   string      // rows with one value in this column are one conversation; "" if all are
	At   string      // column with the time; "" if there is none
	Own  []Condition // rows that the subject wrote, of those where that is not their role; none: nobody knows
	Line int
}

// Writes says whether rows of a role are the subject's own words; known is false
// where only the row itself can tell.
func (r Role) Writes() (own, known bool) {
	switch r {
	case Author, Owner:
		return true, true
	case OtherPerson, Named:
		return false, true
	}
	return false, false
}

func (r *reader) conversation(n *yaml.Node, what string) *Conversation {
	c := &Conversation{Line: n.Line}
	r.mapping(n, what, fields{
		"by":  func(n *yaml.Node) { c.By = r.text(n, what+".by") },
		"at":  func(n *yaml.Node) { c.At = r.text(n, what+".at") },
		"own": func(n *yaml.Node) { c.Own = r.conditions(n, what+".own") },
	})
	return c
}

func (c *checker) conversation(t *Table, v *Conversation) {
	what := "tables." + t.Name + ".conversation"
	for _, name := range []string{v.By, v.At} {
		if name != "" {
			c.column(v.Line, what, t.Name, name)
		}
	}
	c.conditions(v.Line, what+".own", t.Name, v.Own)
}

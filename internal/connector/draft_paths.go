package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// reach follows the references outwards from the people, nearest first. What is
// left with an address or a number and without a sure key is reached by value.
func (d *draft) reach() {
	var round []string
	for _, t := range d.roots {
		round = append(round, t.Name)
	}
	done := map[int]bool{}
	for len(round) > 0 {
		var next []string
		for _, from := range round {
			if !d.tables[from].carries() || dotted(from) {
				continue
			}
			for i, e := range d.edges {
				if e.target != from || done[i] || d.tables[e.table] == d.tenant {
					continue
				}
				done[i] = true
				if d.follow(e) && !slices.Contains(next, e.table) {
					next = append(next, e.table)
				}
			}
		}
		round = next
	}
	for _, name := range d.names {
		d.byValue(d.tables[name])
	}
	for _, name := range d.names {
		d.controlled(d.tables[name])
	}
}

// follow adds the path along a reference, unless it would lead back.
func (d *draft) follow(e edge) bool {
	t := d.tables[e.table]
	waits := d.waits
	if e.foreignKey { // it is in there already
		waits = d.sources()
	}
	if d.leads(waits, e.table, e.target) {
		t.notes = append(t.notes, "no path goes along "+plainly(strings.Join(e.columns, ", "))+" to "+plainly(e.target)+": it would lead back to where it began")
		return false
	}
	d.waits[e.target] = append(d.waits[e.target], e.table)
	role, sure := d.role(t, e)
	at := 0
	for i, column := range e.columns {
		if t.r.has(column) {
			at = i
			break
		}
	}
	p := datamap.Path{As: role, From: datamap.Ref{Table: e.target, Column: e.to[at]}, To: e.columns[at], Withhold: role == datamap.Named}
	for i, column := range e.columns {
		if i != at {
			p.And = append(p.And, datamap.Pair{Mine: column, Theirs: e.to[i]})
		}
	}
	if e.when != nil {
		p.When = []datamap.Condition{*e.when}
	}
	t.via[len(t.Paths)] = e
	where := pathMark(len(t.Paths))
	t.Paths = append(t.Paths, p)
	switch {
	case e.when != nil:
		t.check(where, "no foreign key: %s seems to say what %s refers to; are these all its words for it?", plainly(e.when.Column), plainly(p.To))
	case !e.foreignKey:
		t.check(where, "no foreign key: the column's name says so")
	}
	if !sure {
		t.check(where, "is the person %s here?", role)
	}
	return true
}

// role guesses what a person is to the rows along a reference, and says whether
// there was little to guess.
func (d *draft) role(t *drafted, e edge) (datamap.Role, bool) {
	from, column := d.tables[e.target], strings.Join(e.columns, " ")
	if !from.root {
		if slices.ContainsFunc([]string{"messages", "files"}, func(c string) bool { return c == t.Category && t.Category == from.Category }) {
			return datamap.Thread, true
		}
		return datamap.Inherit, true
	}
	switch {
	case t.root:
		return datamap.Named, false
	case says(column, namedWords):
		return datamap.Named, false
	case says(column, addresseeWords):
		return datamap.Addressee, false
	case says(column, authorWords):
		return datamap.Author, false
	case from.staff && (slices.ContainsFunc(t.fks, func(o edge) bool { return d.ofPeople(o.target) }) || t.Category != "activity" && t.Category != "account" && t.Category != "other"):
		return datamap.Author, false
	case t.Category == "messages":
		return datamap.Thread, false
	}
	return datamap.Owner, true
}

// ofPeople says that a table's rows are, or lead to, people who are not staff.
func (d *draft) ofPeople(name string) bool {
	t := d.tables[name]
	return t.root && !t.staff || slices.ContainsFunc(t.Paths, func(p datamap.Path) bool {
		return p.As == datamap.Thread || p.As == datamap.Inherit || p.As == datamap.Owner && d.tables[p.From.Table] != nil && !d.tables[p.From.Table].staff
	})
}

// byValue looks for the person's address or number where no key is sure to
// lead to the row.
func (d *draft) byValue(t *drafted) {
	if t.root || t == d.tenant || slices.ContainsFunc(t.fks, func(e edge) bool {
		return !t.nullable(e.columns) && d.tables[e.target].carries() && slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.From.Table == e.target })
	}) {
		return
	}
	for _, m := range t.match {
		t.check(pathMark(len(t.Paths)), "no key leads here for sure; %s looks like a person's %s", plainly(m.Column), map[string]string{"email": "address", "phone": "number"}[m.By])
		if said := t.checks["stored "+m.Column]; said != "" {
			t.check(pathMark(len(t.Paths)), "%s", said)
		}
		t.Paths = append(t.Paths, datamap.Path{As: datamap.Addressee, Find: m.By, In: []string{m.Column}, Stored: m.Stored})
	}
}

// controlled guesses who decides about the rows.
func (d *draft) controlled(t *drafted) {
	t.Controller = datamap.Operator
	people := t.root && !t.staff || !t.root && (d.ofPeople(t.Name) || t.Category == "consent" || t.Category == "delivery") && t.Category != "billing"
	if d.tenant != nil && people && len(d.roots) > 1 {
		t.Controller = datamap.Organization
		t.check("controller", "it holds an organization's own customers")
	}
}

// sources are the references that paths and tenants follow already.
func (d *draft) sources() map[string][]string {
	out := map[string][]string{}
	for _, name := range d.names {
		for _, p := range d.tables[name].Paths {
			out[p.From.Table] = append(out[p.From.Table], name)
		}
	}
	return out
}

// leads says whether going on from a table, one reaches another.
func (d *draft) leads(graph map[string][]string, from, to string) bool {
	seen := map[string]bool{}
	var walk func(string) bool
	walk = func(at string) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		return slices.ContainsFunc(graph[at], walk)
	}
	return walk(from)
}

// dotted names cannot stand before a column: the map writes table.column.
func dotted(table string) bool { return strings.Contains(table, ".") }

func pathMark(i int) string { return fmt.Sprintf("path %d", i) }

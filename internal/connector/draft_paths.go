package connector

import (
	"fmt"
	"regexp"
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
	d.ownParts(done)
	for _, name := range d.names {
		d.byValue(d.tables[name])
		d.byForm(d.tables[name])
	}
	for _, name := range d.names {
		d.controlled(d.tables[name])
		d.withAuthors(d.tables[name])
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
	if !d.persona(from) {
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
	case t.Category == "messages" && !from.root: // a member of many writes among others
		return datamap.Author, false
	case t.Category == "messages":
		return datamap.Thread, false
	}
	return datamap.Owner, true
}

// persona says that a table's rows stand for the person: a root's, or a
// membership or profile of one.
func (d *draft) persona(t *drafted) bool {
	return t.root || t.has(datamap.Owner) && t.referring && (isA(t.Name, staffWords) || isA(t.Name, personWords) || isA(t.Name, []string{"membership"}))
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
		role := datamap.Addressee
		if says(lastKey(m.Column, m.Path.String()), []string{"from", "sender", "author", "caller"}) {
			role = datamap.Author
		}
		if ofMany(m.Path) {
			role = datamap.Named
			t.check(pathMark(len(t.Paths)), "a list of many people?")
		}
		t.Paths = append(t.Paths, datamap.Path{As: role, Withhold: role == datamap.Named, Find: m.By, In: []string{m.Column}, JSON: m.Path, Stored: m.Stored})
	}
}

// ofMany says that a place is one of a list of people: its element, or in an
// element of a value that is a list and nothing else.
func ofMany(p datamap.JSONPath) bool {
	return len(p) > 0 && (p[0].Each || p[len(p)-1].Each)
}

// ownParts follows what people wrote among others to its parts: the files of a
// post, and its earlier versions.
func (d *draft) ownParts(done map[int]bool) {
	for i, e := range d.edges {
		t, from := d.tables[e.table], d.tables[e.target]
		inName := len(tokens(t.Name)) > 1 && slices.Equal(singular(tokens(t.Name)[:1]), singular(tokens(from.Name)))
		others := slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.From.Table != "" && d.persona(d.tables[p.From.Table]) })
		part := t.Category == "files" || inName && (!others || about(t.Name, partWords)) // what has people of its own is theirs: a reaction, a membership
		if done[i] || !part || from.carries() || !from.has(datamap.Author) || d.onlyStaff(from, datamap.Author) || dotted(from.Name) || !d.follow(e) {
			continue
		}
		p := &t.Paths[len(t.Paths)-1]
		p.As, p.Through = datamap.Inherit, []datamap.Role{datamap.Author}
		t.check(pathMark(len(t.Paths)-1), "is it a part of what the person wrote?")
	}
}

// looksForm is how a table's key stands inside a text: behind the table's name.
var looksForm = regexp.MustCompile(`^([A-Za-z_]+)([:/#|-])(?:[0-9]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:([:/#|.,-]).*)?$`)

// byForm looks for a person's key inside texts.
func (d *draft) byForm(t *drafted) {
	for _, column := range t.r.order {
		if t.r.columns[column].category != "S" || t.refers(column) {
			continue
		}
		forms := map[string]string{} // of the table
		for v := range t.shapes[column].distinct {
			at := looksForm.FindStringSubmatch(v)
			if at == nil {
				continue
			}
			for _, root := range d.roots {
				if root != t && !dotted(root.Name) && slices.Contains(writings(root.Name), at[1]) {
					form := at[1] + at[2] + "{}"
					if at[3] != "" {
						form += at[3] + "*"
					}
					forms[form] = root.Name
				}
			}
		}
		for _, form := range sortedKeys(forms) {
			root := d.tables[forms[form]]
			t.check(pathMark(len(t.Paths)), "the key seems to stand inside the text of %s; does it always so?", plainly(column))
			t.Paths = append(t.Paths, datamap.Path{As: datamap.Owner, From: datamap.Ref{Table: root.Name, Column: root.rootKey()}, To: column, Form: form})
		}
	}
}

// withAuthors leads paths also through rows that a person wrote into somebody
// else's: the files of a comment are of whose words it is.
func (d *draft) withAuthors(t *drafted) {
	for i, p := range t.Paths {
		from := d.tables[p.From.Table]
		if from == nil || from.root || len(p.Through) > 0 || p.As != datamap.Inherit || !from.has(datamap.Author) || d.onlyStaff(from, datamap.Author) || !slices.Contains([]string{"files", "messages", "delivery"}, t.Category) {
			continue
		}
		for _, role := range []datamap.Role{datamap.Thread, datamap.Owner, datamap.Inherit, datamap.Author} {
			if from.has(role) {
				t.Paths[i].Through = append(t.Paths[i].Through, role)
			}
		}
		t.check(pathMark(i), "also of what the person wrote in other people's rows?")
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

package connector

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// decide gives each role its rule, parents first: what a child may keep depends
// on what goes.
func (d *draft) decide(t *drafted) {
	if t.decided {
		return
	}
	t.decided = true
	for _, e := range t.fks {
		d.decide(d.tables[e.target])
	}
	for _, role := range datamap.Roles {
		if t.has(role) {
			t.Rules[role] = d.rule(t, role)
		}
	}
	if d.hasTenant(t) {
		t.Rules[datamap.TenantRole] = d.rule(t, datamap.TenantRole)
	}
}

func ruleMark(role datamap.Role) string { return "erase " + string(role) }

func (d *draft) rule(t *drafted, role datamap.Role) datamap.Rule {
	own := d.persona(t) && (role == datamap.Owner || role == datamap.TenantRole)
	carrying := role == datamap.Owner || role == datamap.Thread || role == datamap.Inherit || role == datamap.TenantRole
	switch set := d.said.set[t.Name]; {
	case d.said.remove[t.Name] && carrying:
		return datamap.Rule{Do: datamap.Delete}
	case len(set) > 0 && carrying:
		t.check(ruleMark(role), "the dataset overwrites these columns; is the rest of the row nobody's?")
		return datamap.Rule{Do: datamap.Anonymise, Set: set}
	case t == d.tenant:
		t.check(ruleMark(role), "what else refers to it goes on standing; is the rest of it nobody's?")
		return d.emptied(t, role, "contract", t.personal)
	case own && t.referring && (t.root && staffed(t.Name) || d.needed(t)):
		t.check(ruleMark(role), "a tombstone: rows that stay refer to it")
		return d.emptied(t, role, "record", t.personal)
	case about(t.Name, keptWords) && !about(t.Name, []string{"method"}) && t.Category == "billing":
		return d.booked(t, role)
	case role == datamap.Addressee && t.Category == "consent":
		return d.suppressed(t)
	case role == datamap.Author && !d.onlyStaff(t, role) && (t.has(datamap.Thread) || t.has(datamap.Inherit) || t.has(datamap.Owner)):
		t.check(ruleMark(role), "their words in somebody else's rows: emptied, not taken out")
		return d.emptied(t, role, "others", t.written)
	case role == datamap.Named && len(t.lists()) > 0:
		t.check(ruleMark(role), "the person's element goes, the others stay")
		return datamap.Rule{Do: datamap.Redact, Set: t.lists()}
	case role == datamap.Named, role == datamap.Author && d.onlyStaff(t, role):
		t.check(ruleMark(role), "the row is somebody else's; may it keep the name?")
		return d.logged(t, role)
	case !carrying && t.referring:
		t.check(ruleMark(role), "other rows refer to it, and no path goes on through it")
		return d.emptied(t, role, "record", t.personal)
	case role == datamap.Addressee, role == datamap.Author:
		t.check(ruleMark(role), "may the whole row go?")
	case t.has(datamap.Author) && !d.onlyStaff(t, datamap.Author) && role == datamap.Thread:
		t.check(ruleMark(role), "what other people wrote in it goes too; README, \"Other people's words\", says how it stays")
	case t.has(datamap.Author) && role != datamap.TenantRole && t.Category == "activity":
		t.check(ruleMark(role), "the entry is also the one of who did it; may the whole row go?")
	}
	return datamap.Rule{Do: datamap.Delete}
}

// lists are the lists in which the person is one of many.
func (t *drafted) lists() []datamap.Assignment {
	var out []datamap.Assignment
	for _, p := range t.Paths {
		if p.Find != "" && ofMany(p.JSON) && !sets(out, p.In[0]) {
			out = append(out, datamap.Assignment{Column: p.In[0], Fill: datamap.Remove, By: p.Find, Path: p.JSON})
		}
	}
	return out
}

// needed says that rows which stay cannot stand without the row: books that must
// be kept, and what the person wrote where others have their say too.
func (d *draft) needed(t *drafted) bool {
	return slices.ContainsFunc(d.edges, func(e edge) bool {
		c := d.tables[e.table]
		if e.target != t.Name || !e.foreignKey || c.nullable(e.columns) {
			return false
		}
		if c.Category == "billing" && about(c.Name, keptWords) {
			return true
		}
		for i, p := range c.Paths {
			if slices.Equal(c.via[i].columns, e.columns) && !slices.Contains([]datamap.Role{datamap.Thread, datamap.Owner, datamap.Inherit}, p.As) && (c.referring || c.carries()) {
				return true
			}
		}
		return false
	})
}

// onlyStaff says that nobody but staff has a role in a table.
func (d *draft) onlyStaff(t *drafted, role datamap.Role) bool {
	return !slices.ContainsFunc(t.Paths, func(p datamap.Path) bool {
		from := d.tables[p.From.Table]
		return p.As == role && (from == nil || !from.staff)
	})
}

// holding are the foreign keys by which rows of a role would hold back rows
// that go.
func (d *draft) holding(t *drafted, role datamap.Role) []edge {
	goes := func(p *drafted) bool {
		if role == datamap.TenantRole {
			return deletes(p.Rules[role])
		}
		for other, u := range p.Rules {
			if other != datamap.TenantRole && deletes(u) {
				return true
			}
		}
		return false
	}
	var out []edge
	for _, e := range t.fks {
		followed := role == datamap.TenantRole
		for i, p := range t.Paths {
			followed = followed || p.As == role && slices.Equal(t.via[i].columns, e.columns)
		}
		if e.foreignKey && followed && goes(d.tables[e.target]) {
			out = append(out, e)
		}
	}
	return out
}

// freed gives what must be written so that a row can stay, false if nothing can.
func (d *draft) freed(t *drafted, role datamap.Role) ([]datamap.Assignment, bool) {
	var out []datamap.Assignment
	for _, e := range d.holding(t, role) {
		if !t.nullable(e.columns) {
			t.check(ruleMark(role), "it cannot stay without its %s, which goes", plainly(e.target))
			return nil, false
		}
		out = append(out, datamap.Assignment{Column: e.columns[0], Fill: datamap.Null})
	}
	return out, true
}

func (d *draft) kept(t *drafted, role datamap.Role, ground string) datamap.Rule {
	set, ok := d.freed(t, role)
	switch {
	case !ok:
		return datamap.Rule{Do: datamap.Delete}
	case len(set) > 0:
		return datamap.Rule{Do: datamap.Anonymise, Ground: ground, Set: set}
	}
	return datamap.Rule{Do: datamap.Keep, Ground: ground}
}

// booked keeps what the tax office may ask for, as long as it may.
func (d *draft) booked(t *drafted, role datamap.Role) datamap.Rule {
	from := t.began(dateWords)
	u := d.kept(t, role, "tax")
	switch {
	case u.Do == datamap.Anonymise && from != "" && !t.referring:
		u.From, u.After = from, datamap.Delete
		t.check(ruleMark(role), "is this a tax record, does its time start at %s, and what of it must go now?", plainly(from))
	case u.Do != datamap.Keep:
		t.check(ruleMark(role), "books may have to be kept")
		u.Ground = map[bool]string{true: "", false: "books"}[u.Do == datamap.Delete]
	case from == "" || t.referring:
		u.Ground = "books"
		t.check(ruleMark(role), "kept without an end: no column says when its time starts, or other rows refer to it")
	default:
		u.From, u.After = from, datamap.Delete
		t.check(ruleMark(role), "is this a tax record, and does its time start at %s?", plainly(from))
	}
	for _, name := range t.r.order {
		if c := t.r.columns[name]; u.After != "" && !c.notNull && c.category == "D" && says(name, []string{"paid", "settled", "closed"}) {
			t.check(ruleMark(role), "while: {%s: null} keeps what is still open", scalar(name))
		}
	}
	return u
}

// logged keeps what staff did in their log, for as long as misuse is looked for.
func (d *draft) logged(t *drafted, role datamap.Role) datamap.Rule {
	u := d.kept(t, role, "record")
	if from := t.began([]string{"created", "at", "time", "date"}); u.Do == datamap.Keep && from != "" && t.Category == "activity" && !t.referring {
		u.Ground, u.From, u.After = "security", from, datamap.Delete
	}
	return u
}

// began finds the column with the moment at which a row's time starts, by the
// first word that names one.
func (t *drafted) began(words []string) string {
	for _, word := range words {
		for _, name := range t.r.order {
			if t.r.columns[name].category == "D" && says(name, []string{word}) {
				return name
			}
		}
	}
	return ""
}

// suppressed keeps an opt-out, and of the number only what recognises it.
func (d *draft) suppressed(t *drafted) datamap.Rule {
	var set []datamap.Assignment
	for _, m := range t.match {
		at := m.Column
		for _, name := range t.r.order {
			if t.r.columns[name].textual() && says(name, []string{"hash"}) {
				at = name
			}
		}
		if c := t.r.columns[at]; c.category == "S" && (c.length == 0 || c.length >= 64) {
			set = append(set, datamap.Assignment{Column: at, Fill: datamap.Hash, Source: m.Column})
		}
		if at != m.Column && !t.r.columns[m.Column].notNull {
			set = append(set, datamap.Assignment{Column: m.Column, Fill: datamap.Null})
		}
	}
	if held, ok := d.freed(t, datamap.Addressee); ok && len(set) > 0 {
		t.check(ruleMark(datamap.Addressee), "a hash stays so that nobody writes to them again")
		return datamap.Rule{Do: datamap.Anonymise, Ground: "opt_out", Set: append(set, held...)}
	}
	t.check(ruleMark(datamap.Addressee), "it stays as it is, so that nobody writes to them again; may it?")
	return d.kept(t, datamap.Addressee, "opt_out")
}

// emptied writes over the columns of a row that stays.
func (d *draft) emptied(t *drafted, role datamap.Role, ground string, which func(datamap.Column) bool) datamap.Rule {
	set, ok := d.freed(t, role)
	if !ok {
		return datamap.Rule{Do: datamap.Delete}
	}
	for _, c := range t.Columns {
		if !which(c) || t.r.columns[c.Name].computed || slices.ContainsFunc(set, func(a datamap.Assignment) bool { return a.Column == c.Name }) {
			continue
		}
		if a, ok := t.fill(c.Name); ok {
			set = append(set, a)
		}
	}
	set = append(set, t.copies(set)...)
	if len(set) == 0 {
		return datamap.Rule{Do: datamap.Keep, Ground: ground}
	}
	return datamap.Rule{Do: datamap.Anonymise, Ground: ground, Set: set}
}

// copies are the columns that must be written with what they are made of.
func (t *drafted) copies(set []datamap.Assignment) []datamap.Assignment {
	var out []datamap.Assignment
	for _, c := range t.Columns {
		if c.Group == datamap.Derived && len(set) > 0 && !t.r.columns[c.Name].computed && !sets(set, c.Name) {
			if a, ok := t.fill(c.Name); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// personal are columns that a tombstone must lose.
func (t *drafted) personal(c datamap.Column) bool {
	col := t.r.columns[c.Name]
	device := says(c.Name, deviceWords) || says(c.Name, birthWords) || says(c.Name, []string{"avatar", "photo", "picture"}) || col.sqlType == "inet" || col.category == "D" && says(c.Name, []string{"seen", "login", "sign"})
	return c.Group == datamap.Secret && col.category == "S" ||
		c.Group == datamap.Data && (t.identifier(c.Name) != "" || says(c.Name, nameWords) || device || t.written(c))
}

// written are columns with people's words.
func (t *drafted) written(c datamap.Column) bool {
	return c.Group == datamap.Data && (c.Mentions || c.JSON)
}

// fill is what stands in a column when the person is gone.
func (t *drafted) fill(name string) (datamap.Assignment, bool) {
	c := t.r.columns[name]
	unique := t.identifier(name) == "email" || slices.ContainsFunc(t.r.distinct, func(u []string) bool { return slices.Contains(u, name) })
	a := datamap.Assignment{Column: name, Fill: datamap.Constant}
	switch {
	case !c.notNull:
		a.Fill = datamap.Null
	case c.category == "S" && unique && (c.length == 0 || c.length >= 60):
		a.Fill, a.Value = datamap.Fresh, "deleted-{key}"
		if t.identifier(name) == "email" {
			a.Value += "@deleted.invalid"
		}
	case c.category == "S" && unique && c.length >= 16:
		a.Fill, a.Value = datamap.Fresh, "x-{key}"
	case c.category == "S":
		a.Value = ""
	case c.sqlType == "tsvector":
		a.Value = ""
	case c.category != "A" && t.leaves[name].list():
		a.Value = "[]"
	case c.sqlType == "json", c.sqlType == "jsonb", c.category == "A":
		a.Value = "{}"
	default:
		return a, false
	}
	return a, true
}

package connector

import (
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func (d *draft) writeTable(s *sheet, t *drafted) {
	s.line(1, "", "%s:", scalar(t.Name))
	for _, note := range t.notes {
		s.line(2, "", "# check: %s.", note)
	}
	for _, name := range t.r.triggers {
		s.line(2, "", "# check: the trigger %s runs when rows change; read what it does, then list it under triggers.", plainly(name))
	}
	s.line(2, "", "title: %s", words(headed(t.Name)))
	s.line(2, t.checks["category"], "category: %s", t.Category)
	s.line(2, t.checks["controller"], "controller: %s", t.Controller)
	d.writeKey(s, t)
	switch p := t.Tenant; {
	case p == nil:
	case p.Parent == "":
		s.line(2, "", "tenant: %s", scalar(p.Column))
	default:
		s.line(2, t.checks["tenant"], "tenant: {from: %s, to: %s}", scalar(p.Parent+"."+p.Key), scalar(p.Column))
	}
	if len(t.Paths) > 0 {
		s.line(2, "", "reach:")
		for i, p := range t.Paths {
			s.line(3, t.checks[pathMark(i)], "- {%s}", strings.Join(pathParts(p), ", "))
		}
	}
	if len(t.Rules) > 0 {
		s.line(2, "", "erase:")
		for role, u := range t.Erasures() {
			s.line(3, t.checks[ruleMark(role)], "%s: %s", role, ruleText(u))
		}
	}
	if len(t.Self) > 0 {
		s.line(2, "", "self: %s", list(t.Self))
	}
	for _, o := range t.Objects {
		name := ""
		if o.Name != "" {
			name = ", name: " + scalar(o.Name)
		}
		s.line(2, t.checks["object"], "object: {key: %s%s}", scalar(o.Column()), name)
	}
	writeColumns(s, t)
}

// writeKey names a row where no primary key does.
func (d *draft) writeKey(s *sheet, t *drafted) {
	if len(t.r.key) > 0 {
		return
	}
	for _, u := range t.r.unique {
		if len(u) <= maxKey {
			s.line(2, "there is no primary key; does this name a row?", "key: %s", list(u))
			return
		}
	}
	s.line(2, "", "# check: nothing names a row of this table; give it a primary key, or list it under ignore if nobody is in it.")
}

func pathParts(p datamap.Path) []string {
	parts := []string{"as: " + string(p.As)}
	if p.Find != "" {
		parts = append(parts, "find: "+p.Find, "in: "+list(p.In))
	} else {
		parts = append(parts, "from: "+scalar(p.From.Table+"."+p.From.Column), "to: "+scalar(p.To))
	}
	if len(p.And) > 0 {
		var and []string
		for _, a := range p.And {
			and = append(and, scalar(a.Mine)+": "+scalar(a.Theirs))
		}
		parts = append(parts, "and: {"+strings.Join(and, ", ")+"}")
	}
	if p.Stored != "" {
		parts = append(parts, "stored: "+string(p.Stored))
	}
	if len(p.When) > 0 {
		parts = append(parts, "when: "+conditions(p.When))
	}
	if p.Withhold {
		parts = append(parts, "access: withhold")
	}
	return parts
}

func ruleText(u datamap.Rule) string {
	if u.Do == datamap.Delete {
		return "delete"
	}
	parts := []string{"do: " + string(u.Do)}
	for _, p := range [][2]string{{"ground", u.Ground}, {"from", u.From}, {"after", string(u.After)}} {
		if p[1] != "" {
			parts = append(parts, p[0]+": "+scalar(p[1]))
		}
	}
	var set []string
	for _, a := range u.Set {
		what := "null"
		switch a.Fill {
		case datamap.Constant:
			what = "{value: " + strconv.Quote(a.Value) + "}"
		case datamap.Hash:
			what = "{hash: " + scalar(a.Source) + "}"
		case datamap.Fresh:
			what = "{fresh: " + strconv.Quote(a.Value) + "}"
		}
		set = append(set, scalar(a.Column)+": "+what)
	}
	if len(set) > 0 {
		parts = append(parts, "set: {"+strings.Join(set, ", ")+"}")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// writeColumns writes the subject's own columns, then the groups.
func writeColumns(s *sheet, t *drafted) {
	groups := map[datamap.Group][]string{}
	first := true
	for _, c := range t.Columns {
		if c.Group != datamap.Data {
			groups[c.Group] = append(groups[c.Group], c.Name)
			continue
		}
		if first {
			s.line(2, "", "columns:")
			first = false
		}
		s.line(3, t.checks["column "+c.Name], "%s: %s", scalar(c.Name), columnText(c))
	}
	for _, g := range []datamap.Group{datamap.None, datamap.Link, datamap.Secret, datamap.Staff, datamap.Mention} {
		if len(groups[g]) == 0 {
			continue
		}
		var checks []string
		for _, name := range groups[g] {
			if said := t.checks["group "+name]; said != "" {
				checks = append(checks, plainly(name)+": "+said)
			}
		}
		s.line(2, strings.Join(checks, "; "), "%s: %s", g, list(groups[g]))
	}
}

func columnText(c datamap.Column) string {
	var more []string
	if c.JSON {
		more = append(more, "json: true")
	}
	if c.Mentions {
		more = append(more, "mentions: true")
	}
	if c.Epoch != "" {
		more = append(more, "epoch: "+c.Epoch)
	}
	if len(c.Only) > 0 {
		roles := make([]string, len(c.Only))
		for i, r := range c.Only {
			roles[i] = string(r)
		}
		more = append(more, "only: "+list(roles))
	}
	if len(more) == 0 {
		return words(c.Title)
	}
	return "{title: " + words(c.Title) + ", " + strings.Join(more, ", ") + "}"
}

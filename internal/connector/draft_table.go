package connector

import (
	"slices"
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
	blocks := d.blocks(t)
	if of := d.twin(t); of != nil {
		s.line(2, "the same columns and an archive's name; is everything of it the same?", "like: %s", scalar(of.Name))
		blocks = differing(blocks, d.blocks(of))
	}
	for _, b := range blocks {
		s.WriteString(b.text)
	}
}

// block is one key of a table with what stands under it.
type block struct {
	key, text string
	columns   bool // it says what columns are
}

// differing are the blocks that a table's twin has in other words; what is to
// be checked is none of them, and the columns are the same.
func differing(all, twin []block) []block {
	bare := func(text string) string {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			lines[i], _, _ = strings.Cut(line, " # check: ")
		}
		return strings.Join(lines, "\n")
	}
	return slices.DeleteFunc(all, func(b block) bool {
		return b.columns || slices.ContainsFunc(twin, func(o block) bool { return o.key == b.key && bare(o.text) == bare(b.text) })
	})
}

func (d *draft) blocks(t *drafted) []block {
	var out []block
	put := func(key string, write func(s *sheet)) {
		s := &sheet{}
		if write(s); s.Len() > 0 {
			out = append(out, block{key, s.String(), key == "columns"})
		}
	}
	line := func(key, check, format string, args ...any) {
		put(key, func(s *sheet) { s.line(2, check, key+": "+format, args...) })
	}
	line("title", "", "%s", words(headed(t.Name)))
	line("category", t.checks["category"], "%s", t.Category)
	line("controller", t.checks["controller"], "%s", t.Controller)
	put("key", func(s *sheet) { d.writeKey(s, t) })
	switch p := t.Tenant; {
	case p == nil:
	case p.Parent == "":
		line("tenant", "", "%s", scalar(p.Column))
	default:
		when := ""
		if len(p.When) > 0 {
			when = ", when: " + conditions(p.When)
		}
		line("tenant", t.checks["tenant"], "{from: %s, to: %s%s}", scalar(p.Parent+"."+p.Key), scalar(p.Column), when)
	}
	if len(t.Discriminators) > 0 {
		line("discriminators", t.checks["discriminators"], "%s", conditions(t.Discriminators))
	}
	if t.Age != "" {
		line("age", t.checks["age"], "%s", scalar(t.Age))
	}
	if t.Provenance != "" {
		line("provenance", t.checks["provenance"], "%s", t.Provenance)
	}
	put("reach", func(s *sheet) { writePaths(s, t) })
	put("erase", func(s *sheet) { writeRules(s, t) })
	if len(t.Self) > 0 {
		line("self", "", "%s", list(t.Self))
	}
	if len(t.Detach) > 0 {
		line("detach", t.checks["detach"], "%s", list(t.Detach))
	}
	put("objects", func(s *sheet) { writeObjects(s, t) })
	put("stop", func(s *sheet) { writeStops(s, t) })
	if p := t.Suppress; p != nil {
		line("suppress", t.checks["suppress"], "{by: %s, set: {%s}}", scalar(p.By), assignments(p.Set))
	}
	put("columns", func(s *sheet) { writeColumns(s, t) })
	return append(out, groupBlocks(t)...)
}

func writePaths(s *sheet, t *drafted) {
	for i, p := range t.Paths {
		if i == 0 {
			s.line(2, "", "reach:")
		}
		s.line(3, t.checks[pathMark(i)], "- {%s}", strings.Join(pathParts(p), ", "))
	}
}

func writeRules(s *sheet, t *drafted) {
	if len(t.Rules) > 0 {
		s.line(2, "", "erase:")
	}
	for role, u := range t.Erasures() {
		s.line(3, t.checks[ruleMark(role)], "%s: %s", role, ruleText(u))
	}
}

func writeObjects(s *sheet, t *drafted) {
	for i, o := range t.Objects {
		parts := []string{"key: " + strconv.Quote(o.Key)}
		if o.Name != "" {
			parts = append(parts, "name: "+scalar(o.Name))
		}
		if o.Many {
			parts = append(parts, "many: true")
		}
		check := t.checks["object "+o.Key]
		if len(t.Objects) == 1 && o.Column() != "" && !o.Many {
			parts[0] = "key: " + scalar(o.Column())
			s.line(2, check, "object: {%s}", strings.Join(parts, ", "))
			return
		}
		if i == 0 {
			s.line(2, "", "objects:")
		}
		s.line(3, check, "- {%s}", strings.Join(parts, ", "))
	}
}

func writeStops(s *sheet, t *drafted) {
	var all []string
	for _, purpose := range sortedKeys(t.Stop) {
		all = append(all, scalar(purpose)+": {"+assignments(t.Stop[purpose])+"}")
	}
	if len(all) > 0 {
		s.line(2, t.checks["stop"], "stop: {%s}", strings.Join(all, ", "))
	}
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
	if p.Form != "" {
		parts = append(parts, "form: "+strconv.Quote(p.Form))
	}
	if len(p.JSON) > 0 {
		parts = append(parts, "json: "+strconv.Quote(p.JSON.String()))
	}
	if len(p.Through) > 0 {
		parts = append(parts, "through: ["+roles(p.Through)+"]")
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
	if len(u.Set) > 0 {
		parts = append(parts, "set: {"+assignments(u.Set)+"}")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func assignments(set []datamap.Assignment) string {
	var out []string
	for _, a := range set {
		what := "null"
		switch a.Fill {
		case datamap.Constant:
			what = "{value: " + strconv.Quote(a.Value) + "}"
		case datamap.Hash:
			what = "{hash: " + scalar(a.Source) + "}"
		case datamap.Fresh:
			what = "{fresh: " + strconv.Quote(a.Value) + "}"
		case datamap.Identifier:
			what = "{identifier: " + string(a.Stored) + "}"
		case datamap.Remove:
			what = "{remove: {by: " + scalar(a.By) + ", json: " + strconv.Quote(a.Path.String()) + "}}"
		case datamap.OfTenant, datamap.Now:
			what = string(a.Fill)
		}
		out = append(out, scalar(a.Column)+": "+what)
	}
	return strings.Join(out, ", ")
}

func roles(all []datamap.Role) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// writeColumns writes the subject's own columns.
func writeColumns(s *sheet, t *drafted) {
	first := true
	for _, c := range t.Columns {
		if c.Group != datamap.Data {
			continue
		}
		if first {
			s.line(2, "", "columns:")
			first = false
		}
		s.line(3, t.checks["column "+c.Name], "%s: %s", scalar(c.Name), columnText(c))
	}
}

// groupBlocks are the groups of all other columns.
func groupBlocks(t *drafted) []block {
	var out []block
	for _, g := range []datamap.Group{datamap.None, datamap.Link, datamap.Secret, datamap.Staff, datamap.Mention, datamap.Derived} {
		names := t.InGroup(g)
		if len(names) == 0 {
			continue
		}
		var checks []string
		for _, name := range names {
			if said := t.checks["group "+name]; said != "" {
				checks = append(checks, plainly(name)+": "+said)
			}
		}
		s := &sheet{}
		s.line(2, strings.Join(checks, "; "), "%s: %s", g, list(names))
		out = append(out, block{string(g), s.String(), true})
	}
	return out
}

func columnText(c datamap.Column) string {
	var more []string
	if c.JSON && len(c.Leaves) == 0 {
		more = append(more, "json: true")
	} else if c.JSON {
		var all []string
		for _, l := range c.Leaves {
			all = append(all, strconv.Quote(l.Path.String())+": "+string(l.Group))
		}
		more = append(more, "json: {"+strings.Join(all, ", ")+"}")
	}
	if c.Mentions {
		more = append(more, "mentions: true")
	}
	if c.Epoch != "" {
		more = append(more, "epoch: "+c.Epoch)
	}
	if len(c.Only) > 0 {
		more = append(more, "only: ["+roles(c.Only)+"]")
	}
	if c.Provenance != "" {
		more = append(more, "provenance: "+string(c.Provenance))
	}
	if k := c.Correct; k != nil {
		how := []string{"type: " + k.Type}
		if k.Kind != "" {
			how = append(how, "kind: "+scalar(k.Kind))
		}
		if k.Unique {
			how = append(how, "unique: true")
		}
		if k.Stored != "" {
			how = append(how, "store: "+string(k.Stored))
		}
		if k.Routing {
			how = append(how, "routing: true")
		}
		more = append(more, "correct: {"+strings.Join(how, ", ")+"}")
	}
	if len(more) == 0 {
		return words(c.Title)
	}
	return "{title: " + words(c.Title) + ", " + strings.Join(more, ", ") + "}"
}

package connector

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// group puts every column of a table into its place.
func (d *draft) group(t *drafted) {
	for _, name := range t.r.order {
		c := datamap.Column{Name: name, Group: d.groupOf(t, name)}
		if c.Group == datamap.Data {
			d.describe(t, &c)
		}
		t.Columns = append(t.Columns, c)
	}
}

func (d *draft) groupOf(t *drafted, name string) datamap.Group {
	c, s, w := t.r.columns[name], t.shapes[name], tokens(name)
	reached := t.root || len(t.Paths) > 0 || t == d.tenant || d.hasTenant(t)
	id := len(w) > 0 && (w[len(w)-1] == "id" || w[len(w)-1] == "uuid")
	said := d.said.group[t.Name][name]
	switch {
	case said == datamap.Secret, said == datamap.Data && reached && !t.refers(name) && !slices.Contains(t.r.key, name):
		return said
	case said == datamap.None && !t.refers(name):
		t.check("group "+name, "the dataset calls it the system's own; is nobody in it?")
		return said
	case secretive(name) && (c.category == "S" || c.category == "U"), s.hash > 0:
		return datamap.Secret
	case t.refers(name):
		return d.linkGroup(t, name)
	case d.discriminates(t, name), t == d.tenant && name == d.region:
		return datamap.None
	case t.names(name):
		t.object(name)
		return datamap.Link
	case slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.Form != "" && p.To == name }):
		return datamap.Link
	case !t.root && slices.ContainsFunc(t.lists(), func(a datamap.Assignment) bool { return a.Column == name }):
		t.check("group "+name, "a list of many people")
		return datamap.Staff
	case slices.Contains(t.r.key, name) && !(reached && t.personalKey(name)):
		return datamap.None
	case c.sqlType == "bytea" && !(reached && t.json(name)):
		t.check("group "+name, "bytes: nothing says what is in them; if it is JSON or a mail, give it a title under columns, and json: true")
		return datamap.Secret
	case c.computed:
		t.check("group "+name, "the server computes it")
		return datamap.Derived
	case c.sqlType == "tsvector":
		t.check("group "+name, "a search copy: who fills it again?")
		return datamap.Derived
	case reached && t.rendered(name) != "":
		t.check("group "+name, "a copy of %s?", plainly(t.rendered(name)))
		return datamap.Derived
	case reached && c.category == "S" && s.list > 0:
		t.check("group "+name, "several people's addresses in one text; a rule can take one out: {remove: {by: email, separator: \",\"}}")
		return datamap.Mention
	case id && c.category != "S":
		t.check("group "+name, "an id: no table was found that it refers to")
		return datamap.Link
	case says(name, []string{"hash", "checksum"}) && !reached, c.category == "B" && !reached:
		return datamap.None
	case !reached:
		return d.groupUnreached(t, name)
	case c.category == "S" && (endsWith(w, []string{"by"}) || says(name, []string{"agent", "operator"}) && says(name, nameWords)):
		t.check("group "+name, "the name of somebody else")
		return datamap.Staff
	}
	return datamap.Data
}

// linkGroup keeps from a person who else worked on their rows.
func (d *draft) linkGroup(t *drafted, name string) datamap.Group {
	staff := false
	for i, p := range t.Paths {
		e, ok := t.via[i]
		if !ok || !slices.Contains(e.columns, name) {
			continue
		}
		if !d.tables[e.target].staff || p.As != datamap.Author && p.As != datamap.Named {
			return datamap.Link
		}
		staff = true
	}
	if staff {
		return datamap.Staff
	}
	return datamap.Link
}

// groupUnreached is for tables in which nobody is looked for: other people in
// them are staff, and free text may name anybody.
func (d *draft) groupUnreached(t *drafted, name string) datamap.Group {
	c, s := t.r.columns[name], t.shapes[name]
	switch {
	case c.category == "S" && t.identifier(name) != "":
		t.check("group "+name, "no path leads to this table; whose is it?")
		return datamap.Staff
	case c.category == "S" && says(name, nameWords) && (isA(t.Name, staffWords) || isA(t.Name, personWords) || !endsWith(tokens(name), []string{"name"}) || says(name, []string{"holder"})):
		t.check("group "+name, "no path leads to this table; somebody's name?")
		return datamap.Staff
	case c.category == "S" && (prosaic(name) || s.mostly(s.prose)), c.sqlType == "json", c.sqlType == "jsonb":
		t.check("group "+name, "it may name people, and no path leads to this table")
		return datamap.Mention
	}
	return datamap.None
}

func (d *draft) discriminates(t *drafted, name string) bool {
	return slices.ContainsFunc(t.fks, func(e edge) bool { return e.when != nil && e.when.Column == name })
}

// names says that a column holds the key of a file in object storage.
func (t *drafted) names(column string) bool {
	s, c := t.shapes[column], t.r.columns[column]
	if c.category != "S" && c.sqlType != "text[]" && c.sqlType != "character varying[]" || s.n > 0 && s.web*3 > s.n {
		return false
	}
	files, at := t.Category == "files", says(column, []string{"key", "keys", "path", "paths", "location", "url", "object"})
	if files && says(column, []string{"preview", "thumbnail"}) && s.path > 0 {
		return true
	}
	return at && (files || says(column, objectWords)) || files && s.mostly(s.path)
}

// object takes a column for an object's key.
func (t *drafted) object(column string) {
	o := datamap.Object{Key: "{" + column + "}"}
	if t.r.columns[column].category == "A" {
		o.Key = "{" + column + "[]}"
	}
	t.check("object "+o.Key, "is %s the object's key in storage?", plainly(column))
	if o.Many = about(t.Name, manyWords) || says(column, manyWords); o.Many {
		t.check("object "+o.Key, "it looks like a file with many people in it, which is never removed for one")
	}
	t.Objects = append(t.Objects, o)
}

// personalKey says that a part of the key is somebody's identifier, or a moment.
func (t *drafted) personalKey(name string) bool {
	return t.identifier(name) != "" || t.moment(name) != ""
}

// rendered is the text that a column is a copy of, by their names: body_html of
// body; "" if it is none.
func (t *drafted) rendered(name string) string {
	words := tokens(name)
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(renderedWords, w) })
	if len(rest) == len(words) || len(rest) == 0 || t.r.columns[name].category != "S" {
		return ""
	}
	for _, other := range t.r.order {
		if other != name && slices.Equal(tokens(other), rest) && t.r.columns[other].category == "S" {
			return other
		}
	}
	return ""
}

// moment is the unit of a number that is a moment, "" if it is none.
func (t *drafted) moment(name string) string {
	c, s := t.r.columns[name], t.shapes[name]
	timely := says(name, []string{"at", "time", "timestamp", "ts", "date", "seen", "ms"})
	like := c.sqlType == "bigint" && timely && !slices.ContainsFunc(t.fks, func(e edge) bool { return slices.Contains(e.columns, name) })
	switch {
	case c.category != "N":
		return ""
	case s.mostly(s.millis), timely && s.millis > 0 && s.millis == s.n, like && s.n == 0 && t.others(func(o *shape) bool { return o.mostly(o.millis) }):
		return "ms"
	case timely && (s.mostly(s.seconds) || s.seconds > 0 && s.seconds == s.n), like && s.n == 0 && t.others(func(o *shape) bool { return o.mostly(o.seconds) }):
		return "s"
	}
	return ""
}

// others says that some other number of the table looks so.
func (t *drafted) others(is func(*shape) bool) bool {
	return slices.ContainsFunc(t.r.order, func(name string) bool { return t.r.columns[name].category == "N" && is(t.shapes[name]) })
}

// describe says how the subject's own column is to be shown.
func (d *draft) describe(t *drafted, c *datamap.Column) {
	col, s := t.r.columns[c.Name], t.shapes[c.Name]
	c.Title = headed(c.Name)
	if c.JSON = t.json(c.Name); c.JSON {
		if c.Leaves = d.places(t, c.Name); len(c.Leaves) > 0 {
			t.check("column "+c.Name, "these places were seen; what is not named is the person's")
		}
	}
	text := col.category == "S" && !c.JSON && (prosaic(c.Name) || s.mostly(s.prose)) && !says(c.Name, deviceWords)
	c.Mentions = text || c.JSON && t.Category == "messages"
	if c.Epoch = t.moment(c.Name); c.Epoch != "" {
		t.check("column "+c.Name, "the numbers look like moments")
	}
	if says(c.Name, deviceWords) && t.has(datamap.Author) && (t.has(datamap.Thread) || t.has(datamap.Owner)) {
		c.Only = []datamap.Role{datamap.Author}
		t.check("column "+c.Name, "taken for the author's, not the other person's")
	}
	if len(t.Objects) > 0 && t.Objects[0].Name == "" && (c.Name == "filename" || c.Name == "file_name" || endsWith(tokens(c.Name), []string{"filename"})) {
		t.Objects[0].Name = c.Name
	}
}

func (t *drafted) has(role datamap.Role) bool {
	return t.root && role == datamap.Owner || slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.As == role })
}

func headed(name string) datamap.Text {
	en, de := title(name)
	out := datamap.Text{"en": en}
	if de != "" {
		out["de"] = de
	}
	return out
}

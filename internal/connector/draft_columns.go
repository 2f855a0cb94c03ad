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
	case len(t.Objects) == 0 && t.names(name):
		t.Objects = []datamap.Object{{Key: "{" + name + "}"}}
		t.check("object", "is %s the object's key in storage?", plainly(name))
		return datamap.Link
	case slices.Contains(t.r.key, name):
		return datamap.None
	case c.sqlType == "bytea":
		t.check("group "+name, "bytes: nothing says what is in them")
		return datamap.Secret
	case c.sqlType == "tsvector":
		t.check("group "+name, "a search copy: it must change with the text")
		return datamap.None
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
	for i, p := range t.Paths {
		e, ok := t.via[i]
		if ok && slices.Contains(e.columns, name) && d.tables[e.target].staff && (p.As == datamap.Author || p.As == datamap.Named) {
			return datamap.Staff
		}
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
	if c.category != "S" || s.n > 0 && s.web*3 > s.n {
		return false
	}
	files, at := t.Category == "files", says(column, []string{"key", "path", "location", "url", "object"})
	return at && (files || says(column, objectWords)) || files && s.mostly(s.path)
}

// describe says how the subject's own column is to be shown.
func (d *draft) describe(t *drafted, c *datamap.Column) {
	col, s := t.r.columns[c.Name], t.shapes[c.Name]
	c.Title = headed(c.Name)
	c.JSON = col.sqlType == "json" || col.sqlType == "jsonb"
	text := col.category == "S" && (prosaic(c.Name) || s.mostly(s.prose)) && !says(c.Name, deviceWords)
	c.Mentions = text || c.JSON && t.Category == "messages"
	if col.category == "N" && (s.mostly(s.millis) || says(c.Name, []string{"ms"}) && s.millis > 0) {
		c.Epoch = "ms"
	} else if col.category == "N" && s.mostly(s.seconds) && says(c.Name, []string{"at", "time", "timestamp", "ts", "date", "seen"}) {
		c.Epoch = "s"
	}
	if c.Epoch != "" {
		t.check("column "+c.Name, "the numbers look like moments")
	}
	if says(c.Name, deviceWords) && t.has(datamap.Author) && (t.has(datamap.Thread) || t.has(datamap.Owner)) {
		c.Only = []datamap.Role{datamap.Author}
		t.check("column "+c.Name, "taken for the author's, not the other person's")
	}
	if len(t.Objects) == 1 && t.Objects[0].Name == "" && (c.Name == "filename" || c.Name == "file_name" || endsWith(tokens(c.Name), []string{"filename"})) {
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

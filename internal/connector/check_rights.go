package connector

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// rights holds what a table's correct, stop, suppress and age say against the
// columns that are there.
func (i *inspector) rights(t *datamap.Table) {
	r := i.c.tables[t.Name]
	if t.Age != "" {
		if c, _ := t.Column(t.Age); r.columns[t.Age].category != "D" && c.Epoch == "" {
			i.add(WrongType, datamap.Fail, t.Name, t.Age, "the column is %s and cannot be an age; name a column with a moment, or say epoch: ms or s", r.columns[t.Age].sqlType)
		}
	}
	for _, p := range spots(t) {
		i.correctable(t, p, r.columns[p.column.Name])
	}
	for _, purpose := range sortedKeys(t.Stop) {
		for _, a := range t.Stop[purpose] {
			i.stopping(t, purpose, a, r.columns[a.Column])
		}
	}
	if t.Suppress != nil {
		i.suppression(t, r)
	}
}

// corrects are the categories of types that a kind of correction can write to.
var corrects = map[string]string{"number": "NS", "date": "DSN", "text": "SEUBI"}

func (i *inspector) correctable(t *datamap.Table, p spot, col *column) {
	wanted := corrects[p.how.Type]
	if wanted == "" {
		wanted = "SE"
	}
	switch {
	case len(p.path) > 0:
		if !writesJSON(col) {
			i.add(WrongType, datamap.Fail, t.Name, col.name, "the column is %s and holds no JSON that could be corrected", col.sqlType)
		}
	case !slices.Contains([]byte(wanted), col.category[0]):
		i.add(WrongType, datamap.Fail, t.Name, col.name, "the column is %s and cannot be corrected as a %s", col.sqlType, p.how.Type)
	case p.how.Type == "date" && col.category == "N" && p.column.Epoch == "":
		i.add(WrongType, datamap.Fail, t.Name, col.name, "the column is a number; say epoch: ms or s if it is a day")
	}
	if from := p.how.PatternFrom; from != nil {
		i.ruling(t, from)
	}
	if p.how.Unique && len(p.path) == 0 && (p.how.Type == "email" || p.how.Type == "phone") {
		_, n := i.s.kind(p.how)
		if !i.c.tables[t.Name].has(plainExpression(searchKey(n.Kind, p.column.Name))) {
			i.missing(t.Name, p.column.Name, "a correction looks whether the value is taken in the whole table; CREATE INDEX ON %s (%s) would help",
				ident(i.s.m.Store.Schema, t.Name), searchKey(n.Kind, ident(p.column.Name)))
		}
	}
}

// ruling asks that a pattern can be found and read.
func (i *inspector) ruling(t *datamap.Table, from *datamap.PatternFrom) {
	for _, on := range from.On {
		i.pair(t.Name, on.Theirs, from.Table, on.Mine)
	}
	if col := i.live(from.Table, from.Column); col != nil && !col.textual() {
		i.add(WrongType, datamap.Fail, from.Table, from.Column, "the column is %s and holds no pattern", col.sqlType)
	}
}

func writesJSON(col *column) bool {
	return col.sqlType == "json" || col.sqlType == "jsonb" || col.textual()
}

func (i *inspector) stopping(t *datamap.Table, purpose string, a datamap.Assignment, col *column) {
	switch {
	case a.Fill == datamap.Null && col.notNull:
		i.add(NotNull, datamap.Fail, t.Name, a.Column, "stop.%s writes null, and the column is NOT NULL; write {value: …} instead", purpose)
	case a.Fill == datamap.Leaves && !writesJSON(col):
		i.add(WrongType, datamap.Fail, t.Name, a.Column, "stop.%s writes into JSON, and the column is %s", purpose, col.sqlType)
	case a.Fill == datamap.Constant && col.sqlType == "boolean" && !slices.Contains([]string{"true", "false", "t", "f"}, a.Value):
		i.add(WrongType, datamap.Fail, t.Name, a.Column, "stop.%s writes %q, and the column is boolean; write true or false", purpose, a.Value)
	case a.Fill == datamap.Constant && col.length > 0 && len([]rune(a.Value)) > col.length:
		i.add(WrongType, datamap.Fail, t.Name, a.Column, "stop.%s writes %d characters, and the column holds %d", purpose, len([]rune(a.Value)), col.length)
	}
	if key := i.c.key(t); slices.Contains(key, a.Column) {
		i.add(WrongType, datamap.Fail, t.Name, a.Column, "stop.%s writes to the key, by which the row is found again", purpose)
	}
}

// suppression demands that an opt-out's row can be written as it is described.
func (i *inspector) suppression(t *datamap.Table, r *relation) {
	if at := t.Suppress.Append; at != "" {
		if !writesJSON(r.columns[at]) {
			i.add(WrongType, datamap.Fail, t.Name, at, "suppress appends to a JSON list, and the column is %s", r.columns[at].sqlType)
		}
		return
	}
	var identifies bool
	for _, a := range t.Suppress.Set {
		col := r.columns[a.Column]
		identifies = identifies || a.Fill == datamap.Identifier
		switch {
		case a.Fill == datamap.Null && col.notNull:
			i.add(NotNull, datamap.Fail, t.Name, a.Column, "suppress writes null, and the column is NOT NULL")
		case a.Fill == datamap.OfTenant && i.s.m.Tenant == nil:
			i.add(WrongType, datamap.Fail, t.Name, a.Column, "suppress writes the tenant's key, and the map knows no tenants")
		case a.Fill == datamap.Now && col.category != "D" && col.category != "N" && !col.textual():
			i.add(WrongType, datamap.Fail, t.Name, a.Column, "suppress writes the moment, and the column is %s", col.sqlType)
		}
	}
	if !identifies {
		i.add(NotNull, datamap.Fail, t.Name, "", "suppress writes no identifier; add a column with {identifier: normal} or {identifier: digits}")
	}
	for _, name := range r.order {
		written := slices.ContainsFunc(t.Suppress.Set, func(a datamap.Assignment) bool { return a.Column == name })
		if col := r.columns[name]; col.notNull && !col.given && !written {
			i.add(NotNull, datamap.Fail, t.Name, name, "a row of an opt-out needs the column, which is NOT NULL and has no default; add it to suppress.set (line %d)", t.Suppress.Line)
		}
	}
}

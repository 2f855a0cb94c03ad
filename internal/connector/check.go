package connector

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// The codes of Check. Those of the first group stop every search; those of the
// second stop a deletion unless the map's drift says warn; the third warn.
const (
	MissingTable  = "missing_table"  // mapped, and not in the store
	MissingColumn = "missing_column" // mapped, and not in the table
	WrongType     = "wrong_type"     // the column cannot hold what the map says of it
	NoKey         = "no_key"         // nothing names a row of the table
	Circle        = "circle"         // no order deletes children before parents

	UnmappedTable     = "unmapped_table"     // in the store, and neither mapped nor ignored
	UnmappedColumn    = "unmapped_column"    // in the table, and not in the map
	UnmappedTrigger   = "unmapped_trigger"   // would run when rows change, and was not reviewed
	UnmappedView      = "unmapped_view"      // reads mapped tables, and was not reviewed
	UnmappedReference = "unmapped_reference" // a foreign key no path covers: rows would be orphaned or block
	Cascade           = "cascade"            // a delete would take rows that are not in the plan
	SilentChange      = "silent_change"      // a delete would change rows that are not in the plan
	BlockedDelete     = "blocked_delete"     // rows that stay refer to rows that go
	NotNull           = "not_null"           // anonymise writes NULL where none may stand

	MissingIndex       = "missing_index"       // a path scans the table
	UnindexedReference = "unindexed_reference" // each deleted row scans the table that refers to it
)

var breaking = []string{MissingTable, MissingColumn, WrongType, NoKey, Circle}

// Report is what `datamap check` prints.
type Report struct {
	OK       bool              `json:"ok"`
	Findings []datamap.Finding `json:"findings"`
}

// Check holds the map against the live store. A finding without Warn blocks
// deletions; a search runs with everything but the breaking ones.
func (s *Store) Check(ctx context.Context) ([]datamap.Finding, error) {
	var findings []datamap.Finding
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		findings = s.check(c)
		if broken(findings) != nil {
			return nil // what is not there has no values
		}
		unseen, err := s.discriminators(ctx, tx, c)
		findings = append(findings, unseen...)
		return err
	})
	return findings, err
}

// Report is Check as one document: fine only if nothing at all was found.
func (s *Store) Report(ctx context.Context) (Report, error) {
	f, err := s.Check(ctx)
	return Report{OK: len(f) == 0, Findings: f}, err
}

func broken(findings []datamap.Finding) error {
	return unfit(findings, func(f datamap.Finding) bool { return slices.Contains(breaking, f.Code) })
}

func blocking(findings []datamap.Finding) error {
	return unfit(findings, func(f datamap.Finding) bool { return !f.Warn })
}

func unfit(findings []datamap.Finding, counts func(datamap.Finding) bool) error {
	var said []string
	for _, f := range findings {
		if counts(f) {
			said = append(said, f.Code+" "+f.Table+": "+f.Detail)
		}
	}
	if len(said) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(said, "; "))
}

// inspector collects findings.
type inspector struct {
	s        *Store
	c        *catalog
	findings []datamap.Finding
}

func (s *Store) check(c *catalog) []datamap.Finding {
	i := &inspector{s: s, c: c, findings: []datamap.Finding{}}
	for _, t := range s.m.Tables {
		r := c.tables[t.Name]
		if r == nil {
			i.add(MissingTable, datamap.Fail, t.Name, "", "the store has no such table in schema %s; remove it from the map, or correct its name%s", s.m.Store.Schema, datamap.Near(t.Name, sortedKeys(c.tables)))
			continue
		}
		i.columns(t, r)
		i.triggers(t, r)
		i.types(t, r)
	}
	i.unmapped()
	if broken(i.findings) != nil {
		return i.findings
	}
	for _, t := range s.m.Tables {
		i.fillings(t)
		i.erasure(t)
		i.rights(t)
		i.computed(t)
		i.references(t)
		i.indexes(t)
	}
	if _, err := s.order(c); err != nil {
		i.add(Circle, datamap.Fail, err.table, "", "%s", err.Error())
	}
	return i.findings
}

func (i *inspector) add(code string, level datamap.Level, table, column, detail string, args ...any) {
	f := datamap.Finding{Code: code, Table: table, Column: column, Line: i.line(table, column), Detail: fmt.Sprintf(detail, args...), Warn: level == datamap.Warn}
	if !slices.Contains(i.findings, f) {
		i.findings = append(i.findings, f)
	}
}

// line says where in the map a finding is to be mended: at the column, else at
// its table; 0 if the map has neither.
func (i *inspector) line(table, column string) int {
	t, ok := i.s.m.Table(table)
	if !ok {
		return 0
	}
	c, _ := t.Column(column)
	return cmp.Or(c.Line, t.Line)
}

func (i *inspector) columns(t *datamap.Table, r *relation) {
	for _, col := range t.Columns {
		if r.columns[col.Name] == nil {
			i.add(MissingColumn, datamap.Fail, t.Name, col.Name, "the map names a column that the table does not have; remove it, or correct its name%s", datamap.Near(col.Name, r.order))
		}
	}
	for _, name := range r.order {
		if _, ok := t.Column(name); !ok {
			i.add(UnmappedColumn, i.s.m.Drift.UnmappedColumn, t.Name, name, "the map does not say what this column holds; give it a title under columns, or put it into none, link, secret, staff, mention or derived")
		}
	}
	if key := i.c.key(t); len(key) == 0 {
		i.add(NoKey, datamap.Fail, t.Name, "", "the table has no primary key; give it one, or name NOT NULL columns with a unique index with key: [...]; if nobody is in it, list it under ignore with the reason")
	} else if len(key) > maxKey {
		i.add(NoKey, datamap.Fail, t.Name, "", "the key has %d columns, and at most %d are supported", len(key), maxKey)
	} else if len(t.Key) > 0 && !slices.Equal(key, r.key) && !slices.ContainsFunc(r.unique, func(u []string) bool { return sameSet(u, key) }) {
		i.add(NoKey, datamap.Fail, t.Name, "", "no unique index over NOT NULL columns stands behind key: [%s]", strings.Join(key, ", "))
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func (i *inspector) triggers(t *datamap.Table, r *relation) {
	for _, name := range r.triggers {
		if !slices.Contains(t.Triggers, name) {
			i.add(UnmappedTrigger, datamap.Fail, t.Name, "", "the trigger %s runs when rows change; read what it does, then list it under triggers", name)
		}
	}
}

func (i *inspector) unmapped() {
	for _, name := range sortedKeys(i.c.tables) {
		r := i.c.tables[name]
		_, mapped := i.s.m.Table(name)
		if _, ignored := i.s.m.Ignored[name]; mapped || ignored {
			continue
		}
		if !r.view {
			i.add(UnmappedTable, i.s.m.Drift.UnmappedTable, name, "", "the map does not mention this table; map it, or list it under ignore with the reason")
			continue
		}
		if i.known(name) || !i.readsMapped(r, map[string]bool{}) {
			continue
		}
		keeps := "it keeps no rows of its own"
		if r.stored {
			keeps = "it keeps copies: list it under views, so that it is refreshed and searched after a deletion"
		}
		i.add(UnmappedView, datamap.Fail, name, "", "the view reads mapped tables, and was not reviewed; %s, or list it under ignore with the reason", keeps)
	}
	i.views()
}

// types holds the columns' types against their use. A name that is missing was
// reported already.
func (i *inspector) types(t *datamap.Table, r *relation) {
	m := i.s.m
	want := func(name, use string, ok func(*column) bool) {
		if col := r.columns[name]; col != nil && !ok(col) {
			i.add(WrongType, datamap.Fail, t.Name, name, "the column is %s and cannot be %s", col.sqlType, use)
		}
	}
	for _, c := range t.Columns {
		if c.Epoch != "" {
			want(c.Name, "a moment in "+c.Epoch, func(c *column) bool { return c.category == "N" })
		}
		if c.JSON {
			want(c.Name, "JSON", func(c *column) bool { return c.searchable() || c.sqlType == "bytea" })
		}
	}
	for _, root := range m.Person {
		for _, k := range slices.Concat(root.Match, root.Candidates, root.Learn) {
			if cmp.Or(k.Table, root.Table) == t.Name {
				want(k.Column, "an identifier"+inJSON(k.Path), identifies(k.Path))
			}
			if k.Table == t.Name {
				i.pair(root.Table, root.Key, t.Name, k.To)
			}
		}
	}
	for _, p := range t.Paths {
		for _, name := range p.In {
			want(name, "searched by value"+inJSON(p.JSON), identifies(p.JSON))
		}
		i.joins(t, p)
	}
	for _, u := range t.Erasures() {
		if from := m.From(u); from != "" && u.Do == datamap.Keep {
			want(from, "the start of a period", func(c *column) bool {
				mapped, _ := t.Column(from)
				return c.category == "D" || mapped.Epoch != ""
			})
		}
		for _, a := range u.Set {
			if a.Fill == datamap.Hash || a.Fill == datamap.Fresh {
				want(a.Column, "filled with text", func(c *column) bool { return c.category == "S" })
			}
			if a.Fill == datamap.Constant {
				want(a.Column, fmt.Sprintf("filled with %d characters", len([]rune(a.Value))), func(c *column) bool { return c.length == 0 || len([]rune(a.Value)) <= c.length })
			}
		}
	}
}

// identifies says which types can hold an identifier, at a place in JSON if
// there is one. JSON may also be kept as text or bytes.
func identifies(p datamap.JSONPath) func(*column) bool {
	return func(c *column) bool {
		if len(p) > 0 {
			return c.searchable() || c.sqlType == "bytea"
		}
		return c.category == "S" || c.category == "N" || c.category == "U" && c.sqlType != "bytea" && c.sqlType != "json" && c.sqlType != "jsonb"
	}
}

func inJSON(p datamap.JSONPath) string {
	if len(p) == 0 {
		return ""
	}
	return " in JSON"
}

// joins refuses comparisons of different types: they would be wrong or slow.
func (i *inspector) joins(t *datamap.Table, p datamap.Path) {
	if p.Root || p.Find != "" {
		return
	}
	prev, prevName := p.From.Table, p.From.Column
	for _, h := range p.Via {
		i.pair(prev, prevName, h.Table, h.In)
		prev, prevName = h.Table, h.Out
	}
	for _, a := range p.And {
		i.pair(p.From.Table, a.Theirs, t.Name, a.Mine)
	}
	mine := i.live(t.Name, p.To)
	if mine == nil {
		return
	}
	switch n := i.nature(place{t.Name, p.To, p.JSON}); {
	case p.Form != "" && !mine.textual():
		i.add(WrongType, datamap.Fail, t.Name, p.To, "the column is %s, and form is for a key inside a text", mine.sqlType)
	case n == asArray:
		if from := i.live(prev, prevName); from != nil && !alike(from, &column{sqlType: strings.TrimSuffix(mine.sqlType, "[]"), category: elementCategory(mine.sqlType)}) {
			i.add(WrongType, datamap.Fail, t.Name, p.To, "the path compares its elements (%s) with %s.%s (%s)", mine.sqlType, prev, prevName, from.sqlType)
		}
	case n != asColumn && !identifies(p.JSON)(mine):
		i.add(WrongType, datamap.Fail, t.Name, p.To, "the column is %s and holds no JSON", mine.sqlType)
	case n == asColumn && p.Form == "":
		i.pair(prev, prevName, t.Name, p.To)
	}
}

func (i *inspector) live(table, name string) *column {
	if r := i.c.tables[table]; r != nil {
		return r.columns[name]
	}
	return nil
}

// pair refuses to compare a column with one of another type.
func (i *inspector) pair(from, fromName, table, name string) {
	x, y := i.live(from, fromName), i.live(table, name)
	if x != nil && y != nil && !alike(x, y) {
		i.add(WrongType, datamap.Fail, table, name, "the path compares it (%s) with %s.%s (%s)", y.sqlType, from, fromName, x.sqlType)
	}
}

func alike(x, y *column) bool {
	return x.category == y.category && (x.category == "N" || x.category == "S" || x.sqlType == y.sqlType)
}

// elementCategory is the category of an array's elements, as far as keys go.
func elementCategory(array string) string {
	switch element := strings.TrimSuffix(array, "[]"); element {
	case "smallint", "integer", "bigint", "numeric":
		return "N"
	case "uuid":
		return "U"
	}
	return "S"
}

// fillings looks for NULLs that may not be written.
func (i *inspector) fillings(t *datamap.Table) {
	for role, u := range t.Erasures() {
		for _, a := range u.Set {
			if a.Fill == datamap.Null && i.c.tables[t.Name].columns[a.Column].notNull {
				i.add(NotNull, datamap.Fail, t.Name, a.Column, "erase.%s writes null, and the column is NOT NULL; write {value: …} instead", role)
			}
		}
	}
	for _, name := range t.Self {
		if i.c.tables[t.Name].columns[name].notNull {
			i.add(NotNull, datamap.Fail, t.Name, name, "self references are set to null before a delete, and the column is NOT NULL")
		}
	}
}

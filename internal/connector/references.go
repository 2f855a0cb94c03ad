package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// deletes says whether a rule may remove rows.
func deletes(u datamap.Rule) bool { return u.Do == datamap.Delete || u.After == datamap.Delete }

func anyDeletes(t *datamap.Table) bool {
	for _, u := range t.Erasures() {
		if deletes(u) {
			return true
		}
	}
	return false
}

// references asks of every foreign key that points at rows which may go:
// are the rows behind it in the plan?
func (i *inspector) references(t *datamap.Table) {
	for _, fk := range i.c.tables[t.Name].refs {
		if !anyDeletes(t) {
			continue
		}
		child, mapped := i.s.m.Table(fk.table)
		at := strings.Join(fk.columns, ", ")
		switch {
		case fk.table == t.Name:
			if len(fk.columns) != 1 || !slices.Contains(t.Self, fk.columns[0]) {
				i.add(BlockedDelete, datamap.Fail, t.Name, at, "the column refers to the table itself; list it under self so that it is set to null before a delete")
			}
		case !mapped:
			i.add(consequence(fk), datamap.Fail, fk.table, at, "the foreign key %s points at %s, whose rows may be deleted, and the table is not mapped", fk.name, t.Name)
		default:
			i.covered(t, child, fk)
		}
		if child, ok := i.c.tables[fk.table]; ok && !child.has(fk.columns[0]) {
			i.add(UnindexedReference, datamap.Warn, fk.table, fk.columns[0], "each row deleted from %s scans this table; CREATE INDEX ON %s (%s) would help", t.Name, ident(i.s.m.Store.Schema, fk.table), ident(fk.columns[0]))
		}
	}
}

func consequence(fk foreignKey) string {
	switch fk.onDelete {
	case "c":
		return Cascade
	case "n", "d":
		return SilentChange
	}
	return UnmappedReference
}

// covered asks for each role in which rows of the parent may be deleted whether
// a path of the child follows them, and what becomes of the child's rows.
func (i *inspector) covered(parent, child *datamap.Table, fk foreignKey) {
	for role, u := range parent.Erasures() {
		if !deletes(u) {
			continue
		}
		at := strings.Join(fk.columns, ", ")
		child := i.followers(parent, child, fk, role)
		if len(child) == 0 {
			i.add(consequence(fk), datamap.Fail, fk.table, at, "rows of %s are deleted in the role %s, and no path follows them through the foreign key %s", parent.Name, role, fk.name)
		}
		for _, f := range child {
			if f.keepsLink(fk) {
				i.add(BlockedDelete, datamap.Fail, fk.table, at, "erase.%s leaves rows that refer to deleted rows of %s (role %s); delete them, or set the column to null", f.role, parent.Name, role)
			}
		}
	}
}

// follower is a rule for rows that refer to rows of another table.
type follower struct {
	role datamap.Role
	rule datamap.Rule
}

// keepsLink says that a row stays and still refers to what goes.
func (f follower) keepsLink(fk foreignKey) bool {
	if f.rule.Do == datamap.Delete {
		return false
	}
	if f.rule.Do == datamap.Keep {
		return true
	}
	return !slices.ContainsFunc(f.rule.Set, func(a datamap.Assignment) bool { return slices.Contains(fk.columns, a.Column) })
}

func (i *inspector) followers(parent, child *datamap.Table, fk foreignKey, role datamap.Role) []follower {
	var out []follower
	if role == datamap.TenantRole {
		if i.s.m.HasTenant(child) {
			out = append(out, follower{role, child.Rules[role]})
		}
		return out
	}
	rootKey := (&query{m: i.s.m}).rootKey(parent.Name)
	for _, p := range child.Paths {
		follows := len(p.Via) == 0 && p.From.Table == parent.Name && slices.Contains(fk.columns, p.To)
		if !follows {
			continue
		}
		if direct := rootKey == p.From.Column && role == datamap.Owner && len(p.And) == 0; direct || slices.Contains(p.Through, role) {
			out = append(out, follower{p.As, child.Rules[p.As]})
		}
	}
	return out
}

// circle is the error of order.
type circle struct{ table, how string }

func (e *circle) Error() string {
	return fmt.Sprintf("no order deletes children before parents: %s", e.how)
}

// order sorts the tables for a deletion: what refers to a table, or is found
// through it, comes before it.
func (s *Store) order(c *catalog) ([]*datamap.Table, *circle) {
	after := map[string][]string{} // table → what must come before it
	for _, t := range s.m.Tables {
		for _, fk := range c.tables[t.Name].refs {
			if fk.table != t.Name && anyDeletes(t) {
				after[t.Name] = append(after[t.Name], fk.table)
			}
		}
		for _, source := range s.m.Sources(t) {
			if source != t.Name {
				after[source] = append(after[source], t.Name)
			}
		}
	}
	var out []*datamap.Table
	state := map[string]int{} // 1 being placed, 2 placed
	var place func(t *datamap.Table, trail []string) *circle
	place = func(t *datamap.Table, trail []string) *circle {
		if state[t.Name] == 2 {
			return nil
		}
		trail = append(trail, t.Name)
		if state[t.Name] == 1 {
			return &circle{t.Name, strings.Join(trail, " ← ")}
		}
		state[t.Name] = 1
		for _, name := range after[t.Name] {
			if first, ok := s.m.Table(name); ok {
				if err := place(first, trail); err != nil {
					return err
				}
			}
		}
		state[t.Name] = 2
		out = append(out, t)
		return nil
	}
	for _, t := range s.m.Tables {
		if err := place(t, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

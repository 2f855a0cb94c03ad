package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// deletes says whether a rule may remove rows.
func deletes(u datamap.Rule) bool { return u.Do == datamap.Delete || u.After == datamap.Delete }

// anyDeletes says so of a whole table.
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
		case mapped && len(fk.columns) == 1 && slices.Contains(child.Detach, fk.columns[0]):
			// set to null before its rows go
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
		if sh := u.Shared; sh != nil && len(fk.columns) == 1 && sh.By == (datamap.Ref{Table: child.Name, Column: fk.columns[0]}) {
			continue // a row that one refers to stays
		}
		followers := i.followers(parent, child, fk, role)
		if len(followers) == 0 {
			i.add(consequence(fk), datamap.Fail, fk.table, at, "rows of %s are deleted in the role %s, and no path follows them through the foreign key %s; %s", parent.Name, role, fk.name, i.following(child, fk, role))
		}
		for _, f := range followers {
			if f.keepsLink(fk) {
				i.add(BlockedDelete, datamap.Fail, fk.table, at, "erase.%s leaves rows that refer to deleted rows of %s (role %s); %s", f.role, parent.Name, role, i.freeing(parent, child, fk, f))
			}
		}
	}
}

// following says how rows behind a foreign key get into the plan.
func (i *inspector) following(child *datamap.Table, fk foreignKey, role datamap.Role) string {
	way := fmt.Sprintf("give %s under reach {as: inherit, from: …, to: %s} and a rule", fk.table, fk.columns[0])
	if role == datamap.TenantRole {
		way = fmt.Sprintf("give %s tenant: and a rule erase.tenant", fk.table)
	}
	if len(fk.columns) == 1 && !i.c.tables[child.Name].columns[fk.columns[0]].notNull {
		way += fmt.Sprintf(", or detach: [%s] if its rows stay", fk.columns[0])
	}
	return way
}

// freeing says how a row can stay without what it refers to.
func (i *inspector) freeing(parent, child *datamap.Table, fk foreignKey, f follower) string {
	set := "set"
	if f.rule.Shared != nil {
		set = "shared.set"
	}
	for _, name := range fk.columns {
		if !i.c.tables[child.Name].columns[name].notNull {
			return fmt.Sprintf("delete them, or write {%s: null} in its %s (keep cannot write; redact can)", name, set)
		}
	}
	return fmt.Sprintf("delete them, or let %s keep its rows as a tombstone, as %s may not be null", parent.Name, strings.Join(fk.columns, ", "))
}

// follower is a rule for rows that refer to rows of another table.
type follower struct {
	role datamap.Role
	rule datamap.Rule
}

// keepsLink says that a row stays, as a container of somebody else's maybe, and
// still refers to what goes.
func (f follower) keepsLink(fk foreignKey) bool {
	frees := func(set []datamap.Assignment) bool {
		return slices.ContainsFunc(set, func(a datamap.Assignment) bool { return slices.Contains(fk.columns, a.Column) })
	}
	if f.rule.Shared != nil && !frees(f.rule.Shared.Set) {
		return true
	}
	return f.rule.Do != datamap.Delete && (f.rule.Do == datamap.Keep || !frees(f.rule.Set))
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

// before is a table that must come before another: it refers to it by a column,
// or, without one, is found through it.
type before struct{ table, column string }

// order sorts the tables for a deletion: what refers to a table, or is found
// through it, comes before it. A reference that is taken away first asks for no
// order.
func (s *Store) order(c *catalog) ([]*datamap.Table, *circle) {
	after := map[string][]before{}
	for _, t := range s.m.Tables {
		for _, fk := range c.tables[t.Name].refs {
			child, mapped := s.m.Table(fk.table)
			detached := mapped && len(fk.columns) == 1 && slices.Contains(child.Detach, fk.columns[0])
			if fk.table != t.Name && anyDeletes(t) && !detached {
				after[t.Name] = append(after[t.Name], before{fk.table, fk.columns[0]})
			}
		}
		for _, source := range s.m.Sources(t) {
			if source != t.Name {
				after[source] = append(after[source], before{t.Name, ""})
			}
		}
	}
	p := &placing{s: s, c: c, after: after, state: map[string]int{}}
	for _, t := range s.m.Tables {
		if err := p.place(t, nil); err != nil {
			return nil, err
		}
	}
	return p.out, nil
}

// placing puts tables in order, what must come before each of them first.
type placing struct {
	s     *Store
	c     *catalog
	after map[string][]before
	state map[string]int // 1 being placed, 2 placed
	out   []*datamap.Table
}

func (p *placing) place(t *datamap.Table, trail []before) *circle {
	if p.state[t.Name] == 2 {
		return nil
	}
	if p.state[t.Name] == 1 {
		return p.circle(t, trail)
	}
	p.state[t.Name] = 1
	for _, b := range p.after[t.Name] {
		if first, ok := p.s.m.Table(b.table); ok {
			if err := p.place(first, append(slices.Clip(trail), b)); err != nil {
				return err
			}
		}
	}
	p.state[t.Name] = 2
	p.out = append(p.out, t)
	return nil
}

// circle names the tables of a circle, and the columns at which it can be cut.
func (p *placing) circle(t *datamap.Table, trail []before) *circle {
	begin := slices.IndexFunc(trail, func(b before) bool { return b.table == t.Name })
	if last := len(trail) - 1; begin == last { // it began at the first table of all
		begin = -1
	}
	names, cuts := []string{t.Name}, []string{}
	for _, b := range trail[begin+1:] {
		names = append(names, b.table)
		if r := p.c.tables[b.table]; b.column != "" && r != nil && r.columns[b.column] != nil && !r.columns[b.column].notNull {
			cuts = append(cuts, b.table+"."+b.column)
		}
	}
	how := strings.Join(names, " ← ")
	if len(cuts) > 0 {
		how += "; list one of these columns under detach of its table, so that it is set to null before: " + strings.Join(cuts, ", ")
	} else {
		how += "; no column of it may be null, so keep or anonymise the rows of one of these tables"
	}
	return &circle{t.Name, how}
}

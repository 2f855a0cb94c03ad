package connector

import (
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Codes of Check about what a deletion leaves in a row. They stop a deletion.
const (
	DerivedKept = "derived_kept" // a row is overwritten, and what was computed from it stays
	SecretKept  = "secret_kept"  // a row is overwritten, and a secret in it stays
	Unwritable  = "unwritable"   // what a rule writes, or where it looks for it, cannot be
	NotUnique   = "not_unique"   // one value for all rows in a column where no two may have the same
)

// erasure looks at what the rules of a table write and leave.
func (i *inspector) erasure(t *datamap.Table) {
	for role, u := range t.Erasures() {
		if u.Do.Overwrites() || u.After.Overwrites() {
			i.overwritten(t, role, u.Do, u.After, u.Set, "set")
		}
		if u.Shared != nil {
			i.overwritten(t, role, u.Shared.Do, "", u.Shared.Set, "shared.set")
			i.hanging(t, role, u.Shared)
		}
	}
	i.detached(t)
	i.repairs(t)
	i.objects(t)
}

func sets(set []datamap.Assignment, name string) bool {
	return slices.ContainsFunc(set, func(a datamap.Assignment) bool { return a.Column == name })
}

func (i *inspector) overwritten(t *datamap.Table, role datamap.Role, do, after datamap.Action, set []datamap.Assignment, where string) {
	data := slices.ContainsFunc(set, func(a datamap.Assignment) bool {
		c, _ := t.Column(a.Column)
		return c.Group == datamap.Data || c.Group == datamap.Mention
	})
	for _, name := range t.InGroup(datamap.Derived) {
		if data && !sets(set, name) && !i.c.tables[t.Name].columns[name].computed {
			i.add(DerivedKept, datamap.Fail, t.Name, name, "erase.%s overwrites what this column is computed from and leaves the column; add it to %s", role, where)
		}
	}
	// The secrets of a row are its owner's; in another role it is somebody else's row.
	own := role == datamap.Owner || role == datamap.Thread || role == datamap.Inherit || role == datamap.TenantRole
	for _, name := range t.InGroup(datamap.Secret) {
		if own && (do == datamap.Anonymise || do == datamap.Tombstone || after == datamap.Anonymise || after == datamap.Tombstone) && !sets(set, name) {
			i.add(SecretKept, datamap.Fail, t.Name, name, "erase.%s leaves a secret that still opens something; add the column to %s", role, where)
		}
	}
	i.distinct(t, role, set)
	i.long(t, role, set)
	i.rewritable(t, role, set)
}

// distinct looks for one value in many rows where no two may have the same.
func (i *inspector) distinct(t *datamap.Table, role datamap.Role, set []datamap.Assignment) {
	for _, unique := range i.c.tables[t.Name].distinct {
		constant, own, all := "", false, true
		for _, name := range unique {
			at := slices.IndexFunc(set, func(a datamap.Assignment) bool { return a.Column == name })
			switch {
			case at < 0:
				all = false
			case set[at].Fill == datamap.Constant:
				constant = name
			default:
				own = true // null, fresh, hash and what is made of the old value
			}
		}
		if constant == "" || own {
			continue
		}
		level := datamap.Warn
		if all {
			level = datamap.Fail
		}
		i.add(NotUnique, level, t.Name, constant, "erase.%s writes one value into all rows, and no two may have the same %s; write {fresh: \"…{key}…\"} instead", role, strings.Join(unique, ", "))
	}
}

// longest is how many characters a key of a type can have.
var longest = map[string]int{"smallint": 5, "integer": 10, "bigint": 19, "uuid": 36}

// long asks that what is made of a row's key has room where no two rows may have
// the same: cut off, it is another's too.
func (i *inspector) long(t *datamap.Table, role datamap.Role, set []datamap.Assignment) {
	key := len(i.c.key(t)) - 1 // signs between its columns
	for _, name := range i.c.key(t) {
		key += max(longest[i.c.tables[t.Name].columns[name].sqlType], 1)
	}
	for _, a := range set {
		if !slices.ContainsFunc(i.c.tables[t.Name].distinct, func(unique []string) bool { return slices.Contains(unique, a.Column) }) {
			continue
		}
		room := i.c.tables[t.Name].columns[a.Column].length
		if need := len([]rune(a.Value)) + strings.Count(a.Value, "{key}")*(key-len("{key}")); a.Fill == datamap.Fresh && room > 0 && room < need {
			i.add(NotUnique, datamap.Fail, t.Name, a.Column, "erase.%s writes up to %d characters, and the column holds %d: cut off, two rows may have the same; write a shorter text around {key}", role, need, room)
		}
	}
}

// rewritable holds columns whose old value is rewritten against their types.
func (i *inspector) rewritable(t *datamap.Table, role datamap.Role, set []datamap.Assignment) {
	for _, a := range set {
		if !readsOld(a) {
			continue
		}
		col, mapped := i.c.tables[t.Name].columns[a.Column], datamap.Column{}
		mapped, _ = t.Column(a.Column)
		ok := col.category == "S" || col.sqlType == "json" || col.sqlType == "jsonb" || col.sqlType == "bytea"
		if col.category == "A" {
			ok = a.Fill == datamap.Remove || a.Fill == datamap.Scrub && (strings.HasPrefix(col.sqlType, "text") || strings.HasPrefix(col.sqlType, "character"))
		}
		switch {
		case mapped.Group == datamap.Secret:
			i.add(Unwritable, datamap.Fail, t.Name, a.Column, "erase.%s rewrites a secret, which is never read; write null or {fresh: …} instead", role)
		case !ok:
			i.add(Unwritable, datamap.Fail, t.Name, a.Column, "the column is %s, and erase.%s rewrites text in it", col.sqlType, role)
		}
	}
}

// hanging asks that a container has one column that others can refer to.
func (i *inspector) hanging(t *datamap.Table, role datamap.Role, s *datamap.Shared) {
	if len(i.c.key(t)) != 1 {
		i.add(Unwritable, datamap.Fail, t.Name, "", "erase.%s.shared: %s.%s refers to the row by one column, and the key has %d", role, s.By.Table, s.By.Column, len(i.c.key(t)))
	}
}

// detached asks of every column that is emptied when rows go: is it known which
// rows, and may it be empty?
func (i *inspector) detached(t *datamap.Table) {
	for _, name := range t.Detach {
		refers := false
		for _, other := range i.s.m.Tables {
			refers = refers || other != t && slices.ContainsFunc(i.c.tables[other.Name].refs, func(fk foreignKey) bool {
				return fk.table == t.Name && len(fk.columns) == 1 && fk.columns[0] == name
			})
		}
		if !refers {
			i.add(Unwritable, datamap.Fail, t.Name, name, "detach: no foreign key says to which table's rows this column refers; remove it, or list it under self if it refers to its own table")
		}
		if i.c.tables[t.Name].columns[name].notNull {
			i.add(NotNull, datamap.Fail, t.Name, name, "detach sets the column to null, and it is NOT NULL")
		}
	}
}

// repairs holds formulas against the types of what they compute.
func (i *inspector) repairs(t *datamap.Table) {
	for _, p := range t.Repairs {
		col := i.c.tables[t.Name].columns[p.Column]
		from := i.c.tables[p.From]
		number := p.How == datamap.Count || p.How == datamap.Sum
		switch {
		case number && col.category != "N":
			i.add(Unwritable, datamap.Fail, t.Name, p.Column, "repair: the column is %s and cannot hold a %s", col.sqlType, p.How)
		case p.How == datamap.Exists && col.category != "B" && col.category != "N":
			i.add(Unwritable, datamap.Fail, t.Name, p.Column, "repair: the column is %s and cannot say whether rows exist", col.sqlType)
		case p.Of != "" && !number && from.columns[p.Of].category != col.category:
			i.add(Unwritable, datamap.Fail, t.Name, p.Column, "repair: the column is %s and cannot hold %s.%s (%s)", col.sqlType, p.From, p.Of, from.columns[p.Of].sqlType)
		case (p.How == datamap.Sum) && from.columns[p.Of].category != "N":
			i.add(Unwritable, datamap.Fail, p.From, p.Of, "repair: the column is %s and cannot be added up", from.columns[p.Of].sqlType)
		}
		for _, on := range p.On {
			if !from.has(on.Mine) {
				i.missing(p.From, on.Mine, "%s of %s is computed over the whole table for each row; CREATE INDEX ON %s (%s) would help", p.Column, t.Name, ident(i.s.m.Store.Schema, p.From), ident(on.Mine))
			}
		}
	}
}

// objects asks that a named object storage is there, and that what lies below a
// key is one row's: a folder that somebody may name is everybody's.
func (i *inspector) objects(t *datamap.Table) {
	for _, o := range t.Objects {
		if n := newNaming(o); n.template.Below && !i.ownFolder(t, n.template.Parts) {
			i.add(Unwritable, datamap.Fail, t.Name, "", "objects: %q stands for everything below a folder that may be somebody else's too; name a folder by the row's own key, a number or uuid, between two signs, like \"exports/{%s}/*\"", o.Key, strings.Join(i.c.key(t), "}/{"))
		}
	}
	if i.s.opt.Objects == nil {
		return
	}
	for _, o := range t.Objects {
		for _, value := range sortedKeys(o.Stores) {
			if _, err := i.s.opt.Objects.In(o.Stores[value]); err != nil {
				i.add(Unwritable, datamap.Fail, t.Name, o.By, "objects: no object storage has the name %q; configure it, or correct the name", o.Stores[value])
			}
		}
	}
}

func (i *inspector) ownFolder(t *datamap.Table, parts []datamap.TemplatePart) bool {
	last := parts[len(parts)-1]
	return last.Column == "" && strings.HasSuffix(last.Text, "/") && !slices.ContainsFunc(i.c.key(t), func(name string) bool {
		sqlType := i.c.tables[t.Name].columns[name].sqlType
		return sqlType != "uuid" && integers[sqlType] == 0 || !apartIn(parts, name)
	})
}

// views holds the views that keep copies against the store.
func (i *inspector) views() {
	for _, v := range i.s.m.Views {
		r := i.c.tables[v.Name]
		switch {
		case r == nil || !r.view:
			i.add(MissingTable, datamap.Fail, v.Name, "", "the store has no such view in schema %s; remove it from views or correct its name", i.s.m.Store.Schema)
			continue
		case v.Refresh && !r.stored:
			i.add(Unwritable, datamap.Fail, v.Name, "", "the view keeps no rows, so there is nothing to refresh; remove refresh")
		}
		for _, name := range v.Search {
			if r.columns[name] == nil {
				i.add(MissingColumn, datamap.Fail, v.Name, name, "views (line %d) names a column that the view does not have", v.Line)
			}
		}
	}
}

// known says that the map lists a view.
func (i *inspector) known(name string) bool {
	return slices.ContainsFunc(i.s.m.Views, func(v datamap.View) bool { return v.Name == name })
}

// readsMapped says whether a view reads mapped tables, itself or through views
// that the map does not list.
func (i *inspector) readsMapped(r *relation, seen map[string]bool) bool {
	seen[r.name] = true
	return slices.ContainsFunc(r.reads, func(from string) bool {
		if _, mapped := i.s.m.Table(from); mapped {
			return true
		}
		other := i.c.tables[from]
		return other != nil && other.view && !seen[from] && i.readsMapped(other, seen)
	})
}

package datamap

import "slices"

// Databases names everything that the map is about: each shard of each store.
// The one store of a map that names neither shards nor other stores is "".
func (m *Map) Databases() []string {
	first := m.Store.Shards
	if len(first) == 0 && len(m.Stores) == 0 {
		return []string{""}
	}
	var out []string
	for i, s := range append([]StoreInfo{m.Store}, m.Stores...) {
		switch {
		case len(s.Shards) > 0:
			out = append(out, s.Shards...)
		case i == 0:
			out = append(out, "main")
		default:
			out = append(out, s.Name)
		}
	}
	return out
}

// Of gives what the map says of one database, by the names of Databases; nil if
// there is none of that name. The hash is the whole map's.
func (m *Map) Of(database string) *Map {
	if database == "" && len(m.Stores) == 0 {
		return m
	}
	i := slices.IndexFunc(m.Stores, func(s StoreInfo) bool { return s.Name == database || slices.Contains(s.Shards, database) })
	store := m.Store
	if i >= 0 {
		store = m.Stores[i]
	} else if database != "main" && !slices.Contains(m.Store.Shards, database) {
		return nil
	}
	name := ""
	if i >= 0 {
		name = store.Name
	}
	here := func(table string) bool {
		t, ok := m.byName[table]
		return ok && t.Store == name
	}
	out := *m
	out.Store, out.Stores, out.byName = store, nil, map[string]*Table{}
	out.Tables = slices.DeleteFunc(slices.Clone(m.Tables), func(t *Table) bool { return t.Store != name })
	for _, t := range out.Tables {
		out.byName[t.Name] = t
	}
	out.Person = slices.DeleteFunc(slices.Clone(m.Person), func(r Root) bool { return !here(r.Table) })
	out.Mentions.Names = slices.DeleteFunc(slices.Clone(m.Mentions.Names), func(r Ref) bool { return !here(r.Table) })
	if m.Tenant != nil && !here(m.Tenant.Table) {
		out.Tenant = nil
	}
	if m.Organization != nil && !here(m.Organization.Table) {
		out.Organization = nil
	}
	if i >= 0 {
		out.Views = nil
	}
	return &out
}

// stores holds every reference against the stores: a path cannot lead from one
// database into another; there an identifier must find the person anew.
func (c *checker) stores() {
	names := map[string]bool{}
	for _, name := range c.m.Databases() {
		if names[name] {
			c.fail(1, "stores: the name %s stands there twice; each database needs its own", name)
		}
		names[name] = true
	}
	for _, t := range c.m.Tables {
		if t.Store != "" && !slices.ContainsFunc(c.m.Stores, func(s StoreInfo) bool { return s.Name == t.Store }) {
			c.fail(t.Line, "tables.%s.store: no store %q under stores; add it there", t.Name, t.Store)
		}
		for _, other := range c.m.Sources(t) {
			if o, ok := c.m.byName[other]; ok && o.Store != t.Store {
				c.fail(t.Line, "tables.%s: a path leads to the table %s, which is in another store; let an identifier find the person there: find: phone, in: [column]", t.Name, other)
			}
		}
		for _, p := range t.Repairs {
			if o, ok := c.m.byName[p.From]; ok && o.Store != t.Store {
				c.fail(p.Line, "tables.%s.repair: the table %s is in another store", t.Name, p.From)
			}
		}
	}
	for _, r := range c.m.Person {
		for _, k := range slices.Concat(r.Match, r.Candidates, r.Learn) {
			if o, ok := c.m.byName[k.Table]; ok && o.Store != c.m.byName[r.Table].Store {
				c.fail(k.Line, "subjects.person.%s: the table %s is in another store", r.Table, k.Table)
			}
		}
	}
}

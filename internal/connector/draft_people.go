package connector

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// identifier says which kind of identifier a column holds, "" if none: its name
// proposes and its values may refuse, or its values alone are clear enough.
func (t *drafted) identifier(column string) string {
	if kind := t.said[column]; kind != "" {
		return kind
	}
	c, s, w := t.r.columns[column], t.shapes[column], tokens(column)
	last := w[max(0, len(w)-1):]
	id := endsWith(w, []string{"id"}) && !slices.Equal(w, []string{"wa", "id"})
	if c.category != "S" && c.category != "N" || id || secretive(column) || t.refers(column) {
		return ""
	}
	if c.category == "S" && about(t.Name, optOutWords) && says(column, heldWords) && !says(column, []string{"hash", "type", "kind"}) {
		if s.mostly(s.email) {
			return "email"
		}
		if !s.denies(s.phone) {
			return "phone"
		}
	}
	named := func(words []string) bool {
		return says(column, words) && (!slices.ContainsFunc(last, func(w string) bool { return slices.Contains(notValueWords, w) }))
	}
	switch {
	case c.category == "S" && named(emailWords) && !s.denies(s.email), c.category == "S" && s.mostly(s.email):
		return "email"
	case named(phoneWords) && (c.category == "S" || c.sqlType == "bigint" || c.sqlType == "numeric") && !s.denies(s.phone), c.category == "S" && s.mostly(s.phone):
		return "phone"
	}
	return ""
}

// chooseTenant takes the table that most others refer to, if its name or a
// region says that it is an organization.
func (d *draft) chooseTenant() {
	best, count := 0, 0
	for _, name := range d.names {
		t := d.tables[name]
		users := map[string]bool{}
		for _, e := range d.edges {
			if e.target == name && e.when == nil {
				users[e.table] = true
			}
		}
		named, region := isA(name, tenantWords), d.regionOf(t)
		if t.rootKey() == "" || len(users) == 0 || !named && (region == "" || isA(name, personWords) || isA(name, staffWords)) {
			continue
		}
		score := len(users)
		if named {
			score += 3
		}
		if region != "" {
			score += 2
		}
		if score > best {
			best, count, d.tenant, d.region = score, len(users), t, region
		}
	}
	if d.tenant != nil {
		d.tenant.check("tenant", "%d tables refer to %s; are its rows the organizations?", count, plainly(d.tenant.Name))
	}
}

// regionOf finds the column with the country of a tenant's numbers.
func (d *draft) regionOf(t *drafted) string {
	for _, word := range regionWords {
		for _, column := range t.r.order {
			s := t.shapes[column]
			if t.r.columns[column].category == "S" && says(column, []string{word}) && !t.refers(column) && (s.n == 0 || s.region*2 >= s.n) {
				return column
			}
		}
	}
	return ""
}

// chooseRoots finds the tables whose rows are people: they hold addresses or
// numbers, and their name or what refers to them says the rest.
func (d *draft) chooseRoots() {
	var maybe []*drafted
	for _, name := range d.names {
		t := d.tables[name]
		for _, column := range t.r.order {
			if kind := t.identifier(column); kind != "" {
				t.match = append(t.match, datamap.Match{By: kind, Column: column, Stored: d.stored(t, column, kind)})
			}
			t.match = append(t.match, d.inside(t, column)...)
		}
		if len(t.match) == 0 || t.rootKey() == "" || t == d.tenant {
			continue
		}
		if isA(name, personWords) || isA(name, staffWords) || len(t.said) > 0 {
			d.addRoot(t)
		} else if t.referring {
			maybe = append(maybe, t)
		}
	}
	for _, t := range maybe { // something with an address that others refer to, and that hangs on nobody
		if !slices.ContainsFunc(t.fks, func(e edge) bool { return d.tables[e.target].root }) {
			d.addRoot(t)
			t.check("root", "the name does not say so; are its rows people?")
		}
	}
	d.beside()
	others := false
	for _, t := range d.roots {
		t.staff = staffed(t.Name)
		others = others || !t.staff
	}
	for _, t := range d.roots { // users and agents: the users are those who are not paid for it
		if t.staff = t.staff && (others || isA(t.Name, paidWords)); !t.staff {
			others = true
		}
	}
	for _, t := range d.roots {
		t.staff = t.staff && others
	}
}

func (d *draft) addRoot(t *drafted) {
	t.root = true
	d.roots = append(d.roots, t)
}

// stored tells numbers that are kept as digits with their country code, where
// only that makes use of the index there is.
func (d *draft) stored(t *drafted, column, kind string) datamap.Stored {
	s := t.shapes[column]
	if kind == "phone" && s.n >= 3 && s.digits == s.n && t.r.has(column) && !t.r.has(plainExpression(searchKey(datamap.E164, column))) {
		t.check("stored "+column, "all sampled values are digits with a country code; is that so everywhere?")
		return datamap.AsDigits
	}
	return datamap.AsTyped
}

// classify gives each table a category by its name.
func (d *draft) classify() {
	for _, name := range d.names {
		t := d.tables[name]
		switch {
		case t == d.tenant:
			t.Category = "organization"
		case t.root && t.staff:
			t.Category = "account"
		case t.root:
			t.Category = "profile"
		default:
			t.Category = "other"
			for _, c := range draftCategories {
				paid := c.id != "billing" || !about(name, []string{"push", "newsletter", "topic", "channel", "webhook", "event"})
				if about(name, c.words) && paid {
					t.Category = c.id
					break
				}
			}
			if t.Category == "other" {
				t.check("category", "the name says nothing; choose a category")
			}
		}
	}
}

// placeTenants says how each row's tenant is known: by its own column, or
// through a row that it refers to.
func (d *draft) placeTenants() {
	if d.tenant == nil {
		return
	}
	for _, e := range d.edges {
		if t := d.tables[e.table]; e.target == d.tenant.Name && len(e.columns) == 1 && t.Tenant == nil {
			t.Tenant = &datamap.TenantPath{Column: e.columns[0]}
		}
	}
	for _, e := range d.edges { // a key of several columns brings the tenant's with it
		t, p := d.tables[e.table], d.tables[e.target]
		if t.Tenant != nil || p.Tenant == nil || p.Tenant.Parent != "" || len(e.columns) < 2 || t == d.tenant {
			continue
		}
		if at := slices.Index(e.to, p.Tenant.Column); at >= 0 {
			t.Tenant = &datamap.TenantPath{Column: e.columns[at]}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, name := range d.names {
			t := d.tables[name]
			if t == d.tenant || t.Tenant != nil {
				continue
			}
			if e, ok := d.wayToTenant(t); ok {
				t.Tenant = &datamap.TenantPath{Column: e.columns[0], Parent: e.target, Key: e.to[0]}
				if e.when != nil {
					t.Tenant.When = []datamap.Condition{*e.when}
				}
				d.waits[e.target] = append(d.waits[e.target], name)
				changed = true
			}
		}
	}
}

// wayToTenant prefers a reference that every row has.
func (d *draft) wayToTenant(t *drafted) (edge, bool) {
	var best edge
	found := false
	for _, e := range t.fks {
		p := d.tables[e.target]
		if p.Tenant == nil || len(e.columns) != 1 || dotted(e.target) || d.leads(d.waits, t.Name, e.target) {
			continue
		}
		if !found || e.when == nil && (best.when != nil || !t.nullable(e.columns) && t.nullable(best.columns)) {
			best, found = e, true
		}
	}
	if found && best.when != nil {
		t.check("tenant", "rows of another %s have no tenant", plainly(best.when.Column))
	} else if found && t.nullable(best.columns) {
		t.check("tenant", "rows without %s have no tenant", plainly(best.columns[0]))
	}
	return best, found
}

// chooseOrganization lets the owners and administrators of a tenant ask for all
// of it, if the store says who they are.
func (d *draft) chooseOrganization() {
	if d.tenant == nil {
		return
	}
	for _, t := range d.roots {
		email := slices.IndexFunc(t.match, func(m datamap.Match) bool { return m.By == "email" })
		if email < 0 || t.Tenant == nil || t.Tenant.Parent != "" || !staffed(t.Name) {
			continue
		}
		for _, column := range t.r.order {
			ranks := t.shapes[column].among([]string{"owner", "admin", "administrator", "Owner", "Admin", "Administrator", "OWNER", "ADMIN"})
			if !says(column, []string{"role", "rank", "level", "position"}) || len(ranks) == 0 {
				continue
			}
			r := &datamap.Representative{Table: t.Name, Email: t.match[email].Column, Organization: t.Tenant.Column, When: []datamap.Condition{{Column: column, In: ranks}}}
			for _, gone := range t.r.order {
				if w := tokens(gone); t.r.columns[gone].category == "D" && (endsWith(w, []string{"deleted", "at"}) || endsWith(w, []string{"deactivated", "at"})) {
					r.Absent = gone
				}
			}
			d.representatives = r
			return
		}
	}
}

// hasTenant is what the map's reader will say.
func (d *draft) hasTenant(t *drafted) bool {
	return d.representatives != nil && (t.Tenant != nil || t == d.tenant)
}

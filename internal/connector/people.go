package connector

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Person is somebody of the store, by what they are known by.
type Person struct {
	Table, Key                      string // the row; "" for the subject, who may be many
	Names, Numbers, Emails, Handles []string
}

// People is who a subject's rows may speak of.
type People struct {
	Subject Person
	Others  []Person
	Firm    Person   // what the subject's organizations themselves are called and reached by
	Claimed string   // what the subject typed as their name
	Regions []string // whose numbers may stand without a country code
}

// Others are kept in memory while a package is built: so many at most. A number
// or an address is recognised without being known; of the names beyond, staff
// get suggestions.
const maxOthers = 50_000

// People reads who the subject's rows may speak of: the people that they refer
// to, and everybody who works for the same organizations.
func (n *Snapshot) People() (People, error) {
	var all People
	for i, p := range n.parts {
		one, err := p.People()
		if err != nil {
			return all, err
		}
		for j := range one.Others {
			one.Others[j].Table = n.fleet.names[i] + "." + one.Others[j].Table
		}
		all.add(one)
	}
	if n.fleet != nil {
		return all, nil
	}
	c := gathering{n: n, keys: map[string][]string{}}
	return c.read()
}

func (c *People) add(one People) {
	c.Subject.add(one.Subject)
	c.Firm.add(one.Firm)
	c.Others = append(c.Others, one.Others...)
	c.Claimed = one.Claimed
	for _, r := range one.Regions {
		c.Regions = with(c.Regions, r)
	}
}

func (p *Person) add(one Person) {
	p.Names, p.Numbers = with(p.Names, one.Names...), with(p.Numbers, one.Numbers...)
	p.Emails, p.Handles = with(p.Emails, one.Emails...), with(p.Handles, one.Handles...)
}

// with adds what is not there yet.
func with(list []string, more ...string) []string {
	for _, one := range more {
		if one != "" && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// gathering collects the people of one database.
type gathering struct {
	n       *Snapshot
	out     People
	tenants []string
	regions map[string]string   // of the tenants
	keys    map[string][]string // root table → keys of other people
	known   int
}

func (c *gathering) read() (People, error) {
	r := c.n.roots
	c.out.Claimed = r.Who.Name
	for kind, values := range r.Values {
		c.out.Subject.take(c.n.s.m.Normalisers[kind], values)
	}
	c.out.Regions = with(nil, c.n.s.m.Store.Region)
	steps := []func() error{c.firms, c.own, c.members, c.referred, c.others}
	for _, step := range steps {
		if err := step(); err != nil {
			return c.out, err
		}
	}
	return c.out, nil
}

func (p *Person) take(n datamap.Normaliser, values []string) {
	switch n.Kind {
	case datamap.E164, datamap.Digits:
		p.Numbers = with(p.Numbers, values...)
	case datamap.Email:
		p.Emails = with(p.Emails, values...)
	case datamap.Name:
		p.Names = with(p.Names, values...)
	default:
		p.Handles = with(p.Handles, values...)
	}
}

// identifying lists the columns of a root that say who the person is: kind of
// identifier → columns, "" for names.
func identifying(m *datamap.Map, root datamap.Root) map[string][]string {
	out := map[string][]string{}
	for _, k := range root.Match {
		if k.Table == "" && len(k.Path) == 0 {
			out[k.By] = with(out[k.By], k.Column)
		}
	}
	for _, ref := range m.Mentions.Names {
		if ref.Table == root.Table {
			out[""] = with(out[""], ref.Column)
		}
	}
	t, _ := m.Table(root.Table)
	for _, col := range t.Columns {
		if col.Correct != nil && col.Correct.Type == "name" {
			out[""] = with(out[""], col.Name)
		}
	}
	return out
}

// people reads rows of a root by a condition.
func (c *gathering) people(q *query, root datamap.Root, where string, found func(Person)) error {
	if where == "false" {
		return nil
	}
	m, t := c.n.s.m, c.n.s.tableOf(root)
	columns := identifying(m, root)
	kinds := sortedKeys(columns)
	selected := []string{ident("t", root.Key) + "::text", "coalesce(" + q.tenant("t", t) + ", '')"}
	for _, kind := range kinds {
		texts := make([]string, len(columns[kind]))
		for i, name := range columns[kind] {
			texts[i] = "coalesce(" + q.text("t", t.Name, name) + ", '')"
		}
		selected = append(selected, "ARRAY["+strings.Join(texts, ", ")+"]::text[]")
	}
	var key, tenant string
	values := make([][]string, len(kinds))
	into := []any{&key, &tenant}
	for i := range values {
		into = append(into, &values[i])
	}
	sql := fmt.Sprintf("SELECT %s FROM %s t WHERE %s ORDER BY 1", strings.Join(selected, ", "), q.table(t.Name), where)
	err := each(c.n.ctx, c.n.tx, sql, q.args, into, func() {
		p := Person{Table: t.Name, Key: key}
		for i, kind := range kinds {
			if kind == "" {
				p.Names = with(p.Names, values[i]...)
				continue
			}
			n := m.Normalisers[kind]
			for _, v := range values[i] {
				if normal := n.Normal(v, c.region(tenant)); normal != "" {
					p.take(n, []string{normal})
				}
			}
		}
		found(p)
	})
	if err != nil {
		return fmt.Errorf("read who is in %s: %w", t.Name, err)
	}
	return nil
}

func (s *Store) tableOf(root datamap.Root) *datamap.Table {
	t, _ := s.m.Table(root.Table)
	return t
}

func (c *gathering) region(tenant string) string {
	if r := c.regions[tenant]; phonenumbers.GetCountryCodeForRegion(r) != 0 {
		return r
	}
	return c.n.s.m.Store.Region
}

// firms reads the organizations in which the subject's own rows are, and what
// they are reached by.
func (c *gathering) firms() error {
	m := c.n.s.m
	c.regions = map[string]string{}
	for _, root := range m.Person {
		q := c.n.s.query(c.n.c, c.n.roots)
		t := c.n.s.tableOf(root)
		where := q.anyOf("t", t.Name, root.Key, "root", c.n.roots.Keys[t.Name])
		if where == "false" || !m.HasTenant(t) {
			continue
		}
		var tenant string
		sql := fmt.Sprintf("SELECT DISTINCT coalesce(%s, '') FROM %s t WHERE %s", q.tenant("t", t), q.table(t.Name), where)
		if err := each(c.n.ctx, c.n.tx, sql, q.args, []any{&tenant}, func() { c.tenants = with(c.tenants, tenant) }); err != nil {
			return fmt.Errorf("read the organizations of %s: %w", t.Name, err)
		}
	}
	if m.Tenant == nil {
		return nil
	}
	t, ok := m.Table(m.Tenant.Table)
	q := c.n.s.query(c.n.c, c.n.roots)
	where := q.anyOf("t", m.Tenant.Table, m.Tenant.Key, "tenants", c.tenants)
	if !ok || where == "false" {
		return nil
	}
	region := "''"
	if m.Tenant.Region != "" {
		region = "coalesce(" + ident("t", m.Tenant.Region) + "::text, '')"
	}
	var texts []string
	for _, col := range t.Columns {
		if q.column(t.Name, col.Name).textual() && (col.Group == datamap.Data || col.Group == datamap.Mention) {
			texts = append(texts, "coalesce("+ident("t", col.Name)+"::text, '')")
		}
	}
	var key, at string
	var values []string
	sql := fmt.Sprintf("SELECT %s::text, %s, ARRAY[%s]::text[] FROM %s t WHERE %s", ident("t", m.Tenant.Key), region, strings.Join(texts, ", "), q.table(t.Name), where)
	err := each(c.n.ctx, c.n.tx, sql, q.args, []any{&key, &at, &values}, func() {
		c.regions[key] = at
		c.out.Regions = with(c.out.Regions, at)
		for _, v := range values {
			c.firm(v, c.region(key))
		}
	})
	if err != nil {
		return fmt.Errorf("read what organizations are reached by: %w", err)
	}
	return nil
}

// firm takes a text of an organization's own row for what it is reached by, or
// for a name.
func (c *gathering) firm(text, region string) {
	for _, kind := range sortedKeys(c.n.s.m.Normalisers) {
		n := c.n.s.m.Normalisers[kind]
		if n.Kind != datamap.E164 && n.Kind != datamap.Email {
			continue
		}
		if normal := n.Normal(text, region); normal != "" {
			c.out.Firm.take(n, []string{normal})
			return
		}
	}
	if first, _ := utf8.DecodeRuneInString(text); unicode.IsUpper(first) && utf8.RuneCountInString(text) >= shortest {
		c.out.Firm.Names = with(c.out.Firm.Names, text)
	}
}

// own reads what the subject is called in their own rows.
func (c *gathering) own() error {
	for _, root := range c.n.s.m.Person {
		q := c.n.s.query(c.n.c, c.n.roots)
		where := q.anyOf("t", root.Table, root.Key, "root", c.n.roots.Keys[root.Table])
		if err := c.people(q, root, where, func(p Person) { c.out.Subject.add(p) }); err != nil {
			return err
		}
	}
	return nil
}

// members takes everybody who works for the subject's organizations.
func (c *gathering) members() error {
	o := c.n.s.m.Organization
	if o == nil {
		return nil
	}
	for _, root := range c.n.s.m.Person {
		if root.Table != o.Representative.Table {
			continue
		}
		q := c.n.s.query(c.n.c, c.n.roots)
		where := q.anyOf("t", root.Table, o.Representative.Organization, "members", c.tenants)
		if err := c.people(q, root, where, c.take); err != nil {
			return err
		}
	}
	return nil
}

func (c *gathering) take(p Person) {
	if slices.Contains(c.n.roots.Keys[p.Table], p.Key) || c.known >= maxOthers {
		return
	}
	c.known++
	c.out.Others = append(c.out.Others, p)
}

// referred collects the keys of the people that the subject's rows refer to, and
// who are not known as members.
func (c *gathering) referred() error {
	for _, t := range c.n.s.m.Tables {
		for _, role := range c.n.s.rolesOf(t, c.n.roots.Who.Organization) {
			if role == "" || !handsOut(t, role, c.n.portability) {
				continue
			}
			if err := c.referredBy(t, role); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *gathering) referredBy(t *datamap.Table, role datamap.Role) error {
	q := c.n.s.query(c.n.c, c.n.roots)
	if len(c.n.s.query(c.n.c, c.n.roots).ways(t, "t", role)) == 0 {
		return nil
	}
	all := c.references(q, "t", t, role, 0)
	for _, ref := range all {
		q := c.n.s.query(c.n.c, c.n.roots)
		var key string
		sql := fmt.Sprintf("SELECT DISTINCT k FROM (%s) u WHERE k IS NOT NULL LIMIT %d", q.union(t, role, ref.sql+"::text AS k", ""), maxOthers)
		if err := each(c.n.ctx, c.n.tx, sql, q.args, []any{&key}, func() {
			if !slices.Contains(c.n.roots.Keys[ref.root], key) {
				c.keys[ref.root] = append(c.keys[ref.root], key)
			}
		}); err != nil {
			return fmt.Errorf("read whom %s refers to: %w", t.Name, err)
		}
	}
	return nil
}

// reference is how a row leads to a row that is a person.
type reference struct{ root, sql string }

// references lists how rows of a role lead to other people: by a column, or by
// the row that a column refers to. The only way by which the subject is reached
// leads to the subject; of several, each may lead to somebody else.
func (c *gathering) references(q *query, alias string, t *datamap.Table, role datamap.Role, depth int) []reference {
	var out []reference
	members := ""
	if o := c.n.s.m.Organization; o != nil {
		members = o.Representative.Table
	}
	ways := 0
	for _, p := range t.Paths {
		if p.As == role {
			ways++
		}
	}
	for _, p := range t.Paths {
		if !straight(p) || p.As == role && ways == 1 || depth > 2 {
			continue
		}
		if q.rootKey(p.From.Table) == p.From.Column {
			if p.From.Table != members {
				out = append(out, reference{p.From.Table, ident(alias, p.To)})
			}
			continue
		}
		from, ok := q.m.Table(p.From.Table)
		if !ok {
			continue
		}
		x := q.alias()
		for _, up := range c.references(q, x, from, "", depth+1) {
			out = append(out, reference{up.root, fmt.Sprintf("(SELECT %s FROM %s %s WHERE %s = %s LIMIT 1)", up.sql, q.table(from.Name), ident(x),
				ident(x, p.From.Column), ident(alias, p.To))})
		}
	}
	return out
}

// others reads who is behind the keys that were collected.
func (c *gathering) others() error {
	const chunk = 1000
	for _, root := range c.n.s.m.Person {
		keys := c.keys[root.Table]
		slices.Sort(keys)
		for some := range slices.Chunk(slices.Compact(keys), chunk) {
			if c.known >= maxOthers {
				return nil
			}
			q := c.n.s.query(c.n.c, c.n.roots)
			if err := c.people(q, root, q.anyOf("t", root.Table, root.Key, "", some), c.take); err != nil {
				return err
			}
		}
	}
	return nil
}

package connector

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxMatches is where a search stops to be one person's.
const maxMatches = 1000

// roots is who a subject is in the store. It is personal data: it is kept only
// sealed, and only as long as an operation runs.
type roots struct {
	Who           Subject             `json:"who"`
	Keys          map[string][]string `json:"keys"`          // root table → keys of its rows
	Organizations []string            `json:"organizations"` // keys, for an organization's request
	Values        map[string][]string `json:"values"`        // identifier kind → normal forms
	Spelled       map[string]spelling `json:"spelled"`       // path → writings found in its column
	// Rows are the keys of the rows that a path brings whose column had to be
	// decoded to know it: path → column of the key → values.
	Rows  map[string][][]string `json:"rows,omitempty"`
	Names []string              `json:"names,omitempty"` // of the rows that are the subject, for a deletion
	Many  bool                  `json:"many"`            // holds a good part of some table
}

// spelling lists writings of the subject's identifiers in one column.
type spelling struct {
	Everywhere []string            `json:"everywhere,omitempty"`
	Tenant     map[string][]string `json:"tenant,omitempty"` // the subject's in this tenant only
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func merge(a, b map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, m := range []map[string][]string{a, b} {
		for k, list := range m {
			for _, v := range list {
				if !slices.Contains(out[k], v) {
					out[k] = append(out[k], v)
				}
			}
			slices.Sort(out[k])
		}
	}
	return out
}

// digest names the roots without telling them.
func (r *roots) digest(secret []byte) string {
	b, err := json.Marshal(struct {
		Keys          map[string][]string
		Organizations []string
		Values        map[string][]string
		Tenants       []string `json:",omitempty"`
	}{r.Keys, r.Organizations, r.Values, r.Who.Tenants})
	if err != nil {
		panic(err) // maps of strings always marshal
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("subject\x00"))
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// resolver finds the rows that are the subject.
type resolver struct {
	s       *Store
	tx      pgx.Tx
	c       *catalog
	r       *roots
	matches []Match
	learnt  []string
	regions map[string]string // tenant → region of its numbers
}

// resolve finds who a subject is.
func (s *Store) resolve(ctx context.Context, tx pgx.Tx, c *catalog, who Subject) (*resolver, error) {
	v := &resolver{s: s, tx: tx, c: c, regions: map[string]string{},
		r: &roots{Who: who, Keys: map[string][]string{}, Values: map[string][]string{}, Spelled: map[string]spelling{}, Rows: map[string][][]string{}}}
	for kind, value := range who.identifiers() {
		n, ok := s.m.Normalisers[kind]
		if !ok {
			continue
		}
		if normal := n.Normal(value, s.m.Store.Region); normal != "" {
			v.r.Values[kind] = []string{normal}
		}
	}
	if who.Organization {
		return v, v.organization(ctx)
	}
	return v, v.person(ctx)
}

func (w Subject) identifiers() map[string]string {
	out := maps.Clone(w.Keys)
	if out == nil {
		out = map[string]string{}
	}
	if w.Email != "" {
		out["email"] = w.Email
	}
	if w.Phone != "" {
		out["phone"] = w.Phone
	}
	return out
}

// again is who to look for once more after a plan was made: with what was
// decided about the subject then, and by all that was known of it, which brings
// rows and no further identifiers.
func (w Subject) again(before *roots) Subject {
	if len(before.Who.Tenants) > 0 {
		w.Tenants = before.Who.Tenants
	}
	w.Include = append(slices.Clone(w.Include), before.Who.Include...)
	w.Exclude = append(slices.Clone(w.Exclude), before.Who.Exclude...)
	w.Told = before.Values
	return w
}

// person finds the rows by the proved identifiers, learns from them once, and
// finds the rows that the learnt identifiers bring.
func (v *resolver) person(ctx context.Context) error {
	if err := v.match(ctx, v.r.Values, false); err != nil {
		return err
	}
	if err := v.include(ctx); err != nil {
		return err
	}
	news, err := v.learn(ctx)
	if err != nil {
		return err
	}
	for kind, values := range v.r.Who.Told {
		for _, one := range values {
			if !slices.Contains(v.r.Values[kind], one) && !slices.Contains(news[kind], one) {
				news[kind] = append(news[kind], one)
			}
		}
	}
	for _, kind := range sortedKeys(news) {
		v.r.Values[kind] = append(v.r.Values[kind], news[kind]...)
		slices.Sort(v.r.Values[kind])
		v.learnt = append(v.learnt, kind)
	}
	if err := v.match(ctx, news, true); err != nil {
		return err
	}
	return v.spell(ctx)
}

func (v *resolver) match(ctx context.Context, values map[string][]string, learnt bool) error {
	for _, root := range v.s.m.Person {
		for _, k := range root.Match {
			found, err := v.search(ctx, root, k, values[k.By], 0)
			if err != nil {
				return err
			}
			for _, h := range found {
				v.add(Match{Table: root.Table, Key: h.key[0], By: k.By, Learnt: learnt, Tenant: h.tenant})
			}
		}
	}
	if len(v.matches) > maxMatches {
		return fmt.Errorf("the identifiers match more than %d rows, which cannot be one person", maxMatches)
	}
	return nil
}

// add takes a row for the subject's, unless it is known or staff say otherwise.
func (v *resolver) add(m Match) {
	if slices.Contains(v.r.Keys[m.Table], m.Key) || slices.Contains(v.r.Who.Exclude, m.ref()) {
		return
	}
	v.r.Keys[m.Table] = append(v.r.Keys[m.Table], m.Key)
	slices.Sort(v.r.Keys[m.Table])
	v.matches = append(v.matches, m)
}

func (m Match) ref() RowRef     { return RowRef{Table: m.Table, Key: m.Key} }
func (c Candidate) ref() RowRef { return RowRef{Table: c.Table, Key: c.Key} }

// ofHere forgets which database a row is in, for that database itself.
func ofHere(refs []RowRef) []RowRef {
	out := slices.Clone(refs)
	for i := range out {
		out[i].Store = ""
	}
	return out
}

// ByStaff is the kind of match that no identifier brought: staff confirmed it.
const ByStaff = "staff"

// include takes the rows that staff confirmed for the subject's.
func (v *resolver) include(ctx context.Context) error {
	for _, root := range v.s.m.Person {
		var keys []string
		for _, ref := range v.r.Who.Include {
			if ref.Table == root.Table {
				keys = append(keys, ref.Key)
			}
		}
		t, _ := v.s.m.Table(root.Table)
		q := v.s.query(v.c, v.r)
		where := q.anyOf("t", t.Name, root.Key, "", keys)
		if where == "false" {
			continue
		}
		found, err := v.read(ctx, q, reading{from: q.table(t.Name) + " t", key: q.keyText("t", root.Key), tenant: q.tenant("t", t),
			value: "''", where: where + q.within("t", t, where, true)})
		if err != nil {
			return fmt.Errorf("read what staff confirmed in %s: %w", t.Name, err)
		}
		for _, h := range found {
			v.add(Match{Table: root.Table, Key: h.key[0], By: ByStaff, Tenant: h.tenant})
		}
	}
	return nil
}

// hit is a row that was found: the key that it is known by, whose tenant it is,
// and what stands at the place that was read.
type hit struct {
	key           []string
	tenant, value string
}

// reading is one statement that reads hits.
type reading struct {
	from, key, tenant, value, where string
	limit                           int
}

func (v *resolver) read(ctx context.Context, q *query, r reading) ([]hit, error) {
	var out []hit
	err := v.stream(ctx, q, r, func(h hit) { out = append(out, h) })
	if err != nil {
		return nil, err
	}
	return out, v.loadRegions(ctx, out)
}

func (v *resolver) stream(ctx context.Context, q *query, r reading, found func(hit)) error {
	sql := fmt.Sprintf("SELECT DISTINCT %s, coalesce(%s, ''), coalesce(%s, '') FROM %s WHERE %s ORDER BY 1, 2, 3", r.key, r.tenant, r.value, r.from, r.where)
	if r.limit > 0 {
		sql += fmt.Sprintf(" LIMIT %d", r.limit)
	}
	var h hit
	return each(ctx, v.tx, sql, q.args, []any{&h.key, &h.tenant, &h.value}, func() {
		found(hit{slices.Clone(h.key), h.tenant, h.value})
	})
}

// keyText is a key of one column as hits have it.
func (q *query) keyText(alias, column string) string {
	return fmt.Sprintf("ARRAY[%s::text]", ident(alias, column))
}

// matchRows says where a match reads: the root's rows, called r, with the place
// in them or in the rows that refer to them, called t.
func (q *query) matchRows(root datamap.Root, k datamap.Match) (place, reading) {
	t, _ := q.m.Table(root.Table)
	if k.Table == "" {
		at := place{root.Table, k.Column, k.Path}
		value, lateral := q.values("t", at)
		return at, reading{from: q.table(t.Name) + " t" + lateral, key: q.keyText("t", root.Key), tenant: q.tenant("t", t), value: value}
	}
	at := place{k.Table, k.Column, k.Path}
	value, lateral := q.values("t", at)
	return at, reading{from: fmt.Sprintf("%s t JOIN %s r ON %s = %s%s", q.table(k.Table), q.table(root.Table), ident("r", root.Key), ident("t", k.To), lateral),
		key: q.keyText("r", root.Key), tenant: q.tenant("r", t), value: value}
}

func rootAlias(k datamap.Match) string {
	if k.Table == "" {
		return "t"
	}
	return "r"
}

// search gives the roots at whose place one of the normal forms stands, once
// both sides are normalised. An index narrows the search where there is one.
func (v *resolver) search(ctx context.Context, root datamap.Root, k datamap.Match, normal []string, limit int) ([]hit, error) {
	if len(normal) == 0 {
		return nil, nil
	}
	q := v.s.query(v.c, v.r)
	t, _ := v.s.m.Table(root.Table)
	at, r := q.matchRows(root, k)
	where := q.holds("t", at, v.s.m.Normalisers[k.By], k.Stored, normal)
	if where == "false" {
		return nil, nil
	}
	r.where, r.limit = where+q.when("t", at.table, k.When)+q.within(rootAlias(k), t, where, true), limit
	all, err := v.read(ctx, q, r)
	if err != nil {
		return nil, fmt.Errorf("search %s by %s: %w", at.table, k.By, err)
	}
	return slices.DeleteFunc(all, func(h hit) bool { return !v.confirms(q, at, k.By, k.Stored, normal, h) }), nil
}

// confirms says whether what was read at a place is one of the normal forms.
func (v *resolver) confirms(q *query, at place, kind string, stored datamap.Stored, normal []string, h hit) bool {
	n := v.s.m.Normalisers[kind]
	return slices.ContainsFunc(q.texts(at, h.value), func(text string) bool {
		if stored != datamap.AsTyped {
			return slices.Contains(storedAs(n, stored, normal), text)
		}
		return slices.Contains(normal, n.Normal(text, v.region(h.tenant)))
	})
}

// region is where a tenant's numbers without a country code are at home.
func (v *resolver) region(tenant string) string {
	if r := v.regions[tenant]; phonenumbers.GetCountryCodeForRegion(r) != 0 {
		return r
	}
	return v.s.m.Store.Region
}

func (v *resolver) loadRegions(ctx context.Context, rows []hit) error {
	m := v.s.m
	if m.Tenant == nil || m.Tenant.Region == "" {
		return nil
	}
	var missing []string
	for _, r := range rows {
		if _, known := v.regions[r.tenant]; !known && r.tenant != "" {
			v.regions[r.tenant] = ""
			missing = append(missing, r.tenant)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	q := v.s.query(v.c, v.r)
	sql := fmt.Sprintf("SELECT %s::text, coalesce(%s::text, '') FROM %s t WHERE %s", ident("t", m.Tenant.Key), ident("t", m.Tenant.Region),
		q.table(m.Tenant.Table), q.anyOf("t", m.Tenant.Table, m.Tenant.Key, "tenants", missing))
	var tenant, region string
	if err := each(ctx, v.tx, sql, q.args, []any{&tenant, &region}, func() { v.regions[tenant] = region }); err != nil {
		return fmt.Errorf("read the tenants' regions: %w", err)
	}
	return nil
}

// learn reads further identifiers from the rows that matched.
func (v *resolver) learn(ctx context.Context) (map[string][]string, error) {
	news := map[string][]string{}
	if v.r.Who.Settled {
		return news, nil
	}
	for _, root := range v.s.m.Person {
		if len(v.r.Keys[root.Table]) == 0 {
			continue
		}
		for _, k := range root.Learn {
			q := v.s.query(v.c, v.r)
			at, r := q.matchRows(root, k)
			r.where = q.anyOf(rootAlias(k), root.Table, root.Key, "root", v.r.Keys[root.Table]) + q.when("t", at.table, k.When)
			rows, err := v.read(ctx, q, r)
			if err != nil {
				return nil, fmt.Errorf("learn %s from %s: %w", k.By, at.table, err)
			}
			for _, h := range rows {
				for _, text := range q.texts(at, h.value) {
					normal := v.normal(k, text, h.tenant)
					if normal != "" && !slices.Contains(v.r.Values[k.By], normal) && !slices.Contains(news[k.By], normal) {
						news[k.By] = append(news[k.By], normal)
					}
				}
			}
		}
	}
	return news, nil
}

func (v *resolver) normal(k datamap.Match, text, tenant string) string {
	n := v.s.m.Normalisers[k.By]
	if k.Stored == datamap.AsDigits && n.Kind == datamap.E164 && text != "" {
		text = "+" + text
	}
	return n.Normal(text, v.region(tenant))
}

// organization finds the organizations that the address may speak for.
func (v *resolver) organization(ctx context.Context) error {
	o := v.s.m.Organization
	if o == nil {
		v.r.Organizations = slices.Clone(v.r.Who.Organizations) // found in another database
		return nil
	}
	rep, _ := v.s.m.Table(o.Representative.Table)
	narrow := ""
	if o.Representative.Absent != "" {
		narrow = " AND " + ident("t", o.Representative.Absent) + " IS NULL"
	}
	q := v.s.query(v.c, v.r)
	at := place{table: rep.Name, column: o.Representative.Email}
	where := q.holds("t", at, v.s.m.Normalisers["email"], datamap.AsTyped, v.r.Values["email"])
	if where == "false" {
		return nil
	}
	value, _ := q.values("t", at)
	found, err := v.read(ctx, q, reading{from: q.table(rep.Name) + " t", key: q.keyText("t", o.Representative.Organization), tenant: q.tenant("t", rep),
		value: value, where: where + q.when("t", rep.Name, o.Representative.When) + narrow})
	if err != nil {
		return fmt.Errorf("search %s by email: %w", rep.Name, err)
	}
	for _, h := range found {
		key := h.key[0]
		if !v.confirms(q, at, "email", datamap.AsTyped, v.r.Values["email"], h) || slices.Contains(v.r.Organizations, key) {
			continue
		}
		if len(v.r.Who.Tenants) == 0 || slices.Contains(v.r.Who.Tenants, key) {
			v.r.Organizations = append(v.r.Organizations, key)
			v.matches = append(v.matches, Match{Table: o.Table, Key: key, By: "email", Tenant: key})
		}
	}
	return nil
}

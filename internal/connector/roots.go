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
	Spelled       map[string]spelling `json:"spelled"`       // table.column → writings found there
	Many          bool                `json:"many"`          // holds a good part of some table
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
	}{r.Keys, r.Organizations, r.Values})
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

// resolve finds who a subject is. known are normal forms from an earlier search,
// which count like proved ones.
func (s *Store) resolve(ctx context.Context, tx pgx.Tx, c *catalog, who Subject, known map[string][]string) (*resolver, error) {
	v := &resolver{s: s, tx: tx, c: c, regions: map[string]string{},
		r: &roots{Who: who, Keys: map[string][]string{}, Values: map[string][]string{}, Spelled: map[string]spelling{}}}
	for kind, value := range who.identifiers() {
		n, ok := s.m.Normalisers[kind]
		if !ok {
			continue
		}
		if normal := n.Normal(value, s.m.Store.Region); normal != "" {
			v.r.Values[kind] = []string{normal}
		}
	}
	v.r.Values = merge(v.r.Values, known)
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

// person finds the rows by the proved identifiers, learns from them once, and
// finds the rows that the learnt identifiers bring.
func (v *resolver) person(ctx context.Context) error {
	if err := v.match(ctx, v.r.Values, false); err != nil {
		return err
	}
	news, err := v.learn(ctx)
	if err != nil {
		return err
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

// candidate is a row that an index brought and that a normaliser must confirm.
type candidate struct{ key, tenant, value string }

func (v *resolver) match(ctx context.Context, values map[string][]string, learnt bool) error {
	for _, root := range v.s.m.Person {
		t, _ := v.s.m.Table(root.Table)
		for _, k := range root.Match {
			found, err := v.candidates(ctx, t, ident("t", root.Key)+"::text", k.By, k.Column, k.Stored, values[k.By], nil, "")
			if err != nil {
				return err
			}
			for _, row := range found {
				if slices.Contains(v.r.Keys[root.Table], row.key) {
					continue
				}
				v.r.Keys[root.Table] = append(v.r.Keys[root.Table], row.key)
				v.matches = append(v.matches, Match{Table: root.Table, Key: row.key, By: k.By, Learnt: learnt, Tenant: row.tenant})
			}
		}
		slices.Sort(v.r.Keys[root.Table])
	}
	if len(v.matches) > maxMatches {
		return fmt.Errorf("the identifiers match more than %d rows, which cannot be one person", maxMatches)
	}
	return nil
}

// candidates gives the rows whose column holds one of the values after
// normalisation of both sides. An index narrows the search where there is one.
func (v *resolver) candidates(ctx context.Context, t *datamap.Table, key, kind, name string, stored datamap.Stored, values []string, when []datamap.Condition, narrow string) ([]candidate, error) {
	if len(values) == 0 {
		return nil, nil
	}
	all, err := v.narrowed(ctx, t, key, kind, name, stored, values, when, narrow)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(one candidate) bool { return !v.confirms(kind, stored, values, one) }), nil
}

func (v *resolver) narrowed(ctx context.Context, t *datamap.Table, key, kind, name string, stored datamap.Stored, values []string, when []datamap.Condition, narrow string) ([]candidate, error) {
	q := v.s.query(v.c, v.r)
	where := q.holds(t.Name, name, v.s.m.Normalisers[kind], stored, values) + q.when("t", t.Name, when) + narrow
	sql := fmt.Sprintf("SELECT DISTINCT %s, coalesce(%s, ''), %s FROM %s t WHERE %s ORDER BY 1, 2, 3",
		key, q.tenant("t", t), q.text("t", t.Name, name), q.table(t.Name), where)
	rows, err := v.tx.Query(ctx, sql, q.args...)
	if err != nil {
		return nil, fmt.Errorf("search %s by %s: %w", t.Name, kind, err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c candidate, err error) {
		return c, r.Scan(&c.key, &c.tenant, &c.value)
	})
	if err != nil {
		return nil, fmt.Errorf("search %s by %s: %w", t.Name, kind, err)
	}
	return all, v.loadRegions(ctx, all)
}

func (v *resolver) confirms(kind string, stored datamap.Stored, values []string, one candidate) bool {
	return stored != datamap.AsTyped || slices.Contains(values, v.s.m.Normalisers[kind].Normal(one.value, v.region(one.tenant)))
}

// region is where a tenant's numbers without a country code are at home.
func (v *resolver) region(tenant string) string {
	if r := v.regions[tenant]; phonenumbers.GetCountryCodeForRegion(r) != 0 {
		return r
	}
	return v.s.m.Store.Region
}

func (v *resolver) loadRegions(ctx context.Context, rows []candidate) error {
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
	for _, root := range v.s.m.Person {
		t, _ := v.s.m.Table(root.Table)
		if len(v.r.Keys[root.Table]) == 0 {
			continue
		}
		for _, k := range root.Learn {
			q := v.s.query(v.c, v.r)
			sql := fmt.Sprintf("SELECT %s::text, coalesce(%s, ''), coalesce(%s::text, '') FROM %s t WHERE %s ORDER BY 1",
				ident("t", root.Key), q.tenant("t", t), ident("t", k.Column), q.table(t.Name),
				q.anyOf("t", t.Name, root.Key, "root", v.r.Keys[root.Table]))
			var rows []candidate
			var one candidate
			if err := each(ctx, v.tx, sql, q.args, []any{&one.key, &one.tenant, &one.value}, func() { rows = append(rows, one) }); err != nil {
				return nil, fmt.Errorf("learn %s from %s: %w", k.By, t.Name, err)
			}
			if err := v.loadRegions(ctx, rows); err != nil {
				return nil, err
			}
			for _, row := range rows {
				value := row.value
				if k.Stored == datamap.AsDigits && v.s.m.Normalisers[k.By].Kind == datamap.E164 && value != "" {
					value = "+" + value
				}
				normal := v.s.m.Normalisers[k.By].Normal(value, v.region(row.tenant))
				if normal != "" && !slices.Contains(v.r.Values[k.By], normal) && !slices.Contains(news[k.By], normal) {
					news[k.By] = append(news[k.By], normal)
				}
			}
		}
	}
	return news, nil
}

// spell finds out how the subject's identifiers are written in each column that
// a path looks into by value, so that the paths compare plain values.
func (v *resolver) spell(ctx context.Context) error {
	for _, t := range v.s.m.Tables {
		for _, p := range t.Paths {
			for _, name := range p.In {
				if err := v.spellColumn(ctx, t, p, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (v *resolver) spellColumn(ctx context.Context, t *datamap.Table, p datamap.Path, name string) error {
	at, values := t.Name+"."+name, v.r.Values[p.Find]
	if len(values) == 0 {
		return nil
	}
	if p.Stored != datamap.AsTyped {
		v.r.Spelled[at] = spelling{Everywhere: storedAs(v.s.m.Normalisers[p.Find], p.Stored, values)}
		return nil
	}
	all, err := v.narrowed(ctx, t, "''::text", p.Find, name, p.Stored, values, p.When, "")
	if err != nil {
		return err
	}
	foreign := map[string]bool{}
	for _, one := range all {
		if !v.confirms(p.Find, p.Stored, values, one) {
			foreign[one.value] = true
		}
	}
	s := spelling{Tenant: map[string][]string{}}
	for _, one := range all {
		switch {
		case !v.confirms(p.Find, p.Stored, values, one):
		case foreign[one.value]:
			s.Tenant[one.tenant] = append(s.Tenant[one.tenant], one.value)
		case !slices.Contains(s.Everywhere, one.value):
			s.Everywhere = append(s.Everywhere, one.value)
		}
	}
	v.r.Spelled[at] = s
	return nil
}

// organization finds the organizations that the address may speak for.
func (v *resolver) organization(ctx context.Context) error {
	o := v.s.m.Organization
	if o == nil {
		return nil
	}
	rep, _ := v.s.m.Table(o.Representative.Table)
	narrow := ""
	if o.Representative.Absent != "" {
		narrow = " AND " + ident("t", o.Representative.Absent) + " IS NULL"
	}
	found, err := v.candidates(ctx, rep, ident("t", o.Representative.Organization)+"::text", "email", o.Representative.Email,
		datamap.AsTyped, v.r.Values["email"], o.Representative.When, narrow)
	if err != nil {
		return err
	}
	for _, row := range found {
		if !slices.Contains(v.r.Organizations, row.key) {
			v.r.Organizations = append(v.r.Organizations, row.key)
			v.matches = append(v.matches, Match{Table: o.Table, Key: row.key, By: "email", Tenant: row.key})
		}
	}
	return nil
}

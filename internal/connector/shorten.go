package connector

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A shortened retention is an override for one subject: rows that are older go
// by the table's own rules, now and on every day from now on. How old a row is
// says the map's age; rows without one go with the row that they hang in, and a
// row in which a younger one hangs waits for it.

// shortening lists what a shortened retention writes, and what goes at once.
func (s *Store) shortening(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error) {
	var out []work
	var refused Refused
	if ask.Days < 1 {
		refused = append(refused, Refusal{Code: "days"})
	}
	categories, undated := s.dated(ask.Categories)
	for _, id := range undated {
		refused = append(refused, Refusal{Column: id, Code: "undated"})
	}
	if len(refused) > 0 {
		return nil, refused
	}
	for _, id := range categories {
		t := s.firstDated(id)
		w := newWork(t, "", datamap.Rule{Do: datamap.Shortening}, part(id))
		w.Rows, w.listless, w.change, w.left = 1, true, s.override(id, ask.Days), s.overridden(id, ask.Days)
		out = append(out, w)
	}
	purged, err := s.purging(ctx, tx, c, r, Ask{Kind: purge, Days: ask.Days, Categories: categories}, cutoff)
	return append(out, purged...), err
}

// dated gives the categories, of those that are asked or of all, that have a
// table with an age; and those that have none.
func (s *Store) dated(asked []string) (dated, undated []string) {
	for _, c := range s.m.Categories {
		switch {
		case s.firstDated(c.ID) != nil && (len(asked) == 0 || slices.Contains(asked, c.ID)):
			dated = append(dated, c.ID)
		case slices.Contains(asked, c.ID):
			undated = append(undated, c.ID)
		}
	}
	for _, id := range asked {
		if _, ok := s.m.Category(id); !ok {
			undated = append(undated, id)
		}
	}
	if len(dated) == 0 && len(undated) == 0 {
		undated = append(undated, "")
	}
	return dated, undated
}

func (s *Store) firstDated(category string) *datamap.Table {
	for _, t := range s.m.Tables {
		if t.Age != "" && t.Category == category {
			return t
		}
	}
	return nil
}

// override writes the new period of one category down.
func (s *Store) override(category string, days int) func(context.Context, pgx.Tx, *execution, *work, int) (int64, error) {
	return func(ctx context.Context, tx pgx.Tx, e *execution, _ *work, _ int) (int64, error) {
		sealed, err := s.seal(e.op, e.roots, Ask{})
		if err != nil {
			return 0, err
		}
		_, err = tx.Exec(ctx, `INSERT INTO dsar.retention (subject, category, days, operation, sealed) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (subject, category) DO UPDATE SET days = excluded.days, operation = excluded.operation, sealed = excluded.sealed, since = now()`,
			s.hash("subject", identity(e.roots.Who)), category, days, e.op, sealed)
		if err != nil {
			return 0, fmt.Errorf("write the shorter period: %w", err)
		}
		return 1, nil
	}
}

func (s *Store) overridden(category string, days int) func(context.Context, pgx.Tx, *proof, *work) (int64, error) {
	return func(ctx context.Context, tx pgx.Tx, p *proof, _ *work) (n int64, err error) {
		err = tx.QueryRow(ctx, "SELECT 1 - count(*) FROM dsar.retention WHERE subject = $1 AND category = $2 AND days = $3",
			s.hash("subject", identity(p.r.Who)), category, days).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("look for the shorter period: %w", err)
		}
		return n, nil
	}
}

// identity is who asked, by what was proved: two requests of one person are one.
func identity(who Subject) string {
	b, err := json.Marshal(struct {
		Organization bool
		Identifiers  map[string]string
		Tenants      []string
	}{who.Organization, who.identifiers(), who.Tenants})
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(b)
}

// purge is the kind of operation that obeys the overrides, day by day.
const purge = "retention_purge"

// purging lists what is too old. Rows of somebody whose data is restricted are
// never among it.
func (s *Store) purging(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error) {
	frozen, err := s.restricted(ctx, tx, c, r)
	if err != nil {
		return nil, err
	}
	a := &ageing{s, ask, cutoff, frozen}
	return s.erasingOnly(c, r, cutoff, func(w work) (work, bool) {
		w.only = func(q *query, alias string) string {
			return a.gone(q, alias, w.table) + a.free(q, alias, w.table) + a.unlike(q, alias, &w)
		}
		return w, w.Action != datamap.Keep && !s.ageless(w.table, ask.Categories)
	})
}

// ageless says that no row of a table can become too old: it has no age, and
// hangs in nothing that has one.
func (s *Store) ageless(t *datamap.Table, categories []string) bool {
	return !s.selected(t, categories) && !slices.ContainsFunc(s.parents(t), func(p parent) bool { return !s.ageless(p.table, categories) })
}

func (s *Store) selected(t *datamap.Table, categories []string) bool {
	return t.Age != "" && slices.Contains(categories, t.Category)
}

// parent is a table in whose rows a table's rows hang.
type parent struct {
	table *datamap.Table
	on    []datamap.Pair // Mine is the child's column
	when  []datamap.Condition
}

func (s *Store) parents(t *datamap.Table) []parent {
	var out []parent
	for _, p := range t.Paths {
		up, ok := s.m.Table(p.From.Table)
		if !ok || up == t || len(p.Via) > 0 || p.Find != "" || p.Form != "" || len(p.JSON) > 0 {
			continue
		}
		out = append(out, parent{up, append([]datamap.Pair{{Mine: p.To, Theirs: p.From.Column}}, p.And...), p.When})
	}
	return out
}

// ageing says which rows are too old.
type ageing struct {
	s      *Store
	ask    Ask
	cutoff string
	frozen *roots // whose rows are restricted
}

// gone says that a row goes: it is old enough and selected, or hangs in one that
// goes; and no younger one hangs in it.
func (a *ageing) gone(q *query, alias string, t *datamap.Table) string {
	own := a.past(q, alias, t)
	if a.s.selected(t, a.ask.Categories) {
		return own
	}
	var in []string
	for _, p := range a.s.parents(t) {
		if a.s.ageless(p.table, a.ask.Categories) {
			continue
		}
		x := q.alias()
		in = append(in, fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s%s AND %s)", q.table(p.table.Name), ident(x), on(p, alias, x), q.when(alias, t.Name, p.when), a.gone(q, x, p.table)))
	}
	return own + " AND " + either(in)
}

// past says that neither a row nor what hangs in it is younger than the period.
func (a *ageing) past(q *query, alias string, t *datamap.Table) string {
	own := "true"
	if t.Age != "" {
		own = fmt.Sprintf("coalesce((%s)::date < %s::text::date - %s::integer, false)", q.moment(alias, t, t.Age), q.arg("cutoff", a.cutoff), q.arg("days", a.ask.Days))
	}
	for _, child := range a.s.m.Tables {
		for _, p := range a.s.parents(child) {
			if p.table == t && child.Age != "" {
				x := q.alias()
				own += fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s %s WHERE %s%s AND NOT (%s))", q.table(child.Name), ident(x), on(p, x, alias), q.when(x, child.Name, p.when), a.past(q, x, child))
			}
		}
	}
	return own
}

func on(p parent, child, up string) string {
	var both []string
	for _, pair := range p.on {
		both = append(both, ident(child, pair.Mine)+" = "+ident(up, pair.Theirs))
	}
	return strings.Join(both, " AND ")
}

// free says that a row is not restricted, by itself or by whose it is.
func (a *ageing) free(q *query, alias string, t *datamap.Table) string {
	own := " AND NOT " + q.stopped(alias, t, datamap.Restriction)
	for _, way := range q.waysOf(a.frozen, t, alias) {
		own += " AND (" + way + ") IS NOT TRUE"
	}
	return own
}

// unlike leaves out what was overwritten on an earlier day already. Where the
// new value is made of the old one, SQL cannot tell, and it is written again.
func (a *ageing) unlike(q *query, alias string, w *work) string {
	if !w.Action.Overwrites() || slices.ContainsFunc(w.rule.Set, readsOld) {
		return ""
	}
	if like := q.flagged(alias, w.table, w.rule.Set); like != "" {
		return " AND NOT (true" + like + ")"
	}
	return ""
}

// waysOf lists the conditions under which rows are somebody else's, in any role,
// within the same statement.
func (q *query) waysOf(r *roots, t *datamap.Table, alias string) []string {
	own, given := q.r, q.given
	defer func() { q.r, q.given = own, given }()
	q.r, q.given = r, map[string]string{}
	var out []string
	for _, role := range datamap.Roles {
		if role != datamap.OtherPerson {
			out = append(out, q.ways(t, alias, role)...)
		}
	}
	return out
}

// restricted finds whose rows are restricted: of a person the rows that are the
// person, of an organization everybody's in it.
func (s *Store) restricted(ctx context.Context, tx pgx.Tx, c *catalog, r *roots) (*roots, error) {
	v := &resolver{s: s, tx: tx, c: c, regions: map[string]string{},
		r: &roots{Keys: map[string][]string{}, Values: map[string][]string{}, Spelled: map[string]spelling{}, Rows: map[string][][]string{}}}
	for _, root := range s.m.Person {
		t, _ := s.m.Table(root.Table)
		q := s.query(c, r)
		where := ""
		if !r.Who.Organization {
			if len(r.Keys[root.Table]) == 0 {
				continue
			}
			where = " AND " + q.anyOf("t", root.Table, root.Key, "", r.Keys[root.Table])
		}
		var key string
		sql := fmt.Sprintf("SELECT %s::text FROM %s t WHERE %s%s ORDER BY 1", ident("t", root.Key), q.table(root.Table), q.stopped("t", t, datamap.Restriction), where)
		if err := each(ctx, tx, sql, q.args, []any{&key}, func() { v.r.Keys[root.Table] = append(v.r.Keys[root.Table], key) }); err != nil {
			return nil, fmt.Errorf("look who is restricted in %s: %w", root.Table, err)
		}
	}
	news, err := v.learn(ctx)
	if err != nil {
		return nil, err
	}
	v.r.Values = news
	return v.r, v.spell(ctx)
}

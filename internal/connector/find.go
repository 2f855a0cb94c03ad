package connector

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Found is the answer of one search, with the rows that are the subject. It
// lives in memory only.
type Found struct {
	Result
	roots *roots
	parts []*Found // of a fleet, each database's

	labels, tenants map[RowRef]string // what rows and organizations are called, in part
}

// Find searches the store for a subject. It reads only, in one snapshot.
func (s *Store) Find(ctx context.Context, who Subject) (*Found, error) {
	var found *Found
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) (err error) {
		found, err = s.find(ctx, tx, c, who)
		return err
	})
	return found, err
}

func (s *Store) find(ctx context.Context, tx pgx.Tx, c *catalog, who Subject) (*Found, error) {
	findings := s.check(c)
	if err := broken(findings); err != nil {
		return nil, err
	}
	v, err := s.resolve(ctx, tx, c, who)
	if err != nil {
		return nil, err
	}
	f := &Found{roots: v.r, Result: Result{Matches: append([]Match{}, v.matches...), Learnt: append([]string{}, v.learnt...), Tables: []datamap.Found{}, Warnings: []string{}}}
	if f.Candidates, err = v.candidates(ctx); err != nil {
		return nil, err
	}
	if err := v.label(ctx, f); err != nil {
		return nil, err
	}
	for _, one := range findings {
		if w := warning(one); !one.Warn && !slices.Contains(f.Warnings, w) {
			f.Warnings = append(f.Warnings, w)
		}
	}
	for _, t := range s.m.Tables {
		for _, role := range s.rolesOf(t, who.Organization) {
			n, err := s.count(ctx, tx, c, v.r, t, role)
			if err != nil {
				return nil, err
			}
			if err := s.weigh(ctx, tx, v.r, t, n); err != nil {
				return nil, err
			}
			f.Tables = append(f.Tables, datamap.Found{Table: t.Name, Category: t.Category, Controller: t.Controller, Role: string(role), Rows: n,
				Withheld: withheld(t, role), Review: n > 0 && reviewed(t, role)})
			f.Total += n
		}
	}
	f.Mentions, err = v.mentions(ctx)
	return f, err
}

// reviewed says whether staff look at a role's rows before they are released.
func reviewed(t *datamap.Table, role datamap.Role) bool {
	return !withheld(t, role) && slices.ContainsFunc(t.Columns, func(c datamap.Column) bool { return c.Review })
}

// warning names a finding and its place. The sentence around it is for whoever
// shows it, in the reader's language.
func warning(f datamap.Finding) string {
	w := f.Code + " " + f.Table
	if f.Column != "" {
		w += "." + f.Column
	}
	return w
}

// rolesOf lists the roles that a table's rows can have, the most protective
// first; the empty role stands for a table that nothing reaches.
func (s *Store) rolesOf(t *datamap.Table, organization bool) []datamap.Role {
	var out []datamap.Role
	if organization && s.m.HasTenant(t) {
		out = append(out, datamap.TenantRole)
	}
	for _, role := range datamap.Roles {
		if !organization && slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.As == role }) {
			out = append(out, role)
		}
	}
	if len(out) == 0 {
		out = append(out, "")
	}
	return out
}

func (s *Store) count(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, t *datamap.Table, role datamap.Role) (int64, error) {
	if len(s.query(c, r).ways(t, "t", role)) == 0 {
		return 0, nil
	}
	q := s.query(c, r)
	var n int64
	if err := tx.QueryRow(ctx, q.sum(t, role, "", "count(*)"), q.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s as %s: %w", t.Name, role, err)
	}
	return n, nil
}

// From so many rows, and that part of a table, a subject is not searched row by
// row any more.
const (
	manyRows = 10_000
	manyPart = 50 // one in fifty
)

// weigh notices a subject with many rows. The planner takes everybody for the
// average person and looks for a million rows one by one, out of order.
func (s *Store) weigh(ctx context.Context, tx pgx.Tx, r *roots, t *datamap.Table, n int64) error {
	if r.Many || n < manyRows {
		return nil
	}
	var all int64
	err := tx.QueryRow(ctx, "SELECT reltuples::bigint FROM pg_class WHERE oid = $1::text::regclass", ident(s.m.Store.Schema, t.Name)).Scan(&all)
	if err != nil {
		return fmt.Errorf("read the size of %s: %w", t.Name, err)
	}
	r.Many = all > 0 && n >= all/manyPart // without statistics there is no telling
	return r.plannedForMany(ctx, tx)
}

// plannedForMany has the tables of a subject with many rows read through and
// joined at once.
func (r *roots) plannedForMany(ctx context.Context, tx pgx.Tx) error {
	if !r.Many {
		return nil
	}
	if _, err := tx.Exec(ctx, "SET LOCAL enable_nestloop = off"); err != nil {
		return fmt.Errorf("prepare a search for many rows: %w", err)
	}
	return nil
}

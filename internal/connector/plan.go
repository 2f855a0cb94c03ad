package connector

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxKey is how many columns a key may have.
const maxKey = 4

// work is a step with what is needed to do it.
type work struct {
	datamap.Step
	table *datamap.Table
	role  datamap.Role
	rule  datamap.Rule
	part  part
}

// Plan says what a kind of request would do to what was found. It reads only.
// A deletion is only planned for a store that the map fits in every respect.
func (s *Store) Plan(ctx context.Context, f *Found, ask Ask) (datamap.Plan, error) {
	var plan datamap.Plan
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) (err error) {
		if err := f.roots.plannedForMany(ctx, tx); err != nil {
			return err
		}
		plan, _, err = s.plan(ctx, tx, c, f.roots, ask.Kind, s.today())
		return err
	})
	return plan, err
}

func (s *Store) today() string { return s.opt.Now().UTC().Format("2006-01-02") }

func (s *Store) plan(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, kind, cutoff string) (datamap.Plan, []work, error) {
	p := datamap.Plan{Kind: kind, Map: s.m.Hash(), Schema: c.fingerprint(s.m), Subject: r.digest(s.opt.Secret), Cutoff: cutoff, Steps: []datamap.Step{}}
	all, err := s.intended(c, r, kind)
	if err != nil {
		return p, nil, err
	}
	var works []work
	for _, w := range all {
		if err := s.measure(ctx, tx, c, r, &w, cutoff); err != nil {
			return p, nil, err
		}
		if w.Rows == 0 {
			continue
		}
		w.Seq = len(works) + 1
		works = append(works, w)
		p.Steps = append(p.Steps, w.Step)
	}
	p.Hash = p.Sum()
	return p, works, nil
}

// intended lists what a kind does, in order, before anything is counted.
func (s *Store) intended(c *catalog, r *roots, kind string) ([]work, error) {
	findings := s.check(c)
	if err := broken(findings); err != nil {
		return nil, err
	}
	var out []work
	switch kind {
	case "access", "portability":
		for _, t := range s.m.Tables {
			for _, role := range s.rolesOf(t, r.Who.Organization) {
				if !withheld(t, role) {
					out = append(out, newWork(t, role, datamap.Rule{Do: datamap.Export}, whole))
				}
			}
		}
		return out, nil
	case "deletion":
		if err := blocking(findings); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w: %q", ErrKind, kind)
	}
	order, circle := s.order(c)
	if circle != nil {
		return nil, circle
	}
	for _, t := range order {
		for _, role := range s.rolesOf(t, r.Who.Organization) {
			u, ok := t.Rules[role]
			switch {
			case !ok:
			case u.After != "":
				after := u
				after.Do, after.Ground, after.After = u.After, "", ""
				after.Expired = u.Ground
				out = append(out, newWork(t, role, u, live), newWork(t, role, after, expired))
			default:
				out = append(out, newWork(t, role, u, whole))
			}
		}
	}
	return out, nil
}

func newWork(t *datamap.Table, role datamap.Role, u datamap.Rule, p part) work {
	return work{table: t, role: role, rule: u, part: p, Step: datamap.Step{
		Table: t.Name, Role: string(role), Category: t.Category, Controller: t.Controller, Action: u.Do, Ground: u.Ground}}
}

// measure counts a step's rows and files, and finds the last end of a period.
func (s *Store) measure(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) error {
	if len(s.query(c, r).ways(w.table, "t", w.role)) == 0 {
		return nil
	}
	q := s.query(c, r)
	parts, g := []string{"count(*)"}, s.m.Grounds[w.rule.Ground]
	objects := plainObject(w.table) != nil && w.purges()
	if objects {
		parts = append(parts, "count("+ident("t", plainObject(w.table).Column())+")")
	}
	dated := w.rule.Ground != "" && !g.Period.IsZero() && s.m.From(w.rule) != ""
	if dated {
		parts = append(parts, "max(("+q.until("t", w.table, w.rule)+")::date)")
	}
	into := []any{&w.Rows}
	if objects {
		into = append(into, &w.Objects)
	}
	if dated {
		into = append(into, &w.Until)
	}
	if err := tx.QueryRow(ctx, q.sum(w.table, w.role, q.narrow(w, cutoff), parts...), q.args...).Scan(into...); err != nil {
		return fmt.Errorf("plan %s as %s: %w", w.Table, w.role, err)
	}
	if w.rule.Ground != "" {
		w.Reason = g.Words
	}
	return nil
}

// narrow limits a step to its part of a role's rows.
func (q *query) narrow(w *work, cutoff string) string {
	u := w.rule
	if w.part == expired {
		u.Ground = u.Expired
	}
	return q.split("t", w.table, u, w.part, cutoff)
}

// purges says whether the files of a step's rows go with them.
func (w *work) purges() bool {
	if w.rule.Do == datamap.Delete || w.rule.Do == datamap.Export {
		return true
	}
	return w.rule.Do == datamap.Anonymise && slices.ContainsFunc(w.rule.Set, func(a datamap.Assignment) bool { return a.Column == plainObject(w.table).Column() })
}

package connector

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxKey is how many columns a key may have.
const maxKey = 4

// work is a step with what is needed to do it. Its rows are mostly those of a
// role, and its rule says what becomes of them; the functions say it where that
// is not so.
type work struct {
	datamap.Step
	table *datamap.Table
	role  datamap.Role
	rule  datamap.Rule
	part  part // tells steps of one table, role and action apart

	// only must be true of a role's row, besides, for the step to do it.
	only func(q *query, alias string) string
	// rows selects columns of the step's rows, which it calls t.
	rows func(q *query, columns string) string
	// holds must be true of a frozen row, t, when its batch comes. By default the
	// subject still reaches it.
	holds func(q *query) string
	// change does a batch and counts the rows that it changed.
	change func(ctx context.Context, tx pgx.Tx, e *execution, w *work, batch int) (int64, error)
	// left counts the rows that are not as they should be afterwards.
	left func(ctx context.Context, tx pgx.Tx, p *proof, w *work) (int64, error)
	// asks holds what is asked against the store and tells the plan of it, while
	// nothing has been done yet.
	asks func(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, p *datamap.Plan) error
	// listless steps make rows, and so have none to freeze: Rows is set, and all
	// of them are one batch.
	listless bool
	// wary steps leave rows alone that something refers to which the plan does not
	// know. The server asks anyway, so that they only are once it has refused.
	wary bool
}

// name tells a step from all others of its plan.
func (w *work) name() string {
	return strings.Join([]string{w.Table, string(w.role), string(w.part), string(w.Action)}, "\x00")
}

// planner lists what a kind of request does, in order, before anything is counted.
type planner func(s *Store, ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error)

// carried are the kinds of request that change rows.
var carried map[string]planner

func init() {
	// Not where it is declared: planners lead to what looks it up.
	carried = map[string]planner{
		"deletion":            (*Store).erasing,
		"correction":          (*Store).correcting,
		"restriction":         (*Store).stopping,
		"restriction_lift":    (*Store).lifting,
		"objection":           (*Store).stopping,
		"withdrawal":          (*Store).withdrawing,
		"opt_out":             (*Store).optingOut,
		"shortened_retention": (*Store).shortening,
		purge:                 (*Store).purging,
	}
}

// Plan says what a request would do to what was found. It reads only. What
// changes rows is only planned for a store that the map fits in every respect.
func (s *Store) Plan(ctx context.Context, f *Found, ask Ask) (datamap.Plan, error) {
	var plan datamap.Plan
	s = s.obeying(ask)
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) (err error) {
		if err := f.roots.plannedForMany(ctx, tx); err != nil {
			return err
		}
		plan, _, err = s.plan(ctx, tx, c, f.roots, ask, s.today())
		return err
	})
	return plan, err
}

func (s *Store) today() string { return s.opt.Now().UTC().Format("2006-01-02") }

func (s *Store) plan(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) (datamap.Plan, []work, error) {
	p := datamap.Plan{Kind: ask.Kind, Map: s.m.Hash(), Schema: c.fingerprint(s.m), Subject: r.digest(s.opt.Secret), Asked: s.asked(ask), Cutoff: cutoff, Spared: ask.Spares, Steps: []datamap.Step{}}
	findings := s.check(c)
	if err := broken(findings); err != nil {
		return p, nil, err
	}
	if carried[ask.Kind] != nil {
		unseen, err := s.discriminators(ctx, tx, c)
		if err != nil {
			return p, nil, err
		}
		if err := blocking(append(findings, unseen...)); err != nil {
			return p, nil, cmp.Or(bound(findings, ask), err)
		}
	}
	all, err := s.works(ctx, tx, c, r, ask, cutoff)
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
		if w.asks != nil {
			if err := w.asks(ctx, tx, c, r, &p); err != nil {
				return p, nil, err
			}
		}
		w.Seq = len(works) + 1
		works = append(works, w)
		p.Steps = append(p.Steps, w.Step)
	}
	p.Hash = p.Sum()
	return p, works, nil
}

// works lists all steps that a request may have.
func (s *Store) works(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error) {
	if plan := carried[ask.Kind]; plan != nil {
		return plan(s, ctx, tx, c, r, ask, cutoff)
	}
	if ask.Kind != "access" && ask.Kind != "portability" {
		return nil, fmt.Errorf("%w: %q", ErrKind, ask.Kind)
	}
	var out []work
	for _, t := range s.m.Tables {
		for _, role := range s.rolesOf(t, r.Who.Organization) {
			if handsOut(t, role, ask.Kind == "portability") && !ask.spares(t.Category) {
				out = append(out, newWork(t, role, datamap.Rule{Do: datamap.Export}, whole))
			}
		}
	}
	return out, nil
}

// erasing lists what a deletion does: first references to what goes are taken
// away from what stays, then come the rows, children before parents, and last
// what is computed from them.
func (s *Store) erasing(_ context.Context, _ pgx.Tx, c *catalog, r *roots, _ Ask, cutoff string) ([]work, error) {
	return s.erasingOnly(c, r, cutoff, func(w work) (work, bool) { return w, true })
}

// erasingOnly lists what a deletion does of those steps that are wanted, as they
// are wanted, and what has to be done around them.
func (s *Store) erasingOnly(c *catalog, r *roots, cutoff string, wanted func(work) (work, bool)) ([]work, error) {
	order, circle := s.order(c)
	if circle != nil {
		return nil, circle
	}
	var rows []work
	for _, t := range order {
		for _, role := range s.rolesOf(t, r.Who.Organization) {
			if u, ok := t.Rules[role]; ok {
				for _, w := range parts(t, role, u) {
					if w, ok := wanted(w); ok {
						rows = append(rows, w)
					}
				}
			}
		}
	}
	out := append(s.detaching(c, order, rows, cutoff), rows...)
	return append(out, s.repairing(out, cutoff)...), nil
}

// parts makes one step of a rule, or two where it tells rows apart.
func parts(t *datamap.Table, role datamap.Role, u datamap.Rule) []work {
	switch {
	case u.After != "":
		after := u
		after.Do, after.Ground, after.After = u.After, "", ""
		after.Expired = u.Ground
		return []work{newWork(t, role, u, live), newWork(t, role, after, expired)}
	case u.Shared != nil:
		emptied := u
		emptied.Do, emptied.Set = u.Shared.Do, u.Shared.Set
		return []work{newWork(t, role, u, alone), newWork(t, role, emptied, shared)}
	}
	return []work{newWork(t, role, u, whole)}
}

// Of a container, what becomes of it depends on who else is in it.
const (
	alone  part = "alone"
	shared part = "shared"
)

func newWork(t *datamap.Table, role datamap.Role, u datamap.Rule, p part) work {
	return work{table: t, role: role, rule: u, part: p, Step: datamap.Step{
		Table: t.Name, Role: string(role), Category: t.Category, Controller: t.Controller, Action: u.Do, Ground: u.Ground}}
}

// measure counts a step's rows and files, and finds the last end of a period.
func (s *Store) measure(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) (err error) {
	if w.listless {
		return nil
	}
	if w.rows != nil {
		q := s.query(c, r)
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM ("+w.rows(q, "1")+") u", q.args...).Scan(&w.Rows); err != nil {
			return fmt.Errorf("plan to %s %s: %w", w.Action, w.Table, err)
		}
		return nil
	}
	if len(s.query(c, r).ways(w.table, "t", w.role)) == 0 {
		return nil
	}
	q := s.query(c, r)
	parts, g := []string{"count(*)"}, s.m.Grounds[w.rule.Ground]
	dated := w.rule.Ground != "" && !g.Period.IsZero() && s.m.From(w.rule) != ""
	if dated {
		parts = append(parts, "max(("+q.until("t", w.table, w.rule)+")::date)")
	}
	into := []any{&w.Rows}
	if dated {
		into = append(into, &w.Until)
	}
	if err := tx.QueryRow(ctx, q.sum(w.table, w.role, q.narrow("t", w, cutoff), parts...), q.args...).Scan(into...); err != nil {
		return fmt.Errorf("plan %s as %s: %w", w.Table, w.role, err)
	}
	if w.rule.Ground != "" {
		w.Reason = g.Words
	}
	if w.Rows == 0 {
		return nil
	}
	w.Objects, err = s.countThings(ctx, tx, c, r, w, cutoff)
	return err
}

// selected gives columns of a step's rows.
func (q *query) selected(w *work, columns, cutoff string) string {
	if w.rows != nil {
		return w.rows(q, columns)
	}
	return q.union(w.table, w.role, columns, q.narrow("t", w, cutoff))
}

// narrow limits a step to its part of a role's rows.
func (q *query) narrow(alias string, w *work, cutoff string) string {
	where := q.portion(alias, w, cutoff)
	if w.only != nil {
		where += " AND " + w.only(q, alias)
	}
	return where
}

func (q *query) portion(alias string, w *work, cutoff string) string {
	u := w.rule
	switch w.part {
	case live, expired:
		if w.part == expired {
			u.Ground = u.Expired
		}
		over := strings.TrimPrefix(q.split(alias, w.table, u, expired, cutoff), " AND ")
		if len(u.While) > 0 {
			over += " AND (true" + q.when(alias, w.Table, u.While) + ") IS NOT TRUE"
		}
		if w.part == live {
			return " AND (" + over + ") IS NOT TRUE"
		}
		return " AND " + over
	case alone:
		return " AND NOT " + q.hangs(alias, w, cutoff)
	case shared:
		return " AND " + q.hangs(alias, w, cutoff)
	}
	return ""
}

// hangs says that a row refers to this one which stays, and goes on to refer to
// it: somebody else's, or one that must be kept.
func (q *query) hangs(alias string, w *work, cutoff string) string {
	by := w.rule.Shared.By
	child, _ := q.m.Table(by.Table)
	x := q.alias()
	var gone []string
	for role, u := range child.Erasures() {
		for _, one := range parts(child, role, u) {
			if one.Action != datamap.Delete && !empties(one.rule.Set, by.Column) {
				continue
			}
			for _, b := range q.branches(child, x, role) {
				gone = append(gone, "("+b.String()+q.narrow(x, &one, cutoff)+")")
			}
		}
	}
	return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s = %s AND (%s) IS NOT TRUE)", q.table(by.Table), ident(x),
		ident(x, by.Column), ident(alias, q.c.key(w.table)[0]), either(gone))
}

// empties says that a rule writes NULL into a column.
func empties(set []datamap.Assignment, column string) bool {
	return slices.ContainsFunc(set, func(a datamap.Assignment) bool { return a.Column == column && a.Fill == datamap.Null })
}

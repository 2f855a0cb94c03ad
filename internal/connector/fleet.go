package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Fleet is every database that a data map is about, asked as one store. A
// database that does not answer is an error of type *Down: what is asked of all
// waits for all.
type Fleet struct {
	m      *datamap.Map
	stores []*Store // in the order of the map's Databases
	names  []string
}

// Down says which database does not answer.
type Down struct {
	Store string // "" if the map is about one only
	err   error
}

func (d *Down) Error() string {
	if d.Store == "" {
		return "the messaging store does not answer: " + d.err.Error()
	}
	return "the store " + d.Store + " does not answer: " + d.err.Error()
}

func (d *Down) Unwrap() error { return d.err }

// OpenFleet takes a pool for each database of the map, by name; "" for a map
// that is about one. It does not try whether they answer.
func OpenFleet(pools map[string]*pgxpool.Pool, m *datamap.Map, opt Options) (*Fleet, error) {
	f := &Fleet{m: m, names: m.Databases()}
	if got := slices.Sorted(maps.Keys(pools)); !slices.Equal(got, slices.Sorted(slices.Values(f.names))) {
		return nil, fmt.Errorf("the data map is about the databases %s, and addresses are given for %s", listed(f.names), listed(got))
	}
	for _, name := range f.names {
		f.stores = append(f.stores, newStore(pools[name], m.Of(name), opt))
	}
	return f, nil
}

func listed(names []string) string {
	if len(names) == 1 && names[0] == "" {
		return "one, without a name"
	}
	return strings.Join(names, ", ")
}

// Map is the whole data map.
func (f *Fleet) Map() *datamap.Map { return f.m }

// each asks one database after the other. One that fails does not keep the
// others from being asked; one that is down is named.
func (f *Fleet) each(ctx context.Context, ask func(i int, s *Store) error) error {
	var failed []error
	for i, s := range f.stores {
		if err := ask(i, s); err != nil {
			failed = append(failed, f.down(ctx, i, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// patience is how long a database has to answer when something failed.
const patience = 3 * time.Second

func (f *Fleet) down(ctx context.Context, i int, err error) error {
	if ctx.Err() != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if f.stores[i].db.Ping(soon) == nil || ctx.Err() != nil {
		return err
	}
	return &Down{Store: f.names[i], err: err}
}

// Answers says whether every database answers; if not, it names the first that
// does not.
func (f *Fleet) Answers(ctx context.Context) error {
	for i, s := range f.stores {
		soon, cancel := context.WithTimeout(ctx, patience)
		err := s.db.Ping(soon)
		cancel()
		if err != nil {
			return &Down{Store: f.names[i], err: err}
		}
	}
	return nil
}

// Check holds the map against every database.
func (f *Fleet) Check(ctx context.Context) ([]datamap.Finding, error) {
	all := []datamap.Finding{}
	err := f.each(ctx, func(i int, s *Store) error {
		found, err := s.Check(ctx)
		for _, one := range found {
			one.Store = f.names[i]
			all = append(all, one)
		}
		return err
	})
	return all, err
}

// Find searches every database. What one learns, the others are searched for as
// well, once.
func (f *Fleet) Find(ctx context.Context, who Subject) (*Found, error) {
	parts := make([]*Found, len(f.stores))
	look := func(told map[string][]string, organizations []string) error {
		return f.each(ctx, func(i int, s *Store) (err error) {
			mine := f.own(i, who)
			mine.Told, mine.Organizations = news(told, parts[i]), organizations
			if parts[i] != nil && len(mine.Told) == 0 && len(organizations) == 0 {
				return nil
			}
			parts[i], err = s.Find(ctx, mine)
			return err
		})
	}
	if err := look(nil, nil); err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	var organizations []string
	told := map[string][]string{}
	for _, p := range parts {
		told = merge(told, p.roots.Values)
		organizations = append(organizations, p.roots.Organizations...)
	}
	if who.Organization {
		told = nil
	}
	if err := look(told, organizations); err != nil {
		return nil, err
	}
	return f.together(parts), nil
}

// own keeps of what staff decided what is about one database.
func (f *Fleet) own(i int, who Subject) Subject {
	elsewhere := func(r RowRef) bool { return r.Store != f.names[i] }
	who.Include = ofHere(slices.DeleteFunc(slices.Clone(who.Include), elsewhere))
	who.Exclude = ofHere(slices.DeleteFunc(slices.Clone(who.Exclude), elsewhere))
	return who
}

// news is what others know of a subject and a database does not.
func news(told map[string][]string, p *Found) map[string][]string {
	out := map[string][]string{}
	for kind, values := range told {
		for _, v := range values {
			if p == nil || !slices.Contains(p.roots.Values[kind], v) {
				out[kind] = append(out[kind], v)
			}
		}
	}
	return out
}

func (f *Fleet) together(parts []*Found) *Found {
	out := &Found{parts: parts, labels: map[RowRef]string{}, tenants: map[RowRef]string{}}
	out.Warnings, out.Tables = []string{}, []datamap.Found{}
	for i, p := range parts {
		name := f.names[i]
		for _, m := range p.Matches {
			m.Store = name
			out.Matches = append(out.Matches, m)
		}
		for _, c := range p.Candidates {
			c.Store = name
			out.Candidates = append(out.Candidates, c)
		}
		for _, m := range p.Mentions {
			m.Store = name
			out.Mentions = append(out.Mentions, m)
		}
		for _, t := range p.Tables {
			t.Store = name
			out.Tables = append(out.Tables, t)
		}
		for ref, text := range p.labels {
			ref.Store = name
			out.labels[ref] = text
		}
		for ref, text := range p.tenants {
			ref.Store = name
			out.tenants[ref] = text
		}
		for _, kind := range p.Learnt {
			if !slices.Contains(out.Learnt, kind) {
				out.Learnt = append(out.Learnt, kind)
			}
		}
		out.Warnings = append(out.Warnings, p.Warnings...)
		out.Total += p.Total
	}
	slices.Sort(out.Warnings)
	out.Warnings = slices.Compact(out.Warnings)
	return out
}

// Fields lists everything of the subject that may be corrected.
func (f *Fleet) Fields(ctx context.Context, found *Found) ([]Field, error) {
	var all []Field
	err := f.each(ctx, func(i int, s *Store) error {
		fields, err := s.Fields(ctx, found.part(i))
		for _, one := range fields {
			one.Store = f.names[i]
			all = append(all, one)
		}
		return err
	})
	return all, err
}

// part is what one database holds.
func (f *Found) part(i int) *Found {
	if f.parts == nil {
		return f
	}
	return f.parts[i]
}

// Plan says what a request would do in all databases together.
func (f *Fleet) Plan(ctx context.Context, found *Found, ask Ask) (datamap.Plan, error) {
	parts := make([]datamap.Plan, len(f.stores))
	err := f.each(ctx, func(i int, s *Store) (err error) {
		parts[i], err = s.planned(ctx, found.part(i), f.asked(i, ask))
		return err
	})
	if err != nil {
		return datamap.Plan{}, err
	}
	return f.joined(parts), nil
}

// planned is Plan, where a correction may have nothing to do in a database.
func (s *Store) planned(ctx context.Context, found *Found, ask Ask) (datamap.Plan, error) {
	if ask.Kind == "correction" && len(ask.Edits) == 0 {
		return datamap.Plan{Kind: ask.Kind, Map: s.m.Hash(), Cutoff: s.today(), Steps: []datamap.Step{}}, nil
	}
	return s.Plan(ctx, found, ask)
}

// asked keeps the edits that are about one database.
func (f *Fleet) asked(i int, ask Ask) Ask {
	if len(f.stores) > 1 {
		ask.Edits = slices.DeleteFunc(slices.Clone(ask.Edits), func(e Edit) bool { return e.Store != f.names[i] })
	}
	return ask
}

// joined makes one plan of each database's: its hash covers them all.
func (f *Fleet) joined(parts []datamap.Plan) datamap.Plan {
	if len(parts) == 1 {
		return parts[0]
	}
	out := datamap.Plan{Kind: parts[0].Kind, Map: f.m.Hash(), Cutoff: parts[0].Cutoff, Spared: parts[0].Spared, Steps: []datamap.Step{}}
	for i, p := range parts {
		for _, step := range p.Steps {
			step.Store, step.Seq = f.names[i], len(out.Steps)+1
			out.Steps = append(out.Steps, step)
		}
		out.Schema, out.Subject, out.Asked = out.Schema+p.Schema, out.Subject+p.Subject, out.Asked+p.Asked
		out.Carriers = append(out.Carriers, p.Carriers...)
		p.Carriers = nil // for staff to know, not to approve
		out.Databases, out.Parts = append(out.Databases, f.names[i]), append(out.Parts, p)
	}
	out.Hash = out.Sum()
	return out
}

// parted gives the plans of the single databases, and where each one's steps
// begin among all.
func (f *Fleet) parted(plan datamap.Plan) ([]datamap.Plan, []int, error) {
	if len(f.stores) == 1 {
		return []datamap.Plan{plan}, []int{0}, nil
	}
	if plan.Sum() != plan.Hash || len(plan.Parts) != len(f.stores) || !slices.Equal(plan.Databases, f.names) {
		return nil, nil, ErrMoved
	}
	var first []int
	n := 0
	for _, p := range plan.Parts {
		first = append(first, n)
		n += len(p.Steps)
	}
	return plan.Parts, first, nil
}

// concerns says whether a database has an operation of a plan. A deletion is
// carried out, and proved, where nothing is to be done as well.
func concerns(p datamap.Plan) bool { return p.Kind == "deletion" || len(p.Steps) > 0 }

// Freeze writes down in each database which rows the plan acts on.
func (f *Fleet) Freeze(ctx context.Context, op uuid.UUID, found *Found, ask Ask, plan datamap.Plan) (datamap.Plan, error) {
	parts, _, err := f.parted(plan)
	if err != nil {
		return plan, err
	}
	parts = slices.Clone(parts)
	err = f.each(ctx, func(i int, s *Store) (err error) {
		if len(f.stores) == 1 || concerns(parts[i]) {
			parts[i], err = s.Freeze(ctx, op, found.part(i), f.asked(i, ask), parts[i])
		}
		return err
	})
	if err != nil {
		return plan, err
	}
	return f.joined(parts), nil
}

// Execute carries the plan out, database after database. First every one of them
// is held against its part: if one has moved, none is changed. One that is down
// meanwhile does not keep the others from being finished; call Execute again.
func (f *Fleet) Execute(ctx context.Context, op uuid.UUID, plan datamap.Plan, report func(datamap.Outcome) error) error {
	parts, first, err := f.parted(plan)
	if err != nil {
		return err
	}
	if len(parts) == 1 {
		if err := f.stores[0].Execute(ctx, op, plan, report); err != nil {
			return f.down(ctx, 0, err)
		}
		return nil
	}
	if err := f.each(ctx, func(i int, s *Store) error {
		if !concerns(parts[i]) {
			return nil
		}
		return s.Stands(ctx, op, parts[i])
	}); err != nil {
		return err
	}
	return f.each(ctx, func(i int, s *Store) error {
		if !concerns(parts[i]) {
			return nil
		}
		return s.Execute(ctx, op, parts[i], func(o datamap.Outcome) error {
			o.Step = plan.Steps[first[i]+o.Step.Seq-1]
			return report(o)
		})
	})
}

// Recheck proves what was carried out in every database.
func (f *Fleet) Recheck(ctx context.Context, op uuid.UUID, plan datamap.Plan, who Subject) (Residue, error) {
	parts, _, err := f.parted(plan)
	if err != nil {
		return Residue{}, err
	}
	var all Residue
	err = f.each(ctx, func(i int, s *Store) error {
		if len(parts) > 1 && !concerns(parts[i]) {
			return nil
		}
		one, err := s.Recheck(ctx, op, f.own(i, who))
		all.add(f.names[i], one)
		return err
	})
	return all, err
}

func (r *Residue) add(store string, one Residue) {
	for _, f := range one.Rows {
		f.Store = store
		r.Rows = append(r.Rows, f)
	}
	for _, f := range one.Excused {
		f.Store = store
		r.Excused = append(r.Excused, f)
	}
	for _, h := range one.Values {
		h.Store = store
		r.Values = append(r.Values, h)
	}
	for _, h := range one.Mentions {
		h.Store = store
		r.Mentions = append(r.Mentions, h)
	}
}

// Finish ends an executed operation in every database that has it.
func (f *Fleet) Finish(ctx context.Context, op uuid.UUID) error {
	return f.each(ctx, func(_ int, s *Store) error {
		err := s.Finish(ctx, op)
		if len(f.stores) > 1 && errors.Is(err, ErrNotFrozen) {
			return nil
		}
		return err
	})
}

// Discard forgets a frozen plan that was never begun.
func (f *Fleet) Discard(ctx context.Context, op uuid.UUID) error {
	return f.each(ctx, func(_ int, s *Store) error { return s.Discard(ctx, op) })
}

// Abandon ends in every database what an operation that has moved leaves behind.
func (f *Fleet) Abandon(ctx context.Context, op uuid.UUID) error {
	return f.each(ctx, func(_ int, s *Store) error { return s.Abandon(ctx, op) })
}

// Sweep discards forgotten plans in every database.
func (f *Fleet) Sweep(ctx context.Context, keep func(uuid.UUID) bool) (int, error) {
	all := 0
	err := f.each(ctx, func(_ int, s *Store) error {
		n, err := s.Sweep(ctx, keep)
		all += n
		return err
	})
	return all, err
}

// Purge obeys the shortened retentions in every database.
func (f *Fleet) Purge(ctx context.Context, report func(datamap.Outcome) error) error {
	return f.each(ctx, func(_ int, s *Store) error { return s.Purge(ctx, report) })
}

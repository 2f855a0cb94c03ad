package connector

import (
	"context"
	"iter"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Snapshot begins to read what was found, in each database from one moment.
func (f *Fleet) Snapshot(ctx context.Context, found *Found) (*Snapshot, error) {
	if len(f.stores) == 1 {
		n, err := f.stores[0].Snapshot(ctx, found)
		if err != nil {
			return nil, f.down(ctx, 0, err)
		}
		return n, nil
	}
	all := &Snapshot{fleet: f}
	err := f.each(ctx, func(i int, s *Store) error {
		n, err := s.Snapshot(ctx, found.part(i))
		if err == nil {
			all.parts = append(all.parts, n)
		}
		return err
	})
	if err != nil {
		all.Close()
		return nil, err
	}
	return all, nil
}

func (f *Fleet) snapshotPlan(n *Snapshot, kind string) (datamap.Plan, error) {
	parts := make([]datamap.Plan, len(n.parts))
	for i, p := range n.parts {
		var err error
		if parts[i], err = p.Plan(kind); err != nil {
			return datamap.Plan{}, err
		}
	}
	return f.joined(parts), nil
}

// ofFleet yields what every part of a snapshot yields, named by its database.
func ofFleet[T any](n *Snapshot, part func(*Snapshot, string) iter.Seq2[T, error], name func(*T, string)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for i, p := range n.parts {
			for one, err := range part(p, n.fleet.names[i]) {
				name(&one, n.fleet.names[i])
				if !yield(one, err) {
					return
				}
			}
		}
	}
}

// marksOf keeps the marks of one database, under the names that it knows.
func marksOf(marks []Mark, database string) []Mark {
	var out []Mark
	for _, m := range marks {
		if table, ok := strings.CutPrefix(m.Table, database+"."); ok {
			m.Table = table
			out = append(out, m)
		}
	}
	return out
}

package connector_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// TestTwoErasuresOfOnePersonAtOnce: two requests of the same person, both
// approved. Each row goes once and is counted once, by whoever took it.
func TestTwoErasuresOfOnePersonAtOnce(t *testing.T) {
	t.Parallel()
	e := newErasure(t, connector.Options{})
	op, plan := freeze(t, e.Store, heavyPerson)
	errs := make([]error, 2)
	var both sync.WaitGroup
	both.Go(func() {
		errs[0] = e.Execute(t.Context(), e.op, e.plan, func(datamap.Outcome) error { return nil })
	})
	both.Go(func() { errs[1] = e.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }) })
	both.Wait()
	carried := 0
	for i, err := range errs {
		switch {
		case err == nil:
			carried++
		case errors.Is(err, connector.ErrMoved): // it goes back to review, where nothing is left to do
		default:
			t.Errorf("erasure %d: %v", i+1, err)
		}
	}
	if carried == 0 {
		t.Fatal("neither was carried out")
	}
	for _, s := range e.plan.Steps {
		if s.Action != datamap.Delete {
			continue
		}
		var affected int64
		if err := e.db.QueryRow(t.Context(), "SELECT coalesce(sum(affected), 0) FROM dsar.step WHERE table_name = $1 AND action = 'delete' AND role = $2 AND operation IN ($3, $4)",
			s.Table, s.Role, e.op, op).Scan(&affected); err != nil {
			t.Fatal(err)
		}
		var planned int64
		for _, same := range e.plan.Steps {
			if same.Table == s.Table && same.Role == s.Role && same.Action == datamap.Delete {
				planned += same.Rows
			}
		}
		if affected != planned {
			t.Errorf("%s: %d rows were counted, %d went", s.Table, affected, planned)
		}
	}
	residue, err := e.Recheck(t.Context(), e.op, heavyPerson)
	if err != nil || !residue.Empty() {
		t.Errorf("left: %+v, %v", residue, err)
	}
	after, err := demo.Checksum(t.Context(), e.db, e.keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.before, after); diff != "" {
		t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
	}
}

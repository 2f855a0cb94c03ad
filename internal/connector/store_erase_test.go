package connector_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestEachForeignDeletionHoldsToTheRow: what must go is gone, what is kept is
// emptied, and every other row is the same to the byte.
func TestEachForeignDeletionHoldsToTheRow(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{BatchRows: 2})
		before, err := s.Take(t.Context(), p.db)
		if err != nil {
			t.Fatal(err)
		}
		p.erase(t)
		wrong, err := s.Erased(t.Context(), p.db, before, p.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range wrong {
			t.Error(w)
		}
	})
}

// erase takes the planted person through a whole deletion.
func (p fixture) erase(t testing.TB) {
	t.Helper()
	p.eraseAs(t, subject(p.Case.Who))
}

func (p fixture) eraseAs(t testing.TB, who connector.Subject) {
	t.Helper()
	ctx := t.Context()
	op, plan := freeze(t, p.engine, who)
	done := map[int]datamap.Outcome{}
	if err := p.engine.Execute(ctx, op, plan, func(o datamap.Outcome) error { done[o.Step.Seq] = o; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, step := range plan.Steps {
		if o := done[step.Seq]; !o.Done {
			t.Errorf("step %d (%s %s as %s) was not done: %d of %d rows", step.Seq, step.Action, step.Table, step.Role, o.Affected, step.Rows)
		}
	}
	left, err := p.engine.Recheck(ctx, op, who)
	if err != nil {
		t.Fatal(err)
	}
	if !left.Empty() {
		t.Errorf("left: rows %+v, values %+v", left.Rows, left.Values)
	}
	if err := p.engine.Finish(ctx, op); err != nil {
		t.Fatal(err)
	}
}

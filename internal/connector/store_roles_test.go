package connector_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// as is the same store with the rights of a role and no others.
func (p fixture) as(t testing.TB, role string) fixture {
	t.Helper()
	objects, err := connector.OpenObjects(addresses(p.Store, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	p.engine = open(t, pgtest.As(t, p.db, role), p.Map(), connector.Options{Secret: secret, Objects: objects, BatchRows: 2, Now: p.now})
	return p
}

// TestTheRolesSufficeForEachForeignStore: the reader finds and exports, the
// worker carries out, with what Grants gives them.
func TestTheRolesSufficeForEachForeignStore(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{})
		for _, sql := range connector.Grants(p.engine.Map()) {
			exec(t, p.db, sql)
		}
		text, rows := p.as(t, connector.ReadRole).export(t)
		for _, wrong := range s.Exported(text, rows) {
			t.Error("the reader: " + wrong)
		}
		worker, before := p.as(t, connector.ExecRole), p.take(t)
		op := worker.carry(t, connector.Ask{Kind: "restriction"})
		worker.carry(t, connector.Ask{Kind: "restriction_lift", Undo: op})
		for _, wrong := range stores.Untouched(before, p.take(t)) {
			t.Error("the worker: " + wrong)
		}
		worker.carry(t, connector.Ask{Kind: "deletion"})
		wrong, err := s.Erased(t.Context(), p.db, before, p.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range wrong {
			t.Error("the worker: " + w)
		}
	})
}

package connector_test

import (
	"fmt"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestAForeignShopLeaves: all that is one tenant's goes, also what belongs to it
// through another row only, and the other tenant keeps every byte.
func TestAForeignShopLeaves(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Recado, connector.Options{BatchRows: 50})
	const alba = "(SELECT id FROM shop WHERE handle = 'alba')"
	want := stores.Case{Deleted: stores.Rows{}}
	for table, where := range map[string]string{
		"shop": "handle = 'alba'", "blast_target": "blast_id IN (SELECT id FROM blast WHERE shop_id = " + alba + ")", "dialogue_turn": "dialogue_id IN (SELECT id FROM dialogue WHERE shop_id = " + alba + ")",
		"agent": "shop_id = " + alba, "line": "shop_id = " + alba, "peer": "shop_id = " + alba, "entry": "shop_id = " + alba, "blast": "shop_id = " + alba,
		"dialogue": "shop_id = " + alba, "handover": "shop_id = " + alba, "robot_options": "shop_id = " + alba, "phrase": "shop_id = " + alba,
	} {
		want.Deleted[table] = rows(t, p.db, fmt.Sprintf("SELECT id::text FROM %s WHERE %s", table, where))
		if len(want.Deleted[table]) == 0 {
			t.Fatalf("the shop has no row in %s, which proves nothing", table)
		}
	}
	before := p.take(t)
	op, plan := freeze(t, p.engine, connector.Subject{Organization: true, Email: "Ines@alba.example"})
	if err := p.engine.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range want.Compare(before, p.take(t)) {
		t.Error(wrong)
	}
	if err := p.engine.Finish(t.Context(), op); err != nil {
		t.Error(err)
	}
}

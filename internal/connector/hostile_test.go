package connector_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestAnAddressIsOnlyAnAddress: what people call themselves reaches queries and
// search patterns, and must mean nothing there but itself.
func TestAnAddressIsOnlyAnAddress(t *testing.T) {
	t.Parallel()
	s, pool := foreignStore(t)
	others := rows(t, pool, `SELECT count(*)::text FROM "Help Desk".customer`)
	for i, address := range []string{
		`x'or'1'='1@example.com`,
		`x%@example.com`,
		`_@example.com`,
		`***:x@example.com`,
		`(?i)x@example.com`,
		`((((((((((x+)+)+)+)+@example.com`,
		`x{999999}@example.com`,
		`[[:alpha:]]*@example.com`,
		`$1@example.com`,
		`x|.*@example.com`,
		`\1\y\m@example.com`,
		`x";drop/**/table/**/customer;--@example.com`,
		`{{.}}${jndi}@example.com`,
	} {
		id := 1000 + i
		exec(t, pool, `INSERT INTO "Help Desk".customer VALUES ($1, 'de', NULL, $2, 'k')`, id, address)
		who := connector.Subject{Email: address}
		f := find(t, s, who)
		if len(f.Matches) != 1 {
			t.Errorf("%q finds %d people", address, len(f.Matches))
			continue
		}
		op, plan := freeze(t, s, who)
		if err := s.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if left, err := s.Recheck(t.Context(), op, who); err != nil || !left.Empty() {
			t.Errorf("%q: left %+v, %v", address, left, err)
		}
		exec(t, pool, `INSERT INTO "Help Desk".remark VALUES ($1, NULL, NULL, 'ask ' || $2 || ' about it')`, id, address)
		left, err := s.Recheck(t.Context(), op, who)
		if err != nil || len(left.Values)+len(left.Mentions) != 1 {
			t.Errorf("%q is written in a remark, and the search finds %+v, %v", address, left, err)
		}
		exec(t, pool, `DELETE FROM "Help Desk".remark WHERE id = $1`, id)
	}
	if now := rows(t, pool, `SELECT count(*)::text FROM "Help Desk".customer`); now[0] != others[0] {
		t.Errorf("%s customers are left of %s", now[0], others[0])
	}
}

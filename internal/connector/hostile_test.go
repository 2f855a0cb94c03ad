package connector_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
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

// TestWhatNoColumnCouldHoldIsNoIdentifier: JSON kept as text says letters that
// the server has none of, and asking for one would end the search.
func TestWhatNoColumnCouldHoldIsNoIdentifier(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, `CREATE TABLE person (id bigint PRIMARY KEY, doc text, raw bytea); CREATE TABLE note (id bigint PRIMARY KEY, handle text, mail text);
		INSERT INTO note VALUES (1, '%', 'jo@example.com'), (2, '', ''), (3, 'a', 'lu@example.com')`)
	s := open(t, pool, []byte(`version: 1
store: {name: small, schema: public, default_region: DE}
normalisers: {email: {kind: email}, handle: {kind: exact}}
subjects:
  person: [{table: person, key: id, match: [{by: email, at: doc, json: "mail[]"}], learn: [{by: email, at: doc, json: "mail[]"}, {by: handle, at: doc, json: handle}, {by: handle, at: raw, json: handle}]}]
categories:
  c: {title: C, about: A., purpose: P., basis: B, recipients: [R], retention: R., source: S.}
tables:
  person: {title: P, category: c, controller: operator, erase: delete, columns: {doc: {title: D, json: true}, raw: {title: R, json: true}}, none: [id]}
  note: {title: N, category: c, controller: operator, reach: [{as: named, find: handle, in: [handle]}, {as: named, find: email, in: [mail]}], erase: delete, columns: {handle: H, mail: M}, none: [id]}
`), connector.Options{Secret: secret})
	for _, tt := range []struct{ doc, raw string }{
		{`{"mail": ["lu@example.com", "jo@example.com\u0000"], "handle": "a\u0000"}`, `{}`},
		{`{"mail": "lu@example.com", "handle": "\ud800\u0000"}`, `{"handle": "` + "\xff\xfe" + `"}`},
		{`{"mail": ["lu@example.com", "%@%"], "handle": ["%"]}`, `{"handle": ""}`},
		{`{"mail": "lu@example.com", "handle": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, strings.Repeat("{", 100_000)},
	} {
		exec(t, pool, "DELETE FROM person")
		exec(t, pool, "INSERT INTO person VALUES (1, $1, $2)", tt.doc, []byte(tt.raw))
		f := find(t, s, lu)
		if f.Total != 2 {
			t.Errorf("%.60s: %d rows, expected the person and what has her address", tt.doc, f.Total)
		}
		if _, err := s.Plan(t.Context(), f, connector.Ask{Kind: "deletion"}); err != nil {
			t.Errorf("%.60s: %v", tt.doc, err)
		}
	}
}

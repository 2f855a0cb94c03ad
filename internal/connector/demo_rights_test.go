package connector_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// TestTheDemoCarriesOutEveryRight and touches nobody else.
func TestTheDemoCarriesOutEveryRight(t *testing.T) {
	t.Parallel()
	s, pool := demoStore(t, demo.Options{Seed: 2, Rows: 3000}, connector.Options{BatchRows: 50, Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }})
	marina := connector.Subject{Email: demo.Marina.Email}
	keys, err := demo.RowsOf(t.Context(), pool, demo.Marina)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(except ...demo.Keys) map[string]demo.Sum {
		t.Helper()
		out, err := demo.Checksum(t.Context(), pool, except...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all, others := sum(), sum(keys)
	untouched := func(what string, want, got map[string]demo.Sum) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-before +after):\n%s", what, diff)
		}
	}
	for _, ask := range []connector.Ask{{Kind: "restriction"}, {Kind: "objection", Purposes: []string{"marketing"}}} {
		op, plan := carry(t, s, marina, ask)
		if len(plan.Steps) == 0 {
			t.Errorf("a %s does nothing", ask.Kind)
		}
		untouched("a "+ask.Kind+" touches somebody else", others, sum(keys))
		carry(t, s, marina, lift(op))
		untouched("the lift of a "+ask.Kind+" leaves something", all, sum())
	}
	f := find(t, s, marina)
	fields, err := s.Fields(t.Context(), f)
	if err != nil || len(fields) == 0 {
		t.Fatalf("%d fields, %v", len(fields), err)
	}
	var ask connector.Ask
	for _, one := range fields {
		if one.Column == "name" {
			ask = edits(append(ask.Edits, edit(one.Table, one.Key, one.Column, "Marina Neu"))...)
		}
	}
	carry(t, s, marina, ask)
	untouched("a correction touches somebody else", others, sum(keys))
	carry(t, s, marina, connector.Ask{Kind: "opt_out"})
	before := rows(t, pool, "SELECT count(*)::text FROM opt_outs")
	carry(t, s, marina, connector.Ask{Kind: "opt_out"})
	if after := rows(t, pool, "SELECT count(*)::text FROM opt_outs"); before[0] != after[0] {
		t.Errorf("%s opt-outs became %s", before[0], after[0])
	}
	_, plan := carry(t, s, marina, connector.Ask{Kind: "shortened_retention", Days: 1})
	if len(plan.Steps) < 5 {
		t.Errorf("the steps are %+v", plan.Steps)
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE contact_id = ANY ($1) AND m.created_at < '2026-11-24'", demo.Marina.ContactIDs()); got[0] != "0" {
		t.Errorf("%s old messages are left", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM contacts WHERE id = ANY ($1)", demo.Marina.ContactIDs()); got[0] != "2" {
		t.Errorf("%s contacts are left", got[0])
	}
	after := sum(keys)
	delete(after, "opt_outs")
	delete(others, "opt_outs")
	untouched("a shorter retention touches somebody else", others, after)
	if err := s.Purge(t.Context(), quiet); err != nil {
		t.Error(err)
	}
	carry(t, s, marina, connector.Ask{Kind: "deletion"})
}

// TestAnOrganizationsPurgeLeavesARestrictedCustomerAlone: the organization may
// keep its words for less time; whoever asked it to keep theirs keeps them.
func TestAnOrganizationsPurgeLeavesARestrictedCustomerAlone(t *testing.T) {
	t.Parallel()
	s, pool := demoStore(t, demo.Options{Seed: 2, Rows: 3000}, connector.Options{BatchRows: 50, Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }})
	carry(t, s, connector.Subject{Email: demo.Marina.Email}, connector.Ask{Kind: "restriction"})
	firm := rows(t, pool, "SELECT organization_id::text FROM contacts WHERE id = $1", demo.Marina.ContactIDs()[0])[0]
	owner := connector.Subject{Organization: true, Email: rows(t, pool, "SELECT email FROM users WHERE organization_id = $1::text::bigint AND role = 'owner' AND deleted_at IS NULL ORDER BY id LIMIT 1", firm)[0]}
	const hers = "SELECT count(*)::text FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = $1 AND m.created_at < '2026-11-01'"
	const others = "SELECT count(*)::text FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id <> $1 AND c.organization_id = $2::text::bigint AND m.created_at < '2026-11-01'"
	before := rows(t, pool, hers, demo.Marina.ContactIDs()[0])[0]
	if before == "0" || rows(t, pool, others, demo.Marina.ContactIDs()[0], firm)[0] == "0" {
		t.Fatal("there is nothing old: the test proves little")
	}
	carry(t, s, owner, connector.Ask{Kind: "shortened_retention", Days: 20, Categories: []string{"messages", "attachments", "delivery"}})
	if after := rows(t, pool, hers, demo.Marina.ContactIDs()[0])[0]; after != before {
		t.Errorf("of her %s old messages %s are left", before, after)
	}
	if after := rows(t, pool, others, demo.Marina.ContactIDs()[0], firm)[0]; after != "0" {
		t.Errorf("%s old messages of others are left", after)
	}
}

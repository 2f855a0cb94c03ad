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

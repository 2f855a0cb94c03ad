package connector_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// ruledClub is the club with a table of rules for what people may write.
func ruledClub(t *testing.T, rules string) (*connector.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "rights.sql"))
	exec(t, pool, "CREATE TABLE rule (id bigserial PRIMARY KEY, firm bigint, field text NOT NULL, shape text); INSERT INTO rule (firm, field, shape) VALUES "+rules)
	if _, err := connector.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	src := read(t, "rights.yaml")
	for old, now := range map[string]string{
		"nick: {title: Nick, correct: {type: text, ": "nick: {title: Nick, correct: {type: text, pattern_from: {table: rule, column: shape, on: {firm: firm}, when: {field: nick}}, ",
		"{city: {type: name}, ":                      "{city: {type: name, pattern_from: {table: rule, column: shape, when: {field: city}}}, ",
		"\ntables:\n":                                "\ntables:\n  rule:\n    title: Rules\n    category: people\n    controller: organization\n    none: [id, firm, field, shape]\n",
	} {
		if strings.Count(src, old) != 1 {
			t.Fatalf("the map of the club has %q %d times", old, strings.Count(src, old))
		}
		src = strings.Replace(src, old, now, 1)
	}
	return open(t, pool, []byte(src), connector.Options{BatchRows: 2, Secret: secret, Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }}), pool
}

func TestAStoreRulesItsOwnValues(t *testing.T) {
	t.Parallel()
	nick, city := edit("member", "1", "nick", "blume"), edit("member", "1", "profile.city", "Köln")
	for _, tt := range []struct {
		name, rules, code string
		edit              connector.Edit
	}{
		{"no rule", "(1, 'other', '^x$')", "", nick},
		{"a rule that fits", "(1, 'nick', '^[a-z]+$')", "", nick},
		{"a rule that does not", "(1, 'nick', '^[0-9]+$')", "pattern", nick},
		{"a rule without anchors is searched", "(1, 'nick', 'lum')", "", nick},
		{"another firm's rule", "(2, 'nick', '^[0-9]+$')", "", nick},
		{"one of two rules", "(1, 'nick', 'b'), (1, 'nick', '[0-9]')", "pattern", nick},
		{"nothing in the rule", "(1, 'nick', NULL), (1, 'nick', '')", "", nick},
		{"as programs write it", "(1, 'nick', '/^BLUME$/i')", "", nick},
		{"as programs write it, case counts", "(1, 'nick', '/^BLUME$/')", "pattern", nick},
		{"a rule that nobody can read", "(1, 'nick', '^(?=b).*$')", "rule", nick},
		{"a flag that we do not know", "(1, 'nick', '/^blume$/y')", "pattern", nick},
		{"in JSON, by a condition alone", "(NULL, 'city', '^K')", "", city},
		{"in JSON, not fitting", "(NULL, 'city', '^B')", "pattern", city},
		{"a value taken away needs none", "(NULL, 'city', '^B')", "", edit("member", "1", "profile.city", "")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := ruledClub(t, tt.rules)
			_, err := s.Plan(t.Context(), find(t, s, ida), edits(tt.edit))
			refused, _ := errors.AsType[connector.Refused](err)
			got := ""
			if len(refused) == 1 {
				got = refused[0].Code
			}
			if got != tt.code || (err == nil) != (tt.code == "") {
				t.Errorf("expected %q, got %q: %v", tt.code, got, err)
			}
		})
	}
}

// TestARuleThatChangesAfterTheApprovalCounts: what the product would refuse by
// now is not written, and goes back to people.
func TestARuleThatChangesAfterTheApprovalCounts(t *testing.T) {
	t.Parallel()
	s, pool := ruledClub(t, "(1, 'nick', '^[a-z]+$')")
	op, plan := frozen(t, s, ida, edits(edit("member", "1", "nick", "blume")))
	exec(t, pool, "UPDATE rule SET shape = '^[0-9]+$'")
	if err := s.Execute(t.Context(), op, plan, quiet); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("expected ErrMoved, got %v", err)
	}
}

func TestCheckLooksAtARule(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "rights.sql")+"; CREATE TABLE rule (id bigint PRIMARY KEY, firm text, shape int)")
	src := strings.Replace(read(t, "rights.yaml"), "label: {title: Label, correct: {type: text}}", "label: {title: Label, correct: {type: text, pattern_from: {table: rule, column: shape, on: {firm: member}}}}", 1)
	src = strings.Replace(src, "\ntables:\n", "\ntables:\n  rule:\n    title: Rules\n    category: people\n    controller: organization\n    none: [id, firm, shape]\n", 1)
	findings, err := open(t, pool, []byte(src), connector.Options{Secret: secret}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(findings)
	for _, want := range []string{"holds no pattern", "compares it (text) with pair.member (bigint)"} {
		if !strings.Contains(said, want) {
			t.Errorf("the check does not say %q:\n%s", want, said)
		}
	}
}

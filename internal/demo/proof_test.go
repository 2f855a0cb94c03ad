package demo_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/demo"
)

func TestPlantedStringsAreInRowsOfTheirPersonOnly(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Seed: 5, Rows: 20_000, HeavySubject: 200})
	for _, tt := range []struct {
		person demo.Person
		tables []string // where at least one of the strings stands
	}{
		{demo.Marina, []string{"activity_logs", "attachments", "campaign_recipients", "consents", "contact_notes", "contacts",
			"conversations", "message_events", "messages", "messages_archive", "opt_outs"}},
		{demo.Lukas, []string{"contacts", "messages", "attachments"}},
		{demo.Amina, []string{"contacts", "messages", "message_events", "opt_outs"}},
		{demo.Ines, []string{"users", "sessions", "activity_logs"}},
		{demo.Tomas, []string{"users", "sessions", "activity_logs"}},
		{demo.Heavy, []string{"contacts", "messages", "message_events", "campaign_recipients"}},
	} {
		t.Run(tt.person.Name, func(t *testing.T) {
			hits, err := demo.Residue(t.Context(), pool, tt.person.Planted)
			if err != nil {
				t.Fatal(err)
			}
			own, err := demo.RowsOf(t.Context(), pool, tt.person)
			if err != nil {
				t.Fatal(err)
			}
			found, where := map[string]bool{}, map[string]bool{}
			for _, h := range hits {
				if !slices.Contains(own[h.Table], h.Key) {
					t.Errorf("%s is a row of somebody else", h)
				}
				found[h.Planted], where[h.Table] = true, true
			}
			for _, p := range tt.person.Planted {
				if !found[p] {
					t.Errorf("%q is planted nowhere", p)
				}
			}
			for _, table := range tt.tables {
				if !where[table] {
					t.Errorf("nothing is planted in %s", table)
				}
			}
		})
	}
}

func TestResidueLooksIntoEveryType(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 2000})
	exec(t, pool, `CREATE TABLE hidden (id int PRIMARY KEY, a bytea, b json, c text[], d inet, e tsvector, f bigint, g text)`)
	for _, tt := range []struct {
		name, insert, planted string
		want                  bool
	}{
		{"bytes", `a = convert_to('x marina.costa@example.com', 'UTF8')`, "marina.costa@example.com", true},
		{"an escaped letter in JSON", `b = '{"n": "In\u00eas Almeida"}'`, "Inês Almeida", true},
		{"JSON inside JSON", `b = '{"raw": "{\"to\": \"x\\nmarina.costa@example.com\"}"}'`, "marina.costa@example.com", true},
		{"an array", `c = '{one,"(11) 98765-4321"}'`, "(11) 98765-4321", true},
		{"an address", `d = '203.0.113.77'`, "203.0.113.77", true},
		{"a search vector", `e = to_tsvector('simple', 'a Maricota b')`, "Maricota", true},
		{"a number", `f = 5511987654321`, "5511987654321", true},
		{"another case", `g = 'MARINA.Costa@Example.com'`, "marina.costa@example.com", true},
		{"base64 around a number", `g = encode('\x1c35353131393837363534333231'::bytea, 'base64')`, "5511987654321", true},
		{"a longer number", `g = '55119876543210'`, "5511987654321", false},
		{"a longer number in base64", `g = encode('\x1c3535313139383736353433323130'::bytea, 'base64')`, "5511987654321", false},
		{"a longer address", `g = 'xmarina.costa@example.com'`, "marina.costa@example.com", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			exec(t, pool, "DELETE FROM hidden")
			exec(t, pool, "INSERT INTO hidden (id) VALUES (1)")
			exec(t, pool, "UPDATE hidden SET "+tt.insert)
			hits, err := demo.Residue(t.Context(), pool, []string{tt.planted})
			if err != nil {
				t.Fatal(err)
			}
			got := slices.ContainsFunc(hits, func(h demo.Hit) bool { return h.Table == "hidden" })
			if got != tt.want {
				t.Errorf("found: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestChecksumSeesEveryChangeButThoseOfTheExcluded(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 4000})
	marina, err := demo.RowsOf(t.Context(), pool, demo.Marina)
	if err != nil {
		t.Fatal(err)
	}
	sum := func() map[string]demo.Sum {
		s, err := demo.Checksum(t.Context(), pool, marina)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := sum()
	exec(t, pool, "UPDATE contacts SET name = 'erased' WHERE id = 1")
	exec(t, pool, "DELETE FROM consents WHERE contact_id = 2")
	if diff := cmp.Diff(before, sum()); diff != "" {
		t.Errorf("changes of the excluded person count:\n%s", diff)
	}
	exec(t, pool, "UPDATE contacts SET name = name || '.' WHERE id = 11")
	if sum()["contacts"] == before["contacts"] {
		t.Error("a change of another person goes unseen")
	}
}

func TestRowsOfThePeople(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 4000})
	for _, tt := range []struct {
		person demo.Person
		want   map[string]int
	}{
		{demo.Marina, map[string]int{"contacts": 2, "conversations": 3, "messages": 24, "messages_archive": 3, "attachments": 4,
			"contact_notes": 2, "consents": 4, "opt_outs": 1, "campaign_recipients": 2, "activity_logs": 1}},
		{demo.Tomas, map[string]int{"users": 1, "sessions": 2}},
	} {
		t.Run(tt.person.Name, func(t *testing.T) {
			keys, err := demo.RowsOf(t.Context(), pool, tt.person)
			if err != nil {
				t.Fatal(err)
			}
			for table, n := range tt.want {
				if len(keys[table]) != n {
					t.Errorf("%d rows in %s, want %d", len(keys[table]), table, n)
				}
			}
		})
	}
}

func TestNobodyIsNowhere(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 4000})
	hits, err := demo.Residue(t.Context(), pool, []string{demo.Nobody.Email})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) > 0 {
		t.Errorf("nobody stands in the store: %v", hits)
	}
}

func TestAnOrganizationReachesAllItsTables(t *testing.T) {
	t.Parallel()
	pool, stats := loaded(t, demo.Options{Rows: 10_000})
	keys, err := demo.RowsOfOrganization(t.Context(), pool, demo.PadariaEstrela.ID)
	if err != nil {
		t.Fatal(err)
	}
	for table := range stats.Tables {
		if len(keys[table]) == 0 {
			t.Errorf("the organization has no rows in %s", table)
		}
	}
}

func TestLookalikesStandBesideMarina(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 2000})
	rows, err := pool.Query(t.Context(), `
		SELECT phone FROM contacts WHERE id NOT IN (1, 2)
		AND (regexp_replace(phone, '[^0-9]', '', 'g') LIKE '%1198765432%' OR email LIKE '%marina.costa%' OR name LIKE 'Marina %')`)
	if err != nil {
		t.Fatal(err)
	}
	alike, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(alike) < 4 {
		t.Errorf("only %d contacts look like Marina", len(alike))
	}
}

func exec(t testing.TB, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

package connector

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestASubjectWithManyRowsIsSearchedAtOnce compares what is found of a person
// who holds much of a store with plain counts, and notices who does not.
func TestASubjectWithManyRowsIsSearchedAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := bigStore(t, db)
	f, err := s.Find(t.Context(), Subject{Email: demo.Heavy.Email})
	if err != nil {
		t.Fatal(err)
	}
	if !f.roots.Many {
		t.Error("a person with most of the messages is taken for one with few")
	}
	got := map[string]int64{}
	for _, one := range f.Tables {
		got[one.Table] += one.Rows
	}
	const theirs = "(SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = 6)"
	for table, sql := range map[string]string{
		"messages":       "SELECT count(*) FROM messages WHERE id IN " + theirs,
		"message_events": "SELECT count(*) FROM message_events WHERE message_id IN " + theirs,
		"attachments":    "SELECT count(*) FROM attachments WHERE message_id IN " + theirs,
	} {
		var want int64
		if err := db.QueryRow(t.Context(), sql).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got[table] != want || want == 0 {
			t.Errorf("%s: %d rows found, %d are there", table, got[table], want)
		}
	}
	if f, err = s.Find(t.Context(), Subject{Email: demo.Marina.Email}); err != nil || f.roots.Many {
		t.Errorf("a person with few rows: many %v, %v", f.roots.Many, err)
	}
}

func bigStore(t *testing.T, db *pgxpool.Pool) *Store {
	t.Helper()
	if err := demo.Create(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Load(t.Context(), db, demo.Options{Seed: 4, Rows: 3000, HeavySubject: manyRows + 100}); err != nil {
		t.Fatal(err)
	}
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), db, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

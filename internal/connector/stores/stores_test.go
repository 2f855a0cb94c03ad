package stores_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestTheCaseStandsInTheStore(t *testing.T) {
	t.Parallel()
	for _, s := range stores.All {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.Blank(t)
			if err := s.Load(t.Context(), db, 60); err != nil {
				t.Fatal(err)
			}
			wrong, err := s.Planted(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				t.Error(w)
			}
			before, err := s.Take(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.Take(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range stores.Untouched(before, again) {
				t.Error(w)
			}
			for _, z := range s.Case.Zero {
				var n int64
				if err := db.QueryRow(t.Context(), z.SQL).Scan(&n); err != nil {
					t.Errorf("%s: %v", z.Name, err)
				}
			}
		})
	}
}

// TestTheCheckerSeesEachMistake does one wrong thing to a store at a time.
func TestTheCheckerSeesEachMistake(t *testing.T) {
	t.Parallel()
	s, db, dir := &stores.Recado, pgtest.Blank(t), t.TempDir()
	if err := s.Load(t.Context(), db, 20); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteObjects(dir); err != nil {
		t.Fatal(err)
	}
	before, err := s.Take(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	wrong := func() map[string]bool {
		t.Helper()
		list, err := s.Erased(t.Context(), db, before, dir)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, w := range list {
			out[w] = true
		}
		return out
	}
	const one = "b2000000-0000-4000-8000-000000000008"
	for _, tt := range []struct{ name, sql, undo, want string }{
		{"nothing was done", "SELECT", "SELECT", "not deleted: peer b1000000-0000-4000-8000-000000000002"},
		{"a neighbour's row was changed", "UPDATE entry SET body = body || '.' WHERE id = '" + one + "'", "UPDATE entry SET body = rtrim(body, '.') WHERE id = '" + one + "'", "changed, and should not be: entry " + one},
		{"a neighbour's row went", "DELETE FROM phrase", "INSERT INTO phrase (id, created_at, shop_id, name, body, created_by_id) VALUES ('b8000000-0000-4000-8000-000000000001', '2024-01-01', 'a1000000-0000-4000-8000-000000000001', 'saludo', '¡Hola!', 'a2000000-0000-4000-8000-000000000001')", "deleted, and should not be: phrase b8000000-0000-4000-8000-000000000001"},
		{"a row came", "INSERT INTO phrase (id, shop_id, name, body) SELECT 'b8000000-0000-4000-8000-000000000002', shop_id, name, body FROM phrase", "DELETE FROM phrase WHERE id = 'b8000000-0000-4000-8000-000000000002'", "added: phrase b8000000-0000-4000-8000-000000000002"},
		{"a counter is wrong", "UPDATE blast SET target_count = target_count + 1 WHERE name = 'Pintura'", "UPDATE blast SET target_count = target_count - 1 WHERE name = 'Pintura'", "a blast miscounts its targets: 1 rows"},
		{"an identifier was copied", "UPDATE phrase SET body = 'llame al 310 555-0182'", "UPDATE phrase SET body = '¡Hola!'", `an identifier /310\)?[ -]?555[ -]?0182([^0-9]|$)/ is left in phrase b8000000-0000-4000-8000-000000000001`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := db.Exec(t.Context(), tt.sql); err != nil {
				t.Fatal(err)
			}
			if got := wrong(); !got[tt.want] {
				t.Errorf("not said: %s\nsaid: %v", tt.want, got)
			}
			if _, err := db.Exec(t.Context(), tt.undo); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("an object is left, and a neighbour's went", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, "images/vecino.jpg")); err != nil {
			t.Fatal(err)
		}
		got := wrong()
		for _, want := range []string{"somebody's object is gone: images/vecino.jpg", "an object is still there: documents/lucia-0001.pdf"} {
			if !got[want] {
				t.Errorf("not said: %s", want)
			}
		}
	})
}

// TestAPileIsAllHers: what Pile says is deleted is what it wrote.
func TestAPileIsAllHers(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	if err := stores.Recado.Load(t.Context(), db, 5); err != nil {
		t.Fatal(err)
	}
	c, err := stores.Pile(t.Context(), db, 50)
	if err != nil {
		t.Fatal(err)
	}
	prints, err := stores.Recado.Take(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Deleted["entry"] {
		if _, ok := prints["entry"][key]; !ok {
			t.Errorf("there is no entry %s", key)
		}
	}
	if want := len(stores.Recado.Case.Deleted["entry"]) + 50; len(c.Deleted["entry"]) != want || c.Exported["entry"] != want {
		t.Errorf("%d entries to delete and %d to export, expected %d", len(c.Deleted["entry"]), c.Exported["entry"], want)
	}
}

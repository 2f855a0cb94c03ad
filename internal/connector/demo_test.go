package connector_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(jobFile); job != "" { // a worker for the tests that kill
		if err := work(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m)
}

var secret = []byte("a secret that only the tests know")

// demoStore is the demo's store with its rows, seen through its map.
func demoStore(t testing.TB, load demo.Options, opt connector.Options) (*connector.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Blank(t)
	ctx := t.Context()
	if err := demo.Create(ctx, pool); err != nil {
		t.Fatal(err)
	}
	if load.Objects == "" {
		load.Objects = t.TempDir()
	}
	if _, err := demo.Load(ctx, pool, load); err != nil {
		t.Fatal(err)
	}
	if _, err := connector.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	objects, err := connector.OpenObjects(load.Objects)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	opt.Secret, opt.Objects = secret, objects
	return open(t, pool, demo.DataMap, opt), pool
}

func open(t testing.TB, pool *pgxpool.Pool, src []byte, opt connector.Options) *connector.Store {
	t.Helper()
	m, err := datamap.Parse("datamap.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	s, err := connector.Open(t.Context(), pool, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t testing.TB, s *connector.Store, who connector.Subject) *connector.Found {
	t.Helper()
	f, err := s.Find(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// freeze searches, plans and freezes a deletion.
func freeze(t testing.TB, s *connector.Store, who connector.Subject) (uuid.UUID, datamap.Plan) {
	t.Helper()
	f := find(t, s, who)
	plan, err := s.Plan(t.Context(), f, connector.Ask{Kind: "deletion"})
	if err != nil {
		t.Fatal(err)
	}
	op := uuid.New()
	frozen, err := s.Freeze(t.Context(), op, f, connector.Ask{Kind: "deletion"}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return op, frozen
}

func TestTheDemoMapFitsTheDemoStore(t *testing.T) {
	t.Parallel()
	s, _ := demoStore(t, demo.Options{Seed: 1, Rows: 2000}, connector.Options{})
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s %s.%s (warn %t): %s", f.Code, f.Table, f.Column, f.Warn, f.Detail)
	}
}

// TestFindAgreesWithTheStoreReadByHand holds the search against the demo's own
// list of each person's rows, which knows nothing of a data map.
func TestFindAgreesWithTheStoreReadByHand(t *testing.T) {
	t.Parallel()
	s, pool := demoStore(t, demo.Options{Seed: 1, Rows: 20000, HeavySubject: 500}, connector.Options{})
	for _, p := range demo.People() {
		t.Run(p.Name, func(t *testing.T) {
			f := find(t, s, connector.Subject{Email: p.Email})
			keys, err := demo.RowsOf(t.Context(), pool, p)
			if err != nil {
				t.Fatal(err)
			}
			rows := map[string]int64{}
			for _, found := range f.Tables {
				rows[found.Table] += found.Rows
			}
			for table, n := range rows {
				if n != int64(len(keys[table])) {
					t.Errorf("%s: found %d rows, expected %d", table, n, len(keys[table]))
				}
			}
			if f.Total != int64(keys.Count()) {
				t.Errorf("found %d rows in all, expected %d", f.Total, keys.Count())
			}
		})
	}
}

func TestAnErasureTakesThePersonAndNobodyElse(t *testing.T) {
	t.Parallel()
	for _, p := range []demo.Person{demo.Marina, demo.Amina, demo.Heavy} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			files := t.TempDir()
			s, pool := demoStore(t, demo.Options{Seed: 2, Rows: 10000, HeavySubject: 700, Objects: files}, connector.Options{BatchRows: 100})
			ctx, who := t.Context(), connector.Subject{Email: p.Email}
			keys, err := demo.RowsOf(ctx, pool, p)
			if err != nil {
				t.Fatal(err)
			}
			before, err := demo.Checksum(ctx, pool, keys)
			if err != nil {
				t.Fatal(err)
			}
			filesBefore := countFiles(t, files)
			op, plan := freeze(t, s, who)
			done := map[int]datamap.Outcome{}
			if err := s.Execute(ctx, op, plan, func(o datamap.Outcome) error { done[o.Step.Seq] = o; return nil }); err != nil {
				t.Fatal(err)
			}
			var objects int64
			for _, st := range plan.Steps {
				o, want := done[st.Seq], st.Rows
				if st.Action == datamap.Keep {
					want = 0
				}
				if !o.Done || o.Affected != want {
					t.Errorf("step %d (%s %s): done %t, %d of %d rows", st.Seq, st.Action, st.Table, o.Done, o.Affected, want)
				}
				objects += st.Objects
			}
			if left := countFiles(t, files); int64(filesBefore-left) != objects {
				t.Errorf("%d files gone, expected %d", filesBefore-left, objects)
			}
			residue, err := s.Recheck(ctx, op, who)
			if err != nil {
				t.Fatal(err)
			}
			if !residue.Empty() {
				t.Errorf("left: %+v", residue)
			}
			if err := s.Finish(ctx, op); err != nil {
				t.Fatal(err)
			}
			after, err := demo.Checksum(ctx, pool, keys)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(before, after); diff != "" {
				t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
			}
			hits, err := demo.Residue(ctx, pool, p.Planted)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits {
				t.Errorf("%q is still in %s.%s, row %s", h.Planted, h.Table, h.Column, h.Key)
			}
		})
	}
}

func countFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestMigrateAppliesOnceHoweverManyStart(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	before, err := pg.Pending(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []string
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			applied, err := pg.Migrate(t.Context(), db)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, applied...)
		})
	}
	wg.Wait()
	if len(before) == 0 || len(all) != len(before) {
		t.Errorf("three starters applied %d migrations together, want each of the %d once: %v", len(all), len(before), all)
	}
	after, err := pg.Pending(t.Context(), db)
	if err != nil || len(after) != 0 {
		t.Errorf("still pending: %v (%v)", after, err)
	}
}

type ring struct{}

func (ring) Kind() string { return "ring" }

func TestQueueRights(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	web, worker := pgtest.As(t, db, "portal_web"), pgtest.As(t, db, "portal_worker")

	client, err := river.NewClient(riverpgxv5.New(web), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is a duplicate, which takes the path through UPDATE
		err = pg.InTx(t.Context(), web, func(tx pgx.Tx) error {
			_, err := client.InsertTx(t.Context(), tx, ring{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}})
			return err
		})
		if err != nil {
			t.Fatalf("the web process cannot put a job into the queue: %v", err)
		}
	}
	for _, sql := range []string{"DELETE FROM river_job", "UPDATE river_job SET args = '{}'", "CREATE TABLE mine (id int)"} {
		if err := exec(web, sql); !denied(err) {
			t.Errorf("the web process may %q: %v", sql, err)
		}
	}
	if err := exec(worker, "DELETE FROM river_job"); err != nil {
		t.Errorf("the worker cannot clean the queue: %v", err)
	}
	if pending, err := pg.Pending(t.Context(), web); err != nil || len(pending) != 0 {
		t.Errorf("the web process cannot see that the schema is current: %v, %v", pending, err)
	}
}

type execer interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}

func exec(db execer, sql string) error {
	_, err := db.Exec(context.Background(), sql)
	return err
}

func denied(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "42501"
}

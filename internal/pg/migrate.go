package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/crowsstack/privacy-portal/migrations"
)

// migrationLock is the advisory lock under which all migrations run, so that
// any number of processes may begin at the same moment.
const migrationLock = 7_301_422_019

// riverGrants let the web process put jobs into the queue, and the worker run
// it. River's insert ends in ON CONFLICT … DO UPDATE SET kind, hence the one
// column that web may update; it may neither change nor remove a job.
const riverGrants = `
GRANT SELECT, INSERT, UPDATE (kind) ON river_job TO portal_web;
GRANT USAGE ON SEQUENCE river_job_id_seq TO portal_web;
GRANT SELECT ON goose_db_version, river_migration TO portal_web, portal_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON river_job, river_leader, river_notification, river_queue TO portal_worker;
GRANT USAGE ON SEQUENCE river_job_id_seq, river_notification_id_seq TO portal_worker;`

// Migrate brings our schema and River's up to date and names what it applied.
// It needs a role that may create tables; nothing else does.
func Migrate(ctx context.Context, db *pgxpool.Pool) (applied []string, err error) {
	err = UnderMigrationLock(ctx, db, func() error {
		ours, err := newProvider(db)
		if err != nil {
			return err
		}
		defer ours.Close()
		results, err := ours.Up(ctx)
		for _, r := range results {
			applied = append(applied, "portal/"+r.Source.Path)
		}
		if err != nil {
			return fmt.Errorf("migrate the portal's schema: %w", err)
		}
		queue, err := newQueueMigrator(db)
		if err != nil {
			return err
		}
		done, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err != nil {
			return fmt.Errorf("migrate the job queue's schema: %w", err)
		}
		for _, v := range done.Versions {
			applied = append(applied, queueStep(v.Version, v.Name))
		}
		if _, err := db.Exec(ctx, riverGrants); err != nil {
			return fmt.Errorf("grant the job queue to the processes: %w", err)
		}
		return nil
	})
	return applied, err
}

// Pending names the migrations that have not been applied yet. It changes
// nothing and is content with the rights of any of our roles.
func Pending(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	done, err := appliedVersions(ctx, db, "goose_db_version", "SELECT version_id FROM goose_db_version WHERE is_applied")
	if err != nil {
		return nil, err
	}
	ours, err := newProvider(db)
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	var pending []string
	for _, s := range ours.ListSources() {
		if !done[s.Version] {
			pending = append(pending, "portal/"+s.Path)
		}
	}
	done, err = appliedVersions(ctx, db, "river_migration", "SELECT version FROM river_migration WHERE line = 'main'")
	if err != nil {
		return nil, err
	}
	queue, err := newQueueMigrator(db)
	if err != nil {
		return nil, err
	}
	for _, v := range queue.AllVersions() {
		if !done[int64(v.Version)] {
			pending = append(pending, queueStep(v.Version, v.Name))
		}
	}
	return pending, nil
}

// SchemaHash names the schema that Migrate makes: equal hash, equal schema.
func SchemaHash() (string, error) {
	h := sha256.New()
	fmt.Fprint(h, riverGrants)
	err := fs.WalkDir(migrations.FS, "portal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := migrations.FS.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	queue, err := newQueueMigrator(nil)
	if err != nil {
		return "", err
	}
	for _, v := range queue.AllVersions() {
		fmt.Fprintf(h, "%d\n%s", v.Version, v.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// UnderMigrationLock runs fn while nobody else migrates this database. It holds
// a session lock on a connection of its own, so that it works with a pool of
// any size.
func UnderMigrationLock(ctx context.Context, db *pgxpool.Pool, fn func() error) (err error) {
	conn, err := pgx.ConnectConfig(ctx, db.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	// Closing the session gives the lock back, also after a cancelled context.
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	return fn()
}

func newProvider(db *pgxpool.Pool) (*goose.Provider, error) {
	files, err := fs.Sub(migrations.FS, "portal")
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(db), files)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

func newQueueMigrator(db *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	m, err := rivermigrate.New(riverpgxv5.New(db), nil)
	if err != nil {
		return nil, fmt.Errorf("read the job queue's migrations: %w", err)
	}
	return m, nil
}

func appliedVersions(ctx context.Context, db *pgxpool.Pool, table, query string) (map[int64]bool, error) {
	var exists bool
	if err := db.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&exists); err != nil {
		return nil, fmt.Errorf("look for the table %s: %w", table, err)
	}
	done := map[int64]bool{}
	if !exists {
		return done, nil
	}
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read the applied migrations: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("read the applied migrations: %w", err)
	}
	for _, v := range versions {
		done[v] = true
	}
	return done, nil
}

func queueStep(version int, name string) string {
	return fmt.Sprintf("river/%03d_%s", version, strings.ReplaceAll(name, " ", "_"))
}

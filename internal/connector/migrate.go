package connector

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/migrations"
)

// Migrate brings the ledger (schema dsar) in the messaging store up to date
// and names what it applied. It touches nothing outside that schema.
func Migrate(ctx context.Context, db *pgxpool.Pool) (applied []string, err error) {
	err = pg.UnderMigrationLock(ctx, db, func() error {
		// goose keeps its own table; it belongs into our schema, not the store's.
		if _, err := db.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS dsar"); err != nil {
			return fmt.Errorf("create the ledger's schema: %w", err)
		}
		p, err := ledgerProvider(db)
		if err != nil {
			return err
		}
		defer p.Close() // the pool stays open; there is nothing to lose
		results, err := p.Up(ctx)
		for _, r := range results {
			applied = append(applied, r.Source.Path)
		}
		if err != nil {
			return fmt.Errorf("migrate the ledger: %w", err)
		}
		return nil
	})
	return applied, err
}

// Pending names the ledger's migrations that have not been applied yet.
func Pending(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	p, err := ledgerProvider(db)
	if err != nil {
		return nil, err
	}
	defer p.Close() // as above
	var exists bool
	if err := db.QueryRow(ctx, "SELECT to_regclass('dsar.goose_db_version') IS NOT NULL").Scan(&exists); err != nil {
		return nil, fmt.Errorf("look for the ledger: %w", err)
	}
	var version int64
	if exists {
		if err := db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM dsar.goose_db_version WHERE is_applied").Scan(&version); err != nil {
			return nil, fmt.Errorf("read the ledger's version: %w", err)
		}
	}
	var pending []string
	for _, s := range p.ListSources() {
		if s.Version > version {
			pending = append(pending, s.Path)
		}
	}
	return pending, nil
}

func ledgerProvider(db *pgxpool.Pool) (*goose.Provider, error) {
	files, err := fs.Sub(migrations.FS, "messaging")
	if err != nil {
		return nil, fmt.Errorf("open the ledger's migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(db), files, goose.WithTableName("dsar.goose_db_version"))
	if err != nil {
		return nil, fmt.Errorf("read the ledger's migrations: %w", err)
	}
	return p, nil
}

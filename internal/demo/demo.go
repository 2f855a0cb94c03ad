// Package demo is a messaging store to try the portal on: a schema as a real
// platform has it, and a generator that fills it with invented people.
package demo

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg"
)

//go:embed schema.sql
var schema string

// Options say how much is generated. The same options give the same rows.
type Options struct {
	Seed uint64
	Rows int // all tables together; at least 2,000

	// Objects is the directory that receives the attachments, each under its
	// object key. Empty: rows only, no files.
	Objects string

	// HeavySubject is a number of messages for the person Heavy, spread evenly
	// among everybody else's. They come on top of Rows.
	HeavySubject int
}

// Stats report what a load wrote.
type Stats struct {
	Tables map[string]int64
	Total  int64
	Heavy  int64 // rows among Total that HeavySubject added
	Files  int64
}

// Create makes the schema. Where it exists already nothing happens.
func Create(ctx context.Context, pool *pgxpool.Pool) error {
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, "SELECT to_regclass('public.organizations') IS NOT NULL").Scan(&there); err != nil {
			return fmt.Errorf("look for the demo schema: %w", err)
		}
		if there {
			return nil
		}
		if _, err := tx.Exec(ctx, schema); err != nil {
			return fmt.Errorf("create the demo schema: %w", err)
		}
		return nil
	})
}

// Loaded tells whether the store holds rows. It needs the schema.
func Loaded(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	var loaded bool
	if err := pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM public.organizations)").Scan(&loaded); err != nil {
		return false, fmt.Errorf("look for demo rows: %w", err)
	}
	return loaded, nil
}

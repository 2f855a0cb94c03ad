package main

import (
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

type migrate struct {
	Store string `help:"The messaging store's address, to bring our ledger in it up to date as well; default PORTAL_MESSAGING_URL." placeholder:"URL"`
	Apply bool   `help:"Do it; without, only say what would be done."`
}

// migrated tells what was applied, or on a dry run what would be.
type migrated struct {
	Applied []string `json:"applied"`
	Pending []string `json:"pending,omitempty"`
	DryRun  bool     `json:"dry_run"`
}

func (m migrate) Run(a *app) error {
	c, err := a.settings()
	if err != nil {
		return err
	}
	db, err := a.database(c)
	if err != nil {
		return err
	}
	defer db.Close()
	r := migrated{Applied: []string{}, DryRun: !m.Apply}
	if r.Pending, err = pg.Pending(a.ctx, db); err != nil {
		return err
	}
	if m.Apply {
		r.Pending = nil
		if r.Applied, err = applyMigrations(a, db); err != nil {
			return err
		}
	}
	if m.Store == "" {
		m.Store = c.MessagingURL
	}
	if m.Store != "" {
		if err := m.ledger(a, &r); err != nil {
			return err
		}
	}
	return a.show(r)
}

// applyMigrations brings our schema up to date and records it there.
func applyMigrations(a *app, db *pgxpool.Pool) ([]string, error) {
	applied, err := pg.Migrate(a.ctx, db)
	if err != nil {
		return nil, err
	}
	if len(applied) == 0 {
		return []string{}, nil
	}
	return applied, pg.InTx(a.ctx, db, func(tx pgx.Tx) error {
		return audit.Append(a.ctx, tx, audit.Event{Actor: actor(), Action: "schema.migrated", Detail: map[string]any{"applied": applied}})
	})
}

// ledger does the same for the schema dsar in the messaging store.
func (m migrate) ledger(a *app, r *migrated) error {
	if !m.Apply {
		r.Pending = append(r.Pending, ledgerName)
		return nil
	}
	store, err := a.open(m.Store)
	if err != nil {
		return fmt.Errorf("messaging store: %w", err)
	}
	defer store.Close()
	if err := connector.Migrate(a.ctx, store); err != nil {
		return err
	}
	r.Applied = append(r.Applied, ledgerName)
	return nil
}

// ledgerName stands for the schema dsar, whose migration repeats safely.
const ledgerName = "messaging store: schema dsar"

func (r migrated) text(w io.Writer) {
	list, head := r.Applied, "Applied:"
	if r.DryRun {
		list, head = r.Pending, "Would be applied (add -apply):"
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "Everything is up to date.")
		return
	}
	fmt.Fprintln(w, head)
	for _, name := range list {
		fmt.Fprintln(w, " ", name)
	}
}

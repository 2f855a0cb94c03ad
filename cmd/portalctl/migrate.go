package main

import (
	"errors"
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
	store := (*pgxpool.Pool)(nil)
	if address := firstOf(m.Store, c.MessagingURL); address != "" {
		if store, err = a.open(address); err != nil {
			return fmt.Errorf("messaging store: %w", err)
		}
		defer store.Close()
	}
	r := migrated{Applied: []string{}, DryRun: !m.Apply}
	if m.Apply {
		err = r.apply(a, db, store)
	} else {
		err = r.look(a, db, store)
	}
	if err != nil {
		return err
	}
	return a.show(r)
}

// look names what apply would do.
func (r *migrated) look(a *app, db, store *pgxpool.Pool) (err error) {
	if r.Pending, err = pg.Pending(a.ctx, db); err != nil || store == nil {
		return err
	}
	ledger, err := connector.Pending(a.ctx, store)
	r.Pending = append(r.Pending, inStore(ledger)...)
	return err
}

// apply brings our schema up to date first, so that there is an audit to write
// into, also when the store then refuses.
func (r *migrated) apply(a *app, db, store *pgxpool.Pool) error {
	ours, err := pg.Migrate(a.ctx, db)
	if err != nil {
		return err
	}
	r.Applied = append(r.Applied, ours...)
	if store != nil {
		var ledger []string
		ledger, err = connector.Migrate(a.ctx, store)
		r.Applied = append(r.Applied, inStore(ledger)...)
	}
	if len(r.Applied) == 0 {
		return err
	}
	return errors.Join(err, pg.InTx(a.ctx, db, func(tx pgx.Tx) error {
		return audit.Append(a.ctx, tx, audit.Event{Actor: actor(), Action: "schema.migrated", Detail: map[string]any{"applied": r.Applied}})
	}))
}

func inStore(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = "messaging/" + name
	}
	return list
}

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

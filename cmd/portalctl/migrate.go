package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

type migrate struct {
	Map   string `help:"The data map, to print the grants that it needs in the messaging store; default PORTAL_DATAMAP." placeholder:"FILE"`
	Store string `help:"The messaging store's address, to bring our ledger in it up to date as well; default PORTAL_MESSAGING_URL. Of several databases: NAME=URL for each, with blanks between." placeholder:"URL"`
	Apply bool   `help:"Do it; without, only say what would be done."`
}

// migrated tells what was applied, or on a dry run what would be.
type migrated struct {
	Applied []string  `json:"applied"`
	Pending []string  `json:"pending,omitempty"`
	DryRun  bool      `json:"dry_run"`
	Grants  []granted `json:"grants,omitempty"`
}

// granted are the statements for one database of the messaging store.
type granted struct {
	Store string   `json:"store,omitempty"`
	SQL   []string `json:"sql"`
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
	stores, end, err := a.stores(firstOf(m.Store, c.MessagingURL))
	if err != nil {
		return err
	}
	defer end()
	r := migrated{Applied: []string{}, DryRun: !m.Apply}
	if r.Grants, err = grants(firstOf(m.Map, c.Datamap), stores); err != nil {
		return err
	}
	if m.Apply {
		err = r.apply(a, db, stores)
	} else {
		err = r.look(a, db, stores)
	}
	if err != nil {
		return err
	}
	return a.show(r)
}

// stores opens the messaging store's databases, none without an address, and
// sees that all of them answer.
func (a *app) stores(addresses string) (map[string]*pgxpool.Pool, func(), error) {
	if addresses == "" {
		return nil, func() {}, nil
	}
	stores, end, err := process.Messaging(a.ctx, addresses)
	if err != nil {
		return nil, nil, fmt.Errorf("messaging store: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		if err := stores[name].Ping(a.ctx); err != nil {
			end()
			return nil, nil, fmt.Errorf("%s does not answer: %w", strings.TrimSpace("the messaging store "+name), err)
		}
	}
	return stores, end, nil
}

// grants says what the two roles need in each database. They are not given here:
// that is for whoever owns the store.
func grants(file string, stores map[string]*pgxpool.Pool) ([]granted, error) {
	if file == "" || len(stores) == 0 {
		return nil, nil
	}
	m, err := process.ReadMap(file)
	if err != nil {
		return nil, err
	}
	if _, err := connector.OpenFleet(stores, m, connector.Options{}); err != nil {
		return nil, err
	}
	var out []granted
	for _, name := range m.Databases() {
		out = append(out, granted{name, connector.Grants(m.Of(name))})
	}
	return out, nil
}

// look names what apply would do.
func (r *migrated) look(a *app, db *pgxpool.Pool, stores map[string]*pgxpool.Pool) (err error) {
	if r.Pending, err = pg.Pending(a.ctx, db); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		ledger, err := connector.Pending(a.ctx, stores[name])
		if err != nil {
			return err
		}
		r.Pending = append(r.Pending, inStore(name, ledger)...)
	}
	return nil
}

// apply brings our schema up to date first, so that there is an audit to write
// into, also when a store then refuses.
func (r *migrated) apply(a *app, db *pgxpool.Pool, stores map[string]*pgxpool.Pool) error {
	ours, err := pg.Migrate(a.ctx, db)
	if err != nil {
		return err
	}
	r.Applied = append(r.Applied, ours...)
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		ledger, refused := connector.Migrate(a.ctx, stores[name])
		r.Applied, err = append(r.Applied, inStore(name, ledger)...), errors.Join(err, refused)
	}
	if len(r.Applied) == 0 {
		return err
	}
	return errors.Join(err, pg.InTx(a.ctx, db, func(tx pgx.Tx) error {
		return audit.Append(a.ctx, tx, audit.Event{Actor: actor(), Action: "schema.migrated", Detail: map[string]any{"applied": r.Applied}})
	}))
}

func inStore(store string, names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = path.Join("messaging", store, name)
	}
	return list
}

func (r migrated) text(w io.Writer) {
	list, head := r.Applied, "Applied:"
	if r.DryRun {
		list, head = r.Pending, "Would be applied (add -apply):"
	}
	if len(list) == 0 {
		head = "Everything is up to date."
	}
	fmt.Fprintln(w, head)
	for _, name := range list {
		fmt.Fprintln(w, " ", name)
	}
	for _, g := range r.Grants {
		fmt.Fprintf(w, "\n-- An administrator of the messaging store runs this now, and after each change of the map:\n")
		if g.Store != "" {
			fmt.Fprintf(w, "-- in %s\n", g.Store)
		}
		for _, sql := range g.SQL {
			fmt.Fprintf(w, "%s;\n", sql)
		}
	}
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// The databases, as they would be two servers in production.
const (
	portalName = "portal"
	storeName  = "crowsstack_demo"
)

// server is the PostgreSQL that everything runs on: a private one, or one whose
// address was given.
type server struct {
	private *pgdev.Server // nil if the address was given
	address *url.URL      // of the administrator
	secrets map[string]string
}

func openServer(ctx context.Context, o options, d dirs) (*server, error) {
	if o.database != "" {
		u, err := url.Parse(o.database)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return nil, errors.New("the database address cannot be read: expected postgres://administrator:password@host/postgres")
		}
		say("Database      the one whose address was given")
		return &server{address: u, secrets: map[string]string{}}, nil
	}
	if err := pgdev.Provide(ctx, d.pgbin, os.Stderr); err != nil {
		return nil, err
	}
	s, err := pgdev.Start(ctx, pgdev.Options{Dir: d.postgres, Bundled: d.pgbin, Notice: say})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(s.DSN("postgres", "postgres"))
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return &server{private: s, address: u}, nil
}

func (s *server) close() error {
	if s.private == nil {
		return nil
	}
	return s.private.Stop()
}

// gone is closed when a private server has died.
func (s *server) gone() <-chan struct{} {
	if s.private == nil {
		return nil
	}
	return s.private.Done()
}

// home is where a private server lives.
func (s *server) home() string {
	if s.private == nil {
		return ""
	}
	return s.private.Dir
}

// dsn is a database's address for a role, "" for the administrator.
func (s *server) dsn(role, database string) string {
	u := *s.address
	u.Path = "/" + database
	if role != "" {
		u.User = url.User(role)
		if secret := s.secrets[role]; secret != "" {
			u.User = url.UserPassword(role, secret)
		}
	}
	return u.String()
}

// admit lets a role sign in on a server that asks for passwords: it gets a new
// one at each start, known to nobody but the processes.
func (s *server) admit(ctx context.Context, db *pgxpool.Pool, roles ...string) error {
	if s.private != nil {
		return nil // who can enter the socket directory is trusted
	}
	for _, role := range roles {
		s.secrets[role] = rand.Text()
		if _, err := db.Exec(ctx, fmt.Sprintf("ALTER ROLE %s LOGIN PASSWORD '%s'", pgx.Identifier{role}.Sanitize(), s.secrets[role])); err != nil {
			return fmt.Errorf("let %s sign in: %w", role, err)
		}
	}
	return nil
}

// as runs fn on a database as the administrator.
func (s *server) as(ctx context.Context, database string, fn func(*pgxpool.Pool) error) error {
	db, err := pg.Open(ctx, s.dsn("", database))
	if err != nil {
		return err
	}
	defer db.Close()
	return fn(db)
}

func (s *server) create(ctx context.Context, name string) error {
	return s.as(ctx, "postgres", func(db *pgxpool.Pool) error {
		var there bool
		if err := db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
			return err
		}
		_, err := db.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
		return err
	})
}

func (s *server) drop(ctx context.Context, name string) error {
	return s.as(ctx, "postgres", func(db *pgxpool.Pool) error {
		_, err := db.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
		return err
	})
}

// prepare brings both databases up to date and fills what is empty.
func prepare(ctx context.Context, o options, d dirs, s *server, keys *seal.Keyring) (members []staff.DemoMember, err error) {
	for _, name := range []string{portalName, storeName} {
		if err := s.create(ctx, name); err != nil {
			return nil, fmt.Errorf("make the database %s: %w", name, err)
		}
	}
	err = s.as(ctx, portalName, func(db *pgxpool.Pool) error {
		if _, err := pg.Migrate(ctx, db); err != nil {
			return err
		}
		if err := s.admit(ctx, db, "portal_web", "portal_worker"); err != nil {
			return err
		}
		// The demo staff needs no mail to sign in the first time, hence no outbox.
		members, err = staff.NewRoster(db, nil, keys, nil).SeedDemo(ctx)
		if err != nil {
			return err
		}
		return writeStaff(d, members)
	})
	if err != nil {
		return nil, err
	}
	err = s.as(ctx, storeName, func(db *pgxpool.Pool) error { return fillStore(ctx, o, d, s, db) })
	return members, err
}

// fillStore makes the demo messaging store, with our ledger in it.
func fillStore(ctx context.Context, o options, d dirs, s *server, db *pgxpool.Pool) error {
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		return err
	}
	if err := demo.Create(ctx, db); err != nil {
		return err
	}
	loaded, err := demo.Loaded(ctx, db)
	if err != nil {
		return err
	}
	switch {
	case !loaded:
		say("Demo store    loading %d rows …", o.rows)
		if _, err := demo.Load(ctx, db, demo.Options{Seed: 1, Rows: o.rows, Objects: d.objects}); err != nil {
			return err
		}
	case o.rowsSet && !o.reset:
		say("Demo store    is there already; another size takes effect with a reset (make run RESET=1)")
	}
	if _, err := connector.Migrate(ctx, db); err != nil {
		return err
	}
	for _, grant := range connector.Grants(m) {
		if _, err := db.Exec(ctx, grant); err != nil {
			return fmt.Errorf("grant the worker its rights in the store: %w", err)
		}
	}
	return s.admit(ctx, db, "portal_exec")
}

// Package pgtest gives each test a PostgreSQL database of its own.
package pgtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg"
)

// Main runs a package's tests and takes down the server that they used, if it
// was started for them.
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	droppers.Wait()
	stopPrivate()
	os.Exit(code)
}

// New gives the test its own database with the portal's schema, ours and the
// job queue's. It is dropped when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	name, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return clone(t, name)
}

// Blank gives the test its own empty database.
func Blank(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return clone(t, "template0")
}

// As gives a second pool on the test's database that has the rights of a role
// and no others.
func As(t testing.TB, db *pgxpool.Pool, role string) *pgxpool.Pool {
	t.Helper()
	cfg := db.Config()
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET SESSION AUTHORIZATION "+pgx.Identifier{role}.Sanitize())
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open a pool as %s: %v", role, err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// DSN is the address of the test's database, for a process that the test
// starts. On a private server any role may use it without a password; "" is
// the role of the pool.
func DSN(db *pgxpool.Pool, role string) string {
	cc := db.Config().ConnConfig
	u := url.URL{Scheme: "postgres", User: url.User(cmp.Or(role, cc.User)), Path: "/" + cc.Database}
	if cc.Password != "" && (role == "" || role == cc.User) {
		u.User = url.UserPassword(cc.User, cc.Password)
	}
	u.RawQuery = url.Values{"host": {cc.Host}, "port": {strconv.Itoa(int(cc.Port))}}.Encode()
	return u.String()
}

// droppers are the databases that are being dropped. Dropping waits for a
// barrier among the server's processes, so tests do not wait for it.
var droppers sync.WaitGroup

func clone(t testing.TB, from string) *pgxpool.Pool {
	t.Helper()
	ctx := t.Context()
	admin, err := administrator()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if err := create(ctx, admin, name, from); err != nil {
		t.Fatalf("make a database for the test: %v", err)
	}
	cfg := admin.Config()
	cfg.ConnConfig.Database = name
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.MaxConns, cfg.MinConns = 10, 0
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		pool.Close()
		droppers.Go(func() {
			// The server is thrown away anyway; a failure only costs space.
			_, _ = admin.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		})
	})
	return pool
}

// create copies a database. Copying files is faster than writing every page to
// the write-ahead log, which is the way since version 15.
func create(ctx context.Context, admin *pgxpool.Pool, name, from string) error {
	sql := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, from)
	var version int
	if err := admin.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if version >= 150000 {
		sql += " STRATEGY FILE_COPY"
	}
	_, err := admin.Exec(ctx, sql)
	return err
}

// template names the migrated database that New copies. The first process that
// asks makes it; the hash of the schema in its name keeps versions apart.
var template = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	admin, err := administrator()
	if err != nil {
		return "", err
	}
	hash, err := pg.SchemaHash()
	if err != nil {
		return "", err
	}
	name := "template_" + hash[:16]
	// The lock goes with its session, which is closed here, not pooled.
	lock, err := pgx.ConnectConfig(ctx, admin.Config().ConnConfig)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer lock.Close(ctx)
	if _, err := lock.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", fmt.Errorf("wait for the template: %w", err)
	}
	var exists bool
	if err := lock.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	return name, makeTemplate(ctx, admin, name)
})

func makeTemplate(ctx context.Context, admin *pgxpool.Pool, name string) error {
	draft := name + "_draft"
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+draft+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("remove a half-made template: %w", err)
	}
	if err := create(ctx, admin, draft, "template0"); err != nil {
		return fmt.Errorf("make the template: %w", err)
	}
	cfg := admin.Config()
	cfg.ConnConfig.Database = draft
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open the template: %w", err)
	}
	_, err = pg.Migrate(ctx, db)
	db.Close()
	if err != nil {
		return err
	}
	// A connection to the template would block its copies: allow none.
	for _, sql := range []string{
		"ALTER DATABASE " + draft + " RENAME TO " + name,
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false",
	} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("finish the template: %w", err)
		}
	}
	return nil
}

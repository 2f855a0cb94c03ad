// Package stores holds foreign messaging stores for tests: schema, neighbours
// in any number, a planted person with look-alikes, a data map, and what an
// export and a deletion must come to, row by row.
package stores

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed kontor recado feira
var files embed.FS

// Store is one foreign store. It shares no name and no shape with the others.
type Store struct {
	Name   string
	Schema string
	Case   Case
	// Objects are the files of its object storage: key → what is in it.
	Objects map[string]string
}

// All are the stores, the simplest to understand first.
var All = []*Store{&Kontor, &Recado, &Feira}

// Map is the store's data map.
func (s *Store) Map() []byte { return []byte(s.read("map.yaml")) }

func (s *Store) read(name string) string {
	b, err := files.ReadFile(s.Name + "/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(b)
}

// Load makes the store in an empty database: scale neighbours with ten messages
// each, and the planted case. It commits once, so that a table is filled in the
// transaction that made it. Keys come last: references are then checked at once.
func (s *Store) Load(ctx context.Context, db *pgxpool.Pool, scale int) error {
	var sql strings.Builder
	fmt.Fprintf(&sql, "BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL timezone = 'UTC'; SET LOCAL search_path = %q;\n", s.Schema)
	for _, name := range []string{"tables.sql", "fill.sql", "case.sql", "keys.sql"} {
		sql.WriteString(strings.ReplaceAll(s.read(name), "{{scale}}", strconv.Itoa(scale)))
	}
	sql.WriteString("\nCOMMIT; ANALYZE;")
	if s.Schema != "public" {
		if _, err := db.Exec(ctx, fmt.Sprintf("CREATE SCHEMA %q", s.Schema)); err != nil {
			return fmt.Errorf("make the schema of %s: %w", s.Name, err)
		}
	}
	if _, err := db.Exec(ctx, sql.String()); err != nil {
		return fmt.Errorf("load %s: %w", s.Name, err)
	}
	return nil
}

// WriteObjects writes the object storage below a directory.
func (s *Store) WriteObjects(dir string) error {
	for key, body := range s.Objects {
		path := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			return err
		}
	}
	return nil
}

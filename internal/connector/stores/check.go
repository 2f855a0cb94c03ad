package stores

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Prints are fingerprints of every row of every table: table → key → MD5 over
// the row. Partitions count as their table.
type Prints map[string]map[string][16]byte

// relation is a table or a materialised view, with the SQL that reads it.
type relation struct {
	name  string
	view  bool
	key   string // expression of the row's key as text
	bytea []string
}

func ident(names ...string) string { return pgx.Identifier(names).Sanitize() }

func (s *Store) relations(ctx context.Context, db *pgxpool.Pool) ([]relation, error) {
	rows, err := db.Query(ctx, `
		SELECT c.relname::text, c.relkind = 'm',
		       ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos), pg_attribute a
		             WHERE i.indrelid = c.oid AND (i.indisprimary OR c.relkind = 'm' AND i.indisunique) AND a.attrelid = c.oid AND a.attnum = k.num ORDER BY k.pos),
		       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped ORDER BY a.attnum)
		FROM pg_class c WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition ORDER BY c.relname`, ident(s.Schema))
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", s.Name, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r relation, err error) {
		var key []string
		if err := row.Scan(&r.name, &r.view, &key, &r.bytea); err != nil {
			return r, err
		}
		r.key = "md5(x::text)"
		if len(key) > 0 {
			for i := range key {
				key[i] = "coalesce(" + ident("x", key[i]) + "::text, '')"
			}
			r.key = strings.Join(key, " || '|' || ")
		}
		return r, nil
	})
}

// Take fingerprints the whole store.
func (s *Store) Take(ctx context.Context, db *pgxpool.Pool) (Prints, error) {
	all, err := s.relations(ctx, db)
	if err != nil {
		return nil, err
	}
	out := Prints{}
	for _, r := range all {
		if r.view {
			continue // made of the tables' rows; the canaries are searched in it
		}
		prints := map[string][16]byte{}
		rows, err := db.Query(ctx, fmt.Sprintf("SELECT %s, decode(md5(row_to_json(x)::text), 'hex') FROM %s x", r.key, ident(s.Schema, r.name)))
		if err != nil {
			return nil, fmt.Errorf("fingerprint %s: %w", r.name, err)
		}
		var key string
		var sum []byte
		_, err = pgx.ForEachRow(rows, []any{&key, &sum}, func() error { prints[key] = [16]byte(sum); return nil })
		if err != nil {
			return nil, fmt.Errorf("fingerprint %s: %w", r.name, err)
		}
		out[r.name] = prints
	}
	return out, nil
}

// Hits says in which rows of which tables and materialised views each pattern
// stands. A row is read as JSON, so that quoted text is found as it is written;
// binary columns are decoded. plain are texts, not expressions.
func (s *Store) Hits(ctx context.Context, db *pgxpool.Pool, patterns []string, plain bool) (map[string]Rows, error) {
	all, err := s.relations(ctx, db)
	out := map[string]Rows{}
	if err != nil || len(patterns) == 0 {
		return out, err
	}
	// LIKE is many times as fast as an expression, and lower makes it blind to
	// case; what it lets through is told apart by pattern.
	match, some := "y.body ~* p", "true"
	if plain {
		match, some = "strpos(y.body, lower(p)) > 0", "y.body LIKE ANY (SELECT '%' || lower(p) || '%' FROM unnest($1::text[]) p)"
	}
	var parts []string
	for _, r := range all {
		body := "row_to_json(x)::text"
		for _, name := range r.bytea {
			body += " || ' ' || coalesce(encode(" + ident("x", name) + ", 'escape'), '')"
		}
		parts = append(parts, fmt.Sprintf("SELECT p, '%s', y.k FROM (SELECT %s AS k, lower(%s) AS body FROM %s x OFFSET 0) y, unnest($1::text[]) p WHERE %s AND %s",
			strings.ReplaceAll(r.name, "'", "''"), r.key, body, ident(s.Schema, r.name), some, match))
	}
	rows, err := db.Query(ctx, strings.Join(parts, "\nUNION ALL ")+" ORDER BY 1, 2, 3", patterns)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", s.Name, err)
	}
	var pattern, table, key string
	_, err = pgx.ForEachRow(rows, []any{&pattern, &table, &key}, func() error {
		if out[pattern] == nil {
			out[pattern] = Rows{}
		}
		out[pattern][table] = append(out[pattern][table], key)
		return nil
	})
	return out, err
}

// Planted holds a freshly loaded store against its case: every canary is there,
// every row that is expected to change exists, every derived copy is right.
func (s *Store) Planted(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	var wrong []string
	c := &s.Case
	tokens := slices.Concat(c.Appear, c.Review, c.Hidden, c.Gone, c.Still)
	hits, err := s.Hits(ctx, db, tokens, true)
	if err != nil {
		return nil, err
	}
	for _, token := range tokens {
		if len(hits[token]) == 0 {
			wrong = append(wrong, fmt.Sprintf("the canary %s is nowhere", token))
		}
	}
	prints, err := s.Take(ctx, db)
	if err != nil {
		return nil, err
	}
	lists := []Rows{c.Deleted, c.Changed, c.MayChange, c.Reported, c.Withheld}
	for _, p := range c.Probes {
		lists = append(lists, p.Match, p.Candidates)
	}
	for _, list := range lists {
		for table, keys := range list {
			for _, key := range keys {
				if _, ok := prints[table][key]; !ok {
					wrong = append(wrong, fmt.Sprintf("%s has no row %s", table, key))
				}
			}
		}
	}
	for _, key := range slices.Concat(c.Removed, c.Kept) {
		if _, ok := s.Objects[key]; !ok {
			wrong = append(wrong, fmt.Sprintf("there is no object %s", key))
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong), nil
}

// Erased says what is wrong after the case's deletion. before was taken before
// it; dir is the object storage, "" if none is looked at.
func (s *Store) Erased(ctx context.Context, db *pgxpool.Pool, before Prints, dir string) ([]string, error) {
	after, err := s.Take(ctx, db)
	if err != nil {
		return nil, err
	}
	wrong := s.Case.Compare(before, after)
	for _, look := range []func(context.Context, *pgxpool.Pool) ([]string, error){s.canaries, s.residue, s.zeros} {
		more, err := look(ctx, db)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, more...)
	}
	if dir != "" {
		wrong = append(wrong, s.objects(dir)...)
	}
	return wrong, nil
}

// Untouched says which rows differ, whatever they are: for everything that must
// change nothing.
func Untouched(before, after Prints) []string {
	return (&Case{}).Compare(before, after)
}

// Compare holds every row after a deletion against the case. It is the part of
// Erased that takes no longer for many canaries.
func (c *Case) Compare(before, after Prints) []string {
	var wrong []string
	deleted, changed, may := c.Deleted.set(), c.Changed.set(), c.MayChange.set()
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for table, rows := range before {
		for key, print := range rows {
			now, there := after[table][key]
			switch row := [2]string{table, key}; {
			case deleted[row]:
				if there {
					add("not deleted: %s %s", table, key)
				}
			case !there:
				add("deleted, and should not be: %s %s", table, key)
			case changed[row]:
				if now == print {
					add("not changed: %s %s", table, key)
				}
			case now != print && !may[row]:
				add("changed, and should not be: %s %s", table, key)
			}
		}
	}
	for table, rows := range after {
		for key := range rows {
			if _, known := before[table][key]; !known && !slices.Contains(c.MayAdd, table) {
				add("added: %s %s", table, key)
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

func (s *Store) canaries(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	var wrong []string
	hits, err := s.Hits(ctx, db, slices.Concat(s.Case.Gone, s.Case.Still), true)
	if err != nil {
		return nil, err
	}
	for _, token := range s.Case.Gone {
		if len(hits[token]) > 0 {
			wrong = append(wrong, fmt.Sprintf("the canary %s is still in %v", token, hits[token]))
		}
	}
	for _, token := range s.Case.Still {
		if len(hits[token]) == 0 {
			wrong = append(wrong, fmt.Sprintf("the neighbour's canary %s is gone", token))
		}
	}
	return wrong, nil
}

func (s *Store) residue(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	var wrong, patterns []string
	for _, r := range s.Case.Residue {
		patterns = append(patterns, r.Pattern)
	}
	hits, err := s.Hits(ctx, db, patterns, false)
	if err != nil {
		return nil, err
	}
	for _, r := range s.Case.Residue {
		allowed := r.Allowed.set()
		for table, keys := range hits[r.Pattern] {
			for _, key := range keys {
				if !allowed[[2]string{table, key}] {
					wrong = append(wrong, fmt.Sprintf("an identifier /%s/ is left in %s %s", r.Pattern, table, key))
				}
			}
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

func (s *Store) zeros(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	var wrong []string
	for _, z := range s.Case.Zero {
		var n int64
		if err := db.QueryRow(ctx, z.SQL).Scan(&n); err != nil {
			return nil, fmt.Errorf("%s: %w", z.Name, err)
		}
		if n != 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d rows", z.Name, n))
		}
	}
	return wrong, nil
}

func (s *Store) objects(dir string) []string {
	var wrong []string
	there := func(key string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(key)))
		return err == nil
	}
	for key := range s.Objects {
		switch gone := slices.Contains(s.Case.Removed, key); {
		case gone && there(key):
			wrong = append(wrong, "an object is still there: "+key)
		case !gone && !there(key):
			wrong = append(wrong, "somebody's object is gone: "+key)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// Exported says what is wrong with an export: its text, and the rows it counts.
func (s *Store) Exported(text string, rows map[string]int) []string {
	var wrong []string
	low := strings.ToLower(text)
	for _, token := range slices.Concat(s.Case.Appear, s.Case.Review, s.Case.Files) {
		if !strings.Contains(low, strings.ToLower(token)) {
			wrong = append(wrong, "missing from the export: "+token)
		}
	}
	for _, token := range slices.Concat(s.Case.Hidden, s.Case.Foreign) {
		if strings.Contains(low, strings.ToLower(token)) {
			wrong = append(wrong, "leaked into the export: "+token)
		}
	}
	for table, n := range s.Case.Exported {
		if rows[table] != n {
			wrong = append(wrong, fmt.Sprintf("%s: %d rows exported, expected %d", table, rows[table], n))
		}
	}
	for table, n := range rows {
		if _, expected := s.Case.Exported[table]; !expected && n > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d rows exported, expected none", table, n))
		}
	}
	slices.Sort(wrong)
	return wrong
}

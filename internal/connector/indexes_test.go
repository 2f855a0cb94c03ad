package connector_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
)

var statement = regexp.MustCompile(`CREATE INDEX ON .* would help`)

// TestTheIndexThatIsAskedForHelps does what the findings say, after which they
// must be gone: the statement is right, and the check sees what it made.
func TestTheIndexThatIsAskedForHelps(t *testing.T) {
	t.Parallel()
	s, pool := inbox(t, "in: [numbers], json: \"[]\"", "in: [numbers], json: \"[]\", stored: normal")
	trigrams := rows(t, pool, "SELECT name::text FROM pg_available_extensions WHERE name = 'pg_trgm'")
	if len(trigrams) > 0 {
		exec(t, pool, "CREATE EXTENSION pg_trgm")
	}
	missing := func() (out []string) {
		findings, err := s.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if f.Code == connector.MissingIndex {
				out = append(out, f.Detail)
			}
		}
		return out
	}
	before := missing()
	if len(before) < 20 {
		t.Errorf("only %d indexes are asked for: %v", len(before), before)
	}
	for _, detail := range before {
		sql := strings.TrimSuffix(statement.FindString(detail), " would help")
		if strings.Contains(sql, "gin_trgm_ops") && len(trigrams) == 0 {
			continue // this server has no trigrams
		}
		exec(t, pool, sql)
	}
	for _, detail := range missing() {
		if !strings.Contains(detail, "gin_trgm_ops") || len(trigrams) > 0 {
			t.Error(detail)
		}
	}
}

// tracer notes the statements of a search.
type tracer struct{ ran []pgx.TraceQueryStartData }

func (r *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.ran = append(r.ran, d)
	return ctx
}

func (r *tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestNoSearchReadsAWholeTable: what a search costs grows with the person's
// rows, not with the store's. Free text is another matter, and is left out here.
func TestNoSearchReadsAWholeTable(t *testing.T) {
	t.Parallel()
	s, pool := inbox(t, "in: [numbers], json: \"[]\"", "in: [numbers], json: \"[]\", stored: normal", "terms: [phone, email, name, key]", "terms: []")
	if len(rows(t, pool, "SELECT name::text FROM pg_available_extensions WHERE name = 'pg_trgm'")) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no pg_trgm: install PostgreSQL's contrib modules, the cost of a search is not left out in CI")
		}
		t.Skip("SKIPPED: this server has no pg_trgm, without which JSON in text is read row by row")
	}
	exec(t, pool, "CREATE EXTENSION pg_trgm")
	exec(t, pool, read(t, "inbox.fill.sql"))
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code == connector.MissingIndex {
			exec(t, pool, strings.TrimSuffix(statement.FindString(f.Detail), " would help"))
		}
	}
	exec(t, pool, "ANALYZE")
	config, seen := pool.Config(), &tracer{}
	config.ConnConfig.Tracer = seen
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer traced.Close()
	engine, err := connector.Open(t.Context(), traced, s.Map(), connector.Options{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	f := find(t, engine, lucia)
	if len(f.Matches) != 4 {
		t.Fatalf("%d matches", len(f.Matches))
	}
	looked := 0
	for _, d := range seen.ran {
		if !strings.Contains(d.SQL, `"inbox".`) {
			continue
		}
		looked++
		plan := explain(t, pool, d)
		for line := range strings.SplitSeq(plan, "\n") {
			table, ok := strings.CutPrefix(strings.TrimLeft(line, " ->"), "Seq Scan on ")
			if ok && !strings.HasPrefix(table, "firm ") && !strings.HasPrefix(table, "field ") {
				t.Errorf("reads all of %s:\n%s\n%s", table, d.SQL, plan)
			}
		}
	}
	if looked < 40 {
		t.Errorf("only %d statements were looked at", looked)
	}
}

func explain(t *testing.T, pool *pgxpool.Pool, d pgx.TraceQueryStartData) string {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL search_path = pg_catalog, inbox"); err != nil {
		t.Fatal(err)
	}
	lines, err := tx.Query(t.Context(), "EXPLAIN "+d.SQL, d.Args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(lines, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", d.SQL, err)
	}
	return strings.Join(out, "\n")
}

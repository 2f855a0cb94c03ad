package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// lookups measures the statements that find contacts by number and by address,
// as a search runs them, against pgbench with the same statements.
func (b *bench) lookups(s *store) error {
	for _, kind := range []string{"number", "address"} {
		r := results{}
		for range b.rounds {
			out, err := b.measure(task{Do: "lookup", By: kind}, b.db.DSN(connector.ExecRole, s.name))
			if err != nil {
				return err
			}
			limit, err := b.pgbench(s.name, out.Statement)
			if err != nil {
				return err
			}
			r["lookup"] = append(r["lookup"], out)
			r["pgbench"] = append(r["pgbench"], limit)
		}
		if err := r.print(figure{Name: "lookup by " + kind, Unit: "ms", Against: "pgbench's latency of the same statement", Aim: 2,
			Note: fmt.Sprintf("among the contacts of %d messages", s.messages), ours: "lookup", limit: "pgbench", metric: p50}); err != nil {
			return err
		}
	}
	return nil
}

// listener takes down one statement of a search and how long it takes.
type listener struct {
	column string
	sql    string
	args   []any
	took   []float64 // ms
	begun  time.Time
}

func (l *listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	l.begun = time.Time{}
	if strings.Contains(d.SQL, `FROM "public"."contacts"`) && strings.Contains(d.SQL, l.column) && len(d.Args) == 1 {
		l.sql, l.args, l.begun = d.SQL, d.Args, time.Now()
	}
	return ctx
}

func (l *listener) TraceQueryEnd(_ context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if !l.begun.IsZero() {
		l.took = append(l.took, float64(time.Since(l.begun).Microseconds())/1000)
	}
}

// lookup searches a hundred times and listens.
func lookup(ctx context.Context, t task) (out outcome, err error) {
	who, l := connector.Subject{Email: demo.Lukas.Email}, &listener{column: `WHERE lower("t"."email")`}
	if t.By == "number" {
		who, l.column = connector.Subject{Phone: "+" + demo.Lukas.Contacts[0].WaID}, `WHERE regexp_replace("t"."phone"`
	}
	cfg, err := pgxpool.ParseConfig(t.Database)
	if err != nil {
		return out, errors.New("the database address cannot be read")
	}
	cfg.ConnConfig.Tracer = l
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return out, fmt.Errorf("open the database pool: %w", err)
	}
	defer db.Close()
	m, err := theMap()
	if err != nil {
		return out, err
	}
	store, err := connector.Open(ctx, db, m, connector.Options{Secret: []byte("only for a benchmark")})
	if err != nil {
		return out, err
	}
	begun := time.Now()
	for range 100 {
		if _, err := store.Find(ctx, who); err != nil {
			return out, err
		}
	}
	if len(l.took) < 100 {
		return out, fmt.Errorf("a search asks %d times in 100 for contacts by %s: is there another statement now?", len(l.took), t.By)
	}
	values, ok := l.args[0].([]string)
	if !ok {
		return out, fmt.Errorf("the statement takes %T and not a list of texts", l.args[0])
	}
	out = outcome{Seconds: time.Since(begun).Seconds(), P50: median(l.took), Rows: int64(len(l.took))}
	out.Statement = strings.ReplaceAll(l.sql, "$1", "ARRAY["+quoted(values)+"]")
	return out, nil
}

func quoted(values []string) string {
	var out []string
	for _, v := range values {
		v = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(v) // a script has a statement in lines of its own
		out = append(out, "E'"+v+"'")
	}
	return strings.Join(out, ", ")
}

// pgbench runs a statement as often as it can, one after the other.
func (b *bench) pgbench(database, statement string) (out outcome, err error) {
	script := filepath.Join(b.dir, "lookup.sql")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(statement, "\n", " ")+";\n"), 0o644); err != nil {
		return out, fmt.Errorf("write a script for pgbench: %w", err)
	}
	seconds := "3"
	if b.o.quick {
		seconds = "1"
	}
	cmd := exec.CommandContext(b.ctx, "pgbench", "-n", "-M", "prepared", "-c", "1", "-T", seconds, "-f", script,
		b.db.DSN(connector.ExecRole, database)+"&options=-c%20plan_cache_mode%3Dforce_custom_plan") // as our searches are planned
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Run(); err != nil {
		return out, fmt.Errorf("pgbench: %w\n%s", err, text.Bytes())
	}
	for line := range strings.Lines(text.String()) {
		if ms, ok := strings.CutPrefix(strings.TrimSpace(line), "latency average = "); ok {
			out.P50, err = strconv.ParseFloat(strings.TrimSuffix(ms, " ms"), 64)
			return out, err
		}
	}
	return out, fmt.Errorf("pgbench does not report its latency:\n%s", text.Bytes())
}

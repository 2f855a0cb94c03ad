package process

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// Check tells whether something that the process needs is there.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// Ops is the operator's port.
type Ops struct {
	DB     *pgxpool.Pool
	Office *privacy.Office
	Checks []Check // besides the database and its schema
}

// Handler serves /healthz (the process lives), /readyz (it can do its work) and
// /metrics.
func (o *Ops) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", o.ready)
	mux.HandleFunc("GET /metrics", o.metrics)
	return mux
}

// patience bounds each check, so that a probe gets its answer.
const patience = 3 * time.Second

func (o *Ops) ready(w http.ResponseWriter, r *http.Request) {
	checks := append([]Check{
		{"database", o.DB.Ping},
		{"schema", func(ctx context.Context) error { return CheckSchema(ctx, o.DB) }},
	}, o.Checks...)
	status, lines := http.StatusOK, ""
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		err := c.Do(ctx)
		cancel()
		if err != nil {
			slog.Warn("not ready", "check", c.Name, "err", err)
			status, lines = http.StatusServiceUnavailable, lines+c.Name+": no\n"
			continue
		}
		lines += c.Name + ": ok\n"
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, lines) // a probe that hung up needs no answer
}

// CheckSchema says so when the database lacks migrations.
func CheckSchema(ctx context.Context, db *pgxpool.Pool) error {
	pending, err := pg.Pending(ctx, db)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the database lacks %d migrations, the first is %s: run portalctl migrate -apply", len(pending), pending[0])
	}
	return nil
}

// metrics writes the text format of Prometheus. Labels come from closed sets.
func (o *Ops) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")

	up := 1
	open, err := o.Office.OpenByState(ctx)
	if err == nil {
		gauge(w, "portal_requests_open", "Requests that are not final, by state.")
		for _, state := range slices.Sorted(maps.Keys(open)) {
			fmt.Fprintf(w, "portal_requests_open{state=%q} %d\n", state, open[state])
		}
		err = jobs(ctx, w, o.DB)
	}
	if err != nil {
		slog.Warn("read the figures", "err", err)
		up = 0
	}
	pool := o.DB.Stat()
	for _, g := range []struct {
		name, help string
		value      int64
	}{
		{"portal_database_up", "1 if the figures from the database could be read.", int64(up)},
		{"portal_database_connections", "Connections in the pool.", int64(pool.TotalConns())},
		{"portal_database_connections_busy", "Connections in use.", int64(pool.AcquiredConns())},
		{"go_goroutines", "Goroutines.", int64(runtime.NumGoroutine())},
	} {
		gauge(w, g.name, g.help)
		fmt.Fprintf(w, "%s %d\n", g.name, g.value)
	}
}

func gauge(w io.Writer, name, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// jobs counts what waits, runs or has failed for good, and the age of what has
// waited longest.
func jobs(ctx context.Context, w io.Writer, db *pgxpool.Pool) error {
	rows, err := db.Query(ctx, `
		SELECT kind, state::text, count(*), extract(epoch FROM now() - min(scheduled_at))::bigint
		FROM river_job WHERE state NOT IN ('completed', 'cancelled') GROUP BY kind, state ORDER BY kind, state`)
	if err != nil {
		return fmt.Errorf("count the jobs: %w", err)
	}
	var kind, state string
	var n, age, oldest int64
	gauge(w, "portal_jobs", "Jobs that are not done, by kind and state.")
	_, err = pgx.ForEachRow(rows, []any{&kind, &state, &n, &age}, func() error {
		if state == "available" {
			oldest = max(oldest, age)
		}
		_, err := fmt.Fprintf(w, "portal_jobs{kind=%q,state=%q} %d\n", kind, state, n)
		return err
	})
	if err != nil {
		return fmt.Errorf("count the jobs: %w", err)
	}
	gauge(w, "portal_jobs_oldest_seconds", "How long the first waiting job has been due.")
	_, err = fmt.Fprintf(w, "portal_jobs_oldest_seconds %d\n", oldest)
	return err
}

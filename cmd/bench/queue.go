package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

const queueName = "queue"

// place is where a page of the queue begins.
type place struct {
	at time.Time
	id uuid.UUID
}

// The page that is as far away as anybody would go.
const farPage = 5000

// filters are the ways in which the queue is narrowed, from what lets much
// through to what lets nearly nothing through.
var filters = []string{
	"view=action", "view=overdue", "view=unassigned", "view=approvals", "view=closed", "kind=deletion", "law=EU-LU&channel=post&lang=de",
	"who=me&state=in_review", "sort=received&from=2000-01-01&waits=person", "q=m%C3%BCller",
}

// queue measures the desk's first page with a million requests and sixteen
// members at once: against the same statement by pgbench, and against a bare
// page that shows the same rows to anybody.
func (b *bench) queue() error {
	n := 1_000_000
	if b.o.quick {
		n = 100_000
	}
	keys := seal.NewKey("bench")
	cookies, far, err := b.fillQueue(n, keys)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.dir, "datamap.yaml"), demo.DataMap, 0o644); err != nil {
		return fmt.Errorf("write the data map: %w", err)
	}
	first := place{time.Time{}, uuid.Nil}
	for _, p := range []struct {
		name string
		from place
		path string
	}{
		{"page 1", first, link.Desk},
		{"page " + strconv.Itoa(farPage), far, link.Desk + "?after=" + far.cursor()},
	} {
		if err := b.queuePage(p.name, p.path, p.from, keys, cookies); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return b.queueFilters(keys, cookies)
}

// cursor is how the queue writes a place of its first order.
func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte("due_at|" + p.at.UTC().Format(time.RFC3339Nano) + "|" + p.id.String()))
}

// queuePage takes three candidates in turn: ours, the bare page, pgbench.
func (b *bench) queuePage(name, path string, from place, keys string, cookies []string) error {
	r := results{}
	for range b.rounds {
		for _, t := range []task{
			{Do: "site", Database: b.db.DSN("portal_web", queueName), Dir: b.dir, Keys: keys, Body: filepath.Join(b.dir, "queue.html")},
			{Do: "bare queue", Database: b.db.DSN("portal_web", queueName)},
		} {
			at := path
			if t.Do != "site" {
				at = fmt.Sprintf("/?at=%s&id=%s", from.at.UTC().Format("2006-01-02T15:04:05.999999Z"), from.id)
			}
			out, err := b.servedQueue(t, cookies, at)
			if err != nil {
				return err
			}
			r[t.Do] = append(r[t.Do], out[0])
		}
		out, err := b.statement(from)
		if err != nil {
			return err
		}
		r["pgbench"] = append(r["pgbench"], out)
	}
	note := fmt.Sprintf("%d members at once, each with a session of their own; server, database and client on the same cores", len(cookies))
	of := func(what, unit, against, limit string, m metric) figure {
		return figure{Name: "queue, " + name + what, Unit: unit, Against: against, ours: "site", limit: limit, metric: m, Note: note}
	}
	bare := "echo, templ and the same keyset query, without a session"
	return r.print(of("", "requests/s", bare, "bare queue", rate), of(", p50", "ms", bare, "bare queue", p50), of(", p99", "ms", bare, "bare queue", p99),
		of(", processor", "ms/request", bare, "bare queue", processor), of(", against the statement", "requests/s", "the same statement by pgbench, prepared, "+strconv.Itoa(connections)+" clients", "pgbench", rate))
}

// queueFilters measures each filter, against the queue's first page.
func (b *bench) queueFilters(keys string, cookies []string) error {
	paths := []string{link.Desk}
	for _, f := range filters {
		paths = append(paths, link.Desk+"?"+f)
	}
	r := results{}
	for range b.rounds {
		out, err := b.servedQueue(task{Do: "site", Database: b.db.DSN("portal_web", queueName), Dir: b.dir, Keys: keys}, cookies, paths...)
		if err != nil {
			return err
		}
		for i, o := range out {
			r[paths[i]] = append(r[paths[i]], o)
		}
	}
	var figures []figure
	for i, f := range filters {
		of := func(what, unit string, m metric) figure {
			return figure{Name: "queue, " + f + what, Unit: unit, Against: "the queue's first page", ours: paths[i+1], limit: paths[0], metric: m}
		}
		figures = append(figures, of("", "requests/s", rate), of(", p50", "ms", p50), of(", p99", "ms", p99))
	}
	return r.print(figures...)
}

// statement runs the page's statement by itself.
func (b *bench) statement(from place) (out outcome, err error) {
	script := filepath.Join(b.dir, "page.sql")
	sql := fmt.Sprintf(bareSQL, "'"+from.at.UTC().Format("2006-01-02T15:04:05.999999Z")+"'::timestamptz", "'"+from.id.String()+"'::uuid")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(sql, "\n", " ")+";\n"), 0o644); err != nil {
		return out, fmt.Errorf("write the statement: %w", err)
	}
	cmd := exec.CommandContext(b.ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(connections), "-j", "2", "-T", strconv.Itoa(b.seconds()), "-f", script, b.db.DSN("portal_web", queueName))
	text, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("pgbench: %w\n%s", err, text)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "tps = "); ok {
			v, _, _ = strings.Cut(v, " ")
			out.Rate, err = strconv.ParseFloat(v, 64)
		}
	}
	if err != nil || out.Rate == 0 {
		return out, fmt.Errorf("pgbench does not report its rate:\n%s", text)
	}
	b.say("pgbench   %7.0f statements/s", out.Rate)
	return out, nil
}

func (b *bench) seconds() int {
	if b.o.quick {
		return 2
	}
	return 5
}

// fillQueue makes our own database with so many requests, and gives the cookies
// of the members who are signed in and where the far page begins.
func (b *bench) fillQueue(n int, keys string) (cookies []string, far place, err error) {
	b.say("filling the queue with %d requests", n)
	admin, err := b.db.create(b.ctx, queueName)
	if err != nil {
		return nil, far, err
	}
	defer admin.Close()
	if _, err := pg.Migrate(b.ctx, admin); err != nil {
		return nil, far, err
	}
	ring, err := seal.Parse(keys)
	if err != nil {
		return nil, far, err
	}
	members, err := team(b, admin)
	if err != nil {
		return nil, far, err
	}
	if err := fillFast(b, admin, n, members); err != nil {
		return nil, far, err
	}
	// The last row of the page before.
	skip := min(farPage-1, n/200)*50 - 1
	if err := admin.QueryRow(b.ctx, "SELECT due_at, id FROM requests WHERE queued ORDER BY due_at, id OFFSET $1 LIMIT 1", skip).Scan(&far.at, &far.id); err != nil {
		return nil, far, fmt.Errorf("look for the far page: %w", err)
	}
	for _, m := range members {
		cookie, err := signIn(b.ctx, admin, ring, staff.Member{ID: m})
		if err != nil {
			return nil, far, err
		}
		cookies = append(cookies, cookie)
	}
	return cookies, far, nil
}

// team makes as many members as there are connections.
func team(b *bench, admin *pgxpool.Pool) (ids []uuid.UUID, err error) {
	for i := range connections {
		id := uuid.New()
		_, err := admin.Exec(b.ctx, `INSERT INTO staff_members (id, email, name, roles, lang, totp_secret, enrolled_at)
			VALUES ($1, $2, $3, '{officer}', 'en', '\x00', now())`, id, fmt.Sprintf("member%d@desk.example", i), fmt.Sprintf("Member Number %c", 'A'+i))
		if err != nil {
			return nil, fmt.Errorf("make a member: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// fillFast writes the requests, unguarded, and then their indexes.
func fillFast(b *bench, admin *pgxpool.Pool, n int, members []uuid.UUID) error {
	conn, err := admin.Acquire(b.ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"SET session_replication_role = replica", nil},
		{`CREATE TEMPORARY TABLE later AS SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS make
			FROM pg_index i WHERE indrelid = 'requests'::regclass AND NOT indisunique`, nil},
		{`DO $$ DECLARE x record; BEGIN FOR x IN SELECT * FROM later LOOP EXECUTE 'DROP INDEX ' || x.name; END LOOP; END $$`, nil},
		{demo.Requests, []any{n, members}},
		{demo.Proposals, []any{members[0]}},
		{`UPDATE requests r SET proposed = true FROM proposals p WHERE p.request_id = r.id`, nil},
		{`DO $$ DECLARE x record; BEGIN FOR x IN SELECT * FROM later LOOP EXECUTE x.make; END LOOP; END $$`, nil},
		{"VACUUM ANALYZE", nil},
	} {
		if _, err := conn.Exec(b.ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("fill the queue: %w", err)
		}
	}
	return nil
}

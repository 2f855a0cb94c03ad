package privacy

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Period is what the dashboard looks back on. Catalogue: "desk.period.<period>".
type Period string

const (
	ThirtyDays   Period = "30d"
	TwelveWeeks  Period = "12w"
	TwelveMonths Period = "12m"
)

// Periods lists them in order; the second is shown first.
var Periods = []Period{ThirtyDays, TwelveWeeks, TwelveMonths}

// begins gives the beginnings of a period's days, weeks or months, and the end
// of the last one.
func (p Period) begins(now time.Time) []time.Time {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	var at []time.Time
	switch p {
	case ThirtyDays:
		for i := -29; i <= 1; i++ {
			at = append(at, today.AddDate(0, 0, i))
		}
	case TwelveMonths:
		for i := -11; i <= 1; i++ {
			at = append(at, time.Date(y, m+time.Month(i), 1, 0, 0, 0, 0, now.Location()))
		}
	default:
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		for i := -11; i <= 1; i++ {
			at = append(at, monday.AddDate(0, 0, 7*i))
		}
	}
	return at
}

// Interval is one bar of the dashboard.
type Interval struct {
	From               time.Time
	Received, Answered int64
}

// Workload is what lies on one member's desk. A nil Member is nobody's.
type Workload struct {
	Member              *uuid.UUID
	Name                string
	Open, Soon, Waiting int64
	Answered            int64
	Median              float64 // days
}

// Stage is a part of a request's life and how many days it takes on average.
// Catalogue: "desk.stage.<key>".
type Stage struct {
	Key  string
	Days float64
}

// BinDays is how many days one bar of the days to answer stands for.
const BinDays = 3

const bins = 15 // the last has all that took longer

// Figures is what the desk knows about its own work.
type Figures struct {
	Period    Period
	At        time.Time
	Intervals []Interval
	Open      int64
	OpenThen  int64 // seven days ago
	Overdue   int64
	Worst     *Request // the one that is overdue longest: its reference and due date
	Soon      int64
	SoonWait  int64 // of them, the person's turn
	Answered  int64
	InTime    int64
	Median    float64 // days from receipt to the answer
	Before    float64 // the same in the period before; 0 if nothing was answered
	ByKind    []KindCount
	Took      [bins]int64 // by three days each
	Due       [30]int64   // by days from today
	Stages    []Stage
	Work      []Workload
}

// KindCount is how many open requests are of a kind.
type KindCount struct {
	Kind Kind
	N    int64
}

// figured keeps the figures for a moment: everybody may look at them, and they
// are read from all requests of a year.
type figured struct {
	mu   sync.Mutex
	last map[Period]Figures
}

const figuresKept = time.Minute

// Figures counts for the dashboard. What it gives may be a minute old.
func (o *Office) Figures(ctx context.Context, by staff.Member, p Period) (Figures, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return Figures{}, err
	}
	if p != ThirtyDays && p != TwelveMonths {
		p = TwelveWeeks
	}
	o.figured.mu.Lock()
	defer o.figured.mu.Unlock()
	if last, ok := o.figured.last[p]; ok && o.now().Sub(last.At) < figuresKept && !o.now().Before(last.At) {
		return last, nil
	}
	f := Figures{Period: p, At: o.now()}
	// One snapshot for all of it, so that the parts add up.
	err := pgx.BeginTxFunc(ctx, o.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, count := range []func(context.Context, pgx.Tx, *Figures) error{countNow, countIntervals, countAnswers, countKinds, countDue, countStages, countWork} {
			if err := count(ctx, tx, &f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Figures{}, fmt.Errorf("count for the dashboard: %w", err)
	}
	if o.figured.last == nil {
		o.figured.last = map[Period]Figures{}
	}
	o.figured.last[p] = f
	return f, nil
}

// unanswered are the requests that were confirmed and not answered yet.
const unanswered = "r.state NOT IN ('received', 'closed', 'rejected', 'lapsed')"

// answered is an answer of ours: not a request that the person took back, nor one
// that another one answers.
const answered = "r.answered_at IS NOT NULL AND coalesce(r.outcome, '') NOT IN ('withdrawn', 'duplicate')"

// took is a request's days from receipt to the answer.
const took = "extract(epoch FROM r.answered_at - r.received_at) / 86400"

func countNow(ctx context.Context, tx pgx.Tx, f *Figures) error {
	err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE r.due_at < $1), count(*) FILTER (WHERE r.due_at >= $1 AND r.due_at < $1::timestamptz + interval '7 days'),
			count(*) FILTER (WHERE r.due_at >= $1 AND r.due_at < $1::timestamptz + interval '7 days' AND r.needs_person),
			count(*) - count(*) FILTER (WHERE r.verified_at >= $1::timestamptz - interval '7 days')
		FROM requests r WHERE `+unanswered, f.At).Scan(&f.Open, &f.Overdue, &f.Soon, &f.SoonWait, &f.OpenThen)
	if err != nil {
		return err
	}
	var since int64
	err = tx.QueryRow(ctx, `SELECT count(*) FROM requests r WHERE r.state IN ('closed', 'rejected') AND r.closed_at >= $1::timestamptz - interval '7 days' AND r.verified_at < $1::timestamptz - interval '7 days'`, f.At).Scan(&since)
	if err != nil || f.Overdue == 0 {
		f.OpenThen += since
		return err
	}
	f.OpenThen += since
	f.Worst = &Request{}
	return tx.QueryRow(ctx, "SELECT r.ref, r.due_at FROM requests r WHERE "+unanswered+" ORDER BY r.due_at, r.id LIMIT 1").Scan(&f.Worst.Ref, &f.Worst.DueAt)
}

func countIntervals(ctx context.Context, tx pgx.Tx, f *Figures) error {
	at := f.Period.begins(f.At)
	f.Intervals = make([]Interval, len(at)-1)
	for i := range f.Intervals {
		f.Intervals[i].From = at[i]
	}
	for _, one := range []struct {
		sql string
		add func(i int, n int64)
	}{
		{"SELECT width_bucket(r.received_at, $1::timestamptz[]), count(*) FROM requests r WHERE r.verified_at IS NOT NULL AND r.received_at >= $2 AND r.received_at < $3 GROUP BY 1", func(i int, n int64) { f.Intervals[i].Received = n }},
		{"SELECT width_bucket(r.answered_at, $1::timestamptz[]), count(*) FROM requests r WHERE " + answered + " AND r.answered_at >= $2 AND r.answered_at < $3 GROUP BY 1", func(i int, n int64) { f.Intervals[i].Answered = n }},
	} {
		rows, err := tx.Query(ctx, one.sql, at, at[0], at[len(at)-1])
		if err != nil {
			return err
		}
		var bucket int
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&bucket, &n}, func() error { one.add(bucket-1, n); return nil }); err != nil {
			return err
		}
	}
	return nil
}

func countAnswers(ctx context.Context, tx pgx.Tx, f *Figures) error {
	at := f.Period.begins(f.At)
	from, until := at[0], at[len(at)-1]
	err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE r.answered_at <= r.due_at), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY `+took+`), 0)
		FROM requests r WHERE `+answered+` AND r.answered_at >= $1 AND r.answered_at < $2`, from, until).Scan(&f.Answered, &f.InTime, &f.Median)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY `+took+`), 0) FROM requests r WHERE `+answered+` AND r.answered_at >= $1 AND r.answered_at < $2`,
		from.Add(-until.Sub(from)), from).Scan(&f.Before)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT least(%d, greatest(0, floor(%s / %d)))::int, count(*) FROM requests r WHERE %s AND r.answered_at >= $1 AND r.answered_at < $2 GROUP BY 1`,
		bins-1, took, BinDays, answered), from, until)
	if err != nil {
		return err
	}
	var bin int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&bin, &n}, func() error { f.Took[bin] = n; return nil })
	return err
}

func countKinds(ctx context.Context, tx pgx.Tx, f *Figures) error {
	rows, err := tx.Query(ctx, "SELECT r.kind, count(*) FROM requests r WHERE "+unanswered+" GROUP BY r.kind ORDER BY 2 DESC, 1")
	if err != nil {
		return err
	}
	f.ByKind, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k KindCount, err error) { return k, row.Scan(&k.Kind, &k.N) })
	return err
}

func countDue(ctx context.Context, tx pgx.Tx, f *Figures) error {
	y, m, d := f.At.Date()
	days := make([]time.Time, len(f.Due)+1)
	for i := range days {
		days[i] = time.Date(y, m, d+i, 0, 0, 0, 0, f.At.Location())
	}
	rows, err := tx.Query(ctx, "SELECT width_bucket(r.due_at, $1::timestamptz[]), count(*) FROM requests r WHERE "+unanswered+" AND r.due_at >= $2 AND r.due_at < $3 GROUP BY 1", days, days[0], days[len(days)-1])
	if err != nil {
		return err
	}
	var day int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&day, &n}, func() error { f.Due[day-1] = n; return nil })
	return err
}

// countStages looks at requests that were answered with something that two
// people decided: only they went through every stage.
func countStages(ctx context.Context, tx pgx.Tx, f *Figures) error {
	at := f.Period.begins(f.At)
	keys := []string{"confirm", "search", "review", "approval", "person", "answer"}
	days := make([]float64, len(keys))
	into := make([]any, len(keys))
	for i := range days {
		into[i] = &days[i]
	}
	span := func(until, from string) string {
		return "coalesce(avg(greatest(0, extract(epoch FROM " + until + " - " + from + ")) / 86400), 0)"
	}
	err := tx.QueryRow(ctx, `SELECT `+span("r.verified_at", "r.received_at")+`, `+span("p.made_at", "r.verified_at")+`, `+span("p.prepared_at", "p.made_at")+`, `+span("p.decided_at", "p.prepared_at")+`,
			`+span("greatest(r.runs_at, p.decided_at)", "p.decided_at")+`, `+span("r.answered_at", "greatest(r.runs_at, p.decided_at)")+`
		FROM requests r JOIN proposals p ON p.request_id = r.id AND p.decision = 'approved' AND p.prepared_at IS NOT NULL
		WHERE `+answered+` AND r.answered_at >= $1 AND r.answered_at < $2`, at[0], at[len(at)-1]).Scan(into...)
	if err != nil {
		return err
	}
	for i, key := range keys {
		f.Stages = append(f.Stages, Stage{key, days[i]})
	}
	return nil
}

func countWork(ctx context.Context, tx pgx.Tx, f *Figures) error {
	at := f.Period.begins(f.At)
	rows, err := tx.Query(ctx, `WITH now AS (
			SELECT r.assignee, count(*) AS open, count(*) FILTER (WHERE r.due_at < $1::timestamptz + interval '7 days') AS soon, count(*) FILTER (WHERE r.needs_person) AS waits
			FROM requests r WHERE `+unanswered+` GROUP BY r.assignee),
		done AS (
			SELECT r.assignee, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY `+took+`) AS median
			FROM requests r WHERE `+answered+` AND r.answered_at >= $2 AND r.answered_at < $3 AND r.assignee IS NOT NULL GROUP BY r.assignee)
		SELECT m.id, coalesce(m.name, ''), coalesce(now.open, 0), coalesce(now.soon, 0), coalesce(now.waits, 0), coalesce(done.n, 0), coalesce(done.median, 0)
		FROM now FULL JOIN done ON done.assignee = now.assignee LEFT JOIN staff_members m ON m.id = coalesce(now.assignee, done.assignee)
		ORDER BY m.id IS NULL, 3 DESC, 6 DESC, 2`, f.At, at[0], at[len(at)-1])
	if err != nil {
		return err
	}
	f.Work, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w Workload, err error) {
		return w, row.Scan(&w.Member, &w.Name, &w.Open, &w.Soon, &w.Waiting, &w.Answered, &w.Median)
	})
	return err
}

// OpenByState counts the requests that are not final, for the operator. Every
// such state is in the answer.
func (o *Office) OpenByState(ctx context.Context) (map[State]int64, error) {
	rows, err := o.db.Query(ctx, `SELECT state, count(*) FROM requests WHERE state NOT IN ('closed', 'rejected', 'lapsed') GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("count open requests: %w", err)
	}
	open := map[State]int64{Received: 0, Verified: 0, Discovering: 0, InReview: 0, Approved: 0, Executing: 0, Ready: 0}
	var state State
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { open[state] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count open requests: %w", err)
	}
	return open, nil
}

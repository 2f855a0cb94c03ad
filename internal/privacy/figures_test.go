package privacy_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// past is a request as the figures see it.
type past struct {
	kind, state, outcome, law, code string
	received, due                   time.Time
	verified, answered              *time.Time
	assignee                        *uuid.UUID
}

func (p past) open() bool {
	return !slices.Contains([]string{"received", "closed", "rejected", "lapsed"}, p.state)
}
func (p past) counts() bool  { return p.answered != nil && p.outcome != "withdrawn" }
func (p past) days() float64 { return p.answered.Sub(p.received).Hours() / 24 }

// lived fills a desk with requests of the last two years.
func lived(t *testing.T, b *bench, n int) (all []past) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for i := range n {
		p := past{kind: pick("access", "deletion", "correction", "portability", "restriction", "objection"), law: pick("EU-DE", "US-CA"),
			state: pick("received", "verified", "in_review", "approved", "ready", "closed", "closed", "closed", "rejected", "lapsed")}
		p.received = b.clock.Add(-time.Duration(r.IntN(700*24)) * time.Hour)
		p.due = p.received.AddDate(0, 0, 20+r.IntN(60))
		if p.open() && r.IntN(2) == 0 {
			p.due = b.clock.Add(time.Duration(r.IntN(60*24)-20*24) * time.Hour)
		}
		if p.state != "received" && p.state != "lapsed" {
			at := p.received.Add(time.Duration(r.IntN(72)) * time.Hour)
			p.verified = &at
		}
		if slices.Contains([]string{"ready", "closed", "rejected"}, p.state) {
			at := p.verified.Add(time.Duration(1+r.IntN(40*24)) * time.Hour)
			if at.After(*b.clock) {
				at = *b.clock
			}
			p.answered = &at
		}
		switch p.state {
		case "closed":
			p.outcome = pick("answered", "erased", "withdrawn", "nothing_found")
		case "rejected":
			p.outcome, p.code = "refused", pick("ID_NOT_VERIFIED", "EXCESSIVE")
		case "lapsed":
			p.outcome = "unconfirmed"
		}
		if r.IntN(3) > 0 {
			p.assignee = &[]uuid.UUID{b.agent.ID, b.officer.ID}[r.IntN(2)]
		}
		var closed *time.Time
		if p.outcome != "" {
			if closed = p.answered; closed == nil {
				closed = &p.received
			}
		}
		var outcome *string
		if p.outcome != "" {
			outcome = &p.outcome
		}
		if _, err := b.db.Exec(t.Context(), `INSERT INTO requests (ref, kind, state, outcome, relation, name, email, country, lang, law, answers, received_at, verified_at, due_at, closed_at, answered_at, assignee, refusal_code)
			VALUES ($1, $2, $3, $4, 'visitor', 'x', 'x@example.com', 'DE', 'en', $5, '{}', $6, $7, $8, $9, $10, $11, $12)`,
			fmt.Sprintf("CS-TEST-%04d", i), p.kind, p.state, outcome, p.law, p.received, p.verified, p.due, closed, p.answered, p.assignee, p.code); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func middle(days []float64) float64 {
	if len(days) == 0 {
		return 0
	}
	slices.Sort(days)
	return (days[(len(days)-1)/2] + days[len(days)/2]) / 2
}

// TestFiguresAreCountedRight holds every figure against a plain count.
func TestFiguresAreCountedRight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := lived(t, b, 600)
	for _, period := range privacy.Periods {
		f, err := b.web.Figures(t.Context(), b.auditor, period)
		if err != nil {
			t.Fatal(err)
		}
		from := f.Intervals[0].From
		want := privacy.Figures{Period: period, At: *b.clock}
		var took []float64
		kinds := map[privacy.Kind]int64{}
		for _, p := range all {
			if p.open() {
				want.Open++
				kinds[privacy.Kind(p.kind)]++
				if p.due.Before(*b.clock) {
					want.Overdue++
				} else if p.due.Before(b.clock.AddDate(0, 0, 7)) {
					want.Soon++
				}
			}
			if ago := b.clock.AddDate(0, 0, -7); p.verified != nil && p.verified.Before(ago) && (p.open() || !p.answered.Before(ago)) {
				want.OpenThen++
			}
			if p.counts() && !p.answered.Before(from) {
				want.Answered++
				took = append(took, p.days())
				want.Took[min(14, int(p.days())/privacy.BinDays)]++
				if !p.answered.After(p.due) {
					want.InTime++
				}
			}
		}
		var received, answered int64
		for i, one := range f.Intervals {
			received, answered = received+one.Received, answered+one.Answered
			if i > 0 && !one.From.After(f.Intervals[i-1].From) {
				t.Errorf("%s: intervals are not in order", period)
			}
		}
		var came int64
		for _, p := range all {
			if p.verified != nil && !p.received.Before(from) {
				came++
			}
		}
		got := privacy.Figures{Period: f.Period, At: f.At, Open: f.Open, OpenThen: f.OpenThen, Overdue: f.Overdue, Soon: f.Soon, Answered: f.Answered, InTime: f.InTime, Took: f.Took}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", period, diff)
		}
		if received != came || answered != want.Answered || math.Abs(f.Median-middle(took)) > 0.001 {
			t.Errorf("%s: %d received, %d answered, median %.3f; expected %d, %d, %.3f", period, received, answered, f.Median, came, want.Answered, middle(took))
		}
		for _, k := range f.ByKind {
			if kinds[k.Kind] != k.N {
				t.Errorf("%s: %d open of %s, expected %d", period, k.N, k.Kind, kinds[k.Kind])
			}
		}
		checkWork(t, b, all, f, from)
	}
}

func checkWork(t *testing.T, b *bench, all []past, f privacy.Figures, from time.Time) {
	t.Helper()
	seen := 0
	for _, w := range f.Work {
		var open, done int64
		var took []float64
		for _, p := range all {
			if (p.assignee == nil) != (w.Member == nil) || p.assignee != nil && *p.assignee != *w.Member {
				continue
			}
			if p.open() {
				open++
			}
			if p.assignee != nil && p.counts() && !p.answered.Before(from) {
				done++
				took = append(took, p.days())
			}
		}
		seen++
		if w.Open != open || w.Answered != done || math.Abs(w.Median-middle(took)) > 0.001 {
			t.Errorf("%q has %+v, expected %d open, %d done, median %.3f", w.Name, w, open, done, middle(took))
		}
	}
	if seen != 3 {
		t.Errorf("%d lines of work, expected two members and nobody", seen)
	}
}

// TestAYearIsCountedAsTheRegulationAsks compares with a plain count.
func TestAYearIsCountedAsTheRegulationAsks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := lived(t, b, 400)
	if _, err := b.db.Exec(t.Context(), `ALTER TABLE choices DISABLE TRIGGER ALL; INSERT INTO choices (request_id, version, chosen, made_by, made_name)
		SELECT id, 1, '{"refusals": [{"item": "x", "code": "EXCESSIVE"}]}', (SELECT id FROM staff_members LIMIT 1), 'x' FROM requests WHERE ref LIKE 'CS-TEST-0_0%'; ALTER TABLE choices ENABLE TRIGGER ALL`); err != nil {
		t.Fatal(err)
	}
	year := b.clock.Year() - 1
	for _, law := range []string{"US-CA", privacy.AllLaws} {
		got, err := b.web.Year(t.Context(), b.auditor, year, law)
		if err != nil {
			t.Fatal(err)
		}
		sorts := map[string]string{"access": "know", "portability": "know", "deletion": "delete", "correction": "correct", "restriction": "limit", "objection": "opt_out"}
		want := map[string]privacy.YearOf{}
		took := map[string][]float64{}
		for i, p := range all {
			if p.received.Year() != year || law != "" && p.law != law {
				continue
			}
			y := want[sorts[p.kind]]
			y.Sort = sorts[p.kind]
			y.Received++
			part := i/10%10 == 0
			switch {
			case p.outcome == "withdrawn":
				y.TakenBack++
			case (p.state == "ready" || p.state == "closed") && part:
				y.Part++
			case p.state == "ready" || p.state == "closed":
				y.Whole++
			case p.state == "rejected":
				if y.Denied++; p.code == "ID_NOT_VERIFIED" {
					y.Unproved++
				}
			case p.state == "lapsed":
				y.Unconfirmed++
			default:
				y.Open++
			}
			if p.counts() {
				took[y.Sort] = append(took[y.Sort], p.days())
			}
			want[y.Sort] = y
		}
		for _, y := range got {
			w := want[y.Sort]
			w.Sort, w.Median = y.Sort, middle(took[y.Sort])
			for _, d := range took[y.Sort] {
				w.Mean += d / float64(len(took[y.Sort]))
			}
			if diff := cmp.Diff(w, y, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 0.001 })); diff != "" {
				t.Errorf("%s %q (-want +got):\n%s", law, y.Sort, diff)
			}
		}
		var out bytes.Buffer
		if err := privacy.WriteYear(&out, got, func(s string) string { return s }); err != nil || strings.Count(out.String(), "\n") != len(got)+1 {
			t.Errorf("the file: %v\n%s", err, out.String())
		}
	}
	if _, err := b.web.Year(t.Context(), b.auditor, 1066, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a year before computers: %v", err)
	}
	if _, err := b.web.Year(t.Context(), staff.Member{}, year, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("somebody without rights: %v", err)
	}
}

// TestAnAnswerIsDatedOnce: a package that is there is the answer, whenever it
// is fetched.
func TestAnAnswerIsDatedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.db.Exec(t.Context(), `INSERT INTO requests (ref, kind, state, relation, name, email, country, lang, law, answers, verified_at, due_at)
		VALUES ('CS-TEST-0001', 'access', 'executing', 'visitor', 'x', 'x@example.com', 'DE', 'en', 'EU-DE', '{}', now(), now())`); err != nil {
		t.Fatal(err)
	}
	answered := func(sql string) (at *time.Time) {
		if _, err := b.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if err := b.db.QueryRow(t.Context(), "SELECT answered_at FROM requests").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	ready := answered("UPDATE requests SET state = 'ready'")
	if ready == nil {
		t.Fatal("a package that is there is no answer")
	}
	if closed := answered("UPDATE requests SET state = 'closed', outcome = 'answered', closed_at = now()"); !closed.Equal(*ready) {
		t.Errorf("the answer was at %v, and is at %v since it was closed", ready, closed)
	}
}

package privacy_test

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// flooded is an installation with so many requests of all sorts.
func flooded(t *testing.T, n int) *bench {
	t.Helper()
	b := newBench(t)
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{demo.Requests, []any{n, []uuid.UUID{b.agent.ID, b.officer.ID}}},
		{demo.Proposals, []any{b.agent.ID}},
		// Many requests of one moment, so that the id has to tell them apart.
		{"UPDATE requests SET received_at = date_trunc('week', received_at) WHERE right(ref, 1) IN ('3', '7') AND channel = 'portal'", nil},
		{"ANALYZE requests", nil},
	} {
		if _, err := b.db.Exec(t.Context(), step.sql, step.args...); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// one is a request as the oracle reads it, without any of the queue's columns.
type one struct {
	ID                                                                  uuid.UUID
	Ref, Kind, State, Name, Email, Phone, Law, Lang, Channel, Attention string
	ReceivedAt, DueAt                                                   time.Time
	ClosedAt, ConfirmedAt, PausedAt, FollowUp                           *time.Time
	Assignee                                                            *uuid.UUID
	Proposed                                                            bool
}

func (b *bench) everything(t *testing.T) []one {
	t.Helper()
	rows, err := b.db.Query(t.Context(), `SELECT id, ref, kind, state, name, email, phone, law, lang, channel, attention, received_at, due_at, closed_at, confirmed_at, paused_at, follow_up, assignee,
		EXISTS (SELECT FROM proposals p WHERE p.request_id = r.id AND p.decision IS NULL AND p.prepared_at IS NOT NULL) FROM requests r`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[one])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (r one) open() bool {
	return !slices.Contains([]string{"closed", "rejected", "lapsed"}, r.State) && (r.State != "received" || r.Channel != "portal")
}

func (r one) second() bool { return r.State == "in_review" && r.Proposed }

func (r one) forPerson() bool {
	return r.open() && (r.State == "received" && r.Email != "" || r.State != "received" && r.PausedAt != nil ||
		r.Kind == "deletion" && r.ConfirmedAt == nil && (r.State == "approved" || r.second()))
}

func (r one) inView(v privacy.View, now time.Time, me uuid.UUID) bool {
	switch v {
	case privacy.ViewAction:
		return r.open() && (r.State == "verified" || r.State == "in_review" || r.State == "received" && r.Email == "" || r.State != "received" && r.Attention != "")
	case privacy.ViewOverdue:
		return r.open() && r.DueAt.Before(now)
	case privacy.ViewSoon:
		return r.open() && !r.DueAt.Before(now) && r.DueAt.Before(now.AddDate(0, 0, 7))
	case privacy.ViewApprovals:
		return r.second()
	case privacy.ViewWaiting:
		return r.forPerson()
	case privacy.ViewUnassigned:
		return r.open() && r.Assignee == nil
	case privacy.ViewMine:
		return r.open() && r.Assignee != nil && *r.Assignee == me
	case privacy.ViewClosed:
		return r.State == "closed" || r.State == "rejected"
	}
	return r.open()
}

// passes reads a filter by its words, one row at a time.
func (r one) passes(f privacy.Filter, now time.Time, me uuid.UUID) bool {
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	who := privacy.AssigneeNobody
	if r.Assignee != nil {
		who = r.Assignee.String()
	}
	if f.Assignee == privacy.AssigneeMe {
		f.Assignee = me.String()
	}
	is := func(want, got string) bool { return want == "" || want == got }
	between := func(from, until, got string) bool {
		return (from == "" || got >= from) && (until == "" || got <= until)
	}
	return r.inView(f.View, now, me) && is(string(f.Kind), r.Kind) && is(f.Law, r.Law) && is(string(f.State), r.State) && is(f.Assignee, who) &&
		is(string(f.Channel), r.Channel) && is(string(f.Lang), r.Lang) &&
		(f.Waits != privacy.WaitsPerson || r.forPerson()) && (f.Waits != privacy.WaitsSecond || r.second()) && (f.Waits != privacy.WaitsPaused || r.PausedAt != nil) &&
		(!f.Attention || r.Attention != "") && (!f.FollowUp || r.FollowUp != nil && day(*r.FollowUp) <= day(now)) &&
		between(f.DueFrom, f.DueUntil, day(r.DueAt)) && between(f.From, f.Until, day(r.ReceivedAt)) && r.matches(f.Search)
}

func (r one) matches(search string) bool {
	if search == "" {
		return true
	}
	s := strings.ToLower(search)
	plain := strings.NewReplacer("-", "", " ", "").Replace
	if strings.HasPrefix(strings.ToLower(plain(r.Ref)), plain(s)) || strings.HasPrefix(strings.ToLower(plain(r.Ref)), "cs"+plain(s)) || strings.HasPrefix(r.Email, s) {
		return true
	}
	if digits := plain(s); len(digits) > 3 && strings.Trim(digits, "+0123456789") == "" && strings.HasPrefix(r.Phone, digits) {
		return true
	}
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return strings.ContainsRune(" ,.;:()\"'/-", c) })
	}
	words, asked := split(r.Name), split(search)
	for _, a := range asked {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, a) }) {
			return false
		}
	}
	return len(asked) > 0
}

// expected is what a filter lets through, in its order.
func expected(all []one, f privacy.Filter, now time.Time, me uuid.UUID) (refs []privacy.Ref) {
	var in []one
	for _, r := range all {
		if r.passes(f, now, me) {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b one) int {
		ids := strings.Compare(string(a.ID[:]), string(b.ID[:]))
		switch {
		case f.Sort == privacy.SortReceived:
			return -cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), ids)
		case f.View == privacy.ViewClosed:
			return -cmp.Or(a.ClosedAt.Compare(*b.ClosedAt), ids)
		}
		return cmp.Or(a.DueAt.Compare(b.DueAt), ids)
	})
	for _, r := range in {
		refs = append(refs, privacy.Ref(r.Ref))
	}
	return refs
}

// filters are all filters alone in each view, some together, and searches.
func filters(b *bench) (all []privacy.Filter) {
	last, month := b.clock.AddDate(0, 0, -20).Format(time.DateOnly), b.clock.AddDate(0, -1, 0).Format(time.DateOnly)
	for _, q := range []string{"", "kind=deletion", "law=EU-LU", "state=in_review", "who=me", "who=nobody", "who=" + b.officer.ID.String(), "channel=post", "lang=de",
		"waits=person", "waits=second", "waits=paused", "attention=1", "follow_up=1", "due_from=" + last, "due_until=" + last, "from=" + month, "until=" + month,
		"due_from=" + month + "&due_until=" + last, "sort=received", "sort=received&kind=access", "sort=received&from=" + month + "&until=" + last,
		"kind=access&law=UK&state=in_review&who=me&channel=portal&lang=en", "law=EU-LU&channel=phone&attention=1", "kind=deletion&waits=person&sort=received",
		"q=m%C3%BCl", "q=o%27neill+ana", "q=CS-0000-00", "q=0000012", "q=%2B447", "q=amina.okafor", "q=nobody+is+called+this", "q=garc+l%C3%B3p&kind=access", "q=..", "q=%27+%26+%21%2A%3A"} {
		for _, v := range []privacy.View{privacy.ViewOpen, privacy.ViewClosed, privacy.ViewAction} {
			values, err := url.ParseQuery(q + "&view=" + string(v))
			if err != nil {
				panic(err)
			}
			all = append(all, privacy.ReadFilter(values))
		}
	}
	for _, v := range privacy.Views {
		all = append(all, privacy.Filter{View: v}, privacy.Filter{View: v, Kind: privacy.Access, Sort: privacy.SortReceived})
	}
	return all
}

func TestEachFilterLetsThroughWhatItSaysInBothDirections(t *testing.T) {
	t.Parallel()
	b := flooded(t, 3000)
	all := b.everything(t)
	empty := 0
	for _, f := range filters(b) {
		want := expected(all, f, *b.clock, b.agent.ID)
		if len(want) == 0 {
			empty++
		}
		forward, pages, last := b.walk(t, f)
		if !slices.Equal(forward, want) {
			t.Errorf("%q: %d rows, the oracle has %d; first difference at %d", f.Query(), len(forward), len(want), differ(forward, want))
			continue
		}
		if back := b.walkBack(t, f, last); !slices.Equal(back, want) {
			t.Errorf("%q: %d rows backwards over %d pages, the oracle has %d", f.Query(), len(back), pages, len(want))
		}
	}
	if n := len(filters(b)) - empty; n < 80 {
		t.Errorf("only %d filters let anything through", n)
	}
}

func differ(a, b []privacy.Ref) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// walk reads page after page; last is the last one.
func (b *bench) walk(t *testing.T, f privacy.Filter) (refs []privacy.Ref, pages int, last privacy.Page) {
	t.Helper()
	for {
		p, err := b.web.Queue(t.Context(), b.agent, f)
		if err != nil {
			t.Fatalf("%q: %v", f.Query(), err)
		}
		if pages++; (p.Prev == "") != (pages == 1) && len(p.Rows) > 0 {
			t.Fatalf("%q: page %d says %q of the page before", f.Query(), pages, p.Prev)
		}
		for _, r := range p.Rows {
			refs = append(refs, r.Ref)
		}
		if p.Next == "" {
			return refs, pages, p
		}
		f.After = p.Next
	}
}

// walkBack reads from the last page to the first.
func (b *bench) walkBack(t *testing.T, f privacy.Filter, last privacy.Page) []privacy.Ref {
	t.Helper()
	var pages [][]privacy.Ref
	for p := last; ; {
		var refs []privacy.Ref
		for _, r := range p.Rows {
			refs = append(refs, r.Ref)
		}
		pages = append(pages, refs)
		if p.Prev == "" {
			break
		}
		f.After, f.Before = "", p.Prev
		var err error
		if p, err = b.web.Queue(t.Context(), b.agent, f); err != nil {
			t.Fatalf("%q: %v", f.Query(), err)
		}
	}
	slices.Reverse(pages)
	return slices.Concat(pages...)
}

// TestNoPageReadsTheWholeTable looks at the plan of each statement that a page
// of any filter may be read with. So few rows would be read and sorted at once;
// that is forbidden here, and done all the same where no index serves.
func TestNoPageReadsTheWholeTable(t *testing.T) {
	t.Parallel()
	b := flooded(t, 3000)
	conn, err := b.db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, f := range filters(b) {
		statements, args, err := privacy.QueueSQL(f, *b.clock, b.agent.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, sql := range statements {
			if _, err := conn.Exec(t.Context(), fmt.Sprintf("SET enable_seqscan = off; SET enable_bitmapscan = %[1]t; SET enable_sort = %[1]t", i == 1)); err != nil {
				t.Fatal(err)
			}
			rows, err := conn.Query(t.Context(), "EXPLAIN "+sql, append([]any{pgx.QueryExecModeExec}, args[i]...)...)
			if err != nil {
				t.Fatalf("%q: %v\n%s", f.Query(), err, sql)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatalf("%q: %v\n%s", f.Query(), err, sql)
			}
			if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan on requests") || i == 0 && strings.Contains(plan, "Sort ") {
				t.Errorf("%q is not read by a range of an index:\n%s", f.Query(), plan)
			}
		}
	}
}

func TestClosedRequestsComeNewestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	// Ten at a time closed in the same moment, due in the opposite order; one page
	// ends in the middle of such a moment.
	if _, err := b.db.Exec(ctx, `INSERT INTO requests (ref, kind, state, outcome, relation, name, email, country, lang, law, answers, verified_at, due_at, closed_at)
		SELECT 'CS-TEST-' || lpad(i::text, 4, '0'), 'access', CASE i % 2 WHEN 0 THEN 'closed' ELSE 'rejected' END, CASE i % 2 WHEN 0 THEN 'answered' ELSE 'refused' END,
			'recipient', 'Person', 'p@example.com', 'DE', 'en', 'EU-DE', '{}', now(), now() - i * interval '1 hour', now() + ((i + 5) / 10) * interval '1 microsecond'
		FROM generate_series(1, 120) i`); err != nil {
		t.Fatal(err)
	}
	f := privacy.Filter{View: privacy.ViewClosed}
	refs, pages, _ := b.walk(t, f)
	if want := expected(b.everything(t), f, *b.clock, b.agent.ID); pages != 3 || len(refs) != 120 || !slices.Equal(refs, want) {
		t.Errorf("%d rows on %d pages, in another order than the oracle's", len(refs), pages)
	}
}

func TestAFilterComesBackFromItsAddress(t *testing.T) {
	t.Parallel()
	for _, q := range []string{"", "view=closed&sort=received", "kind=deletion&law=EU-LU&state=in_review&who=nobody&channel=post&lang=de&waits=paused&attention=1&follow_up=1" +
		"&due_from=2026-01-01&due_until=2026-12-31&from=2025-01-01&until=2025-02-01&q=M%C3%BCller&after=x"} {
		values, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		f := privacy.ReadFilter(values)
		if got, err := url.ParseQuery(f.Query()); err != nil || fmt.Sprint(got) != fmt.Sprint(values) {
			t.Errorf("%q came back as %q (%v)", q, f.Query(), err)
		}
		if kept := f.Kept(); kept.Search != "" || kept.After != "" || kept.Kind != f.Kind {
			t.Errorf("a saved view keeps %q", kept.Query())
		}
	}
	if f := privacy.ReadFilter(url.Values{"kind": {"x' OR 1=1"}, "law": {"eu de"}, "who": {"x"}, "due_from": {"yesterday"}, "sort": {"name"}, "view": {"all"}}); f != (privacy.Filter{View: privacy.ViewOpen}) {
		t.Errorf("nonsense was taken for a filter: %+v", f)
	}
}

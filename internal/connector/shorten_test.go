package connector_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

var month = connector.Ask{Kind: "shortened_retention", Days: 30}

// days is a clock that a test sets.
type days struct{ at atomic.Pointer[time.Time] }

func (d *days) set(day string) {
	at, err := time.Parse("2006-01-02 15:04", day+" 12:00")
	if err != nil {
		panic(err)
	}
	d.at.Store(&at)
}

func (d *days) now() time.Time { return *d.at.Load() }

func clubOn(t *testing.T, day string) (*connector.Store, *pgxpool.Pool, *days) {
	d := &days{}
	d.set(day)
	s, pool := club(t, connector.Options{BatchRows: 2, Now: d.now, Lease: 300 * time.Millisecond})
	return s, pool, d
}

// left lists what is left of the words, of everybody.
func left(t testing.TB, pool *pgxpool.Pool) string {
	t.Helper()
	return rows(t, pool, `SELECT concat('talks ', (SELECT string_agg(id::text, ' ' ORDER BY id) FROM talk), '; lines ', (SELECT string_agg(id::text, ' ' ORDER BY id) FROM line),
		'; clips ', (SELECT string_agg(id::text, ' ' ORDER BY id) FROM clip), '; members ', (SELECT count(*) FROM member))`)[0]
}

func purgeNow(t testing.TB, s *connector.Store) int64 {
	t.Helper()
	var gone int64
	err := s.Purge(t.Context(), func(o datamap.Outcome) error {
		if o.Done {
			gone += o.Affected
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return gone
}

func TestAShorterRetentionDeletesWhatIsOldAndWaitsForTheRest(t *testing.T) {
	t.Parallel()
	s, pool, clock := clubOn(t, "2026-11-26")
	before := everything(t, pool)
	_, plan := carry(t, s, ida, month)
	if plan.Steps[0].Action != datamap.Shortening || plan.Steps[0].Category != "words" {
		t.Errorf("the steps are %+v", plan.Steps)
	}
	// Line 2 is thirty days old on the day, and no older; talk 1 waits for its
	// younger lines; talks 2 and 4 go, and so does clip 1, which has no age, with its line.
	if got, want := left(t, pool), "talks 1 3; lines 2 4 6; clips 2 3; members 4"; got != want {
		t.Errorf("left are %s, expected %s", got, want)
	}
	after := everything(t, pool)
	for _, table := range []string{"member", "firm", "hush", "mailing", "pair"} {
		same(t, table, map[string][]string{table: before[table]}, map[string][]string{table: after[table]})
	}
	if n := purgeNow(t, s); n != 0 {
		t.Errorf("the purge of the same day took %d rows", n)
	}
	clock.set("2026-11-27")
	if n := purgeNow(t, s); n != 1 {
		t.Errorf("the purge of the next day took %d rows", n)
	}
	if got, want := left(t, pool), "talks 1 3; lines 4 6; clips 2 3; members 4"; got != want {
		t.Errorf("left are %s, expected %s", got, want)
	}
	// The talk goes when its last line is old.
	clock.set("2026-12-27")
	if n := purgeNow(t, s); n != 3 {
		t.Errorf("the last purge took %d rows", n)
	}
	if got, want := left(t, pool), "talks 3; lines 6; clips 3; members 4"; got != want {
		t.Errorf("left are %s, expected %s", got, want)
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.operation WHERE state <> 'finished'"); got[0] != "0" {
		t.Errorf("%s operations are unfinished", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.erased"); got[0] != "0" {
		t.Errorf("%s people count as erased", got[0])
	}
}

func TestTheLastWordCounts(t *testing.T) {
	t.Parallel()
	s, pool, clock := clubOn(t, "2026-11-26")
	carry(t, s, ida, connector.Ask{Kind: "shortened_retention", Days: 60, Categories: []string{"words"}})
	carry(t, s, ida, connector.Ask{Kind: "shortened_retention", Days: 90})
	if got := rows(t, pool, "SELECT string_agg(category || ' ' || days, ', ') FROM dsar.retention"); got[0] != "words 90" {
		t.Errorf("the overrides are %s", got[0])
	}
	before := left(t, pool)
	clock.set("2026-12-27")
	if purgeNow(t, s); left(t, pool) != before {
		t.Errorf("left are %s", left(t, pool))
	}
}

func TestAShorterRetentionNeedsAnAge(t *testing.T) {
	t.Parallel()
	s, _ := club(t)
	for _, ask := range []connector.Ask{
		{Kind: "shortened_retention"},
		{Kind: "shortened_retention", Days: -1},
		{Kind: "shortened_retention", Days: 30, Categories: []string{"people"}},
		{Kind: "shortened_retention", Days: 30, Categories: []string{"words", "poems"}},
	} {
		_, err := s.Plan(t.Context(), find(t, s, ida), ask)
		if _, ok := errors.AsType[connector.Refused](err); !ok {
			t.Errorf("%+v: got %v", ask, err)
		}
	}
}

func TestAPurgeObeysARestriction(t *testing.T) {
	t.Parallel()
	s, pool, clock := clubOn(t, "2026-11-26")
	carry(t, s, ida, connector.Ask{Kind: "shortened_retention", Days: 365})
	carry(t, s, ida, connector.Ask{Kind: "shortened_retention", Days: 40})
	op, _ := carry(t, s, connector.Subject{Phone: "+491713920041", Tenants: []string{"1"}}, connector.Ask{Kind: "restriction"})
	exec(t, pool, "INSERT INTO talk VALUES (5, 2, 2, 'in the south', '2026-11-26'); INSERT INTO line VALUES (8, 1, 'came after the restriction', '2026-11-26'), (9, 5, 'in the south', '2026-11-26')")
	before := left(t, pool)
	clock.set("2027-03-01")
	purgeNow(t, s)
	if got, want := left(t, pool), "talks 1 3; lines 2 3 4 6 8; clips 2 3; members 4"; got != want {
		t.Errorf("%s became %s, expected %s", before, got, want)
	}
	carry(t, s, ida, lift(op))
	purgeNow(t, s)
	if got, want := left(t, pool), "talks 3; lines 6; clips 3; members 4"; got != want {
		t.Errorf("after the lift %s, expected %s", got, want)
	}
}

// TestARestrictionThatComesBetweenStopsThePurge: the plan is frozen, and only
// then somebody asks for a restriction.
func TestARestrictionThatComesBetweenStopsThePurge(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	op, plan := frozen(t, s, ida, month)
	before := left(t, pool)
	carry(t, s, ida, connector.Ask{Kind: "restriction"})
	if err := s.Execute(t.Context(), op, plan, quiet); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("got %v, expected ErrMoved", err)
	}
	if got := left(t, pool); got != before {
		t.Errorf("left are %s", got)
	}
}

// TestAPurgeThatIsCutOffGoesOn ends the job at random moments.
func TestAPurgeThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	s, pool, clock := clubOn(t, "2026-11-26")
	carry(t, s, ida, month)
	exec(t, pool, "INSERT INTO line SELECT 100 + i, 1, 'x', '2026-11-26' FROM generate_series(1, 60) i; INSERT INTO clip SELECT 100 + i, 100 + i, 'x' FROM generate_series(1, 60) i")
	clock.set("2026-12-31")
	dice, cuts := rand.New(rand.NewPCG(5, 6)), 0
	for {
		ctx, stop := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(dice.IntN(2_000*(cuts+1)))*time.Microsecond, stop)
		err := s.Purge(ctx, quiet)
		timer.Stop()
		stop()
		if err == nil && rows(t, pool, "SELECT count(*)::text FROM line WHERE talk = 1")[0] == "0" {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		if !errors.Is(err, connector.ErrBusy) {
			cuts++
		}
	}
	if cuts < 5 {
		t.Errorf("only %d attempts were cut off: the test proves little", cuts)
	}
	if got, want := left(t, pool), "talks 3; lines 6; clips 3; members 4"; got != want {
		t.Errorf("left are %s, expected %s", got, want)
	}
	if got := rows(t, pool, "SELECT concat(sum(affected) FILTER (WHERE table_name = 'line'), ' ', sum(affected) FILTER (WHERE table_name = 'clip'), ' ', count(*) FILTER (WHERE affected <> planned OR done_at IS NULL)) FROM dsar.step s JOIN dsar.operation o ON o.id = s.operation WHERE o.kind = 'retention_purge' AND state = 'finished'"); got[0] != "62 61 0" {
		t.Errorf("lines, clips and unfinished steps: %s", got[0])
	}
}

// TestAShorterRetentionRewritesWhatItsRuleRewrites, in rows that hold no JSON as
// well, and in one where the column that is emptied was empty before.
func TestAShorterRetentionRewritesWhatItsRuleRewrites(t *testing.T) {
	t.Parallel()
	s := small{
		sql: `CREATE TABLE note (id bigint PRIMARY KEY, person_id bigint, at timestamptz, head text, doc text); CREATE INDEX ON note (person_id);
			INSERT INTO note VALUES (1, 1, '2020-01-01', 'x', '{"gone": 1, "say": "Lu Example"}'), (2, 1, '2020-01-01', NULL, 'rubbish, Lu Example'), (3, 1, '2026-11-20', 'x', '{"gone": 1}'), (100, 2, '2020-01-01', 'x', '{"gone": 1}')`,
		tables: `
  note: {title: N, category: c, controller: operator, reach: [{as: about, from: person.id, to: person_id}], erase: {about: {do: redact, set: {head: null, doc: {json: {gone: drop, say: scrub}}}}}, age: at,
    columns: {at: A, head: H, doc: {title: D, json: true}}, none: [id], link: [person_id]}`,
	}
	engine, pool, _ := s.open(t)
	carry(t, engine, lu, month)
	purgeNow(t, engine)
	want := []string{`1  {"say": "[erased]"}`, "2  rubbish, [erased]", `3 x {"gone": 1}`, `100 x {"gone": 1}`}
	if diff := cmp.Diff(want, rows(t, pool, "SELECT concat(id, ' ', head, ' ', doc) FROM note ORDER BY id")); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestAPurgeGoesByWhatWasApproved lets a person whose data is kept for less time
// write a stranger's number into her row: nobody looks at what a purge finds. A
// number that is not in her row any more still brings what it brought.
func TestAPurgeGoesByWhatWasApproved(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, before, left string
		gone               int64
	}{
		{"another number", "whatsapp:+491713920041", "talks 1 3; lines 4 6; clips 2 3; members 4", 1},
		{"the first number", "", "talks 1 2 3; lines 4 5 6; clips 2 3; members 4", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, pool, clock := clubOn(t, "2026-11-26")
			exec(t, pool, "UPDATE member SET phone = nullif($1, '') WHERE id = 1", tt.before)
			carry(t, s, connector.Subject{Keys: map[string]string{"mail": "ida@example.com"}}, month)
			exec(t, pool, "UPDATE member SET phone = '01713920042' WHERE id = 1") // Otto's
			clock.set("2026-11-27")
			if gone := purgeNow(t, s); gone != tt.gone {
				t.Errorf("%d rows went", gone)
			}
			if got := left(t, pool); got != tt.left {
				t.Errorf("left: %s", got)
			}
		})
	}
}

// TestAPurgeThatCannotGoOnHoldsUpNobodyElse: it was cut off, and then the map
// changed, under which nobody may end it.
func TestAPurgeThatCannotGoOnHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	s, pool, clock := clubOn(t, "2026-11-26")
	carry(t, s, ida, month)
	carry(t, s, connector.Subject{Phone: "+491713920042"}, month)
	exec(t, pool, "INSERT INTO talk VALUES (7, 1, 3, 'Otto', '2026-11-20'); INSERT INTO line VALUES (20, 1, 'of Ida', '2026-11-20'), (21, 7, 'of Otto', '2026-11-20')")
	clock.set("2026-12-31")
	ctx, cut := context.WithCancel(t.Context())
	if err := s.Purge(ctx, func(datamap.Outcome) error { cut(); return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("the first purge: %v", err)
	}
	other := open(t, pool, []byte(read(t, "rights.yaml")+"# another version\n"), connector.Options{Secret: secret, Now: clock.now})
	if err := other.Purge(t.Context(), quiet); !errors.Is(err, connector.ErrOtherMap) {
		t.Errorf("nobody hears of what cannot go on: %v", err)
	}
	if n := rows(t, pool, "SELECT count(*)::text FROM line WHERE id = 21"); n[0] != "0" {
		t.Error("somebody else's old line is still there")
	}
}

func TestAnOverrideEndsWithThePerson(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	carry(t, s, ida, month)
	carry(t, s, ida, connector.Ask{Kind: "restriction"})
	carry(t, s, ida, connector.Ask{Kind: "deletion"})
	purgeNow(t, s)
	if got := rows(t, pool, "SELECT concat((SELECT count(*) FROM dsar.retention), ' ', (SELECT count(*) FROM dsar.stop))"); got[0] != "0 0" {
		t.Errorf("overrides and stops: %s", got[0])
	}
}

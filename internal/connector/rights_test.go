package connector_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

var ida = connector.Subject{Phone: "+491713920041", Email: "ida@example.com"}

// club is a store in which every right can be carried out.
func club(t testing.TB, opts ...connector.Options) (*connector.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "rights.sql"))
	if _, err := connector.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	opt := connector.Options{BatchRows: 2}
	for _, o := range opts {
		opt = o
	}
	opt.Secret = secret
	if opt.Now == nil {
		opt.Now = func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }
	}
	return open(t, pool, []byte(read(t, "rights.yaml")), opt), pool
}

// frozen plans and freezes.
func frozen(t testing.TB, s *connector.Store, who connector.Subject, ask connector.Ask) (uuid.UUID, datamap.Plan) {
	t.Helper()
	f := find(t, s, who)
	plan, err := s.Plan(t.Context(), f, ask)
	if err != nil {
		t.Fatal(err)
	}
	op := uuid.New()
	if plan, err = s.Freeze(t.Context(), op, f, ask, plan); err != nil {
		t.Fatal(err)
	}
	return op, plan
}

func quiet(datamap.Outcome) error { return nil }

// carry does all of it, and demands that it is proved.
func carry(t testing.TB, s *connector.Store, who connector.Subject, ask connector.Ask) (uuid.UUID, datamap.Plan) {
	t.Helper()
	op, plan := frozen(t, s, who, ask)
	if err := s.Execute(t.Context(), op, plan, quiet); err != nil {
		t.Fatal(err)
	}
	prove(t, s, op, who)
	if err := s.Finish(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	return op, plan
}

func prove(t testing.TB, s *connector.Store, op uuid.UUID, who connector.Subject) {
	t.Helper()
	if left, err := s.Recheck(t.Context(), op, who); err != nil || !left.Empty() {
		t.Fatalf("left: %+v, %v", left, err)
	}
}

// everything reads the whole store outside the ledger, row by row.
func everything(t testing.TB, pool *pgxpool.Pool) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range rows(t, pool, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1") {
		out[table] = rows(t, pool, "SELECT t::text FROM "+table+" t ORDER BY 1")
	}
	return out
}

func same(t testing.TB, what string, before, after map[string][]string) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("%s (-before +after):\n%s", what, diff)
	}
}

func TestTheClubsMapFits(t *testing.T) {
	t.Parallel()
	s, _ := club(t)
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.Warn {
			t.Errorf("%s %s.%s: %s", f.Code, f.Table, f.Column, f.Detail)
		}
	}
}

// waitsForALock returns when somebody waits for a lock in the test's database.
func waitsForALock(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for t.Context().Err() == nil {
		if rows(t, pool, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0] != "0" {
			return
		}
	}
}

// TestTheWorkersRoleMayCarryOutEveryRight and the reader's may plan what it
// needs no writing for.
func TestTheWorkersRoleMayCarryOutEveryRight(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	for _, sql := range connector.Grants(s.Map()) {
		exec(t, pool, sql)
	}
	opt := connector.Options{Secret: secret, Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }}
	worker := open(t, pgtest.As(t, pool, connector.ExecRole), []byte(read(t, "rights.yaml")), opt)
	reader := open(t, pgtest.As(t, pool, connector.ReadRole), []byte(read(t, "rights.yaml")), opt)
	restriction, _ := carry(t, worker, ida, connector.Ask{Kind: "restriction"})
	for _, ask := range []connector.Ask{
		lift(restriction),
		{Kind: "objection", Purposes: []string{"marketing"}},
		{Kind: "withdrawal"},
		{Kind: "opt_out"},
		edits(edit("member", "1", "nick", "idagross"), edit("member", "1", "profile.city", "Köln"), edit("pair", `["1",""]`, "label", "neu")),
		month,
		{Kind: "deletion"},
	} {
		t.Run(ask.Kind, func(t *testing.T) {
			if _, err := reader.Plan(t.Context(), find(t, reader, ida), ask); err != nil {
				t.Errorf("the reader: %v", err)
			}
			carry(t, worker, ida, ask)
		})
	}
	if err := worker.Purge(t.Context(), quiet); err != nil {
		t.Error(err)
	}
}

// TestTheMapsRightsAreHeldAgainstTheStore: each mistake is told where it is.
func TestTheMapsRightsAreHeldAgainstTheStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "rights.sql"))
	fits := read(t, "rights.yaml")
	for _, tt := range []struct{ name, old, new, want string }{
		{"an age that is no moment", "age: said", "age: body", "wrong_type line.body"},
		{"a language in a number", "fee: {title: Fee, correct: {type: number}}", "fee: {title: Fee, correct: {type: language}}", "wrong_type member.fee"},
		{"a day in a number", "fee: {title: Fee, correct: {type: number}}", "fee: {title: Fee, correct: {type: date}}", "wrong_type member.fee"},
		{"JSON in a day", "born: {title: Born, correct: {type: date}}", "born: {title: Born, json: true, correct: {json: {year: {type: number}}}}", "wrong_type member.born"},
		{"null where none may stand", "status: {value: blocked}", "status: null", "not_null member.status"},
		{"a word in a flag", "news: {value: false}}\n      survey", "news: {value: never}}\n      survey", "wrong_type member.news"},
		{"JSON in a flag", "news: {value: false}}\n      survey", "news: {json: {no: {value: true}}}}\n      survey", "wrong_type member.news"},
		{"a word that is too long", "status: {value: blocked}", "nick: {value: blocked-and-blocked}", "wrong_type member.nick"},
		{"a flag in the key", "status: {value: blocked}", "id: {value: 7}", "wrong_type member.id"},
		{"a list in a text", "append: left_out", "append: id", "wrong_type firm.id"},
		{"an opt-out without the number", "nr: {identifier: digits}, ", "", "not_null hush."},
		{"an opt-out without a firm", "firm: tenant, ", "", "not_null hush.firm"},
		{"a moment in a flag", "channel: {value: all}, since: now", "channel: {value: all}, since: null", "not_null hush.since"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(fits, tt.old, tt.new, 1)
			if src == fits {
				t.Fatal("the map did not change")
			}
			findings, err := open(t, pool, []byte(src), connector.Options{}).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				if !f.Warn {
					got = append(got, f.Code+" "+f.Table+"."+f.Column)
				}
			}
			if !slices.Contains(got, tt.want) {
				t.Errorf("found %v, expected %s", got, tt.want)
			}
		})
	}
}

// TestEachRightSurvivesACrash ends the worker before its first statement, then
// before its second, and so on: in the end the store is as if nothing had been.
func TestEachRightSurvivesACrash(t *testing.T) {
	t.Parallel()
	for _, ask := range []connector.Ask{
		{Kind: "restriction"}, lift(uuid.Nil), {Kind: "objection", Purposes: []string{"marketing"}}, {Kind: "withdrawal"}, {Kind: "opt_out"}, month,
		edits(edit("member", "1", "nick", "idagross"), edit("member", "1", "profile.city", "Köln"), edit("pair", `["1",""]`, "label", "neu")),
	} {
		t.Run(ask.Kind, func(t *testing.T) {
			t.Parallel()
			s, pool := club(t)
			calm, other := club(t)
			again := ask
			if ask.Kind == "restriction_lift" {
				ask.Undo, _ = carry(t, s, ida, connector.Ask{Kind: "restriction"})
				again.Undo, _ = carry(t, calm, ida, connector.Ask{Kind: "restriction"})
			}
			carry(t, calm, ida, again)
			op, plan := frozen(t, s, ida, ask)
			for cut := int64(1); ; cut++ {
				ctx, stop := context.WithCancel(t.Context())
				config := pool.Config().Copy()
				config.ConnConfig.Tracer = &cutter{left: cut, stop: stop}
				config.MaxConns = 3
				doomed, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				err = open(t, doomed, []byte(read(t, "rights.yaml")), connector.Options{BatchRows: 2, Secret: secret}).Execute(ctx, op, plan, quiet)
				stop()
				doomed.Close()
				if err == nil {
					if cut < 10 {
						t.Errorf("only %d cuts", cut)
					}
					break
				}
				if cut > 200 || !errors.Is(err, context.Canceled) && !errors.Is(err, connector.ErrBusy) {
					t.Fatalf("cut %d: %v", cut, err)
				}
				exec(t, pool, "UPDATE dsar.operation SET lease_until = NULL WHERE id = $1", op) // the lease of the dead
			}
			prove(t, s, op, ida)
			want, got := everything(t, other), everything(t, pool)
			for _, m := range []map[string][]string{want, got} {
				delete(m, "hush") // its rows have a moment and a number of their own
			}
			same(t, "without a crash and with many", want, got)
			listed := "SELECT concat_ws(' ', firm, nr, channel) FROM hush ORDER BY 1"
			if diff := cmp.Diff(rows(t, other, listed), rows(t, pool, listed)); diff != "" {
				t.Errorf("opt-outs (-calm +crashed):\n%s", diff)
			}
		})
	}
}

package connector_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// small is a store of a few rows for one construct of the map. Lu Example,
// +49 171 3920041, is person 1; person 2 is somebody else.
type small struct {
	name   string
	sql    string // beside the people
	person string // what the map says of people, if not that they are deleted
	tables string // what it says of the other tables
	more   string // what else it says
	files  []string
	want   []result
	plan   []string // steps: "action table rows"
	other  []string // "table key" of others' rows that the plan itself changes
}

type result struct {
	sql  string
	want []string
}

const peopleSQL = `CREATE TABLE person (id bigint PRIMARY KEY, mail text, phone text, name text, token text, active boolean DEFAULT true);
CREATE INDEX ON person (lower(mail));
INSERT INTO person VALUES (1, 'lu@example.com', '+49 171 3920041', 'Lu Example', 't1'), (2, 'jo@example.com', '+49 171 3920042', 'Jo Other', 't2');
`

const peopleMap = `version: 1
store: {name: small, schema: public, default_region: DE}
normalisers: {email: {kind: email}, phone: {kind: e164}}
mentions: {terms: [name], names: [person.name]}
subjects:
  person: [{table: person, key: id, match: [{by: email, at: mail}], learn: [{by: phone, at: phone}]}]
retention:
  books: {words: {en: Books., de: Bücher.}, law: HGB, for: 2y}
  others: {words: {en: Others., de: Andere.}}
categories:
  c: {title: C, about: A., purpose: P., basis: B, recipients: [R], retention: R., source: S., content: true}
%s
tables:
  person: {title: P, category: c, controller: operator, %s, columns: {mail: M, phone: P, name: N}, none: [id, active], secret: [token]}
%s`

func (s small) open(t testing.TB) (*connector.Store, *pgxpool.Pool, string) {
	t.Helper()
	pool, dir := pgtest.Blank(t), t.TempDir()
	exec(t, pool, peopleSQL+s.sql)
	if _, err := connector.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(s.files, "one/-", "two/-") {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s.reopen(t, pool, dir), pool, dir
}

func (s small) reopen(t testing.TB, pool *pgxpool.Pool, dir string) *connector.Store {
	t.Helper()
	person := s.person
	if person == "" {
		person = "erase: delete"
	}
	objects, err := connector.OpenObjects(fmt.Sprintf("%s,one=%s/one,two=%s/two", dir, dir, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	return open(t, pool, fmt.Appendf(nil, peopleMap, s.more, person, s.tables), connector.Options{Secret: secret, Objects: objects, BatchRows: 2,
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }})
}

var lu = connector.Subject{Email: "lu@example.com"}

// prints gives a hash of every row of the store, but those of the ledger.
func prints(t testing.TB, pool *pgxpool.Pool) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range rows(t, pool, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'") {
		for _, row := range rows(t, pool, fmt.Sprintf("SELECT id::text || ' ' || md5(t::text) FROM %s t", connector.Quote(table))) {
			key, sum, _ := strings.Cut(row, " ")
			out[table+" "+key] = sum
		}
	}
	return out
}

// mine are the keys of the rows that a case may change: 1 to 99; others begin at 100.
func mine(key string) bool {
	_, id, _ := strings.Cut(key, " ")
	return len(id) < 3
}

func (s small) proved(t *testing.T, pool *pgxpool.Pool, dir string, before map[string]string) {
	t.Helper()
	for _, r := range s.want {
		if diff := cmp.Diff(r.want, rows(t, pool, r.sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.sql, diff)
		}
	}
	after := prints(t, pool)
	for _, m := range []map[string]string{before, after} {
		maps.DeleteFunc(m, func(key, _ string) bool { return mine(key) || slices.Contains(s.other, key) })
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
	}
	for _, name := range s.files {
		_, err := os.Stat(filepath.Join(dir, name))
		if kept := strings.Contains(name, "kept"); kept != (err == nil) {
			t.Errorf("the file %s is there: %t", name, err == nil)
		}
	}
}

func TestEachConstructOfADeletion(t *testing.T) {
	t.Parallel()
	for _, s := range smalls {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			engine, pool, dir := s.open(t)
			before := prints(t, pool)
			op, plan := freeze(t, engine, lu)
			var steps []string
			for _, st := range plan.Steps {
				if st.Table != "person" {
					steps = append(steps, fmt.Sprintf("%s %s %d", st.Action, st.Table, st.Rows))
				}
			}
			if diff := cmp.Diff(s.plan, steps); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if err := engine.Execute(t.Context(), op, plan, nothing); err != nil {
				t.Fatal(err)
			}
			left, err := engine.Recheck(t.Context(), op, lu)
			if err != nil || !left.Empty() || len(left.Moved) > 0 {
				t.Errorf("left: %+v, %v", left, err)
			}
			s.proved(t, pool, dir, before)
			if err := engine.Finish(t.Context(), op); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEachConstructSurvivesACrash ends the worker before its first statement,
// then before its second, and so on until an attempt gets through.
func TestEachConstructSurvivesACrash(t *testing.T) {
	t.Parallel()
	for _, s := range smalls {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			engine, pool, dir := s.open(t)
			before := prints(t, pool)
			op, plan := freeze(t, engine, lu)
			for cut := int64(1); ; cut++ {
				ctx, stop := context.WithCancel(t.Context())
				config := pool.Config().Copy()
				config.ConnConfig.Tracer = &cutter{left: cut, stop: stop}
				config.MaxConns = 3
				doomed, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				err = s.reopen(t, doomed, dir).Execute(ctx, op, plan, nothing)
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
			if left, err := engine.Recheck(t.Context(), op, lu); err != nil || !left.Empty() || len(left.Moved) > 0 {
				t.Errorf("left: %+v, %v", left, err)
			}
			s.proved(t, pool, dir, before)
		})
	}
}

// cutter ends a context before a statement.
type cutter struct {
	left int64
	stop func()
}

func (c *cutter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if atomic.AddInt64(&c.left, -1) == 0 {
		c.stop()
	}
	return ctx
}

func (c *cutter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestARowThatChangedSinceItWasFrozenIsLeftAlone changes what a rule came by
// between two batches: the row is counted as moved, and found again if it is
// still the subject's to erase.
func TestARowThatChangedSinceItWasFrozenIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := smalls[0] // bills
	engine, pool, _ := s.open(t)
	op, plan := freeze(t, engine, lu)
	stop := errors.New("stop")
	if err := engine.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	exec(t, pool, "UPDATE bill SET due = '2026-02-02' WHERE id = 2; UPDATE bill SET due = '2019-01-01', paid = '2019-01-01' WHERE id = 4")
	if err := engine.Execute(t.Context(), op, plan, nothing); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, pool, "SELECT id || ' ' || note FROM bill WHERE id IN (2, 4) ORDER BY id"); !cmp.Equal(got, []string{"2 old", "4 no date"}) {
		t.Errorf("rows that changed: %v", got)
	}
	left, err := engine.Recheck(t.Context(), op, lu)
	if err != nil {
		t.Fatal(err)
	}
	var moved int64
	for _, m := range left.Moved {
		moved += m.Rows
	}
	if moved != 2 || left.Empty() {
		t.Errorf("moved %d, left %+v", moved, left)
	}
}

// TestAnAnswerThatIsBeingWrittenStays: the server would take it along with what
// it answers, and has not shown it to anybody yet.
func TestAnAnswerThatIsBeingWrittenStays(t *testing.T) {
	t.Parallel()
	s := small{
		sql: `CREATE TABLE line (id bigint PRIMARY KEY, author_id bigint, answers bigint REFERENCES line ON DELETE CASCADE); CREATE INDEX ON line (author_id); CREATE INDEX ON line (answers);
			INSERT INTO line VALUES (1, 1, NULL), (2, 1, 1), (100, 2, 1)`,
		tables: `
  line: {title: L, category: c, controller: operator, reach: [{as: author, from: person.id, to: author_id}], erase: delete, self: [answers], none: [id], link: [author_id, answers]}`,
		want: []result{{"SELECT id || ' ' || coalesce(answers, 0) FROM line ORDER BY id", []string{"100 0", "101 0"}}},
	}
	engine, pool, _ := s.open(t)
	op, plan := freeze(t, engine, lu)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO line VALUES (101, 2, 2)"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- engine.Execute(t.Context(), op, plan, nothing) }()
	waitsForALock(t, pool)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, r := range s.want {
		if diff := cmp.Diff(r.want, rows(t, pool, r.sql)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	}
}

// TestADeletionForgetsWhatStoodInStoppedRows: the row stays without its person,
// and a lift brings nothing of her back.
func TestADeletionForgetsWhatStoodInStoppedRows(t *testing.T) {
	t.Parallel()
	s := small{person: `erase: {owner: {do: tombstone, set: {mail: null, phone: null, name: {value: gone}, token: null, active: {value: "false"}}}}, stop: {restriction: {name: {value: blocked}}}`}
	engine, pool, _ := s.open(t)
	op, _ := carry(t, engine, lu, connector.Ask{Kind: "restriction"})
	carry(t, engine, connector.Subject{Email: "jo@example.com"}, connector.Ask{Kind: "restriction"})
	carry(t, engine, lu, connector.Ask{Kind: "deletion"})
	if got := rows(t, pool, "SELECT concat(key[1], ' ', sealed IS NULL) FROM dsar.stop ORDER BY 1"); !slices.Equal(got, []string{"1 t", "2 f"}) {
		t.Errorf("what stood there: %v", got)
	}
	carry(t, engine, connector.Subject{Email: "lu@example.com"}, lift(op))
	if got := rows(t, pool, "SELECT concat_ws(' ', id, name) FROM person ORDER BY id"); !slices.Equal(got, []string{"1 gone", "2 blocked"}) {
		t.Errorf("people: %v", got)
	}
}

// TestTheWorkerNeedsNoMoreThanItsGrants runs every case under the two roles.
func TestTheWorkerNeedsNoMoreThanItsGrants(t *testing.T) {
	t.Parallel()
	for _, s := range smalls {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			engine, pool, dir := s.open(t)
			for range 2 {
				for _, sql := range connector.Grants(engine.Map()) {
					exec(t, pool, sql)
				}
			}
			before := prints(t, pool)
			worker := s.reopen(t, pgtest.As(t, pool, connector.ExecRole), dir)
			op, plan := freeze(t, worker, lu)
			if err := worker.Execute(t.Context(), op, plan, nothing); err != nil {
				t.Fatal(err)
			}
			if left, err := worker.Recheck(t.Context(), op, lu); err != nil || !left.Empty() {
				t.Errorf("left: %+v, %v", left, err)
			}
			s.proved(t, pool, dir, before)
		})
	}
}

// TestCheckNamesWhatADeletionWouldLeave changes the map of one table in one place.
func TestCheckNamesWhatADeletionWouldLeave(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sql, erase, more, want string }{
		{"a column computed from what goes", "", "about: {do: redact, set: {body: scrub}}", "derived: [words]", "derived_kept note.words"},
		{"a secret in a row that is overwritten", "", "owner: {do: tombstone, set: {body: null}}", "secret: [words]", "secret_kept note.words"},
		{"one value for all", "CREATE UNIQUE INDEX ON note (body)", "owner: {do: anonymise, set: {body: {value: x}, words: null}}", "derived: [words]", "not_unique note.body"},
		{"a key that is cut off", "ALTER TABLE note ALTER body TYPE varchar(20), ADD UNIQUE (body)", "owner: {do: anonymise, set: {body: {fresh: \"gone-{key}\"}, words: null}}", "derived: [words]", "not_unique note.body"},
		{"one value in an index over an expression", "CREATE UNIQUE INDEX ON note (upper(body)) WHERE words IS NOT NULL", "owner: {do: anonymise, set: {body: {value: x}, words: {value: y}}}", "derived: [words]", "not_unique note.words"},
		{"a secret that would be read", "", "about: {do: redact, set: {words: scrub}}", "secret: [words]", "unwritable note.words"},
		{"text in a number", "", "about: {do: redact, set: {person_id: scrub}}", "derived: [words]", "unwritable note.person_id"},
		{"a reference to nothing known", "", "about: delete", "derived: [words]\n    detach: [person_id]", "unwritable note.person_id"},
		{"a count in a text", "", "about: delete", "derived: [words]\n    repair: [{column: body, count: note, on: {person_id: person_id}}]", "unwritable note.body"},
		{"a folder that anybody may name", "", "about: delete", "derived: [words]\n    objects: [{key: \"{body}/*\"}]", "unwritable note."},
		{"a folder whose name runs on", "", "about: delete", "derived: [words]\n    objects: [{key: \"x/{id}*\"}]", "unwritable note."},
		{"a storage that nobody configured", "", "about: delete", "derived: [words]\n    objects: [{key: \"{body}\", store: {by: words, is: {a: three}}}]", "unwritable note.words"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			role, _, _ := strings.Cut(tt.erase, ":")
			s := small{sql: "CREATE TABLE note (id bigint PRIMARY KEY, person_id bigint, body text, words text); CREATE INDEX ON note (person_id);" + tt.sql,
				tables: fmt.Sprintf("\n  note:\n    title: N\n    category: c\n    controller: operator\n    reach: [{as: %s, from: person.id, to: person_id}]\n    erase: {%s}\n    columns: {body: B}\n    none: [id]\n    link: [person_id]\n    %s", role, tt.erase, tt.more)}
			engine, _, _ := s.open(t)
			findings, err := engine.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				if one := f.Code + " " + f.Table + "." + f.Column; !f.Warn {
					got = append(got, one)
				}
			}
			if !slices.Contains(got, tt.want) {
				t.Errorf("found %v, expected %s", got, tt.want)
			}
			if _, err := engine.Plan(t.Context(), find(t, engine, lu), connector.Ask{Kind: "deletion"}); !errors.Is(err, connector.ErrUnfit) {
				t.Errorf("a deletion all the same: %v", err)
			}
		})
	}
}

// TestARowIsDoneWithOnceItsRoleIsGone: what was overwritten in one role is not
// reached in it any more, and another role would have it deleted. The first role
// counts, in the proof as in the plan.
func TestARowIsDoneWithOnceItsRoleIsGone(t *testing.T) {
	t.Parallel()
	_, pool := club(t)
	exec(t, pool, "ALTER TABLE mailing ADD about bigint; CREATE INDEX ON mailing (about); UPDATE mailing SET about = 1 WHERE id <= 2")
	twofold := strings.NewReplacer(
		"reach: [{as: addressee, find: phone, in: [nr]}]\n    erase: delete", "reach: [{as: addressee, find: phone, in: [nr]}, {as: named, from: member.id, to: about}]\n    erase: {addressee: {do: anonymise, set: {nr: null}}, named: delete}",
		"columns: {nr: Number, sent: Sent}\n    none: [id]\n    link: [firm]", "columns: {nr: Number, sent: Sent}\n    none: [id]\n    link: [firm, about]").Replace(read(t, "rights.yaml"))
	s := open(t, pool, []byte(twofold), connector.Options{Secret: secret, BatchRows: 1})
	carry(t, s, ida, connector.Ask{Kind: "deletion"})
	if got := rows(t, pool, "SELECT string_agg(concat(id, ' ', nr), ', ' ORDER BY id) FROM mailing"); got[0] != "1 , 2 , 3 01713920042" {
		t.Errorf("left are %s", got[0])
	}
}

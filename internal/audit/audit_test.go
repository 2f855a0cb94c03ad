package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var mara = audit.Actor{Kind: audit.StaffActor, ID: "m-1", Label: "Mara “<Lund>” \\ ü"}

func appendAll(t *testing.T, db *pgxpool.Pool, events ...audit.Event) {
	t.Helper()
	for _, e := range events {
		if err := pg.InTx(t.Context(), db, func(tx pgx.Tx) error { return audit.Append(t.Context(), tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
}

func numbered(n int) []audit.Event {
	events := make([]audit.Event, n)
	for i := range events {
		events[i] = audit.Event{Actor: mara, Action: "request.read", Target: fmt.Sprintf("CS-%04d", i), Detail: map[string]any{"n": i}}
	}
	return events
}

// sealAll seals until nothing waits: transactions of the tests beside this one
// hold the horizon for a moment.
func sealAll(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	for t.Context().Err() == nil {
		if _, err := audit.Seal(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var pending int
		err := db.QueryRow(t.Context(), `SELECT count(*) FROM audit_events e WHERE NOT EXISTS
			(SELECT FROM audit_chain c WHERE c.event_id = e.id)`).Scan(&pending)
		if err != nil {
			t.Fatal(err)
		}
		if pending == 0 {
			return
		}
	}
}

func verify(t *testing.T, q pg.Querier) audit.Report {
	t.Helper()
	r, err := audit.Verify(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnEntryReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	request := uuid.New()
	want := audit.Event{Actor: mara, Action: "request.approved", Target: "CS-7F3K-29QD", Request: request.String(),
		Detail: map[string]any{"hash": "ab<&>\u2028", "rows": 12.0}}
	appendAll(t, db, want, audit.Event{Actor: mara, Action: "staff.link_used"})
	sealAll(t, db)

	entries, total, err := audit.NewLog(db).Of(t.Context(), request, 20)
	if err != nil {
		t.Fatal(err)
	}
	if total != 1 || len(entries) != 1 {
		t.Fatalf("got %d of %d entries of the request, want 1 of 1", len(entries), total)
	}
	e := entries[0]
	got := audit.Event{Actor: e.Actor, Action: e.Action, Target: e.Target, Request: want.Request, Detail: e.Detail}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry differs (-want +got):\n%s", diff)
	}
	if e.Index == nil || *e.Index != 0 || len(e.Hash) != 32 {
		t.Errorf("sealed entry has index %v and %d hash bytes, want 0 and 32", e.Index, len(e.Hash))
	}
	if r := verify(t, db); !r.OK || r.Size != 2 || r.Pending != 0 {
		t.Errorf("got %+v, want a good log of 2", r)
	}
	var leaf []byte
	if err := db.QueryRow(t.Context(), `SELECT leaf FROM audit_events WHERE id = $1`, e.ID).Scan(&leaf); err != nil {
		t.Fatal(err)
	}
	var alone map[string]any
	if err := json.Unmarshal(leaf, &alone); err != nil {
		t.Fatalf("the leaf cannot be read without the database: %v", err)
	}
	inLeaf := map[string]any{"at": e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), "actor_kind": "staff", "actor_id": mara.ID, "actor_label": mara.Label,
		"action": want.Action, "target": want.Target, "request": want.Request, "detail": want.Detail}
	if diff := cmp.Diff(inLeaf, alone); diff != "" {
		t.Errorf("the leaf says something else (-want +got):\n%s", diff)
	}
}

func TestAnEntryThatIsRolledBackLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	stop := errors.New("stop")
	err := pg.InTx(t.Context(), db, func(tx pgx.Tx) error {
		if err := audit.Append(t.Context(), tx, numbered(1)[0]); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	appendAll(t, db, numbered(2)...) // behind a gap in the ids
	sealAll(t, db)
	if r := verify(t, db); !r.OK || r.Size != 2 {
		t.Errorf("got %+v, want a good log of 2", r)
	}
}

func TestAnEntryThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for name, e := range map[string]audit.Event{
		"no actor":                        {Action: "request.read"},
		"an action of no kind":            {Actor: mara, Action: "Read"},
		"a request that is no id":         {Actor: mara, Action: "request.read", Request: "CS-1"},
		"a detail that cannot be written": {Actor: mara, Action: "request.read", Detail: map[string]any{"f": func() {}}},
	} {
		err := pg.InTx(t.Context(), db, func(tx pgx.Tx) error { return audit.Append(t.Context(), tx, e) })
		if err == nil {
			t.Errorf("%s: was recorded", name)
		}
	}
}

// A transaction that began first and commits last must not be left out, and
// nothing may be sealed past it while it is open.
func TestSealWaitsForOlderTransactions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	slow, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Rollback(context.WithoutCancel(t.Context()))
	if err := audit.Append(t.Context(), slow, numbered(1)[0]); err != nil {
		t.Fatal(err)
	}
	appendAll(t, db, numbered(3)...)
	if n, err := audit.Seal(t.Context(), db); err != nil || n != 0 {
		t.Fatalf("sealed %d (%v) past an open transaction", n, err)
	}
	if r := verify(t, db); !r.OK || r.Pending != 3 {
		t.Fatalf("got %+v, want 3 pending", r)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealAll(t, db)
	if r := verify(t, db); !r.OK || r.Size != 4 {
		t.Errorf("got %+v, want a good log of 4", r)
	}
	entries, err := audit.NewLog(db).Page(t.Context(), audit.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if first := entries[len(entries)-1]; *first.Index != 0 {
		t.Errorf("the entry of the older transaction has index %d, want 0", *first.Index)
	}
}

func TestTwoSequencersAtOnceSealEachEntryOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	writers, sealers := make(chan error, 4), make(chan error, 4)
	ctx := t.Context()
	for range 4 {
		go func() {
			for _, e := range numbered(50) {
				if err := pg.InTx(ctx, db, func(tx pgx.Tx) error { return audit.Append(ctx, tx, e) }); err != nil {
					writers <- err
					return
				}
			}
			writers <- nil
		}()
		go func() {
			for range 20 {
				if _, err := audit.Seal(ctx, db); err != nil {
					sealers <- err
					return
				}
			}
			sealers <- nil
		}()
	}
	for range 4 {
		if err := errors.Join(<-writers, <-sealers); err != nil {
			t.Fatal(err)
		}
	}
	sealAll(t, db)
	if r := verify(t, db); !r.OK || r.Size != 200 {
		t.Errorf("got %+v, want a good log of 200", r)
	}
}

// rehash computes the whole chain in SQL: what an intruder would have to do,
// and a second implementation of the format.
const rehash = `WITH RECURSIVE chain (idx, hash) AS (
		SELECT -1::bigint, sha256('privacy-portal audit chain 1: start')
	UNION ALL
		SELECT c.idx, sha256(convert_to(E'privacy-portal audit chain 1: link\n', 'UTF8') || p.hash || e.leaf)
		FROM chain p JOIN audit_chain c ON c.idx = p.idx + 1 JOIN audit_events e ON e.id = c.event_id)
	UPDATE audit_chain c SET hash = n.hash FROM chain n WHERE c.idx = n.idx;
	UPDATE audit_head SET hash = (SELECT hash FROM audit_chain ORDER BY idx DESC LIMIT 1)`

func TestTheChainIsWhatItsFormatSays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	appendAll(t, db, numbered(12)...)
	sealAll(t, db)
	before := verify(t, db)
	if _, err := db.Exec(t.Context(), "SET session_replication_role = replica; UPDATE audit_chain SET hash = sha256('x'); "+rehash); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, verify(t, db)); diff != "" {
		t.Errorf("SQL makes another chain (-Go +SQL):\n%s", diff)
	}
}

// New entries would be ordered before the sealed ones, and never be sealed.
func TestALogRestoredIntoAYoungerServerIsNoticed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	appendAll(t, db, numbered(1)...)
	if _, err := db.Exec(t.Context(), `UPDATE audit_head SET last_txid = '999999999999'`); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Seal(t.Context(), db); err == nil || !strings.Contains(err.Error(), "pg_resetwal") {
		t.Errorf("got %v, want what to do", err)
	}
}

// What somebody with all rights on the database could do, and where it shows.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sql string
		want      int64
		problem   string
	}{
		{"a changed leaf", `UPDATE audit_events SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'CS-0007', 'CS-0008'), 'UTF8') WHERE target = 'CS-0007'`, 7, "hash"},
		{"a changed column", `UPDATE audit_events SET target = 'CS-9999' WHERE target = 'CS-0007'`, 7, "reads differently"},
		{"a changed detail", `UPDATE audit_events SET detail = '{"n":8}' WHERE target = 'CS-0007'`, 7, "reads differently"},
		{"a changed time", `UPDATE audit_events SET at = at + interval '1 microsecond' WHERE target = 'CS-0000'`, 0, "reads differently"},
		{"a changed actor", `UPDATE audit_events SET actor_id = 'm-2', actor_label = 'Else' WHERE target = 'CS-0019'`, 19, "reads differently"},
		{"a request put on", `UPDATE audit_events SET request = gen_random_uuid() WHERE target = 'CS-0003'`, 3, "reads differently"},
		{"a removed entry", `DELETE FROM audit_chain WHERE idx = 5; DELETE FROM audit_events WHERE target = 'CS-0005'`, 5, "missing"},
		{"a removed link", `DELETE FROM audit_chain WHERE idx = 5`, 5, "missing"},
		{"a removed event", `ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_event_id_fkey; DELETE FROM audit_events WHERE target = 'CS-0005'`, 5, "removed"},
		{"two that changed places", `ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_event_id_key; UPDATE audit_chain c SET event_id = (SELECT min(event_id) + 11 - c.idx FROM audit_chain) WHERE idx IN (5, 6)`, 5, "hash"},
		{"two texts that changed places", `UPDATE audit_events e SET leaf = o.leaf, target = o.target, detail = o.detail, at = o.at
			FROM audit_events o WHERE e.target IN ('CS-0005', 'CS-0006') AND o.target IN ('CS-0005', 'CS-0006') AND o.id <> e.id`, 5, "hash"},
		{"a cut tail", `DELETE FROM audit_chain WHERE idx >= 17; DELETE FROM audit_events WHERE target >= 'CS-0017'`, 17, "missing"},
		{"a cut tail and a smaller head", `DELETE FROM audit_chain WHERE idx >= 17; DELETE FROM audit_events WHERE target >= 'CS-0017'; UPDATE audit_head SET size = 17`, 16, "head"},
		{"everything cut", `DELETE FROM audit_chain; DELETE FROM audit_events`, 0, "missing"},
		{"a head set back", `UPDATE audit_head SET (size, hash, last_txid, last_id) = (SELECT 10, c.hash, e.txid, e.id FROM audit_chain c JOIN audit_events e ON e.id = c.event_id WHERE c.idx = 9)`, 10, "behind the end"},
		{"one put in between", `INSERT INTO audit_events (id, txid, at, actor_kind, actor_id, actor_label, action, target, detail, leaf) OVERRIDING SYSTEM VALUE
			SELECT -1, txid, at, actor_kind, actor_id, actor_label, action, 'CS-X', detail, leaf FROM audit_events WHERE target = 'CS-0007'`, 7, "put in"},
		{"two that changed places, all hashes made anew", `ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_event_id_key;
			UPDATE audit_chain c SET event_id = (SELECT min(event_id) + 11 - c.idx FROM audit_chain) WHERE idx IN (5, 6);` + rehash, 6, "out of order"},
		{"another hash", `UPDATE audit_chain SET hash = sha256('x') WHERE idx = 12`, 12, "hash"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			appendAll(t, db, numbered(20)...)
			sealAll(t, db)
			if r := verify(t, db); !r.OK || r.Size != 20 {
				t.Fatalf("got %+v before, want a good log of 20", r)
			}
			if _, err := db.Exec(t.Context(), "SET session_replication_role = replica; "+tt.sql+"; SET session_replication_role = DEFAULT"); err != nil {
				t.Fatal(err)
			}
			r := verify(t, db)
			if r.OK || r.FirstBad == nil {
				t.Fatalf("got %+v: not found", r)
			}
			if *r.FirstBad != tt.want || !strings.Contains(r.Problem, tt.problem) {
				t.Errorf("first bad %d (%s), want %d (%s)", *r.FirstBad, r.Problem, tt.want, tt.problem)
			}
		})
	}
}

func TestVerifyAcceptsAnEmptyLog(t *testing.T) {
	t.Parallel()
	r := verify(t, pgtest.New(t))
	if !r.OK || r.Size != 0 || len(r.Root) != 64 {
		t.Errorf("got %+v, want a good empty log with a root", r)
	}
}

// The log is append-only for everybody, whatever their rights.
func TestNobodyChangesTheLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	appendAll(t, db, numbered(2)...)
	sealAll(t, db)
	for _, role := range []string{"", "portal_web", "portal_worker"} {
		as := db
		if role != "" {
			as = pgtest.As(t, db, role)
		}
		for _, sql := range []string{
			`UPDATE audit_events SET target = 'x'`,
			`DELETE FROM audit_events`,
			`TRUNCATE audit_events CASCADE`,
			`UPDATE audit_chain SET hash = sha256('x')`,
			`DELETE FROM audit_chain`,
			`TRUNCATE audit_chain`,
			`DELETE FROM audit_head`,
		} {
			_, err := as.Exec(t.Context(), sql)
			if !denied(err) {
				t.Errorf("%q may run %q (%v)", role, sql, err)
			}
		}
	}
	if r := verify(t, db); !r.OK || r.Size != 2 {
		t.Errorf("got %+v, want a good log of 2", r)
	}
}

func TestEachProcessMayDoItsPartOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	web, worker := pgtest.As(t, db, "portal_web"), pgtest.As(t, db, "portal_worker")
	appendAll(t, web, numbered(2)...)
	appendAll(t, worker, audit.Event{Actor: audit.Actor{Kind: audit.SystemActor, ID: "sweep"}, Action: "request.lapsed"})
	if r := verify(t, web); r.Pending != 3 {
		t.Errorf("got %+v, want 3 pending", r)
	}
	n, err := 0, error(nil)
	for n == 0 && err == nil { // none are settled while a test beside this one is in a transaction
		n, err = audit.Seal(t.Context(), web)
	}
	if !denied(err) {
		t.Errorf("the web process sealed %d (%v)", n, err)
	}
	sealAll(t, worker)
	if r := verify(t, worker); !r.OK || r.Size != 3 {
		t.Errorf("got %+v, want a good log of 3", r)
	}
	for _, sql := range []string{
		`INSERT INTO audit_events (txid, at, actor_kind, actor_id, actor_label, action, target, detail, leaf) VALUES ('1', now(), 'cli', '', '', 'a.b', '', '{}', '')`,
		`INSERT INTO audit_chain (idx, event_id, hash) VALUES (99, 1, sha256('x'))`,
		`SELECT setval('audit_events_id_seq', 1)`,
		`ALTER TABLE audit_events DISABLE TRIGGER ALL`,
	} {
		if _, err := web.Exec(t.Context(), sql); !denied(err) {
			t.Errorf("the web process may run %q (%v)", sql, err)
		}
	}
}

func denied(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "42501"
}

func TestPageFilters(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	appendAll(t, db, numbered(30)...)
	appendAll(t, db, audit.Event{Actor: audit.Actor{Kind: audit.SystemActor, ID: "sweep"}, Action: "request.lapsed", Target: "CS-0001"})
	log := audit.NewLog(db)
	page := func(f audit.Filter) []string {
		t.Helper()
		entries, err := log.Page(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range entries {
			texts = append(texts, e.Action+" "+e.Target)
		}
		return texts
	}
	for _, tt := range []struct {
		name string
		f    audit.Filter
		want []string
	}{
		{"by action", audit.Filter{Action: "request.lapsed"}, []string{"request.lapsed CS-0001"}},
		{"by target, newest first", audit.Filter{Target: "CS-0001"}, []string{"request.lapsed CS-0001", "request.read CS-0001"}},
		{"by actor", audit.Filter{Actor: "sweep"}, []string{"request.lapsed CS-0001"}},
		{"by two", audit.Filter{Target: "CS-0001", Actor: "m-1"}, []string{"request.read CS-0001"}},
		{"none", audit.Filter{Actor: "nobody"}, nil},
		{"a limit", audit.Filter{Limit: 1}, []string{"request.lapsed CS-0001"}},
	} {
		if diff := cmp.Diff(tt.want, page(tt.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	first, err := log.Page(t.Context(), audit.Filter{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	second, err := log.Page(t.Context(), audit.Filter{Limit: 20, Before: first[len(first)-1].ID})
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 20 || len(second) != 11 || second[0].ID >= first[19].ID {
		t.Errorf("pages of %d and %d, want 20 and then the other 11", len(first), len(second))
	}
}

// The figure is for the reader; a busy machine must not fail the test.
func TestHowFastTheLogIsChecked(t *testing.T) {
	t.Parallel()
	const n = 20000
	db := pgtest.New(t)
	_, err := db.Exec(t.Context(), `INSERT INTO audit_events (at, actor_kind, actor_id, actor_label, action, target, request, detail, leaf)
		SELECT at, 'staff', id::text, 'Mara Lund', 'request.read', 'CS-1', id, '{"rows":12}', convert_to('{"at":"' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
			|| '","actor_kind":"staff","actor_id":"' || id || '","actor_label":"Mara Lund","action":"request.read","target":"CS-1","request":"' || id || '","detail":{"rows":12}}', 'UTF8')
		FROM (SELECT clock_timestamp() AS at, gen_random_uuid() AS id FROM generate_series(1, $1)) x`, n)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	sealAll(t, db)
	sealed := time.Since(began)
	began = time.Now()
	r := verify(t, db)
	checked := time.Since(began)
	if !r.OK || r.Size != n {
		t.Fatalf("got %+v, want a good log of %d", r, n)
	}
	t.Logf("sealed %.0f entries/s, checked %.0f entries/s", n/sealed.Seconds(), n/checked.Seconds())
}

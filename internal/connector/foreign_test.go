package connector_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// foreignStore is a store that shares no name and no shape with the demo.
func foreignStore(t testing.TB, edit ...string) (*connector.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "foreign.sql"))
	if _, err := connector.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"a/own.pdf", "c/other.pdf"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := connector.OpenObjects(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	src := strings.NewReplacer(edit...).Replace(read(t, "foreign.yaml"))
	return open(t, pool, []byte(src), connector.Options{Secret: secret, Objects: objects, BatchRows: 1,
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }}), pool
}

func exec(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// rows reads one text column, in order.
func rows(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) []string {
	t.Helper()
	r, err := pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(r, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheForeignMapFits(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s %s.%s: %s", f.Code, f.Table, f.Column, f.Detail)
	}
}

func TestFindKnowsWhoIsWho(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	for _, tt := range []struct {
		name string
		who  connector.Subject
		want []string
	}{
		{"by address, and by the number that it leads to", connector.Subject{Email: "LU@example.com"}, []string{"1 email", "7 email", "2 phone learnt"}},
		{"by number, and by the address that it leads to", connector.Subject{Phone: "+491713920041"}, []string{"1 phone", "2 phone", "7 email learnt"}},
		{"off by one", connector.Subject{Phone: "+491713920042"}, []string{"3 phone"}},
		{"one digit longer", connector.Subject{Phone: "+4917139200411"}, []string{"4 phone"}},
		{"one digit shorter", connector.Subject{Phone: "+49171392004"}, nil},
		{"a wildcard", connector.Subject{Email: "%@example.com", Phone: "%"}, nil},
		{"another wildcard", connector.Subject{Email: "_u@example.com"}, nil},
		{"only a wildcard", connector.Subject{Email: "%"}, nil},
		{"empty", connector.Subject{}, nil},
		{"blank", connector.Subject{Email: " ", Phone: " "}, nil},
		{"a part of an address", connector.Subject{Email: "lu@example"}, nil},
		{"an identifier that the map does not know", connector.Subject{Keys: map[string]string{"id": "1"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := find(t, s, tt.who)
			var got []string
			for _, m := range f.Matches {
				one := m.Key + " " + m.By
				if m.Learnt {
					one += " learnt"
				}
				got = append(got, one)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
			if len(tt.want) == 0 && f.Total != 0 {
				t.Errorf("nobody matched, and %d rows were found", f.Total)
			}
			if len(f.Tables) < len(s.Map().Tables) {
				t.Errorf("only %d of %d tables are accounted for", len(f.Tables), len(s.Map().Tables))
			}
		})
	}
}

func TestThePlanOfAForeignStore(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	f := find(t, s, connector.Subject{Email: "lu@example.com"})
	plan, err := s.Plan(t.Context(), f, connector.Ask{Kind: "deletion"})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, st := range plan.Steps {
		fmt.Fprintf(&b, "%d %s as %s: %s %d rows, %d files %s %s %s\n", st.Seq, st.Table, st.Role, st.Action, st.Rows, st.Objects, st.Ground, st.Until, st.Reason.In("de"))
	}
	golden(t, "foreign.plan", b.String())
	statements, err := s.Statements(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "foreign.golden.sql", statements)
	again, err := s.Plan(t.Context(), find(t, s, connector.Subject{Email: "lu@example.com"}), connector.Ask{Kind: "deletion"})
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash != plan.Hash || plan.Hash != plan.Sum() {
		t.Errorf("the same plan has two hashes: %s, %s, %s", plan.Hash, again.Hash, plan.Sum())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, name), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAnErasureInAForeignStore(t *testing.T) {
	t.Parallel()
	s, pool := foreignStore(t)
	ctx, who := t.Context(), connector.Subject{Email: "lu@example.com"}
	op, plan := freeze(t, s, who)
	if err := s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what, sql string
		want      []string
	}{
		{"customers", `SELECT id::text FROM "Help Desk".customer ORDER BY id`, []string{"3", "4", "5", "6", "8"}},
		{"threads", `SELECT topic FROM "Help Desk".thread ORDER BY id`, []string{"of an agent with the same id", "of another customer"}},
		{"posts", `SELECT "text" FROM "Help Desk".post ORDER BY thread, no`, []string{"agent of the same id", "somebody else", "[removed]", "call Lu: (0171) 392-0041"}},
		{"read marks", `SELECT customer::text FROM "Help Desk".reader`, []string{"3"}},
		{"badges", `SELECT label FROM "Help Desk".badge`, []string{"not mine"}},
		{"mails", `SELECT left("to", 15) || ' ' || length("to") || ' ' || details FROM "Help Desk".mail_log WHERE "to" NOT LIKE 'xlu%' AND "to" LIKE '%@%'`, []string{}},
		{"bills", `SELECT id || ' ' || holder || ' ' || coalesce(customer::text, '-') FROM "Help Desk".bill ORDER BY id`, []string{"1 Lu Example 1", "2 gone-2 -", "3 Other 3", "4 Lu 1"}},
		{"remarks", `SELECT id || ' ' || coalesce(answers::text, '-') FROM "Help Desk".remark ORDER BY id`, []string{"2 -", "4 2"}},
		{"uploads", `SELECT path FROM "Help Desk".upload`, []string{"c/other.pdf"}},
		{"text messages", `SELECT id::text FROM "Help Desk".sms ORDER BY id`, []string{"2", "3"}},
		{"files", `SELECT object_key || ' ' || outcome FROM dsar.object`, []string{"a/own.pdf removed"}},
	} {
		if diff := cmp.Diff(tt.want, rows(t, pool, tt.sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
	residue, err := s.Recheck(ctx, op, who)
	if err != nil {
		t.Fatal(err)
	}
	if !residue.Empty() {
		t.Errorf("left: %+v", residue)
	}
	if want := []connector.Hit{{Table: "post", Column: "text", Rows: 1}}; !cmp.Equal(want, residue.Mentions) {
		t.Errorf("mentions: %+v, expected %+v", residue.Mentions, want)
	}
	if err := s.Finish(ctx, op); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, pool, "SELECT kind FROM dsar.erased ORDER BY kind"); !cmp.Equal(n, []string{"customer", "customer", "customer", "email", "phone"}) {
		t.Errorf("remembered: %v", n)
	}
	if left := rows(t, pool, "SELECT id::text FROM dsar.operation WHERE sealed IS NOT NULL UNION ALL SELECT operation::text FROM dsar.target"); len(left) > 0 {
		t.Errorf("not wiped: %v", left)
	}
	// A worker that died behind Finish does all of it again.
	if err := s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Errorf("Execute of what is finished: %v", err)
	}
	if r, err := s.Recheck(ctx, op, who); err != nil || !r.Empty() {
		t.Errorf("Recheck of what is finished: %+v, %v", r, err)
	}
	if err := s.Finish(ctx, op); err != nil {
		t.Errorf("a second Finish: %v", err)
	}
}

// TestRecheckSeesWhatComesBack puts rows back that the plan took away.
func TestRecheckSeesWhatComesBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sql, table string }{
		{"a row under the old key", `INSERT INTO "Help Desk".thread VALUES (gen_random_uuid(), 'de', 'late', 'customer', 1)`, "thread"},
		{"a new row of the person", `INSERT INTO "Help Desk".customer VALUES (99, 'de', '+49 171 3920041')`, "customer"},
		{"an anonymised row that was written again", `UPDATE "Help Desk".post SET "text" = 'quince' WHERE "text" = '[removed]'`, "post"},
		{"the number in another text", `UPDATE "Help Desk".bill SET holder = '01713920041' WHERE id = 3`, "bill.holder"},
		{"the address in another text", `UPDATE "Help Desk".mail_log SET details = '{"cc": "Lu@example.com"}' WHERE "to" LIKE 'xlu%'`, "mail_log.details"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, pool := foreignStore(t)
			who := connector.Subject{Email: "lu@example.com"}
			op, plan := freeze(t, s, who)
			if err := s.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
				t.Fatal(err)
			}
			exec(t, pool, tt.sql)
			r, err := s.Recheck(t.Context(), op, who)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.Rows {
				got = append(got, f.Table)
			}
			for _, h := range r.Values {
				got = append(got, h.Table+"."+h.Column)
			}
			if !strings.Contains(strings.Join(got, " ")+" ", tt.table+" ") {
				t.Errorf("found again: %v, expected %s", got, tt.table)
			}
		})
	}
}

func TestASnapshotLeavesSecretsAndOthersOut(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	snap, err := s.Snapshot(t.Context(), find(t, s, connector.Subject{Email: "lu@example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var b strings.Builder
	for table, err := range snap.Tables() {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "== %s as %s\n", table.Name, table.Role)
		for i, c := range table.Columns {
			fmt.Fprintf(&b, "%s%s(%d)", strings.Repeat(" ", min(i, 1)), c.Name, c.Kind)
		}
		b.WriteByte('\n')
		for row, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range row {
				if v == nil {
					v = []byte("NULL")
				}
				fmt.Fprintf(&b, "%s%s", strings.Repeat(" | ", min(i, 1)), v)
			}
			b.WriteByte('\n')
		}
	}
	for f, err := range snap.Files() {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "file %s %s\n", f.Table, f.Key)
	}
	if strings.Contains(b.String(), "k-1") {
		t.Error("a secret is in the export")
	}
	golden(t, "foreign.export", b.String())
}

func TestTheRolesMayDoNoMoreThanTheMapNeeds(t *testing.T) {
	t.Parallel()
	s, pool := foreignStore(t)
	for _, sql := range connector.Grants(s.Map()) {
		exec(t, pool, sql)
	}
	reader, worker := pgtest.As(t, pool, connector.ReadRole), pgtest.As(t, pool, connector.ExecRole)
	for _, tt := range []struct {
		name string
		db   *pgxpool.Pool
		sql  string
		may  bool
	}{
		{"the reader reads", reader, `SELECT mail FROM "Help Desk".customer`, true},
		{"the reader does not read a secret", reader, `SELECT api_key FROM "Help Desk".customer`, false},
		{"the reader does not delete", reader, `DELETE FROM "Help Desk".customer`, false},
		{"the reader does not see who is erased", reader, `SELECT hash FROM dsar.erased`, false},
		{"the worker does not forget who was erased", worker, `DELETE FROM dsar.erased`, false},
		{"the worker does not make somebody else of it", worker, `UPDATE dsar.erased SET kind = ''`, false},
		{"the worker does not forget a file", worker, `DELETE FROM dsar.object`, false},
		{"the worker does not claim a schema", worker, `DELETE FROM dsar.goose_db_version`, false},
		{"the worker does not empty the ledger", worker, `TRUNCATE dsar.erased`, false},
		{"the worker reads the ledger", worker, `SELECT hash FROM dsar.erased`, true},
		{"the worker does not read a secret", worker, `SELECT api_key FROM "Help Desk".customer`, false},
		{"the worker does not delete what is kept", worker, `DELETE FROM "Help Desk".bill`, false},
		{"the worker does not write other columns", worker, `UPDATE "Help Desk".bill SET due = now()`, false},
		{"the worker does not insert", worker, `INSERT INTO "Help Desk".settings VALUES ('x')`, false},
		{"the worker does not change the schema", worker, `DROP TABLE "Help Desk".customer`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.db.Exec(t.Context(), tt.sql); (err == nil) != tt.may {
				t.Errorf("%s: %v", tt.sql, err)
			}
		})
	}
	who := connector.Subject{Email: "lu@example.com"}
	find(t, open(t, reader, []byte(read(t, "foreign.yaml")), connector.Options{}), who)
	objects, err := connector.OpenObjects(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	w := open(t, worker, []byte(read(t, "foreign.yaml")), connector.Options{Secret: secret, Objects: objects})
	op, plan := freeze(t, w, who)
	if err := w.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Recheck(t.Context(), op, who); err != nil || !r.Empty() {
		t.Errorf("recheck as %s: %+v, %v", connector.ExecRole, r, err)
	}
	if err := w.Finish(t.Context(), op); err != nil {
		t.Error(err)
	}
	if err := w.Finish(t.Context(), uuid.New()); err == nil {
		t.Error("an operation that was never frozen was finished")
	}
}

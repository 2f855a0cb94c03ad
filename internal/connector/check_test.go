package connector_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// TestCheckNamesWhatDoesNotFit changes the store or the map in one place each.
func TestCheckNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		sql  string   // done to the store
		edit []string // done to the map
		want string   // code table.column
		warn bool
	}{
		{name: "a table that is gone", sql: `DROP TABLE upload`, want: "missing_table upload."},
		{name: "a column that is gone", sql: `ALTER TABLE mail_log DROP COLUMN details`, want: "missing_column mail_log.details"},
		{name: "a new table", sql: `CREATE TABLE diary (words text)`, want: "unmapped_table diary."},
		{name: "a new column", sql: `ALTER TABLE customer ADD nick text`, want: "unmapped_column customer.nick"},
		{name: "a new table, where drift only warns", sql: `CREATE TABLE diary (words text)`, edit: []string{"drift: {", "drift: {unmapped_table: warn, "}, want: "unmapped_table diary.", warn: true},
		{name: "a trigger", sql: `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; CREATE TRIGGER g BEFORE DELETE ON post FOR EACH ROW EXECUTE FUNCTION f()`, want: "unmapped_trigger post."},
		{name: "a view", sql: `CREATE VIEW latest AS SELECT * FROM post`, want: "unmapped_view latest."},
		{name: "a view that keeps rows", sql: `CREATE MATERIALIZED VIEW latest AS SELECT * FROM post`, want: "unmapped_view latest."},
		{name: "no key", sql: `ALTER TABLE bill DROP CONSTRAINT bill_pkey`, want: "no_key bill."},
		{name: "a key that is not unique", edit: []string{"  bill:\n    title", "  bill:\n    key: [customer]\n    title"}, want: "no_key bill."},
		{name: "a join of different types", sql: `ALTER TABLE remark DROP CONSTRAINT remark_customer_fkey, ALTER customer TYPE text`, want: "wrong_type remark.customer"},
		{name: "a moment that is no number", edit: []string{"seen: Seen", "seen: {title: Seen, epoch: ms}"}, want: "wrong_type reader.seen"},
		{name: "a constant that is too long", edit: []string{`{fresh: "gone-{key}"}`, `{value: "thirteen chars"}`}, want: "wrong_type bill.holder"},
		{name: "a period from no date", edit: []string{"for: 10y, from: due", "for: 10y, from: holder"}, want: "wrong_type bill.holder"},
		{name: "a path without an index", sql: `DROP INDEX bill_customer_idx`, want: "missing_index bill.customer"},
		{name: "an identifier without an index", sql: `DROP INDEX customer_lower_idx`, want: "missing_index customer.mail"},
		{name: "a reference without an index", sql: `DROP INDEX remark_answers_idx`, edit: []string{"missing_index: fail", "missing_index: warn"}, want: "unindexed_reference remark.answers", warn: true},
		{name: "a reference from a table that is not mapped", sql: `ALTER TABLE settings ADD customer bigint REFERENCES customer; CREATE INDEX ON settings (customer)`, want: "unmapped_reference settings.customer"},
		{name: "a cascade", sql: `ALTER TABLE settings ADD customer bigint REFERENCES customer ON DELETE CASCADE; CREATE INDEX ON settings (customer)`, want: "cascade settings.customer"},
		{name: "a reference that sets NULL", sql: `ALTER TABLE settings ADD customer bigint REFERENCES customer ON DELETE SET NULL; CREATE INDEX ON settings (customer)`, want: "silent_change settings.customer"},
		{name: "a cascade into a mapped table that no path follows", sql: `ALTER TABLE mail_log ADD customer bigint REFERENCES customer ON DELETE CASCADE; CREATE INDEX ON mail_log (customer)`,
			edit: []string{"none: [seq]", "none: [seq, customer]"}, want: "cascade mail_log.customer"},
		{name: "a kept row that refers to what goes", sql: `ALTER TABLE bill ADD FOREIGN KEY (customer) REFERENCES customer`, want: "blocked_delete bill.customer"},
		{name: "a self reference that nobody nulls", edit: []string{"    self: [answers]\n", ""}, want: "blocked_delete remark.answers"},
		{name: "NULL where none may stand", sql: `DELETE FROM bill WHERE customer IS NULL; ALTER TABLE bill ALTER customer SET NOT NULL`, want: "not_null bill.customer"},
		{name: "a circle", sql: `ALTER TABLE thread ADD last_no integer, ADD FOREIGN KEY (id, last_no) REFERENCES post; CREATE INDEX ON thread (id, last_no)`,
			edit: []string{"none: [id, opener]", "none: [id, opener, last_no]"}, want: "circle thread."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, pool := foreignStore(t, tt.edit...)
			if tt.sql != "" {
				exec(t, pool, `SET search_path = "Help Desk"; `+tt.sql+`; RESET search_path`)
			}
			report, err := s.Report(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, f := range report.Findings {
				one := f.Code + " " + f.Table + "." + f.Column
				all = append(all, one)
				if one != tt.want {
					continue
				}
				if f.Warn != tt.warn {
					t.Errorf("warn is %t", f.Warn)
				}
				if f.Detail == "" || report.OK {
					t.Errorf("%+v, ok %t", f, report.OK)
				}
				blocks(t, s, !tt.warn)
				return
			}
			t.Errorf("found %v, expected %s", all, tt.want)
		})
	}
}

// Whoever compares two checks, or two refusals in the log, must see what changed.
func TestCheckSaysTheSameInTheSameOrder(t *testing.T) {
	t.Parallel()
	s, pool := demoStore(t, demo.Options{Seed: 1, Rows: 2000}, connector.Options{})
	exec(t, pool, "ALTER TABLE activity_logs ADD reaction_id bigint REFERENCES reactions (id)")
	first, err := s.Check(t.Context())
	if err != nil || len(first) < 3 {
		t.Fatalf("%d findings, %v", len(first), err)
	}
	for range 40 {
		again, err := s.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatal(diff)
		}
	}
}

// blocks demands that a deletion is refused, or not.
func blocks(t *testing.T, s *connector.Store, want bool) {
	t.Helper()
	f, err := s.Find(t.Context(), connector.Subject{Email: "lu@example.com"})
	if err == nil {
		_, err = s.Plan(t.Context(), f, connector.Ask{Kind: "deletion"})
	}
	if errors.Is(err, connector.ErrUnfit) != want {
		t.Errorf("planning a deletion: %v", err)
	}
}

// A search goes on where a deletion would not, and names the place, once, for
// others to put into words.
func TestASearchNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	s, pool := foreignStore(t)
	if got := find(t, s, connector.Subject{Email: "lu@example.com"}).Warnings; len(got) != 0 {
		t.Fatalf("a map that fits warns of %v", got)
	}
	exec(t, pool, `SET search_path = "Help Desk"; ALTER TABLE customer ADD nick text; CREATE TABLE diary (words text); CREATE VIEW latest AS SELECT * FROM post;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
		CREATE TRIGGER g BEFORE DELETE ON post FOR EACH ROW EXECUTE FUNCTION f(); CREATE TRIGGER h BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION f(); RESET search_path`)
	want := []string{"unmapped_column customer.nick", "unmapped_table diary", "unmapped_trigger post", "unmapped_view latest"}
	got := slices.Sorted(slices.Values(find(t, s, connector.Subject{Email: "lu@example.com"}).Warnings))
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOtherKindsHaveNoPlanToCarryOut(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	f := find(t, s, connector.Subject{Email: "lu@example.com"})
	if _, err := s.Plan(t.Context(), f, connector.Ask{Kind: "oblivion"}); !errors.Is(err, connector.ErrKind) {
		t.Errorf("a kind that nobody knows: %v", err)
	}
	plan, err := s.Plan(t.Context(), f, connector.Ask{Kind: "access"})
	if err != nil {
		t.Fatal(err)
	}
	var exported int64
	for _, st := range plan.Steps {
		exported += st.Rows
	}
	if exported != f.Total {
		t.Errorf("access plans %d rows, and %d were found", exported, f.Total)
	}
}

func FuzzQuote(f *testing.F) {
	f.Add(`a"b`, `c.d`)
	f.Add(`"; DROP TABLE x; --`, ``)
	f.Fuzz(func(t *testing.T, schema, table string) {
		got := connector.Quote(schema, table)
		rest := got
		for _, name := range []string{schema, table} {
			// What stands between the outer quotes is the name with its own
			// quotes doubled; nothing can end it early.
			want := `"` + strings.ReplaceAll(strings.ReplaceAll(name, "\x00", ""), `"`, `""`) + `"`
			var ok bool
			if rest, ok = strings.CutPrefix(rest, want); !ok {
				t.Fatalf("%q quotes as %q", []string{schema, table}, got)
			}
			rest = strings.TrimPrefix(rest, ".")
		}
		if rest != "" {
			t.Fatalf("%q is left of %q", rest, got)
		}
	})
}

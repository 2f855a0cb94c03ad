package connector_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// carry takes a request of the planted person from the search to its end.
func (p fixture) carry(t testing.TB, ask connector.Ask) uuid.UUID {
	t.Helper()
	ctx, who, op := t.Context(), subject(p.Case.Who), uuid.New()
	f := find(t, p.engine, who)
	plan, err := p.engine.Plan(ctx, f, ask)
	if err != nil {
		t.Fatalf("plan a %s: %v", ask.Kind, err)
	}
	if plan, err = p.engine.Freeze(ctx, op, f, ask, plan); err != nil {
		t.Fatalf("freeze a %s: %v", ask.Kind, err)
	}
	if err := p.engine.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatalf("carry out a %s: %v", ask.Kind, err)
	}
	left, err := p.engine.Recheck(ctx, op, who)
	if err != nil || !left.Empty() {
		t.Fatalf("a %s is not done: rows %+v, values %+v, %v", ask.Kind, left.Rows, left.Values, err)
	}
	if err := p.engine.Finish(ctx, op); err != nil {
		t.Fatalf("finish a %s: %v", ask.Kind, err)
	}
	return op
}

func (p fixture) take(t testing.TB) stores.Prints {
	t.Helper()
	prints, err := p.Take(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	return prints
}

// TestEachForeignRestrictionIsUndoneToTheByte: the flag is set where the map has
// one, nothing else changes, and the lift leaves no trace in the store.
func TestEachForeignRestrictionIsUndoneToTheByte(t *testing.T) {
	t.Parallel()
	flagged := map[string]string{"recado": "peer", "feira": "Contact"}
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{BatchRows: 2})
		before := p.take(t)
		op := p.carry(t, connector.Ask{Kind: "restriction"})
		want := stores.Case{}
		if table := flagged[s.Name]; table != "" {
			want.Changed = stores.Rows{table: s.Case.Probes[0].Match[table]}
		}
		for _, wrong := range want.Compare(before, p.take(t)) {
			t.Error("restricted: " + wrong)
		}
		p.carry(t, connector.Ask{Kind: "restriction_lift", Undo: op})
		for _, wrong := range stores.Untouched(before, p.take(t)) {
			t.Error("lifted: " + wrong)
		}
	})
}

// TestAForeignOptOutIsWrittenOnce: as a row where the map says a row, in the
// list where it says a list, in the tenant that was asked, and not twice.
func TestAForeignOptOutIsWrittenOnce(t *testing.T) {
	t.Parallel()
	t.Run("a row", func(t *testing.T) {
		t.Parallel()
		p := openFixture(t, &stores.Feira, connector.Options{})
		before := p.take(t)
		p.carry(t, connector.Ask{Kind: "opt_out"})
		p.carry(t, connector.Ask{Kind: "opt_out"})
		want := stores.Case{MayAdd: []string{"opt_out"}}
		for _, wrong := range want.Compare(before, p.take(t)) {
			t.Error(wrong)
		}
		got := rows(t, p.db, `SELECT account_id || ' ' || number || ' ' || via FROM "Feira".opt_out ORDER BY 1`)
		if diff := cmp.Diff([]string{"1 5521987652222 mail", "1 5521987654321 mail", "1 5521987654321 whatsapp", "2 5521987654321 mail"}, got); diff != "" {
			t.Errorf("opt-outs (-want +got):\n%s", diff)
		}
	})
	t.Run("a list that has the number already", func(t *testing.T) {
		t.Parallel()
		p := openFixture(t, &stores.Recado, connector.Options{})
		before := p.take(t)
		p.carry(t, connector.Ask{Kind: "opt_out"})
		for _, wrong := range stores.Untouched(before, p.take(t)) {
			t.Error(wrong)
		}
	})
	t.Run("a list", func(t *testing.T) {
		t.Parallel()
		p := openFixture(t, &stores.Recado, connector.Options{})
		exec(t, p.db, "UPDATE robot_options SET left_out = '[\"573000000002\"]' WHERE line_name = 'alba-1'")
		p.carry(t, connector.Ask{Kind: "opt_out"})
		got := rows(t, p.db, "SELECT line_name || ' ' || left_out::text FROM robot_options ORDER BY 1")
		if diff := cmp.Diff([]string{`alba-1 ["573000000002", "573105550182"]`, `sur-1 ["573105550182"]`}, got); diff != "" {
			t.Errorf("lists (-want +got):\n%s", diff)
		}
	})
}

// TestAForeignObjectionStopsOnlyItsPurpose at one tenant.
func TestAForeignObjectionStopsOnlyItsPurpose(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Feira, connector.Options{})
	before := p.take(t)
	p.carry(t, connector.Ask{Kind: "objection", Purposes: []string{"news"}})
	want := stores.Case{Changed: stores.Rows{"Contact": p.Case.Probes[0].Match["Contact"]}}
	for _, wrong := range want.Compare(before, p.take(t)) {
		t.Error(wrong)
	}
}

// TestAForeignCorrectionKeepsTheStorageForm and changes one column of one row.
func TestAForeignCorrectionKeepsTheStorageForm(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Feira, connector.Options{})
	ctx, who, before := t.Context(), subject(p.Case.Who), p.take(t)
	f := find(t, p.engine, who)
	edit := func(column, value string, routing bool) connector.Ask {
		return connector.Ask{Kind: "correction", Edits: []connector.Edit{{Table: "Contact", Key: "8000001", Column: column, New: value, Routing: routing}}}
	}
	for _, tt := range []struct{ name, column, value, code string }{
		{"a number that messages go to, without a yes", "phone", "+55 21 98888-7777", connector.RefusedRouting},
		{"no number", "phone", "abc", connector.RefusedType},
		{"an address that somebody of the tenant has, in other case", "email", "CAIO@example.com", connector.RefusedTaken},
		{"what stands there", "fullName", "Bruna Teixeira", connector.RefusedSame},
		{"a column that cannot be corrected", "score", "9", connector.RefusedUnknown},
		{"a language that there is not", "language", "xx", connector.RefusedType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := p.engine.Plan(ctx, f, edit(tt.column, tt.value, false)); err == nil || !strings.Contains(err.Error(), tt.code) {
				t.Errorf("%v, expected %s", err, tt.code)
			}
		})
	}
	p.carry(t, edit("phone", "+55 21 98888-7777", true))
	if got := rows(t, p.db, `SELECT phone FROM "Feira"."Contact" WHERE id = 8000001`); got[0] != "5521988887777" {
		t.Errorf("the number is %s", got[0])
	}
	want := stores.Case{Changed: stores.Rows{"Contact": {"8000001"}}}
	for _, wrong := range want.Compare(before, p.take(t)) {
		t.Error(wrong)
	}
}

// TestAForeignPackageToTakeAlong holds what she gave and what was observed, not
// what others thought of her.
func TestAForeignPackageToTakeAlong(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Feira, connector.Options{})
	snap, err := p.engine.Snapshot(t.Context(), find(t, p.engine, subject(p.Case.Who)))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var b strings.Builder
	for table, err := range snap.Portable().Tables() {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(table.Name + "\n")
		for row, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range row {
				b.Write(cell)
				b.WriteByte('\n')
			}
		}
	}
	for _, gives := range []string{"açaí-25", "abacate-01", "embu-29", "cabra-74"} {
		if !strings.Contains(b.String(), gives) {
			t.Errorf("%s is missing", gives)
		}
	}
	for _, keeps := range []string{"lobo-82", "7.5\n", "segment\n", "tagging\n"} {
		if strings.Contains(b.String(), keeps) {
			t.Errorf("%q is there", keeps)
		}
	}
}

// TestAForeignRetentionIsShortened: what is older than she wants goes, of the
// category that she named, by the same rules as a deletion.
func TestAForeignRetentionIsShortened(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Feira, connector.Options{})
	before := p.take(t)
	p.carry(t, connector.Ask{Kind: "shortened_retention", Days: 400, Categories: []string{"messages"}})
	want := stores.Case{
		Deleted: stores.Rows{"conversation": {"8000104"}, "message": {"8000211"}, "message_archive": {"8000251"}},
		Changed: stores.Rows{"message_archive": {"8000252"}},
	}
	for _, wrong := range want.Compare(before, p.take(t)) {
		t.Error(wrong)
	}
}

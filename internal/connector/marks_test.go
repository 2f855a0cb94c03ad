package connector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
)

// readRows gives every exported row as one text, and the mark behind it.
func readRows(t *testing.T, snap *connector.Snapshot, after ...connector.Mark) (rows []string, marks []connector.Mark) {
	t.Helper()
	for table, err := range snap.Tables(after...) {
		if err != nil {
			t.Fatal(err)
		}
		at := connector.Mark{Table: table.Name, Role: table.Role}
		for _, m := range after {
			if m.Table == at.Table && m.Role == at.Role {
				at.Rows = m.Rows
			}
		}
		for row, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			at.Key, at.Rows = table.Key(), at.Rows+1
			rows = append(rows, fmt.Sprintf("%s as %s: %q", table.Name, table.Role, row))
			marks = append(marks, at)
		}
	}
	return rows, marks
}

func snapshot(t *testing.T, s *connector.Store) *connector.Snapshot {
	t.Helper()
	snap, err := s.Snapshot(t.Context(), find(t, s, connector.Subject{Email: "lu@example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(snap.Close)
	return snap
}

// lastOf gives the last mark of each table and role.
func lastOf(marks []connector.Mark) (out []connector.Mark) {
	for _, m := range marks {
		i := slices.IndexFunc(out, func(o connector.Mark) bool { return o.Table == m.Table && o.Role == m.Role })
		if i < 0 {
			out = append(out, m)
		} else {
			out[i] = m
		}
	}
	return out
}

// Keys of one column and of two, numbers, texts and uuids, tables in one role
// and in several: wherever a reader stops, the next one reads the rest.
func TestASnapshotGoesOnBehindAnyRow(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	all, marks := readRows(t, snapshot(t, s))
	if len(all) < 10 {
		t.Fatalf("only %d rows to stop at", len(all))
	}
	for n := range all {
		snap := snapshot(t, s)
		before := lastOf(marks[:n+1])
		for _, m := range before {
			if ok, err := snap.Hold(m); err != nil || !ok {
				t.Errorf("behind row %d: %+v does not hold, %v", n+1, m, err)
			}
		}
		rest, _ := readRows(t, snap, before...)
		if d := gocmp.Diff(all[n+1:], rest, gocmp.Transformer("none", func(s []string) string { return strings.Join(s, "\n") })); d != "" {
			t.Errorf("behind row %d (-want +got):\n%s", n+1, d)
		}
		snap.Close()
	}
}

func TestAMarkDoesNotHoldWhenRowsMoveBeforeIt(t *testing.T) {
	t.Parallel()
	const thread = "00000000-0000-4000-8000-00000000000a"
	for _, tt := range []struct {
		name, sql string
		want      bool
	}{
		{"nothing happens", "SELECT 1", true},
		{"a row comes behind it", `INSERT INTO "Help Desk".post VALUES ('` + thread + `', 99, 'customer', 1, 'new', 1)`, true},
		{"a row changes", `UPDATE "Help Desk".post SET text = 'other' WHERE thread = '` + thread + `'`, true},
		{"a row comes before it", `INSERT INTO "Help Desk".post VALUES ('` + thread + `', -5, 'customer', 1, 'new', 1)`, false},
		{"a row goes", `DELETE FROM "Help Desk".post WHERE thread = '` + thread + `' AND no = 1`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, pool := foreignStore(t)
			_, marks := readRows(t, snapshot(t, s))
			i := slices.IndexFunc(lastOf(marks), func(m connector.Mark) bool { return m.Table == "post" && m.Role == "thread" })
			if i < 0 {
				t.Fatal("no post was read")
			}
			m := lastOf(marks)[i]
			exec(t, pool, tt.sql)
			ok, err := snapshot(t, s).Hold(m)
			if err != nil || ok != tt.want {
				t.Fatalf("Hold = %v, %v", ok, err)
			}
		})
	}
}

func TestAStrangersMarkHoldsNothing(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t)
	snap := snapshot(t, s)
	for _, m := range []connector.Mark{
		{Table: "no such table", Key: []string{"1"}},
		{Table: "agent", Role: "owner", Key: []string{"1"}, Rows: 1},
		{Table: "post", Role: "thread", Key: []string{"1"}, Rows: 1},
	} {
		if ok, err := snap.Hold(m); ok || err != nil {
			t.Errorf("%+v: %v, %v", m, ok, err)
		}
	}
}

func TestPortabilityTakesAlongWhatWasProvidedOrObserved(t *testing.T) {
	t.Parallel()
	s, _ := foreignStore(t,
		"title: Mails\n", "title: Mails\n    provenance: inferred\n",
		"topic: {title: Topic, mentions: true}", "topic: {title: Topic, mentions: true, provenance: organisation}",
		"columns: {to: To, at: When,", "columns: {to: To, at: {title: When, provenance: observed},",
		"title: Bills\n", "title: Bills\n    provenance: organisation\n")
	access, portability := snapshot(t, s), snapshot(t, s).Portable()
	columns := func(snap *connector.Snapshot) map[string][]string {
		out := map[string][]string{}
		for table, err := range snap.Tables() {
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range table.Columns {
				if key := table.Name; !slices.Contains(out[key], c.Name) {
					out[key] = append(out[key], c.Name)
				}
			}
		}
		return out
	}
	want := columns(access)
	delete(want, "bill")
	want["mail_log"] = []string{"at"}
	want["thread"] = slices.DeleteFunc(want["thread"], func(c string) bool { return c == "topic" })
	if d := gocmp.Diff(want, columns(portability)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	plan, err := portability.Plan("portability")
	if err != nil {
		t.Fatal(err)
	}
	planned, rows := int64(0), 0
	for _, step := range plan.Steps {
		planned += step.Rows
		if step.Table == "bill" {
			t.Error("bills are planned")
		}
	}
	read, _ := readRows(t, portability)
	if rows = len(read); int64(rows) != planned {
		t.Errorf("%d rows planned, %d read", planned, rows)
	}
}

package connector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// spareable has notes of a category of their own, which refer to no person.
var spareable = small{
	name: "a category that is refused",
	more: `  d: {title: D, about: A., purpose: P., basis: B, recipients: [R], retention: R., source: S.}`,
	sql: `CREATE TABLE note (id bigint PRIMARY KEY, mail text, body text);
		CREATE INDEX ON note (mail);
		INSERT INTO note VALUES (1, 'lu@example.com', 'from lu@example.com'), (2, 'lu@example.com', 'old'), (100, 'jo@example.com', 'Jo')`,
	tables: `
  note:
    title: N
    category: d
    controller: operator
    reach: [{as: about, find: email, in: [mail]}]
    erase: {about: delete}
    columns: {mail: M, body: {title: B, mentions: true}}
    none: [id]`,
}

func spare(category string) []datamap.Spare {
	return []datamap.Spare{{Category: category, Ground: "LEGAL_RETENTION", Words: datamap.Text{"en": "A law makes us keep it."}}}
}

func TestADeletionKeepsWhatIsRefusedOfIt(t *testing.T) {
	t.Parallel()
	s, pool, _ := spareable.open(t)
	ask := connector.Ask{Kind: "deletion", Spares: spare("d")}
	_, whole := freeze(t, s, lu)
	op, plan := frozen(t, s, lu, ask)
	if plan.Hash == whole.Hash || len(plan.Spared) != 1 {
		t.Error("the plan does not say what is refused of it")
	}
	var steps []string
	for _, st := range plan.Steps {
		steps = append(steps, fmt.Sprintf("%s %s %d %s", st.Action, st.Table, st.Rows, st.Ground))
	}
	if diff := cmp.Diff([]string{"delete person 1 ", "keep note 2 LEGAL_RETENTION"}, steps); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if plan.Steps[1].Reason["en"] != "A law makes us keep it." {
		t.Errorf("the kept rows say %v", plan.Steps[1].Reason)
	}
	if err := s.Execute(t.Context(), op, plan, quiet); err != nil {
		t.Fatal(err)
	}
	for _, finished := range []bool{false, true} {
		if left, err := s.Recheck(t.Context(), op, lu); err != nil || !left.Empty() {
			t.Errorf("finished %v: left %+v, %v", finished, left, err)
		}
		if err := s.Finish(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"1 from lu@example.com", "2 old", "100 Jo"}, rows(t, pool, "SELECT id || ' ' || body FROM note ORDER BY id")); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if n := len(rows(t, pool, "SELECT id::text FROM person WHERE id = 1")); n != 0 {
		t.Error("what was granted is not deleted")
	}
}

// Rows that stay may not refer to rows that go: staff hear of it at once.
func TestKeptRowsMayNotHangInDeletedOnes(t *testing.T) {
	t.Parallel()
	bound := spareable
	bound.sql += `; ALTER TABLE note ADD person bigint REFERENCES person; CREATE INDEX ON note (person); UPDATE note SET person = 1 WHERE id < 100`
	bound.tables = strings.NewReplacer("in: [mail]}]", "in: [mail]}, {as: inherit, from: person.id, to: person}]", "{about: delete}", "delete").Replace(bound.tables) + `
    link: [person]`
	s, _, _ := bound.open(t)
	_, err := s.Plan(t.Context(), find(t, s, lu), connector.Ask{Kind: "deletion", Spares: spare("d")})
	no, ok := err.(connector.Refused)
	if !ok || len(no) != 1 || no[0].Table != "note" || no[0].Code != "spare" {
		t.Errorf("%v", err)
	}
}

func TestAPackageIsWithoutWhatIsRefused(t *testing.T) {
	t.Parallel()
	s, _, _ := spareable.open(t)
	snap, err := s.Snapshot(t.Context(), find(t, s, lu))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	narrow := snap.Without(spare("d"))
	plan, err := narrow.Plan("access")
	if err != nil {
		t.Fatal(err)
	}
	var planned, packed []string
	for _, st := range plan.Steps {
		planned = append(planned, st.Table)
	}
	for table, err := range narrow.Tables() {
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, table.Name)
	}
	if diff := cmp.Diff([]string{"person"}, planned); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"person"}, packed); diff != "" {
		t.Errorf("package (-want +got):\n%s", diff)
	}
}

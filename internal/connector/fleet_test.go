package connector_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// Two shards of a chat and a customer system beside them. The shard north knows
// a number and an address of the person, south only the number, crm only another
// address that nobody proved; and a stranger in each.
const fleetMap = `version: 1
store: {name: Chat, default_region: DE, shards: [north, south]}
stores:
  crm: {schema: public, default_region: DE}
drift: {missing_index: warn}
normalisers: {phone: {kind: e164}, email: {kind: email}}
categories:
  all: {title: All, about: All., purpose: P, basis: B, recipients: [R], retention: T, source: S}
subjects:
  person:
    - table: contact
      key: id
      match: [{by: phone, at: phone}, {by: email, at: mail}]
      learn: [{by: phone, at: phone}]
    - table: client
      key: no
      match: [{by: phone, at: tel}]
tables:
  contact:
    title: Contact
    category: all
    controller: operator
    erase: delete
    columns: {phone: Number, mail: {title: Address, correct: {type: email}}}
    none: [id]
  message:
    title: Message
    category: all
    controller: operator
    reach: [{as: thread, from: contact.id, to: contact_id}]
    erase: delete
    columns: {body: Text}
    none: [id]
    link: [contact_id]
  client:
    title: Client
    category: all
    controller: operator
    store: crm
    erase: delete
    columns: {tel: Number, remark: Remark}
    none: [no]
`

const chatSchema = `
CREATE TABLE contact (id integer PRIMARY KEY, phone text, mail text);
CREATE TABLE message (id integer PRIMARY KEY, contact_id integer REFERENCES contact, body text);
CREATE INDEX ON message (contact_id);`

func fleet(t *testing.T) (*connector.Fleet, map[string]*pgxpool.Pool) {
	t.Helper()
	pools := map[string]*pgxpool.Pool{"north": pgtest.Blank(t), "south": pgtest.Blank(t), "crm": pgtest.Blank(t)}
	exec(t, pools["north"], chatSchema+`INSERT INTO contact VALUES (1, '+4915112345001', 'lu@example.com'), (2, '+4915112345002', 'no@example.com');
		INSERT INTO message SELECT n, 1, 'north ' || n FROM generate_series(1, 7) n; INSERT INTO message VALUES (8, 2, 'of somebody else');`)
	exec(t, pools["south"], chatSchema+`INSERT INTO contact VALUES (1, '0151 12345002', NULL), (5, '0151 12345001', NULL);
		INSERT INTO message SELECT n, 5, 'south ' || n FROM generate_series(1, 3) n; INSERT INTO message VALUES (8, 1, 'of somebody else');`)
	exec(t, pools["crm"], `CREATE TABLE client (no integer PRIMARY KEY, tel text, remark text);
		INSERT INTO client VALUES (10, '49 151 12345001', 'pays late'), (11, '49 151 12345002', 'somebody else')`)
	for _, pool := range pools {
		if _, err := connector.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	m, err := datamap.Parse("fleet.yaml", []byte(fleetMap))
	if err != nil {
		t.Fatal(err)
	}
	f, err := connector.OpenFleet(pools, m, connector.Options{Secret: secret, BatchRows: 2})
	if err != nil {
		t.Fatal(err)
	}
	return f, pools
}

func TestAFleetIsSearchedAndErasedAsOne(t *testing.T) {
	t.Parallel()
	f, pools := fleet(t)
	if findings, err := f.Check(t.Context()); err != nil || slices.ContainsFunc(findings, func(f datamap.Finding) bool { return !f.Warn }) {
		t.Fatalf("%v, %v", findings, err)
	}
	who := connector.Subject{Email: "lu@example.com"}
	found, err := f.Find(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, one := range found.Tables {
		got[one.Store+"."+one.Table] += one.Rows
	}
	for at, want := range map[string]int64{"north.contact": 1, "north.message": 7, "south.contact": 1, "south.message": 3, "crm.client": 1} {
		if got[at] != want {
			t.Errorf("%s: found %d rows, expected %d", at, got[at], want)
		}
	}
	if !slices.Equal(found.Learnt, []string{"phone"}) || len(found.Matches) != 3 {
		t.Errorf("learnt %q, matches %+v", found.Learnt, found.Matches)
	}
	exportedByFleet(t, f, found)
	ask, op := connector.Ask{Kind: "deletion"}, uuid.New()
	plan, err := f.Plan(t.Context(), found, ask)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = f.Freeze(t.Context(), op, found, ask, plan); err != nil {
		t.Fatal(err)
	}
	done := map[int]int64{}
	if err := f.Execute(t.Context(), op, plan, func(o datamap.Outcome) error { done[o.Step.Seq] = o.Affected; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Steps {
		if done[s.Seq] != s.Rows {
			t.Errorf("step %d, %s in %s: %d rows of %d", s.Seq, s.Table, s.Store, done[s.Seq], s.Rows)
		}
	}
	if residue, err := f.Recheck(t.Context(), op, plan, who); err != nil || !residue.Empty() {
		t.Errorf("left %+v, %v", residue, err)
	}
	if err := f.Finish(t.Context(), op); err != nil {
		t.Error(err)
	}
	for name, want := range map[string][]string{"north": {"2 of somebody else"}, "south": {"1 of somebody else"}} {
		if got := rows(t, pools[name], "SELECT contact_id || ' ' || body FROM message ORDER BY id"); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := rows(t, pools["crm"], "SELECT no::text FROM client"); !slices.Equal(got, []string{"11"}) {
		t.Errorf("crm: %q", got)
	}
}

// exportedByFleet reads every row, goes on behind a mark, and finds the marked
// rows unmoved.
func exportedByFleet(t *testing.T, f *connector.Fleet, found *connector.Found) {
	t.Helper()
	snap, err := f.Snapshot(t.Context(), found)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	count := func(after ...connector.Mark) map[string]int64 {
		n := map[string]int64{}
		for table, err := range snap.Tables(after...) {
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range table.Rows {
				if err != nil {
					t.Fatal(err)
				}
				n[table.Name]++
			}
		}
		return n
	}
	if n := count(); n["north.message"] != 7 || n["south.message"] != 3 || n["crm.client"] != 1 {
		t.Errorf("exported %v", n)
	}
	mark := connector.Mark{Table: "north.message", Role: "thread", Key: []string{"4"}, Rows: 4}
	if n := count(mark); n["north.message"] != 3 || n["south.message"] != 3 {
		t.Errorf("behind the mark: %v", n)
	}
	if held, err := snap.Hold(mark); err != nil || !held {
		t.Errorf("the mark does not hold: %v", err)
	}
	if plan, err := snap.Plan("access"); err != nil || len(plan.Parts) != 3 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

// A store that is down is named, and nothing is done anywhere until it is back.
func TestAFleetWaitsForAStoreThatIsDown(t *testing.T) {
	t.Parallel()
	f, pools := fleet(t)
	who := connector.Subject{Email: "lu@example.com"}
	found, err := f.Find(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	ask, op := connector.Ask{Kind: "deletion"}, uuid.New()
	plan, err := f.Plan(t.Context(), found, ask)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = f.Freeze(t.Context(), op, found, ask, plan); err != nil {
		t.Fatal(err)
	}
	pools["south"].Close()
	nothing := func(datamap.Outcome) error { return nil }
	for what, err := range map[string]error{"answers": f.Answers(t.Context()), "execute": f.Execute(t.Context(), op, plan, nothing)} {
		if down, ok := errors.AsType[*connector.Down](err); !ok || down.Store != "south" || !strings.Contains(err.Error(), "the store south does not answer") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := f.Find(t.Context(), who); err == nil {
		t.Error("a search went on without a store")
	}
	if n := rows(t, pools["north"], "SELECT count(*)::text FROM message"); n[0] != "8" {
		t.Errorf("north was changed while south was down: %s rows", n[0])
	}
}

// A part that has moved keeps every database from being changed.
func TestAFleetStopsWhereOneStoreHasMoved(t *testing.T) {
	t.Parallel()
	f, pools := fleet(t)
	found, err := f.Find(t.Context(), connector.Subject{Email: "lu@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	ask, op := connector.Ask{Kind: "deletion"}, uuid.New()
	plan, err := f.Plan(t.Context(), found, ask)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = f.Freeze(t.Context(), op, found, ask, plan); err != nil {
		t.Fatal(err)
	}
	exec(t, pools["crm"], "INSERT INTO client VALUES (12, '+4915112345001', 'new')")
	if err := f.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); !errors.Is(err, connector.ErrMoved) {
		t.Errorf("%v", err)
	}
	if n := rows(t, pools["north"], "SELECT count(*)::text FROM message"); n[0] != "8" {
		t.Errorf("north was changed although crm had moved: %s rows", n[0])
	}
	if err := f.Discard(t.Context(), op); err != nil {
		t.Error(err)
	}
}

// One that moves after others were done is planned anew; what was done is
// finished, and nobody's identities stay behind.
func TestAFleetThatMovesMidwayLeavesNothingSealed(t *testing.T) {
	t.Parallel()
	f, pools := fleet(t)
	who := connector.Subject{Email: "lu@example.com"}
	found, err := f.Find(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	ask, op := connector.Ask{Kind: "deletion"}, uuid.New()
	plan, err := f.Plan(t.Context(), found, ask)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = f.Freeze(t.Context(), op, found, ask, plan); err != nil {
		t.Fatal(err)
	}
	came := false
	err = f.Execute(t.Context(), op, plan, func(datamap.Outcome) error {
		if !came {
			came = true
			exec(t, pools["crm"], "INSERT INTO client VALUES (12, '+4915112345001', 'new')")
		}
		return nil
	})
	if !errors.Is(err, connector.ErrMoved) {
		t.Fatalf("%v", err)
	}
	if err := f.Abandon(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"north": {"finished true"}, "south": {"finished true"}, "crm": nil} {
		if got := rows(t, pools[name], "SELECT state || ' ' || (sealed IS NULL) FROM dsar.operation"); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAFleetNeedsTheAddressOfEachStore(t *testing.T) {
	t.Parallel()
	m, err := datamap.Parse("fleet.yaml", []byte(fleetMap))
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.Blank(t)
	_, err = connector.OpenFleet(map[string]*pgxpool.Pool{"": pool}, m, connector.Options{})
	if err == nil || !strings.Contains(err.Error(), "north, south, crm") {
		t.Errorf("%v", err)
	}
}

package connector_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// A trial is a store of a kind that the engine was never tried on, and the map
// that somebody wrote for it from its draft with nothing but the documents.
type trial struct {
	name, schema string
	who          connector.Subject
	files        []string // in object storage
}

var trials = []trial{
	{"beacon", "beacon", connector.Subject{Email: "ylva.berg@example.org"}, []string{"in/1.jpg", "exports/all-1.csv"}},
	{"helpline", "helpline", connector.Subject{Email: "tove.lind@example.org"}, []string{"avatars/1.png", "avatars/3.png", "up/1/bill.pdf", "up/3/pic.png", "imports/people.csv"}},
}

func eachTrial(t *testing.T, test func(t *testing.T, c trial, db *pgxpool.Pool)) {
	for _, c := range trials {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.Blank(t)
			exec(t, db, read(t, c.name+".sql"))
			test(t, c, db)
		})
	}
}

// rowsOf writes down every row of a schema, by table and key.
func rowsOf(t *testing.T, db *pgxpool.Pool, schema string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range rows(t, db, `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'm')`, schema) {
		for _, one := range rows(t, db, fmt.Sprintf(`SELECT to_json(t)::text FROM %s t`, table)) {
			key := strings.Join(strings.SplitN(one, ",", 4)[:min(3, strings.Count(one, ",")+1)], ",")
			out[table+" "+key+" "+one] = one
		}
	}
	return out
}

// changes tells what is gone (-) and what came (+), in order.
func changes(before, after map[string]string) string {
	var out []string
	for k := range before {
		if _, there := after[k]; !there {
			out = append(out, strings.SplitN(k, " ", 2)[0]+" - "+before[k])
		}
	}
	for k := range after {
		if _, there := before[k]; !there {
			out = append(out, strings.SplitN(k, " ", 2)[0]+" + "+after[k])
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n") + "\n"
}

func (c trial) open(t *testing.T, db *pgxpool.Pool) (*connector.Store, string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range c.files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := connector.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return open(t, db, []byte(read(t, c.name+".yaml")), connector.Options{Secret: secret, Objects: openObjects(t, dir),
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }}), dir
}

// What a newcomer's map does to a new store: exactly what is written down.
func TestANewcomersMapDoesWhatItSays(t *testing.T) {
	t.Parallel()
	eachTrial(t, func(t *testing.T, c trial, db *pgxpool.Pool) {
		s, dir := c.open(t, db)
		complete(t, s)
		before := rowsOf(t, db, c.schema)
		op, plan := freeze(t, s, c.who)
		if err := s.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Recheck(t.Context(), op, c.who); err != nil || !r.Empty() {
			t.Errorf("left: %+v, %v", r, err)
		}
		told := changes(before, rowsOf(t, db, c.schema))
		for _, name := range c.files {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				told += "gone: " + name + "\n"
			}
		}
		golden(t, c.name+".erased", told)
	})
}

// Where a newcomer goes wrong, check says where and what to write instead.
func TestANewcomerIsLedToTheMap(t *testing.T) {
	t.Parallel()
	eachTrial(t, func(t *testing.T, c trial, db *pgxpool.Pool) {
		for _, tt := range []struct{ trial, old, new, code, at, says string }{
			{"beacon", "msisdn: {fresh: \"{key}\"}", "fullName: null", connector.ComputedColumn, "Subscriber.fullName", "erase.owner writes to the column, which the server computes"},
			{"beacon", "detach: [primaryDeviceId]", "", connector.Circle, "Subscriber", "list one of these columns under detach of its table, so that it is set to null before: Subscriber.primaryDeviceId"},
			{"beacon", "msisdn: {title", "msisdm: {title", connector.MissingColumn, "Subscriber.msisdm", "did you mean \"msisdn\"?"},
			{"helpline", "owner: {do: tombstone, ground: record, set: {name: null, primary_email: null, alternate_emails: {value: \"[]\"}, phone: null, whatsapp_id: null, custom_fields: {value: \"{}\"}, details: null, avatar_path: null}}", "owner: delete",
				connector.BlockedDelete, "tickets.requester_id", "let end_users keep its rows as a tombstone, as requester_id may not be null"},
			{"helpline", "owner: {do: redact, ground: tax, from: issued_on, after: delete, while: {paid_at: null}, set: {end_user_id: null}}\n      tenant: {do: redact, ground: tax, from: issued_on, after: delete, set: {end_user_id: null}}", "owner: {do: keep, ground: tax, from: issued_on, after: delete}\n      tenant: {do: keep, ground: tax, from: issued_on, after: delete}",
				connector.BlockedDelete, "invoices.end_user_id", "write {end_user_id: null} in its set (keep cannot write; redact can)"},
			{"helpline", "    self: [problem_id]\n", "", connector.BlockedDelete, "tickets.problem_id", "list it under self"},
		} {
			if tt.trial != c.name {
				continue
			}
			src := read(t, c.name+".yaml")
			if !strings.Contains(src, tt.old) {
				t.Fatalf("the map has no %q", tt.old)
			}
			src = strings.Replace(src, tt.old, tt.new, 1)
			if tt.code == connector.MissingColumn { // wherever the map names it
				src = strings.NewReplacer("at: msisdn", "at: msisdm", "msisdn: {fresh", "msisdm: {fresh").Replace(src)
			}
			findings, err := open(t, db, []byte(src), connector.Options{Secret: secret}).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			said := false
			for _, f := range findings {
				said = said || f.Code == tt.code && strings.TrimSuffix(f.Table+"."+f.Column, ".") == tt.at && strings.Contains(f.Detail, tt.says) && f.Line > 0
			}
			if !said {
				t.Errorf("%s at %s (%s) is not among %+v", tt.code, tt.at, tt.says, findings)
			}
		}
	})
}

// How far a draft is from the map: what stands in the way of a deletion, which
// somebody has to decide. Nothing that a search would stumble over is in it.
func TestADraftIsNearToTheMap(t *testing.T) {
	t.Parallel()
	left := map[string][]string{ // code and place, of what a draft cannot know
		"beacon": {"unmapped_trigger Subscriber"},
		"feira":  {"unseen_discriminator message.sender_type"}, // bots are no table
	}
	missed := map[string][]string{ // tables that are reached by what no name and no value tells
		"beacon": {"dispatch_event"},
		"kontor": {"note", "note_archived", "picture"}, // by a numeric kind, and by a path
	}
	hold := func(t *testing.T, name string, db *pgxpool.Pool, schema, correct string, who connector.Subject) {
		s, _ := drafted(t, db, schema)
		with, of := foundIn(find(t, s, who)), foundIn(find(t, open(t, db, []byte(correct), connector.Options{Secret: secret}), who))
		var fewer []string
		for _, table := range slices.Sorted(maps.Keys(of)) {
			if with[table] < of[table] {
				fewer = append(fewer, table)
			}
		}
		if diff := cmp.Diff(missed[name], fewer); diff != "" {
			t.Errorf("tables of which the draft finds fewer rows (-want +got):\n%s", diff)
		}
		findings, err := s.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range findings {
			if !f.Warn {
				got = append(got, strings.TrimSuffix(f.Code+" "+f.Table+"."+f.Column, "."))
			}
		}
		if diff := cmp.Diff(left[name], got); diff != "" {
			t.Errorf("what stands in the way (-want +got):\n%s", diff)
		}
	}
	for _, c := range trials {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.Blank(t)
			exec(t, db, read(t, c.name+".sql"))
			hold(t, c.name, db, c.schema, read(t, c.name+".yaml"), c.who)
		})
	}
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		db := pgtest.Blank(t)
		if err := s.Load(t.Context(), db, 40); err != nil {
			t.Fatal(err)
		}
		hold(t, s.Name, db, s.Schema, string(s.Map()), subject(s.Case.Who))
	})
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		_, db := demoStore(t, demo.Options{Seed: 1, Rows: 2000}, connector.Options{})
		hold(t, "demo", db, "public", string(demo.DataMap), connector.Subject{Email: demo.Marina.Email})
	})
}

// Where everybody writes into everybody's channels, even an uncorrected draft
// leaves what others wrote there.
func TestAnUncorrectedDraftTakesNobodyElsesWords(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	exec(t, db, read(t, "guild.sql"))
	if _, err := connector.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	_, src := drafted(t, db, "guild")
	s := open(t, db, []byte(src), connector.Options{Secret: secret, Objects: openObjects(t, t.TempDir())})
	complete(t, s)
	before, who := rowsOf(t, db, "guild"), connector.Subject{Email: "p1@guild.example"}
	op, plan := freeze(t, s, who)
	if err := s.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Recheck(t.Context(), op, who); err != nil || !r.Empty() {
		t.Errorf("left: %+v, %v", r, err)
	}
	golden(t, "guild.erased", changes(before, rowsOf(t, db, "guild")))
}

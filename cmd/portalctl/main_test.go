package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// ran is what one call of portalctl came to.
type ran struct {
	code     int
	out, err string
}

// call runs portalctl with an environment of PORTAL_ variables only.
func call(t *testing.T, env []string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{ctx: context.WithoutCancel(t.Context()), out: &out, err: &errs, env: env}
	code := a.run(args)
	return ran{code, out.String(), errs.String()}
}

// document reads the one JSON document that -json promises.
func (r ran) document(t *testing.T) map[string]any {
	t.Helper()
	var doc map[string]any
	d := json.NewDecoder(strings.NewReader(r.out))
	if err := d.Decode(&doc); err != nil || d.More() {
		t.Fatalf("not one JSON document: %v\n%s%s", err, r.out, r.err)
	}
	return doc
}

// environment is that of an operator: the owner of the schema.
func environment(db *pgxpool.Pool) []string {
	return []string{
		"PORTAL_DATABASE_URL=" + pgtest.DSN(db, ""),
		"PORTAL_KEYS=" + seal.NewKey("k1"),
		"PORTAL_BASE_URL=https://privacy.example.com",
		"PORTAL_MAIL_FROM=Privacy <privacy@example.com>",
	}
}

func TestWrongUseExitsWithTwo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing at all", nil, "expected one of"},
		{"no such command", []string{"dance"}, "unexpected argument dance"},
		{"no such flag", []string{"migrate", "-aply"}, "unknown flag --aply"},
		{"a role that is none", []string{"staff", "add", "a@example.com", "-role", "king"}, `there is no role "king"`},
		{"no role", []string{"staff", "add", "a@example.com"}, "--role"},
		{"a law that is none", []string{"due", "-law", "XX-1", "-received", "2026-01-01T00:00:00Z"}, `there is no law "XX-1"`},
		{"a kind that is none", []string{"due", "-law", "UK", "-kind", "magic", "-received", "2026-01-01T00:00:00Z"}, `there is no kind "magic"`},
		{"a time that is none", []string{"due", "-law", "UK", "-received", "yesterday"}, "received"},
		{"nobody to find", []string{"find", "-map", "x", "-store", "y"}, "whom to look for"},
		{"no store", []string{"datamap", "check", "-map", "x"}, "-store URL"},
		{"no such file", []string{"bundle", "verify", "/nowhere/x.zip"}, "there is no file /nowhere/x.zip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := call(t, nil, tt.args...)
			if r.code != usage || !strings.Contains(r.err, tt.want) || r.out != "" {
				t.Errorf("exit %d, said %q and printed %q; want %q", r.code, r.err, r.out, tt.want)
			}
		})
	}
}

func TestHelpIsNoError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-h"}, {"--help"}, {"staff", "add", "-h"}} {
		if r := call(t, nil, args...); r.code != fine || !strings.Contains(r.out, "Usage: portalctl") {
			t.Errorf("%v: exit %d, %q%q", args, r.code, r.out, r.err)
		}
	}
}

func TestMigrateIsADryRunUnlessApplied(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	env := environment(db)

	dry := call(t, env, "migrate", "-json")
	doc := dry.document(t)
	if dry.code != fine || len(doc["applied"].([]any)) != 0 || len(doc["pending"].([]any)) == 0 {
		t.Errorf("dry run: %d %v", dry.code, doc)
	}
	var tables int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
		t.Fatalf("the dry run made %d tables (%v)", tables, err)
	}
	applied := call(t, env, "migrate", "-apply", "-json").document(t)
	if len(applied["applied"].([]any)) != len(doc["pending"].([]any)) {
		t.Errorf("announced %v, applied %v", doc["pending"], applied["applied"])
	}
	again := call(t, env, "migrate", "--apply")
	if again.code != fine || again.out != "Everything is up to date.\n" {
		t.Errorf("the second time: %d %q%q", again.code, again.out, again.err)
	}
	if got := actions(t, db); !slices.Equal(got, []string{"schema.migrated"}) {
		t.Errorf("the audit has %v", got)
	}
}

// The map says which of the store's databases there are, and what the roles need
// in each. Nobody else says it to an operator.
func TestMigratePreparesEveryDatabaseOfTheStore(t *testing.T) {
	t.Parallel()
	db, north, south := pgtest.Blank(t), pgtest.Blank(t), pgtest.Blank(t)
	sharded := strings.Replace(string(demo.DataMap), "store:\n", "store:\n  shards: [north, south]\n", 1)
	store := []string{"-map", mapFile(t, sharded), "-store", "north=" + pgtest.DSN(north, "") + " south=" + pgtest.DSN(south, "")}
	r := call(t, environment(db), append([]string{"migrate", "-apply", "-json"}, store...)...)
	if r.code != fine {
		t.Fatalf("exit %d, %s", r.code, r.err)
	}
	if !strings.Contains(r.out, `"messaging/north/`) || !strings.Contains(r.out, `"messaging/south/`) {
		t.Errorf("applied: %s", r.out)
	}
	for _, shard := range []*pgxpool.Pool{north, south} {
		var there bool
		if err := shard.QueryRow(t.Context(), "SELECT to_regclass('dsar.operation') IS NOT NULL").Scan(&there); err != nil || !there {
			t.Errorf("a shard has no ledger (%v)", err)
		}
	}
	r = call(t, environment(db), append([]string{"migrate"}, store...)...)
	if got := strings.Count(r.out, "GRANT DELETE ON \"public\".\"messages\" TO portal_exec;\n"); r.code != fine || got != 2 || !strings.Contains(r.out, "-- in south\n") {
		t.Errorf("grants: exit %d, %s%s", r.code, r.out, r.err)
	}
}

func TestStaffAddInvitesOnceAndPrintsTheLink(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	env := environment(db)
	args := []string{"staff", "add", "Jo@Example.com", "-role", "agent", "-role", "approver", "-json"}

	if doc := call(t, env, args...).document(t); doc["email"] != "jo@example.com" || doc["dry_run"] != true || doc["link"] != nil {
		t.Errorf("dry run: %v", doc)
	}
	if got := actions(t, db); len(got) != 0 {
		t.Errorf("the dry run was audited: %v", got)
	}
	r := call(t, env, append(args, "-apply")...)
	doc := r.document(t)
	if r.code != fine || !slices.Equal(doc["roles"].([]any), []any{"agent", "approver"}) {
		t.Errorf("applied: %d %v", r.code, doc)
	}
	if link, _ := doc["link"].(string); !strings.HasPrefix(link, "https://privacy.example.com/desk/sign-in/") {
		t.Errorf("the link is %q", link)
	}
	var letters int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'mail.send'").Scan(&letters); err != nil || letters != 1 {
		t.Errorf("%d letters wait to be sent (%v)", letters, err)
	}
	if got := actions(t, db); !slices.Equal(got, []string{"staff.invited"}) {
		t.Errorf("the audit has %v", got)
	}
	for _, more := range []string{"-apply", ""} {
		if twice := call(t, env, append(args, slices.DeleteFunc([]string{more}, func(s string) bool { return s == "" })...)...); twice.code != failed || twice.err == "" || twice.out != "" {
			t.Errorf("the same member twice: %d %q%q", twice.code, twice.out, twice.err)
		}
	}
}

func TestRolesMayBeListedInAnyWay(t *testing.T) {
	t.Parallel()
	env := environment(pgtest.New(t))
	for _, roles := range [][]string{{"-role", "agent,auditor"}, {"--role=agent", "--role=auditor"}, {"-role", "agent", "auditor"}} {
		doc := call(t, env, append([]string{"staff", "add", "jo@example.com", "-json"}, roles...)...).document(t)
		if !slices.Equal(doc["roles"].([]any), []any{"agent", "auditor"}) {
			t.Errorf("%v gives %v", roles, doc["roles"])
		}
	}
}

func TestAuditVerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	env := environment(db)
	for _, email := range []string{"one@example.com", "two@example.com", "three@example.com"} {
		if r := call(t, env, "staff", "add", email, "-role", "agent", "-apply"); r.code != fine {
			t.Fatal(r.err)
		}
	}
	// Sealing waits for older transactions, also those of other tests on this server.
	for sealed := 0; sealed < 3; {
		n, err := audit.Seal(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		sealed += n
	}
	whole := call(t, env, "audit", "verify", "-json")
	doc := whole.document(t)
	if whole.code != fine || doc["ok"] != true || doc["size"] != 3.0 || doc["first_bad"] != nil || doc["root"] == "" {
		t.Errorf("whole: %d %v", whole.code, doc)
	}
	// The owner of the database can do it, and that is what the chain is for.
	_, err := db.Exec(t.Context(), `ALTER TABLE audit_events DISABLE TRIGGER USER;
		UPDATE audit_events SET detail = '{"roles": ["administrator"]}' WHERE id = (SELECT event_id FROM audit_chain WHERE idx = 1)`)
	if err != nil {
		t.Fatal(err)
	}
	broken := call(t, env, "audit", "verify", "-json")
	doc = broken.document(t)
	if broken.code != found || doc["ok"] != false || doc["first_bad"] != 1.0 {
		t.Errorf("tampered with: %d %v", broken.code, doc)
	}
}

func TestDueGivesDaysInTheLawsZone(t *testing.T) {
	t.Parallel()
	r := call(t, nil, "due", "-law", "UK", "-received", "2026-01-30T23:30:00-05:00", "-kind", "access", "-json")
	doc := r.document(t)
	if r.code != fine || doc["law"] != "UK" || doc["legal_due"] != "2026-02-28" && doc["legal_due"] != "2026-03-02" {
		t.Errorf("exit %d: %v", r.code, doc)
	}
	for _, key := range []string{"earliest", "legal_due", "extended_due", "ack_due", "target", "trace"} {
		if _, there := doc[key]; !there {
			t.Errorf("%s is not in %v", key, doc)
		}
	}
	for _, line := range doc["trace"].([]any) {
		if s := line.(string); s == "" || strings.HasPrefix(s, "law.") {
			t.Errorf("no sentence: %q", s)
		}
	}
}

func TestBundleVerify(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.zip")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("something.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("no manifest")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a foreign ZIP": b.Bytes(), "half a ZIP": b.Bytes()[:b.Len()/2], "no ZIP": []byte("hello"), "nothing": nil} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r := call(t, nil, "bundle", "verify", path, "-json")
		doc := r.document(t)
		if problems, _ := doc["problems"].([]any); r.code != found || r.err != "" || doc["ok"] != false || doc["files"] != 0.0 || doc["rows"] != 0.0 || len(problems) != 1 {
			t.Errorf("%s: %d %q%q", name, r.code, r.out, r.err)
		}
		if r := call(t, nil, "bundle", "verify", path); r.code != found || !strings.Contains(r.out, "not the package") {
			t.Errorf("%s, in words: %d %q%q", name, r.code, r.out, r.err)
		}
	}
	if r := call(t, nil, "bundle", "verify", filepath.Dir(path), "-json"); r.code != failed || r.out != "" || r.err == "" {
		t.Errorf("a folder: %d %q%q", r.code, r.out, r.err)
	}
}

func TestDatabaseThatIsAwayFails(t *testing.T) {
	t.Parallel()
	r := call(t, []string{"PORTAL_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x"}, "audit", "verify", "-json")
	if r.code != failed || r.out != "" || !strings.Contains(r.err, "does not answer") || strings.Contains(r.err, "hunter2") {
		t.Errorf("%d %q%q", r.code, r.out, r.err)
	}
	if r := call(t, nil, "audit", "verify"); r.code != failed || !strings.Contains(r.err, "PORTAL_DATABASE_URL is not set") {
		t.Errorf("%d %q", r.code, r.err)
	}
}

// actions lists what the audit has, in order.
func actions(t *testing.T, db *pgxpool.Pool) (list []string) {
	t.Helper()
	entries, err := audit.NewLog(db).Page(t.Context(), audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(entries) {
		list = append(list, e.Action)
	}
	return list
}

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// store makes a small demo store, and the arguments that name it and its map.
func store(t *testing.T) (*pgxpool.Pool, []string) {
	t.Helper()
	db := pgtest.Blank(t)
	if err := demo.Create(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Load(t.Context(), db, demo.Options{Seed: 1, Rows: 2000}); err != nil {
		t.Fatal(err)
	}
	return db, []string{"-map", mapFile(t, string(demo.DataMap)), "-store", pgtest.DSN(db, ""), "-json"}
}

func mapFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "map.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStoreIsReadThroughTheMap(t *testing.T) {
	t.Parallel()
	db, where := store(t)
	with := func(args ...string) []string { return append(args, where...) }

	r := call(t, nil, with("datamap", "check")...)
	if doc := r.document(t); r.code != fine || doc["ok"] != true || len(doc["findings"].([]any)) != 0 {
		t.Errorf("check: %d %v", r.code, doc)
	}
	r = call(t, nil, with("find", "-email", demo.Marina.Email)...)
	doc := r.document(t)
	total, sum := doc["total"].(float64), 0.0
	for _, one := range doc["tables"].([]any) {
		row := one.(map[string]any)
		for _, key := range []string{"table", "category", "controller", "rows"} {
			if _, there := row[key]; !there {
				t.Errorf("%s is not in %v", key, row)
			}
		}
		sum += row["rows"].(float64)
	}
	if r.code != fine || total == 0 || total != sum {
		t.Errorf("find: exit %d, total %v, sum %v", r.code, total, sum)
	}
	if doc := call(t, nil, with("find", "-email", demo.Nobody.Email)...).document(t); doc["total"] != 0.0 {
		t.Errorf("somebody unknown: %v", doc["total"])
	}

	plan := with("plan", "-kind", "deletion", "-email", demo.Marina.Email)
	first, second := call(t, nil, plan...), call(t, nil, plan...)
	doc = first.document(t)
	if first.code != fine || len(doc["hash"].(string)) != 64 || first.out != second.out {
		t.Errorf("the same plan twice:\n%s\n%s%s", first.out, second.out, first.err)
	}
	for _, one := range doc["steps"].([]any) {
		step := one.(map[string]any)
		for _, key := range []string{"table", "action", "rows", "ground", "until"} {
			if _, there := step[key]; !there {
				t.Errorf("%s is not in %v", key, step)
			}
		}
	}
	if r := call(t, nil, with("plan", "-kind", "dancing", "-email", demo.Marina.Email)...); r.code != usage {
		t.Errorf("a kind that is none: exit %d, %q", r.code, r.err)
	}

	if _, err := db.Exec(t.Context(), "CREATE TABLE public.secret_notes (id bigint PRIMARY KEY, email text)"); err != nil {
		t.Fatal(err)
	}
	r = call(t, nil, with("datamap", "check")...)
	if doc := r.document(t); r.code != found || doc["ok"] != false || !strings.Contains(r.out, `"table":"secret_notes"`) {
		t.Errorf("a table that nobody mapped: exit %d, %s%s", r.code, r.out, r.err)
	}
}

func TestEveryRightCanBePlanned(t *testing.T) {
	t.Parallel()
	db, where := store(t)
	if _, err := connector.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"objection", []string{"-kind", "objection", "-purpose", "marketing"}, fine, `"action":"restrict"`},
		{"objection to nothing", []string{"-kind", "objection"}, usage, "purpose"},
		{"objection to what the map does not know", []string{"-kind", "objection", "-purpose", "dancing"}, usage, "dancing"},
		{"a shorter retention", []string{"-kind", "shortened_retention", "-days", "1", "-category", "messages"}, fine, `"action":"shorten"`},
		{"a shorter retention of no days", []string{"-kind", "shortened_retention"}, usage, "days"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := call(t, nil, append(append([]string{"plan", "-email", demo.Marina.Email}, tt.args...), where...)...)
			if r.code != tt.code || !strings.Contains(r.out+r.err, tt.want) {
				t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
			}
		})
	}
}

// A row of nowhere would be passed over, and a search without it looks complete.
func TestARowOfSeveralDatabasesIsNamedByItsOwn(t *testing.T) {
	t.Parallel()
	north, _ := store(t)
	south, _ := store(t)
	sharded := strings.Replace(string(demo.DataMap), "store:\n", "store:\n  shards: [north, south]\n", 1)
	find := []string{"find", "-json", "-email", demo.Marina.Email, "-map", mapFile(t, sharded), "-store", "north=" + pgtest.DSN(north, "") + " south=" + pgtest.DSN(south, "")}
	r := call(t, nil, find...)
	first := r.document(t)["matches"].([]any)[0].(map[string]any)
	at := first["table"].(string) + "=" + first["key"].(string)
	if r = call(t, nil, append(find, "-exclude", at)...); r.code != usage || !strings.Contains(r.err, "north, south") {
		t.Errorf("without a database: exit %d, %s", r.code, r.err)
	}
	doc := call(t, nil, append(find, "-exclude", "north."+at)...).document(t)
	gone, kept := true, false
	for _, one := range doc["matches"].([]any) {
		m := one.(map[string]any)
		if m["table"] == first["table"] && m["key"] == first["key"] {
			gone, kept = gone && m["store"] != "north", kept || m["store"] == "south"
		}
	}
	if !gone || !kept {
		t.Errorf("found %v", doc["matches"])
	}
}

func TestMapThatCannotBeReadIsToldByLine(t *testing.T) {
	t.Parallel()
	path := mapFile(t, "version: 1\nstor: {}\n")
	r := call(t, nil, "datamap", "check", "-map", path, "-store", "postgres://x@127.0.0.1:1/x")
	if r.code != found || !strings.Contains(r.out, path+":2: ") || !strings.Contains(r.out, "stor") {
		t.Errorf("check: exit %d, %q%q", r.code, r.out, r.err)
	}
	r = call(t, nil, "find", "-email", "a@example.com", "-map", path, "-store", "postgres://x@127.0.0.1:1/x")
	if r.code != failed || !strings.Contains(r.err, path+":2: ") {
		t.Errorf("find: exit %d, %q%q", r.code, r.out, r.err)
	}
	if r := call(t, nil, "find", "-email", "a@example.com", "-map", "/nowhere", "-store", "postgres://x@127.0.0.1:1/x"); r.code != failed || !strings.Contains(r.err, "there is no data map at /nowhere") {
		t.Errorf("no map: exit %d, %q", r.code, r.err)
	}
}

func TestWhoIsLookedForIsDecidedByRow(t *testing.T) {
	t.Parallel()
	_, where := store(t)
	find := func(args ...string) (matches, candidates []string, doc map[string]any) {
		t.Helper()
		r := call(t, nil, append(append([]string{"find"}, args...), where...)...)
		if r.code != fine {
			t.Fatalf("find %v: exit %d, %s", args, r.code, r.err)
		}
		doc = r.document(t)
		for key, out := range map[string]*[]string{"matches": &matches, "candidates": &candidates} {
			for _, one := range doc[key].([]any) {
				row := one.(map[string]any)
				*out = append(*out, row["table"].(string)+"="+row["key"].(string))
			}
		}
		return matches, candidates, doc
	}
	all, _, doc := find("-email", demo.Marina.Email)
	if _, there := doc["mentions"].([]any); len(all) < 2 || !there {
		t.Fatalf("matches %v, mentions %v", all, doc["mentions"])
	}
	tenant := doc["matches"].([]any)[0].(map[string]any)["tenant"].(string)
	if inside, _, _ := find("-email", demo.Marina.Email, "-tenant", tenant); len(inside) == 0 || len(inside) > len(all) {
		t.Errorf("in tenant %s: %v", tenant, inside)
	}
	if none, _, _ := find("-email", demo.Marina.Email, "-tenant", "999999"); len(none) > 0 {
		t.Errorf("in a tenant that is not there: %v", none)
	}
	rest, _, _ := find("-email", demo.Marina.Email, "-exclude", all[0])
	if slices.Contains(rest, all[0]) {
		t.Errorf("excluded, and there: %s", all[0])
	}
	matches, candidates, doc := find("-claimed", "email="+demo.Marina.Email, "-name", "Nobody")
	if len(matches) > 0 || doc["total"] != 0.0 || !slices.Contains(candidates, all[0]) {
		t.Errorf("an address that was typed: matches %v, candidates %v", matches, candidates)
	}
	if one, _, _ := find("-include", all[0]); !slices.Contains(one, all[0]) {
		t.Errorf("confirmed, and not there: %v", one)
	}
	for _, args := range [][]string{{"find"}, {"find", "-include", "contacts"}, {"plan", "-kind", "deletion", "-email", "a@example.com", "-exclude", "=1"}} {
		if r := call(t, nil, append(args, where...)...); r.code != usage {
			t.Errorf("%v: exit %d, %s", args, r.code, r.err)
		}
	}
}

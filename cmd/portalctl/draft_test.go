package main

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// What draft prints is a map that check and find can read.
func TestDraftedMapIsReadBack(t *testing.T) {
	t.Parallel()
	db, _ := store(t)
	dsn := pgtest.DSN(db, "")
	plain := call(t, nil, "datamap", "draft", "-store", dsn)
	if plain.code != fine || !strings.Contains(plain.out, "\nversion: 1\n") {
		t.Fatalf("draft: exit %d, %s%s", plain.code, plain.out, plain.err)
	}
	if doc := call(t, nil, "datamap", "draft", "-store", dsn, "-json").document(t); doc["yaml"] != plain.out {
		t.Error("the JSON document holds another map")
	}
	found := call(t, nil, "find", "-map", mapFile(t, plain.out), "-store", dsn, "-email", demo.Marina.Email, "-json").document(t)
	if found["total"] == 0.0 {
		t.Error("the drafted map finds nobody")
	}
	if r := call(t, nil, "datamap", "draft", "-store", dsn, "-schema", "nowhere"); r.code != failed || !strings.Contains(r.err, "schema nowhere") {
		t.Errorf("no such schema: exit %d, %q", r.code, r.err)
	}
	if r := call(t, nil, "datamap", "draft"); r.code != usage || !strings.Contains(r.err, "-store URL") {
		t.Errorf("no store: exit %d, %q", r.code, r.err)
	}
}

func TestSchemaForEditors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"datamap", "schema"}, {"datamap", "schema", "-json"}} {
		doc := call(t, nil, args...).document(t)
		if doc["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%v: %v", args, doc["$schema"])
		}
	}
}

package connector_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestANameIsOnlyAName: what a schema and its JSON call things reaches
// statements, and must mean nothing there but itself.
func TestANameIsOnlyAName(t *testing.T) {
	t.Parallel()
	const (
		table  = `it's "so\"; DROP TABLE x; --`
		key    = `k$1 "%s`
		column = `c'); --`
		leaf   = `a"b'c\d $2 {x}`
	)
	pool := pgtest.Blank(t)
	q := connector.Quote
	exec(t, pool, "CREATE TABLE "+q(table)+" ("+q(key)+" text PRIMARY KEY, "+q(column)+" jsonb, "+q("list$3")+" text[])")
	exec(t, pool, "CREATE TABLE "+q("child "+table)+" ("+q(key)+" text PRIMARY KEY, "+q("to\\")+" text, doc text)")
	exec(t, pool, "INSERT INTO "+q(table)+" VALUES ($1, jsonb_build_object($2::text, $3::text, 'l', jsonb_build_array('x', $3::text)), ARRAY[$3, 'y']), ('other', '{}', '{}')", `1'%_\`, leaf, `o'neil"%_\x@example.com`)
	exec(t, pool, "INSERT INTO "+q("child "+table)+` VALUES ('a', $1, $2), ('b', 'p%_1x%_\:z', '["'), ('c', 'p%_1''%_\\:z', NULL)`, `p%_1'%_\:z`, `["1'%_\\"]`)
	doubled := strings.NewReplacer(`'`, `''`).Replace
	src := `version: 1
store: {name: x}
drift: {missing_index: warn}
normalisers: {email: {kind: email}}
subjects:
  person:
    - table: '` + doubled(table) + `'
      key: '` + doubled(key) + `'
      match:
        - {by: email, at: '` + doubled(column) + `', json: '` + doubled(leaf) + `'}
        - {by: email, at: '` + doubled(column) + `', json: 'l[]'}
        - {by: email, at: 'list$3', json: '[]'}
categories:
  c: {title: C, about: a, purpose: b, basis: c, recipients: [d], retention: e, source: f}
tables:
  '` + doubled(table) + `':
    title: T
    category: c
    controller: operator
    erase: delete
    columns: {'` + doubled(column) + `': {title: C, json: true}, 'list$3': L}
    link: ['` + doubled(key) + `']
  '` + doubled("child "+table) + `':
    title: T
    category: c
    controller: operator
    reach:
      - {as: thread, from: '` + doubled(table+"."+key) + `', to: 'to\', form: 'p%_{}:*'}
      - {as: owner, from: '` + doubled(table+"."+key) + `', to: doc, json: '[]'}
    erase: delete
    columns: {doc: Doc}
    link: ['` + doubled(key) + `', 'to\']
`
	s := open(t, pool, []byte(src), connector.Options{Secret: secret})
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code != connector.MissingIndex {
			t.Errorf("%+v", f)
			continue
		}
		if sql := strings.TrimSuffix(statement.FindString(f.Detail), " would help"); sql != "" && !strings.Contains(sql, "gin_trgm_ops") {
			exec(t, pool, sql)
		}
	}
	f := find(t, s, connector.Subject{Email: `O'NEIL"%_\x@example.com`})
	want := map[string][]string{table + " owner": {`1'%_\`}, "child " + table + " thread": {"a"}}
	if diff := cmp.Diff(want, reached(t, s, f)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

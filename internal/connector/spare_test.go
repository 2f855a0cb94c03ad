package connector_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// filed maps a table of person_id and something that names files.
func filed(name, columns, key string) string {
	return fmt.Sprintf("\n  %s: {title: T, category: c, controller: operator, reach: [{as: owner, from: person.id, to: person_id}], erase: delete, columns: {%s}, none: [id], link: [person_id], objects: [{key: %q}]}", name, columns, key)
}

// TestAKeyThatNamesNoFileEndsNoDeletion: an address of another's, or rubbish, is
// noted and left, and what can be removed is.
func TestAKeyThatNamesNoFileEndsNoDeletion(t *testing.T) {
	t.Parallel()
	s := small{
		sql: `CREATE TABLE upload (id bigint PRIMARY KEY, person_id bigint, url text); CREATE INDEX ON upload (person_id);
			INSERT INTO upload SELECT row_number() OVER (), 1, u FROM unnest(ARRAY['https://elsewhere.example/a.png', '../kept', '/etc/kept', 'a/../kept', E'a\tb', repeat('x', 2000), 'gone.png', '.', '/', 'never-there']) u`,
		tables: filed("upload", "url: U", "{url}") + "\n",
		files:  []string{"kept", "gone.png"},
	}
	engine, pool, dir := s.open(t)
	op, plan := freeze(t, engine, lu)
	if err := engine.Execute(t.Context(), op, plan, nothing); err != nil {
		t.Fatal(err)
	}
	s.proved(t, pool, dir, prints(t, pool))
	if got := rows(t, pool, "SELECT concat(outcome, ' ', count(*)) FROM dsar.object GROUP BY outcome ORDER BY 1"); !cmp.Equal(got, []string{"flagged 8", "removed 2"}) {
		t.Errorf("files: %v", got)
	}
}

// TestAFileThatAnotherRowNamesStays has Lu name other people's files, in her own
// rows, by keys that theirs make in another way.
func TestAFileThatAnotherRowNamesStays(t *testing.T) {
	t.Parallel()
	const upload = "CREATE TABLE upload (id bigint PRIMARY KEY, person_id bigint, url text); CREATE INDEX ON upload (person_id); INSERT INTO upload VALUES "
	for _, s := range []small{
		{
			name:   "in JSON",
			sql:    `CREATE TABLE post (id bigint PRIMARY KEY, person_id bigint, doc jsonb); INSERT INTO post VALUES (1, 1, '{"f": [{"u": "kept.pdf"}, {"u": "gone.pdf"}]}'), (100, 2, '{"f": [{"u": "kept.pdf"}]}')`,
			tables: filed("post", "doc: {title: D, json: true}", "{doc.f[].u}"),
			files:  []string{"kept.pdf", "gone.pdf"},
		},
		{
			name: "in JSON that is kept as text, among rubbish",
			sql: upload + `(1, 1, 'kept/a.pdf'), (2, 1, 'gone.pdf'); CREATE TABLE post (id bigint PRIMARY KEY, person_id bigint, dir text, doc text);
				INSERT INTO post VALUES (100, 2, 'kept', '["x", "a.pdf"]'), (101, 2, 'kept', 'rubbish ['), (102, 2, NULL, '["gone.pdf"]')`,
			tables: filed("post", "dir: D, doc: {title: D, json: true}", "{dir}/{doc[]}") + filed("upload", "url: U", "{url}"),
			files:  []string{"kept/a.pdf", "gone.pdf"},
		},
		{
			name:   "by their own key",
			sql:    upload + `(1, 1, 'kept/100.zip'), (2, 1, 'gone.zip'), (3, 1, 'kept/99999999999999999999.zip'); CREATE TABLE report (id bigint PRIMARY KEY, person_id bigint); INSERT INTO report VALUES (1, 1), (100, 2)`,
			tables: filed("report", "", "kept/{id}.zip") + filed("upload", "url: U", "{url}"),
			files:  []string{"kept/100.zip", "gone.zip"},
		},
		{
			name:   "by a key that runs into something else",
			sql:    upload + `(1, 1, 'kept-1009x'), (2, 1, 'gone-2'); CREATE TABLE report (id int PRIMARY KEY, person_id bigint, no text); INSERT INTO report VALUES (100, 2, '9x'), (101, 2, NULL)`,
			tables: filed("report", "no: N", "kept-{id}{no}") + filed("upload", "url: U", "{url}"),
			files:  []string{"kept-1009x", "gone-2"},
		},
		{
			name: "in their own folder",
			sql: upload + `(1, 1, 'kept/x/11111111-0000-4000-8000-000000000100/b/c.pdf'), (2, 1, 'gone.pdf');
				CREATE TABLE report (id uuid PRIMARY KEY, person_id bigint, dir text); INSERT INTO report VALUES ('11111111-0000-4000-8000-000000000001', 1, 'x'), ('11111111-0000-4000-8000-000000000100', 2, 'x')`,
			tables: filed("report", "dir: D", "kept/{dir}/{id}/*") + filed("upload", "url: U", "{url}"),
			files:  []string{"kept/x/11111111-0000-4000-8000-000000000100/b/c.pdf", "gone.pdf"},
			other:  []string{"report 11111111-0000-4000-8000-000000000001"},
		},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			engine, pool, dir := s.open(t)
			for _, sql := range connector.Grants(engine.Map()) {
				exec(t, pool, sql)
			}
			before := prints(t, pool)
			worker := s.reopen(t, pgtest.As(t, pool, connector.ExecRole), dir)
			op, plan := freeze(t, worker, lu)
			if err := worker.Execute(t.Context(), op, plan, nothing); err != nil {
				t.Fatal(err)
			}
			s.proved(t, pool, dir, before)
			if got := rows(t, pool, "SELECT count(*)::text FROM dsar.object WHERE outcome = 'shared'"); !cmp.Equal(got, []string{"1"}) {
				t.Errorf("shared: %v", got)
			}
		})
	}
}

package connector_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestAFileIsNamedByWhatLeavesTheStore: a column that stays in the store does not
// leave as the name of a file.
func TestAFileIsNamedByWhatLeavesTheStore(t *testing.T) {
	t.Parallel()
	for group, name := range map[string]string{"columns: {title: T}": "Ben Okri.pdf", "secret: [title]": "", "staff: [title]": "", "derived: [title]": "", "columns: {title: {title: T, only: [author]}}": ""} {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.Blank(t)
			exec(t, pool, "CREATE TABLE people (id bigint PRIMARY KEY, email text)")
			exec(t, pool, "CREATE TABLE files (id bigint PRIMARY KEY, of bigint, place text, title text)")
			exec(t, pool, "INSERT INTO people VALUES (1, 'ada@example.com')")
			exec(t, pool, "INSERT INTO files VALUES (1, 1, 'a/b', 'Ben Okri.pdf')")
			s := open(t, pool, []byte(`version: 1
store: {name: x}
drift: {missing_index: warn}
normalisers: {email: {kind: email}}
subjects:
  person:
    - table: people
      key: id
      match:
        - {by: email, at: email}
categories:
  c: {title: C, about: a, purpose: b, basis: c, recipients: [d], retention: e, source: f}
tables:
  people:
    title: P
    category: c
    controller: operator
    erase: delete
    columns: {email: E}
    link: [id]
  files:
    title: F
    category: c
    controller: operator
    reach:
      - {as: owner, from: people.id, to: of}
    erase: delete
    object: {key: place, name: title}
    `+group+`
    link: [id, of, place]
`), connector.Options{Secret: secret})
			snap, err := s.Snapshot(t.Context(), find(t, s, connector.Subject{Email: "ada@example.com"}))
			if err != nil {
				t.Fatal(err)
			}
			defer snap.Close()
			n := 0
			for f, err := range snap.Files() {
				if err != nil {
					t.Fatal(err)
				}
				if n++; f.Name != name || f.Column != "title" || f.Talk.Conversation != "files/" {
					t.Errorf("the file is %+v", f)
				}
			}
			if n != 1 {
				t.Errorf("%d files", n)
			}
		})
	}
}

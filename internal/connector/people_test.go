package connector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestBothEndsOfARowAreKnown: a row may lead to two people in the same role, and
// the one who does not ask is somebody else.
func TestBothEndsOfARowAreKnown(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, "CREATE TABLE people (id bigint PRIMARY KEY, name text, email text)")
	exec(t, pool, "CREATE TABLE calls (id bigint PRIMARY KEY, caller bigint, callee bigint, label text)")
	exec(t, pool, "INSERT INTO people VALUES (1, 'Ada King', 'ada@example.com'), (2, 'Ben Okri', 'ben@example.com'), (3, 'Cleo Lane', 'cleo@example.com'), (4, 'Dan Brown', 'dan@example.com')")
	exec(t, pool, "INSERT INTO calls VALUES (1, 1, 2, 'x'), (2, 3, 1, 'y'), (3, 3, 4, 'z')")
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
mentions: {terms: [name], names: [people.name]}
categories:
  c: {title: C, about: a, purpose: b, basis: c, recipients: [d], retention: e, source: f}
tables:
  people:
    title: P
    category: c
    controller: operator
    erase: delete
    columns: {name: N, email: E}
    link: [id]
  calls:
    title: T
    category: c
    controller: operator
    reach:
      - {as: owner, from: people.id, to: caller}
      - {as: owner, from: people.id, to: callee}
    erase: delete
    columns: {label: L}
    link: [id, caller, callee]
`), connector.Options{Secret: secret})
	snap, err := s.Snapshot(t.Context(), find(t, s, connector.Subject{Email: "ada@example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	people, err := snap.People()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range people.Others {
		keys = append(keys, p.Key)
	}
	slices.Sort(keys)
	if want := []string{"2", "3"}; !slices.Equal(keys, want) {
		t.Errorf("the rows speak of %q, want %q", keys, want)
	}
}

// TestOthersAreMetInTheOrderOfTheColumns: who is met first gets the first name,
// each time that a package is made.
func TestOthersAreMetInTheOrderOfTheColumns(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, "CREATE TABLE people (id bigint PRIMARY KEY, email text)")
	exec(t, pool, "CREATE TABLE calls (id bigint PRIMARY KEY, of bigint, a text, b text, c text)")
	exec(t, pool, "INSERT INTO people VALUES (1, 'ada@example.com')")
	exec(t, pool, "INSERT INTO calls SELECT n, 1, 'a', 'b', 'c' FROM generate_series(1, 20) n")
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
  calls:
    title: T
    category: c
    controller: operator
    reach:
      - {as: owner, from: people.id, to: of}
    erase: delete
    link: [id, of]
    staff: [a, b, c]
`), connector.Options{Secret: secret})
	snap, err := s.Snapshot(t.Context(), find(t, s, connector.Subject{Email: "ada@example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var met string
	for table, err := range snap.Standing(func(_, key string) string { met += key; return "x" }).Tables() {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := strings.Repeat("abc", 20); met != want {
		t.Errorf("met %q", met)
	}
}

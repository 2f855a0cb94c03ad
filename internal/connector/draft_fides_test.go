package connector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// A club whose tables say nothing by their names: without the dataset nobody
// would find the people, or the way to their letters.
const clubSchema = `
CREATE TABLE peer (no integer PRIMARY KEY, handle text NOT NULL UNIQUE, mail text, pin text, joined timestamptz);
CREATE TABLE scrap (no integer PRIMARY KEY, maker integer, words text, kind text);
CREATE INDEX ON scrap (maker);
INSERT INTO peer VALUES (1, 'bo', 'bo@example.com', '1234', now()), (2, 'cy', 'cy@example.com', '9876', now());
INSERT INTO scrap VALUES (10, 1, 'by bo', 'note'), (11, 2, 'by cy', 'note');`

const clubDataset = `
dataset:
  - fides_key: club
    surprising: true
    fides_meta: {namespace: {schema: public}}
    collections:
      - name: peer
        fides_meta: {after: [club.scrap]}
        fields:
          - {name: no, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: handle, data_categories: [user.account.username], fides_meta: {identity: club_handle, masking_strategy_override: {strategy: random_string_rewrite}}}
          - {name: mail, data_categories: [user.contact.email], fidesops_meta: {identity: email}}
          - {name: pin, data_categories: [user.authorization.credentials]}
          - {name: shoe, data_categories: [user.demographic]}
      - name: scrap
        fides_meta: {skip_processing: true}
        fields:
          - {name: no, fides_meta: {primary_key: true}}
          - name: maker
            fides_meta: {references: [{dataset: club, field: peer.no, direction: from}, {dataset: shop, field: buyer.id}]}
          - {name: words, data_categories: [user.content.private], fides_meta: {masking_strategy_override: {strategy: aes_encrypt}}}
          - {name: kind, data_categories: [system.operations], fides_meta: {read_only: true}}
          - name: extra
            fields: [{name: mail, fides_meta: {identity: email}}]
      - name: attic
        fields: [{name: no}]
`

func TestDraftTakesAFidesDataset(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	if _, err := pool.Exec(t.Context(), clubSchema); err != nil {
		t.Fatal(err)
	}
	src, lost, err := connector.Draft(t.Context(), pool, "public", []byte(clubDataset))
	if err != nil {
		t.Fatal(err)
	}
	m, err := datamap.Parse("draft.yaml", src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	peer, _ := m.Table("peer")
	if c, _ := peer.Column("pin"); c.Group != datamap.Secret {
		t.Errorf("the pin is %s", c.Group)
	}
	if u := peer.Rules[datamap.Owner]; u.Do != datamap.Anonymise || len(u.Set) != 1 || u.Set[0].Fill != datamap.Fresh {
		t.Errorf("the rule of peer: %+v", u)
	}
	s, err := connector.Open(t.Context(), pool, m, connector.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []connector.Subject{{Email: "BO@example.com"}, {Keys: map[string]string{"club_handle": "bo"}}} {
		f, err := s.Find(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range f.Tables {
			if found.Rows != 1 {
				t.Errorf("%+v finds %d rows of %s as %s, expected 1", who, found.Rows, found.Table, found.Role)
			}
		}
	}
	for _, want := range []string{"peer: after", "peer.shoe: the table has no such column", "scrap: skip_processing", "scrap.maker: it refers to the dataset shop",
		"scrap.words: the masking strategy aes_encrypt", "scrap.kind: read_only", "scrap.extra.mail: it stands inside a JSON value", "attic: the store has no such table", "the dataset club: namespace"} {
		if !slices.ContainsFunc(lost, func(l string) bool { return strings.HasPrefix(l, want) }) {
			t.Errorf("nothing is said about: %s\n%s", want, strings.Join(lost, "\n"))
		}
	}
}

func TestDraftRefusesWhatIsNoDataset(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	for _, src := range []string{"dataset: 7", "tables: {}", "\t- x"} {
		if _, _, err := connector.Draft(t.Context(), pool, "public", []byte(src)); err == nil || !strings.Contains(err.Error(), "no Fides dataset") {
			t.Errorf("%q: %v", src, err)
		}
	}
}

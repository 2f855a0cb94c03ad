package connector_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// drafted drafts a map twice, and gives the store seen through it.
func drafted(t *testing.T, pool *pgxpool.Pool, schema string) (*connector.Store, string) {
	t.Helper()
	src, _, err := connector.Draft(t.Context(), pool, schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := connector.Draft(t.Context(), pool, schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(src), string(again)); diff != "" {
		t.Errorf("a second draft differs (-first +second):\n%s", diff)
	}
	return open(t, pool, src, connector.Options{Secret: secret}), string(src)
}

// complete demands that a map mentions everything and nothing else, and that a
// deletion would wait for nothing but a person's eye.
func complete(t *testing.T, s *connector.Store, except ...string) {
	t.Helper()
	findings, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code != connector.MissingIndex && f.Code != connector.UnindexedReference && !slices.Contains(except, f.Code) {
			t.Errorf("%s %s.%s: %s", f.Code, f.Table, f.Column, f.Detail)
		}
	}
}

func foundIn(f *connector.Found) map[string]int64 {
	out := map[string]int64{}
	for _, one := range f.Tables {
		if one.Rows > 0 {
			out[one.Table] += one.Rows
		}
	}
	return out
}

func TestADraftOfAForeignStore(t *testing.T) {
	t.Parallel()
	_, pool := foreignStore(t)
	s, src := drafted(t, pool, "Help Desk")
	golden(t, "foreign.draft.yaml", src)
	complete(t, s)
	f := find(t, s, connector.Subject{Email: "lu@example.com"})
	want := map[string]int64{"customer": 3, "thread": 1, "post": 3, "reader": 2, "badge": 1, "mail_log": 2, "bill": 3, "remark": 2, "upload": 1, "sms": 2}
	if diff := cmp.Diff(want, foundIn(f)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if _, err := s.Plan(t.Context(), f, connector.Ask{Kind: "deletion"}); err != nil {
		t.Errorf("plan: %v", err)
	}
}

func TestADraftOfTheDemoStoreFindsAndErasesMarina(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	_, pool := demoStore(t, demo.Options{Seed: 1, Rows: 5000, Objects: files}, connector.Options{})
	_, src := drafted(t, pool, "public")
	objects, err := connector.OpenObjects(files)
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	s := open(t, pool, []byte(src), connector.Options{Secret: secret, Objects: objects})
	complete(t, s)
	f := find(t, s, connector.Subject{Email: demo.Marina.Email})
	keys, err := demo.RowsOf(t.Context(), pool, demo.Marina)
	if err != nil {
		t.Fatal(err)
	}
	got := foundIn(f)
	for _, table := range []string{"contacts", "conversations", "messages"} {
		if n := int64(len(keys[table])); got[table] != n || n == 0 {
			t.Errorf("%s: found %d rows, expected %d", table, got[table], n)
		}
	}

	// Even uncorrected it takes nobody else's rows and leaves none of hers.
	before, err := demo.Checksum(t.Context(), pool, keys)
	if err != nil {
		t.Fatal(err)
	}
	who := connector.Subject{Email: demo.Marina.Email}
	op, plan := freeze(t, s, who)
	if err := s.Execute(t.Context(), op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Recheck(t.Context(), op, who); err != nil || !r.Empty() {
		t.Errorf("left: %+v, %v", r, err)
	}
	after, err := demo.Checksum(t.Context(), pool, keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
	}
	hits, err := demo.Residue(t.Context(), pool, demo.Marina.Planted)
	if err != nil || len(hits) > 0 {
		t.Errorf("still there: %v, %v", hits, err)
	}
}

// A draft goes into tickets and repositories: nobody's data may be in it.
func TestADraftTellsNothingOfWhatItSaw(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, `CREATE TABLE people (id bigint PRIMARY KEY, email text, phone text, role text, memo text, "line
break" text);
		INSERT INTO people SELECT n, 'canary' || n || '@example.com', '+4917139200' || (10 + n), 'canaryrole', 'a canary sentence with a good many words', 'canary' FROM generate_series(1, 50) n;
		CREATE TABLE note (id bigint PRIMARY KEY, people_id bigint REFERENCES people, nick text, by_name jsonb, raw bytea, tag text[], slot text, owner_type text, owner_id bigint);
		INSERT INTO note SELECT n, n, 'canarynick', jsonb_build_object('canary' || n, n, 'canarynick', n, 'canary@example.com', n, 'email', 'canary@example.com'), convert_to('{"canarynick": "canary"}', 'UTF8'),
			'{canary}', 'people:' || n || ':canary', CASE n % 2 WHEN 0 THEN 'People' ELSE 'Canary' END, n FROM generate_series(1, 50) n`)
	s, src := drafted(t, pool, "public")
	for _, seen := range []string{"canary", "example.com", "49171"} {
		if strings.Contains(src, seen) {
			t.Errorf("the draft tells %q:\n%s", seen, src)
		}
	}
	complete(t, s, connector.UnseenDiscriminator)
	if got := foundIn(find(t, s, connector.Subject{Email: "canary7@example.com"})); got["people"] != 1 || got["note"] != 1 {
		t.Errorf("found %v", got)
	}
}

func TestADraftCopesWithHardNames(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, `CREATE TABLE "null" (id bigint PRIMARY KEY, "yes" text, "a: b" text, "x#y" text, "it's ""quoted""" text, "{k}" text, "-" text, "1" text);
		CREATE TABLE "Users" ("userId" bigint PRIMARY KEY, "eMail" text, "parentId" bigint REFERENCES "Users", "null_id" bigint REFERENCES "null");
		CREATE TABLE "a.b" (id bigint PRIMARY KEY, user_id bigint REFERENCES "Users");
		CREATE TABLE "c" (id bigint PRIMARY KEY, ab bigint REFERENCES "a.b");
		CREATE TABLE ring (id bigint PRIMARY KEY, user_id bigint REFERENCES "Users", wheel_id bigint);
		CREATE TABLE wheel (id bigint PRIMARY KEY, ring_id bigint REFERENCES ring);
		ALTER TABLE ring ADD FOREIGN KEY (wheel_id) REFERENCES wheel;
		CREATE TABLE loose (words text);
		CREATE VIEW latest AS SELECT * FROM "Users";
		INSERT INTO "Users" VALUES (1, 'lu@example.com', NULL, NULL)`)
	s, src := drafted(t, pool, "public")
	complete(t, s, connector.NoKey, connector.Circle, connector.UnmappedReference)
	if !strings.Contains(src, "nothing names a row of this table") {
		t.Errorf("a table without a key is not marked:\n%s", src)
	}
}

// Somebody who may not read a table still gets it mapped, and told.
func TestADraftMapsWhatItMayNotRead(t *testing.T) {
	t.Parallel()
	_, pool := foreignStore(t)
	exec(t, pool, `CREATE TABLE public.contacts (id bigint PRIMARY KEY, email text); CREATE TABLE public.calls (id bigint PRIMARY KEY, contact_id bigint REFERENCES public.contacts, phone text);
		GRANT SELECT ON public.contacts TO `+connector.ReadRole)
	s, src := drafted(t, pgtest.As(t, pool, connector.ReadRole), "public")
	complete(t, s)
	if n := strings.Count(src, "could not be read"); n != 1 {
		t.Errorf("%d tables are said to be unread:\n%s", n, src)
	}
}

func TestADraftWithoutPeopleSaysSo(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	exec(t, pool, `CREATE TABLE settings (name text PRIMARY KEY, value text)`)
	for _, schema := range []string{"public", "nowhere"} {
		if _, _, err := connector.Draft(t.Context(), pool, schema, nil); !errors.Is(err, connector.ErrNobody) {
			t.Errorf("%s: %v", schema, err)
		}
	}
}

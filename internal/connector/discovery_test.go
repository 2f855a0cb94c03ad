package connector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func inbox(t testing.TB, edit ...string) (*connector.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Blank(t)
	exec(t, pool, read(t, "inbox.sql"))
	src := strings.NewReplacer(edit...).Replace(read(t, "inbox.yaml"))
	return open(t, pool, []byte(src), connector.Options{Secret: secret}), pool
}

var lucia = connector.Subject{Phone: "+5511912340000", Tenants: []string{"br"}}

// reached lists the keys of all rows that leave the store, by table and role.
func reached(t testing.TB, s *connector.Store, f *connector.Found) map[string][]string {
	t.Helper()
	snap, err := s.Snapshot(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	out := map[string][]string{}
	for table, err := range snap.Tables() {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			at := table.Name + " " + table.Role
			out[at] = append(out[at], strings.Join(table.Key(), "/"))
		}
	}
	for _, keys := range out {
		slices.Sort(keys)
	}
	return out
}

func matched(f *connector.Found) []string {
	var out []string
	for _, m := range f.Matches {
		out = append(out, m.Key)
	}
	slices.Sort(out)
	return out
}

func candidates(f *connector.Found) []string {
	out := []string{}
	for _, c := range f.Candidates {
		out = append(out, c.Key+" "+c.Why)
	}
	slices.Sort(out)
	return out
}

func TestAPersonIsFoundWhereverTheMapSays(t *testing.T) {
	t.Parallel()
	s, _ := inbox(t)
	f := find(t, s, lucia)
	if diff := cmp.Diff([]string{"1001", "1002", "1003", "1004"}, matched(f)); diff != "" {
		t.Fatalf("matches (-want +got):\n%s", diff)
	}
	hook := func(n ...int) (out []string) {
		for _, i := range n {
			out = append(out, fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
		}
		return out
	}
	want := map[string][]string{
		"client owner":         {"1001", "1002", "1003", "1004"},
		"field_value owner":    {"1", "5"},
		"dialog thread":        {"501", "508"},
		"dialog other_person":  {"502", "504"},
		"message author":       {"1", "3"},
		"message thread":       {"2"},
		"upload inherit":       {"1", "2"},
		"cache thread":         {"client:1001:card", "client:1001:orders:9", "client:1002:%"},
		"mark owner":           {"Client_1001/", "Client_1001/phone"},
		"dialog_cache inherit": {"d/501/x"},
		"hook addressee":       hook(1, 5, 6),
		"outbox addressee":     {"1"},
		"batch named":          {"1", "6"},
		"segment named":        {"1"},
		"segment about":        {"2"},
		"wa thread":            {"a"},
		"room owner":           {"1", "5"},
		"room named":           {"2"},
		"poll about":           {"1", "2"},
		"poll addressee":       {"3"},
		"pin about":            {"1", "5"},
		"pin named":            {"2"},
		"quote about":          {"1/1"},
		"robot named":          {"1", "2", "5", "6"},
	}
	got := reached(t, s, f)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCandidatesAreShownAndNeverTaken(t *testing.T) {
	t.Parallel()
	s, _ := inbox(t)
	br := []string{"br"}
	for _, tt := range []struct {
		name string
		who  connector.Subject
		want []string // candidates
		are  []string // matches
	}{
		{"the number before the nine", lucia, []string{"1010 variant"}, []string{"1001", "1002", "1003", "1004"}},
		{"the number with the nine", connector.Subject{Phone: "+551112340000", Tenants: br}, []string{"1001 variant"}, []string{"1010"}},
		{"a name, folded", connector.Subject{Name: "lucía PRADO", Tenants: br}, []string{"1001 name", "1011 name"}, nil},
		{"a part of a name", connector.Subject{Name: "Prado", Tenants: br}, []string{}, nil},
		{"a number that was typed", connector.Subject{Claimed: map[string]string{"phone": "(11) 91234-0000"}, Tenants: br}, []string{"1001 claimed", "1004 claimed", "1010 variant"}, nil},
		{"a provider's id that was typed", connector.Subject{Claimed: map[string]string{"ref": "BR.13491208655302741918"}, Tenants: br}, []string{"1001 claimed"}, nil},
		{"a provider's id that the channel proves is still no key here", connector.Subject{Keys: map[string]string{"ref": "BR.13491208655302741918"}, Tenants: br}, []string{"1001 candidate"}, nil},
		{"half an id", connector.Subject{Claimed: map[string]string{"ref": "BR.1349"}, Tenants: br}, []string{}, nil},
		{"wildcards", connector.Subject{Name: "%", Claimed: map[string]string{"phone": "%", "email": "%@example.com", "ref": "%"}, Tenants: br}, []string{}, nil},
		{"a kind that the map does not know", connector.Subject{Claimed: map[string]string{"id": "1001"}}, []string{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := find(t, s, tt.who)
			if diff := cmp.Diff(tt.want, candidates(f)); diff != "" {
				t.Errorf("candidates (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.are, matched(f)); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
			if len(tt.are) == 0 && f.Total != 0 {
				t.Errorf("nobody matched, and %d rows were found", f.Total)
			}
		})
	}
}

func TestStaffDecideWhoIsTheSubject(t *testing.T) {
	t.Parallel()
	s, _ := inbox(t)
	with := func(change func(*connector.Subject)) connector.Subject {
		who := lucia
		change(&who)
		return who
	}
	row := func(key string) []connector.RowRef { return []connector.RowRef{{Table: "client", Key: key}} }
	for _, tt := range []struct {
		name string
		who  connector.Subject
		want []string
	}{
		{"a confirmed candidate", with(func(w *connector.Subject) { w.Include = row("1010") }), []string{"1001", "1002", "1003", "1004", "1010"}},
		{"what only a confirmed row knows is learnt", connector.Subject{Include: row("1001"), Tenants: []string{"br"}}, []string{"1001", "1002", "1003"}},
		{"an excluded match, and what was learnt from it", with(func(w *connector.Subject) { w.Exclude = row("1001") }), []string{"1004"}},
		{"an excluded row that staff confirmed as well", with(func(w *connector.Subject) { w.Include, w.Exclude = row("1010"), row("1010") }), []string{"1001", "1002", "1003", "1004"}},
		{"a row of another tenant is not confirmed", with(func(w *connector.Subject) { w.Include = row("1005") }), []string{"1001", "1002", "1003", "1004"}},
		{"a row that is not there", with(func(w *connector.Subject) { w.Include = row("99") }), []string{"1001", "1002", "1003", "1004"}},
		{"a key that is none", with(func(w *connector.Subject) { w.Include = row("1010 OR true") }), []string{"1001", "1002", "1003", "1004"}},
		{"a table that is no root", with(func(w *connector.Subject) { w.Include = []connector.RowRef{{Table: "dialog", Key: "503"}} }), []string{"1001", "1002", "1003", "1004"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := find(t, s, tt.who)
			if diff := cmp.Diff(tt.want, matched(f)); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
			for _, c := range f.Candidates {
				for _, x := range tt.who.Exclude {
					if c.Key == x.Key {
						t.Errorf("%s was excluded, and is a candidate", c.Key)
					}
				}
			}
		})
	}
	excluded := reached(t, s, find(t, s, with(func(w *connector.Subject) { w.Exclude = row("1001") })))
	if got := excluded["dialog thread"]; len(got) > 0 {
		t.Errorf("an excluded match brings the dialogs %v", got)
	}
}

func TestARequestStaysInItsTenants(t *testing.T) {
	t.Parallel()
	s, _ := inbox(t)
	f := find(t, s, connector.Subject{Phone: "+5511912340000", Tenants: []string{"de"}})
	if diff := cmp.Diff([]string{"1005"}, matched(f)); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
	want := map[string][]string{
		"client owner": {"1005"}, "dialog thread": {"505"}, "message author": {"7"}, "field_value owner": {"4"}, "hook addressee": {"00000000-0000-4000-8000-000000000004"},
		"outbox addressee": {"5"}, "segment named": {"3", "6"}, "wa thread": {"c"}, "robot named": {"3"},
	}
	if diff := cmp.Diff(want, reached(t, s, f)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	both := find(t, s, connector.Subject{Phone: "+5511912340000"})
	if diff := cmp.Diff([]string{"1001", "1002", "1003", "1004", "1005"}, matched(both)); diff != "" {
		t.Errorf("everywhere (-want +got):\n%s", diff)
	}
	if f := find(t, s, connector.Subject{Phone: "+5511912340000", Tenants: []string{"x"}}); f.Total+int64(len(f.Matches)) != 0 {
		t.Errorf("a tenant that is not there: %+v", f.Result)
	}
}

func mentioned(f *connector.Found) []string {
	out := []string{}
	for _, m := range f.Mentions {
		one := fmt.Sprintf("%s.%s %s %d %v", m.Table, m.Column, m.Term, m.Rows, m.Keys)
		if m.Cut {
			one += " cut"
		}
		out = append(out, one)
	}
	return out
}

func TestMentionsAreToldAndNotTouched(t *testing.T) {
	t.Parallel()
	s, pool := inbox(t)
	if diff := cmp.Diff([]string{
		"field_value.value phone 1 [3]",
		"message.words phone 1 [5]",
		"message.words name 2 [5 6]",
		"message.words key 1 [9]",
	}, mentioned(find(t, s, lucia))); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
	exec(t, pool, "INSERT INTO inbox.message SELECT 100 + n, 'br', 503, 'client', 1012, 'Lucia Prado' FROM generate_series(1, 3) n")
	if got := strings.Join(mentioned(find(t, s, lucia)), "\n"); !strings.Contains(got, "message.words name 5 [") || !strings.Contains(got, "] cut") {
		t.Errorf("more rows than the limit: %s", got)
	}
	if got := find(t, s, connector.Subject{}).Mentions; len(got) > 0 {
		t.Errorf("nobody is mentioned: %v", got)
	}
}

// A search of free text that would take too long is cut, and says so.
func TestMentionsHaveABudget(t *testing.T) {
	t.Parallel()
	s, pool := inbox(t, "timeout: 20s", "timeout: 10ms")
	exec(t, pool, "INSERT INTO inbox.message SELECT 1000 + n, 'br', 503, 'client', 1012, repeat('lorem ipsum 1001 ', 50) FROM generate_series(1, 20000) n")
	f := find(t, s, lucia)
	if got := strings.Join(mentioned(f), "\n"); !strings.Contains(got, "message.words name") || !strings.Contains(got, "cut") {
		t.Errorf("mentions: %s", got)
	}
	if len(f.Matches) != 4 || f.Total == 0 {
		t.Errorf("the search itself: %d matches, %d rows", len(f.Matches), f.Total)
	}
}

func TestAValueThatTheMapDoesNotKnowStopsADeletion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sql string
		edit      []string
		want      string
	}{
		{"all values are known", "SELECT", nil, ""},
		{"a new value, without an index", "ALTER TYPE inbox.kind ADD VALUE 'guest'; COMMIT; INSERT INTO inbox.message VALUES (90, 'br', 503, 'guest', 1, 'x')", nil, `"guest"`},
		{"a value that the map leaves out, without an index", "SELECT", []string{"by_kind: [client, clerk, robot]", "by_kind: [client, clerk]"}, `"robot"`},
		{"a value that the map leaves out, with an index", "CREATE INDEX ON inbox.message (by_kind, by_id)", []string{"by_kind: [client, clerk, robot]", "by_kind: [clerk, robot]"}, `"client"`},
		{"null", "ALTER TABLE inbox.message ALTER by_kind DROP NOT NULL; INSERT INTO inbox.message VALUES (91, 'br', 503, NULL, 1, 'x')", nil, "null"},
		{"null, with an index", "CREATE INDEX ON inbox.message (by_kind); ALTER TABLE inbox.message ALTER by_kind DROP NOT NULL; INSERT INTO inbox.message VALUES (91, 'br', 503, NULL, 1, 'x')", nil, "null"},
		{"null that is known", "ALTER TABLE inbox.message ALTER by_kind DROP NOT NULL; INSERT INTO inbox.message VALUES (91, 'br', 503, NULL, 1, 'x')", []string{"by_kind: [client, clerk, robot]", "by_kind: [client, clerk, robot, null]"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, pool := inbox(t, tt.edit...)
			for one := range strings.SplitSeq(tt.sql, "; COMMIT; ") {
				exec(t, pool, one)
			}
			findings, err := s.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range findings {
				if f.Code == connector.UnseenDiscriminator {
					got = f.Detail
					if f.Warn || f.Table != "message" || f.Column != "by_kind" {
						t.Errorf("%+v", f)
					}
				}
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("found %q, expected %q", got, tt.want)
			}
		})
	}
}

func TestSecretLeavesStayAndOthersAreRedacted(t *testing.T) {
	t.Parallel()
	s, _ := inbox(t)
	snap, err := s.Snapshot(t.Context(), find(t, s, lucia))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var b strings.Builder
	for table, err := range snap.Tables() {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range table.Columns {
			fmt.Fprintf(&b, "%s.%s ", table.Name, c.Name)
		}
		for row, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range row {
				fmt.Fprintf(&b, "%s\n", v)
			}
		}
	}
	got := b.String()
	for _, must := range []string{`{"email":"Lucia@Example.com","ref":"[redacted]"}`, `{"messages": [{"from": 5511912340000}]}`, `Übergröße`} {
		if !strings.Contains(got, must) {
			t.Errorf("%s is not in the export", must)
		}
	}
	for _, never := range []string{"s3cret", "BR.1349", "token", "dialog_cache.body"} {
		if strings.Contains(got, never) {
			t.Errorf("%s is in the export", never)
		}
	}
	for _, f := range find(t, s, lucia).Tables {
		if want := f.Table == "message" && f.Role != "other_person" && f.Rows > 0; f.Review != want {
			t.Errorf("%s as %s is reviewed: %t", f.Table, f.Role, f.Review)
		}
	}
}

package connector_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func lift(op uuid.UUID) connector.Ask { return connector.Ask{Kind: "restriction_lift", Undo: op} }

func TestARestrictionIsSetAndUndoneToTheByte(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	before := everything(t, pool)
	op, plan := carry(t, s, ida, connector.Ask{Kind: "restriction"})
	var said []string
	for _, st := range plan.Steps {
		said = append(said, strings.Join([]string{string(st.Action), st.Table, st.Role, st.Purpose}, " "))
	}
	if diff := cmp.Diff([]string{"restrict member owner restriction", "restrict line thread restriction"}, said); diff != "" {
		t.Errorf("the plan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		`(1,1,"Ida Blum",whatsapp:+491713920041,Ida@Example.com,ida,de,1990-04-01,12.50,blocked,t,"{ ""city"":""Ulm"",  ""age"": 34, ""state"": {""held"": true} }","{""held"": true, ""tier"": null}","asked for Ida Blum")`,
		`(2,2,"Ida B.",491713920041,,IDA,pt,,,blocked,,"{""state"": {""held"": true}}","{""held"": true, ""tier"": null}",)`,
		before["member"][2], before["member"][3]}, everything(t, pool)["member"]); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if got := rows(t, pool, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM line WHERE held"); got[0] != "1 2 3 4 5 7" {
		t.Errorf("held are the lines %s", got[0])
	}
	// The product itself may ask.
	for sql, want := range map[string]string{
		"SELECT dsar.is_stopped('member', 'restriction', '1')::text":                             "true",
		"SELECT dsar.is_stopped('member', 'restriction', '3')::text":                             "false",
		"SELECT dsar.is_stopped('member', 'marketing', '1')::text":                               "false",
		"SELECT string_agg(key, ' ' ORDER BY key) FROM dsar.stopped WHERE table_name = 'member'": "1 2",
		"SELECT count(*)::text FROM dsar.stop WHERE position('trial'::bytea IN sealed) > 0":      "0",
	} {
		if got := rows(t, pool, sql); got[0] != want {
			t.Errorf("%s: %s", sql, got[0])
		}
	}
	carry(t, s, ida, lift(op))
	same(t, "the lift left something behind", before, everything(t, pool))
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.stop"); got[0] != "0" {
		t.Errorf("%s rows are still listed", got[0])
	}
	// To lift twice is to lift once.
	carry(t, s, ida, lift(op))
	same(t, "the second lift did something", before, everything(t, pool))
}

func TestAStopWritesWhereTheJSONHoldsNothing(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	exec(t, pool, "UPDATE member SET profile = ' null ', extra = 'null' WHERE id = 1")
	before := everything(t, pool)
	first, _ := carry(t, s, ida, connector.Ask{Kind: "restriction"})
	second, _ := carry(t, s, ida, connector.Ask{Kind: "objection", Purposes: []string{"survey"}})
	if got := rows(t, pool, "SELECT concat(profile, extra) FROM member WHERE id = 1"); got[0] != `{"state": {"held": true}}{"held": true, "tier": null}` {
		t.Errorf("stopped: %s", got)
	}
	carry(t, s, ida, lift(first))
	carry(t, s, ida, lift(second))
	same(t, "after both lifts", before, everything(t, pool))
}

func TestAnOptOutBeginsAListWhereThereIsNone(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	exec(t, pool, "UPDATE firm SET left_out = 'null' WHERE id = 1")
	carry(t, s, ida, connector.Ask{Kind: "opt_out"})
	if got := rows(t, pool, "SELECT left_out::text FROM firm WHERE id = 1"); got[0] != `["491713920041"]` {
		t.Errorf("the list is %s", got[0])
	}
}

func TestALiftLeavesAloneWhatSomebodyChangedSince(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	op, _ := carry(t, s, ida, connector.Ask{Kind: "restriction"})
	exec(t, pool, `UPDATE member SET status = 'left', profile = '{"state": {"held": true}, "city": "Bonn"}', extra = extra || '{"tier": 3}' WHERE id = 1`)
	exec(t, pool, "DELETE FROM clip WHERE line IN (1, 7); DELETE FROM line WHERE id IN (1, 7)")
	lifted, _ := carry(t, s, ida, lift(op))
	if got := rows(t, pool, "SELECT status || ' ' || profile || ' ' || extra FROM member WHERE id = 1"); got[0] != `left {"city": "Bonn"} {"tier": 3}` {
		t.Errorf("the member is %s", got[0])
	}
	if got := rows(t, pool, "SELECT string_agg(moved::text, ' ' ORDER BY seq) FROM dsar.step WHERE operation = $1", lifted); got[0] != "1 0" {
		t.Errorf("left alone were %s rows", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.stop"); got[0] != "0" {
		t.Errorf("%s rows are still listed", got[0])
	}
}

// TestTwoStopsOfOnePlaceAreUndoneInAnyOrder: the place stays stopped until the
// last of them is lifted, and is then what it was at first.
func TestTwoStopsOfOnePlaceAreUndoneInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			s, pool := club(t)
			before := everything(t, pool)
			var ops []uuid.UUID
			for _, ask := range []connector.Ask{{Kind: "restriction"}, {Kind: "objection", Purposes: []string{"marketing", "survey"}}, {Kind: "restriction"}} {
				op, _ := carry(t, s, ida, ask)
				ops = append(ops, op)
			}
			for i, n := range order {
				held := rows(t, pool, "SELECT concat(status, ' ', news, ' ', extra->>'held', ' ', profile::jsonb #>> '{state,held}') FROM member WHERE id = 1")[0]
				want := "active t  "
				switch left := order[i:]; {
				case slices.Contains(left, 1) && len(left) > 1:
					want = "blocked f true true"
				case slices.Contains(left, 1):
					want = "active f true "
				case len(left) > 0:
					want = "blocked t true true"
				}
				if held != want {
					t.Errorf("order %v, before the lift of %d: %q, expected %q", order, n, held, want)
				}
				carry(t, s, ida, lift(ops[n]))
			}
			same(t, "something is left", before, everything(t, pool))
		})
	}
}

func TestAnObjectionStopsThePurposesThatWereAsked(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	before := everything(t, pool)
	op, _ := carry(t, s, ida, connector.Ask{Kind: "objection", Purposes: []string{"marketing"}})
	if got := rows(t, pool, "SELECT string_agg(concat(id, news, extra->>'held'), ' ' ORDER BY id) FROM member"); got[0] != "1f 2f 3t 4f" {
		t.Errorf("the members are %s", got[0])
	}
	carry(t, s, ida, lift(op))
	same(t, "the lift left something behind", before, everything(t, pool))
	for _, ask := range []connector.Ask{{Kind: "objection"}, {Kind: "objection", Purposes: []string{"profiling"}}, {Kind: "withdrawal", Purposes: []string{"restriction"}}, {Kind: "opt_out", Purposes: []string{"restriction"}}} {
		if _, err := s.Plan(t.Context(), find(t, s, ida), ask); !errors.Is(err, connector.ErrPurpose) {
			t.Errorf("%v: got %v", ask.Purposes, err)
		}
	}
	if _, err := s.Plan(t.Context(), find(t, s, ida), lift(uuid.New())); !errors.Is(err, connector.ErrNotFrozen) {
		t.Errorf("what nobody did is undone: %v", err)
	}
}

func TestAnOptOutIsWrittenOnceForEveryTenantThatKnowsTheNumber(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	before := everything(t, pool)
	want := func(what string) {
		t.Helper()
		if got := rows(t, pool, "SELECT string_agg(concat_ws(' ', firm, nr, channel), ', ' ORDER BY firm, nr) FROM hush"); got[0] != "1 491713920041 all, 1 491713920042 all, 2 491713920041 all, 3 491713920041 all" {
			t.Errorf("%s, the list is %s", what, got[0])
		}
		after := everything(t, pool)
		if diff := cmp.Diff([]string{`(1,North,DE,"[""491713920041""]")`, `(2,South,BR,"[""5511900000000"", 5511900000001, ""491713920041""]")`, `(3,East,DE,"[""491713920041""]")`}, after["firm"]); diff != "" {
			t.Errorf("%s, firms (-want +got):\n%s", what, diff)
		}
		for table := range before {
			if table != "hush" && table != "firm" {
				if diff := cmp.Diff(before[table], after[table]); diff != "" {
					t.Errorf("%s, %s changed:\n%s", what, table, diff)
				}
			}
		}
	}
	_, plan := carry(t, s, ida, connector.Ask{Kind: "opt_out"})
	want("after one opt-out")
	if !slices.ContainsFunc(plan.Steps, func(st datamap.Step) bool {
		return st.Action == datamap.Suppressing && st.Table == "hush" && st.Rows == 3
	}) {
		t.Errorf("the steps are %+v", plan.Steps)
	}
	if got := rows(t, pool, "SELECT abs(extract(epoch FROM since AT TIME ZONE 'Europe/Berlin' - now()))::int::text FROM hush WHERE firm = 3"); len(got[0]) > 2 {
		t.Errorf("the opt-out is %s seconds from now", got[0])
	}
	carry(t, s, ida, connector.Ask{Kind: "opt_out"})
	want("after another")
	carry(t, s, ida, connector.Ask{Kind: "withdrawal", Purposes: []string{"marketing"}})
	if got := rows(t, pool, "SELECT count(*)::text FROM hush"); got[0] != "4" {
		t.Errorf("the withdrawal of one purpose wrote an opt-out: %s", got[0])
	}
}

// TestANumberIsSuppressedWhereTheStoreLinksItToWhatWasProved: the address proves
// the number in the firm that keeps both together, and nowhere else.
func TestANumberIsSuppressedWhereTheStoreLinksItToWhatWasProved(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	who := connector.Subject{Keys: map[string]string{"mail": "ida@example.com"}}
	op, _ := carry(t, s, who, connector.Ask{Kind: "opt_out"})
	if got := rows(t, pool, "SELECT string_agg(concat_ws(' ', firm, nr), ', ' ORDER BY firm, nr) FROM hush"); got[0] != "1 491713920041, 1 491713920042" {
		t.Errorf("suppressed are %s", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.stop WHERE operation = $1 AND purpose = 'opt_out'", op); got[0] != "2" {
		t.Errorf("%s rows are stopped", got[0])
	}
}

func TestAnOptOutOutlivesAnErasure(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	carry(t, s, ida, connector.Ask{Kind: "opt_out"})
	carry(t, s, ida, connector.Ask{Kind: "deletion"})
	if got := rows(t, pool, "SELECT count(*)::text FROM hush WHERE hashed IS NOT NULL AND nr IS NULL"); got[0] != "3" {
		t.Errorf("%s hashed numbers are left", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM dsar.suppressed"); got[0] != "3" {
		t.Errorf("%s opt-outs are kept", got[0])
	}
	if got := rows(t, pool, "SELECT count(*)::text FROM firm WHERE left_out @> '\"491713920041\"'"); got[0] != "3" {
		t.Errorf("%s lists still have the number", got[0])
	}
}

// TestAProofLearnsNoFurtherThanTheSearchDid: an identifier that was learnt brings
// rows and no identifiers, in the proof as in the search before it. Else whoever
// shares a number with the subject would keep the request open for ever.
func TestAProofLearnsNoFurtherThanTheSearchDid(t *testing.T) {
	t.Parallel()
	_, pool := club(t)
	exec(t, pool, `INSERT INTO member (id, firm, name, phone, mail) VALUES
		(5, 2, 'shares the number', '+491713920041', 'max@example.com'), (6, 3, 'shares the address with that one', NULL, 'max@example.com')`)
	twofold := strings.Replace(read(t, "rights.yaml"), "learn: [{by: phone, at: phone}]", "learn: [{by: phone, at: phone}, {by: mail, at: mail}]", 1)
	s := open(t, pool, []byte(twofold), connector.Options{Secret: secret})
	carry(t, s, connector.Subject{Keys: map[string]string{"mail": "ida@example.com"}}, connector.Ask{Kind: "restriction"})
	if got := rows(t, pool, "SELECT string_agg(key, ' ' ORDER BY key) FROM dsar.stopped WHERE table_name = 'member'"); got[0] != "1 2 5" {
		t.Errorf("restricted are the members %s", got[0])
	}
}

// TestAWithdrawalIsKeptWhereTheMapStopsNothing: who must not be written to is
// remembered all the same, and the product may ask.
func TestAWithdrawalIsKeptWhereTheMapStopsNothing(t *testing.T) {
	t.Parallel()
	_, pool := club(t)
	bare := regexp.MustCompile(`(?m)^(    stop:\n(      .*\n)+|    stop: .*\n|purposes:.*\n)`).ReplaceAllString(read(t, "rights.yaml"), "")
	s := open(t, pool, []byte(bare), connector.Options{Secret: secret})
	carry(t, s, ida, connector.Ask{Kind: "withdrawal"})
	if got := rows(t, pool, "SELECT string_agg(DISTINCT purpose, ' ') || ' ' || (SELECT count(*) > 0 FROM dsar.suppressed) FROM dsar.stop"); got[0] != "opt_out true" {
		t.Errorf("kept is %s", got[0])
	}
}

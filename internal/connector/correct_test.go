package connector_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func edit(table, key, column, value string) connector.Edit {
	return connector.Edit{Table: table, Key: key, Column: column, New: value, Routing: true}
}

func edits(all ...connector.Edit) connector.Ask {
	return connector.Ask{Kind: "correction", Edits: all}
}

func TestFieldsAreWhatMayBeCorrected(t *testing.T) {
	t.Parallel()
	s, _ := club(t)
	fields, err := s.Fields(t.Context(), find(t, s, ida))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, fmt.Sprintf("%s %s %s=%s %s %t %s", f.Table, f.Key, f.Column, f.Old, f.Type, f.Routing, f.Tenant))
	}
	want := []string{
		"member 1 name=Ida Blum name false 1", "member 1 phone=whatsapp:+491713920041 phone true 1", "member 1 mail=Ida@Example.com email false 1",
		"member 1 nick=ida text false 1", "member 1 speaks=de language false 1", "member 1 born=1990-04-01 date false 1", "member 1 fee=12.50 number false 1",
		"member 1 status=active one_of false 1", "member 1 profile.city=Ulm name false 1", "member 1 profile.age=34 number false 1", "member 1 profile.home.street= text false 1",
		"member 2 name=Ida B. name false 2", "member 2 phone=491713920041 phone true 2", "member 2 mail= email false 2",
		"member 2 nick=IDA text false 2", "member 2 speaks=pt language false 2", "member 2 born= date false 2", "member 2 fee= number false 2",
		"member 2 status=trial one_of false 2", "member 2 profile.city= name false 2", "member 2 profile.age= number false 2", "member 2 profile.home.street= text false 2",
		`pair ["1",""] label=x text false 1`, `pair ["1","a\"b"] label=y text false 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACorrectionThatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	before := everything(t, pool)
	noYes := edit("member", "1", "phone", "+491713920099")
	noYes.Routing = false
	f := find(t, s, ida)
	for _, tt := range []struct {
		name, code string
		edit       connector.Edit
	}{
		{"an unknown table", "unknown_field", edit("membre", "1", "name", "Ida")},
		{"a column that may not be corrected", "unknown_field", edit("member", "1", "notes", "x")},
		{"a JSON value as a whole", "unknown_field", edit("member", "1", "profile", "{}")},
		{"somebody else's row", "unknown_field", edit("member", "3", "name", "Ida")},
		{"no such row", "unknown_field", edit("member", "77", "name", "Ida")},
		{"a key that is none", "unknown_field", edit("member", "x' OR true", "name", "Ida")},
		{"a key with too few columns", "unknown_field", edit("pair", "1", "label", "n")},
		{"somebody else's row of two columns", "unknown_field", edit("pair", `["2","a"]`, "label", "n")},
		{"a name without a letter", "wrong_type", edit("member", "1", "name", "12")},
		{"an empty name where one must stand", "wrong_type", edit("member", "1", "name", " ")},
		{"a control sign", "wrong_type", edit("member", "1", "name", "Ida\x00")},
		{"not even text", "wrong_type", edit("member", "1", "name", "Ida\xff")},
		{"half an address", "wrong_type", edit("member", "1", "mail", "ida@")},
		{"no number", "wrong_type", edit("member", "1", "phone", "call me")},
		{"a number that is too short", "wrong_type", edit("member", "1", "phone", "+4917")},
		{"no day", "wrong_type", edit("member", "1", "born", "1990-02-30")},
		{"no amount", "wrong_type", edit("member", "1", "fee", "NaN")},
		{"more than the column holds", "wrong_type", edit("member", "1", "fee", "123456789012")},
		{"no language", "wrong_type", edit("member", "1", "speaks", "not a language")},
		{"none of the values", "wrong_type", edit("member", "1", "status", "gone")},
		{"not as the pattern says", "pattern", edit("member", "1", "nick", "ida 7")},
		{"longer than the column", "too_long", edit("member", "1", "nick", "thirteensigns")},
		{"nothing new", "unchanged", edit("member", "1", "name", "Ida Blum")},
		{"nothing new, written otherwise", "unchanged", edit("member", "1", "phone", "0171 392 00 41")},
		{"nothing new in JSON", "unchanged", edit("member", "1", "profile.city", "Ulm")},
		{"another's nick in another case", "taken", edit("member", "1", "nick", "öTTO")},
		{"another's number in another writing", "taken", edit("member", "1", "phone", "+49 171 3920042")},
		{"another's address in another case", "taken", edit("member", "1", "mail", "OTTO@example.com")},
		{"a number to which messages go", "routing", noYes},
	} {
		plan, err := s.Plan(t.Context(), f, edits(tt.edit))
		refused, ok := errors.AsType[connector.Refused](err)
		if !ok || len(refused) != 1 || refused[0].Code != tt.code || refused[0].Column != tt.edit.Column {
			t.Errorf("%s: expected %s, got %v and %d steps", tt.name, tt.code, err, len(plan.Steps))
		}
		if err != nil && tt.edit.New != "" && len(tt.edit.New) > 3 && strings.Contains(err.Error(), tt.edit.New) {
			t.Errorf("%s: the error tells the value: %v", tt.name, err)
		}
	}
	// What is taken in one tenant is free in another.
	if _, err := s.Plan(t.Context(), f, edits(edit("member", "2", "nick", "otto"))); err != nil {
		t.Errorf("a nick of another firm: %v", err)
	}
	same(t, "planning changed something", before, everything(t, pool))
}

func TestACorrectionKeepsTheFormThatTheStoreHas(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	before := everything(t, pool)
	ask := edits(
		edit("member", "1", "name", "Ida Groß"), edit("member", "1", "phone", "0171 392 00 99"), edit("member", "1", "mail", "Ida.New@Example.com"),
		edit("member", "1", "born", "1990-04-11"), edit("member", "1", "fee", "7.5"), edit("member", "1", "profile.city", `Bad "Aibling"`),
		edit("member", "1", "profile.age", "35"), edit("member", "1", "profile.home.street", "Am See 1"),
		edit("member", "2", "phone", "+5511987650009"), edit("pair", `["1","a\"b"]`, "label", "neu"), edit("member", "1", "speaks", ""),
	)
	_, plan := carry(t, s, ida, ask)
	if len(plan.Steps) != 2 || plan.Steps[0].Rows != 2 || plan.Steps[1].Rows != 1 || plan.Steps[0].Action != datamap.Correcting {
		t.Errorf("the steps are %+v", plan.Steps)
	}
	after := everything(t, pool)
	for table := range before {
		if table != "member" && table != "pair" {
			if diff := cmp.Diff(before[table], after[table]); diff != "" {
				t.Errorf("%s changed:\n%s", table, diff)
			}
		}
	}
	if diff := cmp.Diff([]string{
		`(1,1,"Ida Groß",whatsapp:+491713920099,Ida.New@Example.com,ida,,1990-04-11,7.50,active,t,"{ ""city"":""Bad \\""Aibling\\"""",  ""age"": 35, ""home"": {""street"": ""Am See 1""} }","{""tier"": 1}","asked for Ida Blum")`,
		`(2,2,"Ida B.",5511987650009,,IDA,pt,,,trial,,,{},)`, before["member"][2], before["member"][3],
	}, after["member"]); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{before["pair"][0], `(1,"a""b",1,neu)`, before["pair"][2]}, after["pair"]); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

func TestACorrectionTellsWhoElseCarriesTheOldValue(t *testing.T) {
	t.Parallel()
	s, _ := club(t)
	plan, err := s.Plan(t.Context(), find(t, s, ida), edits(edit("member", "1", "name", "Ida Groß"), edit("member", "1", "phone", "+491713920099")))
	if err != nil {
		t.Fatal(err)
	}
	want := []datamap.Carrier{{Table: "member", Column: "phone", Rows: 1}, {Table: "member", Column: "notes", Rows: 1}, {Table: "talk", Column: "topic", Rows: 1},
		{Table: "line", Column: "body", Rows: 1}, {Table: "mailing", Column: "nr", Rows: 2}}
	if diff := cmp.Diff(want, plan.Carriers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	bare := plan
	bare.Carriers = nil
	if bare.Sum() != plan.Hash {
		t.Error("what is only told is part of what is approved")
	}
}

func TestThePlanOfACorrectionCoversItsValues(t *testing.T) {
	t.Parallel()
	s, _ := club(t)
	f := find(t, s, ida)
	hash := func(ask connector.Ask) string {
		plan, err := s.Plan(t.Context(), f, ask)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Hash
	}
	one := hash(edits(edit("member", "1", "name", "Ida Groß")))
	if one != hash(edits(edit("member", "1", "name", "Ida Groß"))) {
		t.Error("one plan has two hashes")
	}
	if one == hash(edits(edit("member", "1", "name", "Ida Gross"))) {
		t.Error("two values have one hash")
	}
}

func TestACorrectionIsGuardedByTheOldValues(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"UPDATE member SET name = 'Ida Blume' WHERE id = 1",
		"UPDATE member SET mail = NULL WHERE id = 1",
		`UPDATE member SET profile = '{"city": "Bonn", "age": 34}' WHERE id = 1`,
		"UPDATE member SET nick = 'IDAgross' WHERE id = 3",
		"DELETE FROM pair WHERE two = ''",
		"UPDATE pair SET member = 3 WHERE two = ''",
	} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			s, pool := club(t)
			op, plan := frozen(t, s, ida, edits(edit("member", "1", "name", "Ida Groß"), edit("member", "1", "mail", "ida@gross.example"), edit("member", "1", "nick", "idagross"),
				edit("member", "1", "profile.city", "Köln"), edit("pair", `["1",""]`, "label", "neu")))
			exec(t, pool, sql)
			before := everything(t, pool)
			if err := s.Execute(t.Context(), op, plan, quiet); !errors.Is(err, connector.ErrMoved) {
				t.Errorf("got %v, expected ErrMoved", err)
			}
			same(t, "something was half-done", before, everything(t, pool))
		})
	}
}

// TestAChangeBetweenTheLookAndTheWriteIsSeen holds the row until the correction
// has looked at it once and waits for it.
func TestAChangeBetweenTheLookAndTheWriteIsSeen(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	op, plan := frozen(t, s, ida, edits(edit("member", "1", "name", "Ida Groß"), edit("pair", `["1",""]`, "label", "neu")))
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "UPDATE member SET name = 'Ida Blume' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Execute(t.Context(), op, plan, quiet) }()
	waitsForALock(t, pool)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, connector.ErrMoved) {
		t.Errorf("got %v, expected ErrMoved", err)
	}
	if got := rows(t, pool, "SELECT label FROM pair WHERE two = ''"); got[0] != "x" {
		t.Errorf("half of it was done: %v", got)
	}
}

// TestOneValueIsGivenOnce lets two corrections want the same nick.
func TestOneValueIsGivenOnce(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	one, planOne := frozen(t, s, ida, edits(edit("member", "1", "nick", "Straße")))
	two, planTwo := frozen(t, s, connector.Subject{Phone: "+491713920042"}, edits(edit("member", "3", "nick", "STRASSE")))
	var group sync.WaitGroup
	var errs [2]error
	group.Go(func() { errs[0] = s.Execute(t.Context(), one, planOne, quiet) })
	group.Go(func() { errs[1] = s.Execute(t.Context(), two, planTwo, quiet) })
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[:]...), connector.ErrMoved) {
		t.Errorf("got %v and %v, expected one to succeed and one to be sent back", errs[0], errs[1])
	}
	if got := rows(t, pool, "SELECT nick FROM member WHERE nick ILIKE 'stra%'"); len(got) != 1 {
		t.Errorf("the nick was given to %d members", len(got))
	}
}

func TestTheStoresOwnConstraintsAreAsked(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	exec(t, pool, "ALTER TABLE member ADD CHECK (name <> 'Nobody'); CREATE UNIQUE INDEX ON member (speaks) WHERE speaks = 'fr'; UPDATE member SET speaks = 'fr' WHERE id = 4")
	f := find(t, s, ida)
	for code, ask := range map[string]connector.Ask{"wrong_type": edits(edit("member", "1", "name", "Nobody")), "taken": edits(edit("member", "1", "speaks", "fr"))} {
		plan, err := s.Plan(t.Context(), f, ask)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Freeze(t.Context(), uuid.New(), f, ask, plan)
		if refused, ok := errors.AsType[connector.Refused](err); !ok || refused[0].Code != code {
			t.Errorf("expected %s, got %v", code, err)
		}
	}
}

// TestACorrectionIsWholeOrNotAtAll ends the worker at random moments: at each of
// them either all values are the old ones, or all are new.
func TestACorrectionIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, pool := club(t)
	op, plan := frozen(t, s, ida, edits(edit("member", "1", "name", "Ida Groß"), edit("member", "1", "profile.city", "Köln"), edit("member", "2", "name", "Ida Groß"), edit("pair", `["1",""]`, "label", "neu")))
	dice, cuts := rand.New(rand.NewPCG(3, 4)), 0
	for {
		ctx, stop := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(dice.IntN(1_000*(cuts+1)))*time.Microsecond, stop)
		err := s.Execute(ctx, op, plan, quiet)
		timer.Stop()
		stop()
		got := rows(t, pool, "SELECT count(*)::text FROM (SELECT name AS v FROM member UNION ALL SELECT profile->>'city' FROM member UNION ALL SELECT label FROM pair) u WHERE v IN ('Ida Groß', 'Köln', 'neu')")
		if got[0] != "0" && got[0] != "4" {
			t.Fatalf("%s of 4 values were written after %d cuts", got[0], cuts)
		}
		if err == nil {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		cuts++
	}
	if cuts < 5 {
		t.Errorf("only %d attempts were cut off: the test proves little", cuts)
	}
	prove(t, s, op, ida)
	if got := rows(t, pool, "SELECT (affected = planned AND done_at IS NOT NULL)::text FROM dsar.step WHERE operation = $1", op); got[0] != "true" || got[1] != "true" {
		t.Errorf("the ledger says %v", got)
	}
	exec(t, pool, "UPDATE member SET name = 'Ida Blum' WHERE id = 1")
	if left, err := s.Recheck(t.Context(), op, ida); err != nil || left.Empty() {
		t.Errorf("a value that was overwritten is not noticed: %+v, %v", left, err)
	}
}

package privacy_test

import (
	"slices"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// A part of a request is refused: a new search leaves it out, another person
// approves exactly that, and the person reads why.
func TestAPartIsRefusedFromTheChoiceToTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.inReview(t, privacy.Access)
	c, err := b.web.Case(ctx, b.agent, r.Ref)
	if err != nil || !slices.Equal(c.Items(), []string{"category:messages", "category:account"}) {
		t.Fatalf("%v, %v", c.Items(), err)
	}
	var choices privacy.Choices
	choices.Refuse(r, []privacy.ItemRefusal{{Item: "category:messages", Code: "THIRD_PARTY_RIGHTS", Words: "They are about others."}})
	if err := b.web.Choose(ctx, b.officer, r.ID, 0, choices); err != nil {
		t.Fatal(err)
	}
	now, err := b.worker.Chosen(ctx, r)
	if err != nil || len(now.Spared()) != 1 || now.Spared()[0].Category() != "messages" {
		t.Fatalf("the search does not know: %+v, %v", now, err)
	}
	d := discovery(privacy.Access)
	next := b.again(t, r, d)
	if next == hash {
		t.Fatal("the fingerprint does not cover what is refused")
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, next, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Approve(ctx, b.officer, r.ID, next, ""), fault.Forbidden, "error.four_eyes") // who refused it
	if err := b.web.Approve(ctx, b.approver, r.ID, next, ""); err != nil {
		t.Fatal(err)
	}
	l := b.lease(t, r.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || len(m.Clock.Refused) != 1 || m.Clock.Refused[0].Words != "They are about others." || m.Clock.Appeal == "" {
		t.Fatalf("the person reads %+v, %v", m.Clock, err)
	}
	// Without a data map the letter lacks what only the map tells, and staff are told so.
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action IN ('letter.written', 'letter.missing') AND detail->>'kind' = 'partial'"); n != 1 {
		t.Errorf("%d letters about a part", n)
	}
}

func TestRefusedItemsAreHeldAgainstTheLawAndWhatThereIs(t *testing.T) {
	t.Parallel()
	messages := func(code, words string) privacy.ItemRefusal {
		return privacy.ItemRefusal{Item: "category:messages", Code: code, Words: words}
	}
	for _, tt := range []struct {
		name  string
		kind  privacy.Kind
		c     privacy.Choices
		want  fault.Kind
		field string
	}{
		{"a part that is not there", privacy.Access, privacy.Choices{Refusals: []privacy.ItemRefusal{{Item: "category:billing", Code: "EXCESSIVE", Words: "x"}}}, fault.Invalid, "code-0"},
		{"a ground of another right", privacy.Access, privacy.Choices{Refusals: []privacy.ItemRefusal{messages("LEGAL_RETENTION", "x")}}, fault.Invalid, "code-0"},
		{"without words", privacy.Deletion, privacy.Choices{Refusals: []privacy.ItemRefusal{messages("LEGAL_RETENTION", " ")}}, fault.Invalid, "words-0"},
		{"all of it", privacy.Deletion, privacy.Choices{Refusals: []privacy.ItemRefusal{messages("LEGAL_RETENTION", "x"), {Item: "category:account", Code: "LEGAL_RETENTION", Words: "x"}}}, fault.Invalid, "code-0"},
		{"granted as well", privacy.Objection, privacy.Choices{Purposes: []string{"marketing"}, Refusals: []privacy.ItemRefusal{{Item: "purpose:marketing", Code: "OVERRIDING_GROUNDS", Words: "x"}}}, fault.Invalid, "code-0"},
		{"a part", privacy.Deletion, privacy.Choices{Refusals: []privacy.ItemRefusal{messages("LEGAL_RETENTION", "We must keep them.")}}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r, _ := b.inReview(t, tt.kind)
			err := b.web.Choose(t.Context(), b.agent, r.ID, 0, tt.c)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wants(t, err, tt.want, tt.field)
		})
	}
}

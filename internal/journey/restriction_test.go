package journey

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// TestDataIsKeptForLessTimeAndThenPaused: somebody shortens how long their data
// is kept, later wants it left alone, and then no longer.
func TestDataIsKeptForLessTimeAndThenPaused(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	c := k.cast(t)
	c.plays(t, "data is kept for less time", c.shorter)
	c.plays(t, "a use is paused, and the pause ends", c.pause)
	t.Run("every form without scripts", k.plainForms)
}

const (
	old   = "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = ANY ($1) AND m.created_at < now() - interval '31 days'"
	young = "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = ANY ($1) AND m.created_at > now() - interval '1 day'"
)

// writes puts a message into the store as if it had been sent so long ago.
func (k *stack) writes(t *testing.T, who demo.Person, ago string) {
	t.Helper()
	k.change(t, `WITH c AS (INSERT INTO conversations (organization_id, contact_id, channel, status, created_at, last_message_at)
			SELECT organization_id, id, 'sms', 'open', now() - $2::interval, now() - $2::interval FROM contacts WHERE id = $1 RETURNING id, organization_id)
		INSERT INTO messages (organization_id, conversation_id, direction, kind, body, created_at) SELECT organization_id, id, 'in', 'text', 'From another phone.', now() - $2::interval FROM c`,
		who.ContactIDs()[0], ago)
}

func (c *cast) shorter(t *testing.T) {
	c.writes(t, demo.Amina, "1 hour")
	if c.count(t, c.store, old, demo.Amina.ContactIDs()) == 0 {
		t.Fatal("there is nothing old")
	}
	others := c.others(t, demo.Amina)
	ref := c.person.asks(wish{kind: privacy.ShortenedRetention, who: demo.Amina, title: "How long may we keep your data?", empty: true,
		scope: func(b *tab) { b.choose("keep_days", "30") }, check: []string{"Data may be kept for 30 days"}})
	c.agent.searches(ref, "Review the plan").sees("Keep for less time", "Delete", "30 days. Categories: all.").accessible()
	c.agent.open("/desk/" + ref + "/data").sees("How long data is kept").accessible()
	c.agent.open("/desk/" + ref + "/plan").signs()
	c.approver.approves(ref, "Approve and carry out")
	c.person.waits("Your data is kept for less time").sees("Deleted after 30 days", "Deleted, because it was older").accessible()
	c.letter(t, demo.Amina.Email, "We keep your data for a shorter time", ref)
	gone := func(what string) {
		t.Helper()
		if n := c.count(t, c.store, old, demo.Amina.ContactIDs()); n != 0 {
			t.Errorf("%s: %d old messages are left", what, n)
		}
		if n := c.count(t, c.store, young, demo.Amina.ContactIDs()); n != 1 {
			t.Errorf("%s: of one message of today %d are left", what, n)
		}
	}
	gone("at once")
	others.unchanged(t)

	// What becomes too old later goes with the daily clean-up, hers only.
	c.writes(t, demo.Amina, "40 days")
	c.writes(t, demo.Marina, "40 days")
	others = c.others(t, demo.Amina)
	c.purges(t)
	gone("a day later")
	others.unchanged(t)
}

func (c *cast) pause(t *testing.T) {
	const paused = "SELECT count(*) FROM contacts WHERE id = ANY ($1) AND restricted"
	hers := demo.Keys{"contacts": {"4", "5"}}
	c.writes(t, demo.Amina, "40 days") // her shorter period would take it tonight
	before, others := c.sums(t), c.sums(t, hers)
	ref := c.person.asks(wish{kind: privacy.Restriction, who: demo.Amina, title: "Why should we pause it?"})
	c.agent.searches(ref, "Review the plan").sees("A flag is set that the product obeys").accessible()
	c.agent.signs()
	c.approver.approves(ref, "Approve and carry out")
	c.person.waits("The use of your data is paused").accessible()
	c.letter(t, demo.Amina.Email, "Your data is restricted", ref)
	if n := c.count(t, c.store, paused, demo.Amina.ContactIDs()); n != 2 {
		t.Fatalf("%d of 2 contacts are restricted", n)
	}
	c.purges(t)
	if diff := cmp.Diff(others, c.sums(t, hers)); diff != "" {
		t.Fatalf("the clean-up touches what is restricted, or the flag is not all (-before +after):\n%s", diff)
	}

	c.agent.open("/desk/" + ref).sees("The restriction is in force").accessible()
	c.agent.press("Prepare its end").sees("This ends the restriction of " + ref).accessible()
	lift := refPattern.FindString(c.agent.where())
	c.agent.pressSoon("Review the plan").accessible()
	c.agent.signs()
	c.approver.approves(lift, "Approve and give notice")
	c.letter(t, demo.Amina.Email, "Your restriction ends", lift)
	c.person.open("/my/"+lift).sees("The pause ends on", "We end the pause and check it").accessible()
	if n := c.count(t, c.store, paused, demo.Amina.ContactIDs()); n != 2 {
		t.Fatal("it was lifted within the notice")
	}
	c.noticeIsOver(t)
	c.person.waits("The pause has ended").accessible()
	c.letter(t, demo.Amina.Email, "The restriction has ended", lift)
	if diff := cmp.Diff(before, c.sums(t)); diff != "" {
		t.Errorf("the lift leaves something behind (-before +after):\n%s", diff)
	}
	c.agent.open("/desk/" + ref).sees("The restriction is lifted").accessible()
	c.purges(t)
	if n := c.count(t, c.store, old, demo.Amina.ContactIDs()); n != 0 {
		t.Errorf("%d old messages are left after the pause", n)
	}
	c.auditHolds(t)
}

// noticeIsOver lets the days of the notice pass.
func (k *stack) noticeIsOver(t *testing.T) {
	t.Helper()
	for _, sql := range []string{"UPDATE requests SET runs_at = now() WHERE kind = 'restriction_lift' AND state = 'approved'", "DELETE FROM river_job WHERE kind = 'privacy.work' AND state = 'scheduled'"} {
		if _, err := k.portal.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// plainForms goes through the form of every right with scripts off.
func (k *stack) plainForms(t *testing.T) {
	b := k.browse(t, "somebody without scripts", false)
	two := func(b *tab) {
		b.fill("wrong-0", "Old Street 1").fill("right-0", "New Street 2").press("Correct something else too")
		b.fill("wrong-1", "Old Town").fill("right-1", "New Town")
	}
	for _, w := range []wish{
		{kind: privacy.Correction, title: "What should we correct?", empty: true, scope: two, check: []string{"Old Street 1 → New Street 2", "Old Town → New Town"}},
		{kind: privacy.Portability, title: "What should we look for?", check: []string{"Take my data elsewhere"}},
		{kind: privacy.Restriction, title: "Why should we pause it?", check: []string{"Pause the use of my data"}},
		{kind: privacy.Objection, title: "Which use should stop?", empty: true, scope: func(b *tab) { b.choose("purposes", "marketing") }, check: []string{"Offers and campaigns"}},
		{kind: privacy.Withdrawal, title: "What does your consent no longer cover?", check: []string{"All uses that rest on consent, and all messages", "as soon as you confirm"}},
		{kind: privacy.OptOut, title: "Is there anything we should know?", check: []string{"as soon as you confirm"}},
		{kind: privacy.ShortenedRetention, title: "How long may we keep your data?", empty: true, scope: func(b *tab) { b.choose("keep_days", "90") }, check: []string{"Data may be kept for 90 days"}},
	} {
		w.who = demo.Lukas
		b.answers(w, func(*tab) {})
	}
	b.choose("correct", "yes").press("Send my request").sees("Check your email")
}

package journey

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// TestSomethingIsWrongOrShouldStop plays what changes single values, and what
// only ever stops something.
func TestSomethingIsWrongOrShouldStop(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	c := k.cast(t)
	c.plays(t, "a name and a number are corrected", c.correction)
	c.plays(t, "a use is objected to", c.objection)
	c.plays(t, "messages stop at once", c.optOut)
}

func (c *cast) correction(t *testing.T) {
	const name, number, taken = "Lukas Brand", "+49 171 3920099", "0171 3920042"
	row := demo.Keys{"contacts": {"3"}}
	before := c.sums(t, row)
	ref := c.person.asks(wish{kind: privacy.Correction, who: demo.Lukas, title: "What should we correct?", empty: true,
		scope: func(b *tab) {
			b.fill("wrong-0", demo.Lukas.Name).fill("right-0", name).press("Correct something else too").sees("Correction 2")
			b.fill("wrong-1", "0171 3920041").fill("right-1", number)
		},
		check: []string{demo.Lukas.Name + " → " + name, "0171 3920041 → " + number}})
	c.person.accessible()

	// What the person wrote stands beside what it is about. The agent mistypes.
	c.agent.searches(ref, "Decide what is open").sees("What is corrected").accessible()
	phone, wa := c.agent.field("Phone number"), c.agent.field("WhatsApp number")
	c.agent.holdsValue(c.agent.field("Name"), name).holdsValue(phone, number)
	c.agent.fill(phone, taken).choose(routing(phone), "yes").press("Save and search again")
	c.agent.waits("Somebody else in the organisation has this already").holdsValue(phone, taken).accessible()
	c.agent.fill(phone, number).fill(wa, number).press("Save and search again").sees("There is a problem").accessible() // no word on where messages go
	c.agent.choose(routing(phone), "yes").choose(routing(wa), "yes").press("Save and search again").pressSoon("Review the plan")
	c.agent.sees("This is a preview. Nothing has been changed.", demo.Lukas.Name, name, "0171 3920041", number, "messages.payload").accessible()
	if strings.Contains(c.agent.text(), "contacts.phone") {
		t.Error("what is corrected is told to carry the old value on")
	}
	c.agent.signs()
	c.approver.open("/desk/"+ref+"/plan").sees(demo.Lukas.Name, name, "0171 3920041", number)
	c.approver.approves(ref, "Approve and carry out")

	c.person.waits("Your data is corrected").sees("What we did", "Contact profiles").accessible()
	c.letter(t, demo.Lukas.Email, "Your data is corrected", ref)
	c.approver.open("/desk/" + ref + "/plan").sees("This plan was carried out").accessible()
	c.approver.open("/desk/" + ref + "/data").accessible()
	if got, want := c.stored(t, "SELECT concat_ws('|', name, phone, wa_id) FROM contacts WHERE id = 3"), name+"|+491713920099|491713920099"; got != want {
		t.Errorf("the store holds %q, not %q", got, want)
	}
	if diff := cmp.Diff(before, c.sums(t, row)); diff != "" {
		t.Errorf("somebody else's row changed (-before +after):\n%s", diff)
	}
	c.change(t, "UPDATE contacts SET name = $1, phone = '0171 3920041', wa_id = '491713920041' WHERE id = 3", demo.Lukas.Name)
	c.auditHolds(t)
}

// routing names the box beside a number to which messages go.
func routing(field string) string { return "routing-" + field[len("new-"):] }

func (c *cast) objection(t *testing.T) {
	hers := demo.Keys{"contacts": {"1", "2"}}
	before := c.sums(t, hers)
	ref := c.person.asks(wish{kind: privacy.Objection, who: demo.Marina, title: "Which use should stop?", empty: true,
		scope: func(b *tab) { b.choose("purposes", "marketing") }, check: []string{"Offers and campaigns"}})
	c.agent.searches(ref, "Review the plan").sees("Offers and campaigns").accessible()
	c.agent.open("/desk/"+ref+"/data").sees("What stops", "Offers and campaigns").accessible()
	c.agent.open("/desk/" + ref + "/plan").signs()
	c.approver.approves(ref, "Approve and carry out")
	c.person.waits("We stopped what you objected to").accessible()
	c.letter(t, demo.Marina.Email, "We no longer use your data for what you objected to", ref)
	if n := c.count(t, c.store, "SELECT count(*) FROM contacts WHERE id IN (1, 2) AND NOT marketing_ok AND NOT restricted"); n != 2 {
		t.Errorf("%d of 2 contacts get no campaigns and are used otherwise", n)
	}
	c.change(t, "UPDATE contacts SET marketing_ok = true WHERE id IN (1, 2)")
	if diff := cmp.Diff(before, c.sums(t, hers)); diff != "" {
		t.Errorf("more than the flag changed (-before +after):\n%s", diff)
	}
}

// optOut is carried out by nobody, and the second time changes nothing.
func (c *cast) optOut(t *testing.T) {
	const entries = "SELECT string_agg(organization_id || ':' || channel || ':' || number, ' ' ORDER BY organization_id) FROM opt_outs WHERE number IN ('254722000318', '447700900318') AND channel = 'whatsapp'"
	hers, stop := demo.Keys{"contacts": {"4", "5"}}, wish{kind: privacy.OptOut, who: demo.Amina, title: "Is there anything we should know?", check: []string{"as soon as you confirm"}}
	others := c.sums(t, hers)
	delete(others, "opt_outs")
	ref := c.person.asks(stop)
	c.person.waits("You get no more messages").accessible()
	c.letter(t, demo.Amina.Email, "no more of these messages", ref)
	if got, want := c.stored(t, entries), "2:whatsapp:254722000318 5:whatsapp:447700900318"; got != want {
		t.Errorf("the list of who gets no messages has %q, not %q", got, want)
	}
	c.agent.open("/desk/" + ref + "/plan").sees("This plan was carried out").accessible()
	c.agent.open("/desk/" + ref + "/decision").accessible()
	after := c.sums(t)

	again := c.person.asks(stop)
	c.person.waits("You get no more messages")
	if again == ref {
		t.Error("the second wish is the first request")
	}
	if diff := cmp.Diff(after, c.sums(t)); diff != "" {
		t.Errorf("a second opt-out changes something (-before +after):\n%s", diff)
	}
	after = c.sums(t, hers)
	delete(after, "opt_outs")
	if diff := cmp.Diff(others, after); diff != "" {
		t.Errorf("an opt-out changes something else (-before +after):\n%s", diff)
	}
}

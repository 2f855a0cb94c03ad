package journey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestOnePartIsRefusedAndTheRestHandedOver: of a copy one category is held back,
// with a ground and a sentence. The person gets all else, reads why, and complains.
func TestOnePartIsRefusedAndTheRestHandedOver(t *testing.T) {
	t.Parallel()
	const category, named, sentence = "delivery", "Delivery records", "They would show how the shop decides whom it writes to."
	k := newStack(t, size{rows: 3_000})
	who := demo.Marina
	keys, err := demo.RowsOf(t.Context(), k.store, who)
	if err != nil {
		t.Fatal(err)
	}
	withoutCategory(t, keys, category)
	person := k.browse(t, "the person", true)
	ref := person.fillsIn(who, "Get a copy of my data", false)
	agent := k.browse(t, "the agent", true).signsIn(staff.Agent, false)
	agent.open("/desk/" + ref).press("Search the messaging store").pressSoon("Granted and refused")

	n := agent.item(named)
	agent.choose("said-"+n, "refused").fill("words-"+n, sentence).press("Save and search again").sees("There is a problem").holdsValue("words-"+n, sentence).accessible()
	agent.fill("code-"+n, "TRADE_SECRET").press("Save and search again")
	k.settles(t, ref) // the package that is made anew
	agent.open("/desk/"+ref+"/items").holdsValue("code-"+n, "TRADE_SECRET").holdsValue("words-"+n, sentence).accessible()
	agent.open("/desk/" + ref + "/letters").sees("The answer as it would go out now").accessible()
	agent.open("/desk/" + ref + "/data").press("Sign and propose").sees("Proposed")

	approver := k.browse(t, "the approver", true).signsIn(staff.Approver, false)
	approver.open("/desk/"+ref+"/decision").sees("Refused in part", named, "A business secret", sentence)
	approver.approves(ref, "Approve and hand over")

	person.open("/my/"+ref).waits("Your data is ready").sees("What we could not do", named, "A business secret", sentence, "You can complain").accessible()
	person.open("/my/" + ref + "/data")
	zipHolds(t, keys, person.downloads("Download ZIP"))
	person.open("/my/"+ref).press("Answer in part").sees(named, sentence, ref, law.For("DE").Authority.Name).accessible()
	if pdf := printed(t, person.takes(`main [data-test="pdf"]`, "%%EOF")); !holds(pdf, []string{named, sentence, ref}) {
		t.Errorf("the PDF says\n%s", pdf)
	}
	k.complaint(t, person, approver, ref)
	k.auditHolds(t)
}

// complaint: the person is not happy, from the page of the request. It is a case
// of its own, with a clock of its own, for somebody who had no part in the first.
func (k *stack) complaint(t *testing.T, person, approver *tab, ref string) {
	const words = "You told the shop, and not me. I want to see whom it writes to."
	person.open("/my/" + ref).press("How to complain").sees("Complain about this request").accessible()
	person.press("Send my complaint").sees("There is a problem").accessible()
	person.fill("words", words).press("Send my complaint").sees("We have it. You find our answer here.", "Your complaint").accessible()
	complaint := strings.TrimPrefix(person.where(), "/my/")
	if complaint == ref || refPattern.FindString(complaint) != complaint {
		t.Fatalf("the complaint is at %s", person.where())
	}
	person.open("/my/"+ref).sees("What you filed about it", complaint)

	approver.open("/desk/"+ref).sees("Complaints and appeals", complaint)
	approver.open("/desk/"+complaint).sees("A complaint about "+ref, "Why this date").accessible()
	approver.open("/desk/"+complaint+"/appeal").sees(words, "You prepared or decided what this is about, so somebody else must decide.").accessible()
	c := k.caseOf(t, complaint)
	if want := law.For("DE").Deadline("complaint", c.Request.ReceivedAt).Due(); !c.Request.DueAt.Equal(want) || c.Request.ReceivedAt.Equal(k.caseOf(t, ref).Request.ReceivedAt) {
		t.Errorf("received %s, due %s, want %s", c.Request.ReceivedAt, c.Request.DueAt, want)
	}
	if found := approver.open("/desk?q=" + complaint).text(); !strings.Contains(found, complaint) {
		t.Errorf("the queue has no complaint\n%s", found)
	}
}

// withoutCategory takes the rows of a category out.
func withoutCategory(t *testing.T, keys demo.Keys, category string) {
	t.Helper()
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	before := keys.Count()
	for _, table := range m.Tables {
		if table.Category == category {
			delete(keys, table.Name)
		}
	}
	if keys.Count() == before {
		t.Fatalf("nothing of %q is there to be refused", category)
	}
}

// item gives the number of a part of the request that can be refused.
func (b *tab) item(named string) string {
	b.t.Helper()
	name := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll('[data-test="item"]')].find(e=>e.querySelector('legend').textContent.trim().startsWith(%q))?.querySelector('input').name??''`, named))
	n, ok := strings.CutPrefix(name, "said-")
	if !ok {
		b.t.Fatalf("%s: no part %q on %s\n%s", b.who, named, b.where(), b.text())
	}
	return n
}

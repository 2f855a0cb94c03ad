package journey

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestAProposalIsSentBackAndMadeAgain: the officer may prepare and may approve, and
// never both of the same thing, not even of its second version.
func TestAProposalIsSentBackAndMadeAgain(t *testing.T) {
	t.Parallel()
	const note = "She wrote to us again an hour ago. Please count once more."
	k := newStack(t, size{rows: 2_000})
	person := k.browse(t, "the person", true)
	ref := person.fillsIn(demo.Amina, "Delete my data", false)
	officer := k.browse(t, "the officer", true).signsIn(staff.Officer, false).speaks("en")
	officer.searches(ref, "Review the plan").signs()
	k.letter(t, demo.Amina.Email, "Nothing is deleted", ref) // it is about the first version
	k.writes(t, demo.Amina, "1 hour")

	approver := k.browse(t, "the approver", true).signsIn(staff.Approver, false)
	back := "Send back to " + k.members[staff.Officer].Name
	approver.open("/desk/" + ref + "/decision").press(back).sees("There is a problem").accessible()
	approver.fill("note", note).press(back).sees("Sent back. A new search makes the next version.")

	officer.open("/desk/" + ref + "/plan").waits("sent version 1 back").sees(note).accessible()
	officer.pressSoon("Sign and propose").sees("Proposed")
	officer.open("/desk/"+ref+"/decision").sees("You prepared this, so someone else must approve it.", "Earlier versions", note).accessible()
	if eval[bool](officer, `!!document.querySelector('[data-test=approve],[data-test=back]')`) {
		t.Error("who prepared may decide")
	}
	c := k.caseOf(t, ref)
	if err := k.counter(t).Approve(t.Context(), k.member(staff.Officer), c.Request.ID, c.Proposal.Hash, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("who prepared approves: %v", err)
	}
	if c.Proposal.Version != 2 || len(c.Earlier) != 1 || c.Earlier[0].Decision != "sent_back" {
		t.Errorf("version %d after %+v", c.Proposal.Version, c.Earlier)
	}

	approver.open("/desk/"+ref+"/decision").sees("There is a new version since", note)
	approver.approves(ref, "Approve and delete")
	person.open(k.letter(t, demo.Amina.Email, "Nothing is deleted", ref).Links[0]).press("Show my requests").press("Yes, delete my data").sees("You confirmed")
	k.ended(t, k.counter(t), c.Request.ID, privacy.Closed)
	if text := person.open("/my/" + ref).waits("Receipt").text(); strings.Contains(text, note) {
		t.Error("the person reads what staff wrote to each other")
	}
	k.auditHolds(t)
}

// speaks sets the language of a browser, whatever its member's is.
func (b *tab) speaks(language string) *tab {
	b.t.Helper()
	eval[bool](b, `document.cookie='lang=`+language+`;path=/',true`)
	return b
}

package journey

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestDeletionFromTheFormToTheReceipt(t *testing.T) {
	for _, js := range []bool{true, false} {
		t.Run(map[bool]string{true: "scripts on", false: "scripts off"}[js], func(t *testing.T) {
			t.Parallel()
			k := newStack(t, size{rows: 10_000})
			who := demo.Marina
			others := k.others(t, who)
			files := k.files(t)
			looks := func(b *tab) {
				if js {
					b.accessible()
				}
			}
			person := k.browse(t, "the person", js)
			ref := person.fillsIn(who, "Delete my data", false)

			agent := k.browse(t, "the agent", js).signsIn(staff.Agent, false)
			agent.open("/desk/" + ref).press("Search the messaging store").pressSoon("Review the plan").sees("This is a preview. Nothing has been deleted.")
			looks(agent)
			agent.press("Sign and propose").sees("Proposed")

			person.open(k.mailTo(t, who.Email, "Nothing is deleted").Links[0])
			looks(person)
			person.press("Show my requests").sees("What we will delete", "There is no way back")
			looks(person)
			person.press("Yes, delete my data").sees("You confirmed")
			looks(person)

			approver := k.browse(t, "the approver", js).signsIn(staff.Approver, false)
			approver.open("/desk/" + ref + "/decision")
			looks(approver)
			approver.decides(ref).press("Approve and delete").sees("Approved")

			person.open("/my/" + ref).waits("Your data is deleted")
			looks(person)
			person.sees("Who else we told", "The messaging provider, such as WhatsApp", "Will be told")
			agent.open("/desk/"+ref).sees("Who has to be told", "Tell the recipients")
			looks(agent)
			k.nothingLeft(t, who)
			others.unchanged(t)
			if gone := files - k.files(t); gone == 0 {
				t.Error("no attachment left object storage")
			}
			approver.open("/desk/" + ref + "/plan").sees("This plan was carried out")
			looks(approver)
			k.auditHolds(t)
		})
	}
}

// files counts what lies in object storage.
func (k *stack) files(t *testing.T) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "find", k.path("objects"), "-type", "f").Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, b := range out {
		if b == '\n' {
			n++
		}
	}
	return n
}

// auditHolds lets the command line verify the record.
func (k *stack) auditHolds(t *testing.T) {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	k.until(t, "every entry is sealed", func() bool {
		return k.count(t, k.portal, "SELECT count(*) FROM audit_events e WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.event_id = e.id)") == 0
	})
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "portalctl"), "audit", "verify", "-json")
	cmd.Env = append(cmd.Environ(), "PORTAL_DATABASE_URL="+pgtest.DSN(k.portal, "portal_web"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("portalctl audit verify: %v\n%s", err, out)
	}
}

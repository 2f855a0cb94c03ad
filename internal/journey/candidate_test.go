package journey

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestDataGoesToItsPersonOnly plays what leaves the house: rows that staff had to
// decide about, and a package that is too big for one ZIP.
func TestDataGoesToItsPersonOnly(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000, heavy: 600})
	k.killWorker(t)
	k.env["PORTAL_PART_ROWS"] = "500"
	k.startWorker(t)
	c := k.cast(t)
	c.plays(t, "staff decide whose rows these are", c.candidates)
	c.plays(t, "data is taken elsewhere in parts", c.elsewhere)
}

// candidates: Lukas types a number that two rows hold. One is his, says the
// agent, and one is somebody else's.
func (c *cast) candidates(t *testing.T) {
	const his = "14"
	c.change(t, `INSERT INTO contacts (id, organization_id, name, phone, language) VALUES (18, 5, 'M. Olivares', '+55 21 98765-4321', 'en')`)
	c.change(t, `INSERT INTO contact_notes (organization_id, contact_id, author_user_id, body) VALUES (5, 18, 8, 'Collects for the whole street.')`)
	ref := c.person.asks(wish{kind: privacy.Access, who: demo.Lukas, phone: "+55 21 98765-4321", title: "What should we look for?"})
	c.agent.searches(ref, "Decide what is open").sees("2 rows may be the person’s. Say whose they are.", "typed by the person, not proved").accessible()
	if strings.Contains(c.agent.text(), "Sign and propose") {
		t.Error("a package with open candidates can be proposed")
	}
	c.approver.open("/desk/" + ref + "/decision").sees("Something is left to decide").accessible()
	o := c.counter(t)
	cs, err := o.Case(t.Context(), c.member(staff.Approver), privacy.Ref(ref))
	if err != nil {
		t.Fatal(err)
	}
	if o.Propose(t.Context(), c.member(staff.Agent), cs.Request.ID, cs.Proposal.Hash, "") == nil || o.Approve(t.Context(), c.member(staff.Approver), cs.Request.ID, cs.Proposal.Hash, "") == nil {
		t.Fatal("signed while candidates are open")
	}
	c.agent.open("/desk/" + ref + "/data")
	c.agent.choose(c.agent.field("contacts "+his), "same").choose(c.agent.field("contacts 18"), "other").press("Save and search again")
	c.settles(t, ref)
	c.agent.waits("Sign and propose").sees("decided by staff").accessible()
	// That a row is his by staff's word alone proves nothing.
	c.agent.press("Sign and propose").sees("It is not sure enough who asks: level 1 of 3")
	c.agent.fill("evidence", "channel").fill("evidence_note", "He wrote from the number on file.").press("Save the check").sees("3 of 3, enough").accessible()
	c.agent.signs()
	c.approver.approves(ref, "Approve and hand over")
	c.person.waits("Your data is ready").press("Go to the download")
	lukas := demo.Lukas
	lukas.Contacts = append([]demo.Contact{{ID: 14, Phone: "(21) 98765-4321", WaID: "5521987654321"}}, lukas.Contacts...)
	keys, err := demo.RowsOf(t.Context(), c.store, lukas)
	if err != nil {
		t.Fatal(err)
	}
	zipHolds(t, keys, c.person.downloads("Download ZIP"))
}

// elsewhere: a package in several ZIPs, with nothing that an organisation wrote
// about the person.
func (c *cast) elsewhere(t *testing.T) {
	c.change(t, `INSERT INTO contact_notes (organization_id, contact_id, author_user_id, body) VALUES (1, 6, 3, 'Pays late.')`)
	ref := c.person.asks(wish{kind: privacy.Portability, who: demo.Heavy, title: "What should we look for?"})
	c.agent.searches(ref, "Review the package").sees("because one would be too big for people").accessible()
	c.agent.signs()
	c.approver.approves(ref, "Approve and hand over")
	c.person.waits("Your data is ready").accessible()
	c.person.press("Go to the download").sees("Part 1 of 3").accessible()
	var zips []string
	for n := 1; n <= 3; n++ {
		zips = append(zips, c.person.downloads(fmt.Sprintf("Download part %d", n)))
	}
	c.person.open("/my/" + ref + "/data").sees("A package counts as downloaded once all its parts are.").accessible()

	keys, err := demo.RowsOf(t.Context(), c.store, demo.Heavy)
	if err != nil {
		t.Fatal(err)
	}
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range m.Tables {
		if table.Provenance != "provided" && table.Provenance != "observed" {
			delete(keys, table.Name)
		}
	}
	zipHolds(t, keys, zips...)
	if rows := c.bundleHolds(t, zips...); rows != keys.Count() {
		t.Errorf("portalctl counts %d rows, the store has %d", rows, keys.Count())
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "portalctl"), "bundle", "verify", zips[0], zips[2]).CombinedOutput(); err == nil || !strings.Contains(string(out), strconv.Itoa(2)) {
		t.Errorf("a missing part goes unnoticed: %v\n%s", err, out)
	}
}

// bundleHolds lets the command line verify a package.
func (c *cast) bundleHolds(t *testing.T, zips ...string) (rows int) {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "portalctl"), append([]string{"bundle", "verify", "-json"}, zips...)...).Output()
	var report struct {
		OK   bool
		Rows int
	}
	if err != nil || json.Unmarshal(out, &report) != nil || !report.OK {
		t.Fatalf("portalctl bundle verify: %v\n%s", err, out)
	}
	return report.Rows
}

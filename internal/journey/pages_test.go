package journey

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// The journeys look at the pages on their way; these lie beside it.
func TestEveryOtherPageIsAccessible(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	r, hash := k.ask(t, o, demo.Amina, privacy.Deletion, privacy.Recipient)
	corrected, _ := k.ask(t, o, demo.Lukas, privacy.Correction, privacy.Recipient)

	person := k.browse(t, "the person", true)
	public := []string{"/", "/request/right?right=deletion", "/my", "/my/verify", "/privacy", "/subprocessors", "/complaint", "/accessibility", "/org",
		"/confirm/no-such-link", "/no-such-page", "/my/CS-XXXX-XXXX", "/desk/sign-in", "/dev/inbox"}
	for _, path := range public {
		person.open(path).accessible()
	}
	person.open("/").press("Deutsch").sees("Antrag stellen")
	for _, path := range public {
		person.open(path).accessible()
	}
	person.press("English")

	person.open("/confirm/" + k.mint(t, privacy.LinkMine, r.ID)).press("Show my requests").accessible()
	person.open("/my/" + string(r.Ref)).accessible()
	person.open("/my/" + string(r.Ref) + "/withdraw").accessible()

	officer := k.browse(t, "the officer", true).signsIn(staff.Officer, false)
	for _, path := range []string{"/desk", "/desk?q=nobody", "/desk?view=closed", "/desk/audit", "/desk/dashboard", "/desk/settings", "/desk/CS-XXXX-XXXX",
		"/desk/" + string(r.Ref), "/desk/" + string(r.Ref) + "/plan", "/desk/" + string(r.Ref) + "/decision", "/desk/" + string(r.Ref) + "/messages", "/desk/" + string(corrected.Ref)} {
		officer.open(path).accessible()
	}

	// What the person then sees: a plan to confirm, the wait, the end.
	if err := o.Propose(t.Context(), k.member(staff.Agent), r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	person.open("/my/" + string(r.Ref) + "/delete").accessible()
	if err := o.Withdraw(t.Context(), r.Email, r.Ref); err != nil {
		t.Fatal(err)
	}
	person.open("/my/" + string(r.Ref)).sees("withdr").accessible()
	officer.open("/desk/" + string(r.Ref) + "/plan").accessible()
}

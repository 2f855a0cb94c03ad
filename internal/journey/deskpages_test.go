package journey

import (
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestEveryPageOfTheDeskIsAccessible looks at each with something on it: a case
// under review that is extended, asked about, complained about and on hold.
func TestEveryPageOfTheDeskIsAccessible(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 3_000})
	o, agent, officer := k.counter(t), k.member(staff.Agent), k.member(staff.Officer)
	r, _ := k.ask(t, o, demo.Marina, privacy.Access, privacy.Recipient)
	complaint, err := k.troubled(t, o, r, agent, officer)
	if err != nil {
		t.Fatal(err)
	}
	gone, _ := k.ask(t, o, demo.Amina, privacy.Deletion, privacy.Recipient)

	t.Run("the person", func(t *testing.T) { k.looksAsPerson(t, r) })
	desk := k.browse(t, "the officer", true).signsIn(staff.Officer, false) // reads German
	ref := string(r.Ref)
	pages := []string{"/desk?kind=access&law=EU-DE&state=in_review&channel=portal&who=nobody&sort=received", "/desk?view=overdue", link.DeskRecord, link.DeskKeys, link.DeskViews,
		link.DeskDashboard, link.DeskYear, link.DeskCase(ref), link.DeskClock(ref), link.DeskTab(ref, "items"), link.DeskTab(ref, "data"), link.DeskTab(ref, "decision"),
		link.DeskTab(ref, "messages"), link.DeskTab(ref, "letters"), link.DeskTab(ref, "audit"), link.DeskCase(string(gone.Ref)), link.DeskTab(string(gone.Ref), "items"), link.DeskTab(string(gone.Ref), "letters"),
		link.DeskCase(string(complaint.Ref)), link.DeskTab(string(complaint.Ref), "appeal"),
		link.DeskAccount, link.DeskPeople, link.DeskLaws, link.DeskLaw("EU-DE"), link.DeskLaw("US-CA"), link.DeskLaw("BR"), link.DeskWording, link.DeskSettings + "/keyboard"}
	for _, path := range pages {
		desk.open(path).accessible()
	}
	desk.open(link.DeskTab(ref, "letters")).click("a letter", `document.querySelector('[data-test="letters"] tbody a')`).accessible()
	desk.open(link.DeskWording).click("a place", `document.querySelector('[data-test^="slot-"]')`).accessible()
	desk.clickTest("preview").accessible()

	// The review of the package asks for a reason first.
	desk.open(link.DeskRedaction(ref)).accessible().choose("code", "review").fill("reason", "Paket prüfen").submits("reason").accessible()
	for _, path := range []string{link.DeskRedactionPart(ref, "people"), link.DeskRedactionPart(ref, "files"), link.DeskTalk(ref, 1, 1, false), link.DeskTalk(ref, 1, 1, true)} {
		desk.open(path).accessible()
	}
}

// troubled gives a case all that the pages have to show.
func (k *stack) troubled(t *testing.T, o *privacy.Office, r privacy.Request, agent, officer staff.Member) (privacy.Request, error) {
	ctx := t.Context()
	version := func() int64 { return k.caseOf(t, string(r.Ref)).Clock.Version }
	if err := o.Extend(ctx, agent, r.ID, version(), "Three shops hold your conversations.", time.Time{}); err != nil {
		return r, err
	}
	question := privacy.Question{What: law.ClarificationAsked, Reason: "There are years of messages.", Words: "Which of the shops do you mean?"}
	if err := o.Ask(ctx, agent, r.ID, version(), question); err != nil {
		return r, err
	}
	if err := o.AddTask(ctx, agent, r.ID, privacy.NewTask{Title: "Ask the team in São Paulo", Note: "They know the shop.", To: officer.ID}); err != nil {
		return r, err
	}
	hold := privacy.Hold{Scope: privacy.Scopes[0], Matter: "4 O 12/26", Reason: "A claim is being prepared.", Owner: officer.ID, ReviewOn: time.Now().AddDate(0, 2, 0)}
	if err := o.Hold(ctx, officer, r.ID, hold); err != nil {
		return r, err
	}
	return o.FileAbout(ctx, r.Email, r.Ref, "It takes too long.")
}

// looksAsPerson looks at what the person has of such a case, in both languages.
func (k *stack) looksAsPerson(t *testing.T, r privacy.Request) {
	person := k.browse(t, "the person", true)
	person.open(link.Confirm(k.mint(t, privacy.LinkMine, r.ID))).press("Show my requests").open(link.MyRequest(string(r.Ref)))
	letter := eval[string](person, `document.querySelector('[data-test="letters"] a').getAttribute('href')`)
	for _, language := range []string{"en", "de"} {
		person.speaks(language)
		for _, path := range []string{link.My, link.MyRequest(string(r.Ref)), letter, link.MyComplaint(string(r.Ref)), link.Complaint + "?country=DE"} {
			person.open(path).accessible()
		}
		person.open(link.MyComplaint(string(r.Ref))).submit().accessible() // nothing typed
	}
}

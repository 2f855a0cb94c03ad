package journey

import (
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestALetterByPostIsRecorded: the clock runs from the day on which it arrived, and
// somebody else than who wrote it down finds out whose it is. Then two colleagues
// meet on the case.
func TestALetterByPostIsRecorded(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 2_000})
	agent := k.browse(t, "the agent", true).signsIn(staff.Agent, false)
	officer := k.browse(t, "the officer", true).signsIn(staff.Officer, false).speaks("en")
	ref := k.recorded(t, agent, officer)
	k.conflict(t, ref, agent, officer)
	k.auditHolds(t)
}

func (k *stack) recorded(t *testing.T, agent, officer *tab) string {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(berlin).AddDate(0, 0, -12)
	arrived := time.Date(day.Year(), day.Month(), day.Day(), 9, 40, 0, 0, berlin)
	who, words := demo.Lukas, "Please send me everything that you have."

	agent.open("/desk").press("Record a request").press("Record the request").sees("There is a problem", "Choose how it came", "Enter the day on which it arrived").accessible()
	agent.fill("channel", "post").fill("day", time.Now().AddDate(0, 0, 3).Format(time.DateOnly)).fill("original", "Shelf 4, letter 118").fill("relation", "recipient")
	agent.fill("name", who.Name).fill("phone", "0171 3920041").fill("country", "DE").fill("lang", "de").fill("kind", "access").fill("details", words)
	agent.press("Record the request").sees("This time has not come yet").holdsValue("details", words).holdsValue("original", "Shelf 4, letter 118").accessible()
	agent.fill("day", arrived.Format(time.DateOnly)).fill("time", "09:40").press("Record the request").sees("A colleague now finds out who wrote it.")
	ref := strings.TrimPrefix(agent.where(), "/desk/")
	agent.sees("Came by another way: Post", "Received "+lang.Date(lang.With(t.Context(), lang.English), arrived), "Shelf 4, letter 118", "You wrote this request down, so a colleague has to find out who sent it.").accessible()
	c := k.caseOf(t, ref)
	if want := law.For("DE").Deadline("access", arrived).Due(); !c.Request.ReceivedAt.Equal(arrived) || !c.Request.DueAt.Equal(want) {
		t.Errorf("received %s, due %s; want %s, %s", c.Request.ReceivedAt, c.Request.DueAt, arrived, want)
	}
	if c.Request.State != privacy.Received {
		t.Errorf("state %s before anybody knows who wrote", c.Request.State)
	}

	officer.open("/desk/"+ref).press("It is this person").sees("There is a problem", "Choose how you know").accessible()
	officer.fill("proof", "call_back").press("It is this person").sees("Noted. Work on the request can begin.", "Search the messaging store")
	if got := k.caseOf(t, ref).Request; got.State != privacy.Verified || !got.DueAt.Equal(c.Request.DueAt) {
		t.Errorf("state %s, due %s", got.State, got.DueAt)
	}
	return ref
}

// conflict: both write at once. The second one reads what the first one wrote,
// still has their own words, and can save them.
func (k *stack) conflict(t *testing.T, ref string, agent, officer *tab) {
	const first, second = "I called the number on file: it is him.", "Who has called him back? I can do it today."
	page := "/desk/" + ref + "/messages"
	officer.open(page)
	agent.open(page).sees(k.members[staff.Officer].Name + " has this case open.")
	officer.open(page).sees(k.members[staff.Agent].Name + " has this case open.").accessible()
	officer.fill("body", second)
	agent.fill("body", first).press("Save as internal note").sees("Note saved. Only staff see it.", first)

	officer.press("Save as internal note").sees("Nothing was saved, and what you wrote is still here.", "Changed meanwhile", k.members[staff.Agent].Name, first).holdsValue("body", second).accessible()
	if n := k.count(t, k.portal, "SELECT count(*) FROM messages m JOIN requests r ON r.id = m.request_id WHERE r.ref = $1", ref); n != 1 {
		t.Errorf("%d messages, want the first one only", n)
	}
	officer.press("Save as internal note").sees("Note saved. Only staff see it.", first, second)
	agent.open(page).sees(first, second)
}

package journey

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/carlos7ags/folio/reader"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestMoreTimeIsTakenAndTold plays what moves the date of an answer: an extension,
// a question whose answer is waited for, and a law that leaves the day to us.
func TestMoreTimeIsTakenAndTold(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 2_000})
	agent := k.browse(t, "the agent", true).signsIn(staff.Agent, false)
	k.extension(t, agent)
	k.question(t, agent)
	k.namedDay(t, agent)
	k.auditHolds(t)
}

func (k *stack) extension(t *testing.T, agent *tab) {
	person := k.browse(t, "Lukas", true)
	const reason = "Three shops hold your conversations, and one of them answers us slowly."
	who := demo.Lukas
	ref := person.fillsIn(who, "Get a copy of my data", false)
	agent.open("/desk/"+ref).press("Dates and holds").sees("Why this date", "Take more time")
	then := agent.day(`[data-test="new-date"] time`)
	if due := k.due(t, ref); !then.After(due) {
		t.Fatalf("due %s, and with more time %s", due, then)
	}
	agent.press("Take more time and tell the person").sees("There is a problem", "Say why we need longer").accessible()
	if n := k.count(t, k.portal, "SELECT count(*) FROM clock_events"); n != 0 {
		t.Fatal("the date moved without a reason")
	}
	english := lang.With(t.Context(), lang.English)
	told := lang.Date(english, then)
	agent.fill("extend_reason", reason).seesLetter("extend").sees(reason, told, ref).forgets("Blocked script execution") // a letter runs none
	if n := k.count(t, k.portal, "SELECT count(*) FROM clock_events"); n != 0 {
		t.Fatal("the date moved because somebody looked at the letter")
	}
	agent.open("/desk/"+ref+"/clock").fill("extend_reason", reason).press("Take more time and tell the person").sees("The date has moved, and the notice is on its way.")
	agent.sees("More time taken", told, reason)
	agent.open("/desk/"+ref).sees("Due "+lang.ShortDate(english, then), told)
	if due := k.due(t, ref); due.Format(time.DateOnly) != then.Format(time.DateOnly) {
		t.Errorf("due %s, shown was %s", due, then)
	}

	person.open("/my/"+ref).sees("We need until", told, "The reason: "+reason).accessible()
	mail := k.letter(t, who.Email, "A letter about your privacy request", ref)
	tellsNothing(t, mail, who, reason, told)
	person.open(mail.Links[0]).sees(reason, told, ref).accessible()
	if want := "/my/" + ref + "/letters/"; !strings.HasPrefix(person.where(), want) {
		t.Errorf("the mail leads to %s, not to a letter below %s", person.where(), want)
	}
	if pdf := printed(t, person.takes(`main [data-test="pdf"]`, "%%EOF")); !holds(pdf, []string{reason, told, ref}) {
		t.Errorf("the PDF says\n%s", pdf)
	}
	person.open("/my/"+ref).sees("More time needed", "PDF")
	agent.open("/desk/"+ref+"/letters").sees("More time needed").press("More time needed").sees(reason, "Fingerprint of the PDF")
}

// question: while we wait for an answer the clock stands, under German law.
func (k *stack) question(t *testing.T, agent *tab) {
	person := k.browse(t, "Amina", true)
	const why, asked, said = "There are years of messages.", "Which of the two shops do you mean?", "Only the one in Nairobi, please."
	who := demo.Amina
	ref := person.fillsIn(who, "Get a copy of my data", false)
	agent.open("/desk/"+ref).press("Pause the clock").choose("what", string(law.ClarificationAsked)).fill("ask_words", asked)
	ask := `document.querySelector('[data-test="ask"] form button.secondary')`
	agent.click("Ask", ask).sees("There is a problem").holdsValue("ask_words", asked).accessible()
	agent.fill("ask_reason", why).click("Ask", ask).sees("The question is on its way.", "The clock stands since", "We wait for an answer").accessible()
	agent.open("/desk/" + ref).sees("clock stands")

	person.open("/my/"+ref).sees("We need to know more from you", why, "Our time to answer does not run until you answer.", asked).accessible()
	mail := k.letter(t, who.Email, "A letter about your privacy request", ref)
	tellsNothing(t, mail, who, why, asked)
	person.open(mail.Links[0]).sees(why, asked)

	// Five days go by.
	for _, sql := range []string{"UPDATE requests SET received_at = received_at - interval '9 days' WHERE ref = $1",
		"UPDATE clock_events SET at = at - interval '5 days' WHERE request_id = (SELECT id FROM requests WHERE ref = $1)"} {
		if _, err := k.portal.Exec(t.Context(), sql, ref); err != nil {
			t.Fatal(err)
		}
	}
	person.open("/my/"+ref).fill("body", said).press("Send message").sees(said)
	agent.open("/desk/" + ref + "/clock").sees("We wait for an answer")
	answer := eval[string](agent, fmt.Sprintf(`[...document.querySelectorAll('[name="answer_message"] option')].find(o=>o.textContent.includes(%q))?.value??''`, said[:12]))
	agent.fill("answer_message", answer).press("The question is answered").sees("There is a problem").holdsValue("answer_message", answer)
	agent.fill("answer_reason", "Only one shop.").press("The question is answered").sees("Noted. The dates are counted again.", "Answered")
	if strings.Contains(agent.text(), "The clock stands") {
		t.Error("the clock still stands")
	}
	c := k.caseOf(t, ref)
	if straight := law.For("DE").Deadline("access", c.Request.ReceivedAt).Due(); c.Request.PausedAt != nil || !c.Request.DueAt.After(straight) {
		t.Errorf("paused %v, due %s: the five days do not count, without them it is %s", c.Request.PausedAt, c.Request.DueAt, straight)
	}
	if text := person.open("/my/" + ref).text(); strings.Contains(text, "We need to know more from you") {
		t.Errorf("the person is still asked\n%s", text)
	}
}

// namedDay: Swiss law names no length, so staff name the day. Neither the day nor
// the reason gets lost while the other one is missing.
func (k *stack) namedDay(t *testing.T, agent *tab) {
	person := k.browse(t, "Marina", true)
	const reason = "The records lie with a provider abroad."
	ref := person.fillsIn(demo.Marina, "Get a copy of my data", false)
	do := "Take more time and tell the person"
	agent.open("/desk/"+ref+"/clock").fill("country", "CH").fill("law_reason", "She moved to Basel.").press("Change the law").sees("The dates are counted by that law now.", "Name the day, and keep it.")
	until := k.due(t, ref).AddDate(0, 0, 20)
	agent.fill("until", until.Format(time.DateOnly)).press(do).sees("There is a problem", "Say why we need longer").holdsValue("until", until.Format(time.DateOnly)).accessible()
	agent.fill("until", "").fill("extend_reason", reason).press(do).sees("There is a problem").holdsValue("extend_reason", reason)
	agent.fill("until", until.Format(time.DateOnly)).press(do).sees("The date has moved, and the notice is on its way.")
	told := lang.Date(lang.With(t.Context(), lang.English), until)
	person.open("/my/"+ref).sees("We need until", told, reason)
	mail := k.letter(t, demo.Marina.Email, "A letter about your privacy request", ref)
	tellsNothing(t, mail, demo.Marina, reason, told)
	person.open(mail.Links[0]).sees(told, reason)
}

// seesLetter shows what the form of an action would write, here instead of beside
// the page.
func (b *tab) seesLetter(act string) *tab {
	b.t.Helper()
	eval[bool](b, `(document.querySelector('[data-test="see-`+act+`"]').formTarget='_self',true)`)
	return b.clickTest("see-" + act)
}

// day reads a date of the page.
func (b *tab) day(selector string) time.Time {
	b.t.Helper()
	at, err := time.Parse(time.DateOnly, eval[string](b, fmt.Sprintf(`document.querySelector(%q)?.dateTime??''`, selector)))
	if err != nil {
		b.t.Fatalf("%s: no day at %s on %s\n%s", b.who, selector, b.where(), b.text())
	}
	return at
}

// due is the date by which a request is to be answered.
func (k *stack) due(t *testing.T, ref string) (due time.Time) {
	t.Helper()
	if err := k.portal.QueryRow(t.Context(), "SELECT due_at FROM requests WHERE ref = $1", ref).Scan(&due); err != nil {
		t.Fatal(err)
	}
	return due
}

// caseOf is a request with all that belongs to it, as staff have it.
func (k *stack) caseOf(t *testing.T, ref string) privacy.Case {
	t.Helper()
	c, err := k.counter(t).Case(context.WithoutCancel(t.Context()), k.member(staff.Officer), privacy.Ref(ref))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tellsNothing holds a mail to saying that there is something, and nothing of it:
// beside the greeting it tells nothing about anybody.
func tellsNothing(t *testing.T, m inbox.Mail, who demo.Person, also ...string) {
	t.Helper()
	text := strings.ReplaceAll(strings.Join(strings.Fields(m.Subject+" "+m.Text+" "+m.HTML), " "), "Hello "+who.Name+",", "")
	for _, s := range slices.Concat(strings.Fields(who.Name), []string{who.Email, who.Phone}, also) {
		if strings.Contains(text, s) {
			t.Errorf("a mail tells %q:\n%s\n%s", s, m.Subject, m.Text)
		}
	}
}

// takes follows what leads to a file and gives the file once its end is there.
func (b *tab) takes(selector, end string) (file []byte) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(()=>{const e=document.querySelector(%q);if(!e)return false;e.click();return true})()`, selector)) {
		b.t.Fatalf("%s: nothing at %s leads to a file\n%s", b.who, selector, b.text())
	}
	b.k.until(b.t, "the file is there", func() bool {
		names, err := filepath.Glob(filepath.Join(b.down, "*"))
		names = slices.DeleteFunc(names, func(f string) bool { return slices.Contains(b.have, f) })
		if err != nil || len(names) != 1 || strings.HasSuffix(names[0], ".crdownload") {
			return false
		}
		if file, err = os.ReadFile(names[0]); err != nil || !bytes.Contains(file[max(0, len(file)-20):], []byte(end)) {
			return false
		}
		b.have = append(b.have, names[0])
		return true
	})
	return file
}

// printed reads the words of a PDF back.
func printed(t *testing.T, pdf []byte) string {
	t.Helper()
	r, err := reader.Parse(pdf)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range r.PageCount() {
		page, err := r.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		text, err := page.ExtractText()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}

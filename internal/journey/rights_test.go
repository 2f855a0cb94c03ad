package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// cast is who meets in the journeys of one stack, each at a browser of their
// own. The journeys play one after the other.
type cast struct {
	*stack
	person, agent, approver *tab
}

func (k *stack) cast(t *testing.T) *cast {
	t.Helper()
	return &cast{k, k.browse(t, "the person", true), k.browse(t, "the agent", true).signsIn(staff.Agent, false), k.browse(t, "the approver", true).signsIn(staff.Approver, false)}
}

// plays lends the browsers to one journey.
func (c *cast) plays(t *testing.T, name string, journey func(*testing.T)) {
	t.Helper()
	if !t.Run(name, func(t *testing.T) {
		for _, b := range []*tab{c.person, c.agent, c.approver} {
			owner := b.t
			b.t = t
			defer func() { b.t = owner }()
		}
		journey(t)
	}) {
		t.FailNow() // the next one would begin in the middle of this one
	}
}

// wish is what somebody asks for in the form.
type wish struct {
	kind  privacy.Kind
	who   demo.Person
	phone string     // typed, and proved by nothing
	title string     // of the page that asks what exactly
	empty bool       // that page cannot be left empty
	scope func(*tab) // answers it
	check []string   // what the last page repeats
}

// answers goes through the form to the page that repeats all answers.
func (b *tab) answers(w wish, look func(*tab)) *tab {
	b.t.Helper()
	b.open("/").click(string(w.kind), fmt.Sprintf(`document.querySelector('[data-test="right-%s"]')`, w.kind))
	b.press("Continue").sees("How do you know").choose("relation", "recipient").press("Continue").sees("Who is this request about?")
	b.fill("name", w.who.Name).fill("email", w.who.Email).fill("phone", w.phone).fill("country", "DE").press("Continue").sees(w.title)
	look(b)
	if w.empty {
		b.press("Continue").sees("There is a problem", w.title)
		look(b)
	}
	if w.scope != nil {
		w.scope(b)
	}
	b.press("Continue").sees("Check your answers", w.who.Name, w.who.Email).sees(w.check...)
	look(b)
	return b
}

func looks(b *tab) { b.accessible() }

// asks sends the form and proves the address; it gives the request's reference.
func (b *tab) asks(w wish) string {
	b.t.Helper()
	b.answers(w, looks).choose("correct", "yes").press("Send my request").sees("Check your email")
	m := b.k.letter(b.t, w.who.Email, "Confirm your request")
	b.open(m.Links[0]).sees("Confirm your request").press("Confirm and start my request")
	ref := refPattern.FindString(m.Subject + m.Text)
	if b.where() != "/my/"+ref {
		b.t.Fatalf("the person is at %s, not at the page of %q", b.where(), ref)
	}
	return ref
}

// letter waits for a letter that says all this and was not read before.
func (k *stack) letter(t *testing.T, address string, says ...string) (found inbox.Mail) {
	t.Helper()
	k.until(t, "a letter that says “"+strings.Join(says, "”, “")+"”", func() bool {
		mails, err := inbox.List(k.path("inbox"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			if strings.EqualFold(m.To, address) && !k.read[m.ID] && holds(m.Subject+"\n"+m.Text, says) {
				k.read[m.ID], found = true, m
				return true
			}
		}
		return false
	})
	return found
}

func holds(text string, all []string) bool {
	text = strings.Join(strings.Fields(text), " ") // a letter's lines are short
	for _, s := range all {
		if !strings.Contains(text, s) {
			return false
		}
	}
	return true
}

// searches sends a worker to look, and goes on when it has found.
func (b *tab) searches(ref, next string) *tab {
	b.t.Helper()
	b.open("/desk/" + ref).press("Search the messaging store")
	if next == "Review the package" {
		b.k.settles(b.t, ref)
	}
	return b.pressSoon(next)
}

// signs is the first of two signatures.
func (b *tab) signs() *tab {
	b.t.Helper()
	return b.press("Sign and propose").sees("Proposed")
}

// approves is the second signature, with the factor if it has grown old.
func (b *tab) approves(ref, button string) *tab {
	b.t.Helper()
	b.open("/desk/" + ref + "/decision").sees("You did not prepare this, so you may approve it.").accessible()
	b.decides(ref).press(button)
	if b.where() == "/desk/sign-in/code" {
		code, err := totp.GenerateCode(b.k.members[staff.Approver].Secret, time.Now())
		if err != nil {
			b.t.Fatal(err)
		}
		b.fill("code", code).submit().press(button)
	}
	return b.sees("Approved")
}

// field names the control in a row of the page's tables.
func (b *tab) field(row string) string {
	b.t.Helper()
	name := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll('main tbody tr')].find(r=>{const s=r.cells[0].innerText.trim().replace(/\s+/g,' ');return s.startsWith(%q)||s.endsWith(%q)})?.querySelector('input:not([type=hidden])')?.name??''`, row, " "+row))
	if name == "" {
		b.t.Fatalf("%s: nothing to fill in beside %q on %s\n%s", b.who, row, b.where(), b.text())
	}
	return name
}

// holdsValue checks what stands in a control.
func (b *tab) holdsValue(name, want string) *tab {
	b.t.Helper()
	if got := eval[string](b, fmt.Sprintf(`document.querySelector('main [name=%q]').value`, name)); got != want {
		b.t.Fatalf("%s sees %q in %s, not %q", b.who, got, name, want)
	}
	return b
}

// purges rings for the daily clean-up and waits for its end.
func (k *stack) purges(t *testing.T) {
	t.Helper()
	queue, err := pg.Queue(k.portal)
	if err != nil {
		t.Fatal(err)
	}
	job, err := queue.Insert(t.Context(), jobs.RetentionArgs{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	k.until(t, "the clean-up is over", func() bool {
		return k.count(t, k.portal, "SELECT count(*) FROM river_job WHERE id = $1 AND state = 'completed'", job.Job.ID) == 1
	})
}

// sums is everything in the store but some rows, to be compared afterwards.
func (k *stack) sums(t *testing.T, but ...demo.Keys) map[string]demo.Sum {
	t.Helper()
	sums, err := demo.Checksum(t.Context(), k.store, but...)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// stored reads one text of the messaging store.
func (k *stack) stored(t *testing.T, sql string, args ...any) (s string) {
	t.Helper()
	if err := k.store.QueryRow(t.Context(), sql, args...).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (k *stack) change(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := k.store.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

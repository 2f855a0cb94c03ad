package journey

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// settles has an officer hide whatever is suspected in a package, so that it can
// be proposed: for journeys that are about something else.
func (k *stack) settles(t *testing.T, ref string) {
	t.Helper()
	o, officer := k.counter(t), k.member(staff.Officer)
	staged := func(version int) (c privacy.Case) {
		k.until(t, fmt.Sprintf("version %d is staged", version), func() bool {
			var err error
			if c, err = o.Case(t.Context(), officer, privacy.Ref(ref)); err != nil {
				t.Fatal(err)
			}
			return c.Request.State == privacy.InReview && c.Proposal != nil && c.Proposal.Version >= version
		})
		return c
	}
	c := staged(1)
	if c.Open() == 0 {
		return
	}
	hide := privacy.Ruling{Sort: privacy.RulePerson, Act: privacy.ActHide, Who: privacy.Everybody, Reason: "rights"}
	if err := o.Rule(t.Context(), officer, c.Request.ID, c.Proposal.Hash, c.Redaction.Version, []privacy.Ruling{hide}); err != nil {
		t.Fatal(err)
	}
	if err := o.FinishReview(t.Context(), officer, c.Request.ID, c.Proposal.Hash, c.Redaction.Version+1); err != nil {
		t.Fatal(err)
	}
	staged(c.Proposal.Version + 1)
}

// TestRedactionFromTheMarkToTheZIP: an officer hides one thing, keeps another and
// finishes; a colleague approves; the person gets exactly that.
func TestRedactionFromTheMarkToTheZIP(t *testing.T) {
	for _, js := range []bool{true, false} {
		t.Run(map[bool]string{true: "scripts on", false: "scripts off"}[js], func(t *testing.T) {
			t.Parallel()
			k := newStack(t, size{rows: 3_000})
			for i, m := range []struct{ direction, body string }{
				{"out", "Oi Marina, aqui é o Caio Teixeira. A Lívia Rezende também ajuda, +55 11 97777-1234."},
				{"in", "Obrigada! Minha irmã Joana abre a porta. Cartão 4111 1111 1111 1111."},
			} {
				if _, err := k.store.Exec(t.Context(), `INSERT INTO messages (id, organization_id, conversation_id, direction, kind, body, created_at)
					VALUES ($1, 1, 1, $2, 'text', $3, '2026-05-07 10:00+00')`, 700+i, m.direction, m.body); err != nil {
					t.Fatal(err)
				}
			}
			looks := func(b *tab) {
				if js {
					b.accessible()
				}
			}
			person := k.browse(t, "the person", js)
			ref := person.fillsIn(demo.Marina, "Get a copy of my data", false)
			agent := k.browse(t, "the agent", js).signsIn(staff.Agent, false)
			agent.open("/desk/" + ref).press("Search the messaging store").pressSoon("Review the redaction").sees("you need the permission to read content")
			looks(agent)

			officer := k.browse(t, "the officer", js).signsIn(staff.Officer, false) // reads German
			officer.open("/desk/"+ref+"/redaction").choose("code", "review").fill("reason", "Paket prüfen").submits("reason")
			officer.sees("noch nicht entschieden", "Joana")
			looks(officer)
			officer.click("the suggestion", `[...document.querySelectorAll('[data-test="undecided-marks"] a')].find(a=>a.textContent.includes('Joana'))`)
			looks(officer)
			if got := officer.text(); !strings.Contains(got, "Lívia Rezende") {
				t.Fatalf("the officer does not see what is hidden\n%s", got)
			}
			// Joana is hidden, Lívia is kept, and no reason is given at first.
			officer.choose(officer.markName("Joana"), "hide").unticks("Lívia Rezende").clickTest("save").sees("Wählen Sie einen Grund")
			looks(officer)
			officer.fill("why", "knows").clickTest("save").sees("Entscheidungen gespeichert")
			officer.open("/desk/" + ref + "/redaction")
			officer.fill("why", "rights").clickTest("hide-rest")
			officer.open("/desk/" + ref + "/redaction").clickTest("finish").sees("neu gemacht")
			k.until(t, "the package is made again", func() bool {
				return k.count(t, k.portal, "SELECT count(*) FROM requests r JOIN proposals p ON p.request_id = r.id WHERE r.ref = $1 AND r.state = 'in_review' AND p.version = 2", ref) == 1
			})
			talk := eval[string](officer.open("/desk/"+ref+"/redaction"), `[...document.querySelectorAll('[data-test=talks] tbody a')].find(a=>a.textContent.startsWith('Gespräche')).getAttribute('href')`)
			path, _, _ := strings.Cut(talk, "?")
			officer.open(path + "?view=delivered")
			looks(officer)
			if got := officer.text(); !strings.Contains(got, "Lívia Rezende") || strings.Contains(got, "Joana") || strings.Contains(got, "4111") || strings.Contains(got, "97777") {
				t.Fatalf("what the person will see is\n%s", got)
			}
			agent.open("/desk/" + ref + "/data").press("Sign and propose").sees("Proposed")
			officer.open("/desk/" + ref + "/decision")
			if eval[bool](officer, `!!document.querySelector('[data-test=approve]')`) {
				t.Error("who decided what is shown may approve it")
			}
			approver := k.browse(t, "the approver", js).signsIn(staff.Approver, false)
			approver.open("/desk/" + ref + "/decision").decides(ref).press("Approve and hand over").sees("Approved")
			person.open("/my/" + ref).waits("Your data is ready").open("/my/" + ref + "/data")
			tellsOnly(t, person.downloads("Download ZIP"), []string{"Lívia Rezende", "Marina Oliveira Costa"},
				[]string{"Joana", "97777-1234", "11977771234", "4111 1111", "4111111111111111", "Caio Teixeira"})
		})
	}
}

// tellsOnly reads every file of a package.
func tellsOnly(t *testing.T, path string, there, gone []string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
		for _, s := range gone {
			if strings.Contains(string(b), s) {
				t.Errorf("%s tells %q", f.Name, s)
			}
		}
	}
	for _, s := range there {
		if !strings.Contains(all.String(), s) {
			t.Errorf("nothing tells %q", s)
		}
	}
}

// submits sends the form that a data-test names.
func (b *tab) submits(form string) *tab {
	b.t.Helper()
	return b.click("the form "+form, fmt.Sprintf(`document.querySelector('form[data-test=%q] button[type=submit]')`, form))
}

// clickTest presses what a data-test names, whatever it says.
func (b *tab) clickTest(name string) *tab {
	b.t.Helper()
	return b.click(name, fmt.Sprintf(`document.querySelector('main [data-test=%q]')`, name))
}

// markName names the choice about a suggestion.
func (b *tab) markName(word string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`[...document.querySelectorAll('.rx.ask')].find(e=>e.textContent.trim().startsWith(%q))?.querySelector('input').name??''`, word))
}

// unticks keeps what is hidden.
func (b *tab) unticks(word string) *tab {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('label.rx')].find(e=>e.textContent.includes(%q))?.querySelector('input[type=checkbox]');if(!e||!e.checked)return false;e.click();return !e.checked})()`, word)) {
		b.t.Fatalf("%s: nothing hides %q on %s\n%s", b.who, word, b.where(), b.text())
	}
	return b
}

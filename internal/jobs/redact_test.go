package jobs_test

import (
	"archive/zip"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// What other people are known by, in the conversation of the demo's Marina.
const (
	sister     = "Joana Prado"
	sisterCall = "+55 21 96666-4321"
	card       = "4111 1111 1111 1111"
)

// known are identifiers of other people, and what nobody may see, in any writing
// that the store has of them: none may stand anywhere in Marina's package.
var known = []string{sisterCall, "5521966664321", "966664321", "Caio Teixeira", "Lívia Rezende", "livia@padaria-estrela.example",
	"97777-1234", "11977771234", card, "4111111111111111"}

// gossip has Marina's conversation speak of others.
func (w *works) gossip(t *testing.T) {
	t.Helper()
	for i, m := range []struct {
		direction, body, payload string
		sender                   any
	}{
		{"out", "Oi Marina, aqui é o Caio Teixeira. A Lívia Rezende atende no +55 11 97777-1234 ou livia@padaria-estrela.example", "{}", 3},
		{"in", "Obrigada! Minha irmã é a " + sister + ", o número dela é " + sisterCall, `{"contacts": [{"name": "` + sister + `", "phones": ["+5521966664321"]}]}`, nil},
		{"in", "Pode cobrar no cartão " + card + " por favor", `{"digits": 5521966664321}`, nil},
		{"out", "Combinado. O número da sua irmã, +55 21 96666-4321, fica anotado.", "{}", 3},
	} {
		if _, err := w.store.Exec(t.Context(), `INSERT INTO messages (id, organization_id, conversation_id, direction, sender_user_id, kind, body, payload, created_at)
			VALUES ($1, 1, 1, $2, $3, 'text', $4, $5, '2026-05-07 10:00+00')`, 700+i, m.direction, m.sender, m.body, m.payload); err != nil {
			t.Fatal(err)
		}
	}
}

// marina asks for a copy, with her address proved, and the worker searches.
func (w *works) marina(t *testing.T, kind privacy.Kind, by staff.Member) privacy.Request {
	t.Helper()
	return w.requested(t, demo.Marina, privacy.Recipient, kind, by)
}

// requested has one of the demo's people ask, and the worker search.
func (w *works) requested(t *testing.T, who demo.Person, as privacy.Relation, kind privacy.Kind, by staff.Member) privacy.Request {
	t.Helper()
	ctx := t.Context()
	r, err := w.office.Submit(ctx, privacy.Submission{Kind: kind, Relation: as, Name: who.Name, Email: who.Email, Organization: demo.PadariaEstrela.Name, Country: "GB", Lang: lang.English, AllTime: true})
	if err != nil {
		t.Fatal(err)
	}
	var raw string
	err = pg.InTx(ctx, w.db, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(ctx, tx, auth.Purpose(privacy.LinkConfirm), r.ID, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = w.office.Confirm(ctx, raw); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Search(ctx, by, r.ID); err != nil {
		t.Fatal(err)
	}
	return r
}

var sums = regexp.MustCompile(`[0-9a-f]{64}`)

// unpacked gives every file of a package, by part and name.
func (w *works) unpacked(t *testing.T, p export.Package) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i, part := range p {
		r, err := w.deps.Vault.Open(t.Context(), part.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		z, err := zip.NewReader(r, r.Size())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%d/%s", i+1, f.Name)] = sums.ReplaceAllString(string(b), "") // any digits may stand in a sum
		}
	}
	return out
}

// read opens the sheets of a case as the web process does.
func (w *works) read(t *testing.T, c privacy.Case) *privacy.Review {
	t.Helper()
	sheets, err := w.deps.Vault.OpenSheets(t.Context(), c.Proposal.ID, c.Proposal.Package)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sheets.Close)
	about := privacy.WordsAbout(c.Request)
	r, err := privacy.NewReview(sheets, c.Redaction.Rulings, func(sealed []byte) ([]byte, error) { return w.deps.Vault.OpenNote(about, sealed) })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rule adds rulings to what a case shows, and gives the case as it is then.
func (w *works) rule(t *testing.T, by staff.Member, c privacy.Case, rulings ...privacy.Ruling) privacy.Case {
	t.Helper()
	for i := range rulings {
		if rulings[i].Reason == "" && rulings[i].Sort != privacy.RuleUndo {
			rulings[i].Reason = "rights"
		}
	}
	if err := w.office.Rule(t.Context(), by, c.Request.ID, c.Proposal.Hash, c.Redaction.Version, rulings); err != nil {
		t.Fatal(err)
	}
	c, err := w.office.Case(t.Context(), by, c.Request.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// words is a ruling about typed words.
func (w *works) words(t *testing.T, c privacy.Case, words, what string) privacy.Ruling {
	t.Helper()
	sealed, err := w.deps.Vault.SealNote(privacy.WordsAbout(c.Request), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	return privacy.Ruling{Sort: privacy.RuleWords, Act: privacy.ActHide, Words: sealed, What: what}
}

// finish has the package made again and gives the case with it.
func (w *works) finish(t *testing.T, by staff.Member, c privacy.Case) privacy.Case {
	t.Helper()
	if err := w.office.FinishReview(t.Context(), by, c.Request.ID, c.Proposal.Hash, c.Redaction.Version); err != nil {
		t.Fatal(err)
	}
	return w.review(t, by, c.Request, c.Proposal.Version+1)
}

// settled hides every suggestion of a case, if there are any.
func (w *works) settled(t *testing.T, by staff.Member, c privacy.Case) privacy.Case {
	t.Helper()
	if c.Open() == 0 {
		return c
	}
	return w.finish(t, by, w.rule(t, by, c, privacy.Ruling{Sort: privacy.RulePerson, Act: privacy.ActHide, Who: privacy.Everybody, Settled: c.Open()}))
}

func hideAll(review *privacy.Review, open []export.Suggestion) (out []privacy.Ruling) {
	for _, o := range open {
		out = append(out, privacy.Ruling{Sort: privacy.RuleMark, Act: privacy.ActHide, Talk: review.Talks[o.Talk].Key, Place: o.Place, Start: o.Start, End: o.End, Digest: o.Sum, Settled: 1})
	}
	return out
}

// marked finds the mark over a text in a review, with its conversation.
func marked(t *testing.T, r *privacy.Review, word string) (talk string, text export.SheetText, v privacy.Verdict) {
	t.Helper()
	for n, one := range r.Talks {
		page, err := r.Messages(n, 0, one.Messages)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			for _, x := range m.Texts {
				for _, v := range r.Verdicts(one.Key, x) {
					if x.Text[v.Start:v.End] == word {
						return one.Key, x, v
					}
				}
			}
		}
	}
	t.Fatalf("nothing marks %q", word)
	return
}

// suspected is what of the sister's name is a suggestion.
func (w *works) suspected(t *testing.T, r *privacy.Review) string {
	t.Helper()
	open, err := r.Undecided()
	i := slices.IndexFunc(open, func(o export.Suggestion) bool { return strings.Contains(o.Around, "Minha irmã") })
	if err != nil || i < 0 {
		t.Fatalf("nothing is suspected in the message about the sister: %v", err)
	}
	return open[i].Word
}

// about is a ruling on one mark.
func about(talk string, x export.SheetText, v privacy.Verdict, act privacy.RulingAct) privacy.Ruling {
	return privacy.Ruling{Sort: privacy.RuleMark, Act: act, Talk: talk, Place: x.Place, Start: v.Start, End: v.End, Digest: x.Sum}
}

func tells(files map[string]string, word string) (names []string) {
	for name, text := range files {
		if strings.Contains(text, word) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestNothingThatOthersAreKnownByLeaves(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	d := w.desk(t)
	for _, kind := range []privacy.Kind{privacy.Access, privacy.Portability} {
		c := w.review(t, d.officer, w.marina(t, kind, d.agent), 1)
		files := w.unpacked(t, c.Proposal.Package)
		for _, s := range known {
			if names := tells(files, s); len(names) > 0 {
				t.Errorf("%s: %s tell %q", kind, names, s)
			}
		}
		if len(tells(files, demo.Marina.Phone[1:])) == 0 || len(tells(files, demo.Marina.Name)) == 0 {
			t.Errorf("%s: what is the person's own was hidden too", kind)
		}
		if m := c.Proposal.Package[0].Manifest; m.Masked["phone"] == 0 || m.Masked["card"] != 1 || m.Masked["person"] == 0 || len(m.Withheld) != 2 {
			t.Errorf("%s: the manifest counts %v and holds back %v", kind, m.Masked, m.Withheld)
		}
		for _, gone := range []string{"orcamento-PE-7731-QX.pdf", "pedido-exame.txt"} {
			if _, ok := files["1/attachments/"+gone]; ok || !slices.Contains(tells(files, gone), "1/index.html") {
				t.Errorf("%s: the file %s that somebody else sent is handed over or not listed", kind, gone)
			}
		}
		if _, ok := files["1/attachments/bolo-da-maricota.png"]; !ok {
			t.Errorf("%s: the person's own file is missing", kind)
		}
		for _, page := range []string{"1/index.html", "1/letter.html"} {
			if kind == privacy.Portability && page == "1/letter.html" {
				continue
			}
			for _, s := range []string{"What we hid", "Telephone numbers of other people", "Payment card numbers"} {
				if !strings.Contains(files[page], s) && !(page == "1/letter.html" && s == "What we hid") {
					t.Errorf("%s: %s does not say %q", kind, page, s)
				}
			}
		}
	}
}

// Somebody who answers customers asks for their own data: the customers are the
// other people then, in texts, in columns, and inside the provider's ids.
func TestCustomersAreHiddenFromWhoAnsweredThem(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.requested(t, demo.Tomas, privacy.Account, privacy.Access, d.agent), 1)
	files := w.unpacked(t, c.Proposal.Package)
	for _, s := range []string{demo.Amina.Name, demo.Amina.Phone[1:], demo.Amina.Email, "Aminata Okafor", "254722000381",
		base64.StdEncoding.EncodeToString([]byte("\x1c\x18\f254722000318"))} {
		if names := tells(files, s); len(names) > 0 {
			t.Errorf("%s tell %q", names, s)
		}
	}
	if len(tells(files, "The rider is in Westlands")) == 0 {
		t.Error("what the person wrote is missing")
	}
}

// What nobody may see is hidden in every column that leaves, not only in texts.
func TestNeverDisclosedIsMaskedInEveryColumn(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	for _, sql := range []string{
		`UPDATE contacts SET profile = profile || '{"iban": "DE89 3704 0044 0532 0130 00", "pay": {"card": "5555 5555 5555 4444"}}', tags = tags || '{pay 4012888888881881}' WHERE id = 1`,
		`UPDATE consents SET source = 'card 378282246310005' WHERE contact_id = 1`,
		`UPDATE conversations SET last_message_preview = 'Minha senha é tr0ub4dor&3' WHERE id = 1`,
	} {
		if _, err := w.store.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	files := w.unpacked(t, c.Proposal.Package)
	for _, s := range []string{"DE89 3704", "0532 0130 00", "5555 5555 5555 4444", "4012888888881881", "378282246310005", "tr0ub4dor"} {
		if names := tells(files, s); len(names) > 0 {
			t.Errorf("%s tell %q", names, s)
		}
	}
	if m := c.Proposal.Package[0].Manifest.Masked; m["card"] < 3 || m["account"] == 0 || m["password"] == 0 {
		t.Errorf("the manifest counts %v", m)
	}
}

func TestAnOrganizationSeesItsOwnPeople(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	d := w.desk(t)
	r := w.requested(t, demo.Ines, privacy.Representative, privacy.Access, d.agent)
	c := w.review(t, d.officer, r, 1)
	if c.Redaction.Totals != nil || len(tells(w.unpacked(t, c.Proposal.Package), sisterCall)) == 0 {
		t.Error("an organization's own people are hidden from it")
	}
}

func TestAPackageWithOpenSuggestionsIsNotProposed(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	ctx, d := t.Context(), w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	if c.Proposal.Undecided == 0 || c.Open() != c.Proposal.Undecided {
		t.Fatalf("%d undecided, %d open", c.Proposal.Undecided, c.Open())
	}
	if err := w.office.Propose(ctx, d.officer, c.Request.ID, c.Proposal.Hash, ""); fault.KindOf(err) != fault.Conflict {
		t.Errorf("proposed with open suggestions: %v", err)
	}
	if _, err := w.db.Exec(ctx, "UPDATE proposals SET prepared_by = $2, prepared_at = now() WHERE id = $1", c.Proposal.ID, d.officer.ID); err == nil {
		t.Error("the database lets a package with open suggestions be proposed")
	}
}

func TestStaffHideKeepAndUndo(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	ctx, d := t.Context(), w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	review := w.read(t, c)
	open, err := review.Undecided()
	if err != nil || len(open) != c.Open() {
		t.Fatalf("%d suggestions, the case says %d: %v", len(open), c.Open(), err)
	}
	// Every suggestion is hidden, Lívia's name is kept, and of the card staff say
	// that it is to be kept too.
	rulings := hideAll(review, open)
	for _, word := range []string{"Lívia Rezende", card} {
		talk, x, v := marked(t, review, word)
		rulings = append(rulings, about(talk, x, v, privacy.ActKeep))
	}
	c = w.rule(t, d.officer, c, append(rulings, w.words(t, c, "por FAVOR", "other"))...)
	if c.Open() != 0 || c.Fresh() {
		t.Errorf("%d open; made with all rulings: %v", c.Open(), c.Fresh())
	}
	if err := w.office.Propose(ctx, d.officer, c.Request.ID, c.Proposal.Hash, ""); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a package was proposed that does not show the last rulings: %v", err)
	}
	c = w.finish(t, d.officer, c)
	files := w.unpacked(t, c.Proposal.Package)
	if names := tells(files, sister); len(names) > 0 {
		t.Errorf("%s tell what staff hid", names)
	}
	if len(tells(files, "A Lívia Rezende atende")) == 0 {
		t.Error("what staff kept is hidden")
	}
	if len(tells(files, card)) > 0 || len(tells(files, "4111")) > 0 {
		t.Error("staff kept what nobody may see")
	}
	if len(tells(files, "cartão █████ █████")) == 0 {
		t.Error("typed words are not hidden")
	}
	// Undone, it is as before, and another package.
	var undo []privacy.Ruling
	for _, u := range privacy.Standing(c.Redaction.Rulings) {
		if u.Sort == privacy.RuleWords || u.Act == privacy.ActKeep {
			undo = append(undo, privacy.Ruling{Sort: privacy.RuleUndo, Undoes: &u.ID})
		}
	}
	before := c.Proposal.Hash
	c = w.finish(t, d.officer, w.rule(t, d.officer, c, undo...))
	files = w.unpacked(t, c.Proposal.Package)
	if c.Proposal.Hash == before || len(tells(files, "Lívia Rezende")) > 0 || len(tells(files, "por favor")) == 0 {
		t.Error("what was undone still counts")
	}
	// Whoever ruled prepares: somebody else approves, exactly this.
	if c.Proposal.Undecided != 0 {
		t.Fatalf("%d undecided", c.Proposal.Undecided)
	}
	if err := w.office.Propose(ctx, d.agent, c.Request.ID, c.Proposal.Hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Approve(ctx, d.officer, c.Request.ID, c.Proposal.Hash, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("who decided what is shown approved it: %v", err)
	}
	_, err = w.db.Exec(ctx, "UPDATE proposals SET decision = 'approved', decided_by = $2, decided_at = now() WHERE id = $1", c.Proposal.ID, d.officer.ID)
	if err == nil {
		t.Error("the database lets who decided what is shown approve it")
	}
	if err := w.office.Approve(ctx, d.approver, c.Request.ID, c.Proposal.Hash, ""); err != nil {
		t.Fatal(err)
	}
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'ready'", c.Request.ID)
	if n := w.count(t, "SELECT count(*) FROM package_parts WHERE sheet_key IS NOT NULL"); n != 0 {
		t.Errorf("what is hidden in a delivered package can still be read, in %d sheets", n)
	}
}

func TestAChangedTextIsUndecidedAgain(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	review := w.read(t, c)
	talk, x, v := marked(t, review, w.suspected(t, review))
	open := c.Open()
	c = w.rule(t, d.officer, c, about(talk, x, v, privacy.ActKeep))
	if c = w.finish(t, d.officer, c); c.Open() != open-1 {
		t.Fatalf("%d open, want one fewer than %d", c.Open(), open)
	}
	if _, err := w.store.Exec(t.Context(), "UPDATE messages SET body = body || ' !' WHERE id = 701"); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Search(t.Context(), d.agent, c.Request.ID); err != nil {
		t.Fatal(err)
	}
	if c = w.review(t, d.officer, c.Request, 3); c.Open() != open {
		t.Errorf("%d open after the text has changed, want %d again", c.Open(), open)
	}
}

func TestAContactOrAFileIsDecidedAsAWhole(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	review := w.read(t, c)
	var rulings []privacy.Ruling
	for _, p := range review.People {
		if strings.Contains(p.Label, "Caio Teixeira") {
			rulings = append(rulings, privacy.Ruling{Sort: privacy.RulePerson, Act: privacy.ActKeep, Who: p.Who, Reason: "knows"})
		}
	}
	for _, f := range review.Files {
		if f.Withheld && f.Name == "orcamento-PE-7731-QX.pdf" {
			rulings = append(rulings, privacy.Ruling{Sort: privacy.RuleFile, Act: privacy.ActKeep, Place: f.Place, Reason: "own"})
		}
	}
	if len(rulings) != 2 {
		t.Fatalf("%d of 2 are in the review", len(rulings))
	}
	c = w.finish(t, d.officer, w.rule(t, d.officer, c, rulings...))
	files := w.unpacked(t, c.Proposal.Package)
	if len(tells(files, "aqui é o Caio Teixeira")) == 0 || len(tells(files, `"sender_user_id":"3"`)) == 0 {
		t.Error("a contact that staff kept is hidden somewhere")
	}
	if len(tells(files, "Lívia Rezende")) > 0 {
		t.Error("somebody else was kept as well")
	}
	if _, ok := files["1/attachments/orcamento-PE-7731-QX.pdf"]; !ok {
		t.Error("a file that staff handed over is missing")
	}
}

func TestRulingsAreOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	ctx, d := t.Context(), w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	review := w.read(t, c)
	talk, x, v := marked(t, review, w.suspected(t, review))
	one := about(talk, x, v, privacy.ActHide)
	rule := func(by staff.Member, seen int, u privacy.Ruling) error {
		return w.office.Rule(ctx, by, c.Request.ID, c.Proposal.Hash, seen, []privacy.Ruling{u})
	}
	if err := rule(d.officer, 0, one); fault.KindOf(err) != fault.Invalid {
		t.Errorf("ruled without a reason: %v", err)
	}
	one.Reason = "rights"
	for who, by := range map[string]staff.Member{"who may not read content": d.agent, "who may not propose": d.approver} {
		if err := rule(by, 0, one); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s ruled: %v", who, err)
		}
	}
	if err := rule(d.officer, 0, one); err != nil {
		t.Fatal(err)
	}
	if err := rule(d.officer, 0, one); fault.KindOf(err) != fault.Conflict {
		t.Errorf("ruled on what has changed since: %v", err)
	}
	one.Talk = "conversations.id/2"
	if err := rule(d.officer, 0, one); err != nil {
		t.Errorf("a ruling on another conversation is in the way: %v", err)
	}
	for what, sql := range map[string]string{
		"changes":           "UPDATE rulings SET act = 'keep'",
		"loses its words":   "UPDATE rulings SET words = NULL",
		"skips a number":    "INSERT INTO rulings (id, request_id, version, sort, act, who, reason, made_by, made_name) SELECT gen_random_uuid(), request_id, 9, 'person', 'hide', 'x', 'rights', made_by, made_name FROM rulings LIMIT 1",
		"is by a stranger":  "INSERT INTO rulings (id, request_id, version, sort, act, who, reason, made_by, made_name) SELECT gen_random_uuid(), request_id, 3, 'person', 'hide', 'x', 'rights', gen_random_uuid(), '' FROM rulings LIMIT 1",
		"names no place":    "INSERT INTO rulings (id, request_id, version, sort, act, reason, made_by, made_name) SELECT gen_random_uuid(), request_id, 3, 'mark', 'hide', 'rights', made_by, made_name FROM rulings LIMIT 1",
		"undoes nothing":    "INSERT INTO rulings (id, request_id, version, sort, act, reason, made_by, made_name) SELECT gen_random_uuid(), request_id, 3, 'undo', 'undo', '', made_by, made_name FROM rulings LIMIT 1",
		"has no reason why": "INSERT INTO rulings (id, request_id, version, sort, act, who, reason, made_by, made_name) SELECT gen_random_uuid(), request_id, 3, 'person', 'hide', 'x', '', made_by, made_name FROM rulings LIMIT 1",
	} {
		if _, err := w.db.Exec(ctx, sql); err == nil {
			t.Errorf("a ruling %s", what)
		}
	}
	undone := uuid.Nil
	if err := w.db.QueryRow(ctx, "SELECT id FROM rulings WHERE version = 1").Scan(&undone); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := w.office.Rule(ctx, d.officer, c.Request.ID, c.Proposal.Hash, 2, []privacy.Ruling{{Sort: privacy.RuleUndo, Undoes: &undone}})
		if undone != uuid.Nil && err != nil && fault.KindOf(err) != fault.Conflict {
			t.Errorf("undone: %v", err)
		}
	}
	if n := w.count(t, "SELECT count(*) FROM rulings WHERE sort = 'undo'"); n != 1 {
		t.Errorf("undone %d times", n)
	}
	if n := w.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = 'redaction.ruled'", c.Request.ID); n != 3 {
		t.Errorf("the audit has %d entries", n)
	}
}

// A worker that dies has lost one part: who goes on gives the same people the
// same pseudonyms, and the sheets say the same as those of one who was not
// interrupted.
func TestAPackageThatGoesOnKeepsItsPseudonyms(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.deps.Parts = export.Limits{Rows: 20}
	w.start(t)
	d := w.desk(t)
	whole := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	if len(whole.Proposal.Package) < 3 {
		t.Fatalf("only %d parts", len(whole.Proposal.Package))
	}
	// The third part is sealed and not written down when the worker dies.
	for _, sql := range []string{
		"CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$",
		"CREATE TRIGGER die BEFORE INSERT ON package_parts FOR EACH ROW WHEN (NEW.number = 3) EXECUTE FUNCTION die()",
	} {
		if _, err := w.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	r := w.marina(t, privacy.Access, d.agent)
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND attention <> ''", r.ID)
	w.await(t, "SELECT count(*) FROM work WHERE request_id = $1 AND lease_until > now() + interval '10 seconds'", r.ID)
	for _, sql := range []string{"DROP TRIGGER die ON package_parts", "UPDATE work SET lease_until = now()"} {
		if _, err := w.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(t, "SELECT count(*) FROM package_parts WHERE request_id = $1", r.ID); n != 2 {
		t.Fatalf("%d parts are left, want 2", n)
	}
	c := w.review(t, d.officer, r, 1)
	rows := func(c privacy.Case) map[string]string {
		files := w.unpacked(t, c.Proposal.Package)
		maps.DeleteFunc(files, func(name, _ string) bool {
			return !strings.Contains(name, "/json/") && !strings.Contains(name, "/csv/")
		})
		return files
	}
	if !maps.Equal(rows(whole), rows(c)) {
		t.Error("the rows of a package that was interrupted are others")
	}
	if a, b := *whole.Redaction.Totals, *c.Redaction.Totals; a != b {
		t.Errorf("the sheets count %+v and %+v", a, b)
	}
	one, other := w.read(t, whole), w.read(t, c)
	for n := range one.Talks {
		a, errA := one.Messages(n, 0, one.Talks[n].Messages)
		b, errB := other.Messages(n, 0, one.Talks[n].Messages)
		if errA != nil || errB != nil || len(a) != len(b) || len(a) != one.Talks[n].Messages {
			t.Fatalf("conversation %d has %d and %d messages: %v, %v", n, len(a), len(b), errA, errB)
		}
		for i := range a {
			if a[i].At != b[i].At || a[i].Texts[0].Text != b[i].Texts[0].Text || a[i].Texts[0].Delivered() != b[i].Texts[0].Delivered() {
				t.Errorf("conversation %d, message %d is another one", n, i)
			}
		}
	}
}

package privacy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// told is a data map that says everything of its categories.
func told(set *privacy.Settings) {
	words := func(s string) datamap.Text { return datamap.Text{"en": s} }
	set.House = letter.House{Operator: "CrowsStack", Contact: "privacy@example.org"}
	set.Map = &datamap.Map{Grounds: map[string]datamap.Ground{"tax": {Code: "tax", Words: words("Tax law."), Law: "§ 147 AO"}}}
	for _, c := range []string{"account", "messages"} {
		set.Map.Categories = append(set.Map.Categories, datamap.Category{ID: c, Title: words("All " + c), Purpose: words("to talk"), Basis: words("contract"),
			Recipients: []datamap.Text{words("Meta")}, Retention: words("two years"), Source: words("from you")})
	}
}

func (b *bench) letters(t *testing.T, r privacy.Request) []privacy.LetterRow {
	t.Helper()
	rows, err := b.web.MyLetters(t.Context(), "ada@example.com", r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func kinds(rows []privacy.LetterRow) (out []letter.Kind) {
	for _, l := range rows {
		out = append(out, l.Kind)
	}
	return out
}

func TestALetterIsKeptAsItWasWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	rows := b.letters(t, r)
	if len(rows) != 1 || rows[0].Kind != letter.Acknowledgement || rows[0].Author != "" || rows[0].Edition != 0 || rows[0].Lang != lang.English {
		t.Fatalf("%+v", rows)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = 'request_received'", r.ID); n != 1 {
		t.Errorf("%d mails tell that the request is there", n)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = 'letter_ready'", r.ID); n != 0 {
		t.Error("one event, two mails")
	}
	for form, want := range map[privacy.LetterForm]string{privacy.LetterHTML: "<article class=\"letter\">", privacy.LetterPDF: "%PDF-", privacy.LetterText: "Hello Ada Lovelace,"} {
		l, err := b.web.MyLetter(ctx, "ada@example.com", r.Ref, rows[0].ID, form)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(l.Bytes, []byte(want)) {
			t.Errorf("%s has no %q", form, want)
		}
		if sum := sha256.Sum256(l.Bytes); hex.EncodeToString(sum[:]) != l.SHA256 {
			t.Errorf("%s is not what its hash says", form)
		}
		again, err := b.web.DeskLetter(ctx, b.auditor, r.Ref, rows[0].ID, form)
		if err != nil || !bytes.Equal(again.Bytes, l.Bytes) {
			t.Errorf("staff see another %s, or none: %v", form, err)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM case_letters WHERE position('Lovelace'::bytea IN html) + position('Lovelace'::bytea IN plain) > 0"); n != 0 {
		t.Error("a letter lies open")
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'letter.written' AND target = $1", string(r.Ref)); n != 1 {
		t.Errorf("%d entries tell that it was written", n)
	}
}

func TestAnotherPersonsLetterDoesNotExist(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, other := b.verified(t, privacy.Access), b.verified(t, privacy.Deletion)
	id := b.letters(t, r)[0].ID
	for name, try := range map[string]func() error{
		"somebody else's request": func() error {
			_, err := b.web.MyLetter(ctx, "eve@example.com", r.Ref, id, privacy.LetterPDF)
			return err
		},
		"nobody's": func() error { _, err := b.web.MyLetter(ctx, "", r.Ref, id, privacy.LetterPDF); return err },
		"another request of the person": func() error {
			_, err := b.web.MyLetter(ctx, "ada@example.com", other.Ref, id, privacy.LetterPDF)
			return err
		},
		"a letter that never was": func() error {
			_, err := b.web.MyLetter(ctx, "ada@example.com", r.Ref, uuid.New(), privacy.LetterPDF)
			return err
		},
		"a form that never was":           func() error { _, err := b.web.MyLetter(ctx, "ada@example.com", r.Ref, id, "docx"); return err },
		"for staff, that of another case": func() error { _, err := b.web.DeskLetter(ctx, b.agent, other.Ref, id, privacy.LetterPDF); return err },
		"the list of somebody else":       func() error { _, err := b.web.MyLetters(ctx, "eve@example.com", r.Ref); return err },
		"for staff, of a case that is not": func() error {
			_, err := b.web.DeskLetter(ctx, b.agent, "CS-NONE-NONE", id, privacy.LetterPDF)
			return err
		},
	} {
		if fault.KindOf(try()) != fault.NotFound {
			t.Errorf("%s: %v", name, try())
		}
	}
	_, err := b.web.DeskLetter(ctx, staff.Member{}, r.Ref, id, privacy.LetterPDF)
	wants(t, err, fault.Forbidden, "")
}

func TestEveryRightEndsWithItsLetter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind   privacy.Kind
		action datamap.Action
		want   letter.Kind
		mail   string
		says   string
	}{
		{privacy.Correction, datamap.Correcting, letter.Fulfilment, "corrected", "We corrected your data"},
		{privacy.Restriction, datamap.Restricting, letter.Fulfilment, "restricted", "Kept and not used"},
		{privacy.Objection, datamap.Restricting, letter.Fulfilment, "objected", "Stopped"},
		{privacy.ShortenedRetention, datamap.Shortening, letter.Fulfilment, "retention_shortened", "for 90 days"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, told)
			r := b.verified(t, tt.kind)
			if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
				t.Fatal(err)
			}
			b.propose(t, r, b.agent, b.approver, b.discover(t, r, planned(tt.kind, tt.action)))
			b.carryOut(t, r.ID)
			rows := b.letters(t, r)
			if got := kinds(rows); !slices.Equal(got, []letter.Kind{tt.want, letter.Acknowledgement}) {
				t.Fatalf("letters: %v", got)
			}
			l, err := b.web.MyLetter(t.Context(), "ada@example.com", r.Ref, rows[0].ID, privacy.LetterText)
			if err != nil || !strings.Contains(string(l.Bytes), tt.says) {
				t.Errorf("%v, the letter says:\n%s", err, l.Bytes)
			}
			if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = $2", r.ID, tt.mail); n != 1 {
				t.Errorf("%d mails tell it", n)
			}
			if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = 'letter_ready'", r.ID); n != 0 {
				t.Error("one event, two mails")
			}
		})
	}
}

func TestThePackageComesWithItsLetter(t *testing.T) {
	t.Parallel()
	b := newBench(t, told)
	r := b.verified(t, privacy.Access)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	d := discovery(privacy.Access)
	d.Totals = &export.SheetTotals{Messages: 7, Hidden: 9, Withheld: 1}
	b.discover(t, r, d)
	c, err := b.web.Case(t.Context(), b.agent, r.Ref)
	if err != nil || c.Sent.Next != letter.Fulfilment || len(c.Sent.Missing) > 0 || c.Sent.Owed {
		t.Fatalf("%+v, %v", c.Sent, err)
	}
	before, missing, err := b.web.NextLetter(t.Context(), b.agent, r.Ref)
	if err != nil || len(missing) > 0 || before.Block("held") == nil {
		t.Fatalf("no preview: %v, %v", missing, err)
	}
	hash := c.Proposal.Hash
	b.propose(t, r, b.agent, b.approver, hash)
	l := b.lease(t, r.ID)
	if _, _, err := b.worker.BeginExecution(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	rows := b.letters(t, r)
	if got := kinds(rows); !slices.Equal(got, []letter.Kind{letter.Fulfilment, letter.Acknowledgement}) {
		t.Fatalf("letters: %v", got)
	}
	text, err := b.web.MyLetter(t.Context(), "ada@example.com", r.Ref, rows[0].ID, privacy.LetterText)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"All messages", "to talk", "two years", "Meta", "from you", "7 records", "9 places in your messages", "1 file of somebody else", "UK GDPR Art. 15(4), 20(4)", "Information Commissioner"} {
		if !strings.Contains(strings.Join(strings.Fields(string(text.Bytes)), " "), want) {
			t.Errorf("the letter does not say %q:\n%s", want, text.Bytes)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter IN ('ready', 'letter_ready')", r.ID); n != 1 {
		t.Errorf("%d mails tell it", n)
	}
}

// What was carried out stays done; the letter is owed until what it lacks is
// there.
func TestALetterThatLacksSomethingIsOwed(t *testing.T) {
	t.Parallel()
	b := newBench(t) // a map that tells nothing of its categories
	r, hash := b.inReview(t, privacy.Access)
	c, err := b.web.Case(t.Context(), b.agent, r.Ref)
	if err != nil || len(c.Sent.Missing) == 0 {
		t.Fatalf("%+v, %v", c.Sent, err)
	}
	b.propose(t, r, b.agent, b.approver, hash)
	l := b.lease(t, r.ID)
	if _, _, err := b.worker.BeginExecution(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	got := b.request(t, r.ID)
	if got.State != privacy.Ready || got.Attention != "attention.letter" || len(b.letters(t, r)) != 1 {
		t.Fatalf("%s, %q, %d letters", got.State, got.Attention, len(b.letters(t, r)))
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter = 'ready'", r.ID); n != 1 {
		t.Errorf("%d mails tell it", n)
	}
	c, err = b.web.Case(t.Context(), b.agent, r.Ref)
	if err != nil || !c.Sent.Owed || !slices.ContainsFunc(c.Sent.Missing, func(m letter.Missing) bool { return m.Block == "purposes" && m.Of == "messages" }) {
		t.Fatalf("%+v, %v", c.Sent, err)
	}
	wants(t, b.web.WriteOwed(t.Context(), b.agent, r.Ref), fault.Conflict, "letters.incomplete.fulfilment")
	wants(t, b.web.WriteOwed(t.Context(), b.auditor, r.Ref), fault.Forbidden, "")
}

func TestNothingFoundIsALetter(t *testing.T) {
	t.Parallel()
	b := newBench(t, told)
	r := b.verified(t, privacy.Deletion)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	d := discovery(privacy.Deletion)
	d.Found, d.Matches, d.Plan.Steps, d.Learnt = nil, nil, nil, nil
	b.propose(t, r, b.agent, b.approver, b.discover(t, r, d))
	if _, _, err := b.worker.BeginExecution(t.Context(), b.lease(t, r.ID)); err != nil {
		t.Fatal(err)
	}
	if got := kinds(b.letters(t, r)); !slices.Equal(got, []letter.Kind{letter.NothingFound, letter.Acknowledgement}) {
		t.Fatalf("letters: %v", got)
	}
}

func (b *bench) admin() staff.Member {
	m := b.auditor
	m.Roles = []staff.Role{staff.Administrator}
	return m
}

func TestTheOperatorsWordsCountFromNowOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, admin := t.Context(), b.admin()
	const slot = "acknowledgement.opening"
	say := func(seen int, words string) error { return b.web.Word(ctx, admin, slot, lang.English, seen, &words) }
	before := b.verified(t, privacy.Access)
	if err := say(0, "Good day {name}.\r\n\r\nYour number is {reference}."); err != nil {
		t.Fatal(err)
	}
	r := b.verified(t, privacy.Access)
	rows := b.letters(t, r)
	l, err := b.web.MyLetter(ctx, "ada@example.com", r.Ref, rows[0].ID, privacy.LetterText)
	if err != nil || rows[0].Edition != 1 || !strings.Contains(string(l.Bytes), "Good day Ada Lovelace.\n\nYour number is "+string(r.Ref)+".") {
		t.Fatalf("edition %d, %v:\n%s", rows[0].Edition, err, l.Bytes)
	}
	l, err = b.web.MyLetter(ctx, "ada@example.com", before.Ref, b.letters(t, before)[0].ID, privacy.LetterText)
	if err != nil || strings.Contains(string(l.Bytes), "Good day") {
		t.Fatalf("a letter changed that was written before: %v", err)
	}
	wants(t, say(0, "Too late."), fault.Conflict, "letters.error.moved")
	if err := say(1, "Good day {name}.\n\nYour number is {reference}."); err != nil {
		t.Fatalf("a double click: %v", err)
	}
	for text, want := range map[string]string{"": "empty", "{secret}": "field", "{{ .Name }": "brace"} {
		err := say(1, text)
		wants(t, err, fault.Invalid, "words")
		if m := err.(*fault.Error).Fields["words"]; m.Key != "letters.error."+want {
			t.Errorf("%q: %s", text, m.Key)
		}
	}
	if err := b.web.Word(ctx, admin, slot, lang.English, 1, nil); err != nil {
		t.Fatal(err)
	}
	history, err := b.web.WordingHistory(ctx, slot, lang.English)
	if err != nil || len(history) != 2 || !history[0].Ours || history[0].Edition != 2 || history[1].Ours || history[1].ByName != admin.Name {
		t.Fatalf("%+v, %v", history, err)
	}
	all, err := b.web.Wordings(ctx, lang.English)
	if err != nil || len(all) != len(letter.Slots) || all[0].Text != all[0].Slot.Ours(lang.English) || all[0].Edition != 2 {
		t.Fatalf("%+v, %v", all[0], err)
	}
	wants(t, b.web.Word(ctx, b.officer, slot, lang.English, 2, nil), fault.Forbidden, "")
	wants(t, b.web.Word(ctx, admin, "no.slot", lang.English, 0, nil), fault.NotFound, "")
	wants(t, b.web.Word(ctx, admin, slot, "xx", 0, nil), fault.NotFound, "")
}

func TestOfManyWhoWordAtOnceOneIsHeard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var wait sync.WaitGroup
	said := make(chan error, 12)
	for i := range cap(said) {
		wait.Go(func() {
			words := strings.Repeat("No. ", i+1)
			said <- b.web.Word(t.Context(), b.admin(), "refusal.opening", lang.English, 0, &words)
		})
	}
	wait.Wait()
	close(said)
	heard := 0
	for err := range said {
		if err == nil {
			heard++
		} else if fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM letter_wordings"); heard != 1 || n != 1 {
		t.Errorf("%d were heard, %d are kept", heard, n)
	}
}

func TestASampleShowsTheWordsOfTheForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, s := range letter.Slots {
		for _, l := range lang.Supported {
			text := s.Ours(l)
			if text == "" {
				text = "We do not sell data."
			}
			made, err := b.web.SampleLetter(t.Context(), b.admin(), s.ID, l, "Of {name}: "+text)
			if err != nil || !strings.Contains(string(made.PlainText()), "Of Amina Okafor:") {
				t.Errorf("%s in %s: %v", s.ID, l, err)
			}
		}
	}
	_, err := b.web.SampleLetter(t.Context(), b.agent, "refusal.opening", lang.English, "x")
	wants(t, err, fault.Forbidden, "")
}

// TestNobodyRewritesALetter tries, with each process's own rights, what somebody
// would try who has taken it over.
func TestNobodyRewritesALetter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.Access)
	words := "No."
	if err := b.web.Word(t.Context(), b.admin(), "refusal.opening", lang.English, 0, &words); err != nil {
		t.Fatal(err)
	}
	received, err := b.web.Submit(t.Context(), submission(privacy.Deletion))
	if err != nil {
		t.Fatal(err)
	}
	insert := func(request privacy.ID, staff string) string {
		return "INSERT INTO case_letters (id, request_id, kind, lang, edition, html, plain, pdf, html_sha256, plain_sha256, pdf_sha256, staff_id, author) VALUES (gen_random_uuid(), '" +
			request.String() + "', 'refusal', 'en', 0, '', '', '', repeat('0', 64), repeat('0', 64), repeat('0', 64), " + staff + ", 'x')"
	}
	both, worker := []string{"portal_web", "portal_worker"}, []string{"portal_worker"}
	for _, tt := range []struct {
		name  string
		roles []string
		sql   []string
	}{
		{"change a letter", both, []string{"UPDATE case_letters SET html = ''"}},
		{"change the hash of a letter", both, []string{"UPDATE case_letters SET pdf_sha256 = repeat('0', 64)"}},
		{"delete a letter", both, []string{"DELETE FROM case_letters"}},
		{"empty the letters", both, []string{"TRUNCATE case_letters"}},
		{"date a letter", both, []string{"INSERT INTO case_letters (id, made_at) VALUES (gen_random_uuid(), now() - interval '1 year')"}},
		{"write to somebody whose address is not proved", both, []string{insert(received.ID, "NULL")}},
		{"write in a member's name", worker, []string{insert(r.ID, "'"+b.agent.ID.String()+"'")}},
		{"put another's wording in", worker, []string{"INSERT INTO letter_wordings (edition, slot, lang, words, made_by, made_name) VALUES (2, 'refusal.opening', 'en', 'Yes.', '" + b.agent.ID.String() + "', 'x')"}},
		{"change a wording", both, []string{"UPDATE letter_wordings SET words = 'Yes.'"}},
		{"delete a wording", both, []string{"DELETE FROM letter_wordings"}},
		{"leave an edition out", []string{"portal_web"}, []string{"INSERT INTO letter_wordings (edition, slot, lang, words, made_by, made_name) VALUES (7, 'refusal.opening', 'en', 'Yes.', '" + b.agent.ID.String() + "', 'x')"}},
	} {
		for _, role := range tt.roles {
			refuses(t, b.db, role, tt.name, tt.sql...)
		}
	}
	if _, err := b.db.Exec(t.Context(), "UPDATE staff_members SET email = 'ada+desk@example.com' WHERE id = $1", b.agent.ID); err != nil {
		t.Fatal(err)
	}
	refuses(t, b.db, "portal_web", "write to oneself", insert(r.ID, "'"+b.agent.ID.String()+"'"))
	if _, err := b.db.Exec(t.Context(), "UPDATE case_letters SET author = 'x'"); err == nil {
		t.Error("the owner changes a letter by mistake")
	}
}

// text is what the newest letter of a request says.
func (b *bench) text(t *testing.T, r privacy.Request) string {
	t.Helper()
	l, err := b.web.MyLetter(t.Context(), "ada@example.com", r.Ref, b.letters(t, r)[0].ID, privacy.LetterText)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(l.Bytes)), " ")
}

func TestARefusalSaysWhyAndWhoeverDecidesIsNoRefusal(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		kind letter.Kind
		says string
	}{
		"MANIFESTLY_UNFOUNDED": {letter.Refusal, "UK GDPR Art. 12(5)"},
		"NOT_CONTROLLER":       {letter.Redirected, "About this data we do not decide ourselves"},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, told)
			r := b.verified(t, privacy.Access)
			if err := b.web.Reject(t.Context(), b.officer, r.ID, code, "We are sure of it."); err != nil {
				t.Fatal(err)
			}
			if got := kinds(b.letters(t, r)); !slices.Equal(got, []letter.Kind{want.kind, letter.Acknowledgement}) {
				t.Fatalf("letters: %v", got)
			}
			got := b.text(t, r)
			if !strings.Contains(got, want.says) || strings.Count(got, "We are sure of it.") != 1 || !strings.Contains(got, "ico.org.uk") {
				t.Errorf("the letter says:\n%s", got)
			}
			if row := b.letters(t, r)[0]; row.Author != b.officer.Name {
				t.Errorf("%q wrote it", row.Author)
			}
			if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter IN ('refused', 'letter_ready')", r.ID); n != 1 {
				t.Errorf("%d mails tell it", n)
			}
		})
	}
}

// A plan that deletes some and keeps some is answered in part; one that keeps
// everything says no.
func TestWhatStaysIsToldWithItsRule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		steps []datamap.Step
		want  letter.Kind
		says  string
	}{
		{"some", []datamap.Step{{Seq: 1, Table: "messages", Category: "messages", Action: datamap.Delete, Rows: 7},
			{Seq: 2, Table: "invoices", Category: "account", Action: datamap.Keep, Rows: 1, Ground: "tax", Reason: datamap.Text{"en": "Tax law."}, Until: "2036-12-31"}}, letter.Partial, "All messages Outcome: Deleted (7 records) All account Outcome: Kept (1 record) Why: Tax law. Rule: § 147 AO Kept until: 31 December 2036"},
		{"all", []datamap.Step{{Seq: 1, Table: "invoices", Category: "account", Action: datamap.Keep, Rows: 1, Ground: "tax", Reason: datamap.Text{"en": "Tax law."}}}, letter.Refusal, "We cannot do what you asked"},
		{"nothing", []datamap.Step{{Seq: 1, Table: "messages", Category: "messages", Action: datamap.Anonymise, Rows: 7}, {Seq: 2, Table: "x", Category: "messages", Action: datamap.Repairing, Rows: 3}}, letter.Fulfilment, "Made anonymous"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, told)
			r := b.verified(t, privacy.Deletion)
			if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
				t.Fatal(err)
			}
			d := discovery(privacy.Deletion)
			d.Plan.Steps = tt.steps
			hash := b.discover(t, r, d)
			b.propose(t, r, b.agent, b.approver, hash)
			if err := b.web.ConfirmDeletion(t.Context(), "ada@example.com", r.Ref, hash); err != nil {
				t.Fatal(err)
			}
			if _, err := b.db.Exec(t.Context(), "UPDATE requests SET runs_at = now() - interval '1 minute' WHERE id = $1", r.ID); err != nil {
				t.Fatal(err)
			}
			*b.clock = b.clock.Add(2 * coolingOff)
			b.carryOut(t, r.ID)
			if got := kinds(b.letters(t, r)); !slices.Equal(got, []letter.Kind{tt.want, letter.Acknowledgement}) {
				t.Fatalf("letters: %v", got)
			}
			if got := b.text(t, r); !strings.Contains(got, tt.says) {
				t.Errorf("the letter says:\n%s", got)
			}
			if n := b.count(t, "SELECT count(*) FROM letters WHERE request_id = $1 AND letter IN ('deleted', 'letter_ready')", r.ID); n != 1 {
				t.Errorf("%d mails tell it", n)
			}
		})
	}
}

func TestWhatNobodyDecidesAndWhatEndsHaveTheirLetters(t *testing.T) {
	t.Parallel()
	t.Run("a stop of messages", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, told)
		r := b.verified(t, privacy.OptOut)
		if got := b.text(t, r); !strings.Contains(got, "Nobody has to decide about this.") {
			t.Errorf("the receipt says:\n%s", got)
		}
		d := planned(privacy.OptOut, datamap.Suppressing)
		d.Plan.Steps[0].Category = "messages"
		b.discover(t, r, d)
		b.carryOut(t, r.ID)
		if got := b.text(t, r); !strings.Contains(got, "You get no more messages") || !strings.Contains(got, "All messages Outcome: Stopped") {
			t.Errorf("the letter says:\n%s", got)
		}
	})
	t.Run("the end of a restriction", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, told)
		lift, err := b.web.OpenLift(t.Context(), b.officer, b.restricted(t).ID)
		if err != nil {
			t.Fatal(err)
		}
		d := planned(privacy.RestrictionLift, datamap.Lifting)
		d.Chosen.Version = 1
		b.propose(t, lift, b.agent, b.approver, b.discover(t, lift, d))
		if _, err := b.db.Exec(t.Context(), "UPDATE requests SET runs_at = now() - interval '1 minute' WHERE id = $1", lift.ID); err != nil {
			t.Fatal(err)
		}
		*b.clock = b.clock.AddDate(0, 0, 8)
		b.carryOut(t, lift.ID)
		if got := kinds(b.letters(t, lift)); !slices.Equal(got, []letter.Kind{letter.RestrictionLifted}) {
			t.Fatalf("letters: %v", got)
		}
		if got := b.text(t, lift); !strings.Contains(got, "Opened on:") || !strings.Contains(got, "Art. 18(3)") {
			t.Errorf("the letter says:\n%s", got)
		}
	})
}

// The demo's map says all that an answer about its data needs, in every language;
// only what the operator has to say about California is missing.
func TestTheDemoMapAnswersEveryLaw(t *testing.T) {
	t.Parallel()
	m, err := datamap.Parse("demo", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(set *privacy.Settings) { set.Map, set.House.Contact = m, "privacy@example.org" })
	for country, missing := range map[string]string{"DE": "", "GB": "", "CH": "", "BR": "", "KR": "", "AR": "", "US-VA": "", "US-CA": "sale"} {
		for _, l := range lang.Supported {
			s := submission(privacy.Access)
			s.Country, s.Lang, s.Draft, s.Email = country, l, uuid.NewString(), strings.ToLower(country)+string(l)+"@example.com"
			r, err := b.web.Submit(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if r, err = b.web.Confirm(t.Context(), b.link(t, privacy.LinkConfirm, r.ID)); err != nil {
				t.Fatal(err)
			}
			if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
				t.Fatal(err)
			}
			d := discovery(privacy.Access)
			d.Found = nil
			for _, table := range m.Tables {
				d.Found = append(d.Found, datamap.Found{Table: table.Name, Category: table.Category, Rows: 3, Withheld: len(d.Found) == 0})
			}
			d.Package[0].ID = d.ID
			b.discover(t, r, d)
			made, lacks, err := b.web.NextLetter(t.Context(), b.agent, r.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if missing != "" {
				if len(lacks) != 1 || lacks[0].Block != missing {
					t.Errorf("%s in %s lacks %v", country, l, lacks)
				}
				continue
			}
			if len(lacks) > 0 {
				t.Errorf("%s in %s lacks %v", country, l, lacks)
				continue
			}
			if out := made.Block("left_out"); out == nil || len(out.Parts[1].Facts) != 3 {
				t.Errorf("%s in %s leaves out %+v", country, l, out)
			}
		}
	}
}

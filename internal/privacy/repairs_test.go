package privacy_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// decideAs is what somebody would write who has taken the web process over.
func decideAs(who staff.Member, about privacy.Request) string {
	return "INSERT INTO appeal_decisions (request_id, outcome, words, decided_by, decided_name) VALUES ('" + about.ID.String() + "', 'dismissed', 'x', '" + who.ID.String() + "', 'x')"
}

// Somebody complains about how a complaint was decided: neither who decided that
// one nor who refused the request behind it judges again.
func TestNobodyJudgesTwiceAboutTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	first := b.filed(t, b.refused(t, "DE"))
	if err := b.web.DecideAppeal(ctx, b.officer, first.ID, privacy.Dismissed, "We were right."); err != nil {
		t.Fatal(err)
	}
	second := b.filed(t, first)
	if second.ID == first.ID || second.About == nil || *second.About != first.ID {
		t.Fatalf("the second complaint is about %v", second.About)
	}
	for _, who := range []staff.Member{b.officer, b.approver} {
		wants(t, b.web.DecideAppeal(ctx, who, second.ID, privacy.Dismissed, "Still."), fault.Forbidden, "error.appeal_own")
		refuses(t, b.db, "portal_web", "judge twice as "+who.Name, decideAs(who, second))
	}
	if c := b.clockOf(t, second); len(c.Involved) != 2 {
		t.Errorf("the page keeps %d from deciding, want 2", len(c.Involved))
	}
	web := pgtest.As(t, b.db, "portal_web")
	if _, err := web.Exec(ctx, decideAs(b.agent, second)); err != nil {
		t.Errorf("nobody at all can decide: %v", err)
	}
}

// Whoever closed a request as a duplicate ended it, as one who refuses does.
func TestWhoClosedADuplicateDoesNotJudgeTheComplaint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	stays, r := b.verified(t, privacy.Access), b.verified(t, privacy.Access)
	if err := b.web.MarkDuplicate(ctx, b.officer, r.ID, stays.Ref, "asked twice"); err != nil {
		t.Fatal(err)
	}
	c := b.filed(t, r)
	wants(t, b.web.DecideAppeal(ctx, b.officer, c.ID, privacy.Dismissed, "It was."), fault.Forbidden, "error.appeal_own")
	refuses(t, b.db, "portal_web", "judge what one closed", decideAs(b.officer, c))
}

func TestADuplicateIsOfSomethingThatGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	mark := func(r, of privacy.Request) {
		t.Helper()
		wants(t, b.web.MarkDuplicate(ctx, b.agent, r.ID, of.Ref, "asked twice"), fault.Conflict, "duties.error.no_duplicate")
		refuses(t, b.db, "portal_web", "close a request as a duplicate of one that is over", "INSERT INTO duplicates (request_id, of_id, reason, by_id, by_name) VALUES ('"+
			r.ID.String()+"', '"+of.ID.String()+"', 'x', '"+b.agent.ID.String()+"', 'x')")
		if s := b.state(t, r.ID); s.Final() {
			t.Errorf("nobody answers any more: it is %s", s)
		}
	}
	withdrawn := b.verified(t, privacy.Access)
	if err := b.web.Withdraw(ctx, "ada@example.com", withdrawn.Ref); err != nil {
		t.Fatal(err)
	}
	no := b.refused(t, "GB")
	r := b.verified(t, privacy.Access)
	mark(r, withdrawn)
	mark(r, no)
	// Two complaints are two decisions.
	one := b.filed(t, no)
	mark(b.filed(t, withdrawn), one)
}

// Some write from "ada+x" what they wrote from "ada" before: a hold on the person
// is on the mailbox.
func TestAHoldOnThePersonIsOnTheMailbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	deletionOf := func(email string) privacy.Request {
		s := submission(privacy.Deletion)
		s.Email = email
		r, err := b.web.Submit(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = b.web.Confirm(ctx, b.link(t, privacy.LinkConfirm, r.ID)); err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := []privacy.Request{deletionOf("ada@example.com"), deletionOf("ada+before@example.com")}
	elsewhere := deletionOf("ada@example.net")
	s := submission(privacy.Access)
	s.Email = "ada+held@example.com"
	r, err := b.web.Submit(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	id := b.hold(t, r, privacy.OnPerson)
	after := []privacy.Request{deletionOf("ada@example.com"), deletionOf("ada+after@example.com")}
	for _, d := range append(before, after...) {
		if b.load(t, d).HeldAt == nil {
			t.Errorf("the deletion by %s runs while the hold stands", d.Email)
		}
		if c := b.clockOf(t, d); len(c.Live()) != 1 {
			t.Errorf("the case of %s does not show the hold", d.Email)
		}
	}
	if b.load(t, elsewhere).HeldAt != nil {
		t.Error("somebody else waits for it")
	}
	if err := b.web.LiftHold(ctx, b.officer, r.ID, id, "It is settled."); err != nil {
		t.Fatal(err)
	}
	for _, d := range append(before, after...) {
		if b.load(t, d).HeldAt != nil {
			t.Errorf("the deletion by %s waits for ever", d.Email)
		}
	}
}

func TestNothingOfAHeldCaseIsThrownAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.takesFiles(t, nil)

	// A letter of which nobody finds out who sent it, and a request that nobody confirms.
	in := receipt(b, privacy.Access)
	in.Email = ""
	posted, err := b.web.Record(ctx, b.agent, in)
	if err != nil {
		t.Fatal(err)
	}
	typed, err := b.web.Submit(ctx, submission(privacy.Access))
	if err != nil {
		t.Fatal(err)
	}
	r := b.verified(t, privacy.Access)
	kept, err := b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(sentFile{"proof.pdf", pdf}))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "Here it is.", kept[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Withdraw(ctx, "ada@example.com", r.Ref); err != nil {
		t.Fatal(err)
	}
	holds := map[privacy.ID]uuid.UUID{}
	for _, held := range []privacy.Request{posted, typed, r} {
		holds[held.ID] = b.hold(t, held, privacy.OnCase)
	}
	b.later(200)
	wants(t, b.web.Unproved(ctx, b.officer, posted.ID), fault.Conflict, "duties.error.held")
	wants(t, b.web.DropFile(ctx, b.agent, r.ID, kept[0].ID), fault.Conflict, "duties.error.held")
	for _, role := range []string{"portal_web", "portal_worker"} {
		refuses(t, b.db, role, "throw a file of a held case away", "UPDATE attachments SET key = NULL")
		refuses(t, b.db, role, "let a held case lapse", "UPDATE requests SET state = 'lapsed', outcome = 'unconfirmed', closed_at = now() WHERE id = '"+typed.ID.String()+"'")
	}
	tidy := func(want int) {
		t.Helper()
		if n, err := b.worker.Sweep(ctx); err != nil || n != want {
			t.Errorf("%d requests lapse, want %d (%v)", n, want, err)
		}
		if n, err := b.worker.SweepFiles(ctx); err != nil || n != want {
			t.Errorf("%d files go, want %d (%v)", n, want, err)
		}
	}
	tidy(0)
	for id, hold := range holds {
		if err := b.web.LiftHold(ctx, b.officer, id, hold, "It is settled."); err != nil {
			t.Fatal(err)
		}
	}
	tidy(1)
	if err := b.web.Unproved(ctx, b.officer, posted.ID); err != nil {
		t.Errorf("it stays for ever: %v", err)
	}
}

// What somebody would try who has taken the web process over.
// What was packed for a request stays readable while a hold stands, however the
// request ends, and goes with the hold.
func TestAHoldKeepsThePackageOfARequestThatEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	stays := b.verified(t, privacy.Access)
	for name, end := range map[string]func(privacy.Request) error{
		"withdrawn": func(r privacy.Request) error { return b.web.Withdraw(ctx, "ada@example.com", r.Ref) },
		"duplicate": func(r privacy.Request) error {
			return b.web.MarkDuplicate(ctx, b.agent, r.ID, stays.Ref, "asked twice")
		},
		"refused": func(r privacy.Request) error {
			return b.web.Reject(ctx, b.approver, r.ID, "EXCESSIVE", "Asked every day.")
		},
	} {
		r, _ := b.inReview(t, privacy.Access)
		kept := func(when string, want int) {
			t.Helper()
			keys := b.count(t, "SELECT (SELECT count(*) FROM proposals WHERE request_id = $1 AND artifact_key IS NOT NULL) + (SELECT count(*) FROM package_parts WHERE request_id = $1 AND key IS NOT NULL)", r.ID)
			live, err := b.worker.LiveProposals(ctx)
			if err != nil || keys != want || len(live) != want {
				t.Errorf("%s, %s: %d keys, %d live, want %d of each (%v)", name, when, keys, len(live), want, err)
			}
		}
		one, two := b.hold(t, r, privacy.OnCase), b.hold(t, r, privacy.OnPerson)
		if err := end(r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept("on hold", 1)
		for i, id := range []uuid.UUID{two, one} {
			if err := b.web.LiftHold(ctx, b.officer, r.ID, id, "It is settled."); err != nil {
				t.Fatal(err)
			}
			kept("lifted", 1-i)
		}
	}
}

func TestRecordsOfWhoDidWhatCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	in := receipt(b, privacy.Access)
	in.Email = ""
	posted, err := b.web.Record(ctx, b.agent, in)
	if err != nil {
		t.Fatal(err)
	}
	r, other := b.verified(t, privacy.Access), b.verified(t, privacy.Access)
	if err := b.web.WriteToStaff(ctx, "ada@example.com", other.Ref, "It is me."); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Ask(ctx, b.agent, r.ID, 0, privacy.Question{What: law.IdentityAsked, Reason: "Why.", Words: "Who?"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE requests SET received_at = now() - interval '40 days', notice_by = now() - interval '1 day' WHERE id = $1", other.ID); err != nil {
		t.Fatal(err)
	}
	reject := func(by, code string) string {
		return "UPDATE requests SET state = 'rejected', outcome = 'refused', closed_at = now(), refusal_text = 'no', refusal_code = " + code + ", refused_by = " + by + " WHERE id = '" + r.ID.String() + "'"
	}
	sure := func(what, level string) string {
		return "INSERT INTO identity_evidence (request_id, what, level, note, by_id, by_name) VALUES ('" + r.ID.String() + "', '" + what + "', " + level + ", 'x', '" + b.agent.ID.String() + "', 'x')"
	}
	for name, sql := range map[string]string{
		"say that a letter is proved":              "UPDATE requests SET verified_at = now(), state = 'verified' WHERE id = '" + posted.ID.String() + "'",
		"refuse in nobody's name":                  reject("NULL", "'EXCESSIVE'"),
		"refuse in the name of one who may not":    reject("'"+b.agent.ID.String()+"'", "'EXCESSIVE'"),
		"refuse without a ground":                  reject("'"+b.approver.ID.String()+"'", "''"),
		"override as somebody who is no officer":   sure("override", "3"),
		"make it sure by what can be guessed":      sure("questions", "3"),
		"date an extension back before its notice": "INSERT INTO clock_events (request_id, kind, at, reason, was_due, due_at, by_id, by_name) SELECT id, 'extended', received_at, 'x', due_at, due_at + interval '1 day', '" + b.agent.ID.String() + "', 'x' FROM requests WHERE id = '" + other.ID.String() + "'",
		"answer by what was said elsewhere": "INSERT INTO clock_events (request_id, kind, at, reason, answers, message, was_due, due_at, by_id, by_name) SELECT r.id, 'identity_proved', e.at, 'x', e.id, m.id, r.due_at, r.due_at, '" + b.agent.ID.String() +
			"', 'x' FROM requests r JOIN clock_events e ON e.request_id = r.id, messages m WHERE r.id = '" + r.ID.String() + "' AND m.request_id = '" + other.ID.String() + "'",
	} {
		refuses(t, b.db, "portal_web", name, sql)
	}
	// The same by the right people goes.
	if err := b.web.ProveSender(ctx, b.officer, posted.ID, "in_person"); err != nil {
		t.Error(err)
	}
	if err := b.web.Override(ctx, b.officer, r.ID, "I know her."); err != nil {
		t.Error(err)
	}
	if err := b.web.Reject(ctx, b.approver, r.ID, "EXCESSIVE", "no"); err != nil {
		t.Error(err)
	}
}

// Members do not touch their own case, not even where nothing is decided.
func TestOthersWorkOnAMembersOwnRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.takesFiles(t, nil)
	r := b.verified(t, privacy.Access)
	kept, err := b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(sentFile{"proof.pdf", pdf}))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "Here it is.", kept[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.web.AddTask(ctx, b.officer, r.ID, privacy.NewTask{Title: "Look at it"}); err != nil {
		t.Fatal(err)
	}
	task := b.duties(t, r).Tasks[0].ID
	ada := b.agent
	ada.Email = "ada+work@example.com"
	_, taken := b.web.Take(ctx, ada, r.ID, files(sentFile{"mine.pdf", pdf}))
	for name, err := range map[string]error{
		"write":    b.web.WriteToPerson(ctx, ada, r.ID, "Dear me.", true),
		"attach":   taken,
		"task":     b.web.AddTask(ctx, ada, r.ID, privacy.NewTask{Title: "Be quick"}),
		"settle":   b.web.Settle(ctx, ada, r.ID, task, privacy.Settlement{State: privacy.DutyDone}),
		"drop":     b.web.DropFile(ctx, ada, r.ID, kept[0].ID),
		"assign":   b.web.Assign(ctx, ada, r.ID, ada.ID),
		"unassign": b.web.Assign(ctx, ada, r.ID, uuid.Nil),
		"search":   b.web.Search(ctx, ada, r.ID),
	} {
		t.Run(name, func(t *testing.T) { wants(t, err, fault.Forbidden, "error.own_request") })
	}
	on := b.clock.AddDate(1, 0, 0).Format(time.DateOnly)
	many := map[string]func() (privacy.Bulk, error){
		"give away": func() (privacy.Bulk, error) { return b.web.AssignMany(ctx, ada, []privacy.Ref{r.Ref}, b.officer.ID) },
		"put off":   func() (privacy.Bulk, error) { return b.web.FollowUpMany(ctx, ada, []privacy.Ref{r.Ref}, on) },
	}
	for name, do := range many {
		if got, err := do(); err != nil || len(got.Done) != 0 || len(got.Left) != 1 || got.Left[0].Why.Key != "error.own_request" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A second look is due by the earliest date of all laws that apply, as the first was.
func TestASecondLookKnowsEveryLaw(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verifiedIn(t, privacy.Access, "DE")
	if err := b.web.SetLaws(ctx, b.agent, r.ID, 0, []string{"BR"}, "She lives in both."); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.discover(t, r, discovery(privacy.Access))
	if err := b.web.Reject(ctx, b.approver, r.ID, "EXCESSIVE", "You asked last week."); err != nil {
		t.Fatal(err)
	}
	c := b.filed(t, r)
	if err := b.web.DecideAppeal(ctx, b.officer, c.ID, privacy.Upheld, "You did not."); err != nil {
		t.Fatal(err)
	}
	for _, again := range b.clockOf(t, r).Appeals {
		if again.Kind != privacy.Access {
			continue
		}
		if first := b.load(t, r); !again.DueAt.Equal(first.DueAt) || len(again.Laws) != 1 {
			t.Errorf("due %s by %v, the first was due %s", again.DueAt, again.Laws, first.DueAt)
		}
		return
	}
	t.Error("there is no second look")
}

// A member who asks for their own data reads what the person reads, and not what
// colleagues wrote about them.
func TestAMemberReadsNoNotesAboutThemselves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.takesFiles(t, nil)
	r := b.verified(t, privacy.Access)
	kept, err := b.web.Take(ctx, b.agent, r.ID, files(sentFile{"inside.pdf", pdf}))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.WriteToPerson(ctx, b.agent, r.ID, "She goes to court against us.", true, kept[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.web.WriteToPerson(ctx, b.agent, r.ID, "We look into it.", false); err != nil {
		t.Fatal(err)
	}
	if err := b.web.AddTask(ctx, b.agent, r.ID, privacy.NewTask{Title: "Ask the lawyers"}); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Vouch(ctx, b.agent, r.ID, privacy.CheckCall, "Her voice.", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	b.hold(t, r, privacy.OnCase)
	for _, tt := range []struct {
		email string
		sees  bool
	}{{"colleague@example.com", true}, {"ada+work@example.com", false}} {
		who := b.auditor
		who.Email = tt.email
		c, err := b.web.Case(ctx, who, r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		notes := 0
		for _, m := range c.Messages {
			if m.Note {
				notes++
			}
		}
		for what, n := range map[string]int{"notes": notes, "tasks": len(c.Duties.Tasks), "evidence": len(c.Duties.Identity.Evidence), "holds": len(c.Clock.Holds),
			"files": len(c.Duties.Files), "entries of the audit": len(c.Audit)} {
			if n > 0 != tt.sees {
				t.Errorf("%s reads %d %s", tt.email, n, what)
			}
		}
		if len(c.Messages) == 0 {
			t.Errorf("%s does not read what was written to the person", tt.email)
		}
	}
}

// What was asked twice is one request in the figures, and closing the second one
// is no answer.
func TestADuplicateIsNoAnswerInTheFigures(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	first, second := b.verifiedIn(t, privacy.Access, "US-CA"), b.verifiedIn(t, privacy.Access, "US-CA")
	if err := b.web.MarkDuplicate(ctx, b.agent, second.ID, first.Ref, "asked twice"); err != nil {
		t.Fatal(err)
	}
	year, err := b.web.Year(ctx, b.auditor, b.clock.Year(), "US-CA")
	if err != nil || year[0].Sort != "know" || year[0].Received != 1 || year[0].Whole != 0 || year[0].Open != 1 {
		t.Errorf("the year counts %+v, %v", year, err)
	}
	f, err := b.web.Figures(ctx, b.auditor, privacy.TwelveWeeks)
	if err != nil || f.Answered != 0 || f.Open != 1 {
		t.Errorf("the dashboard counts %d answered and %d open, %v", f.Answered, f.Open, err)
	}
}

// Who answers us waits for us: a clock that stands must not hide that.
func TestAReplyIsNotLeftLying(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verifiedIn(t, privacy.Access, "GB")
	if err := b.web.Ask(ctx, b.agent, r.ID, 0, askWho); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Assign(ctx, b.agent, r.ID, b.agent.ID); err != nil {
		t.Fatal(err)
	}
	waits := func(forStaff bool, reminders int) {
		t.Helper()
		if n := b.count(t, "SELECT count(*) FROM requests WHERE needs_staff AND attention = 'attention.replied' AND id = $1", r.ID); n == 1 != forStaff {
			t.Errorf("it waits for staff: %v, want %v", n == 1, forStaff)
		}
		if n, err := b.worker.Remind(ctx); err != nil || n != reminders {
			t.Errorf("%d reminders, want %d (%v)", n, reminders, err)
		}
	}
	if _, err := b.db.Exec(ctx, "UPDATE requests SET due_at = now() + interval '2 days' WHERE id = $1", r.ID); err != nil {
		t.Fatal(err)
	}
	waits(false, 0) // it is the person's turn
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "It is me."); err != nil {
		t.Fatal(err)
	}
	waits(true, 1)
	c := b.clockOf(t, r)
	if err := b.web.Answered(ctx, b.agent, r.ID, c.Version, privacy.Reply{Question: c.Open()[0].ID, Reason: "She answered."}); err != nil {
		t.Fatal(err)
	}
	if got := b.load(t, r).Attention; got != "" {
		t.Errorf("it says %q for ever", got)
	}
}

// A letter may name anybody's address. While no link to it was opened, a row of the
// store behind that address proves nobody.
func TestAnAddressInALetterProvesNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, err := b.web.Record(ctx, b.agent, receipt(b, privacy.Deletion))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.web.ProveSender(ctx, b.officer, r.ID, "call_back"); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	hash := b.discover(t, r, discovery(privacy.Deletion)) // the store knows the address, and a number with it
	if i := b.duties(t, r).Identity; i.Reached != privacy.Low || i.Enough() {
		t.Errorf("it is sure to level %d, needed is %d", i.Reached, i.Needed)
	}
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "duties.error.identity")
	if err := b.web.Vouch(ctx, b.officer, r.ID, privacy.CheckDocument, "The passport, at the counter.", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Error(err)
	}
}

// An old form with nothing but a file that went long ago sends no empty message.
func TestAFileGoesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.takesFiles(t, nil)
	r := b.verified(t, privacy.Access)
	kept, err := b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(sentFile{"proof.pdf", pdf}))
	if err != nil {
		t.Fatal(err)
	}
	send := func() error { return b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "", kept[0].ID) }
	for range 2 { // a double click
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.db.Exec(ctx, "UPDATE messages SET at = at - interval '2 minutes'"); err != nil {
		t.Fatal(err)
	}
	wants(t, send(), fault.Invalid, "body")
	if n := b.count(t, "SELECT count(*) FROM messages WHERE request_id = $1", r.ID); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// Nobody is told that we need more time once the answer waits for them.
func TestWhatIsAnsweredNeedsNoMoreTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, _ := b.approved(t, privacy.Access)
	l := b.lease(t, r.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	if x := b.clockOf(t, r).Extension; x.May {
		t.Errorf("the page offers until %s", x.Due)
	}
	wants(t, b.web.Extend(ctx, b.agent, r.ID, 0, "Many requests.", time.Time{}), fault.Conflict, "clock.extend.answered")
}

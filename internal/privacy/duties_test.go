package privacy_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// finished carries a request out and gives it back; the plan's first step
// touched the messages.
func (b *bench) finished(t *testing.T, kind privacy.Kind) privacy.Request {
	t.Helper()
	r, l, p := b.carried(t, kind, "ada@example.com")
	step := p.Plan.Steps[0]
	step.Category = "messages"
	if err := b.worker.Finish(t.Context(), l, p.ID, []datamap.Outcome{{Step: step, Affected: 7, Done: true}}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) duties(t *testing.T, r privacy.Request) privacy.CaseDuties {
	t.Helper()
	c, err := b.web.Case(t.Context(), b.agent, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return c.Duties
}

func TestRecipientsAreCollectedOnce(t *testing.T) {
	t.Parallel()
	en := func(s string) datamap.Text { return datamap.Text{"en": s, "de": s} }
	got := privacy.RecipientsOf([]datamap.Category{
		{ID: "profile", Recipients: []datamap.Text{en("The organisation"), en("CrowsStack as its processor")}},
		{ID: "messages", Recipients: []datamap.Text{en("The organisation"), en("Meta")}},
	}, "CrowsStack")
	if len(got) != 2 || got[0].Name.In("en") != "The organisation" || !slices.Equal(got[0].Categories, []string{"profile", "messages"}) || got[1].Name.In("en") != "Meta" {
		t.Errorf("recipients %+v", got)
	}
}

func TestRecipientsOfWhatWasChangedAreOwedAWord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind privacy.Kind
		want int
	}{{privacy.Deletion, 2}, {privacy.Correction, 2}, {privacy.Restriction, 2}, {privacy.Objection, 0}} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.finished(t, tt.kind)
			d := b.duties(t, r)
			if len(d.Recipients) != tt.want || privacy.Open(d.Recipients) != tt.want {
				t.Fatalf("%d recipients are owed a word, want %d: %+v", len(d.Recipients), tt.want, d.Recipients)
			}
			for _, x := range d.Recipients {
				if x.Title == "The tax office" {
					t.Error("a recipient of untouched data is to be told")
				}
				if !slices.Equal(x.Categories, []string{"messages"}) {
					t.Errorf("it is about %v", x.Categories)
				}
			}
			m, err := b.web.Mine(t.Context(), "ada@example.com", r.Ref)
			if err != nil || len(m.Recipients) != tt.want {
				t.Errorf("the person sees %d recipients, %v", len(m.Recipients), err)
			}
		})
	}
}

func TestADutyIsSettledOnceAndWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.finished(t, privacy.Deletion)
	d := b.duties(t, r).Recipients
	if err := b.web.AddTask(ctx, b.agent, r.ID, privacy.NewTask{Title: "Ask finance", To: b.approver.ID}); err != nil {
		t.Fatal(err)
	}
	task := b.duties(t, r).Tasks[0]
	if task.AssigneeName != b.approver.Name || task.DueAt.Sub(*b.clock) != 72*time.Hour {
		t.Errorf("task %+v", task)
	}
	settle := func(id uuid.UUID, s privacy.Settlement) error { return b.web.Settle(ctx, b.agent, r.ID, id, s) }
	for _, tt := range []struct {
		name string
		id   uuid.UUID
		s    privacy.Settlement
		kind fault.Kind
		key  string
	}{
		{"no end", d[0].ID, privacy.Settlement{}, fault.Invalid, "state"},
		{"told by no way", d[0].ID, privacy.Settlement{State: privacy.DutyTold, On: *b.clock}, fault.Invalid, "how"},
		{"told tomorrow", d[0].ID, privacy.Settlement{State: privacy.DutyTold, How: "email", On: b.clock.AddDate(0, 0, 1)}, fault.Invalid, "on"},
		{"impossible without a reason", d[0].ID, privacy.Settlement{State: privacy.DutyImpossible, Reason: " "}, fault.Invalid, "why"},
		{"a recipient is not a task", d[0].ID, privacy.Settlement{State: privacy.DutyDone}, fault.Invalid, "settlement"},
		{"a task is no recipient", task.ID, privacy.Settlement{State: privacy.DutyTooMuch, Reason: "too much"}, fault.Invalid, "settlement"},
		{"somebody else's duty", uuid.New(), privacy.Settlement{State: privacy.DutyDone}, fault.NotFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) { wants(t, settle(tt.id, tt.s), tt.kind, tt.key) })
	}
	wants(t, b.web.Settle(ctx, b.auditor, r.ID, task.ID, privacy.Settlement{State: privacy.DutyDone}), fault.Forbidden, "")
	told := privacy.Settlement{State: privacy.DutyTold, How: "email", Reference: "T-1", On: *b.clock}
	for range 2 { // a double click
		if err := settle(d[0].ID, told); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, settle(d[0].ID, privacy.Settlement{State: privacy.DutyImpossible, Reason: "later"}), fault.Conflict, "duties.error.settled")
	if err := settle(task.ID, privacy.Settlement{State: privacy.DutyDone}); err != nil {
		t.Fatal(err)
	}
	now := b.duties(t, r)
	if now.Recipients[0].Reference != "T-1" || now.Recipients[0].SettledName != b.agent.Name || privacy.Open(now.Tasks) != 0 || privacy.Open(now.Recipients) != 1 {
		t.Errorf("duties %+v", now)
	}
	for _, sql := range []string{
		"UPDATE duties SET state = 'open', settled_at = NULL, settled_by = NULL",
		"UPDATE duties SET how = 'telepathy' WHERE state = 'told'",
		"UPDATE duties SET state = 'told', settled_at = now(), settled_by = '" + b.agent.ID.String() + "' WHERE state = 'open'",
		"DELETE FROM duties",
		"INSERT INTO duties (request_id, kind, title, due_at, state) VALUES ('" + r.ID.String() + "', 'task', 'x', now(), 'done')",
	} {
		refuses(t, b.db, "portal_web", "settle a duty behind the office's back", sql)
	}
	refuses(t, b.db, "portal_worker", "settle a duty", "UPDATE duties SET state = 'done'")
}

func TestAReminderIsSentOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	letters := func(kind string) int {
		return b.count(t, "SELECT count(*) FROM letters WHERE letter = 'staff_reminder_' || $1", kind)
	}
	remind := func(want int) {
		t.Helper()
		if n, err := b.worker.Remind(ctx); err != nil || n != want {
			t.Fatalf("Remind = %d, %v; want %d", n, err, want)
		}
	}
	mine, orphan := b.verified(t, privacy.Access), b.verified(t, privacy.Access)
	if err := b.web.Assign(ctx, b.agent, mine.ID, b.agent.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.web.AddTask(ctx, b.agent, mine.ID, privacy.NewTask{Title: "Ask finance", Due: b.clock.AddDate(0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	remind(0)
	*b.clock = b.clock.AddDate(0, 0, 2)
	remind(1)
	remind(0)
	if n := letters("duty"); n != 1 {
		t.Errorf("%d letters about one duty", n)
	}
	*b.clock = mine.DueAt.Add(-time.Hour)
	remind(2)
	remind(0)
	workers := b.count(t, "SELECT count(*) FROM staff_members WHERE roles && ARRAY['agent', 'reviewer', 'officer']")
	if letters("soon") != 1 || letters("unassigned") != workers {
		t.Errorf("%d letters to whoever has the case, %d about those that nobody has; want 1 and %d", letters("soon"), letters("unassigned"), workers)
	}
	*b.clock = mine.DueAt.Add(time.Hour)
	var wg sync.WaitGroup
	for range 4 { // two leaders overlap for a moment
		wg.Go(func() {
			if _, err := b.worker.Remind(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if letters("overdue") != 1 || letters("unassigned") != 2*workers {
		t.Errorf("%d letters about an overdue case, %d about all that nobody has", letters("overdue"), letters("unassigned"))
	}
	if n := b.count(t, "SELECT count(*) FROM reminders WHERE request_id = $1", orphan.ID); n != 2 {
		t.Errorf("%d reminders are noted", n)
	}
	if _, err := b.db.Exec(ctx, "UPDATE requests SET due_at = due_at + interval '2 months' WHERE id = $1", mine.ID); err != nil {
		t.Fatal(err)
	}
	*b.clock = mine.DueAt.AddDate(0, 2, -3)
	remind(1) // another date is another reminder
}

func TestCasesThatNobodyHasAreOneLetterADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	due := func(r privacy.Request) {
		t.Helper()
		if _, err := b.db.Exec(ctx, "UPDATE requests SET due_at = now() + interval '2 days' WHERE id = $1", r.ID); err != nil {
			t.Fatal(err)
		}
	}
	remind := func(want int) {
		t.Helper()
		if n, err := b.worker.Remind(ctx); err != nil || n != want {
			t.Fatalf("Remind = %d, %v; want %d", n, err, want)
		}
	}
	for range 3 {
		due(b.verified(t, privacy.Access))
	}
	remind(3)
	due(b.verified(t, privacy.Access))
	remind(0) // whoever looks at the list sees it
	if _, err := b.db.Exec(ctx, "UPDATE reminders SET at = at - interval '21 hours'"); err != nil {
		t.Fatal(err)
	}
	remind(1)
	gone := b.verified(t, privacy.Access)
	due(gone)
	if err := b.web.Assign(ctx, b.agent, gone.ID, b.agent.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE staff_members SET disabled_at = now() WHERE id = $1", b.agent.ID); err != nil {
		t.Fatal(err)
	}
	remind(0) // whoever had it is not here any more, so nobody has it
	paused := b.verified(t, privacy.Access)
	due(paused)
	for _, sql := range []string{"UPDATE requests SET paused_at = now() WHERE ref = '" + string(paused.Ref) + "'", "UPDATE reminders SET at = at - interval '21 hours'"} {
		if _, err := b.db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	remind(1) // the one that lost its member, not the one whose clock stands
}

func TestADuplicateIsAFactAndNeverAState(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	mark := func(r privacy.Request, of privacy.Ref) error {
		return b.web.MarkDuplicate(ctx, b.agent, r.ID, of, "asked twice on one day")
	}
	first := b.verified(t, privacy.Access)
	*b.clock = b.clock.Add(time.Hour)
	second := b.verified(t, privacy.Access)
	other := b.verified(t, privacy.Deletion)
	typed, err := b.web.Submit(ctx, submission(privacy.Access)) // nobody proved the address for this one
	if err != nil {
		t.Fatal(err)
	}
	s := submission(privacy.Access)
	s.Email = "eve@example.com"
	stranger, err := b.web.Submit(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err = b.web.Confirm(ctx, b.link(t, privacy.LinkConfirm, stranger.ID))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		r    privacy.Request
		of   privacy.Ref
	}{
		{"of itself", first, first.Ref},
		{"of one that nobody proved", first, typed.Ref},
		{"of one about another right", first, other.Ref},
		{"of somebody else's", stranger, first.Ref},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wants(t, mark(tt.r, tt.of), fault.Conflict, "duties.error.no_duplicate")
			if tt.r.ID == first.ID && tt.of == first.Ref {
				return
			}
			refuses(t, b.db, "portal_web", "mark a duplicate "+tt.name, "INSERT INTO duplicates (request_id, of_id, reason, by_id, by_name) SELECT '"+
				tt.r.ID.String()+"', id, 'x', '"+b.agent.ID.String()+"', 'x' FROM requests WHERE ref = '"+string(tt.of)+"'")
		})
	}
	wants(t, mark(first, "CS-2222-2222"), fault.NotFound, "")
	wants(t, b.web.MarkDuplicate(ctx, b.auditor, second.ID, first.Ref, "asked twice"), fault.Forbidden, "")
	wants(t, b.web.MarkDuplicate(ctx, b.agent, second.ID, first.Ref, " "), fault.Invalid, "duplicate_reason")

	// One that nobody confirmed keeps its state, and proves nothing.
	if err := mark(typed, first.Ref); err != nil {
		t.Fatal(err)
	}
	if s := b.state(t, typed.ID); s != privacy.Received {
		t.Fatalf("it is %s now", s)
	}
	if n := b.count(t, "SELECT count(*) FROM requests WHERE id = $1 AND verified_at IS NULL", typed.ID); n != 1 {
		t.Error("marking proved an address")
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'duplicate'"); n != 0 {
		t.Error("whoever proved nothing was told of another request")
	}
	// A proved one is closed, and the other goes its way.
	if err := mark(second, first.Ref); err != nil {
		t.Fatal(err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", second.Ref)
	if err != nil || m.Request.Outcome != privacy.Duplicated || m.Duplicate != first.Ref {
		t.Fatalf("%+v, %v", m, err)
	}
	if s := b.state(t, first.ID); s != privacy.Verified {
		t.Errorf("the one that stays is %s", s)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'duplicate' AND request_id = $1", second.ID); n != 1 {
		t.Errorf("%d letters", n)
	}
	if d := b.duties(t, first); len(d.Duplicates) != 2 || len(d.Like) == 0 {
		t.Errorf("the case shows %+v", d)
	}
	if d := b.duties(t, second); d.Duplicate == nil || d.Duplicate.Of != first.Ref {
		t.Errorf("the duplicate shows %+v", d.Duplicate)
	}
	wants(t, mark(first, other.Ref), fault.Conflict, "duties.error.no_duplicate")
}

func TestTwoWhoMarkEachOtherLeaveOneOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.verified(t, privacy.Access), b.verified(t, privacy.Access)
	if _, err := b.db.Exec(t.Context(), "UPDATE requests SET due_at = $1", one.DueAt); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		a, of := one, two.Ref
		if i%2 == 1 {
			a, of = two, one.Ref
		}
		wg.Go(func() { errs[i] = b.web.MarkDuplicate(t.Context(), b.agent, a.ID, of, "asked twice") })
	}
	wg.Wait()
	if n := b.count(t, "SELECT count(*) FROM requests WHERE state = 'verified'"); n != 1 {
		t.Errorf("%d requests are left open: %v", n, errors.Join(errs...))
	}
}

func TestRequestsLikeThisOneAreShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	for _, change := range []func(*privacy.Submission){
		func(s *privacy.Submission) { s.Email, s.Name = "other@example.com", "A. Lovelace" },                // the same number
		func(s *privacy.Submission) { s.Email, s.Phone = "third@example.com", "+44 7700 900777" },           // the same name and country
		func(s *privacy.Submission) { s.Email, s.Phone, s.Country = "fourth@example.com", "", "FR" },        // the same name elsewhere
		func(s *privacy.Submission) { s.Email, s.Phone, s.Name = "fifth@example.com", "", "Augusta Byron" }, // nothing
	} {
		s := submission(privacy.Access)
		change(&s)
		if _, err := b.web.Submit(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	b.verified(t, privacy.Deletion)
	var address, number, name int
	for _, l := range b.duties(t, r).Like {
		switch {
		case l.SameAddress:
			address++
		case l.SameNumber:
			number++
		default:
			name++
		}
	}
	if address != 1 || number != 1 || name != 1 {
		t.Errorf("%d by address, %d by number, %d by name; want one of each", address, number, name)
	}
}

// unsure is a discovery that leaves it open who asks.
func unsure(kind privacy.Kind, by string) privacy.Discovery {
	d := discovery(kind)
	d.Learnt = nil
	d.Matches[0].By = by
	return d
}

func TestNothingGoesOnForSomebodyWhoIsNotKnownWellEnough(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	stage := func(kind privacy.Kind, d privacy.Discovery) (privacy.Request, string) {
		r := b.verified(t, kind)
		if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
			t.Fatal(err)
		}
		return r, b.discover(t, r, d)
	}
	r, hash := stage(privacy.Deletion, unsure(privacy.Deletion, "email"))
	if i := b.duties(t, r).Identity; i.Needed != privacy.High || i.Reached != privacy.Reasonable || i.Enough() {
		t.Fatalf("identity %+v", i)
	}
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "duties.error.identity")
	refuses(t, b.db, "portal_web", "propose for somebody who is not known well enough",
		"UPDATE proposals SET prepared_by = '"+b.agent.ID.String()+"', prepared_at = now() WHERE request_id = '"+r.ID.String()+"'")

	wants(t, b.web.Vouch(ctx, b.agent, r.ID, "astrology", "Capricorn", uuid.Nil), fault.Invalid, "evidence")
	wants(t, b.web.Vouch(ctx, b.agent, r.ID, privacy.CheckOverride, "because", uuid.Nil), fault.Invalid, "evidence")
	wants(t, b.web.Vouch(ctx, b.agent, r.ID, privacy.CheckCall, " ", uuid.Nil), fault.Invalid, "evidence_note")
	wants(t, b.web.Vouch(ctx, b.auditor, r.ID, privacy.CheckCall, "called", uuid.Nil), fault.Forbidden, "")
	if err := b.web.Vouch(ctx, b.agent, r.ID, privacy.CheckQuestions, "knew the last invoice", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "duties.error.identity") // guessable
	if err := b.web.Vouch(ctx, b.officer, r.ID, privacy.CheckCall, "called the number on file", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Approve(ctx, b.officer, r.ID, hash, ""), fault.Forbidden, "duties.error.vouched")
	refuses(t, b.db, "portal_web", "approve what one vouched for", "UPDATE proposals SET decided_by = '"+b.officer.ID.String()+
		"', decided_name = 'x', decided_at = now(), decision = 'approved' WHERE request_id = '"+r.ID.String()+"'")
	if err := b.web.Approve(ctx, b.approver, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	refuses(t, b.db, "portal_web", "vouch when it is over", "INSERT INTO identity_evidence (request_id, what, level, note, by_id, by_name) VALUES ('"+
		r.ID.String()+"', 'call', 3, 'x', '"+b.agent.ID.String()+"', 'x')")

	// A row that only staff's word brings is nobody's proof.
	r, hash = stage(privacy.Access, unsure(privacy.Access, "staff"))
	if i := b.duties(t, r).Identity; i.Reached != privacy.Low || !i.ByStaff {
		t.Fatalf("identity %+v", i)
	}
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "duties.error.identity")
	// The privacy officer may go on, with a reason and a fresh factor, and only where the law lets them.
	wants(t, b.web.Override(ctx, b.agent, r.ID, "I know her"), fault.Forbidden, "")
	stale := b.officer
	stale.FactorAt = ptrTo(b.clock.Add(-time.Hour))
	wants(t, b.web.Override(ctx, stale, r.ID, "I know her"), fault.Unproved, "")
	if err := b.web.Override(ctx, b.officer, r.ID, "Known to us for years"); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'identity.checked' AND detail ->> 'what' = 'override'"); n != 1 {
		t.Errorf("%d entries of the override", n)
	}
	s := submission(privacy.Access)
	s.Country = "US-CA"
	s.Email = "cal@example.com"
	californian, err := b.web.Submit(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.web.Confirm(ctx, b.link(t, privacy.LinkConfirm, californian.ID)); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Override(ctx, b.officer, californian.ID, "Known to us for years"), fault.Conflict, "duties.error.override")
	if err := b.web.Vouch(ctx, b.agent, californian.ID, privacy.CheckCall, "called the number on file", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if i := b.duties(t, californian).Identity; i.Reached != privacy.Reasonable {
		t.Errorf("a call stands for a signature: %+v", i)
	}
	if err := b.web.Vouch(ctx, b.agent, californian.ID, privacy.CheckDeclaration, "signed on paper", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if i := b.duties(t, californian).Identity; i.Reached != privacy.High {
		t.Errorf("signed, and still %+v", i)
	}
	// Nothing to tell needs nobody.
	nothing := unsure(privacy.Deletion, "email")
	nothing.Found, nothing.Matches, nothing.Plan.Steps = nil, nil, nil
	r, hash = stage(privacy.Deletion, nothing)
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
}

func ptrTo[T any](v T) *T { return &v }

func TestNobodyVouchesForThemselves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.Access)
	own := b.agent
	own.Email = "ada+desk@example.com"
	wants(t, b.web.Vouch(t.Context(), own, r.ID, privacy.CheckCall, "called myself", uuid.Nil), fault.Forbidden, "error.own_request")
	if _, err := b.db.Exec(t.Context(), "UPDATE staff_members SET email = 'ada+desk@example.com' WHERE id = $1", b.agent.ID); err != nil {
		t.Fatal(err)
	}
	refuses(t, b.db, "portal_web", "vouch for oneself", "INSERT INTO identity_evidence (request_id, what, level, note, by_id, by_name) VALUES ('"+
		r.ID.String()+"', 'call', 3, 'x', '"+b.agent.ID.String()+"', 'x')")
	refuses(t, b.db, "portal_worker", "vouch", "INSERT INTO identity_evidence (request_id, what, level, note, by_id, by_name) VALUES ('"+
		r.ID.String()+"', 'call', 3, 'x', '"+b.officer.ID.String()+"', 'x')")
	refuses(t, b.db, "portal_web", "say how sure the search is", "UPDATE identity_levels SET reached = 3")
}

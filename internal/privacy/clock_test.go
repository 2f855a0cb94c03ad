package privacy_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func (b *bench) clockOf(t *testing.T, r privacy.Request) privacy.CaseClock {
	t.Helper()
	c, err := b.web.Case(t.Context(), b.agent, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return c.Clock
}

func (b *bench) load(t *testing.T, r privacy.Request) privacy.Request {
	t.Helper()
	r, err := b.web.Load(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) verifiedIn(t *testing.T, kind privacy.Kind, country string) privacy.Request {
	t.Helper()
	s := submission(kind)
	s.Country = country
	r, err := b.web.Submit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = b.web.Confirm(t.Context(), b.link(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) later(days int) { *b.clock = b.clock.AddDate(0, 0, days) }

var askWho = privacy.Question{What: law.IdentityAsked, Reason: "The address is new.", Words: "Please answer from the old one."}

// Identity restarts the time under UK law; under the GDPR the days do not count.
func TestAQuestionStopsTheClockAndItsAnswerSetsItGoing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		country string
		moved   func(before, after time.Time, asked int) bool
	}{
		{"GB", func(before, after time.Time, _ int) bool { return after.Sub(before) > 8*24*time.Hour }},
		{"DE", func(before, after time.Time, asked int) bool {
			return after.Sub(before) > time.Duration(asked-4)*24*time.Hour
		}},
		{"US-CA", func(before, after time.Time, _ int) bool { return after.Equal(before) }}, // never pauses
	} {
		t.Run(tt.country, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ctx := t.Context()
			b.later(-20) // nothing is noted before it happens, by the database's clock
			r := b.verifiedIn(t, privacy.Access, tt.country)
			due := r.DueAt
			b.later(1)
			if err := b.web.Ask(ctx, b.agent, r.ID, 0, askWho); err != nil {
				t.Fatal(err)
			}
			if r = b.load(t, r); (r.PausedAt != nil) == (tt.country == "US-CA") {
				t.Fatalf("the clock stands since %v", r.PausedAt)
			}
			m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
			if err != nil || len(m.Clock.Asked) != 1 || m.Clock.Asked[0].Reason != askWho.Reason || len(m.Messages) != 1 {
				t.Fatalf("the person is not asked: %+v, %v", m.Clock, err)
			}
			c := b.clockOf(t, r)
			wants(t, b.web.Ask(ctx, b.agent, r.ID, c.Version, askWho), fault.Conflict, "error.asked_already")
			wants(t, b.web.Answered(ctx, b.agent, r.ID, 0, privacy.Reply{Question: c.Version, Reason: "x"}), fault.Conflict, "error.clock_changed")
			b.later(9)
			wants(t, b.web.Answered(ctx, b.agent, r.ID, c.Version, privacy.Reply{Question: c.Version, Reason: "x", On: b.clock.AddDate(0, 0, -12)}), fault.Invalid, "answer_on")
			if err := b.web.Answered(ctx, b.agent, r.ID, c.Version, privacy.Reply{Question: c.Version, Reason: "Came from the old address."}); err != nil {
				t.Fatal(err)
			}
			if r = b.load(t, r); r.PausedAt != nil || !tt.moved(due, r.DueAt, 9) {
				t.Fatalf("due %s, before %s, paused %v", r.DueAt, due, r.PausedAt)
			}
			if c = b.clockOf(t, r); len(c.Events) != 2 || len(c.Open()) != 0 || !c.Deadline.Due().Equal(r.DueAt) || len(c.Deadline.Trace) == 0 {
				t.Fatalf("the case tells %+v", c)
			}
		})
	}
}

func TestTheAnswerIsAMessageOfThePerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	if err := b.web.Ask(ctx, b.agent, r.ID, 0, privacy.Question{What: law.ClarificationAsked, Reason: "There are 40,000 messages.", Words: "Which months do you mean?"}); err != nil {
		t.Fatal(err)
	}
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "March."); err != nil {
		t.Fatal(err)
	}
	*b.clock = time.Now().UTC().Add(time.Second).Truncate(time.Microsecond) // the database dates messages
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	question := b.clockOf(t, r).Version
	own := m.Messages[0].ID // the question itself is no reply
	wants(t, b.web.Answered(ctx, b.agent, r.ID, question, privacy.Reply{Question: question, Message: &own, Reason: "x"}), fault.Invalid, "answer_message")
	reply := m.Messages[1].ID
	if err := b.web.Answered(ctx, b.agent, r.ID, question, privacy.Reply{Question: question, Message: &reply, Reason: "March only."}); err != nil {
		t.Fatal(err)
	}
	if e := b.clockOf(t, r).Events[1]; !e.At.Equal(m.Messages[1].At) || e.Kind != law.Clarified {
		t.Fatalf("the answer is %+v, the message of %s", e, m.Messages[1].At)
	}
}

func TestTheLawRefusesAnExtension(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, country string
		before        func(t *testing.T, b *bench, r privacy.Request)
		reason        string
		kind          fault.Kind
		key           string
	}{
		{"there is none in this law", "TR", nil, "It is a lot.", fault.Conflict, "law.extend.none"},
		{"too late", "DE", func(_ *testing.T, b *bench, _ privacy.Request) { b.later(45) }, "It is a lot.", fault.Conflict, "law.extend.late"},
		{"used already", "DE", func(t *testing.T, b *bench, r privacy.Request) {
			if err := b.web.Extend(t.Context(), b.agent, r.ID, 0, "It is a lot.", time.Time{}); err != nil {
				t.Fatal(err)
			}
		}, "It is even more.", fault.Conflict, "law.extend.twice"},
		{"without a reason", "DE", nil, " ", fault.Invalid, "extend_reason"},
		{"without a date where the law names none", "CH", nil, "It is a lot.", fault.Invalid, "until"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.verifiedIn(t, privacy.Access, tt.country)
			if tt.before != nil {
				tt.before(t, b, r)
			}
			c := b.clockOf(t, r)
			wants(t, b.web.Extend(t.Context(), b.agent, r.ID, c.Version, tt.reason, time.Time{}), tt.kind, tt.key)
			if tt.kind == fault.Conflict && (c.Extension.May || c.Extension.Why.Key != tt.key) {
				t.Errorf("the page says %+v", c.Extension)
			}
		})
	}
}

func TestAnExtensionIsTheDateThatWasShownAndTheNotice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verifiedIn(t, privacy.Access, "DE")
	x := b.clockOf(t, r).Extension
	if !x.May || !x.Due.After(r.DueAt) || x.Notice.IsZero() {
		t.Fatalf("%+v", x)
	}
	received := r.ReceivedAt
	if err := b.web.Extend(ctx, b.agent, r.ID, 0, "There are 40,000 messages.", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if r = b.load(t, r); !r.DueAt.Equal(x.Due) || r.ExtendedAt == nil || !r.ReceivedAt.Equal(received) {
		t.Fatalf("due %s, shown was %s", r.DueAt, x.Due)
	}
	if n := b.count(t, "SELECT count(*) FROM case_letters WHERE request_id = $1 AND kind = 'extension'", r.ID); n != 1 {
		t.Errorf("%d notices", n)
	}
	if err := b.web.Extend(ctx, b.agent, r.ID, 0, "There are 40,000 messages.", time.Time{}); err != nil || len(b.clockOf(t, r).Events) != 1 { // a double click
		t.Errorf("a double click: %v", err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || m.Clock.Extended == nil || m.Clock.Extended.Reason != "There are 40,000 messages." {
		t.Fatalf("the person is told %+v, %v", m.Clock, err)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'clock.extended'"); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
	swiss := b.verifiedIn(t, privacy.Access, "CH")
	until := swiss.DueAt.UTC().AddDate(0, 0, 30).Truncate(24 * time.Hour)
	if err := b.web.Extend(ctx, b.agent, swiss.ID, 0, "It is a lot.", until); err != nil {
		t.Fatal(err)
	}
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	if got := b.load(t, swiss).DueAt.In(zurich); got.Format(time.DateTime) != until.Format(time.DateOnly)+" 23:59:59" {
		t.Errorf("due %s, named was %s", got, until)
	}
}

func TestSeveralLawsGiveTheEarliestDate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verifiedIn(t, privacy.Access, "US-CA")
	if err := b.web.SetLaws(ctx, b.agent, r.ID, 0, []string{"KR", "KR", "US-CA"}, "They also live in Seoul."); err != nil {
		t.Fatal(err)
	}
	got := b.load(t, r)
	if !slices.Equal(got.Laws, []string{"KR"}) || !got.DueAt.Before(r.DueAt) {
		t.Fatalf("laws %v, due %s instead of %s", got.Laws, got.DueAt, r.DueAt)
	}
	wants(t, b.web.SetLaws(ctx, b.agent, r.ID, b.clockOf(t, r).Version, []string{"MARS"}, "x"), fault.Invalid, "laws")
	if err := b.web.SetLaw(ctx, b.agent, r.ID, b.clockOf(t, r).Version, "DE", "They moved."); err != nil {
		t.Fatal(err)
	}
	if got = b.load(t, r); got.Law != "EU-DE" || got.Country != "DE" || !got.ReceivedAt.Equal(r.ReceivedAt) {
		t.Fatalf("law %s, country %s", got.Law, got.Country)
	}
	if c := b.clockOf(t, r); len(c.Regimes) != 2 || len(c.Events) != 2 || c.Events[1].Law != "EU-DE" {
		t.Errorf("%+v", c)
	}
	own := b.agent
	own.Email = "ada+work@example.com"
	wants(t, b.web.SetLaw(ctx, own, r.ID, b.clockOf(t, r).Version, "GB", "x"), fault.Forbidden, "error.own_request")
	wants(t, b.web.SetLaw(ctx, b.auditor, r.ID, b.clockOf(t, r).Version, "GB", "x"), fault.Forbidden, "error.forbidden")
}

// TestTheDatabaseGuardsTheClock tries, with each process's own rights, what
// somebody would try who has taken it over.
func TestTheDatabaseGuardsTheClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	if err := b.web.Ask(ctx, b.agent, r.ID, 0, askWho); err != nil {
		t.Fatal(err)
	}
	held := b.verified(t, privacy.Deletion)
	b.hold(t, held, privacy.OnCase)
	id, by := "'"+r.ID.String()+"'", "'"+b.agent.ID.String()+"'"
	event := func(kind, at, due, more, values string) string {
		return "INSERT INTO clock_events (request_id, kind, at, reason, was_due, due_at, by_id, by_name" + more + ") SELECT id, '" + kind + "', " + at + ", 'x', due_at, " + due + ", " + by + ", 'x'" + values + " FROM requests WHERE id = " + id
	}
	both := []string{"portal_web", "portal_worker"}
	for _, tt := range []struct {
		name  string
		roles []string
		sql   []string
	}{
		{"move a date without an event", both, []string{"UPDATE requests SET due_at = due_at + interval '1 day'"}},
		{"move a date beyond its event", both[:1], []string{event("extended", "now()", "due_at + interval '1 day'", "", ""), "UPDATE requests SET due_at = due_at + interval '9 days' WHERE id = " + id}},
		{"make a date earlier", both[:1], []string{event("fee_asked", "now()", "due_at - interval '1 day'", "", ""), "UPDATE requests SET due_at = due_at - interval '1 day' WHERE id = " + id}},
		{"change the receipt", both, []string{"UPDATE requests SET received_at = now()"}},
		{"change the law by another event", both[:1], []string{event("fee_asked", "now()", "due_at", "", ""), "UPDATE requests SET law = 'CN' WHERE id = " + id}},
		{"say that it was extended", both[:1], []string{event("fee_asked", "now()", "due_at", "", ""), "UPDATE requests SET extended_at = now() WHERE id = " + id}},
		{"note what was before the request came", both[:1], []string{event("fee_asked", "now() - interval '1 year'", "due_at", "", "")}},
		{"note what is to come", both[:1], []string{event("fee_asked", "now() + interval '1 day'", "due_at", "", "")}},
		{"ask for the same twice", both[:1], []string{event("identity_asked", "now()", "due_at", "", "")}},
		{"answer what nobody asked", both[:1], []string{event("fee_paid", "now()", "due_at", ", answers", ", (SELECT max(id) FROM clock_events)")}},
		{"extend without time", both[:1], []string{event("extended", "now()", "due_at", "", "")}},
		{"extend too late", both[:1], []string{event("extended", "now()", "due_at + interval '1 day'", "", "")}},
		{"change an event", both, []string{"UPDATE clock_events SET reason = 'y'"}},
		{"take an event away", both, []string{"DELETE FROM clock_events"}},
		{"note an event", both[1:], []string{event("fee_asked", "now()", "due_at", "", "")}},
		{"say that nothing is on hold", both, []string{"UPDATE requests SET held_at = NULL"}},
		{"take a hold away", both, []string{"DELETE FROM holds"}},
		{"change a hold", both, []string{"UPDATE holds SET scope = 'case', matter = 'y'"}},
		{"lift a hold without a reason", both, []string{"UPDATE holds SET lifted_at = now(), lifted_by = " + by}},
		{"file an appeal for another person", both[:1], []string{"INSERT INTO requests (ref, kind, relation, name, email, country, lang, law, answers, due_at, about) VALUES ('CS-EVIL-3333', 'appeal', 'visitor', 'x', 'eve@example.com', 'GB', 'en', 'UK', '{}', now(), " + id + ")"}},
		{"file an appeal about nothing", both[:1], []string{"INSERT INTO requests (ref, kind, relation, name, email, country, lang, law, answers, due_at) VALUES ('CS-EVIL-3333', 'appeal', 'visitor', 'x', 'ada@example.com', 'GB', 'en', 'UK', '{}', now())"}},
		{"look into again what was not upheld", both[:1], []string{"INSERT INTO requests (ref, kind, relation, name, email, country, lang, law, answers, due_at, about) SELECT 'CS-EVIL-3333', kind, relation, name, email, country, lang, law, answers, now(), id FROM requests WHERE id = " + id}},
	} {
		sql := tt.sql
		if tt.name == "extend too late" { // the clock runs, and the notice is over
			if _, err := b.db.Exec(ctx, "UPDATE requests SET paused_at = NULL, notice_by = now() - interval '1 day' WHERE id = "+id); err != nil {
				t.Fatal(err)
			}
		}
		for _, role := range tt.roles {
			refuses(t, b.db, role, tt.name, sql...)
		}
	}
}

func TestFiftyExtensionsAtOnceGiveOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verifiedIn(t, privacy.Access, "DE")
	due := b.clockOf(t, r).Extension.Due
	var wg sync.WaitGroup
	won := make([]bool, 50)
	for i := range won {
		wg.Go(func() {
			won[i] = b.web.Extend(t.Context(), []staff.Member{b.agent, b.officer}[i%2], r.ID, 0, strings.Repeat("a lot ", i+1), time.Time{}) == nil
		})
	}
	wg.Wait()
	if n := len(slices.DeleteFunc(slices.Clone(won), func(w bool) bool { return !w })); n != 1 {
		t.Errorf("%d of 50 extensions won", n)
	}
	if got := b.load(t, r).DueAt; !got.Equal(due) {
		t.Errorf("due %s, shown was %s", got, due)
	}
	if n := b.count(t, "SELECT count(*) FROM case_letters WHERE kind = 'extension'"); n != 1 {
		t.Errorf("%d notices", n)
	}
}

func TestClosingDaysPullTheTargetForwardAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verifiedIn(t, privacy.Access, "DE")
	if r.TargetAt == nil || r.NoticeBy == nil {
		t.Fatalf("the dates of a new request are not kept: %+v", r)
	}
	target := *r.TargetAt
	closed := officeOf(t, b, privacy.Settings{CoolingOff: coolingOff, Holidays: []time.Time{target}})
	s := submission(privacy.Access)
	s.Country = "DE"
	other, err := closed.Submit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !other.TargetAt.Before(target) || !other.DueAt.Equal(r.DueAt) {
		t.Errorf("target %s instead of before %s, due %s instead of %s", other.TargetAt, target, other.DueAt, r.DueAt)
	}
}

// officeOf is the web process with settings of its own.
func officeOf(t *testing.T, b *bench, set privacy.Settings) *privacy.Office {
	t.Helper()
	pool := pgtest.As(t, b.db, "portal_web")
	queue, err := pg.Queue(pool)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	outbox := mail.NewOutbox(queue, keys, &url.URL{Scheme: "https", Host: "privacy.example"}, "privacy.example")
	throttle := auth.NewThrottle(pool, keys)
	return privacy.NewOffice(pool, queue, outbox, staff.NewRoster(pool, outbox, keys, throttle), throttle, set, func() time.Time { return *b.clock })
}

package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// What moves the dates besides the events that the laws themselves know: that
// another law applies, or further ones. Catalogue: "clock.event.<kind>".
const (
	LawSet  law.EventKind = "law_set"
	LawsSet law.EventKind = "laws_set"
)

// Questions are what staff ask a person for, where the answer may move the
// dates. Each has its answer.
var Questions = []law.EventKind{law.ClarificationAsked, law.IdentityAsked, law.FeeAsked}

var answerTo = map[law.EventKind]law.EventKind{
	law.IdentityAsked: law.IdentityProved, law.ClarificationAsked: law.Clarified, law.FeeAsked: law.FeePaid,
}

// ClockEvent is a fact that moved or stopped the dates of a request. It stays as
// it was noted.
type ClockEvent struct {
	ID      int64
	Kind    law.EventKind
	At      time.Time // when it happened, which is what counts
	Noted   time.Time
	Reason  string     // the person may read it
	Until   *time.Time // an extension whose end staff named
	Answers int64      // the question that this is the answer to
	Message *uuid.UUID // the question as it was sent, or the reply
	Law     string     // LawSet
	Country string     // LawSet
	Laws    []string   // LawsSet
	Was     time.Time  // the date before
	Due     time.Time  // and from here on
	ByName  string
}

// CaseClock is what moves the dates of a case.
type CaseClock struct {
	Version   int64 // of the last event, for a form to say what it was filled in against
	Deadline  law.Deadline
	Regimes   []law.Regime // the law, and further ones
	Events    []ClockEvent // oldest first
	Extension Extension
	Holds     []Hold      // newest first
	Running   []Ref       // requests of a person on hold that are being carried out all the same: it came too late for them
	Elsewhere []Hold      // on the same person, set at another request of theirs
	Appeals   []Request   // complaints, appeals and what they led to, newest first
	About     *Request    // what this one is about
	Decided   *Appealed   // of a complaint or appeal
	Involved  []uuid.UUID // who cannot decide about it
}

// Open lists the questions that wait for an answer.
func (c CaseClock) Open() []ClockEvent { return openQuestions(c.Events) }

func openQuestions(events []ClockEvent) (open []ClockEvent) {
	for _, e := range events {
		if answerTo[e.Kind] != "" && !slices.ContainsFunc(events, func(a ClockEvent) bool { return a.Answers != 0 && a.Answers == e.ID }) {
			open = append(open, e)
		}
	}
	return open
}

// Live lists the holds that stand.
func (c CaseClock) Live() []Hold {
	return slices.DeleteFunc(append(slices.Clone(c.Holds), c.Elsewhere...), func(h Hold) bool { return h.LiftedAt != nil })
}

// regimes are the laws of a request with the operator's own closing days, its
// first one first.
func (o *Office) regimes(r Request) []law.Regime {
	out := make([]law.Regime, 0, 1+len(r.Laws))
	for i, code := range append([]string{r.Law}, r.Laws...) {
		if i == 0 || code != r.Law { // the law may have been changed to one of the further ones
			out = append(out, law.For(code).Closed(o.set.Holidays...))
		}
	}
	return out
}

// deadline computes the dates of a request as the events so far have them.
func (o *Office) deadline(r Request, events []ClockEvent) law.Deadline {
	return law.Strictest(o.regimes(r), string(r.Kind), r.ReceivedAt, lawEvents(events)...)
}

// lawEvents are those of the events that the laws know.
func lawEvents(events []ClockEvent) []law.Event {
	var out []law.Event
	for _, e := range events {
		if e.Kind == LawSet || e.Kind == LawsSet {
			continue
		}
		told := law.Event{Kind: e.Kind, At: e.At}
		if e.Until != nil {
			told.Until = *e.Until
		}
		out = append(out, told)
	}
	return out
}

// opening gives the dates of a request that has just come.
func (o *Office) opening(code string, kind Kind, received time.Time) law.Deadline {
	return law.For(code).Closed(o.set.Holidays...).Deadline(string(kind), received)
}

// date is how a date that a law may not have is stored.
func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// tick notes an event and moves the dates with it. r must come from lock in the
// same transaction.
func (o *Office) tick(ctx context.Context, tx pgx.Tx, by staff.Member, r *Request, e ClockEvent) error {
	q := queries.New(tx)
	events, err := o.events(ctx, q, r.ID)
	if err != nil {
		return err
	}
	switch e.Kind {
	case LawSet:
		r.Law, r.Country = e.Law, e.Country
	case LawsSet:
		r.Laws = e.Laws
	case law.Extended:
		r.ExtendedAt = &e.At
	}
	events = append(events, e)
	d := o.deadline(*r, events)
	due := d.Due()
	if e.Kind != LawSet && e.Kind != LawsSet && due.Before(r.DueAt) { // closing days were taken back, say
		due = r.DueAt
	}
	p := queries.InsertClockEventParams{RequestID: r.ID, Kind: string(e.Kind), At: e.At, Reason: e.Reason, Until: e.Until, Message: e.Message,
		Laws: e.Laws, WasDue: r.DueAt, DueAt: due, ByID: by.ID, ByName: by.Name}
	if e.Answers != 0 {
		p.Answers = &e.Answers
	}
	if e.Kind == LawSet {
		p.Law, p.Country = &e.Law, &e.Country
	}
	if _, err := q.InsertClockEvent(ctx, p); err != nil {
		return fmt.Errorf("note %s of %s: %w", e.Kind, r.Ref, err)
	}
	r.DueAt, r.PausedAt = due, nil
	if d.Paused {
		r.PausedAt = pausedSince(events)
	}
	if err := q.SetDates(ctx, queries.SetDatesParams{ID: r.ID, Law: r.Law, Laws: some(r.Laws), Country: r.Country, DueAt: due, LegalDueAt: date(d.LegalDue), EarliestAt: date(d.Earliest),
		TargetAt: date(d.Target), AckDueAt: date(d.AckDue), NoticeBy: date(d.NoticeBy), ExtendedAt: r.ExtendedAt, PausedAt: r.PausedAt}); err != nil {
		return fmt.Errorf("move the dates of %s: %w", r.Ref, err)
	}
	if e.Answers != 0 && r.Attention == answerCame {
		if err := q.SetAttention(ctx, queries.SetAttentionParams{ID: r.ID}); err != nil {
			return fmt.Errorf("note that the reply of %s was read: %w", r.Ref, err)
		}
		r.Attention = ""
	}
	return o.note(ctx, tx, by.Actor(), *r, "clock."+string(e.Kind), map[string]any{"due": due.UTC().Format(time.RFC3339), "law": r.Law})
}

// pausedSince is when the first question was asked that still has no answer.
func pausedSince(events []ClockEvent) *time.Time {
	open := openQuestions(events)
	if len(open) == 0 {
		return nil
	}
	first := slices.MinFunc(open, func(a, b ClockEvent) int { return a.At.Compare(b.At) })
	return &first.At
}

func (o *Office) events(ctx context.Context, q *queries.Queries, id ID) ([]ClockEvent, error) {
	rows, err := q.ClockEventsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read what moved the dates: %w", err)
	}
	out := make([]ClockEvent, len(rows))
	for i, w := range rows {
		out[i] = ClockEvent{ID: w.ID, Kind: law.EventKind(w.Kind), At: w.At, Noted: w.NotedAt, Reason: w.Reason, Until: w.Until, Message: w.Message,
			Laws: w.Laws, Was: w.WasDue, Due: w.DueAt, ByName: w.ByName}
		if w.Answers != nil {
			out[i].Answers = *w.Answers
		}
		if w.Law != nil && w.Country != nil {
			out[i].Law, out[i].Country = *w.Law, *w.Country
		}
	}
	return out, nil
}

// onClock locks an open request for a member who moves its clock, and refuses
// when something has moved it since the page was shown. The same reason by the
// same member a moment ago is a double click.
func (o *Office) onClock(ctx context.Context, by staff.Member, id ID, seen int64, reason string, fn func(pgx.Tx, *Request, []ClockEvent) error) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.State.Final() || r.State == Received {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		events, err := o.events(ctx, queries.New(tx), id)
		if err != nil {
			return err
		}
		if last := versionOf(events); last != seen {
			if e := events[max(0, len(events)-1):]; len(e) > 0 && e[0].Reason == strings.TrimSpace(reason) && e[0].ByName == by.Name && o.now().Sub(e[0].Noted) < time.Minute {
				return nil
			}
			return fault.New(fault.Conflict, "error.clock_changed")
		}
		return fn(tx, &r, events)
	})
}

func versionOf(events []ClockEvent) int64 {
	if len(events) == 0 {
		return 0
	}
	return events[len(events)-1].ID
}

// needed says that a field of a form must be filled in, and is not too long.
func needed(f fault.Fields, field, value string, limit int, key string) {
	if strings.TrimSpace(value) == "" {
		f.Add(field, key)
	}
	tooLong(f, field, value, limit)
}

func (o *Office) loadClock(ctx context.Context, r Request, c *Case) (err error) {
	q := queries.New(o.db)
	if c.Clock.Events, err = o.events(ctx, q, r.ID); err != nil {
		return err
	}
	c.Clock.Version, c.Clock.Regimes = versionOf(c.Clock.Events), o.regimes(r)
	c.Clock.Deadline = o.deadline(r, c.Clock.Events)
	c.Clock.Extension = o.extension(r, c.Clock.Events)
	if err := o.loadHolds(ctx, q, r, &c.Clock); err != nil {
		return err
	}
	return o.loadAppeals(ctx, q, r, &c.Clock)
}

// MineClock is what the person is told about the dates.
type MineClock struct {
	Asked    []ClockEvent // what we wait for
	Stands   bool         // and the clock with it
	Extended *ClockEvent
	Trace    []law.Line    // how the date came about, once something moved it
	Held     bool          // a hold stands that the person is told of
	Refused  []ItemRefusal // once decided: what of it is not done, and why
	About    *Request      // what a complaint or appeal is about
	Appeals  []Request     // about this request, newest first
	Decided  *Appealed
	Appeal   Kind // what somebody files who is not content: Appeal, or Complaint
}

func (o *Office) loadMyClock(ctx context.Context, m *Mine) error {
	q, r := queries.New(o.db), m.Request
	events, err := o.events(ctx, q, r.ID)
	if err != nil {
		return err
	}
	m.Clock.Asked, m.Clock.Stands = openQuestions(events), r.PausedAt != nil
	if len(events) > 0 && !r.State.Final() {
		m.Clock.Trace = o.deadline(r, events).Trace
	}
	for i, e := range events {
		if e.Kind == law.Extended {
			m.Clock.Extended = &events[i]
		}
	}
	if m.Clock.Held, err = q.ToldOfHold(ctx, r.ID); err != nil {
		return fmt.Errorf("look for a hold: %w", err)
	}
	if r.State == Ready || r.State == Closed {
		c, err := chosen(ctx, q, r)
		if err != nil {
			return err
		}
		m.Clock.Refused = c.Refusals
	}
	var c CaseClock
	if err := o.loadAppeals(ctx, q, r, &c); err != nil {
		return err
	}
	m.Clock.About, m.Clock.Appeals, m.Clock.Decided = c.About, c.Appeals, c.Decided
	m.Clock.Appeal = o.grievance(r)
	return nil
}

package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Question is what staff ask a person for.
type Question struct {
	What   law.EventKind // one of Questions
	Reason string        // why we cannot go on without it
	Words  string        // the question itself, as the person reads it
}

// Ask puts a question to the person. The question, its letter and what it does to
// the dates are one change.
func (o *Office) Ask(ctx context.Context, by staff.Member, id ID, seen int64, a Question) error {
	f := fault.Fields{}
	if !slices.Contains(Questions, a.What) {
		f.Add("what", "error.field.question_missing")
	}
	needed(f, "ask_reason", a.Reason, MaxDetails, "error.field.clock_reason")
	needed(f, "ask_words", a.Words, MaxMessage, "error.field.question_words")
	if err := f.Err(); err != nil {
		return err
	}
	return o.onClock(ctx, by, id, seen, a.Reason, func(tx pgx.Tx, r *Request, events []ClockEvent) error {
		if slices.ContainsFunc(openQuestions(events), func(e ClockEvent) bool { return e.Kind == a.What }) {
			return fault.New(fault.Conflict, "error.asked_already")
		}
		message, err := queries.New(tx).PostQuestion(ctx, queries.PostQuestionParams{RequestID: r.ID, StaffID: by.ID, Author: by.Name, Body: strings.TrimSpace(a.Words)})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // a double click
		}
		if err != nil {
			return fmt.Errorf("keep the question of %s: %w", r.Ref, err)
		}
		if err := o.tick(ctx, tx, by, r, ClockEvent{Kind: a.What, At: o.now(), Reason: strings.TrimSpace(a.Reason), Message: &message}); err != nil {
			return err
		}
		d := o.deadline(*r, append(events, ClockEvent{Kind: a.What, At: o.now()}))
		facts := letter.Facts{Reason: strings.TrimSpace(a.Reason), Questions: []string{strings.TrimSpace(a.Words)}, Paused: d.Paused, Restarts: o.restarts(*r, a.What)}
		kind := letter.Clarification
		if a.What == law.IdentityAsked {
			kind = letter.Verification
		}
		return o.compose(ctx, tx, by.Actor(), *r, kind, facts)
	})
}

// restarts says that by every law the time begins anew with the answer.
func (o *Office) restarts(r Request, what law.EventKind) bool {
	return !slices.ContainsFunc(o.regimes(r), func(l law.Regime) bool {
		p := l.On(r.ReceivedAt).Pauses
		return map[law.EventKind]law.Pause{law.IdentityAsked: p.Identity, law.ClarificationAsked: p.Clarification, law.FeeAsked: p.Fee}[what] != law.Restarts
	})
}

// Reply is how a question was answered: by a message of the person, or another
// way on a day. Staff may also go on without an answer and say so.
type Reply struct {
	Question int64
	Message  *uuid.UUID
	On       time.Time // of a reply that is no message; zero for now
	Reason   string
}

// Answered notes the answer to an open question.
func (o *Office) Answered(ctx context.Context, by staff.Member, id ID, seen int64, a Reply) error {
	f := fault.Fields{}
	needed(f, "answer_reason", a.Reason, MaxDetails, "error.field.clock_reason")
	if err := f.Err(); err != nil {
		return err
	}
	return o.onClock(ctx, by, id, seen, a.Reason, func(tx pgx.Tx, r *Request, events []ClockEvent) error {
		i := slices.IndexFunc(openQuestions(events), func(e ClockEvent) bool { return e.ID == a.Question })
		if i < 0 {
			return fault.New(fault.Conflict, "error.clock_changed")
		}
		question := openQuestions(events)[i]
		at, err := o.repliedAt(ctx, tx, *r, question, a)
		if err != nil {
			return err
		}
		return o.tick(ctx, tx, by, r, ClockEvent{Kind: answerTo[question.Kind], At: at, Reason: strings.TrimSpace(a.Reason), Answers: question.ID, Message: a.Message})
	})
}

// answerCame is what a case says whose person wrote while we wait for an answer.
const answerCame = "attention.replied"

// replied shows staff that the person wrote while a question of ours is open. The
// clock may stand until somebody reads it, so nobody would be reminded.
func (o *Office) replied(ctx context.Context, tx pgx.Tx, r Request) error {
	q := queries.New(tx)
	events, err := o.events(ctx, q, r.ID)
	if err != nil || r.State.Final() || r.Attention != "" || len(openQuestions(events)) == 0 {
		return err
	}
	if err := q.SetAttention(ctx, queries.SetAttentionParams{ID: r.ID, Attention: answerCame}); err != nil {
		return fmt.Errorf("show staff the reply of %s: %w", r.Ref, err)
	}
	return nil
}

// repliedAt is when the answer came: not before the question, not in the future.
func (o *Office) repliedAt(ctx context.Context, tx pgx.Tx, r Request, question ClockEvent, a Reply) (time.Time, error) {
	at, f := o.now(), fault.Fields{}
	switch {
	case a.Message != nil:
		m, err := queries.New(tx).PersonsMessage(ctx, queries.PersonsMessageParams{ID: *a.Message, RequestID: r.ID})
		if errors.Is(err, pgx.ErrNoRows) {
			f.Add("answer_message", "error.field.reply_unknown")
			return at, f.Err()
		}
		if err != nil {
			return at, fmt.Errorf("read the reply of %s: %w", r.Ref, err)
		}
		at = m.At
	case !a.On.IsZero():
		zone, err := zoneOf(r)
		if err != nil {
			return at, err
		}
		// Somebody names a day, which may be this one.
		if end := endOfDay(a.On, zone); !sameDay(end, at.In(zone)) {
			at = end
		}
	}
	if at.Before(question.At) {
		f.Add("answer_on", "error.field.reply_early", "Date", lang.Date(ctx, question.At))
	}
	if at.After(o.now()) {
		f.Add("answer_on", "error.field.reply_late")
	}
	return at, f.Err()
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

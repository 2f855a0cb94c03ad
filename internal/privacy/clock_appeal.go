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
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Verdicts are how a complaint or an appeal may end. Catalogue: "outcome.<verdict>".
var Verdicts = []Outcome{Upheld, PartlyUpheld, Dismissed}

// Appealed is the decision about a complaint or an appeal.
type Appealed struct {
	Outcome Outcome
	Words   string // to the person
	By      uuid.UUID
	ByName  string
	At      time.Time
}

// DecideAppeal ends a complaint or an appeal. Whoever had a part in the answer that
// it is about cannot (involved_in of the database says who had). What is upheld is looked into once
// more, by a request like the one that was decided.
func (o *Office) DecideAppeal(ctx context.Context, by staff.Member, id ID, verdict Outcome, words string) error {
	if err := may(by, staff.PlanApprove); err != nil {
		return err
	}
	f := fault.Fields{}
	if !slices.Contains(Verdicts, verdict) {
		f.Add("verdict", "error.field.verdict_missing")
	}
	needed(f, "words", words, MaxMessage, "error.field.verdict_words")
	if err := f.Err(); err != nil {
		return err
	}
	if err := o.fresh(by); err != nil {
		return err
	}
	return o.again(func() error {
		return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
			r, err := o.lock(ctx, tx, id)
			if err != nil {
				return err
			}
			if err := impartial(by, r); err != nil {
				return err
			}
			if !r.Kind.Grieves() || r.State != Verified {
				return fault.New(fault.Conflict, "error.wrong_state")
			}
			return o.decideAppeal(ctx, tx, by, r, verdict, strings.TrimSpace(words))
		})
	})
}

func (o *Office) decideAppeal(ctx context.Context, tx pgx.Tx, by staff.Member, r Request, verdict Outcome, words string) error {
	q := queries.New(tx)
	if r.About != nil {
		involved, err := q.InvolvedIn(ctx, *r.About)
		if err != nil {
			return fmt.Errorf("look who decided what %s is about: %w", r.Ref, err)
		}
		if slices.Contains(involved, by.ID) {
			return fault.New(fault.Forbidden, "error.appeal_own")
		}
	}
	err := q.InsertAppealDecision(ctx, queries.InsertAppealDecisionParams{RequestID: r.ID, Outcome: string(verdict), Words: words, DecidedBy: by.ID, DecidedName: by.Name})
	if err != nil {
		return fmt.Errorf("note the decision about %s: %w", r.Ref, err)
	}
	if err := o.move(ctx, tx, by.Actor(), &r, change{to: Closed, outcome: verdict}); err != nil {
		return err
	}
	if err := o.goOn(ctx, tx, r); err != nil {
		return err
	}
	if r.About != nil && verdict != Dismissed {
		if err := o.lookAgain(ctx, tx, by, *r.About); err != nil {
			return err
		}
	}
	return o.compose(ctx, tx, by.Actor(), r, letter.AppealDecided, letter.Facts{Reason: words, Verdict: verdictWords[verdict]})
}

var verdictWords = map[Outcome]letter.Verdict{Upheld: letter.Upheld, PartlyUpheld: letter.Partly, Dismissed: letter.Rejected}

// lookAgain opens a new search for what was decided wrongly. What is still open
// needs none.
func (o *Office) lookAgain(ctx context.Context, tx pgx.Tx, by staff.Member, id ID) error {
	about, err := o.lock(ctx, tx, id)
	if err != nil || !about.State.Final() || about.Kind.Grieves() || about.Kind == RestrictionLift {
		return err
	}
	q := queries.New(tx)
	all, err := o.aboutOf(ctx, q, id)
	if err != nil || slices.ContainsFunc(all, func(r Request) bool { return !r.Kind.Grieves() }) {
		return err
	}
	now := o.now()
	d := law.Strictest(o.regimes(about), string(about.Kind), now)
	row, err := q.InsertRenewal(ctx, queries.InsertRenewalParams{Ref: newRef(), ReceivedAt: now, DueAt: d.Due(), EarliestAt: date(d.Earliest), LegalDueAt: date(d.LegalDue),
		TargetAt: date(d.Target), AckDueAt: date(d.AckDue), NoticeBy: date(d.NoticeBy), About: id})
	if err != nil {
		return fmt.Errorf("look into %s again: %w", about.Ref, err)
	}
	r, err := fromRow(row)
	if err != nil {
		return err
	}
	if err := q.SetVerified(ctx, queries.SetVerifiedParams{ID: r.ID, VerifiedAt: about.VerifiedAt}); err != nil {
		return fmt.Errorf("take over the proof of %s: %w", about.Ref, err)
	}
	if err := o.move(ctx, tx, by.Actor(), &r, change{to: Verified, detail: map[string]any{"about": string(about.Ref)}}); err != nil {
		return err
	}
	return o.move(ctx, tx, by.Actor(), &r, change{to: Discovering, work: true})
}

func (o *Office) aboutOf(ctx context.Context, q *queries.Queries, id ID) ([]Request, error) {
	rows, err := q.AboutRequest(ctx, &id)
	if err != nil {
		return nil, fmt.Errorf("look for complaints about %s: %w", id, err)
	}
	return fromRows(rows)
}

func (o *Office) loadAppeals(ctx context.Context, q *queries.Queries, r Request, c *CaseClock) (err error) {
	if c.Appeals, err = o.aboutOf(ctx, q, r.ID); err != nil {
		return err
	}
	if r.About != nil {
		about, err := o.Load(ctx, *r.About)
		if err != nil {
			return err
		}
		c.About = &about
	}
	if !r.Kind.Grieves() {
		return nil
	}
	if r.About != nil {
		if c.Involved, err = q.InvolvedIn(ctx, *r.About); err != nil {
			return fmt.Errorf("look who decided what %s is about: %w", r.Ref, err)
		}
	}
	d, err := q.AppealDecisionOf(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the decision about %s: %w", r.Ref, err)
	}
	c.Decided = &Appealed{Outcome: Outcome(d.Outcome), Words: d.Words, By: d.DecidedBy, ByName: d.DecidedName, At: d.DecidedAt}
	return nil
}

package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// answer writes the letter that answers r, once that is done. What was carried
// out is not taken back because a letter cannot be written: where something is
// missing that it must tell, staff are told what, and the person gets the mail
// alone.
func (o *Office) answer(ctx context.Context, tx pgx.Tx, r Request, done []datamap.Outcome, d *Delivery, review *export.SheetTotals, alone mail.Letter) error {
	kind, f, err := o.answerFacts(ctx, queries.New(tx), r, done, d, review)
	if err != nil {
		return err
	}
	return o.unlessMissing(ctx, tx, r, kind, f, alone)
}

func (o *Office) unlessMissing(ctx context.Context, tx pgx.Tx, r Request, kind letter.Kind, f letter.Facts, alone mail.Letter) error {
	err := o.compose(ctx, tx, system, r, kind, f)
	missing, ok := errors.AsType[*letter.Incomplete](err)
	if !ok {
		return err
	}
	if err := queries.New(tx).SetAttention(ctx, queries.SetAttentionParams{ID: r.ID, Attention: letterOwed}); err != nil {
		return fmt.Errorf("tell staff of a letter of %s: %w", r.Ref, err)
	}
	if err := o.note(ctx, tx, system, r, "letter.missing", map[string]any{"kind": string(kind), "blocks": missing.Blocks()}); err != nil {
		return err
	}
	return o.write(ctx, tx, r, alone)
}

// nothingFound is the answer where nothing is stored.
func (o *Office) nothingFound(ctx context.Context, tx pgx.Tx, r Request) error {
	f := letter.Facts{Held: o.held(r.Lang, nil)}
	return o.unlessMissing(ctx, tx, r, letter.NothingFound, f, mail.NothingFound{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref))})
}

// letterOwed is what a case says that was answered without its letter.
const letterOwed = "attention.letter"

// answers are the letters that end a case.
var answers = []letter.Kind{letter.Fulfilment, letter.Partial, letter.Refusal, letter.NothingFound, letter.RestrictionLifted, letter.Redirected}

// answered says that a case has such an outcome, or waits with its package.
func (r Request) answered() bool {
	switch r.Outcome {
	case Answered, DeliveryOver, Erased, NothingFound, Corrected, Restricted, Lifted, Objected, ConsentWithdrawn, OptedOut, RetentionShortened:
		return true
	}
	return r.State == Ready
}

// loadNext says which letter a case is about to get or still lacks, and what
// stands in its way.
func (o *Office) loadNext(ctx context.Context, r Request, c *Case) error {
	if slices.ContainsFunc(c.Sent.Letters, func(l LetterRow) bool { return slices.Contains(answers, l.Kind) }) {
		return nil
	}
	c.Sent.Owed = r.answered()
	coming := r.State == InReview || r.State == Approved || r.State == Executing
	if !c.Sent.Owed && (!coming || c.Proposal == nil || r.Kind.Grieves()) {
		return nil
	}
	l, err := o.nextLetter(ctx, queries.New(o.db), r, c.Proposal, c.Progress, c.Delivery)
	c.Sent.Next = l.Kind
	if missing, ok := errors.AsType[*letter.Incomplete](err); ok {
		c.Sent.Next, c.Sent.Missing = missing.Kind, missing.Missing
		return nil
	}
	return err
}

// nextLetter builds the answer as it would be now: from what was carried out or,
// before that, from what is planned.
func (o *Office) nextLetter(ctx context.Context, q *queries.Queries, r Request, p *Proposal, progress []Progress, d *Delivery) (letter.Letter, error) {
	var done []datamap.Outcome
	for _, s := range progress {
		done = append(done, datamap.Outcome{Step: s.Step, Affected: s.Affected, Done: s.Done})
	}
	if p != nil && len(done) == 0 {
		for _, s := range p.Plan.Steps {
			done = append(done, datamap.Outcome{Step: s, Affected: s.Rows})
		}
	}
	if p != nil && d == nil && len(p.Package) > 0 {
		d = &Delivery{Package: p.Package, Until: o.now().AddDate(0, 0, o.set.DeliveryDays), Allowed: o.set.DeliveryCount}
	}
	var review *export.SheetTotals
	if p != nil {
		review = p.Review
	}
	kind, f, err := o.answerFacts(ctx, q, r, done, d, review)
	if err != nil {
		return letter.Letter{}, err
	}
	if p != nil && !p.holdsRows() && len(p.Package) == 0 {
		kind = letter.NothingFound
	}
	return o.build(ctx, q, r, kind, f)
}

// NextLetter shows staff the answer before it goes out, or what it lacks.
func (o *Office) NextLetter(ctx context.Context, by staff.Member, ref Ref) (l letter.Letter, missing []letter.Missing, err error) {
	c, err := o.Case(ctx, by, ref)
	if err != nil {
		return l, nil, err
	}
	if c.Sent.Next == "" {
		return l, nil, fault.New(fault.NotFound, "letters.none")
	}
	if len(c.Sent.Missing) > 0 {
		return l, c.Sent.Missing, nil
	}
	l, err = o.nextLetter(ctx, queries.New(o.db), c.Request, c.Proposal, c.Progress, c.Delivery)
	return l, nil, err
}

// WriteOwed writes the letter of a case that was answered without one.
func (o *Office) WriteOwed(ctx context.Context, by staff.Member, ref Ref) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	c, err := o.Case(ctx, by, ref)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, c.Request.ID)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		q := queries.New(tx)
		rows, err := q.CaseLettersOf(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("list the letters of %s: %w", r.Ref, err)
		}
		written := slices.ContainsFunc(rows, func(w queries.CaseLettersOfRow) bool { return slices.Contains(answers, letter.Kind(w.Kind)) })
		if written || !r.answered() {
			return fault.New(fault.Conflict, "letters.error.not_owed")
		}
		l, err := o.nextLetter(ctx, q, r, c.Proposal, c.Progress, c.Delivery)
		if err != nil {
			return err
		}
		id, err := o.keepLetter(ctx, tx, by.Actor(), r, l)
		if err != nil {
			return err
		}
		if r.Attention == letterOwed {
			if err := q.SetAttention(ctx, queries.SetAttentionParams{ID: r.ID}); err != nil {
				return fmt.Errorf("tell staff that %s has its letter: %w", r.Ref, err)
			}
		}
		return o.write(ctx, tx, r, o.letterReady(r, id))
	})
}

package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// OpenLift opens the request that ends a restriction: a life of its own, with
// its search, its plan and two people. Who opens it has prepared it. A double
// click gives the one that is open.
func (o *Office) OpenLift(ctx context.Context, by staff.Member, id ID) (lift Request, err error) {
	if err := may(by, staff.PlanPropose); err != nil {
		return Request{}, err
	}
	for try := 0; ; try++ {
		lift, err = o.openLift(ctx, by, id)
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.ConstraintName != "requests_ref_key" || try == 3 {
			return lift, err
		}
	}
}

func (o *Office) openLift(ctx context.Context, by staff.Member, id ID) (lift Request, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.Kind != Restriction || r.Outcome != Restricted {
			return fault.New(fault.Conflict, "error.nothing_to_lift")
		}
		if last, err := o.liftIn(ctx, queries.New(tx), id); err != nil {
			return err
		} else if last != nil && (!last.State.Final() || last.Outcome == Lifted) {
			lift = *last
			return nil
		}
		lift, err = o.insertLift(ctx, tx, by, r)
		return err
	})
	return lift, err
}

// insertLift takes over who asked and what proved it, and the rows that staff
// held for the person then.
func (o *Office) insertLift(ctx context.Context, tx pgx.Tx, by staff.Member, r Request) (Request, error) {
	q, now := queries.New(tx), o.now()
	row, err := q.InsertLift(ctx, queries.InsertLiftParams{Ref: newRef(), Ends: r.ID, ReceivedAt: now, DueAt: o.opening(r.Law, RestrictionLift, now).Due()})
	if err != nil {
		return Request{}, fmt.Errorf("open the lift of %s: %w", r.Ref, err)
	}
	lift, err := fromRow(row)
	if err != nil {
		return Request{}, err
	}
	if err := q.SetVerified(ctx, queries.SetVerifiedParams{ID: lift.ID, VerifiedAt: r.VerifiedAt}); err != nil {
		return Request{}, fmt.Errorf("take over the proof of %s: %w", r.Ref, err)
	}
	if err := o.move(ctx, tx, by.Actor(), &lift, change{to: Verified, detail: map[string]any{"ends": string(r.Ref)}}); err != nil {
		return Request{}, err
	}
	then, err := chosen(ctx, q, r)
	if err != nil {
		return Request{}, err
	}
	if err := o.saveChoices(ctx, tx, by, lift, 1, Choices{Include: then.Include, Exclude: then.Exclude, Tenants: then.Tenants}); err != nil {
		return Request{}, err
	}
	return lift, o.move(ctx, tx, by.Actor(), &lift, change{to: Discovering, work: true})
}

// giveNotice tells the person that the restriction ends, before it does
// (Article 18(3) GDPR). A notice that was given stays given.
func (o *Office) giveNotice(ctx context.Context, tx pgx.Tx, r Request) (time.Time, error) {
	if r.RunsAt != nil {
		return *r.RunsAt, nil
	}
	runs := o.now().Add(o.set.LiftNotice)
	if err := queries.New(tx).SetRunsAt(ctx, queries.SetRunsAtParams{ID: r.ID, RunsAt: &runs}); err != nil {
		return time.Time{}, fmt.Errorf("note the notice of %s: %w", r.Ref, err)
	}
	if err := o.note(ctx, tx, system, r, "lift.announced", map[string]any{"runs_at": runs.UTC().Format(time.RFC3339)}); err != nil {
		return time.Time{}, err
	}
	return runs, o.write(ctx, tx, r, mail.RestrictionEnds{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref)), RunsAt: runs})
}

// CarriedOut names the operation that a closed request carried out in the store.
func (o *Office) CarriedOut(ctx context.Context, id ID) (uuid.UUID, error) {
	p, err := queries.New(o.db).ApprovedProposal(ctx, id)
	if err != nil {
		return uuid.Nil, fmt.Errorf("read what was carried out for %s: %w", id, err)
	}
	return p.ID, nil
}

func (o *Office) liftOf(ctx context.Context, id ID) (*Request, error) {
	return o.liftIn(ctx, queries.New(o.db), id)
}

func (o *Office) liftIn(ctx context.Context, q *queries.Queries, id ID) (*Request, error) {
	row, err := q.LiftOf(ctx, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the lift of %s: %w", id, err)
	}
	r, err := fromRow(row)
	return &r, err
}

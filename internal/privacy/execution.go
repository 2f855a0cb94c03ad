package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// ConfirmDeletion is the person's second confirmation, of exactly the plan they
// were shown. The cooling-off period begins.
func (o *Office) ConfirmDeletion(ctx context.Context, email string, ref Ref, hash string) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockOwn(ctx, tx, email, ref)
		if err != nil {
			return err
		}
		q := queries.New(tx)
		p, err := q.LockCurrentProposal(ctx, r.ID)
		if errors.Is(err, pgx.ErrNoRows) || (err == nil && (p.PreparedAt == nil || r.Kind != Deletion || (r.State != InReview && r.State != Approved))) {
			return fault.New(fault.Conflict, "error.nothing_to_confirm")
		}
		if err != nil {
			return fmt.Errorf("lock the plan of %s: %w", r.Ref, err)
		}
		if p.Hash != hash {
			return fault.New(fault.Conflict, "error.plan_changed_person")
		}
		if r.ConfirmedAt != nil {
			return nil // a double click
		}
		now := o.now()
		runs := now.Add(o.set.CoolingOff)
		if err := q.SetConfirmed(ctx, queries.SetConfirmedParams{ID: r.ID, ConfirmedAt: &now, ConfirmedHash: &hash, RunsAt: &runs}); err != nil {
			return fmt.Errorf("note the confirmation of %s: %w", r.Ref, err)
		}
		if err := o.note(ctx, tx, subject(r), r, "deletion.confirmed", map[string]any{"hash": hash, "runs_at": runs.UTC().Format(time.RFC3339)}); err != nil {
			return err
		}
		if r.State == Approved {
			if err := o.ring(ctx, tx, r.ID, runs); err != nil {
				return err
			}
		}
		return o.write(ctx, tx, r, mail.DeletionScheduled{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref)), RunsAt: runs})
	})
}

// ErrTooEarly says that an approved request waits: for the person's second
// confirmation, or for the end of the cooling-off period.
var ErrTooEarly = errors.New("the request may not run yet")

// ErrHeld says that a legal hold stands: nothing is carried out.
var ErrHeld = errors.New("a legal hold stands")

// BeginExecution checks the approval once more, where the effect happens, and
// gives the plan. Asking again for a running one gives the same plan.
func (o *Office) BeginExecution(ctx context.Context, l Lease) (r Request, p Proposal, err error) {
	err = o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, locked *Request) error {
		w, err := q.ApprovedProposal(ctx, locked.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		if err != nil {
			return fmt.Errorf("read the approved plan of %s: %w", locked.Ref, err)
		}
		if p, err = readProposal(ctx, q, w); err != nil {
			return err
		}
		if !p.decidedFor(locked.Kind) {
			return fault.New(fault.Forbidden, "error.four_eyes")
		}
		if locked.State == Approved {
			if locked.HeldAt != nil {
				return ErrHeld
			}
			if locked.Kind.waits() && p.holdsRows() && (locked.RunsAt == nil || locked.RunsAt.After(o.now())) {
				return ErrTooEarly
			}
			if gone, err := o.approverGone(ctx, tx, q, locked, p); gone || err != nil {
				r = *locked
				return err
			}
			if p.holdsRows() || p.Package != nil {
				err = o.move(ctx, tx, system, locked, change{to: Executing, detail: map[string]any{"hash": p.Hash}})
			} else { // nothing is stored: there is nothing to carry out
				err = o.closeEmpty(ctx, tx, locked)
			}
		}
		r = *locked
		return err
	})
	return r, p, err
}

// decidedFor says that two people stand behind the proposal, or that it is one
// for which nobody has to.
func (p Proposal) decidedFor(k Kind) bool {
	if p.Automatic {
		return k.AtOnce() && stops(p.Plan)
	}
	return p.PreparedBy != nil && p.DecidedBy != nil && *p.PreparedBy != *p.DecidedBy
}

// waits says that the person has time to stop what was approved.
func (k Kind) waits() bool { return k == Deletion || k == RestrictionLift }

func (o *Office) closeEmpty(ctx context.Context, tx pgx.Tx, r *Request) error {
	if err := o.move(ctx, tx, system, r, change{to: Closed, outcome: NothingFound}); err != nil {
		return err
	}
	return o.nothingFound(ctx, tx, *r)
}

// holdsRows says that the plan is about anything at all. One that only keeps
// rows takes the same way: the person sees what stays, and why.
func (p Proposal) holdsRows() bool { return acts(p.Plan) }

// RecordStep notes how far a step is; repeating it changes nothing.
func (o *Office) RecordStep(ctx context.Context, l Lease, proposal uuid.UUID, out datamap.Outcome) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		return o.saveStep(ctx, q, r.ID, proposal, out)
	})
}

func (o *Office) saveStep(ctx context.Context, q *queries.Queries, id ID, proposal uuid.UUID, out datamap.Outcome) error {
	step, err := json.Marshal(out.Step)
	if err != nil {
		return fmt.Errorf("write step %d: %w", out.Step.Seq, err)
	}
	err = q.UpsertProgress(ctx, queries.UpsertProgressParams{RequestID: id, ProposalID: proposal, Seq: int32(out.Step.Seq), Step: step, Affected: out.Affected, Done: out.Done})
	if err != nil {
		return fmt.Errorf("note step %d: %w", out.Step.Seq, err)
	}
	return nil
}

// outcomes is how a request ends whose plan was carried out.
var outcomes = map[Kind]Outcome{
	Deletion: Erased, Correction: Corrected, Restriction: Restricted, RestrictionLift: Lifted, Objection: Objected,
	Withdrawal: ConsentWithdrawn, OptOut: OptedOut, ShortenedRetention: RetentionShortened,
}

// Finish closes a request whose plan was carried out, and whose re-check found
// nothing that should not be there.
func (o *Office) Finish(ctx context.Context, l Lease, proposal uuid.UUID, done []datamap.Outcome) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		counts := map[string]any{}
		for _, out := range done {
			if err := o.saveStep(ctx, q, r.ID, proposal, out); err != nil {
				return err
			}
			key := string(out.Step.Action)
			n, _ := counts[key].(int64)
			counts[key] = n + out.Affected
		}
		if err := o.move(ctx, tx, system, r, change{to: Closed, outcome: outcomes[r.Kind], detail: map[string]any{"counts": counts, "rechecked": true}}); err != nil {
			return err
		}
		if err := o.oweRecipients(ctx, tx, *r, proposal); err != nil {
			return err
		}
		ref, path := string(r.Ref), link.MyRequest(string(r.Ref))
		if r.Kind == Deletion {
			return o.answer(ctx, tx, *r, done, nil, nil, mail.Deleted{Ref: ref, Path: path})
		}
		return o.answer(ctx, tx, *r, done, nil, nil, mail.Done{What: string(r.Outcome), Ref: ref, Path: path})
	})
}

// PlanMoved takes a request back to a fresh search: the store, its schema or
// the map is not what was approved. Nothing was changed in the store.
func (o *Office) PlanMoved(ctx context.Context, l Lease, why string) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		if err := q.RetireApproval(ctx, r.ID); err != nil {
			return fmt.Errorf("retire the approval of %s: %w", r.Ref, err)
		}
		return o.move(ctx, tx, system, r, change{to: Discovering, work: true, detail: map[string]any{"why": why}})
	})
}

package privacy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Propose puts the staged package or plan before a second person. For a
// deletion the person is asked for the second confirmation at the same time.
func (o *Office) Propose(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	if err := may(by, staff.PlanPropose); err != nil {
		return err
	}
	if err := noteFits(note); err != nil {
		return err
	}
	members, err := o.roster.List(ctx) // before the transaction: it asks the pool for a connection of its own
	if err != nil {
		return fmt.Errorf("list approvers: %w", err)
	}
	return o.onCurrent(ctx, by, id, hash, func(tx pgx.Tx, q *queries.Queries, r Request, p queries.Proposal) error {
		if p.Decision != nil {
			return fault.New(fault.Conflict, "error.already_decided")
		}
		if p.PreparedBy != nil {
			if *p.PreparedBy == by.ID {
				return nil // a double click
			}
			return fault.New(fault.Conflict, "error.already_proposed")
		}
		if p.Undecided > 0 {
			return fault.New(fault.Conflict, "error.undecided")
		}
		if err := sureEnough(ctx, q, id); err != nil {
			return err
		}
		if err := reviewFinished(ctx, q, p, nil); err != nil {
			return err
		}
		if err := q.SetPrepared(ctx, queries.SetPreparedParams{ID: p.ID, ByID: &by.ID, ByName: by.Name, At: ptr(o.now()), Note: strings.TrimSpace(note)}); err != nil {
			return fmt.Errorf("propose %s: %w", r.Ref, err)
		}
		if err := o.note(ctx, tx, by.Actor(), r, "plan.proposed", map[string]any{"hash": hash, "version": p.Version}); err != nil {
			return err
		}
		if err := o.askApprovers(ctx, tx, r, members, by.ID); err != nil {
			return err
		}
		plan, err := fromProposal(p)
		if err != nil || r.Kind != Deletion || !plan.holdsRows() {
			return err
		}
		return o.askPerson(ctx, tx, r)
	})
}

// askApprovers writes to everybody who may decide and did not prepare.
func (o *Office) askApprovers(ctx context.Context, tx pgx.Tx, r Request, members []staff.Member, preparer uuid.UUID) error {
	for _, m := range members {
		if m.Disabled || m.ID == preparer || !m.Can(staff.PlanApprove) || impartial(m, r) != nil {
			continue
		}
		if err := o.outbox.Queue(ctx, tx, mail.Recipient{Address: m.Email, Name: m.Name, Lang: m.Lang}, &r.ID,
			mail.StaffApproval{Ref: string(r.Ref), Path: link.DeskTab(string(r.Ref), "decision")}); err != nil {
			return err
		}
	}
	return nil
}

// askPerson mails the link to the page where a deletion is confirmed once more.
func (o *Office) askPerson(ctx context.Context, tx pgx.Tx, r Request) error {
	raw, err := auth.MintLink(ctx, tx, auth.Purpose(LinkDeletion), r.ID, o.set.LinkTTL)
	if err != nil {
		return err
	}
	return o.write(ctx, tx, r, mail.DeletionPlanned{Ref: string(r.Ref), Path: link.Confirm(raw)})
}

// Approve is the second pair of eyes: another person than the preparer, with a
// fresh second factor, for exactly this hash.
func (o *Office) Approve(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	if err := o.mayDecide(by, note); err != nil {
		return err
	}
	return o.onCurrent(ctx, by, id, hash, func(tx pgx.Tx, q *queries.Queries, r Request, p queries.Proposal) error {
		if err := decidable(p, by); err != nil {
			return err
		}
		if p.Undecided > 0 {
			return fault.New(fault.Conflict, "error.undecided")
		}
		if chose, err := q.ChoseAnything(ctx, queries.ChoseAnythingParams{RequestID: id, MadeBy: by.ID}); err != nil {
			return fmt.Errorf("look who chose for %s: %w", r.Ref, err)
		} else if chose {
			return fault.New(fault.Forbidden, "error.four_eyes")
		}
		if r.ProvedBy != nil && *r.ProvedBy == by.ID { // who found out who sent it prepared
			return fault.New(fault.Forbidden, "error.four_eyes")
		}
		if err := errors.Join(sureEnough(ctx, q, id), vouched(ctx, q, by, id)); err != nil {
			return err
		}
		if err := reviewFinished(ctx, q, p, &by); err != nil {
			return err
		}
		if err := o.decide(ctx, q, p.ID, by, "approved", note); err != nil {
			return err
		}
		c := change{to: Approved, detail: map[string]any{"hash": hash, "version": p.Version}, work: true}
		plan, err := fromProposal(p)
		if err != nil {
			return err
		}
		if r.Kind == Deletion && plan.holdsRows() {
			if r.ConfirmedAt == nil { // waits for the person
				c.work = false
			} else {
				c.workAt = *r.RunsAt
			}
		}
		if r.Kind == RestrictionLift && plan.holdsRows() {
			if c.workAt, err = o.giveNotice(ctx, tx, r); err != nil {
				return err
			}
		}
		return o.move(ctx, tx, by.Actor(), &r, c)
	})
}

// SendBack returns the proposal to its preparer with a note; a fresh search
// makes the next version.
func (o *Office) SendBack(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	if err := o.mayDecide(by, note); err != nil {
		return err
	}
	if strings.TrimSpace(note) == "" {
		f := fault.Fields{}
		f.Add("note", "error.field.note_missing")
		return f.Err()
	}
	return o.onCurrent(ctx, by, id, hash, func(tx pgx.Tx, q *queries.Queries, r Request, p queries.Proposal) error {
		if err := decidable(p, by); err != nil {
			return err
		}
		if err := o.decide(ctx, q, p.ID, by, "sent_back", note); err != nil {
			return err
		}
		return o.move(ctx, tx, by.Actor(), &r, change{to: Discovering, work: true, detail: map[string]any{"sent_back": hash}})
	})
}

func (o *Office) mayDecide(by staff.Member, note string) error {
	if err := may(by, staff.PlanApprove); err != nil {
		return err
	}
	if err := noteFits(note); err != nil {
		return err
	}
	return o.fresh(by)
}

func noteFits(note string) error {
	f := fault.Fields{}
	if n := utf8.RuneCountInString(note); n > MaxDetails {
		f.Add("note", "error.field.too_long", "Limit", MaxDetails, "Over", n-MaxDetails)
	}
	return f.Err()
}

// decidable says whether a member may decide on a proposal. The database has
// the same rule (constraint four_eyes).
func decidable(p queries.Proposal, by staff.Member) error {
	switch {
	case p.Decision != nil:
		return fault.New(fault.Conflict, "error.already_decided")
	case p.PreparedBy == nil:
		return fault.New(fault.Conflict, "error.not_proposed")
	case *p.PreparedBy == by.ID:
		return fault.New(fault.Forbidden, "error.four_eyes")
	}
	return nil
}

func (o *Office) decide(ctx context.Context, q *queries.Queries, id uuid.UUID, by staff.Member, decision, note string) error {
	err := q.SetDecision(ctx, queries.SetDecisionParams{ID: id, ByID: &by.ID, ByName: by.Name, At: ptr(o.now()), Decision: &decision, DecisionNote: strings.TrimSpace(note)})
	if err != nil {
		return fmt.Errorf("record the decision: %w", err)
	}
	return nil
}

// onCurrent locks a request in review with its newest proposal, and refuses
// when that is not the one the member looked at, or the request is the member's
// own.
func (o *Office) onCurrent(ctx context.Context, by staff.Member, id ID, hash string, fn func(pgx.Tx, *queries.Queries, Request, queries.Proposal) error) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.State != InReview {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		q := queries.New(tx)
		p, err := q.LockCurrentProposal(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "error.not_proposed")
		}
		if err != nil {
			return fmt.Errorf("lock the proposal of %s: %w", r.Ref, err)
		}
		if p.Hash != hash {
			return fault.New(fault.Conflict, "error.plan_changed")
		}
		return fn(tx, q, r, p)
	})
}

package privacy

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Bulk is what became of several requests that were changed at once: each for
// itself, so that one that cannot be does not hold up the others.
type Bulk struct {
	Done []Ref
	Left []Unchanged
}

// Unchanged is a request that stayed as it was, and why.
type Unchanged struct {
	Ref Ref
	Why fault.Message
}

// AssignMany gives requests to a member; uuid.Nil takes them from everybody.
func (o *Office) AssignMany(ctx context.Context, by staff.Member, refs []Ref, to uuid.UUID) (Bulk, error) {
	if err := may(by, staff.RequestWork); err != nil {
		return Bulk{}, err
	}
	member, err := o.assignable(ctx, by, to)
	if err != nil {
		return Bulk{}, err
	}
	return o.each(ctx, by, refs, func(tx pgx.Tx, r Request) error {
		if r.State.Final() {
			return fault.New(fault.Conflict, "queue.bulk.closed")
		}
		if to != uuid.Nil && impartial(member, r) != nil {
			return fault.New(fault.Conflict, "queue.bulk.theirs")
		}
		return o.assign(ctx, tx, by, r, to)
	})
}

// assignable gives the member who is to get requests; they must be able to do
// something with them.
func (o *Office) assignable(ctx context.Context, by staff.Member, to uuid.UUID) (staff.Member, error) {
	if to == uuid.Nil || to == by.ID {
		return by, nil
	}
	m, err := o.roster.ByID(ctx, to)
	if fault.KindOf(err) == fault.NotFound || err == nil && !Assignable(m) {
		f := fault.Fields{}
		f.Add("to", "queue.bulk.nobody")
		return m, f.Err()
	}
	return m, err
}

// Assignable says whether requests may be given to a member.
func Assignable(m staff.Member) bool {
	return !m.Disabled && (m.Can(staff.RequestWork) || m.Can(staff.PlanApprove))
}

func (o *Office) assign(ctx context.Context, tx pgx.Tx, by staff.Member, r Request, to uuid.UUID) error {
	var who *uuid.UUID
	if to != uuid.Nil {
		who = &to
	}
	if err := queries.New(tx).SetAssignee(ctx, queries.SetAssigneeParams{ID: r.ID, Assignee: who}); err != nil {
		return err
	}
	return o.note(ctx, tx, by.Actor(), r, "request.assigned", map[string]any{"to": to.String()})
}

// FollowUpMany has requests come up again on a day, YYYY-MM-DD; "" for never.
func (o *Office) FollowUpMany(ctx context.Context, by staff.Member, refs []Ref, on string) (Bulk, error) {
	if err := may(by, staff.RequestWork); err != nil {
		return Bulk{}, err
	}
	at, ok := parseDay(on)
	if today := o.now().UTC().Truncate(24 * time.Hour); !ok || on != "" && (at.Before(today) || at.After(today.AddDate(2, 0, 0))) {
		f := fault.Fields{}
		f.Add("on", "queue.bulk.day_wrong")
		return Bulk{}, f.Err()
	}
	var when *time.Time
	if on != "" {
		when = &at
	}
	return o.each(ctx, by, refs, func(tx pgx.Tx, r Request) error {
		if r.State.Final() {
			return fault.New(fault.Conflict, "queue.bulk.closed")
		}
		if err := queries.New(tx).SetFollowUp(ctx, queries.SetFollowUpParams{ID: r.ID, FollowUp: when}); err != nil {
			return err
		}
		return o.note(ctx, tx, by.Actor(), r, "request.follow_up", map[string]any{"on": on})
	})
}

// each changes requests one by one, a transaction each. What a person may be
// told about one goes into the result; anything else ends it. Nobody changes
// their own.
func (o *Office) each(ctx context.Context, by staff.Member, refs []Ref, do func(pgx.Tx, Request) error) (b Bulk, err error) {
	asked := map[Ref]bool{}
	for _, ref := range refs[:min(len(refs), PageSize)] {
		if asked[ref] {
			continue
		}
		asked[ref] = true
		err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
			row, err := queries.New(tx).RequestByRef(ctx, string(ref))
			if errors.Is(err, pgx.ErrNoRows) {
				return fault.New(fault.NotFound, "error.no_request")
			}
			if err != nil {
				return err
			}
			r, err := o.lock(ctx, tx, row.Request.ID)
			if err == nil {
				err = impartial(by, r)
			}
			if err != nil {
				return err
			}
			return do(tx, r)
		})
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
			b.Left = append(b.Left, Unchanged{ref, f.Text})
		} else if err != nil {
			return b, err
		} else {
			b.Done = append(b.Done, ref)
		}
	}
	return b, nil
}

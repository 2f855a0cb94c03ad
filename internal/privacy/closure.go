package privacy

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Withdraw takes a request back for the person. What runs cannot be called back.
func (o *Office) Withdraw(ctx context.Context, email string, ref Ref) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockOwn(ctx, tx, email, ref)
		if err != nil {
			return err
		}
		if r.State == Closed && r.Outcome == Withdrawn {
			return nil // a double click
		}
		if !r.Withdrawable() {
			return tooLate()
		}
		if err := o.move(ctx, tx, subject(r), &r, change{to: Closed, outcome: Withdrawn}); err != nil {
			return err
		}
		if err := o.dropPackages(ctx, tx, r); err != nil {
			return err
		}
		return o.write(ctx, tx, r, mail.Withdrawn{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref))})
	})
}

// dropPackages makes every package of a request unreadable, staged or in the
// making: its keys go now, the sealed bytes with the next sweep. While a hold
// stands they stay, and go with the last one.
func (o *Office) dropPackages(ctx context.Context, tx pgx.Tx, r Request) error {
	if r.HeldAt != nil {
		return nil
	}
	q := queries.New(tx)
	if err := errors.Join(q.DropPackageKey(ctx, r.ID), q.DropPartKeys(ctx, r.ID)); err != nil {
		return fmt.Errorf("drop the packages of %s: %w", r.Ref, err)
	}
	return nil
}

// unheld keeps what there is of a case while a hold stands.
func unheld(r Request) error {
	if r.HeldAt != nil {
		return fault.New(fault.Conflict, "duties.error.held")
	}
	return nil
}

// Sweep ends what time has ended: requests nobody confirmed, and packages
// whose window is over. It gives the number of requests it closed. One that
// cannot be closed does not keep the others open.
func (o *Office) Sweep(ctx context.Context) (closed int, err error) {
	q := queries.New(o.db)
	stale, err := q.Unconfirmed(ctx, o.now().Add(-o.set.UnconfirmedIn))
	if err != nil {
		return 0, fmt.Errorf("look for unconfirmed requests: %w", err)
	}
	over, err := q.DeliveriesOver(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for packages that are over: %w", err)
	}
	end := func(id ID, c change) {
		if failed := o.end(ctx, id, c); failed != nil {
			err = errors.Join(err, failed)
			return
		}
		closed++
	}
	for _, id := range stale {
		end(id, change{to: Lapsed, outcome: Unconfirmed})
	}
	for _, d := range over {
		outcome := DeliveryOver
		if d.Used > 0 {
			outcome = Answered
		}
		end(d.RequestID, change{to: Closed, outcome: outcome})
	}
	return closed, err
}

func (o *Office) end(ctx context.Context, id ID, c change) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !r.State.CanBecome(c.to) {
			return nil // somebody was faster
		}
		if err := o.move(ctx, tx, system, &r, c); err != nil {
			return err
		}
		if c.to == Lapsed {
			return queries.New(tx).ForgetPerson(ctx, id)
		}
		return o.dropPackages(ctx, tx, r)
	})
}

// LiveProposals lists the proposals that somebody may still read or carry out.
// Their ids name what was staged for them: frozen plans in the messaging store;
// and with them are the ids of sealed parts of packages, in the vault. All others
// may be thrown away.
func (o *Office) LiveProposals(ctx context.Context) (map[uuid.UUID]bool, error) {
	ids, err := queries.New(o.db).LiveProposals(ctx)
	if err != nil {
		return nil, fmt.Errorf("list live proposals: %w", err)
	}
	parts, err := queries.New(o.db).LiveParts(ctx)
	if err != nil {
		return nil, fmt.Errorf("list live parts of packages: %w", err)
	}
	sheets, err := queries.New(o.db).LiveSheets(ctx)
	if err != nil {
		return nil, fmt.Errorf("list live sheets of packages: %w", err)
	}
	live := make(map[uuid.UUID]bool, len(ids)+len(parts)+len(sheets))
	for _, id := range parts {
		live[id] = true
	}
	for _, id := range sheets {
		live[id] = true
	}
	for _, id := range ids {
		live[id] = true
	}
	return live, nil
}

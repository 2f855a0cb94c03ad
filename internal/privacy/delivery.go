package privacy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// download is the purpose of the short-lived grant behind one click.
const download auth.Purpose = "download"

// GrantTTL is how long one click may fetch, resume included.
const GrantTTL = 15 * time.Minute

// Deliver makes the approved package ready for the person.
func (o *Office) Deliver(ctx context.Context, l Lease) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		p, err := q.ApprovedProposal(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("read the approved package of %s: %w", r.Ref, err)
		}
		until := o.now().AddDate(0, 0, o.set.DeliveryDays)
		if err := q.InsertDelivery(ctx, queries.InsertDeliveryParams{RequestID: r.ID, ProposalID: p.ID, Until: until, Allowed: int32(o.set.DeliveryCount)}); err != nil {
			return fmt.Errorf("open the delivery of %s: %w", r.Ref, err)
		}
		if err := o.move(ctx, tx, system, r, change{to: Ready, detail: map[string]any{"hash": p.Hash}}); err != nil {
			return err
		}
		return o.write(ctx, tx, *r, mail.Ready{Ref: string(r.Ref), Path: link.MyData(string(r.Ref)), Until: until})
	})
}

// OpenDelivery counts one download and gives a grant for it: fifteen minutes,
// for this request, to be redeemed by the same address as often as a resumed
// transfer needs.
func (o *Office) OpenDelivery(ctx context.Context, email string, ref Ref) (grant string, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockOwn(ctx, tx, email, ref)
		if err != nil {
			return err
		}
		if r.State != Ready {
			return fault.New(fault.Expired, "error.delivery_over")
		}
		n, err := queries.New(tx).CountDownload(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("count a download of %s: %w", r.Ref, err)
		}
		if n == 0 {
			return fault.New(fault.Expired, "error.delivery_over")
		}
		if err := o.note(ctx, tx, subject(r), r, "delivery.opened", nil); err != nil {
			return err
		}
		grant, err = auth.MintLink(ctx, tx, download, r.ID, GrantTTL)
		return err
	})
	return grant, err
}

// RedeemDelivery gives the package behind a grant. It uses nothing up: a
// browser that resumes asks again.
func (o *Office) RedeemDelivery(ctx context.Context, email string, ref Ref, grant string) (Delivery, error) {
	l, err := auth.PeekLink(ctx, o.db, grant)
	if err != nil {
		return Delivery{}, err
	}
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return Delivery{}, err
	}
	if l.Purpose != download || l.Bound != r.ID || l.Expired || l.Used {
		return Delivery{}, fault.New(fault.Expired, "error.grant_over")
	}
	d, err := o.delivery(ctx, r)
	if err != nil {
		return Delivery{}, err
	}
	if d == nil || r.State != Ready {
		return Delivery{}, fault.New(fault.Expired, "error.delivery_over")
	}
	return *d, nil
}

// delivery reads what waits for the person; nil when nothing does.
func (o *Office) delivery(ctx context.Context, r Request) (*Delivery, error) {
	q := queries.New(o.db)
	d, err := q.DeliveryOf(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the delivery of %s: %w", r.Ref, err)
	}
	w, err := q.ApprovedProposal(ctx, r.ID)
	if err != nil {
		return nil, fmt.Errorf("read the package of %s: %w", r.Ref, err)
	}
	p, err := fromProposal(w)
	if err != nil || p.Package == nil || p.Manifest == nil {
		return nil, err
	}
	return &Delivery{Artifact: *p.Package, Manifest: *p.Manifest, Until: d.Until, Used: int(d.Used), Allowed: int(d.Allowed)}, nil
}

// Inspect lets a member look into the staged package, with a reason that is
// kept in the audit.
func (o *Office) Inspect(ctx context.Context, by staff.Member, id ID, reason string) (Delivery, error) {
	if err := may(by, staff.ContentRead); err != nil {
		return Delivery{}, err
	}
	f := fault.Fields{}
	if reason = strings.TrimSpace(reason); utf8.RuneCountInString(reason) < 5 {
		f.Add("reason", "error.field.reason_missing")
	}
	tooLong(f, "reason", reason, MaxName)
	if err := f.Err(); err != nil {
		return Delivery{}, err
	}
	if err := o.fresh(by); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		w, err := queries.New(tx).LockCurrentProposal(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "error.no_package")
		}
		if err != nil {
			return fmt.Errorf("read the package of %s: %w", r.Ref, err)
		}
		p, err := fromProposal(w)
		if err != nil {
			return err
		}
		if p.Package == nil || p.Manifest == nil {
			return fault.New(fault.NotFound, "error.no_package")
		}
		d = Delivery{Artifact: *p.Package, Manifest: *p.Manifest}
		return o.note(ctx, tx, by.Actor(), r, "content.read", map[string]any{"reason": reason, "hash": p.Hash})
	})
	return d, err
}

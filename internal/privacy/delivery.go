package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/export"
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
		if err := q.DropSheetKeys(ctx, r.ID); err != nil {
			return fmt.Errorf("close the review of %s: %w", r.Ref, err)
		}
		if err := o.move(ctx, tx, system, r, change{to: Ready, detail: map[string]any{"hash": p.Hash}}); err != nil {
			return err
		}
		made, err := readProposal(ctx, q, p)
		if err != nil {
			return err
		}
		return o.answer(ctx, tx, *r, nil, &Delivery{Package: made.Package, Until: until, Allowed: o.set.DeliveryCount}, made.Review,
			mail.Ready{Ref: string(r.Ref), Path: link.MyData(string(r.Ref)), Until: until})
	})
}

// OpenDelivery counts one download of a part, counted from 1, and gives a grant
// for it: fifteen minutes, for this part, to be redeemed by the same address as
// often as a resumed transfer needs.
func (o *Office) OpenDelivery(ctx context.Context, email string, ref Ref, part int) (grant string, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockOwn(ctx, tx, email, ref)
		if err != nil {
			return err
		}
		if r.State != Ready {
			return fault.New(fault.Expired, "error.delivery_over")
		}
		artifact, err := queries.New(tx).CountDownload(ctx, queries.CountDownloadParams{RequestID: r.ID, Number: int32(part)})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Expired, "error.delivery_over")
		}
		if err != nil {
			return fmt.Errorf("count a download of %s: %w", r.Ref, err)
		}
		if err := o.note(ctx, tx, subject(r), r, "delivery.opened", map[string]any{"part": part}); err != nil {
			return err
		}
		grant, err = auth.MintLink(ctx, tx, download, artifact, GrantTTL)
		return err
	})
	return grant, err
}

// RedeemDelivery gives the part behind a grant. It uses nothing up: a browser
// that resumes asks again.
func (o *Office) RedeemDelivery(ctx context.Context, email string, ref Ref, grant string) (Fetch, error) {
	l, err := auth.PeekLink(ctx, o.db, grant)
	if err != nil {
		return Fetch{}, err
	}
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return Fetch{}, err
	}
	d, err := o.delivery(ctx, r)
	if err != nil {
		return Fetch{}, err
	}
	if d == nil || r.State != Ready {
		return Fetch{}, fault.New(fault.Expired, "error.delivery_over")
	}
	i := slices.IndexFunc(d.Package, func(p export.Part) bool { return p.ID == l.Bound })
	if i < 0 || l.Purpose != download || l.Expired || l.Used {
		return Fetch{}, fault.New(fault.Expired, "error.grant_over")
	}
	return Fetch{d.Package[i], i + 1, len(d.Package)}, nil
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
	p, err := readProposal(ctx, q, w)
	if err != nil || len(p.Package) == 0 || p.Package.Gone() {
		return nil, err
	}
	parts, err := q.PartsOf(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("read the downloads of %s: %w", r.Ref, err)
	}
	out := &Delivery{Package: p.Package, Until: d.Until, Used: int(d.Used), Allowed: int(d.Allowed)}
	for _, part := range parts {
		out.Opened = append(out.Opened, int(part.Used))
	}
	return out, nil
}

// Inspect lets a member look into a part of the staged package, counted from 1,
// with a reason that is kept in the audit.
func (o *Office) Inspect(ctx context.Context, by staff.Member, id ID, part int, reason string) (Fetch, error) {
	if err := may(by, staff.ContentRead); err != nil {
		return Fetch{}, err
	}
	f := fault.Fields{}
	if reason = strings.TrimSpace(reason); utf8.RuneCountInString(reason) < 5 {
		f.Add("reason", "error.field.reason_missing")
	}
	tooLong(f, "reason", reason, MaxName)
	if err := f.Err(); err != nil {
		return Fetch{}, err
	}
	if err := o.fresh(by); err != nil {
		return Fetch{}, err
	}
	var out Fetch
	err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		q := queries.New(tx)
		w, err := q.LockCurrentProposal(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "error.no_package")
		}
		if err != nil {
			return fmt.Errorf("read the package of %s: %w", r.Ref, err)
		}
		p, err := readProposal(ctx, q, w)
		if err != nil {
			return err
		}
		if part < 1 || part > len(p.Package) || p.Package.Gone() {
			return fault.New(fault.NotFound, "error.no_package")
		}
		out = Fetch{p.Package[part-1], part, len(p.Package)}
		return o.note(ctx, tx, by.Actor(), r, "content.read", map[string]any{"reason": reason, "hash": p.Hash, "part": part})
	})
	return out, err
}

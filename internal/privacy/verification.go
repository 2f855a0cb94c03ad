package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// PeekLink says what a mailed link is for without using it up; mail scanners
// open links, so only the button on the page acts.
func (o *Office) PeekLink(ctx context.Context, raw string) (LinkState, error) {
	l, err := auth.PeekLink(ctx, o.db, raw)
	if err != nil {
		return LinkState{}, err
	}
	s := LinkState{Purpose: LinkPurpose(l.Purpose), Expired: l.Expired || l.Used}
	switch s.Purpose {
	case LinkConfirm, LinkDeletion:
		if s.Request, err = o.Load(ctx, l.Bound); err != nil {
			return LinkState{}, err
		}
	case LinkMine:
	default: // a link of another kind of page
		return LinkState{}, fault.New(fault.NotFound, "error.no_link")
	}
	return s, nil
}

// RenewLink mails a fresh link to the address the old one went to: to confirm
// while that is still to be done, else to the person's own pages. Whoever holds
// the old one learns nothing.
func (o *Office) RenewLink(ctx context.Context, raw string) error {
	l, err := auth.PeekLink(ctx, o.db, raw)
	if err != nil {
		return err
	}
	r, err := o.Load(ctx, l.Bound)
	if err != nil {
		return err
	}
	if LinkPurpose(l.Purpose) == LinkConfirm && r.State == Received {
		return o.Resend(ctx, l.Bound)
	}
	return o.SendMyLink(ctx, r.Email, r.Lang)
}

// Confirm uses up the link from the first letter: the address is proved, and
// staff may begin. The clock started when the request was sent in.
func (o *Office) Confirm(ctx context.Context, raw string) (r Request, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		id, err := auth.RedeemLink(ctx, tx, auth.Purpose(LinkConfirm), raw)
		if err != nil {
			return err
		}
		if r, err = o.lock(ctx, tx, id); err != nil {
			return err
		}
		now := o.now()
		if err := queries.New(tx).SetVerified(ctx, queries.SetVerifiedParams{ID: id, VerifiedAt: &now}); err != nil {
			return fmt.Errorf("note the proof of %s: %w", r.Ref, err)
		}
		r.VerifiedAt = &now
		if err := o.move(ctx, tx, subject(r), &r, change{to: Verified, detail: map[string]any{"proof": "email"}}); err != nil {
			return err
		}
		if err := o.compose(ctx, tx, system, r, letter.Acknowledgement, letter.Facts{}); err != nil {
			return err
		}
		if r.Kind.AtOnce() { // nothing to decide: a worker goes on
			return o.move(ctx, tx, system, &r, change{to: Discovering, work: true})
		}
		return nil
	})
	return r, err
}

// Disown ends a request that somebody else made with this address, and forgets
// what was typed.
func (o *Office) Disown(ctx context.Context, raw string) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		id, err := auth.RedeemLink(ctx, tx, auth.Purpose(LinkConfirm), raw)
		if err != nil {
			return err
		}
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := o.move(ctx, tx, subject(r), &r, change{to: Lapsed, outcome: Disowned}); err != nil {
			return err
		}
		return queries.New(tx).ForgetPerson(ctx, id)
	})
}

// SendMyLink mails the sign-in link to the person's own pages. The caller
// learns nothing about the address; both branches queue one letter.
func (o *Office) SendMyLink(ctx context.Context, email string, l lang.Tag) error {
	address, err := mail.ParseAddress(email)
	if err != nil {
		f := fault.Fields{}
		f.Add("email", "error.field.email_wrong")
		return f.Err()
	}
	for _, l := range []struct {
		what string
		auth.Limit
	}{{"my-link", auth.Limit{Burst: 6, Per: time.Hour}}, {"my-link a day", auth.Limit{Burst: 24, Per: 24 * time.Hour}}} {
		if err := o.throttle.Allow(ctx, l.what, address, l.Limit); err != nil {
			return err
		}
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, known, err := latest(ctx, tx, address)
		if err != nil {
			return err
		}
		raw, err := mintMine(ctx, tx, r.ID, known)
		if err != nil {
			return err
		}
		if !known {
			return o.outbox.Queue(ctx, tx, mail.Recipient{Address: address, Lang: l}, nil, mail.NoRequests{Path: link.RequestRight})
		}
		return o.outbox.Queue(ctx, tx, mail.Recipient{Address: r.Email, Name: r.Name, Lang: r.Lang}, &r.ID, mail.MyRequests{Path: link.Confirm(raw)})
	})
}

// latest is the newest request of an address; of one that has none, a request
// that never was.
func latest(ctx context.Context, tx pgx.Tx, address string) (r Request, known bool, err error) {
	row, err := queries.New(tx).LatestOfAddress(ctx, address)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{ID: uuid.New()}, false, nil
	}
	if err != nil {
		return Request{}, false, fmt.Errorf("look for requests of an address: %w", err)
	}
	r, err = fromRow(row)
	return r, true, err
}

// mintMine makes a link, and takes it back where it was only for show: the time
// that an answer takes must not tell whether an address is known.
func mintMine(ctx context.Context, tx pgx.Tx, id ID, keep bool) (raw string, err error) {
	attempt, err := tx.Begin(ctx)
	if err != nil {
		return "", fmt.Errorf("begin a link: %w", err)
	}
	if raw, err = auth.MintLink(ctx, attempt, auth.Purpose(LinkMine), id, 15*time.Minute); err != nil {
		return "", err
	}
	end := attempt.Commit
	if !keep {
		end = attempt.Rollback
	}
	if err := end(ctx); err != nil {
		return "", fmt.Errorf("end a link: %w", err)
	}
	return raw, nil
}

// OpenMine uses up a link to the person's own pages (or to the plan of a
// deletion) and gives the address it proves.
func (o *Office) OpenMine(ctx context.Context, raw string) (email string, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		l, err := auth.PeekLink(ctx, tx, raw)
		if err != nil {
			return err
		}
		if p := LinkPurpose(l.Purpose); p != LinkMine && p != LinkDeletion {
			return fault.New(fault.NotFound, "error.no_link")
		}
		id, err := auth.RedeemLink(ctx, tx, l.Purpose, raw)
		if err != nil {
			return err
		}
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		email = r.Email
		return audit.Append(ctx, tx, audit.Event{Actor: subject(r), Action: "person.signed_in", Target: string(r.Ref), Request: id.String()})
	})
	return email, err
}

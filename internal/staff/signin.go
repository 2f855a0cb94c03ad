package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// How often an address may be sent a sign-in link, and a code be tried.
var (
	linkLimit = auth.Limit{Burst: 5, Per: time.Hour}
	codeLimit = auth.Limit{Burst: 5, Per: 15 * time.Minute}
)

// SendSignIn mails a sign-in link, good for ten minutes. An address that we do
// not know, or may no longer sign in, gets no mail and the same answer, after
// the same work in the database: the answer must not tell who works here.
func (r *Roster) SendSignIn(ctx context.Context, email string) error {
	if err := r.throttle.Allow(ctx, "staff sign-in link", strings.ToLower(strings.TrimSpace(email)), linkLimit); err != nil {
		return err
	}
	m, err := r.ByEmail(ctx, email)
	welcome := err == nil && m.welcome()
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return err
	case !welcome:
		m = Member{ID: uuid.New(), Email: "nobody@example.invalid", Name: "Nobody", Lang: lang.English}
	}
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		attempt, err := tx.Begin(ctx)
		if err != nil {
			return fmt.Errorf("begin a sign-in link: %w", err)
		}
		if _, err := r.sendLink(ctx, attempt, m, signIn); err != nil {
			return err
		}
		if !welcome {
			if err := attempt.Rollback(ctx); err != nil {
				return fmt.Errorf("take a sign-in link back: %w", err)
			}
			return audit.Append(ctx, tx, audit.Event{Actor: system, Action: "staff.sign_in_unknown"})
		}
		if err := attempt.Commit(ctx); err != nil {
			return fmt.Errorf("keep a sign-in link: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: system, Action: "staff.sign_in_sent", Target: m.ID.String()})
	})
}

var system = audit.Actor{Kind: audit.SystemActor, ID: "sign-in", Label: "Sign-in"}

func (r *Roster) sendLink(ctx context.Context, tx pgx.Tx, m Member, p auth.Purpose) (path string, err error) {
	raw, err := auth.MintLink(ctx, tx, p, m.ID, linkLife[p])
	if err != nil {
		return "", err
	}
	path = link.DeskLink(raw)
	var letter mail.Letter = mail.StaffSignIn{Path: path}
	if p == invitation {
		letter = mail.StaffInvite{Path: path}
	}
	to := mail.Recipient{Address: m.Email, Name: m.Name, Lang: m.Lang}
	if err := r.outbox.Queue(ctx, tx, to, nil, letter); err != nil {
		return "", err
	}
	return path, nil
}

// PeekSignIn looks at a mailed link without using it. Expired covers used and
// replaced; a link that never was is NotFound, and so is one of another kind.
func (r *Roster) PeekSignIn(ctx context.Context, raw string) (expired bool, err error) {
	l, err := auth.PeekLink(ctx, r.pool, raw)
	if err != nil {
		return false, err
	}
	if _, ok := linkLife[l.Purpose]; !ok {
		return false, fault.New(fault.NotFound, "error.link_unknown")
	}
	return l.Expired || l.Used, nil
}

// welcome says that the member may show the first factor.
func (m Member) welcome() bool { return !m.Disabled && !m.Lapsed }

// RedeemSignIn uses the link up and gives the member: the first of two factors.
// The second is CheckCode or CheckPasskey, or enrolment if the member has none.
func (r *Roster) RedeemSignIn(ctx context.Context, raw string) (Member, error) {
	l, err := auth.PeekLink(ctx, r.pool, raw)
	if _, ok := linkLife[l.Purpose]; fault.KindOf(err) == fault.NotFound || err == nil && !ok {
		return Member{}, fault.New(fault.Expired, "error.link_expired")
	}
	if err != nil {
		return Member{}, err
	}
	var m Member
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		id, err := auth.RedeemLink(ctx, tx, l.Purpose, raw)
		if err != nil {
			return err
		}
		if m, err = found(queries.New(tx).LockMember(ctx, id)); err != nil {
			return err
		}
		if !m.welcome() {
			return fault.New(fault.Expired, "error.link_expired")
		}
		if err := queries.New(tx).ClearPending(ctx, id); err != nil {
			return fmt.Errorf("clear an unconfirmed code secret: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: m.Actor(), Action: "staff.link_used", Target: m.ID.String()})
	})
	if err != nil {
		return Member{}, err
	}
	return m, nil
}

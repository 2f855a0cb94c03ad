package staff

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
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// Person is a member as the list of people shows them.
type Person struct {
	Member
	InvitedUntil time.Time // of somebody who has not come in yet
	App          bool
	Passkeys     int
	Codes        int  // recovery codes that are left
	Bound        bool // signs in through the company's provider
	Open         int  // where they are signed in now
}

// People lists everybody, those who were switched off last.
func (r *Roster) People(ctx context.Context) ([]Person, error) {
	rows, err := queries.New(r.pool).People(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the people: %w", err)
	}
	open, err := auth.OpenLogins(ctx, r.pool)
	if err != nil {
		return nil, err
	}
	now, err := r.clock(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(rows))
	for i, row := range rows {
		m := member(queries.LockMemberRow{ID: row.ID, Email: row.Email, Name: row.Name, Roles: row.Roles, Lang: row.Lang,
			DisabledAt: row.DisabledAt, ArrivedAt: row.ArrivedAt, Invited: row.InvitedUntil.After(now), Enrolled: row.EnrolledAt != nil || row.Passkeys > 0})
		out[i] = Person{Member: m, InvitedUntil: row.InvitedUntil, App: row.EnrolledAt != nil, Passkeys: int(row.Passkeys), Codes: int(row.Codes),
			Bound: row.Bound, Open: open[row.ID]}
	}
	return out, nil
}

// clock is the database's: who is invited must not hang on ours.
func (r *Roster) clock(ctx context.Context) (now time.Time, err error) {
	if err := r.pool.QueryRow(ctx, "SELECT now()").Scan(&now); err != nil {
		return now, fmt.Errorf("ask for the time: %w", err)
	}
	return now, nil
}

// Invite sends the invitation again: to somebody who has not come in, or to
// somebody who was switched off. They begin as on the first day, with the roles
// that they have; the older link opens nothing any more.
func (r *Roster) Invite(ctx context.Context, by audit.Actor, id uuid.UUID) error {
	return r.change(ctx, id, true, func(tx pgx.Tx, m Member) error {
		if m.Arrived && !m.Disabled {
			return fault.New(fault.Conflict, "error.staff_active")
		}
		q := queries.New(tx)
		_, unbound := q.DropIdentities(ctx, id)
		if err := errors.Join(dropFactors(ctx, q, id), unbound, q.InviteAgain(ctx, id)); err != nil {
			return fmt.Errorf("invite %s again: %w", id, err)
		}
		if _, err := r.sendLink(ctx, tx, m, invitation); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.invited", Target: id.String(),
			Detail: map[string]any{"roles": m.Roles, "again": true}})
	})
}

// Withdraw takes an invitation back before anybody came in with it.
func (r *Roster) Withdraw(ctx context.Context, by audit.Actor, id uuid.UUID) error {
	return r.change(ctx, id, false, func(tx pgx.Tx, m Member) error {
		if m.Arrived {
			return fault.New(fault.Conflict, "error.staff_active")
		}
		if m.Disabled { // a double click
			return nil
		}
		if err := queries.New(tx).DisableMember(ctx, id); err != nil {
			return fmt.Errorf("withdraw the invitation of %s: %w", id, err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.withdrawn", Target: id.String()})
	})
}

// Unbind ends a member's sign-in through the provider, and their sessions; they
// come in by a mailed link again.
func (r *Roster) Unbind(ctx context.Context, by audit.Actor, id uuid.UUID) error {
	return r.change(ctx, id, true, func(tx pgx.Tx, _ Member) error {
		n, err := queries.New(tx).DropIdentities(ctx, id)
		if err != nil {
			return fmt.Errorf("unbind the identity of %s: %w", id, err)
		}
		if n == 0 {
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.sso_unbound", Target: id.String()})
	})
}

// Unlink does the same for a member's own account, and leaves this sign-in open.
func (r *Roster) Unlink(ctx context.Context, m Member, keep uuid.UUID) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		n, err := queries.New(tx).DropIdentities(ctx, m.ID)
		if err != nil {
			return fmt.Errorf("unbind the identity of %s: %w", m.ID, err)
		}
		if n == 0 {
			return nil
		}
		ended, err := auth.EndOtherLogins(ctx, tx, m.ID, keep)
		if err != nil {
			return err
		}
		return note(ctx, tx, m, "staff.sso_unbound", map[string]any{"ended": ended})
	})
}

// SignInAs gives the member for whom a provider vouches: the first factor, in
// place of a mailed link. Only issuer and subject say who it is. The address is
// looked at once, for somebody who was invited and comes in for the first time;
// afterwards an account elsewhere with the same address is a stranger.
func (r *Roster) SignInAs(ctx context.Context, id auth.Identity) (m Member, err error) {
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		who, err := q.MemberByIdentity(ctx, queries.MemberByIdentityParams{Issuer: id.Issuer, Subject: id.Subject})
		if errors.Is(err, pgx.ErrNoRows) {
			if who, err = r.firstTime(ctx, tx, id); err != nil {
				return err
			}
		} else if err != nil {
			return fmt.Errorf("find whom an identity is bound to: %w", err)
		}
		if m, err = found(q.LockMember(ctx, who)); err != nil {
			return err
		}
		if !m.welcome() {
			return errStranger
		}
		if err := q.ClearPending(ctx, m.ID); err != nil {
			return fmt.Errorf("clear an unconfirmed code secret: %w", err)
		}
		if id.MFA {
			if err := q.Arrive(ctx, m.ID); err != nil {
				return fmt.Errorf("note the arrival of %s: %w", m.ID, err)
			}
		}
		return note(ctx, tx, m, "staff.sso_used", map[string]any{"mfa": id.MFA})
	})
	if errors.Is(err, errStranger) {
		return Member{}, errors.Join(err, r.notice(ctx, "staff.sso_refused"))
	}
	return m, err
}

// errStranger is the same for all of them: it must not tell who works here.
var errStranger = fault.New(fault.Unproved, "error.sso_stranger")

// firstTime binds an identity to the member who was invited under its address.
func (r *Roster) firstTime(ctx context.Context, tx pgx.Tx, id auth.Identity) (uuid.UUID, error) {
	if !id.Verified {
		return uuid.Nil, errStranger
	}
	address, err := mail.ParseAddress(id.Email)
	if err != nil {
		return uuid.Nil, errStranger
	}
	q := queries.New(tx)
	row, err := q.MemberByEmail(ctx, address)
	m, err := found(queries.LockMemberRow(row), err)
	if fault.KindOf(err) == fault.NotFound {
		return uuid.Nil, errStranger
	}
	if err != nil {
		return uuid.Nil, err
	}
	if m, err = found(q.LockMember(ctx, m.ID)); err != nil { // as it is now
		return uuid.Nil, err
	}
	if m.Arrived || !m.welcome() {
		return uuid.Nil, errStranger
	}
	return m.ID, bind(ctx, tx, m, id)
}

// Bind lets a member who is in come in through the provider from now on.
func (r *Roster) Bind(ctx context.Context, m Member, id auth.Identity) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		who, err := q.MemberByIdentity(ctx, queries.MemberByIdentityParams{Issuer: id.Issuer, Subject: id.Subject})
		if err == nil && who == m.ID {
			return nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("find whom an identity is bound to: %w", err)
		}
		if _, err := found(q.LockMember(ctx, m.ID)); err != nil {
			return err
		}
		return bind(ctx, tx, m, id)
	})
}

func bind(ctx context.Context, tx pgx.Tx, m Member, id auth.Identity) error {
	n, err := queries.New(tx).BindIdentity(ctx, queries.BindIdentityParams{Issuer: id.Issuer, Subject: id.Subject, Member: m.ID})
	if err != nil {
		return fmt.Errorf("bind an identity to %s: %w", m.ID, err)
	}
	if n == 0 { // somebody else's, or the member has one
		return errStranger
	}
	return note(ctx, tx, m, "staff.sso_bound", nil)
}

// notice records something that nobody we know did.
func (r *Roster) notice(ctx context.Context, action string) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Actor: system, Action: action})
	})
}

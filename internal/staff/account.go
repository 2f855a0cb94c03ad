package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// Passkey is one of a member's, as they see it.
type Passkey struct {
	ID      []byte
	Name    string
	Made    time.Time
	Used    *time.Time
	Blocked bool // its counter went back: it opens nothing any more
}

// Login is one sign-in that is not over.
type Login = auth.OpenLogin

// Account is how a member comes in, and where they are in now.
type Account struct {
	App      *time.Time // since when they have an authenticator app
	Passkeys []Passkey
	Codes    int // recovery codes that are left
	Bound    *time.Time
	Logins   []Login
}

// Usable counts the passkeys that work.
func (a Account) Usable() (n int) {
	for _, k := range a.Passkeys {
		if !k.Blocked {
			n++
		}
	}
	return n
}

// Account gives a member's own account; issuer is the provider whose sign-in is
// meant, "" for none.
func (r *Roster) Account(ctx context.Context, id uuid.UUID, issuer string) (Account, error) {
	f, err := r.factor(ctx, id)
	if err != nil {
		return Account{}, err
	}
	a, q := Account{App: f.EnrolledAt}, queries.New(r.pool)
	if a.Passkeys, err = passkeysOf(ctx, q, id); err != nil {
		return a, err
	}
	n, err := q.RecoveryLeft(ctx, id)
	if err != nil {
		return a, fmt.Errorf("count the recovery codes of %s: %w", id, err)
	}
	a.Codes = int(n)
	bound, err := q.IdentityOf(ctx, queries.IdentityOfParams{Member: id, Issuer: issuer})
	if err == nil {
		a.Bound = &bound.BoundAt
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return a, fmt.Errorf("read the identity of %s: %w", id, err)
	}
	a.Logins, err = auth.LoginsOf(ctx, r.pool, id)
	return a, err
}

func passkeysOf(ctx context.Context, q *queries.Queries, id uuid.UUID) ([]Passkey, error) {
	rows, err := q.PasskeysOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the passkeys of %s: %w", id, err)
	}
	out := make([]Passkey, len(rows))
	for i, row := range rows {
		out[i] = Passkey{ID: row.ID, Name: row.Name, Made: row.MadeAt, Used: row.UsedAt, Blocked: row.BlockedAt != nil}
	}
	return out, nil
}

// Factors says what a member may show as the second factor.
func (r *Roster) Factors(ctx context.Context, id uuid.UUID) (app, passkey bool, err error) {
	f, err := r.factor(ctx, id)
	if err != nil || r.Passkeys == nil {
		return f.EnrolledAt != nil, false, err
	}
	keys, err := passkeysOf(ctx, queries.New(r.pool), id)
	return f.EnrolledAt != nil, Account{Passkeys: keys}.Usable() > 0, err
}

// NewRecovery gives other recovery codes, which are shown this once. The old
// ones are worth nothing from then on.
func (r *Roster) NewRecovery(ctx context.Context, m Member) (codes []string, err error) {
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		if codes, err = renewRecovery(ctx, tx, m.ID); err != nil {
			return err
		}
		return note(ctx, tx, m, "staff.recovery_made", nil)
	})
	return codes, err
}

// EndLogin ends one of the member's own sign-ins.
func (r *Roster) EndLogin(ctx context.Context, m Member, login uuid.UUID) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		there, err := auth.EndLogin(ctx, tx, m.ID, login)
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.NotFound, "error.no_login")
		}
		return note(ctx, tx, m, "staff.login_ended", map[string]any{"ended": 1})
	})
}

// EndOtherLogins ends all of the member's own sign-ins but this one.
func (r *Roster) EndOtherLogins(ctx context.Context, m Member, keep uuid.UUID) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		n, err := auth.EndOtherLogins(ctx, tx, m.ID, keep)
		if err != nil || n == 0 {
			return err
		}
		return note(ctx, tx, m, "staff.login_ended", map[string]any{"ended": n})
	})
}

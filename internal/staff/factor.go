package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// issuer is how an authenticator app names us.
const issuer = "CrowsStack Privacy"

// recoveryCodes is how many a member gets.
const recoveryCodes = 10

// EnrolSecret gives the secret of a member's future code, and its address for
// an authenticator app. Asked again before it is confirmed, it is the same one:
// a reloaded page must not spoil what was scanned. A new sign-in gets another,
// so that nobody enrols with a secret that somebody else was shown.
func (r *Roster) EnrolSecret(ctx context.Context, id uuid.UUID) (secret, otpauth string, err error) {
	m, err := r.ByID(ctx, id)
	if err != nil {
		return "", "", err
	}
	if m.Enrolled {
		return "", "", fault.New(fault.Conflict, "error.enrolled")
	}
	return r.StartApp(ctx, m)
}

// StartApp does the same for a member who is in: another app, or the first one
// beside passkeys. The old one works until the new one is confirmed.
func (r *Roster) StartApp(ctx context.Context, m Member) (secret, otpauth string, err error) {
	if secret, otpauth, err = r.AppSecret(ctx, m); err != nil || secret != "" {
		return secret, otpauth, err
	}
	secret, otpauth, err = auth.NewTOTP(issuer, m.Email)
	if err != nil {
		return "", "", err
	}
	sealed, err := r.keys.Seal(secretAAD(m.ID), []byte(secret))
	if err != nil {
		return "", "", fmt.Errorf("seal the code secret of %s: %w", m.ID, err)
	}
	n, err := queries.New(r.pool).SetPending(ctx, queries.SetPendingParams{ID: m.ID, Pending: sealed})
	if err != nil {
		return "", "", fmt.Errorf("keep the code secret of %s: %w", m.ID, err)
	}
	if n == 0 { // another tab was first
		return r.AppSecret(ctx, m)
	}
	return secret, otpauth, nil
}

// AppSecret gives the secret that waits for its first code; "" if none does.
func (r *Roster) AppSecret(ctx context.Context, m Member) (secret, otpauth string, err error) {
	f, err := r.factor(ctx, m.ID)
	if err != nil || f.TotpPending == nil {
		return "", "", err
	}
	if secret, err = r.openSecret(m.ID, f.TotpPending); err != nil {
		return "", "", err
	}
	otpauth, err = auth.TOTPURL(issuer, m.Email, secret)
	return secret, otpauth, err
}

// ConfirmEnrol turns the second factor on with its first right code, and gives
// the recovery codes, which are shown this once.
func (r *Roster) ConfirmEnrol(ctx context.Context, id uuid.UUID, code string) (recovery []string, err error) {
	err = r.confirmApp(ctx, id, code, func(tx pgx.Tx, m Member) error {
		if m.Enrolled {
			return fault.New(fault.Conflict, "error.enrolled")
		}
		recovery, err = arrive(ctx, tx, m, "app")
		return err
	})
	return recovery, err
}

// ConfirmApp turns another app on with its first right code, and ends the
// member's other sign-ins.
func (r *Roster) ConfirmApp(ctx context.Context, id, login uuid.UUID, code string) error {
	return r.confirmApp(ctx, id, code, func(tx pgx.Tx, m Member) error {
		ended, err := auth.EndOtherLogins(ctx, tx, id, login)
		if err != nil {
			return err
		}
		return note(ctx, tx, m, "staff.app_set", map[string]any{"ended": ended})
	})
}

func (r *Roster) confirmApp(ctx context.Context, id uuid.UUID, code string, also func(pgx.Tx, Member) error) error {
	if err := r.throttle.Allow(ctx, "staff code", id.String(), codeLimit); err != nil {
		return err
	}
	m, err := r.ByID(ctx, id)
	if err != nil {
		return err
	}
	f, err := r.factor(ctx, id)
	if err != nil {
		return err
	}
	if f.TotpPending == nil {
		return fault.New(fault.Conflict, "error.enrolled")
	}
	secret, err := r.openSecret(id, f.TotpPending)
	if err != nil {
		return err
	}
	step, ok := auth.TOTPStep(secret, code, f.Clock, 0)
	if !ok {
		return r.refuse(ctx, m)
	}
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		m, err := found(q.LockMember(ctx, id)) // what it says now, not a moment ago
		if err != nil {
			return err
		}
		if err := also(tx, m); err != nil {
			return err
		}
		n, err := q.Enrol(ctx, queries.EnrolParams{ID: id, Step: step, Pending: f.TotpPending})
		if err != nil {
			return fmt.Errorf("turn the app of %s on: %w", id, err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "error.enrolled")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.throttle.Forget(ctx, "staff code", id.String())
}

// arrive records that a member has a second factor for the first time, and
// gives their recovery codes.
func arrive(ctx context.Context, tx pgx.Tx, m Member, with string) ([]string, error) {
	if err := queries.New(tx).Arrive(ctx, m.ID); err != nil {
		return nil, fmt.Errorf("note the arrival of %s: %w", m.ID, err)
	}
	codes, err := renewRecovery(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	return codes, note(ctx, tx, m, "staff.enrolled", map[string]any{"with": with})
}

func renewRecovery(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]string, error) {
	q := queries.New(tx)
	codes, hashes := newRecovery()
	if err := q.DropRecovery(ctx, id); err != nil {
		return nil, fmt.Errorf("drop old recovery codes of %s: %w", id, err)
	}
	if err := q.InsertRecovery(ctx, queries.InsertRecoveryParams{Member: id, Hashes: hashes}); err != nil {
		return nil, fmt.Errorf("keep the recovery codes of %s: %w", id, err)
	}
	return codes, nil
}

// note writes an audit entry about what a member did to their own account.
func note(ctx context.Context, tx pgx.Tx, m Member, action string, detail map[string]any) error {
	return audit.Append(ctx, tx, audit.Event{Actor: m.Actor(), Action: action, Target: m.ID.String(), Detail: detail})
}

// CheckCode checks the second factor: a code of the authenticator app, or a
// recovery code. Each counts once, also when it comes twice at the same moment.
func (r *Roster) CheckCode(ctx context.Context, id uuid.UUID, code string) error {
	if err := r.throttle.Allow(ctx, "staff code", id.String(), codeLimit); err != nil {
		return err
	}
	m, err := r.ByID(ctx, id)
	if err != nil {
		return err
	}
	f, err := r.factor(ctx, id)
	if err != nil {
		return err
	}
	if !m.Enrolled {
		return fault.New(fault.Conflict, "error.not_enrolled")
	}
	accept, action := r.acceptRecovery(code), "staff.recovery_used"
	if f.EnrolledAt != nil {
		secret, err := r.openSecret(id, f.TotpSecret)
		if err != nil {
			return err
		}
		if step, ok := auth.TOTPStep(secret, code, f.Clock, f.TotpStep); ok {
			accept, action = acceptStep(f.TotpSecret, step), "staff.code_accepted"
		}
	}
	accepted := false
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		n, err := accept(ctx, queries.New(tx), id)
		if err != nil {
			return fmt.Errorf("check the code of %s: %w", id, err)
		}
		if accepted = n == 1; !accepted {
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{Actor: m.Actor(), Action: action, Target: id.String()})
	})
	if err != nil {
		return err
	}
	if !accepted {
		return r.refuse(ctx, m)
	}
	return r.throttle.Forget(ctx, "staff code", id.String())
}

type accepting func(context.Context, *queries.Queries, uuid.UUID) (int64, error)

func acceptStep(sealed []byte, step int64) accepting {
	return func(ctx context.Context, q *queries.Queries, id uuid.UUID) (int64, error) {
		return q.AcceptStep(ctx, queries.AcceptStepParams{ID: id, Secret: sealed, Step: step})
	}
}

func (r *Roster) acceptRecovery(code string) accepting {
	return func(ctx context.Context, q *queries.Queries, id uuid.UUID) (int64, error) {
		return q.UseRecovery(ctx, queries.UseRecoveryParams{Member: id, Hash: recoveryHash(code)})
	}
}

// refuse records the failure and gives the error for the form.
func (r *Roster) refuse(ctx context.Context, m Member) error {
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Actor: m.Actor(), Action: "staff.code_refused", Target: m.ID.String()})
	})
	if err != nil {
		return err
	}
	wrong := fault.Message{Key: "error.code_wrong"}
	return &fault.Error{Kind: fault.Invalid, Text: wrong, Fields: map[string]fault.Message{"code": wrong}}
}

func (r *Roster) factor(ctx context.Context, id uuid.UUID) (queries.FactorRow, error) {
	f, err := queries.New(r.pool).Factor(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, fault.New(fault.NotFound, "error.no_member")
	}
	if err != nil {
		return f, fmt.Errorf("read the second factor of %s: %w", id, err)
	}
	return f, nil
}

func (r *Roster) openSecret(id uuid.UUID, sealed []byte) (string, error) {
	plain, err := r.keys.Open(secretAAD(id), sealed)
	if err != nil {
		return "", fmt.Errorf("open the code secret of %s: %w", id, err)
	}
	return string(plain), nil
}

func secretAAD(id uuid.UUID) string { return "staff code secret " + id.String() }

// newRecovery makes codes such as "k7fm-2qxt-9hbc-w4ne": 80 bits each, so that
// a plain hash is enough.
func newRecovery() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		b := make([]byte, 10)
		rand.Read(b) // never fails
		c := strings.ToLower(base32.StdEncoding.EncodeToString(b))
		c = c[0:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:16]
		codes, hashes = append(codes, c), append(hashes, recoveryHash(c))
	}
	return codes, hashes
}

// recoveryHash reads a code as people type it: any case, with or without the
// dashes and blanks.
func recoveryHash(code string) []byte {
	plain := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte("staff recovery code\n" + plain))
	return sum[:]
}

package staff

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// What a browser is asked about passkeys; an answer to one is none to the other.
const (
	makePasskey = "passkey new"
	usePasskey  = "passkey"
)

// maxPasskeys is more than anybody carries.
const maxPasskeys = 10

var passkeyLimit = auth.Limit{Burst: 20, Per: 15 * time.Minute}

// NewPasskey gives what the browser's script needs to make a passkey. It is
// bound to this sign-in, and the answer counts once.
func (r *Roster) NewPasskey(ctx context.Context, id, login uuid.UUID) (options []byte, err error) {
	h, _, err := r.holder(ctx, id)
	if err != nil {
		return nil, err
	}
	q, err := r.Passkeys.Make(h)
	if err != nil {
		return nil, err
	}
	return q.Options, r.once.Keep(ctx, login, makePasskey, q.Word, q.Session, auth.PasskeyLife)
}

// EnrolPasskey makes a passkey the first second factor of a member, and gives
// the recovery codes, which are shown this once.
func (r *Roster) EnrolPasskey(ctx context.Context, id, login uuid.UUID, name string, answer []byte) (recovery []string, err error) {
	err = r.addPasskey(ctx, id, login, name, answer, func(tx pgx.Tx, m Member) error {
		if m.Enrolled {
			return fault.New(fault.Conflict, "error.enrolled")
		}
		recovery, err = arrive(ctx, tx, m, "passkey")
		return err
	})
	return recovery, err
}

// AddPasskey gives a member who is in one more passkey.
func (r *Roster) AddPasskey(ctx context.Context, id, login uuid.UUID, name string, answer []byte) error {
	return r.addPasskey(ctx, id, login, name, answer, func(tx pgx.Tx, m Member) error {
		return note(ctx, tx, m, "staff.passkey_added", nil)
	})
}

func (r *Roster) addPasskey(ctx context.Context, id, login uuid.UUID, name string, answer []byte, also func(pgx.Tx, Member) error) error {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return wrongField("passkey_name", "error.passkey_name")
	}
	h, _, err := r.holder(ctx, id)
	if err != nil {
		return err
	}
	if len(h.Keys) >= maxPasskeys {
		return wrongField("passkey_name", "error.passkey_many")
	}
	var question json.RawMessage
	if err := r.once.Take(ctx, login, makePasskey, auth.Word(answer), &question); err != nil {
		return err
	}
	key, err := r.Passkeys.Made(h, question, answer)
	if err != nil {
		slog.InfoContext(ctx, "a new passkey was refused", slog.String("why", err.Error()))
		return wrongField("passkey", "error.passkey_new")
	}
	sealed, err := r.keys.Seal(passkeyAAD(id, key.ID), key.Record)
	if err != nil {
		return fmt.Errorf("seal a passkey of %s: %w", id, err)
	}
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		m, err := found(q.LockMember(ctx, id))
		if err != nil {
			return err
		}
		if m.Disabled {
			return fault.New(fault.NotFound, "error.no_member")
		}
		if err := also(tx, m); err != nil {
			return err
		}
		n, err := q.InsertPasskey(ctx, queries.InsertPasskeyParams{ID: key.ID, Member: id, Name: name, Record: sealed, SignCount: int64(key.Count)})
		if err != nil {
			return fmt.Errorf("keep a passkey of %s: %w", id, err)
		}
		if n == 0 { // this name, or this very key
			return wrongField("passkey_name", "error.passkey_twice")
		}
		return nil
	})
}

// AskPasskey gives what the browser's script needs to use one of the member's
// passkeys.
func (r *Roster) AskPasskey(ctx context.Context, id, login uuid.UUID) (options []byte, err error) {
	h, _, err := r.holder(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(h.Keys) == 0 {
		return nil, fault.New(fault.Conflict, "error.no_passkey")
	}
	q, err := r.Passkeys.Use(h)
	if err != nil {
		return nil, err
	}
	return q.Options, r.once.Keep(ctx, login, usePasskey, q.Word, q.Session, auth.PasskeyLife)
}

// CheckPasskey checks the second factor: an answer to AskPasskey of the same
// sign-in. It counts once. A key whose counter went back is blocked, because
// somebody may have a copy of it.
func (r *Roster) CheckPasskey(ctx context.Context, id, login uuid.UUID, answer []byte) error {
	if err := r.throttle.Allow(ctx, "staff passkey", id.String(), passkeyLimit); err != nil {
		return err
	}
	h, m, err := r.holder(ctx, id)
	if err != nil {
		return err
	}
	var question json.RawMessage
	if err := r.once.Take(ctx, login, usePasskey, auth.Word(answer), &question); err != nil {
		return err
	}
	key, copied, err := r.Passkeys.Used(h, question, answer)
	if err != nil {
		slog.InfoContext(ctx, "a passkey was refused", slog.String("why", err.Error()))
		return r.passkeyRefused(ctx, m, nil)
	}
	if copied {
		return r.passkeyRefused(ctx, m, key.ID)
	}
	accepted := false
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		n, err := queries.New(tx).CountPasskey(ctx, queries.CountPasskeyParams{ID: key.ID, Member: id, SignCount: int64(key.Count)})
		if err != nil {
			return fmt.Errorf("count a passkey of %s: %w", id, err)
		}
		if accepted = n == 1; !accepted {
			return nil
		}
		return note(ctx, tx, m, "staff.passkey_used", nil)
	})
	if err != nil {
		return err
	}
	if !accepted { // blocked, removed or counted at the same moment
		return r.passkeyRefused(ctx, m, nil)
	}
	return r.throttle.Forget(ctx, "staff passkey", id.String())
}

// passkeyRefused records the failure, blocks a key that was copied, and gives
// the error for the form.
func (r *Roster) passkeyRefused(ctx context.Context, m Member, copied []byte) error {
	action, sentence := "staff.passkey_refused", "error.passkey_wrong"
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		if copied != nil {
			action, sentence = "staff.passkey_blocked", "error.passkey_blocked"
			if err := queries.New(tx).BlockPasskey(ctx, queries.BlockPasskeyParams{ID: copied, Member: m.ID}); err != nil {
				return fmt.Errorf("block a passkey of %s: %w", m.ID, err)
			}
		}
		return note(ctx, tx, m, action, nil)
	})
	if err != nil {
		return err
	}
	return wrongField("passkey", sentence)
}

// RemovePasskey takes a passkey away, unless it is the last factor that works.
func (r *Roster) RemovePasskey(ctx context.Context, id uuid.UUID, key []byte) error {
	return r.removeFactor(ctx, id, "staff.passkey_removed", func(q *queries.Queries) error {
		_, err := q.DropPasskey(ctx, queries.DropPasskeyParams{ID: key, Member: id})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "error.no_passkey")
		}
		return err
	})
}

// RemoveApp takes the authenticator app away, unless it is the last factor.
func (r *Roster) RemoveApp(ctx context.Context, id uuid.UUID) error {
	return r.removeFactor(ctx, id, "staff.app_removed", func(q *queries.Queries) error {
		n, err := q.DropApp(ctx, id)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "error.no_app")
		}
		return err
	})
}

// removeFactor runs drop on a locked member, and takes it back if no factor is
// left that works: of two removals at once, the second sees the first.
func (r *Roster) removeFactor(ctx context.Context, id uuid.UUID, action string, drop func(*queries.Queries) error) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		m, err := found(q.LockMember(ctx, id))
		if err != nil {
			return err
		}
		if err := drop(q); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return err
			}
			return fmt.Errorf("remove a factor of %s: %w", id, err)
		}
		f, err := q.Factor(ctx, id)
		if err != nil {
			return fmt.Errorf("read the factors of %s: %w", id, err)
		}
		keys, err := q.PasskeysOf(ctx, id)
		if err != nil {
			return fmt.Errorf("read the passkeys of %s: %w", id, err)
		}
		works := f.EnrolledAt != nil
		for _, k := range keys {
			works = works || k.BlockedAt == nil
		}
		if !works {
			return fault.New(fault.Conflict, "error.last_factor")
		}
		return note(ctx, tx, m, action, nil)
	})
}

// holder gives a member as the owner of the passkeys that work.
func (r *Roster) holder(ctx context.Context, id uuid.UUID) (auth.Holder, Member, error) {
	if r.Passkeys == nil {
		return auth.Holder{}, Member{}, fault.New(fault.NotFound, "error.passkeys_off")
	}
	m, err := r.ByID(ctx, id)
	if err != nil {
		return auth.Holder{}, m, err
	}
	q := queries.New(r.pool)
	fresh := make([]byte, 64)
	rand.Read(fresh) // never fails
	handle, err := q.Handle(ctx, queries.HandleParams{ID: id, Fresh: fresh})
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.Holder{}, m, fault.New(fault.NotFound, "error.no_member")
	}
	if err != nil {
		return auth.Holder{}, m, fmt.Errorf("name the holder %s: %w", id, err)
	}
	h := auth.Holder{Handle: handle, Name: m.Name, Label: m.Email}
	rows, err := q.PasskeysOf(ctx, id)
	if err != nil {
		return h, m, fmt.Errorf("read the passkeys of %s: %w", id, err)
	}
	for _, row := range rows {
		if row.BlockedAt != nil {
			continue
		}
		record, err := r.keys.Open(passkeyAAD(id, row.ID), row.Record)
		if err != nil {
			return h, m, fmt.Errorf("open a passkey of %s: %w", id, err)
		}
		h.Keys = append(h.Keys, auth.Passkey{ID: row.ID, Record: record, Count: uint32(row.SignCount)}) // written from one
	}
	return h, m, nil
}

func passkeyAAD(member uuid.UUID, key []byte) string {
	return "staff passkey " + member.String() + " " + hex.EncodeToString(key)
}

func wrongField(field, key string) error {
	m := fault.Message{Key: key}
	return &fault.Error{Kind: fault.Invalid, Text: m, Fields: map[string]fault.Message{field: m}}
}

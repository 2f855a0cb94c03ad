package auth

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// Once keeps what was asked of a browser until it is answered: on our side,
// sealed, bound to one sign-in, and for one answer. A cookie would hold it
// too, but could be sent again.
type Once struct {
	pool *pgxpool.Pool
	keys *seal.Keyring
}

// NewOnce keeps questions in pool; keys seal them.
func NewOnce(pool *pgxpool.Pool, keys *seal.Keyring) *Once { return &Once{pool, keys} }

// Keep remembers v as the question that word answers. It replaces an older one
// of the same purpose and sign-in.
func (o *Once) Keep(ctx context.Context, login uuid.UUID, purpose, word string, v any, ttl time.Duration) error {
	plain, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a question for %s: %w", purpose, err)
	}
	sealed, err := o.keys.Seal(onceAAD(login, purpose), plain)
	if err != nil {
		return fmt.Errorf("seal a question for %s: %w", purpose, err)
	}
	err = queries.New(o.pool).KeepOnce(ctx, queries.KeepOnceParams{Login: login, Purpose: purpose, Tag: onceTag(word), Data: sealed, TTL: interval(ttl)})
	if err != nil {
		return fmt.Errorf("keep a question for %s: %w", purpose, err)
	}
	return nil
}

// Take gives the question that word answers, and forgets it: the same answer a
// second time is Expired, and so is one for another sign-in.
func (o *Once) Take(ctx context.Context, login uuid.UUID, purpose, word string, v any) error {
	sealed, err := queries.New(o.pool).TakeOnce(ctx, queries.TakeOnceParams{Login: login, Purpose: purpose, Tag: onceTag(word)})
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Expired, "error.answer_old")
	}
	if err != nil {
		return fmt.Errorf("take a question for %s: %w", purpose, err)
	}
	plain, err := o.keys.Open(onceAAD(login, purpose), sealed)
	if err != nil {
		return fmt.Errorf("open a question for %s: %w", purpose, err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("read a question for %s: %w", purpose, err)
	}
	return nil
}

func onceTag(word string) []byte {
	sum := sha256.Sum256([]byte(word))
	return sum[:]
}

func onceAAD(login uuid.UUID, purpose string) string { return "once " + purpose + " " + login.String() }

package auth

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// Limit allows Burst tries at once, and as many again spread evenly over Per.
type Limit struct {
	Burst int
	Per   time.Duration
}

// Throttle counts tries in the database, so that all processes share the
// count. It keeps a keyed hash of what it counts, not the address.
type Throttle struct {
	pool *pgxpool.Pool
	keys *seal.Keyring
}

// NewThrottle counts in pool; keys hide what is counted.
func NewThrottle(pool *pgxpool.Pool, keys *seal.Keyring) *Throttle { return &Throttle{pool, keys} }

// Allow takes one try of what for key (an address, a network, an id), or says
// TooMany and when to come back. When the database does not answer, nothing is
// allowed.
func (t *Throttle) Allow(ctx context.Context, what, key string, l Limit) error {
	if l.Burst < 1 || l.Per <= 0 {
		return fmt.Errorf("limit %s: %d tries in %s makes no sense", what, l.Burst, l.Per)
	}
	q, id := queries.New(t.pool), t.id(what, key)
	drop, per := interval(l.Per/time.Duration(l.Burst)), interval(l.Per)
	n, err := q.TakeToken(ctx, queries.TakeTokenParams{Key: id, DropTime: drop, Per: per})
	if err != nil {
		return fmt.Errorf("limit %s: %w", what, err)
	}
	if n == 1 {
		return nil
	}
	seconds, err := q.BucketWait(ctx, queries.BucketWaitParams{Key: id, DropTime: drop, Per: per})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("limit %s: %w", what, err)
	}
	switch minutes := int(math.Ceil(seconds / 60)); {
	case minutes > 120: // nobody counts 480 minutes
		return fault.New(fault.TooMany, "error.too_many_hours", "Hours", (minutes+59)/60)
	case minutes > 1:
		return fault.New(fault.TooMany, "error.too_many", "Minutes", minutes)
	}
	return fault.New(fault.TooMany, "error.too_many_minute")
}

// Forget gives all tries back, after one that succeeded.
func (t *Throttle) Forget(ctx context.Context, what, key string) error {
	if err := queries.New(t.pool).EmptyBucket(ctx, t.id(what, key)); err != nil {
		return fmt.Errorf("forget the limit %s: %w", what, err)
	}
	return nil
}

// id keeps (what, key) pairs apart: what never holds a zero byte.
func (t *Throttle) id(what, key string) []byte {
	return t.keys.MAC("rate limit", []byte(what+"\x00"+key))
}

// Package auth proves who is at the door: mailed single-use links, sessions,
// time-based codes, and limits on trying.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/crowsstack/privacy-portal/internal/auth/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

// Purpose says what a link may be used for; one of another purpose is as good as none.
type Purpose string

// MintLink makes a link's secret: 32 random bytes, of which only a hash is
// kept. It replaces an older unused one of the same purpose and bound.
func MintLink(ctx context.Context, tx pgx.Tx, p Purpose, bound uuid.UUID, ttl time.Duration) (raw string, err error) {
	q := queries.New(tx)
	if err := q.LockLinks(ctx, queries.LockLinksParams{Purpose: string(p), Bound: bound}); err != nil {
		return "", fmt.Errorf("lock the links for %s: %w", p, err)
	}
	if err := q.ReplaceLinks(ctx, queries.ReplaceLinksParams{Purpose: string(p), Bound: bound}); err != nil {
		return "", fmt.Errorf("replace older links for %s: %w", p, err)
	}
	raw, key := newSecret()
	err = q.InsertLink(ctx, queries.InsertLinkParams{Hash: key, Purpose: string(p), Bound: bound, TTL: interval(ttl)})
	if err != nil {
		return "", fmt.Errorf("keep a link for %s: %w", p, err)
	}
	return raw, nil
}

// RedeemLink uses a link up and gives what it was bound to. One statement
// decides, by the database's clock: of many tries at once, one wins. Unknown,
// used, replaced and too old look the same from outside.
func RedeemLink(ctx context.Context, tx pgx.Tx, p Purpose, raw string) (bound uuid.UUID, err error) {
	bound, err = queries.New(tx).UseLink(ctx, queries.UseLinkParams{Hash: secretKey(raw), Purpose: string(p)})
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, fault.New(fault.Expired, "error.link_expired")
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("use a link for %s: %w", p, err)
	}
	return bound, nil
}

// Link is what a link's page may know before its button is pressed.
type Link struct {
	Purpose Purpose
	Bound   uuid.UUID
	Expired bool // too old, or replaced by a newer one
	Used    bool
}

// PeekLink looks at a link and changes nothing, however often a mail scanner
// opens it.
func PeekLink(ctx context.Context, q pg.Querier, raw string) (Link, error) {
	var l Link
	err := q.QueryRow(ctx, `SELECT purpose, bound, used_at IS NOT NULL,
			replaced_at IS NOT NULL OR expires_at <= clock_timestamp()
		FROM auth_links WHERE hash = $1`, secretKey(raw)).Scan(&l.Purpose, &l.Bound, &l.Used, &l.Expired)
	if errors.Is(err, pgx.ErrNoRows) {
		return Link{}, fault.New(fault.NotFound, "error.link_unknown")
	}
	if err != nil {
		return Link{}, fmt.Errorf("look at a link: %w", err)
	}
	return l, nil
}

// newSecret gives 256 random bits for an address or a cookie, and the key
// under which they are looked up. With that many bits a plain hash is enough.
func newSecret() (raw string, key []byte) {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it ends the program if the system has no randomness
	raw = base64.RawURLEncoding.EncodeToString(b)
	return raw, secretKey(raw)
}

func secretKey(raw string) []byte {
	sum := sha256.Sum256([]byte(raw))
	return sum[:]
}

func interval(d time.Duration) pgtype.Interval {
	return pgtype.Interval{Microseconds: d.Microseconds(), Valid: true}
}

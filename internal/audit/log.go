package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit/internal/queries"
)

// Log reads the record.
type Log struct{ pool *pgxpool.Pool }

// NewLog reads through pool.
func NewLog(pool *pgxpool.Pool) *Log { return &Log{pool} }

// Filter says which entries a page shows; an empty field allows all.
type Filter struct {
	Action string
	Target string
	Actor  string // Actor.ID
	Before int64  // entries with a smaller id; 0 for the newest
	Limit  int    // at most 500; 0 means 50
}

// Page gives entries, newest first.
func (l *Log) Page(ctx context.Context, f Filter) ([]Entry, error) {
	entries, err := l.page(ctx, queries.PageEventsParams{
		Action: optional(f.Action), Target: optional(f.Target), Actor: optional(f.Actor), Before: f.Before,
	}, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}

// Of gives the newest entries of one request, newest first, and how many there are in all.
func (l *Log) Of(ctx context.Context, request uuid.UUID, limit int) ([]Entry, int64, error) {
	total, err := queries.New(l.pool).CountOfRequest(ctx, request)
	if err != nil {
		return nil, 0, fmt.Errorf("count the audit entries of %s: %w", request, err)
	}
	entries, err := l.page(ctx, queries.PageEventsParams{Request: &request}, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("read the audit entries of %s: %w", request, err)
	}
	return entries, total, nil
}

// Verify checks the whole record; see the function of that name.
func (l *Log) Verify(ctx context.Context) (Report, error) { return Verify(ctx, l.pool) }

func (l *Log) page(ctx context.Context, p queries.PageEventsParams, limit int) ([]Entry, error) {
	if p.Before <= 0 {
		p.Before = math.MaxInt64
	}
	if limit <= 0 {
		limit = 50
	}
	p.PageSize = int32(min(limit, 500))
	rows, err := queries.New(l.pool).PageEvents(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = Entry{
			ID: r.ID, At: r.At, Action: r.Action, Target: r.Target, Index: r.Idx, Hash: r.Hash,
			Actor: Actor{Kind: ActorKind(r.ActorKind), ID: r.ActorID, Label: r.ActorLabel},
		}
		if err := json.Unmarshal([]byte(r.Detail), &entries[i].Detail); err != nil {
			return nil, fmt.Errorf("detail of entry %d: %w", r.ID, err)
		}
	}
	return entries, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

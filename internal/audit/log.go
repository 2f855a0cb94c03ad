package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/pg"
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
	if f.Before <= 0 {
		f.Before = math.MaxInt64
	}
	var rows []queries.PageEventsRow
	err := pg.InTx(ctx, l.pool, func(tx pgx.Tx) (err error) {
		q := queries.New(tx)
		if err := q.PlanForValues(ctx); err != nil {
			return err
		}
		rows, err = q.PageEvents(ctx, queries.PageEventsParams{Action: optional(f.Action), Target: optional(f.Target),
			Actor: optional(f.Actor), Before: f.Before, PageSize: pageSize(f.Limit)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries(rows)
}

// Of gives the newest entries of one request, newest first, and how many there are in all.
func (l *Log) Of(ctx context.Context, request uuid.UUID, limit int) ([]Entry, int64, error) {
	q := queries.New(l.pool)
	total, err := q.CountOfRequest(ctx, request)
	if err != nil {
		return nil, 0, fmt.Errorf("count the audit entries of %s: %w", request, err)
	}
	found, err := q.EventsOfRequest(ctx, queries.EventsOfRequestParams{Request: request, PageSize: pageSize(limit)})
	if err != nil {
		return nil, 0, fmt.Errorf("read the audit entries of %s: %w", request, err)
	}
	rows := make([]queries.PageEventsRow, len(found))
	for i, r := range found {
		rows[i] = queries.PageEventsRow(r)
	}
	list, err := entries(rows)
	return list, total, err
}

func pageSize(limit int) int32 {
	if limit <= 0 {
		limit = 50
	}
	return int32(min(limit, 500))
}

func entries(rows []queries.PageEventsRow) ([]Entry, error) {
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = Entry{
			ID: r.ID, At: r.At, Action: r.Action, Target: r.Target, Index: r.Idx, Hash: r.Hash,
			Actor: Actor{Kind: ActorKind(r.ActorKind), ID: r.ActorID, Label: r.ActorLabel},
		}
		if err := json.Unmarshal([]byte(r.Detail), &list[i].Detail); err != nil {
			return nil, fmt.Errorf("detail of audit entry %d: %w", r.ID, err)
		}
	}
	return list, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Verify reads everything again; see the function of that name.
func (l *Log) Verify(ctx context.Context) (Report, error) { return Verify(ctx, l.pool) }

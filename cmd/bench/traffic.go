package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg"
)

// The store's own traffic: single rows that come in at a steady rate, through
// so many connections.
const (
	perSecond = 200
	writers   = 4
)

// traffic inserts messages of somebody else until it is stopped. How long an
// insert took counts from the moment it was due, as its sender sees it.
type traffic struct {
	db   *pgxpool.Pool
	into []int64 // conversations
	stop chan struct{}
	all  sync.WaitGroup
	due  chan time.Time

	mu   sync.Mutex
	took []time.Duration
	err  error
}

func (b *bench) traffic(database string) (*traffic, error) {
	db, err := pg.Open(b.ctx, b.db.DSN("postgres", database))
	if err != nil {
		return nil, err
	}
	t := &traffic{db: db, stop: make(chan struct{}), due: make(chan time.Time, 100*perSecond)}
	rows, err := db.Query(b.ctx, "SELECT id FROM conversations WHERE contact_id <> $1 ORDER BY id DESC LIMIT $2", personID, writers)
	if err == nil {
		t.into, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	if err != nil || len(t.into) < writers {
		db.Close()
		return nil, fmt.Errorf("look for conversations to write into: %d, %w", len(t.into), err)
	}
	for _, conversation := range t.into {
		t.all.Go(func() { t.write(b.ctx, conversation) })
	}
	t.all.Go(t.clock)
	return t, nil
}

// clock says when an insert is due, whether or not the ones before are through.
func (t *traffic) clock() {
	defer close(t.due)
	for at := time.Now(); ; at = at.Add(time.Second / perSecond) {
		select {
		case <-t.stop:
			return
		case <-time.After(time.Until(at)):
			t.due <- at
		}
	}
}

func (t *traffic) write(ctx context.Context, conversation int64) {
	for at := range t.due {
		_, err := t.db.Exec(ctx, `INSERT INTO messages (organization_id, conversation_id, direction, kind, body)
			SELECT organization_id, id, 'in', 'text', 'Is it still open today? I would come by at six.' FROM conversations WHERE id = $1`, conversation)
		t.mu.Lock()
		t.took = append(t.took, time.Since(at))
		if err != nil {
			t.err = fmt.Errorf("insert beside a deletion: %w", err)
		}
		t.mu.Unlock()
	}
}

// end stops the traffic and tells how it fared.
func (t *traffic) end() (outcome, error) {
	close(t.stop)
	t.all.Wait()
	t.db.Close()
	if t.err != nil {
		return outcome{}, t.err
	}
	if len(t.took) < 100 {
		return outcome{}, fmt.Errorf("%d inserts are too few to tell a p99", len(t.took))
	}
	slices.Sort(t.took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return outcome{Rows: int64(len(t.took)), P50: ms(t.took[len(t.took)/2]), P99: ms(t.took[len(t.took)*99/100]), Max: ms(t.took[len(t.took)-1])}, nil
}

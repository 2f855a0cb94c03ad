package connector

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// NoPause as Options.Pause lets a worker go as fast as it can.
const NoPause time.Duration = -1

// A worker rests at least as long as it works, and at most ten times as long.
const (
	leastRest = 1
	mostRest  = 10
	longRest  = 5 * time.Second // whatever the batch took
)

// promptly is how fast a commit is that nobody complains about.
const promptly = 10 * time.Millisecond

// pace keeps an erasure quiet beside the store's own traffic. Rows that lie
// scattered cost a page of write-ahead log each, and every commit of the store
// waits for that log to reach the disk, ours too: a commit that takes longer
// than they do when the store is at rest says that others are waiting now.
type pace struct {
	commit  time.Duration // the last one
	fastest time.Duration // of late
	ratio   float64       // of a rest to the batch before it
}

// rest is how long to leave the store alone after a batch. It grows while
// commits are slow, and shrinks more slowly.
func (p *pace) rest(batch time.Duration) time.Duration {
	// A store that has become slower for good is not left alone for good.
	if p.fastest += p.fastest / 100; p.fastest == 0 || p.commit < p.fastest {
		p.fastest = p.commit
	}
	if p.commit > max(promptly, 4*p.fastest) {
		p.ratio *= 1.5
	} else {
		p.ratio *= 0.9
	}
	p.ratio = min(max(p.ratio, leastRest), mostRest)
	return min(time.Duration(p.ratio*float64(batch)), longRest)
}

// rest waits after a batch of a step, as the map or the options say, else as
// the store's commits do.
func (e *execution) rest(ctx context.Context, w *work, batch time.Duration) error {
	pause := cmp.Or(w.table.Batch.Pause, e.s.opt.Pause)
	if pause == 0 {
		pause = e.pace.rest(batch)
	}
	return wait(ctx, pause)
}

// open begins a batch. A worker that stops in the middle of one keeps its rows no
// longer than its lease, for its successor waits for them; and a batch does not
// wait long for a row of the store's own traffic, for others wait for the batch.
func (e *execution) open(ctx context.Context) (pgx.Tx, error) {
	return e.s.db.BeginTx(ctx, pgx.TxOptions{BeginQuery: fmt.Sprintf(
		"BEGIN; SET LOCAL idle_in_transaction_session_timeout = %d; SET LOCAL lock_timeout = '2s'", e.s.opt.Lease.Milliseconds())})
}

// commit ends a batch and takes the time that the log needs to reach the disk.
func (e *execution) commit(ctx context.Context, tx pgx.Tx) error {
	begun := time.Now()
	err := tx.Commit(ctx)
	e.pace.commit = time.Since(begun)
	return err
}

// batchRows is how many rows of a table one transaction takes.
func (s *Store) batchRows(t *datamap.Table) int { return cmp.Or(t.Batch.Size, s.opt.BatchRows) }

// batchTime is how long a statement of a batch may take.
func (s *Store) batchTime(t *datamap.Table) time.Duration {
	return cmp.Or(t.Batch.Timeout, s.opt.Timeout)
}

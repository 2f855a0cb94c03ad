package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// WorkArgs rings the bell for one request: a worker looks at its state and does
// what comes next. The epoch keeps a bell that hangs in a dead process from
// silencing the next one.
type WorkArgs struct {
	RequestID ID    `json:"request_id" river:"unique"`
	Epoch     int64 `json:"epoch" river:"unique"`
}

// Kind names the job.
func (WorkArgs) Kind() string { return "privacy.work" }

// InsertOpts makes one bell per request and epoch; a finished one does not count.
func (WorkArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
}

// LeaseSeconds is how long a worker owns a request without saying that it
// lives. After a kill -9 another one goes on at most this long afterwards.
const LeaseSeconds = 5

// ErrLost says that another worker has the request now; the caller must stop.
var ErrLost = errors.New("the lease on the request is lost")

// Lease is the right to work on one request.
type Lease struct {
	ID    ID
	Epoch int64
}

// ring queues the bell for a request, in the transaction of the change.
func (o *Office) ring(ctx context.Context, tx pgx.Tx, id ID, at time.Time) error {
	q := queries.New(tx)
	if err := q.EnsureWork(ctx, id); err != nil {
		return fmt.Errorf("open work on %s: %w", id, err)
	}
	epoch, err := q.WorkEpoch(ctx, id)
	if err != nil {
		return fmt.Errorf("read the epoch of %s: %w", id, err)
	}
	var opts *river.InsertOpts
	if !at.IsZero() {
		opts = &river.InsertOpts{ScheduledAt: at}
	}
	if _, err := o.jobs.InsertTx(ctx, tx, WorkArgs{RequestID: id, Epoch: epoch}, opts); err != nil {
		return fmt.Errorf("queue work on %s: %w", id, err)
	}
	return nil
}

// TakeWork gives the lease on a request, or ErrLost when somebody has it.
func (o *Office) TakeWork(ctx context.Context, id ID) (Lease, error) {
	epoch, err := queries.New(o.db).TakeWork(ctx, queries.TakeWorkParams{RequestID: id, Seconds: LeaseSeconds})
	if errors.Is(err, pgx.ErrNoRows) {
		return Lease{}, ErrLost
	}
	if err != nil {
		return Lease{}, fmt.Errorf("take work on %s: %w", id, err)
	}
	return Lease{ID: id, Epoch: epoch}, nil
}

// HoldWork renews the lease; ErrLost when another worker took over.
func (o *Office) HoldWork(ctx context.Context, l Lease) error {
	n, err := queries.New(o.db).HoldWork(ctx, queries.HoldWorkParams{RequestID: l.ID, Epoch: l.Epoch, Seconds: LeaseSeconds})
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// ReleaseWork gives the lease back; nobody takes it before the rest is over.
func (o *Office) ReleaseWork(ctx context.Context, l Lease, rest time.Duration) error {
	return queries.New(o.db).ReleaseWork(ctx, queries.ReleaseWorkParams{RequestID: l.ID, Epoch: l.Epoch, Seconds: rest.Seconds()})
}

// Reconcile rings again for every request that should move and nobody moves:
// after a crash, a lost queue, or a job that was thrown away.
func (o *Office) Reconcile(ctx context.Context) (int, error) {
	rows, err := queries.New(o.db).Unattended(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for unattended requests: %w", err)
	}
	rung := 0
	for _, w := range rows {
		err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
			if err := queries.New(tx).EnsureWork(ctx, w.ID); err != nil {
				return err
			}
			res, err := o.jobs.InsertTx(ctx, tx, WorkArgs{RequestID: w.ID, Epoch: w.Epoch}, nil)
			if err == nil && !res.UniqueSkippedAsDuplicate {
				rung++
			}
			return err
		})
		if err != nil {
			return rung, fmt.Errorf("ring for %s: %w", w.ID, err)
		}
	}
	return rung, nil
}

// fenced runs fn in a transaction that only the holder of the lease may
// commit, with the request locked.
func (o *Office) fenced(ctx context.Context, l Lease, fn func(pgx.Tx, *queries.Queries, *Request) error) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		q := queries.New(tx)
		if _, err := q.FenceWork(ctx, queries.FenceWorkParams{RequestID: l.ID, Epoch: l.Epoch}); errors.Is(err, pgx.ErrNoRows) {
			return ErrLost
		} else if err != nil {
			return fmt.Errorf("check the lease on %s: %w", r.Ref, err)
		}
		return fn(tx, q, &r)
	})
}

// Load reads a request for a worker.
func (o *Office) Load(ctx context.Context, id ID) (Request, error) {
	row, err := queries.New(o.db).RequestByID(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return Request{}, fmt.Errorf("read request %s: %w", id, err)
	}
	return fromRow(row)
}

// StoreDown records which messaging store does not answer. Staff see it; the
// job comes back by itself.
func (o *Office) StoreDown(ctx context.Context, l Lease, store string) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		n, err := q.SetStoreDown(ctx, queries.SetStoreDownParams{ID: r.ID, At: ptr(o.now()), Store: store})
		if err != nil || n == 0 {
			return err
		}
		return o.note(ctx, tx, system, *r, "store.down", map[string]any{"store": store})
	})
}

// StoreBack records that the messaging store answers again.
func (o *Office) StoreBack(ctx context.Context, l Lease) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		n, err := q.ClearStoreDown(ctx, r.ID)
		if err != nil || n == 0 {
			return err
		}
		return o.note(ctx, tx, system, *r, "store.back", nil)
	})
}

// NeedsAttention tells staff that a job cannot go on without them; key is a
// catalogue key ("attention.…"), code goes to the audit only.
func (o *Office) NeedsAttention(ctx context.Context, l Lease, key, code string) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		if r.Attention == key {
			return nil
		}
		if err := q.SetAttention(ctx, queries.SetAttentionParams{ID: r.ID, Attention: key}); err != nil {
			return err
		}
		return o.note(ctx, tx, system, *r, "request.attention", map[string]any{"attention": key, "code": code})
	})
}

func ptr[T any](v T) *T { return &v }

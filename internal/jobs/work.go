package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

type work struct {
	river.WorkerDefaults[privacy.WorkArgs]
	Deps
}

// Timeout is none: an export of millions of rows takes its time, and the lease
// tells whether anybody lives.
func (w *work) Timeout(*river.Job[privacy.WorkArgs]) time.Duration { return -1 }

// How long a request rests before the reconciler rings for it again.
const (
	restAfterBusy  = privacy.LeaseSeconds * time.Second // another process owns the ledger in the store
	restAfterDown  = 5 * time.Second
	restAfterError = 30 * time.Second
	// What staff have to look at costs most to try: a proof reads every text in
	// the store, a package every row.
	restForStaff = 10 * time.Minute
)

// Work takes the lease on a request and does what its state asks for. It never
// fails as a job: the reconciler is the only thing that tries again, so that a
// lost queue and a lost worker are the same case.
func (w *work) Work(ctx context.Context, j *river.Job[privacy.WorkArgs]) error {
	lease, err := w.Office.TakeWork(ctx, j.Args.RequestID)
	if errors.Is(err, privacy.ErrLost) {
		return nil // somebody is on it; if they die, the reconciler rings
	}
	if err != nil {
		return err
	}
	held, release := w.hold(ctx, lease)
	release(w.settle(ctx, lease, w.attempt(held, lease), held))
	return nil
}

// attempt is step with a panic as an error: River would only log it, and the
// reconciler would ring again at once, for ever. What was said in panic may
// quote stored values; where it happened does not.
func (w *work) attempt(ctx context.Context, lease privacy.Lease) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.ErrorContext(ctx, "panic in work on a request", "request", lease.ID, "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return w.step(ctx, lease)
}

var errPanic = errors.New("the work ended in panic")

// settle turns the end of an attempt into a rest: how long nobody needs to look.
func (w *work) settle(ctx context.Context, lease privacy.Lease, err error, held context.Context) time.Duration {
	switch {
	case err == nil, errors.Is(err, privacy.ErrTooEarly), errors.Is(err, privacy.ErrHeld), errors.Is(err, privacy.ErrLost):
		return 0
	case held.Err() != nil: // shut down, or another worker went on from the last committed batch
		return 0
	case errors.Is(err, connector.ErrBusy), errors.Is(err, connector.ErrFenced):
		return restAfterBusy
	case fault.KindOf(err) == fault.Conflict: // the request moved meanwhile (withdrawn, say); its state decides
		return 0
	}
	if name, down := w.silent(ctx); down {
		w.Log.WarnContext(ctx, "a messaging store does not answer", "request", lease.ID, "store", name)
		if err := w.Office.StoreDown(ctx, lease, cmp.Or(name, w.Map.Store.Name)); err != nil {
			w.Log.ErrorContext(ctx, "could not note that the store is down", "request", lease.ID, "code", code(err))
		}
		return restAfterDown
	}
	w.Log.ErrorContext(ctx, "work on a request failed", "request", lease.ID, "code", code(err))
	if err := w.Office.NeedsAttention(ctx, lease, notice(err), code(err)); err != nil {
		w.Log.ErrorContext(ctx, "could not call for attention", "request", lease.ID, "code", code(err))
	}
	if _, ok := errors.AsType[attention](err); ok {
		return restForStaff
	}
	return restAfterError
}

// notice picks the sentence that staff read.
func notice(err error) string {
	if a, ok := errors.AsType[attention](err); ok {
		return a.key
	}
	switch {
	case errors.Is(err, connector.ErrUnfit):
		return "attention.map_unfit"
	case errors.Is(err, connector.ErrOtherMap):
		return "attention.other_map"
	}
	return "attention.failed"
}

// code names an error without its text, which may quote stored values: the
// SQLSTATE, or the type of the innermost error.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return "SQLSTATE " + e.Code
	}
	if e, ok := errors.AsType[attention](err); ok {
		return e.key
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// attention is an error that names its own sentence for staff.
type attention struct {
	key   string
	cause error
}

func (a attention) Error() string { return a.key + ": " + a.cause.Error() }
func (a attention) Unwrap() error { return a.cause }

// step does what the state asks for, until nothing is left for a worker.
func (w *work) step(ctx context.Context, lease privacy.Lease) error {
	r, err := w.Office.Load(ctx, lease.ID)
	if err != nil {
		return err
	}
	switch r.State {
	case privacy.Discovering:
		return w.discover(ctx, lease, r)
	case privacy.Approved, privacy.Executing:
		return w.execute(ctx, lease)
	}
	return nil // withdrawn or rejected meanwhile
}

// hold keeps the lease alive while the work goes on; the context it gives ends
// when the lease is lost. release gives the lease back after a rest.
func (w *work) hold(ctx context.Context, lease privacy.Lease) (held context.Context, release func(rest time.Duration)) {
	held, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(privacy.LeaseSeconds * time.Second / 4)
		defer t.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-t.C:
			}
			if err := w.Office.HoldWork(held, lease); errors.Is(err, privacy.ErrLost) {
				cancel()
				return
			}
		}
	}()
	return held, func(rest time.Duration) {
		cancel()
		<-done
		// Also when the process is asked to stop: the next one should not wait.
		ctx, end := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer end()
		if err := w.Office.ReleaseWork(ctx, lease, rest); err != nil {
			w.Log.WarnContext(ctx, "could not give a lease back; it ends by itself", "request", lease.ID)
		}
	}
}

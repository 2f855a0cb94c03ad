package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/mail"
)

// upkeepOpts makes one of each periodic job a second at most: two leaders that
// overlap for a moment ring once. One that hangs in a dead process counts for
// its own second only, and so never silences the next.
func upkeepOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Second, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
}

// ReconcileArgs rings for requests that nobody moves.
type ReconcileArgs struct{}

// Kind names the job.
func (ReconcileArgs) Kind() string { return "privacy.reconcile" }

// InsertOpts puts it into the upkeep queue.
func (ReconcileArgs) InsertOpts() river.InsertOpts { return upkeepOpts() }

type reconcile struct {
	river.WorkerDefaults[ReconcileArgs]
	Deps
}

func (w *reconcile) Timeout(*river.Job[ReconcileArgs]) time.Duration { return 30 * time.Second }

func (w *reconcile) Work(ctx context.Context, _ *river.Job[ReconcileArgs]) error {
	if _, err := w.Office.Reconcile(ctx); err != nil {
		return err
	}
	// Letters whose job was lost get a new one; sending twice is sending once.
	letters, err := w.Post.Overdue(ctx)
	if err != nil {
		return err
	}
	for _, id := range letters {
		if _, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, mail.SendArgs{LetterID: id}, againOpts()); err != nil {
			return fmt.Errorf("queue letter %s again: %w", id, err)
		}
	}
	return nil
}

// againOpts lets an overdue letter be queued again once in ten minutes: where the
// queue is merely long, a bell every few seconds would make it longer.
func againOpts() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: 10 * time.Minute}}
}

// SealArgs puts new audit entries into the chain.
type SealArgs struct{}

// Kind names the job.
func (SealArgs) Kind() string { return "audit.seal" }

// InsertOpts puts it into the upkeep queue.
func (SealArgs) InsertOpts() river.InsertOpts { return upkeepOpts() }

type sealAudit struct {
	river.WorkerDefaults[SealArgs]
	Deps
}

func (w *sealAudit) Timeout(*river.Job[SealArgs]) time.Duration { return time.Minute }

func (w *sealAudit) Work(ctx context.Context, _ *river.Job[SealArgs]) error {
	_, err := audit.Seal(ctx, w.DB)
	return err
}

// SweepArgs ends what time has ended.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "privacy.sweep" }

// InsertOpts puts it into the upkeep queue.
func (SweepArgs) InsertOpts() river.InsertOpts { return upkeepOpts() }

type sweep struct {
	river.WorkerDefaults[SweepArgs]
	Deps
}

func (w *sweep) Timeout(*river.Job[SweepArgs]) time.Duration { return 5 * time.Minute }

// Work does all parts of the sweep, whichever of them fails: a store that is
// down must not keep a package readable.
func (w *sweep) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	_, closed := w.Office.Sweep(ctx)
	_, purged := w.Sessions.Purge(ctx)
	return errors.Join(closed, purged, w.clear(ctx))
}

// clear throws away what was staged for proposals that are of no use any more.
func (w *sweep) clear(ctx context.Context) error {
	live, err := w.Office.LiveProposals(ctx)
	if err != nil {
		return err
	}
	keep := func(id uuid.UUID) bool { return live[id] }
	_, sealed := w.Vault.Sweep(ctx, keep)
	if _, down := w.silent(ctx); down {
		return sealed // the next sweep is a minute away
	}
	store, err := w.store()
	if err != nil {
		return errors.Join(sealed, err)
	}
	_, frozen := store.Sweep(ctx, keep)
	return errors.Join(sealed, frozen)
}

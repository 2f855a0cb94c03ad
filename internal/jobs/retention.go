package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// RetentionArgs deletes, once a day, what people asked to be kept for less time
// and what has become too old since.
type RetentionArgs struct{}

// Kind names the job.
func (RetentionArgs) Kind() string { return "privacy.retention" }

// InsertOpts gives it a queue of its own: it may take hours, and what rings for
// requests does not wait for it.
func (RetentionArgs) InsertOpts() river.InsertOpts {
	o := upkeepOpts()
	o.Queue = queueRetention
	return o
}

type retention struct {
	river.WorkerDefaults[RetentionArgs]
	Deps
}

// A purge that is cut off goes on with the next one, from where it stopped.
func (w *retention) Timeout(*river.Job[RetentionArgs]) time.Duration { return 6 * time.Hour }

func (w *retention) Work(ctx context.Context, _ *river.Job[RetentionArgs]) error {
	if _, down := w.silent(ctx); down {
		return river.JobSnooze(10 * time.Minute)
	}
	held, err := w.Office.HeldOperations(ctx)
	if err != nil {
		return err
	}
	opt := w.Store
	opt.Held = func(op uuid.UUID) bool { return held[op] }
	store, err := connector.OpenFleet(w.Messaging, w.Map, opt)
	if err != nil {
		return err
	}
	err = store.Purge(ctx, func(o datamap.Outcome) error {
		if o.Done {
			w.Log.Info("purged by a shortened retention", slog.String("operation", o.Operation.String()), slog.String("table", o.Step.Table),
				slog.String("action", string(o.Step.Action)), slog.Int64("rows", o.Affected))
		}
		return nil
	})
	switch {
	case errors.Is(err, connector.ErrBusy):
		return river.JobSnooze(time.Minute)
	case err != nil: // River keeps and logs the text, which may quote stored values
		return fmt.Errorf("purge by the shorter periods: %s", code(err))
	}
	return nil
}

package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// RemindArgs writes to staff about what is due.
type RemindArgs struct{}

// Kind names the job.
func (RemindArgs) Kind() string { return "privacy.remind" }

// InsertOpts puts it into the upkeep queue.
func (RemindArgs) InsertOpts() river.InsertOpts { return upkeepOpts() }

type remind struct {
	river.WorkerDefaults[RemindArgs]
	Deps
}

func (w *remind) Timeout(*river.Job[RemindArgs]) time.Duration { return 5 * time.Minute }

func (w *remind) Work(ctx context.Context, _ *river.Job[RemindArgs]) error {
	_, err := w.Office.Remind(ctx)
	return err
}

// FilesArgs looks after the files of the correspondence: those that no scanner
// has seen are scanned, those whose time is over go.
type FilesArgs struct{}

// Kind names the job.
func (FilesArgs) Kind() string { return "privacy.files" }

// InsertOpts puts it into the upkeep queue.
func (FilesArgs) InsertOpts() river.InsertOpts { return upkeepOpts() }

type filing struct {
	river.WorkerDefaults[FilesArgs]
	Deps
}

func (w *filing) Timeout(*river.Job[FilesArgs]) time.Duration { return 10 * time.Minute }

// Work does both, whichever of them fails: a scanner that is down keeps no file
// longer than it may be kept.
func (w *filing) Work(ctx context.Context, _ *river.Job[FilesArgs]) error {
	_, scanned := w.Office.RescanFiles(ctx)
	_, swept := w.Office.SweepFiles(ctx)
	return errors.Join(scanned, swept)
}

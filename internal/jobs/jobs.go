// Package jobs does the work that leaves our database: it searches, reads and
// changes the messaging store, builds packages and sends mail, then reports to
// Office. Every job may run twice, or be killed anywhere, without harm.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// Deps is what the jobs work with.
type Deps struct {
	DB       *pgxpool.Pool // our own database
	Office   *privacy.Office
	Sessions *auth.Sessions
	Post     *mail.Post
	Vault    *export.Vault

	Messaging map[string]*pgxpool.Pool // the map's databases, by name; may be down when the worker starts
	Map       *datamap.Map
	Objects   *connector.Objects // attachments; nil if the store has none
	Parts     export.Limits      // when a part of a package is full
	Store     connector.Options
	Operator  string // who answers, for the letter in the package
	Contact   string // where to write with questions about it
	Log       *slog.Logger
}

// NewRunner makes the client that works. River's defaults are not ours: a job
// may be long (exports), a dead one is rung again by the reconciler and not by
// River's rescue after an hour, and pickup is quick.
func NewRunner(d Deps) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &work{Deps: d})
	river.AddWorker(workers, &sendMail{Deps: d})
	river.AddWorker(workers, &reconcile{Deps: d})
	river.AddWorker(workers, &sealAudit{Deps: d})
	river.AddWorker(workers, &sweep{Deps: d})
	river.AddWorker(workers, &retention{Deps: d})
	river.AddWorker(workers, &remind{Deps: d})
	river.AddWorker(workers, &filing{Deps: d})
	every := func(interval time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true})
	}
	c, err := river.NewClient(riverpgxv5.New(d.DB), &river.Config{
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: 4, FetchCooldown: 20 * time.Millisecond},
			mail.JobQueue:      {MaxWorkers: 4, FetchCooldown: 20 * time.Millisecond},
			queueUpkeep:        {MaxWorkers: 2, FetchCooldown: 100 * time.Millisecond},
			queueRetention:     {MaxWorkers: 1},
		},
		PeriodicJobs: []*river.PeriodicJob{every(5*time.Second, ReconcileArgs{}), every(2*time.Second, SealArgs{}), every(time.Minute, SweepArgs{}), every(24*time.Hour, RetentionArgs{}),
			every(15*time.Minute, RemindArgs{}), every(time.Minute, FilesArgs{})},
		JobTimeout:           -1,         // each worker sets its own
		ReindexerIndexNames:  []string{}, // needs the tables' owner, which no process is
		RescueStuckJobsAfter: 24 * time.Hour,
		// A finished bell tells nothing that the audit does not.
		CompletedJobRetentionPeriod: time.Hour,
		Logger:                      slog.New(warnings{d.Log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("open the job queue: %w", err)
	}
	return c, nil
}

// warnings lets a handler write what is a warning at least: River counts its
// jobs aloud every few seconds.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// The queues of what runs by the clock: in moments, and once a day for long.
const (
	queueUpkeep    = "upkeep"
	queueRetention = "retention"
)

// store is every database that the map is about.
func (d *Deps) store() (*connector.Fleet, error) {
	return connector.OpenFleet(d.Messaging, d.Map, d.Store)
}

// silent names a database that does not answer.
func (d *Deps) silent(ctx context.Context) (name string, down bool) {
	store, err := d.store()
	if err != nil {
		return "", false
	}
	if d, ok := errors.AsType[*connector.Down](store.Answers(ctx)); ok {
		return d.Store, true
	}
	return "", false
}

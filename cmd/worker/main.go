// Command worker runs the jobs. It alone reaches the messaging store, the mail
// server and the store's attachments.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func main() { process.Main(config.WorkerProcess, run) }

func run(ctx context.Context, log *slog.Logger) error {
	c, notices, err := config.ReadWorker(os.Environ())
	if err != nil {
		return err
	}
	for _, n := range notices {
		log.Info(n)
	}
	parts, err := process.Build(ctx, c.Office)
	if err != nil {
		return err
	}
	defer parts.Close()
	messaging, end, err := process.Messaging(ctx, c.MessagingURL)
	if err != nil {
		return fmt.Errorf("PORTAL_MESSAGING_URL: %w", err)
	}
	defer end()
	stores, err := connector.OpenFleet(messaging, parts.Map, connector.Options{})
	if err != nil {
		return fmt.Errorf("PORTAL_MESSAGING_URL: %w", err)
	}
	smtp, err := mail.NewSMTP(c.SMTPURL, c.MailFrom)
	if err != nil {
		return fmt.Errorf("PORTAL_SMTP_URL: %w", err)
	}
	var objects *connector.Objects
	if c.Objects != "" {
		if objects, err = connector.OpenObjects(c.Objects); err != nil {
			return fmt.Errorf("PORTAL_OBJECTS: %w", err)
		}
	}
	runner, err := jobs.NewRunner(jobs.Deps{
		DB:        parts.DB,
		Office:    parts.Office,
		Sessions:  parts.Sessions,
		Post:      &mail.Post{DB: parts.DB, Keys: parts.Keys, SMTP: smtp},
		Vault:     parts.Vault,
		Messaging: messaging,
		Map:       parts.Map,
		Objects:   objects,
		Parts:     export.Limits{Rows: int64(c.PartRows), Bytes: int64(c.PartMB) << 20},
		Store:     connector.Options{Secret: process.LedgerSecret(parts.Keys), Objects: objects, Lease: privacy.LeaseSeconds * time.Second},
		Operator:  c.Operator,
		Contact:   c.PrivacyEmail,
		Log:       log,
	})
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return work(ctx, runner, log) })
	if c.OpsListen != "" {
		checks := []process.Check{{Name: "messaging", Do: stores.Answers}, {Name: "vault", Do: parts.Vault.Ping}}
		if objects != nil {
			checks = append(checks, process.Check{Name: "objects", Do: objects.Ping})
		}
		ops := &process.Ops{DB: parts.DB, Office: parts.Office, Checks: checks}
		all.Go(func() error { return process.Serve(ctx, c.OpsListen, ops.Handler()) })
	}
	return all.Wait()
}

// work runs jobs until the context ends. A job in hand is finished; one that
// takes too long is cancelled and goes on from where it was, elsewhere.
func work(ctx context.Context, runner *river.Client[pgx.Tx], log *slog.Logger) error {
	life := context.WithoutCancel(ctx) // River would cut jobs short when its context ends
	for {
		err := runner.Start(life)
		if err == nil {
			break
		}
		log.Warn("the job queue cannot be reached", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
	log.Info("working")
	<-ctx.Done()
	soon, cancel := context.WithTimeout(life, 20*time.Second)
	defer cancel()
	if runner.Stop(soon) == nil {
		return nil
	}
	last, cancel := context.WithTimeout(life, 5*time.Second)
	defer cancel()
	if err := runner.StopAndCancel(last); err != nil {
		return fmt.Errorf("stop the jobs: %w", err)
	}
	return nil
}

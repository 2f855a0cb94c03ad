package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/mail"
)

type sendMail struct {
	river.WorkerDefaults[mail.SendArgs]
	Deps
}

func (w *sendMail) Timeout(*river.Job[mail.SendArgs]) time.Duration { return 2 * time.Minute }

// Work sends one letter. When to try again is the outbox's business (it knows
// the reply), so the job sleeps for as long as the outbox says.
func (w *sendMail) Work(ctx context.Context, j *river.Job[mail.SendArgs]) error {
	res, err := w.Post.Send(ctx, j.Args.LetterID)
	if err != nil {
		return err
	}
	if res.RetryIn > 0 {
		return river.JobSnooze(res.RetryIn)
	}
	return nil
}

package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// soonIn is when an open case is due soon, as the queue has it.
const soonIn = 7 * 24 * time.Hour

// Remind writes to staff about duties that are due, and about cases that are
// due soon or overdue: once of each, and once more if the date of a case moves.
// It says how many reminders there were.
func (o *Office) Remind(ctx context.Context) (n int, err error) {
	members, err := o.roster.List(ctx)
	if err != nil {
		return 0, fmt.Errorf("list colleagues: %w", err)
	}
	members = slices.DeleteFunc(members, func(m staff.Member) bool { return m.Disabled })
	duties, err := o.remindOfDuties(ctx, members)
	cases, failed := o.remindOfCases(ctx, members)
	return duties + cases, errors.Join(err, failed)
}

func (o *Office) remindOfDuties(ctx context.Context, members []staff.Member) (n int, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		q := queries.New(tx)
		rows, err := q.DueDuties(ctx, o.now())
		if err != nil {
			return fmt.Errorf("look for due duties: %w", err)
		}
		n = len(rows)
		for _, w := range rows {
			if err := q.DutyReminded(ctx, queries.DutyRemindedParams{ID: w.Duty.ID, At: ptr(o.now())}); err != nil {
				return fmt.Errorf("note a reminder: %w", err)
			}
			r := Request{ID: w.Duty.RequestID, Ref: Ref(w.Ref)}
			letter := mail.StaffReminder{About: mail.RemindDuty, Ref: w.Ref, Path: link.DeskCase(w.Ref)}
			if err := o.remind(ctx, tx, reminded(members, w.Who), &r.ID, letter); err != nil {
				return err
			}
			if err := o.note(ctx, tx, system, r, "duty.reminded", map[string]any{"duty": w.Duty.ID.String()}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// remindOfCases writes to whoever has a case, and about those that nobody has to
// all who could take them, in one letter a day.
func (o *Office) remindOfCases(ctx context.Context, members []staff.Member) (n int, err error) {
	for range remindRounds {
		some, err := o.remindOfSome(ctx, members)
		if n += some; err != nil || some == 0 {
			return n, errors.Join(err, o.remindOfOrphans(ctx, members, &n))
		}
	}
	return n, o.remindOfOrphans(ctx, members, &n)
}

const (
	remindRounds = 25             // of up to 200 letters, in one run of the job
	orphansEvery = 20 * time.Hour // less than a day: the job does not run to the minute
)

func (o *Office) remindOfSome(ctx context.Context, members []staff.Member) (n int, err error) {
	now := o.now()
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		q := queries.New(tx)
		rows, err := q.CasesToRemind(ctx, queries.CasesToRemindParams{Now: now, Until: now.Add(soonIn)})
		if err != nil {
			return fmt.Errorf("look for cases that are due: %w", err)
		}
		for _, w := range rows {
			fresh, err := q.NoteReminder(ctx, queries.NoteReminderParams{RequestID: w.ID, What: w.What, DueAt: w.DueAt})
			if err != nil {
				return fmt.Errorf("note a reminder: %w", err)
			}
			if fresh == 0 {
				continue // another worker was faster
			}
			n++
			letter := mail.StaffReminder{About: w.What, Ref: w.Ref, Path: link.DeskCase(w.Ref)}
			if err := o.remind(ctx, tx, reminded(members, &w.Who), &w.ID, letter); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (o *Office) remindOfOrphans(ctx context.Context, members []staff.Member, n *int) error {
	now := o.now()
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		fresh, err := queries.New(tx).NoteOrphans(ctx, queries.NoteOrphansParams{Now: now, Until: now.Add(soonIn), Since: now.Add(-orphansEvery)})
		if err != nil {
			return fmt.Errorf("look for cases that nobody has: %w", err)
		}
		if fresh == 0 {
			return nil
		}
		*n += int(fresh)
		letter := mail.StaffReminder{About: mail.RemindUnassigned, Path: link.Desk + "?view=" + string(ViewUnassigned)}
		return o.remind(ctx, tx, reminded(members, nil), nil, letter)
	})
}

func (o *Office) remind(ctx context.Context, tx pgx.Tx, to []staff.Member, request *uuid.UUID, l mail.StaffReminder) error {
	for _, m := range to {
		if err := o.outbox.Queue(ctx, tx, mail.Recipient{Address: m.Email, Name: m.Name, Lang: m.Lang}, request, l); err != nil {
			return fmt.Errorf("remind a colleague: %w", err)
		}
	}
	return nil
}

// reminded is the colleague whose turn it is; where there is none, everybody
// who works on requests.
func reminded(members []staff.Member, who *uuid.UUID) []staff.Member {
	if i := slices.IndexFunc(members, func(m staff.Member) bool { return who != nil && m.ID == *who }); i >= 0 {
		return members[i : i+1]
	}
	return slices.DeleteFunc(slices.Clone(members), func(m staff.Member) bool { return !m.Can(staff.RequestWork) })
}

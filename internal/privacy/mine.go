package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func tooLate() error { return fault.New(fault.Conflict, "error.too_late_to_withdraw") }

// own reads a request of the address a session has proved. Somebody else's
// request is as absent as one that never was.
func own(ctx context.Context, q *queries.Queries, email string, ref Ref) (Request, error) {
	row, err := q.RequestByRef(ctx, string(ref))
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && (email == "" || row.Request.Email != email)) {
		return Request{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return Request{}, fmt.Errorf("read a request: %w", err)
	}
	return fromRefRow(row)
}

// lockOwn is own for a change.
func (o *Office) lockOwn(ctx context.Context, tx pgx.Tx, email string, ref Ref) (Request, error) {
	r, err := own(ctx, queries.New(tx), email, ref)
	if err != nil {
		return Request{}, err
	}
	return o.lock(ctx, tx, r.ID)
}

// ListMine gives all requests of a proved address, newest first.
func (o *Office) ListMine(ctx context.Context, email string) ([]Request, error) {
	rows, err := queries.New(o.db).RequestsOfAddress(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("list the requests of an address: %w", err)
	}
	return fromRows(rows)
}

// Mine gives the person's own page of a request.
func (o *Office) Mine(ctx context.Context, email string, ref Ref) (Mine, error) {
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return Mine{}, err
	}
	m := Mine{Request: r}
	if m.Messages, err = o.messages(ctx, r.ID, false); err != nil {
		return Mine{}, err
	}
	if m.Delivery, err = o.delivery(ctx, r); err != nil {
		return Mine{}, err
	}
	if m.Staging, err = o.staging(ctx, r); err != nil {
		return Mine{}, err
	}
	proposals, err := o.proposals(ctx, r.ID)
	if err != nil {
		return Mine{}, err
	}
	if len(proposals) > 0 && proposals[0].shows(r) {
		m.Proposal = &proposals[0]
		if m.Progress, err = o.progress(ctx, r.ID, proposals[0].ID); err != nil {
			return Mine{}, err
		}
	}
	if r.Outcome == RetentionShortened {
		c, err := o.Chosen(ctx, r)
		if err != nil {
			return Mine{}, err
		}
		m.KeepDays = c.Days
	}
	if r.Outcome == Erased {
		if m.Copies, err = o.otherCopies(ctx, r); err != nil {
			return Mine{}, err
		}
	}
	if r.State == Rejected {
		if m.RefusalCode, m.RefusalText, err = o.refusal(ctx, r); err != nil {
			return Mine{}, err
		}
	}
	if err := o.loadMyClock(ctx, &m); err != nil {
		return Mine{}, err
	}
	if err := o.loadMyDuties(ctx, &m); err != nil {
		return Mine{}, err
	}
	if m.Letters, err = o.lettersOf(ctx, r.ID); err != nil {
		return Mine{}, err
	}
	m.Timeline = timeline(r, m)
	return m, nil
}

// shows says that the person sees the plan: before a deletion, to confirm it,
// and of every other right what was decided.
func (p Proposal) shows(r Request) bool {
	if r.Kind == Deletion {
		return p.PreparedAt != nil && p.Decision != "sent_back"
	}
	return !r.Kind.Packs() && p.Decision == "approved"
}

// otherCopies gives what a deletion in the store did not reach: copies that wait
// for the same person.
func (o *Office) otherCopies(ctx context.Context, r Request) ([]Copy, error) {
	rows, err := queries.New(o.db).OtherCopies(ctx, queries.OtherCopiesParams{Email: r.Email, NotID: r.ID})
	if err != nil {
		return nil, fmt.Errorf("read the copies beside %s: %w", r.Ref, err)
	}
	copies := make([]Copy, len(rows))
	for i, w := range rows {
		copies[i] = Copy{Ref: Ref(w.Ref), Until: w.Until}
	}
	return copies, nil
}

func (o *Office) refusal(ctx context.Context, r Request) (code, text string, err error) {
	row, err := queries.New(o.db).RequestByID(ctx, r.ID)
	if err != nil {
		return "", "", fmt.Errorf("read the refusal of %s: %w", r.Ref, err)
	}
	return row.RefusalCode, row.RefusalText, nil
}

// timeline tells what happened, what is happening now and what comes next.
func timeline(r Request, m Mine) []TimelineItem {
	done := func(code string, at *time.Time) TimelineItem { return TimelineItem{Code: code, At: at, Done: true} }
	items := []TimelineItem{done("sent", &r.ReceivedAt)}
	if r.VerifiedAt == nil {
		if r.State == Lapsed {
			return append(items, done("outcome."+string(r.Outcome), r.ClosedAt))
		}
		return append(items, TimelineItem{Code: "confirm_address", Now: true}, TimelineItem{Code: "search"}, TimelineItem{Code: "answer", At: &r.DueAt})
	}
	if r.Kind == RestrictionLift { // nobody sent it
		items = []TimelineItem{done("lift_opened", &r.ReceivedAt)}
	} else {
		items = append(items, done("confirmed", r.VerifiedAt))
	}
	if r.State.Final() {
		if r.ConfirmedAt != nil && r.Outcome == Erased {
			items = append(items, done("deletion_confirmed", r.ConfirmedAt))
		}
		return append(items, done("outcome."+string(r.Outcome), r.ClosedAt))
	}
	stages := comingStages(r, m)
	// Everything before what is happening now is done.
	last := -1
	for i, s := range stages {
		if s.Now {
			last = i
		}
	}
	for i := range stages {
		if i < last && !stages[i].Now {
			stages[i].Done = true
		}
	}
	items = append(items, stages...)
	if r.State != Ready && r.Kind != RestrictionLift { // which nobody asked for
		items = append(items, TimelineItem{Code: "answer", At: &r.DueAt})
	}
	return items
}

// comingStages is what an open request whose address is proved goes through.
func comingStages(r Request, m Mine) []TimelineItem {
	if r.Kind.Grieves() { // somebody reads it, and answers
		return []TimelineItem{{Code: "appeal", Now: true}}
	}
	running := r.State == Approved || r.State == Executing
	stages := []TimelineItem{{Code: "search", Now: r.State == Verified || r.State == Discovering}}
	waits := r.Kind == Deletion && m.Proposal != nil && m.Proposal.holdsRows()
	if !r.Kind.AtOnce() || r.State == InReview { // else nobody has to look at it
		stages = append(stages, TimelineItem{Code: "review", Now: r.State == InReview && (!waits || r.ConfirmedAt != nil)})
	}
	switch {
	case r.Kind == Deletion:
		return append(stages,
			TimelineItem{Code: "confirm_deletion", Now: waits && r.ConfirmedAt == nil && (r.State == InReview || r.State == Approved), Done: r.ConfirmedAt != nil, At: r.ConfirmedAt},
			TimelineItem{Code: "cooling_off", Now: r.State == Approved && r.ConfirmedAt != nil, At: r.RunsAt},
			TimelineItem{Code: "carry_out", Now: r.State == Executing})
	case r.Kind.Packs():
		return append(stages, TimelineItem{Code: "prepare", Now: running}, TimelineItem{Code: "ready", Now: r.State == Ready})
	case r.Kind == RestrictionLift:
		return append(stages, TimelineItem{Code: "lift_notice", Done: r.RunsAt != nil}, TimelineItem{Code: "carry_out", Now: running, At: r.RunsAt})
	}
	return append(stages, TimelineItem{Code: "carry_out", Now: running})
}

// WriteToStaff keeps a message from the person, with files that TakeOwn took.
func (o *Office) WriteToStaff(ctx context.Context, email string, ref Ref, body string, files ...uuid.UUID) error {
	if err := messageFits(body, files); err != nil {
		return err
	}
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return err
	}
	if err := o.throttle.Allow(ctx, "message", r.ID.String(), auth.Limit{Burst: 20, Per: 24 * time.Hour}); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		sent, err := send(ctx, queries.New(tx), queries.SendMessageParams{RequestID: r.ID, Author: r.Name, Body: strings.TrimSpace(body)}, files)
		if err != nil || !sent { // a double click
			return err
		}
		if err := o.replied(ctx, tx, r); err != nil {
			return err
		}
		return o.note(ctx, tx, subject(r), r, "message.received", nil)
	})
}

// WriteToPerson keeps a message from staff and tells the person by mail that
// one waits; an internal note stays inside. The files are those that Take took.
func (o *Office) WriteToPerson(ctx context.Context, by staff.Member, id ID, body string, note bool, files ...uuid.UUID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	if err := messageFits(body, files); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.State == Lapsed || (r.State == Received && !note) {
			return fault.New(fault.Conflict, "error.not_confirmed_yet")
		}
		sent, err := send(ctx, queries.New(tx), queries.SendMessageParams{RequestID: id, StaffID: &by.ID, Author: by.Name, Note: note, Body: strings.TrimSpace(body)}, files)
		if err != nil || !sent { // a double click
			return err
		}
		if note {
			return o.note(ctx, tx, by.Actor(), r, "note.written", nil)
		}
		if err := o.note(ctx, tx, by.Actor(), r, "message.sent", nil); err != nil {
			return err
		}
		return o.write(ctx, tx, r, mail.StaffMessage{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref))})
	})
}

func messageFits(body string, files []uuid.UUID) error {
	f := fault.Fields{}
	if strings.TrimSpace(body) == "" && len(files) == 0 {
		f.Add("body", "error.field.message_missing")
	}
	if len(files) > MaxFiles {
		f.Add("files", "duties.error.files_many", "Max", MaxFiles)
	}
	tooLong(f, "body", body, MaxMessage)
	return f.Err()
}

func (o *Office) messages(ctx context.Context, id ID, notes bool) ([]Message, error) {
	rows, err := queries.New(o.db).MessagesOf(ctx, queries.MessagesOfParams{RequestID: id, Notes: notes})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	files, err := o.filed(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]Message, len(rows))
	for i, w := range rows {
		out[i] = Message{ID: w.ID, At: w.At, Staff: w.StaffID != nil, Author: w.Author, Note: w.Note, Body: w.Body, Files: files[w.ID]}
	}
	return out, nil
}

// proposals gives the newest first, with its package; the others are history.
func (o *Office) proposals(ctx context.Context, id ID) ([]Proposal, error) {
	q := queries.New(o.db)
	rows, err := q.ProposalsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read proposals: %w", err)
	}
	out := make([]Proposal, len(rows))
	for i, w := range rows {
		if i == 0 {
			out[i], err = readProposal(ctx, q, w)
		} else {
			out[i], err = fromProposal(w)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (o *Office) progress(ctx context.Context, id ID, proposal uuid.UUID) ([]Progress, error) {
	rows, err := queries.New(o.db).ProgressOf(ctx, queries.ProgressOfParams{RequestID: id, ProposalID: proposal})
	if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	out := make([]Progress, len(rows))
	for i, w := range rows {
		var step datamap.Step
		if err := json.Unmarshal(w.Step, &step); err != nil {
			return nil, fmt.Errorf("read a step: %w", err)
		}
		out[i] = Progress{Step: step, Affected: w.Affected, Done: w.Done}
	}
	return out, nil
}

func fromRefRow(w queries.RequestByRefRow) (Request, error) {
	r, err := fromRow(w.Request)
	r.AssigneeName = w.AssigneeName
	return r, err
}

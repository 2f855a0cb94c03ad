package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// CaseDuties is what is to be done beside the answer itself, and what there is
// to know about who asks.
type CaseDuties struct {
	Tasks      []Duty         // for colleagues
	Recipients []Duty         // who has to be told what was changed (Article 19 GDPR)
	Colleagues []staff.Member // whom a task can be given to
	Identity   Identity
	Like       []Like       // other requests that may be the same person's
	Duplicate  *Duplicate   // of which request this one is a duplicate
	Duplicates []Ref        // requests that are duplicates of this one
	Files      []Attachment // of the correspondence, those that are still there
}

// Open says how many duties of a list nobody has settled yet.
func Open(duties []Duty) (n int) {
	for _, d := range duties {
		if d.State == DutyOpen {
			n++
		}
	}
	return n
}

// DutyState is what became of a duty. Catalogue: "duties.state.<state>".
type DutyState string

const (
	DutyOpen         DutyState = "open"
	DutyDone         DutyState = "done"             // a task
	DutyTold         DutyState = "told"             // a recipient was told …
	DutyImpossible   DutyState = "impossible"       // … or cannot be, …
	DutyTooMuch      DutyState = "disproportionate" // … or only with an effort out of all proportion, …
	DutyNotDisclosed DutyState = "not_disclosed"    // … or need not be: it never had this person's data
)

const (
	tellRecipientsIn = 7 * 24 * time.Hour // our own measure: the law says without undue delay
	taskIn           = 3 * 24 * time.Hour // a task without a day
)

// RecipientStates are the ends of a recipient's duty, in the order of the form.
var RecipientStates = []DutyState{DutyTold, DutyNotDisclosed, DutyImpossible, DutyTooMuch}

// Duty is a task for a colleague, or a recipient to be told.
type Duty struct {
	ID           uuid.UUID
	Title        string       // of a task
	Recipient    datamap.Text // as the data map names it
	Categories   []string     // of the data that was changed
	Note         string
	Assignee     *uuid.UUID
	AssigneeName string
	DueAt        time.Time
	MadeAt       time.Time
	MadeName     string // "" if it follows from what was carried out
	State        DutyState
	How          string // by which way a recipient was told
	Reference    string // of that message
	Reason       string // why a recipient was not told
	ToldOn       *time.Time
	SettledAt    *time.Time
	SettledName  string
}

// Overdue says that an open duty should have been settled by now.
func (d Duty) Overdue(now time.Time) bool { return d.State == DutyOpen && d.DueAt.Before(now) }

// DataRecipient is who else gets data of a category, as the data map has it.
type DataRecipient struct {
	Name       datamap.Text
	Categories []string
}

// RecipientsOf collects the recipients of all categories of a map, each once.
// The operator itself needs no telling.
func RecipientsOf(categories []datamap.Category, operator string) (out []DataRecipient) {
	for _, c := range categories {
		for _, name := range c.Recipients {
			if operator != "" && strings.HasPrefix(name.In("en"), operator+" ") {
				continue
			}
			i := slices.IndexFunc(out, func(r DataRecipient) bool { return r.Name.In("en") == name.In("en") })
			if i < 0 {
				out, i = append(out, DataRecipient{Name: name}), len(out)
			}
			out[i].Categories = append(out[i].Categories, c.ID)
		}
	}
	return out
}

// tells are the kinds after which recipients are told (Article 19 GDPR): who was
// told of a restriction is told of its end.
var tells = []Kind{Correction, Deletion, Restriction, RestrictionLift}

// Tells says that recipients of the data are told what was done.
func (k Kind) Tells() bool { return slices.Contains(tells, k) }

// Touching gives the recipients of these categories, each with those it gets.
func Touching(all []DataRecipient, categories []string) (out []DataRecipient) {
	for _, r := range all {
		common := slices.DeleteFunc(slices.Clone(r.Categories), func(c string) bool { return !slices.Contains(categories, c) })
		if len(common) > 0 {
			out = append(out, DataRecipient{Name: r.Name, Categories: common})
		}
	}
	return out
}

// oweRecipients opens a duty for each recipient of data that was changed, in the
// transaction of the outcome.
func (o *Office) oweRecipients(ctx context.Context, tx pgx.Tx, r Request, proposal uuid.UUID) error {
	if !r.Kind.Tells() {
		return nil
	}
	q := queries.New(tx)
	touched, err := touchedCategories(ctx, q, r.ID, proposal)
	if err != nil {
		return err
	}
	owed := 0
	for _, to := range Touching(o.set.Recipients, touched) {
		words, err := json.Marshal(to.Name)
		if err != nil {
			return fmt.Errorf("write the name of a recipient: %w", err)
		}
		n, err := q.AddRecipient(ctx, queries.AddRecipientParams{RequestID: r.ID, Title: cut(to.Name.In("en"), MaxName), Words: words,
			Categories: to.Categories, DueAt: o.now().Add(tellRecipientsIn)})
		if err != nil {
			return fmt.Errorf("owe a recipient of %s a word: %w", r.Ref, err)
		}
		owed += int(n)
	}
	if owed == 0 {
		return nil
	}
	return o.note(ctx, tx, system, r, "recipients.owed", map[string]any{"recipients": owed})
}

// touchedCategories are those in which an execution changed anything.
func touchedCategories(ctx context.Context, q *queries.Queries, id ID, proposal uuid.UUID) (out []string, err error) {
	rows, err := q.ProgressOf(ctx, queries.ProgressOfParams{RequestID: id, ProposalID: proposal})
	if err != nil {
		return nil, fmt.Errorf("read what was changed: %w", err)
	}
	for _, w := range rows {
		var s datamap.Step
		if err := json.Unmarshal(w.Step, &s); err != nil {
			return nil, fmt.Errorf("read a step: %w", err)
		}
		if w.Affected > 0 && s.Action != datamap.Keep && s.Category != "" && !slices.Contains(out, s.Category) {
			out = append(out, s.Category)
		}
	}
	return out, nil
}

// NewTask is a task as a member writes it down.
type NewTask struct {
	Title string
	Note  string
	To    uuid.UUID // uuid.Nil: whoever has the case
	Due   time.Time // zero: in three days
}

// AddTask gives a colleague something to do for a request.
func (o *Office) AddTask(ctx context.Context, by staff.Member, id ID, t NewTask) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	f := fault.Fields{}
	if t.Title = strings.TrimSpace(t.Title); t.Title == "" {
		f.Add("task", "duties.error.task")
	}
	tooLong(f, "task", t.Title, MaxName)
	tooLong(f, "task_note", t.Note, MaxDetails)
	var to *uuid.UUID
	if t.To != uuid.Nil {
		m, err := o.roster.ByID(ctx, t.To)
		if err != nil || m.Disabled || !m.Can(staff.RequestRead) {
			f.Add("task_to", "duties.error.colleague")
		}
		to = &t.To
	}
	if t.Due.IsZero() {
		t.Due = o.now().Add(taskIn)
	} else if t.Due.Before(o.now().Add(-24*time.Hour)) || t.Due.After(o.now().AddDate(2, 0, 0)) {
		f.Add("task_due", "duties.error.day")
	}
	if err := f.Err(); err != nil {
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
		duty, err := queries.New(tx).AddDuty(ctx, queries.AddDutyParams{RequestID: id, Title: t.Title, Note: strings.TrimSpace(t.Note), Assignee: to,
			DueAt: t.Due, MadeBy: &by.ID, MadeName: by.Name})
		if err != nil {
			return fmt.Errorf("add a task to %s: %w", r.Ref, err)
		}
		return o.note(ctx, tx, by.Actor(), r, "task.added", map[string]any{"task": duty.String(), "to": t.To.String()})
	})
}

// Settlement says what became of a duty.
type Settlement struct {
	State     DutyState
	How       string    // told: by which way
	Reference string    // told: of that message, if there is one
	On        time.Time // told: which day
	Reason    string    // not told: why
}

// Settle closes a duty. It is done once; a second click on the same end is none.
func (o *Office) Settle(ctx context.Context, by staff.Member, id ID, duty uuid.UUID, s Settlement) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	s.How, s.Reference, s.Reason = strings.TrimSpace(s.How), strings.TrimSpace(s.Reference), strings.TrimSpace(s.Reason)
	if err := o.settlementFits(s); err != nil {
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
		q := queries.New(tx)
		d, err := q.LockDuty(ctx, queries.LockDutyParams{ID: duty, RequestID: id})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fault.New(fault.NotFound, "duties.error.no_duty")
		case err != nil:
			return fmt.Errorf("lock a duty of %s: %w", r.Ref, err)
		case d.State == string(s.State):
			return nil // a double click
		case d.State != string(DutyOpen):
			return fault.New(fault.Conflict, "duties.error.settled", "Name", d.SettledName)
		case (d.Kind == "task") != (s.State == DutyDone):
			return fault.New(fault.Invalid, "duties.error.settlement")
		}
		p := queries.SettleDutyParams{ID: duty, State: string(s.State), SettledAt: ptr(o.now()), SettledBy: &by.ID, SettledName: by.Name}
		if s.State == DutyTold {
			p.How, p.Reference, p.ToldOn = s.How, s.Reference, &s.On
		} else if s.State != DutyDone {
			p.Reason = s.Reason
		}
		if err := q.SettleDuty(ctx, p); err != nil {
			return fmt.Errorf("settle a duty of %s: %w", r.Ref, err)
		}
		if d.Kind == "task" {
			return o.note(ctx, tx, by.Actor(), r, "task.done", map[string]any{"task": duty.String()})
		}
		return o.note(ctx, tx, by.Actor(), r, "recipient.settled", map[string]any{"duty": duty.String(), "state": string(s.State)})
	})
}

func (o *Office) settlementFits(s Settlement) error {
	f := fault.Fields{}
	switch s.State {
	case DutyDone:
	case DutyTold:
		if s.How == "" {
			f.Add("how", "duties.error.how")
		}
		if s.On.IsZero() || s.On.After(o.now()) || s.On.Before(o.now().AddDate(-2, 0, 0)) {
			f.Add("on", "duties.error.told_on")
		}
		tooLong(f, "how", s.How, MaxName)
		tooLong(f, "reference", s.Reference, MaxName)
	case DutyImpossible, DutyTooMuch, DutyNotDisclosed:
		if s.Reason == "" {
			f.Add("why", "duties.error.why")
		}
		tooLong(f, "why", s.Reason, MaxDetails)
	default:
		f.Add("state", "duties.error.settlement")
	}
	return f.Err()
}

func (o *Office) loadDuties(ctx context.Context, r Request, c *Case) (err error) {
	d := &c.Duties
	if d.Tasks, d.Recipients, err = o.duties(ctx, r.ID); err != nil {
		return err
	}
	members, err := o.roster.List(ctx)
	if err != nil {
		return fmt.Errorf("list colleagues: %w", err)
	}
	d.Colleagues = slices.DeleteFunc(members, func(m staff.Member) bool { return m.Disabled || !m.Can(staff.RequestRead) })
	if d.Identity, err = o.identity(ctx, r, c); err != nil {
		return err
	}
	d.Files = filesOf(c.Messages)
	return o.loadLike(ctx, r, d)
}

// filesOf are the files that came with messages and are still there.
func filesOf(messages []Message) (out []Attachment) {
	for _, m := range messages {
		for _, a := range m.Files {
			if !a.Gone {
				out = append(out, a)
			}
		}
	}
	return out
}

// loadMyDuties tells the person who was told of what was changed (the last
// sentence of Article 19 GDPR), and which request goes on in place of a duplicate.
func (o *Office) loadMyDuties(ctx context.Context, m *Mine) (err error) {
	r := m.Request
	if r.State == Closed && r.Kind.Tells() {
		if _, m.Recipients, err = o.duties(ctx, r.ID); err != nil {
			return err
		}
	}
	if r.Outcome != Duplicated {
		return nil
	}
	w, err := queries.New(o.db).DuplicateOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what %s is a duplicate of: %w", r.Ref, err)
	}
	m.Duplicate = Ref(w.Ref)
	return nil
}

// duties reads the tasks and the recipients of a request.
func (o *Office) duties(ctx context.Context, id ID) (tasks, recipients []Duty, err error) {
	rows, err := queries.New(o.db).DutiesOf(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read duties: %w", err)
	}
	for _, w := range rows {
		d := Duty{ID: w.Duty.ID, Title: w.Duty.Title, Categories: w.Duty.Categories, Note: w.Duty.Note, Assignee: w.Duty.Assignee, AssigneeName: w.AssigneeName,
			DueAt: w.Duty.DueAt, MadeAt: w.Duty.MadeAt, MadeName: w.Duty.MadeName, State: DutyState(w.Duty.State), How: w.Duty.How, Reference: w.Duty.Reference,
			Reason: w.Duty.Reason, ToldOn: w.Duty.ToldOn, SettledAt: w.Duty.SettledAt, SettledName: w.Duty.SettledName}
		if w.Duty.Kind == "task" {
			tasks = append(tasks, d)
			continue
		}
		if err := json.Unmarshal(w.Duty.Words, &d.Recipient); err != nil {
			return nil, nil, fmt.Errorf("read the name of a recipient: %w", err)
		}
		recipients = append(recipients, d)
	}
	return tasks, recipients, nil
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

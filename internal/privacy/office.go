// Package privacy moves a privacy request through its life: intake,
// verification, triage, discovery, review, execution, delivery, closure.
// Each stage has a file of that name; state.go has the edges between them.
package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Settings are the operator's choices.
type Settings struct {
	CoolingOff    time.Duration           // between the person's second confirmation and a deletion
	DeliveryDays  int                     // how long a package waits
	DeliveryCount int                     // how often it may be downloaded
	LiftNotice    time.Duration           // between the notice that a restriction ends and its end; 7 days if zero
	LinkTTL       time.Duration           // mailed links of the person; 24 hours if zero
	UnconfirmedIn time.Duration           // a request nobody confirmed lapses; 14 days if zero
	Categories    []string                // category ids of the data map, for the form
	Purposes      []string                // that the store can stop, as the data map names them
	Content       []string                // categories with words that people wrote
	Recipients    []DataRecipient         // who else gets data, by category
	Titles        map[string]datamap.Text // of those categories and purposes, for letters
	House         letter.House            // who answers, for letters
	Map           *datamap.Map            // what the store holds, in words for letters; may be nil
	Holidays      []time.Time             // days on which the operator is closed, besides the public ones
}

// Office handles requests. Each change is one transaction: state, audit entry,
// letter and next job commit together or not at all.
type Office struct {
	db       *pgxpool.Pool
	jobs     *river.Client[pgx.Tx]
	outbox   *mail.Outbox
	roster   *staff.Roster
	throttle *auth.Throttle
	set      Settings
	filing   Filing
	try      *letter.Letter // a rehearsal: the letter that would be written
	now      func() time.Time
	tally    *tally
	figured  *figured
	seen     *seen // what the member who saves knew of the case; nil if nothing has to be held against that
}

// NewOffice needs an insert-only job client at least; now may be nil.
func NewOffice(db *pgxpool.Pool, jobs *river.Client[pgx.Tx], outbox *mail.Outbox, roster *staff.Roster, throttle *auth.Throttle, set Settings, now func() time.Time) *Office {
	if now == nil {
		now = time.Now
	}
	if set.LinkTTL == 0 {
		set.LinkTTL = 24 * time.Hour
	}
	if set.UnconfirmedIn == 0 {
		set.UnconfirmedIn = 14 * 24 * time.Hour
	}
	if set.LiftNotice == 0 {
		set.LiftNotice = 7 * 24 * time.Hour
	}
	if set.DeliveryDays == 0 {
		set.DeliveryDays = 14
	}
	if set.DeliveryCount == 0 {
		set.DeliveryCount = 5
	}
	return &Office{db: db, jobs: jobs, outbox: outbox, roster: roster, throttle: throttle, set: set, now: now, tally: &tally{}, figured: &figured{}}
}

// Settings gives what the pages need to tell (cooling-off, days, downloads).
func (o *Office) Settings() Settings { return o.set }

// lock reads a request for a change; everything that moves one begins here.
func (o *Office) lock(ctx context.Context, tx pgx.Tx, id ID) (Request, error) {
	row, err := queries.New(tx).LockRequest(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return Request{}, fmt.Errorf("lock request %s: %w", id, err)
	}
	if o.seen != nil {
		if err := o.seen.unseen(ctx, tx, id); err != nil {
			return Request{}, err
		}
	}
	return fromRow(row)
}

// change is what move writes besides the state.
type change struct {
	to      State
	outcome Outcome        // for final states
	detail  map[string]any // for the audit entry
	work    bool           // a worker goes on from here
	workAt  time.Time      // not before; zero for now
}

// move is the only writer of a request's state. r must come from lock in the
// same transaction.
func (o *Office) move(ctx context.Context, tx pgx.Tx, by audit.Actor, r *Request, c change) error {
	if !r.State.CanBecome(c.to) {
		return fault.New(fault.Conflict, "error.wrong_state")
	}
	var closed *time.Time
	var outcome *string
	if c.to.Final() {
		t, s := o.now(), string(c.outcome)
		closed, outcome = &t, &s
	}
	if err := queries.New(tx).SetState(ctx, queries.SetStateParams{ID: r.ID, State: string(c.to), ClosedAt: closed, Outcome: outcome}); err != nil {
		return fmt.Errorf("set state of %s: %w", r.Ref, err)
	}
	detail := map[string]any{"from": string(r.State)}
	if outcome != nil {
		detail["outcome"] = *outcome
	}
	for k, v := range c.detail {
		detail[k] = v
	}
	if err := o.note(ctx, tx, by, *r, "request."+string(c.to), detail); err != nil {
		return err
	}
	if c.to.Final() {
		if err := forgetValues(ctx, queries.New(tx), r.ID); err != nil {
			return err
		}
	}
	r.State, r.Outcome, r.ClosedAt, r.Attention, r.StoreDownAt, r.StoreDown = c.to, c.outcome, closed, "", nil, ""
	if c.work {
		return o.ring(ctx, tx, r.ID, c.workAt)
	}
	return nil
}

// note writes an audit entry about a request.
func (o *Office) note(ctx context.Context, tx pgx.Tx, by audit.Actor, r Request, action string, detail map[string]any) error {
	o.tally.moved()
	return audit.Append(ctx, tx, audit.Event{Actor: by, Action: action, Target: string(r.Ref), Request: r.ID.String(), Detail: detail})
}

// write queues a letter to the person.
func (o *Office) write(ctx context.Context, tx pgx.Tx, r Request, l mail.Letter) error {
	if r.Email == "" { // it came by post: what there is to say is kept with the case and printed
		return nil
	}
	id := r.ID
	if err := o.outbox.Queue(ctx, tx, mail.Recipient{Address: r.Email, Name: r.Name, Lang: r.Lang}, &id, l); err != nil {
		return fmt.Errorf("queue a letter for %s: %w", r.Ref, err)
	}
	return nil
}

// subject is the person as the audit names them: by the request, not by name.
func subject(r Request) audit.Actor { return audit.Actor{Kind: audit.SubjectActor, ID: string(r.Ref)} }

// system is a job as the audit names it.
var system = audit.Actor{Kind: audit.SystemActor, ID: WorkArgs{}.Kind()}

func may(by staff.Member, p staff.Permission) error {
	if by.Disabled || !by.Can(p) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

// impartial keeps members out of the answer to their own request. Many mail
// services deliver "name+anything" to "name", so that part does not count.
func impartial(by staff.Member, r Request) error {
	if r.Email != "" && mailbox(by.Email) == mailbox(r.Email) {
		return fault.New(fault.Forbidden, "error.own_request")
	}
	return nil
}

func mailbox(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// fresh asks for a second factor of the last five minutes.
func (o *Office) fresh(by staff.Member) error {
	if by.FactorAt == nil || o.now().Sub(*by.FactorAt) > staff.FactorFresh {
		return fault.New(fault.Unproved, "error.factor_needed")
	}
	return nil
}

func fromRow(w queries.Request) (Request, error) {
	r := Request{
		ID: w.ID, Ref: Ref(w.Ref), Kind: Kind(w.Kind), State: State(w.State), Relation: Relation(w.Relation),
		Name: w.Name, Email: w.Email, Phone: w.Phone, Country: w.Country, Lang: lang.Tag(w.Lang), Law: w.Law,
		ReceivedAt: w.ReceivedAt, VerifiedAt: w.VerifiedAt, DueAt: w.DueAt, ClosedAt: w.ClosedAt, Assignee: w.Assignee,
		ConfirmedAt: w.ConfirmedAt, RunsAt: w.RunsAt, Ends: w.Ends, About: w.About, Laws: w.Laws, TargetAt: w.TargetAt, AckDueAt: w.AckDueAt,
		NoticeBy: w.NoticeBy, ExtendedAt: w.ExtendedAt, PausedAt: w.PausedAt, HeldAt: w.HeldAt, StoreDownAt: w.StoreDownAt, StoreDown: w.StoreDown, Attention: w.Attention,
	}
	r.Channel, r.RecordedBy, r.RecordedAt, r.Original, r.ProvedBy, r.FollowUp = Channel(w.Channel), w.RecordedBy, w.RecordedAt, w.Original, w.ProvedBy, w.FollowUp
	if w.Outcome != nil {
		r.Outcome = Outcome(*w.Outcome)
	}
	if err := json.Unmarshal(w.Answers, &r.Answers); err != nil {
		return Request{}, fmt.Errorf("answers of %s: %w", r.Ref, err)
	}
	return r, nil
}

func fromRows(rows []queries.Request) ([]Request, error) {
	out := make([]Request, 0, len(rows))
	for _, w := range rows {
		r, err := fromRow(w)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

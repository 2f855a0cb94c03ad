package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Scope is what a hold is about. Catalogue: "clock.hold.scope.<scope>".
type Scope string

const (
	OnCase   Scope = "case"   // nothing of this request is carried out or purged
	OnPerson Scope = "person" // nor is anything that changes or deletes by another request of theirs
)

// Scopes lists them in the order of the form.
var Scopes = []Scope{OnCase, OnPerson}

// MaxMatter bounds the name of the matter that a hold is for.
const MaxMatter = 200

// Hold is a legal hold: what is needed for a claim stays as it is.
type Hold struct {
	ID         uuid.UUID
	Ref        Ref // of the request at which it was set
	Scope      Scope
	Matter     string
	Reason     string
	Owner      uuid.UUID
	OwnerName  string
	StartedAt  time.Time
	ReviewOn   time.Time
	Told       bool // the person is told that data is kept for legal claims
	SetName    string
	LiftedAt   *time.Time
	LiftedName string
	LiftReason string
}

// Review says that the day has come to look at it again.
func (h Hold) Review(now time.Time) bool { return h.LiftedAt == nil && !now.Before(h.ReviewOn) }

// Hold puts a request, or a person, on hold. From here on nothing is carried out.
func (o *Office) Hold(ctx context.Context, by staff.Member, id ID, h Hold) error {
	if err := may(by, staff.HoldSet); err != nil {
		return err
	}
	f := fault.Fields{}
	if h.Scope != OnCase && h.Scope != OnPerson {
		f.Add("scope", "error.field.hold_scope")
	}
	needed(f, "matter", h.Matter, MaxMatter, "error.field.hold_matter")
	needed(f, "hold_reason", h.Reason, MaxDetails, "error.field.clock_reason")
	if !h.ReviewOn.After(o.now()) {
		f.Add("review", "error.field.hold_review")
	}
	if err := f.Err(); err != nil {
		return err
	}
	owner, err := o.roster.ByID(ctx, h.Owner)
	if fault.KindOf(err) == fault.NotFound || err == nil && owner.Disabled {
		f.Add("owner", "error.field.hold_owner")
		return f.Err()
	}
	if err != nil {
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
		if r.State == Executing || r.State == Lapsed {
			return fault.New(fault.Conflict, "error.hold_late")
		}
		p := queries.InsertHoldParams{RequestID: id, Scope: string(h.Scope), Matter: strings.TrimSpace(h.Matter), Reason: strings.TrimSpace(h.Reason),
			Owner: owner.ID, OwnerName: owner.Name, ReviewOn: h.ReviewOn, Told: h.Told, SetBy: by.ID, SetName: by.Name}
		if _, err := queries.New(tx).InsertHold(ctx, p); err != nil {
			return fmt.Errorf("hold %s: %w", r.Ref, err)
		}
		// Whoever answers for it is reminded like of any other task.
		task := queries.AddDutyParams{RequestID: id, Title: lang.In(owner.Lang, "clock.hold.task"), Note: p.Matter, Assignee: &owner.ID, DueAt: h.ReviewOn, MadeBy: &by.ID, MadeName: by.Name}
		if _, err := queries.New(tx).AddDuty(ctx, task); err != nil {
			return fmt.Errorf("have the hold of %s looked at again: %w", r.Ref, err)
		}
		detail := map[string]any{"scope": string(h.Scope), "review_on": h.ReviewOn.Format(time.DateOnly), "told": h.Told}
		if err := o.note(ctx, tx, by.Actor(), r, "hold.set", detail); err != nil || !h.Told || r.State == Received {
			return err
		}
		return o.tellHold(ctx, tx, by, r)
	})
}

// tellHold writes to the person that data is kept for legal claims, and nothing
// of the matter.
func (o *Office) tellHold(ctx context.Context, tx pgx.Tx, by staff.Member, r Request) error {
	_, err := queries.New(tx).PostQuestion(ctx, queries.PostQuestionParams{RequestID: r.ID, StaffID: by.ID, Author: by.Name, Body: lang.In(r.Lang, "clock.hold.message")})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // said a moment ago
	}
	if err != nil {
		return fmt.Errorf("tell of the hold of %s: %w", r.Ref, err)
	}
	return o.write(ctx, tx, r, mail.StaffMessage{Ref: string(r.Ref), Path: link.MyRequest(string(r.Ref))})
}

// LiftHold ends a hold. What waited for it goes on by itself.
func (o *Office) LiftHold(ctx context.Context, by staff.Member, id ID, hold uuid.UUID, reason string) error {
	if err := may(by, staff.HoldSet); err != nil {
		return err
	}
	f := fault.Fields{}
	needed(f, "lift_reason", reason, MaxDetails, "error.field.clock_reason")
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
		q := queries.New(tx)
		n, err := q.LiftHold(ctx, queries.LiftHoldParams{ID: hold, RequestID: id, At: o.now(), ByID: &by.ID, ByName: by.Name, Reason: strings.TrimSpace(reason)})
		if err != nil {
			return fmt.Errorf("lift a hold of %s: %w", r.Ref, err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "error.hold_lifted")
		}
		if err := q.SettleHoldTask(ctx, queries.SettleHoldTaskParams{Hold: hold, At: o.now(), ByID: by.ID, ByName: by.Name}); err != nil {
			return fmt.Errorf("end the task about a hold of %s: %w", r.Ref, err)
		}
		if err := o.note(ctx, tx, by.Actor(), r, "hold.lifted", nil); err != nil {
			return err
		}
		if err := o.goOn(ctx, tx, r); err != nil || !r.State.Final() {
			return err
		}
		if r, err = o.lock(ctx, tx, id); err != nil { // whether another hold stands
			return err
		}
		return o.dropPackages(ctx, tx, r)
	})
}

// goOn rings for what an end of a hold lets go on. What waits for the person or
// for its time goes on waiting.
func (o *Office) goOn(ctx context.Context, tx pgx.Tx, r Request) error {
	rows, err := queries.New(tx).LetGo(ctx, queries.LetGoParams{ID: r.ID, Email: r.Email})
	if err != nil {
		return fmt.Errorf("look for what was held with %s: %w", r.Ref, err)
	}
	for _, w := range rows {
		at := time.Time{}
		if w.RunsAt != nil && w.RunsAt.After(o.now()) {
			at = *w.RunsAt
		}
		if err := o.ring(ctx, tx, w.ID, at); err != nil {
			return err
		}
	}
	return nil
}

// HeldOperations names what deletes by a shortened retention and must not while a
// hold stands.
func (o *Office) HeldOperations(ctx context.Context) (map[uuid.UUID]bool, error) {
	ids, err := queries.New(o.db).HeldOperations(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what holds keep from being purged: %w", err)
	}
	held := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		held[id] = true
	}
	return held, nil
}

func (o *Office) loadHolds(ctx context.Context, q *queries.Queries, r Request, c *CaseClock) error {
	rows, err := q.HoldsOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read the holds: %w", err)
	}
	for _, w := range rows {
		c.Holds = append(c.Holds, fromHold(w, r.Ref))
	}
	if r.Email == "" {
		return nil
	}
	others, err := q.HoldsOnPerson(ctx, queries.HoldsOnPersonParams{Email: r.Email, NotID: r.ID})
	if err != nil {
		return fmt.Errorf("read the holds on the person: %w", err)
	}
	for _, w := range others {
		c.Elsewhere = append(c.Elsewhere, fromHold(w.Hold, Ref(w.Ref)))
	}
	if !slices.ContainsFunc(c.Live(), func(h Hold) bool { return h.Scope == OnPerson }) {
		return nil
	}
	running, err := q.RunningOf(ctx, r.Email)
	if err != nil {
		return fmt.Errorf("look for what runs in spite of a hold: %w", err)
	}
	for _, ref := range running {
		c.Running = append(c.Running, Ref(ref))
	}
	return nil
}

func fromHold(w queries.Hold, ref Ref) Hold {
	return Hold{ID: w.ID, Ref: ref, Scope: Scope(w.Scope), Matter: w.Matter, Reason: w.Reason, Owner: w.Owner, OwnerName: w.OwnerName, StartedAt: w.StartedAt,
		ReviewOn: w.ReviewOn, Told: w.Told, SetName: w.SetName, LiftedAt: w.LiftedAt, LiftedName: w.LiftedName, LiftReason: w.LiftReason}
}

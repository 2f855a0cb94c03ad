package privacy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Like is another request that may be of the same person.
type Like struct {
	Ref         Ref
	Kind        Kind
	State       State
	Outcome     Outcome
	ReceivedAt  time.Time
	VerifiedAt  *time.Time
	DueAt       time.Time
	SameAddress bool // the proved one, if both are proved
	SameNumber  bool // as typed
}

// CanStand says that r can be a duplicate of this request: this one is proved
// and goes on, is of the same address and kind, and not later due. Whether the
// two ask the same is for staff to say. What is over answers no other request,
// and complaints are decided one by one.
func (l Like) CanStand(r Request) bool {
	return l.VerifiedAt != nil && !l.State.Final() && l.SameAddress && l.Kind == r.Kind && !r.Kind.Grieves() && !l.DueAt.After(r.DueAt)
}

// Duplicate says of which request one is a duplicate.
type Duplicate struct {
	Of     Ref
	Reason string
	At     time.Time
	ByName string
}

func (o *Office) loadLike(ctx context.Context, r Request, d *CaseDuties) error {
	q := queries.New(o.db)
	rows, err := q.LikeRequests(ctx, queries.LikeRequestsParams{ID: r.ID, Email: r.Email, Phone: r.Phone, Name: r.Name, Country: r.Country})
	if err != nil {
		return fmt.Errorf("look for requests like this one: %w", err)
	}
	for _, w := range rows {
		l := Like{Ref: Ref(w.Ref), Kind: Kind(w.Kind), State: State(w.State), ReceivedAt: w.ReceivedAt, VerifiedAt: w.VerifiedAt, DueAt: w.DueAt,
			SameAddress: w.SameAddress, SameNumber: w.SameNumber}
		if w.Outcome != nil {
			l.Outcome = Outcome(*w.Outcome)
		}
		d.Like = append(d.Like, l)
	}
	w, err := q.DuplicateOf(ctx, r.ID)
	switch {
	case err == nil:
		d.Duplicate = &Duplicate{Of: Ref(w.Ref), Reason: w.Reason, At: w.At, ByName: w.ByName}
	case !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("read what this is a duplicate of: %w", err)
	}
	refs, err := q.DuplicatesOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read duplicates: %w", err)
	}
	for _, ref := range refs {
		d.Duplicates = append(d.Duplicates, Ref(ref))
	}
	return nil
}

// MarkDuplicate says that a request asks what another one asks already. It is a
// fact about it: it proves and approves nothing, and the other one goes its own
// way. A request that is proved is closed with it, and the person is told which
// one goes on; one that nobody confirmed stays as it is.
func (o *Office) MarkDuplicate(ctx context.Context, by staff.Member, id ID, of Ref, reason string) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	f := fault.Fields{}
	checkNote(f, "duplicate_reason", reason)
	if err := f.Err(); err != nil {
		return err
	}
	row, err := queries.New(o.db).RequestByRef(ctx, strings.ToUpper(strings.TrimSpace(string(of))))
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return fmt.Errorf("read the other request: %w", err)
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, stays, err := o.lockTwo(ctx, tx, id, row.Request.ID)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		return o.markDuplicate(ctx, tx, by, r, stays, strings.TrimSpace(reason))
	})
}

// lockTwo locks two requests in one order, so that two members who mark each as
// the other's duplicate wait for each other instead of deadlocking.
func (o *Office) lockTwo(ctx context.Context, tx pgx.Tx, first, second ID) (a, b Request, err error) {
	if bytes.Compare(first[:], second[:]) > 0 {
		b, a, err = o.lockTwo(ctx, tx, second, first)
		return a, b, err
	}
	if a, err = o.lock(ctx, tx, first); err != nil || first == second {
		return a, a, err
	}
	b, err = o.lock(ctx, tx, second)
	return a, b, err
}

func (o *Office) markDuplicate(ctx context.Context, tx pgx.Tx, by staff.Member, r, stays Request, reason string) error {
	q := queries.New(tx)
	of, err := q.DuplicatesOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read duplicates of %s: %w", r.Ref, err)
	}
	_, err = q.DuplicateOf(ctx, stays.ID)
	chain := err == nil || len(of) > 0
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read what %s is a duplicate of: %w", stays.Ref, err)
	}
	like := Like{VerifiedAt: stays.VerifiedAt, State: stays.State, Kind: stays.Kind, DueAt: stays.DueAt, SameAddress: r.Email != "" && r.Email == stays.Email}
	if r.ID == stays.ID || chain || r.State.Final() || r.State == Executing || r.State == Ready || !like.CanStand(r) {
		return fault.New(fault.Conflict, "duties.error.no_duplicate")
	}
	n, err := q.MarkDuplicate(ctx, queries.MarkDuplicateParams{RequestID: r.ID, OfID: stays.ID, Reason: reason, ByID: by.ID, ByName: by.Name})
	if err != nil {
		return fmt.Errorf("mark %s as a duplicate: %w", r.Ref, err)
	}
	if n == 1 {
		if err := o.note(ctx, tx, by.Actor(), r, "request.duplicate", map[string]any{"of": string(stays.Ref)}); err != nil {
			return err
		}
	}
	if r.VerifiedAt == nil {
		return nil // whoever sent it has proved nothing, and is told nothing
	}
	if err := o.move(ctx, tx, by.Actor(), &r, change{to: Closed, outcome: Duplicated, detail: map[string]any{"of": string(stays.Ref)}}); err != nil {
		return err
	}
	if err := o.dropPackages(ctx, tx, r); err != nil {
		return err
	}
	return o.write(ctx, tx, r, mail.Duplicate{Ref: string(r.Ref), Other: string(stays.Ref), Path: link.MyRequest(string(stays.Ref))})
}

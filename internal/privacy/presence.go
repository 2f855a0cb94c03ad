package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Presence is a colleague who has a case open.
type Presence struct {
	Member uuid.UUID
	Name   string
	Since  time.Time
	For    time.Duration // by the database's clock, as all of it
}

// Here notes that a member has a case open, for a minute and a half, and gives
// the others who have.
func (o *Office) Here(ctx context.Context, by staff.Member, id ID) ([]Presence, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return nil, err
	}
	q := queries.New(o.db)
	if err := q.BeHere(ctx, queries.BeHereParams{RequestID: id, Member: by.ID}); err != nil {
		return nil, fmt.Errorf("note who has a case open: %w", err)
	}
	rows, err := q.WhoIsHere(ctx, queries.WhoIsHereParams{RequestID: id, NotMember: by.ID})
	if err != nil {
		return nil, fmt.Errorf("look who has a case open: %w", err)
	}
	here := make([]Presence, len(rows))
	for i, r := range rows {
		here[i] = Presence{Member: r.ID, Name: r.Name, Since: r.Since, For: time.Duration(r.Seconds * float64(time.Second))}
	}
	return here, nil
}

// Named is a request without all that a case has.
func (o *Office) Named(ctx context.Context, by staff.Member, ref Ref) (Request, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return Request{}, err
	}
	row, err := queries.New(o.db).RequestByRef(ctx, string(ref))
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return Request{}, fmt.Errorf("read a request: %w", err)
	}
	return fromRefRow(row)
}

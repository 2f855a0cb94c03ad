package privacy

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Every change of a case writes an entry into the audit in its own transaction,
// with the request's row locked. So the newest entry's number is the case's
// version: nothing can change without it, whichever part of the office did it.

// seen is what a member knew of a case when they filled a form in.
type seen struct {
	by      staff.Member
	version int64
}

// reading are actions that leave a case as it is.
var reading = []string{"content.read", "file.opened", "person.signed_in", "delivery.opened", "link.resent"}

// Seen is the office for what a member saves on a case that they saw at a
// version. Whatever changes the case then is refused as a conflict if somebody
// else has changed it since.
func (o *Office) Seen(by staff.Member, version int64) *Office {
	c := *o
	c.seen = &seen{by, version}
	return &c
}

// unseen refuses a change to a case that somebody else has changed meanwhile.
// The request is locked, so nobody can come in between.
func (s *seen) unseen(ctx context.Context, tx pgx.Tx, id ID) error {
	changed, err := queries.New(tx).ChangedSince(ctx, queries.ChangedSinceParams{Request: &id, Version: s.version, Member: s.by.ID.String(), Reading: reading})
	if err != nil {
		return fmt.Errorf("look for changes meanwhile: %w", err)
	}
	if changed {
		return fault.New(fault.Conflict, "queue.meanwhile")
	}
	return nil
}

// Meanwhile are the changes that others made since a version, the newest first,
// of those that the case shows.
func (c Case) Meanwhile(by staff.Member, version int64) (others []audit.Entry) {
	for _, e := range c.Audit {
		if e.ID > version && e.Actor.Kind != audit.SystemActor && e.Actor.ID != by.ID.String() && !slices.Contains(reading, e.Action) {
			others = append(others, e)
		}
	}
	return others
}

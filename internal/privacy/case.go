package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Case gives everything the desk shows of one request.
func (o *Office) Case(ctx context.Context, by staff.Member, ref Ref) (Case, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return Case{}, err
	}
	version, err := queries.New(o.db).VersionOf(ctx, string(ref))
	if err != nil {
		return Case{}, fmt.Errorf("read a case: %w", err)
	}
	row, err := queries.New(o.db).RequestByRef(ctx, string(ref))
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return Case{}, fmt.Errorf("read a case: %w", err)
	}
	c := Case{Version: version, RefusalCode: row.Request.RefusalCode, RefusalText: row.Request.RefusalText}
	if c.Request, err = fromRefRow(row); err != nil {
		return Case{}, err
	}
	r := c.Request
	if r.RecordedBy != nil {
		names, err := o.names(ctx)
		if err != nil {
			return Case{}, fmt.Errorf("read case %s: %w", r.Ref, err)
		}
		c.RecordedName = names[*r.RecordedBy]
	}
	for _, load := range []func(context.Context, Request, *Case) error{o.loadFound, o.loadChoices, o.loadProposals, o.loadTalk,
		o.loadClock, o.loadDuties, o.loadRedaction, o.loadLetters} {
		if err := load(ctx, r, &c); err != nil {
			return Case{}, fmt.Errorf("read case %s: %w", r.Ref, err)
		}
	}
	if impartial(by, r) != nil {
		c.hideNotes()
	}
	return c, nil
}

// hideNotes leaves of a case what a member may read who asks for it themselves:
// not what colleagues wrote about them to each other, nor why data is on hold.
func (c *Case) hideNotes() {
	c.Messages = slices.DeleteFunc(c.Messages, func(m Message) bool { return m.Note })
	c.Audit, c.AuditCount = nil, 0
	c.Clock.Holds, c.Clock.Elsewhere, c.Clock.Running = nil, nil, nil
	c.Duties.Tasks, c.Duties.Like, c.Duties.Identity.Evidence = nil, nil, nil
	c.Duties.Files = filesOf(c.Messages)
}

func (o *Office) loadFound(ctx context.Context, r Request, c *Case) error {
	d, err := queries.New(o.db).DiscoveryOf(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	var found Discovery
	if err := found.read(d); err != nil {
		return err
	}
	c.Found, c.Matches, c.Candidates, c.Mentions = found.Found, found.Matches, found.Candidates, found.Mentions
	c.Fields, c.Refused, c.Review = found.Fields, found.Refused, found.Review
	c.Learnt, c.Warnings, c.SearchedAt = d.Learnt, d.Warnings, &d.SearchedAt
	return nil
}

// loadChoices reads what staff chose, and the other half of a restriction.
func (o *Office) loadChoices(ctx context.Context, r Request, c *Case) (err error) {
	if c.Chosen, err = o.Chosen(ctx, r); err != nil {
		return err
	}
	if c.Choosers, err = queries.New(o.db).ChoosersOf(ctx, r.ID); err != nil {
		return err
	}
	if r.Ends != nil {
		ended, err := o.Load(ctx, *r.Ends)
		c.Restricted = &ended
		return err
	}
	if r.Kind != Restriction || r.State != Closed {
		return nil
	}
	c.Lift, err = o.liftOf(ctx, r.ID)
	return err
}

func (o *Office) loadProposals(ctx context.Context, r Request, c *Case) (err error) {
	if c.Staging, err = o.staging(ctx, r); err != nil {
		return err
	}
	all, err := o.proposals(ctx, r.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	c.Proposal, c.Earlier = &all[0], all[1:]
	if c.Progress, err = o.progress(ctx, r.ID, c.Proposal.ID); err != nil {
		return err
	}
	c.Delivery, err = o.delivery(ctx, r)
	return err
}

func (o *Office) loadTalk(ctx context.Context, r Request, c *Case) (err error) {
	if c.Messages, err = o.messages(ctx, r.ID, true); err != nil {
		return err
	}
	if c.Letters, err = o.outbox.ForRequest(ctx, o.db, r.ID); err != nil {
		return err
	}
	if c.Audit, c.AuditCount, err = audit.NewLog(o.db).Of(ctx, r.ID, 20); err != nil {
		return err
	}
	if r.Email == "" {
		return nil
	}
	others, err := o.ListMine(ctx, r.Email)
	for _, x := range others {
		if x.ID != r.ID {
			c.Others = append(c.Others, x)
		}
	}
	return err
}

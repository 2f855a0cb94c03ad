package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Channel is the way a request came. Catalogue: "channel.<channel>".
type Channel string

const (
	ChannelPortal   Channel = "portal"
	ChannelEmail    Channel = "email" // to any address of the operator
	ChannelPost     Channel = "post"
	ChannelPhone    Channel = "phone"
	ChannelInPerson Channel = "in_person"
	ChannelOther    Channel = "other"
)

// Channels lists all; all but the first are recorded by staff.
var Channels = []Channel{ChannelPortal, ChannelEmail, ChannelPost, ChannelPhone, ChannelInPerson, ChannelOther}

// Received is a request that came by another way than the portal, as staff
// write it down.
type Receipt struct {
	Submission
	Channel  Channel
	Day      string // YYYY-MM-DD, of receipt
	Time     string // HH:MM; "" if nobody knows, which counts as the beginning of the day
	Zone     string // IANA name of where that clock hangs; "" for that of the person's law
	Original string // where the original lies
}

// MaxOriginal is how long the note about an original may be.
const MaxOriginal = 1000

// oldest is how far back a receipt may lie: older is a slip of the pen.
const oldest = 5 * 365 * 24 * time.Hour

// Zones are those that a receipt may be dated in: of all laws, and UTC.
func Zones() []string {
	zones := []string{"UTC"}
	for _, p := range law.Places() {
		if z := law.For(p.Code).Zone; z != "" && !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	slices.Sort(zones)
	return zones
}

// at is when it was received; ok is false for what no clock ever showed.
func (r Receipt) at() (time.Time, bool) {
	zone := r.Zone
	if zone == "" {
		zone = law.For(r.Country).Zone
	}
	place, err := time.LoadLocation(zone)
	if err != nil || r.Zone != "" && !slices.Contains(Zones(), r.Zone) {
		return time.Time{}, false
	}
	clock := r.Time
	if clock == "" {
		clock = "00:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", r.Day+" "+clock, place)
	return at, err == nil
}

// Record opens a request that came by another way. Its clock starts when it
// was received. Who gave an address is mailed the usual link; for a letter
// without one the request waits until staff have found out who wrote it. The
// same draft sent again gives the request it made.
func (o *Office) Record(ctx context.Context, by staff.Member, r Receipt) (Request, error) {
	if err := may(by, staff.RequestWork); err != nil {
		return Request{}, err
	}
	if err := o.checkReceipt(r); err != nil {
		return Request{}, err
	}
	if known, ok, err := o.byDraft(ctx, r.Draft); err != nil || ok {
		return known, err
	}
	if r.Email != "" {
		address, err := mail.ParseAddress(r.Email)
		if err != nil {
			return Request{}, fmt.Errorf("address passed the check and does not parse: %w", err)
		}
		r.Email = address
	}
	r.Name = strings.TrimSpace(r.Name)
	if err := impartial(by, Request{Email: r.Email}); err != nil {
		return Request{}, err
	}
	for try := 0; ; try++ {
		made, err := o.insertRecorded(ctx, by, r)
		// A reference that was given out already: draw another one.
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.ConstraintName != "requests_ref_key" || try == 3 {
			return made, err
		}
	}
}

func (o *Office) checkReceipt(r Receipt) error {
	f := fault.Fields{}
	for _, step := range Steps {
		s := r.Submission
		if step == StepDetails && s.Email == "" && r.Channel != ChannelEmail {
			s.Email = "nobody@example.org" // a letter may have no address
		}
		if e, ok := errors.AsType[*fault.Error](o.Check(step, s)); ok {
			for field, m := range e.Fields {
				f.Add(field, m.Key, m.Args...)
			}
		}
	}
	if r.Channel == ChannelPortal || !slices.Contains(Channels, r.Channel) {
		f.Add("channel", "queue.record.channel_missing")
	}
	switch at, ok := r.at(); {
	case r.Day == "":
		f.Add("day", "queue.record.day_missing")
	case !ok:
		f.Add("day", "queue.record.day_wrong")
	case at.After(o.now()):
		f.Add("day", "queue.record.day_future")
	case at.Before(o.now().Add(-oldest)):
		f.Add("day", "queue.record.day_old")
	}
	tooLong(f, "original", r.Original, MaxOriginal)
	return f.Err()
}

func (o *Office) insertRecorded(ctx context.Context, by staff.Member, s Receipt) (r Request, err error) {
	answers, err := json.Marshal(s.Submission)
	if err != nil {
		return Request{}, fmt.Errorf("write answers: %w", err)
	}
	phone := ""
	if s.Phone != "" {
		if phone, err = parsePhone(s.Phone, s.Country); err != nil {
			return Request{}, fmt.Errorf("number passed the check and does not parse: %w", err)
		}
	}
	received, _ := s.at() // checked before
	code, now := law.For(s.Country).Code, o.now()
	d := o.opening(code, s.Kind, received)
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		row, err := queries.New(tx).InsertRecorded(ctx, queries.InsertRecordedParams{
			Ref: newRef(), Kind: string(s.Kind), Relation: string(s.Relation), Name: s.Name, Email: s.Email, Phone: phone,
			Country: s.Country, Lang: string(s.Lang), Law: code, Answers: answers, Draft: draftHash(s.Draft), ReceivedAt: received, DueAt: d.Due(),
			EarliestAt: date(d.Earliest), LegalDueAt: date(d.LegalDue), TargetAt: date(d.Target), AckDueAt: date(d.AckDue), NoticeBy: date(d.NoticeBy),
			Channel: string(s.Channel), RecordedBy: &by.ID, RecordedAt: &now, Original: strings.TrimSpace(s.Original),
		})
		if errors.Is(err, pgx.ErrNoRows) { // another click of the same draft was faster
			row, err = queries.New(tx).RequestByDraft(ctx, draftHash(s.Draft))
			if err == nil {
				r, err = fromRow(row)
			}
			return err
		}
		if err != nil {
			return fmt.Errorf("insert a recorded request: %w", err)
		}
		if r, err = fromRow(row); err != nil {
			return err
		}
		err = o.note(ctx, tx, by.Actor(), r, "request.recorded", map[string]any{"kind": string(r.Kind), "law": r.Law, "relation": string(r.Relation),
			"channel": string(r.Channel), "received_at": received.UTC().Format(time.RFC3339)})
		if err != nil || r.Email == "" {
			return err
		}
		return o.sendConfirmation(ctx, tx, r)
	})
	return r, err
}

// Proofs are the ways in which staff find out who wrote a letter. Catalogue:
// "proof.<proof>".
var Proofs = []string{"document", "call_back", "known_address", "in_person"}

// ProveSender says that staff have found out who sent a request that came by another
// way, and how. Who wrote the request down cannot: nobody makes a person up alone. Who
// found it out prepared, and so cannot approve.
func (o *Office) ProveSender(ctx context.Context, by staff.Member, id ID, proof string) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	f := fault.Fields{}
	if !slices.Contains(Proofs, proof) {
		f.Add("proof", "queue.vouch.proof_missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockRecorded(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if r.RecordedBy != nil && *r.RecordedBy == by.ID {
			return fault.New(fault.Forbidden, "queue.vouch.recorded_it")
		}
		now := o.now()
		if err := queries.New(tx).SetProvedBy(ctx, queries.SetProvedByParams{ID: id, ProvedBy: &by.ID, VerifiedAt: &now}); err != nil {
			return fmt.Errorf("note the proof of %s: %w", r.Ref, err)
		}
		r.VerifiedAt = &now
		if err := o.move(ctx, tx, by.Actor(), &r, change{to: Verified, detail: map[string]any{"proof": proof}}); err != nil {
			return err
		}
		if err := o.compose(ctx, tx, system, r, letter.Acknowledgement, letter.Facts{}); err != nil {
			return err
		}
		if r.Kind.AtOnce() { // nothing to decide: a worker goes on
			return o.move(ctx, tx, system, &r, change{to: Discovering, work: true})
		}
		return nil
	})
}

// Unproved ends a recorded request of which nobody could find out who sent it,
// and forgets what was written down.
func (o *Office) Unproved(ctx context.Context, by staff.Member, id ID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lockRecorded(ctx, tx, by, id)
		if err == nil {
			err = unheld(r)
		}
		if err != nil {
			return err
		}
		if err := o.move(ctx, tx, by.Actor(), &r, change{to: Lapsed, outcome: Unconfirmed}); err != nil {
			return err
		}
		return queries.New(tx).ForgetPerson(ctx, id)
	})
}

// lockRecorded is lock for a request that came by another way and is not proved yet.
func (o *Office) lockRecorded(ctx context.Context, tx pgx.Tx, by staff.Member, id ID) (Request, error) {
	r, err := o.lock(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if err := impartial(by, r); err != nil {
		return r, err
	}
	if r.State != Received || r.Channel == ChannelPortal {
		return r, fault.New(fault.Conflict, "error.wrong_state")
	}
	return r, nil
}

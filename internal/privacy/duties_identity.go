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

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Level is how sure it is who asks. Catalogue: "duties.level.<level>".
type Level int

const (
	Nobody     Level = 0 // nothing is proved
	Low        Level = 1 // control of the address
	Reasonable Level = 2 // … which the store knows as this person's
	High       Level = 3 // … beside a second thing that the store links to it, or that staff checked
)

// Identity is how sure it is who asks, and how sure it has to be.
type Identity struct {
	Needed   Level
	Found    Level // by the proved address and the store alone
	Reached  Level // with what staff checked
	Linked   bool  // the store links the address to a number
	Account  bool  // the address is an account's
	ByStaff  bool  // a row belongs to the request by staff's word alone
	Evidence []Evidence
}

// Enough says that the request may be proposed and approved.
func (i Identity) Enough() bool { return i.Reached >= i.Needed }

// Vouched says that a member checked who asks: they prepared, and cannot approve.
func (i Identity) Vouched(m staff.Member) bool {
	return slices.ContainsFunc(i.Evidence, func(e Evidence) bool { return e.By == m.ID })
}

// Check is how staff made sure who asks. Catalogue: "duties.evidence.<check>".
type Check string

const (
	CheckChannel     Check = "channel"     // they answered from the number or account that is on file
	CheckCall        Check = "call"        // we called the number on file
	CheckQuestions   Check = "questions"   // they know what only this person knows
	CheckDocument    Check = "document"    // we looked at a document, and keep none
	CheckMandate     Check = "mandate"     // a signed mandate, or the proof of being a parent
	CheckDeclaration Check = "declaration" // signed under penalty of perjury
	CheckOverride    Check = "override"    // a privacy officer decided without
)

// Checks are what the form offers, and how sure each makes at most. Guessable
// knowledge never makes it high.
var Checks = []struct {
	Check Check
	Level Level
}{{CheckChannel, High}, {CheckCall, High}, {CheckDocument, High}, {CheckMandate, High}, {CheckDeclaration, High}, {CheckQuestions, Reasonable}}

// Evidence is one thing that staff checked.
type Evidence struct {
	What   Check
	Level  Level
	Note   string
	At     time.Time
	By     uuid.UUID
	ByName string
}

// levels are the law's levels as numbers.
var levels = map[law.Level]Level{law.Low: Low, law.Reasonable: Reasonable, law.High: High}

// needed is how sure it must be who asks: by the right, and by what there is to
// hand over or to change.
func (o *Office) needed(r Request, found []datamap.Found) Level {
	rows, content := int64(0), false
	for _, f := range found {
		rows += f.Rows
		content = content || f.Rows > 0 && slices.Contains(o.set.Content, f.Category)
	}
	if r.Ends != nil || r.Kind.Grieves() || found != nil && rows == 0 {
		return Low // it goes on from a request that was proved, or there is nothing to tell
	}
	// What would harm most in wrong hands: what people wrote, and what cannot be
	// brought back.
	sensitive := r.Kind == Deletion || r.Kind == ShortenedRetention || r.Kind.Packs() && content
	return levels[law.LevelFor(string(r.Kind), sensitive)]
}

// declared are the rights for which some laws want a declaration, signed under
// penalty of perjury, and which they give to nobody without it, whatever a
// privacy officer thinks: the answer is the lesser one then (rules V2 and V4 of
// law.VerificationRules).
var declared = map[string][]Kind{"US-CA": {Access, Portability}}

// Declares says that the person has to sign a declaration before anything that
// needs the highest level.
func (r Request) Declares() bool { return slices.Contains(declared[r.Law], r.Kind) }

// sure is how sure the proved address and the store make it who asks.
func sure(r Request, found []datamap.Found, matches []Match, learnt []string) (i Identity) {
	if r.VerifiedAt == nil {
		return i
	}
	i.Found = Low
	proved := false
	for _, m := range matches {
		if m.By == matchedByStaff {
			i.ByStaff = true
			continue
		}
		proved = true
		i.Account = i.Account || slices.ContainsFunc(found, func(f datamap.Found) bool { return f.Table == m.Table && f.Controller == datamap.Operator })
	}
	if r.ProvedBy != nil { // staff found out who wrote; no link proved the address that the letter names
		i.Account = false
		return i
	}
	i.Linked = slices.Contains(learnt, "phone")
	switch {
	case !proved || i.ByStaff: // a row that only staff's word brings is nobody's proof
	case i.Linked, i.Account, r.Organization():
		i.Found = High
	default:
		i.Found = Reasonable
	}
	if r.Declares() {
		i.Found = min(i.Found, Reasonable)
	}
	return i
}

// matchedByStaff is what a search says of a row that nothing but staff's word brings.
const matchedByStaff = "staff"

// setLevel writes down how sure it must be and is, beside the proposal.
func (o *Office) setLevel(ctx context.Context, q *queries.Queries, r Request, d Discovery) error {
	err := q.SetIdentityLevel(ctx, queries.SetIdentityLevelParams{ProposalID: d.ID, RequestID: r.ID,
		Needed: int16(o.needed(r, some(d.Found))), Reached: int16(sure(r, d.Found, d.Matches, d.Learnt).Found)})
	if err != nil {
		return fmt.Errorf("note how sure it is who made %s: %w", r.Ref, err)
	}
	return nil
}

// identity reads how sure it is who asks, for the case's page.
func (o *Office) identity(ctx context.Context, r Request, c *Case) (Identity, error) {
	i := sure(r, c.Found, c.Matches, c.Learnt)
	i.Needed = o.needed(r, c.Found)
	q := queries.New(o.db)
	if l, err := q.IdentityLevel(ctx, r.ID); err == nil {
		i.Needed, i.Found = Level(l.Needed), Level(l.Reached)
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return i, fmt.Errorf("read how sure it is who asks: %w", err)
	}
	rows, err := q.EvidenceOf(ctx, r.ID)
	if err != nil {
		return i, fmt.Errorf("read what was checked: %w", err)
	}
	i.Reached = i.Found
	for _, w := range rows {
		i.Evidence = append(i.Evidence, Evidence{What: Check(w.What), Level: Level(w.Level), Note: w.Note, At: w.At, By: w.ByID, ByName: w.ByName})
		i.Reached = max(i.Reached, Level(w.Level))
	}
	return i, nil
}

// sureEnough refuses to go on for somebody who is not known well enough. The
// database has the same rule (guard_identity).
func sureEnough(ctx context.Context, q *queries.Queries, id ID) error {
	l, err := q.IdentityLevel(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // staged before levels were kept
	}
	if err != nil {
		return fmt.Errorf("read how sure it is who asks: %w", err)
	}
	rows, err := q.EvidenceOf(ctx, id)
	if err != nil {
		return fmt.Errorf("read what was checked: %w", err)
	}
	reached := l.Reached
	for _, w := range rows {
		reached = max(reached, w.Level)
	}
	if reached < l.Needed {
		return fault.New(fault.Conflict, "duties.error.identity", "Is", int(reached), "Needs", int(l.Needed))
	}
	return nil
}

// vouched refuses the approval of somebody who checked who asks.
func vouched(ctx context.Context, q *queries.Queries, by staff.Member, id ID) error {
	rows, err := q.EvidenceOf(ctx, id)
	if err != nil {
		return fmt.Errorf("read who checked: %w", err)
	}
	if slices.ContainsFunc(rows, func(w queries.IdentityEvidence) bool { return w.ByID == by.ID }) {
		return fault.New(fault.Forbidden, "duties.error.vouched")
	}
	return nil
}

// Vouch keeps what a member checked. The document itself is never part of it: a
// file that was looked at goes seven days after it came. Whoever checks prepares,
// and so cannot approve.
func (o *Office) Vouch(ctx context.Context, by staff.Member, id ID, what Check, note string, file uuid.UUID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	f := fault.Fields{}
	level := Nobody
	for _, c := range Checks {
		if c.Check == what {
			level = c.Level
		}
	}
	if level == Nobody {
		f.Add("evidence", "duties.error.evidence")
	}
	checkNote(f, "evidence_note", note)
	if err := f.Err(); err != nil {
		return err
	}
	r, err := o.Load(ctx, id)
	if err != nil {
		return err
	}
	if r.Declares() && what != CheckDeclaration {
		level = min(level, Reasonable)
	}
	return o.vouch(ctx, by, id, what, level, note, func(q *queries.Queries) error {
		if file == uuid.Nil {
			return nil
		}
		w, err := q.SentAttachment(ctx, queries.SentAttachmentParams{ID: file, RequestID: id})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "duties.error.no_file")
		}
		if err != nil {
			return err
		}
		return q.LimitAttachment(ctx, queries.LimitAttachmentParams{ID: file, Until: w.Attachment.MadeAt.Add(identityFor)})
	})
}

// Override lets a request go on without the level it needs. It is the privacy
// officer's own decision, with a reason, and with a fresh second factor.
func (o *Office) Override(ctx context.Context, by staff.Member, id ID, reason string) error {
	if err := may(by, staff.HoldSet); err != nil { // what only a privacy officer may
		return err
	}
	f := fault.Fields{}
	checkNote(f, "override", reason)
	if err := f.Err(); err != nil {
		return err
	}
	if err := o.fresh(by); err != nil {
		return err
	}
	r, err := o.Load(ctx, id)
	if err != nil {
		return err
	}
	if r.Declares() {
		return fault.New(fault.Conflict, "duties.error.override")
	}
	return o.vouch(ctx, by, id, CheckOverride, High, reason, func(*queries.Queries) error { return nil })
}

func checkNote(f fault.Fields, field, note string) {
	if len(strings.TrimSpace(note)) < 5 {
		f.Add(field, "duties.error.note")
	}
	tooLong(f, field, note, MaxDetails)
}

func (o *Office) vouch(ctx context.Context, by staff.Member, id ID, what Check, level Level, note string, also func(*queries.Queries) error) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.State != Verified && r.State != Discovering && r.State != InReview {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		q := queries.New(tx)
		if err := also(q); err != nil {
			return err
		}
		err = q.AddEvidence(ctx, queries.AddEvidenceParams{RequestID: id, What: string(what), Level: int16(level), Note: strings.TrimSpace(note), ByID: by.ID, ByName: by.Name})
		if err != nil {
			return fmt.Errorf("keep what was checked for %s: %w", r.Ref, err)
		}
		return o.note(ctx, tx, by.Actor(), r, "identity.checked", map[string]any{"what": string(what), "level": int(level)})
	})
}

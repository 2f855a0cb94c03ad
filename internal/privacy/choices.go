package privacy

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Choices is what staff decided about one request before anybody proposes: who
// it is about, and what exactly is asked of the store.
type Choices struct {
	Include    []RowRef      `json:"include,omitempty"`    // candidates that are the person
	Exclude    []RowRef      `json:"exclude,omitempty"`    // candidates and matches that are somebody else
	Tenants    []string      `json:"tenants,omitempty"`    // organizations to stay in; all if empty
	Edits      []Edit        `json:"edits,omitempty"`      // correction
	Purposes   []string      `json:"purposes,omitempty"`   // objection, withdrawal
	Days       int           `json:"days,omitempty"`       // shortened retention
	Categories []string      `json:"categories,omitempty"` // shortened retention; all if empty
	Refusals   []ItemRefusal `json:"refusals,omitempty"`   // what of it is not done, and why
}

// Chosen is the version of the choices that stands.
type Chosen struct {
	Choices
	Version int // 0: nobody chose anything, it is what the person asked for
	ByName  string
	At      time.Time
	Digest  string // of the content and a salt, hex; what a proposal's hash covers
}

// stored is how a version is kept. The salt goes with the values, so that what
// is left cannot be tried out against the digest.
type stored struct {
	Choices
	Salt []byte `json:"salt,omitempty"`
}

func (s stored) digest() (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write the choices: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Chosen gives what a search and a plan go by: the choices that stand or, as
// long as there are none, what the person asked for.
func (o *Office) Chosen(ctx context.Context, r Request) (Chosen, error) {
	return chosen(ctx, queries.New(o.db), r)
}

func chosen(ctx context.Context, q *queries.Queries, r Request) (Chosen, error) {
	row, err := q.ChoicesOf(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return asked(r)
	}
	if err != nil {
		return Chosen{}, fmt.Errorf("read the choices of %s: %w", r.Ref, err)
	}
	var s stored
	if err := json.Unmarshal(row.Chosen, &s); err != nil {
		return Chosen{}, fmt.Errorf("read the choices of %s: %w", r.Ref, err)
	}
	digest, err := s.digest()
	return Chosen{Choices: s.Choices, Version: int(row.Version), ByName: row.MadeName, At: row.MadeAt, Digest: digest}, err
}

// asked is what the form says of the choices. A correction says it in words,
// which staff have to hold against what is stored.
func asked(r Request) (Chosen, error) {
	var c Choices
	switch r.Kind {
	case Objection, Withdrawal:
		c.Purposes = r.Answers.Purposes
	case ShortenedRetention:
		c.Days, c.Categories = r.Answers.KeepDays, r.Answers.Categories
	}
	digest, err := stored{Choices: c}.digest()
	return Chosen{Choices: c, Digest: digest}, err
}

// Choose replaces the choices of a request in review. What was staged counts no
// more, and a new search begins. seen is the version that the page showed.
// Whoever chooses prepares, and so cannot approve.
func (o *Office) Choose(ctx context.Context, by staff.Member, id ID, seen int, c Choices) error {
	if err := may(by, staff.PlanPropose); err != nil {
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
		if r.State != InReview {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		q := queries.New(tx)
		now, err := chosen(ctx, q, r)
		if err != nil {
			return err
		}
		if now.Version != seen {
			return fault.New(fault.Conflict, "error.choices_changed")
		}
		if err := o.choosable(ctx, q, r, c); err != nil {
			return err
		}
		if err := o.saveChoices(ctx, tx, by, r, now.Version+1, c); err != nil {
			return err
		}
		if err := q.SupersedeProposals(ctx, r.ID); err != nil {
			return fmt.Errorf("supersede the proposals of %s: %w", r.Ref, err)
		}
		return o.move(ctx, tx, by.Actor(), &r, change{to: Discovering, work: true, detail: map[string]any{"choices": now.Version + 1}})
	})
}

func (o *Office) saveChoices(ctx context.Context, tx pgx.Tx, by staff.Member, r Request, version int, c Choices) error {
	salt := make([]byte, 16)
	rand.Read(salt)
	b, err := json.Marshal(stored{c, salt})
	if err != nil {
		return fmt.Errorf("write the choices: %w", err)
	}
	err = queries.New(tx).InsertChoices(ctx, queries.InsertChoicesParams{RequestID: r.ID, Version: int32(version), Chosen: b, MadeBy: by.ID, MadeName: by.Name, MadeAt: o.now()})
	if err != nil {
		return fmt.Errorf("keep the choices of %s: %w", r.Ref, err)
	}
	return o.note(ctx, tx, by.Actor(), r, "plan.chosen", c.tell(version))
}

// tell is what the audit says of choices: how many and where, never a value.
func (c Choices) tell(version int) map[string]any {
	d := map[string]any{"version": version, "same": len(c.Include), "other": len(c.Exclude)}
	if len(c.Tenants) > 0 {
		d["organizations"] = len(c.Tenants)
	}
	columns := make([]string, 0, len(c.Edits))
	for _, e := range c.Edits {
		columns = append(columns, e.Table+"."+e.Column)
	}
	if len(columns) > 0 {
		d["columns"] = columns
	}
	if len(c.Purposes) > 0 {
		d["purposes"] = c.Purposes
	}
	if c.Days > 0 {
		d["days"], d["categories"] = c.Days, c.Categories
	}
	var refused []string
	for _, x := range c.Refusals {
		refused = append(refused, x.Item+" "+x.Code)
	}
	if len(refused) > 0 {
		d["refused"] = refused
	}
	return d
}

// choosable holds choices against what the last search found and what the
// request is about. A wrong edit is told at its field.
func (o *Office) choosable(ctx context.Context, q *queries.Queries, r Request, c Choices) error {
	var d Discovery
	row, err := q.DiscoveryOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what was found for %s: %w", r.Ref, err)
	}
	if err := d.read(row); err != nil {
		return err
	}
	before, err := chosen(ctx, q, r)
	if err != nil {
		return err
	}
	known := append(append(d.rows(), before.Include...), before.Exclude...)
	for _, ref := range append(slices.Clone(c.Include), c.Exclude...) {
		if !slices.Contains(known, ref) || slices.Contains(c.Include, ref) && slices.Contains(c.Exclude, ref) {
			return fault.New(fault.Conflict, "error.choices_changed")
		}
	}
	f := fault.Fields{}
	checkRefusals(f, r, d.Found, c)
	switch r.Kind {
	case Correction:
		checkEdits(f, d.Fields, c.Edits)
	case Objection:
		o.checkPurposes(f, c.Purposes)
	case ShortenedRetention:
		o.checkKeeping(f, c.Days, c.Categories)
	}
	return f.Err()
}

// EditField names the form field of one correctable value; n is its place in
// the list that the last search gave.
func EditField(n int) string { return "new-" + strconv.Itoa(n) }

// RoutingField names the box that says yes to messages going elsewhere.
func RoutingField(n int) string { return "routing-" + strconv.Itoa(n) }

func checkEdits(f fault.Fields, fields []Field, edits []Edit) {
	for _, e := range edits {
		n := slices.IndexFunc(fields, func(x Field) bool { return x.Table == e.Table && x.Key == e.Key && x.Column == e.Column })
		if n < 0 {
			f.Add(EditField(0), "error.choices_changed")
			return
		}
		tooLong(f, EditField(n), e.New, MaxMessage)
		if fields[n].Routing && !e.Routing {
			f.Add(RoutingField(n), "error.field.routing")
		}
	}
}

func (o *Office) checkPurposes(f fault.Fields, purposes []string) {
	if len(purposes) == 0 && len(o.set.Purposes) > 0 {
		f.Add("purposes", "error.field.purpose_missing")
	}
	for _, p := range purposes {
		if !slices.Contains(o.set.Purposes, p) {
			f.Add("purposes", "error.field.purpose_missing")
		}
	}
}

func (o *Office) checkKeeping(f fault.Fields, days int, categories []string) {
	if days < 1 || days > MaxKeepDays {
		f.Add("keep_days", "error.field.keep_days_wrong", "Limit", MaxKeepDays)
	}
	for _, c := range categories {
		if !slices.Contains(o.set.Categories, c) {
			f.Add("categories", "error.field.category_unknown")
		}
	}
}

// Open lists the candidates about which nobody has decided yet.
func (c Choices) Open(candidates []Candidate) (open []Candidate) {
	for _, x := range candidates {
		if ref := x.Ref(); !slices.Contains(c.Include, ref) && !slices.Contains(c.Exclude, ref) {
			open = append(open, x)
		}
	}
	return open
}

// forgetValues wipes what staff and the search wrote down of the person's
// values, once a request has ended.
func forgetValues(ctx context.Context, q *queries.Queries, id uuid.UUID) error {
	if err := q.ForgetChoices(ctx, id); err != nil {
		return fmt.Errorf("forget the chosen values of %s: %w", id, err)
	}
	if err := q.ForgetFields(ctx, id); err != nil {
		return fmt.Errorf("forget the old values of %s: %w", id, err)
	}
	if err := q.ForgetWords(ctx, id); err != nil {
		return fmt.Errorf("forget the words that staff typed for %s: %w", id, err)
	}
	return nil
}

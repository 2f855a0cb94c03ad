package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// RulingSort says what a ruling is about.
type RulingSort string

const (
	RuleMark   RulingSort = "mark"   // one place in one text
	RuleWords  RulingSort = "words"  // words that staff typed, wherever they stand
	RulePerson RulingSort = "person" // everything of one other person
	RuleFile   RulingSort = "file"   // an attachment
	RuleUndo   RulingSort = "undo"   // an earlier ruling
)

// RulingAct is what a ruling does. A file that is kept is handed over.
type RulingAct string

const (
	ActHide RulingAct = "hide"
	ActKeep RulingAct = "keep"
	actUndo RulingAct = "undo"
)

// Ruling is one decision of staff about what a package shows of other people.
type Ruling struct {
	ID      uuid.UUID
	Version int // in the order in which they were made
	Sort    RulingSort
	Act     RulingAct
	Talk    string // key of the conversation; "" for all of the package
	Place   string // of a value or file, as the sheet names it
	Start   int
	End     int
	Digest  string // of the value's text: another text there is undecided
	Who     string // token of the other person
	Words   []byte // sealed with WordsAbout; nil once the request has ended
	What    string // what the words are, of WordKinds
	Reason  string // of RulingReasons
	Undoes  *uuid.UUID
	Undone  bool
	Settled int // suggestions that it decided when it was made
	By      uuid.UUID
	ByName  string
	At      time.Time
}

// Everybody as a ruling's person are all of whom something is only suspected, and
// nobody decided otherwise; in one conversation if it names one.
const Everybody = "*"

// WordsAbout says for the seal what typed words belong to.
func WordsAbout(r Request) string { return "ruling/" + r.ID.String() }

// RulingReasons are why staff hide or keep. Catalogue: "redaction.reason.<reason>".
var RulingReasons = []string{"rights", "staff", "privilege", "health", "knows", "own", "nobody"}

// WordKinds are what typed words may be. Catalogue: "redaction.kind.<kind>".
var WordKinds = []string{"name", "phone", "email", "address", "handle", "health", "other"}

// CaseRedaction is how far the review of a package is.
type CaseRedaction struct {
	Rulings []Ruling            // in their order, undone ones and what undid them included
	Version int                 // of the last one; 0 if there is none
	Totals  *export.SheetTotals // of the current package; nil where it has no sheets
}

// Fresh says that the package was made with all rulings that there are.
func (c Case) Fresh() bool { return c.Proposal == nil || c.Proposal.Redaction == c.Redaction.Version }

// Open is how many suggestions are not decided, as far as the case knows without
// its sheets.
func (c Case) Open() int {
	if c.Redaction.Totals == nil {
		return 0
	}
	open := c.Redaction.Totals.Open
	for _, u := range Standing(c.Redaction.Rulings) {
		if u.Version > c.Proposal.Redaction {
			open -= u.Settled
		}
	}
	return max(open, 0)
}

// Standing keeps the rulings that nobody has undone.
func Standing(all []Ruling) []Ruling {
	return slices.DeleteFunc(slices.Clone(all), func(u Ruling) bool { return u.Undone || u.Sort == RuleUndo })
}

func (o *Office) loadRedaction(ctx context.Context, r Request, c *Case) (err error) {
	if !r.Kind.Packs() {
		return nil
	}
	if c.Redaction.Rulings, err = o.Rulings(ctx, r.ID); err != nil {
		return err
	}
	for _, u := range c.Redaction.Rulings {
		c.Redaction.Version = u.Version
		if !slices.Contains(c.Choosers, u.By) {
			c.Choosers = append(c.Choosers, u.By)
		}
	}
	if c.Proposal != nil {
		c.Redaction.Totals = c.Proposal.Review
	}
	return nil
}

// Rulings gives all rulings of a request in their order.
func (o *Office) Rulings(ctx context.Context, id ID) ([]Ruling, error) {
	rows, err := queries.New(o.db).RulingsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the rulings of %s: %w", id, err)
	}
	out := make([]Ruling, 0, len(rows))
	for _, w := range rows {
		out = append(out, Ruling{ID: w.ID, Version: int(w.Version), Sort: RulingSort(w.Sort), Act: RulingAct(w.Act), Talk: w.Talk, Place: w.Place,
			Start: int(w.StartAt), End: int(w.EndAt), Digest: w.Digest, Who: w.Who, Words: w.Words, What: w.What, Reason: w.Reason,
			Undoes: w.Undoes, Undone: w.Undone, Settled: int(w.Settled), By: w.MadeBy, ByName: w.MadeName, At: w.MadeAt})
	}
	return out, nil
}

// MayReview says whether a member may read what a package hides: never of their
// own request.
func MayReview(by staff.Member, r Request) error {
	if err := may(by, staff.ContentRead); err != nil {
		return err
	}
	return impartial(by, r)
}

// mayRule: whoever decides what is shown reads what people wrote, and prepares.
func mayRule(by staff.Member) error {
	if err := may(by, staff.PlanPropose); err != nil {
		return err
	}
	return may(by, staff.ContentRead)
}

// Rule adds rulings to a package in review. hash is the proposal that the page
// showed, seen the last ruling that it knew: if others have ruled on the same
// conversation since, or on all of the package, nothing is added. Whoever rules
// prepares, and so cannot approve.
func (o *Office) Rule(ctx context.Context, by staff.Member, id ID, hash string, seen int, rulings []Ruling) error {
	if err := mayRule(by); err != nil {
		return err
	}
	return o.onCurrent(ctx, by, id, hash, func(tx pgx.Tx, q *queries.Queries, r Request, p queries.Proposal) error {
		if err := reviewable(r, p); err != nil {
			return err
		}
		rows, err := q.RulingsOf(ctx, id)
		if err != nil {
			return fmt.Errorf("read the rulings of %s: %w", r.Ref, err)
		}
		version := 0
		for _, w := range rows {
			version = int(w.Version)
			if version > seen && touches(w, rulings) {
				return fault.New(fault.Conflict, "redaction.error.changed")
			}
		}
		for _, u := range rulings {
			version++
			if err := ruled(u); err != nil {
				return err
			}
			if err := o.insertRuling(ctx, q, by, r, version, u); err != nil {
				return err
			}
		}
		return o.note(ctx, tx, by.Actor(), r, "redaction.ruled", tell(rulings, version))
	})
}

// reviewable says whether a package may still be ruled on.
func reviewable(r Request, p queries.Proposal) error {
	switch {
	case !r.Kind.Packs():
		return fault.New(fault.Conflict, "error.wrong_state")
	case p.Decision != nil:
		return fault.New(fault.Conflict, "error.already_decided")
	case p.PreparedBy != nil:
		return fault.New(fault.Conflict, "redaction.error.proposed")
	}
	return nil
}

// touches says whether an earlier ruling is about what new ones are about.
func touches(w queries.RulingsOfRow, rulings []Ruling) bool {
	return slices.ContainsFunc(rulings, func(u Ruling) bool {
		if w.Sort == string(RuleFile) || u.Sort == RuleFile {
			return w.Sort == string(u.Sort) && w.Place == u.Place
		}
		if u.Undoes != nil {
			return w.Undoes != nil && *w.Undoes == *u.Undoes
		}
		return w.Talk == "" || u.Talk == "" || w.Talk == u.Talk
	})
}

// ruled holds a ruling against what staff may say.
func ruled(u Ruling) error {
	f := fault.Fields{}
	if u.Sort != RuleUndo && !slices.Contains(RulingReasons, u.Reason) {
		f.Add("why", "redaction.error.reason")
	}
	if u.Sort == RuleWords && !slices.Contains(WordKinds, u.What) {
		f.Add("what", "redaction.error.what")
	}
	return f.Err()
}

func (o *Office) insertRuling(ctx context.Context, q *queries.Queries, by staff.Member, r Request, version int, u Ruling) error {
	if u.Sort == RuleUndo {
		u.Act = actUndo
	}
	err := q.InsertRuling(ctx, queries.InsertRulingParams{ID: uuid.New(), RequestID: r.ID, Version: int32(version), Sort: string(u.Sort), Act: string(u.Act),
		Talk: u.Talk, Place: u.Place, StartAt: int32(u.Start), EndAt: int32(u.End), Digest: u.Digest, Who: u.Who, Words: u.Words, What: u.What,
		Reason: u.Reason, Undoes: u.Undoes, Settled: int32(u.Settled), MadeBy: by.ID, MadeName: by.Name, MadeAt: o.now()})
	if err != nil {
		return fmt.Errorf("keep a ruling on %s: %w", r.Ref, err)
	}
	return nil
}

// tell is what the audit says of rulings: how many of which sort, never where
// in a text or what stands there.
func tell(rulings []Ruling, version int) map[string]any {
	d := map[string]any{"version": version}
	reasons := []string{}
	for _, u := range rulings {
		key := string(u.Sort)
		if u.Sort != RuleUndo {
			key += "_" + string(u.Act)
		}
		n, _ := d[key].(int)
		d[key] = n + 1
		if u.Reason != "" && !slices.Contains(reasons, u.Reason) {
			reasons = append(reasons, u.Reason)
		}
	}
	if len(reasons) > 0 {
		d["reasons"] = reasons
	}
	return d
}

// FinishReview sends a worker to make the package again with the rulings that
// stand: what comes then is what may be proposed. seen is the last ruling that
// the page knew.
func (o *Office) FinishReview(ctx context.Context, by staff.Member, id ID, hash string, seen int) error {
	if err := mayRule(by); err != nil {
		return err
	}
	return o.onCurrent(ctx, by, id, hash, func(tx pgx.Tx, q *queries.Queries, r Request, p queries.Proposal) error {
		if err := reviewable(r, p); err != nil {
			return err
		}
		version, err := q.RulingVersion(ctx, id)
		if err != nil {
			return fmt.Errorf("read the last ruling on %s: %w", r.Ref, err)
		}
		switch {
		case int(version) != seen:
			return fault.New(fault.Conflict, "redaction.error.changed")
		case version == p.Redaction:
			return fault.New(fault.Conflict, "redaction.error.nothing_new")
		}
		if err := q.SupersedeProposals(ctx, r.ID); err != nil {
			return fmt.Errorf("supersede the proposals of %s: %w", r.Ref, err)
		}
		return o.move(ctx, tx, by.Actor(), &r, change{to: Discovering, work: true, detail: map[string]any{"redaction": version}})
	})
}

// reviewFinished says that a package was made with the rulings that stand, and
// that a second person made none of them. The database has the same rule.
func reviewFinished(ctx context.Context, q *queries.Queries, p queries.Proposal, second *staff.Member) error {
	version, err := q.RulingVersion(ctx, p.RequestID)
	if err != nil {
		return fmt.Errorf("read the last ruling: %w", err)
	}
	if version != p.Redaction {
		return fault.New(fault.Conflict, "redaction.error.unfinished")
	}
	if second == nil {
		return nil
	}
	ruled, err := q.RuledAnything(ctx, queries.RuledAnythingParams{RequestID: p.RequestID, MadeBy: second.ID})
	if err != nil {
		return fmt.Errorf("look who decided what is shown: %w", err)
	}
	if ruled {
		return fault.New(fault.Forbidden, "error.four_eyes")
	}
	return nil
}

// reviewCounts is how a proposal keeps what its sheets count.
func (d Discovery) reviewCounts() (json.RawMessage, error) {
	if d.Totals == nil {
		return nil, nil
	}
	b, err := json.Marshal(d.Totals)
	if err != nil {
		return nil, fmt.Errorf("write what is to be reviewed: %w", err)
	}
	return b, nil
}

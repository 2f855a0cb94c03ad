package privacy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Discovery is what a worker found, and what it staged for the decision.
type Discovery struct {
	Found      []datamap.Found
	Matches    []Match
	Learnt     []string
	Warnings   []string
	Candidates []Candidate
	Mentions   []Mention
	Fields     []Field             // correction
	Refused    []Refusal           // correction: why there is no plan for what was chosen
	Review     []ReviewColumn      // a package: what staff look through first
	Chosen     Chosen              // what the search and the plan went by
	Ruled      int                 // a package: the last ruling that it was made with
	Totals     *export.SheetTotals // a package: what its sheets count; nil if it has none
	// The staged proposal. ID also names the frozen row list (deletion) and the
	// package (access, portability), whose last part may not be written down yet.
	ID      uuid.UUID
	Plan    datamap.Plan
	Package export.Package
}

// Rows is how many rows the store holds.
func (d Discovery) Rows() (n int64) {
	for _, f := range d.Found {
		n += f.Rows
	}
	return n
}

// rows names the rows that were found or may be meant.
func (d Discovery) rows() []RowRef {
	refs := make([]RowRef, 0, len(d.Matches)+len(d.Candidates))
	for _, m := range d.Matches {
		refs = append(refs, m.Ref())
	}
	for _, c := range d.Candidates {
		refs = append(refs, c.Ref())
	}
	return refs
}

// Hash is what an approval of this discovery is bound to: the plan, what staff
// chose for it and, where there is one, the very bytes of the package.
func (d Discovery) Hash() string {
	bytes := ""
	if len(d.Package) > 0 {
		bytes = d.Package.Hash()
	}
	h := sha256.Sum256([]byte("proposal\n" + d.Plan.Hash + "\n" + bytes + "\n" + d.Chosen.Digest))
	return hex.EncodeToString(h[:])
}

// undecided counts what staff still have to decide: candidates, edits that the
// store would not take, and a right that would do nothing to what was found.
func (d Discovery) undecided(k Kind) int {
	n := len(d.Chosen.Open(d.Candidates)) + len(d.Refused)
	if d.Totals != nil {
		n += d.Totals.Open
	}
	if !k.Packs() && k != Deletion && n == 0 && d.Rows() > 0 && !acts(d.Plan) {
		n = 1
	}
	return n
}

// acts says that a plan is about any row.
func acts(p datamap.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s datamap.Step) bool { return s.Rows > 0 })
}

// stops says that a plan does nothing but stop something.
func stops(p datamap.Plan) bool {
	return !slices.ContainsFunc(p.Steps, func(s datamap.Step) bool {
		return s.Action != datamap.Restricting && s.Action != datamap.Suppressing
	})
}

// automatic says that nobody has to decide. Where nothing is proved to be the
// person but something may be, staff look at that first.
func (d Discovery) automatic(k Kind) bool {
	if !k.AtOnce() || d.Chosen.Version > 0 || !stops(d.Plan) {
		return false
	}
	return acts(d.Plan) || d.Rows() == 0 && len(d.Candidates) == 0
}

// RecordDiscovery stores what was found with the staged proposal and hands the
// request to review. Earlier proposals that were not approved are void now.
func (o *Office) RecordDiscovery(ctx context.Context, l Lease, d Discovery) error {
	return o.fenced(ctx, l, func(tx pgx.Tx, q *queries.Queries, r *Request) error {
		if r.State != Discovering {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		if err := o.saveFound(ctx, q, r.ID, d); err != nil {
			return err
		}
		stands, err := chosen(ctx, q, *r)
		if err != nil {
			return err
		}
		if stands.Version != d.Chosen.Version {
			return fault.New(fault.Conflict, "error.choices_changed")
		}
		if ruled, err := q.RulingVersion(ctx, r.ID); err != nil {
			return fmt.Errorf("read the last ruling on %s: %w", r.Ref, err)
		} else if r.Kind.Packs() && int(ruled) != d.Ruled {
			return fault.New(fault.Conflict, "redaction.error.changed")
		}
		if err := q.SupersedeProposals(ctx, r.ID); err != nil {
			return fmt.Errorf("supersede the proposals of %s: %w", r.Ref, err)
		}
		if err := o.stage(ctx, q, *r, d); err != nil {
			return err
		}
		if err := o.setLevel(ctx, q, *r, d); err != nil {
			return err
		}
		// What the person confirmed was one plan; another one needs them again.
		if err := q.VoidConfirmation(ctx, queries.VoidConfirmationParams{ID: r.ID, Hash: d.Hash()}); err != nil {
			return fmt.Errorf("void the confirmation of %s: %w", r.Ref, err)
		}
		if err := o.move(ctx, tx, system, r, change{to: InReview, detail: map[string]any{"rows": d.Rows(), "hash": d.Hash()}}); err != nil {
			return err
		}
		if !d.automatic(r.Kind) {
			return nil
		}
		if err := q.ApproveAutomatic(ctx, queries.ApproveAutomaticParams{ID: d.ID, At: ptr(o.now())}); err != nil {
			return fmt.Errorf("go on with %s: %w", r.Ref, err)
		}
		return o.move(ctx, tx, system, r, change{to: Approved, work: true, detail: map[string]any{"hash": d.Hash(), "automatic": true}})
	})
}

func (o *Office) saveFound(ctx context.Context, q *queries.Queries, id ID, d Discovery) error {
	p := queries.UpsertDiscoveryParams{RequestID: id, SearchedAt: o.now(), Learnt: some(d.Learnt), Warnings: some(d.Warnings)}
	for _, part := range []struct {
		to *json.RawMessage
		of any
	}{
		{&p.Found, some(d.Found)}, {&p.Matches, some(d.Matches)}, {&p.Candidates, some(d.Candidates)}, {&p.Mentions, some(d.Mentions)},
		{&p.Fields, some(d.Fields)}, {&p.Refused, some(d.Refused)}, {&p.Review, some(d.Review)},
	} {
		b, err := json.Marshal(part.of)
		if err != nil {
			return fmt.Errorf("write what was found: %w", err)
		}
		*part.to = b
	}
	if err := q.UpsertDiscovery(ctx, p); err != nil {
		return fmt.Errorf("save what was found: %w", err)
	}
	return nil
}

// read takes back what saveFound wrote.
func (d *Discovery) read(row queries.Discovery) error {
	for _, part := range []struct {
		from json.RawMessage
		to   any
	}{
		{row.Found, &d.Found}, {row.Matches, &d.Matches}, {row.Candidates, &d.Candidates}, {row.Mentions, &d.Mentions},
		{row.Fields, &d.Fields}, {row.Refused, &d.Refused}, {row.Review, &d.Review},
	} {
		if err := json.Unmarshal(part.from, part.to); err != nil {
			return fmt.Errorf("read what was found: %w", err)
		}
	}
	d.Learnt, d.Warnings = row.Learnt, row.Warnings
	return nil
}

func (o *Office) stage(ctx context.Context, q *queries.Queries, r Request, d Discovery) error {
	version, err := q.NextVersion(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("number the proposal: %w", err)
	}
	plan, err := json.Marshal(d.Plan)
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if err := o.stagePackage(ctx, q, r.ID, d); err != nil {
		return err
	}
	review, err := d.reviewCounts()
	if err != nil {
		return err
	}
	p := queries.InsertProposalParams{ID: d.ID, RequestID: r.ID, Version: version, Plan: plan, Hash: d.Hash(),
		Choices: int32(d.Chosen.Version), Undecided: int32(d.undecided(r.Kind)), Automatic: d.automatic(r.Kind), Redaction: int32(d.Ruled), Review: review}
	if err := q.InsertProposal(ctx, p); err != nil {
		return fmt.Errorf("save the proposal: %w", err)
	}
	return nil
}

// some makes an empty list out of none: neither a column nor a page takes NULL.
func some[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func fromProposal(w queries.Proposal) (Proposal, error) {
	p := Proposal{
		ID: w.ID, Version: int(w.Version), Hash: w.Hash, MadeAt: w.MadeAt,
		PreparedBy: w.PreparedBy, PreparedName: w.PreparedName, PreparedAt: w.PreparedAt, Note: w.Note,
		DecidedBy: w.DecidedBy, DecidedName: w.DecidedName, DecidedAt: w.DecidedAt, DecisionNote: w.DecisionNote,
		Choices: int(w.Choices), Undecided: int(w.Undecided), Automatic: w.Automatic, Redaction: int(w.Redaction),
	}
	if w.Review != nil {
		if err := json.Unmarshal(w.Review, &p.Review); err != nil {
			return Proposal{}, fmt.Errorf("read what is to be reviewed in %s: %w", w.ID, err)
		}
	}
	if w.Decision != nil {
		p.Decision = *w.Decision
	}
	if err := json.Unmarshal(w.Plan, &p.Plan); err != nil {
		return Proposal{}, fmt.Errorf("read plan %s: %w", w.ID, err)
	}
	return p, nil
}

package privacy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Discovery is what a worker found, and what it staged for the decision.
type Discovery struct {
	Found    []datamap.Found
	Matches  []Match
	Learnt   []string
	Warnings []string
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

// Hash is what an approval of this discovery is bound to: the plan, and the very
// bytes of a package.
func (d Discovery) Hash() string {
	if len(d.Package) == 0 {
		return d.Plan.Hash
	}
	h := sha256.Sum256([]byte("package\n" + d.Plan.Hash + "\n" + d.Package.Hash()))
	return hex.EncodeToString(h[:])
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
		if err := q.SupersedeProposals(ctx, r.ID); err != nil {
			return fmt.Errorf("supersede the proposals of %s: %w", r.Ref, err)
		}
		if err := o.stage(ctx, q, r.ID, d); err != nil {
			return err
		}
		// What the person confirmed was one plan; another one needs them again.
		if err := q.VoidConfirmation(ctx, queries.VoidConfirmationParams{ID: r.ID, Hash: d.Hash()}); err != nil {
			return fmt.Errorf("void the confirmation of %s: %w", r.Ref, err)
		}
		return o.move(ctx, tx, system, r, change{to: InReview, detail: map[string]any{"rows": d.Rows(), "hash": d.Hash()}})
	})
}

func (o *Office) saveFound(ctx context.Context, q *queries.Queries, id ID, d Discovery) error {
	found, err := json.Marshal(d.Found)
	if err != nil {
		return fmt.Errorf("write what was found: %w", err)
	}
	matches, err := json.Marshal(d.Matches)
	if err != nil {
		return fmt.Errorf("write the matches: %w", err)
	}
	err = q.UpsertDiscovery(ctx, queries.UpsertDiscoveryParams{
		RequestID: id, SearchedAt: o.now(), Found: found, Matches: matches, Learnt: some(d.Learnt), Warnings: some(d.Warnings)})
	if err != nil {
		return fmt.Errorf("save what was found: %w", err)
	}
	return nil
}

func (o *Office) stage(ctx context.Context, q *queries.Queries, id ID, d Discovery) error {
	version, err := q.NextVersion(ctx, id)
	if err != nil {
		return fmt.Errorf("number the proposal: %w", err)
	}
	plan, err := json.Marshal(d.Plan)
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if err := o.stagePackage(ctx, q, id, d); err != nil {
		return err
	}
	p := queries.InsertProposalParams{ID: d.ID, RequestID: id, Version: version, Plan: plan, Hash: d.Hash()}
	if err := q.InsertProposal(ctx, p); err != nil {
		return fmt.Errorf("save the proposal: %w", err)
	}
	return nil
}

// some makes an empty list out of none: the column does not take NULL.
func some(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func fromProposal(w queries.Proposal) (Proposal, error) {
	p := Proposal{
		ID: w.ID, Version: int(w.Version), Hash: w.Hash, MadeAt: w.MadeAt,
		PreparedBy: w.PreparedBy, PreparedName: w.PreparedName, PreparedAt: w.PreparedAt, Note: w.Note,
		DecidedBy: w.DecidedBy, DecidedName: w.DecidedName, DecidedAt: w.DecidedAt, DecisionNote: w.DecisionNote,
	}
	if w.Decision != nil {
		p.Decision = *w.Decision
	}
	if err := json.Unmarshal(w.Plan, &p.Plan); err != nil {
		return Proposal{}, fmt.Errorf("read plan %s: %w", w.ID, err)
	}
	return p, nil
}

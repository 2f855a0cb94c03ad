package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Unfinished is a package in the making: the parts that are sealed and written
// down, and where the next one begins.
type Unfinished struct {
	Set   uuid.UUID
	Parts export.Package
	At    export.Position
}

// BeginSearch says that a worker looks through the store for a request. Parts of
// a package that an earlier worker left are kept.
func (o *Office) BeginSearch(ctx context.Context, l Lease) error {
	return o.searching(ctx, l, func(q *queries.Queries, r *Request) error {
		k, err := q.PackingOf(ctx, r.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			k.SetID = uuid.New()
		} else if err != nil {
			return fmt.Errorf("read the packing of %s: %w", r.Ref, err)
		}
		return q.BeginPacking(ctx, queries.BeginPackingParams{RequestID: r.ID, SetID: k.SetID, Bound: k.Bound, Phase: string(Searching)})
	})
}

// ResumePacking gives the package that an earlier worker left, if it is of the
// same rows: bound says what it is made of. Else it begins a new one, and what
// there was is thrown away; so does afresh.
func (o *Office) ResumePacking(ctx context.Context, l Lease, bound string, afresh bool) (u Unfinished, err error) {
	err = o.searching(ctx, l, func(q *queries.Queries, r *Request) error {
		k, err := q.PackingOf(ctx, r.ID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read the packing of %s: %w", r.Ref, err)
		}
		u = Unfinished{Set: k.SetID}
		if err != nil || afresh || k.Bound != bound {
			u.Set = uuid.New()
			if err := q.DropUnstaged(ctx, r.ID); err != nil {
				return fmt.Errorf("drop the unfinished package of %s: %w", r.Ref, err)
			}
		}
		if err := q.BeginPacking(ctx, queries.BeginPackingParams{RequestID: r.ID, SetID: u.Set, Bound: bound, Phase: string(Packing)}); err != nil {
			return fmt.Errorf("begin to pack %s: %w", r.Ref, err)
		}
		rows, err := q.PartsOf(ctx, u.Set)
		if err != nil {
			return fmt.Errorf("read the parts of %s: %w", r.Ref, err)
		}
		for _, w := range rows {
			part, err := fromPart(w)
			if err != nil {
				return err
			}
			u.Parts = append(u.Parts, part)
			u.At = export.Position{}
			if err := json.Unmarshal(w.Position, &u.At); err != nil {
				return fmt.Errorf("read the position of a part of %s: %w", r.Ref, err)
			}
		}
		return nil
	})
	return u, err
}

// AddPart writes down a sealed part that others follow, and where they begin.
func (o *Office) AddPart(ctx context.Context, l Lease, set uuid.UUID, part export.Part, at export.Position) error {
	return o.searching(ctx, l, func(q *queries.Queries, r *Request) error {
		position, err := json.Marshal(at)
		if err != nil {
			return fmt.Errorf("write a position: %w", err)
		}
		return addPart(ctx, q, r.ID, set, part, position)
	})
}

// ReportPacking notes how far a worker is; one that lost its lease says nothing.
func (o *Office) ReportPacking(ctx context.Context, l Lease, phase Phase, done, planned int64) error {
	n, err := queries.New(o.db).SetPacking(ctx, queries.SetPackingParams{RequestID: l.ID, Epoch: l.Epoch, Phase: string(phase), Done: done, Planned: planned})
	if err != nil {
		return fmt.Errorf("note how far %s is packed: %w", l.ID, err)
	}
	if n == 0 {
		return ErrLost
	}
	return nil
}

// searching is fenced for a request that a worker searches for.
func (o *Office) searching(ctx context.Context, l Lease, fn func(*queries.Queries, *Request) error) error {
	return o.fenced(ctx, l, func(_ pgx.Tx, q *queries.Queries, r *Request) error {
		if r.State != Discovering {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		return fn(q, r)
	})
}

func addPart(ctx context.Context, q *queries.Queries, id ID, set uuid.UUID, part export.Part, position json.RawMessage) error {
	manifest, err := json.Marshal(part.Manifest)
	if err != nil {
		return fmt.Errorf("write a manifest: %w", err)
	}
	p := queries.AddPartParams{RequestID: id, SetID: set, Number: int32(part.Manifest.Part), ArtifactID: part.ID,
		Size: part.Artifact.Size, Sha256: part.SHA256, Key: part.Key, Manifest: manifest, Position: position}
	if sheet := part.Sheet; sheet.ID != uuid.Nil {
		p.SheetID, p.SheetSize, p.SheetSha256, p.SheetKey = &sheet.ID, &sheet.Size, &sheet.SHA256, sheet.Key
	}
	err = q.AddPart(ctx, p)
	if err != nil {
		return fmt.Errorf("save part %d of package %s: %w", part.Manifest.Part, set, err)
	}
	return nil
}

// stagePackage makes the parts of a discovery the package of its proposal: those
// that were written down already, and the ones that end it.
func (o *Office) stagePackage(ctx context.Context, q *queries.Queries, id ID, d Discovery) error {
	there, err := q.PartsOf(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("read the parts of package %s: %w", d.ID, err)
	}
	for i, part := range d.Package {
		if i >= len(there) {
			if err := addPart(ctx, q, id, d.ID, part, nil); err != nil {
				return err
			}
		} else if there[i].ArtifactID != part.ID {
			return fmt.Errorf("part %d of package %s is another one than was written down", i+1, d.ID)
		}
	}
	if err := q.ForgetPositions(ctx, d.ID); err != nil {
		return fmt.Errorf("forget the positions in package %s: %w", d.ID, err)
	}
	return q.EndPacking(ctx, id)
}

func fromPart(w queries.PackagePart) (export.Part, error) {
	p := export.Part{Artifact: export.Artifact{ID: w.ArtifactID, Size: w.Size, SHA256: w.Sha256, Key: w.Key}}
	if err := json.Unmarshal(w.Manifest, &p.Manifest); err != nil {
		return p, fmt.Errorf("read manifest %s: %w", w.ArtifactID, err)
	}
	p.Manifest.Part = int(w.Number)
	if w.SheetID != nil {
		p.Sheet = export.Sheet{Artifact: export.Artifact{ID: *w.SheetID, Size: *w.SheetSize, SHA256: *w.SheetSha256, Key: w.SheetKey}}
	}
	return p, nil
}

// readProposal is fromProposal with its package.
func readProposal(ctx context.Context, q *queries.Queries, w queries.Proposal) (Proposal, error) {
	p, err := fromProposal(w)
	if err != nil {
		return p, err
	}
	rows, err := q.PartsOf(ctx, p.ID)
	if err != nil {
		return p, fmt.Errorf("read the parts of package %s: %w", p.ID, err)
	}
	for _, row := range rows {
		part, err := fromPart(row)
		if err != nil {
			return p, err
		}
		p.Package = append(p.Package, part)
	}
	return p, nil
}

// staging reads how far a worker is; nil when none is at it.
func (o *Office) staging(ctx context.Context, r Request) (*Staging, error) {
	if r.State != Discovering {
		return nil, nil
	}
	k, err := queries.New(o.db).PackingOf(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read how far %s is: %w", r.Ref, err)
	}
	return &Staging{Phase: Phase(k.Phase), Done: min(k.Done, k.Planned), Planned: k.Planned, Alive: k.Alive}, nil
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// execute carries out what was approved. It may be entered again after any
// crash: the ledger inside the store and the vault know how far it got.
func (w *work) execute(ctx context.Context, lease privacy.Lease) error {
	r, p, err := w.Office.BeginExecution(ctx, lease)
	if err != nil || r.State != privacy.Executing {
		return err
	}
	if len(p.Package) > 0 {
		return w.deliver(ctx, lease, p)
	}
	return w.carryOut(ctx, lease, r, p)
}

// deliver hands the approved package over, after reading it once more: a file
// that power loss emptied must not become "ready".
func (w *work) deliver(ctx context.Context, lease privacy.Lease, p privacy.Proposal) error {
	for _, part := range p.Package {
		err := w.Vault.Check(ctx, part.Artifact)
		if errors.Is(err, seal.ErrOpen) || fault.KindOf(err) == fault.NotFound {
			return w.Office.PlanMoved(ctx, lease, "package_damaged")
		}
		if err != nil { // a disk that does not answer may do so later
			return err
		}
	}
	return w.Office.Deliver(ctx, lease)
}

// reportEvery keeps the progress on the page fresh without a write per batch.
const reportEvery = time.Second

// carryOut runs the plan, then looks again: done needs positive proof.
func (w *work) carryOut(ctx context.Context, lease privacy.Lease, r privacy.Request, p privacy.Proposal) error {
	store, err := w.store()
	if err != nil {
		return err
	}
	if err := w.Office.StoreBack(ctx, lease); err != nil {
		return err
	}
	outcomes := map[int]datamap.Outcome{}
	var last time.Time
	err = store.Execute(ctx, p.ID, p.Plan, func(o datamap.Outcome) error {
		outcomes[o.Step.Seq] = o
		if !o.Done && time.Since(last) < reportEvery {
			return nil
		}
		last = time.Now()
		return w.Office.RecordStep(ctx, lease, p.ID, o)
	})
	if errors.Is(err, connector.ErrMoved) {
		if err := store.Abandon(ctx, p.ID); err != nil {
			return err
		}
		return w.Office.PlanMoved(ctx, lease, "store_moved")
	}
	if err != nil {
		return err
	}
	chosen, err := w.Office.Chosen(ctx, r)
	if err != nil {
		return err
	}
	residue, err := store.Recheck(ctx, p.ID, p.Plan, who(r, chosen))
	if err != nil {
		return err
	}
	if !residue.Empty() {
		return attention{"attention.residue", fmt.Errorf("%d tables and %d columns still hold the subject", len(residue.Rows), len(residue.Values))}
	}
	if err := store.Finish(ctx, p.ID); err != nil {
		return err
	}
	done := make([]datamap.Outcome, 0, len(outcomes))
	for _, s := range p.Plan.Steps {
		o, ok := outcomes[s.Seq]
		if !ok { // kept rows have nothing to report
			o = datamap.Outcome{Operation: p.ID, Step: s, Done: true}
		}
		done = append(done, o)
	}
	return w.Office.Finish(ctx, lease, p.ID, done)
}

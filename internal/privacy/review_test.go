package privacy_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestNewPlanNeedsThePersonAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		again func(t *testing.T, b *bench, r privacy.Request, hash string) error
	}{
		{"sent back by the second person", func(t *testing.T, b *bench, r privacy.Request, hash string) error {
			return b.web.SendBack(t.Context(), b.approver, r.ID, hash, "an invoice is missing")
		}},
		{"searched again by staff", func(t *testing.T, b *bench, r privacy.Request, _ string) error {
			return b.web.Search(t.Context(), b.agent, r.ID)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ctx := t.Context()
			r, hash := b.inReview(t, privacy.Deletion)
			if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
				t.Fatal(err)
			}
			if err := b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash); err != nil {
				t.Fatal(err)
			}
			if err := tt.again(t, b, r, hash); err != nil {
				t.Fatal(err)
			}
			d := discovery(privacy.Deletion)
			d.Plan.Hash = strings.Repeat("ef", 32)
			b.discover(t, r, d)
			for _, do := range []error{
				b.web.Propose(ctx, b.agent, r.ID, d.Hash(), ""),
				b.web.ConfirmDeletion(ctx, "ada@example.com", r.Ref, d.Hash()),
				b.web.Approve(ctx, b.approver, r.ID, d.Hash(), ""),
			} {
				if do != nil {
					t.Fatal(do)
				}
			}
			*b.clock = b.clock.Add(coolingOff)
			if _, err := b.db.Exec(ctx, "UPDATE requests SET runs_at = now()"); err != nil {
				t.Fatal(err)
			}
			got, _, err := b.worker.BeginExecution(ctx, b.lease(t, r.ID))
			if err != nil || got.State != privacy.Executing {
				t.Fatalf("the plan that the person confirmed does not run: %s, %v", got.State, err)
			}
		})
	}
}

func TestReconcilerRingsForAnEmptyPlan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Deletion)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	d := discovery(privacy.Deletion)
	d.Plan.Steps = nil
	b.discover(t, r, d)
	for _, do := range []error{
		b.web.Propose(ctx, b.agent, r.ID, d.Hash(), ""),
		b.web.Approve(ctx, b.approver, r.ID, d.Hash(), ""),
	} {
		if do != nil {
			t.Fatal(do)
		}
	}
	if _, err := b.db.Exec(ctx, "DELETE FROM river_job"); err != nil { // the queue is lost
		t.Fatal(err)
	}
	if n, err := b.worker.Reconcile(ctx); err != nil || n != 1 {
		t.Fatalf("Reconcile rang %d times for an approved plan that waits for nobody, %v", n, err)
	}
}

func TestReconcilerLetsAPlanWaitForThePerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.approved(t, privacy.Deletion)
	if n, err := b.worker.Reconcile(t.Context()); err != nil || n != 0 {
		t.Fatalf("Reconcile rang %d times for a plan that nobody confirmed, %v", n, err)
	}
}

package privacy

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// approverGone looks at whoever approved once more, where the effect happens:
// an approval by somebody who was sent away meanwhile, or may not approve any
// more, is worth nothing. The request then goes back to a fresh search and
// another pair of eyes. The database has the same rule (guard_execution).
func (o *Office) approverGone(ctx context.Context, tx pgx.Tx, q *queries.Queries, r *Request, p Proposal) (bool, error) {
	if p.Automatic {
		return false, nil
	}
	m, err := staff.Find(ctx, tx, *p.DecidedBy)
	if err == nil && may(m, staff.PlanApprove) == nil {
		return false, nil
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return false, err
	}
	if err := q.RetireApproval(ctx, r.ID); err != nil {
		return false, fmt.Errorf("retire the approval of %s: %w", r.Ref, err)
	}
	return true, o.move(ctx, tx, system, r, change{to: Discovering, work: true, detail: map[string]any{"why": "approver_gone"}})
}

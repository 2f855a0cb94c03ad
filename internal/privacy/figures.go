package privacy

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OpenByState counts the requests that are not final, for the operator. Every
// such state is in the answer.
func (o *Office) OpenByState(ctx context.Context) (map[State]int64, error) {
	rows, err := o.db.Query(ctx, `SELECT state, count(*) FROM requests WHERE state NOT IN ('closed', 'rejected', 'lapsed') GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("count open requests: %w", err)
	}
	open := map[State]int64{Received: 0, Verified: 0, Discovering: 0, InReview: 0, Approved: 0, Executing: 0, Ready: 0}
	var state State
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { open[state] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count open requests: %w", err)
	}
	return open, nil
}

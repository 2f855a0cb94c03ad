package privacy

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// exportChunk is how many rows of an export are in memory at once.
const exportChunk = 1000

// ExportQueue gives all rows of a filter in their order, however many there
// are. It is read piece by piece from the place where the last one ended, so
// that a slow reader holds nothing in the database. The audit has it before the
// first row is given out.
func (o *Office) ExportQueue(ctx context.Context, by staff.Member, f Filter) (iter.Seq2[QueueRow, error], error) {
	if err := may(by, staff.ContentRead); err != nil {
		return nil, err
	}
	if err := o.fresh(by); err != nil {
		return nil, err
	}
	f = f.First()
	err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Actor: by.Actor(), Action: "queue.exported",
			Detail: map[string]any{"filter": f.Kept().Query(), "searched": f.Search != ""}})
	})
	if err != nil {
		return nil, err
	}
	return func(yield func(QueueRow, error) bool) {
		for {
			rows, err := o.queueRows(ctx, by, f, exportChunk)
			if err != nil {
				yield(QueueRow{}, err)
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if len(rows) < exportChunk {
				return
			}
			f.After = f.order().cursor(rows[len(rows)-1].Request)
		}
	}, nil
}

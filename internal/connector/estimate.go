package connector

import (
	"context"
	"fmt"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Estimate is what carrying a plan out will cost the store. It is told before
// anybody approves the plan.
type Estimate struct {
	Rows     int64
	Duration time.Duration
	Measured bool  // at the speed of this store's latest operations; else a careful guess
	LogLeast int64 // bytes of write-ahead log
	LogMost  int64
	Packed   bool // the store compresses page images in its log; wal_compression halves it
}

// A row that lies scattered costs most of a page in the log, and one among the
// person's own little more than itself. Both were measured, as was the speed.
const (
	guessedRate             = 5000 // rows a second
	rowLeast, rowMost       = 1500, 4000
	packedLeast, packedMost = 750, 2000
)

// latest gives rows and seconds of the last operations that are long enough to
// tell anything. Those were paced as the next one will be.
const latest = `
	SELECT coalesce(sum(affected), 0)::bigint, coalesce(sum(seconds), 0)::float8 FROM (
		SELECT sum(s.affected) AS affected, extract(epoch FROM o.executed_at - o.started_at) AS seconds
		FROM dsar.operation o JOIN dsar.step s ON s.operation = o.id
		WHERE o.executed_at > o.started_at
		GROUP BY o.id HAVING sum(s.affected) >= 1000
		ORDER BY o.executed_at DESC LIMIT 5) last`

// Estimate tells what a plan will cost, from its rows and recent speed.
func (s *Store) Estimate(ctx context.Context, p datamap.Plan) (Estimate, error) {
	var e Estimate
	for _, st := range p.Steps {
		if st.Action != datamap.Keep && st.Action != datamap.Export {
			e.Rows += st.Rows
		}
	}
	var rows int64
	var seconds float64
	if err := s.db.QueryRow(ctx, latest).Scan(&rows, &seconds); err != nil {
		return e, fmt.Errorf("read how fast the store was: %w", err)
	}
	if err := s.db.QueryRow(ctx, "SELECT current_setting('wal_compression') <> 'off'").Scan(&e.Packed); err != nil {
		return e, fmt.Errorf("read the store's settings: %w", err)
	}
	rate := float64(guessedRate)
	if e.Measured = rows > 0 && seconds > 0; e.Measured {
		rate = float64(rows) / seconds
	}
	e.Duration = time.Duration(float64(e.Rows) / rate * float64(time.Second)).Round(time.Second)
	least, most := int64(rowLeast), int64(rowMost)
	if e.Packed {
		least, most = packedLeast, packedMost
	}
	e.LogLeast, e.LogMost = e.Rows*least, e.Rows*most
	return e, nil
}

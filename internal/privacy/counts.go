package privacy

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/staff"
)

// tally is what all members see of the views' sizes. Counting eight views costs
// more than reading a page of the queue, so the count is shared for a moment.
type tally struct {
	mu    sync.Mutex // who counts; the others wait for the result
	at    time.Time
	sizes map[View]int64
	moved atomic.Bool // this process has changed something since
}

// tallyLife is how old a shared count may be. What this process changes itself
// shows at once.
const tallyLife = time.Second

// Counts gives the size of each view, none counted further than CountCap.
func (o *Office) Counts(ctx context.Context, by staff.Member) (map[View]int64, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return nil, err
	}
	all, err := o.tally.read(ctx, o)
	if err != nil {
		return nil, err
	}
	mine, err := o.count(ctx, by.ID, ViewMine)
	if err != nil {
		return nil, err
	}
	counts := maps.Clone(all)
	maps.Copy(counts, mine)
	return counts, nil
}

func (t *tally) read(ctx context.Context, o *Office) (map[View]int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sizes != nil && time.Since(t.at) < tallyLife && !t.moved.Load() {
		return t.sizes, nil
	}
	t.moved.Store(false)
	shared := make([]View, 0, len(Views))
	for _, v := range Views {
		if v != ViewMine {
			shared = append(shared, v)
		}
	}
	sizes, err := o.count(ctx, uuid.Nil, shared...)
	if err != nil {
		return nil, err
	}
	t.sizes, t.at = sizes, time.Now()
	return sizes, nil
}

// count counts views in one round trip.
func (o *Office) count(ctx context.Context, mine uuid.UUID, of ...View) (map[View]int64, error) {
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, v := range of {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(SELECT count(*) FROM (SELECT FROM requests r WHERE $1::timestamptz IS NOT NULL AND $2::uuid IS NOT NULL AND %s LIMIT %d) x)", views[v], CountCap)
	}
	n := make([]int64, len(of))
	dst := make([]any, len(of))
	for i := range n {
		dst[i] = &n[i]
	}
	if err := o.db.QueryRow(ctx, b.String(), o.now(), mine).Scan(dst...); err != nil {
		return nil, fmt.Errorf("count the views: %w", err)
	}
	counts := make(map[View]int64, len(of))
	for i, v := range of {
		counts[v] = n[i]
	}
	return counts, nil
}

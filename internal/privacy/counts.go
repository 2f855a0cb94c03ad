package privacy

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/staff"
)

// tally is what members see of the views' sizes and of each other, shared for a
// moment: counting eight views costs more than reading a page of the queue.
type tally struct {
	changes atomic.Int64 // that this process has made

	mu     sync.Mutex // who counts; the others wait for the result
	shared counted
	mine   map[uuid.UUID]counted

	roster sync.Mutex
	people []staff.Member
	called map[uuid.UUID]string
	read   time.Time

	saved map[uuid.UUID]savedViews
}

type savedViews struct {
	at    time.Time
	views []SavedView
}

// counted are views' sizes, as they were at a time and after so many changes.
type counted struct {
	at      time.Time
	changes int64
	sizes   map[View]int64
}

// tallyLife is how old a shared count may be. What this process changes itself
// shows at once.
const tallyLife = time.Second

// peopleLife is how old the names beside requests may be.
const peopleLife = 5 * time.Second

// moved says that the views may have other sizes from here on.
func (t *tally) moved() { t.changes.Add(1) }

func (c counted) holds(changes int64) bool {
	return c.sizes != nil && c.changes == changes && time.Since(c.at) < tallyLife
}

// Counts gives the size of each view, none counted further than CountCap.
func (o *Office) Counts(ctx context.Context, by staff.Member) (map[View]int64, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return nil, err
	}
	t := o.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	changes := t.changes.Load()
	mine := t.mine[by.ID]
	if mine.holds(changes) {
		return mine.sizes, nil
	}
	if !t.shared.holds(changes) {
		sizes, err := o.count(ctx, uuid.Nil, ViewOpen, ViewAction, ViewOverdue, ViewSoon, ViewApprovals, ViewWaiting, ViewUnassigned, ViewClosed)
		if err != nil {
			return nil, err
		}
		t.shared = counted{time.Now(), changes, sizes}
	}
	sizes, err := o.count(ctx, by.ID, ViewMine)
	if err != nil {
		return nil, err
	}
	maps.Copy(sizes, t.shared.sizes)
	if len(t.mine) > 1000 { // of members who went home
		clear(t.mine)
	}
	if t.mine == nil {
		t.mine = map[uuid.UUID]counted{}
	}
	t.mine[by.ID] = counted{time.Now(), changes, sizes}
	return sizes, nil
}

// count counts views in one round trip.
func (o *Office) count(ctx context.Context, mine uuid.UUID, of ...View) (map[View]int64, error) {
	var q question
	parts, now := make([]string, len(of)), o.now()
	n, dst := make([]int64, len(of)), make([]any, len(of))
	for i, v := range of {
		parts[i] = "(SELECT count(*) FROM (SELECT FROM requests r WHERE " + q.view(v, now, mine) + " LIMIT " + strconv.Itoa(CountCap) + ") x)"
		dst[i] = &n[i]
	}
	if err := o.db.QueryRow(ctx, "SELECT "+strings.Join(parts, ", "), q.args...).Scan(dst...); err != nil {
		return nil, fmt.Errorf("count the views: %w", err)
	}
	counts := make(map[View]int64, len(Views))
	for i, v := range of {
		counts[v] = n[i]
	}
	return counts, nil
}

// People are the members who work here, by name. Who joined or left a few
// seconds ago may be missing or still be there; nothing is allowed by this list.
func (o *Office) People(ctx context.Context) ([]staff.Member, error) {
	t := o.tally
	t.roster.Lock()
	defer t.roster.Unlock()
	err := o.callRoll(ctx)
	return t.people, err
}

func (o *Office) names(ctx context.Context) (map[uuid.UUID]string, error) {
	t := o.tally
	t.roster.Lock()
	defer t.roster.Unlock()
	err := o.callRoll(ctx)
	return t.called, err
}

func (o *Office) callRoll(ctx context.Context) error {
	t := o.tally
	if t.called != nil && time.Since(t.read) < peopleLife {
		return nil
	}
	all, err := o.roster.List(ctx)
	if err != nil {
		return err
	}
	called, people := make(map[uuid.UUID]string, len(all)), make([]staff.Member, 0, len(all))
	for _, m := range all {
		called[m.ID] = m.Name
		if !m.Disabled {
			people = append(people, m)
		}
	}
	t.called, t.people, t.read = called, people, time.Now()
	return nil
}

// views gives the saved views that a member sees, read again after a while.
func (t *tally) views(member uuid.UUID, read func() ([]SavedView, error)) ([]SavedView, error) {
	t.roster.Lock()
	defer t.roster.Unlock()
	if s, ok := t.saved[member]; ok && time.Since(s.at) < peopleLife {
		return s.views, nil
	}
	views, err := read()
	if err != nil {
		return nil, err
	}
	if t.saved == nil || len(t.saved) > 1000 {
		t.saved = map[uuid.UUID]savedViews{}
	}
	t.saved[member] = savedViews{time.Now(), views}
	return views, nil
}

func (t *tally) forgetViews() {
	t.roster.Lock()
	defer t.roster.Unlock()
	clear(t.saved)
}

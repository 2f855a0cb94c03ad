package privacy

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// SavedView is a filter that a member keeps under a name, for themselves or for
// everybody.
type SavedView struct {
	ID     uuid.UUID
	Name   string
	Owner  string // whose it is, by name
	Own    bool   // the reader's
	Shared bool
	Filter Filter
}

// Limits on saved views.
const (
	MaxViewName   = 60
	MaxSavedViews = 30 // of one member
)

// SavedViews gives a member's own views and those that others share.
func (o *Office) SavedViews(ctx context.Context, by staff.Member) ([]SavedView, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return nil, err
	}
	return o.tally.views(by.ID, func() ([]SavedView, error) {
		rows, err := queries.New(o.db).SavedViews(ctx, by.ID)
		if err != nil {
			return nil, fmt.Errorf("read the saved views: %w", err)
		}
		views := make([]SavedView, 0, len(rows))
		for _, r := range rows {
			q, err := url.ParseQuery(r.Query)
			if err != nil {
				return nil, fmt.Errorf("read the saved view %s: %w", r.ID, err)
			}
			views = append(views, SavedView{ID: r.ID, Name: r.Name, Owner: r.OwnerName, Own: r.Owner == by.ID, Shared: r.Shared, Filter: ReadFilter(q)})
		}
		return views, nil
	})
}

// SaveView keeps a filter under a name. What was searched for is not kept: it
// may name a person.
func (o *Office) SaveView(ctx context.Context, by staff.Member, name string, f Filter, shared bool) error {
	if err := may(by, staff.RequestRead); err != nil {
		return err
	}
	name, err := viewName(name)
	if err != nil {
		return err
	}
	n, err := queries.New(o.db).CountSavedViews(ctx, by.ID)
	if err != nil {
		return fmt.Errorf("count the saved views: %w", err)
	}
	if n >= MaxSavedViews {
		return wrongName("queue.saved.too_many", "Limit", MaxSavedViews)
	}
	done, err := queries.New(o.db).InsertSavedView(ctx, queries.InsertSavedViewParams{Owner: by.ID, Name: name, Query: f.Kept().Query(), Shared: shared})
	if err != nil {
		return fmt.Errorf("save a view: %w", err)
	}
	if done == 0 {
		return wrongName("queue.saved.exists")
	}
	o.tally.forgetViews()
	return nil
}

// ChangeView gives a member's own view another name, and shares it or not.
func (o *Office) ChangeView(ctx context.Context, by staff.Member, id uuid.UUID, name string, shared bool) error {
	name, err := viewName(name)
	if err != nil {
		return err
	}
	all, err := o.SavedViews(ctx, by)
	if err != nil {
		return err
	}
	for _, v := range all {
		if v.Own && v.ID != id && strings.EqualFold(v.Name, name) {
			return wrongName("queue.saved.exists")
		}
	}
	n, err := queries.New(o.db).ChangeSavedView(ctx, queries.ChangeSavedViewParams{ID: id, Owner: by.ID, Name: name, Shared: shared})
	return o.changedView(n, err)
}

// DropView removes a member's own view.
func (o *Office) DropView(ctx context.Context, by staff.Member, id uuid.UUID) error {
	n, err := queries.New(o.db).DeleteSavedView(ctx, queries.DeleteSavedViewParams{ID: id, Owner: by.ID})
	return o.changedView(n, err)
}

func (o *Office) changedView(n int64, err error) error {
	if err != nil {
		return fmt.Errorf("change a saved view: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "queue.saved.none")
	}
	o.tally.forgetViews()
	return nil
}

func viewName(s string) (string, error) {
	f := fault.Fields{}
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		f.Add("name", "queue.saved.name_missing")
	}
	tooLong(f, "name", s, MaxViewName)
	return s, f.Err()
}

func wrongName(key string, args ...any) error {
	f := fault.Fields{}
	f.Add("name", key, args...)
	return f.Err()
}

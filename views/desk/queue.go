package desk

import (
	"context"
	"net/url"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// QueuePage is the queue under one filter.
type QueuePage struct {
	Filter privacy.Filter
	Page   privacy.Page
	Laws   []string // law codes to filter by
	First  bool     // no keyset cursor: the first page
}

// href is this queue with one thing changed; every view is a link.
func href(f privacy.Filter) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.View != privacy.ViewOpen {
		set("view", string(f.View))
	}
	set("kind", string(f.Kind))
	set("law", f.Law)
	set("q", f.Search)
	set("after", f.After)
	if len(q) == 0 {
		return link.Desk
	}
	return link.Desk + "?" + q.Encode()
}

func inView(f privacy.Filter, v privacy.View) string {
	f.View, f.After = v, ""
	return href(f)
}

func nextPage(f privacy.Filter, after string) string {
	f.After = after
	return href(f)
}

func searchAll(f privacy.Filter) string {
	return href(privacy.Filter{View: privacy.ViewOpen, Search: f.Search})
}

func filtered(f privacy.Filter) bool { return f.Search != "" || f.Kind != "" || f.Law != "" }

// capped writes a count that the queue stops counting at.
func capped(ctx context.Context, n int64) string {
	if n >= privacy.CountCap {
		return lang.Number(ctx, privacy.CountCap) + "+"
	}
	return lang.Number(ctx, n)
}

// nav is the entry of the rail that shows as current.
func (q QueuePage) nav() string {
	switch q.Filter.View {
	case privacy.ViewMine, privacy.ViewApprovals:
		return string(q.Filter.View)
	}
	return "queue"
}

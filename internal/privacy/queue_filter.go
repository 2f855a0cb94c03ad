package privacy

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Filter is the queue's query string.
type Filter struct {
	View      View
	Kind      Kind // "" for all, as with the others
	Law       string
	State     State
	Assignee  string // AssigneeMe, AssigneeNobody, or a member's id
	Channel   Channel
	Lang      lang.Tag
	Waits     string // one of WaitsFor
	Attention bool   // only what a job could not go on with
	FollowUp  bool   // only what staff wanted to look at again by now
	// Days, YYYY-MM-DD, both ends included.
	DueFrom, DueUntil string
	From, Until       string // of receipt
	Search            string // reference, words of a name, e-mail, number; each as it begins
	Sort              Sort
	After, Before     string // keyset cursor of the page before or behind; "" for the first
}

// Who a filter may ask for besides a member.
const (
	AssigneeMe     = "me"
	AssigneeNobody = "nobody"
)

// Whom a filter may have requests wait for.
const (
	WaitsPerson = "person"
	WaitsSecond = "second"
	WaitsPaused = "paused" // the clock stands until somebody answers
)

// WaitsFor lists them. Catalogue: "queue.waits.<waits>".
var WaitsFor = []string{WaitsPerson, WaitsSecond, WaitsPaused}

// Sort is what a view is sorted by.
type Sort string

const (
	SortDue      Sort = ""         // the shortest time first; what is closed, newest first
	SortReceived Sort = "received" // the newest first
)

// MaxSearch is how long a search may be, in bytes: longer than any name or address.
const MaxSearch = 320

// ReadFilter makes a filter of a query string. What it does not know it leaves out.
func ReadFilter(q url.Values) Filter {
	f := Filter{
		View: oneOf(Views, View(q.Get("view"))), Kind: oneOf(AllKinds, Kind(q.Get("kind"))), Law: lawCode(q.Get("law")),
		State: oneOf(States, State(q.Get("state"))), Assignee: assigneeOf(q.Get("who")), Channel: oneOf(Channels, Channel(q.Get("channel"))),
		Lang: oneOf(lang.Supported, lang.Tag(q.Get("lang"))), Waits: oneOf(WaitsFor, q.Get("waits")),
		Attention: q.Get("attention") != "", FollowUp: q.Get("follow_up") != "",
		DueFrom: filterDay(q.Get("due_from")), DueUntil: filterDay(q.Get("due_until")), From: filterDay(q.Get("from")), Until: filterDay(q.Get("until")),
		Search: strings.TrimSpace(q.Get("q")), Sort: oneOf([]Sort{SortReceived}, Sort(q.Get("sort"))),
		After: q.Get("after"), Before: q.Get("before"),
	}
	if f.View == "" {
		f.View = ViewOpen
	}
	if len(f.Search) > MaxSearch {
		f.Search = strings.ToValidUTF8(f.Search[:MaxSearch], "")
	}
	return f
}

// Query is the query string of the filter, "" for the queue as it begins.
func (f Filter) Query() string {
	q := url.Values{}
	for _, x := range []struct{ name, value string }{
		{"kind", string(f.Kind)}, {"law", f.Law}, {"state", string(f.State)}, {"who", f.Assignee}, {"channel", string(f.Channel)},
		{"lang", string(f.Lang)}, {"waits", f.Waits}, {"attention", flag(f.Attention)}, {"follow_up", flag(f.FollowUp)},
		{"due_from", f.DueFrom}, {"due_until", f.DueUntil}, {"from", f.From}, {"until", f.Until}, {"q", f.Search},
		{"sort", string(f.Sort)}, {"after", f.After}, {"before", f.Before},
	} {
		if x.value != "" {
			q.Set(x.name, x.value)
		}
	}
	if f.View != "" && f.View != ViewOpen {
		q.Set("view", string(f.View))
	}
	return q.Encode()
}

// First is the filter's first page.
func (f Filter) First() Filter {
	f.After, f.Before = "", ""
	return f
}

// Narrow says that the filter leaves something of its view out.
func (f Filter) Narrow() bool {
	return f.First() != Filter{View: f.View, Sort: f.Sort}
}

// Kept is what a saved view keeps of a filter: neither the page nor what was
// looked for, which may name a person.
func (f Filter) Kept() Filter {
	f = f.First()
	f.Search = ""
	return f
}

func oneOf[T comparable](all []T, v T) (out T) {
	if slices.Contains(all, v) {
		return v
	}
	return out
}

// lawCode keeps what can be the code of a law.
func lawCode(s string) string {
	ok := func(c rune) bool { return c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }
	if len(s) > 16 || strings.ContainsFunc(s, func(c rune) bool { return !ok(c) }) {
		return ""
	}
	return s
}

func assigneeOf(s string) string {
	if s == AssigneeMe || s == AssigneeNobody {
		return s
	}
	if id, err := uuid.Parse(s); err == nil {
		return id.String()
	}
	return ""
}

func filterDay(s string) string {
	if _, ok := parseDay(s); !ok {
		return ""
	}
	return s
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// dayAfter is where a range of days ends.
func dayAfter(s string) time.Time {
	t, _ := parseDay(s) // a filter holds only days
	return t.AddDate(0, 0, 1)
}

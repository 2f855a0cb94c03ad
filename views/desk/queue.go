package desk

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// QueuePage is the queue under one filter.
type QueuePage struct {
	Filter privacy.Filter
	Page   privacy.Page
	Laws   []string       // law codes to filter by
	People []staff.Member // who works here
	Form   Form           // what was wrong with a form of the page
}

// QueueAddress is the queue under a filter; every view is a link.
func QueueAddress(f privacy.Filter) string {
	if q := f.Query(); q != "" {
		return link.Desk + "?" + q
	}
	return link.Desk
}

func inView(f privacy.Filter, v privacy.View) string {
	f = f.First()
	f.View = v
	return QueueAddress(f)
}

func nextPage(f privacy.Filter, after string) string {
	f = f.First()
	f.After = after
	return QueueAddress(f)
}

func pageBefore(f privacy.Filter, before string) string {
	f = f.First()
	f.Before = before
	return QueueAddress(f)
}

func sorted(f privacy.Filter, by privacy.Sort) string {
	f = f.First()
	f.Sort = by
	return QueueAddress(f)
}

func searchAll(f privacy.Filter) string {
	return QueueAddress(privacy.Filter{View: privacy.ViewOpen, Search: f.Search})
}

func searchClosed(f privacy.Filter) string {
	return QueueAddress(privacy.Filter{View: privacy.ViewClosed, Search: f.Search})
}

func (q QueuePage) first() bool { return q.Filter.After == "" && q.Filter.Before == "" }

// further says that a filter is set that the bar shows on demand only.
func (q QueuePage) further() bool {
	f := q.Filter.First()
	f.View, f.Kind, f.Law, f.Assignee, f.Search = "", "", "", "", ""
	return f != privacy.Filter{}
}

// assignable are the members who can be given a request, but for the reader.
func (q QueuePage) assignable(me staff.Member) (out []ui.Option) {
	for _, m := range q.People {
		if privacy.Assignable(m) && m.ID != me.ID {
			out = append(out, ui.Option{Value: m.ID.String(), Label: m.Name})
		}
	}
	return out
}

// capped writes a count that the queue stops counting at.
func capped(ctx context.Context, n int64) string {
	if n >= privacy.CountCap {
		return lang.Number(ctx, privacy.CountCap) + "+"
	}
	return lang.Number(ctx, n)
}

// shown tells how many rows the page has, and of how many where that is known.
func (q QueuePage) shown(ctx context.Context) string {
	n := lang.Number(ctx, int64(len(q.Page.Rows)))
	if q.Filter.Narrow() {
		return lang.T(ctx, "queue.shown", "N", n)
	}
	return lang.T(ctx, "desk.queue.shown", "N", n, "All", capped(ctx, q.Page.Counts[q.Filter.View]))
}

// nav is the entry of the rail that shows as current.
func (q QueuePage) nav() string {
	if q.Filter.Narrow() {
		return "queue"
	}
	switch q.Filter.View {
	case privacy.ViewMine, privacy.ViewApprovals:
		return string(q.Filter.View)
	}
	return "queue"
}

// kindIcons are the pictures of all rights, drawn once a page; a row only names
// its own.
var kindIcons = func() string {
	var b strings.Builder
	b.WriteString(`<svg hidden aria-hidden="true" focusable="false">`)
	for _, k := range privacy.AllKinds {
		var one bytes.Buffer
		if err := kindIcon(k).Render(context.Background(), &one); err != nil {
			panic(err) // into memory: cannot fail
		}
		b.WriteString(strings.NewReplacer(`<svg class="i"`, `<symbol id="k-`+string(k)+`"`, ` width="20" height="20"`, "", ` aria-hidden="true" focusable="false"`, "", "</svg>", "</symbol>").Replace(one.String()))
	}
	return b.String() + "</svg>"
}()

// knownPeople are the members to filter by: who works here, and the one that
// the filter has.
func (q QueuePage) knownPeople() (out []ui.Option) {
	for _, m := range q.People {
		if privacy.Assignable(m) {
			out = append(out, ui.Option{Value: m.ID.String(), Label: m.Name})
		}
	}
	if a := q.Filter.Assignee; a != "" && a != privacy.AssigneeMe && a != privacy.AssigneeNobody &&
		!slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == a }) {
		out = append(out, ui.Option{Value: a, Label: a[:8]})
	}
	return out
}

// BulkPage is what became of several requests.
type BulkPage struct {
	privacy.Bulk
	Result string
	Back   string
}

// CSVHead and CSVRow are the queue as a table.
func CSVHead(ctx context.Context) []string {
	head := []string{"reference", "right", "status", "person", "email", "country", "law", "language", "channel", "received", "due", "closed", "assigned", "follow_up"}
	for i, h := range head {
		head[i] = lang.T(ctx, "queue.csv."+h)
	}
	return head
}

// CSVRow is one request of it; times are UTC.
func CSVRow(ctx context.Context, now time.Time, r privacy.QueueRow) []string {
	at := func(t *time.Time, layout string) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format(layout)
	}
	return []string{string(r.Ref), lang.T(ctx, "desk.kind."+string(r.Kind)), lang.T(ctx, RowMark(r).Key), personName(ctx, r.Request), r.Email, r.Country, r.Law,
		string(r.Lang), lang.T(ctx, "channel."+string(r.Channel)), at(&r.ReceivedAt, time.RFC3339), at(&r.DueAt, time.RFC3339), at(r.ClosedAt, time.RFC3339),
		r.AssigneeName, at(r.FollowUp, time.DateOnly)}
}

// PresenceWords says who else has a case open, in one line; "" for nobody.
func PresenceWords(ctx context.Context, here []privacy.Presence) string {
	words := make([]string, len(here))
	for i, p := range here {
		if m := int64(p.For.Minutes()); m > 0 {
			words[i] = lang.N(ctx, "queue.here.since", m, "Name", p.Name)
		} else {
			words[i] = lang.T(ctx, "queue.here.now", "Name", p.Name)
		}
	}
	return strings.Join(words, " ")
}

// viewName and viewError are a saved view's field as it was sent, or as it stands.
func viewName(v privacy.SavedView, form Form, sent bool) string {
	if sent {
		return form.Value("name")
	}
	return v.Name
}

func viewError(ctx context.Context, form Form, sent bool) string {
	if !sent {
		return ""
	}
	return form.err(ctx, "name")
}

// seen is the version that the form which was sent had been made from.
func (p CasePage) seen() int64 {
	n, _ := strconv.ParseInt(p.Form.Value("seen"), 10, 64) // none is before everything
	return n
}

// wrongName ties a saved view's field to what is wrong with it.
func wrongName(v privacy.SavedView, form Form, sent bool) templ.OrderedAttributes {
	if !sent || !form.Wrong("name") {
		return nil
	}
	return templ.OrderedAttributes{{Key: "aria-invalid", Value: "true"}, {Key: "aria-describedby", Value: "n-" + v.ID.String() + "-e"}}
}

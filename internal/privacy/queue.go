package privacy

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// The queue is the one query that is put together here and not in a file of
// queries: each view must stay a range of one index, which a single statement
// with optional conditions does not give. Fragments are constants; every value
// is a parameter.

const queueColumns = `r.id, r.ref, r.kind, r.state, coalesce(r.outcome, ''), r.relation, r.name, r.email, r.country, r.lang, r.law, r.channel,
	CASE r.relation WHEN 'recipient' THEN coalesce(r.answers->>'business', '') ELSE '' END,
	CASE r.relation WHEN 'organization' THEN coalesce(r.answers->>'organization', '') ELSE '' END,
	r.received_at, r.due_at, r.closed_at, r.assignee, r.follow_up, r.paused_at, r.store_down_at, r.attention,
	r.needs_staff, r.needs_person, r.proposed AND r.state = 'in_review'`

// How a filtered page is looked for. A filter that lets much through is met soon
// when a view is read in its order; one that lets little through is a short list
// out of the index of all filters. Nobody knows before which it is, so the first
// is tried for a while.
const (
	glance  = 4_000  // rows of the view that are looked at in their order
	listing = 20_000 // the longest list that is sorted
)

// Queue gives one page of a view, and how many rows each view has (counted up to
// CountCap). What is open comes most urgent first, what is closed newest first.
func (o *Office) Queue(ctx context.Context, by staff.Member, f Filter) (Page, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return Page{}, err
	}
	rows, err := o.queueRows(ctx, by, f, PageSize+1)
	if err != nil {
		return Page{}, err
	}
	page := f.order().paged(rows, f)
	page.Counts, err = o.Counts(ctx, by)
	return page, err
}

// queueRows reads a filter's rows from its cursor on, n at most.
func (o *Office) queueRows(ctx context.Context, by staff.Member, f Filter, n int) ([]QueueRow, error) {
	now := o.now()
	q, err := ask(f, now, by.ID, false)
	if err != nil {
		return nil, err
	}
	listed, err := ask(f, now, by.ID, true)
	if err != nil {
		return nil, err
	}
	rows, err := o.read(ctx, q, listed, n)
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	names, err := o.names(ctx)
	for i := range rows {
		if a := rows[i].Assignee; a != nil {
			rows[i].AssigneeName = names[*a]
		}
	}
	return rows, err
}

func (o *Office) read(ctx context.Context, q, listed question, n int) ([]QueueRow, error) {
	if q.whole() {
		return collect(o.db.Query(ctx, q.inOrder(n, 0), q.args...))
	}
	// A plan for these values: what a filter lets through decides how it is read.
	args := append([]any{pgx.QueryExecModeCacheDescribe}, q.args...)
	if q.search == "" {
		rows, err := collect(o.db.Query(ctx, q.inOrder(n, glance), args...))
		if err != nil || len(rows) == n {
			return rows, err
		}
	}
	rows, whole, err := o.readList(ctx, listed, n)
	if err != nil || whole {
		return rows, err
	}
	return collect(o.db.Query(ctx, q.inOrder(n, 0), args...))
}

// readList sorts all that a filter lets through; whole is false when that is
// too much to sort.
func (o *Office) readList(ctx context.Context, q question, n int) (rows []QueueRow, whole bool, err error) {
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
		found := int64(0)
		list, err := tx.Query(ctx, q.fromList(n), append([]any{pgx.QueryExecModeCacheDescribe}, q.args...)...)
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(list, func(row pgx.CollectableRow) (QueueRow, error) { return scanQueueRow(row, &found) })
		whole = found <= listing
		return err
	})
	return rows, whole, err
}

// inOrder reads the view in its order, and no more than so many rows of it if
// there is a limit.
func (q question) inOrder(n, limit int) string {
	sorted := " ORDER BY r." + q.order.by + " " + q.dir() + ", r.id " + q.dir() + " LIMIT "
	if limit == 0 {
		return "SELECT " + queueColumns + " FROM requests r WHERE " + q.where() + sorted + strconv.Itoa(n)
	}
	return "SELECT " + queueColumns + " FROM (SELECT * FROM requests r WHERE " + q.scope + sorted + strconv.Itoa(limit) + ") r WHERE " +
		q.rest() + sorted + strconv.Itoa(n)
}

// fromList takes what the filter lets through out of the indexes, then sorts it.
func (q question) fromList(n int) string {
	sorted := " ORDER BY at " + q.dir() + ", id " + q.dir()
	return "WITH list AS MATERIALIZED (SELECT r.id, r." + q.order.by + " AS at FROM requests r WHERE " + q.where() + " LIMIT " + strconv.Itoa(listing+1) + "), " +
		"page AS (SELECT * FROM list" + sorted + " LIMIT " + strconv.Itoa(n) + ") " +
		"SELECT " + queueColumns + ", (SELECT count(*) FROM list) FROM page JOIN requests r USING (id) ORDER BY page.at " + q.dir() + ", page.id " + q.dir()
}

func collect(rows pgx.Rows, err error) ([]QueueRow, error) {
	if err != nil {
		return nil, err
	}
	return pgx.AppendRows(make([]QueueRow, 0, PageSize+1), rows, func(row pgx.CollectableRow) (QueueRow, error) { return scanQueueRow(row) })
}

// scanQueueRow reads plain types: a page has a thousand values.
func scanQueueRow(row pgx.CollectableRow, more ...any) (q QueueRow, err error) {
	var id, assignee pgtype.UUID
	r, a := &q.Request, &q.Answers
	err = row.Scan(append([]any{&id, (*string)(&r.Ref), (*string)(&r.Kind), (*string)(&r.State), (*string)(&r.Outcome), (*string)(&r.Relation), &r.Name, &r.Email, &r.Country,
		(*string)(&r.Lang), &r.Law, (*string)(&r.Channel), &a.Business, &a.Organization, &r.ReceivedAt, &r.DueAt, &r.ClosedAt, &assignee, &r.FollowUp, &r.PausedAt,
		&r.StoreDownAt, &r.Attention, &q.NeedsAction, &q.Waiting, &q.Approval}, more...)...)
	r.ID = id.Bytes
	if assignee.Valid {
		who := uuid.UUID(assignee.Bytes)
		r.Assignee = &who
	}
	if !lang.Known(r.Lang) {
		r.Lang = lang.English
	}
	return q, err
}

// question is a filter as conditions.
type question struct {
	args   []any
	scope  string // the view, from the cursor on, and ranges of what it is sorted by
	listed bool   // by the index of all filters, not column by column
	facets []string
	more   []string // other conditions
	search string
	order  order
	back   bool
}

func ask(f Filter, now time.Time, me uuid.UUID, listed bool) (question, error) {
	q := question{order: f.order(), back: f.Before != "", listed: listed}
	q.scope = q.view(f.View, now, me)
	if c := f.After + f.Before; c != "" {
		at, id, err := q.order.parse(c)
		if err != nil {
			return q, fault.New(fault.Invalid, "error.cursor")
		}
		q.scope += " AND (r." + q.order.by + ", r.id) " + q.order.beyond(q.back) + " (" + q.arg(at) + ", " + q.arg(id) + ")"
	}
	q.between("due_at", f.DueFrom, f.DueUntil)
	q.between("received_at", f.From, f.Until)
	q.facet("kind", string(f.Kind))
	q.facet("law", f.Law)
	q.facet("state", string(f.State))
	q.facet("channel", string(f.Channel))
	q.facet("lang", string(f.Lang))
	q.assignee(f.Assignee, me)
	switch f.Waits {
	case WaitsPerson:
		q.mark("person", "r.needs_person")
	case WaitsPaused:
		q.mark("paused", "r.paused_at IS NOT NULL")
	case WaitsSecond:
		q.more = append(q.more, "(r.proposed AND r.state = 'in_review')")
	}
	if f.Attention {
		q.mark("attention", "r.attention <> ''")
	}
	if f.FollowUp {
		q.more = append(q.more, "r.follow_up <= "+q.arg(now.UTC().Format(time.DateOnly))+"::date")
	}
	if len(q.facets) > 0 {
		q.more = append(q.more, queueFacets+" @> "+q.arg(q.facets)+"::text[]")
	}
	if f.Search != "" {
		q.search = q.lookup(f.Search)
	}
	return q, nil
}

// view is the rows that a view has.
func (q *question) view(v View, now time.Time, me uuid.UUID) string {
	switch v {
	case ViewAction:
		return "r.queued AND r.needs_staff"
	case ViewOverdue:
		return "r.queued AND r.due_at < " + q.arg(now)
	case ViewSoon:
		return "r.queued AND r.due_at >= " + q.arg(now) + " AND r.due_at < " + q.arg(now.AddDate(0, 0, 7))
	case ViewApprovals:
		return "r.queued AND r.proposed AND r.state = 'in_review'"
	case ViewWaiting:
		return "r.queued AND r.needs_person"
	case ViewUnassigned:
		return "r.queued AND r.assignee IS NULL"
	case ViewMine:
		return "r.queued AND r.assignee = " + q.arg(me)
	case ViewClosed:
		return "r.state IN ('closed', 'rejected')"
	}
	return "r.queued"
}

// queueFacets is what requests_facets holds of a row, written as there.
const queueFacets = `(ARRAY['kind:' || r.kind, 'law:' || r.law, 'state:' || r.state, 'assignee:' || coalesce(r.assignee::text, 'nobody'), 'channel:' || r.channel, 'lang:' || r.lang,
	CASE WHEN r.attention <> '' THEN 'attention' ELSE '' END, CASE WHEN r.needs_person THEN 'person' ELSE '' END, CASE WHEN r.paused_at IS NOT NULL THEN 'paused' ELSE '' END])`

func (q *question) facet(name, value string) {
	switch {
	case value == "":
	case q.listed:
		q.facets = append(q.facets, name+":"+value)
	default:
		q.more = append(q.more, "r."+name+" = "+q.arg(value))
	}
}

// mark is a filter that is either set or not.
func (q *question) mark(facet, condition string) {
	if q.listed {
		q.facets = append(q.facets, facet)
	} else {
		q.more = append(q.more, condition)
	}
}

func (q *question) assignee(who string, me uuid.UUID) {
	switch who {
	case "":
		return
	case AssigneeMe:
		who = me.String()
	case AssigneeNobody:
		q.mark("assignee:nobody", "r.assignee IS NULL")
		return
	}
	if q.listed {
		q.facet("assignee", who)
	} else {
		q.more = append(q.more, "r.assignee = "+q.arg(who)+"::uuid")
	}
}

// between adds a range of days: to the scope, which stays a range of one index,
// if the view is sorted by that column.
func (q *question) between(column, from, until string) {
	add := func(c string) {
		if column == q.order.by {
			q.scope += " AND " + c
		} else {
			q.more = append(q.more, c)
		}
	}
	if from != "" {
		at, _ := parseDay(from) // a filter holds only days
		add("r." + column + " >= " + q.arg(at))
	}
	if until != "" {
		add("r." + column + " < " + q.arg(dayAfter(until)))
	}
}

func (q *question) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q question) dir() string { return q.order.dir(q.back) }

// whole says that nothing of the scope is left out.
func (q question) whole() bool { return len(q.more) == 0 && q.search == "" }

func (q question) rest() string {
	s := "true"
	for _, c := range q.more {
		s += " AND " + c
	}
	if q.search != "" {
		s += " AND " + q.search
	}
	return s
}

func (q question) where() string {
	if q.whole() {
		return q.scope
	}
	return q.scope + " AND " + q.rest()
}

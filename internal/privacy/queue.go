package privacy

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// The queue is the one query that is put together here and not in queries.sql:
// each view must stay a range of one index, which a single statement with
// optional conditions does not give. Fragments are constants; every value is a
// parameter.
const (
	open     = "r.state NOT IN ('received', 'closed', 'rejected', 'lapsed')"
	proposed = `EXISTS (SELECT FROM proposals p WHERE p.request_id = r.id AND p.decision IS NULL AND p.prepared_at IS NOT NULL)`
	// waiting is the person's turn: a deletion that is proposed and not confirmed.
	waiting = `(r.kind = 'deletion' AND r.confirmed_at IS NULL AND (r.state = 'approved' OR (r.state = 'in_review' AND ` + proposed + `)))`
	action  = `(r.state = 'verified' OR r.state = 'in_review' OR r.attention <> '')`
)

var views = map[View]string{
	ViewOpen:       open,
	ViewAction:     open + " AND " + action,
	ViewOverdue:    open + " AND r.due_at < $1",
	ViewSoon:       open + " AND r.due_at >= $1 AND r.due_at < $1 + interval '7 days'",
	ViewApprovals:  "r.state = 'in_review' AND " + proposed,
	ViewWaiting:    open + " AND " + waiting,
	ViewUnassigned: open + " AND r.assignee IS NULL",
	ViewMine:       open + " AND r.assignee = $2",
	ViewClosed:     "r.state IN ('closed', 'rejected')",
}

// order is what a view sorts by, the id breaking ties.
type order struct{ by, beyond, direction string }

var (
	byDue    = order{by: "due_at", beyond: ">", direction: "ASC"}
	byClosed = order{by: "closed_at", beyond: "<", direction: "DESC"}
)

func (v View) order() order {
	if v == ViewClosed {
		return byClosed
	}
	return byDue
}

// Queue gives one page of a view, and how many rows each view has (counted up to
// CountCap). What is open comes most urgent first, what is closed newest first.
func (o *Office) Queue(ctx context.Context, by staff.Member, f Filter) (Page, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return Page{}, err
	}
	if _, ok := views[f.View]; !ok {
		f.View = ViewOpen
	}
	order := f.View.order()
	args := []any{o.now(), by.ID}
	where, err := conditions(f, &args)
	if err != nil {
		return Page{}, err
	}
	rows, err := o.db.Query(ctx, `SELECT r.id, r.ref, r.kind, r.state, coalesce(r.outcome, ''), r.relation, r.name, r.email, r.country, r.lang, r.law,
			r.received_at, r.verified_at, r.due_at, r.closed_at, r.assignee, coalesce(m.name, ''), r.confirmed_at, r.runs_at, r.store_down_at, r.attention,
			`+action+`, `+waiting+`, r.state = 'in_review' AND `+proposed+`
		FROM requests r LEFT JOIN staff_members m ON m.id = r.assignee
		WHERE $1::timestamptz IS NOT NULL AND $2::uuid IS NOT NULL AND `+where+`
		ORDER BY r.`+order.by+` `+order.direction+`, r.id `+order.direction+` LIMIT `+strconv.Itoa(PageSize+1), args...)
	if err != nil {
		return Page{}, fmt.Errorf("read the queue: %w", err)
	}
	page := Page{}
	page.Rows, err = pgx.CollectRows(rows, scanQueueRow)
	if err != nil {
		return Page{}, fmt.Errorf("read the queue: %w", err)
	}
	if len(page.Rows) > PageSize {
		page.Rows = page.Rows[:PageSize]
		page.Next = order.cursor(page.Rows[PageSize-1].Request)
	}
	page.Counts, err = o.Counts(ctx, by)
	return page, err
}

func conditions(f Filter, args *[]any) (string, error) {
	where := views[f.View]
	arg := func(v any) string { *args = append(*args, v); return "$" + strconv.Itoa(len(*args)) }
	if f.Kind != "" {
		where += " AND r.kind = " + arg(string(f.Kind))
	}
	if f.Law != "" {
		where += " AND r.law = " + arg(f.Law)
	}
	if s := strings.TrimSpace(f.Search); s != "" {
		prefix := likePrefix(s)
		where += " AND (r.ref = " + arg(strings.ToUpper(s)) +
			" OR lower(r.name) LIKE " + arg(strings.ToLower(prefix)) +
			" OR r.email LIKE " + arg(strings.ToLower(prefix)) +
			" OR (r.phone <> '' AND r.phone LIKE " + arg(likePrefix(phonePrefix(s))) + "))"
	}
	if f.After != "" {
		order := f.View.order()
		at, id, err := order.parse(f.After)
		if err != nil {
			return "", fault.New(fault.Invalid, "error.cursor")
		}
		where += " AND (r." + order.by + ", r.id) " + order.beyond + " (" + arg(at) + ", " + arg(id) + ")"
	}
	return where, nil
}

// likePrefix makes a LIKE pattern that matches the text itself as a prefix.
func likePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}

// phonePrefix keeps what a number consists of; a text that is no number gives
// one that no stored number begins with.
func phonePrefix(s string) string {
	var b strings.Builder
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9', c == '+' && i == 0:
			b.WriteRune(c)
		case strings.ContainsRune(" -()./", c):
		default:
			return "-"
		}
	}
	if b.Len() < 3 {
		return "-"
	}
	return b.String()
}

func scanQueueRow(row pgx.CollectableRow) (QueueRow, error) {
	var q QueueRow
	var outcome string
	err := row.Scan(&q.ID, &q.Ref, &q.Kind, &q.State, &outcome, &q.Relation, &q.Name, &q.Email, &q.Country, (*string)(&q.Lang), &q.Law,
		&q.ReceivedAt, &q.VerifiedAt, &q.DueAt, &q.ClosedAt, &q.Assignee, &q.AssigneeName, &q.ConfirmedAt, &q.RunsAt, &q.StoreDownAt, &q.Attention,
		&q.NeedsAction, &q.Waiting, &q.Approval)
	q.Outcome = Outcome(outcome)
	if !lang.Known(q.Lang) {
		q.Lang = lang.English
	}
	return q, err
}

// cursor says where the next page begins, and in which order: a place in one
// order is no place in the other.
func (o order) cursor(r Request) string {
	at := r.DueAt
	if o == byClosed {
		at = *r.ClosedAt // the view has no request without one
	}
	return base64.RawURLEncoding.EncodeToString([]byte(o.by + "|" + at.UTC().Format(time.RFC3339Nano) + "|" + r.ID.String()))
}

func (o order) parse(s string) (time.Time, uuid.UUID, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, uuid.Nil, err
	}
	parts := strings.Split(string(b), "|")
	if len(parts) != 3 || parts[0] != o.by {
		return time.Time{}, uuid.Nil, errors.New("not a cursor of this view")
	}
	at, err := time.Parse(time.RFC3339Nano, parts[1])
	if err != nil {
		return time.Time{}, uuid.Nil, err
	}
	id, err := uuid.Parse(parts[2])
	return at, id, err
}

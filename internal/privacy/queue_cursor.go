package privacy

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// order is what a view is sorted by; the id breaks ties.
type order struct {
	by   string
	desc bool
}

var (
	byDue      = order{by: "due_at"}
	byClosed   = order{by: "closed_at", desc: true}
	byReceived = order{by: "received_at", desc: true}
)

func (f Filter) order() order {
	switch {
	case f.Sort == SortReceived:
		return byReceived
	case f.View == ViewClosed:
		return byClosed
	}
	return byDue
}

// beyond compares with a place in the order, and dir sorts from there, forward
// or back.
func (o order) beyond(back bool) string {
	if o.desc != back {
		return "<"
	}
	return ">"
}

func (o order) dir(back bool) string {
	if o.desc != back {
		return "DESC"
	}
	return "ASC"
}

// cursor says where a page begins or ends, and in which order: a place in one
// order is no place in the other.
func (o order) cursor(r Request) string {
	at := r.DueAt
	switch o {
	case byClosed:
		at = *r.ClosedAt // the view has no request without one
	case byReceived:
		at = r.ReceivedAt
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

// paged makes a page of rows that were read forward or back from a cursor, one
// more than the page shows if there is one.
func (o order) paged(rows []QueueRow, f Filter) Page {
	more, back := len(rows) > PageSize, f.Before != ""
	if more {
		rows = rows[:PageSize]
	}
	if back {
		slices.Reverse(rows)
	}
	p := Page{Rows: rows}
	if len(rows) == 0 {
		return p
	}
	if back || more {
		p.Next = o.cursor(rows[len(rows)-1].Request)
	}
	if back && more || f.After != "" {
		p.Prev = o.cursor(rows[0].Request)
	}
	return p
}

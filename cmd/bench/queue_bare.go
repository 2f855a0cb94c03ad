package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

// bareSQL is a page of the queue as somebody would write it who has nothing
// else in mind; it has the columns and the index that ours has.
const bareSQL = `SELECT id, ref, kind, state, coalesce(outcome, ''), relation, name, email, country, lang, law, channel,
	CASE relation WHEN 'recipient' THEN coalesce(answers->>'business', '') ELSE '' END,
	CASE relation WHEN 'organization' THEN coalesce(answers->>'organization', '') ELSE '' END,
	received_at, due_at, closed_at, assignee, follow_up, paused_at, store_down_at, attention, needs_staff, needs_person, proposed AND state = 'in_review'
FROM requests WHERE queued AND (due_at, id) > (%s, %s) ORDER BY due_at, id LIMIT 51`

type bareRow struct {
	Ref, Name, Kind, State string
	Due                    time.Time
}

// serveBareQueue is the yardstick: echo, one query, a templ page. It asks
// nobody who they are.
func serveBareQueue(ctx context.Context, t task) (outcome, error) {
	db, err := pg.Open(ctx, t.Database)
	if err != nil {
		return outcome{}, err
	}
	defer db.Close()
	sql := fmt.Sprintf(bareSQL, "$1::timestamptz", "$2::uuid")
	e := echo.New()
	e.GET("/*", func(c echo.Context) error {
		at, id := c.QueryParam("at"), c.QueryParam("id")
		rows, err := db.Query(c.Request().Context(), sql, at, id)
		if err != nil {
			return err
		}
		page, err := pgx.CollectRows(rows, bareScan)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := barePage(page).Render(c.Request().Context(), &b); err != nil {
			return err
		}
		c.Response().Header().Set("Content-Length", strconv.Itoa(b.Len()))
		return c.HTMLBlob(http.StatusOK, b.Bytes())
	})
	return outcome{}, process.Serve(ctx, t.Address, e)
}

// bareScan takes what the page shows; the other columns travel all the same.
func bareScan(row pgx.CollectableRow) (r bareRow, err error) {
	dst := make([]any, 25)
	dst[1], dst[2], dst[3], dst[6], dst[15] = &r.Ref, &r.Kind, &r.State, &r.Name, &r.Due
	return r, row.Scan(dst...)
}

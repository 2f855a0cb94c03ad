package privacy

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// YearOf is what happened to the requests of one sort that came in during a
// year, as 11 CCR § 7102(a) counts them. Catalogue: "desk.year.sort.<sort>".
type YearOf struct {
	Sort        string // know, delete, correct, limit, opt_out, other
	Received    int64
	Whole       int64 // complied with in whole, also where nothing was held
	Part        int64 // some of it was refused
	Denied      int64
	Unproved    int64 // of them, because nobody could tell who asked
	TakenBack   int64 // by whoever asked
	Unconfirmed int64 // the mailed link was never opened
	Open        int64 // not answered yet
	Median      float64
	Mean        float64 // days from receipt to the answer
}

// sorts groups kinds as the regulation names rights.
const sorts = `CASE r.kind WHEN 'access' THEN 'know' WHEN 'portability' THEN 'know' WHEN 'deletion' THEN 'delete' WHEN 'correction' THEN 'correct'
	WHEN 'restriction' THEN 'limit' WHEN 'opt_out' THEN 'opt_out' WHEN 'objection' THEN 'opt_out' WHEN 'withdrawal' THEN 'opt_out' ELSE 'other' END`

// AllLaws asks Year for the requests of everybody.
const AllLaws = ""

// Year counts the requests that came in during a calendar year under a law, or
// under any. A company that handles the data of ten million Californians must
// publish these for the year before by 1 July (11 CCR § 7102).
func (o *Office) Year(ctx context.Context, by staff.Member, year int, law string) ([]YearOf, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return nil, err
	}
	if year < 2000 || year > o.now().Year() {
		return nil, fault.New(fault.Invalid, "error.year")
	}
	from := time.Date(year, 1, 1, 0, 0, 0, 0, o.now().Location())
	const part = "coalesce(jsonb_array_length(c.chosen->'refusals'), 0) > 0"
	rows, err := o.db.Query(ctx, `SELECT `+sorts+`, count(*),
			count(*) FILTER (WHERE r.state IN ('ready', 'closed') AND r.outcome IS DISTINCT FROM 'withdrawn' AND NOT `+part+`),
			count(*) FILTER (WHERE r.state IN ('ready', 'closed') AND r.outcome IS DISTINCT FROM 'withdrawn' AND `+part+`),
			count(*) FILTER (WHERE r.state = 'rejected'), count(*) FILTER (WHERE r.state = 'rejected' AND r.refusal_code = 'ID_NOT_VERIFIED'),
			count(*) FILTER (WHERE r.outcome = 'withdrawn'), count(*) FILTER (WHERE r.state = 'lapsed'),
			count(*) FILTER (WHERE r.state NOT IN ('ready', 'closed', 'rejected', 'lapsed')),
			coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY `+took+`) FILTER (WHERE `+answered+`), 0),
			coalesce(avg(`+took+`) FILTER (WHERE `+answered+`), 0)
		FROM requests r LEFT JOIN LATERAL (SELECT c.chosen FROM choices c WHERE c.request_id = r.id ORDER BY c.version DESC LIMIT 1) c ON true
		WHERE r.received_at >= $1 AND r.received_at < $2 AND ($3 = '' OR r.law = $3) AND r.kind NOT IN ('restriction_lift', 'appeal', 'complaint')
			AND r.outcome IS DISTINCT FROM 'duplicate' -- what was asked twice was asked once
		GROUP BY 1`, from, from.AddDate(1, 0, 0), law)
	if err != nil {
		return nil, fmt.Errorf("count a year: %w", err)
	}
	counted := map[string]YearOf{}
	if _, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (y YearOf, err error) {
		err = row.Scan(&y.Sort, &y.Received, &y.Whole, &y.Part, &y.Denied, &y.Unproved, &y.TakenBack, &y.Unconfirmed, &y.Open, &y.Median, &y.Mean)
		counted[y.Sort] = y
		return y, err
	}); err != nil {
		return nil, fmt.Errorf("count a year: %w", err)
	}
	var all []YearOf
	for _, sort := range []string{"know", "delete", "correct", "opt_out", "limit", "other"} {
		y := counted[sort] // a zero says something too
		y.Sort = sort
		all = append(all, y)
	}
	return all, nil
}

// WriteYear writes a year as CSV; title gives the words of a column and of a sort.
func WriteYear(w io.Writer, all []YearOf, title func(string) string) error {
	out := csv.NewWriter(w)
	var head []string
	for _, column := range []string{"sort", "received", "whole", "part", "denied", "unproved", "taken_back", "unconfirmed", "open", "median", "mean"} {
		head = append(head, title(column))
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, y := range all {
		row := []string{title("sort." + y.Sort)}
		for _, n := range []int64{y.Received, y.Whole, y.Part, y.Denied, y.Unproved, y.TakenBack, y.Unconfirmed, y.Open} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		for _, days := range []float64{y.Median, y.Mean} {
			row = append(row, strconv.FormatFloat(days, 'f', 1, 64))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

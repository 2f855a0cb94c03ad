package desk

import (
	"context"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/chart"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// The heights of the charts, in pixels.
const (
	highChart = 204
	chartHigh = 180
)

// limitDays is the term of most laws that we answer to: a month.
const limitDays = 30

// lawIn names a law by its place: California, Germany.
func lawIn(ctx context.Context, code string) string {
	for _, key := range []string{"place." + code, "place." + strings.TrimPrefix(code, "EU-"), "law.name." + code} {
		if lang.Has(key) {
			return lang.T(ctx, key)
		}
	}
	return code
}

func itoa(n int) string { return strconv.Itoa(n) }

// decimal writes days with one place, in the reader's way; a dash where there
// is nothing to say.
func decimal(ctx context.Context, days float64, any bool) string {
	if !any {
		return "–"
	}
	return lang.Decimal(ctx, days, 1)
}

func daysOf(ctx context.Context, days float64, any bool) string {
	if !any {
		return "–"
	}
	return lang.T(ctx, "desk.dashboard.d", "Days", lang.Decimal(ctx, days, 1))
}

func share(ctx context.Context, part, all int64) string {
	if all == 0 {
		return "–"
	}
	return lang.T(ctx, "desk.dashboard.percent", "N", lang.Decimal(ctx, float64(part*1000/all)/10, 1))
}

func openDelta(ctx context.Context, p privacy.Figures) string {
	switch d := p.Open - p.OpenThen; {
	case d > 0:
		return lang.N(ctx, "desk.dashboard.more", d)
	case d < 0:
		return lang.N(ctx, "desk.dashboard.fewer", -d)
	}
	return lang.T(ctx, "desk.dashboard.as_many")
}

func intervalName(ctx context.Context, p privacy.Figures, i int) string {
	at := p.Intervals[i].From
	if p.Period == privacy.TwelveMonths {
		return lang.T(ctx, "date.month.short."+itoa(int(at.Month())))
	}
	return lang.ShortDate(ctx, at)
}

func intervalColumns(ctx context.Context, p privacy.Figures) chart.Drawing {
	n := len(p.Intervals)
	labels, received, answered := make([]string, n), make([]float64, n), make([]float64, n)
	every := 1 + (n-1)/6
	for i, one := range p.Intervals {
		if i%every == 0 {
			labels[i] = intervalName(ctx, p, i)
		}
		received[i], answered[i] = float64(one.Received), float64(one.Answered)
	}
	return chart.Columns(highChart, labels, chart.Series{Class: "c2", Values: received}, chart.Series{Class: "c1", Values: answered})
}

func intervalWords(ctx context.Context, p privacy.Figures) string {
	var received, answered int64
	for _, one := range p.Intervals {
		received, answered = received+one.Received, answered+one.Answered
	}
	return lang.T(ctx, "desk.dashboard.intervals.words", "Received", lang.Number(ctx, received), "Answered", lang.Number(ctx, answered))
}

func intervalRows(ctx context.Context, p privacy.Figures) (rows [][]string) {
	for i, one := range p.Intervals {
		rows = append(rows, []string{intervalName(ctx, p, i), lang.Number(ctx, one.Received), lang.Number(ctx, one.Answered)})
	}
	return rows
}

func kindBars(ctx context.Context, p privacy.Figures) chart.Drawing {
	var names, words []string
	var values []float64
	for _, k := range p.ByKind {
		names, words, values = append(names, lang.T(ctx, "desk.kind."+string(k.Kind))), append(words, lang.Number(ctx, k.N)), append(values, float64(k.N))
	}
	return chart.Bars(names, words, values)
}

func kindWords(ctx context.Context, p privacy.Figures) string {
	var words []string
	for _, k := range p.ByKind {
		words = append(words, lang.T(ctx, "desk.kind."+string(k.Kind))+" "+lang.Number(ctx, k.N))
	}
	return strings.Join(words, ", ")
}

func stageBars(ctx context.Context, p privacy.Figures) chart.Drawing {
	var names, words []string
	var values []float64
	for _, s := range p.Stages {
		names, words, values = append(names, lang.T(ctx, "desk.stage."+s.Key)), append(words, daysOf(ctx, s.Days, true)), append(values, s.Days)
	}
	return chart.Bars(names, words, values)
}

func stageWords(ctx context.Context, p privacy.Figures) string {
	var words []string
	for _, s := range p.Stages {
		words = append(words, lang.T(ctx, "desk.stage."+s.Key)+" "+daysOf(ctx, s.Days, true))
	}
	return strings.Join(words, ", ")
}

func tookColumns(ctx context.Context, p privacy.Figures) chart.Drawing {
	labels, values := make([]string, len(p.Took)), make([]float64, len(p.Took))
	for i, v := range p.Took {
		if values[i] = float64(v); i%3 == 0 {
			labels[i] = lang.Number(ctx, int64(i*privacy.BinDays))
		}
	}
	d := chart.Columns(chartHigh, labels, chart.Series{Class: "c1", Values: values})
	for i := range d.Rects {
		if i*privacy.BinDays >= limitDays {
			d.Rects[i].Class = "cd"
		}
	}
	d.Mark(limitDays/privacy.BinDays, len(values), lang.T(ctx, "desk.dashboard.limit"))
	return d
}

func tookName(ctx context.Context, i, of int) string {
	from := lang.Number(ctx, int64(i*privacy.BinDays))
	if i == of-1 {
		return lang.T(ctx, "desk.dashboard.or_more", "From", from)
	}
	return lang.T(ctx, "desk.dashboard.from_to", "From", from, "To", lang.Number(ctx, int64((i+1)*privacy.BinDays-1)))
}

func tookWords(ctx context.Context, p privacy.Figures) string {
	var late int64
	for i, v := range p.Took {
		if i*privacy.BinDays >= limitDays {
			late += v
		}
	}
	return lang.T(ctx, "desk.dashboard.took.words", "Median", daysOf(ctx, p.Median, p.Answered > 0), "Late", lang.Number(ctx, late), "All", lang.Number(ctx, p.Answered))
}

func tookRows(ctx context.Context, p privacy.Figures) (rows [][]string) {
	for i, v := range p.Took {
		rows = append(rows, []string{tookName(ctx, i, len(p.Took)), lang.Number(ctx, v)})
	}
	return rows
}

func dueStacks(ctx context.Context, p privacy.Figures) chart.Drawing {
	labels := make([]string, len(p.Due))
	labels[0] = lang.T(ctx, "desk.dashboard.today")
	for i := 7; i < len(labels); i += 7 {
		labels[i] = lang.ShortDate(ctx, p.At.AddDate(0, 0, i))
	}
	return chart.Stacks(chartHigh, p.Due[:], 7, labels)
}

func dueWords(ctx context.Context, p privacy.Figures) string {
	var all, soon int64
	for i, v := range p.Due {
		if all += v; i < 7 {
			soon += v
		}
	}
	return lang.T(ctx, "desk.dashboard.due.words", "All", lang.Number(ctx, all), "Soon", lang.Number(ctx, soon))
}

func dueRows(ctx context.Context, p privacy.Figures) (rows [][]string) {
	for i, v := range p.Due {
		if v > 0 {
			rows = append(rows, []string{lang.ShortDate(ctx, p.At.AddDate(0, 0, i)), lang.Number(ctx, v)})
		}
	}
	return rows
}

// FigureRows is the dashboard as a table: what, which, how many.
func FigureRows(ctx context.Context, p privacy.Figures) [][]string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	d := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	rows := [][]string{
		{lang.T(ctx, "view.open"), "", n(p.Open)}, {lang.T(ctx, "view.overdue"), "", n(p.Overdue)}, {lang.T(ctx, "view.soon"), "", n(p.Soon)},
		{lang.T(ctx, "desk.dashboard.answered"), "", n(p.Answered)}, {lang.T(ctx, "desk.dashboard.in_time"), "", n(p.InTime)}, {lang.T(ctx, "desk.dashboard.median"), "", d(p.Median)},
	}
	for _, one := range p.Intervals {
		at := one.From.Format("2006-01-02")
		rows = append(rows, []string{lang.T(ctx, "desk.dashboard.received"), at, n(one.Received)}, []string{lang.T(ctx, "desk.dashboard.answered"), at, n(one.Answered)})
	}
	for _, k := range p.ByKind {
		rows = append(rows, []string{lang.T(ctx, "desk.dashboard.by_kind"), lang.T(ctx, "desk.kind."+string(k.Kind)), n(k.N)})
	}
	for i, v := range p.Took {
		rows = append(rows, []string{lang.T(ctx, "desk.dashboard.took"), tookName(ctx, i, len(p.Took)), n(v)})
	}
	for i, v := range p.Due {
		rows = append(rows, []string{lang.T(ctx, "desk.dashboard.due30"), p.At.AddDate(0, 0, i).Format("2006-01-02"), n(v)})
	}
	for _, s := range p.Stages {
		rows = append(rows, []string{lang.T(ctx, "desk.dashboard.stages"), lang.T(ctx, "desk.stage."+s.Key), d(s.Days)})
	}
	return rows
}

// yearColumns are the columns of a year's figures. Catalogue: "desk.year.<column>".
var yearColumns = []string{"sort", "received", "whole", "part", "denied", "unproved", "taken_back", "unconfirmed", "open", "median", "mean"}

func yearCells(ctx context.Context, y privacy.YearOf) (cells []string) {
	for _, n := range []int64{y.Received, y.Whole, y.Part, y.Denied, y.Unproved, y.TakenBack, y.Unconfirmed, y.Open} {
		cells = append(cells, lang.Number(ctx, n))
	}
	answered := y.Whole+y.Part+y.Denied > 0
	return append(cells, decimal(ctx, y.Median, answered), decimal(ctx, y.Mean, answered))
}

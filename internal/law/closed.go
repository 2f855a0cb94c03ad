package law

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Closed gives the regime with the operator's own closing days. They pull the
// target forward. They never move what the law says is due: a company that
// shuts its doors does not get more time. A day of the year 0 is one of every
// year.
func (r Regime) Closed(days ...time.Time) Regime {
	closed := slices.Clone(r.closed)
	for _, d := range days {
		closed = append(closed, date(d.Date()))
	}
	r.closed = closed
	return r
}

// Within gives the regime with a rule of the house to answer in so many days,
// such as the 28 that the ICO suggests. It pulls the target forward, and never
// moves what the law says is due.
func (r Regime) Within(days int) Regime {
	r.within = days
	return r
}

func (r Regime) shut(day time.Time) bool {
	_, m, d := day.Date()
	return slices.ContainsFunc(r.closed, func(c time.Time) bool { return c.Equal(day) || c.Equal(date(0, m, d)) })
}

// ReadDays reads closing days: one a line, as 2026-12-24 or, for every year, as
// 12-24. What follows a # is a comment.
func ReadDays(from io.Reader) ([]time.Time, error) {
	var days []time.Time
	lines := bufio.NewScanner(from)
	n := 0
	for lines.Scan() {
		n++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		whole := text
		if len(text) == len("01-02") {
			whole = "0000-" + text // a leap year, so that 29 February is one
		}
		day, err := time.Parse(time.DateOnly, whole)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q is not a day: expected YYYY-MM-DD or MM-DD", n, text)
		}
		days = append(days, day)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return days, nil
}

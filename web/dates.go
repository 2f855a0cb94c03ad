package web

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

var (
	isoDay    = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	dottedDay = regexp.MustCompile(`^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})$`)
	slashDay  = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4})$`)
	namedDay  = regexp.MustCompile(`^(?:(\d{1,2})\.?\s+)?(\pL+)\.?\s+(\d{4})$`)
	justYear  = regexp.MustCompile(`^(\d{4})$`)
)

// readDay reads a day as people write it – "31 March 2026", "March 2026",
// "31.3.2026", "2026-03-31", "2026" – and gives YYYY-MM-DD. Without a day it
// takes the first of the period, or the last if end is set. What it does not
// understand comes back as it was, to be pointed out and shown again. A date
// like 3/4/2026 is not guessed at: half the world reads it the other way round.
func readDay(s string, l lang.Tag, end bool) string {
	s = strings.TrimSpace(s)
	if s == "" || end && strings.EqualFold(s, lang.In(l, "portal.scope.now")) {
		return ""
	}
	n := func(t string) int { i, _ := strconv.Atoi(t); return i } // digits only, by the patterns
	var y, m, d int
	switch {
	case isoDay.MatchString(s):
		x := isoDay.FindStringSubmatch(s)
		y, m, d = n(x[1]), n(x[2]), n(x[3])
	case dottedDay.MatchString(s):
		x := dottedDay.FindStringSubmatch(s)
		y, m, d = n(x[3]), n(x[2]), n(x[1])
	case slashDay.MatchString(s):
		x := slashDay.FindStringSubmatch(s)
		y, m, d = n(x[3]), n(x[2]), n(x[1])
		if m > 12 {
			m, d = d, m
		} else if d <= 12 && m != d {
			return s
		}
	case namedDay.MatchString(s):
		x := namedDay.FindStringSubmatch(s)
		y, m, d = n(x[3]), month(x[2], l), n(x[1])
		if x[1] == "" {
			d = edge(y, m, end)
		}
	case justYear.MatchString(s):
		y, m, d = n(s), 1, 1
		if end {
			m, d = 12, 31
		}
	default:
		return s
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if m < 1 || t.Day() != d || t.Month() != time.Month(m) {
		return s // no such day
	}
	return t.Format(time.DateOnly)
}

// month finds a month by its name, in the page's language or in English.
func month(name string, l lang.Tag) int {
	name = strings.ToLower(name)
	for _, tag := range []lang.Tag{l, lang.English} {
		for m := 1; m <= 12; m++ {
			full := strings.ToLower(lang.In(tag, "date.month."+strconv.Itoa(m)))
			short := strings.ToLower(strings.TrimSuffix(lang.In(tag, "date.month.short."+strconv.Itoa(m)), "."))
			if name == full || name == short {
				return m
			}
		}
	}
	return 0
}

// edge is the first or the last day of a month.
func edge(y, m int, end bool) int {
	if !end {
		return 1
	}
	return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

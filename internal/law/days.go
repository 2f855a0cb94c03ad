package law

import (
	"cmp"
	"slices"
	"time"
)

// A day, in this package, is midnight of its date in UTC: no clock changes
// there. Only at the end does it become an instant of the law's own zone.

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func dayIn(t time.Time, loc *time.Location) time.Time { return date(t.In(loc).Date()) }

// endIn is the last second of the day, in a place.
func endIn(day time.Time, loc *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, loc)
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

func plusDays(day time.Time, n int) time.Time { return day.AddDate(0, 0, n) }

// plusMonths goes to the same day n months later, or to that month's last day.
func plusMonths(day time.Time, n int) time.Time {
	y, m, d := day.Date()
	last := date(y, m+time.Month(n)+1, 0)
	return date(y, m+time.Month(n), min(d, last.Day()))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sooner is the earlier of two days, of which one may be missing.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// span is days that do not count: from the first, up to but without the last.
type span struct{ from, to time.Time }

// away counts the days of the spans together, each once, from a day on.
func away(spans []span, from time.Time) (n int) {
	list := slices.SortedFunc(slices.Values(spans), func(a, b span) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	for _, s := range list {
		first := later(s.from, from)
		if s.to.After(first) {
			n += daysBetween(first, s.to)
			from = s.to
		}
	}
	return n
}

// add counts a period from a day that itself does not count.
func (c *calendar) add(day time.Time, p Period) time.Time {
	switch p.Unit {
	case Months:
		return plusMonths(day, p.N)
	case BusinessDays:
		for n := p.N; n > 0; {
			day = plusDays(day, 1)
			if c.working(day) {
				n--
			}
		}
		return day
	default:
		return plusDays(day, p.N)
	}
}

func (c *calendar) rolled(day time.Time, by Roll) time.Time {
	for by == PastWeekends && !c.working(day) || by == PastSundays && (day.Weekday() == time.Sunday || c.holiday(day)) {
		day = plusDays(day, 1)
	}
	return day
}

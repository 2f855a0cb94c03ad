package law

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
)

// calendar is the holidays of one place. A nil one knows weekends only.
type calendar struct {
	rules []*cal.Holiday
	until int // the last year whose holidays by the moon are known, 0 if there are none
	once  sync.Once
	days  map[time.Time]bool
}

func of(rules ...[]*cal.Holiday) *calendar { return &calendar{rules: slices.Concat(rules...)} }

// known says up to which year the holidays by the moon are in.
func (c *calendar) known(until int) *calendar {
	c.until = until
	return c
}

// The years for which holidays are computed. Others have weekends only, which
// makes dates early and never late.
const firstYear, lastYear = 2000, 2079

// fill computes the days once: some rules of the library write to themselves
// while they run, and must not run twice at the same time.
func (c *calendar) fill() {
	c.days = map[time.Time]bool{}
	for _, h := range c.rules {
		for year := firstYear - 1; year <= lastYear+1; year++ { // an observed day may fall into another year
			actual, observed := h.Calc(year)
			for _, t := range []time.Time{actual, observed} {
				if !t.IsZero() {
					c.days[date(t.Date())] = true
				}
			}
		}
	}
}

func (c *calendar) holiday(day time.Time) bool {
	if c == nil {
		return false
	}
	c.once.Do(c.fill)
	return c.days[day]
}

func (c *calendar) working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !c.holiday(day)
}

// HolidaysKnownUntil is the last year for which the regime's holidays by the
// moon are known; later ones count as working days. Zero if it has none.
func (r Regime) HolidaysKnownUntil() int {
	if c := calendars[r.Calendar]; c != nil {
		return c.until
	}
	return 0
}

const western, orthodox = false, true

// easter makes holidays by their distance from Easter Sunday in days.
func easter(julian bool, offsets ...int) (days []*cal.Holiday) {
	for _, n := range offsets {
		days = append(days, &cal.Holiday{Offset: n, Julian: julian, Func: cal.CalcEasterOffset})
	}
	return days
}

// fixed makes holidays from dates such as "01-06", separated by blanks.
func fixed(dates string) (days []*cal.Holiday) {
	for _, d := range strings.Fields(dates) {
		days = append(days, on("0000-"+d))
	}
	return days
}

// once makes holidays of a single year from dates such as "2022-09-19".
func once(dates string) (days []*cal.Holiday) {
	for _, d := range strings.Fields(dates) {
		h := on(d)
		h.StartYear = int(d[0]-'0')*1000 + int(d[1]-'0')*100 + int(d[2]-'0')*10 + int(d[3]-'0')
		h.EndYear = h.StartYear
		days = append(days, h)
	}
	return days
}

func on(d string) *cal.Holiday {
	month, day := int(d[5]-'0')*10+int(d[6]-'0'), int(d[8]-'0')*10+int(d[9]-'0')
	return &cal.Holiday{Month: time.Month(month), Day: day, Func: cal.CalcDayOfMonth}
}

// since takes holidays from a year on.
func since(year int, days []*cal.Holiday) []*cal.Holiday {
	return each(days, func(h *cal.Holiday) { h.StartYear = year })
}

// sundays moves holidays that fall on a Sunday to Monday, and weekends those
// that fall on a Saturday as well.
func sundays(days []*cal.Holiday) []*cal.Holiday { return observed(days, 0, 1) }

func weekends(days []*cal.Holiday) []*cal.Holiday { return observed(days, 2, 1) }

// observed moves a Saturday and a Sunday by so many days.
func observed(days []*cal.Holiday, saturday, sunday int) []*cal.Holiday {
	return each(days, func(h *cal.Holiday) {
		h.Observed = []cal.AltDay{{Day: time.Saturday, Offset: saturday}, {Day: time.Sunday, Offset: sunday}}
	})
}

// moved keeps the Argentine rule: Tuesday and Wednesday to the Monday before,
// Thursday and Friday to the one after. The day itself is then a working day.
func moved(days []*cal.Holiday) []*cal.Holiday {
	return each(days, func(h *cal.Holiday) {
		h.Func = func(h *cal.Holiday, year int) time.Time {
			d := date(year, h.Month, h.Day)
			return plusDays(d, map[time.Weekday]int{time.Tuesday: -1, time.Wednesday: -2, time.Thursday: 4, time.Friday: 3}[d.Weekday()])
		}
	})
}

func each(days []*cal.Holiday, change func(*cal.Holiday)) (out []*cal.Holiday) {
	for _, h := range days {
		h := *h
		change(&h)
		out = append(out, &h)
	}
	return out
}

func without(days []*cal.Holiday, no ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(days), func(h *cal.Holiday) bool { return slices.Contains(no, h) })
}

// from makes the holiday on the first such weekday on or after a day.
func from(m time.Month, d int, weekday time.Weekday) []*cal.Holiday {
	return []*cal.Holiday{{Month: m, Day: d, Weekday: weekday, Offset: 1, Func: cal.CalcWeekdayFrom}}
}

// after moves holidays by some days.
func after(n int, days []*cal.Holiday) []*cal.Holiday {
	return each(days, func(h *cal.Holiday) { h.CalcOffset = n })
}

// secondDay is a holiday that follows another one: where the first has moved to
// this one's place, this one moves on.
func secondDay(d string) []*cal.Holiday {
	return each(fixed(d), func(h *cal.Holiday) {
		h.Observed = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}, {Day: time.Monday, Offset: 1}}
	})
}

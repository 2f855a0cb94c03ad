package law

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/us"
)

// calendar is the holidays of one place. A nil one knows weekends only, which
// never makes a date later than it is.
type calendar struct{ days []*cal.Holiday }

func (c *calendar) holiday(day time.Time) bool {
	if c == nil {
		return false
	}
	y, m, d := day.Date()
	for _, h := range c.days {
		// An observed day may fall into the year before or after.
		for _, year := range []int{y, y + 1, y - 1} {
			actual, observed := h.Calc(year)
			if same(actual, y, m, d) || same(observed, y, m, d) {
				return true
			}
		}
	}
	return false
}

func same(t time.Time, y int, m time.Month, d int) bool {
	if t.IsZero() {
		return false
	}
	ty, tm, td := t.Date()
	return ty == y && tm == m && td == d
}

func (c *calendar) working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !c.holiday(day)
}

// businessDay is the nth working day after start.
func (c *calendar) businessDay(start time.Time, n int) time.Time {
	day := start
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if c.working(day) {
			n--
		}
	}
	return day
}

var calendars = map[string]*calendar{
	"DE": {de.Holidays},
	"GB": {gb.Holidays},
	"US": {us.Holidays},
	"US-CA": {[]*cal.Holiday{us.NewYear, us.MlkDay, us.PresidentsDay, us.MemorialDay, us.IndependenceDay,
		us.LaborDay, us.VeteransDay, us.ThanksgivingDay, us.DayAfterThanksgivingDay, us.ChristmasDay}},
}

package law

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// calendar is the holidays of one place. A nil one knows weekends only.
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
	ty, tm, td := t.Date()
	return !t.IsZero() && ty == y && tm == m && td == d
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

// calendars by place. A holiday can only make a legal due date later, so a day
// that is a holiday in a part of the country only, or whose standing is in
// doubt, is left out: the date is then early, and never late.
var calendars = map[string]*calendar{
	"AT": {at.Holidays},
	"BE": {be.Holidays},
	"BG": {bg.Holidays},
	"CY": {slices.Concat(easter(orthodox, -48, -2, 1, 50), fixed("01-01 01-06 03-25 04-01 05-01 08-15 10-01 10-28 12-25 12-26"))},
	"CZ": {cz.Holidays},
	"DE": {de.Holidays},
	"DK": {without(dk.Holidays, dk.Grundlovsdag)}, // not a day of rest by law
	"EE": {slices.Concat(easter(western, -2), fixed("01-01 02-24 05-01 06-23 06-24 08-20 12-24 12-25 12-26"))},
	"ES": {es.Holidays},
	"FI": {slices.Concat(easter(western, -2, 1, 39), fixed("01-01 01-06 05-01 12-06 12-25 12-26"))},
	"FR": {fr.Holidays},
	"GR": {gr.Holidays},
	"HR": {hr.Holidays},
	"HU": {slices.Concat(easter(western, -2, 1, 50), fixed("01-01 03-15 05-01 08-20 10-23 11-01 12-25 12-26"))},
	"IE": {ie.Holidays},
	"IS": {slices.Concat(easter(western, -3, -2, 1, 39, 50), fixed("01-01 05-01 06-17 12-25 12-26"))},
	"IT": {it.Holidays},
	"LI": {slices.Concat(easter(western, 1, 39, 50, 60), fixed("01-01 01-06 05-01 08-15 11-01 12-08 12-25 12-26"))},
	"LT": {lt.Holidays},
	"LU": {slices.Concat(easter(western, 1, 39, 50), fixed("01-01 05-01 05-09 06-23 08-15 11-01 12-25 12-26"))},
	"LV": {lv.Holidays},
	"MT": {slices.Concat(easter(western, -2), fixed("01-01 02-10 03-19 03-31 05-01 06-07 06-29 08-15 09-08 09-21 12-08 12-13 12-25"))},
	"NL": {nl.Holidays},
	"NO": {no.Holidays},
	"PL": {pl.Holidays},
	"PT": {slices.Concat(easter(western, -2, 60), fixed("01-01 04-25 05-01 06-10 08-15 10-05 11-01 12-01 12-08 12-25"))},
	"RO": {ro.Holidays},
	"SE": {se.Holidays},
	"SI": {si.Holidays},
	"SK": {without(sk.Holidays, sk.Liberation, sk.Constitution, sk.LadyOfSorrows, sk.Freedom)}, // working days since the savings laws

	"DE-BW": {de.HolidaysBW}, "DE-BY": {de.HolidaysBY}, "DE-BE": {de.HolidaysBE}, "DE-BB": {de.HolidaysBB},
	"DE-HB": {de.HolidaysHB}, "DE-HH": {de.HolidaysHH}, "DE-HE": {de.HolidaysHE}, "DE-MV": {de.HolidaysMV},
	"DE-NI": {de.HolidaysNI}, "DE-NW": {de.HolidaysNW}, "DE-RP": {de.HolidaysRP}, "DE-SL": {de.HolidaysSL},
	"DE-SN": {de.HolidaysSN}, "DE-ST": {de.HolidaysST}, "DE-SH": {de.HolidaysSH}, "DE-TH": {de.HolidaysTH},

	"AR": {slices.Concat(easter(western, -48, -47, -2), fixed("01-01 03-24 04-02 05-01 05-25 06-20 07-09 12-08 12-25"))},
	"AU": {slices.Concat(easter(western, -2, 1), fixed("01-01 01-26 04-25 12-25 12-26"))},
	"BR": {without(br.Holidays, br.Carnaval, br.CorpusChristi)}, // optional days
	"CA": {without(ca.Holidays, ca.CivicDay, ca.BoxingDay)},     // provinces only
	"CH": {slices.Concat(easter(western, 39), fixed("01-01 08-01 12-25"))},
	"GB": {gb.Holidays},
	"JP": {jp.Holidays},
	// The Privacy Act takes 25 December to 15 January out as a whole.
	"NZ": {slices.Concat(nz.Holidays, matariki,
		fixed("12-25 12-26 12-27 12-28 12-29 12-30 12-31 01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 01-09 01-10 01-11 01-12 01-13 01-14 01-15"))},
	"US":    {us.Holidays},
	"US-CA": {california},
	"ZA":    {za.Holidays},
}

// California's state holidays (Government Code 6700-6701): a Sunday moves to
// Monday, a Saturday stays, except Veterans Day, which moves to Friday.
var california = func() []*cal.Holiday {
	sunday := []cal.AltDay{{Day: time.Sunday, Offset: 1}}
	days := []*cal.Holiday{us.MlkDay, us.PresidentsDay, us.MemorialDay, us.LaborDay, us.VeteransDay, us.ThanksgivingDay, us.DayAfterThanksgivingDay}
	for _, h := range fixed("01-01 03-31 07-04 12-25") {
		h.Observed = sunday
		days = append(days, h)
	}
	return days
}()

// Matariki has its days by a table in the Act, not by a rule.
var matariki = func() (days []*cal.Holiday) {
	for year, date := range map[int]string{2026: "07-10", 2027: "06-25", 2028: "07-14", 2029: "07-06", 2030: "06-21", 2031: "07-11", 2032: "07-02"} {
		h := fixed(date)[0]
		h.StartYear, h.EndYear = year, year
		days = append(days, h)
	}
	return days
}()

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
	for len(dates) >= 5 {
		m, d := int(dates[0]-'0')*10+int(dates[1]-'0'), int(dates[3]-'0')*10+int(dates[4]-'0')
		days = append(days, &cal.Holiday{Month: time.Month(m), Day: d, Func: cal.CalcDayOfMonth})
		dates = dates[min(6, len(dates)):]
	}
	return days
}

func without(days []*cal.Holiday, no ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(days), func(h *cal.Holiday) bool { return slices.Contains(no, h) })
}

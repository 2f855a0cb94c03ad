package law

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
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

// calendars by place. A holiday can only make a legal due date later, so a day
// that is a holiday in a part of the country only, or whose standing is in
// doubt, is left out: the date is then early, and never late. Where the library
// is behind the law, what it lacks stands beside it.
var calendars = map[string]*calendar{
	"AT": of(at.Holidays),
	"BE": of(be.Holidays),
	"BG": of(bg.Holidays),
	"CY": of(easter(orthodox, -48, -2, 1, 50), fixed("01-01 01-06 03-25 04-01 05-01 08-15 10-01 10-28 12-25 12-26")),
	"CZ": of(cz.Holidays),
	"DE": of(de.Holidays),
	"DK": of(without(dk.Holidays, dk.Grundlovsdag)), // not a day of rest by law
	"EE": of(easter(western, -2), fixed("01-01 02-24 05-01 06-23 06-24 08-20 12-24 12-25 12-26")),
	"ES": of(es.Holidays),
	"FI": of(easter(western, -2, 1, 39), fixed("01-01 01-06 05-01 12-06 12-25 12-26")),
	"FR": of(fr.Holidays),
	"GR": of(gr.Holidays),
	"HR": of(hr.Holidays),
	"HU": of(easter(western, -2, 1, 50), fixed("01-01 03-15 05-01 08-20 10-23 11-01 12-25 12-26")),
	"IE": of(ie.Holidays),
	"IS": of(easter(western, -3, -2, 1, 39, 50), fixed("01-01 05-01 06-17 12-25 12-26"), from(time.April, 19, time.Thursday), from(time.August, 1, time.Monday)),
	"IT": of(it.Holidays, since(2026, fixed("10-04"))), // Saint Francis, Law 151/2025
	"LI": of(easter(western, 1, 39, 50, 60), fixed("01-01 01-06 05-01 08-15 11-01 12-08 12-25 12-26")),
	"LT": of(lt.Holidays),
	"LU": of(easter(western, 1, 39, 50), fixed("01-01 05-01 05-09 06-23 08-15 11-01 12-25 12-26")),
	"LV": of(lv.Holidays),
	"MT": of(easter(western, -2), fixed("01-01 02-10 03-19 03-31 05-01 06-07 06-29 08-15 09-08 09-21 12-08 12-13 12-25")),
	"NL": of(nl.Holidays),
	"NO": of(no.Holidays),
	"PL": of(pl.Holidays, since(2025, fixed("12-24"))),
	"PT": of(easter(western, -2, 60), fixed("01-01 04-25 05-01 06-10 08-15 10-05 11-01 12-01 12-08 12-25")),
	"RO": of(ro.Holidays, since(2024, fixed("01-06 01-07"))),
	"SE": of(se.Holidays),
	"SI": of(si.Holidays),
	"SK": of(without(sk.Holidays, sk.Liberation, sk.Constitution, sk.LadyOfSorrows, sk.Freedom)), // working days since the savings laws

	"DE-BW": of(de.HolidaysBW), "DE-BY": of(de.HolidaysBY), "DE-BE": of(de.HolidaysBE, once("2020-05-08 2025-05-08")), "DE-BB": of(de.HolidaysBB),
	"DE-HB": of(de.HolidaysHB), "DE-HH": of(de.HolidaysHH), "DE-HE": of(de.HolidaysHE), "DE-MV": of(de.HolidaysMV),
	"DE-NI": of(de.HolidaysNI), "DE-NW": of(de.HolidaysNW), "DE-RP": of(de.HolidaysRP), "DE-SL": of(de.HolidaysSL),
	"DE-SN": of(de.HolidaysSN), "DE-ST": of(de.HolidaysST), "DE-SH": of(de.HolidaysSH), "DE-TH": of(de.HolidaysTH),

	// All cantons share four days. The library is wrong about some cantons; these
	// are our own. The others are left with the four.
	"CH":    of(swiss, easter(western, 39)),
	"CH-BE": of(swiss, easter(western, -2, 1, 39, 50), fixed("01-02 12-26")),
	"CH-BS": of(swiss, easter(western, -2, 1, 39, 50), fixed("05-01 12-26")),
	"CH-GE": of(swiss, easter(western, -2, 1, 39, 50), fixed("12-31"), after(4, from(time.September, 1, time.Sunday))),
	"CH-LU": of(swiss, easter(western, -2, 39, 60), fixed("08-15 11-01 12-08")),
	"CH-SG": of(swiss, easter(western, -2, 1, 39, 50), fixed("11-01 12-26")),
	"CH-TI": of(swiss, easter(western, 1, 39, 50, 60), fixed("01-06 03-19 05-01 06-29 08-15 11-01 12-08 12-26")),
	"CH-VD": of(swiss, easter(western, -2, 1, 39, 50), fixed("01-02"), after(1, from(time.September, 15, time.Sunday))),
	"CH-ZG": of(swiss, easter(western, -2, 39, 60), fixed("08-15 11-01 12-08")),
	"CH-ZH": of(swiss, easter(western, -2, 1, 39, 50), fixed("05-01 12-26")),

	"AR": of(easter(western, -48, -47, -2), fixed("01-01 03-24 04-02 05-01 05-25 06-20 07-09 12-08 12-25"), moved(fixed("06-17 08-17 10-12 11-20"))),
	"AU": of(easter(western, -2, 1), weekends(fixed("01-01 01-26 12-25")), secondDay("12-26"), fixed("04-25")),
	"BR": of(without(br.Holidays, br.Carnaval, br.CorpusChristi), since(2024, fixed("11-20"))), // optional days; Law 14.759/2023
	// Interpretation Act s. 35: what falls on a Saturday stays there.
	"CA": of(easter(western, -2, 1), sundays(fixed("07-01")), fixed("01-01 11-11 12-25"), since(2021, fixed("09-30")),
		from(time.May, 18, time.Monday), from(time.September, 1, time.Monday), from(time.October, 8, time.Monday)),
	// The library leaves out the coronation and the state funeral.
	"GB": of(gb.Holidays, once("2022-09-19 2023-05-08")),
	"IN": of(fixed("01-26 08-15 10-02")),
	"JP": of(jp.Holidays),
	"KR": of(korean, fixed("01-01 06-06")).known(2030),
	// The Privacy Act takes 25 December to 15 January out as a whole.
	"NZ": of(nz.Holidays, matariki, once("2022-09-26"),
		fixed("12-25 12-26 12-27 12-28 12-29 12-30 12-31 01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 01-09 01-10 01-11 01-12 01-13 01-14 01-15")),
	"SG":    of(easter(western, -2), sundays(fixed("01-01 05-01 08-09 12-25")), singaporean).known(2026),
	"TR":    of(fixed("01-01 04-23 05-01 05-19 07-15 08-30 10-29"), turkish).known(2026),
	"US":    of(us.Holidays),
	"US-CA": of(californian),
	"ZA":    of(za.Holidays, once("2022-12-27 2024-05-29")), // proclaimed
}

var swiss = fixed("01-01 08-01 12-25")

// California's state holidays (Government Code 6700-6701): a Sunday moves to
// Monday, a Saturday stays, except Veterans Day, which moves to Friday.
var californian = slices.Concat(sundays(fixed("01-01 03-31 07-04 12-25")),
	[]*cal.Holiday{us.MlkDay, us.PresidentsDay, us.MemorialDay, us.LaborDay, us.VeteransDay, us.ThanksgivingDay, us.DayAfterThanksgivingDay})

// Matariki has its days by a table in the Act, not by a rule.
var matariki = once("2022-06-24 2023-07-14 2024-06-28 2025-06-20 2026-07-10 2027-06-25 2028-07-14 2029-07-06 2030-06-21 2031-07-11 2032-07-02")

// Korea: days by the moon with their substitutes, and by the rules of 2021 and
// 2023 a substitute for a national day on a Saturday or Sunday. Elections and
// temporary holidays stand for the years in which they were set.
var korean = slices.Concat(
	once(`2024-02-09 2024-02-10 2024-02-12 2024-04-10 2024-05-06 2024-05-15 2024-09-16 2024-09-17 2024-09-18 2024-10-01
		2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-05-06 2025-06-03 2025-10-06 2025-10-07 2025-10-08
		2026-02-16 2026-02-17 2026-02-18 2026-05-25 2026-06-03 2026-09-24 2026-09-25 2026-09-26
		2027-02-06 2027-02-08 2027-02-09 2027-05-13 2027-09-14 2027-09-15 2027-09-16
		2028-01-26 2028-01-27 2028-01-28 2028-05-02 2028-10-02 2028-10-04 2028-10-05
		2029-02-12 2029-02-13 2029-02-14 2029-05-21 2029-09-21 2029-09-22 2029-09-24
		2030-02-02 2030-02-04 2030-02-05 2030-05-09 2030-09-11 2030-09-12 2030-09-13`),
	weekends(fixed("03-01 05-05 08-15 10-03 10-09 12-25")))

// Singapore gazettes its days a year or two ahead.
var singaporean = once(`2024-02-10 2024-02-12 2024-04-10 2024-05-22 2024-06-17 2024-10-31
	2025-01-29 2025-01-30 2025-03-31 2025-05-03 2025-05-12 2025-06-07 2025-10-20
	2026-02-17 2026-02-18 2026-03-21 2026-05-27 2026-06-01 2026-11-09`)

// Turkey's two feasts, without the half days before them.
var turkish = once(`2024-04-10 2024-04-11 2024-04-12 2024-06-16 2024-06-17 2024-06-18 2024-06-19
	2025-03-30 2025-03-31 2025-04-01 2025-06-06 2025-06-07 2025-06-08 2025-06-09
	2026-03-20 2026-03-21 2026-03-22 2026-05-27 2026-05-28 2026-05-29 2026-05-30`)

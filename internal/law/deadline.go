package law

import "time"

// Deadline is when an answer is due. All times are the last second of a day in
// the regime's zone; zero where the law has no such date.
type Deadline struct {
	Earliest    time.Time // the strictest reading: no roll-over
	LegalDue    time.Time // late after this
	ExtendedDue time.Time // if an extension is announced in time
	AckDue      time.Time
	AckEarliest time.Time
	Target      time.Time // what staff work towards: the last working day up to Earliest
	Trace       []Line    // how it came about
}

// Line is one step of the reasoning: a catalogue key with its values. Values
// may be of type time.Time; the reader writes them as days.
type Line struct {
	Key  string
	Args []any
}

// Values gives Args with every time written by date, for lang.T.
func (l Line) Values(date func(time.Time) string) []any {
	values := make([]any, len(l.Args))
	for i, a := range l.Args {
		if t, ok := a.(time.Time); ok {
			a = date(t)
		}
		values[i] = a
	}
	return values
}

// Deadline computes the dates of a request of that kind. It starts with the
// arrival at any official channel, not with the reading or the proof of an
// address.
func (r Regime) Deadline(kind string, received time.Time) Deadline {
	c := counter{cal: calendars[r.Calendar], roll: r.Roll, start: startOfDay(received, r.location())}
	t := r.term(kind)
	c.say("law.trace.received", "Date", c.start)

	raw := c.add(t.Response)
	c.sayPeriod(t.Response, t.OwnMeasure, raw)
	due := c.rolled(raw)
	if !due.Equal(raw) {
		c.say("law.trace.rolled", "From", raw, "Date", due)
	}
	earliest := raw
	if t.FirstDayCounts {
		earliest = raw.AddDate(0, 0, -1)
		c.say("law.trace.first_day", "Date", earliest)
	}
	d := Deadline{Earliest: endOfDay(earliest), LegalDue: endOfDay(due), Target: endOfDay(c.lastWorking(earliest))}
	switch {
	case t.Extension.N > 0:
		longer := Period{t.Response.N + t.Extension.N, t.Extension.Unit}
		extended := c.rolled(c.add(longer))
		d.ExtendedDue = endOfDay(extended)
		c.say("law.trace.extended", "Date", extended, "Notice", due)
	case t.OpenExtension:
		c.say("law.trace.extended_open", "Notice", due)
	}
	if t.Ack.N > 0 {
		c.acknowledge(t.Ack, r.Code, &d)
	}
	c.say("law.trace.target", "Date", c.lastWorking(earliest))
	d.Trace = c.trace
	return d
}

// location never fails for a row of ours: a test loads every zone.
func (r Regime) location() *time.Location {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// counter counts days in one place. A day is the instant at which it begins.
type counter struct {
	cal   *calendar
	roll  Roll
	start time.Time
	trace []Line
}

func (c *counter) say(key string, args ...any) { c.trace = append(c.trace, Line{key, args}) }

func (c *counter) sayPeriod(p Period, own bool, day time.Time) {
	key := string(p.Unit)
	if p == (Period{1, Months}) {
		key = "month"
	}
	if own {
		key = "own_" + key
	}
	c.say("law.trace."+key, "N", p.N, "Date", day)
}

func (c *counter) add(p Period) time.Time {
	switch p.Unit {
	case Months:
		return addMonths(c.start, p.N)
	case BusinessDays:
		return c.cal.businessDay(c.start, p.N)
	default:
		return c.start.AddDate(0, 0, p.N)
	}
}

func (c *counter) rolled(day time.Time) time.Time {
	for c.roll == PastWeekends && !c.cal.working(day) ||
		c.roll == PastSundays && (day.Weekday() == time.Sunday || c.cal.holiday(day)) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func (c *counter) lastWorking(day time.Time) time.Time {
	for day.After(c.start) && !c.cal.working(day) {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// acknowledge dates the acknowledgement. Where "business day" is not defined,
// the strict reading takes only federal holidays out; where "beginning with" is
// read by its words, the day of receipt counts.
func (c *counter) acknowledge(p Period, code string, d *Deadline) {
	day := c.add(p)
	strict := day
	if p.Unit == BusinessDays {
		if federal := calendars["US"].businessDay(c.start, p.N); code == "US-CA" && federal.Before(day) {
			strict = federal
		}
	} else {
		strict = day.AddDate(0, 0, -1)
	}
	d.AckDue, d.AckEarliest = endOfDay(day), endOfDay(strict)
	c.say("law.trace.ack", "Date", day)
}

func startOfDay(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}

// endOfDay is the last second of the day, at which the clocks may have moved
// since it began.
func endOfDay(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, day.Location())
}

// addMonths goes to the same day n months later, or to that month's last day.
func addMonths(day time.Time, n int) time.Time {
	y, m, d := day.Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, day.Location())
	return time.Date(y, m+time.Month(n), min(d, last.Day()), 0, 0, 0, 0, day.Location())
}

package law

import "time"

// deadline reads the dates off the clock and says how they came about.
func (c *clock) deadline() Deadline {
	s := c.answeredOn(time.Time{})
	c.sayRolled(c.count(s, c.term.Response))
	d := Deadline{LegalDue: endIn(c.due, c.loc), Paused: c.paused()}
	if d.Paused {
		c.say("law.trace.paused", "Date", c.due)
	}
	c.sayExtension(&d)
	c.sayStrict(s, &d)
	c.acknowledge(&d)
	for _, step := range c.term.Steps {
		c.say("law.trace.step."+step.Name, "Date", c.cal.add(c.received, step.By))
	}
	goal := c.earliest
	if house := plusDays(c.received, c.regime.within); c.regime.within > 0 && house.Before(goal) {
		goal = house
		c.say("law.trace.house", "N", c.regime.within, "Date", house)
	}
	target := c.lastWorking(goal)
	c.say("law.trace.target", "Date", target)
	d.Target = endIn(target, c.loc)
	d.Trace = c.trace
	return d
}

func (c *clock) sayPeriod(p Period, day time.Time) {
	key := string(p.Unit)
	if p == (Period{1, Months}) {
		key = "month"
	}
	if c.term.Measure != ByLaw {
		key = string(c.term.Measure) + "_" + key
	}
	c.say("law.trace."+key, "N", p.N, "Date", day)
}

func (c *clock) sayRolled(raw time.Time) {
	switch {
	case c.rolled(raw).Before(c.due):
		c.say("law.trace.kept", "Date", c.due)
	case c.due.After(raw):
		c.say("law.trace.rolled", "From", raw, "Date", c.due)
	case c.due.Weekday() == time.Saturday && c.regime.Roll == PastSundays:
		c.say("law.trace.saturday", "Date", c.due)
	case c.regime.Roll == Stays && !c.cal.working(c.due):
		c.say("law.trace.stays", "Date", c.due)
	}
}

func (c *clock) sayExtension(d *Deadline) {
	if !c.extendable() {
		return
	}
	by := later(c.noticeBy(c.answeredOn(time.Time{})), c.received)
	d.NoticeBy = endIn(by, c.loc)
	switch {
	case c.told != nil:
		d.Extended, d.ExtendedDue = true, endIn(c.extendedDue, c.loc)
		c.say("law.trace.extended_now", "Date", c.extendedDue)
	case c.term.Extension.N > 0:
		d.ExtendedDue = endIn(c.longestDue, c.loc)
		c.say("law.trace.extended", "Date", c.longestDue, "Notice", by)
	default:
		c.say("law.trace.extended_open", "Notice", by)
	}
}

// sayStrict dates the strictest reading and says what makes it stricter.
func (c *clock) sayStrict(s state, d *Deadline) {
	d.Earliest = endIn(c.earliest, c.loc)
	if c.earliest.Equal(c.due) {
		return
	}
	if c.term.FirstDayCounts {
		c.say("law.trace.first_day")
	}
	if len(s.strictAway) > 0 {
		c.say("law.trace.strict_both")
	} else if len(s.away) > 0 {
		c.say("law.trace.strict_practice")
	}
	if c.regime.StrictCalendar != "" && c.term.Response.Unit == BusinessDays {
		c.say("law.trace.strict_calendar")
	}
	c.say("law.trace.strict", "Date", c.earliest)
}

// acknowledge dates the acknowledgement. Where "working day" is not defined,
// the strict reading takes another calendar; where days are counted "beginning
// with" the day of receipt, it takes that by its words.
func (c *clock) acknowledge(d *Deadline) {
	p := c.term.Ack
	switch {
	case c.term.AtOnce:
		d.AckDue, d.AckEarliest = endIn(c.received, c.loc), endIn(c.received, c.loc)
		c.say("law.trace.at_once", "Date", c.received)
		return
	case p.N == 0:
		return
	}
	day := c.cal.add(c.received, p)
	strict := plusDays(day, -1)
	if p.Unit == BusinessDays {
		strict = sooner(day, calendars[c.regime.StrictCalendar].add(c.received, p))
	}
	d.AckDue, d.AckEarliest = endIn(day, c.loc), endIn(strict, c.loc)
	c.say("law.trace.ack", "Date", day)
	if strict.Before(day) {
		c.say("law.trace.ack_strict", "Date", strict)
	}
}

// lastWorking is the last day up to this one on which we work, but not before
// the request came.
func (c *clock) lastWorking(day time.Time) time.Time {
	for day.After(c.received) && (!c.cal.working(day) || c.regime.shut(day)) {
		day = plusDays(day, -1)
	}
	return day
}

package law

import (
	"maps"
	"slices"
	"time"
)

// clock is one request under one law, moved by its events.
type clock struct {
	regime      Regime
	kind        string
	term        Term
	loc         *time.Location
	cal, strict *calendar
	received    time.Time
	now         state
	open        map[question]asked
	told        *notice
	// What was once given never gets earlier.
	due, longestDue, extendedDue, earliest time.Time
	trace                                  []Line
}

// state is what the answered questions have done. There is one reading that
// follows the law's text to the favour of whoever answers, and a strict one.
type state struct {
	start, strictStart time.Time
	away, strictAway   []span
}

// asked is a question without an answer yet.
type asked struct {
	on    time.Time
	pause Pause
}

// notice is an extension that counts. The day it named lies so many days before
// the longest one, and keeps that distance when a pause moves both.
type notice struct {
	on    time.Time
	short int
}

// reflection is how long a person may think about a fee (Swiss DPO Art. 19).
const reflection = 10

// prompt is within how many days a question is surely asked without delay,
// which the practice wants. No authority names a number: this one only warns.
const prompt = 7

func (r Regime) clock(kind string, received time.Time, events []Event) *clock {
	r = r.On(received)
	loc := r.location()
	day := dayIn(received, loc)
	c := &clock{regime: r, kind: kind, term: r.TermOf(kind), loc: loc, cal: calendars[r.Calendar], strict: calendars[r.Calendar], received: day,
		now: state{start: day, strictStart: day}, open: map[question]asked{}}
	c.say("law.trace.received", "Date", day)
	if r.InForce > day.Format(time.DateOnly) {
		c.say("law.trace.not_in_force")
	}
	if r.West != "" {
		if west := dayIn(received, zone(r.West)); west.Before(day) {
			c.now.strictStart = west
			c.say("law.trace.west", "Date", west)
		}
	}
	raw := c.count(c.now, c.term.Response)
	c.sayPeriod(c.term.Response, raw)
	c.settle()
	for _, e := range ordered(events) {
		c.take(e)
	}
	return c
}

func (c *clock) say(key string, args ...any) { c.trace = append(c.trace, c.line(key, args...)) }

// line writes days as their last second in the law's zone, like the dates of a
// Deadline, so that a reader's formatting shows the same day.
func (c *clock) line(key string, args ...any) Line {
	for i, a := range args {
		if t, ok := a.(time.Time); ok && t.Location() == time.UTC {
			args[i] = endIn(t, c.loc)
		}
	}
	return Line{key, args}
}

// count gives the day on which a period ends, before any roll-over.
func (c *clock) count(s state, p Period) time.Time {
	return plusDays(c.cal.add(s.start, p), away(s.away, s.start))
}

func (c *clock) rolled(day time.Time) time.Time { return c.cal.rolled(day, c.regime.Roll) }

// answeredBy is the state once a question has been answered on that day.
func (s state) answeredBy(a asked, on time.Time) state {
	on = later(on, a.on)
	switch a.pause {
	case Stops:
		s.away = append(slices.Clip(s.away), span{a.on, on})
	case StopsBothEnds:
		s.away = append(slices.Clip(s.away), span{a.on, plusDays(on, 1)})
		s.strictAway = append(slices.Clip(s.strictAway), span{a.on, on})
	case Restarts:
		s.start, s.strictStart = later(s.start, on), later(s.strictStart, on)
	case Reflects:
		ready := later(plusDays(a.on, reflection), on)
		s.start, s.strictStart = later(s.start, ready), later(s.strictStart, ready)
	}
	return s
}

// answeredOn is the state if all that is open were answered on that day; for
// the zero day, at once, which is the soonest that can come.
func (c *clock) answeredOn(day time.Time) state {
	s := c.now
	for _, q := range slices.Sorted(maps.Keys(c.open)) {
		s = s.answeredBy(c.open[q], day)
	}
	return s
}

func (c *clock) dueIn(s state) time.Time { return later(c.due, c.rolled(c.count(s, c.term.Response))) }

// noticeBy is the last day for the notice of an extension.
func (c *clock) noticeBy(s state) time.Time {
	if c.term.Notice.N > 0 {
		return c.rolled(c.count(s, c.term.Notice))
	}
	return c.dueIn(s)
}

func (c *clock) extendable() bool { return c.term.Extension.N > 0 || c.term.OpenExtension }

// longest is how far an extension can go; where the law names no length, it is
// the due day itself, from which the notice counts.
func (c *clock) longest(s state) time.Time {
	if c.term.Extension.N == 0 {
		return c.dueIn(s)
	}
	return later(c.longestDue, c.rolled(c.count(s, c.term.Response.plus(c.term.Extension))))
}

// strictest is the day by the strictest reading.
func (c *clock) strictest(s state) time.Time {
	day := plusDays(c.cal.add(s.strictStart, c.term.Response), away(s.strictAway, s.strictStart))
	if other := calendars[c.regime.StrictCalendar]; other != nil && c.term.Response.Unit == BusinessDays {
		day = sooner(day, other.add(s.strictStart, c.term.Response))
	}
	if c.term.FirstDayCounts {
		day = plusDays(day, -1)
	}
	return day
}

// settle takes the dates over from the state. None of them ever gets earlier.
func (c *clock) settle() {
	s := c.answeredOn(time.Time{})
	c.due = c.dueIn(s)
	c.longestDue = c.longest(s)
	c.earliest = sooner(later(c.earliest, c.strictest(s)), c.due)
	if c.told != nil {
		c.extendedDue = later(c.due, plusDays(c.longestDue, -c.told.short))
	}
}

func (c *clock) paused() bool {
	for _, a := range c.open {
		if a.pause != NoPause {
			return true
		}
	}
	return false
}

// last is the day after which an answer would be late.
func (c *clock) last() time.Time { return later(c.due, c.extendedDue) }

// take moves the clock by one event, if it makes sense.
func (c *clock) take(e Event) {
	on := dayIn(e.At, c.loc)
	if on.Before(c.received) {
		c.say("law.trace.before", "Date", on)
		return
	}
	if q, ok := asks[e.Kind]; ok {
		c.ask(q, on)
	} else if q, ok := answers[e.Kind]; ok {
		c.answer(q, on)
	} else if e.Kind == Extended {
		c.extend(on, e.Until)
	}
	c.settle()
}

func (c *clock) ask(q question, on time.Time) {
	if _, again := c.open[q]; again {
		c.say("law.trace.again."+string(q), "Date", on)
		return
	}
	a := asked{on, c.regime.pauseFor(q, c.kind, c.term)}
	switch {
	case a.pause == NoPause:
		c.say("law.trace.runs_on."+string(q), "Date", on)
	case !c.paused() && on.After(c.last()):
		a.pause = NoPause // a clock that has run out cannot be stopped
		c.say("law.trace.too_late."+string(q), "Date", on)
	default:
		c.say("law.trace.asked."+string(q), "Date", on)
		if n := daysBetween(c.received, on); a.pause == Stops && n > prompt {
			c.say("law.trace.slow", "N", n)
		}
	}
	c.open[q] = a
}

func (c *clock) answer(q question, on time.Time) {
	a, ok := c.open[q]
	if !ok {
		c.say("law.trace.unasked."+string(q), "Date", on)
		return
	}
	delete(c.open, q)
	before := c.now
	c.now = c.now.answeredBy(a, on)
	switch a.pause {
	case Stops:
		c.sayStopped("law.trace.stopped", before, a.on, on, daysBetween(a.on, on))
	case StopsBothEnds:
		c.sayStopped("law.trace.stopped_both", before, a.on, on, daysBetween(a.on, on)+1)
	case Restarts:
		c.say("law.trace.restarted", "Date", c.now.start)
	case Reflects:
		if on.After(plusDays(a.on, reflection)) {
			c.say("law.trace.reflected_late", "Date", on)
		} else {
			c.say("law.trace.reflected", "Date", c.now.start)
		}
	}
	if a.pause != NoPause {
		c.say("law.trace.moved", "Date", c.count(c.answeredOn(time.Time{}), c.term.Response))
	}
}

// sayStopped says how many days do not count, and that none counts twice.
func (c *clock) sayStopped(key string, before state, from, to time.Time, n int) {
	c.say(key, "N", n, "From", from, "Date", to)
	if gained := away(c.now.away, c.now.start) - away(before.away, before.start); gained < n {
		c.say("law.trace.overlap", "N", gained)
	}
}

// extend takes the notice of an extension.
func (c *clock) extend(on, until time.Time) {
	s := c.answeredOn(on)
	due, longest := c.dueIn(s), c.longest(s)
	named := longest
	if !until.IsZero() {
		named = dayIn(until, c.loc)
	}
	switch {
	case !c.extendable():
		c.say("law.trace.extension_none", "Date", on)
		return
	case c.told != nil:
		c.say("law.trace.extension_twice", "Date", on)
		return
	case on.After(c.noticeBy(s)):
		c.say("law.trace.extension_late", "Date", on, "Notice", c.noticeBy(s))
		return
	case c.term.OpenExtension && c.term.Extension.N == 0 && until.IsZero():
		c.say("law.trace.extension_unnamed", "Date", on)
		return
	case !named.After(due):
		c.say("law.trace.extension_no_longer", "Date", on)
		return
	case c.term.Extension.N > 0 && named.After(longest):
		c.say("law.trace.extension_too_long", "Date", named, "Longest", longest)
		named = longest
	}
	c.told = &notice{on, daysBetween(named, longest)}
	c.say("law.trace.extension", "Date", on)
}

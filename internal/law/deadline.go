package law

import "time"

// Deadline is when an answer is due. All times are the last second of a day in
// the regime's zone; zero where the law has no such date.
type Deadline struct {
	Earliest    time.Time // the strictest reading: no roll-over, no pause that the law itself does not know
	LegalDue    time.Time // late after this, unless Extended
	ExtendedDue time.Time // if an extension is announced in time; once one is, the day that holds
	NoticeBy    time.Time // the last moment for the notice of an extension
	AckDue      time.Time
	AckEarliest time.Time
	Target      time.Time // what staff work towards: the last working day up to Earliest
	Extended    bool      // an extension was announced in time and counts
	Paused      bool      // the clock stands: something was asked, not answered, and this law stops for it
	Trace       []Line    // how it came about
}

// Due is the day after which the answer is late. While the clock is Paused it
// is the earliest day that it can still become.
func (d Deadline) Due() time.Time {
	if d.Extended {
		return d.ExtendedDue
	}
	return d.LegalDue
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
// address. The events are a set: their order in the list does not matter, and
// one that makes no sense changes nothing but the trace.
func (r Regime) Deadline(kind string, received time.Time, events ...Event) Deadline {
	c := r.clock(kind, received, events)
	d := c.deadline()
	if doubt, ok := r.doubt(received); ok { // a change of the law whose first day is disputed
		strict := doubt.clock(kind, received, events).deadline()
		c.say("law.trace.disputed", "Date", strict.Earliest)
		d.Earliest, d.Target, d.Trace = sooner(d.Earliest, strict.Earliest), sooner(d.Target, strict.Target), c.trace
	}
	return d
}

// doubt is the law by the other reading of when a change began, if the day of
// receipt lies between the two.
func (r Regime) doubt(received time.Time) (Regime, bool) {
	day := received.In(r.location()).Format(time.DateOnly)
	for _, c := range r.Changes {
		if c.Strict != "" && c.Strict <= day && day < c.From {
			other := r.since(received, func(c Change) string {
				if c.Strict != "" {
					return c.Strict
				}
				return c.From
			})
			other.Changes = nil
			return other, true
		}
	}
	return Regime{}, false
}

// MayExtend says whether a notice of extension sent now counts, and why, or
// why not.
func (r Regime) MayExtend(kind string, received, now time.Time, events ...Event) (Line, bool) {
	c := r.clock(kind, received, events)
	today := dayIn(now, c.loc)
	notice := c.noticeBy(c.answeredOn(today))
	switch {
	case !c.extendable():
		return c.line("law.extend.none"), false
	case c.told != nil:
		return c.line("law.extend.twice", "Date", c.told.on), false
	case today.After(notice):
		return c.line("law.extend.late", "Date", notice), false
	case c.term.OpenExtension:
		return c.line("law.extend.open", "Notice", notice), true
	}
	return c.line("law.extend.until", "Date", c.longest(c.answeredOn(today)), "Notice", notice), true
}

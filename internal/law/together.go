package law

import (
	"slices"
	"strings"
	"time"
)

// Together takes several laws at once: of each date the earliest, because an
// answer that satisfies one law only is late under the other. The regimes come
// back without repeats, in the order of the codes. An extension counts only as
// far as every one of the laws lets it.
func Together(codes []string, kind string, received time.Time, events ...Event) (Deadline, []Regime) {
	var regimes []Regime
	for _, code := range codes {
		r := For(code)
		if !slices.ContainsFunc(regimes, func(o Regime) bool { return o.Code == r.Code }) {
			regimes = append(regimes, r)
		}
	}
	return Strictest(regimes, kind, received, events...), regimes
}

// Strictest is Together for regimes that are already at hand.
func Strictest(regimes []Regime, kind string, received time.Time, events ...Event) Deadline {
	if len(regimes) == 1 {
		return regimes[0].Deadline(kind, received, events...)
	}
	var all Deadline
	var due, longest time.Time
	all.Paused = len(regimes) > 0
	for _, r := range regimes {
		d := r.Deadline(kind, received, events...)
		all.Earliest, all.LegalDue, all.Target = sooner(all.Earliest, d.Earliest), sooner(all.LegalDue, d.LegalDue), sooner(all.Target, d.Target)
		all.AckDue, all.AckEarliest = soonest(all.AckDue, d.AckDue), soonest(all.AckEarliest, d.AckEarliest)
		all.NoticeBy = soonest(all.NoticeBy, d.NoticeBy)
		all.Paused = all.Paused && d.Paused // if the clock of one law runs, ours does
		due, longest = sooner(due, d.Due()), sooner(longest, later(d.LegalDue, d.ExtendedDue))
		all.Trace = append(all.Trace, Line{"law.trace.law", []any{"Law", r.Code, "Refs", r.Refs}})
		all.Trace = append(all.Trace, d.Trace...)
	}
	if due.After(all.LegalDue) {
		all.Extended, longest = true, due
	}
	if longest.After(all.LegalDue) {
		all.ExtendedDue = longest
	}
	if len(regimes) > 1 {
		all.Trace = append(all.Trace, Line{"law.trace.together", []any{"Date", all.Due()}})
	}
	return all
}

// soonest is sooner for dates that not every law has.
func soonest(a, b time.Time) time.Time {
	if b.IsZero() {
		return a
	}
	return sooner(a, b)
}

// Widest joins the rights that the regimes give, in the order of screens.
func Widest(regimes []Regime) string {
	var b strings.Builder
	for _, right := range AllRights {
		if slices.ContainsFunc(regimes, func(r Regime) bool { return r.Grants(Right(right)) }) {
			b.WriteRune(right)
		}
	}
	return b.String()
}

// Weakest is how well the least certain of the regimes was read.
func Weakest(regimes []Regime) Mark {
	for _, mark := range []Mark{Unverified, Partly} {
		if slices.ContainsFunc(regimes, func(r Regime) bool { return r.Mark == mark }) {
			return mark
		}
	}
	return Verified
}

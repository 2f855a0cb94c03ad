package law

import (
	"cmp"
	"slices"
	"time"
)

// EventKind is what may happen to a clock. The words are those of the command
// line and of the database.
type EventKind string

const (
	IdentityAsked      EventKind = "identity_asked"
	IdentityProved     EventKind = "identity_proved"
	ClarificationAsked EventKind = "clarification_asked"
	Clarified          EventKind = "clarified"
	FeeAsked           EventKind = "fee_asked"
	FeePaid            EventKind = "fee_paid"
	Extended           EventKind = "extended"
)

// EventKinds in the order in which events of one instant are taken.
var EventKinds = []EventKind{IdentityAsked, ClarificationAsked, FeeAsked, IdentityProved, Clarified, FeePaid, Extended}

// Event is something that happened to the clock of a request.
type Event struct {
	Kind EventKind
	At   time.Time
	// Until is the day that the notice of an extension named. Where the law has
	// no fixed length, an extension without it does not count.
	Until time.Time
}

// question is what the person was asked for.
type question string

const (
	identity      question = "identity"
	clarification question = "clarification"
	fee           question = "fee"
)

var (
	asks    = map[EventKind]question{IdentityAsked: identity, ClarificationAsked: clarification, FeeAsked: fee}
	answers = map[EventKind]question{IdentityProved: identity, Clarified: clarification, FeePaid: fee}
)

// pauseFor says what the question does to the clock of that kind of request.
func (r Regime) pauseFor(q question, kind string, t Term) Pause {
	switch {
	case t.RunsOn:
		return NoPause
	case q == identity:
		return r.Pauses.Identity
	case q == fee:
		return r.Pauses.Fee
	case r.Pauses.ClarifyOnly != "" && r.Pauses.ClarifyOnly != kind:
		return NoPause
	}
	return r.Pauses.Clarification
}

// ordered sorts by time and drops what is there twice, so that a set of events
// has one meaning whatever order and zone it is written in.
func ordered(events []Event) []Event {
	rank := func(e Event) int { return slices.Index(EventKinds, e.Kind) }
	list := slices.Clone(events)
	slices.SortFunc(list, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a), rank(b)), a.Until.Compare(b.Until))
	})
	return slices.CompactFunc(list, func(a, b Event) bool {
		return a.Kind == b.Kind && a.At.Equal(b.At) && a.Until.Equal(b.Until)
	})
}

package privacy

import "slices"

// State is where a request stands. The edges below are the whole lifecycle;
// the database holds the same list.
type State string

const (
	Received    State = "received"    // sent in; the address is not proved yet
	Verified    State = "verified"    // the address is proved; staff may begin
	Discovering State = "discovering" // a worker looks through the messaging store
	InReview    State = "in_review"   // package or plan is staged; staff look at it
	Approved    State = "approved"    // a second person approved exactly this plan
	Executing   State = "executing"   // a worker carries it out
	Ready       State = "ready"       // the package waits for the person
	Closed      State = "closed"      // answered, or withdrawn (see Outcome)
	Rejected    State = "rejected"    // refused, with a reason
	Lapsed      State = "lapsed"      // never confirmed, or disowned
)

// States lists all states in the order of a life.
var States = []State{Received, Verified, Discovering, InReview, Approved, Executing, Ready, Closed, Rejected, Lapsed}

// Closed is reachable from every open state because a person may withdraw at
// any time until something was carried out.
var edges = map[State][]State{
	Received:    {Verified, Lapsed},
	Verified:    {Discovering, Rejected, Closed},
	Discovering: {InReview, Rejected, Closed},
	InReview:    {Approved, Discovering, Rejected, Closed},
	Approved:    {Executing, Discovering, Closed},
	Executing:   {Ready, Closed, Discovering},
	Ready:       {Closed},
}

// CanBecome says whether next follows directly.
func (s State) CanBecome(next State) bool { return slices.Contains(edges[s], next) }

// Final says that nothing follows.
func (s State) Final() bool { return len(edges[s]) == 0 }

// Withdrawable says that a person may still take such a request back.
func (s State) Withdrawable() bool {
	return s == Verified || s == Discovering || s == InReview || s == Approved
}

// Withdrawable says that the person may still take the request back. A lift is
// not theirs to take back: against it they write to us.
func (r Request) Withdrawable() bool { return r.Kind != RestrictionLift && r.State.Withdrawable() }

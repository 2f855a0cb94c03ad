package mail

import "time"

// details is what a letter's sheet shows beside its sentences.
type details struct {
	ref, path string
	other     string // the reference of another request, if there is one

	when  time.Time // the date the letter is about, if any
	label string    // catalogue key of what that date means
	exact bool      // the hour counts as well

	// once says that the path holds a single-use token and how long it works;
	// zero is a page behind the sign-in.
	once time.Duration
}

// How long the links work that we put into letters.
const (
	personLink  = 24 * time.Hour
	signInLink  = 15 * time.Minute
	staffLink   = 10 * time.Minute
	staffInvite = 7 * 24 * time.Hour
)

// longestPatience is for how long a letter is tried again.
const longestPatience = 48 * time.Hour

// patience is for how long sending makes sense: a link that no longer works
// need not arrive.
func (d details) patience() time.Duration {
	if d.once > 0 {
		return min(d.once, longestPatience)
	}
	return longestPatience
}

func (l ConfirmRequest) details() details {
	return details{ref: l.Ref, path: l.Path, when: l.Due, label: "mail.fact.answer_by", once: personLink}
}

func (l RequestReceived) details() details {
	return details{ref: l.Ref, path: l.Path, when: l.Due, label: "mail.fact.answer_by"}
}
func (l MyRequests) details() details   { return details{path: l.Path, once: signInLink} }
func (l NoRequests) details() details   { return details{path: l.Path} }
func (l StaffMessage) details() details { return details{ref: l.Ref, path: l.Path} }
func (l DeletionPlanned) details() details {
	return details{ref: l.Ref, path: l.Path, once: personLink}
}

func (l DeletionScheduled) details() details {
	return details{ref: l.Ref, path: l.Path, when: l.RunsAt, label: "mail.fact.runs_at", exact: true}
}

func (l Ready) details() details {
	return details{ref: l.Ref, path: l.Path, when: l.Until, label: "mail.fact.until"}
}
func (l RestrictionEnds) details() details {
	return details{ref: l.Ref, path: l.Path, when: l.RunsAt, label: "mail.fact.runs_at", exact: true}
}
func (l Done) details() details          { return details{ref: l.Ref, path: l.Path} }
func (l Deleted) details() details       { return details{ref: l.Ref, path: l.Path} }
func (l NothingFound) details() details  { return details{ref: l.Ref, path: l.Path} }
func (l Refused) details() details       { return details{ref: l.Ref, path: l.Path} }
func (l Withdrawn) details() details     { return details{ref: l.Ref, path: l.Path} }
func (l StaffInvite) details() details   { return details{path: l.Path, once: staffInvite} }
func (l StaffSignIn) details() details   { return details{path: l.Path, once: staffLink} }
func (l StaffApproval) details() details { return details{ref: l.Ref, path: l.Path} }
func (l StaffReminder) details() details { return details{ref: l.Ref, path: l.Path} }
func (l Duplicate) details() details     { return details{ref: l.Ref, other: l.Other, path: l.Path} }

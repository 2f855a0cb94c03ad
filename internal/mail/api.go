// Package mail writes the portal's letters into an outbox, in the transaction
// of the change they tell about, and sends them from there over SMTP.
package mail

import (
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Recipient is where a letter goes and in which language.
type Recipient struct {
	Address string
	Name    string
	Lang    lang.Tag
}

// Letter is one of the structs below. Path fields are addresses of the portal
// without scheme and host (package link); the outbox makes them absolute.
type Letter interface {
	letter() string   // its name in catalogue keys and in the outbox
	details() details // what the sheet shows beside the sentences
}

type (
	// ConfirmRequest asks the person to confirm (link with a button).
	ConfirmRequest struct {
		Ref, Path string
		Due       time.Time // the date by which we must answer if confirmed today
	}
	// RequestReceived acknowledges a confirmed request.
	RequestReceived struct {
		Ref, Path string
		Due       time.Time
		AtOnce    bool // nobody has to decide: it is carried out now
	}
	// MyRequests is the sign-in link to the person's own pages.
	MyRequests struct{ Path string }
	// NoRequests goes out instead when we have none under that address.
	NoRequests struct{ Path string } // Path: where to make one
	// StaffMessage says that a message waits on the request's page.
	StaffMessage struct{ Ref, Path string }
	// DeletionPlanned asks for the second confirmation of a deletion.
	DeletionPlanned struct{ Ref, Path string }
	// DeletionScheduled says when it will run, and how to stop it.
	DeletionScheduled struct {
		Ref, Path string
		RunsAt    time.Time
	}
	// Ready says that the data can be downloaded.
	Ready struct {
		Ref, Path string
		Until     time.Time
	}
	// Deleted says that the deletion is done; the receipt is on the page.
	Deleted struct{ Ref, Path string }
	// Done says that another right is carried out; what was done is on the page.
	Done struct {
		What      string // one of Outcomes
		Ref, Path string
	}
	// RestrictionEnds is the notice before a restriction is lifted.
	RestrictionEnds struct {
		Ref, Path string
		RunsAt    time.Time
	}
	// NothingFound says that we hold nothing.
	NothingFound struct{ Ref, Path string }
	// Refused says that the request was refused or partly refused; reasons are on the page.
	Refused struct{ Ref, Path string }
	// Withdrawn confirms a withdrawal.
	Withdrawn struct{ Ref, Path string }
	// StaffInvite is the first sign-in of a new member of staff.
	StaffInvite struct{ Path string }
	// StaffSignIn is the mailed link, good for ten minutes.
	StaffSignIn struct{ Path string }
	// StaffApproval tells approvers that a decision waits.
	StaffApproval struct{ Ref, Path string }
	// StaffReminder tells staff that something is due, and nothing about whom.
	StaffReminder struct{ About, Ref, Path string } // About: one of Reminders; Ref is empty for RemindUnassigned
	// Duplicate says that a request is closed because another one asks the same.
	Duplicate struct{ Ref, Other, Path string } // Path: of the other one
)

func (ConfirmRequest) letter() string { return "confirm_request" }

func (l RequestReceived) letter() string {
	if l.AtOnce {
		return "request_received_at_once"
	}
	return "request_received"
}
func (MyRequests) letter() string        { return "my_requests" }
func (NoRequests) letter() string        { return "no_requests" }
func (StaffMessage) letter() string      { return "staff_message" }
func (DeletionPlanned) letter() string   { return "deletion_planned" }
func (DeletionScheduled) letter() string { return "deletion_scheduled" }
func (Ready) letter() string             { return "ready" }
func (Deleted) letter() string           { return "deleted" }
func (l Done) letter() string            { return l.What }
func (RestrictionEnds) letter() string   { return "restriction_ends" }
func (NothingFound) letter() string      { return "nothing_found" }
func (Refused) letter() string           { return "refused" }
func (Withdrawn) letter() string         { return "withdrawn" }
func (StaffInvite) letter() string       { return "staff_invite" }
func (StaffSignIn) letter() string       { return "staff_sign_in" }
func (StaffApproval) letter() string     { return "staff_approval" }
func (l StaffReminder) letter() string   { return "staff_reminder_" + l.About }
func (Duplicate) letter() string         { return "duplicate" }

// What StaffReminder can be about.
const (
	RemindDuty       = "duty"
	RemindSoon       = "soon"
	RemindOverdue    = "overdue"
	RemindUnassigned = "unassigned" // cases that nobody has taken, together
)

// Reminders lists them.
var Reminders = []string{RemindDuty, RemindSoon, RemindOverdue, RemindUnassigned}

// Outcomes are what Done can tell.
var Outcomes = []string{"corrected", "restricted", "lifted", "objected", "consent_withdrawn", "opted_out", "retention_shortened"}

// DeliveryState is where a queued letter stands.
type DeliveryState string

const (
	Queued  DeliveryState = "queued"
	Sent    DeliveryState = "sent"
	Delayed DeliveryState = "delayed" // the other server asked us to try later (greylisting)
	Failed  DeliveryState = "failed"  // refused for good
)

// Delivery is what staff see of a letter: never its text or address.
type Delivery struct {
	Letter   string // letter(): catalogue key "letter.<name>"
	State    DeliveryState
	QueuedAt time.Time
	SentAt   *time.Time
	Attempts int
	Reply    string // SMTP code and enhanced code only, e.g. "450 4.7.1"
}

// Package audit is the append-only record of everything that happened. An
// entry commits with the change it describes; a sequencer then seals entries
// into a hash chain, so that a changed, missing or reordered one is found.
package audit

import "time"

// ActorKind says what kind of actor did something.
type ActorKind string

const (
	SubjectActor ActorKind = "subject" // the person or organization who asked; ID is the request's reference
	StaffActor   ActorKind = "staff"   // ID is the member's id
	SystemActor  ActorKind = "system"  // a job; ID is the job's kind
	CLIActor     ActorKind = "cli"     // portalctl; ID is the operating-system user
)

// Actor is who did it. Label is a name fit for the desk; never an address.
type Actor struct {
	Kind  ActorKind
	ID    string
	Label string
}

// Event is one thing that happened. Detail holds codes, counts, ids and hashes,
// never personal data.
type Event struct {
	Actor   Actor
	Action  string // "request.approved", "content.read", "staff.invited" …
	Target  string // a request's reference or another stable name; "" if none
	Request string // request id (uuid) when it concerns one
	Detail  map[string]any
}

// Entry is an event as recorded.
type Entry struct {
	ID     int64
	At     time.Time
	Actor  Actor
	Action string
	Target string
	Detail map[string]any
	Index  *int64 // place in the sealed chain; nil until sealed
	Hash   []byte // chain hash at that place
}

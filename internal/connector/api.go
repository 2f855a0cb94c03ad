// Package connector finds, reads and changes one subject's rows in the
// messaging store, as the data map says. Changes go in small fenced batches
// whose ledger lives inside the messaging store (schema dsar), in the same
// transaction as the rows.
package connector

import (
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Subject is who to look for. Only proved identifiers are in it: what a person
// merely typed never reaches the store as a key.
type Subject struct {
	Organization bool              // the organization that Email is administrator of, not the person
	Email        string            // proved by a mailed link
	Phone        string            // E.164, only if proved
	Keys         map[string]string // identifier kind of the map → value, for other proved ones
	// What was typed and not proved brings candidates, never rows.
	Claimed map[string]string // identifier kind → value
	Name    string
	Tenants []string // tenant keys to stay in; all if empty
	// What staff decided about single rows.
	Include []RowRef // candidates that are the subject
	Exclude []RowRef // matches that are somebody else
	// What other databases of the map know of the subject: normal forms of
	// identifiers, and keys of organizations.
	Told          map[string][]string `json:",omitempty"`
	Organizations []string            `json:",omitempty"`
	// Settled takes no identifier from the rows that match: nobody looks at what
	// it would bring.
	Settled bool `json:",omitempty"`
}

// RowRef names one row of a root table.
type RowRef struct {
	Store string `json:"store,omitempty"` // database of the map; "" if it is about one
	Table string `json:"table"`
	Key   string `json:"key"` // the root's key as text
}

// Ask is what a request asks of what was found.
type Ask struct {
	// Kind is access, portability, correction, deletion, restriction,
	// restriction_lift, objection, withdrawal, opt_out or shortened_retention.
	Kind       string    `json:"kind"`
	Edits      []Edit    `json:"edits,omitempty"`      // correction
	Purposes   []string  `json:"purposes,omitempty"`   // objection, withdrawal: keys of the map's stop
	Days       int       `json:"days,omitempty"`       // shortened retention: older rows go
	Categories []string  `json:"categories,omitempty"` // shortened retention: of these; all if empty
	Undo       uuid.UUID `json:"undo,omitzero"`        // restriction_lift: the operation that is undone

	Spares []datamap.Spare `json:"spares,omitempty"` // categories that are refused
}

// Edit is one value that a correction writes.
type Edit struct {
	Store   string `json:"store,omitempty"` // database of the map; "" if it is about one
	Table   string `json:"table"`
	Key     string `json:"key"`
	Column  string `json:"column"`
	New     string `json:"new"`
	Routing bool   `json:"routing,omitempty"` // staff said yes to messages going elsewhere
}

// Match is a row that is the subject (or its organization).
type Match struct {
	Store  string `json:"store,omitempty"` // database of the map; "" if it is about one
	Table  string `json:"table"`
	Key    string `json:"key"`    // primary key as text
	By     string `json:"by"`     // which identifier kind matched: email, phone …
	Learnt bool   `json:"learnt"` // the identifier came from another match
	Tenant string `json:"tenant"` // tenant key as text
}

// Result is everything the store holds about a subject.
type Result struct {
	Matches  []Match         `json:"matches"`
	Learnt   []string        `json:"learnt"` // identifier kinds learnt, e.g. "phone" (values stay inside)
	Tables   []datamap.Found `json:"tables"` // every mapped table, zero rows included
	Total    int64           `json:"total"`
	Warnings []string        `json:"warnings"` // "code table" or "code table.column", of what would block a deletion

	Candidates []Candidate `json:"candidates"`
	Mentions   []Mention   `json:"mentions"`
}

// Candidate is a row that may be the subject. Nothing is done with it until
// staff say that it is.
type Candidate struct {
	Store  string `json:"store,omitempty"` // database of the map; "" if it is about one
	Table  string `json:"table"`
	Key    string `json:"key"`
	By     string `json:"by"` // identifier kind
	Tenant string `json:"tenant"`
	Why    string `json:"why"` // candidate, variant, claimed, name
}

// Mention is what free text may say of the subject: for staff to look at,
// never changed.
type Mention struct {
	Store  string   `json:"store,omitempty"` // database of the map; "" if it is about one
	Table  string   `json:"table"`
	Column string   `json:"column"`
	Term   string   `json:"term"` // identifier kind, or name
	Rows   int64    `json:"rows"`
	Keys   []string `json:"keys"` // of the first rows
	Cut    bool     `json:"cut"`  // there are more, or the time was over
}

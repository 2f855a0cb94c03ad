package datamap

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/google/uuid"
)

// Text is operator-written text in several languages: language tag → sentence.
type Text map[string]string

// In gives the text in a language, else in English, else in any.
func (t Text) In(tag string) string {
	if s, ok := t[tag]; ok {
		return s
	}
	if s, ok := t["en"]; ok {
		return s
	}
	for _, s := range t {
		return s
	}
	return ""
}

// Category is one kind of personal data as people understand it ("Messages"),
// with what Article 15(1) GDPR wants told about it.
type Category struct {
	ID         string
	Title      Text
	About      Text // one line: what is in it
	Purpose    Text // Art. 15(1)(a)
	Basis      Text // legal basis, Art. 6
	Recipients []Text
	Retention  Text // Art. 15(1)(d)
	Source     Text // Art. 15(1)(g)
	Transfers  Text // Art. 15(2); empty if none
	Content    bool // holds words people wrote: staff need content.read
}

// Controller says who decides about a table's data.
type Controller string

const (
	Operator     Controller = "operator"     // CrowsStack, or whoever runs the portal
	Organization Controller = "organization" // the customer; we are its processor
)

// Action is what a right does to one row.
type Action string

const (
	Export      Action = "export"
	Delete      Action = "delete"
	Anonymise   Action = "anonymise"
	Keep        Action = "keep"
	Tombstone   Action = "tombstone" // the row stays because others refer to it, and says nothing
	Redact      Action = "redact"    // parts of the row go
	Repairing   Action = "repair"
	Detaching   Action = "detach" // a reference to what goes is set to NULL
	Correcting  Action = "correct"
	Restricting Action = "restrict" // a flag is set
	Lifting     Action = "lift"     // the flag is undone
	Suppressing Action = "suppress" // an opt-out is written
	Shortening  Action = "shorten"  // a shorter retention is written
)

// Step is one line of a plan: one action on the rows of one table that are
// reached in one role.
type Step struct {
	Store      string     `json:"store,omitempty"` // database of the map; "" if it is about one
	Seq        int        `json:"seq"`             // order of execution, children first
	Table      string     `json:"table"`
	Role       string     `json:"role"` // owner, thread, author, addressee, about, tenant …
	Category   string     `json:"category"`
	Controller Controller `json:"controller"`
	Action     Action     `json:"action"`
	Rows       int64      `json:"rows"`
	Objects    int64      `json:"objects,omitempty"` // files in object storage that go with the rows
	Ground     string     `json:"ground,omitempty"`  // for Keep and Anonymise: retention ground code of the map
	Reason     Text       `json:"reason,omitempty"`  // the ground in words
	Until      string     `json:"until,omitempty"`   // YYYY-MM-DD, the last end of the kept rows
	Purpose    string     `json:"purpose,omitempty"` // for Restrict and Lift: what is stopped, a key of the map's stop
}

// Plan is exactly what will be done; its hash is what people approve.
type Plan struct {
	Kind    string  `json:"kind"`
	Map     string  `json:"map"`     // SHA-256 of the data map, hex
	Schema  string  `json:"schema"`  // fingerprint of the mapped part of the live schema, hex
	Subject string  `json:"subject"` // keyed digest of who it is about
	Cutoff  string  `json:"cutoff"`  // YYYY-MM-DD: periods that ended before it are over
	Steps   []Step  `json:"steps"`
	Spared  []Spare `json:"spared,omitempty"` // what was refused of it
	Asked   string  `json:"asked,omitempty"`  // keyed digest of the values that are written and the periods that are asked, hex
	Frozen  string  `json:"frozen,omitempty"` // digest over the frozen row list, hex
	// Where the map is about several databases: each one's plan, in this order.
	Databases []string `json:"databases,omitempty"`
	Parts     []Plan   `json:"parts,omitempty"`
	Hash      string   `json:"hash"` // SHA-256 over all the rest but Carriers, hex

	// Carriers are the other columns in which a corrected value still stands:
	// for staff to know, not to approve.
	Carriers []Carrier `json:"carriers,omitempty"`
}

// Carrier counts the rows in which a column holds a value.
type Carrier struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// Sum is what Hash must be: SHA-256 over the JSON of the plan without it and
// without what is only told.
func (p Plan) Sum() string {
	p.Hash, p.Carriers = "", nil
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings, numbers and maps of strings always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Outcome reports one finished (or running) step.
type Outcome struct {
	Operation uuid.UUID `json:"operation"`
	Step      Step      `json:"step"`
	Affected  int64     `json:"affected"`
	Done      bool      `json:"done"`
}

// Found reports what one table holds about a subject.
type Found struct {
	Store      string     `json:"store,omitempty"` // database of the map; "" if it is about one
	Table      string     `json:"table"`
	Category   string     `json:"category"`
	Controller Controller `json:"controller"`
	Role       string     `json:"role"`
	Rows       int64      `json:"rows"`
	Withheld   bool       `json:"withheld,omitempty"` // somebody else's words: counted, not exported
	Review     bool       `json:"review,omitempty"`   // staff look at it before it is released
}

// Finding is one thing that `datamap check` holds against a map.
type Finding struct {
	Store  string `json:"store,omitempty"` // database of the map; "" if it is about one
	Code   string `json:"code"`
	Table  string `json:"table"`
	Column string `json:"column,omitempty"`
	Line   int    `json:"line,omitempty"` // of the map's file: where to mend it
	Detail string `json:"detail"`
	Warn   bool   `json:"warn,omitempty"` // worth knowing; does not block
}

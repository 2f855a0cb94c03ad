// Package connector finds, reads and changes one subject's rows in the
// messaging store, as the data map says. Changes go in small fenced batches
// whose ledger lives inside the messaging store (schema dsar), in the same
// transaction as the rows.
package connector

import "github.com/crowsstack/privacy-portal/internal/datamap"

// Subject is who to look for. Only proved identifiers are in it: what a person
// merely typed never reaches the store as a key.
type Subject struct {
	Organization bool              // the organization that Email is administrator of, not the person
	Email        string            // proved by a mailed link
	Phone        string            // E.164, only if proved
	Keys         map[string]string // identifier kind of the map → value, for other proved ones
}

// Match is a row that is the subject (or its organization).
type Match struct {
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
}

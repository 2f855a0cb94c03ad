package privacy

import "github.com/crowsstack/privacy-portal/internal/datamap"

// What a search found, and what staff decide on before anybody proposes.

// Match is a row of the store that is the subject, as staff see it.
type Match struct {
	Store  string `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table  string `json:"table"`
	Key    string `json:"key"`
	By     string `json:"by"`
	Learnt bool   `json:"learnt"`
	Tenant string `json:"tenant"`

	Label        string `json:"label,omitempty"`        // whose it is, shown in part: "A… Schmidt, +49 … 42"
	Organization string `json:"organization,omitempty"` // what the tenant is called
}

// Ref names the row.
func (m Match) Ref() RowRef { return RowRef{m.Store, m.Table, m.Key} }

// RowRef names one row that may be a person.
type RowRef struct {
	Store string `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table string `json:"table"`
	Key   string `json:"key"`
}

// Candidate is a row that may be the person. Nothing is done with it before
// staff say that it is.
type Candidate struct {
	Store  string `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table  string `json:"table"`
	Key    string `json:"key"`
	By     string `json:"by"` // identifier kind
	Tenant string `json:"tenant"`
	Why    string `json:"why"` // candidate, variant, claimed, name

	Label        string `json:"label,omitempty"`        // whose it is, shown in part
	Organization string `json:"organization,omitempty"` // what the tenant is called
}

// Ref names the row.
func (c Candidate) Ref() RowRef { return RowRef{c.Store, c.Table, c.Key} }

// Mention is where free text may speak of the person: for staff to look at.
type Mention struct {
	Store  string   `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table  string   `json:"table"`
	Column string   `json:"column"`
	Term   string   `json:"term"` // identifier kind, or name
	Rows   int64    `json:"rows"`
	Keys   []string `json:"keys"` // of the first rows
	Cut    bool     `json:"cut"`  // there are more, or the time was over
}

// Field is a value that may be corrected, as the store has it.
type Field struct {
	Store    string       `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table    string       `json:"table"`
	Key      string       `json:"key"`
	Column   string       `json:"column"`
	Title    datamap.Text `json:"title"`
	Category string       `json:"category"`
	Old      string       `json:"old"`
	Type     string       `json:"type"`
	OneOf    []string     `json:"one_of,omitempty"`
	Routing  bool         `json:"routing"` // messages go where this says
	Tenant   string       `json:"tenant"`
}

// Edit is one value that a correction writes.
type Edit struct {
	Store   string `json:"store,omitempty"` // database of the data map; "" if it is about one
	Table   string `json:"table"`
	Key     string `json:"key"`
	Column  string `json:"column"`
	New     string `json:"new"`
	Routing bool   `json:"routing,omitempty"` // staff said yes to messages going elsewhere
}

// Refusal is an edit that the store would not take. Catalogue: "refused.<code>".
type Refusal struct {
	Table  string `json:"table"`
	Key    string `json:"key"`
	Column string `json:"column"`
	Code   string `json:"code"`
}

// ReviewColumn is a column that staff look through before it is handed over.
type ReviewColumn struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

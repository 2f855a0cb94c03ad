package datamap

import "slices"

// Provenance says where data came from, which decides about portability.
type Provenance string

const (
	Provided         Provenance = "provided"
	Observed         Provenance = "observed"
	Inferred         Provenance = "inferred"
	FromOrganization Provenance = "organisation"
)

// Portable says whether Article 20 GDPR covers it.
func (p Provenance) Portable() bool { return p == Provided || p == Observed || p == "" }

// Group is what a column is to the map.
type Group string

const (
	Data    Group = "data"    // the subject's own, exported
	None    Group = "none"    // no personal data
	Link    Group = "link"    // refers to other rows
	Secret  Group = "secret"  // never leaves the store
	Staff   Group = "staff"   // other people: redacted
	Mention Group = "mention" // free text that may name the subject or others
	Derived Group = "derived" // computed from other columns: never exported, always overwritten with them
)

// Column is one column of a table.
type Column struct {
	Name       string
	Group      Group
	Title      Text
	Category   string // "" for the table's
	JSON       bool
	Leaves     []LeafGroup // of a JSON value, the first that fits counts; empty: all is Data
	Mentions   bool        // free text where others may name the subject
	Review     bool        // staff look at it before it is released
	Encoded    string      // "base64": may hold identifiers in that writing
	Epoch      string      // "ms" or "s": a number that is a moment
	Only       []Role      // shown to these roles, redacted for others; empty for all
	Provenance Provenance
	Correct    *Correct // nil: cannot be corrected
	Line       int
}

// LeafGroup says what a place of a JSON value is to the map.
type LeafGroup struct {
	Path  JSONPath
	Group Group
}

// Correct says what may be written into a column when the subject corrects it.
type Correct struct {
	Type    string // text, name, email, phone, date, number, language, one_of
	Pattern string
	// PatternFrom is where the store itself keeps the pattern; nil if it does not.
	PatternFrom *PatternFrom
	OneOf       []string
	Unique      bool   // within the tenant, case folded
	Stored      Stored // form of an identifier; AsTyped keeps the form of the old value
	Routing     bool   // messages go where it says: staff must say yes to that
	Kind        string // identifier kind, for what else carries the old value; "" if none
	// Leaves are the places of a JSON value that may be corrected; the value as
	// a whole may not.
	Leaves []CorrectLeaf
}

// PatternFrom names the column of another table that holds the pattern of a
// value: whoever lets people define fields keeps the rule beside the name.
type PatternFrom struct {
	Table, Column string
	On            []Pair // Mine is Table's column, Theirs the corrected table's
	When          []Condition
	Line          int
}

// CorrectLeaf is a place of a JSON value that may be corrected: a path of keys.
type CorrectLeaf struct {
	Path    JSONPath
	Correct *Correct
}

// Column gives a column by name.
func (t *Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Origin is the column's provenance, its own or the table's.
func (t *Table) Origin(c Column) Provenance {
	if c.Provenance != "" {
		return c.Provenance
	}
	return t.Provenance
}

// InGroup lists the columns of a group.
func (t *Table) InGroup(g Group) []string {
	var out []string
	for _, c := range t.Columns {
		if c.Group == g {
			out = append(out, c.Name)
		}
	}
	return out
}

// Package letter builds the letters that a person gets about a request: one
// tree, written as HTML, as plain text and as PDF. It refuses to build a letter
// in which something is missing that has to be told.
package letter

import (
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Kind is what a letter is for. Catalogue: "letters.kind.<kind>".
type Kind string

const (
	Acknowledgement   Kind = "acknowledgement"
	Verification      Kind = "verification"
	Extension         Kind = "extension"
	Clarification     Kind = "clarification"
	Refusal           Kind = "refusal"
	Partial           Kind = "partial" // some of it is refused
	Fulfilment        Kind = "fulfilment"
	NothingFound      Kind = "nothing_found"
	RestrictionLifted Kind = "restriction_lifted"
	Redirected        Kind = "redirected" // somebody else decides about the data
	AppealDecided     Kind = "appeal_decided"
)

// Kinds are all kinds, in the order of a request's life.
var Kinds = []Kind{Acknowledgement, Verification, Clarification, Extension, Fulfilment, Partial, Refusal, NothingFound, RestrictionLifted, Redirected, AppealDecided}

// Decides says that such a letter ends something: it has the date of a decision.
func (k Kind) Decides() bool {
	switch k {
	case Acknowledgement, Verification, Clarification, Extension:
		return false
	}
	return true
}

// Letter is a letter before it is written in one of its forms.
type Letter struct {
	Kind     Kind
	Lang     lang.Tag
	Dir      string
	Title    string
	From     string // who writes
	Address  []string
	Ref      string
	Made     time.Time // the same letter made again has the same bytes
	Edition  int       // of the operator's wording; 0 is ours
	Head     []Fact    // number, dates, law
	Greeting string
	Sections []Section

	foot   string // "Page 1 of 2", with the words for both
	unlike string // what the PDF says where it has no glyph for a letter
	narrow bool   // paper of North America
}

// Section is one block of a letter.
type Section struct {
	Block string // which one, see blocks.go
	Title string
	Parts []Part
}

// Part is one of: a paragraph, a list, a list of names with values; under a
// smaller heading, if it has a title.
type Part struct {
	Title string
	Text  Text
	Items []Text
	Facts []Fact
}

// Fact is a name and its value.
type Fact struct {
	Name  string
	Value Text
}

// Text is a line of words and of values put into them.
type Text []Span

// Span is a piece of a text.
type Span struct {
	Text  string
	Value bool   // put in: it may run in another direction
	Link  string // where it leads
}

func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Block gives a section by its name; nil where the letter has none.
func (l Letter) Block(name string) *Section {
	for i := range l.Sections {
		if l.Sections[i].Block == name {
			return &l.Sections[i]
		}
	}
	return nil
}

// Missing is something that a letter must tell and nobody has said.
// Catalogue: "letters.missing.<block>".
type Missing struct {
	Block string
	Of    string // the category or the item that lacks it; "" for the letter
}

// Incomplete says why there is no letter.
type Incomplete struct {
	Kind    Kind
	Missing []Missing
}

// Blocks names what is missing, each once.
func (e *Incomplete) Blocks() []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range e.Missing {
		if !seen[m.Block] {
			seen[m.Block] = true
			out = append(out, m.Block)
		}
	}
	return out
}

func (e *Incomplete) Error() string {
	return "the letter " + string(e.Kind) + " lacks " + strings.Join(e.Blocks(), ", ")
}

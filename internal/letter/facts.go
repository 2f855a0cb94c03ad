package letter

import (
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Facts is what a letter is built from. What a kind of letter does not speak of
// may be empty; what it must tell and finds empty is an Incomplete.
type Facts struct {
	// The case.
	Ref      string
	Law      string // code of the regime
	Right    string // kind of request: access, deletion …
	Name     string // as typed: only ever shown as a value
	Lang     lang.Tag
	Received time.Time
	Decided  time.Time // zero: now, which is Made
	Made     time.Time
	Due      time.Time // by when the law wants the answer
	AtOnce   bool      // nobody decides: it is carried out as it comes

	// Who answers.
	House

	// What the letter is about.
	Reason    string     // staff's words to the person: why longer, why not, what was decided
	Questions []string   // verification, clarification: what we ask for
	NewDue    time.Time  // extension
	Paused    bool       // clarification, verification: the clock stands until the answer comes
	Restarts  bool       // verification: the clock begins when the answer comes
	Items     []Item     // what became of each thing that was asked for
	Held      []Category // what we hold, category by category; those without rows were searched
	Searched  []string   // categories that were searched, where Held says no more
	LeftOut   []Omission // found and not handed over
	Until     time.Time  // the copy can be fetched until then
	Downloads int        // how often
	Parts     int        // the copy comes in so many files
	Days      int        // how long data is kept from now on
	Purposes  []string   // what was stopped, in words
	Told      []string   // recipients who were told, Article 19
	Owner     string     // who decides about the data, if the person may know
	Forwarded bool       // they have the request already
	Verdict   Verdict    // of an appeal
}

// House is who answers, the same in every letter.
type House struct {
	Operator string   // the company's name
	Address  []string // by lines, if it is told
	Contact  string   // an address of mail
	Officer  string   // the data protection officer or representative, if there is one
	Page     string   // the request's page, with scheme and host
	Complain string   // the page for complaints
}

// Verdict is what became of an appeal or a complaint.
type Verdict string

const (
	Upheld   Verdict = "upheld" // the person was right
	Partly   Verdict = "partly"
	Rejected Verdict = "rejected"
)

// Outcomes of one item. Catalogue: "letters.outcome.<outcome>".
const (
	Given      = "given"
	Deleted    = "deleted"
	Anonymised = "anonymised"
	Kept       = "kept"
	Corrected  = "corrected"
	Restricted = "restricted"
	Lifted     = "lifted"
	Stopped    = "stopped"
	Shortened  = "shortened"
	Refused    = "refused"
)

// Item is one thing that was asked for, and what became of it.
type Item struct {
	What    string
	Outcome string
	Rows    int64
	Code    string    // refusal code, see law.md; "" where nothing was refused
	Law     string    // article that it rests on, where the code does not say
	Why     string    // in words
	Until   time.Time // kept until then
}

// Category is what we hold of one sort, with what the law wants told about it.
type Category struct {
	ID         string
	Title      string
	About      string
	Rows       int64
	Purpose    string
	Basis      string
	Recipients []string
	Retention  string
	Source     string
	Transfers  string
}

// Omission is something that was found and not handed over.
type Omission struct{ What, Why string }

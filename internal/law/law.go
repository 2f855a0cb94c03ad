// Package law holds the privacy laws that the portal answers to as data, and
// computes deadlines from them. Nothing here is legal advice: every row says
// where it comes from and whether somebody read it there.
package law

import "strings"

// Unit is what a period is counted in.
type Unit string

const (
	Days         Unit = "days"          // calendar days; the day of receipt does not count
	Months       Unit = "months"        // the same day of a later month, else its last day
	BusinessDays Unit = "business_days" // Monday to Friday without holidays, from the day after receipt
)

// Period is a length of time. The zero Period means that the law names none.
type Period struct {
	N    int
	Unit Unit
}

// Roll says what happens to a last day on which nobody works.
type Roll string

const (
	Stays        Roll = "stays"         // it stays the last day
	PastWeekends Roll = "past_weekends" // Saturday, Sunday and holidays move it to the next working day
	PastSundays  Roll = "past_sundays"  // Sunday and holidays do; Saturday does not
)

// Right is a short code of a right: A access, C correct, D delete, P port,
// R restrict, O object, W withdraw consent, S opt out of sale, targeted
// advertising and profiling, L limit the use of sensitive data, H human review,
// N nominee.
type Right byte

// Mark says whether a row was read in its source or is general knowledge that
// counsel has to confirm; screens show the latter.
type Mark string

const (
	Verified   Mark = "verified"
	Unverified Mark = "unverified"
)

// Authority is whom a person may complain to.
type Authority struct{ Name, URL string }

// Term is how long an answer may take.
type Term struct {
	Response       Period
	Extension      Period // on top of Response, counted from the same start
	OpenExtension  bool   // no fixed length: the notice names the date
	Ack            Period // acknowledgement, where the law wants one
	FirstDayCounts bool   // one reading counts the day of receipt; it feeds Earliest only
	OwnMeasure     bool   // the law says "without delay" or the like; the number is ours
}

// Regime is one law as it applies in one place.
type Regime struct {
	Code      string // as in the command line: "EU-DE", "UK", "US-CA"
	Name      string // catalogue key of the law's name
	Place     string // code of the state within the law (catalogue "place.…"), "" if it has one only
	Refs      string // the articles on time
	Term             // of every kind that Kinds does not name
	Kinds     map[string]Term
	Roll      Roll
	Zone      string // IANA name; where the day of receipt and the last day are taken
	Calendar  string // whose holidays, see holidays.go; "" if only weekends are known
	Rights    string // Right codes
	Authority Authority
	Source    string
	Mark      Mark
	Note      string // what counsel has to look at; for the settings page
}

// Generous is the law for a place that we have no row for: of all rows it
// gives the most rights, and its time is taken without any roll-over.
const Generous = "EU"

// For gives the regime with that code. It also takes the code of a place
// ("DE", "US-NY"), and "EU-DE-BE" for the holidays of a German state. Anything
// unknown gets the Generous one.
func For(code string) Regime {
	if r, ok := regimes[code]; ok {
		return r
	}
	if state, ok := strings.CutPrefix(code, "EU-DE-"); ok && calendars["DE-"+state] != nil {
		r := regimes["EU-DE"]
		r.Code, r.Calendar = code, "DE-"+state
		return r
	}
	if law, ok := lawOf[code]; ok {
		return regimes[law]
	}
	return regimes[Generous]
}

// term picks the term of a kind of request.
func (r Regime) term(kind string) Term {
	if t, ok := r.Kinds[kind]; ok {
		return t
	}
	return r.Term
}

// Grants says whether the law gives the right with this code.
func (r Regime) Grants(right Right) bool { return strings.IndexByte(r.Rights, byte(right)) >= 0 }

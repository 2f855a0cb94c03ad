// Package law holds the privacy laws that the portal answers to as data, and
// computes deadlines from them. Nothing here is legal advice: every row says
// where it comes from and whether somebody read it there.
package law

import (
	"strings"
	"sync"
	"time"
)

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

func (p Period) plus(q Period) Period { return Period{p.N + q.N, p.Unit} }

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

// AllRights in the order of screens.
const AllRights = "ACDPROWSLHN"

// Mark says whether a row was read in its source or is general knowledge that
// counsel has to confirm; screens show the latter.
type Mark string

const (
	Verified   Mark = "verified"
	Partly     Mark = "partly" // read, but for the parts that Unread names
	Unverified Mark = "unverified"
)

// Measure says whose number a period is.
type Measure string

const (
	ByLaw     Measure = ""          // the law's
	Undelayed Measure = "undelayed" // the law says "without delay" or the like; the number is ours
	Ours      Measure = "ours"      // the law is silent; the number is ours
)

// Authority is whom a person may complain to.
type Authority struct{ Name, URL string }

// Term is how long an answer may take.
type Term struct {
	Response       Period
	Measure        Measure
	Extension      Period // on top of Response, counted from the same start
	OpenExtension  bool   // no fixed length: the notice names the date
	Notice         Period // the last moment for the notice of an extension, if not the end of Response
	Ack            Period // acknowledgement, where the law wants one
	AtOnce         bool   // a first, simple answer is due on the day of receipt
	FirstDayCounts bool   // one reading counts the day of receipt; it feeds Earliest only
	RunsOn         bool   // no question to the person stops this clock
	Steps          []Step // what else is due by when
}

// Step is one more date that a law sets. Catalogue: "law.step.<name>".
type Step struct {
	Name string
	By   Period
}

// Pause is what an open question to the person does to the clock.
type Pause string

const (
	NoPause       Pause = ""                // the clock runs on
	Stops         Pause = "stops"           // by practice: the days from question to answer do not count, but Earliest stays
	StopsBothEnds Pause = "stops_both_ends" // by law: nor do the days of question and answer
	Restarts      Pause = "restarts"        // by law: the clock starts on the day of the answer
	Reflects      Pause = "reflects"        // by law: the clock starts after ten days of reflection; silence withdraws
)

// Pauses is what each question does.
type Pauses struct {
	Identity, Clarification, Fee Pause
	ClarifyOnly                  string // the one kind of request whose clarification stops the clock; "" for all
}

// Appeal is what a person may do against an answer. Catalogue: "law.appeal.<rule>".
type Appeal struct {
	Rule      string
	Period    Period // to decide an appeal made to us; zero if the law knows none
	Extension Period
}

// Fee is what an answer may cost the person. Catalogue: "law.fee.<rule>".
type Fee struct {
	Rule string
	Free int // free answers a year; 0 if the law does not count
}

// Change is what becomes different for requests received on or after a day.
type Change struct {
	From   string // the default reading
	Strict string // another reading, a little earlier; "" if there is none
	Refs   string
	Term   *Term
	Kinds  map[string]Term
	Rights string
}

// Regime is one law as it applies in one place.
type Regime struct {
	Code    string // as in the command line: "EU-DE", "UK", "US-CA"
	Name    string // catalogue key of the law's name
	Place   string // code of the state within the law (catalogue "place.…"), "" if it has one only
	Family  string // the laws whose articles and differences it shares: "EU", "US" (the states but California); "" if it stands alone
	Refs    string // the articles on time
	Term           // of every kind that Kinds does not name
	Kinds   map[string]Term
	Changes []Change // in order of time
	Pauses  Pauses
	Roll    Roll

	Zone           string // IANA name; where the day of receipt and the last day are taken
	West           string // a zone further west that is as plausible: its date feeds Earliest
	Calendar       string // whose holidays, see calendars.go; "" if only weekends are known
	StrictCalendar string // another calendar for working days that one reading takes: it feeds Earliest

	Rights     string   // Right codes
	NoticeSays []string // what the notice of an extension contains; catalogue "law.notice.…"
	Appeal     Appeal
	Fee        Fee
	Authority  Authority
	Also       []Authority // further ones
	InForce    string      // since when, as a date
	Source     string      // where it was read; "" for general knowledge
	Mark       Mark
	Unread     []string // the parts that nobody read in a source; catalogue "law.part.…"
	Notes      []string // what else to know; catalogue "law.note.…"

	closed []time.Time // the operator's own closing days, see Closed
	within int         // the house's own rule, see Within
}

// Generous is the law for a place that we have no row for: of all rows it
// gives the most rights, and its time is taken without any roll-over.
const Generous = "EU"

// Codes lists every law, in order.
func Codes() []string { return codes }

// For gives the regime with that code. It also takes the code of a place
// ("DE", "US-NY"), and "EU-DE-BE" or "CH-ZH" for the holidays of a German state
// or a Swiss canton. Anything unknown gets the Generous one.
func For(code string) Regime {
	r, ok := Find(code)
	if !ok {
		return regimes[Generous]
	}
	return r
}

// Find is For that says whether the code is known.
func Find(code string) (Regime, bool) {
	if r, ok := regimes[code]; ok {
		return r, true
	}
	if law, ok := lawOf[code]; ok {
		return regimes[law], true
	}
	if i := strings.LastIndexByte(code, '-'); i > 0 {
		place := strings.TrimPrefix(code, "EU-")
		if r, ok := regimes[code[:i]]; ok && calendars[place] != nil {
			r.Code, r.Calendar = code, place
			return r, true
		}
	}
	return Regime{}, false
}

// Grants says whether the law gives the right with this code.
func (r Regime) Grants(right Right) bool { return strings.IndexByte(r.Rights, byte(right)) >= 0 }

// Is says whether the regime is the law with this code or belongs to it.
func (r Regime) Is(code string) bool { return r.Code == code || r.Family == code }

// notRights are kinds that no law sets a time for: the portal promises them.
// Where consent may be withdrawn, that has to be as easy as giving it was, so
// nothing stops it.
var notRights = map[string]Measure{"shortened_retention": Ours, "subprocessor_list": Ours, "complaint": Ours, "appeal": Ours, "withdrawal": Undelayed}

// TermOf is the term of a kind of request that was received on that day.
func (r Regime) TermOf(kind string) Term {
	if t, ok := r.Kinds[kind]; ok {
		return t
	}
	if kind == "appeal" && r.Appeal.Period.N > 0 {
		return Term{Response: r.Appeal.Period, Extension: r.Appeal.Extension, RunsOn: true}
	}
	if m, ok := notRights[kind]; ok {
		if m == Undelayed && !r.Grants('W') {
			m = Ours
		}
		return Term{Response: r.Response, Measure: m, RunsOn: true}
	}
	return r.Term
}

// On is the law as it stands for requests received on that day.
func (r Regime) On(received time.Time) Regime {
	return r.since(received, func(c Change) string { return c.From })
}

func (r Regime) since(received time.Time, from func(Change) string) Regime {
	day := received.In(r.location()).Format(time.DateOnly)
	for _, c := range r.Changes {
		if day >= from(c) {
			r = r.changed(c)
		}
	}
	return r
}

func (r Regime) changed(c Change) Regime {
	if c.Refs != "" {
		r.Refs = c.Refs
	}
	if c.Rights != "" {
		r.Rights = c.Rights
	}
	if c.Term != nil {
		r.Term = *c.Term
	}
	kinds := make(map[string]Term, len(r.Kinds)+len(c.Kinds))
	for _, from := range []map[string]Term{r.Kinds, c.Kinds} {
		for kind, t := range from {
			kinds[kind] = t
		}
	}
	r.Kinds = kinds
	return r
}

// location never fails for a row of ours: a test loads every zone.
func (r Regime) location() *time.Location { return zone(r.Zone) }

var zones sync.Map // by name; the library reads a file each time

func zone(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC
	}
	zones.Store(name, loc)
	return loc
}

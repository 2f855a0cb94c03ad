package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

type due struct {
	Law      []string  `help:"The law, such as EU-DE, UK, US-CA; several, and the earliest of each date holds." required:"" placeholder:"CODE"`
	Received time.Time `help:"When the request arrived, RFC 3339." required:"" placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	Kind     string    `help:"What was asked for." default:"access"`
	Event    []string  `help:"What happened to the clock, as KIND=TIME; for an extension with the day that it named, extended=TIME/2026-05-31." sep:"none" placeholder:"KIND=TIME"`
	Within   int       `help:"A rule of the house to answer in so many days. It pulls the target forward." placeholder:"DAYS"`
	Holidays string    `help:"A file with our own closing days: YYYY-MM-DD or MM-DD a line. They pull the target forward." placeholder:"FILE"`
}

// kinds are the words of the product contract.
var kinds = []string{"access", "portability", "correction", "deletion", "restriction", "objection", "withdrawal",
	"opt_out", "shortened_retention", "subprocessor_list", "complaint", "appeal"}

// dates are days in the law's zone; null where the law names none.
type dates struct {
	Law         string   `json:"law"`
	Kind        string   `json:"kind"`
	Earliest    *string  `json:"earliest"`
	Legal       *string  `json:"legal_due"`
	Extended    *string  `json:"extended_due"`
	NoticeBy    *string  `json:"notice_by"`
	Ack         *string  `json:"ack_due"`
	AckEarliest *string  `json:"ack_earliest"`
	Target      *string  `json:"target"`
	IsExtended  bool     `json:"extended"`
	Paused      bool     `json:"paused"`
	Rights      string   `json:"rights"`
	Mark        string   `json:"mark"`
	Trace       []string `json:"trace"`
	Laws        []dates  `json:"laws,omitempty"` // each for itself, if there are several
}

func (d due) Run(a *app) error {
	regimes, err := d.regimes()
	if err != nil {
		return err
	}
	if !slices.Contains(kinds, d.Kind) {
		return misuse("there is no kind %q: expected one of %s", d.Kind, strings.Join(kinds, ", "))
	}
	events, err := d.events()
	if err != nil {
		return err
	}
	r := d.dates(regimes, events)
	if len(regimes) > 1 {
		for _, one := range regimes {
			r.Laws = append(r.Laws, d.dates([]law.Regime{one}, events))
		}
	}
	return a.show(r)
}

func (d due) regimes() (list []law.Regime, err error) {
	var closed []time.Time
	if d.Holidays != "" {
		if closed, err = closingDays(d.Holidays); err != nil {
			return nil, err
		}
	}
	for _, code := range d.Law {
		r, ok := law.Find(strings.TrimSpace(code))
		if !ok {
			return nil, misuse("there is no law %q: expected one of %s, or the code of a place", code, strings.Join(law.Codes(), ", "))
		}
		if !slices.ContainsFunc(list, func(o law.Regime) bool { return o.Code == r.Code }) {
			list = append(list, r.Closed(closed...).Within(d.Within))
		}
	}
	return list, nil
}

func closingDays(path string) ([]time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, misuse("there is no file %s", path)
	}
	defer f.Close()
	days, err := law.ReadDays(f)
	if err != nil {
		return nil, misuse("%s, %v", path, err)
	}
	return days, nil
}

func (d due) events() (list []law.Event, err error) {
	for _, word := range d.Event {
		kind, at, ok := strings.Cut(word, "=")
		if !ok {
			return nil, misuse("%q is no event: expected KIND=TIME", word)
		}
		e := law.Event{Kind: law.EventKind(kind)}
		if !slices.Contains(law.EventKinds, e.Kind) {
			return nil, misuse("there is no event %q: expected one of %s", kind, eventWords())
		}
		at, until, named := strings.Cut(at, "/")
		if e.At, err = time.Parse(time.RFC3339, at); err != nil {
			return nil, misuse("the time of %s is %q: expected RFC 3339, such as 2026-01-31T10:00:00+01:00", kind, at)
		}
		if named {
			if e.Until, err = time.Parse(time.DateOnly, until); err != nil || e.Kind != law.Extended {
				return nil, misuse("the day of %s is %q: expected YYYY-MM-DD, and for an extension only", kind, until)
			}
		}
		list = append(list, e)
	}
	return list, nil
}

func eventWords() string {
	words := make([]string, len(law.EventKinds))
	for i, k := range law.EventKinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

func (d due) dates(regimes []law.Regime, events []law.Event) dates {
	x := law.Strictest(regimes, d.Kind, d.Received, events...)
	r := dates{Kind: d.Kind, Earliest: day(x.Earliest), Legal: day(x.LegalDue), Extended: day(x.ExtendedDue), NoticeBy: day(x.NoticeBy),
		Ack: day(x.AckDue), AckEarliest: day(x.AckEarliest), Target: day(x.Target), IsExtended: x.Extended, Paused: x.Paused,
		Rights: law.Widest(regimes), Mark: string(law.Weakest(regimes)), Trace: []string{}}
	codes := make([]string, len(regimes))
	for i, one := range regimes {
		codes[i] = one.Code
	}
	r.Law = strings.Join(codes, ",")
	for _, line := range x.Trace {
		values := line.Values(func(t time.Time) string { return t.Format(time.DateOnly) })
		r.Trace = append(r.Trace, lang.In(lang.English, line.Key, values...))
	}
	return r
}

func day(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.Format(time.DateOnly)
	return &s
}

func (r dates) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	extended := "if extended"
	if r.IsExtended {
		extended = "extended to"
	}
	for _, line := range []struct {
		name string
		day  *string
	}{{"legal due", r.Legal}, {"earliest reading", r.Earliest}, {"target", r.Target}, {extended, r.Extended}, {"announce that by", r.NoticeBy}, {"acknowledge by", r.Ack}} {
		if line.day != nil {
			fmt.Fprintf(t, "%s\t%s\n", line.name, *line.day)
		}
	}
	_ = t.Flush() // the terminal is gone: nobody is left to tell
	if r.Paused {
		fmt.Fprintln(w, "The clock stands.")
	}
	if r.Mark != string(law.Verified) {
		fmt.Fprintln(w, "Not all of this was verified in a source: have counsel read it.")
	}
	for _, line := range r.Trace {
		fmt.Fprintln(w, "-", line)
	}
}

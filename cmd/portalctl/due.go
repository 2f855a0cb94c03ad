package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

type due struct {
	Law      string    `help:"The law, such as EU-DE, UK, US-CA." required:"" placeholder:"CODE"`
	Received time.Time `help:"When the request arrived, RFC 3339." required:"" placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	Kind     string    `help:"What was asked for." default:"access"`
}

// kinds are the words of the product contract.
var kinds = []string{"access", "portability", "correction", "deletion", "restriction", "objection", "withdrawal",
	"opt_out", "shortened_retention", "subprocessor_list", "complaint", "appeal"}

// dates are days in the law's zone; null where the law names none.
type dates struct {
	Law      string   `json:"law"`
	Kind     string   `json:"kind"`
	Earliest *string  `json:"earliest"`
	Legal    *string  `json:"legal_due"`
	Extended *string  `json:"extended_due"`
	Ack      *string  `json:"ack_due"`
	Target   *string  `json:"target"`
	Trace    []string `json:"trace"`
}

func (d due) Run(a *app) error {
	regime := law.For(d.Law)
	if regime.Code != d.Law && !slices.ContainsFunc(law.Places(), func(p law.Place) bool { return p.Code == d.Law }) {
		return misuse("there is no law %q: expected a code such as EU-DE, UK, US-CA or CA-FED", d.Law)
	}
	if !slices.Contains(kinds, d.Kind) {
		return misuse("there is no kind %q: expected one of %s", d.Kind, strings.Join(kinds, ", "))
	}
	x := regime.Deadline(d.Kind, d.Received)
	r := dates{Law: regime.Code, Kind: d.Kind, Earliest: day(x.Earliest), Legal: day(x.LegalDue), Extended: day(x.ExtendedDue),
		Ack: day(x.AckDue), Target: day(x.Target), Trace: []string{}}
	for _, line := range x.Trace {
		values := line.Values(func(t time.Time) string { return t.Format(time.DateOnly) })
		r.Trace = append(r.Trace, lang.In(lang.English, line.Key, values...))
	}
	return a.show(r)
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
	for _, line := range []struct {
		name string
		day  *string
	}{{"legal due", r.Legal}, {"earliest reading", r.Earliest}, {"target", r.Target}, {"if extended", r.Extended}, {"acknowledge by", r.Ack}} {
		if line.day != nil {
			fmt.Fprintf(t, "%s\t%s\n", line.name, *line.day)
		}
	}
	_ = t.Flush() // the terminal is gone: nobody is left to tell
	for _, line := range r.Trace {
		fmt.Fprintln(w, "-", line)
	}
}

package law_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/law"
)

// events writes "identity_asked 2026-03-05" as what happens at noon of that day
// in the law's zone; "extended 2026-03-05 2026-05-01" names a day as well.
func events(t *testing.T, r law.Regime, list ...string) (out []law.Event) {
	t.Helper()
	for _, s := range list {
		words := strings.Fields(s)
		e := law.Event{Kind: law.EventKind(words[0]), At: at(t, r.Zone, words[1]+" 12:00")}
		if len(words) > 2 {
			e.Until = at(t, r.Zone, words[2]+" 12:00")
		}
		out = append(out, e)
	}
	return out
}

// The rules of what moves a clock, one line each.
func TestWhatMovesTheClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, law, kind, received string
		events                    []string
		earliest, legal, extended string
		paused, isExtended        bool
		says                      string // a key of the trace
	}{
		{name: "EU: a doubt about identity shifts by the days it took, and the earliest date stays", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, earliest: "2026-04-03", legal: "2026-04-13", extended: "2026-06-15", says: "law.trace.stopped"},
		{name: "EU: so does a question about what is wanted", law: "EU-DE", kind: "deletion", received: "2026-03-03 10:00",
			events: []string{"clarification_asked 2026-03-05", "clarified 2026-03-12"}, earliest: "2026-04-03", legal: "2026-04-10", extended: "2026-06-10", says: "law.trace.strict_practice"},
		{name: "EU: first the months, then the pause, then the roll", law: "EU-DE", kind: "access", received: "2026-01-31 10:00",
			events: []string{"identity_asked 2026-02-02", "identity_proved 2026-02-03"}, earliest: "2026-02-28", legal: "2026-03-02", extended: "2026-05-04"},
		{name: "EU: a fee does not stop the clock", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"fee_asked 2026-03-05", "fee_paid 2026-03-15"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", says: "law.trace.runs_on.fee"},
		{name: "EU: pauses that overlap count once", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"identity_asked 2026-03-05", "clarification_asked 2026-03-10", "identity_proved 2026-03-15", "clarified 2026-03-20"},
			earliest: "2026-04-03", legal: "2026-04-20", extended: "2026-06-18", says: "law.trace.overlap"},
		{name: "EU: while the answer is open the clock stands", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-03-05"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", paused: true, says: "law.trace.paused"},
		{name: "EU: a question that came late counts, with a warning", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-03-23", "identity_proved 2026-03-25"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-05", says: "law.trace.slow"},
		{name: "EU: a question after the last day brings nothing back", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-04-08", "identity_proved 2026-04-20"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", says: "law.trace.too_late.identity"},
		{name: "EU: withdrawal of consent waits for nobody", law: "EU-DE", kind: "withdrawal", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, earliest: "2026-04-03", legal: "2026-04-07", says: "law.trace.undelayed_month"},

		{name: "UK: proof of identity starts the month again", law: "UK", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-03-05", "identity_proved 2026-03-16"}, earliest: "2026-04-15", legal: "2026-04-16", extended: "2026-06-16", says: "law.trace.restarted"},
		{name: "UK: so does a fee", law: "UK", kind: "deletion", received: "2026-03-03 10:00",
			events: []string{"fee_asked 2026-03-05", "fee_paid 2026-03-20"}, earliest: "2026-04-19", legal: "2026-04-20", extended: "2026-06-22"},
		{name: "UK: the latest of them counts", law: "UK", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"fee_asked 2026-03-05", "fee_paid 2026-03-10", "identity_asked 2026-03-05", "identity_proved 2026-03-16"},
			earliest: "2026-04-15", legal: "2026-04-16", extended: "2026-06-16"},
		{name: "UK: clarification takes both days out, by another reading one less", law: "UK", kind: "access", received: "2026-03-09 10:00",
			events: []string{"clarification_asked 2026-03-11", "clarified 2026-03-16"}, earliest: "2026-04-13", legal: "2026-04-15", extended: "2026-06-15", says: "law.trace.strict_both"},
		{name: "UK: asked and answered on one day takes that day out", law: "UK", kind: "access", received: "2026-03-09 10:00",
			events: []string{"clarification_asked 2026-03-11", "clarified 2026-03-11"}, earliest: "2026-04-08", legal: "2026-04-10", extended: "2026-06-10"},
		{name: "UK: clarification of a deletion stops nothing", law: "UK", kind: "deletion", received: "2026-03-09 10:00",
			events: []string{"clarification_asked 2026-03-11", "clarified 2026-03-16"}, earliest: "2026-04-08", legal: "2026-04-09", extended: "2026-06-09", says: "law.trace.runs_on.clarification"},
		{name: "UK: days before the new start are not taken out again", law: "UK", kind: "access", received: "2026-03-02 10:00",
			events:   []string{"clarification_asked 2026-03-03", "clarified 2026-03-12", "identity_asked 2026-03-05", "identity_proved 2026-03-10"},
			earliest: "2026-04-11", legal: "2026-04-13", extended: "2026-06-15"},
		{name: "UK: a date once given does not get earlier by a new start", law: "UK", kind: "access", received: "2026-01-26 10:00",
			events:   []string{"clarification_asked 2026-01-26", "clarified 2026-01-30", "identity_asked 2026-01-31", "identity_proved 2026-01-31"},
			earliest: "2026-03-01", legal: "2026-03-03", extended: "2026-05-01", says: "law.trace.kept"},

		{name: "UK: while the clock stands, a further question counts however late", law: "UK", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"identity_asked 2026-03-05", "fee_asked 2026-05-04", "identity_proved 2026-05-05", "fee_paid 2026-05-18"},
			earliest: "2026-06-17", legal: "2026-06-18", extended: "2026-08-18"},
		{name: "EU: in an extended time a question counts too", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"extended 2026-03-10", "clarification_asked 2026-04-20", "clarified 2026-04-30"},
			earliest: "2026-04-03", legal: "2026-04-13", extended: "2026-06-15", isExtended: true},

		{name: "Switzerland: ten days to think about a fee, then the thirty", law: "CH", kind: "access", received: "2026-03-02 10:00",
			events: []string{"fee_asked 2026-03-05", "fee_paid 2026-03-07"}, earliest: "2026-04-14", legal: "2026-04-14", says: "law.trace.reflected"},
		{name: "Switzerland: silence lets the clock stand", law: "CH", kind: "access", received: "2026-03-02 10:00",
			events: []string{"fee_asked 2026-03-05"}, earliest: "2026-04-14", legal: "2026-04-14", paused: true},
		{name: "Switzerland: a yes after ten days is a new request", law: "CH", kind: "access", received: "2026-03-02 10:00",
			events: []string{"fee_asked 2026-03-05", "fee_paid 2026-03-20"}, earliest: "2026-04-19", legal: "2026-04-20", says: "law.trace.reflected_late"},
		{name: "Switzerland: an extension counts with the day that it names", law: "CH", kind: "access", received: "2026-03-02 10:00",
			events: []string{"extended 2026-03-20 2026-05-15"}, earliest: "2026-04-01", legal: "2026-04-01", extended: "2026-05-15", isExtended: true},
		{name: "Switzerland: without a day it does not", law: "CH", kind: "access", received: "2026-03-02 10:00",
			events: []string{"extended 2026-03-20"}, earliest: "2026-04-01", legal: "2026-04-01", says: "law.trace.extension_unnamed"},

		{name: "California: identity never proved changes nothing", law: "US-CA", kind: "access", received: "2026-11-20 15:00",
			events: []string{"identity_asked 2026-11-21"}, earliest: "2027-01-03", legal: "2027-01-04", extended: "2027-02-18", says: "law.trace.runs_on.identity"},
		{name: "California: nor do question and answer", law: "US-CA", kind: "deletion", received: "2026-11-20 15:00",
			events:   []string{"identity_asked 2026-11-21", "identity_proved 2026-12-24", "clarification_asked 2026-11-21", "clarified 2026-12-24", "fee_asked 2026-11-21", "fee_paid 2026-12-24"},
			earliest: "2027-01-03", legal: "2027-01-04", extended: "2027-02-18"},
		{name: "California: an opt-out in fifteen working days", law: "US-CA", kind: "opt_out", received: "2026-11-20 15:00",
			earliest: "2026-12-14", legal: "2026-12-15", says: "law.trace.strict_calendar"},
		{name: "Oregon: no duty until the person can be recognised", law: "US-OR", kind: "access", received: "2026-03-02 10:00",
			events: []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, earliest: "2026-04-16", legal: "2026-04-26", extended: "2026-06-10"},
		{name: "Virginia: the clock runs on", law: "US-VA", kind: "access", received: "2026-03-02 10:00",
			events: []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, earliest: "2026-04-16", legal: "2026-04-16", extended: "2026-05-31"},

		{name: "an extension counts on the last day for it", law: "EU-DE", kind: "access", received: "2026-01-31 10:00",
			events: []string{"extended 2026-03-02"}, earliest: "2026-02-28", legal: "2026-03-02", extended: "2026-04-30", isExtended: true, says: "law.trace.extended_now"},
		{name: "and not the day after", law: "EU-DE", kind: "access", received: "2026-01-31 10:00",
			events: []string{"extended 2026-03-03"}, earliest: "2026-02-28", legal: "2026-03-02", extended: "2026-04-30", says: "law.trace.extension_late"},
		{name: "a pause gives more time for the notice too", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15", "extended 2026-04-13"},
			earliest: "2026-04-03", legal: "2026-04-13", extended: "2026-06-15", isExtended: true},
		{name: "a later question does not make a late notice a timely one", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"extended 2026-04-08", "identity_asked 2026-04-09", "identity_proved 2026-06-01"},
			earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03"},
		{name: "not twice", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"extended 2026-03-10", "extended 2026-03-20 2026-12-01"},
			earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", isExtended: true, says: "law.trace.extension_twice"},
		{name: "no further than the law goes", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"extended 2026-03-10 2026-12-01"},
			earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", isExtended: true, says: "law.trace.extension_too_long"},
		{name: "what was announced binds, if it is less", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"extended 2026-03-10 2026-05-04"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-05-04", isExtended: true},
		{name: "to a day that is no later it changes nothing", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events: []string{"extended 2026-03-10 2026-04-01"}, earliest: "2026-04-03", legal: "2026-04-07", extended: "2026-06-03", says: "law.trace.extension_no_longer"},
		{name: "Brazil knows none", law: "BR", kind: "access", received: "2026-09-01 10:00",
			events: []string{"extended 2026-09-02"}, earliest: "2026-09-16", legal: "2026-09-16", says: "law.trace.extension_none"},
		{name: "Florida gives fifteen days, once", law: "US-FL", kind: "access", received: "2026-03-02 10:00",
			events: []string{"extended 2026-03-10"}, earliest: "2026-04-16", legal: "2026-04-16", extended: "2026-05-01", isExtended: true, says: "law.trace.step.completion"},
		{name: "Utah wants the notice before day 45", law: "US-UT", kind: "access", received: "2026-03-02 10:00",
			events: []string{"extended 2026-04-16"}, earliest: "2026-04-16", legal: "2026-04-16", extended: "2026-05-31", says: "law.trace.extension_late"},

		{name: "an answer that nobody asked for", law: "UK", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_proved 2026-03-10", "clarified 2026-03-11", "fee_paid 2026-03-12"}, earliest: "2026-04-02", legal: "2026-04-07", extended: "2026-06-03", says: "law.trace.unasked.identity"},
		{name: "a question asked twice", law: "EU-DE", kind: "access", received: "2026-03-03 10:00",
			events:   []string{"identity_asked 2026-03-05", "identity_asked 2026-03-12", "identity_proved 2026-03-15"},
			earliest: "2026-04-03", legal: "2026-04-13", extended: "2026-06-15", says: "law.trace.again.identity"},
		{name: "something before the request", law: "UK", kind: "access", received: "2026-03-03 10:00",
			events: []string{"identity_asked 2026-02-20", "identity_proved 2026-02-25"}, earliest: "2026-04-02", legal: "2026-04-07", extended: "2026-06-03", says: "law.trace.before"},

		{name: "Canada: a Saturday stays, and the trace says so", law: "CA-FED", kind: "access", received: "2026-10-01 10:00", earliest: "2026-10-31", legal: "2026-10-31", extended: "2026-11-30", says: "law.trace.saturday"},
		{name: "India: until May 2027 a month for a grievance", law: "IN", kind: "complaint", received: "2027-05-12 10:00", earliest: "2027-06-12", legal: "2027-06-12"},
		{name: "India: on the disputed day the default is the old law", law: "IN", kind: "complaint", received: "2027-05-13 10:00", earliest: "2027-06-13", legal: "2027-06-13", says: "law.trace.disputed"},
		{name: "India: then ninety days", law: "IN", kind: "complaint", received: "2027-05-14 10:00", earliest: "2027-08-12", legal: "2027-08-12"},
		{name: "New Zealand: the request is passed on in ten working days", law: "NZ", kind: "access", received: "2026-12-18 10:00", earliest: "2027-02-09", legal: "2027-02-09", says: "law.trace.step.transfer"},
		{name: "China: fifteen working days of our own", law: "CN", kind: "access", received: "2026-03-02 10:00", earliest: "2026-03-23", legal: "2026-03-23", says: "law.trace.undelayed_business_days"},
		{name: "a copy asked for late in the evening further west", law: "BR", kind: "access", received: "2026-09-02 00:30", earliest: "2026-09-16", legal: "2026-09-17", says: "law.trace.west"},
		{name: "an appeal in Colorado", law: "US-CO", kind: "appeal", received: "2026-03-02 10:00", earliest: "2026-04-16", legal: "2026-04-16", extended: "2026-06-15"},
		{name: "an appeal in Utah, where there is none", law: "US-UT", kind: "appeal", received: "2026-03-02 10:00", earliest: "2026-04-16", legal: "2026-04-16", says: "law.trace.ours_days"},
		{name: "an appeal in Minnesota", law: "US-MN", kind: "appeal", received: "2026-03-02 10:00", earliest: "2026-04-16", legal: "2026-04-16", extended: "2026-06-15"},
		{name: "an appeal in New Jersey", law: "US-NJ", kind: "appeal", received: "2026-03-02 10:00", earliest: "2026-04-16", legal: "2026-04-16"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := law.For(tt.law)
			d := r.Deadline(tt.kind, at(t, r.Zone, tt.received), events(t, r, tt.events...)...)
			if got := day(d.Earliest); got != tt.earliest {
				t.Errorf("earliest %s, want %s", got, tt.earliest)
			}
			if got := day(d.LegalDue); got != tt.legal {
				t.Errorf("legal due %s, want %s", got, tt.legal)
			}
			if got := day(d.ExtendedDue); got != tt.extended {
				t.Errorf("extended due %s, want %s", got, tt.extended)
			}
			if d.Paused != tt.paused || d.Extended != tt.isExtended {
				t.Errorf("paused %v, extended %v", d.Paused, d.Extended)
			}
			if tt.says != "" && !slices.ContainsFunc(d.Trace, func(l law.Line) bool { return l.Key == tt.says }) {
				t.Errorf("the trace does not say %s: %v", tt.says, d.Trace)
			}
		})
	}
}

func TestMayExtendSaysWhyNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, law, kind, now string
		events               []string
		want                 string
		may                  bool
	}{
		{"in time", "EU-DE", "access", "2026-03-20", nil, "law.extend.until", true},
		{"on the last day", "EU-DE", "access", "2026-04-07", nil, "law.extend.until", true},
		{"too late", "EU-DE", "access", "2026-04-08", nil, "law.extend.late", false},
		{"late, but for a pause", "EU-DE", "access", "2026-04-08", []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, "law.extend.until", true},
		{"while the clock stands", "EU-DE", "access", "2026-05-20", []string{"identity_asked 2026-03-05"}, "law.extend.until", true},
		{"a second time", "EU-DE", "access", "2026-03-20", []string{"extended 2026-03-10"}, "law.extend.twice", false},
		{"where the law names no length", "CH", "access", "2026-03-20", nil, "law.extend.open", true},
		{"where the law knows none", "TR", "access", "2026-03-20", nil, "law.extend.none", false},
		{"for a kind that has none", "ZA", "correction", "2026-03-20", nil, "law.extend.none", false},
		{"for a complaint", "UK", "complaint", "2026-03-20", nil, "law.extend.none", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := law.For(tt.law)
			line, may := r.MayExtend(tt.kind, at(t, r.Zone, "2026-03-03 10:00"), at(t, r.Zone, tt.now+" 23:30"), events(t, r, tt.events...)...)
			if line.Key != tt.want || may != tt.may {
				t.Errorf("%s, %v; want %s, %v", line.Key, may, tt.want, tt.may)
			}
		})
	}
}

func TestTheLastDayForANotice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, law, kind, received, want string }{
		{"California: within the first 45 days", "US-CA", "access", "2026-11-20 15:00", "2027-01-04"},
		{"Korea: within the same ten days", "KR", "access", "2026-03-03 10:00", "2026-03-13"},
		{"EU: the first month, rolled", "EU-DE", "access", "2026-01-31 10:00", "2026-03-02"},
		{"Utah: before day 45", "US-UT", "access", "2026-03-02 10:00", "2026-04-15"},
		{"Turkey: no extension", "TR", "access", "2026-03-02 10:00", ""},
	} {
		r := law.For(tt.law)
		if got := day(r.Deadline(tt.kind, at(t, r.Zone, tt.received)).NoticeBy); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAComplaintInTheUKIsAcknowledgedSinceTheLawSaysSo(t *testing.T) {
	t.Parallel()
	uk := law.For("UK")
	if d := uk.Deadline("complaint", at(t, uk.Zone, "2026-06-18 10:00")); !d.AckDue.IsZero() {
		t.Errorf("before: %s", d.AckDue)
	}
	d := uk.Deadline("complaint", at(t, uk.Zone, "2026-06-19 10:00"))
	if day(d.AckDue) != "2026-07-19" || day(d.AckEarliest) != "2026-07-18" {
		t.Errorf("since: %s, strictly %s", d.AckDue, d.AckEarliest)
	}
}

func TestOurOwnClosingDaysMoveTheTargetOnly(t *testing.T) {
	t.Parallel()
	days, err := law.ReadDays(strings.NewReader("\ufeff# ours\n\n2026-12-22\n12-21 # every year\n02-29\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := law.For("EU-DE")
	received := at(t, r.Zone, "2026-11-22 12:00")
	open, closed := r.Deadline("access", received), r.Closed(days...).Deadline("access", received)
	if day(closed.Target) != "2026-12-18" || day(open.Target) != "2026-12-22" {
		t.Errorf("target %s, without closing days %s", closed.Target, open.Target)
	}
	if !closed.LegalDue.Equal(open.LegalDue) || !closed.Earliest.Equal(open.Earliest) {
		t.Errorf("legal %s, earliest %s", closed.LegalDue, closed.Earliest)
	}
	if next := r.Closed(days...).Deadline("access", at(t, r.Zone, "2027-11-21 12:00")); day(next.Target) != "2027-12-20" {
		t.Errorf("a year later: %s", next.Target)
	}
}

func TestARuleOfTheHouseMovesTheTargetOnly(t *testing.T) {
	t.Parallel()
	r := law.For("UK")
	received := at(t, r.Zone, "2026-03-02 12:00")
	plain, house := r.Deadline("access", received), r.Within(28).Deadline("access", received)
	if day(house.Target) != "2026-03-30" || day(plain.Target) != "2026-04-01" || !house.LegalDue.Equal(plain.LegalDue) || !house.Earliest.Equal(plain.Earliest) {
		t.Errorf("target %s, without the rule %s; legal %s", house.Target, plain.Target, house.LegalDue)
	}
	if lax := r.Within(90).Deadline("access", received); !lax.Target.Equal(plain.Target) {
		t.Errorf("a rule that is longer than the law moves the target to %s", lax.Target)
	}
}

func TestClosingDaysThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"2026-12-24\nChristmas\n": `line 2: "Christmas" is not a day`, "\n\n2026-02-30": `line 3: "2026-02-30"`, "13-01": `line 1: "13-01"`} {
		if _, err := law.ReadDays(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSeveralLawsAtOnce(t *testing.T) {
	t.Parallel()
	received := at(t, "Europe/Berlin", "2026-03-03 10:00")
	told := []law.Event{{Kind: law.Extended, At: received.AddDate(0, 0, 3)}}
	both, regimes := law.Together([]string{"EU-DE", "BR", "EU-DE"}, "access", received)
	if len(regimes) != 2 || day(both.LegalDue) != "2026-03-18" || !both.ExtendedDue.IsZero() || day(both.AckDue) != "2026-03-03" {
		t.Errorf("%d laws, due %s, extended %s", len(regimes), both.LegalDue, both.ExtendedDue)
	}
	if both, _ = law.Together([]string{"EU-DE", "BR"}, "access", received, told...); both.Extended || day(both.Due()) != "2026-03-18" {
		t.Errorf("what Brazil does not know cannot count: %v to %s", both.Extended, both.Due())
	}
	if both, _ = law.Together([]string{"EU-DE", "US-CA"}, "access", received, told...); !both.Extended || day(both.Due()) != "2026-06-01" {
		t.Errorf("both know it: %v to %s", both.Extended, both.Due())
	}
	if got := law.Widest([]law.Regime{law.For("AU"), law.For("US-CA"), law.For("IN")}); got != "ACDPWSLN" {
		t.Errorf("rights %s", got)
	}
}

// A moment of the day does not matter, and no clock change moves a day.
func TestEveryDayOfAYearInEveryZone(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"EU-DE", "UK", "US-CA", "NZ", "AU", "BR"} {
		r := law.For(code)
		loc, err := time.LoadLocation(r.Zone)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 366 {
			first := r.Deadline("access", time.Date(2027, 1, 1+n, 0, 0, 0, 0, loc))
			last := r.Deadline("access", time.Date(2027, 1, 1+n, 23, 59, 59, 0, loc))
			if !first.LegalDue.Equal(last.LegalDue) || first.LegalDue.Format("15:04:05") != "23:59:59" {
				t.Fatalf("%s day %d: %s and %s", code, n, first.LegalDue, last.LegalDue)
			}
		}
	}
}

// Each difference between readings: the legal date by the default, the earliest
// by the other one where it is stricter, and the trace says so.
func TestEachDifferenceIsInTheDatesAndInTheTrace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, law, kind, received string
		events                    []string
		earliest, legal           string
		says                      string
	}{
		{"D1", "EU-DE", "access", "2025-03-05 10:00", nil, "2025-04-05", "2025-04-07", "law.trace.month"}, // never the 6th as such
		{"D2", "EU-DE", "access", "2026-03-03 10:00", []string{"identity_asked 2026-03-05", "identity_proved 2026-03-15"}, "2026-04-03", "2026-04-13", "law.trace.strict_practice"},
		{"D2", "UK", "access", "2026-03-03 10:00", []string{"identity_asked 2026-03-05", "identity_proved 2026-03-16"}, "2026-04-15", "2026-04-16", "law.trace.restarted"},
		{"D3", "UK", "access", "2026-03-09 10:00", []string{"clarification_asked 2026-03-11", "clarified 2026-03-16"}, "2026-04-13", "2026-04-15", "law.trace.strict_both"},
		{"D4", "UK", "deletion", "2026-03-09 10:00", nil, "2026-04-08", "2026-04-09", "law.trace.first_day"},
		{"D5", "US-CA", "access", "2026-11-20 15:00", nil, "2027-01-03", "2027-01-04", "law.trace.first_day"},
		{"D6", "US-CA", "opt_out", "2026-11-20 15:00", nil, "2026-12-14", "2026-12-15", "law.trace.strict_calendar"},
		{"D7", "EU-DE-BY", "access", "2027-10-01 10:00", nil, "2027-11-01", "2027-11-02", "law.trace.rolled"},
		{"D8", "BR", "access", "2026-10-18 10:00", nil, "2026-11-02", "2026-11-03", "law.trace.rolled"},
		{"D9", "ZA", "access", "2026-09-03 10:00", nil, "2026-10-03", "2026-10-03", "law.trace.saturday"},
		{"D9", "KR", "access", "2026-09-02 10:00", nil, "2026-09-12", "2026-09-14", "law.trace.rolled"},
		{"D10", "IN", "complaint", "2027-05-13 10:00", nil, "2027-06-13", "2027-06-13", "law.trace.disputed"},
	} {
		r := law.For(tt.law)
		d := r.Deadline(tt.kind, at(t, r.Zone, tt.received), events(t, r, tt.events...)...)
		if day(d.Earliest) != tt.earliest || day(d.LegalDue) != tt.legal {
			t.Errorf("%s %s: earliest %s, legal %s; want %s, %s", tt.code, tt.law, day(d.Earliest), day(d.LegalDue), tt.earliest, tt.legal)
		}
		if !slices.ContainsFunc(d.Trace, func(l law.Line) bool { return l.Key == tt.says }) {
			t.Errorf("%s: the trace does not say %s", tt.code, tt.says)
		}
		if !slices.ContainsFunc(r.Differences(), func(o law.Difference) bool { return o.Code == tt.code }) {
			t.Errorf("%s is not a difference of %s", tt.code, tt.law)
		}
	}
}

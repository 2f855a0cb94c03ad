package law_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

var kinds = []string{"access", "portability", "correction", "deletion", "restriction", "objection", "withdrawal", "opt_out",
	"shortened_retention", "subprocessor_list", "complaint", "appeal"}

// drawn is a request under some law, with events.
type drawn struct {
	regime   law.Regime
	kind     string
	received time.Time
	events   []law.Event
}

func (d drawn) deadline(events []law.Event) law.Deadline {
	return d.regime.Deadline(d.kind, d.received, events...)
}

func draw(t *rapid.T) drawn {
	d := drawn{
		regime:   law.For(rapid.SampledFrom(append(law.Codes(), "EU-DE-BY", "CH-ZH")).Draw(t, "law")),
		kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		received: time.Unix(rapid.Int64Range(1704067200, 1704067200+10*365*86400).Draw(t, "received"), 0).UTC(),
	}
	d.events = rapid.SliceOfN(event(d.received), 0, 9).Draw(t, "events")
	return d
}

// event draws one from some days before the request to half a year after, at
// whole hours, so that some come at the same moment.
func event(received time.Time) *rapid.Generator[law.Event] {
	return rapid.Custom(func(t *rapid.T) law.Event {
		e := law.Event{Kind: rapid.SampledFrom(law.EventKinds).Draw(t, "kind"),
			At: received.Add(time.Duration(rapid.IntRange(-72, 24*180).Draw(t, "hours")) * time.Hour)}
		if e.Kind == law.Extended && rapid.Bool().Draw(t, "named") {
			e.Until = e.At.AddDate(0, 0, rapid.IntRange(-20, 200).Draw(t, "until"))
		}
		return e
	})
}

func TestDatesStandInOrderAndEndWithTheDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		x := d.deadline(d.events)
		loc, err := time.LoadLocation(d.regime.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if x.Target.Before(d.received) || x.Earliest.Before(x.Target) || x.LegalDue.Before(x.Earliest) {
			// A pause that the law does not know leaves the earliest date where it was; so the target may not pass it.
			t.Fatalf("target %s, earliest %s, legal %s", x.Target, x.Earliest, x.LegalDue)
		}
		if !x.ExtendedDue.IsZero() && x.ExtendedDue.Before(x.LegalDue) || x.Due().Before(x.LegalDue) {
			t.Fatalf("extended %s, due %s, legal %s", x.ExtendedDue, x.Due(), x.LegalDue)
		}
		if x.AckEarliest.After(x.AckDue) || !x.AckDue.IsZero() && x.AckEarliest.Before(d.received) {
			t.Fatalf("acknowledgement %s or %s", x.AckEarliest, x.AckDue)
		}
		if x.Extended && x.ExtendedDue.IsZero() {
			t.Fatal("extended, to no day")
		}
		for _, at := range []time.Time{x.Target, x.Earliest, x.LegalDue, x.ExtendedDue, x.NoticeBy, x.AckDue, x.AckEarliest} {
			if !at.IsZero() && (at.In(loc).Format("15:04:05") != "23:59:59" || at.In(loc).Format(time.DateOnly) != at.Format(time.DateOnly)) {
				t.Fatalf("%s is not the end of a day in %s", at, loc)
			}
		}
	})
}

// What happens after all that is known can only give more time.
func TestLaterEventsNeverMakeADateEarlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		slices.SortFunc(d.events, func(a, b law.Event) int { return a.At.Compare(b.At) })
		before := d.deadline(nil)
		for n := range d.events {
			if n+1 < len(d.events) && !d.events[n+1].At.After(d.events[n].At) {
				continue // of one moment, all are known at once
			}
			x := d.deadline(d.events[:n+1])
			for name, pair := range map[string][2]time.Time{"legal": {before.LegalDue, x.LegalDue}, "earliest": {before.Earliest, x.Earliest},
				"due": {before.Due(), x.Due()}, "notice": {before.NoticeBy, x.NoticeBy}, "acknowledgement": {before.AckDue, x.AckDue}} {
				if pair[1].Before(pair[0]) {
					t.Fatalf("%s goes from %s to %s by %v", name, pair[0], pair[1], d.events[n])
				}
			}
			if before.Extended && !x.Extended {
				t.Fatalf("an extension is lost by %v", d.events[n])
			}
			before = x
		}
	})
}

func TestALaterRequestIsNeverDueEarlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		if len(d.regime.Changes) > 0 {
			return // a change of the law may give less time
		}
		later := d
		later.received = d.received.Add(time.Duration(rapid.Int64Range(0, int64(96*time.Hour)).Draw(t, "later")))
		if a, b := d.deadline(nil), later.deadline(nil); b.LegalDue.Before(a.LegalDue) || b.Earliest.Before(a.Earliest) || b.Target.Before(a.Target) {
			t.Fatalf("received at %s due %s, received at %s due %s", d.received, a.LegalDue, later.received, b.LegalDue)
		}
	})
}

func TestEqualSetsOfEventsGiveOneResult(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600+1800), time.FixedZone("", -8*3600)}
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		other := rapid.Permutation(d.events).Draw(t, "order")
		if len(other) > 0 { // one of them twice
			other = append(other, rapid.SampledFrom(other).Draw(t, "twice"))
		}
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		for i := range other {
			other[i].At = other[i].At.In(zone)
		}
		a, b := d.deadline(d.events), d.regime.Deadline(d.kind, d.received.In(zone), other...)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("(-one +other):\n%s", diff)
		}
	})
}

// What makes no sense is said, and moves nothing.
func TestNonsenseMovesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		nonsense := []law.Event{
			{Kind: rapid.SampledFrom(law.EventKinds).Draw(t, "early"), At: d.received.AddDate(0, 0, -2)},
			{Kind: "law_set", At: d.received.AddDate(0, 0, 3)},
		}
		a, b := d.deadline(d.events), d.deadline(append(slices.Clone(d.events), nonsense...))
		a.Trace, b.Trace = nil, nil
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("(-without +with):\n%s", diff)
		}
		unasked := []law.Event{{Kind: law.IdentityProved, At: d.received.AddDate(0, 0, 1)}, {Kind: law.Clarified, At: d.received.AddDate(0, 0, 2)}, {Kind: law.FeePaid, At: d.received.AddDate(0, 0, 3)}}
		a, b = d.deadline(nil), d.deadline(unasked)
		a.Trace, b.Trace = nil, nil
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("answers that nobody asked for (-without +with):\n%s", diff)
		}
	})
}

// A pause moves the date of an extension by as many days as the date without
// one, wherever no day of rest lies in the way.
func TestPauseAndExtensionCompose(t *testing.T) {
	t.Parallel()
	uk, nobody := law.For("UK"), law.For(law.Generous) // the latter moves no day
	brussels, err := time.LoadLocation(nobody.Zone)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		received := time.Unix(rapid.Int64Range(1704067200, 2000000000).Draw(t, "received"), 0).In(brussels)
		asked := received.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "asked"))
		answered := asked.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "answered"))
		pause := []law.Event{{Kind: law.ClarificationAsked, At: asked}, {Kind: law.Clarified, At: answered}}
		extension := law.Event{Kind: law.Extended, At: rapid.SampledFrom([]time.Time{asked, answered}).Draw(t, "told")}
		plain, paused := nobody.Deadline("access", received), nobody.Deadline("access", received, pause...)
		both := nobody.Deadline("access", received, append(pause, extension)...)
		if !both.Extended || !both.LegalDue.Equal(paused.LegalDue) {
			t.Fatalf("extended %v to %s", both.Extended, both.LegalDue)
		}
		days := func(from, to time.Time) int { return int(to.Sub(from).Hours()+12) / 24 } // an hour more or less is the clock's
		if shift := days(plain.LegalDue, paused.LegalDue); days(plain.ExtendedDue, both.ExtendedDue) != shift || shift != days(asked, answered) {
			t.Fatalf("the pause moves the date by %d and the extension by %d", shift, days(plain.ExtendedDue, both.ExtendedDue))
		}
		if uk.Deadline("access", received, append(pause, extension)...).ExtendedDue.Before(uk.Deadline("access", received, pause...).LegalDue) {
			t.Fatal("the extension ends before the answer was due")
		}
	})
}

func TestTheTraceIsWholeSentences(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		lines := d.deadline(d.events).Trace
		told, _ := d.regime.MayExtend(d.kind, d.received, d.received.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "now")), d.events...)
		for _, l := range lang.Supported {
			ctx := lang.With(context.Background(), l)
			for _, line := range append(lines, told) {
				text := lang.T(ctx, line.Key, line.Values(func(t time.Time) string { return lang.Weekday(ctx, t) })...)
				if strings.ContainsAny(text, "⟦<") || strings.Contains(text, "UTC") {
					t.Fatalf("in %s: %q", l, text)
				}
			}
		}
	})
}

func TestTogetherIsTheEarliestOfEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		codes := rapid.SliceOfN(rapid.SampledFrom(law.Codes()), 1, 4).Draw(t, "codes")
		all, regimes := law.Together(codes, d.kind, d.received, d.events...)
		due := time.Time{}
		for _, r := range regimes {
			x := r.Deadline(d.kind, d.received, d.events...)
			if all.LegalDue.After(x.LegalDue) || all.Earliest.After(x.Earliest) || all.Target.After(x.Target) ||
				!x.AckDue.IsZero() && all.AckDue.After(x.AckDue) || all.Paused && !x.Paused {
				t.Fatalf("%s alone asks for more", r.Code)
			}
			if due.IsZero() || x.Due().Before(due) {
				due = x.Due()
			}
		}
		if !all.Due().Equal(due) {
			t.Fatalf("due %s, want %s", all.Due(), due)
		}
	})
}

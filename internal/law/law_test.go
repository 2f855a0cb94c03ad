package law_test

import (
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/law"
)

func at(t *testing.T, zone, local string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	instant, err := time.ParseInLocation("2006-01-02 15:04", local, loc)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func day(d time.Time) string {
	if d.IsZero() {
		return ""
	}
	return d.Format("2006-01-02")
}

// The first block are worked examples that authorities give, or that follow
// from the text of the law alone.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, law, kind, received string
		earliest, legal, extended string
		ack, ackEarliest, target  string
	}{
		{"EU, the last day of January on a Saturday", "EU-DE", "access", "2026-01-31 10:00", "2026-02-28", "2026-03-02", "2026-04-30", "", "", "2026-02-27"},
		{"EU, received on a Sunday", "EU-DE", "deletion", "2026-11-22 12:00", "2026-12-22", "2026-12-22", "2027-02-22", "", "", "2026-12-22"},
		{"UK, received on a bank holiday", "UK", "access", "2026-01-01 09:00", "2026-01-31", "2026-02-02", "2026-04-01", "", "", "2026-01-30"},
		{"UK, two bank holidays in the way", "UK", "access", "2024-11-25 09:00", "2024-12-24", "2024-12-27", "2025-02-25", "", "", "2024-12-24"},
		{"UK, January the 31st, end of February on a Saturday", "UK", "access", "2026-01-31 09:00", "2026-02-27", "2026-03-02", "2026-04-30", "", "", "2026-02-27"},
		{"UK, January the 31st of a leap year", "UK", "access", "2028-01-31 09:00", "2028-02-28", "2028-02-29", "2028-05-02", "", "", "2028-02-28"},
		{"California, with Thanksgiving", "US-CA", "access", "2026-11-20 15:00", "2027-01-03", "2027-01-04", "2027-02-18", "2026-12-08", "2026-12-07", "2026-12-31"},
		{"Brazil", "BR", "access", "2026-09-01 10:00", "2026-09-16", "2026-09-16", "", "2026-09-01", "2026-09-01", "2026-09-16"},
		{"Korea", "KR", "access", "2026-03-03 10:00", "2026-03-13", "2026-03-13", "", "", "", "2026-03-13"},

		{"EU, a holiday of the whole state", "EU-DE", "access", "2026-04-01 10:00", "2026-05-01", "2026-05-04", "2026-07-01", "", "", "2026-04-30"},
		{"EU, a holiday of a part of the state", "EU-DE", "access", "2026-10-10 10:00", "2026-11-10", "2026-11-10", "2027-01-11", "", "", "2026-11-10"},
		{"Bavaria, All Saints on a Monday", "EU-DE-BY", "access", "2027-10-01 10:00", "2027-11-01", "2027-11-02", "2028-01-03", "", "", "2027-10-29"},
		{"Berlin, where it is none", "EU-DE-BE", "access", "2027-10-01 10:00", "2027-11-01", "2027-11-01", "2028-01-03", "", "", "2027-11-01"},
		{"no row: GDPR without roll-over", "ZW", "access", "2026-01-31 10:00", "2026-02-28", "2026-02-28", "2026-04-30", "", "", "2026-02-27"},
		{"UK complaint, acknowledged in 30 days", "UK", "complaint", "2026-06-22 10:00", "2026-07-22", "2026-07-22", "", "2026-07-22", "2026-07-21", "2026-07-22"},
		{"Switzerland, National Day on a Saturday", "CH", "access", "2026-07-02 10:00", "2026-08-01", "2026-08-03", "", "", "", "2026-07-31"},
		{"Canada, a Saturday stays the last day", "CA-FED", "access", "2026-10-01 10:00", "2026-10-31", "2026-10-31", "2026-11-30", "", "", "2026-10-30"},
		{"Canada, a Sunday moves", "CA-FED", "access", "2026-10-02 10:00", "2026-11-01", "2026-11-02", "2026-12-01", "", "", "2026-10-30"},
		{"South Africa, correction has no extension", "ZA", "correction", "2026-09-01 10:00", "2026-10-01", "2026-10-01", "", "", "", "2026-10-01"},
		{"New Zealand, the summer does not count", "NZ", "access", "2026-12-18 10:00", "2027-02-09", "2027-02-09", "", "", "", "2027-02-09"},
		{"New Zealand, Matariki does not count", "NZ", "access", "2026-07-09 10:00", "2026-08-07", "2026-08-07", "", "", "", "2026-08-07"},
		{"Argentina, access by calendar days", "AR", "access", "2026-12-01 10:00", "2026-12-11", "2026-12-11", "", "", "", "2026-12-11"},
		{"Argentina, deletion by working days", "AR", "deletion", "2026-12-04 10:00", "2026-12-14", "2026-12-14", "", "", "", "2026-12-14"},
		{"Florida, a short extension", "US-FL", "access", "2026-01-01 10:00", "2026-02-15", "2026-02-15", "2026-03-02", "", "", "2026-02-13"},
		{"Iowa, a long time", "US-IA", "access", "2026-01-01 10:00", "2026-04-01", "2026-04-01", "2026-05-16", "", "", "2026-04-01"},
		{"a state without a row", "US-NY", "access", "2026-01-01 10:00", "2026-02-15", "2026-02-15", "2026-04-01", "", "", "2026-02-13"},
		{"an appeal in Oregon", "US-OR", "appeal", "2026-01-01 10:00", "2026-02-15", "2026-02-15", "", "", "", "2026-02-13"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := law.For(tt.law)
			d := r.Deadline(tt.kind, at(t, r.Zone, tt.received))
			for _, date := range []struct{ name, want, got string }{
				{"earliest", tt.earliest, day(d.Earliest)}, {"legal due", tt.legal, day(d.LegalDue)}, {"extended due", tt.extended, day(d.ExtendedDue)},
				{"acknowledgement", tt.ack, day(d.AckDue)}, {"earliest acknowledgement", tt.ackEarliest, day(d.AckEarliest)}, {"target", tt.target, day(d.Target)},
			} {
				if date.got != date.want {
					t.Errorf("%s %s, want %s", date.name, date.got, date.want)
				}
			}
		})
	}
}

func TestTheDayOfReceiptIsTheLocalOne(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ law, utc, want string }{
		"half past eleven at night in UTC is the next day in Berlin": {"EU-DE", "2026-06-09T23:30:00Z", "2026-07-10"},
		"and still the day before in California":                     {"US-CA", "2026-06-10T05:00:00Z", "2026-07-24"},
	} {
		received, err := time.Parse(time.RFC3339, tt.utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := day(law.For(tt.law).Deadline("access", received).LegalDue); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestADayEndsAtItsLastSecondAlsoWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	d := law.For("EU-DE").Deadline("access", at(t, "Europe/Berlin", "2026-02-27 10:00")).LegalDue // 27 March, summer time begins on the 29th
	if got := d.UTC().Format(time.RFC3339); got != "2026-03-27T22:59:59Z" {
		t.Errorf("in winter time: %s", got)
	}
	d = law.For("EU-DE").Deadline("access", at(t, "Europe/Berlin", "2026-02-28 10:00")).LegalDue // 28 March rolls to Monday the 30th
	if got := d.UTC().Format(time.RFC3339); got != "2026-03-30T21:59:59Z" {
		t.Errorf("in summer time: %s", got)
	}
}

// A month ends where it ends: from any day, one month later is in the next
// month, on the same day or on its last one.
func TestAMonthFromEveryDayOfSomeYears(t *testing.T) {
	t.Parallel()
	r := law.For(law.Generous)
	for received := at(t, r.Zone, "2027-01-01 12:00"); received.Year() < 2029; received = received.AddDate(0, 0, 1) {
		d := r.Deadline("access", received)
		due, extended := d.LegalDue, d.ExtendedDue
		if (due.Month()-received.Month()+12)%12 != 1 || (extended.Month()-received.Month()+12)%12 != 3 {
			t.Fatalf("received %s: due %s, extended %s", day(received), day(due), day(extended))
		}
		for _, x := range []time.Time{due, extended} {
			if last := x.AddDate(0, 0, 1).Month() != x.Month(); x.Day() != received.Day() && !(last && x.Day() < received.Day()) {
				t.Fatalf("received %s: %s is neither the same day nor the last", day(received), day(x))
			}
		}
	}
}

func TestWhereAPersonLivesPicksTheLaw(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]string{"DE": "EU-DE", "RE": "EU-FR", "NO": "EU-NO", "GB": "UK", "CA": "CA-FED", "CA-QC": "CA-QC", "US-CA": "US-CA",
		"US-IN": "US-IN", "US-WA": "US-XX", "IN": "IN", "PR": "US-XX", "ZW": "EU", "": "EU", "XX": "EU", "EU-DE-XX": "EU", "CH-ZH": "CH-ZH", "EU-DE-BY": "EU-DE-BY"} {
		if got := law.For(place).Code; got != want {
			t.Errorf("%q: %s, want %s", place, got, want)
		}
	}
}

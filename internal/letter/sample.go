package letter

import (
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// SampleFor gives a letter in which the slot's words stand, and invented facts
// for it: what the settings show before words are used.
func SampleFor(s Slot, l lang.Tag) (Kind, Facts) {
	kind, right, law := s.Kind, "access", "EU-DE"
	if kind == "" {
		kind = Fulfilment
	}
	part := s.ID[strings.IndexByte(s.ID, '.')+1:]
	switch {
	case s.ID == "fulfilment.copy":
	case s.ID == "fulfilment.other":
		right = "other"
	case kind == Fulfilment && s.Kind != "":
		right = part
	case s.ID == "statement.sale":
		law = "US-CA"
	case s.ID == "statement.backups", s.ID == "statement.beyond":
		right = "deletion"
	case s.ID == "acknowledgement.grievance":
		right = "complaint"
	case kind == RestrictionLifted:
		right = "restriction_lift"
	}
	f := Sample(kind, right, law, l)
	f.AtOnce = s.ID == "acknowledgement.at_once"
	if kind == AppealDecided {
		f.Verdict = Verdict(part)
	}
	return kind, f
}

// Sample gives invented facts with which every kind of letter can be built,
// except for what only the operator can say.
func Sample(kind Kind, right, law string, l lang.Tag) Facts {
	say := func(key string) string { return lang.In(l, "letters.sample."+key) }
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 11, 0, 0, 0, time.UTC) }
	f := Facts{
		Ref: "CS-7F3K-29QD", Law: law, Right: right, Name: "Amina Okafor", Lang: l,
		Received: day(time.November, 3), Made: day(time.November, 20), Due: day(time.December, 3),
		House:  House{Operator: "CrowsStack", Contact: "privacy@example.org", Page: "https://privacy.example.org/my/CS-7F3K-29QD", Complain: "https://privacy.example.org/complaint"},
		NewDue: day(time.December, 23), Reason: say("reason"), Questions: []string{say("question")}, Paused: true,
		Until: day(time.December, 17), Downloads: 5, Parts: 1, Days: 90, Searched: []string{say("messages"), say("account")}, Verdict: Partly,
		Held: []Category{{ID: "messages", Title: say("messages"), About: say("about"), Rows: 412, Purpose: say("purpose"), Basis: say("basis"),
			Recipients: []string{say("recipient")}, Retention: say("retention"), Source: say("source")}, {ID: "account", Title: say("account")}},
	}
	if kind != Extension && kind != Verification && kind != Clarification {
		f.Reason = say("why")
	}
	kept := Item{What: say("invoices"), Outcome: Kept, Rows: 2, Why: say("tax"), Law: say("tax.law"), Until: day(time.December, 31).AddDate(6, 0, 0)}
	refused := Item{What: say("messages"), Outcome: Refused, Code: "THIRD_PARTY_RIGHTS"}
	switch kind {
	case Refusal:
		f.Items = []Item{refused}
	case Partial:
		f.Items = []Item{{What: say("account"), Outcome: Given, Rows: 3}, refused}
	default:
		f.Items = []Item{{What: say("messages"), Outcome: Deleted, Rows: 412}, kept}
		if outcome, ok := sampleOutcome[right]; ok {
			f.Items = []Item{{What: say("messages"), Outcome: outcome, Rows: 412}}
		}
	}
	if right == "access" {
		f.LeftOut = []Omission{{What: lang.In(l, "package.omitted.secret"), Why: lang.In(l, "package.omitted.secret.why")}}
	}
	return f
}

var sampleOutcome = map[string]string{
	"correction": Corrected, "restriction": Restricted, "restriction_lift": Lifted, "objection": Stopped, "withdrawal": Stopped, "opt_out": Stopped, "shortened_retention": Shortened,
}

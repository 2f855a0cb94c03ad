package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDueSaysWhenAndWhy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want map[string]any
	}{
		{"the last day of January", []string{"-law", "EU-DE", "-received", "2026-01-31T10:00:00+01:00"},
			map[string]any{"law": "EU-DE", "kind": "access", "earliest": "2026-02-28", "legal_due": "2026-03-02", "extended_due": "2026-04-30", "notice_by": "2026-03-02",
				"ack_due": nil, "target": "2026-02-27", "extended": false, "paused": false, "mark": "partly"}},
		{"California at Thanksgiving, in another zone", []string{"-law", "US-CA", "-received", "2026-11-20T23:00:00Z"},
			map[string]any{"ack_due": "2026-12-08", "ack_earliest": "2026-12-07", "legal_due": "2027-01-04", "earliest": "2027-01-03", "extended_due": "2027-02-18"}},
		{"events in any order", []string{"-law", "UK", "-received", "2026-03-03T10:00:00Z", "-kind", "deletion", "-event", "identity_proved=2026-03-16T10:00:00Z", "-event", "identity_asked=2026-03-05T10:00:00Z"},
			map[string]any{"kind": "deletion", "legal_due": "2026-04-16"}},
		{"a clock that stands", []string{"-law", "UK", "-received", "2026-03-03T10:00:00Z", "-event", "identity_asked=2026-03-05T10:00:00Z"},
			map[string]any{"paused": true}},
		{"an extension to a day", []string{"-law", "CH", "-received", "2026-03-02T10:00:00+01:00", "-event", "extended=2026-03-20T10:00:00+01:00/2026-05-15"},
			map[string]any{"extended": true, "extended_due": "2026-05-15"}},
		{"two laws, the earliest of each", []string{"-law", "EU-DE,BR", "-law", "US-CA", "-received", "2026-03-03T10:00:00Z"},
			map[string]any{"law": "EU-DE,BR,US-CA", "legal_due": "2026-03-18", "ack_due": "2026-03-03", "extended_due": nil, "rights": "ACDPROWSLH", "mark": "partly"}},
		{"the code of a place", []string{"-law", "DE", "-received", "2026-03-03T10:00:00Z"}, map[string]any{"law": "EU-DE"}},
		{"the holidays of a canton", []string{"-law", "CH-ZH", "-received", "2026-03-04T10:00:00Z"}, map[string]any{"law": "CH-ZH", "legal_due": "2026-04-07"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := call(t, nil, append([]string{"due", "-json"}, tt.args...)...)
			if r.code != fine {
				t.Fatalf("exit %d: %s", r.code, r.err)
			}
			doc := r.document(t)
			for key, want := range tt.want {
				if got, there := doc[key]; !there || got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
			if trace := doc["trace"].([]any); len(trace) < 3 || strings.ContainsAny(trace[0].(string), "⟦<") {
				t.Errorf("trace %v", trace)
			}
		})
	}
}

func TestDueForPeople(t *testing.T) {
	t.Parallel()
	r := call(t, nil, "due", "-law", "UK", "-received", "2026-03-03T10:00:00Z", "-event", "identity_asked=2026-03-05T10:00:00Z")
	for _, want := range []string{"legal due         2026-04-07\n", "The clock stands.\n", "- On 2026-03-05 we asked for proof of identity."} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in:\n%s", want, r.out)
		}
	}
	if r = call(t, nil, "due", "-law", "JP", "-received", "2026-03-03T10:00:00Z"); !strings.Contains(r.out, "Not all of this was verified") {
		t.Errorf("an unverified row says nothing: %s", r.out)
	}
}

func TestDueWithOurOwnClosingDays(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "days")
	if err := os.WriteFile(file, []byte("12-22\n12-21 # every year\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	doc := call(t, nil, "due", "-json", "-law", "EU-DE", "-received", "2026-11-22T12:00:00Z", "-holidays", file).document(t)
	if doc["target"] != "2026-12-18" || doc["legal_due"] != "2026-12-22" {
		t.Errorf("target %v, legal %v", doc["target"], doc["legal_due"])
	}
}

func TestDueTakesNoWordThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "days")
	if err := os.WriteFile(bad, []byte("2026-12-24\nChristmas\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"a law", []string{"-law", "EU-XX"}, "expected one of AR, AU, BR"},
		{"one of two laws", []string{"-law", "UK,XX-1"}, `there is no law "XX-1"`},
		{"an event", []string{"-law", "UK", "-event", "asked=2026-03-05T10:00:00Z"}, "expected one of identity_asked, clarification_asked, fee_asked, identity_proved, clarified, fee_paid, extended"},
		{"an event without a time", []string{"-law", "UK", "-event", "extended"}, "expected KIND=TIME"},
		{"a time", []string{"-law", "UK", "-event", "extended=yesterday"}, "expected RFC 3339"},
		{"a day", []string{"-law", "UK", "-event", "extended=2026-03-05T10:00:00Z/May"}, "expected YYYY-MM-DD"},
		{"a day of what has none", []string{"-law", "UK", "-event", "fee_paid=2026-03-05T10:00:00Z/2026-05-01"}, "for an extension only"},
		{"no such file", []string{"-law", "UK", "-holidays", "/nowhere/days"}, "there is no file /nowhere/days"},
		{"a line of a file", []string{"-law", "UK", "-holidays", bad}, `line 2: "Christmas" is not a day`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := call(t, nil, append([]string{"due", "-received", "2026-03-03T10:00:00Z"}, tt.args...)...)
			if r.code != usage || !strings.Contains(r.err, tt.want) || r.out != "" {
				t.Errorf("exit %d, said %q; want %q", r.code, r.err, tt.want)
			}
		})
	}
}

package privacy_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestFormSaysWhatToDo(t *testing.T) {
	t.Parallel()
	o := newBench(t).web
	long := strings.Repeat("ü", privacy.MaxDetails+3)
	for _, tt := range []struct {
		name   string
		step   privacy.Step
		change func(*privacy.Submission)
		field  string
	}{
		{"no right chosen", privacy.StepRight, func(s *privacy.Submission) { s.Kind = "" }, "kind"},
		{"no relation", privacy.StepYou, func(s *privacy.Submission) { s.Relation = "boss" }, "relation"},
		{"organization without a name", privacy.StepYou, func(s *privacy.Submission) { s.Relation, s.Organization = privacy.Representative, " " }, "organization"},
		{"no name", privacy.StepDetails, func(s *privacy.Submission) { s.Name = " " }, "name"},
		{"no address", privacy.StepDetails, func(s *privacy.Submission) { s.Email = "" }, "email"},
		{"two addresses", privacy.StepDetails, func(s *privacy.Submission) { s.Email = "a@x.example,b@x.example" }, "email"},
		{"header injection", privacy.StepDetails, func(s *privacy.Submission) { s.Email = "a@x.example\r\nBcc: b@x.example" }, "email"},
		{"look-alike letters", privacy.StepDetails, func(s *privacy.Submission) { s.Email = "mıke@x.example" }, "email"},
		{"number with letters", privacy.StepDetails, func(s *privacy.Submission) { s.Phone = "call me" }, "phone"},
		{"number too short", privacy.StepDetails, func(s *privacy.Submission) { s.Phone = "+44 12" }, "phone"},
		{"no country", privacy.StepDetails, func(s *privacy.Submission) { s.Country = "Atlantis" }, "country"},
		{"no such day", privacy.StepScope, func(s *privacy.Submission) { s.From = "2026-02-30" }, "from"},
		{"dates the wrong way round", privacy.StepScope, func(s *privacy.Submission) { s.From, s.Until = "2026-02-02", "2026-02-01" }, "until"},
		{"too long a text", privacy.StepScope, func(s *privacy.Submission) { s.Details = long }, "details"},
		{"unknown category", privacy.StepScope, func(s *privacy.Submission) { s.Categories = []string{"passwords"} }, "categories"},
		{"correction without a right value", privacy.StepScope, func(s *privacy.Submission) {
			s.Kind, s.Corrections = privacy.Correction, []privacy.CorrectionPair{{Wrong: "a"}}
		}, "right-0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := submission(privacy.Access)
			if err := o.Check(tt.step, s); err != nil {
				t.Fatalf("the untouched form: %v", err)
			}
			tt.change(&s)
			err := o.Check(tt.step, s)
			wants(t, err, fault.Invalid, "")
			f := err.(*fault.Error).Fields
			m, ok := f[tt.field]
			if !ok || len(f) != 1 {
				t.Fatalf("fields %v, want %s alone", f, tt.field)
			}
			for _, l := range lang.Supported {
				if text := lang.In(l, m.Key, m.Args...); strings.ContainsAny(text, "⟦⟧") || text == "" {
					t.Errorf("%s has no sentence in %s", m.Key, l)
				}
			}
		})
	}
}

func TestAWrongDayNamesItsField(t *testing.T) {
	t.Parallel()
	s := submission(privacy.Access)
	s.From, s.Until = "2026-02-30", "soon"
	err := newBench(t).web.Check(privacy.StepScope, s)
	wants(t, err, fault.Invalid, "")
	for _, l := range lang.Supported {
		for _, field := range []string{"from", "until"} {
			m, label := err.(*fault.Error).Fields[field], lang.In(l, "portal.scope."+field)
			if text := lang.In(l, m.Key, m.Args...); !strings.Contains(text, label) {
				t.Errorf("%q does not name %q", text, label)
			}
		}
	}
}

func TestSubmitLeavesNothingBehindWhenTheJobCannotBeQueued(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.count(t, "SELECT count(*) FROM letters") // the invitations
	if _, err := b.db.Exec(t.Context(), "ALTER TABLE river_job RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.web.Submit(t.Context(), submission(privacy.Access)); err == nil {
		t.Fatal("Submit succeeded without a job table")
	}
	if n := b.count(t, "SELECT (SELECT count(*) FROM requests) + (SELECT count(*) FROM letters) + (SELECT count(*) FROM audit_events WHERE action LIKE 'request%')"); n != before {
		t.Errorf("%d rows left behind, want %d", n, before)
	}
}

func TestOneDraftIsOneRequestHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := submission(privacy.Deletion)
	s.Draft = strings.Repeat("d", 43)
	var wg sync.WaitGroup
	refs := make([]privacy.Ref, 8)
	for i := range refs {
		wg.Go(func() {
			r, err := b.web.Submit(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			refs[i] = r.Ref
		})
	}
	wg.Wait()
	for _, r := range refs {
		if r != refs[0] {
			t.Fatalf("two references: %s and %s", r, refs[0])
		}
	}
	if n := b.count(t, "SELECT count(*) FROM requests"); n != 1 {
		t.Fatalf("%d requests", n)
	}
	if n := b.count(t, "SELECT count(*) FROM letters WHERE letter = 'confirm_request'"); n != 1 {
		t.Fatalf("%d letters", n)
	}
}

func TestKnownAndUnknownAddressesLookTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.verified(t, privacy.Access)
	letters := func() int { return b.count(t, "SELECT count(*) FROM letters") }
	for _, address := range []string{"ada@example.com", "stranger@example.com"} {
		before := letters()
		if err := b.web.SendMyLink(t.Context(), address, lang.English); err != nil {
			t.Fatal(err)
		}
		if n := letters() - before; n != 1 {
			t.Errorf("%s: %d letters, want 1", address, n)
		}
	}
}

func TestJobsCarryNoPersonalData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.approved(t, privacy.Deletion)
	for _, planted := range []string{"ada@", "lovelace", "7700 900", "7700900", "/confirm/"} {
		if n := b.count(t, "SELECT count(*) FROM river_job WHERE args::text || metadata::text || coalesce(array_to_string(errors, ' '), '') ILIKE '%' || $1 || '%'", planted); n != 0 {
			t.Errorf("%q stands in %d jobs", planted, n)
		}
		if n := b.count(t, "SELECT count(*) FROM audit_events e WHERE e::text ILIKE '%' || $1 || '%'", planted); n != 0 {
			t.Errorf("%q stands in %d audit entries", planted, n)
		}
	}
}

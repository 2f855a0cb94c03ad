package desk_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/desk"
)

func TestTotalsKeepEveryActionInSight(t *testing.T) {
	t.Parallel()
	want := []desk.Total{
		{Action: datamap.Delete, Rows: 8911, Objects: 96, Categories: 3},
		{Action: datamap.Anonymise, Rows: 2310, Categories: 1},
		{Action: datamap.Keep, Rows: 38, Categories: 1},
	}
	if d := cmp.Diff(want, desk.Totals(plan())); d != "" {
		t.Error(d)
	}
	for _, none := range desk.Totals(datamap.Plan{}) {
		if none.Rows != 0 || none.Categories != 0 {
			t.Errorf("an empty plan has %+v", none)
		}
	}
}

func TestPlanLinesFoldTablesButNotReasons(t *testing.T) {
	t.Parallel()
	p := datamap.Plan{Steps: []datamap.Step{
		{Table: "invoices", Category: "billing", Action: datamap.Keep, Rows: 3, Ground: "tax", Until: "2036-12-31"},
		{Table: "payments", Category: "billing", Action: datamap.Keep, Rows: 2, Ground: "tax", Until: "2036-12-31"},
		{Table: "disputes", Category: "billing", Action: datamap.Keep, Rows: 1, Ground: "claims"},
		{Table: "cards", Category: "billing", Action: datamap.Delete, Rows: 4},
	}}
	var got []string
	for _, l := range desk.PlanLines(p) {
		got = append(got, strings.Join(append([]string{string(l.Action), l.Ground}, l.Tables...), " "))
	}
	want := []string{"delete  cards", "keep tax invoices payments", "keep claims disputes"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestChangesNameWhatCameAndWhatWent(t *testing.T) {
	t.Parallel()
	step := func(c string, a datamap.Action, n int64) datamap.Step {
		return datamap.Step{Category: c, Action: a, Rows: n}
	}
	before := datamap.Plan{Steps: []datamap.Step{step("messages", datamap.Delete, 10), step("usage", datamap.Delete, 5), step("billing", datamap.Keep, 1)}}
	after := datamap.Plan{Steps: []datamap.Step{step("messages", datamap.Delete, 12), step("usage", datamap.Anonymise, 5), step("billing", datamap.Keep, 1)}}
	want := []desk.Change{
		{Category: "messages", Action: datamap.Delete, Before: 10, After: 12},
		{Category: "usage", Action: datamap.Anonymise, After: 5},
		{Category: "usage", Action: datamap.Delete, Before: 5},
	}
	if d := cmp.Diff(want, desk.Changes(before, after)); d != "" {
		t.Error(d)
	}
}

func TestACategoryWithoutRowsStays(t *testing.T) {
	t.Parallel()
	got := desk.ByCategory(categories, found)
	if len(got) != len(categories) || got[4].Rows != 0 || len(got[4].Tables) != 1 {
		t.Errorf("billing is %+v", got[4])
	}
	if got[5].Rows != 3 || len(got[5].Tables) != 2 || !slices.Equal(got[5].Controllers, []datamap.Controller{datamap.Operator}) {
		t.Errorf("usage is %+v", got[5])
	}
	if unknown := desk.ByCategory(nil, found[:1]); len(unknown) != 1 || unknown[0].Category.ID != "profile" {
		t.Error("what is in no category of the map is lost")
	}
}

func TestJudgeSaysWhoMayDecideAndWhyNot(t *testing.T) {
	t.Parallel()
	staged := func(c *privacy.Case) { c.Proposal = proposal(privacy.Deletion) }
	signed := func(c *privacy.Case) { c.Proposal = proposedBy(proposal(privacy.Deletion), ingrid) }
	second := ingrid
	second.ID = id(30)
	for _, tt := range []struct {
		name  string
		state privacy.State
		edit  func(*privacy.Case)
		by    staff.Member
		want  desk.Verdict
	}{
		{"nothing is staged", privacy.Verified, nil, ingrid, desk.Verdict{Key: "desk.decision.nothing_staged"}},
		{"nobody proposed it", privacy.InReview, staged, ingrid, desk.Verdict{Key: "desk.decision.not_proposed"}},
		{"the preparer may not", privacy.InReview, signed, ingrid, desk.Verdict{Key: "desk.decision.prepared_it"}},
		{"who chose may not", privacy.InReview, func(c *privacy.Case) { signed(c); c.Choosers = []uuid.UUID{second.ID} }, second, desk.Verdict{Key: "desk.decision.chose_it"}},
		{"an agent may not", privacy.InReview, signed, tomas, desk.Verdict{Key: "desk.decision.no_permission"}},
		{"what is left open comes first", privacy.InReview, func(c *privacy.Case) { signed(c); c.Proposal.Undecided = 1 }, second, desk.Verdict{Key: "desk.decision.undecided"}},
		{"a second person may", privacy.InReview, signed, second, desk.Verdict{May: true, Key: "desk.decision.may"}},
		{"not while it is counted again", privacy.Discovering, signed, second, desk.Verdict{Key: "desk.decision.not_in_review"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := desk.Judge(example(privacy.Deletion, tt.state, tt.edit).Case, tt.by); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestTheNextTaskFollowsTheState(t *testing.T) {
	t.Parallel()
	staged := func(c *privacy.Case) { c.Proposal = proposal(c.Request.Kind) }
	signed := func(c *privacy.Case) { c.Proposal = proposedBy(proposal(c.Request.Kind), tomas) }
	approved := func(c *privacy.Case) { signed(c); decidedBy(c.Proposal, ingrid, "approved", "") }
	for _, tt := range []struct {
		kind  privacy.Kind
		state privacy.State
		edit  func(*privacy.Case)
		want  string
	}{
		{privacy.Access, privacy.Received, nil, "confirm"},
		{privacy.Access, privacy.Verified, nil, "search"},
		{privacy.Access, privacy.Discovering, nil, "search"},
		{privacy.Access, privacy.InReview, staged, "review_data"},
		{privacy.Access, privacy.InReview, signed, "decide"},
		{privacy.Access, privacy.Executing, approved, "deliver"},
		{privacy.Access, privacy.Closed, approved, ""},
		{privacy.Deletion, privacy.InReview, staged, "review_plan"},
		{privacy.Deletion, privacy.Approved, approved, "confirm_deletion"},
		{privacy.Deletion, privacy.Approved, func(c *privacy.Case) { approved(c); c.Proposal.Plan = datamap.Plan{} }, "run"},
		{privacy.Deletion, privacy.Approved, func(c *privacy.Case) { approved(c); c.Request.ConfirmedAt = &now }, "run"},
		{privacy.Correction, privacy.InReview, correcting, "choose"},
		{privacy.Correction, privacy.InReview, staged, "review_changes"},
		{privacy.Correction, privacy.Approved, approved, "carry_out"},
		{privacy.RestrictionLift, privacy.Approved, approved, "lift"},
		{privacy.OptOut, privacy.Discovering, nil, "search"},
		{privacy.OptOut, privacy.Approved, func(c *privacy.Case) { staged(c); c.Proposal.Automatic = true }, "carry_out"},
	} {
		got := ""
		for _, task := range desk.Tasks(example(tt.kind, tt.state, tt.edit).Case) {
			if task.Now {
				got += task.Key
			}
		}
		if got != tt.want {
			t.Errorf("%s %s: %q is now, want %q", tt.kind, tt.state, got, tt.want)
		}
	}
}

// Every action that the code records has words for the desk.
func TestEveryAuditActionHasWords(t *testing.T) {
	t.Parallel()
	recorded := regexp.MustCompile(`(?:Action: *|\.note\([^"\n]*, *|action :?= *)"([a-z_]+\.[a-z_]+)"`)
	seen := 0
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
				return err
			}
			src, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			for _, m := range recorded.FindAllSubmatch(src, -1) {
				seen++
				if a := string(m[1]); !lang.Has("action."+a) || !slices.Contains(desk.Actions, a) {
					t.Errorf("%s: the action %s has no words", p, a)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range privacy.States[1:] { // move names its entry by the state
		if !lang.Has("action.request." + string(s)) {
			t.Errorf("no words for request.%s", s)
		}
	}
	if seen < 15 {
		t.Errorf("only %d actions were found in the code", seen)
	}
}

// Tables that know nothing of the person are many, and would push what is
// signed out of sight.
func TestThePackageListsWhatHoldsSomething(t *testing.T) {
	t.Parallel()
	_, doc := render(t, lang.English, pages()["data-package"])
	list := doc.Find(`[data-test="package"]`).Text()
	for name, want := range map[string]bool{"index.html": true, "data/messages.csv": true, "attachments/photo-1.jpg": false, "data/sessions.csv": false} {
		if got := strings.Contains(list, name); got != want {
			t.Errorf("%s listed: %t, not %t", name, got, want)
		}
	}
	if !strings.Contains(doc.Find(`[data-test="unnamed"]`).Text(), lang.N(lang.With(t.Context(), lang.English), "desk.package.unnamed", 1)) {
		t.Errorf("the list does not say that an attachment is not named: %s", list)
	}
	if !strings.Contains(list, lang.N(lang.With(t.Context(), lang.English), "desk.package.more", 1)) {
		t.Errorf("the list does not say that a file is missing from it: %s", list)
	}
}

func TestTheDecisionKnowsWhetherThePersonWasAsked(t *testing.T) {
	t.Parallel()
	for page, key := range map[string]string{"decision-early": "desk.decision.person_later", "decision": "desk.decision.person_asked"} {
		if _, doc := render(t, lang.English, pages()[page]); !strings.Contains(doc.Find(`[data-test="approving"]`).Text(), lang.In(lang.English, key)) {
			t.Errorf("%s does not say %q", page, lang.In(lang.English, key))
		}
	}
}

// Somebody whom the store does not know gets an answer too, by two people.
func TestNothingFoundCanBeProposedAndApproved(t *testing.T) {
	t.Parallel()
	_, doc := render(t, lang.English, pages()["data-nothing"])
	if doc.Find(`[data-test="propose"]`).Length() != 1 {
		t.Error("nobody can propose that nothing is held")
	}
	_, doc = render(t, lang.English, pages()["decision-nothing"])
	if got := doc.Find(`[data-test="approve"]`).Text(); got != lang.In(lang.English, "desk.decision.approve.nothing") {
		t.Errorf("the button says %q", got)
	}
	if !strings.Contains(doc.Find(`[data-test="approving"]`).Text(), lang.In(lang.English, "desk.decision.hand_over_nothing")) {
		t.Error("the decision does not say what the person gets")
	}
}

func TestOnlyLearntRowsAskForTheirCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		matches []privacy.Match
		want    []string
	}{
		{nil, []string{"identity", "kept", "others"}},
		{[]privacy.Match{{Table: "contacts", By: "email"}}, []string{"identity", "kept", "others"}},
		{[]privacy.Match{{Table: "contacts", By: "email"}, {Table: "contacts", By: "phone", Learnt: true}}, []string{"identity", "kept", "others", "learnt"}},
	} {
		c := example(privacy.Deletion, privacy.InReview, func(c *privacy.Case) {
			c.Matches, c.Proposal = tt.matches, proposedBy(proposal(privacy.Deletion), tomas)
		})
		if d := cmp.Diff(tt.want, desk.Checks(c.Case)); d != "" {
			t.Error(d)
		}
		_, doc := render(t, lang.English, desk.Decision(frame(ingrid), with(c, "decision", desk.Form{})))
		if n := doc.Find(`input[name="checks"]`).Length(); n != len(tt.want) {
			t.Errorf("the page has %d checks, want %d", n, len(tt.want))
		}
	}
}

func TestLearntRowsAreCountedPerOrganisation(t *testing.T) {
	t.Parallel()
	m := func(table, by, tenant string, learnt bool) privacy.Match {
		return privacy.Match{Table: table, By: by, Tenant: tenant, Learnt: learnt}
	}
	got := desk.LearntRows(privacy.Case{Matches: []privacy.Match{m("contacts", "email", "9", false), m("contacts", "phone", "9", true),
		m("contacts", "phone", "4", true), m("contacts", "phone", "9", true), m("users", "phone", "", true)}})
	want := []desk.LearntRow{{Table: "contacts", By: "phone", Tenant: "9", Rows: 2}, {Table: "contacts", By: "phone", Tenant: "4", Rows: 1}, {Table: "users", By: "phone", Rows: 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAWarningIsASentenceOfTheReader(t *testing.T) {
	t.Parallel()
	for _, l := range lang.Supported {
		_, doc := render(t, l, pages()["case-correction"])
		want := lang.In(l, "desk.found.warning", "Place", "contacts.nickname", "Code", "unmapped_column")
		if got := doc.Find(`[data-test="found"] .note li`).First().Text(); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	if lang.In(lang.English, "desk.found.warning") == lang.In(lang.German, "desk.found.warning") {
		t.Error("both languages say the same")
	}
}

package desk_test

import (
	"net/url"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/desk"
)

// maybe is a search that found rows that may be the person, and texts.
func maybe(c *privacy.Case) {
	c.Candidates = []privacy.Candidate{
		{Table: "contacts", Key: "415", By: "phone", Tenant: "3", Why: "claimed"},
		{Table: "contacts", Key: "977", By: "name", Tenant: "12", Why: "name"},
	}
	c.Mentions = []privacy.Mention{
		{Table: "messages", Column: "body", Term: "email", Rows: 3, Keys: []string{"88120", "88121", "90455"}},
		{Table: "notes", Column: "text", Term: "name", Rows: 100, Keys: []string{"7"}, Cut: true},
	}
	c.Request.Answers.Business = "Baobab Deliveries"
	c.Chosen = privacy.Chosen{Version: 1, ByName: tomas.Name, At: *ago(90 * 60e9), Choices: privacy.Choices{
		Exclude: []privacy.RowRef{{Table: "contacts", Key: "977"}}, Tenants: []string{"3"}}}
}

// correcting is a correction whose new number the store would not take.
func correcting(c *privacy.Case) {
	c.Proposal = proposal(privacy.Correction)
	c.Proposal.Package, c.Proposal.Undecided = nil, 1
	c.Proposal.Plan = datamap.Plan{Kind: "correction"}
	c.Request.Answers.Corrections = []privacy.CorrectionPair{{Wrong: "Luis  fereira", Right: "Luís Ferreira"}}
	c.Fields = []privacy.Field{
		{Table: "contacts", Key: "1207", Column: "name", Title: en("Name"), Category: "profile", Old: "Luis Fereira", Type: "text"},
		{Table: "contacts", Key: "1207", Column: "phone", Title: en("Number"), Category: "profile", Old: "+351 912 345 678", Type: "phone", Routing: true},
		{Table: "contacts", Key: "1207", Column: "email", Category: "profile", Type: "email"},
	}
}

func refusedEdit(c *privacy.Case) {
	correcting(c)
	c.Chosen = privacy.Chosen{Version: 2, ByName: tomas.Name, At: *ago(60e9), Choices: privacy.Choices{Edits: []privacy.Edit{{Table: "contacts", Key: "1207", Column: "phone", New: "+351 911 111 111", Routing: true}}}}
	c.Refused = []privacy.Refusal{{Table: "contacts", Key: "1207", Column: "phone", Code: "taken"}}
}

// changes is a plan that writes something, signed.
func changes(kind privacy.Kind, steps ...datamap.Step) func(*privacy.Case) {
	return func(c *privacy.Case) {
		c.Proposal = proposedBy(proposal(kind), tomas)
		c.Proposal.Package = nil
		c.Proposal.Plan = datamap.Plan{Kind: string(kind), Hash: hash("c"), Steps: steps, Carriers: []datamap.Carrier{{Table: "orders", Column: "ship_to", Rows: 2}}}
	}
}

func step(action datamap.Action, rows int64, purpose string) datamap.Step {
	return datamap.Step{Table: "contacts", Category: "profile", Action: action, Rows: rows, Purpose: purpose}
}

func choicePages() map[string]templ.Component {
	data := func(kind privacy.Kind, state privacy.State, edit func(*privacy.Case), form desk.Form) templ.Component {
		p := with(example(kind, state, edit), "data", form)
		p.Purposes, p.Words = []string{"marketing", "analytics"}, map[string]datamap.Text{"marketing": en("Marketing messages")}
		return desk.Data(frame(tomas), p)
	}
	undecided := func(edits ...func(*privacy.Case)) func(*privacy.Case) {
		return func(c *privacy.Case) {
			c.Proposal = proposal(c.Request.Kind)
			for _, e := range edits {
				e(c)
			}
			c.Proposal.Undecided = 1
		}
	}
	restricted := func(c *privacy.Case) {
		changes(privacy.Restriction, step(datamap.Restricting, 2, datamap.Restriction))(c)
		c.Proposal = decidedBy(c.Proposal, ingrid, "approved", "")
		c.Request.Outcome = privacy.Restricted
	}
	lifting := func(c *privacy.Case) {
		restricted(c)
		l := request(privacy.RestrictionLift, privacy.Approved)
		l.Ref, c.Lift = "CS-2222-3333", &l
	}
	lifted := func(c *privacy.Case) {
		changes(privacy.RestrictionLift, step(datamap.Lifting, 2, datamap.Restriction))(c)
		r := request(privacy.Restriction, privacy.Closed)
		c.Request.Ends, c.Restricted = &r.ID, &r
	}
	automatic := func(c *privacy.Case) {
		changes(privacy.OptOut, step(datamap.Suppressing, 2, datamap.OptOut))(c)
		c.Proposal = proposal(privacy.OptOut)
		c.Proposal.Package, c.Proposal.Automatic, c.Proposal.Decision, c.Proposal.DecidedAt = nil, true, "approved", ago(60e9)
		c.Proposal.Plan.Steps = []datamap.Step{step(datamap.Suppressing, 2, datamap.OptOut)}
		c.Request.Outcome = privacy.OptedOut
	}
	typedWrong := desk.Form{Name: "edits", Values: url.Values{"new-1": {"+351 911 111 111"}}, Fields: map[string]fault.Message{"routing-1": {Key: "error.field.routing"}}}
	noDays := desk.Form{Name: "keeping", Values: url.Values{"keep_days": {"soon"}, "categories": {"messages"}}, Fields: map[string]fault.Message{"keep_days": {Key: "error.field.keep_days_wrong", Args: []any{"Limit", privacy.MaxKeepDays}}}}
	return map[string]templ.Component{
		"who": data(privacy.Deletion, privacy.InReview, undecided(maybe), desk.Form{}),
		"who-package": data(privacy.Access, privacy.InReview, undecided(maybe, func(c *privacy.Case) {
			c.Review = []privacy.ReviewColumn{{Table: "messages", Column: "body", Rows: 412}}
		}), desk.Form{}),
		"who-read-only":     desk.Data(frame(ruth), with(example(privacy.Deletion, privacy.InReview, undecided(maybe)), "data", desk.Form{})),
		"correction":        data(privacy.Correction, privacy.InReview, correcting, desk.Form{}),
		"correction-wrong":  data(privacy.Correction, privacy.InReview, correcting, typedWrong),
		"correction-taken":  data(privacy.Correction, privacy.InReview, refusedEdit, desk.Form{}),
		"correction-closed": data(privacy.Correction, privacy.Closed, func(c *privacy.Case) { c.Request.Outcome = privacy.Corrected }, desk.Form{}),
		"objection":         data(privacy.Objection, privacy.InReview, undecided(func(c *privacy.Case) { c.Chosen.Purposes = []string{"marketing"} }), desk.Form{}),
		"withdrawal":        data(privacy.Withdrawal, privacy.Closed, func(c *privacy.Case) { c.Request.Outcome = privacy.ConsentWithdrawn }, desk.Form{}),
		"keeping":           data(privacy.ShortenedRetention, privacy.InReview, undecided(func(c *privacy.Case) { c.Chosen.Days = 90 }), desk.Form{}),
		"keeping-wrong":     data(privacy.ShortenedRetention, privacy.InReview, undecided(), noDays),
		"plan-correction":   desk.Plan(frame(ingrid), with(example(privacy.Correction, privacy.InReview, changes(privacy.Correction, step(datamap.Correcting, 1, ""))), "plan", desk.Form{})),
		"plan-objection":    desk.Plan(frame(ingrid), with(example(privacy.Objection, privacy.InReview, changes(privacy.Objection, step(datamap.Restricting, 2, "marketing"))), "plan", desk.Form{})),
		"plan-undecided":    desk.Plan(frame(tomas), with(example(privacy.Correction, privacy.InReview, refusedEdit), "plan", desk.Form{})),
		"plan-running":      desk.Plan(frame(ingrid), with(example(privacy.Restriction, privacy.Executing, restricted), "plan", desk.Form{})),
		"decision-change":   desk.Decision(frame(ingrid), with(example(privacy.Objection, privacy.InReview, changes(privacy.Objection, step(datamap.Restricting, 2, "marketing"))), "decision", desk.Form{})),
		"decision-lift":     desk.Decision(frame(ingrid), with(example(privacy.RestrictionLift, privacy.InReview, lifted), "decision", desk.Form{})),
		"decision-nobody":   desk.Decision(frame(ingrid), with(example(privacy.OptOut, privacy.Closed, automatic), "decision", desk.Form{})),
		"case-restricted":   desk.Overview(frame(ingrid), example(privacy.Restriction, privacy.Closed, restricted)),
		"case-lifting":      desk.Overview(frame(ingrid), example(privacy.Restriction, privacy.Closed, lifting)),
		"case-lift":         desk.Overview(frame(ingrid), example(privacy.RestrictionLift, privacy.InReview, lifted)),
		"case-opted-out":    desk.Overview(frame(ingrid), example(privacy.OptOut, privacy.Closed, automatic)),
	}
}

func TestWhatStaffSaidOfARowStands(t *testing.T) {
	t.Parallel()
	c := example(privacy.Deletion, privacy.InReview, maybe).Case
	said := map[string]string{}
	for _, w := range desk.WhoRows(c) {
		said[w.Ref.Table+" "+w.Ref.Key] = w.Said
	}
	want := map[string]string{"contacts 415": desk.Open, "contacts 977": desk.Other, "contacts 1207": desk.Same, "contacts 88": desk.Same}
	if d := cmp.Diff(want, said); d != "" {
		t.Error(d)
	}
}

func TestOnlyACandidateNeedsSomebodysWord(t *testing.T) {
	t.Parallel()
	c := example(privacy.Deletion, privacy.InReview, maybe).Case
	include, exclude := desk.Said(c, url.Values{
		"row-0": {`{"table":"contacts","key":"415"}`}, "said-0": {desk.Same},
		"row-1": {`{"table":"contacts","key":"977"}`}, "said-1": {desk.Open},
		"row-2": {`{"table":"contacts","key":"1207"}`}, "said-2": {desk.Same},
		"row-3": {`{"table":"contacts","key":"88"}`}, "said-3": {desk.Other},
	})
	if d := cmp.Diff([]privacy.RowRef{{Table: "contacts", Key: "415"}}, include); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]privacy.RowRef{{Table: "contacts", Key: "88"}}, exclude); d != "" {
		t.Error(d)
	}
}

func TestWhatThePersonWroteIsFilledInWhereItMatches(t *testing.T) {
	t.Parallel()
	var got []string
	for _, e := range desk.EditRows(example(privacy.Correction, privacy.InReview, correcting).Case) {
		got = append(got, e.New)
	}
	if d := cmp.Diff([]string{"Luís Ferreira", "", ""}, got); d != "" {
		t.Error(d)
	}
	rows := desk.EditRows(example(privacy.Correction, privacy.InReview, refusedEdit).Case)
	if rows[0].New != "" || rows[1].New != "+351 911 111 111" || rows[1].Problem != "taken" || !rows[1].Routing {
		t.Errorf("what staff typed and why it was not taken: %+v", rows)
	}
}

func TestAnEmptyFieldCorrectsNothing(t *testing.T) {
	t.Parallel()
	got := desk.Edited(url.Values{
		"row-0": {`{"table":"contacts\u0000name","key":"1207"}`}, "new-0": {" "},
		"row-1": {`{"table":"contacts\u0000profile.phone","key":"1207"}`}, "new-1": {" +351 911 111 111 "}, "routing-1": {"yes"},
	})
	want := []privacy.Edit{{Table: "contacts", Key: "1207", Column: "profile.phone", New: "+351 911 111 111", Routing: true}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

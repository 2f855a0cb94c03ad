package privacy_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// candidates is a search that found one row that may be the person, too.
func candidates(kind privacy.Kind) privacy.Discovery {
	d := discovery(kind)
	d.Candidates = []privacy.Candidate{{Table: "contacts", Key: "7", By: "phone", Tenant: "org-2", Why: "claimed"}}
	return d
}

var (
	found     = privacy.RowRef{Table: "contacts", Key: "1"}
	candidate = privacy.RowRef{Table: "contacts", Key: "7"}
)

// again reports a search that went by the choices that stand.
func (b *bench) again(t *testing.T, r privacy.Request, d privacy.Discovery) string {
	t.Helper()
	c, err := b.worker.Chosen(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	d.Chosen = c
	return b.discover(t, r, d)
}

func TestNobodyApprovesWhileACandidateIsOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Deletion)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	hash := b.discover(t, r, candidates(privacy.Deletion))
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "error.undecided")
	refuses(t, b.db, "portal_web", "approve with a candidate open",
		"UPDATE proposals SET prepared_by = '"+b.agent.ID.String()+"', prepared_at = now() WHERE request_id = '"+r.ID.String()+"'",
		"UPDATE proposals SET decided_by = '"+b.approver.ID.String()+"', decided_at = now(), decision = 'approved' WHERE request_id = '"+r.ID.String()+"'")

	if err := b.web.Choose(ctx, b.officer, r.ID, 0, privacy.Choices{Exclude: []privacy.RowRef{candidate}}); err != nil {
		t.Fatal(err)
	}
	if s := b.state(t, r.ID); s != privacy.Discovering {
		t.Fatalf("a choice did not lead to a new search: %s", s)
	}
	if n := b.count(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND decision IS DISTINCT FROM 'superseded'", r.ID); n != 0 {
		t.Fatal("what was staged before the choice still counts")
	}
	if live, err := b.worker.LiveProposals(ctx); err != nil || len(live) != 0 {
		t.Fatalf("what was staged before the choice is kept: %v, %v", live, err)
	}
	next := b.again(t, r, candidates(privacy.Deletion))
	if next == hash {
		t.Fatal("the fingerprint does not cover the choice")
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, next, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Approve(ctx, b.officer, r.ID, next, ""), fault.Forbidden, "error.four_eyes") // who chose
	refuses(t, b.db, "portal_web", "approve what one chose oneself",
		"UPDATE proposals SET decided_by = '"+b.officer.ID.String()+"', decided_at = now(), decision = 'approved' WHERE request_id = '"+r.ID.String()+"' AND decision IS NULL")
	if err := b.web.Approve(ctx, b.approver, r.ID, next, ""); err != nil {
		t.Fatal(err)
	}
}

func TestChoicesAreHeldAgainstWhatWasFound(t *testing.T) {
	t.Parallel()
	fields := []privacy.Field{{Table: "contacts", Key: "1", Column: "name", Old: "Ada Lovelase", Type: "text"}, {Table: "contacts", Key: "1", Column: "phone", Old: "+447700900184", Type: "phone", Routing: true}}
	for _, tt := range []struct {
		name  string
		kind  privacy.Kind
		seen  int
		c     privacy.Choices
		want  fault.Kind
		field string
	}{
		{"the person's own row is somebody else's", privacy.Access, 0, privacy.Choices{Exclude: []privacy.RowRef{found}}, "", ""},
		{"a row that nobody found", privacy.Access, 0, privacy.Choices{Include: []privacy.RowRef{{Table: "contacts", Key: "99"}}}, fault.Conflict, ""},
		{"the same and somebody else", privacy.Access, 0, privacy.Choices{Include: []privacy.RowRef{candidate}, Exclude: []privacy.RowRef{candidate}}, fault.Conflict, ""},
		{"a page that is too old", privacy.Access, 3, privacy.Choices{Include: []privacy.RowRef{candidate}}, fault.Conflict, ""},
		{"a correction", privacy.Correction, 0, privacy.Choices{Edits: []privacy.Edit{{Table: "contacts", Key: "1", Column: "name", New: "Ada Lovelace"}}}, "", ""},
		{"where messages go, without saying yes", privacy.Correction, 0, privacy.Choices{Edits: []privacy.Edit{{Table: "contacts", Key: "1", Column: "phone", New: "+44 7700 900185"}}}, fault.Invalid, "routing-1"},
		{"where messages go", privacy.Correction, 0, privacy.Choices{Edits: []privacy.Edit{{Table: "contacts", Key: "1", Column: "phone", New: "+44 7700 900185", Routing: true}}}, "", ""},
		{"a column that cannot be corrected", privacy.Correction, 0, privacy.Choices{Edits: []privacy.Edit{{Table: "contacts", Key: "1", Column: "id", New: "2"}}}, fault.Invalid, "new-0"},
		{"no purpose", privacy.Objection, 0, privacy.Choices{}, fault.Invalid, "purposes"},
		{"a purpose that the store does not know", privacy.Objection, 0, privacy.Choices{Purposes: []string{"restriction"}}, fault.Invalid, "purposes"},
		{"a purpose", privacy.Objection, 0, privacy.Choices{Purposes: []string{"profiling"}}, "", ""},
		{"no time at all", privacy.ShortenedRetention, 0, privacy.Choices{}, fault.Invalid, "keep_days"},
		{"an unknown category", privacy.ShortenedRetention, 0, privacy.Choices{Days: 30, Categories: []string{"x"}}, fault.Invalid, "categories"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.verified(t, tt.kind)
			if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
				t.Fatal(err)
			}
			d := candidates(tt.kind)
			d.Fields = fields
			b.discover(t, r, d)
			err := b.web.Choose(t.Context(), b.agent, r.ID, tt.seen, tt.c)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wants(t, err, tt.want, "")
			if e := wrongFields(err); tt.field != "" && !e[tt.field] {
				t.Fatalf("the error stands at %v, not at %s", e, tt.field)
			}
		})
	}
}

// wrongFields names the fields that an error is about.
func wrongFields(err error) map[string]bool {
	out := map[string]bool{}
	if e, ok := err.(*fault.Error); ok {
		for f := range e.Fields {
			out[f] = true
		}
	}
	return out
}

func TestOnlyStaffWhoMayProposeChoose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, _ := b.inReview(t, privacy.Access)
	wants(t, b.web.Choose(t.Context(), b.auditor, r.ID, 0, privacy.Choices{}), fault.Forbidden, "")
	own := b.agent
	own.Email = "ada+work@example.com"
	wants(t, b.web.Choose(t.Context(), own, r.ID, 0, privacy.Choices{}), fault.Forbidden, "error.own_request")
	open := b.verified(t, privacy.Access)
	wants(t, b.web.Choose(t.Context(), b.agent, open.ID, 0, privacy.Choices{}), fault.Conflict, "error.wrong_state")
}

// A correction waits for what staff choose, and for what the store takes of it;
// afterwards no value of it is left here.
func TestCorrectionIsChosenTakenAndForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.verified(t, privacy.Correction)
	if err := b.web.Search(ctx, b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	d := discovery(privacy.Correction)
	d.Plan.Steps = nil
	d.Fields = []privacy.Field{{Table: "contacts", Key: "1", Column: "name", Old: "Ada Lovelase"}}
	hash := b.discover(t, r, d)
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "error.undecided")

	edit := privacy.Edit{Table: "contacts", Key: "1", Column: "name", New: "Augusta Ada King"}
	if err := b.web.Choose(ctx, b.agent, r.ID, 0, privacy.Choices{Edits: []privacy.Edit{edit}}); err != nil {
		t.Fatal(err)
	}
	d.ID, d.Refused = planned(privacy.Correction, "").ID, []privacy.Refusal{{Table: "contacts", Key: "1", Column: "name", Code: "taken"}}
	hash = b.again(t, r, d)
	wants(t, b.web.Propose(ctx, b.agent, r.ID, hash, ""), fault.Conflict, "error.undecided")
	if c, err := b.web.Case(ctx, b.agent, r.Ref); err != nil || len(c.Refused) != 1 || c.Chosen.Edits[0].New != edit.New {
		t.Fatalf("staff do not see what was typed and why it was not taken: %+v, %v", c.Chosen, err)
	}

	edit.New = "Ada King"
	if err := b.web.Choose(ctx, b.agent, r.ID, 1, privacy.Choices{Edits: []privacy.Edit{edit}}); err != nil {
		t.Fatal(err)
	}
	done := planned(privacy.Correction, datamap.Correcting)
	done.Fields = d.Fields
	b.propose(t, r, b.agent, b.approver, b.again(t, r, done))
	b.carryOut(t, r.ID)
	if n := b.count(t, "SELECT count(*) FROM choices c WHERE c::text LIKE '%King%'") + b.count(t, "SELECT count(*) FROM discoveries d WHERE d::text LIKE '%Lovelase%'"); n != 0 {
		t.Fatalf("%d rows still tell the values", n)
	}
	if n := b.count(t, "SELECT count(*) FROM audit_events a WHERE a::text LIKE '%King%' OR a::text LIKE '%Lovelase%'"); n != 0 {
		t.Fatal("the audit tells a value")
	}
}

func TestNeitherProcessChoosesForStaff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.inReview(t, privacy.Access)
	if err := b.web.Choose(ctx, b.agent, r.ID, 0, privacy.Choices{Exclude: []privacy.RowRef{found}}); err != nil {
		t.Fatal(err)
	}
	b.again(t, r, candidates(privacy.Access))
	deletion, _ := b.inReview(t, privacy.Deletion)
	_ = hash
	both, web, worker := []string{"portal_web", "portal_worker"}, []string{"portal_web"}, []string{"portal_worker"}
	of := " WHERE request_id = '" + r.ID.String() + "'"
	for _, tt := range []struct {
		name  string
		roles []string
		sql   []string
	}{
		{"choose", worker, []string{"INSERT INTO choices (request_id, version, chosen, made_by, made_name) VALUES ('" + r.ID.String() + "', 2, '{}', '" + b.agent.ID.String() + "', 'x')"}},
		{"choose twice at once", web, []string{"INSERT INTO choices (request_id, version, chosen, made_by, made_name) VALUES ('" + r.ID.String() + "', 3, '{}', '" + b.agent.ID.String() + "', 'x')"}},
		{"change what was chosen", both, []string{"UPDATE choices SET chosen = '{}'" + of}},
		{"say that somebody else chose", both, []string{"UPDATE choices SET made_by = '" + b.officer.ID.String() + "'" + of}},
		{"forget who chose", both, []string{"DELETE FROM choices" + of}},
		{"say that all is decided", both, []string{"UPDATE proposals SET undecided = 0" + of}},
		{"go on without people where people decide", worker, []string{
			"INSERT INTO proposals (id, request_id, version, plan, hash, automatic) VALUES (gen_random_uuid(), '" + deletion.ID.String() + "', 9, '{\"steps\": []}', repeat('0', 64), true)",
			"UPDATE proposals SET decision = 'approved', decided_at = now() WHERE request_id = '" + deletion.ID.String() + "' AND automatic"}},
		{"go on without people", both, []string{"UPDATE proposals SET automatic = true" + of}},
	} {
		for _, role := range tt.roles {
			refuses(t, b.db, role, tt.name, tt.sql...)
		}
	}
}

// TestNoPlanThatDeletesRunsByItself: also not under a kind that needs nobody.
func TestNoPlanThatDeletesRunsByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.verified(t, privacy.OptOut)
	d := planned(privacy.OptOut, datamap.Suppressing)
	d.Candidates, d.Plan.Steps[0].Action = nil, datamap.Delete
	b.discover(t, r, d)
	refuses(t, b.db, "portal_worker", "delete by itself",
		"INSERT INTO proposals (id, request_id, version, plan, hash, automatic) SELECT gen_random_uuid(), request_id, 9, plan, hash, true FROM proposals WHERE request_id = '"+r.ID.String()+"'",
		"UPDATE proposals SET decision = 'approved', decided_at = now() WHERE request_id = '"+r.ID.String()+"' AND automatic")
}

package desk_test

import (
	"maps"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/desk"
	"github.com/crowsstack/privacy-portal/views/ui"
)

var (
	now    = time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC)
	tomas  = staff.Member{ID: id(1), Name: "Tomás Reyes", Email: "tomas@example.com", Roles: []staff.Role{staff.Agent}, Enrolled: true, FactorAt: ago(time.Hour)}
	ingrid = staff.Member{ID: id(2), Name: "Ingrid Solheim", Email: "ingrid@example.com", Roles: []staff.Role{staff.Officer}, Enrolled: true, FactorAt: ago(time.Minute)}
	ruth   = staff.Member{ID: id(3), Name: "Ruth Adler", Email: "ruth@example.com", Roles: []staff.Role{staff.Auditor}, Enrolled: true, FactorAt: ago(time.Minute)}
	admin  = staff.Member{ID: id(4), Name: "Joon-ho Park", Email: "joon@example.com", Roles: []staff.Role{staff.Administrator}, FactorAt: ago(time.Minute)}
)

func id(n byte) uuid.UUID            { return uuid.UUID{15: n} }
func ago(d time.Duration) *time.Time { t := now.Add(-d); return &t }
func ptr[T any](v T) *T              { return &v }
func days(n int) time.Time           { return now.AddDate(0, 0, n) }
func hash(c string) string {
	return "b71e09c45d2f88a04c1be7f620d9a35e71c86b4d0fe293a7d5b61e80c4f927a" + c
}
func en(s string) datamap.Text { return datamap.Text{"en": s, "de": s} }
func frame(m staff.Member) desk.Frame {
	return desk.Frame{Member: m, Token: "t", Counts: counts, Now: now}
}

var counts = map[privacy.View]int64{privacy.ViewOpen: 27, privacy.ViewAction: 9, privacy.ViewOverdue: 1, privacy.ViewSoon: 3,
	privacy.ViewApprovals: 3, privacy.ViewWaiting: 6, privacy.ViewUnassigned: 3, privacy.ViewMine: 6, privacy.ViewClosed: 1000}

var categories = []datamap.Category{
	{ID: "profile", Title: en("Contact profile"), About: en("Saved name and number")},
	{ID: "messages", Title: en("Message content"), About: en("Text, sent and received"), Content: true},
	{ID: "delivery", Title: en("Delivery records"), About: en("Who, when, delivered or read")},
	{ID: "attachments", Title: en("Attachments"), About: en("Photos and documents")},
	{ID: "billing", Title: en("Billing"), About: en("Invoices")},
	{ID: "usage", Title: en("Technical and usage"), About: en("Sessions and activity")},
}

var found = []datamap.Found{
	{Table: "contacts", Category: "profile", Controller: datamap.Organization, Role: "owner", Rows: 2},
	{Table: "messages", Category: "messages", Controller: datamap.Organization, Role: "thread", Rows: 412},
	{Table: "message_events", Category: "delivery", Controller: datamap.Organization, Role: "thread", Rows: 1204},
	{Table: "attachments", Category: "attachments", Controller: datamap.Organization, Role: "thread", Rows: 37},
	{Table: "invoices", Category: "billing", Controller: datamap.Operator, Role: "about"},
	{Table: "sessions", Category: "usage", Controller: datamap.Operator, Role: "owner"},
	{Table: "activity_log", Category: "usage", Controller: datamap.Operator, Role: "owner", Rows: 3},
}

func request(kind privacy.Kind, state privacy.State) privacy.Request {
	r := privacy.Request{ID: id(9), Ref: "CS-4M8W-X1TP", Kind: kind, State: state, Relation: privacy.Recipient, Name: "Luís Ferreira",
		Email: "luis@ferreira-filhos.example", Phone: "+351912345678", Country: "DE", Law: "EU-DE", Lang: lang.German,
		ReceivedAt: days(-20), VerifiedAt: ptr(days(-20).Add(time.Hour)), DueAt: days(10), Assignee: ptr(tomas.ID), AssigneeName: tomas.Name,
		Answers: privacy.Submission{AllTime: true, Business: "Baobab Deliveries"}}
	if state == privacy.Received {
		r.VerifiedAt = nil
	}
	if state.Final() {
		r.ClosedAt = ago(24 * time.Hour)
	}
	return r
}

func rows() []privacy.QueueRow {
	row := func(ref, name string, k privacy.Kind, s privacy.State, due int, edit func(*privacy.QueueRow)) privacy.QueueRow {
		r := privacy.QueueRow{Request: request(k, s)}
		r.Ref, r.Name, r.DueAt = privacy.Ref(ref), name, days(due).Add(time.Hour)
		r.ReceivedAt = days(due - 30)
		if edit != nil {
			edit(&r)
		}
		return r
	}
	return []privacy.QueueRow{
		row("CS-6ZK0-8EHM", "Marek Dvořák", privacy.Deletion, privacy.InReview, -2, func(r *privacy.QueueRow) { r.Assignee, r.AssigneeName = &ingrid.ID, ingrid.Name }),
		row("CS-4M8W-X1TP", "Luís Ferreira", privacy.Deletion, privacy.InReview, 2, func(r *privacy.QueueRow) { r.Approval = true }),
		row("CS-9QTM-04WR", "", privacy.Deletion, privacy.Approved, 4, func(r *privacy.QueueRow) { r.Waiting = true }),
		row("CS-1VBN-5G2C", "Siobhán Kearney", privacy.Correction, privacy.InReview, 6, nil),
		row("CS-7F3K-29QD", "Amina Okafor", privacy.Access, privacy.Discovering, 10, func(r *privacy.QueueRow) { r.StoreDownAt = ago(time.Hour) }),
		row("CS-8WRD-3QY6", "Hana Yamashita", privacy.Portability, privacy.Discovering, 15, nil),
		row("CS-5T1F-KM90", "Yusuf al-Rashid", privacy.Access, privacy.Ready, 18, nil),
		row("CS-0DXE-42ZS", "Elena Marchetti", privacy.Restriction, privacy.Verified, 22, func(r *privacy.QueueRow) { r.Attention = "attention.failed" }),
		row("CS-A93M-T6XC", "Grace Whitlock", privacy.Access, privacy.Verified, 29, func(r *privacy.QueueRow) { r.Assignee = nil; r.Relation = privacy.Visitor }),
	}
}

func plan() datamap.Plan {
	return datamap.Plan{Kind: "deletion", Hash: hash("b"), Steps: []datamap.Step{
		{Seq: 1, Table: "attachments", Category: "attachments", Action: datamap.Delete, Rows: 96, Objects: 96},
		{Seq: 2, Table: "message_events", Category: "delivery", Action: datamap.Delete, Rows: 6114},
		{Seq: 3, Table: "messages", Category: "messages", Action: datamap.Delete, Rows: 2701},
		{Seq: 4, Table: "activity_log", Category: "usage", Action: datamap.Anonymise, Rows: 2310, Ground: "security", Reason: en("Security statistics, art. 6(1)(f)")},
		{Seq: 5, Table: "invoices", Category: "billing", Action: datamap.Keep, Rows: 38, Ground: "tax", Reason: en("Tax law"), Until: "2036-12-31"},
	}}
}

func manifest() export.Manifest {
	return export.Manifest{Ref: "CS-4M8W-X1TP", Made: now, Rows: 1658, Files: []export.Entry{
		{Name: "index.html", Size: 18211, SHA256: hash("0")},
		{Name: "data/messages.json", Category: "messages", Table: "messages", Rows: 412, Size: 318000, SHA256: hash("1")},
		{Name: "data/messages.csv", Category: "messages", Table: "messages", Rows: 412, Size: 201554, SHA256: hash("2")},
		{Name: "data/sessions.csv", Category: "account", Table: "sessions", Size: 71, SHA256: hash("4")},
		{Name: "attachments/photo-1.jpg", Category: "attachments", Size: 48_200_000, SHA256: hash("3")},
	}}
}

func proposal(k privacy.Kind) *privacy.Proposal {
	p := &privacy.Proposal{ID: id(7), Version: 4, Plan: plan(), Hash: hash("b"), MadeAt: *ago(40 * time.Minute)}
	if k != privacy.Deletion {
		p.Plan, p.Package = datamap.Plan{Kind: string(k)}, export.Package{{Artifact: export.Artifact{ID: id(8), Size: 48_900_000, SHA256: hash("4"), Key: []byte("wrapped")}, Manifest: manifest()}}
	}
	return p
}

func proposedBy(p *privacy.Proposal, m staff.Member) *privacy.Proposal {
	p.PreparedBy, p.PreparedName, p.PreparedAt = &m.ID, m.Name, ago(17*time.Hour)
	p.Note = "Address proved. I checked the counts twice. Finance wants the invoices kept, the rest can go."
	return p
}

func decidedBy(p *privacy.Proposal, m staff.Member, how, note string) *privacy.Proposal {
	p.DecidedBy, p.DecidedName, p.DecidedAt, p.Decision, p.DecisionNote = &m.ID, m.Name, ago(2*time.Hour), how, note
	return p
}

func trail() []audit.Entry {
	at := func(n int64, d time.Duration, a audit.Actor, action string, detail map[string]any) audit.Entry {
		e := audit.Entry{ID: n, At: now.Add(-d), Actor: a, Action: action, Target: "CS-4M8W-X1TP", Detail: detail}
		if n < 48 {
			e.Index, e.Hash = ptr(n-1), []byte("0123456789abcdef0123456789abcdef")
		}
		return e
	}
	system := audit.Actor{Kind: audit.SystemActor, ID: "privacy.work"}
	subject := audit.Actor{Kind: audit.SubjectActor, ID: "CS-4M8W-X1TP"}
	return []audit.Entry{
		at(48, time.Minute, ingrid.Actor(), "content.read", map[string]any{"reason": "check other numbers", "hash": hash("b")}),
		at(47, 17*time.Hour, tomas.Actor(), "plan.proposed", map[string]any{"version": 4.0, "hash": hash("b")}),
		at(46, 18*time.Hour, system, "request.in_review", map[string]any{"from": "discovering", "rows": 11259.0}),
		at(45, 19*time.Hour, tomas.Actor(), "request.discovering", nil),
		at(44, 40*time.Hour, subject, "request.verified", nil),
		at(43, 41*time.Hour, audit.Actor{Kind: audit.CLIActor, ID: "root", Label: "root"}, "staff.invited", map[string]any{"roles": []any{"agent", "officer"}}),
	}
}

func example(kind privacy.Kind, state privacy.State, edit func(*privacy.Case)) desk.CasePage {
	c := privacy.Case{Request: request(kind, state), Audit: trail(), AuditCount: 58}
	if state != privacy.Received && state != privacy.Verified {
		c.Found, c.SearchedAt = found, ago(40*time.Minute)
		c.Matches = []privacy.Match{{Table: "contacts", Key: "1207", By: "email", Tenant: "3"}, {Table: "contacts", Key: "88", By: "phone", Learnt: true, Tenant: "9"}}
		c.Learnt = []string{"phone"}
	}
	if kind == privacy.Correction {
		c.Warnings = []string{"unmapped_column contacts.nickname"}
	}
	c.Messages = []privacy.Message{
		{ID: id(20), At: days(-7), Staff: true, Author: tomas.Name, Body: "Hello Luís. We found messages from two businesses.\n\nShall we include both?"},
		{ID: id(21), At: days(-6), Body: "Yes please, both."},
		{ID: id(22), At: days(-5), Staff: true, Note: true, Author: tomas.Name, Body: "Called finance, they want the invoices."},
	}
	c.Letters = []mail.Delivery{
		{Letter: "confirm_request", State: mail.Sent, QueuedAt: days(-20), SentAt: ptr(days(-20)), Attempts: 1, Reply: "250 2.0.0"},
		{Letter: "staff_message", State: mail.Delayed, QueuedAt: days(-7), Attempts: 2, Reply: "451 4.7.1"},
		{Letter: "deletion_planned", State: mail.Failed, QueuedAt: days(-1), Attempts: 1, Reply: "550 5.1.1"},
		{Letter: "request_received", State: mail.Queued, QueuedAt: days(-1)},
	}
	if edit != nil {
		edit(&c)
	}
	return desk.CasePage{Case: c, Categories: categories}
}

func with(p desk.CasePage, tab string, f desk.Form) desk.CasePage {
	p.Tab, p.Form = tab, f
	return p
}

var wrong = desk.Form{Name: "decision", Values: url.Values{"note": {"Looks right"}, "checks": {"kept"}}, Fields: map[string]fault.Message{
	"checks": {Key: "desk.error.checks"}, "reference": {Key: "desk.error.reference", Args: []any{"Ref", "CS-4M8W-X1TP"}}}}

// pages is every page of the desk in every state that looks different.
func pages() map[string]templ.Component {
	q := func(v privacy.View, rows []privacy.QueueRow) desk.QueuePage {
		return desk.QueuePage{Filter: privacy.Filter{View: v}, Page: privacy.Page{Rows: rows, Counts: counts, Next: "x"}, Laws: []string{"EU-DE", "UK"}, People: []staff.Member{tomas, ingrid, ruth}}
	}
	search := q(privacy.ViewOpen, nil)
	search.Filter.Search = "+44 7700 9001"
	further := q(privacy.ViewOpen, rows())
	further.Filter.Channel, further.Filter.DueFrom, further.Page.Prev = privacy.ChannelPost, "2026-11-01", "y"
	further.Form = desk.Form{Name: "bulk", Values: url.Values{"do": {"to"}}, Fields: map[string]fault.Message{"to": {Key: "queue.bulk.nobody"}}}
	saving := frame(tomas)
	saving.Saved = []privacy.SavedView{{ID: id(7), Name: "Late deletions", Own: true, Filter: privacy.Filter{View: privacy.ViewOverdue, Kind: privacy.Deletion}},
		{ID: id(8), Name: "French", Owner: "Ingrid Solheim", Shared: true, Filter: privacy.Filter{View: privacy.ViewOpen, Law: "EU-FR"}}}
	flash := frame(ingrid)
	flash.Flash = "Assigned to you."
	off := frame(ruth)
	off.KeysOff = true
	secondWrong := desk.Form{Fields: map[string]fault.Message{"code": {Key: "error.code_wrong"}}}

	staged := func(k privacy.Kind) func(*privacy.Case) { return func(c *privacy.Case) { c.Proposal = proposal(k) } }
	packs := func(alive bool) func(*privacy.Case) {
		return func(c *privacy.Case) {
			c.Staging = &privacy.Staging{Phase: privacy.Packing, Done: 1_250_000, Planned: 5_000_000, Alive: alive}
		}
	}
	inParts := func(c *privacy.Case) {
		c.Proposal = proposal(privacy.Access)
		c.Proposal.Package = append(c.Proposal.Package, c.Proposal.Package[0])
	}
	signed := func(k privacy.Kind) func(*privacy.Case) {
		return func(c *privacy.Case) { c.Proposal = proposedBy(proposal(k), tomas) }
	}
	nothing := func(c *privacy.Case) {
		c.Found, c.Matches = nil, nil
		c.Proposal = proposal(privacy.Access)
		c.Proposal.Package = nil
	}
	nothingSigned := func(c *privacy.Case) {
		nothing(c)
		proposedBy(c.Proposal, tomas)
	}
	again := func(c *privacy.Case) {
		signed(privacy.Deletion)(c)
		before := decidedBy(proposedBy(proposal(privacy.Deletion), tomas), ingrid, "sent_back", "The legal hold is missing.")
		before.Version, before.Hash = 3, hash("a")
		before.Plan.Steps = before.Plan.Steps[1:]
		c.Earlier = []privacy.Proposal{*before}
	}
	approved := func(confirmed bool) func(*privacy.Case) {
		return func(c *privacy.Case) {
			c.Proposal = decidedBy(proposedBy(proposal(privacy.Deletion), tomas), ingrid, "approved", "")
			if confirmed {
				c.Request.ConfirmedAt, c.Request.RunsAt = ago(time.Hour), ptr(days(1))
			}
		}
	}
	running := func(c *privacy.Case) {
		approved(true)(c)
		for i, s := range plan().Steps {
			c.Progress = append(c.Progress, privacy.Progress{Step: s, Affected: s.Rows, Done: i < 2})
		}
	}

	all := map[string]templ.Component{
		"sign-in":         desk.SignIn("/desk", true, desk.Form{}),
		"sign-in-wrong":   desk.SignIn("/desk", false, desk.Form{Values: url.Values{"email": {"x"}}, Fields: map[string]fault.Message{"email": {Key: "desk.error.email"}}}),
		"link-sent":       desk.LinkSent("tomas@example.com"),
		"link":            desk.Link("token"),
		"link-expired":    desk.LinkExpired(),
		"second":          desk.Second(desk.SecondPage{Token: "t", App: true}),
		"second-again":    desk.Second(desk.SecondPage{Token: "t", App: true, Again: true, Form: secondWrong}),
		"second-passkey":  desk.Second(desk.SecondPage{Token: "t", Passkey: true, Form: desk.Form{Fields: map[string]fault.Message{"passkey": {Key: "error.passkey_wrong"}}}}),
		"enrol":           desk.Enrol(desk.EnrolPage{Token: "t", Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", OTPAuth: otpauth, Passkey: true}),
		"recovery":        desk.Recovery([]string{"k7fm-2qxt-9hbc-w4ne", "a2bc-3def-4ghi-5jkl"}),
		"signed-out":      desk.SignedOut("/desk/sign-in?back=%2Fdesk", []desk.Written{{Field: desk.Fields["propose"][0], Text: "I checked the counts twice.\n\nLook at the invoices."}}),
		"signed-out-bare": desk.SignedOut("/desk/sign-in", nil),
		"forbidden":       desk.Forbidden(frame(tomas)),
		"queue":           desk.Queue(flash, q(privacy.ViewOpen, rows())),
		"queue-auditor":   desk.Queue(off, q(privacy.ViewOverdue, rows()[:1])),
		"queue-empty":     desk.Queue(frame(ingrid), q(privacy.ViewAction, nil)),
		"queue-no-match":  desk.Queue(frame(ingrid), search),
		"queue-further":   desk.Queue(frame(ingrid), further),
		"queue-keys":      desk.Keys(frame(ingrid)),
		"queue-bulk":      desk.BulkResult(frame(tomas), desk.BulkPage{Bulk: privacy.Bulk{Done: []privacy.Ref{"CS-4M8W-X1TP"}, Left: []privacy.Unchanged{{Ref: "CS-7F3K-29QD", Why: fault.Message{Key: "queue.bulk.closed"}}}}, Result: "1 request has a new owner.", Back: "/desk"}),
		"queue-saved":     desk.SavedViews(saving, desk.Form{}),
		"record":          desk.Record(frame(tomas), desk.RecordPage{Draft: "d", Categories: categories, Purposes: []string{"marketing"}, Places: []ui.Option{{Value: "DE", Label: "Germany"}}}),
		"record-wrong": desk.Record(frame(tomas), desk.RecordPage{Draft: "d", Categories: categories, Form: desk.Form{Name: "record", Values: url.Values{"name": {"Ada"}, "channel": {"post"}},
			Fields: map[string]fault.Message{"day": {Key: "queue.record.day_missing"}, "wrong-0": {Key: "error.field.correction_missing"}}}}),
		"dashboard":       desk.Dashboard(frame(ingrid), figures()),
		"dashboard-empty": desk.Dashboard(frame(ruth), privacy.Figures{Period: privacy.TwelveWeeks, At: now, Intervals: make([]privacy.Interval, 12)}),
		"year":            desk.Year(frame(ingrid), desk.YearPage{Year: 2025, Years: []int{2026, 2025}, Law: "US-CA", Laws: []string{"EU-DE", "US-CA"}, Rows: []privacy.YearOf{{Sort: "know", Received: 12, Whole: 9, Part: 1, Denied: 2, Unproved: 1, Median: 9.25, Mean: 11.5}}}),
		"case-received":   desk.Overview(frame(tomas), example(privacy.Access, privacy.Received, nil)),
		"case-new":        desk.Overview(frame(tomas), example(privacy.Access, privacy.Verified, func(c *privacy.Case) { c.Messages, c.Letters = nil, nil; c.Request.Assignee = nil })),
		"case-searching":  desk.Overview(frame(tomas), example(privacy.Access, privacy.Discovering, func(c *privacy.Case) { c.Request.StoreDownAt = ago(time.Hour) })),
		"case-access":     desk.Overview(frame(tomas), example(privacy.Access, privacy.InReview, staged(privacy.Access))),
		"case-deletion":   desk.Overview(frame(ingrid), example(privacy.Deletion, privacy.InReview, signed(privacy.Deletion))),
		"case-running":    desk.Overview(frame(ingrid), example(privacy.Deletion, privacy.Executing, running)),
		"case-erased":     desk.Overview(frame(ingrid), example(privacy.Deletion, privacy.Closed, func(c *privacy.Case) { running(c); c.Request.Outcome = privacy.Erased })),
		"case-correction": desk.Overview(frame(ingrid), example(privacy.Correction, privacy.InReview, func(c *privacy.Case) {
			c.Request.Relation, c.Request.Answers.Organization = privacy.Representative, "Brightwater Ltd"
			c.Request.Answers.Corrections = []privacy.CorrectionPair{{Wrong: "Fereira", Right: "Ferreira"}}
			c.Request.Answers.Details = "My name is written wrongly everywhere."
			c.Request.Attention = "attention.failed"
		})),
		"case-refused": desk.Overview(frame(ingrid), example(privacy.Access, privacy.Rejected, func(c *privacy.Case) {
			c.Request.Outcome, c.RefusalCode, c.RefusalText = privacy.Refused, "EXCESSIVE", "You asked for the same three times this month."
		})),
		"case-refuse-form": desk.Overview(frame(ingrid), with(example(privacy.Access, privacy.InReview, staged(privacy.Access)), "", desk.Form{Name: "reject", Fields: map[string]fault.Message{"code": {Key: "error.field.refusal_missing"}}})),
		"data-found":       desk.Data(frame(tomas), with(example(privacy.Deletion, privacy.InReview, staged(privacy.Deletion)), "data", desk.Form{})),
		"data-package":     desk.Data(frame(ingrid), with(example(privacy.Access, privacy.InReview, staged(privacy.Access)), "data", desk.Form{})),
		"data-packing":     desk.Data(frame(ingrid), with(example(privacy.Access, privacy.Discovering, packs(true)), "data", desk.Form{})),
		"data-interrupted": desk.Data(frame(ingrid), with(example(privacy.Access, privacy.Discovering, packs(false)), "data", desk.Form{})),
		"data-parts":       desk.Data(frame(ingrid), with(example(privacy.Access, privacy.InReview, inParts), "data", desk.Form{})),
		"data-nothing":     desk.Data(frame(tomas), with(example(privacy.Access, privacy.InReview, nothing), "data", desk.Form{})),
		"decision-nothing": desk.Decision(frame(ingrid), with(example(privacy.Access, privacy.InReview, nothingSigned), "decision", desk.Form{})),
		"data-proposed":    desk.Data(frame(tomas), with(example(privacy.Access, privacy.InReview, signed(privacy.Access)), "data", desk.Form{})),
		"plan-none":        desk.Plan(frame(tomas), with(example(privacy.Deletion, privacy.Verified, nil), "plan", desk.Form{})),
		"plan":             desk.Plan(frame(tomas), with(example(privacy.Deletion, privacy.InReview, staged(privacy.Deletion)), "plan", desk.Form{})),
		"plan-again":       desk.Plan(frame(tomas), with(example(privacy.Deletion, privacy.InReview, again), "plan", desk.Form{})),
		"plan-approved":    desk.Plan(frame(tomas), with(example(privacy.Deletion, privacy.Approved, approved(true)), "plan", desk.Form{})),
		"decision-early":   desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.InReview, staged(privacy.Deletion)), "decision", desk.Form{})),
		"decision":         desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.InReview, again), "decision", desk.Form{})),
		"decision-wrong":   desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.InReview, signed(privacy.Deletion)), "decision", wrong)),
		"decision-access":  desk.Decision(frame(ingrid), with(example(privacy.Access, privacy.InReview, signed(privacy.Access)), "decision", desk.Form{})),
		"decision-own":     desk.Decision(frame(tomas), with(example(privacy.Deletion, privacy.InReview, signed(privacy.Deletion)), "decision", desk.Form{})),
		"decision-changed": desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.InReview, signed(privacy.Deletion)), "decision", desk.Form{Trouble: fault.Message{Key: "desk.decision.changed.now"}})),
		"decision-done":    desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.Approved, approved(false)), "decision", desk.Form{})),
		"decision-none":    desk.Decision(frame(ingrid), with(example(privacy.Deletion, privacy.Verified, nil), "decision", desk.Form{})),
		"messages":         desk.Messages(frame(tomas), with(example(privacy.Access, privacy.InReview, staged(privacy.Access)), "messages", desk.Form{})),
		"case-audit":       desk.CaseAudit(frame(ruth), with(example(privacy.Access, privacy.InReview, staged(privacy.Access)), "audit", desk.Form{})),
		"audit":            desk.AuditLog(frame(ruth), desk.LogPage{Entries: trail(), Actions: desk.Actions, First: true, Older: 40, Entry: 47, Check: &desk.Check{OK: true, Size: 48211, Pending: 2, Root: hash("b")}}),
		"audit-broken":     desk.AuditLog(frame(ruth), desk.LogPage{Entries: trail(), Actions: desk.Actions, Check: &desk.Check{Size: 48211, Root: hash("b"), FirstBad: ptr(int64(46))}}),
		"audit-empty":      desk.AuditLog(frame(ruth), desk.LogPage{Target: "CS-0000-0000", Actions: desk.Actions, First: true}),
		"settings-people":  desk.Settings(frame(admin), desk.SettingsPage{Part: "people", People: somePeople(tomas, ingrid, ruth, admin)}),
		"settings-account": desk.Settings(frame(tomas), desk.SettingsPage{Part: "account", Account: someAccount()}),
		"settings-first":   desk.Settings(frame(tomas), desk.SettingsPage{Part: "account", Account: desk.AccountPage{Secret: "JBSWY3DPEHPK3PXP", OTPAuth: otpauth, SSO: true, Origin: "http://localhost:8080"}}),
		"reason":           desk.Reason(frame(tomas), "CS-7F3K-29QD", "/desk/CS-7F3K-29QD/data", desk.Form{Fields: map[string]fault.Message{"code": {Key: "error.reason_code"}, "reason": {Key: "error.field.reason_missing"}}}),
		"settings-roles":   desk.Settings(frame(tomas), desk.SettingsPage{Part: "people", People: somePeople(tomas, ingrid)}),
		"settings-laws":    desk.Settings(frame(tomas), desk.SettingsPage{Part: "deadlines", Regimes: []law.Regime{law.For("EU-DE"), law.For("UK"), law.For("US-CA")}}),
		"settings-keys":    desk.Settings(off, desk.SettingsPage{Part: "keyboard"}),
	}
	maps.Copy(all, choicePages())
	maps.Copy(all, clockPages())
	maps.Copy(all, dutyPages())
	return all
}

// figures are the dashboard of a desk with work on it.
func figures() privacy.Figures {
	f := privacy.Figures{Period: privacy.TwelveWeeks, At: now, Open: 27, OpenThen: 31, Overdue: 1, Worst: &privacy.Request{Ref: "CS-6ZK0-8EHM", DueAt: now.AddDate(0, 0, -2)},
		Soon: 3, SoonWait: 1, Answered: 194, InTime: 193, Median: 10.8, Before: 13.1,
		ByKind: []privacy.KindCount{{Kind: privacy.Access, N: 11}, {Kind: privacy.Deletion, N: 8}, {Kind: privacy.Correction, N: 3}},
		Took:   [15]int64{10, 22, 41, 38, 29, 21, 14, 9, 6, 3, 0, 0, 0, 0, 1},
		Due:    [30]int64{0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 2, 0, 2, 1, 0, 3, 0, 1, 0, 2, 1, 0, 2, 0, 1, 0, 3, 1, 0, 4},
		Stages: []privacy.Stage{{Key: "confirm", Days: 0.4}, {Key: "search", Days: 0.2}, {Key: "review", Days: 4.9}, {Key: "approval", Days: 1.6}, {Key: "person", Days: 1.1}, {Key: "answer", Days: 0.5}},
		Work:   []privacy.Workload{{Member: &tomas.ID, Name: tomas.Name, Open: 8, Soon: 1, Waiting: 1, Answered: 61, Median: 10.2}, {Open: 3}}}
	received, answered := []int64{14, 11, 17, 13, 19, 16, 22, 18, 15, 21, 24, 19}, []int64{12, 13, 12, 15, 14, 18, 17, 20, 18, 17, 22, 23}
	for i := range received {
		f.Intervals = append(f.Intervals, privacy.Interval{From: now.AddDate(0, 0, 7*(i-11)), Received: received[i], Answered: answered[i]})
	}
	return f
}

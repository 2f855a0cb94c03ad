package portal_test

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/org"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// page is one page in one state.
type page struct {
	name string
	at   templ.Component
}

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func at(day, hour, minute int) *time.Time {
	t := time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
	return &t
}

var categories = []datamap.Category{
	{ID: "messages", Title: text("Messages", "Nachrichten"), About: text("What you and the business wrote, and any photos or files", "Was Sie und das Unternehmen geschrieben haben, mit Fotos und Dateien")},
	{ID: "delivery", Title: text("Delivery records", "Zustellung"), About: text("When messages were sent, delivered and read", "Wann Nachrichten gesendet, zugestellt und gelesen wurden")},
	{ID: "consent", Title: text("Consent and opt-outs", "Einwilligungen"), About: text("When you agreed to messages, or replied STOP", "Wann Sie zugestimmt oder STOP geantwortet haben")},
	{ID: "billing", Title: text("Invoices", "Rechnungen"), About: text("Who paid what, and when", "Wer wann was bezahlt hat")},
}

func text(en, de string) datamap.Text { return datamap.Text{"en": en, "de": de} }

func answers(k privacy.Kind) privacy.Submission {
	return privacy.Submission{Kind: k, Relation: privacy.Recipient, Business: "Baobab Deliveries", Name: "Amina Okafor",
		Email: "amina.okafor@example.com", Phone: "+44 7700 900184", Country: "GB", From: "2026-01-01",
		Details: "I mainly want to know who my number was shared with."}
}

func form(step privacy.Step, a privacy.Submission) portal.Form {
	return portal.Form{Step: step, Answers: a, Sealed: "sealed", Categories: categories, Purposes: []portal.Purpose{{Code: "marketing", Title: text("News and offers", "Neuigkeiten und Angebote")}}, Pairs: max(1, len(a.Corrections)),
		Places: []ui.Option{{Value: "DE", Label: "Germany"}, {Value: "GB", Label: "United Kingdom"}}, Due: time.Date(2026, 12, 23, 23, 59, 59, 0, time.UTC)}
}

func done(f portal.Form, steps ...privacy.Step) portal.Form { f.Done = steps; return f }

func wrong(f portal.Form, ctx context.Context, fields map[string]fault.Message) portal.Form {
	f.Problems = ui.ProblemsOf(ctx, fields)
	return f
}

func request(k privacy.Kind, s privacy.State) privacy.Request {
	r := privacy.Request{ID: uuid.MustParse("0197b1c8-0000-7000-8000-000000000001"), Ref: "CS-7F3K-29QD", Kind: k, State: s, Relation: privacy.Recipient,
		Name: "Amina Okafor", Email: "amina.okafor@example.com", Phone: "+447700900184", Country: "GB", Law: "UK",
		Answers: answers(k), Lang: lang.English, ReceivedAt: *at(3, 10, 12), DueAt: time.Date(2026, 12, 3, 23, 59, 59, 0, time.UTC)}
	if s != privacy.Received && s != privacy.Lapsed {
		r.VerifiedAt = at(3, 10, 15)
	}
	if s.Final() {
		r.ClosedAt = at(20, 12, 0)
	}
	return r
}

func own(k privacy.Kind, s privacy.State, change ...func(*portal.Own)) portal.Own {
	o := portal.Own{Mine: privacy.Mine{Request: request(k, s)}, Now: now, Categories: categories}
	o.Timeline = []privacy.TimelineItem{{Code: "sent", At: at(3, 10, 12), Done: true}, {Code: "confirmed", At: at(3, 10, 15), Done: true},
		{Code: "search", Done: true}, {Code: "review", Now: true}, {Code: "prepare"}, {Code: "ready"}, {Code: "answer", At: &o.Request.DueAt}}
	for _, c := range change {
		c(&o)
	}
	return o
}

func outcome(x privacy.Outcome) func(*portal.Own) {
	return func(o *portal.Own) {
		o.Request.Outcome = x
		o.Timeline = []privacy.TimelineItem{{Code: "sent", At: at(3, 10, 12), Done: true}, {Code: "outcome." + string(x), At: at(20, 12, 0), Done: true}}
	}
}

func thread(o *portal.Own) {
	o.Messages = []privacy.Message{
		{At: *at(16, 14, 5), Staff: true, Author: "Tomás", Body: "Hello Amina. We found messages from two businesses: Baobab Deliveries and Harbour Dental.\n\nShall we include both in your copy?"},
		{At: *at(16, 18, 40), Author: "Amina Okafor", Body: "Yes please, both. And I’d like to know if anyone else got my number."},
	}
}

func plan(o *portal.Own) {
	o.Proposal = &privacy.Proposal{Version: 1, PreparedAt: at(17, 9, 0), Hash: "9f2c41d07be85a13c6e40d9722abf81c3e60b54d98f71a2ed3c56b084f7ae912",
		Plan: datamap.Plan{Kind: "deletion", Steps: []datamap.Step{
			{Seq: 1, Table: "attachments", Category: "messages", Action: datamap.Delete, Rows: 37, Objects: 37},
			{Seq: 2, Table: "messages", Category: "messages", Action: datamap.Delete, Rows: 412},
			{Seq: 3, Table: "events", Category: "delivery", Action: datamap.Delete, Rows: 1204},
			{Seq: 4, Table: "optouts", Category: "consent", Action: datamap.Anonymise, Rows: 3, Reason: text("So that nobody writes to you again", "Damit Ihnen niemand wieder schreibt")},
			{Seq: 5, Table: "invoices", Category: "billing", Action: datamap.Keep, Rows: 2, Ground: "tax", Until: "2036-12-31", Reason: text("Tax law makes us keep invoices", "Das Steuerrecht verlangt, dass wir Rechnungen behalten")},
		}}}
}

// ending is a restriction that ends after a notice.
func ending(o *portal.Own) {
	o.Request.RunsAt = at(30, 9, 0)
	o.Timeline = []privacy.TimelineItem{{Code: "lift_opened", At: at(20, 9, 0), Done: true}, {Code: "search", Done: true}, {Code: "review", Done: true},
		{Code: "lift_notice", Done: true}, {Code: "carry_out", At: o.Request.RunsAt, Now: true}, {Code: "answer", At: &o.Request.DueAt}}
}

// written is an opt-out that stands in the store.
func written(o *portal.Own) {
	o.Proposal = &privacy.Proposal{Version: 1, Plan: datamap.Plan{Kind: "opt_out", Steps: []datamap.Step{{Seq: 1, Table: "optouts", Category: "consent", Action: datamap.Suppressing, Rows: 2}}}}
	o.Progress = []privacy.Progress{{Step: o.Proposal.Plan.Steps[0], Affected: 2, Done: true}}
}

func confirmed(runs time.Time) func(*portal.Own) {
	return func(o *portal.Own) { o.Request.ConfirmedAt, o.Request.RunsAt = at(22, 9, 0), &runs }
}

func progress(o *portal.Own) {
	for _, s := range o.Proposal.Plan.Steps[:3] {
		o.Progress = append(o.Progress, privacy.Progress{Step: s, Affected: s.Rows, Done: true})
	}
}

// carriedOut is a deletion that has gone through all its steps.
func carriedOut(o *portal.Own) {
	progress(o)
	s := o.Proposal.Plan.Steps[3]
	s.Until = "2027-11-30"
	o.Progress = append(o.Progress, privacy.Progress{Step: s, Affected: s.Rows, Done: true})
}

// copies is what a deletion did not reach: a package that waits.
func copies(o *portal.Own) {
	o.Copies = []privacy.Copy{{Ref: "CS-4H2M-81WT", Until: time.Date(2026, 12, 17, 12, 0, 0, 0, time.UTC)}}
}

func delivery(used int) privacy.Delivery {
	return privacy.Delivery{Until: time.Date(2026, 12, 17, 0, 0, 0, 0, time.UTC), Used: used, Opened: []int{used}, Allowed: 5, Package: export.Package{{
		Artifact: export.Artifact{Size: 48_231_000, SHA256: "9f2c41d07be85a13c6e40d9722abf81c3e60b54d98f71a2ed3c56b084f7ae912"},
		Manifest: export.Manifest{Ref: "CS-7F3K-29QD", Made: now, Rows: 1653, Missing: []string{"attachments/photo-9.jpg"}, Files: []export.Entry{
			{Name: "index.html", Size: 12_000}, {Name: "letter.html", Size: 21_200}, {Name: "README.txt", Size: 900},
			{Name: "read/messages-1.html", Category: "messages", Rows: 412, Size: 310_000},
			{Name: "json/messages.json", Category: "messages", Rows: 412, Size: 1_400_000},
			{Name: "csv/messages.csv", Category: "messages", Rows: 412, Size: 310_000},
			{Name: "attachments/photo-1.jpg", Category: "messages", Size: 40_000_000},
			{Name: "manifest.json", Size: 18_000},
		}}}}}
}

// staging is how far a worker is.
func staging(p privacy.Phase, done int64, alive bool) func(*portal.Own) {
	s := &privacy.Staging{Phase: p, Done: done, Alive: alive}
	if p == privacy.Packing {
		s.Planned = 5_000_000
	}
	return func(o *portal.Own) { o.Staging = s }
}

// several is a package in three parts, of which the first was fetched as often as it may be.
func several(kind privacy.Kind) portal.Data {
	d := portal.Data{Request: request(kind, privacy.Ready), Delivery: delivery(0), Categories: categories, Fresh: true}
	for n := range 2 {
		part := d.Delivery.Package[0]
		part.Artifact.Size, part.Manifest.Rows = part.Artifact.Size/int64(n+2), part.Manifest.Rows/int64(n+2)
		part.Manifest.Missing = nil
		d.Delivery.Package, d.Delivery.Opened = append(d.Delivery.Package, part), append(d.Delivery.Opened, n)
	}
	d.Delivery.Opened[0] = 5
	return d
}

// pages lists every page in every state; a state that is not here does not exist.
func pages(ctx context.Context) []page {
	a := answers(privacy.Access)
	all := []privacy.Step{privacy.StepRight, privacy.StepYou, privacy.StepDetails, privacy.StepScope}
	fix := answers(privacy.Correction)
	fix.Corrections = []privacy.CorrectionPair{{Wrong: "Email: old@example.com", Right: "new@example.com"}, {Wrong: "Name: Amira", Right: "Amina"}}
	boss := answers(privacy.Deletion)
	boss.Relation, boss.Organization, boss.Business = privacy.Representative, "Baobab Deliveries", ""
	bad := a
	bad.Email, bad.Phone = "amina.okafor@example", "07700 9"
	none := portal.Form{Sealed: "sealed", Categories: categories, Pairs: 1}
	step := func(s privacy.Step, f portal.Form) portal.Form { f.Step = s; return f }
	old := done(form(privacy.StepDetails, a), all[:2]...)
	old.Old = true
	detailsWrong := wrong(done(form(privacy.StepDetails, bad), all[:2]...), ctx, map[string]fault.Message{"email": {Key: "error.field.email_wrong"}, "phone": {Key: "error.field.phone_wrong"}})
	policy, err := portal.ReadPolicy(portal.DemoPolicy())
	if err != nil {
		panic(err)
	}
	newest, _ := portal.PolicyAt(policy, "", string(lang.From(ctx)))
	older, _ := portal.PolicyAt(policy, "2025-11-08", string(lang.From(ctx)))
	sent := portal.SentTo{Email: "amina.okafor@example.com", At: lang.DateTime(ctx, now), Until: lang.DateTime(ctx, now.Add(24*time.Hour))}
	again, often := sent, sent
	again.Again, often.TooOft = true, lang.T(ctx, "error.too_many", "Minutes", 480)
	link := func(s privacy.State) privacy.LinkState {
		return privacy.LinkState{Purpose: privacy.LinkConfirm, Expired: true, Request: request(privacy.Access, s)}
	}
	typed := own(privacy.Access, privacy.InReview, thread)
	typed.Body, typed.Problems = "…", ui.Problems{{Field: "body", Text: lang.T(ctx, "error.field.too_long", "Limit", 5000, "Over", 12)}}
	refused := own(privacy.Access, privacy.Rejected, outcome(privacy.Refused))
	refused.RefusalCode, refused.RefusalText = "ID_NOT_VERIFIED", "The number you named is linked to another address."
	organization := own(privacy.Access, privacy.InReview)
	organization.Request.Relation, organization.Request.Answers = privacy.Representative, boss
	ready := own(privacy.Access, privacy.Ready)
	ready.Flash = "portal.flash.message"
	waits := delivery(0)
	ready.Delivery = &waits
	late := own(privacy.Access, privacy.Verified)
	late.Request.DueAt = *at(20, 23, 59)

	return append([]page{
		{"home", portal.Home()},
		{"right", portal.Right(step(privacy.StepRight, none))},
		{"right-missing", portal.Right(wrong(step(privacy.StepRight, none), ctx, map[string]fault.Message{"kind": {Key: "error.field.kind_missing"}}))},
		{"you", portal.You(done(form(privacy.StepYou, a), all[0]))},
		{"you-organization", portal.You(wrong(done(form(privacy.StepYou, boss), all[0]), ctx, map[string]fault.Message{"organization": {Key: "error.field.organization_missing"}}))},
		{"details", portal.Details(done(form(privacy.StepDetails, a), all[:2]...))},
		{"details-wrong", portal.Details(detailsWrong)},
		{"details-old", portal.Details(old)},
		{"details-organization", portal.Details(done(form(privacy.StepDetails, boss), all[:2]...))},
		{"scope", portal.Scope(done(form(privacy.StepScope, a), all[:3]...))},
		{"scope-objection", portal.Scope(wrong(done(form(privacy.StepScope, answers(privacy.Objection)), all[:3]...), ctx, map[string]fault.Message{"purposes": {Key: "error.field.purpose_missing"}}))},
		{"scope-shortened", portal.Scope(done(form(privacy.StepScope, answers(privacy.ShortenedRetention)), all[:3]...))},
		{"scope-opt-out", portal.Scope(done(form(privacy.StepScope, answers(privacy.OptOut)), all[:3]...))},
		{"check-opt-out", portal.Check(done(form("", answers(privacy.OptOut)), all...))},
		{"scope-deletion", portal.Scope(done(form(privacy.StepScope, answers(privacy.Deletion)), all[:3]...))},
		{"scope-correction", portal.Scope(wrong(done(form(privacy.StepScope, fix), all[:3]...), ctx, map[string]fault.Message{"right-1": {Key: "error.field.correction_right_missing"}}))},
		{"scope-dates", portal.Scope(wrong(done(form(privacy.StepScope, a), all[:3]...), ctx, map[string]fault.Message{"until": {Key: "error.field.dates_reversed"}}))},
		{"check", portal.Check(done(form("", a), all...))},
		{"check-correction", portal.Check(wrong(done(form("", fix), all...), ctx, map[string]fault.Message{"correct": {Key: "error.field.promise_missing"}}))},
		{"check-organization", portal.Check(done(form("", boss), all...))},
		{"sent", portal.Sent(sent)},
		{"sent-again", portal.Sent(again)},
		{"sent-too-often", portal.Sent(often)},
		{"confirm", portal.Confirm(request(privacy.Access, privacy.Received), "/confirm/token")},
		{"open", portal.OpenMine("/confirm/token")},
		{"link-expired", portal.LinkOver(link(privacy.Received), "/confirm/token")},
		{"link-used", portal.LinkOver(link(privacy.InReview), "/confirm/token")},
		{"link-gone", portal.LinkOver(link(privacy.Lapsed), "/confirm/token")},
		{"link-mine", portal.LinkOver(privacy.LinkState{Purpose: privacy.LinkMine, Expired: true}, "/confirm/token")},
		{"disowned", portal.Disowned()},
		{"mailed", portal.Mailed("")},
		{"mailed-to", portal.Mailed("amina.okafor@example.com")},
		{"my", portal.My(portal.AskLink{})},
		{"my-wanted", portal.My(portal.AskLink{Wanted: true})},
		{"my-wrong", portal.My(portal.AskLink{Email: "amina", Problems: ui.Problems{{Field: "email", Text: lang.T(ctx, "error.field.email_wrong")}}})},
		{"list", portal.MyList([]privacy.Request{request(privacy.Access, privacy.Ready), request(privacy.Deletion, privacy.InReview), refused.Request})},
		{"list-empty", portal.MyList(nil)},
		{"mine-searching", portal.Mine(own(privacy.Access, privacy.Discovering, staging(privacy.Searching, 0, true)))},
		{"mine-packing", portal.Mine(own(privacy.Access, privacy.Discovering, staging(privacy.Packing, 1_250_000, true)))},
		{"mine-packing-waits", portal.Mine(own(privacy.Access, privacy.Discovering, staging(privacy.Packing, 1_250_000, false)))},
		{"mine-received", portal.Mine(own(privacy.Access, privacy.Received))},
		{"mine-verified-late", portal.Mine(late)},
		{"mine-discovering", portal.Mine(own(privacy.Access, privacy.Discovering))},
		{"mine-review", portal.Mine(own(privacy.Access, privacy.InReview, thread))},
		{"mine-typed", portal.Mine(typed)},
		{"mine-organization", portal.Mine(organization)},
		{"mine-correction", portal.Mine(own(privacy.Correction, privacy.InReview))},
		{"mine-ending", portal.Mine(own(privacy.RestrictionLift, privacy.Approved, ending))},
		{"mine-carrying", portal.Mine(own(privacy.Restriction, privacy.Executing))},
		{"mine-opted-out", portal.Mine(own(privacy.OptOut, privacy.Closed, outcome(privacy.OptedOut), written))},
		{"mine-approved", portal.Mine(own(privacy.Access, privacy.Approved))},
		{"mine-executing", portal.Mine(own(privacy.Access, privacy.Executing))},
		{"mine-ready", portal.Mine(ready)},
		{"mine-answered", portal.Mine(own(privacy.Access, privacy.Closed, outcome(privacy.Answered)))},
		{"mine-nothing", portal.Mine(own(privacy.Access, privacy.Closed, outcome(privacy.NothingFound)))},
		{"mine-withdrawn", portal.Mine(own(privacy.Access, privacy.Closed, outcome(privacy.Withdrawn)))},
		{"mine-over", portal.Mine(own(privacy.Access, privacy.Closed, outcome(privacy.DeliveryOver)))},
		{"mine-unconfirmed", portal.Mine(own(privacy.Access, privacy.Lapsed, outcome(privacy.Unconfirmed)))},
		{"mine-disowned", portal.Mine(own(privacy.Access, privacy.Lapsed, outcome(privacy.Disowned)))},
		{"mine-refused", portal.Mine(refused)},
		{"deletion-confirm", portal.Mine(own(privacy.Deletion, privacy.InReview, plan))},
		{"deletion-confirmed", portal.Mine(own(privacy.Deletion, privacy.InReview, plan, confirmed(now.Add(22*time.Hour))))},
		{"deletion-cooling", portal.Mine(own(privacy.Deletion, privacy.Approved, plan, confirmed(now.Add(22*time.Hour))))},
		{"deletion-running", portal.Mine(own(privacy.Deletion, privacy.Executing, plan, confirmed(now), progress))},
		{"deletion-receipt", portal.Mine(own(privacy.Deletion, privacy.Closed, plan, confirmed(now), carriedOut, copies, outcome(privacy.Erased)))},
		{"plan", portal.Plan(own(privacy.Deletion, privacy.InReview, plan), 24*time.Hour)},
		{"withdraw", portal.Withdraw(own(privacy.Access, privacy.InReview))},
		{"stop", portal.Withdraw(own(privacy.Deletion, privacy.Approved, plan, confirmed(now.Add(time.Hour))))},
		{"unsent", portal.Unsent("CS-7F3K-29QD", "Please include both.")},
		{"data", portal.Download(portal.Data{Request: request(privacy.Access, privacy.Ready), Delivery: delivery(1), Categories: categories, Fresh: true})},
		{"data-proof", portal.Download(portal.Data{Request: request(privacy.Access, privacy.Ready), Delivery: delivery(0), Categories: categories})},
		{"data-parts", portal.Download(several(privacy.Access))},
		{"data-portability", portal.Download(portal.Data{Request: request(privacy.Portability, privacy.Ready), Delivery: delivery(0), Categories: categories, Fresh: true})},
		{"data-used-up", portal.Download(portal.Data{Request: request(privacy.Access, privacy.Ready), Delivery: delivery(5), Categories: categories, Fresh: true})},
		{"policy", portal.Policy(newest)},
		{"policy-older", portal.Policy(older)},
		{"subprocessors", portal.Subprocessors(portal.DemoSubprocessors)},
		{"complaint", portal.Complaint(portal.Grievance{Grievance: privacy.Grievance{Country: "GB", Draft: "x"}, Places: []ui.Option{{Value: "GB", Label: "United Kingdom"}}, Authority: law.For("GB").Authority})},
		{"accessibility", portal.Accessibility()},
		{"number", portal.VerifyNumber()},
		{"org", org.Organization()},
		{"trouble", ui.TroublePage(ui.Trouble{Title: lang.T(ctx, "error.500.title"), Text: lang.T(ctx, "error.500.text"), Code: "K4-71B"})},
	}, clockPages(ctx)...)
}

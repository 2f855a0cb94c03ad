package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/desk"
)

func erasedWithDuties(c *privacy.Case) {
	c.Proposal = decidedBy(proposedBy(proposal(privacy.Deletion), tomas), ingrid, "approved", "")
	c.Request.Outcome = privacy.Erased
	d := &c.Duties
	d.Recipients = []privacy.Duty{
		{ID: id(40), Title: "Meta", Recipient: datamap.Text{"en": "Meta", "de": "Meta"}, Categories: []string{"messages"}, DueAt: days(5), State: privacy.DutyOpen},
		{ID: id(41), Title: "Our payment provider", Recipient: en("Our payment provider"), Categories: []string{"billing"}, DueAt: days(-1), State: privacy.DutyOpen},
		{ID: id(42), Title: "The organisation", Recipient: en("The organisation"), Categories: []string{"messages", "profile"}, DueAt: days(5), State: privacy.DutyTold,
			How: "email", Reference: "T-1204", ToldOn: ago(0), SettledAt: ago(0), SettledName: tomas.Name},
		{ID: id(43), Title: "An adviser", Recipient: en("An adviser"), Categories: []string{"billing"}, DueAt: days(5), State: privacy.DutyNotDisclosed,
			Reason: "Never got this person’s invoices.", SettledAt: ago(0), SettledName: tomas.Name},
	}
	d.Tasks = []privacy.Duty{
		{ID: id(44), Title: "Ask finance about the invoices", Note: "They wanted to keep two.", AssigneeName: ingrid.Name, DueAt: days(1), MadeName: tomas.Name, State: privacy.DutyOpen},
		{ID: id(45), Title: "Tell support", DueAt: days(-3), MadeName: tomas.Name, State: privacy.DutyDone, SettledAt: ago(0), SettledName: ingrid.Name},
	}
	d.Colleagues = []staff.Member{tomas, ingrid}
}

// doubted is a case of somebody who is not known well enough, with files and
// with other requests like it.
func doubted(c *privacy.Case) {
	c.Proposal = proposal(privacy.Access)
	c.Duties.Identity = privacy.Identity{Needed: privacy.High, Found: privacy.Low, Reached: privacy.Reasonable, ByStaff: true, Evidence: []privacy.Evidence{
		{What: privacy.CheckQuestions, Level: privacy.Reasonable, Note: "Knew the last invoice.", At: days(-1), By: tomas.ID, ByName: tomas.Name}}}
	c.Duties.Like = []privacy.Like{
		{Ref: "CS-7F3K-29QD", Kind: privacy.Access, State: privacy.InReview, ReceivedAt: days(-30), VerifiedAt: ago(0), DueAt: days(2), SameAddress: true},
		{Ref: "CS-8WRD-3QY6", Kind: privacy.Deletion, State: privacy.Closed, Outcome: privacy.Erased, ReceivedAt: days(-60), VerifiedAt: ago(0), DueAt: days(-30), SameNumber: true},
		{Ref: "CS-5T1F-KM90", Kind: privacy.Access, State: privacy.Received, ReceivedAt: days(-1), DueAt: days(29)},
	}
	c.Clock.Events = []privacy.ClockEvent{{ID: 1, Kind: law.IdentityAsked, At: days(-2)}}
	file := func(n byte, name string, scan privacy.Scan, gone bool) privacy.Attachment {
		return privacy.Attachment{ID: id(n), Name: name, Size: 48_211, At: days(-6), Scan: scan, Gone: gone}
	}
	passport := file(52, "Führerschein – Vorderseite.jpg", privacy.ScanClean, false)
	until := days(1)
	passport.Until = &until
	c.Messages[1].Files = []privacy.Attachment{file(50, "chat.pdf", privacy.ScanClean, false), file(51, "slow.docx", privacy.ScanWaiting, false), passport}
	c.Messages[0].Files = []privacy.Attachment{file(53, "", privacy.ScanOff, true), file(54, "bad.pdf", privacy.ScanInfected, true), file(55, "old.txt", privacy.ScanOff, false)}
	c.Candidates = []privacy.Candidate{{Table: "contacts", Key: "88", By: "phone", Tenant: "9", Why: "claimed", Label: "A… Schmidt, +49 … 42", Organization: "Baobab Deliveries"}}
}

func dutyPages() map[string]templ.Component {
	form := func(name string, values url.Values, fields map[string]fault.Message) desk.Form {
		return desk.Form{Name: name, Values: values, Fields: fields}
	}
	sends := func(p desk.CasePage) desk.CasePage {
		p.UploadLimit = 10 << 20
		p.Pending = []privacy.Attachment{{ID: id(60), Name: "sent before.pdf", Size: 9000, Scan: privacy.ScanClean}}
		return p
	}
	duplicate := func(c *privacy.Case) {
		c.Request.Outcome = privacy.Duplicated
		c.Duties.Duplicate = &privacy.Duplicate{Of: "CS-7F3K-29QD", Reason: "The same words, an hour later.", At: days(-1), ByName: tomas.Name}
	}
	stays := func(c *privacy.Case) { c.Duties.Duplicates = []privacy.Ref{"CS-7F3K-29QD"} }
	return map[string]templ.Component{
		"duties":           desk.Overview(frame(tomas), example(privacy.Deletion, privacy.Closed, erasedWithDuties)),
		"duties-auditor":   desk.Overview(frame(ruth), example(privacy.Deletion, privacy.Closed, erasedWithDuties)),
		"duties-wrong":     desk.Overview(frame(tomas), with(example(privacy.Deletion, privacy.Closed, erasedWithDuties), "", form("settle", url.Values{"n": {"2"}, "how-2": {"letter"}}, map[string]fault.Message{"on-2": {Key: "duties.error.told_on"}}))),
		"duties-new-task":  desk.Overview(frame(tomas), with(example(privacy.Access, privacy.Verified, func(c *privacy.Case) { c.Duties.Colleagues = []staff.Member{ingrid} }), "", form("tasks", nil, map[string]fault.Message{"task": {Key: "duties.error.task"}}))),
		"identity":         desk.Overview(frame(ingrid), sends(example(privacy.Access, privacy.InReview, doubted))),
		"identity-wrong":   desk.Overview(frame(ingrid), with(example(privacy.Access, privacy.InReview, doubted), "", form("evidence", url.Values{"evidence_note": {"x"}}, map[string]fault.Message{"evidence": {Key: "duties.error.evidence"}}))),
		"identity-files":   desk.Messages(frame(tomas), sends(with(example(privacy.Access, privacy.InReview, doubted), "messages", form("messages", url.Values{"body": {"Hello"}}, map[string]fault.Message{"files": {Key: "duties.error.file_type", Args: []any{"N", 2}}})))),
		"identity-rows":    desk.Data(frame(tomas), with(example(privacy.Access, privacy.InReview, doubted), "data", desk.Form{})),
		"duplicate":        desk.Overview(frame(tomas), example(privacy.Access, privacy.Closed, duplicate)),
		"duplicate-stays":  desk.Overview(frame(tomas), example(privacy.Access, privacy.InReview, stays)),
		"identity-decided": desk.Decision(frame(ingrid), with(example(privacy.Access, privacy.InReview, func(c *privacy.Case) { doubted(c); proposedBy(c.Proposal, tomas) }), "decision", desk.Form{})),
	}
}

func TestJudgeKnowsWhoVouched(t *testing.T) {
	t.Parallel()
	signed := example(privacy.Access, privacy.InReview, func(c *privacy.Case) {
		doubted(c)
		proposedBy(c.Proposal, tomas)
	}).Case
	if got := desk.Judge(signed, ingrid); got.May || got.Key != "desk.decision.identity" {
		t.Errorf("not sure enough: %+v", got)
	}
	signed.Duties.Identity.Reached = privacy.High
	signed.Duties.Identity.Evidence[0].By = ingrid.ID
	if got := desk.Judge(signed, ingrid); got.May || got.Key != "desk.decision.vouched" {
		t.Errorf("who vouched: %+v", got)
	}
}

func TestWhatIsLeftFollowsTheDuties(t *testing.T) {
	t.Parallel()
	now := func(c privacy.Case) (out string) {
		for _, task := range desk.Tasks(c) {
			if task.Now {
				out += task.Key
			}
		}
		return out
	}
	closed := example(privacy.Deletion, privacy.Closed, erasedWithDuties).Case
	if got := now(closed); got != "recipients" {
		t.Errorf("%q is now after a deletion whose recipients were not told", got)
	}
	for i := range closed.Duties.Recipients {
		closed.Duties.Recipients[i].State = privacy.DutyTold
	}
	if got := now(closed); got != "colleagues" {
		t.Errorf("%q is now, and a task is open", got)
	}
	if got := now(example(privacy.Access, privacy.InReview, doubted).Case); got != "identity" {
		t.Errorf("%q is now for somebody who is not known well enough", got)
	}
}

func TestAnOpenQuestionForProofLeadsToTheDates(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"identity": 1, "duties": 0} {
		_, doc := render(t, lang.English, dutyPages()[name])
		if n := doc.Find(`[data-test="asked-for-proof"] a[href$="/clock"]`).Length(); n != want {
			t.Errorf("%s: %d links to the dates, want %d", name, n, want)
		}
	}
}

func TestAPlanSaysWhoElseIsTold(t *testing.T) {
	t.Parallel()
	page := example(privacy.Deletion, privacy.InReview, func(c *privacy.Case) { c.Proposal = proposal(privacy.Deletion) })
	page.Tab, page.Categories = "plan", []datamap.Category{
		{ID: "messages", Title: en("Message content"), Recipients: []datamap.Text{en("Meta"), en("CrowsStack as its processor")}},
		{ID: "billing", Title: en("Billing"), Recipients: []datamap.Text{en("The tax office")}}, // kept, so nothing to tell
	}
	_, doc := render(t, lang.English, desk.Plan(frame(tomas), page))
	if got := strings.Join(strings.Fields(doc.Find(`[data-test="who-else"] dl`).Text()), " "); got != "MetaMessage content" {
		t.Errorf("told are: %q", got)
	}
}

func TestTemplatesFillTheirFieldsInThePersonsLanguage(t *testing.T) {
	t.Parallel()
	r := request(privacy.Access, privacy.InReview)
	for _, l := range lang.Supported {
		r.Lang = l
		for _, k := range desk.Templates {
			text := desk.TemplateText(k, r, "CrowsStack")
			if !strings.Contains(text, "Luís") || strings.ContainsAny(text, "⟦{<") || strings.Contains(text, "<no value>") {
				t.Errorf("%s in %s: %q", k, l, text)
			}
		}
	}
	if desk.TemplateText("../../etc/passwd", r, "") != "" {
		t.Error("there is a template of any name")
	}
}

func TestOnlyWhatMayBeOpenedIsAButton(t *testing.T) {
	t.Parallel()
	_, doc := render(t, lang.English, dutyPages()["identity-files"])
	var open []string
	for _, n := range doc.Find(`form[action$="/file"] input[name="file"]`).Nodes {
		for _, a := range n.Attr {
			if a.Key == "value" {
				open = append(open, a.Val)
			}
		}
	}
	if want := []string{id(55).String(), id(50).String(), id(52).String()}; strings.Join(open, " ") != strings.Join(want, " ") {
		t.Errorf("%v can be opened, want %v", open, want)
	}
	if doc.Find(`input[type="checkbox"][name="file"][value="`+uuid.UUID{15: 60}.String()+`"]`).Length() != 1 {
		t.Error("what was sent before is lost")
	}
	if doc.Find(`form[enctype="multipart/form-data"] input[type="file"][multiple]`).Length() != 1 {
		t.Error("no files can be chosen")
	}
}

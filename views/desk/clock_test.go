package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/desk"
)

// clockPages are the pages about the dates of a case, and about what of it is
// granted.
func clockPages() map[string]templ.Component {
	page := func(tab string, k privacy.Kind, s privacy.State, form desk.Form, change func(*privacy.Case)) desk.CasePage {
		p := with(example(k, s, func(c *privacy.Case) {
			c.Request.Law, c.Request.Country = "UK", "GB"
			c.Clock.Regimes = []law.Regime{law.For("UK")}
			c.Clock.Deadline = law.For("UK").Deadline(string(k), c.Request.ReceivedAt)
			c.Clock.Extension = privacy.Extension{May: true, Due: days(80), Notice: days(20)}
			if change != nil {
				change(c)
			}
		}), tab, form)
		return p
	}
	asked := func(c *privacy.Case) {
		c.Clock.Version, c.Request.PausedAt = 1, ago(0)
		c.Clock.Events = []privacy.ClockEvent{{ID: 1, Kind: law.IdentityAsked, At: days(-2), Reason: "The address is new.", Was: days(20), Due: days(20), ByName: "Tomás Reyes"}}
	}
	extended := func(c *privacy.Case) {
		asked(c)
		c.Request.PausedAt, c.Request.Laws = nil, []string{"EU-DE"}
		c.Clock.Events = append(c.Clock.Events, privacy.ClockEvent{ID: 2, Kind: law.IdentityProved, Answers: 1, At: days(-1), Reason: "Came from the old address.", Was: days(20), Due: days(24), ByName: "Tomás Reyes"},
			privacy.ClockEvent{ID: 3, Kind: law.Extended, At: days(0), Reason: "There are 40,000 messages.", Was: days(24), Due: days(80), ByName: "Tomás Reyes"})
		c.Clock.Extension = privacy.Extension{Why: law.Line{Key: "law.extend.twice", Args: []any{"Date", days(0)}}}
	}
	held := func(c *privacy.Case) {
		c.Clock.Holds = []privacy.Hold{{ID: id(7), Ref: c.Request.Ref, Scope: privacy.OnPerson, Matter: "4 O 12/26", Reason: "A claim is announced.", OwnerName: "Ingrid Solheim", SetName: "Ingrid Solheim", StartedAt: days(-30), ReviewOn: days(-1), Told: true},
			{ID: id(8), Ref: c.Request.Ref, Scope: privacy.OnCase, Matter: "Old matter", Reason: "x", OwnerName: "Ruth", SetName: "Ruth", StartedAt: days(-60), ReviewOn: days(-40), LiftedAt: ago(0), LiftedName: "Ingrid Solheim", LiftReason: "It is settled."}}
		c.Request.HeldAt = ago(0)
	}
	items := func(c *privacy.Case) { c.Proposal = proposal(privacy.Access) }
	refused := func(c *privacy.Case) {
		c.Proposal = proposedBy(proposal(privacy.Access), tomas)
		c.Chosen.Version, c.Chosen.ByName, c.Chosen.At = 1, "Tomás Reyes", days(-1)
		c.Chosen.Refusals = []privacy.ItemRefusal{{Item: "category:messages", Code: "THIRD_PARTY_RIGHTS", Words: "They are about other people."}}
	}
	about := privacy.Request{Ref: "CS-4M8W-X1TP", Kind: privacy.Access, State: privacy.Rejected, ReceivedAt: days(-40)}
	appeal := func(c *privacy.Case) {
		c.Request.About, c.Clock.About, c.Request.Answers.Details = ptr(id(9)), &about, "I did not ask that often."
		c.Proposal = nil
	}
	decided := func(c *privacy.Case) {
		appeal(c)
		c.Request.Outcome = privacy.Upheld
		c.Clock.Decided = &privacy.Appealed{Outcome: privacy.Upheld, Words: "You did not. We look again.", ByName: "Ingrid Solheim", At: days(0)}
	}
	appealed := func(c *privacy.Case) {
		c.Clock.Appeals = []privacy.Request{{Ref: "CS-5N9X-Y2VQ", Kind: privacy.Appeal, State: privacy.Verified, ReceivedAt: days(-3), DueAt: days(40)}, {Ref: "CS-6P8Y-Z3WR", Kind: privacy.Complaint, State: privacy.Closed, Outcome: privacy.Dismissed, ReceivedAt: days(-9)}}
	}
	none := desk.Form{}
	return map[string]templ.Component{
		"clock":          desk.Clock(frame(ingrid), page("clock", privacy.Access, privacy.InReview, none, nil)),
		"clock-named":    desk.Clock(frame(tomas), page("clock", privacy.Access, privacy.InReview, none, func(c *privacy.Case) { c.Clock.Extension = privacy.Extension{May: true} })),
		"clock-asked":    desk.Clock(frame(tomas), page("clock", privacy.Access, privacy.InReview, none, asked)),
		"clock-extended": desk.Clock(frame(tomas), page("clock", privacy.Access, privacy.InReview, none, extended)),
		"clock-held":     desk.Clock(frame(ingrid), page("clock", privacy.Deletion, privacy.InReview, none, held)),
		"clock-closed":   desk.Clock(frame(ruth), page("clock", privacy.Access, privacy.Closed, none, func(c *privacy.Case) { extended(c); c.Request.Outcome = privacy.Answered })),
		"clock-wrong":    desk.Clock(frame(tomas), page("clock", privacy.Access, privacy.InReview, desk.Form{Name: "ask", Values: url.Values{"what": {"fee_asked"}, "ask_words": {"Please pay."}}, Fields: map[string]fault.Message{"ask_reason": {Key: "error.field.clock_reason"}}}, nil)),
		"case-waits":     desk.Overview(frame(tomas), page("", privacy.Access, privacy.InReview, none, asked)),
		"case-appealed":  desk.Overview(frame(ingrid), page("", privacy.Access, privacy.Rejected, none, func(c *privacy.Case) { appealed(c); c.Request.Outcome, c.RefusalCode = privacy.Refused, "EXCESSIVE" })),
		"plan-copy": desk.Plan(frame(tomas), page("plan", privacy.Deletion, privacy.InReview, none, func(c *privacy.Case) {
			c.Proposal = proposal(privacy.Deletion)
			c.Others = []privacy.Request{{Ref: "CS-7Q9Z-A4XS", Kind: privacy.Access, State: privacy.InReview, ReceivedAt: days(-5)}}
		})),
		"items":           desk.Items(frame(tomas), page("items", privacy.Access, privacy.InReview, none, items)),
		"items-wrong":     desk.Items(frame(tomas), page("items", privacy.Access, privacy.InReview, desk.Form{Name: "items", Values: url.Values{"said-1": {"refused"}, "words-1": {"Others."}}, Fields: map[string]fault.Message{"code-1": {Key: "error.field.refusal_missing"}}}, items)),
		"items-read":      desk.Items(frame(ruth), page("items", privacy.Access, privacy.InReview, none, refused)),
		"decision-partly": desk.Decision(frame(ingrid), page("decision", privacy.Access, privacy.InReview, none, refused)),
		"appeal":          desk.Grievance(frame(ingrid), page("appeal", privacy.Appeal, privacy.Verified, none, appeal)),
		"appeal-own":      desk.Grievance(frame(ingrid), page("appeal", privacy.Appeal, privacy.Verified, none, func(c *privacy.Case) { appeal(c); c.Clock.Involved = append(c.Clock.Involved, ingrid.ID) })),
		"appeal-decided":  desk.Grievance(frame(tomas), page("appeal", privacy.Appeal, privacy.Closed, none, decided)),
		"case-complaint":  desk.Overview(frame(ingrid), page("", privacy.Complaint, privacy.Verified, none, appeal)),
	}
}

func TestAComplaintHasOneStepAndItsOwnPages(t *testing.T) {
	t.Parallel()
	_, doc := render(t, lang.English, clockPages()["case-complaint"])
	if n := doc.Find(`nav.views a[href$="/data"], nav.views a[href$="/plan"], nav.views a[href$="/decision"]`).Length(); n != 0 {
		t.Errorf("%d pages about data of a complaint", n)
	}
	if doc.Find(`a[data-test="next"][href$="/appeal"]`).Length() != 1 || doc.Find(".tasks .now").Length() != 1 {
		t.Error("the next step does not lead to the decision")
	}
	_, doc = render(t, lang.English, clockPages()["appeal-own"])
	if doc.Find(`[data-test="decide-appeal"]`).Length() != 0 || !strings.Contains(doc.Find(`[data-test="no-verdict"]`).Text(), "somebody else") {
		t.Error("who was involved may decide")
	}
}

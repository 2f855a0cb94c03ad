package portal_test

import (
	"context"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// clockPages are the pages about what we wait for, what takes longer, what was
// refused of a request, and complaints.
func clockPages(ctx context.Context) []page {
	asks := func(stands bool) func(*portal.Own) {
		return func(o *portal.Own) {
			o.Clock = privacy.MineClock{Asked: []privacy.ClockEvent{{ID: 1, Kind: law.IdentityAsked, At: *at(10, 9, 0), Reason: "The address is new."}}, Stands: stands, Appeal: privacy.Complaint}
		}
	}
	longer := func(o *portal.Own) {
		o.Request.DueAt = o.Request.DueAt.AddDate(0, 2, 0)
		o.Clock = privacy.MineClock{Extended: &privacy.ClockEvent{Kind: law.Extended, Reason: "There are 40,000 messages."}, Trace: law.For("UK").Deadline("access", *at(3, 10, 12), law.Event{Kind: law.Extended, At: *at(9, 9, 0)}).Trace, Held: true, Appeal: privacy.Complaint}
	}
	partly := func(o *portal.Own) {
		o.Clock = privacy.MineClock{Refused: []privacy.ItemRefusal{{Item: "category:messages", Code: "THIRD_PARTY_RIGHTS", Words: "They are about other people."}}, Appeal: privacy.Appeal,
			Appeals: []privacy.Request{{Ref: "CS-5N9X-Y2VQ", Kind: privacy.Appeal, ReceivedAt: *at(21, 9, 0)}}}
	}
	about := request(privacy.Access, privacy.Rejected)
	about.Ref = "CS-4M8W-X1TP"
	appeal := func(o *portal.Own) {
		o.Clock = privacy.MineClock{About: &about}
		o.Timeline = []privacy.TimelineItem{{Code: "sent", At: at(3, 10, 12), Done: true}, {Code: "confirmed", At: at(3, 10, 15), Done: true}, {Code: "appeal", Now: true}, {Code: "answer", At: &o.Request.DueAt}}
	}
	decided := func(o *portal.Own) {
		o.Clock = privacy.MineClock{About: &about, Decided: &privacy.Appealed{Outcome: privacy.Upheld, Words: "You did not. We look again."}}
	}
	missing := func(o *portal.Own) {
		o.Clock.Appeal = privacy.Appeal
		o.Problems = ui.ProblemsOf(ctx, map[string]fault.Message{"words": {Key: "error.field.complaint_words"}})
	}
	wrong := portal.Grievance{Grievance: privacy.Grievance{Words: "It took too long.", Draft: "x"}, Problems: ui.ProblemsOf(ctx, map[string]fault.Message{"email": {Key: "error.field.email_missing"}}, "email")}
	return []page{
		{"mine-asked", portal.Mine(own(privacy.Access, privacy.InReview, asks(true)))},
		{"mine-asked-on", portal.Mine(own(privacy.Access, privacy.InReview, asks(false)))},
		{"mine-longer", portal.Mine(own(privacy.Access, privacy.InReview, longer))},
		{"mine-partly", portal.Mine(own(privacy.Access, privacy.Closed, outcome(privacy.Answered), partly))},
		{"mine-appeal", portal.Mine(own(privacy.Appeal, privacy.Verified, appeal))},
		{"mine-upheld", portal.Mine(own(privacy.Appeal, privacy.Closed, outcome(privacy.Upheld), decided))},
		{"mine-dismissed", portal.Mine(own(privacy.Complaint, privacy.Closed, outcome(privacy.Dismissed), decided))},
		{"complaint-wrong", portal.Complaint(wrong)},
		{"complained", portal.Complained("amina.okafor@example.com")},
		{"appeal-form", portal.ComplaintAbout(own(privacy.Access, privacy.Rejected, missing), "")},
	}
}

package desk

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Mark is a status as the desk shows it: a dot (class) and a word (key).
// "wait" is hollow: somebody else has the next step.
type Mark struct{ Class, Key string }

// RowMark says where a request stands, in a queue's row.
func RowMark(r privacy.QueueRow) Mark {
	switch {
	case r.State.Final():
		return finalMark(r.Request)
	case r.StoreDownAt != nil:
		return Mark{"bad", "desk.status.store_down"}
	case r.Attention != "":
		return Mark{"act", "desk.status.attention"}
	case r.Approval:
		return Mark{"second", "desk.status.second"}
	case r.Waiting:
		return Mark{"wait", "desk.status.waiting." + string(r.State)}
	}
	return stateMark(r.Request)
}

// CaseMark is RowMark for a whole case, which knows its proposal.
func CaseMark(c privacy.Case) Mark {
	r := privacy.QueueRow{Request: c.Request, Approval: awaitsSecond(c), Waiting: waitsForPerson(c)}
	return RowMark(r)
}

func stateMark(r privacy.Request) Mark {
	switch r.State {
	case privacy.Received:
		return Mark{"wait", "desk.status.waiting.received"}
	case privacy.Ready:
		return Mark{"wait", "desk.status.waiting.ready"}
	}
	return Mark{"open", "desk.status." + string(r.State)}
}

func finalMark(r privacy.Request) Mark {
	switch r.Outcome {
	case privacy.Answered, privacy.Erased, privacy.NothingFound, privacy.Corrected, privacy.Restricted, privacy.Lifted,
		privacy.Objected, privacy.ConsentWithdrawn, privacy.OptedOut, privacy.RetentionShortened, privacy.Upheld, privacy.PartlyUpheld, privacy.Dismissed:
		return Mark{"ok", "desk.outcome." + string(r.Outcome)}
	case "":
		return Mark{"", "desk.status." + string(r.State)}
	}
	return Mark{"", "desk.outcome." + string(r.Outcome)}
}

// staged says that something waits to be looked at or decided.
func staged(c privacy.Case) bool { return c.Request.State == privacy.InReview && c.Proposal != nil }

func proposed(c privacy.Case) bool { return staged(c) && c.Proposal.PreparedBy != nil }

func awaitsSecond(c privacy.Case) bool {
	return proposed(c) && c.Proposal.Decision == "" && !waitsForPerson(c)
}

// waitsForPerson says that nothing moves until the person does something.
func waitsForPerson(c privacy.Case) bool {
	r := c.Request
	switch r.State {
	case privacy.Received, privacy.Ready:
		return true
	case privacy.Approved:
		return asksPerson(c) && r.ConfirmedAt == nil
	}
	return false
}

// asksPerson says that the person must confirm once more: a deletion that
// changes anything.
func asksPerson(c privacy.Case) bool {
	if c.Request.Kind != privacy.Deletion {
		return false
	}
	if c.Proposal == nil {
		return true
	}
	for _, t := range Totals(c.Proposal.Plan) {
		if t.Action != datamap.Keep && t.Rows > 0 {
			return true
		}
	}
	return false
}

// Verdict says whether a member may decide about the proposal, and why (not).
// The office checks the same again; this is what the page says before anybody
// presses anything.
type Verdict struct {
	May bool
	Key string
}

// Judge gives the verdict for one member.
func Judge(c privacy.Case, by staff.Member) Verdict {
	switch {
	case c.Proposal == nil:
		return Verdict{Key: "desk.decision.nothing_staged"}
	case c.Proposal.Decision == "approved":
		return Verdict{Key: "desk.decision.already"}
	case c.Request.State != privacy.InReview:
		return Verdict{Key: "desk.decision.not_in_review"}
	case c.Proposal.PreparedBy == nil:
		return Verdict{Key: "desk.decision.not_proposed"}
	case c.Proposal.Undecided > 0:
		return Verdict{Key: "desk.decision.undecided"}
	case *c.Proposal.PreparedBy == by.ID:
		return Verdict{Key: "desk.decision.prepared_it"}
	case slices.Contains(c.Choosers, by.ID):
		return Verdict{Key: "desk.decision.chose_it"}
	case c.Request.ProvedBy != nil && *c.Request.ProvedBy == by.ID:
		return Verdict{Key: "desk.decision.vouched"}
	case !c.Duties.Identity.Enough():
		return Verdict{Key: "desk.decision.identity"}
	case c.Duties.Identity.Vouched(by):
		return Verdict{Key: "desk.decision.vouched"}
	case !by.Can(staff.PlanApprove):
		return Verdict{Key: "desk.decision.no_permission"}
	}
	return Verdict{May: true, Key: "desk.decision.may"}
}

// planKind says whether the case works with a plan, or with a staged package.
func planKind(k privacy.Kind) bool { return !k.Packs() }

// Answer names what an approval leads to: a deletion, another change of the
// store, a package that is handed over, or a letter that says that nothing is held.
func Answer(c privacy.Case) string {
	p := c.Proposal
	switch {
	case p != nil && len(p.Package) == 0 && planRows(p.Plan) == 0:
		return "nothing"
	case c.Request.Kind == privacy.Deletion:
		return "plan"
	case c.Request.Kind == privacy.RestrictionLift:
		return "lift"
	case planKind(c.Request.Kind):
		return "change"
	}
	return "data"
}

// reviewTab is where staff look at what is staged.
func reviewTab(k privacy.Kind) string {
	if planKind(k) {
		return "plan"
	}
	return "data"
}

// reviewKey names what staff look at there.
func reviewKey(k privacy.Kind) string {
	if planKind(k) {
		return tabKey("plan", k)
	}
	return "data"
}

// lastDecided is the newest earlier proposal that was sent back, if any.
func earlier(c privacy.Case) *privacy.Proposal {
	if len(c.Earlier) == 0 {
		return nil
	}
	return &c.Earlier[0]
}

// done and all count the steps of an execution.
func doneSteps(p []privacy.Progress) (done, all int) {
	for _, s := range p {
		if s.Done {
			done++
		}
	}
	return done, len(p)
}

func affected(p []privacy.Progress) (n int64) {
	for _, s := range p {
		if s.Step.Action != datamap.Keep {
			n += s.Affected
		}
	}
	return n
}

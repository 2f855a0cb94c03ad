package desk

import (
	"time"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Task is one line of "What is left to do".
type Task struct {
	Key  string // catalogue: desk.task.<Key>, with .<Key>.hint below it
	Hint string // catalogue key; "" for none
	Done bool
	Now  bool
	At   *time.Time // when it was done
	By   *time.Time // until when, if it is to come
	Href string     // where to do it
	Late bool       // it goes on when the case is closed
}

// Tasks lists the life of a case from here, in order; exactly one is Now while
// the case is open: by its kind, by how sure it must be who asks, and by who has
// to be told afterwards.
func Tasks(c privacy.Case) []Task {
	r := c.Request
	due := r.DueAt
	if r.Kind.Grieves() {
		return mark(appealTasks(c), r)
	}
	tasks := []Task{
		{Key: "confirm", Hint: "desk.task.confirm.hint", Done: r.VerifiedAt != nil, At: r.VerifiedAt},
		{Key: "search", Hint: "desk.task.search.hint", Done: c.SearchedAt != nil && r.State != privacy.Discovering, At: c.SearchedAt},
	}
	if i := c.Duties.Identity; i.Needed > privacy.Low && r.VerifiedAt != nil {
		tasks = append(tasks, Task{Key: "identity", Hint: "desk.task.identity.hint", Done: i.Enough(), Href: "#identity"})
	}
	p := c.Proposal
	if !r.Kind.AtOnce() || r.State == privacy.InReview || p != nil && !p.Automatic {
		tasks = append(tasks, decisions(c)...)
	}
	if asksPerson(c) {
		tasks = append(tasks, Task{Key: "confirm_deletion", Hint: "desk.task.confirm_deletion.hint", Done: r.ConfirmedAt != nil, At: r.ConfirmedAt})
	}
	switch {
	case r.Kind == privacy.Deletion:
		tasks = append(tasks, Task{Key: "run", Hint: "desk.task.run.hint", Done: r.Outcome == privacy.Erased, At: r.ClosedAt, By: &due})
	case planKind(r.Kind):
		key := "carry_out"
		if r.Kind == privacy.RestrictionLift {
			key = "lift"
		}
		tasks = append(tasks, Task{Key: key, Hint: "desk.task." + key + ".hint", Done: r.State == privacy.Closed && p != nil && p.Decision == "approved", At: r.ClosedAt, By: &due})
	default:
		delivered := r.State == privacy.Ready || r.Outcome == privacy.Answered
		tasks = append(tasks, Task{Key: "deliver", Hint: "desk.task.deliver.hint", Done: delivered, At: r.ClosedAt, By: &due})
	}
	if d := c.Duties; len(d.Recipients) > 0 {
		tasks = append(tasks, Task{Key: "recipients", Hint: "desk.task.recipients.hint", Done: privacy.Open(d.Recipients) == 0, Href: "#recipients", Late: true})
	}
	if d := c.Duties; len(d.Tasks) > 0 {
		tasks = append(tasks, Task{Key: "colleagues", Hint: "desk.task.colleagues.hint", Done: privacy.Open(d.Tasks) == 0, Href: "#colleagues", Late: true})
	}
	return mark(tasks, r)
}

// decisions are the tasks of staff between the search and its end.
func decisions(c privacy.Case) (tasks []Task) {
	p, ref, tab := c.Proposal, string(c.Request.Ref), reviewTab(c.Request.Kind)
	if others := p != nil && p.Undecided > suggested(c); others || c.Chosen.Version > 0 {
		tasks = append(tasks, Task{Key: "choose", Hint: "desk.task.choose.hint", Done: p != nil && !others, Href: link.DeskTab(ref, "data")})
	}
	if c.Redaction.Totals != nil {
		tasks = append(tasks, Task{Key: "redact", Hint: "desk.task.redact.hint", Done: suggested(c) == 0 && c.Fresh(), Href: link.DeskRedaction(ref)})
	}
	review := Task{Key: "review_" + reviewKey(c.Request.Kind), Href: link.DeskTab(ref, tab)}
	decide := Task{Key: "decide", Hint: "desk.task.decide.hint", Href: link.DeskTab(ref, "decision")}
	if p != nil && p.PreparedAt != nil {
		review.Done, review.At = true, p.PreparedAt
		decide.Done, decide.At = p.Decision == "approved", p.DecidedAt
	}
	return append(tasks, review, decide)
}

// mark finds the task that is now: the first that is not done, while the case is
// open; and what goes on afterwards.
func mark(tasks []Task, r privacy.Request) []Task {
	for i := range tasks {
		if !tasks[i].Done && (tasks[i].Late || !r.State.Final()) {
			tasks[i].Now = true
			break
		}
	}
	return tasks
}

// Step is the one primary action of a case: a link, or a button that posts.
type Step struct {
	Key  string // catalogue
	Href string // GET
	Post string // POST
}

// Next gives the primary action for a member; none when the next step is
// somebody else's.
func Next(c privacy.Case, by staff.Member) (Step, bool) {
	r, ref := c.Request, string(c.Request.Ref)
	switch {
	case r.Kind.Grieves():
		return appealStep(c, by)
	case r.State == privacy.Verified && by.Can(staff.RequestWork):
		return Step{Key: "desk.next.search", Post: link.DeskTab(ref, "search")}, true
	case staged(c) && (!c.Fresh() || c.Proposal.Undecided > 0 && c.Proposal.Undecided == suggested(c)) && by.Can(staff.PlanPropose):
		return Step{Key: "desk.next.redact", Href: link.DeskRedaction(ref)}, true
	case staged(c) && c.Proposal.Undecided > 0 && by.Can(staff.PlanPropose):
		return Step{Key: "desk.next.choose", Href: link.DeskTab(ref, "data")}, true
	case staged(c) && !proposed(c) && by.Can(staff.PlanPropose):
		return Step{Key: "desk.next.review_" + reviewKey(r.Kind), Href: link.DeskTab(ref, reviewTab(r.Kind))}, true
	case awaitsSecond(c):
		return Step{Key: "desk.next.decide", Href: link.DeskTab(ref, "decision")}, true
	}
	return Step{}, false
}

package portal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// Own is the person's page of a request, at a moment.
type Own struct {
	privacy.Mine
	Now        time.Time
	Categories []datamap.Category
	Words      map[string]datamap.Text // purposes in words
	Body       string                  // a message as typed, if it could not be sent
	Problems   ui.Problems
	Still      bool   // the page does not refresh itself
	Flash      string // catalogue key of what was just done; "" if nothing

	UploadLimit int64                // bytes of one file; 0 if none can be sent
	Pending     []privacy.Attachment // sent already, for the message being written
}

// phase names what is happening, for the words at the top of the page:
// catalogue "portal.now.<phase>" and ".text".
func (o Own) phase() string {
	r := o.Request
	switch r.State {
	case privacy.Verified:
		if r.Kind.Grieves() {
			return "grieves"
		}
	case privacy.InReview:
		switch {
		case o.AsksConfirmation():
			return "confirm"
		case r.ConfirmedAt != nil:
			return "confirmed"
		}
	case privacy.Approved:
		switch {
		case o.AsksConfirmation():
			return "confirm"
		case o.cooling():
			return "cooling"
		case r.Kind == privacy.RestrictionLift:
			return "ending"
		case !r.Kind.Packs() && r.Kind != privacy.Deletion:
			return "granted"
		}
	case privacy.Executing:
		switch {
		case r.Kind == privacy.Deletion:
			return "deleting"
		case !r.Kind.Packs():
			return "carrying"
		}
	case privacy.Closed:
		return string(r.Outcome)
	case privacy.Lapsed:
		return string(r.Outcome)
	}
	return string(r.State)
}

// AsksConfirmation says that a plan waits for the person's second yes.
func (o Own) AsksConfirmation() bool {
	r := o.Request
	return r.Kind == privacy.Deletion && r.ConfirmedAt == nil && o.Proposal != nil &&
		(r.State == privacy.InReview || r.State == privacy.Approved) && changes(o.Proposal.Plan)
}

// cooling says that a confirmed deletion waits for its time.
func (o Own) cooling() bool {
	return o.Request.Kind == privacy.Deletion && o.Request.State == privacy.Approved && o.Request.RunsAt != nil
}

// left is how long a confirmed deletion can still be stopped.
func (o Own) left() time.Duration {
	if o.Request.RunsAt == nil {
		return 0
	}
	return o.Request.RunsAt.Sub(o.Now)
}

// refresh is after how many seconds the page looks again: while something runs,
// and never when the reader said that it should hold still, or may be writing.
func (o Own) refresh() int {
	runs := o.Request.State == privacy.Executing || o.Staging != nil || o.Request.State == privacy.Approved &&
		(o.Request.Kind == privacy.Access || o.cooling() && o.left() < 3*time.Minute)
	if o.Still || len(o.Problems) > 0 || !runs {
		return 0
	}
	return 5
}

func changes(p datamap.Plan) bool {
	for _, s := range p.Steps {
		if s.Rows > 0 && (s.Action == datamap.Delete || slices.Contains(overwritten, s.Action)) {
			return true
		}
	}
	return false
}

func (o Own) moments(ctx context.Context) []ui.Moment {
	ms := make([]ui.Moment, len(o.Timeline))
	for i, it := range o.Timeline {
		key := "timeline." + it.Code
		switch {
		case it.Code != "carry_out" || o.Request.Kind == privacy.Deletion:
		case o.Request.Kind == privacy.RestrictionLift:
			key = "timeline.lift"
		default:
			key = "timeline.apply"
		}
		if it.Done && lang.Has(key+".done") {
			key += ".done"
		}
		ms[i] = ui.Moment{Title: t(ctx, key), At: it.At, Whole: it.Code == "answer", Done: it.Done, Now: it.Now}
		if lang.Has(key + ".text") {
			ms[i].Text = t(ctx, key+".text")
		}
	}
	return ms
}

func (o Own) letters(ctx context.Context) []ui.Letter {
	var ls []ui.Letter
	for _, m := range o.Messages {
		l := ui.Letter{Author: t(ctx, "portal.thread.you"), At: m.At, Body: m.Body, Mine: true}
		if m.Staff {
			l.Author, l.Mine = t(ctx, "portal.thread.staff", "Name", m.Author, "Operator", operator(ctx)), false
		}
		if len(m.Files) > 0 {
			l.Below = attached(string(o.Request.Ref), m.Files)
		}
		ls = append(ls, l)
	}
	return ls
}

// searched names every category, for somebody about whom none held anything.
func (o Own) searched(ctx context.Context) string {
	names := make([]string, len(o.Categories))
	for i, c := range o.Categories {
		names[i] = c.Title.In(tag(ctx))
	}
	return strings.Join(names, ", ")
}

func (o Own) done() (affected, whole int64) {
	for _, p := range o.Progress {
		affected += p.Affected
	}
	if o.Proposal != nil {
		for _, s := range o.Proposal.Plan.Steps {
			if s.Action == datamap.Delete || s.Action == datamap.Anonymise {
				whole += s.Rows
			}
		}
	}
	return affected, max(whole, affected)
}

// writable says that the person may still write to us about it.
func (o Own) writable() bool {
	return o.Request.VerifiedAt != nil && o.Request.State != privacy.Lapsed
}

// lawName names the law that a request falls under.
func lawName(ctx context.Context, code string) string { return t(ctx, law.For(code).Name) }

func statusKind(r privacy.Request) string {
	switch r.State {
	case privacy.Received, privacy.Ready:
		return "act"
	case privacy.Closed:
		return "ok"
	case privacy.Rejected, privacy.Lapsed:
		return ""
	}
	return "open"
}

// statusWord is the state in the person's words.
func statusWord(ctx context.Context, r privacy.Request) string {
	if r.State.Final() && r.Outcome != "" {
		return t(ctx, "outcome."+string(r.Outcome))
	}
	return t(ctx, "state."+string(r.State))
}

// still is the page without refreshing itself.
func still(o Own) string { return link.MyRequest(string(o.Request.Ref)) + "?still=1" }

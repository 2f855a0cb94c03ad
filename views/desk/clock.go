package desk

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// lineWords is one step of a law's reasoning.
func lineWords(ctx context.Context, l law.Line) string {
	return lang.T(ctx, l.Key, l.Values(func(t time.Time) string { return lang.Date(ctx, t) })...)
}

// clockDates are the dates of a case by name, those that the law has.
type clockDate struct {
	Key string
	At  time.Time
}

func clockDates(c privacy.Case) (out []clockDate) {
	d := c.Clock.Deadline
	for _, x := range []clockDate{{"due", c.Request.DueAt}, {"target", d.Target}, {"earliest", d.Earliest}, {"ack", d.AckDue}, {"notice", d.NoticeBy}} {
		if !x.At.IsZero() {
			out = append(out, x)
		}
	}
	return out
}

// clockMoments tells what moved the dates, from the receipt to the date itself.
func clockMoments(ctx context.Context, c privacy.Case) []ui.Moment {
	r := c.Request
	out := []ui.Moment{{Title: lang.T(ctx, "clock.event.received"), At: &r.ReceivedAt, Done: true}}
	for _, e := range c.Clock.Events {
		out = append(out, ui.Moment{Title: lang.T(ctx, "clock.event."+string(e.Kind), "Law", e.Law, "Laws", strings.Join(e.Laws, ", ")), At: &e.At, Done: true, Text: eventWords(ctx, e)})
	}
	if !r.State.Final() {
		out = append(out, ui.Moment{Title: lang.T(ctx, "clock.event.due"), At: &r.DueAt, Whole: true})
	}
	return out
}

func eventWords(ctx context.Context, e privacy.ClockEvent) string {
	words := lang.T(ctx, "clock.event.by", "Reason", e.Reason, "Name", e.ByName)
	if !e.Due.Equal(e.Was) {
		words += " " + lang.T(ctx, "clock.event.moved", "From", lang.Date(ctx, e.Was), "Date", lang.Date(ctx, e.Due))
	}
	return words
}

// movable says that a member may note what moves the dates of this case.
func movable(f Frame, c privacy.Case) bool {
	return f.canWork() && !c.Request.State.Final() && c.Request.State != privacy.Received
}

// pausable says that a question could stop the clock of a request by its law.
func pausable(r privacy.Request) bool {
	return r.PausedAt == nil && !r.Kind.AtOnce() && !r.Kind.Grieves() && law.For(r.Law).On(r.ReceivedAt).Pauses != (law.Pauses{})
}

func holdable(f Frame, c privacy.Case) bool {
	return f.Member.Can(staff.HoldSet) && c.Request.State != privacy.Executing && c.Request.State != privacy.Lapsed
}

// TooLate says which requests of a person a hold does not stop.
func TooLate(ctx context.Context, running []privacy.Ref) string {
	refs := make([]string, len(running))
	for i, r := range running {
		refs[i] = string(r)
	}
	return lang.T(ctx, "clock.hold.running", "Refs", join(refs))
}

// liveHolds are those that somebody can lift here.
func liveHolds(c privacy.Case) []privacy.Hold {
	return slices.DeleteFunc(slices.Clone(c.Clock.Holds), func(h privacy.Hold) bool { return h.LiftedAt != nil })
}

func (p CasePage) owners(f Frame) []ui.Option {
	out := []ui.Option{{Value: f.Member.ID.String(), Label: f.Member.Name}}
	for _, m := range p.People {
		if !m.Disabled && m.ID != f.Member.ID {
			out = append(out, ui.Option{Value: m.ID.String(), Label: m.Name})
		}
	}
	return out
}

// replies are the person's messages since a question was asked.
func replies(ctx context.Context, c privacy.Case) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "clock.answer.elsewhere")}}
	for i := len(c.Messages) - 1; i >= 0; i-- {
		m := c.Messages[i]
		if !m.Staff && slices.ContainsFunc(c.Clock.Open(), func(e privacy.ClockEvent) bool { return !m.At.Before(e.At) }) {
			out = append(out, ui.Option{Value: m.ID.String(), Label: shortTime(ctx, m.At) + ": " + ellipsis(m.Body, 60)})
		}
	}
	return out
}

// lawOptions lists every law by name.
func lawOptions(ctx context.Context, c privacy.Case) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "clock.laws.none")}}
	for _, code := range law.Codes() {
		if code != c.Request.Law && !slices.Contains(c.Request.Laws, code) {
			out = append(out, ui.Option{Value: code, Label: code + " · " + regimeName(ctx, law.For(code))})
		}
	}
	return out
}

func placeOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, p := range law.Places() {
		out = append(out, ui.Option{Value: p.Code, Label: countryName(ctx, p.Code) + " (" + p.Law + ")"})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// value is what was typed into a form, or what stands.
func (p CasePage) value(form, name, stands string) string {
	if p.Form.Is(form) {
		return p.Form.Value(name)
	}
	return stands
}

// itemRow is one part of a request with what was said of it.
type itemRow struct {
	Item    string
	Refused bool
	Code    string
	Words   string
}

// itemRows are what was typed of each item, or what stands.
func itemRows(p CasePage) []itemRow {
	items := p.Case.Items()
	out := make([]itemRow, len(items))
	for n, item := range items {
		x, no := p.Case.Chosen.Refuses(item)
		out[n] = itemRow{item, no, x.Code, x.Words}
		if p.Form.Is("items") {
			out[n] = itemRow{item, p.Form.Value(privacy.ItemField("said", n)) == "refused", p.Form.Value(privacy.ItemField("code", n)), p.Form.Value(privacy.ItemField("words", n))}
		}
	}
	return out
}

// RefusedItems reads the form back.
func RefusedItems(c privacy.Case, form url.Values) (out []privacy.ItemRefusal) {
	for n, item := range c.Items() {
		if form.Get(privacy.ItemField("said", n)) == "refused" {
			out = append(out, privacy.ItemRefusal{Item: item, Code: form.Get(privacy.ItemField("code", n)), Words: strings.TrimSpace(form.Get(privacy.ItemField("words", n)))})
		}
	}
	return out
}

// itemName says what an item is.
func (p CasePage) itemName(ctx context.Context, item string) string {
	x := privacy.ItemRefusal{Item: item}
	asked := p.Case.Request.Answers.Corrections
	switch n := x.Asked(); {
	case x.Category() != "":
		return categoryTitle(p.Categories, x.Category(), string(lang.From(ctx)))
	case x.Purpose() != "":
		return p.purposeWords(ctx, x.Purpose())
	case n >= 0 && n < len(asked):
		return asked[n].Wrong + " → " + asked[n].Right
	}
	return item
}

// itemCount is how many records an item stands for, 0 if it is no category.
func itemCount(c privacy.Case, item string) (n int64) {
	for _, f := range c.Found {
		if f.Category != "" && f.Category == (privacy.ItemRefusal{Item: item}).Category() {
			n += f.Rows
		}
	}
	return n
}

func itemHint(ctx context.Context, c privacy.Case, item string) string {
	if n := itemCount(c, item); n > 0 {
		return lang.N(ctx, "desk.records", n)
	}
	return ""
}

// refusalOptions are the codes of the law for this kind of request.
func refusalOptions(ctx context.Context, r privacy.Request) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "desk.refuse.choose")}}
	for _, code := range privacy.Refusals(r.Kind, r.Law) {
		out = append(out, ui.Option{Value: code, Label: lang.T(ctx, "law.refusal."+code)})
	}
	return out
}

// appealVerdict says whether a member may decide about a complaint, and why not.
func appealVerdict(c privacy.Case, by staff.Member) Verdict {
	switch {
	case c.Clock.Decided != nil || c.Request.State.Final():
		return Verdict{Key: "clock.appeal.over"}
	case c.Request.State != privacy.Verified:
		return Verdict{Key: "clock.appeal.unconfirmed"}
	case slices.Contains(c.Clock.Involved, by.ID):
		return Verdict{Key: "clock.appeal.involved"}
	case !by.Can(staff.PlanApprove):
		return Verdict{Key: "clock.appeal.no_permission"}
	}
	return Verdict{May: true}
}

// asksItems says that parts of the request can be granted or refused by themselves.
func asksItems(c privacy.Case) bool {
	return len(c.Chosen.Refusals) > 0 || c.Request.State == privacy.InReview && len(c.Items()) > 1
}

// aboutKey says how a request is tied to the one that it is about.
func aboutKey(r privacy.Request) string {
	if r.Kind.Grieves() {
		return "clock.about." + string(r.Kind)
	}
	return "clock.about.again"
}

// clockTabs puts the pages about what is granted and about the dates among a
// case's. Of a complaint nothing is looked for, and so nothing is staged.
func clockTabs(c privacy.Case, all []tab) []tab {
	at := slices.IndexFunc(all, func(t tab) bool { return t.ID == "decision" })
	if c.Request.Kind.Grieves() {
		all = slices.DeleteFunc(all, func(t tab) bool { return slices.Contains([]string{"data", "plan", "redaction", "decision"}, t.ID) })
		return slices.Insert(all, 1, tab{ID: "appeal", Key: "appeal"}, tab{ID: "clock", Key: "clock", N: int64(len(c.Clock.Events))})
	}
	all = slices.Insert(all, at+1, tab{ID: "clock", Key: "clock", N: int64(len(c.Clock.Events))})
	if asksItems(c) {
		all = slices.Insert(all, at, tab{ID: "items", Key: "items", N: int64(len(c.Chosen.Refusals))})
	}
	return all
}

// appealTasks is the life of a complaint or an appeal.
func appealTasks(c privacy.Case) []Task {
	r := c.Request
	decide := Task{Key: "decide_appeal", Hint: "desk.task.decide_appeal.hint", Href: link.DeskTab(string(r.Ref), "appeal"), By: &r.DueAt}
	if d := c.Clock.Decided; d != nil {
		decide.Done, decide.At = true, &d.At
	}
	return []Task{{Key: "confirm", Hint: "desk.task.confirm.hint", Done: r.VerifiedAt != nil, At: r.VerifiedAt}, decide}
}

func appealStep(c privacy.Case, by staff.Member) (Step, bool) {
	if !appealVerdict(c, by).May {
		return Step{}, false
	}
	return Step{Key: "clock.next.appeal", Href: link.DeskTab(string(c.Request.Ref), "appeal")}, true
}

// openCopy is a request for a copy that the same person waits for, while a
// deletion would take what is in it.
func openCopy(c privacy.Case) (privacy.Request, bool) {
	if c.Request.Kind != privacy.Deletion || c.Request.State.Final() {
		return privacy.Request{}, false
	}
	for _, o := range c.Others {
		if o.Kind.Packs() && !o.State.Final() && o.State != privacy.Received && o.State != privacy.Ready {
			return o, true
		}
	}
	return privacy.Request{}, false
}

// askAbout says what to think of before a question; of a fee, what the law says.
func askAbout(ctx context.Context, c privacy.Case, k law.EventKind) string {
	about := lang.T(ctx, "clock.ask."+string(k)+".about")
	if key := "law.fee." + law.For(c.Request.Law).Fee.Rule; k == law.FeeAsked && lang.Has(key) {
		about += " " + lang.T(ctx, key)
	}
	return about
}

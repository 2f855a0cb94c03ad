package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// Templates are the sentences that a message can begin with. Catalogue:
// "duties.template.<key>.title" for staff, ".text" in the person's language.
var Templates = []string{"receipt", "detail", "number", "business", "identity", "progress", "left_out", "done"}

// TemplateText gives the sentences of a template in the person's language, with
// its fields filled in; "" for one that there is not.
func TemplateText(key string, r privacy.Request, operator string) string {
	if !slices.Contains(Templates, key) {
		return ""
	}
	ctx := lang.With(context.Background(), r.Lang) // carries the language only
	name := firstWord(r.Name)
	hello := lang.In(r.Lang, "duties.template.hello", "Name", name)
	if name == "" {
		hello = lang.In(r.Lang, "duties.template.hello_all")
	}
	return hello + "\n\n" + lang.In(r.Lang, "duties.template."+key+".text", "Ref", string(r.Ref), "Due", lang.Date(ctx, r.DueAt), "Operator", operator)
}

func templateOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "duties.template.choose")}}
	for _, k := range Templates {
		out = append(out, ui.Option{Value: k, Label: lang.T(ctx, "duties.template."+k+".title")})
	}
	return out
}

// SettleFields are the fields of the form that settles the duty at a place of the
// list, by their names in an error.
func SettleFields(n int) map[string]string {
	out := map[string]string{}
	for _, f := range []string{"state", "how", "on", "reference", "why"} {
		out[f] = f + "-" + strconv.Itoa(n)
	}
	return out
}

// settling says that the form of the duty at this place was sent.
func (p CasePage) settling(n int) bool {
	return p.Form.Is("settle") && p.Form.Value("n") == strconv.Itoa(n)
}

func (p CasePage) settleValue(n int, field string) string {
	if p.settling(n) {
		return p.Form.Value(SettleFields(n)[field])
	}
	return ""
}

func (p CasePage) settleInput(ctx context.Context, n int, field string) ui.Input {
	name := SettleFields(n)[field]
	in := ui.Input{Name: name, Label: lang.T(ctx, "duties.settle."+field), Value: p.settleValue(n, field), Err: p.Form.err(ctx, name)}
	if key := "duties.settle." + field + ".hint"; lang.Has(key) {
		in.Hint = lang.T(ctx, key)
	}
	return in
}

func settleOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "duties.settle.choose")}}
	for _, s := range privacy.RecipientStates {
		out = append(out, ui.Option{Value: string(s), Label: lang.T(ctx, "duties.settle."+string(s))})
	}
	return out
}

// recipientName is a recipient as the data map names it in the reader's language.
func recipientName(ctx context.Context, d privacy.Duty) string {
	if name := d.Recipient.In(string(lang.From(ctx))); name != "" {
		return name
	}
	return d.Title
}

// toBeTold are the recipients of what a plan changes, for the preview of it.
func toBeTold(ctx context.Context, p CasePage) []privacy.DataRecipient {
	if !p.Case.Request.Kind.Tells() || p.Case.Request.State.Final() {
		return nil
	}
	var touched []string
	for _, s := range p.Case.Proposal.Plan.Steps {
		if s.Rows > 0 && s.Action != datamap.Keep && !slices.Contains(touched, s.Category) {
			touched = append(touched, s.Category)
		}
	}
	return privacy.Touching(privacy.RecipientsOf(p.Categories, operator(ctx)), touched)
}

// dutyMark is where a duty stands.
func dutyMark(f Frame, d privacy.Duty) Mark {
	switch {
	case d.Overdue(f.Now):
		return Mark{"bad", "duties.state.overdue"}
	case d.State == privacy.DutyOpen:
		return Mark{"act", "duties.state.open"}
	}
	return Mark{"ok", "duties.state." + string(d.State)}
}

// dutyEnd says how a duty was settled.
func dutyEnd(ctx context.Context, d privacy.Duty) string {
	var parts []string
	switch {
	case d.State == privacy.DutyTold && d.ToldOn != nil:
		parts = append(parts, lang.T(ctx, "duties.told", "How", d.How, "Date", lang.Date(ctx, *d.ToldOn)))
		if d.Reference != "" {
			parts = append(parts, lang.T(ctx, "duties.reference", "Reference", d.Reference))
		}
	case d.Reason != "":
		parts = append(parts, d.Reason)
	}
	if d.SettledAt != nil {
		parts = append(parts, lang.T(ctx, "duties.by", "Name", d.SettledName, "When", lang.DateTime(ctx, *d.SettledAt)))
	}
	return strings.Join(parts, " · ")
}

func (p CasePage) categoryNames(ctx context.Context, ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = categoryTitle(p.Categories, id, string(lang.From(ctx)))
	}
	return strings.Join(names, ", ")
}

func colleagues(ctx context.Context, members []staff.Member) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "duties.task.whoever")}}
	for _, m := range members {
		out = append(out, ui.Option{Value: m.ID.String(), Label: m.Name})
	}
	return out
}

// levelMark is the badge of the identity: what a search may still raise warns of
// nothing.
func levelMark(c privacy.Case) string {
	switch {
	case c.Duties.Identity.Enough():
		return "ok"
	case c.SearchedAt == nil:
		return ""
	}
	return "warn"
}

func levelWords(ctx context.Context, c privacy.Case) string {
	i, key := c.Duties.Identity, levelMark(c)
	if key == "" {
		key = "before"
	}
	return lang.T(ctx, "duties.identity."+key, "Is", level(i.Reached), "Needs", level(i.Needed))
}

// identityAsked says that the dates wait for a proof which the person was asked for.
func identityAsked(c privacy.Case) bool {
	return slices.ContainsFunc(c.Clock.Open(), func(e privacy.ClockEvent) bool { return e.Kind == law.IdentityAsked })
}

// neededWords says what the level takes, and whether the law wants a signature.
func neededWords(ctx context.Context, r privacy.Request, i privacy.Identity) string {
	if i.Needed == privacy.High && r.Declares() {
		return lang.T(ctx, "duties.level.declared")
	}
	return lang.T(ctx, "duties.level."+level(i.Needed))
}

func level(l privacy.Level) string { return strconv.Itoa(int(l)) }

func checks(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "duties.evidence.choose")}}
	for _, c := range privacy.Checks {
		out = append(out, ui.Option{Value: string(c.Check), Label: lang.T(ctx, "duties.evidence."+string(c.Check))})
	}
	return out
}

// lookedAt are the files of the person that may be what was looked at.
func lookedAt(ctx context.Context, c privacy.Case) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "duties.evidence.no_file")}}
	for _, m := range c.Messages {
		for _, a := range m.Files {
			if !m.Staff && !a.Gone {
				out = append(out, ui.Option{Value: a.ID.String(), Label: a.Name})
			}
		}
	}
	return out
}

// canVouch says that staff can still say who asks.
func canVouch(r privacy.Request) bool {
	return slices.Contains([]privacy.State{privacy.Verified, privacy.Discovering, privacy.InReview}, r.State)
}

// stands are the requests of which this one can be a duplicate.
func stands(ctx context.Context, c privacy.Case) []ui.Option {
	r := c.Request
	if r.State.Final() || r.State == privacy.Executing || r.State == privacy.Ready || c.Duties.Duplicate != nil || len(c.Duties.Duplicates) > 0 {
		return nil
	}
	var out []ui.Option
	for _, l := range c.Duties.Like {
		if l.CanStand(r) {
			out = append(out, ui.Option{Value: string(l.Ref), Label: string(l.Ref) + ", " + lang.ShortDate(ctx, l.ReceivedAt)})
		}
	}
	return out
}

// why says what makes another request like this one.
func likeWhy(ctx context.Context, l privacy.Like) string {
	switch {
	case l.SameAddress:
		return lang.T(ctx, "duties.like.address")
	case l.SameNumber:
		return lang.T(ctx, "duties.like.number")
	}
	return lang.T(ctx, "duties.like.name")
}

func likeState(ctx context.Context, l privacy.Like) string {
	if l.Outcome != "" {
		return lang.T(ctx, "desk.outcome."+string(l.Outcome))
	}
	if l.VerifiedAt == nil {
		return lang.T(ctx, "duties.like.unproved")
	}
	return lang.T(ctx, "state."+string(l.State))
}

// fileWords says how big a file is, and what keeps it from being opened.
func fileWords(ctx context.Context, a privacy.Attachment) string {
	switch {
	case a.Scan == privacy.ScanInfected:
		return lang.T(ctx, "duties.scan.infected")
	case a.Gone:
		return lang.T(ctx, "duties.file.gone")
	}
	words := size(ctx, a.Size)
	if a.Scan != privacy.ScanClean {
		words += ", " + lang.T(ctx, "duties.scan."+string(a.Scan))
	}
	if a.Until != nil {
		words += ", " + lang.T(ctx, "duties.file.until", "Date", lang.ShortDate(ctx, *a.Until))
	}
	return words
}

func fileName(ctx context.Context, a privacy.Attachment) string {
	if a.Name == "" {
		return lang.T(ctx, "duties.file.some")
	}
	return a.Name
}

// settleDay makes a field one for a day.
func settleDay(in ui.Input) ui.Input {
	in.Type, in.Class = "date", "w-16"
	return in
}

// overrides says whether a member may let a request go on without the level that
// it needs: a privacy officer.
func overrides(f Frame) bool { return f.Member.Can(staff.HoldSet) }

func filesDescribed(p CasePage) string {
	if p.Form.Wrong("files") {
		return "files-h files-e"
	}
	return "files-h"
}

// filesHint says what can be sent.
func (p CasePage) filesHint(ctx context.Context) string {
	return lang.T(ctx, "duties.files.hint", "Max", fmt.Sprint(privacy.MaxFiles), "MB", fmt.Sprint(p.UploadLimit>>20))
}

// organizationName is what a tenant is called, "" if the search did not say.
func organizationName(c privacy.Case, tenant string) string {
	for _, m := range c.Matches {
		if m.Tenant == tenant && m.Organization != "" {
			return m.Organization
		}
	}
	for _, x := range c.Candidates {
		if x.Tenant == tenant && x.Organization != "" {
			return x.Organization
		}
	}
	return ""
}

package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func operator(ctx context.Context) string { return ui.FrameOf(ctx).Operator }

// personName is whom a request is about: for a representative, the organization.
func personName(ctx context.Context, r privacy.Request) string {
	if r.Organization() && r.Answers.Organization != "" {
		return r.Answers.Organization
	}
	return ownName(ctx, r)
}

// ownName is the name of whoever wrote.
func ownName(ctx context.Context, r privacy.Request) string {
	if r.Name != "" {
		return r.Name
	}
	return lang.T(ctx, "desk.no_name")
}

func firstName(ctx context.Context, r privacy.Request) string {
	if first := firstWord(r.Name); first != "" {
		return first
	}
	return lang.T(ctx, "desk.the_person")
}

func firstWord(s string) string {
	first, _, _ := strings.Cut(s, " ")
	return first
}

func caseTitle(ctx context.Context, p CasePage) string {
	s := p.ref() + " " + personName(ctx, p.Case.Request)
	if p.Tab != "" {
		s = lang.T(ctx, "desk.tab."+tabKey(p.Tab, p.Case.Request.Kind)) + ", " + s
	}
	return s
}

// clock is a request's time as the desk shows it.
func clock(ctx context.Context, f Frame, r privacy.Request, suffix string) ui.Clock {
	left := r.DaysLeft(f.Now)
	c := ui.Clock{Left: left, Still: r.State.Final() || r.PausedAt != nil}
	if whole := r.DueAt.Sub(r.ReceivedAt); whole > 0 {
		c.Used = int(100 * f.Now.Sub(r.ReceivedAt) / whole)
	}
	switch {
	case r.State.Final():
		c.Words = lang.T(ctx, "desk.sla.closed")
	case r.PausedAt != nil:
		c.Words = lang.T(ctx, "clock.sla.stands")
	case left < 0:
		c.Words = lang.N(ctx, "desk.sla.over", int64(-left))
	case left == 0:
		c.Words = lang.T(ctx, "desk.sla.today")
	default:
		c.Words = lang.N(ctx, "desk.sla.left"+suffix, int64(left))
	}
	return c
}

func shortTime(ctx context.Context, t time.Time) string {
	return lang.ShortDate(ctx, t) + ", " + lang.Clock(ctx, t)
}

func title(ctx context.Context, c datamap.Category) string {
	if s := c.Title.In(string(lang.From(ctx))); s != "" {
		return s
	}
	return c.ID
}

// lawName is short: the articles on time, and the place.
func lawName(ctx context.Context, code string) string {
	r := law.For(code)
	if r.Place == "" {
		return r.Refs
	}
	return r.Refs + ", " + lang.T(ctx, "place."+r.Place)
}

func identifiers(ctx context.Context, kinds []string) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = identifier(ctx, k)
	}
	return strings.Join(words, ", ")
}

// identifier names a kind of identifier; the data map may have kinds of its own.
func identifier(ctx context.Context, kind string) string {
	if key := "desk.identifier." + kind; lang.Has(key) {
		return lang.T(ctx, key)
	}
	return kind
}

// warning is the sentence for "code table.column", as a search reports it.
func warning(ctx context.Context, w string) string {
	code, place, _ := strings.Cut(w, " ")
	return lang.T(ctx, "desk.found.warning", "Place", place, "Code", code)
}

func actorName(ctx context.Context, a audit.Actor) string {
	switch a.Kind {
	case audit.SubjectActor:
		return lang.T(ctx, "desk.actor.subject")
	case audit.SystemActor:
		return lang.T(ctx, "desk.actor.system")
	case audit.CLIActor:
		return lang.T(ctx, "desk.actor.cli", "User", a.Label)
	}
	if a.Label == "" {
		return a.ID
	}
	return a.Label
}

// actionWords says what happened; an action without words keeps its code.
func actionWords(ctx context.Context, action string) string {
	if key := "action." + action; lang.Has(key) {
		return lang.T(ctx, key)
	}
	return action
}

func author(ctx context.Context, c privacy.Case, m privacy.Message) string {
	switch {
	case m.Author != "":
		return m.Author
	case m.Staff:
		return lang.T(ctx, "desk.staff")
	}
	return ownName(ctx, c.Request)
}

func threadOf(ctx context.Context, f Frame, p CasePage) []ui.Letter {
	out := make([]ui.Letter, len(p.Case.Messages))
	for i, m := range p.Case.Messages {
		out[i] = ui.Letter{Author: author(ctx, p.Case, m), At: m.At, Body: m.Body, Mine: m.Staff && !m.Note, Note: m.Note, Below: attached(f, p, m.Files)}
	}
	return out
}

func letterMark(s mail.DeliveryState) Mark {
	class := map[mail.DeliveryState]string{mail.Queued: "open", mail.Sent: "ok", mail.Delayed: "act", mail.Failed: "bad"}[s]
	return Mark{class, "desk.letters." + string(s)}
}

func roleNames(ctx context.Context, roles []staff.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = lang.T(ctx, "role."+string(r))
	}
	return strings.Join(words, ", ")
}

// initials are decoration beside a name.
func initials(name string) string {
	var out []rune
	for _, w := range strings.Fields(name) {
		out = append(out, []rune(strings.ToUpper(w))[0])
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// tint picks one of the avatar's colours by the name, the same everywhere.
func tint(name string) string {
	sum := 0
	for _, r := range name {
		sum += int(r)
	}
	return []string{"", "b", "c", "d"}[sum%4]
}

func size(ctx context.Context, n int64) string {
	unit, v := "B", float64(n)
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if v < 1000 {
			break
		}
		unit, v = u, v/1000
	}
	if unit == "B" {
		return lang.Number(ctx, n) + " B"
	}
	s := fmt.Sprintf("%.1f", v)
	if lang.T(ctx, "number.group") == "." {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " " + unit
}

func packageSize(ctx context.Context, p privacy.Proposal) string {
	if len(p.Package) == 0 {
		return "–"
	}
	return size(ctx, p.Package.Size())
}

func short(hash string, n int) string { return hash[:min(n, len(hash))] }

// manifestShown is how many files of a package a page lists; attachments may
// be thousands.
const manifestShown = 60

// shortManifest gives the files that a page lists, and how many attachments it
// does not name: what people call their files is content, and reads says that
// the reader may see some and said why.
func shortManifest(p export.Package, reads bool) (out []export.Entry, unnamed int) {
	for _, e := range p.Files() {
		switch {
		case !reads && strings.HasPrefix(e.Name, "attachments/"):
			unnamed++
		case len(out) < manifestShown && (e.Rows > 0 || e.Table == ""): // most tables know nothing of most people
			out = append(out, e)
		}
	}
	return out, unnamed
}

func rowsOrDash(ctx context.Context, n int64) string {
	if n == 0 {
		return "–"
	}
	return lang.Number(ctx, n)
}

func join(s []string) string { return strings.Join(s, ", ") }

func refusable(s privacy.State) bool {
	return s == privacy.Verified || s == privacy.Discovering || s == privacy.InReview
}

// busy says that a job works on the request right now.
func busy(c privacy.Case) bool {
	return c.Request.State == privacy.Discovering || c.Request.State == privacy.Executing
}

func taskHint(ctx context.Context, c privacy.Case, t Task) string {
	switch {
	case t.Key == "search" && t.Done:
		return lang.N(ctx, "desk.task.search.found", foundRows(c.Found))
	case t.Key == "decide" && t.Done:
		return lang.T(ctx, "desk.task.by_name", "Name", c.Proposal.DecidedName)
	case strings.HasPrefix(t.Key, "review_") && t.Done:
		return lang.T(ctx, "desk.task.by_name", "Name", c.Proposal.PreparedName)
	case t.Key == "run" && t.Now && c.Request.State == privacy.Executing:
		return lang.T(ctx, "desk.task.run.now")
	case t.Key == "run" && t.Now && c.Request.RunsAt != nil:
		return lang.T(ctx, "desk.task.run.at", "When", lang.DateTime(ctx, *c.Request.RunsAt))
	case t.Hint != "" && !t.Done:
		return lang.T(ctx, t.Hint)
	}
	return ""
}

// countryName names a place of the form.
func countryName(ctx context.Context, code string) string {
	if key := "place." + code; lang.Has(key) {
		return lang.T(ctx, key)
	}
	return orDash(code)
}

// may says what a role may do, in words.
func may(ctx context.Context, r staff.Role) string {
	words := make([]string, len(staff.Bundles[r]))
	for i, p := range staff.Bundles[r] {
		words[i] = lang.T(ctx, "permission."+string(p))
	}
	return strings.Join(words, ", ")
}

func has(m staff.Member, r staff.Role) bool { return slices.Contains(m.Roles, r) }

func period(ctx context.Context, p law.Period) string {
	if p.N == 0 {
		return "–"
	}
	return lang.N(ctx, "desk.period."+string(p.Unit), int64(p.N))
}

// regimeName is the law, and the place where it applies if it has several.
func regimeName(ctx context.Context, r law.Regime) string {
	name := lang.T(ctx, r.Name)
	if r.Place == "" {
		return name
	}
	return name + ", " + lang.T(ctx, "place."+r.Place)
}

// ellipsis keeps a row of the queue on one line whatever somebody typed.
func ellipsis(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

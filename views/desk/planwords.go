package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func approvedWords(ctx context.Context, r privacy.Request) string {
	switch {
	case r.RunsAt != nil:
		return lang.T(ctx, "desk.plan.approved.runs", "When", lang.DateTime(ctx, *r.RunsAt))
	case r.Kind == privacy.Deletion:
		return lang.T(ctx, "desk.plan.approved.waits")
	}
	return lang.T(ctx, "desk.plan.approved.now")
}

// storeDown names the store that does not answer.
func storeDown(ctx context.Context, r privacy.Request) string {
	if r.StoreDown == "" {
		return lang.T(ctx, "desk.note.store_down.title")
	}
	return lang.T(ctx, "desk.note.store_down.named", "Store", r.StoreDown)
}

// previewWords says that nothing has happened yet.
func previewWords(ctx context.Context, c privacy.Case, part string) string {
	key := "desk.plan.preview."
	if c.Request.Kind != privacy.Deletion {
		key = "desk.plan.preview_change."
	}
	return lang.T(ctx, key+part, "When", lang.DateTime(ctx, c.Proposal.MadeAt))
}

func approvedTitle(ctx context.Context, c privacy.Case) string {
	if c.Request.Kind == privacy.Deletion {
		return lang.T(ctx, "desk.plan.approved.title")
	}
	return lang.T(ctx, "desk.plan.approved.change")
}

// approvingTitle is about an approval, or about what takes none.
func approvingTitle(c privacy.Case) string {
	if c.Proposal.Automatic {
		return "desk.decision.what_automatic"
	}
	return "desk.decision.what"
}

func planOrder(ctx context.Context, c privacy.Case) string {
	if c.Request.Kind == privacy.Deletion {
		return lang.T(ctx, "desk.plan.order")
	}
	return ""
}

func safety(ctx context.Context, c privacy.Case) string {
	if c.Request.Kind == privacy.Deletion {
		return lang.T(ctx, "desk.plan.safety_text")
	}
	return lang.T(ctx, "desk.plan.safety_change")
}

func planNone(c privacy.Case) string {
	switch {
	case c.Request.State == privacy.Discovering:
		return "desk.plan.none.searching"
	}
	return "desk.plan.none.before"
}

func totalWords(ctx context.Context, t Total) string {
	switch {
	case t.Rows == 0 && t.Objects == 0:
		return lang.T(ctx, "desk.plan.nothing")
	case t.Objects > 0:
		return lang.N(ctx, "desk.plan.records_and_objects", t.Objects)
	case t.Action == datamap.Keep:
		return lang.T(ctx, "desk.plan.with_reason")
	}
	return lang.N(ctx, "desk.plan.in_categories", int64(t.Categories))
}

func totalTail(ctx context.Context, t Total) string {
	var parts []string
	if t.Objects > 0 {
		parts = append(parts, lang.N(ctx, "desk.plan.and_objects", t.Objects))
	}
	if t.Categories > 0 {
		parts = append(parts, lang.N(ctx, "desk.plan.in_categories", int64(t.Categories)))
	}
	return strings.Join(parts, ", ")
}

func (p CasePage) reasonWords(ctx context.Context, l PlanLine) string {
	s := l.Reason.In(string(lang.From(ctx)))
	if s == "" {
		s = l.Ground
	}
	if s == "" && lang.Has("desk.plan.does."+string(l.Action)) {
		s = lang.T(ctx, "desk.plan.does."+string(l.Action))
	}
	if l.Purpose != "" && l.Purpose != datamap.Restriction && l.Purpose != datamap.OptOut {
		s = lang.T(ctx, "desk.plan.purpose", "Does", s, "Purpose", p.purposeWords(ctx, l.Purpose))
	}
	if until, err := time.Parse(time.DateOnly, l.Until); err == nil {
		s = lang.T(ctx, "desk.plan.until", "Reason", strings.TrimSuffix(s, "."), "Date", lang.Date(ctx, until))
	}
	return orDash(s)
}

// The colours of the summary: what goes or is written, what stays without the
// person, what stays.
func actionClass(a datamap.Action) string { return []string{"", "k2", "k3"}[colour(a)] }

func colour(a datamap.Action) int {
	switch a {
	case datamap.Anonymise, datamap.Tombstone, datamap.Redact, datamap.Detaching, datamap.Repairing:
		return 1
	case datamap.Keep:
		return 2
	}
	return 0
}

// bar is one part of the summary's bar; x and width are attributes, not styles.
type bar struct{ Class, X, Width string }

func planBars(p datamap.Plan) []bar {
	all := planRows(p)
	if all == 0 {
		return nil
	}
	var out []bar
	x := 0.0
	for _, t := range Totals(p) {
		w := 100 * float64(t.Rows) / float64(all)
		if t.Rows > 0 {
			out = append(out, bar{[]string{"c1", "c2", "c3"}[colour(t.Action)], fmt.Sprintf("%.2f%%", x), fmt.Sprintf("%.2f%%", max(w-0.2, 0.3))})
		}
		x += w
	}
	return out
}

func barWords(ctx context.Context, p datamap.Plan) string {
	var parts []string
	for _, t := range Totals(p) {
		parts = append(parts, lang.T(ctx, "desk.action."+string(t.Action))+": "+lang.N(ctx, "desk.records", t.Rows))
	}
	return strings.Join(parts, ", ")
}

// checkLearnt is asked for only when a search went by an identifier that the
// person did not prove.
const checkLearnt = "learnt"

// Checks are what the second person ticks before approving this case.
func Checks(c privacy.Case) []string {
	checks := []string{"identity", "kept", "others"}
	switch {
	case c.Request.Kind == privacy.RestrictionLift:
		checks = []string{"ended", "others"}
	case planKind(c.Request.Kind) && c.Request.Kind != privacy.Deletion:
		checks = []string{"identity", "asked", "others"}
	}
	if len(LearntRows(c)) > 0 {
		checks = append(checks, checkLearnt)
	}
	return checks
}

func checkID(i int) string {
	if i == 0 {
		return "checks" // where the error summary leads
	}
	return fmt.Sprintf("checks-%d", i)
}

func checkWords(ctx context.Context, check string, c privacy.Case) string {
	switch check {
	case "identity":
		if c.Request.VerifiedAt != nil {
			return lang.T(ctx, "desk.check.identity.about", "When", lang.DateTime(ctx, *c.Request.VerifiedAt))
		}
	case "kept":
		if planKind(c.Request.Kind) {
			n := 0
			for _, l := range PlanLines(c.Proposal.Plan) {
				if l.Action == datamap.Keep && l.Rows > 0 {
					n++
				}
			}
			if n == 0 {
				return lang.T(ctx, "desk.check.kept.nothing")
			}
			return lang.N(ctx, "desk.check.kept.about", int64(n))
		}
		return lang.T(ctx, "desk.check.kept.package")
	}
	return lang.T(ctx, "desk.check."+check+".about")
}

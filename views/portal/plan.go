package portal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

// planLine is what happens to one category: all its tables together.
type planLine struct {
	Title   string
	Rows    int64
	Objects int64
	Why     []string // reasons in words, each once
	Until   string   // day in words; "" if none
}

// overwritten are the actions after which a record stays and no longer tells of
// the person. Other people see no difference between them.
var overwritten = []datamap.Action{datamap.Anonymise, datamap.Tombstone, datamap.Redact}

// lines gathers the steps of some actions by category, in the plan's order.
func (o Own) lines(ctx context.Context, actions ...datamap.Action) []planLine {
	if o.Proposal == nil {
		return nil
	}
	return o.gather(ctx, actions, o.Proposal.Plan.Steps)
}

// affected is what really happened to each category. Where something of a
// record stays, the receipt repeats why and until when.
func (o Own) affected(ctx context.Context, actions ...datamap.Action) []planLine {
	steps := make([]datamap.Step, len(o.Progress))
	for i, p := range o.Progress {
		steps[i] = p.Step
		steps[i].Rows = p.Affected
	}
	return o.gather(ctx, actions, steps)
}

func (o Own) gather(ctx context.Context, actions []datamap.Action, steps []datamap.Step) []planLine {
	var order []string
	byCategory := map[string]*planLine{}
	last := map[string]string{}
	for _, s := range steps {
		if !slices.Contains(actions, s.Action) || s.Rows == 0 {
			continue
		}
		l := byCategory[s.Category]
		if l == nil {
			l = &planLine{Title: categoryTitle(ctx, o.Categories, s.Category)}
			byCategory[s.Category] = l
			order = append(order, s.Category)
		}
		l.Rows += s.Rows
		l.Objects += s.Objects
		if why := s.Reason.In(tag(ctx)); why != "" && !slices.Contains(l.Why, why) {
			l.Why = append(l.Why, why)
		}
		if s.Until > last[s.Category] { // ISO days sort as text
			last[s.Category] = s.Until
			l.Until = day(ctx, s.Until)
		}
	}
	out := make([]planLine, len(order))
	for i, c := range order {
		out[i] = *byCategory[c]
	}
	return out
}

// bar is a plan in three numbers of rows.
type bar struct{ goes, changed, stays int64 }

func (o Own) bar() bar {
	var b bar
	for _, s := range o.Proposal.Plan.Steps {
		switch s.Action {
		case datamap.Delete:
			b.goes += s.Rows
		case datamap.Anonymise, datamap.Tombstone, datamap.Redact:
			b.changed += s.Rows
		case datamap.Keep:
			b.stays += s.Rows
		}
	}
	return b
}

func (b bar) width(n int64) string {
	return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(max(1, b.goes+b.changed+b.stays)))
}

func (l planLine) count(ctx context.Context) string {
	s := lang.N(ctx, "portal.plan.rows", l.Rows)
	if l.Objects > 0 {
		s += ", " + lang.N(ctx, "portal.plan.files", l.Objects)
	}
	return s
}

func (l planLine) until(ctx context.Context) string {
	if l.Until == "" {
		return ""
	}
	return t(ctx, "portal.plan.until", "Date", l.Until)
}

// coolingOff writes a waiting time in words.
func coolingOff(ctx context.Context, d time.Duration) string {
	switch {
	case d < time.Minute:
		return lang.N(ctx, "portal.seconds", int64(d/time.Second))
	case d < 2*time.Hour:
		return lang.N(ctx, "portal.minutes", int64(d/time.Minute))
	}
	return lang.N(ctx, "portal.hours", int64(d/time.Hour))
}

// did is what was done for a right that is no deletion, in the order in which
// people read it: catalogue "portal.did.<what>".
type did struct {
	What  string
	Lines []planLine
}

// heading names what was done; a stop by what it is about.
func (o Own) heading(ctx context.Context, d did) string {
	if own := "portal.did." + d.What + "." + string(o.Request.Kind); lang.Has(own) {
		return t(ctx, own)
	}
	return t(ctx, "portal.did."+d.What)
}

// amount is how much of a category it was; of a period, how long it is.
func (o Own) amount(ctx context.Context, d did, l planLine) string {
	if d.What == "shorten" {
		return t(ctx, "portal.did.after", "Days", lang.N(ctx, "portal.days", int64(o.KeepDays)))
	}
	return l.count(ctx)
}

func (o Own) did(ctx context.Context) []did {
	var out []did
	for _, one := range []struct {
		what    string
		actions []datamap.Action
	}{
		{"correct", []datamap.Action{datamap.Correcting}}, {"restrict", []datamap.Action{datamap.Restricting}}, {"lift", []datamap.Action{datamap.Lifting}},
		{"suppress", []datamap.Action{datamap.Suppressing}}, {"shorten", []datamap.Action{datamap.Shortening}},
		{"delete", []datamap.Action{datamap.Delete}}, {"anonymise", overwritten},
	} {
		if lines := o.affected(ctx, one.actions...); len(lines) > 0 {
			out = append(out, did{one.what, lines})
		}
	}
	return out
}

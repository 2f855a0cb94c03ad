package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// Form is one page of the five-step form.
type Form struct {
	Step       privacy.Step // "" on "Check your answers"
	Answers    privacy.Submission
	Done       []privacy.Step
	Sealed     string // all answers so far, sealed: nothing is lost without a session
	Problems   ui.Problems
	Old        bool // the page lay open for long; shown again before anything is done
	Places     []ui.Option
	Categories []datamap.Category
	Purposes   []Purpose // that may be objected to
	Pairs      int       // how many wrong/right pairs are shown
	Due        time.Time
	Lapse      time.Time // until when a link sent now would work
}

// Purpose is a use of data that can be stopped, in words.
type Purpose struct {
	Code  string
	Title datamap.Text
}

// stepCheck stands for the last page among the steps.
const stepCheck privacy.Step = "check"

var pages = append(append([]privacy.Step{}, privacy.Steps...), stepCheck)

// StepPath is the address of a page of the form.
func StepPath(s privacy.Step) string {
	switch s {
	case privacy.StepRight:
		return link.RequestRight
	case privacy.StepYou:
		return link.RequestYou
	case privacy.StepDetails:
		return link.RequestDetails
	case privacy.StepScope:
		return link.RequestScope
	}
	return link.RequestCheck
}

func (f Form) step() privacy.Step {
	if f.Step == "" {
		return stepCheck
	}
	return f.Step
}

// number is the page's place, from 1.
func (f Form) number() int {
	for i, s := range pages {
		if s == f.step() {
			return i + 1
		}
	}
	return 1
}

func (f Form) caption(ctx context.Context) string {
	return t(ctx, "portal.form.step", "N", f.number(), "Of", len(pages))
}

func (f Form) back() string {
	if n := f.number(); n > 1 {
		return StepPath(pages[n-2])
	}
	return link.Home
}

func (f Form) done(s privacy.Step) bool {
	for _, d := range f.Done {
		if d == s {
			return true
		}
	}
	return false
}

func (f Form) soFar(ctx context.Context) []ui.StepItem {
	var items []ui.StepItem
	for _, s := range pages {
		it := ui.StepItem{Label: f.say(ctx, "portal.form."+string(s)), Done: f.done(s), Now: s == f.step()}
		if it.Done && !it.Now {
			it.Answer = f.short(ctx, s)
		}
		items = append(items, it)
	}
	return items
}

// say gives words of a kind of request where it has its own.
func (f Form) say(ctx context.Context, key string) string {
	if own := key + "." + string(f.Answers.Kind); lang.Has(own) {
		return t(ctx, own)
	}
	return t(ctx, key)
}

// short is the answer to a step in one line.
func (f Form) short(ctx context.Context, s privacy.Step) string {
	a := f.Answers
	switch s {
	case privacy.StepRight:
		return right(ctx, a.Kind)
	case privacy.StepYou:
		switch {
		case a.Relation == privacy.Recipient && a.Business != "":
			return a.Business
		case a.Relation == privacy.Representative && a.Organization != "":
			return a.Organization
		}
		return t(ctx, "relation."+string(a.Relation))
	case privacy.StepDetails:
		return a.Name
	case privacy.StepScope:
		if lines := f.asked(ctx); len(lines) > 0 {
			return lines[0]
		}
	}
	return ""
}

// asked says what the request is about, a sentence a line.
func (f Form) asked(ctx context.Context) []string {
	switch a := f.Answers; a.Kind {
	case privacy.Correction:
		var out []string
		for _, c := range a.Corrections {
			out = append(out, t(ctx, "portal.check.pair", "Wrong", c.Wrong, "Right", c.Right))
		}
		return out
	case privacy.Restriction:
		return []string{t(ctx, "portal.scope.everything")}
	case privacy.Objection, privacy.Withdrawal:
		if len(a.Purposes) == 0 {
			return []string{t(ctx, "portal.check.all_purposes")}
		}
		var out []string
		for _, p := range f.Purposes {
			if f.stops(p.Code) {
				out = append(out, p.Title.In(tag(ctx)))
			}
		}
		return out
	case privacy.OptOut:
		if a.Details != "" {
			return nil // which stands by itself
		}
		return []string{t(ctx, "portal.check.nothing_more")}
	case privacy.ShortenedRetention:
		return []string{t(ctx, "portal.check.keep", "Days", lang.N(ctx, "portal.days", int64(a.KeepDays))), f.categories(ctx)}
	}
	return []string{f.categories(ctx), f.period(ctx)}
}

func (f Form) stops(purpose string) bool { return slices.Contains(f.Answers.Purposes, purpose) }

// period says for which time somebody asks.
func (f Form) period(ctx context.Context) string {
	from, until := day(ctx, f.Answers.From), day(ctx, f.Answers.Until)
	switch {
	case from != "" && until != "":
		return t(ctx, "portal.scope.between", "From", from, "Until", until)
	case from != "":
		return t(ctx, "portal.scope.since", "From", from)
	case until != "":
		return t(ctx, "portal.scope.before", "Until", until)
	}
	return t(ctx, "portal.scope.all_time")
}

// day writes a day of the form in the page's language; what is no day stays as
// it was typed.
func day(ctx context.Context, s string) string {
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return lang.Date(ctx, at)
	}
	return s
}

// categories names what was chosen; everything if nothing was left out.
func (f Form) categories(ctx context.Context) string {
	if f.all() {
		return t(ctx, "portal.scope.everything")
	}
	var names []string
	for _, id := range f.Answers.Categories {
		names = append(names, categoryTitle(ctx, f.Categories, id))
	}
	return strings.Join(names, ", ")
}

func (f Form) all() bool { return len(f.Answers.Categories) == 0 }

func (f Form) wants(id string) bool {
	if f.all() {
		return true
	}
	for _, c := range f.Answers.Categories {
		if c == id {
			return true
		}
	}
	return false
}

func (f Form) pair(i int) privacy.CorrectionPair {
	if i < len(f.Answers.Corrections) {
		return f.Answers.Corrections[i]
	}
	return privacy.CorrectionPair{}
}

func (f Form) place(code string) string {
	for _, p := range f.Places {
		if p.Value == code {
			return p.Label
		}
	}
	return code
}

func indexed(name string, i int) string { return fmt.Sprintf("%s-%d", name, i) }

// MaxPairs bounds the corrections of one request.
const MaxPairs = 10

func (f Form) detailsTitle(ctx context.Context) string {
	if f.Answers.Relation == privacy.Representative {
		return t(ctx, "portal.details.h1.organization")
	}
	return t(ctx, "portal.details.h1")
}

func (f Form) emailHint(ctx context.Context) string {
	if f.Answers.Relation == privacy.Representative {
		return t(ctx, "portal.details.email.organization", "Operator", operator(ctx))
	}
	return t(ctx, "portal.details.email.hint")
}

// hint picks the sentence below the heading of the scope page.
func (f Form) hint() privacy.Kind {
	if lang.Has("portal.scope.hint." + string(f.Answers.Kind)) {
		return f.Answers.Kind
	}
	return "other"
}

func (f Form) promise(ctx context.Context) string {
	if f.Answers.Relation == privacy.Representative {
		return t(ctx, "portal.check.promise.organization")
	}
	return t(ctx, "portal.check.promise")
}

// countries begins with no choice, so that nothing is preselected.
func (f Form) countries(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Value: "", Label: t(ctx, "portal.details.choose")}}, f.Places...)
}

func fieldClass(err string) string {
	if err != "" {
		return "field is-error"
	}
	return "field"
}

// Package desk has the pages of the staff: queue, case, decision, audit,
// settings, and signing in.
package desk

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// Frame is what every page of the desk shows around its own matter.
type Frame struct {
	Member  staff.Member
	Token   string // the session's form token
	Counts  map[privacy.View]int64
	Flash   string // result of what was just done
	Now     time.Time
	KeysOff bool
	Saved   []privacy.SavedView // filters under a name, for the rail
	Version int64               // of the case that the page shows; its forms say so

	title   string
	here    string // the entry of the rail that is current
	refresh int
	wrong   bool
}

func (f Frame) titled(title, here string) Frame {
	f.title, f.here = title, here
	return f
}

// refreshing makes the page look again by itself while a job runs.
func (f Frame) refreshing(busy bool) Frame {
	if busy {
		f.refresh = 5
	}
	return f
}

func (f Frame) withErrors(form Form) Frame {
	f.wrong = len(form.Fields) > 0
	return f
}

func (f Frame) canWork() bool { return f.Member.Can(staff.RequestWork) }

// fresh says that the second factor is recent enough for what needs one now.
func (f Frame) fresh() bool {
	return f.Member.FactorAt != nil && f.Now.Sub(*f.Member.FactorAt) <= staff.FactorFresh
}

// Form is what was typed into a page's form, and what is wrong with it.
type Form struct {
	Name   string // which form of the page
	Values url.Values
	Fields map[string]fault.Message
	// Trouble is what stands in the way of the form as a whole.
	Trouble fault.Message
}

// Value gives what was typed into a field.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Ticked says whether a box was ticked.
func (f Form) Ticked(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Wrong says whether something is wrong with a field.
func (f Form) Wrong(name string) bool { _, ok := f.Fields[name]; return ok }

// Is says whether this is the form that was sent.
func (f Form) Is(name string) bool { return f.Name == name }

// err is what to do about a field, in the reader's language.
func (f Form) err(ctx context.Context, name string) string {
	m, ok := f.Fields[name]
	if !ok {
		return ""
	}
	return lang.T(ctx, m.Key, m.Args...)
}

// order is the order of fields on a page, for the error summary.
var order = []string{"to", "on", "channel", "day", "time", "zone", "original", "relation", "checks", "reference", "reason", "note", "body", "code", "text", "email", "name", "roles"}

func (f Form) problems(ctx context.Context) ui.Problems {
	return ui.ProblemsOf(ctx, f.Fields, order...)
}

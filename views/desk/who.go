package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// What staff say of a row: whose it is.
const (
	Same  = "same"
	Other = "other"
	Open  = "open"
)

// byStaff is what a search says of a row that nothing but staff's word brings.
const byStaff = "staff"

// WhoRow is a row of the store that is the person, or may be.
type WhoRow struct {
	Ref       privacy.RowRef
	By        string
	Tenant    string
	Why       string // of a candidate
	Learnt    bool
	Candidate bool
	Said      string // Same, Other or Open

	Label        string // whose it is, shown in part; "" if it is not known
	Organization string // what the tenant is called
}

// WhoRows lists what staff decide on: candidates first, then what matched, then
// what was decided before and is found no more.
func WhoRows(c privacy.Case) []WhoRow {
	var out []WhoRow
	said := func(r privacy.RowRef, otherwise string) string {
		switch {
		case slices.Contains(c.Chosen.Include, r):
			return Same
		case slices.Contains(c.Chosen.Exclude, r):
			return Other
		}
		return otherwise
	}
	for _, x := range c.Candidates {
		out = append(out, WhoRow{Ref: x.Ref(), By: x.By, Tenant: x.Tenant, Why: x.Why, Candidate: true, Said: said(x.Ref(), Open), Label: x.Label, Organization: x.Organization})
	}
	for _, m := range c.Matches {
		out = append(out, WhoRow{Ref: m.Ref(), By: m.By, Tenant: m.Tenant, Learnt: m.Learnt, Said: said(m.Ref(), Same), Label: m.Label, Organization: m.Organization})
	}
	for _, r := range append(slices.Clone(c.Chosen.Include), c.Chosen.Exclude...) {
		if !slices.ContainsFunc(out, func(w WhoRow) bool { return w.Ref == r }) {
			out = append(out, WhoRow{Ref: r, Candidate: true, Said: said(r, Open)})
		}
	}
	return out
}

// choices are what can be said of a row; a row that matched needs no leaving open.
func (w WhoRow) choices() []string {
	if w.Candidate {
		return []string{Same, Other, Open}
	}
	return []string{Same, Other}
}

// why says what makes a row the person, or a candidate.
func (w WhoRow) why(ctx context.Context) string {
	switch {
	case w.Why != "" && lang.Has("desk.why."+w.Why):
		return lang.T(ctx, "desk.why."+w.Why)
	case w.Learnt:
		return lang.T(ctx, "desk.found.by_learnt")
	case w.By == byStaff:
		return lang.T(ctx, "desk.why.decided")
	case !w.Candidate && w.Said == Same:
		return lang.T(ctx, "desk.why.proved")
	}
	return lang.T(ctx, "desk.why.decided")
}

// Names of the fields in which staff say it.
func saidField(n int) string { return "said-" + strconv.Itoa(n) }
func rowField(n int) string  { return "row-" + strconv.Itoa(n) }

// rowValue names a row in a form; a key is an identifier, which no address tells.
func rowValue(r privacy.RowRef) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // two strings always marshal
	}
	return string(b)
}

// said is what the form says, or what stands.
func (p CasePage) said(n int, w WhoRow) string {
	if v := p.Form.Value(saidField(n)); p.Form.Is("who") && v != "" {
		return v
	}
	return w.Said
}

// Said reads the form back: which rows are the person's, and which are not. A
// row that matched is the person's without anybody's word.
func Said(c privacy.Case, form url.Values) (include, exclude []privacy.RowRef) {
	open := slices.Clone(c.Chosen.Include)
	for _, x := range c.Candidates {
		open = append(open, x.Ref())
	}
	for n := 0; form.Has(rowField(n)); n++ {
		var r privacy.RowRef
		if json.Unmarshal([]byte(form.Get(rowField(n))), &r) != nil {
			continue
		}
		switch form.Get(saidField(n)) {
		case Same:
			if slices.Contains(open, r) || slices.Contains(c.Chosen.Exclude, r) && !matched(c, r) {
				include = append(include, r)
			}
		case Other:
			exclude = append(exclude, r)
		}
	}
	return include, exclude
}

func matched(c privacy.Case, r privacy.RowRef) bool {
	return slices.ContainsFunc(c.Matches, func(m privacy.Match) bool { return m.Ref() == r })
}

// tenants are the organisations in which rows were found.
func tenants(c privacy.Case) []string {
	out := slices.Clone(c.Chosen.Tenants)
	for _, w := range WhoRows(c) {
		if w.Tenant != "" {
			out = append(out, w.Tenant)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// canChoose says that the member may change what the search and the plan go by.
func (p CasePage) canChoose(f Frame) bool { return staged(p.Case) && f.Member.Can(staff.PlanPropose) }

// asks says that there is something about people to decide, or was.
func asksWho(c privacy.Case) bool {
	return len(c.Candidates)+len(c.Chosen.Include)+len(c.Chosen.Exclude) > 0
}

func ticked(p CasePage, form, name, value string, stands []string) bool {
	if p.Form.Is(form) {
		return p.Form.Ticked(name, value)
	}
	return slices.Contains(stands, value)
}

// undecided lists what staff still have to decide before anybody can propose.
func undecided(ctx context.Context, c privacy.Case) (out []string) {
	if n := len(c.Chosen.Open(c.Candidates)); n > 0 {
		out = append(out, lang.N(ctx, "desk.undecided.candidates", int64(n)))
	}
	if n := len(c.Refused); n > 0 && c.Request.Kind == privacy.Correction {
		out = append(out, lang.N(ctx, "desk.undecided.refused", int64(n)))
	} else {
		for _, r := range c.Refused {
			out = append(out, strings.Trim(r.Table+": "+refusedWords(ctx, r.Code), ": "))
		}
	}
	if n := c.Open(); n > 0 {
		out = append(out, lang.N(ctx, "redaction.undecided", int64(n)))
	} else if !c.Fresh() {
		out = append(out, lang.T(ctx, "redaction.error.unfinished"))
	}
	if len(out) == 0 {
		out = append(out, lang.T(ctx, "desk.undecided."+string(c.Request.Kind)))
	}
	return out
}

// refusedWords says why the store would not take a value.
func refusedWords(ctx context.Context, code string) string {
	if key := "refused." + code; lang.Has(key) {
		return lang.T(ctx, key)
	}
	return lang.T(ctx, "refused.other")
}

// mentionTerm says what a text was searched for.
func mentionTerm(ctx context.Context, term string) string {
	if term == datamap.MentionName || term == datamap.MentionKey {
		return lang.T(ctx, "desk.mention."+term)
	}
	return identifier(ctx, term)
}

func mentionRows(ctx context.Context, m privacy.Mention) string {
	if m.Cut {
		return lang.T(ctx, "desk.mention.at_least", "N", lang.Number(ctx, m.Rows))
	}
	return lang.Number(ctx, m.Rows)
}

// EditRow is one value that may be corrected.
type EditRow struct {
	privacy.Field
	New     string // what is or was typed, or what the person wrote
	Routing bool   // staff said yes to messages going elsewhere
	Problem string // code of why the store would not take it
}

// EditRows puts old and new side by side.
func EditRows(c privacy.Case) []EditRow {
	out := make([]EditRow, 0, len(c.Fields))
	for _, f := range c.Fields {
		e := EditRow{Field: f}
		same := func(table, key, column string) bool { return table == f.Table && key == f.Key && column == f.Column }
		i := slices.IndexFunc(c.Chosen.Edits, func(x privacy.Edit) bool { return same(x.Table, x.Key, x.Column) })
		switch {
		case i >= 0:
			e.New, e.Routing = c.Chosen.Edits[i].New, c.Chosen.Edits[i].Routing
		case len(c.Chosen.Edits) == 0:
			e.New = written(c.Request.Answers.Corrections, f.Old)
		}
		if i := slices.IndexFunc(c.Refused, func(x privacy.Refusal) bool { return same(x.Table, x.Key, x.Column) }); i >= 0 {
			e.Problem = c.Refused[i].Code
		}
		out = append(out, e)
	}
	return out
}

// changed are the rows that get a new value.
func changed(c privacy.Case) []EditRow {
	return slices.DeleteFunc(EditRows(c), func(e EditRow) bool { return e.New == "" })
}

// written is what the person wrote should stand there instead.
func written(pairs []privacy.CorrectionPair, old string) string {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	for _, p := range pairs {
		if old != "" && fold(p.Wrong) == fold(old) {
			return p.Right
		}
	}
	return ""
}

// typed is what stands in the field of one value.
func (p CasePage) typed(n int, e EditRow) string {
	if p.Form.Is("edits") {
		return p.Form.Value(privacy.EditField(n))
	}
	return e.New
}

// problem is what is wrong with what was typed, or with what the store was asked.
func (p CasePage) problem(ctx context.Context, n int, e EditRow) string {
	if err := p.Form.err(ctx, privacy.EditField(n)); err != "" || p.Form.Is("edits") || e.Problem == "" {
		return err
	}
	return refusedWords(ctx, e.Problem)
}

// place names one value in a form.
func (e EditRow) place() string {
	return rowValue(privacy.RowRef{Table: e.Table + "\x00" + e.Column, Key: e.Key})
}

// Edited reads the form back: what is to be written. An empty field changes nothing.
func Edited(form url.Values) (out []privacy.Edit) {
	for n := 0; form.Has(rowField(n)); n++ {
		var r privacy.RowRef
		value := strings.TrimSpace(form.Get(privacy.EditField(n)))
		if json.Unmarshal([]byte(form.Get(rowField(n))), &r) != nil || value == "" {
			continue
		}
		table, column, _ := strings.Cut(r.Table, "\x00")
		out = append(out, privacy.Edit{Table: table, Key: r.Key, Column: column, New: value, Routing: form.Get(privacy.RoutingField(n)) != ""})
	}
	return out
}

func columnName(ctx context.Context, f privacy.Field) string {
	if t := f.Title.In(string(lang.From(ctx))); t != "" {
		return t
	}
	return f.Column
}

// purposeWords says what a purpose of the map is.
func (p CasePage) purposeWords(ctx context.Context, purpose string) string {
	if w := p.Words[purpose].In(string(lang.From(ctx))); w != "" {
		return w
	}
	return purpose
}

// keepDays is the asked period, as typed or as it stands.
func (p CasePage) keepDays() string {
	if p.Form.Is("keeping") {
		return p.Form.Value("keep_days")
	}
	if p.Case.Chosen.Days == 0 {
		return ""
	}
	return fmt.Sprint(p.Case.Chosen.Days)
}

// correctNone says why there is nothing to correct.
func correctNone(ctx context.Context, c privacy.Case) string {
	if c.Request.State.Final() {
		return lang.T(ctx, "desk.correct.forgotten")
	}
	return lang.T(ctx, "desk.correct.none")
}

func liftState(l privacy.Request) string {
	if l.State.Final() {
		return "desk.lift.lifted"
	}
	return "desk.lift.running"
}

func choiceID(name string, i int) string {
	if i == 0 {
		return name // where the error summary leads
	}
	return name + "-" + strconv.Itoa(i)
}

func (p CasePage) keepInput(ctx context.Context) ui.Input {
	return ui.Input{Name: "keep_days", Label: lang.T(ctx, "desk.keeping.days"), Hint: lang.T(ctx, "desk.keeping.hint"), Value: p.keepDays(),
		Err: p.Form.err(ctx, "keep_days"), Class: "w-8", Mode: "numeric", LTR: true}
}

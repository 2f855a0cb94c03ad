package desk

import (
	"cmp"
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Actions in the order in which the desk lists them: what goes first, what
// follows from that, then what is written, and what stays.
var actions = []datamap.Action{datamap.Delete, datamap.Tombstone, datamap.Redact, datamap.Anonymise, datamap.Detaching, datamap.Repairing,
	datamap.Correcting, datamap.Restricting, datamap.Suppressing, datamap.Shortening, datamap.Lifting, datamap.Keep}

// always are the actions of a deletion that are told even where there is none.
var always = []datamap.Action{datamap.Delete, datamap.Anonymise, datamap.Keep}

// Total is what a plan does with one action, over all categories.
type Total struct {
	Action     datamap.Action
	Rows       int64
	Objects    int64
	Categories int
}

// Totals sums a plan up, one line for each action. Of a deletion a reader must
// see that nothing is kept as plainly as that something is.
func Totals(p datamap.Plan) []Total {
	out := make([]Total, 0, len(actions))
	for _, a := range actions {
		t := Total{Action: a}
		categories := map[string]bool{}
		for _, s := range p.Steps {
			if s.Action == a && s.Rows+s.Objects > 0 {
				t.Rows += s.Rows
				t.Objects += s.Objects
				categories[s.Category] = true
			}
		}
		t.Categories = len(categories)
		if deletes := p.Kind == "" || p.Kind == "deletion"; t.Rows+t.Objects > 0 || deletes && slices.Contains(always, a) {
			out = append(out, t)
		}
	}
	return out
}

// Rows counts everything a plan speaks about.
func planRows(p datamap.Plan) (n int64) {
	for _, s := range p.Steps {
		n += s.Rows
	}
	return n
}

// PlanLine is one row of the plan's table: the steps of one category that share
// an action and a reason.
type PlanLine struct {
	Category string
	Action   datamap.Action
	Ground   string
	Purpose  string
	Reason   datamap.Text
	Until    string
	Rows     int64
	Objects  int64
	Tables   []string
}

func (l PlanLine) same(s datamap.Step) bool {
	return l.Category == s.Category && l.Action == s.Action && l.Ground == s.Ground && l.Purpose == s.Purpose && l.Until == s.Until
}

// PlanLines folds the steps, which are as fine as tables and roles, into what a
// person can read and answer for.
func PlanLines(p datamap.Plan) []PlanLine {
	var out []PlanLine
	for _, s := range p.Steps {
		i := slices.IndexFunc(out, func(l PlanLine) bool { return l.same(s) })
		if i < 0 {
			out = append(out, PlanLine{Category: s.Category, Action: s.Action, Ground: s.Ground, Purpose: s.Purpose, Reason: s.Reason, Until: s.Until})
			i = len(out) - 1
		}
		out[i].Rows += s.Rows
		out[i].Objects += s.Objects
		if !slices.Contains(out[i].Tables, s.Table) {
			out[i].Tables = append(out[i].Tables, s.Table)
		}
	}
	slices.SortStableFunc(out, func(a, b PlanLine) int {
		return cmp.Compare(slices.Index(actions, a.Action), slices.Index(actions, b.Action))
	})
	return out
}

// Change is one difference between two versions of a plan.
type Change struct {
	Category      string
	Action        datamap.Action
	Before, After int64
}

// Changes compares an earlier version with the current one, in the current
// one's order; what disappeared comes last.
func Changes(before, after datamap.Plan) []Change {
	type key struct {
		category string
		action   datamap.Action
	}
	sum := func(p datamap.Plan) (map[key]int64, []key) {
		rows, order := map[key]int64{}, []key{}
		for _, s := range p.Steps {
			k := key{s.Category, s.Action}
			if _, ok := rows[k]; !ok {
				order = append(order, k)
			}
			rows[k] += s.Rows
		}
		return rows, order
	}
	old, oldOrder := sum(before)
	now, order := sum(after)
	for _, k := range oldOrder {
		if _, ok := now[k]; !ok {
			order = append(order, k)
		}
	}
	var out []Change
	for _, k := range order {
		if old[k] != now[k] {
			out = append(out, Change{Category: k.category, Action: k.action, Before: old[k], After: now[k]})
		}
	}
	return out
}

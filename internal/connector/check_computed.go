package connector

import (
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// ComputedColumn is a GENERATED column that the map would write: the server
// refuses every value for it, and computes it again by itself.
const ComputedColumn = "computed_column"

// computed looks for GENERATED columns wherever a map writes.
func (i *inspector) computed(t *datamap.Table) {
	refuse := func(name, where, instead string) {
		if i.c.tables[t.Name].columns[name].computed {
			i.add(ComputedColumn, datamap.Fail, t.Name, name, "%s writes to the column, which the server computes and lets nobody write; %s", where, instead)
		}
	}
	all := func(set []datamap.Assignment, where string) {
		for _, a := range set {
			refuse(a.Column, where, "remove it, and write to the columns that it is computed from")
		}
	}
	for role, u := range t.Erasures() {
		all(u.Set, "erase."+string(role))
		if u.Shared != nil {
			all(u.Shared.Set, "erase."+string(role)+".shared")
		}
	}
	for _, purpose := range sortedKeys(t.Stop) {
		all(t.Stop[purpose], "stop."+purpose)
	}
	if t.Suppress != nil {
		all(t.Suppress.Set, "suppress")
	}
	for _, p := range t.Repairs {
		refuse(p.Column, "repair", "remove the line: it is always right")
	}
	for _, c := range t.Columns {
		if c.Correct != nil {
			refuse(c.Name, "correct", "let the columns be corrected that it is computed from")
		}
	}
}

package law

import (
	"maps"
	"slices"
)

// The rows. Source says where the time limits were read; a row marked
// Unverified is general knowledge that counsel has to confirm. Of every row the
// authority's name and address are general knowledge.

var regimes = func() map[string]Regime {
	rows := make(map[string]Regime, 80)
	for _, r := range slices.Concat(europe(), americas(), unitedStates(), elsewhere()) {
		rows[r.Code] = r
	}
	return rows
}()

var codes = slices.Sorted(maps.Keys(regimes))

func days(n int) Period { return Period{n, Days} }

func workingDays(n int) Period { return Period{n, BusinessDays} }

func months(n int) Period { return Period{n, Months} }

package export

import (
	"cmp"
	"fmt"
	"slices"
)

// given is a ZIP that was looked at.
type given struct {
	name     string
	manifest Manifest
	sum      string // of manifest.json
}

// together looks whether ZIPs are the parts of one package that follow one
// another, and names the parts that are not there. Without the last part nobody
// knows how many there are: then the next one is missing.
func together(all []given, problem func(name, text string)) (missing []int) {
	slices.SortStableFunc(all, func(a, b given) int { return cmp.Compare(a.manifest.Part, b.manifest.Part) })
	end := 0
	rows := map[string]int64{} // in the parts before, as long as none is missing
	for i, g := range all {
		m := g.manifest
		if first := all[0].manifest; m.Ref != first.Ref || m.Set != first.Set {
			problem(g.name, "this is not of the same package as "+all[0].name)
			continue
		}
		switch {
		case m.Part == end:
			problem(g.name, fmt.Sprintf("part %d is here twice", m.Part))
			continue
		case i > 0 && all[i-1].manifest.Last:
			problem(g.name, fmt.Sprintf("part %d comes after the last one", m.Part))
		case i > 0 && m.Part == end+1 && m.Previous != all[i-1].sum:
			problem(g.name, fmt.Sprintf("part %d does not follow the part %d that is here", m.Part, end))
		}
		for n := end + 1; n < m.Part; n++ {
			missing = append(missing, n)
		}
		end = m.Part
		for _, r := range m.Ranges {
			if len(missing) == 0 && r.From != rows[r.Table]+1 {
				problem(g.name, fmt.Sprintf("%s goes on with row %d, the parts before have %d", r.Table, r.From, rows[r.Table]))
			}
			rows[r.Table] = r.To
		}
	}
	if end > 0 && !all[len(all)-1].manifest.Last {
		missing = append(missing, end+1)
	}
	return missing
}

package connector

import (
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// What is refused of a request is left out of it: categories that are in no
// package, that nothing is stopped in, and that a deletion keeps.

// spares says that a request leaves a category as it is.
func (a Ask) spares(category string) bool { return spared(a.Spares, category) }

func spared(spares []datamap.Spare, category string) bool {
	return slices.ContainsFunc(spares, func(s datamap.Spare) bool { return s.Category == category })
}

// obeying is the store as a deletion sees it of which a part was refused.
func (s *Store) obeying(ask Ask) *Store {
	if ask.Kind != "deletion" || len(ask.Spares) == 0 {
		return s
	}
	out := *s
	out.m = s.m.Keeping(ask.Spares)
	return &out
}

// bound says what stands in the way of keeping what is spared: rows that stay and
// refer to rows that go. Staff have to spare more, or nothing.
func bound(findings []datamap.Finding, ask Ask) error {
	if len(ask.Spares) == 0 {
		return nil
	}
	var out Refused
	for _, f := range findings {
		if f.Code == BlockedDelete || f.Code == Cascade {
			out = append(out, Refusal{Table: f.Table, Column: f.Column, Code: "spare"})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// Without leaves categories out of a snapshot.
func (n *Snapshot) Without(spares []datamap.Spare) *Snapshot {
	narrow := *n
	narrow.without, narrow.parts = spares, nil
	for _, p := range n.parts {
		narrow.parts = append(narrow.parts, p.Without(spares))
	}
	return &narrow
}

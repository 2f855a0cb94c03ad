package connector_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
)

// TestEachForeignMapFits: nothing blocks a deletion, and what is missing for
// speed is said.
func TestEachForeignMapFits(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		findings, err := openFixture(t, s, connector.Options{}).engine.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if !f.Warn || f.Code != connector.MissingIndex && f.Code != connector.UnindexedReference {
				t.Errorf("%s %s.%s (warn %t): %s", f.Code, f.Table, f.Column, f.Warn, f.Detail)
			}
		}
	})
}

// TestEachForeignPersonIsFound: all her rows, and only rows that may be hers.
func TestEachForeignPersonIsFound(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{})
		for _, probe := range s.Case.Probes {
			t.Run(probe.Name, func(t *testing.T) {
				f := find(t, p.engine, subject(probe.Who))
				matches, candidates := stores.Rows{}, stores.Rows{}
				for _, m := range f.Matches {
					matches[m.Table] = append(matches[m.Table], m.Key)
				}
				for _, c := range f.Candidates {
					if !slices.Contains(candidates[c.Table], c.Key) {
						candidates[c.Table] = append(candidates[c.Table], c.Key)
					}
				}
				if diff := cmp.Diff(sorted(probe.Match), sorted(matches)); diff != "" {
					t.Errorf("matches (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(sorted(probe.Candidates), sorted(candidates)); diff != "" {
					t.Errorf("candidates (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// TestEachForeignPersonIsCounted: what is found is what an export holds and
// what is withheld, and what names her elsewhere is told.
func TestEachForeignPersonIsCounted(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{})
		f := find(t, p.engine, subject(s.Case.Who))
		exported, withheld := map[string]int{}, map[string]int{}
		for _, found := range f.Tables {
			if found.Withheld {
				withheld[found.Table] += int(found.Rows)
			} else if found.Rows > 0 {
				exported[found.Table] += int(found.Rows)
			}
		}
		if diff := cmp.Diff(s.Case.Exported, exported); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		for table, keys := range s.Case.Withheld {
			if withheld[table] != len(keys) {
				t.Errorf("%s: %d rows withheld, expected %d", table, withheld[table], len(keys))
			}
		}
		kept := map[string]bool{}
		plan, err := p.engine.Plan(t.Context(), f, connector.Ask{Kind: "deletion"})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range plan.Steps {
			kept[step.Table] = kept[step.Table] || step.Action == "keep"
		}
		for table, keys := range s.Case.Reported {
			for _, key := range keys {
				if !kept[table] && !slices.ContainsFunc(f.Mentions, func(m connector.Mention) bool { return m.Table == table && slices.Contains(m.Keys, key) }) {
					t.Errorf("nobody is told that %s %s names her", table, key)
				}
			}
		}
	})
}

// TestStaffDecideWhoIsHer: a candidate that was confirmed is hers with all that
// hangs on it, a match that was taken out is somebody else's.
func TestStaffDecideWhoIsHer(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Feira, connector.Options{BatchRows: 2})
	exec(t, p.db, `INSERT INTO "Feira".contact_note VALUES (8001003, 8000003, 8000002, 'do candidato', '2026-03-01'), (8001004, 8000008, 8000002, 'de outra pessoa', '2026-03-01')`)
	who, before := subject(p.Case.Who), p.take(t)
	who.Include, who.Exclude = []connector.RowRef{{Table: "Contact", Key: "8000003"}}, []connector.RowRef{{Table: "Contact", Key: "8000008"}}
	f := find(t, p.engine, who)
	var matches, candidates []string
	for _, m := range f.Matches {
		matches = append(matches, m.Key)
	}
	for _, c := range f.Candidates {
		candidates = append(candidates, c.Key)
	}
	if diff := cmp.Diff([]string{"8000001", "8000002", "8000003"}, slices.Sorted(slices.Values(matches))); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
	if slices.Contains(candidates, "8000003") || slices.Contains(candidates, "8000008") {
		t.Errorf("what was decided is asked again: %v", candidates)
	}
	p.eraseAs(t, who)
	after := p.take(t)
	for _, gone := range []stores.Rows{{"Contact": {"8000003"}, "contact_note": {"8001003"}}} {
		for table, keys := range gone {
			for _, key := range keys {
				if _, there := after[table][key]; there {
					t.Errorf("%s %s is still there", table, key)
				}
			}
		}
	}
	for table, key := range map[string]string{"Contact": "8000008", "contact_note": "8001004"} {
		if before[table][key] != after[table][key] {
			t.Errorf("%s %s is not hers, and was changed", table, key)
		}
	}
}

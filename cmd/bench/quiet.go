package main

import (
	"fmt"
	"slices"
	"time"
)

// longest is how long no insert beside a deletion may take, in milliseconds.
const longest = 250

// quiet measures the store's own traffic beside the deletion of a person whose
// rows lie scattered: one message in twenty.
func (b *bench) quiet() error {
	s, err := b.scattered()
	if err != nil {
		return err
	}
	r, order := results{}, []string{"alone", "erase", "erase batches"}
	for round := 0; b.another(round, b.rounds, 8*time.Minute); round++ {
		for _, do := range order {
			if err := b.beside(r, do, s); err != nil {
				return err
			}
		}
		r["allowed"] = append(r["allowed"], outcome{Max: longest})
		slices.Reverse(order)
	}
	const alone = "the same inserts with nothing beside them"
	paced := r.of("erase", phase("execute"))
	note := fmt.Sprintf("%d inserts a second; deletion of %d messages scattered among %d, at %.0f rows/s and %.1f kB of log a row",
		perSecond, s.person, s.messages, float64(s.rows)/median(paced), median(r.of("erase", logged))*1024/float64(s.rows))
	return r.print(
		figure{Name: "insert p99 beside a deletion", Unit: "ms", Against: alone, Rows: s.rows, Aim: 15, Note: note,
			ours: "erase, inserts", limit: "alone", metric: p99},
		figure{Name: "insert p50 beside a deletion", Unit: "ms", Against: alone, Rows: s.rows,
			ours: "erase, inserts", limit: "alone", metric: p50},
		figure{Name: "slowest insert beside a deletion", Unit: "ms", Against: "the longest that is allowed", Rows: s.rows, Aim: 1,
			ours: "erase, inserts", limit: "allowed", metric: slowest},
		figure{Name: "insert p99 beside batches by hand, no pause", Unit: "ms", Against: alone, Rows: s.rows,
			ours: "erase batches, inserts", limit: "alone", metric: p99},
		figure{Name: "slowest insert beside batches by hand, no pause", Unit: "ms", Against: "the longest that is allowed", Rows: s.rows,
			ours: "erase batches, inserts", limit: "allowed", metric: slowest},
		figure{Name: "deletion, paced", Unit: "s", Against: "batches of the same size written by hand, without a pause", Rows: s.rows, Phases: r.phases("erase"),
			ours: "erase", limit: "erase batches", metric: phase("execute"), other: seconds})
}

// beside measures one candidate on a fresh copy of the store, and the inserts
// that came in meanwhile.
func (b *bench) beside(r results, do string, s *store) error {
	const name = "quiet"
	if err := b.db.copy(b.ctx, s.name, name); err != nil {
		return err
	}
	if _, err := b.db.admin.Exec(b.ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("write everything back: %w", err)
	}
	t, err := b.traffic(name)
	if err != nil {
		return err
	}
	if do == "alone" {
		select {
		case <-b.ctx.Done():
		case <-time.After(10 * time.Second):
		}
	} else {
		out, err := b.eraseFrom(s, task{Do: do, Paced: true}, name)
		if err != nil {
			_, _ = t.end() // the first error says more
			return err
		}
		r[do] = append(r[do], out)
		do += ", inserts"
	}
	out, err := t.end()
	if err != nil {
		return err
	}
	r[do] = append(r[do], out)
	b.say("%-22s %d inserts: p50 %.2f ms, p99 %.2f ms, slowest %.1f ms", do, out.Rows, out.P50, out.P99, out.Max)
	return b.db.drop(b.ctx, name)
}

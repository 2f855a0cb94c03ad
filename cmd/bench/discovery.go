package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// apart is by how much the large store of a discovery is larger.
const apart = 20

// discoveries measures the search for people with the same rows in two stores,
// one of them twenty times as large, and a lookup in the large one.
func (b *bench) discoveries() error {
	if b.o.messages/apart/apart < 10 {
		return fmt.Errorf("-messages %d leaves nobody to search for: take at least %d", b.o.messages, 10*apart*apart)
	}
	r := results{}
	person := b.o.messages / apart / apart
	small := &store{name: "small", messages: b.o.messages / apart, person: person}
	large := &store{name: "large", messages: b.o.messages, person: person}
	order := []*store{small, large}
	for _, s := range order {
		if err := b.fill(s); err != nil {
			return err
		}
	}
	for round := 0; b.another(round, b.rounds, 9*time.Minute); round++ {
		for _, s := range order {
			out, err := b.measure(task{Do: "find"}, b.db.DSN(connector.ExecRole, s.name))
			if err != nil {
				return err
			}
			if out.Rows != s.rows {
				return fmt.Errorf("find: %d rows, the person has %d", out.Rows, s.rows)
			}
			r[s.name] = append(r[s.name], out)
		}
		slices.Reverse(order)
	}
	against := fmt.Sprintf("a store of %d messages", small.messages)
	note := fmt.Sprintf("a store of %d messages; the median of %d searches", large.messages, searches)
	if err := r.print(
		figure{Name: "discovery, a person with some messages", Unit: "ms", Against: against, Rows: large.rows, Note: note,
			ours: large.name, limit: small.name, metric: phase("some")},
		figure{Name: "discovery, a person with few messages", Unit: "ms", Against: against, Note: note,
			ours: large.name, limit: small.name, metric: phase("few")}); err != nil {
		return err
	}
	if err := b.lookups(large); err != nil {
		return err
	}
	for _, s := range order {
		if err := b.db.drop(b.ctx, s.name); err != nil {
			return err
		}
	}
	return nil
}

// searches is how often a child searches for each person.
const searches = 5

// find searches for the person whom the store was filled for, and for one of
// the few who are the same in every store. Phases are milliseconds.
func find(ctx context.Context, t task) (outcome, error) {
	store, done, err := openStore(ctx, t, nil)
	if err != nil {
		return outcome{}, err
	}
	defer done()
	out := outcome{Phases: map[string]float64{}}
	begun := time.Now()
	for name, who := range map[string]connector.Subject{"few": {Email: demo.Marina.Email}, "some": {Email: demo.Heavy.Email}} {
		var took []float64
		for range searches + 1 { // the first one warms up
			one := time.Now()
			found, err := store.Find(ctx, who)
			if err != nil {
				return out, err
			}
			took = append(took, float64(time.Since(one).Microseconds())/1000)
			if name == "some" {
				out.Rows = found.Total
			}
		}
		out.Phases[name] = median(took[1:])
	}
	out.Seconds = time.Since(begun).Seconds()
	return out, nil
}

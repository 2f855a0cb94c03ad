package main

import (
	"fmt"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// store is a messaging store in a database of its own.
type store struct {
	name     string
	messages int   // in all
	person   int   // messages of the one who is exported and deleted
	rows     int64 // of that person, in all tables; 0 until it is filled
}

// mainStore is what exports and deletions take.
func (b *bench) mainStore() (*store, error) { return b.main, b.fill(b.main) }

// scattered is a store in which the person has one message in twenty: the main
// one, if it is that large.
func (b *bench) scattered() (*store, error) {
	if b.main.person*20 <= b.main.messages {
		return b.mainStore()
	}
	if b.wide == nil {
		b.wide = &store{name: "wide", messages: b.main.messages / 2, person: b.main.messages / 40}
	}
	return b.wide, b.fill(b.wide)
}

// fill loads the person's messages spread among those of others, and our
// ledger and its grants beside them.
func (b *bench) fill(s *store) error {
	if s.rows > 0 {
		return nil
	}
	b.say("loading a store with %d messages, %d of them one person's", s.messages, s.person)
	db, err := b.db.create(b.ctx, s.name)
	if err != nil {
		return err
	}
	defer db.Close() // nobody may be in the store while it is copied
	m, err := theMap()
	if err != nil {
		return err
	}
	if err := demo.Create(b.ctx, db); err != nil {
		return err
	}
	const perMessage = 3.1 // rows in all tables
	stats, err := demo.Load(b.ctx, db, demo.Options{Seed: 1, Rows: max(int(perMessage*float64(s.messages-s.person)), 10_000), HeavySubject: s.person})
	if err != nil {
		return err
	}
	if _, err := connector.Migrate(b.ctx, db); err != nil {
		return err
	}
	for _, sql := range append(connector.Grants(m), "VACUUM ANALYZE", "CHECKPOINT") {
		if _, err := db.Exec(b.ctx, sql); err != nil {
			return fmt.Errorf("prepare the store: %w", err)
		}
	}
	var size int64
	if err := db.QueryRow(b.ctx, "SELECT pg_database_size(current_database())").Scan(&size); err != nil {
		return fmt.Errorf("measure the store: %w", err)
	}
	for _, p := range person {
		var n int64
		if err := db.QueryRow(b.ctx, "SELECT count(*) FROM "+p.table+" WHERE "+p.where).Scan(&n); err != nil {
			return fmt.Errorf("count %s: %w", p.table, err)
		}
		s.rows += n
	}
	b.say("%d rows, %d of them the person's; %d MB", stats.Total, s.rows, size>>20)
	return nil
}

package connector_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// heavy is how many messages the benchmarks' person has; BENCH_MESSAGES says
// otherwise.
func heavy() int {
	if n, err := strconv.Atoi(os.Getenv("BENCH_MESSAGES")); err == nil {
		return n
	}
	return 20_000
}

// BenchmarkErase takes a person with many messages away, once through the
// engine and once by batches written by hand for this very schema. The store
// is loaded anew for each.
func BenchmarkErase(b *testing.B) {
	load := demo.Options{Seed: 3, Rows: 5000, HeavySubject: heavy()}
	b.Run("ours", func(b *testing.B) {
		s, _ := demoStore(b, load, connector.Options{})
		who, ctx := connector.Subject{Email: demo.Heavy.Email}, b.Context()
		begun, took := time.Now(), map[string]float64{}
		lap := func(what string, err error) {
			if err != nil {
				b.Fatal(what, err)
			}
			took["s/"+what], begun = time.Since(begun).Seconds(), time.Now()
		}
		f, err := s.Find(ctx, who)
		lap("find", err)
		plan, err := s.Plan(ctx, f, connector.Ask{Kind: "deletion"})
		lap("plan", err)
		op := uuid.New()
		plan, err = s.Freeze(ctx, op, f, connector.Ask{Kind: "deletion"}, plan)
		lap("freeze", err)
		lap("execute", s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }))
		r, err := s.Recheck(ctx, op, who)
		lap("recheck", err)
		if !r.Empty() {
			b.Fatalf("left: %+v", r)
		}
		for what, seconds := range took {
			b.ReportMetric(seconds, what)
		}
	})
	b.Run("by hand", func(b *testing.B) {
		_, db := demoStore(b, load, connector.Options{})
		b.ResetTimer()
		begun := time.Now()
		byHand(b, db)
		b.ReportMetric(time.Since(begun).Seconds(), "s/execute")
	})
}

// byHand deletes in batches of 5,000 by key order, children first.
func byHand(b *testing.B, db *pgxpool.Pool) {
	const thread = "conversation_id IN (SELECT id FROM conversations WHERE contact_id = 6)"
	for _, sql := range []string{
		"DELETE FROM attachments WHERE id IN (SELECT a.id FROM attachments a JOIN messages m ON m.id = a.message_id WHERE m." + thread + " AND a.id > $1 ORDER BY a.id LIMIT 5000) RETURNING id",
		"DELETE FROM message_events WHERE id IN (SELECT a.id FROM message_events a JOIN messages m ON m.id = a.message_id WHERE m." + thread + " AND a.id > $1 ORDER BY a.id LIMIT 5000) RETURNING id",
		"DELETE FROM reactions WHERE id IN (SELECT a.id FROM reactions a JOIN messages m ON m.id = a.message_id WHERE m." + thread + " AND a.id > $1 ORDER BY a.id LIMIT 5000) RETURNING id",
		"DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE " + thread + " AND id > $1 ORDER BY id LIMIT 5000) RETURNING id",
		"DELETE FROM messages_archive WHERE id IN (SELECT id FROM messages_archive WHERE " + thread + " AND id > $1 ORDER BY id LIMIT 5000) RETURNING id",
	} {
		if sql[:20] == "DELETE FROM messages" && sql[20] == ' ' {
			if _, err := db.Exec(b.Context(), "UPDATE messages SET reply_to_id = NULL WHERE reply_to_id IS NOT NULL AND "+thread); err != nil {
				b.Fatal(err)
			}
		}
		for after, n := int64(0), int64(1); n > 0; {
			sql := "WITH gone AS (" + sql + ") SELECT coalesce(max(id), 0), count(*) FROM gone"
			if err := db.QueryRow(b.Context(), sql, after).Scan(&after, &n); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, sql := range []string{"DELETE FROM conversations WHERE contact_id = 6", "DELETE FROM consents WHERE contact_id = 6", "DELETE FROM contact_notes WHERE contact_id = 6",
		"UPDATE activity_logs SET contact_id = NULL WHERE contact_id = 6", "DELETE FROM contacts WHERE id = 6"} {
		if _, err := db.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot streams a person's rows as an export reads them.
func BenchmarkSnapshot(b *testing.B) {
	s, _ := demoStore(b, demo.Options{Seed: 3, Rows: 5000, HeavySubject: heavy()}, connector.Options{})
	f, err := s.Find(b.Context(), connector.Subject{Email: demo.Heavy.Email})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	rows, begun := 0, time.Now()
	for range b.N {
		snap, err := s.Snapshot(b.Context(), f)
		if err != nil {
			b.Fatal(err)
		}
		for table, err := range snap.Tables() {
			if err != nil {
				b.Fatal(err)
			}
			for _, err := range table.Rows {
				if err != nil {
					b.Fatal(err)
				}
				rows++
			}
		}
		snap.Close()
	}
	b.ReportMetric(float64(rows)/time.Since(begun).Seconds(), "rows/s")
}

package connector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestAPlanTellsWhatItWillCost first by a guess, then by how long the deletion
// before it has taken.
func TestAPlanTellsWhatItWillCost(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := newSiege(t, db, "", size{messages: 2000, charges: 100}, connector.Options{Pause: connector.NoPause})
	guess, err := s.Estimate(t.Context(), s.job.Plan)
	if err != nil {
		t.Fatal(err)
	}
	if guess.Measured || guess.Rows != s.rows || guess.Duration <= 0 || guess.LogLeast <= 0 || guess.LogMost <= guess.LogLeast {
		t.Errorf("the guess for %d rows: %+v", s.rows, guess)
	}
	if err := s.Execute(t.Context(), s.job.Operation, s.job.Plan, nothing); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "UPDATE dsar.operation SET started_at = executed_at - interval '100 seconds' WHERE id = $1", s.job.Operation)
	measured, err := s.Estimate(t.Context(), s.job.Plan)
	if err != nil {
		t.Fatal(err)
	}
	if !measured.Measured || measured.Duration != 100*time.Second {
		t.Errorf("after one deletion of these rows in 100 seconds: %+v", measured)
	}
}

// TestTheMapSaysHowATableIsWorkedOn sets size and pause of one table's batches.
func TestTheMapSaysHowATableIsWorkedOn(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := newSiege(t, db, "", size{messages: 200, charges: 100}, connector.Options{BatchRows: 50, Pause: connector.NoPause})
	own := open(t, db, []byte(strings.Replace(read(t, "siege.yaml"), "    self: [reply_to]\n", "    self: [reply_to]\n    batch: {size: 20, pause: 30ms}\n", 1)),
		connector.Options{Secret: secret, Objects: s.objects, BatchRows: 50, Pause: connector.NoPause})
	op, plan := freeze(t, own, besieged)
	got := rows(t, db, "SELECT concat_ws(' ', table_name, planned, batches) FROM dsar.step WHERE operation = $1 ORDER BY table_name", op)
	if diff := cmp.Diff([]string{"account 1 1", "charge 80 2", "event 160 4", "message 160 8"}, got); diff != "" {
		t.Errorf("tables, rows and batches (-want +got):\n%s", diff)
	}
	begun := time.Now()
	if err := own.Execute(t.Context(), op, plan, nothing); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < 7*30*time.Millisecond {
		t.Errorf("eight batches with seven pauses of 30 ms were done in %v", took)
	}
}

// TestABatchGivesWayToTheStoresOwnTraffic: a batch that waits for one row must
// not keep others waiting for the rest of its rows.
func TestABatchGivesWayToTheStoresOwnTraffic(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := newSiege(t, db, "", size{messages: 200, charges: 100}, connector.Options{BatchRows: 500, Pause: connector.NoPause})
	long, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer long.Rollback(t.Context()) // again does nothing
	if _, err := long.Exec(t.Context(), "SELECT FROM event WHERE id = 199 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Execute(t.Context(), s.job.Operation, s.job.Plan, nothing) }()
	for locked := false; !locked; { // until the batch holds the first row and waits for the last
		err := db.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))").Scan(&locked)
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(t, db, "SET statement_timeout = '30s'; UPDATE event SET status = 'read' WHERE id = 1; RESET statement_timeout")
	if err := long.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if left := rows(t, db, "SELECT id::text FROM event WHERE id % 5 <> 0"); len(left) > 0 {
		t.Errorf("%d events are left", len(left))
	}
}

package connector_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestEachForeignDeletionGoesOnWhereItStopped: the worker dies behind every
// single batch, and what follows does nothing twice.
func TestEachForeignDeletionGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{BatchRows: 1})
		ctx, who, before := t.Context(), subject(s.Case.Who), p.take(t)
		op, plan := freeze(t, p.engine, who)
		died := errors.New("the worker died")
		for turns := 0; ; turns++ {
			if turns > 1000 {
				t.Fatal("it never ends")
			}
			reports := 0
			err := p.engine.Execute(ctx, op, plan, func(datamap.Outcome) error {
				if reports++; reports > turns {
					return died
				}
				return nil
			})
			if err == nil {
				break
			}
			if !errors.Is(err, died) {
				t.Fatal(err)
			}
		}
		left, err := p.engine.Recheck(ctx, op, who)
		if err != nil || !left.Empty() {
			t.Errorf("left: rows %+v, values %+v, %v", left.Rows, left.Values, err)
		}
		wrong, err := s.Erased(ctx, p.db, before, p.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range wrong {
			t.Error(w)
		}
	})
}

// neighbours is a message that another contact writes into her conversation.
const neighbours = `INSERT INTO "Feira".message (id, conversation_id, account_id, sender_type, sender_id, content, sent_ms) VALUES (8009999, 8000101, 1, 'Contact', 8000020, 'chegou depois', 1772359999000)`

// TestWhatANeighbourWritesMeanwhileStays: a cascade must not take a row that
// came into her conversation after the plan was approved.
func TestWhatANeighbourWritesMeanwhileStays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after int // reports of Execute; -1 for before it
	}{{"before the work", -1}, {"after its first batch", 1}, {"when half of it is done", 15}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openFixture(t, &stores.Feira, connector.Options{BatchRows: 1})
			op, plan := freeze(t, p.engine, subject(p.Case.Who))
			reports := 0
			if tt.after < 0 {
				exec(t, p.db, neighbours)
			}
			err := p.engine.Execute(t.Context(), op, plan, func(datamap.Outcome) error {
				if reports++; reports == tt.after {
					exec(t, p.db, neighbours)
				}
				return nil
			})
			if reports < tt.after {
				t.Fatalf("the work was over after %d reports: %v", reports, err)
			}
			if got := rows(t, p.db, `SELECT content FROM "Feira".message WHERE id = 8009999`); len(got) != 1 {
				t.Errorf("the neighbour's message is gone; Execute said %v", err)
			}
		})
	}
}

// TestWhatANeighbourHasNotCommittedStays: the delete waits for the writer, whose
// row it could not see when it looked.
func TestWhatANeighbourHasNotCommittedStays(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := openFixture(t, &stores.Feira, connector.Options{BatchRows: 1})
	op, plan := freeze(t, p.engine, subject(p.Case.Who))
	writer, err := p.db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Rollback(ctx)
	if _, err := writer.Exec(ctx, neighbours); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.engine.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }) }()
	for waiting := false; !waiting; {
		if err := p.db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database())").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	if err := writer.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	err = <-done
	if got := rows(t, p.db, `SELECT content FROM "Feira".message WHERE id = 8009999`); len(got) != 1 {
		t.Errorf("the neighbour's message is gone; Execute said %v", err)
	}
}

// TestADeletionEndsWhereSheWritesAgain: her new message holds her row, the rest
// is done, and the next plan takes both.
func TestADeletionEndsWhereSheWritesAgain(t *testing.T) {
	t.Parallel()
	p := openFixture(t, &stores.Recado, connector.Options{BatchRows: 1})
	ctx, who, before := t.Context(), subject(p.Case.Who), p.take(t)
	op, plan := freeze(t, p.engine, who)
	reports := 0
	err := p.engine.Execute(ctx, op, plan, func(datamap.Outcome) error {
		if reports++; reports == 3 {
			exec(t, p.db, "INSERT INTO entry (shop_id, line_name, peer_id, direction, kind, body) SELECT shop_id, line_name, id, 'in', 'text', 'llegó tarde' FROM peer WHERE id = $1", p.Case.Deleted["peer"][0])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	left, err := p.engine.Recheck(ctx, op, who)
	if err != nil {
		t.Fatal(err)
	}
	if left.Empty() {
		t.Error("her new message is taken for nothing")
	}
	if got := rows(t, p.db, "SELECT body FROM entry WHERE peer_id = $1", p.Case.Deleted["peer"][0]); !slices.Equal(got, []string{"llegó tarde"}) {
		t.Errorf("of her messages there are %q", got)
	}
	p.erase(t)
	wrong, err := p.Erased(ctx, p.db, before, p.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

// TestADriftedForeignStoreIsNotTouched: what the map does not know stops a
// deletion, and an access only with a warning.
func TestADriftedForeignStoreIsNotTouched(t *testing.T) {
	t.Parallel()
	// To look for new values may mean to read a table: only what changes rows does.
	const valueOnly = "a new kind of sender"
	for _, tt := range []struct{ name, sql string }{
		{valueOnly, `UPDATE "Feira".message SET sender_type = 'Partner' WHERE id = 8000208`},
		{"a new column", `ALTER TABLE "Feira"."Contact" ADD COLUMN "newPhone" text`},
		{"a new table", `CREATE TABLE "Feira".copy_of_contacts AS TABLE "Feira"."Contact"`},
		{"a new trigger", `CREATE FUNCTION "Feira".f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER f AFTER DELETE ON "Feira".message FOR EACH ROW EXECUTE FUNCTION "Feira".f()`},
		{"a new cascade", `ALTER TABLE "Feira".opt_out ADD COLUMN contact bigint REFERENCES "Feira"."Contact" ON DELETE CASCADE`},
		{"a new view that keeps rows", `CREATE MATERIALIZED VIEW "Feira".more_stats AS SELECT * FROM "Feira"."Contact"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openFixture(t, &stores.Feira, connector.Options{})
			exec(t, p.db, tt.sql)
			f := find(t, p.engine, subject(p.Case.Who))
			if len(f.Warnings) == 0 && tt.name != valueOnly || f.Total == 0 {
				t.Errorf("an access finds %d rows and is told %v", f.Total, f.Warnings)
			}
			if _, err := p.engine.Plan(t.Context(), f, connector.Ask{Kind: "deletion"}); err == nil {
				t.Error("a deletion is planned")
			}
		})
	}
}

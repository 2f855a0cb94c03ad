package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// batchRows is how many rows one transaction takes, ours and the hand-written.
const batchRows = 1000

// deletions measures an erasure from the search to the proof that nothing is
// left. A round takes minutes, so there are two at most; the order turns round.
func (b *bench) deletions() error {
	s, err := b.mainStore()
	if err != nil {
		return err
	}
	r, order := results{}, []string{"erase", "erase plain", "erase batches"}
	for round := 0; b.another(round, min(b.rounds, 2), 7*time.Minute); round++ {
		for _, do := range order {
			out, err := b.erasure(s, do)
			if err != nil {
				return err
			}
			r[do] = append(r[do], out)
		}
		slices.Reverse(order)
	}
	const plain = "one DELETE a table, in one transaction"
	note := fmt.Sprintf("%d messages; in batches of %d rows, with the ledger", s.person, batchRows)
	return r.print(
		figure{Name: "deletion, whole", Unit: "s", Against: plain, Rows: s.rows, Phases: r.phases("erase"),
			Note: note + ", and search, plan, frozen list, proof that nothing is left",
			ours: "erase", limit: "erase plain", metric: seconds},
		figure{Name: "deletion", Unit: "s", Against: plain, Rows: s.rows, Note: note,
			ours: "erase", limit: "erase plain", metric: phase("execute"), other: seconds},
		figure{Name: "deletion, batches", Unit: "s", Against: "batches of the same size written by hand", Rows: s.rows, Aim: 1.3, Note: note,
			ours: "erase", limit: "erase batches", metric: phase("execute"), other: seconds})
}

// erasure measures one child on a fresh copy of the store.
func (b *bench) erasure(s *store, do string) (out outcome, err error) {
	const name = "erasure"
	if err := b.db.copy(b.ctx, s.name, name); err != nil {
		return out, err
	}
	if out, err = b.eraseFrom(s, task{Do: do}, name); err != nil {
		return out, err
	}
	return out, b.db.drop(b.ctx, name)
}

// eraseFrom runs one child that erases the person of a store from its copy.
func (b *bench) eraseFrom(s *store, t task, name string) (out outcome, err error) {
	address := b.db.limitDSN(name)
	if t.Do == "erase" {
		address = b.db.DSN(connector.ExecRole, name)
	}
	t.Batch, t.Dir = batchRows, filepath.Join(b.dir, "objects")
	if err := os.MkdirAll(t.Dir, 0o755); err != nil {
		return out, fmt.Errorf("make an object storage: %w", err)
	}
	before, err := b.db.logged(b.ctx)
	if err != nil {
		return out, err
	}
	if out, err = b.measure(t, address); err != nil {
		return out, err
	}
	if out.Rows != s.rows {
		return out, fmt.Errorf("%s: %d rows, the person has %d", t.Do, out.Rows, s.rows)
	}
	after, err := b.db.logged(b.ctx)
	out.WAL = after - before
	return out, err
}

// erase is what a worker does for a deletion, less its mails. The files are
// not there, as in a storage that was emptied before.
func erase(ctx context.Context, t task) (outcome, error) {
	objects, err := connector.OpenObjects(t.Dir)
	if err != nil {
		return outcome{}, err
	}
	defer objects.Close()
	store, done, err := openStore(ctx, t, objects)
	if err != nil {
		return outcome{}, err
	}
	defer done()
	who, op, c := connector.Subject{Email: demo.Heavy.Email}, uuid.New(), newClock()
	found, err := store.Find(ctx, who)
	if err != nil {
		return outcome{}, err
	}
	c.phase("find")
	plan, err := store.Plan(ctx, found, connector.Ask{Kind: "deletion"})
	if err != nil {
		return outcome{}, err
	}
	c.phase("plan")
	if plan, err = store.Freeze(ctx, op, found, connector.Ask{Kind: "deletion"}, plan); err != nil {
		return outcome{}, err
	}
	c.phase("freeze")
	var rows int64
	if err := store.Execute(ctx, op, plan, func(o datamap.Outcome) error {
		if o.Done {
			rows += o.Affected
		}
		return nil
	}); err != nil {
		return outcome{}, err
	}
	c.phase("execute")
	left, err := store.Recheck(ctx, op, who)
	if err != nil {
		return outcome{}, err
	}
	if !left.Empty() {
		return outcome{}, fmt.Errorf("rows are left: %+v %+v", left.Rows, left.Values)
	}
	c.phase("recheck")
	if err := store.Finish(ctx, op); err != nil {
		return outcome{}, err
	}
	c.phase("finish")
	return c.outcome(rows), nil
}

// erasePlain takes everything away in one go.
func erasePlain(ctx context.Context, t task) (outcome, error) {
	conn, err := pgx.Connect(ctx, t.Database)
	if err != nil {
		return outcome{}, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	c, total := newClock(), int64(0)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, h := range person {
			tag, err := tx.Exec(ctx, h.erase(h.where))
			if err != nil {
				return fmt.Errorf("%s: %w", h.table, err)
			}
			c.phase(h.table)
			total += tag.RowsAffected()
		}
		return nil
	})
	return c.outcome(total), err
}

// eraseBatches reads a table's keys and takes so many rows at a time, newest
// first: an answer is never older than what it answers.
func eraseBatches(ctx context.Context, t task) (outcome, error) {
	conn, err := pgx.Connect(ctx, t.Database)
	if err != nil {
		return outcome{}, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	c, total := newClock(), int64(0)
	for _, h := range person {
		rows, err := conn.Query(ctx, "SELECT id FROM "+h.table+" WHERE "+h.where+" ORDER BY id DESC")
		if err != nil {
			return outcome{}, fmt.Errorf("%s: %w", h.table, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return outcome{}, fmt.Errorf("%s: %w", h.table, err)
		}
		for batch := range slices.Chunk(ids, t.Batch) {
			tag, err := conn.Exec(ctx, h.erase("id = ANY ($1)"), batch)
			if err != nil {
				return outcome{}, fmt.Errorf("%s: %w", h.table, err)
			}
			total += tag.RowsAffected()
		}
		c.phase(h.table)
	}
	return c.outcome(total), nil
}

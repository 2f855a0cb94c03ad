package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Execute carries a frozen plan out, from wherever an earlier attempt stopped.
// Kill it at any moment and call it again: each batch moves the ledger on in
// the transaction of its rows, so nothing is done twice and nothing left out.
// Only the first attempt compares the store with the plan; ErrMoved means that
// nothing has been changed. report hears of every step, again after a restart.
func (s *Store) Execute(ctx context.Context, op uuid.UUID, plan datamap.Plan, report func(datamap.Outcome) error) (err error) {
	if plan.Sum() != plan.Hash {
		return ErrMoved
	}
	e := &execution{s: s, op: op, plan: plan, report: report}
	if err := e.acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.release(context.WithoutCancel(ctx))) }()
	e.s = s.obeying(Ask{Kind: plan.Kind, Spares: plan.Spared})
	ctx, stop := e.heartbeat(ctx)
	defer stop()
	if err := e.run(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil && errors.Is(cause, ErrFenced) {
			return ErrFenced
		}
		return err
	}
	return nil
}

// execution is one worker's hold on an operation.
type execution struct {
	s      *Store
	op     uuid.UUID
	plan   datamap.Plan
	report func(datamap.Outcome) error
	epoch  int64
	state  string
	sealed []byte
	roots  *roots
	ask    Ask
	c      *catalog
	told   time.Time
	pace   pace
}

// acquire takes the lease and raises the epoch on every step. That waits for
// the batch that a former worker has under way; its next one finds the new epoch.
func (e *execution) acquire(ctx context.Context) error {
	return pgx.BeginFunc(ctx, e.s.db, func(tx pgx.Tx) error {
		var hash string
		err := tx.QueryRow(ctx, `
			UPDATE dsar.operation SET epoch = epoch + 1, lease_until = now() + $2
			WHERE id = $1 AND (lease_until IS NULL OR lease_until < now())
			RETURNING epoch, state, plan_hash, sealed`, e.op, e.s.opt.Lease).Scan(&e.epoch, &e.state, &hash, &e.sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			var exists bool
			if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM dsar.operation WHERE id = $1)", e.op).Scan(&exists); err != nil {
				return fmt.Errorf("look for the operation: %w", err)
			}
			if exists {
				return ErrBusy
			}
			return ErrNotFrozen
		}
		if err != nil {
			return fmt.Errorf("take the operation's lease: %w", err)
		}
		if hash != e.plan.Hash {
			return ErrMoved
		}
		if _, err := tx.Exec(ctx, "UPDATE dsar.step SET epoch = $2 WHERE operation = $1", e.op, e.epoch); err != nil {
			return fmt.Errorf("raise the fence: %w", err)
		}
		return nil
	})
}

// release gives the lease back, unless somebody else has taken it.
func (e *execution) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := e.s.db.Exec(ctx, "UPDATE dsar.operation SET lease_until = NULL WHERE id = $1 AND epoch = $2", e.op, e.epoch); err != nil {
		return fmt.Errorf("give the operation's lease back: %w", err)
	}
	return nil
}

// heartbeat keeps the lease; when it is lost the context ends.
func (e *execution) heartbeat(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(e.s.opt.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			tag, err := e.s.db.Exec(ctx, "UPDATE dsar.operation SET lease_until = now() + $3 WHERE id = $1 AND epoch = $2", e.op, e.epoch, e.s.opt.Lease)
			if err == nil && tag.RowsAffected() == 0 {
				cancel(ErrFenced)
			}
		}
	}()
	return ctx, func() { cancel(context.Canceled); <-done }
}

func (e *execution) run(ctx context.Context) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	works, err := e.works(ctx)
	if err != nil {
		return err
	}
	for i := range works {
		if err := e.step(ctx, &works[i]); err != nil {
			return err
		}
	}
	if err := e.refresh(ctx); err != nil {
		return err
	}
	if err := e.purge(ctx); err != nil {
		return err
	}
	_, err = e.s.db.Exec(ctx, "UPDATE dsar.operation SET state = 'executed', executed_at = now() WHERE id = $1 AND epoch = $2 AND state = 'running'", e.op, e.epoch)
	if err != nil {
		return fmt.Errorf("close the operation: %w", err)
	}
	return nil
}

// begin holds the plan against the store if nothing has been done yet.
func (e *execution) begin(ctx context.Context) (err error) {
	if e.state == "executed" || e.state == "finished" {
		return nil
	}
	if e.roots, e.ask, err = e.s.unseal(e.op, e.sealed); err != nil {
		return err
	}
	if err = e.compare(ctx); err != nil || e.state == "running" {
		return err
	}
	_, err = e.s.db.Exec(ctx, "UPDATE dsar.operation SET state = 'running', started_at = now() WHERE id = $1 AND epoch = $2", e.op, e.epoch)
	if err != nil {
		return fmt.Errorf("begin the operation: %w", err)
	}
	return nil
}

// Stands says whether a frozen plan is still that of the store, without doing
// anything: ErrMoved if it is not. Of an operation that has begun, the ledger
// knows better.
func (s *Store) Stands(ctx context.Context, op uuid.UUID, plan datamap.Plan) (err error) {
	s = s.obeying(Ask{Kind: plan.Kind, Spares: plan.Spared})
	e := &execution{s: s, op: op, plan: plan}
	var hash string
	err = s.db.QueryRow(ctx, "SELECT state, plan_hash, sealed FROM dsar.operation WHERE id = $1", op).Scan(&e.state, &hash, &e.sealed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFrozen
	case err != nil:
		return fmt.Errorf("look for the operation: %w", err)
	case hash != plan.Hash:
		return ErrMoved
	case e.state == "executed" || e.state == "finished":
		return nil
	}
	if e.roots, e.ask, err = s.unseal(op, e.sealed); err != nil {
		return err
	}
	return e.compare(ctx)
}

// compare holds the plan against the store, unless it was begun already.
func (e *execution) compare(ctx context.Context) error {
	var fresh datamap.Plan
	err := e.s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		e.c = c
		if e.state != "frozen" {
			return nil
		}
		v, err := e.s.resolve(ctx, tx, c, e.roots.Who)
		if err != nil {
			return err
		}
		if err := e.roots.plannedForMany(ctx, tx); err != nil {
			return err
		}
		fresh, _, err = e.s.plan(ctx, tx, c, v.r, e.ask, e.plan.Cutoff)
		return err
	})
	_, refused := errors.AsType[Refused](err)
	switch {
	case err != nil && e.state == "frozen" && (refused || errors.Is(err, ErrUnfit)):
		return fmt.Errorf("%w: %w", ErrMoved, err)
	case err != nil:
		return err
	case e.state == "running" && e.plan.Map != e.s.m.Hash():
		return ErrOtherMap
	case e.state == "running":
		return nil
	}
	fresh.Frozen = e.plan.Frozen
	if fresh.Sum() != e.plan.Hash {
		return ErrMoved
	}
	for _, st := range e.plan.Steps {
		if st.Objects > 0 && e.s.opt.Objects == nil {
			return errors.New("the plan removes files and no object storage is configured")
		}
	}
	return nil
}

// works reads the steps from the ledger. What they do follows from the map,
// which is the one that they were frozen under.
func (e *execution) works(ctx context.Context) ([]work, error) {
	all := map[string]work{}
	err := e.s.reading(ctx, func(tx pgx.Tx, _ *catalog) error {
		if e.c == nil {
			return nil // carried out before
		}
		works, err := e.s.works(ctx, tx, e.c, e.roots, e.ask, e.plan.Cutoff)
		for _, w := range works {
			all[w.name()] = w
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []work
	var one work
	var role, p, action string
	var missing string
	err = each(ctx, e.s.db, "SELECT seq, table_name, role, part, action FROM dsar.step WHERE operation = $1 ORDER BY seq", []any{e.op}, []any{&one.Seq, &one.Table, &role, &p, &action}, func() {
		one.role, one.part, one.Action = datamap.Role(role), part(p), datamap.Action(action)
		w, ok := all[one.name()]
		if !ok && e.c != nil || one.Seq < 1 || one.Seq > len(e.plan.Steps) {
			missing = one.Table
			return
		}
		w.Step = e.plan.Steps[one.Seq-1]
		out = append(out, w)
	})
	if err != nil {
		return nil, fmt.Errorf("read the operation's steps: %w", err)
	}
	if missing != "" {
		return nil, fmt.Errorf("the ledger names the table %s, which the plan does not: %w", missing, ErrOtherMap)
	}
	return out, nil
}

// step runs batch after batch until the ledger says that there are no more.
// After an error whose outcome is unknown (a lost commit, say) the ledger is
// read again, and it knows.
func (e *execution) step(ctx context.Context, w *work) error {
	var took time.Duration
	for failures := 0; ; {
		begun := time.Now()
		affected, more, err := e.batch(ctx, w)
		switch {
		case err == nil:
			failures, took = 0, time.Since(begun)
		case failures < 5 && ctx.Err() == nil && w.Action == datamap.Delete && referred(err):
			failures, w.wary = failures+1, true
			continue
		case failures < 5 && ctx.Err() == nil && transient(err):
			failures++
			if err := wait(ctx, 50*time.Millisecond<<failures); err != nil {
				return err
			}
			continue
		default:
			return fmt.Errorf("step %d, %s of %s: %w", w.Seq, w.Action, w.Table, err)
		}
		if !more || time.Since(e.told) > 500*time.Millisecond {
			e.told = time.Now()
			if err := e.report(datamap.Outcome{Operation: e.op, Step: w.Step, Affected: affected, Done: !more}); err != nil {
				return fmt.Errorf("report step %d: %w", w.Seq, err)
			}
		}
		if !more {
			return nil
		}
		if err := e.rest(ctx, w, took); err != nil {
			return err
		}
	}
}

// batch does the next batch of a step in one transaction with its ledger row.
func (e *execution) batch(ctx context.Context, w *work) (affected int64, more bool, err error) {
	tx, err := e.open(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("begin a batch: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // after a commit it does nothing
	var next, batches int
	var epoch int64
	var done bool
	err = tx.QueryRow(ctx, "SELECT next_batch, batches, affected, epoch, done_at IS NOT NULL FROM dsar.step WHERE operation = $1 AND seq = $2 FOR UPDATE",
		e.op, w.Seq).Scan(&next, &batches, &affected, &epoch, &done)
	switch {
	case err != nil:
		return 0, false, fmt.Errorf("lock the ledger: %w", err)
	case epoch != e.epoch:
		return 0, false, ErrFenced
	case done:
		return affected, false, nil
	}
	var n int64
	if next < batches {
		if err := e.s.settle(ctx, tx, e.s.batchTime(w.table)); err != nil {
			return 0, false, err
		}
		if n, err = e.change(ctx, tx, w, next); err != nil {
			return 0, false, err
		}
		next++
	}
	if _, err := tx.Exec(ctx, `UPDATE dsar.step SET next_batch = $3, affected = affected + $4, done_at = CASE WHEN $3 = batches THEN now() END
		WHERE operation = $1 AND seq = $2`, e.op, w.Seq, next, n); err != nil {
		return 0, false, fmt.Errorf("move the ledger on: %w", err)
	}
	if err := e.commit(ctx, tx); err != nil {
		return 0, false, fmt.Errorf("commit a batch: %w", err)
	}
	return affected + n, next < batches, nil
}

// change does to the frozen rows of one batch what the step says. Rows that are
// still there and were left alone are counted as moved.
func (e *execution) change(ctx context.Context, tx pgx.Tx, w *work, batch int) (n int64, err error) {
	switch {
	case w.change != nil:
		n, err = w.change(ctx, tx, e, w, batch)
	case w.Action == datamap.Delete:
		n, err = e.remove(ctx, tx, w, batch)
	default:
		n, err = e.empty(ctx, tx, w, batch)
	}
	if err != nil || w.listless {
		return n, err
	}
	return n, e.countMoved(ctx, tx, w, batch, n)
}

// inBatch executes a statement of a batch.
func (e *execution) inBatch(ctx context.Context, tx pgx.Tx, w *work, batch int, compose func(*query) string) (int64, error) {
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	tag, err := tx.Exec(ctx, compose(q), q.args...)
	return tag.RowsAffected(), err
}

// remove deletes the rows, after whatever refers to them.
func (e *execution) remove(ctx context.Context, tx pgx.Tx, w *work, batch int) (int64, error) {
	if err := e.noteFiles(ctx, tx, w, batch); err != nil {
		return 0, err
	}
	for _, l := range e.s.links(e.c, w.table) {
		if _, err := e.inBatch(ctx, tx, w, batch, func(q *query) string { return q.detach(w, l) }); err != nil {
			return 0, fmt.Errorf("detach what refers to the rows: %w", err)
		}
	}
	before, err := e.taken(ctx, tx, w)
	if err != nil {
		return 0, err
	}
	n, err := e.inBatch(ctx, tx, w, batch, func(q *query) string { return q.deleteBatch(w) })
	if err != nil {
		return 0, err
	}
	after, err := e.taken(ctx, tx, w)
	if e.c.takesOwn(w.Table) {
		after -= n
	}
	if err == nil && after > before {
		err = errTaken
	}
	return n, err
}

// empty leaves the rows and overwrites what the rule names.
func (e *execution) empty(ctx context.Context, tx pgx.Tx, w *work, batch int) (int64, error) {
	if err := e.noteFiles(ctx, tx, w, batch); err != nil {
		return 0, err
	}
	return e.overwrite(ctx, tx, w, batch)
}

// countMoved compares what a batch did with how many rows were frozen for it.
// What is missing is gone, or still there and another's.
func (e *execution) countMoved(ctx context.Context, tx pgx.Tx, w *work, batch int, done int64) error {
	var frozen int64
	if err := tx.QueryRow(ctx, "SELECT cardinality(k1) FROM dsar.target WHERE operation = $1 AND seq = $2 AND batch = $3", e.op, w.Seq, batch).Scan(&frozen); err != nil {
		return fmt.Errorf("count the frozen rows: %w", err)
	}
	if done == frozen {
		return nil
	}
	var moved int64
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	if err := tx.QueryRow(ctx, q.left(w), q.args...).Scan(&moved); err != nil {
		return fmt.Errorf("count the rows that moved: %w", err)
	}
	if w.Action != datamap.Delete {
		moved -= done
	}
	if _, err := tx.Exec(ctx, "UPDATE dsar.step SET moved = moved + $3 WHERE operation = $1 AND seq = $2", e.op, w.Seq, moved); err != nil {
		return fmt.Errorf("note the rows that moved: %w", err)
	}
	return nil
}

// referred says that a row refuses to go because another refers to it.
func referred(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "23503"
}

// transient says that the same batch may well succeed in a moment, or has.
func transient(err error) bool {
	if errors.Is(err, ErrFenced) {
		return false
	}
	pe, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return true // the connection, not the statement
	}
	switch pe.Code {
	case "40001", "40P01", "55P03", "25P03": // serialisation, deadlock, lock timeout, asleep for too long
		return true
	}
	return pe.Code[:2] == "08" || pe.Code[:2] == "57" && pe.Code != "57014"
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

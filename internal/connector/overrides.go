package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Purge obeys the shortened retentions: what has become too old since the last
// time goes, through the same ledger as everything else, and never twice. Run it
// once a day; it may be run more often, be killed, and run beside itself, when
// only one of them does anything. report hears of every step. ErrBusy says that
// a purge which was cut off still has its lease: call again in a moment.
func (s *Store) Purge(ctx context.Context, report func(datamap.Outcome) error) error {
	alone, err := s.db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach the messaging store: %w", err)
	}
	defer alone.Release()
	const lock = "hashtextextended('dsar purge', 0)"
	var mine bool
	if err := alone.QueryRow(ctx, "SELECT pg_try_advisory_lock("+lock+")").Scan(&mine); err != nil {
		return fmt.Errorf("begin to purge: %w", err)
	}
	if !mine {
		return nil // another worker is at it
	}
	defer unlock(ctx, alone, lock)
	var failed []error
	if err := s.resume(ctx, report); err != nil {
		if ctx.Err() != nil || errors.Is(err, ErrBusy) {
			return err
		}
		failed = append(failed, err)
	}
	all, err := s.overrides(ctx)
	if err != nil {
		return errors.Join(append(failed, err)...)
	}
	for _, o := range all {
		if s.opt.Held != nil && s.opt.Held(o.operation) {
			continue
		}
		if err := s.obey(ctx, o, report); err != nil {
			if ctx.Err() != nil {
				return err
			}
			failed = append(failed, fmt.Errorf("purge by operation %s: %w", o.operation, err))
		}
	}
	return errors.Join(append(failed, s.tidy(ctx))...)
}

func unlock(ctx context.Context, c *pgxpool.Conn, lock string) {
	if _, err := c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+lock+")"); err != nil {
		_ = c.Hijack().Close(context.WithoutCancel(ctx)) // the lock ends with its connection
	}
}

// resume ends what an earlier purge left half-done. One that cannot be ended, as
// the map has changed, does not keep the others.
func (s *Store) resume(ctx context.Context, report func(datamap.Outcome) error) error {
	plans := map[uuid.UUID]datamap.Plan{}
	var op uuid.UUID
	var plan datamap.Plan
	err := each(ctx, s.db, "SELECT id, plan FROM dsar.operation WHERE kind = $1 AND state <> 'finished'", []any{purge}, []any{&op, &plan}, func() {
		plans[op], plan = plan, datamap.Plan{}
	})
	if err != nil {
		return fmt.Errorf("look for an unfinished purge: %w", err)
	}
	var failed []error
	for op, plan := range plans {
		if err := s.through(ctx, op, plan, report); err != nil {
			failed = append(failed, fmt.Errorf("resume operation %s: %w", op, err))
		}
	}
	return errors.Join(failed...)
}

// through carries a frozen purge out. One whose store has moved is forgotten:
// the next one sees it as it is.
func (s *Store) through(ctx context.Context, op uuid.UUID, plan datamap.Plan, report func(datamap.Outcome) error) error {
	err := s.Execute(ctx, op, plan, report)
	if errors.Is(err, ErrMoved) {
		return s.Discard(ctx, op)
	}
	if err != nil {
		return err
	}
	return s.Finish(ctx, op)
}

// override is what one request shortened for so many days.
type override struct {
	subject    []byte
	operation  uuid.UUID
	days       int
	categories []string
	sealed     []byte
}

func (s *Store) overrides(ctx context.Context) ([]override, error) {
	rows, err := s.db.Query(ctx, `SELECT subject, operation, days, array_agg(category ORDER BY category), (array_agg(sealed))[1]
		FROM dsar.retention GROUP BY subject, operation, days ORDER BY min(since), operation`)
	if err != nil {
		return nil, fmt.Errorf("read the shorter periods: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (o override, err error) {
		return o, r.Scan(&o.subject, &o.operation, &o.days, &o.categories, &o.sealed)
	})
	if err != nil {
		return nil, fmt.Errorf("read the shorter periods: %w", err)
	}
	return out, nil
}

// obey searches one subject again and deletes what is too old by now. Of
// somebody whom the store does not know any more the override goes as well: it
// holds who they were.
func (s *Store) obey(ctx context.Context, o override, report func(datamap.Outcome) error) error {
	old, _, err := s.unseal(o.operation, o.sealed)
	if err != nil {
		return err
	}
	// By what staff saw when they approved: a number that was written into the
	// person's row since may be anybody's.
	who := old.Who
	who.Settled, who.Told = true, old.Values
	f := &Found{}
	ask := Ask{Kind: purge, Days: o.days, Categories: o.categories}
	var plan datamap.Plan
	err = s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		v, err := s.resolve(ctx, tx, c, who)
		if err != nil {
			return err
		}
		f.roots = v.r
		plan, _, err = s.plan(ctx, tx, c, v.r, ask, s.today())
		return err
	})
	switch {
	case err != nil:
		return err
	case len(f.roots.Organizations) == 0 && none(f.roots.Keys):
		if _, err := s.db.Exec(ctx, "DELETE FROM dsar.retention WHERE subject = $1", o.subject); err != nil {
			return fmt.Errorf("forget who is not known any more: %w", err)
		}
		return nil
	case len(plan.Steps) == 0:
		return nil
	}
	op := uuid.New()
	if plan, err = s.Freeze(ctx, op, f, ask, plan); err != nil {
		return err
	}
	return s.through(ctx, op, plan, report)
}

func none(keys map[string][]string) bool {
	for _, k := range keys {
		if len(k) > 0 {
			return false
		}
	}
	return true
}

// tidy takes rows that are gone off the list of what is stopped.
func (s *Store) tidy(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.settle(ctx, tx, s.opt.Timeout); err != nil {
			return err
		}
		c, err := loadCatalog(ctx, tx, s.m.Store.Schema)
		if err != nil {
			return err
		}
		for _, t := range s.m.Tables {
			q := s.query(c, &roots{})
			var same []string
			for i, k := range c.key(t) {
				same = append(same, fmt.Sprintf("%s = s.key[%d]::%s", ident("t", k), i+1, q.column(t.Name, k).sqlType))
			}
			sql := fmt.Sprintf("DELETE FROM dsar.stop s WHERE s.table_name = %s AND NOT EXISTS (SELECT FROM %s t WHERE %s)", q.arg("", t.Name), q.table(t.Name), strings.Join(same, " AND "))
			if _, err := tx.Exec(ctx, sql, q.args...); err != nil {
				return fmt.Errorf("take rows of %s that are gone off the list: %w", t.Name, err)
			}
		}
		return nil
	})
}

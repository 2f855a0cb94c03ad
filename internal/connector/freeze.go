package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Freeze writes down exactly the rows that a plan acts on, and gives the plan
// with their digest. It counts again in the moment in which it freezes: rows
// that came or went since the plan was made are in the plan that it gives.
// Until an operation has begun it may be frozen again, which replaces the list;
// after that it gives ErrMoved for any other plan.
func (s *Store) Freeze(ctx context.Context, op uuid.UUID, f *Found, ask Ask, plan datamap.Plan) (datamap.Plan, error) {
	if carried[ask.Kind] == nil || ask.Kind != plan.Kind {
		return plan, fmt.Errorf("%w to carry out: %q", ErrKind, ask.Kind)
	}
	s = s.obeying(ask)
	tx, err := s.db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return plan, fmt.Errorf("begin to freeze: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // after a commit it does nothing
	if err := s.settle(ctx, tx, 30*s.opt.Timeout); err != nil {
		return plan, err
	}
	if err := errors.Join(plannedForKeys(ctx, tx), f.roots.plannedForMany(ctx, tx)); err != nil {
		return plan, err
	}
	if started, err := s.reopen(ctx, tx, op); err != nil {
		return plan, err
	} else if started != "" {
		if started != plan.Hash {
			return plan, ErrMoved
		}
		return plan, nil
	}
	c, err := loadCatalog(ctx, tx, s.m.Store.Schema)
	if err != nil {
		return plan, err
	}
	// Text is scrubbed of the names in the rows that are the subject when those are
	// long gone. The first name is the one that was typed, which nobody has proved.
	names, err := (&resolver{s: s, tx: tx, c: c, r: f.roots}).names(ctx)
	if err != nil {
		return plan, err
	}
	f.roots.Names = names[1:]
	sealed, err := s.seal(op, f.roots, ask)
	if err != nil {
		return plan, err
	}
	fresh, works, err := s.plan(ctx, tx, c, f.roots, ask, plan.Cutoff)
	if err != nil {
		return plan, err
	}
	if plan, err = s.write(ctx, tx, op, c, f.roots, fresh, works, sealed); err != nil {
		return plan, err
	}
	if err := tx.Commit(ctx); err != nil {
		return plan, fmt.Errorf("commit the frozen list: %w", err)
	}
	return plan, nil
}

// reopen clears an operation that has not begun; of one that has, it gives the
// plan's hash.
func (s *Store) reopen(ctx context.Context, tx pgx.Tx, op uuid.UUID) (started string, err error) {
	var state string
	err = tx.QueryRow(ctx, "SELECT state, plan_hash FROM dsar.operation WHERE id = $1 FOR UPDATE", op).Scan(&state, &started)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look for the operation: %w", err)
	case state != "frozen":
		return started, nil
	}
	for _, table := range []string{"target", "step"} {
		if _, err := tx.Exec(ctx, "DELETE FROM dsar."+table+" WHERE operation = $1", op); err != nil {
			return "", fmt.Errorf("clear the frozen list: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM dsar.operation WHERE id = $1", op); err != nil {
		return "", fmt.Errorf("clear the operation: %w", err)
	}
	return "", nil
}

// Discard forgets a frozen plan that was never begun. It may be repeated; an
// operation that has begun stays.
func (s *Store) Discard(ctx context.Context, op uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		_, err := s.reopen(ctx, tx, op)
		return err
	})
}

// Abandon ends what an operation that has moved leaves behind, so that nobody's
// identities stay sealed in it: it is forgotten where nothing was done, and
// finished where all was, as in one of several databases. Whatever is left to do
// is the next plan's.
func (s *Store) Abandon(ctx context.Context, op uuid.UUID) error {
	var state string
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE dsar.operation o SET state = 'frozen', started_at = NULL WHERE id = $1 AND state = 'running'
			AND NOT EXISTS (SELECT FROM dsar.step s WHERE s.operation = o.id AND s.next_batch > 0)`, op); err != nil {
			return fmt.Errorf("look whether the operation has done anything: %w", err)
		}
		if _, err := s.reopen(ctx, tx, op); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, "SELECT state FROM dsar.operation WHERE id = $1", op).Scan(&state)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || state != "executed" {
		return err
	}
	return s.Finish(ctx, op)
}

// Sweep discards frozen plans that keep does not want and that are more than an
// hour old: a new one may not be written down anywhere yet. It says how many
// went.
func (s *Store) Sweep(ctx context.Context, keep func(uuid.UUID) bool) (int, error) {
	var old []uuid.UUID
	var op uuid.UUID
	err := each(ctx, s.db, "SELECT id FROM dsar.operation WHERE state = 'frozen' AND frozen_at < now() - interval '1 hour'", nil, []any{&op}, func() {
		old = append(old, op)
	})
	if err != nil {
		return 0, fmt.Errorf("look for forgotten plans: %w", err)
	}
	gone := 0
	for _, op := range old {
		if keep(op) {
			continue
		}
		if err := s.Discard(ctx, op); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

func (s *Store) write(ctx context.Context, tx pgx.Tx, op uuid.UUID, c *catalog, r *roots, plan datamap.Plan, works []work, sealed []byte) (datamap.Plan, error) {
	if _, err := tx.Exec(ctx, "INSERT INTO dsar.operation (id, kind, plan, plan_hash, sealed) VALUES ($1, $2, '{}', '', $3)", op, plan.Kind, sealed); err != nil {
		return plan, fmt.Errorf("write the operation: %w", err)
	}
	for i := range works {
		if err := s.writeStep(ctx, tx, op, c, r, &works[i], plan.Cutoff); err != nil {
			return plan, err
		}
	}
	digest := sha256.New()
	var seq, batch int
	var one []byte
	if err := each(ctx, tx, "SELECT seq, batch, digest FROM dsar.target WHERE operation = $1 ORDER BY seq, batch", []any{op}, []any{&seq, &batch, &one}, func() {
		fmt.Fprintf(digest, "%d %d %x\n", seq, batch, one)
	}); err != nil {
		return plan, fmt.Errorf("read the frozen list: %w", err)
	}
	plan.Frozen = hex.EncodeToString(digest.Sum(nil))
	plan.Hash = plan.Sum()
	if _, err := tx.Exec(ctx, "UPDATE dsar.operation SET plan = $2, plan_hash = $3 WHERE id = $1", op, plan, plan.Hash); err != nil {
		return plan, fmt.Errorf("bind the frozen list to the plan: %w", err)
	}
	return plan, nil
}

func (s *Store) writeStep(ctx context.Context, tx pgx.Tx, op uuid.UUID, c *catalog, r *roots, w *work, cutoff string) error {
	lists := int((w.Rows + int64(s.batchRows(w.table)) - 1) / int64(s.batchRows(w.table)))
	batches := lists
	switch {
	case w.listless:
		lists, batches = 0, 1
	case w.Action == datamap.Keep:
		// Nothing is done to kept rows. They are listed where they might have
		// another role once the deletion has cut the path of this one.
		batches = 0
		if len(w.table.Rules) < 2 {
			lists = 0
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO dsar.step (operation, seq, table_name, role, part, action, planned, batches) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		op, w.Seq, w.Table, w.Role, string(w.part), string(w.Action), w.Rows, batches)
	if err != nil {
		return fmt.Errorf("write step %d: %w", w.Seq, err)
	}
	if lists == 0 {
		return nil
	}
	q := s.query(c, r, op, w.Seq, s.batchRows(w.table))
	tag, err := tx.Exec(ctx, q.freeze(w, cutoff), q.args...)
	if err != nil {
		return fmt.Errorf("freeze the rows of %s: %w", w.Table, err)
	}
	if tag.RowsAffected() != int64(lists) {
		return fmt.Errorf("freeze the rows of %s: %d batches instead of %d", w.Table, tag.RowsAffected(), lists)
	}
	return nil
}

// freeze writes the keys of a step's rows, a batch a row. Rows that refer to
// their own table go newest first: an answer usually follows what it answers.
func (q *query) freeze(w *work, cutoff string) string {
	key := q.c.key(w.table)
	down := ""
	if len(w.table.Self) > 0 && w.rule.Do == datamap.Delete {
		down = " DESC"
	}
	var names, out, sums, sorted, raw []string
	for i, k := range key {
		names = append(names, fmt.Sprintf("k%d", i+1))
		out = append(out, fmt.Sprintf("array_agg(k%d::text ORDER BY n)", i+1))
		sums = append(sums, fmt.Sprintf("string_agg(quote_literal(k%d::text), ',' ORDER BY n)", i+1))
		sorted = append(sorted, fmt.Sprintf("k%d%s", i+1, down))
		raw = append(raw, fmt.Sprintf("%s AS k%d", ident("t", k), i+1))
	}
	into := strings.Join(names, ", ")
	if print := q.print(w); print != "" {
		names, into = append(names, "print"), into+", prints"
		out, sums = append(out, "array_agg(print ORDER BY n)"), append(sums, "string_agg(print::text, ',' ORDER BY n)")
		raw = append(raw, print+" AS print")
	}
	rows := q.selected(w, strings.Join(raw, ", "), cutoff)
	return fmt.Sprintf(`INSERT INTO dsar.target (operation, seq, batch, %s, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, %s, sha256(convert_to(concat_ws('|', %s), 'UTF8'))
FROM (SELECT %s, row_number() OVER (ORDER BY %s) AS n FROM (
%s
) rows) numbered
GROUP BY 3`, into, strings.Join(out, ", "), strings.Join(sums, ", "),
		strings.Join(names, ", "), strings.Join(sorted, ", "), rows)
}

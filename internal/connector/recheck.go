package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Residue is what a search after a deletion still finds and the plan does not
// excuse. Mentions are other people's words, for staff to look at.
type Residue struct {
	Rows     []datamap.Found `json:"rows"`
	Values   []Hit           `json:"values"`
	Mentions []Hit           `json:"mentions"`
	Excused  []datamap.Found `json:"excused"` // kept or overwritten, as planned
	// Moved are rows that were changed behind the plan's back and left alone.
	// What of them is still the subject's is in Rows too.
	Moved []datamap.Found `json:"moved"`
}

// Hit counts the rows in which a column still holds an identifier.
type Hit struct {
	Store  string `json:"store,omitempty"`
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// Empty says that the deletion is proved.
func (r Residue) Empty() bool { return len(r.Rows) == 0 && len(r.Values) == 0 }

// Recheck searches again, by what proves the subject now and by everything that
// was frozen, and then for every identifier in all mapped text. Of a finished
// operation nothing is known any more but who asks.
func (s *Store) Recheck(ctx context.Context, op uuid.UUID, who Subject) (Residue, error) {
	var out Residue
	p, err := s.frozen(ctx, op)
	if err != nil {
		return out, err
	}
	s = s.obeying(p.ask)
	p.s = s
	if p.finished && p.ask.Kind != "deletion" {
		return out, nil // it was proved before what was asked was wiped
	}
	// Text is searched word by word: that takes as long as the store is large.
	err = s.readingFor(ctx, 15*s.opt.Timeout, func(tx pgx.Tx, c *catalog) error {
		if err := broken(s.check(c)); err != nil {
			return err
		}
		v, err := s.resolve(ctx, tx, c, who.again(p.r))
		if err != nil {
			return err
		}
		p.c, p.r = c, p.r.with(v.r)
		if err := p.moved(ctx, tx, &out); err != nil {
			return err
		}
		if err := s.leftRows(ctx, tx, p, &out); err != nil || p.ask.Kind != "deletion" {
			return err
		}
		return s.leftValues(ctx, tx, c, p.r, &out)
	})
	return out, err
}

// proof is what a search after an operation goes by.
type proof struct {
	s      *Store
	op     uuid.UUID
	c      *catalog
	r      *roots // who it was about, and what is found of them now
	ask    Ask
	cutoff string
	seq    map[string]int // a step's name → its place in the ledger

	finished bool
}

func (s *Store) frozen(ctx context.Context, op uuid.UUID) (*proof, error) {
	p := &proof{s: s, op: op, r: &roots{}, seq: map[string]int{}}
	var sealed []byte
	var plan datamap.Plan
	err := s.db.QueryRow(ctx, "SELECT sealed, plan, state = 'finished' FROM dsar.operation WHERE id = $1", op).Scan(&sealed, &plan, &p.finished)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrNotFrozen
	case err != nil:
		return nil, fmt.Errorf("read the operation: %w", err)
	}
	p.ask, p.cutoff = Ask{Kind: plan.Kind, Spares: plan.Spared}, plan.Cutoff
	if !p.finished { // it was proved before the identities were wiped
		if p.r, p.ask, err = s.unseal(op, sealed); err != nil {
			return nil, err
		}
	}
	var w work
	var role, kept, action string
	err = each(ctx, s.db, "SELECT seq, table_name, role, part, action FROM dsar.step WHERE operation = $1", []any{op}, []any{&w.Seq, &w.Table, &role, &kept, &action}, func() {
		w.role, w.part, w.Action = datamap.Role(role), part(kept), datamap.Action(action)
		p.seq[w.name()] = w.Seq
	})
	if err != nil {
		return nil, fmt.Errorf("read the operation's steps: %w", err)
	}
	return p, nil
}

// with adds what a second search found to the first.
func (r *roots) with(now *roots) *roots {
	out := &roots{Who: now.Who, Keys: merge(r.Keys, now.Keys), Values: merge(r.Values, now.Values), Spelled: map[string]spelling{}, Rows: joined(r.Rows, now.Rows)}
	out.Organizations = merge(map[string][]string{"": r.Organizations}, map[string][]string{"": now.Organizations})[""]
	for _, m := range []map[string]spelling{r.Spelled, now.Spelled} {
		for at, s := range m {
			old := out.Spelled[at]
			out.Spelled[at] = spelling{
				Everywhere: merge(map[string][]string{"": old.Everywhere}, map[string][]string{"": s.Everywhere})[""],
				Tenant:     merge(old.Tenant, s.Tenant),
			}
		}
	}
	out.Names, out.Many = r.Names, now.Many
	return out
}

// moved tells what the ledger says of rows that were left alone.
func (p *proof) moved(ctx context.Context, tx pgx.Tx, out *Residue) error {
	var one datamap.Found
	return each(ctx, tx, "SELECT table_name, role, moved FROM dsar.step WHERE operation = $1 AND moved > 0 ORDER BY seq", []any{p.op}, []any{&one.Table, &one.Role, &one.Rows}, func() {
		if t, ok := p.s.m.Table(one.Table); ok {
			one.Category, one.Controller = t.Category, t.Controller
		}
		out.Moved = append(out.Moved, one)
	})
}

// leftRows counts the rows that are not as the plan wants them.
func (s *Store) leftRows(ctx context.Context, tx pgx.Tx, p *proof, out *Residue) error {
	works, err := s.works(ctx, tx, p.c, p.r, p.ask, p.cutoff)
	if err != nil {
		return err
	}
	for _, w := range works {
		w.Seq = p.seq[w.name()]
		bare, err := s.bare(ctx, tx, p, &w)
		if err != nil {
			return err
		}
		found := datamap.Found{Table: w.Table, Category: w.Category, Controller: w.Controller, Role: w.Role, Rows: w.Rows}
		if bare > 0 {
			found.Rows = bare
			out.Rows = append(out.Rows, found)
		} else if w.Rows > 0 {
			out.Excused = append(out.Excused, found)
		}
	}
	return nil
}

// bare counts the rows of a step that nothing excuses, and all its rows.
func (s *Store) bare(ctx context.Context, tx pgx.Tx, p *proof, w *work) (int64, error) {
	if w.left != nil {
		return w.left(ctx, tx, p, w)
	}
	if err := s.measure(ctx, tx, p.c, p.r, w, p.cutoff); err != nil || w.Rows == 0 || w.Action == datamap.Keep {
		return 0, err
	}
	open := *w
	open.only = func(q *query, alias string) string {
		only := q.notDoneElse(p.op, w, alias)
		if w.only != nil {
			only += " AND " + w.only(q, alias)
		}
		return only
	}
	if w.Action.Overwrites() {
		return s.untouched(ctx, tx, p.c, p.r, &open, p.cutoff)
	}
	err := s.measure(ctx, tx, p.c, p.r, &open, p.cutoff)
	return open.Rows, err
}

// notDoneElse leaves out the rows that another step of the operation has
// overwritten or kept. They may not be reached any more in the role that they had then,
// and so show up in one that the first would have gone before. A step that left
// rows alone excuses none: nobody knows which.
func (q *query) notDoneElse(op uuid.UUID, w *work, alias string) string {
	var arrays, names, same []string
	for i, k := range q.c.key(w.table) {
		name := fmt.Sprintf("k%d", i+1)
		arrays, names = append(arrays, "f."+name), append(names, name)
		same = append(same, fmt.Sprintf("u.%s = %s::text", name, ident(alias, k)))
	}
	return fmt.Sprintf(`NOT EXISTS (SELECT FROM dsar.step s JOIN dsar.target f ON f.operation = s.operation AND f.seq = s.seq, unnest(%s) u (%s)
		WHERE s.operation = %s::uuid AND s.table_name = %s::text AND s.seq <> %s::integer AND s.action IN ('anonymise', 'tombstone', 'redact', 'keep') AND s.moved = 0 AND %s)`,
		strings.Join(arrays, ", "), strings.Join(names, ", "), q.arg("else op", op), q.arg("else table", w.Table), q.arg("else seq", w.Seq), strings.Join(same, " AND "))
}

// untouched counts rows that should be overwritten and are not: a column that
// was to be emptied or filled still holds something else.
func (s *Store) untouched(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) (n int64, err error) {
	q := s.query(c, r)
	var any []string
	for _, a := range w.rule.Set {
		if col, _ := w.table.Column(a.Column); col.Group == datamap.Secret {
			continue // not readable, not even here
		}
		switch at := ident("t", a.Column); a.Fill {
		case datamap.Null:
			any = append(any, at+" IS NOT NULL")
		case datamap.Constant, datamap.Fresh:
			any = append(any, fmt.Sprintf("%s::text IS DISTINCT FROM (%s)::text", at, q.fill(w, a, nil, nil)))
		}
	}
	if len(any) > 0 {
		sql := q.sum(w.table, w.role, q.narrow("t", w, cutoff)+" AND "+either(any), "count(*)")
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&n); err != nil {
			return 0, fmt.Errorf("look at what was overwritten in %s: %w", w.Table, err)
		}
	}
	m, err := s.unwritten(ctx, tx, c, r, w, cutoff)
	return max(n, m), err
}

// unwritten counts the rows in which a rewriter would still find something.
func (s *Store) unwritten(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) (n int64, err error) {
	x := s.rewriter(c, r, w.table, w.rule)
	if x == nil {
		return 0, nil
	}
	q := s.query(c, r)
	columns := x.columns(q)
	rows, err := tx.Query(ctx, q.union(w.table, w.role, columns, q.narrow("t", w, cutoff)), q.args...)
	if err != nil {
		return 0, fmt.Errorf("look at what was rewritten in %s: %w", w.Table, err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := x.scan(rows)
		if err != nil {
			return 0, fmt.Errorf("read what was rewritten in %s: %w", w.Table, err)
		}
		if _, changed := x.renew(one); changed {
			n++
		}
	}
	return n, rows.Err()
}

// Finish ends an executed operation for good: the frozen rows and the
// identities are wiped; counts stay, and keyed hashes of who was erased, by
// which a restored backup can be erased again. It may be repeated.
func (s *Store) Finish(ctx context.Context, op uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var state string
		var sealed []byte
		err := tx.QueryRow(ctx, "SELECT state, sealed FROM dsar.operation WHERE id = $1 FOR UPDATE", op).Scan(&state, &sealed)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNotFrozen
		case err != nil:
			return fmt.Errorf("lock the operation: %w", err)
		case state == "finished":
			return nil
		case state != "executed":
			return fmt.Errorf("the operation is %s: it can only be finished once it was carried out", state)
		}
		r, ask, err := s.unseal(op, sealed)
		if err != nil {
			return err
		}
		if ask.Kind == "deletion" {
			if err := s.remember(ctx, tx, op, r); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, forgetMarks, op); err != nil {
				return fmt.Errorf("forget what stood in stopped rows: %w", err)
			}
		}
		for _, sql := range []string{
			"DELETE FROM dsar.target WHERE operation = $1",
			"DELETE FROM dsar.written WHERE operation = $1",
			"UPDATE dsar.object SET object_key = encode(sha256(convert_to(operation::text || object_key, 'UTF8')), 'hex') WHERE operation = $1",
			"UPDATE dsar.operation SET state = 'finished', finished_at = now(), sealed = NULL, lease_until = NULL WHERE id = $1",
		} {
			if _, err := tx.Exec(ctx, sql, op); err != nil {
				return fmt.Errorf("finish the operation: %w", err)
			}
		}
		return nil
	})
}

// forgetMarks wipes what a stop had been written over in rows that a deletion has
// emptied since: a lift has nothing to bring back there.
const forgetMarks = `UPDATE dsar.stop s SET sealed = NULL
	FROM dsar.step p JOIN dsar.target f ON (f.operation, f.seq) = (p.operation, p.seq) CROSS JOIN LATERAL unnest(f.k1, f.k2, f.k3, f.k4) k (k1, k2, k3, k4)
	WHERE p.operation = $1 AND p.action IN ('delete', 'anonymise', 'tombstone', 'redact') AND EXISTS (SELECT FROM dsar.stop WHERE sealed IS NOT NULL)
	AND s.table_name = p.table_name AND s.sealed IS NOT NULL AND s.key = array_remove(ARRAY[k.k1, k.k2, k.k3, k.k4], NULL)`

func (s *Store) remember(ctx context.Context, tx pgx.Tx, op uuid.UUID, r *roots) error {
	var kinds []string
	var hashes [][]byte
	for _, m := range []map[string][]string{r.Keys, r.Values} {
		for _, kind := range sortedKeys(m) {
			for _, v := range m[kind] {
				kinds, hashes = append(kinds, kind), append(hashes, s.hash(kind, v))
			}
		}
	}
	if o := s.m.Organization; o != nil {
		for _, v := range r.Organizations {
			kinds, hashes = append(kinds, o.Table), append(hashes, s.hash(o.Table, v))
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO dsar.erased (kind, hash, operation) SELECT k, h, $3 FROM unnest($1::text[], $2::bytea[]) e(k, h) ON CONFLICT DO NOTHING", kinds, hashes, op)
	if err != nil {
		return fmt.Errorf("remember who was erased: %w", err)
	}
	return nil
}

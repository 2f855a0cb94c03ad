package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// lifting lists what another operation stopped. Its steps say where, which does
// not change while rows are lifted.
func (s *Store) lifting(ctx context.Context, tx pgx.Tx, _ *catalog, _ *roots, ask Ask, _ string) ([]work, error) {
	var state string
	err := tx.QueryRow(ctx, "SELECT state FROM dsar.operation WHERE id = $1", ask.Undo).Scan(&state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrNotFrozen
	case err != nil:
		return nil, fmt.Errorf("look for what is to be undone: %w", err)
	case state != "executed" && state != "finished":
		return nil, fmt.Errorf("what is to be undone is %s: it must be carried out first", state)
	}
	var out []work
	var table, role, purpose string
	var missing []string
	seen := map[[2]string]bool{}
	err = each(ctx, tx, "SELECT table_name, role, part FROM dsar.step WHERE operation = $1 AND action = 'restrict' ORDER BY seq", []any{ask.Undo}, []any{&table, &role, &purpose}, func() {
		t, ok := s.m.Table(table)
		if !ok {
			missing = append(missing, table)
		} else if !seen[[2]string{table, purpose}] {
			seen[[2]string{table, purpose}] = true
			out = append(out, s.liftWork(t, datamap.Role(role), purpose, ask.Undo))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read what is to be undone: %w", err)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: it does not mention the table %s any more, whose rows are stopped", ErrUnfit, strings.Join(missing, ", "))
	}
	return out, nil
}

func (s *Store) liftWork(t *datamap.Table, role datamap.Role, purpose string, undo uuid.UUID) work {
	w := newWork(t, role, datamap.Rule{Do: datamap.Lifting}, part(purpose))
	w.Purpose = purpose
	w.rows = func(q *query, columns string) string {
		var key []string
		for i, k := range q.c.key(t) {
			key = append(key, fmt.Sprintf("s.key[%d]::%s AS %s", i+1, q.column(t.Name, k).sqlType, ident(k)))
		}
		return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM dsar.stop s WHERE s.operation = %s AND s.table_name = %s AND s.purpose = %s) t",
			columns, strings.Join(key, ", "), q.arg("", undo), q.arg("", t.Name), q.arg("", purpose))
	}
	w.change = lift
	w.left = func(ctx context.Context, tx pgx.Tx, _ *proof, _ *work) (n int64, err error) {
		err = tx.QueryRow(ctx, "SELECT count(*) FROM dsar.stop WHERE operation = $1 AND table_name = $2 AND purpose = $3", undo, t.Name, purpose).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("look whether %s is still stopped: %w", t.Name, err)
		}
		return n, nil
	}
	return w
}

// stopped is one row of dsar.stop under lock.
type stopped struct {
	key       []string
	operation uuid.UUID
	purpose   string
	since     time.Time
	marks     []mark
	changed   bool // the marks are not those that are written down
}

// stops reads what stops the batch's rows, whichever operation it was, oldest first.
func (e *execution) stops(ctx context.Context, tx pgx.Tx, w *work, batch int) ([]*stopped, error) {
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	var key []string
	for i := range e.c.key(w.table) {
		key = append(key, fmt.Sprintf("k.k%d::text", i+1))
	}
	found, err := tx.Query(ctx, fmt.Sprintf(`SELECT s.key, s.operation, s.purpose, s.since, s.sealed FROM dsar.stop s, %s
		WHERE s.table_name = %s AND s.key = ARRAY[%s] ORDER BY s.since, s.operation FOR UPDATE OF s`, q.frozen(w), q.arg("", w.Table), strings.Join(key, ", ")), q.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (*stopped, error) {
		one, sealed := &stopped{}, []byte(nil)
		if err := r.Scan(&one.key, &one.operation, &one.purpose, &one.since, &sealed); err != nil {
			return nil, err
		}
		one.marks, err = e.s.openMarks(one.operation, sealed)
		return one, err
	})
}

// lift undoes one batch: what we wrote becomes again what stood there before,
// byte by byte. Where somebody has written since, their word stands and the row
// counts as moved. Where another operation has stopped the same place since,
// that one keeps it stopped, and will undo both.
func lift(ctx context.Context, tx pgx.Tx, e *execution, w *work, batch int) (int64, error) {
	all, err := e.stops(ctx, tx, w, batch)
	if err != nil {
		return 0, fmt.Errorf("read what stood there: %w", err)
	}
	undo := e.ask.Undo
	by := map[string][]*stopped{}
	var columns []string
	for _, one := range all {
		by[strings.Join(one.key, "\x00")] = append(by[strings.Join(one.key, "\x00")], one)
		for _, m := range one.marks {
			if one.operation == undo && !slices.Contains(columns, m.Column) {
				columns = append(columns, m.Column)
			}
		}
	}
	slices.Sort(columns)
	rows, err := e.standingRows(ctx, tx, w, batch, columns)
	if err != nil {
		return 0, fmt.Errorf("lock the rows to lift: %w", err)
	}
	var moved int64
	for i := range rows {
		clean, err := undone(columns, rows[i].values, by[strings.Join(rows[i].key, "\x00")], undo, w.Purpose)
		if err != nil {
			return 0, fmt.Errorf("undo a row of %s: %w", w.Table, err)
		}
		if !clean {
			moved++
		}
	}
	if err := e.put(ctx, tx, w.table, columns, rows); err != nil {
		return 0, err
	}
	return e.forget(ctx, tx, w, all, moved)
}

// standingRows reads columns of the batch's rows as they are now, whoever they
// belong to by now; rows that are gone are gone.
func (e *execution) standingRows(ctx context.Context, tx pgx.Tx, w *work, batch int, columns []string) ([]row, error) {
	if len(columns) == 0 {
		return nil, nil
	}
	everybody := *w
	everybody.holds = func(*query) string { return "true" }
	return e.held(ctx, tx, &everybody, batch, columns)
}

// undone undoes in a row's columns what an operation wrote for a purpose.
func undone(columns []string, values []*string, stops []*stopped, undo uuid.UUID, purpose string) (clean bool, err error) {
	mine := slices.IndexFunc(stops, func(s *stopped) bool { return s.operation == undo && s.purpose == purpose })
	if mine < 0 {
		return true, nil
	}
	clean = true
	for _, m := range slices.Backward(stops[mine].marks) {
		at := slices.Index(columns, m.Column)
		if heir := heirOf(m, stops, mine); heir != nil {
			clean = clean && equal(heir.Old, m.New)
			if equal(heir.Old, m.New) {
				heir.Old = m.Old
			}
			bequeath(m, stops, mine)
			continue
		}
		now, err := standing(m, values[at])
		if err != nil || !equal(now, m.New) {
			clean = false // not ours any more, or not even JSON
			continue
		}
		if values[at], err = m.undo(values[at]); err != nil {
			return false, err
		}
		bequeath(m, stops, mine)
	}
	return clean, nil
}

// bequeath lets the other operations that wrote below what was made for one
// place take that away in the end.
func bequeath(m mark, stops []*stopped, mine int) {
	for i, s := range stops {
		for j := range s.marks {
			o := &s.marks[j]
			if i == mine || o.Column != m.Column || len(o.Path) == 0 || !m.Was && m.Made == 0 {
				continue
			}
			if s.changed = true; m.Was {
				o.Was, o.Base = true, m.Base
			}
			if n := m.Made; n > 0 && len(o.Path) > n && slices.Equal(o.Path[:n], m.Path[:n]) && (o.Made == 0 || o.Made > n) {
				o.Made = n
			}
		}
	}
}

// heirOf gives the mark of the next operation that wrote to the same place.
func heirOf(m mark, stops []*stopped, mine int) *mark {
	for _, s := range stops[mine+1:] {
		for i := range s.marks {
			if s.marks[i].same(m) {
				s.changed = true
				return &s.marks[i]
			}
		}
	}
	return nil
}

func (m mark) undo(column *string) (*string, error) {
	if len(m.Path) == 0 || column == nil {
		return m.Old, nil
	}
	var text []byte
	var err error
	if m.Old == nil {
		text, err = withoutLeaf([]byte(*column), m.path())
	} else {
		text, err = withLeaf([]byte(*column), m.path(), []byte(*m.Old))
	}
	for n := len(m.Path) - 1; err == nil && m.Old == nil && m.Made > 0 && n >= m.Made; n-- {
		made, found, at := leafAt(text, m.path()[:n])
		if at != nil || !found || string(made) != "{}" {
			break // somebody else has something there
		}
		text, err = withoutLeaf(text, m.path()[:n])
	}
	if err != nil {
		return nil, err
	}
	if m.Was && string(text) == "{}" {
		return m.Base, nil
	}
	return new(string(text)), nil
}

// forget takes the lifted rows out of dsar.stop and writes down what other
// operations will undo instead.
func (e *execution) forget(ctx context.Context, tx pgx.Tx, w *work, all []*stopped, moved int64) (int64, error) {
	var lifted []row
	for _, one := range all {
		if one.operation == e.ask.Undo && one.purpose == w.Purpose {
			lifted = append(lifted, row{key: one.key})
		}
		if !one.changed {
			continue
		}
		sealed, err := e.s.sealMarks(one.operation, one.marks)
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, "UPDATE dsar.stop SET sealed = $5 WHERE table_name = $1 AND key = $2 AND purpose = $3 AND operation = $4",
			w.Table, one.key, one.purpose, one.operation, sealed); err != nil {
			return 0, fmt.Errorf("hand over what stood there: %w", err)
		}
	}
	arrays, key := keyColumns(lifted, 4)
	sql := fmt.Sprintf("DELETE FROM dsar.stop s USING unnest(%s) u(%s) WHERE s.table_name = $1 AND s.purpose = $2 AND s.operation = $3 AND s.key = ARRAY[%s]",
		strings.TrimPrefix(key.arrays, ", "), strings.TrimPrefix(key.names, ", "), key.values)
	tag, err := tx.Exec(ctx, sql, append([]any{w.Table, w.Purpose, e.ask.Undo}, arrays...)...)
	if err != nil {
		return 0, fmt.Errorf("take the rows off the list: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE dsar.step SET moved = moved + $3 WHERE operation = $1 AND seq = $2", e.op, w.Seq, moved); err != nil {
		return 0, fmt.Errorf("count what was left alone: %w", err)
	}
	return tag.RowsAffected(), nil
}

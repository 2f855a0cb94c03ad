package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Restriction, objection and withdrawal stop something: a flag is set in the
// subject's rows where the map has one, and the rows are listed in dsar.stop,
// which the messaging product may ask where it has none. A lift undoes one
// operation to the byte.

// ErrPurpose says that the map cannot stop what was asked.
var ErrPurpose = errors.New("the data map does not say how to stop this purpose")

// purposes says what a request stops. A restriction has a request of its own,
// which two people decide and which can be lifted.
func (s *Store) purposes(ask Ask) ([]string, error) {
	known := slices.DeleteFunc(s.m.Purposes(), func(p string) bool { return p == datamap.Restriction })
	out := slices.Clone(ask.Purposes)
	for _, p := range out {
		if !slices.Contains(known, p) {
			return nil, fmt.Errorf("%w: %q", ErrPurpose, p)
		}
	}
	switch {
	case ask.Kind == "restriction":
		return []string{datamap.Restriction}, nil
	case ask.Kind == datamap.OptOut:
		out = append(out, datamap.OptOut) // stands in dsar.stop, whatever the map says
	case ask.Kind == "withdrawal" && len(out) == 0: // of everything, and so an opt-out too
		out = append(known, datamap.OptOut)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: none was named", ErrPurpose)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// stopping lists what is stopped: the subject's own rows, and the rows of every
// table that has something to write for the purpose.
func (s *Store) stopping(_ context.Context, _ pgx.Tx, _ *catalog, r *roots, ask Ask, _ string) ([]work, error) {
	purposes, err := s.purposes(ask)
	if err != nil {
		return nil, err
	}
	var out []work
	for _, purpose := range purposes {
		for _, t := range s.m.Tables {
			set, ok := t.Stop[purpose]
			if !ok && !s.isRoot(t, r.Who.Organization) || ask.spares(t.Category) {
				continue
			}
			for _, role := range s.rolesOf(t, r.Who.Organization) {
				if role != "" && role != datamap.OtherPerson && !withheld(t, role) {
					out = append(out, s.stopWork(t, role, purpose, set))
				}
			}
		}
	}
	return out, nil
}

// isRoot says whether a table's rows are the subject.
func (s *Store) isRoot(t *datamap.Table, organization bool) bool {
	if organization {
		return s.m.Organization != nil && s.m.Organization.Table == t.Name
	}
	return slices.ContainsFunc(s.m.Person, func(r datamap.Root) bool { return r.Table == t.Name })
}

func (s *Store) stopWork(t *datamap.Table, role datamap.Role, purpose string, set []datamap.Assignment) work {
	w := newWork(t, role, datamap.Rule{Do: datamap.Restricting, Set: set}, part(purpose))
	w.Purpose = purpose
	w.rows = func(q *query, columns string) string { return q.union(t, role, columns, "") }
	w.change = stop
	w.left = func(ctx context.Context, tx pgx.Tx, p *proof, _ *work) (n int64, err error) {
		if len(s.query(p.c, p.r).ways(t, "t", role)) == 0 {
			return 0, nil
		}
		q := s.query(p.c, p.r)
		where := " AND NOT (" + q.stopped("t", t, purpose) + q.flagged("t", t, set) + ")"
		sql := "SELECT count(*) FROM (" + q.union(t, role, "1", where) + ") u"
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&n); err != nil {
			return 0, fmt.Errorf("look whether %s is stopped: %w", t.Name, err)
		}
		return n, nil
	}
	return w
}

// stopped says that a row is in dsar.stop for a purpose.
func (q *query) stopped(alias string, t *datamap.Table, purpose string) string {
	return fmt.Sprintf("EXISTS (SELECT FROM dsar.stop s WHERE s.table_name = %s AND s.purpose = %s AND s.key = %s)",
		q.arg("stop\x00table\x00"+t.Name, t.Name), q.arg("stop\x00purpose\x00"+purpose, purpose), q.rowKey(alias, t))
}

// flagged says that what stops a row stands in it.
func (q *query) flagged(alias string, t *datamap.Table, set []datamap.Assignment) string {
	var b strings.Builder
	for _, a := range set {
		at := ident(alias, a.Column)
		switch a.Fill {
		case datamap.Null:
			b.WriteString(" AND " + at + " IS NULL")
		case datamap.Constant:
			fmt.Fprintf(&b, " AND %s::text IS NOT DISTINCT FROM %s::text::%s::text", at, q.arg("", a.Value), q.column(t.Name, a.Column).sqlType)
		case datamap.Leaves:
			for _, l := range a.Leaves {
				fmt.Fprintf(&b, " AND %s::text::jsonb #> %s::text[] IS NOT DISTINCT FROM %s::text::jsonb", at, q.arg("", keysOf(l.Path)), q.arg("", leafValue(l)))
			}
		}
	}
	return b.String()
}

func keysOf(p datamap.JSONPath) []string {
	out := make([]string, len(p))
	for i, s := range p {
		out[i] = s.Key
	}
	return out
}

func leafValue(l datamap.Leaf) string {
	if l.Do == datamap.LeafNull {
		return "null"
	}
	return l.Value
}

// mark is what was written into one place of a row, and over what.
type mark struct {
	Column string   `json:"column"`
	Path   []string `json:"path,omitempty"` // of a JSON value
	Old    *string  `json:"old"`            // nil: NULL, or no such key
	New    *string  `json:"new"`
	Made   int      `json:"made,omitempty"` // the shortest beginning of the path that was made for it
	Was    bool     `json:"was,omitempty"`  // the whole column held nothing
	Base   *string  `json:"base,omitempty"` // how it said so: NULL, JSON's null or no letter
}

// holdsNothing says that an object may be made of a column's value, and nothing
// is lost.
func holdsNothing(column *string) bool {
	return column == nil || strings.TrimSpace(*column) == "" || strings.TrimSpace(*column) == "null"
}

func (m mark) path() datamap.JSONPath {
	var p datamap.JSONPath
	for _, k := range m.Path {
		p = append(p, datamap.Segment{Key: k})
	}
	return p
}

func (m mark) same(o mark) bool { return m.Column == o.Column && slices.Equal(m.Path, o.Path) }

func equal(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// row is one row under lock: its key and some of its columns as text.
type row struct {
	key    []string
	values []*string
}

// held reads columns of the batch's rows and locks them. Without columns there
// is nothing to write, and nothing to lock.
func (e *execution) held(ctx context.Context, tx pgx.Tx, w *work, batch int, columns []string) ([]row, error) {
	q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
	selected := []string{q.rowKey("t", w.table)}
	for _, name := range columns {
		selected = append(selected, ident("t", name)+"::text")
	}
	sql := fmt.Sprintf("SELECT %s FROM %s t, %s WHERE %s", strings.Join(selected, ", "), q.table(w.Table), q.frozen(w), q.isFrozen(w))
	if len(columns) > 0 {
		sql += " FOR UPDATE OF t"
	}
	return readRows(ctx, tx, sql, len(columns), q.args...)
}

func readRows(ctx context.Context, tx pgx.Tx, sql string, columns int, args ...any) ([]row, error) {
	found, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (row, error) {
		one := row{values: make([]*string, columns)}
		into := []any{&one.key}
		for i := range one.values {
			into = append(into, &one.values[i])
		}
		return one, r.Scan(into...)
	})
}

// stop sets the flag in one batch of rows and notes what stood there.
func stop(ctx context.Context, tx pgx.Tx, e *execution, w *work, batch int) (int64, error) {
	set := w.rule.Set
	rows, err := e.held(ctx, tx, w, batch, columnsOf(set))
	if err != nil {
		return 0, fmt.Errorf("lock the rows to stop: %w", err)
	}
	marks := make([][]mark, len(rows))
	before := make([][]*string, len(rows))
	for i := range rows {
		before[i] = slices.Clone(rows[i].values)
		for j, a := range set {
			if rows[i].values[j], marks[i], err = stopIn(a, rows[i].values[j], marks[i]); err != nil {
				return 0, fmt.Errorf("stop a row in %s.%s: %w", w.Table, a.Column, err)
			}
		}
	}
	if err := e.put(ctx, tx, w.table, columnsOf(set), rows); err != nil {
		return 0, err
	}
	// What the store made of it is what a lift must find: true may read t.
	if err := e.reread(ctx, tx, w, batch, rows, marks); err != nil {
		return 0, err
	}
	return int64(len(rows)), e.note(ctx, tx, w, rows, marks)
}

func columnsOf(set []datamap.Assignment) []string {
	var out []string
	for _, a := range set {
		if !slices.Contains(out, a.Column) {
			out = append(out, a.Column)
		}
	}
	return out
}

// stopIn gives a column's new value, and the marks with what stood there.
func stopIn(a datamap.Assignment, old *string, marks []mark) (*string, []mark, error) {
	switch a.Fill {
	case datamap.Null:
		return nil, append(marks, mark{Column: a.Column, Old: old}), nil
	case datamap.Constant:
		return &a.Value, append(marks, mark{Column: a.Column, Old: old, New: &a.Value}), nil
	}
	text, base := []byte("{}"), old
	if !holdsNothing(old) {
		text, base = []byte(*old), nil
	}
	for _, l := range a.Leaves {
		was, found, err := leafAt(text, l.Path)
		if err != nil {
			return nil, nil, err
		}
		m := mark{Column: a.Column, Path: keysOf(l.Path), Was: holdsNothing(old), Base: base}
		if found {
			m.Old = new(string(was))
		} else if at := missingFrom(text, l.Path); at < len(l.Path) {
			m.Made = at
		}
		if text, err = withLeaf(text, l.Path, []byte(leafValue(l))); err != nil {
			return nil, nil, err
		}
		marks = append(marks, m)
	}
	return new(string(text)), marks, nil
}

// put writes columns of rows, each its own values.
func (e *execution) put(ctx context.Context, tx pgx.Tx, t *datamap.Table, columns []string, rows []row) error {
	if len(columns) == 0 || len(rows) == 0 {
		return nil
	}
	q := e.s.query(e.c, e.roots)
	var arrays, names, on, set []string
	add := func(name string, at func(row) *string) string {
		values := make([]*string, len(rows))
		for i, r := range rows {
			values[i] = at(r)
		}
		n := fmt.Sprintf("u%d", len(names)+1)
		arrays, names = append(arrays, q.arg("", values)+"::text[]"), append(names, n)
		return fmt.Sprintf("u.%s::%s", n, q.column(t.Name, name).sqlType)
	}
	for i, k := range e.c.key(t) {
		on = append(on, ident("t", k)+" = "+add(k, func(r row) *string { return &r.key[i] }))
	}
	for i, name := range columns {
		set = append(set, ident(name)+" = "+add(name, func(r row) *string { return r.values[i] }))
	}
	sql := fmt.Sprintf("UPDATE %s t SET %s FROM unnest(%s) u(%s) WHERE %s", q.table(t.Name), strings.Join(set, ", "),
		strings.Join(arrays, ", "), strings.Join(names, ", "), strings.Join(on, " AND "))
	tag, err := tx.Exec(ctx, sql, q.args...)
	if err != nil {
		return fmt.Errorf("write %s: %w", t.Name, err)
	}
	if tag.RowsAffected() != int64(len(rows)) {
		return fmt.Errorf("write %s: %d rows instead of %d", t.Name, tag.RowsAffected(), len(rows))
	}
	return nil
}

// reread completes the marks with what the store says stands there now.
func (e *execution) reread(ctx context.Context, tx pgx.Tx, w *work, batch int, rows []row, marks [][]mark) error {
	columns := columnsOf(w.rule.Set)
	if len(columns) == 0 {
		return nil
	}
	now, err := e.held(ctx, tx, w, batch, columns)
	if err != nil {
		return fmt.Errorf("read what was written to %s: %w", w.Table, err)
	}
	by := map[string]row{}
	for _, r := range now {
		by[strings.Join(r.key, "\x00")] = r
	}
	for i, r := range rows {
		r, ok := by[strings.Join(r.key, "\x00")]
		if !ok {
			return fmt.Errorf("what stops a row of %s takes it away from the subject", w.Table)
		}
		for j := range marks[i] {
			if marks[i][j].New, err = standing(marks[i][j], r.values[slices.Index(columns, marks[i][j].Column)]); err != nil {
				return fmt.Errorf("read what was written to %s: %w", w.Table, err)
			}
		}
	}
	return nil
}

// standing is what stands in a mark's place of a column.
func standing(m mark, column *string) (*string, error) {
	if len(m.Path) == 0 || column == nil {
		return column, nil
	}
	leaf, found, err := leafAt([]byte(*column), m.path())
	if err != nil || !found {
		return nil, err
	}
	return new(string(leaf)), nil
}

// note lists the rows in dsar.stop.
func (e *execution) note(ctx context.Context, tx pgx.Tx, w *work, rows []row, marks [][]mark) error {
	sealed := make([][]byte, len(rows))
	for i := range rows {
		var err error
		if sealed[i], err = e.s.sealMarks(e.op, marks[i]); err != nil {
			return err
		}
	}
	arrays, key := keyColumns(rows, 5)
	args := append([]any{w.Table, w.Purpose, e.op, sealed}, arrays...)
	sql := fmt.Sprintf("INSERT INTO dsar.stop (table_name, key, purpose, operation, sealed) SELECT $1, ARRAY[%s], $2, $3, u.sealed FROM unnest($4::bytea[]%s) u(sealed%s)",
		key.values, key.arrays, key.names)
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("note the stopped rows: %w", err)
	}
	return nil
}

// keyed are the parts of a statement that passes the keys of many rows.
type keyed struct{ values, arrays, names string }

// keyColumns turns keys into one array a column, parameters from $first.
func keyColumns(rows []row, first int) ([]any, keyed) {
	n := 1
	if len(rows) > 0 {
		n = len(rows[0].key)
	}
	var args []any
	var k keyed
	for i := range n {
		column := make([]string, len(rows))
		for j, r := range rows {
			column[j] = r.key[i]
		}
		args = append(args, column)
		k.arrays += fmt.Sprintf(", $%d::text[]", first+i)
		k.names += fmt.Sprintf(", k%d", i+1)
		k.values += fmt.Sprintf(", u.k%d", i+1)
	}
	k.values = strings.TrimPrefix(k.values, ", ")
	return args, k
}

func (s *Store) sealMarks(op uuid.UUID, marks []mark) ([]byte, error) {
	if len(marks) == 0 {
		return nil, nil
	}
	return s.sealValue(marks, marksOfOperation(op))
}

func (s *Store) openMarks(op uuid.UUID, sealed []byte) (marks []mark, err error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if err := s.openValue(sealed, marksOfOperation(op), &marks); err != nil {
		return nil, fmt.Errorf("read what stood there: %w", err)
	}
	return marks, nil
}

func marksOfOperation(op uuid.UUID) []byte { return slices.Concat([]byte("stop\x00"), op[:]) }

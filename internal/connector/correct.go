package connector

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Refusal is an edit that cannot be written, and why.
type Refusal struct {
	Table  string `json:"table"`
	Key    string `json:"key"`
	Column string `json:"column"`
	Code   string `json:"code"`
}

// The codes of a Refusal. A shortened retention is refused with the last two.
const (
	RefusedType    = "wrong_type"    // not of the column's type
	RefusedPattern = "pattern"       // not as the pattern of the map or the store wants it
	RefusedRule    = "rule"          // the store has a pattern for it that nobody here can read
	RefusedTaken   = "taken"         // another row of the tenant has it
	RefusedSame    = "unchanged"     // it stands there already
	RefusedUnknown = "unknown_field" // no such field, or not the subject's, or not correctable
	RefusedLong    = "too_long"
	RefusedRouting = "routing" // messages would go elsewhere, and nobody said yes
	RefusedDays    = "days"    // fewer than one
	RefusedUndated = "undated" // nothing of the category says how old it is
)

// Refused is Plan's and Freeze's error for what cannot be written. It tells no value.
type Refused []Refusal

func (r Refused) Error() string {
	said := make([]string, len(r))
	for i, one := range r {
		said[i] = strings.TrimPrefix(one.Table+"."+one.Column, ".") + " " + one.Code
	}
	return "this cannot be written: " + strings.Join(said, ", ")
}

// correcting lists the tables that a correction writes to. All edits are made
// in the transaction of the first step; the others count their part of it.
func (s *Store) correcting(_ context.Context, _ pgx.Tx, _ *catalog, r *roots, ask Ask, _ string) ([]work, error) {
	rows := map[string]map[string]bool{}
	for _, e := range ask.Edits {
		if rows[e.Table] == nil {
			rows[e.Table] = map[string]bool{}
		}
		rows[e.Table][e.Key] = true
	}
	var out []work
	for _, t := range s.m.Tables {
		if n := int64(len(rows[t.Name])); n > 0 {
			w := newWork(t, s.rolesOf(t, r.Who.Organization)[0], datamap.Rule{Do: datamap.Correcting}, whole)
			w.Rows, w.listless, w.change, w.left = n, true, correct, s.uncorrected(t, ask)
			if len(out) == 0 {
				w.asks = s.askEdits(ask)
			}
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		var refused Refused
		for _, e := range ask.Edits {
			refused = append(refused, e.refusal(RefusedUnknown))
		}
		return nil, refused
	}
	return out, nil
}

func (e Edit) refusal(code string) Refusal { return Refusal{e.Table, e.Key, e.Column, code} }

// change is one edit, held against the store.
type change struct {
	Edit
	spot
	key    []string
	tenant string
	row    *string // the column's text now
	old    string  // what stands at the spot
	new    *string // what will, in the stored form; nil is NULL
}

// askEdits holds the edits against the store, and tells the plan of them: a
// digest of what is written over what, and who else carries the old values.
func (s *Store) askEdits(ask Ask) func(context.Context, pgx.Tx, *catalog, *roots, *datamap.Plan) error {
	return func(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, p *datamap.Plan) error {
		changes, err := s.changes(ctx, tx, c, r, ask, "")
		if err != nil {
			return err
		}
		p.Asked += s.overwritten(changes)
		if p.Carriers, err = s.carriers(ctx, tx, c, r, changes); err != nil {
			return err
		}
		return s.try(ctx, tx, c, changes)
	}
}

// overwritten names what is written over what, without telling it.
func (s *Store) overwritten(changes []change) string {
	h := hmac.New(sha256.New, s.opt.Secret)
	for _, c := range changes {
		b, err := json.Marshal([]any{"edit", c.Table, c.key, c.Column, c.row != nil, c.old, c.new})
		if err != nil {
			panic(err) // texts always marshal
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// changes reads every edit's row, under lock if wanted, and says what would be
// written; or which edits cannot be.
func (s *Store) changes(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, lock string) ([]change, error) {
	var out []change
	var refused Refused
	v := &resolver{s: s, tx: tx, c: c, r: r, regions: map[string]string{}}
	seen := map[[3]string]bool{}
	for _, e := range ask.Edits {
		one, code, err := s.located(ctx, tx, c, r, e, lock)
		if err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", e.Table, err)
		}
		at := [3]string{e.Table, e.Key, e.Column}
		if code == "" && seen[at] {
			code = RefusedUnknown // one value a field
		}
		seen[at] = true
		if code == "" {
			code, err = v.encode(ctx, one)
		}
		if err == nil && code == "" && one.how.Unique {
			code, err = v.unique(ctx, one)
		}
		if err != nil {
			return nil, fmt.Errorf("look at an edit of %s.%s: %w", e.Table, e.Column, err)
		}
		if code != "" {
			refused = append(refused, e.refusal(code))
			continue
		}
		out = append(out, *one)
	}
	if len(refused) > 0 {
		return nil, refused
	}
	return out, nil
}

// located finds an edit's field: the map lets it be corrected, and the row is
// the subject's.
func (s *Store) located(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, e Edit, lock string) (*change, string, error) {
	t, ok := s.m.Table(e.Table)
	if !ok {
		return nil, RefusedUnknown, nil
	}
	all := spots(t)
	i := slices.IndexFunc(all, func(p spot) bool { return p.name() == e.Column })
	key, ok := keyParts(e.Key, len(c.key(t)))
	if i < 0 || !ok {
		return nil, RefusedUnknown, nil
	}
	one := &change{Edit: e, spot: all[i], key: key}
	q := s.query(c, r)
	sql := fmt.Sprintf("SELECT %s, coalesce(%s, ''), %s::text FROM %s t WHERE %s%s", q.rowKey("t", t), q.tenant("t", t), ident("t", one.column.Name), q.table(t.Name), q.isRow("t", t, key), lock)
	rows, err := readRows(ctx, tx, sql, 2, q.args...)
	if err != nil || len(rows) != 1 {
		return nil, RefusedUnknown, err
	}
	one.tenant, one.row = deref(rows[0].values[0]), rows[0].values[1]
	if one.old, err = one.text(one.row); err != nil {
		return nil, RefusedType, nil // no JSON object to write into
	}
	owned, err := s.owned(ctx, tx, c, r, one)
	if err != nil || !owned {
		return nil, RefusedUnknown, err
	}
	return one, "", nil
}

// isRow compares a row's key as text: any text may come from outside.
func (q *query) isRow(alias string, t *datamap.Table, key []string) string {
	var on []string
	for i, k := range q.c.key(t) {
		on = append(on, q.anyOf(alias, t.Name, k, fmt.Sprintf("key\x00%d", i), key[i:i+1]))
	}
	return strings.Join(on, " AND ")
}

// owned says whether a row is the subject's in a role that may see the column.
func (s *Store) owned(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, one *change) (owned bool, err error) {
	for _, role := range s.ownRoles(one.table, r) {
		if len(s.query(c, r).ways(one.table, "t", role)) == 0 || len(one.column.Only) > 0 && !slices.Contains(one.column.Only, role) {
			continue
		}
		q := s.query(c, r)
		sql := "SELECT EXISTS (" + q.union(one.table, role, "1", " AND "+q.isRow("t", one.table, one.key)) + ")"
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&owned); err != nil || owned {
			return owned, err
		}
	}
	return false, nil
}

// correct makes all edits, or none.
func correct(ctx context.Context, tx pgx.Tx, e *execution, w *work, _ int) (int64, error) {
	if w.Seq > 1 {
		var n int64
		err := tx.QueryRow(ctx, "SELECT count(DISTINCT key) FROM dsar.written WHERE operation = $1 AND table_name = $2", e.op, w.Table).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("count the corrected rows: %w", err)
		}
		return n, nil
	}
	if err := e.s.lockUnique(ctx, tx, e.ask); err != nil {
		return 0, err
	}
	changes, err := e.s.changes(ctx, tx, e.c, e.roots, e.ask, " FOR UPDATE OF t")
	if _, refused := errors.AsType[Refused](err); refused {
		return 0, fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if err != nil {
		return 0, err
	}
	if e.s.asked(e.ask)+e.s.overwritten(changes) != e.plan.Asked {
		return 0, ErrMoved // somebody has written since
	}
	for _, c := range changes {
		if err := e.s.correctOne(ctx, tx, e.c, c, e.op); err != nil {
			return 0, err
		}
	}
	rows := map[string]bool{}
	for _, c := range changes {
		if c.Table == w.Table {
			rows[c.Key] = true
		}
	}
	return int64(len(rows)), nil
}

// lockUnique keeps two corrections from giving one value to two rows, and where
// the role may, everybody else too for the moment that it takes.
func (s *Store) lockUnique(ctx context.Context, tx pgx.Tx, ask Ask) error {
	var tables []string
	for _, e := range ask.Edits {
		if t, ok := s.m.Table(e.Table); ok && slices.ContainsFunc(spots(t), func(p spot) bool { return p.name() == e.Column && p.how.Unique }) {
			tables = append(tables, e.Table)
		}
	}
	slices.Sort(tables)
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '3s'"); err != nil {
		return fmt.Errorf("prepare to write unique values: %w", err)
	}
	for _, name := range slices.Compact(tables) {
		table := ident(s.m.Store.Schema, name)
		var may bool
		err := tx.QueryRow(ctx, "SELECT has_table_privilege($1::text, 'UPDATE, DELETE, TRUNCATE') FROM pg_advisory_xact_lock(hashtextextended('dsar unique ' || $1::text, 0))", table).Scan(&may)
		if err == nil && may {
			_, err = tx.Exec(ctx, "LOCK TABLE "+table+" IN SHARE ROW EXCLUSIVE MODE")
		}
		if err != nil {
			return fmt.Errorf("hold %s for unique values: %w", name, err)
		}
	}
	return nil
}

// correctOne writes one value and notes it; the row's other columns must be as
// before, but for what the map says is computed or done by a reviewed trigger.
func (s *Store) correctOne(ctx context.Context, tx pgx.Tx, c *catalog, one change, op uuid.UUID) error {
	before, err := s.others(ctx, tx, c, one)
	if err != nil {
		return err
	}
	value := one.new
	if len(one.path) > 0 { // an edit before this one may have written to the same column
		q := s.query(c, &roots{})
		var now *string
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT %s::text FROM %s t WHERE %s", ident("t", one.column.Name), q.table(one.Table), q.isRow("t", one.table, one.key)), q.args...).Scan(&now); err != nil {
			return fmt.Errorf("read %s again: %w", one.Table, err)
		}
		if value, err = one.within(now); err != nil {
			return fmt.Errorf("write into %s.%s: %w", one.Table, one.column.Name, err)
		}
	}
	q := s.query(c, &roots{})
	sql := fmt.Sprintf("UPDATE %s t SET %s = %s::text::%s WHERE %s RETURNING %s::text", q.table(one.Table), ident(one.column.Name), q.arg("", value),
		q.column(one.Table, one.column.Name).sqlType, q.isRow("t", one.table, one.key), ident("t", one.column.Name))
	var stands *string
	if err := tx.QueryRow(ctx, sql, q.args...).Scan(&stands); err != nil {
		return fmt.Errorf("correct %s.%s: %w", one.Table, one.Column, unspoken(err))
	}
	after, err := s.others(ctx, tx, c, one)
	if err != nil {
		return err
	}
	if !slices.Equal(before, after) && len(one.table.Triggers) == 0 {
		return fmt.Errorf("correct %s.%s: another column of the row changed with it", one.Table, one.Column)
	}
	written, err := one.text(stands)
	if err != nil {
		return fmt.Errorf("read what was written to %s.%s: %w", one.Table, one.Column, err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO dsar.written (operation, table_name, key, column_name, digest) VALUES ($1, $2, $3, $4, $5)", op, one.Table, one.key, one.Column, s.cell(one.Table, keyText(one.key), one.Column, written))
	if err != nil {
		return fmt.Errorf("note the correction: %w", err)
	}
	return nil
}

// unspoken keeps a row's values out of an error: the server's detail has them.
func unspoken(err error) error {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return &pgconn.PgError{Severity: pe.Severity, Code: pe.Code, Message: "the store refuses the value", ConstraintName: pe.ConstraintName}
	}
	return err
}

// within writes an edit into the column's JSON.
func (c *change) within(now *string) (*string, error) {
	text := []byte("{}")
	if now != nil {
		text = []byte(*now)
	}
	leaf, found, err := leafAt(text, c.path)
	if err != nil {
		return nil, err
	}
	value := []byte("null")
	if c.new != nil {
		value = quoted(*c.new)
		if bare := found && len(leaf) > 0 && leaf[0] != '"' && string(leaf) != "null" || !found && c.how.Type == "number"; bare && json.Valid([]byte(*c.new)) {
			value = []byte(*c.new) // a number stays one
		}
	}
	text, err = withLeaf(text, c.path, value)
	return new(string(text)), err
}

// cell names a value in its place without telling it.
func (s *Store) cell(table, key, column, value string) []byte {
	return s.hash("cell", strings.Join([]string{table, key, column, value}, "\x00"))
}

// others reads the row's other columns that may be read.
func (s *Store) others(ctx context.Context, tx pgx.Tx, c *catalog, one change) ([]string, error) {
	q := s.query(c, &roots{})
	var selected []string
	for _, col := range one.table.Columns {
		if col.Name != one.column.Name && col.Group != datamap.Secret && col.Group != datamap.Derived {
			selected = append(selected, "coalesce(quote_literal("+ident("t", col.Name)+"::text), 'NULL')")
		}
	}
	var out []string
	sql := fmt.Sprintf("SELECT ARRAY[%s]::text[] FROM %s t WHERE %s", strings.Join(selected, ", "), q.table(one.Table), q.isRow("t", one.table, one.key))
	if err := tx.QueryRow(ctx, sql, q.args...).Scan(&out); err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", one.Table, err)
	}
	return out, nil
}

// uncorrected counts the rows in which what was written does not stand.
func (s *Store) uncorrected(t *datamap.Table, ask Ask) func(context.Context, pgx.Tx, *proof, *work) (int64, error) {
	return func(ctx context.Context, tx pgx.Tx, at *proof, _ *work) (int64, error) {
		wrong := map[string]bool{}
		for _, e := range ask.Edits {
			if e.Table != t.Name {
				continue
			}
			key, _ := keyParts(e.Key, len(at.c.key(t)))
			i := slices.IndexFunc(spots(t), func(p spot) bool { return p.name() == e.Column })
			if i < 0 || len(key) == 0 {
				continue
			}
			p, q := spots(t)[i], s.query(at.c, at.r)
			var digest []byte
			var now *string
			sql := fmt.Sprintf("SELECT %s::text, (SELECT w.digest FROM dsar.written w WHERE w.operation = %s AND w.table_name = %s AND w.key = %s AND w.column_name = %s) FROM %s t WHERE %s",
				ident("t", p.column.Name), q.arg("", at.op), q.arg("", e.Table), q.arg("", key), q.arg("", e.Column), q.table(t.Name), q.isRow("t", t, key))
			err := tx.QueryRow(ctx, sql, q.args...).Scan(&now, &digest)
			if errors.Is(err, pgx.ErrNoRows) {
				continue // the row is gone since, and its value with it
			}
			if err != nil {
				return 0, fmt.Errorf("look at what was corrected in %s: %w", t.Name, err)
			}
			stands, err := p.text(now)
			if err != nil || !hmac.Equal(digest, s.cell(e.Table, keyText(key), e.Column, stands)) {
				wrong[e.Key] = true
			}
		}
		return int64(len(wrong)), nil
	}
}

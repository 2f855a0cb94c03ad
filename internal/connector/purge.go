package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/bucket"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Files are noted in the transaction that takes their row away, and removed
// after all of it is committed: a file may outlive its row for a while, but no
// row ever names a file that is gone.

// thing is an object as a row names it.
type thing struct {
	store, key string
	below      bool // every object whose key begins so
}

// plainObject is a table's object whose key is what a column holds, nil without one.
func plainObject(t *datamap.Table) *datamap.Object {
	for i := range t.Objects {
		if t.Objects[i].Column() != "" {
			return &t.Objects[i]
		}
	}
	return nil
}

// plain says that SQL alone knows an object's key, and that it is in the storage
// without a name.
func plain(o datamap.Object) bool {
	return o.Column() != "" && len(o.Stores) == 0 && len(o.When) == 0 && !o.Many
}

// loses lists the objects of a step's rows that go with them: all where the row
// goes or says nothing any more, else those whose key, or whose being there, a
// column decides that is overwritten.
func (w *work) loses() []datamap.Object {
	switch {
	case w.rows != nil:
		return nil
	case w.rule.Do == datamap.Delete || w.rule.Do == datamap.Export || w.rule.Do == datamap.Tombstone:
		return w.table.Objects
	case !w.rule.Do.Overwrites():
		return nil
	}
	var out []datamap.Object
	for _, o := range w.table.Objects {
		decides := newNaming(o).columns
		for _, when := range o.When {
			decides = append(decides, when.Column)
		}
		if slices.ContainsFunc(w.rule.Set, func(a datamap.Assignment) bool { return slices.Contains(decides, a.Column) }) {
			out = append(out, o)
		}
	}
	return out
}

// naming reads the things that rows name through one object of their table.
type naming struct {
	o        datamap.Object
	template datamap.Template
	columns  []string
}

func newNaming(o datamap.Object) naming {
	template, _ := datamap.ParseTemplate(o.Key) // the map was read
	return naming{o, template, template.Columns()}
}

// cells are what things needs, as text.
func (n naming) cells(alias string) []string {
	out := []string{"''"}
	if n.o.By != "" {
		out[0] = "coalesce(" + ident(alias, n.o.By) + "::text, '')"
	}
	for _, name := range n.columns {
		text := ident(alias, name) + "::text"
		if slices.ContainsFunc(n.template.Parts, func(p datamap.TemplatePart) bool { return p.Column == name && len(p.Path) > 0 }) {
			text = "to_jsonb(" + ident(alias, name) + ") #>> '{}'" // arrays as JSON too; what is JSON, or a text with it, stays so
		}
		out = append(out, "coalesce("+text+", '')")
	}
	return out
}

func (n naming) selected(alias string) string { return strings.Join(n.cells(alias), ", ") }

// things makes keys of those cells. A key of which a part is missing
// names nothing.
func (n naming) things(cells []string) ([]thing, error) {
	filled := [][]string{make([]string, len(n.template.Parts))}
	for _, g := range n.groups() {
		var longer [][]string
		for _, values := range g.values(n.template.Parts, cells[1+slices.Index(n.columns, g.column)]) {
			for _, one := range filled {
				one = slices.Clone(one)
				for i, part := range g.parts {
					one[part] = values[i]
				}
				longer = append(longer, one)
			}
		}
		filled = longer
	}
	var out []thing
	for _, values := range filled {
		for i, p := range n.template.Parts {
			if p.Column == "" {
				values[i] = p.Text
			}
		}
		out = append(out, thing{n.o.Stores[cells[0]], strings.Join(values, ""), n.template.Below})
	}
	if n.o.By != "" && len(out) > 0 && out[0].store == "" {
		return nil, fmt.Errorf("%w: the map does not say in which object storage the files are where %s has a value that it does not list", ErrUnfit, n.o.By)
	}
	return out, nil
}

// group are parts of a template that are filled together: those that stand in
// the same element of the same list.
type group struct {
	column string
	list   datamap.JSONPath
	parts  []int
}

func (n naming) groups() []group {
	var out []group
	for i, p := range n.template.Parts {
		if p.Column == "" {
			continue
		}
		list, _ := splitAtList(p.Path)
		at := slices.IndexFunc(out, func(g group) bool { return g.column == p.Column && g.list.String() == list.String() && len(p.Path) > 0 })
		if at < 0 {
			out, at = append(out, group{column: p.Column, list: list}), len(out)
		}
		out[at].parts = append(out[at].parts, i)
	}
	return out
}

// splitAtList cuts a path behind its last step that means several places.
func splitAtList(p datamap.JSONPath) (list, rest datamap.JSONPath) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Each || p[i].Any {
			return p[:i+1], p[i+1:]
		}
	}
	return nil, p
}

// values gives what a column says for a group's parts, once for each element.
func (g group) values(parts []datamap.TemplatePart, cell string) [][]string {
	first := parts[g.parts[0]]
	if len(first.Path) == 0 {
		if first.To > 0 {
			cell = cell[min(first.From, len(cell)):min(first.To, len(cell))]
		}
		if cell == "" {
			return nil
		}
		return [][]string{{cell}}
	}
	var out [][]string
	_, _ = edits(cell, g.list, func(e *editor, n *node, _ []holder) {
		element := e.doc[n.from:n.to]
		var values []string
		for _, i := range g.parts {
			_, rest := splitAtList(parts[i].Path)
			if value := scalarAt(element, rest); value != "" {
				values = append(values, value)
			}
		}
		if len(values) == len(g.parts) {
			out = append(out, values)
		}
	})
	return out
}

// scalarAt is the text or number that stands at a path, "" if none does.
func scalarAt(doc string, path datamap.JSONPath) (value string) {
	_, _ = edits(doc, path, func(e *editor, n *node, _ []holder) {
		switch c := e.doc[n.from]; {
		case value != "" || c == '{' || c == '[' || c == 'n':
		case c == '"':
			value = read(e.doc, *n).said
		default:
			value = e.doc[n.from:n.to]
		}
	})
	return value
}

// countThings counts the files that go with a step's rows, for its plan.
func (s *Store) countThings(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) (total int64, err error) {
	for _, o := range w.loses() {
		if o.Many {
			continue
		}
		q := s.query(c, r)
		if plain(o) {
			var n int64
			sql := q.sum(w.table, w.role, q.narrow("t", w, cutoff), "count(nullif("+ident("t", o.Column())+"::text, ''))")
			if err := tx.QueryRow(ctx, sql, q.args...).Scan(&n); err != nil {
				return 0, fmt.Errorf("count the files of %s: %w", w.Table, err)
			}
			total += n
			continue
		}
		n := newNaming(o)
		sql := q.union(w.table, w.role, n.selected("t"), q.narrow("t", w, cutoff)+q.when("t", w.Table, o.When))
		if err := n.read(ctx, tx, sql, q.args, func(all []thing, err error) error { total += int64(len(all)); return err }); err != nil {
			return 0, fmt.Errorf("count the files of %s: %w", w.Table, err)
		}
	}
	return total, nil
}

// read hands on what the rows of a statement name.
func (n naming) read(ctx context.Context, tx pgx.Tx, sql string, args []any, found func([]thing, error) error) error {
	cells := make([]string, 1+len(n.columns))
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		return found(n.things(cells))
	})
	return err
}

// noteFiles writes down the files of the batch's rows for removal.
func (e *execution) noteFiles(ctx context.Context, tx pgx.Tx, w *work, batch int) error {
	for _, o := range w.loses() {
		q := e.s.query(e.c, e.roots, e.op, w.Seq, batch)
		if plain(o) {
			if _, err := tx.Exec(ctx, q.journal(w, o), q.args...); err != nil {
				return fmt.Errorf("note the files: %w", err)
			}
			continue
		}
		n := newNaming(o)
		var stores, keys []string
		sql := fmt.Sprintf("SELECT %s FROM %s t, %s WHERE %s%s", n.selected("t"), q.table(w.Table), q.frozen(w), q.isFrozen(w), q.when("t", w.Table, o.When))
		err := n.read(ctx, tx, sql, q.args, func(all []thing, err error) error {
			for _, one := range all {
				stores, keys = append(stores, one.store), append(keys, one.key)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("read the files: %w", err)
		}
		outcome := "" // to be removed
		if o.Many {
			outcome = "flagged"
		}
		_, err = tx.Exec(ctx, `INSERT INTO dsar.object (operation, store, object_key, below, outcome)
			SELECT DISTINCT $1::uuid, s, k, $4::boolean, nullif($5::text, '') FROM unnest($2::text[], $3::text[]) o(s, k) ON CONFLICT DO NOTHING`, e.op, stores, keys, n.template.Below, outcome)
		if err != nil {
			return fmt.Errorf("note the files: %w", err)
		}
	}
	return nil
}

// journal notes the files of the batch's rows for removal, where the column's
// value is the key.
func (q *query) journal(w *work, o datamap.Object) string {
	at := ident("t", o.Column())
	return fmt.Sprintf("INSERT INTO dsar.object (operation, object_key) SELECT DISTINCT $1::uuid, %s::text FROM %s t, %s WHERE %s AND %s::text <> '' ON CONFLICT DO NOTHING",
		at, q.table(w.Table), q.frozen(w), q.isFrozen(w), at)
}

// purge removes the noted files that no row names any more. A file may be
// removed twice, and is counted once.
func (e *execution) purge(ctx context.Context) error {
	if e.state == "executed" || e.state == "finished" {
		return nil
	}
	var noted bool
	if err := e.s.db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM dsar.object WHERE operation = $1 AND outcome IS NULL)", e.op).Scan(&noted); err != nil {
		return fmt.Errorf("look for files to remove: %w", err)
	}
	if !noted {
		return nil
	}
	if e.s.opt.Objects == nil {
		return errors.New("files are to be removed and no object storage is configured")
	}
	if err := e.spare(ctx); err != nil {
		return err
	}
	for failures := 0; ; {
		rows, err := e.s.db.Query(ctx, "SELECT store, object_key, below FROM dsar.object WHERE operation = $1 AND outcome IS NULL LIMIT 500", e.op)
		if err != nil {
			return fmt.Errorf("read the files to remove: %w", err)
		}
		all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t thing, err error) { return t, r.Scan(&t.store, &t.key, &t.below) })
		if err != nil {
			return fmt.Errorf("read the files to remove: %w", err)
		}
		if len(all) == 0 {
			return nil
		}
		err = e.removeAll(ctx, all)
		switch {
		case err == nil:
			failures = 0
		case failures == 5 || ctx.Err() != nil || errors.Is(err, bucket.ErrRefused):
			return err
		default:
			failures++
			if err := wait(ctx, 50*time.Millisecond<<failures); err != nil {
				return err
			}
		}
	}
}

// removeAll removes things and notes which are gone, also beside an error.
func (e *execution) removeAll(ctx context.Context, all []thing) error {
	single := map[string][]string{} // store → keys
	var errs []error
	for _, one := range all {
		if in, err := e.s.opt.Objects.In(one.store); err == nil && in.place != nil && !in.place.Names(strings.TrimSuffix(one.key, "/")) {
			errs = append(errs, e.outcome(ctx, "flagged", one.store, []string{one.key})) // an address elsewhere, or rubbish
			continue
		}
		if !one.below {
			single[one.store] = append(single[one.store], one.key)
			continue
		}
		err := e.s.opt.Objects.removeBelow(ctx, one)
		if err == nil {
			err = e.outcome(ctx, "removed", one.store, []string{one.key})
		}
		errs = append(errs, err)
	}
	for _, store := range sortedKeys(single) {
		in, err := e.s.opt.Objects.In(store)
		if err != nil {
			return err
		}
		gone, err := in.RemoveAll(ctx, single[store])
		errs = append(errs, err, e.outcome(ctx, "removed", store, gone))
	}
	return errors.Join(errs...)
}

func (e *execution) outcome(ctx context.Context, outcome, store string, keys []string) error {
	if _, err := e.s.db.Exec(ctx, "UPDATE dsar.object o SET outcome = $4 FROM unnest($3::text[]) k (key) WHERE o.operation = $1 AND o.store = $2 AND o.object_key = k.key", e.op, store, keys, outcome); err != nil {
		return fmt.Errorf("note what became of files: %w", err)
	}
	return nil
}

// removeBelow removes every object below a key, some at a time.
func (o *Objects) removeBelow(ctx context.Context, one thing) error {
	in, err := o.In(one.store)
	if err != nil {
		return err
	}
	var keys []string
	for key, err := range in.List(ctx, one.key) {
		if err != nil {
			return err
		}
		if keys = append(keys, key); len(keys) < 500 {
			continue
		}
		if _, err := in.RemoveAll(ctx, keys); err != nil {
			return err
		}
		keys = keys[:0]
	}
	_, err = in.RemoveAll(ctx, keys)
	return err
}

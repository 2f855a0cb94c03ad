package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

// catalog is what the live store says of itself.
type catalog struct {
	schema string
	tables map[string]*relation
}

// relation is one table or view.
type relation struct {
	name     string
	view     bool // or a materialised view
	stored   bool // holds rows of its own
	columns  map[string]*column
	order    []string
	key      []string     // primary key
	indexes  []indexed    // first key of every usable index
	unique   [][]string   // other unique keys, all of whose columns are NOT NULL
	distinct [][]string   // the columns of every unique index but the primary key's, of its expressions and its condition too
	refs     []foreignKey // foreign keys that point here
	triggers []string
	reads    []string // views: the relations that they read
}

type column struct {
	name     string
	sqlType  string // as format_type writes it, without length; of a domain, what it is made of
	category string // pg_type.typcategory
	length   int    // of varchar and char; 0 if none
	notNull  bool
	given    bool // the store fills it itself: a default, a number of its own, a computed value
	computed bool // GENERATED from other columns: nobody can write it
	ordinal  int
}

func (c *column) textual() bool { return c.sqlType == "text" || c.sqlType == "character varying" }
func (c *column) searchable() bool {
	return c.category == "S" || c.sqlType == "json" || c.sqlType == "jsonb" || c.category == "A"
}

// indexed is the first thing an index is sorted by: a column or an expression.
type indexed struct {
	first  string
	size   int
	method string // btree, gin …
	bytes  bool   // texts are sorted byte by byte, so that a prefix is a range
}

type foreignKey struct {
	name     string
	table    string // the referencing table
	columns  []string
	to       []string
	onDelete string // a no action, r restrict, c cascade, n set null, d set default
}

func loadCatalog(ctx context.Context, q pg.Querier, schema string) (*catalog, error) {
	c := &catalog{schema: schema, tables: map[string]*relation{}}
	for _, load := range []func(context.Context, pg.Querier) error{c.loadColumns, c.loadIndexes, c.loadForeignKeys, c.loadTriggers, c.loadViews} {
		if err := load(ctx, q); err != nil {
			return nil, fmt.Errorf("read the store's catalogue: %w", err)
		}
	}
	return c, nil
}

func each(ctx context.Context, q pg.Querier, sql string, args []any, scan []any, fn func()) error {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, scan, func() error { fn(); return nil })
	return err
}

func (c *catalog) loadColumns(ctx context.Context, q pg.Querier) error {
	var table, kind, name, sqlType, category string
	var length int
	var notNull, given, computed bool
	return each(ctx, q, `
		SELECT c.relname::text, c.relkind::text, a.attname::text, format_type(b.oid, NULL), b.typcategory::text,
		       CASE WHEN b.typname IN ('varchar', 'bpchar') AND greatest(a.atttypmod, t.typtypmod) > 4 THEN greatest(a.atttypmod, t.typtypmod) - 4 ELSE 0 END,
		       a.attnotnull OR t.typnotnull,
		       a.atthasdef OR a.attidentity <> '', a.attgenerated <> ''
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		JOIN pg_type t ON t.oid = a.atttypid
		JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END -- a domain is what it is made of
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
		ORDER BY c.relname, a.attnum`,
		[]any{c.schema}, []any{&table, &kind, &name, &sqlType, &category, &length, &notNull, &given, &computed}, func() {
			r := c.tables[table]
			if r == nil {
				r = &relation{name: table, view: kind == "v" || kind == "m", stored: kind != "v", columns: map[string]*column{}}
				c.tables[table] = r
			}
			r.columns[name] = &column{name, sqlType, category, length, notNull, given, computed, len(r.order)}
			r.order = append(r.order, name)
		})
}

func (c *catalog) loadIndexes(ctx context.Context, q pg.Querier) error {
	var table, first, method, only string
	var primary, unique, bytes bool
	var keys, all []string
	return each(ctx, q, `
		SELECT c.relname::text, i.indisprimary, i.indisunique, coalesce(pg_get_expr(i.indpred, i.indrelid), ''), am.amname::text,
		       (SELECT opcname LIKE '%pattern_ops' FROM pg_opclass WHERE oid = i.indclass[0]) OR i.indcollation[0] IN ('"C"'::regcollation, '"POSIX"'::regcollation)
		           OR i.indcollation[0] = '"default"'::regcollation AND (SELECT datcollate IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()),
		       pg_get_indexdef(i.indexrelid, 1, true),
		       ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos)
		             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num AND k.num > 0
		             WHERE k.pos <= i.indnkeyatts ORDER BY k.pos),
		       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (
		             SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))
		             ORDER BY a.attnum)
		FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_class x ON x.oid = i.indexrelid
		JOIN pg_am am ON am.oid = x.relam
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND i.indisvalid AND i.indislive
		ORDER BY c.relname, i.indexrelid`,
		[]any{c.schema}, []any{&table, &primary, &unique, &only, &method, &bytes, &first, &keys, &all}, func() {
			r := c.tables[table]
			if r == nil {
				return
			}
			if len(keys) > 0 && keys[0] != "" {
				first = keys[0]
			} else {
				first = plainExpression(first)
			}
			if only == "" || plainExpression(only) == "("+plainExpression(first)+"ISNOTNULL)" { // else it answers for some rows only
				r.indexes = append(r.indexes, indexed{first, len(keys), method, bytes})
			}
			if unique && !primary {
				r.distinct = append(r.distinct, slices.Clone(all))
			}
			if primary {
				r.key = slices.Clone(keys)
			} else if unique && only == "" && !slices.ContainsFunc(keys, func(k string) bool { return k == "" || !r.columns[k].notNull }) {
				r.unique = append(r.unique, slices.Clone(keys))
			}
		})
}

// plainExpression takes the casts and blanks out of an index expression, so
// that lower((email)::text) and lower(email) are the same.
func plainExpression(s string) string {
	s = strings.NewReplacer("::text", "", "::character varying", "", " ", "", `"`, "").Replace(s)
	for {
		open := strings.Index(s, "((")
		if open < 0 {
			return s
		}
		end := strings.IndexByte(s[open:], ')')
		if end < 0 {
			return s
		}
		s = s[:open+1] + s[open+2:open+end] + s[open+end+1:]
	}
}

func (c *catalog) loadForeignKeys(ctx context.Context, q pg.Querier) error {
	var target string
	var fk foreignKey
	return each(ctx, q, `
		SELECT t.relname::text, f.conname::text, CASE WHEN cn.nspname = $1 THEN c.relname::text ELSE cn.nspname || '.' || c.relname END,
		       ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.num ORDER BY k.pos),
		       ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.num ORDER BY k.pos),
		       f.confdeltype::text
		FROM pg_constraint f
		JOIN pg_class t ON t.oid = f.confrelid
		JOIN pg_namespace tn ON tn.oid = t.relnamespace
		JOIN pg_class c ON c.oid = f.conrelid
		JOIN pg_namespace cn ON cn.oid = c.relnamespace
		WHERE f.contype = 'f' AND tn.nspname = $1 AND f.conparentid = 0
		ORDER BY t.relname, c.relname, f.conname`,
		[]any{c.schema}, []any{&target, &fk.name, &fk.table, &fk.columns, &fk.to, &fk.onDelete}, func() {
			if r := c.tables[target]; r != nil {
				one := fk
				one.columns, one.to = slices.Clone(fk.columns), slices.Clone(fk.to)
				r.refs = append(r.refs, one)
			}
		})
}

func (c *catalog) loadTriggers(ctx context.Context, q pg.Querier) error {
	var table, name string
	return each(ctx, q, `
		SELECT c.relname::text, g.tgname::text
		FROM pg_trigger g
		JOIN pg_class c ON c.oid = g.tgrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND NOT g.tgisinternal AND g.tgenabled <> 'D'
		ORDER BY 1, 2`, []any{c.schema}, []any{&table, &name}, func() {
		if r := c.tables[table]; r != nil {
			r.triggers = append(r.triggers, name)
		}
	})
}

func (c *catalog) loadViews(ctx context.Context, q pg.Querier) error {
	var view, table string
	return each(ctx, q, `
		SELECT DISTINCT v.relname::text, t.relname::text
		FROM pg_rewrite w
		JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
		JOIN pg_namespace n ON n.oid = v.relnamespace
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
		JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid
		WHERE n.nspname = $1
		ORDER BY 1, 2`, []any{c.schema}, []any{&view, &table}, func() {
		if r := c.tables[view]; r != nil {
			r.reads = append(r.reads, table)
		}
	})
}

// key gives the columns that name a row: the map's word, else the primary key.
func (c *catalog) key(t *datamap.Table) []string {
	if len(t.Key) > 0 {
		return t.Key
	}
	if r := c.tables[t.Name]; r != nil {
		return r.key
	}
	return nil
}

// has says whether an index begins with a column or a plain expression.
func (r *relation) has(first string) bool {
	return slices.ContainsFunc(r.indexes, func(i indexed) bool { return i.first == first })
}

// answers says whether an index of a method (the usual ones if it is empty)
// begins with an expression.
func (r *relation) answers(plain, method string, bytes bool) bool {
	return slices.ContainsFunc(r.indexes, func(i indexed) bool {
		usual := i.method == "btree" || i.method == "hash"
		return plainExpression(i.first) == plain && (i.method == method || method == "" && usual) && (i.bytes || !bytes)
	})
}

// sorted says whether an index gives a column's values in their order.
func (r *relation) sorted(column string) bool {
	return slices.ContainsFunc(r.indexes, func(i indexed) bool { return i.first == column && i.method == "btree" })
}

// fingerprint names the mapped part of the schema: equal hash, equal columns,
// keys, references and triggers.
func (c *catalog) fingerprint(m *datamap.Map) string {
	h := sha256.New()
	for _, t := range m.Tables {
		r := c.tables[t.Name]
		if r == nil {
			fmt.Fprintf(h, "no %q\n", t.Name)
			continue
		}
		fmt.Fprintf(h, "table %q key %q triggers %q\n", t.Name, r.key, r.triggers)
		for _, name := range r.order {
			col := r.columns[name]
			fmt.Fprintf(h, "column %q %s %d %t\n", name, col.sqlType, col.length, col.notNull)
		}
		for _, fk := range r.refs {
			fmt.Fprintf(h, "reference %q %q %q %s\n", fk.table, fk.columns, fk.to, fk.onDelete)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

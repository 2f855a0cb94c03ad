package connector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A file that lost its row stays if another row names it: a forwarded picture,
// or one whose key somebody has written into a row of her own. Whatever the map
// says of objects is asked, as the same key may be made in several ways.

// spare marks all pending files that a row still names.
func (e *execution) spare(ctx context.Context) error {
	for _, t := range e.s.m.Tables {
		for _, o := range t.Objects {
			for _, store := range storesOf(o) {
				if err := e.spareOne(ctx, t, o, store); err != nil {
					return fmt.Errorf("look for files that other rows of %s name: %w", t.Name, err)
				}
			}
		}
	}
	return nil
}

func storesOf(o datamap.Object) []string {
	out := []string{o.Stores[""]}
	if o.By != "" {
		out = out[:0]
		for _, value := range sortedKeys(o.Stores) {
			if !slices.Contains(out, o.Stores[value]) {
				out = append(out, o.Stores[value])
			}
		}
	}
	return out
}

// spareOne compares the pending files with what rows name through one object of
// a table, unless none of them can be meant.
func (e *execution) spareOne(ctx context.Context, t *datamap.Table, o datamap.Object, store string) error {
	n := newNaming(o)
	var any bool
	q := e.s.query(e.c, e.roots, e.op)
	sql := "SELECT EXISTS (SELECT FROM dsar.object o WHERE " + q.pending("o", n, store) + ")"
	if err := e.s.db.QueryRow(ctx, sql, q.args...).Scan(&any); err != nil || !any {
		return err
	}
	if n.inJSON() {
		return e.spareListed(ctx, t, n, store)
	}
	q = e.s.query(e.c, e.roots, e.op)
	sql = q.spared(t, n, store)
	_, err := e.s.db.Exec(ctx, sql, q.args...)
	return err
}

func (n naming) inJSON() bool {
	return slices.ContainsFunc(n.template.Parts, func(p datamap.TemplatePart) bool { return len(p.Path) > 0 })
}

// pending narrows to the files to be removed whose key looks like a template's.
func (q *query) pending(alias string, n naming, store string) string {
	var like strings.Builder
	for _, p := range n.template.Parts {
		if p.Column != "" {
			like.WriteString("%")
		}
		like.WriteString(strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(p.Text))
	}
	if n.template.Below {
		like.WriteString("%")
	}
	return fmt.Sprintf("%[1]s.operation = $1 AND %[1]s.outcome IS NULL AND %[1]s.store = %[2]s AND %[1]s.object_key LIKE %[3]s",
		alias, q.arg("store", store), q.arg("like", like.String()))
}

// spared marks the pending files whose key a row gives, or gives the beginning of.
func (q *query) spared(t *datamap.Table, n naming, store string) string {
	var key []string
	for _, p := range n.template.Parts {
		switch {
		case p.Column == "":
			key = append(key, q.arg("", p.Text)+"::text")
		case p.To > 0:
			key = append(key, fmt.Sprintf("substr(%s::text, %d, %d)", ident("x", p.Column), p.From+1, p.To-p.From))
		case len(n.template.Parts) == 1:
			key = append(key, q.text("x", t.Name, p.Column))
		default:
			key = append(key, ident("x", p.Column)+"::text")
		}
	}
	which := q.when("x", t.Name, n.o.When) + q.ofKey("x", t, n, store)
	if n.o.By != "" {
		var values []string
		for _, value := range sortedKeys(n.o.Stores) {
			if n.o.Stores[value] == store {
				values = append(values, value)
			}
		}
		which += " AND " + q.anyOf("x", t.Name, n.o.By, "", values)
	}
	named := fmt.Sprintf("EXISTS (SELECT FROM %s x WHERE %s = o.object_key%s)", q.table(t.Name), strings.Join(key, " || "), which)
	if n.template.Below {
		named = fmt.Sprintf("o.object_key IN (SELECT p.object_key FROM (SELECT p.object_key, %s AS above FROM dsar.object p WHERE %s) p JOIN %s x ON %s = p.above%s)",
			above("p.object_key"), q.pending("p", n, store), q.table(t.Name), strings.Join(key, " || "), which)
	}
	return fmt.Sprintf("UPDATE dsar.object o SET outcome = 'shared' WHERE %s AND %s", q.pending("o", n, store), named)
}

// above lists everything above a key: "a/", then "a/b/".
func above(key string) string {
	return fmt.Sprintf("unnest(ARRAY(SELECT array_to_string((string_to_array(%[1]s, '/'))[1:n], '/') || '/' FROM generate_series(1, length(%[1]s) - length(replace(%[1]s, '/', ''))) n))", key)
}

// ofKey narrows to the rows whose own key stands in a pending file's, where such
// a key can be told from what is around it. There it makes an index answer.
func (q *query) ofKey(alias string, t *datamap.Table, n naming, store string) string {
	for _, p := range n.template.Parts {
		if p.Column == "" || p.To > 0 || !slices.Contains(q.c.key(t), p.Column) || !apartIn(n.template.Parts, p.Column) {
			continue
		}
		looks, value := "", ""
		switch sqlType := q.column(t.Name, p.Column).sqlType; {
		case sqlType == "uuid":
			looks, value = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "m.m[1]::uuid"
		case integers[sqlType] > 0:
			looks, value = "[0-9]+", "CASE WHEN m.m[1]::numeric <= 9223372036854775807 THEN m.m[1]::bigint END"
		default:
			continue
		}
		return fmt.Sprintf(" AND %s = ANY (ARRAY(SELECT DISTINCT %s FROM dsar.object k, regexp_matches(k.object_key, %s, 'g') m (m) WHERE %s))",
			ident(alias, p.Column), value, q.arg("", looks), q.pending("k", n, store))
	}
	return ""
}

// apartIn says that a column's value stands in a key with a sign before and
// behind it that is neither letter nor digit.
func apartIn(parts []datamap.TemplatePart, name string) bool {
	i := slices.IndexFunc(parts, func(p datamap.TemplatePart) bool { return p.Column == name && p.To == 0 })
	if i < 0 {
		return false
	}
	edge := func(text string) bool { return text != "" && bare(text) == "" && text != "-" }
	before, after := i == 0, i == len(parts)-1
	if i > 0 && parts[i-1].Column == "" {
		text := parts[i-1].Text
		before = edge(text[len(text)-1:])
	}
	if i+1 < len(parts) && parts[i+1].Column == "" {
		after = edge(parts[i+1].Text[:1])
	}
	return before && after
}

// compared is how many keys of rows are compared at once.
const compared = 5000

// spareListed reads what rows name in their JSON, all of them: no index knows.
func (e *execution) spareListed(ctx context.Context, t *datamap.Table, n naming, store string) error {
	return e.s.readingFor(ctx, 15*e.s.opt.Timeout, func(tx pgx.Tx, c *catalog) error {
		var keys []string
		flush := func() error {
			_, err := e.s.db.Exec(ctx, "UPDATE dsar.object o SET outcome = 'shared' FROM unnest($3::text[]) k (key) WHERE o.operation = $1 AND o.outcome IS NULL AND o.store = $2 AND o.object_key = k.key", e.op, store, keys)
			keys = keys[:0]
			return err
		}
		q := e.s.query(c, e.roots)
		sql := fmt.Sprintf("SELECT %s FROM %s t WHERE true%s%s", n.selected("t"), q.table(t.Name), q.when("t", t.Name, n.o.When), handed{objects: []naming{n}}.some())
		err := n.read(ctx, tx, sql, q.args, func(all []thing, _ error) error { // where nobody knows the storage, nothing is to be removed
			for _, one := range all {
				if one.store == store {
					keys = append(keys, one.key)
				}
			}
			if len(keys) < compared {
				return nil
			}
			return flush()
		})
		if err == nil {
			err = flush()
		}
		return err
	})
}

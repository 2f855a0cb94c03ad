package connector

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// leftValues searches the identifiers in all mapped text and in the views that
// keep copies of it, outside the rows that a ground leaves to the subject.
// Columns that hold identifiers were searched by their normaliser already, which
// knows strangers' numbers better. Names are not searched: they are other
// people's as well, and what was to be scrubbed of them was looked at row by row.
func (s *Store) leftValues(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, out *Residue) error {
	pattern := s.pattern(r)
	if pattern == "" {
		return nil
	}
	for _, t := range s.m.Tables {
		var columns []datamap.Column
		for _, col := range t.Columns {
			if col.Group != datamap.Secret && !s.m.Identifies(t, col.Name) && c.tables[t.Name].columns[col.Name].readable(col) {
				// What is computed from words of others may name the subject as they do.
				col.Mentions = col.Mentions || col.Group == datamap.Derived && slices.ContainsFunc(t.Columns, func(c datamap.Column) bool { return c.Mentions })
				columns = append(columns, col)
			}
		}
		q := s.query(c, r)
		if err := s.search(ctx, tx, q, r, t.Name, columns, s.unexcused(q, t), out); err != nil {
			return err
		}
		if err := s.leftInside(ctx, tx, c, r, t, columns, out); err != nil {
			return err
		}
	}
	for _, v := range s.m.Views {
		if err := s.searchView(ctx, tx, c, r, v, out); err != nil {
			return err
		}
	}
	return nil
}

// searchView looks for copies in a view that its definition would not bring any
// more. What it still brings stands in tables, which were searched: staff only
// hear of it.
func (s *Store) searchView(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, v datamap.View, out *Residue) error {
	var columns []datamap.Column
	for _, name := range v.Search {
		columns = append(columns, datamap.Column{Name: name, Mentions: true})
	}
	var hits Residue
	if err := s.search(ctx, tx, s.query(c, r), r, v.Name, columns, "", &hits); err != nil || len(hits.Mentions) == 0 {
		return err
	}
	var now string
	if err := tx.QueryRow(ctx, "SELECT rtrim(pg_get_viewdef($1::text::regclass), '; ')", ident(s.m.Store.Schema, v.Name)).Scan(&now); err != nil {
		return fmt.Errorf("read what the view %s is: %w", v.Name, err)
	}
	for _, h := range hits.Mentions {
		q := s.query(c, r)
		at, text := q.arg("", s.pattern(r)), q.plainText(v.Name, h.Column)
		sql := fmt.Sprintf("SELECT count(*) FROM (SELECT %s FROM %s t WHERE %s ~* %s::text EXCEPT ALL SELECT %s FROM (%s) t) stale", text, q.table(v.Name), text, at, text, now)
		var stale int64
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { return tx.QueryRow(ctx, sql, q.args...).Scan(&stale) })
		switch refused, ok := errors.AsType[*pgconn.PgError](err); {
		case ok && refused.Code == "42501" && !v.Refresh:
			stale = h.Rows // we may not read all that it is made of
		case ok && refused.Code == "42501":
		case err != nil:
			return fmt.Errorf("compare the view %s with what it is made of: %w", v.Name, err)
		}
		if stale > 0 {
			out.Values = append(out.Values, Hit{Table: h.Table, Column: h.Column, Rows: stale})
		} else {
			out.Mentions = append(out.Mentions, h)
		}
	}
	return nil
}

// readable says whether a column can hold an identifier in some writing.
func (c *column) readable(mapped datamap.Column) bool {
	return c.searchable() || c.sqlType == "bytea" || c.sqlType == "tsvector" || mapped.Group == datamap.Data && (c.sqlType == "bigint" || c.sqlType == "numeric")
}

// unexcused narrows a search to the rows that no ground leaves to the subject,
// and that nobody decided to be somebody else's.
func (s *Store) unexcused(q *query, t *datamap.Table) string {
	sql := q.within("t", t, "", false) // other tenants were not asked
	var others []string
	for _, ref := range q.r.Who.Exclude {
		if ref.Table == t.Name {
			others = append(others, ref.Key)
		}
	}
	if key := q.rootKey(t.Name); key != "" && len(others) > 0 {
		sql += " AND (" + q.anyOf("t", t.Name, key, "others", others) + ") IS NOT TRUE"
	}
	for role, u := range t.Erasures() {
		if u.Do != datamap.Keep && u.Ground == "" {
			continue
		}
		for _, excused := range q.ways(t, "t", role) {
			sql += " AND (" + excused + ") IS NOT TRUE"
		}
	}
	return sql
}

// search counts the rows of a table or view in which columns hold an identifier.
func (s *Store) search(ctx context.Context, tx pgx.Tx, q *query, r *roots, table string, columns []datamap.Column, narrow string, out *Residue) error {
	if len(columns) == 0 {
		return nil
	}
	at, cores := q.arg("pattern", s.pattern(r)), ""
	var texts, counts, roughs []string
	for _, col := range columns {
		text := q.plainText(table, col.Name)
		hit := fmt.Sprintf("%s ~* %s::text", text, at)
		if col.Encoded != "" {
			cores = q.arg("cores", s.cores(r))
			hit = fmt.Sprintf("(%s OR %s LIKE ANY (%s::text[]))", hit, text, cores)
			roughs = append(roughs, fmt.Sprintf("%s LIKE ANY (%s::text[])", text, cores))
		}
		texts, counts = append(texts, text), append(counts, fmt.Sprintf("count(*) FILTER (WHERE %s)", hit))
	}
	roughs = append(roughs, roughly(texts, q.arg("rough", s.rough(r))))
	sql := fmt.Sprintf("SELECT ARRAY[%s] FROM %s t WHERE %s%s", strings.Join(counts, ", "), q.table(table), either(roughs), narrow)
	var found []int64
	if err := tx.QueryRow(ctx, sql, q.args...).Scan(&found); err != nil {
		return fmt.Errorf("search the text of %s: %w", table, err)
	}
	for i, n := range found {
		out.hit(table, columns[i], n)
	}
	return nil
}

func (out *Residue) hit(table string, col datamap.Column, n int64) {
	switch one := (Hit{Table: table, Column: col.Name, Rows: n}); {
	case n == 0:
	case col.Mentions:
		out.Mentions = append(out.Mentions, one)
	default:
		out.Values = append(out.Values, one)
	}
}

// plainText reads a column as the text that it holds, bytes too.
func (q *query) plainText(table, name string) string {
	if q.column(table, name).sqlType == "bytea" {
		return "encode(" + ident("t", name) + ", 'escape')"
	}
	return q.text("t", table, name)
}

// leftInside looks into JSON that writes plain letters and signs as \u0040: few
// writers do, and there the pattern sees nothing.
func (s *Store) leftInside(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, t *datamap.Table, columns []datamap.Column, out *Residue) error {
	bare := *r
	bare.Names = nil
	find := s.scrubberOf(&bare).in
	for _, col := range columns {
		if sqlType := c.tables[t.Name].columns[col.Name].sqlType; !col.JSON && sqlType != "json" && sqlType != "jsonb" {
			continue
		}
		q := s.query(c, r)
		text := q.plainText(t.Name, col.Name)
		value := text
		if c.tables[t.Name].columns[col.Name].sqlType == "bytea" {
			value = "encode(" + ident("t", col.Name) + ", 'hex')"
		}
		sql := fmt.Sprintf(`SELECT %s FROM %s t WHERE %s ~ '\\u00[2-7]'%s`, value, q.table(t.Name), text, s.unexcused(q, t))
		var doc string
		n := int64(0)
		err := each(ctx, tx, sql, q.args, []any{&doc}, func() {
			if plain, err := hex.DecodeString(doc); value != text && err == nil {
				doc = string(plain)
			}
			spans, _ := edits(doc, nil, func(e *editor, n *node, _ []holder) { e.texts(n, find) })
			if len(spans) > 0 && len(find(doc)) == 0 {
				n++
			}
		})
		if err != nil {
			return fmt.Errorf("look into the JSON of %s: %w", t.Name, err)
		}
		out.hit(t.Name, col, n)
	}
	return nil
}

// cores are the base64 writings of the identifiers, for LIKE: what stands in the
// middle wherever in a group of three bytes they begin.
func (s *Store) cores(r *roots) []string {
	var out []string
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			forms := []string{v}
			if s.m.Normalisers[kind].Kind == datamap.E164 {
				forms = longForms(v)
			}
			for _, f := range forms {
				for shift := range 3 {
					whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + f))
					core := whole[[]int{0, 2, 3}[shift]:]
					if (shift+len(f))%3 != 0 {
						core = core[:len(core)-1]
					}
					url := strings.NewReplacer("+", "-", "/", "_", "_", `\_`).Replace(core)
					out = append(out, "%"+core+"%", "%"+url+"%")
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pattern matches any writing of the identifiers, and no longer one around it.
func (s *Store) pattern(r *roots) string {
	if r.Who.Organization {
		return "" // its people's addresses are their own
	}
	var any []string
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			switch s.m.Normalisers[kind].Kind {
			case datamap.E164:
				any = append(any, numberPattern(v))
			case datamap.Email:
				any = append(any, `(^|[^a-z0-9._%+-])`+regexp.QuoteMeta(v)+`(\.?([^a-z0-9.-]|$))`)
			default:
				if utf8.RuneCountInString(v) < telling {
					continue
				}
				any = append(any, `(^|[^a-z0-9])`+regexp.QuoteMeta(v)+`([^a-z0-9]|$)`)
			}
		}
	}
	return strings.Join(any, "|")
}

// between are the signs that people write between digits, two at most.
const between = " ()./-"

// roughly narrows a search to the rows that hold an identifier when case and
// the signs between digits are taken out. The pattern decides about what it
// lets through; on every row of a store that would take ten times as long.
func roughly(texts []string, forms string) string {
	all := "concat_ws(E'\\n', " + strings.Join(texts, ", ") + ")"
	for _, sign := range between {
		all = fmt.Sprintf("replace(%s, '%c', '')", all, sign)
	}
	return fmt.Sprintf(`lower(%s COLLATE "default") LIKE ANY (%s::text[])`, all, forms)
}

// rough gives the LIKE patterns for roughly. Letters beyond ASCII may have more
// than two cases, so that anything may stand for them.
func (s *Store) rough(r *roots) []string {
	clean := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	strip := func(c rune) rune {
		switch {
		case strings.ContainsRune(between, c):
			return -1
		case c > unicode.MaxASCII:
			return '%'
		}
		return c
	}
	out := []string{}
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			forms := []string{v}
			switch k := s.m.Normalisers[kind].Kind; {
			case k == datamap.E164:
				forms = longForms(v)
			case k != datamap.Email && utf8.RuneCountInString(v) < telling:
				continue
			}
			for _, f := range forms {
				out = append(out, "%"+strings.Map(strip, clean.Replace(strings.ToLower(f)))+"%")
			}
		}
	}
	return out
}

// longForms are the writings of a number, digits only, that are long enough to
// be its alone.
func longForms(e164 string) []string {
	forms := datamap.Normaliser{Kind: datamap.E164}.Spellings(e164)
	return slices.DeleteFunc(forms, func(f string) bool { return len(f) < 7 })
}

// numberPattern matches a number with or without its country code, and with
// the blanks, dashes and brackets that people write.
func numberPattern(e164 string) string {
	var any []string
	for _, f := range longForms(e164) {
		any = append(any, strings.Join(strings.Split(f, ""), "["+between+"]{0,2}"))
	}
	return `(^|[^0-9])(` + strings.Join(any, "|") + `)([^0-9]|$)`
}

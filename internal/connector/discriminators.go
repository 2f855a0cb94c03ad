package connector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// UnseenDiscriminator is a value that says what a reference means, and that the
// map does not know: whose rows those are, nobody can tell.
const UnseenDiscriminator = "unseen_discriminator"

// maxKinds is how many values a discriminator may have: more, and it is none.
const maxKinds = 1000

// discriminators looks for values that the map does not list. With an index it
// jumps from value to value; without one it reads the table once.
func (s *Store) discriminators(ctx context.Context, tx pgx.Tx, c *catalog) ([]datamap.Finding, error) {
	i := &inspector{s: s, c: c}
	for _, t := range s.m.Tables {
		for _, d := range t.Discriminators {
			unseen, cut, err := s.unseen(ctx, tx, c, t, d)
			if err != nil {
				return nil, fmt.Errorf("read the values of %s.%s: %w", t.Name, d.Column, err)
			}
			if cut {
				i.add(UnseenDiscriminator, s.m.Drift.UnseenDiscriminator, t.Name, d.Column, "the table is too large to look through for new values; CREATE INDEX ON %s (%s) would help",
					ident(s.m.Store.Schema, t.Name), ident(d.Column))
			}
			if len(unseen) > 0 {
				i.add(UnseenDiscriminator, s.m.Drift.UnseenDiscriminator, t.Name, d.Column, "the store holds %s; find out what such rows are, then add the value to discriminators and to the paths that it concerns",
					strings.Join(unseen, ", "))
			}
		}
	}
	return i.findings, nil
}

// unseen lists a few values that are not on the list, as the map would write
// them; NULL is one, unless the map lists it.
func (s *Store) unseen(ctx context.Context, tx pgx.Tx, c *catalog, t *datamap.Table, d datamap.Condition) (unseen []string, cut bool, err error) {
	q := s.query(c, nil)
	sql := q.distinct(t, d)
	var value *string
	cut, err = timed(ctx, tx, s.opt.Timeout, func(tx pgx.Tx) error {
		return each(ctx, tx, sql, q.args, []any{&value}, func() {
			switch {
			case value == nil && !d.Null:
				unseen = append(unseen, "null")
			case value != nil && !d.NotNull && !slices.Contains(d.In, *value):
				unseen = append(unseen, fmt.Sprintf("%q", *value))
			}
		})
	})
	const told = 5
	if len(unseen) > told {
		unseen = append(unseen[:told], "…")
	}
	return unseen, cut, err
}

// distinct lists the values of a column, or those that are not known.
func (q *query) distinct(t *datamap.Table, d datamap.Condition) string {
	table, at := q.table(t.Name), ident(d.Column)
	if !d.NotNull && q.c.tables[t.Name].sorted(d.Column) {
		return fmt.Sprintf(`WITH RECURSIVE v (v) AS (
(SELECT %[2]s FROM %[1]s WHERE %[2]s IS NOT NULL ORDER BY %[2]s LIMIT 1)
UNION ALL
SELECT (SELECT %[2]s FROM %[1]s WHERE %[2]s > v.v ORDER BY %[2]s LIMIT 1) FROM v WHERE v.v IS NOT NULL
) (SELECT v::text FROM v WHERE v IS NOT NULL LIMIT %[3]d)
UNION ALL (SELECT NULL FROM %[1]s WHERE %[2]s IS NULL LIMIT 1)`, table, at, maxKinds)
	}
	if d.NotNull {
		return fmt.Sprintf("SELECT NULL::text FROM %s WHERE %s IS NULL LIMIT 1", table, at)
	}
	return fmt.Sprintf("SELECT DISTINCT %[2]s::text FROM %[1]s WHERE %[2]s IS NULL OR %[2]s::text <> ALL (%[3]s::text[]) LIMIT %[4]d", table, at, q.arg("", d.In), maxKinds)
}

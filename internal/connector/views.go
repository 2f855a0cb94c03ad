package connector

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Only its owner may refresh a view, and the worker owns nothing. So Grants makes
// a function that does it in the name of whoever ran them, for the views of the
// map and no others.

// viewGrants gives the statements for the map's views.
func viewGrants(m *datamap.Map) []string {
	var out, names []string
	for _, v := range m.Views {
		if v.Refresh {
			names = append(names, literal(v.Name))
		}
		if len(v.Search) > 0 {
			var columns []string
			for _, name := range v.Search {
				columns = append(columns, ident(name))
			}
			out = append(out, fmt.Sprintf("GRANT SELECT (%s) ON %s TO %s, %s", strings.Join(columns, ", "), ident(m.Store.Schema, v.Name), ReadRole, ExecRole))
		}
	}
	if len(names) == 0 {
		return append(out, "DROP FUNCTION IF EXISTS dsar.refresh(text)")
	}
	return append(out, fmt.Sprintf(`CREATE OR REPLACE FUNCTION dsar.refresh(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $refresh$
DECLARE
    of_view regclass := format('%%I.%%I', %s, name)::regclass;
    quietly text := '';
BEGIN
    IF name <> ALL (ARRAY[%s]::text[]) THEN
        RAISE EXCEPTION 'the data map does not have this view refreshed';
    END IF;
    -- Readers go on reading if a unique index tells the rows apart.
    IF EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE i.indrelid = of_view
               AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND c.relispopulated) THEN
        quietly := 'CONCURRENTLY';
    END IF;
    EXECUTE format('REFRESH MATERIALIZED VIEW %%s %%s', quietly, of_view);
END
$refresh$`, literal(m.Store.Schema), strings.Join(names, ", ")),
		"REVOKE ALL ON FUNCTION dsar.refresh(text) FROM PUBLIC",
		"GRANT EXECUTE ON FUNCTION dsar.refresh(text) TO "+ExecRole)
}

// refresh brings the views that keep copies up to date. It may be repeated.
func (e *execution) refresh(ctx context.Context) error {
	for _, v := range e.s.m.Views {
		if !v.Refresh || e.state == "executed" || e.state == "finished" {
			continue
		}
		err := pgx.BeginFunc(ctx, e.s.db, func(tx pgx.Tx) error {
			if err := e.s.settle(ctx, tx, 15*e.s.opt.Timeout); err != nil {
				return err
			}
			var granted bool
			if err := tx.QueryRow(ctx, "SELECT to_regprocedure('dsar.refresh(text)') IS NOT NULL").Scan(&granted); err != nil {
				return err
			}
			if granted {
				_, err := tx.Exec(ctx, "SELECT dsar.refresh($1)", v.Name)
				return err
			}
			_, err := tx.Exec(ctx, "REFRESH MATERIALIZED VIEW "+ident(e.s.m.Store.Schema, v.Name))
			return err
		})
		if err != nil {
			return fmt.Errorf("refresh the view %s: %w", v.Name, err)
		}
	}
	return nil
}

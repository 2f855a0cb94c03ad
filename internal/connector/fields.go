package connector

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Field is one value of the subject that may be corrected.
type Field struct {
	Store    string       `json:"store,omitempty"` // database of the map; "" if it is about one
	Table    string       `json:"table"`
	Key      string       `json:"key"`    // of the row; a JSON list if the key has several columns
	Column   string       `json:"column"` // or "column.path" in a JSON value
	Title    datamap.Text `json:"title"`
	Category string       `json:"category"`
	Old      string       `json:"old"`  // as it stands there; "" for NULL
	Type     string       `json:"type"` // text, name, email, phone, date, number, language, one_of
	OneOf    []string     `json:"one_of,omitempty"`
	Routing  bool         `json:"routing"` // messages go where it says
	Tenant   string       `json:"tenant"`
}

// maxFields is where a list of fields ends: nobody corrects more at once.
const maxFields = 1000

// spot is a column, or a place of a JSON column, that may be corrected.
type spot struct {
	table  *datamap.Table
	column datamap.Column
	path   datamap.JSONPath
	how    *datamap.Correct
}

func (p spot) name() string {
	if len(p.path) == 0 {
		return p.column.Name
	}
	return p.column.Name + "." + p.path.String()
}

func spots(t *datamap.Table) []spot {
	var out []spot
	for _, c := range t.Columns {
		switch {
		case c.Correct == nil:
		case len(c.Correct.Leaves) == 0:
			out = append(out, spot{t, c, nil, c.Correct})
		default:
			for _, l := range c.Correct.Leaves {
				out = append(out, spot{t, c, l.Path, l.Correct})
			}
		}
	}
	return out
}

// text reads what stands at the spot from the column's text; "" is NULL or nothing.
func (p spot) text(column *string) (string, error) {
	if column == nil || len(p.path) == 0 {
		return deref(column), nil
	}
	leaf, found, err := leafAt([]byte(*column), p.path)
	if err != nil || !found || string(leaf) == "null" {
		return "", err
	}
	return textOf(leaf), nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Fields lists everything of the subject that may be corrected, with its value
// now: at most 1,000, in the map's order.
func (s *Store) Fields(ctx context.Context, f *Found) ([]Field, error) {
	var out []Field
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		if err := f.roots.plannedForMany(ctx, tx); err != nil {
			return err
		}
		for _, t := range s.m.Tables {
			all := spots(t)
			for _, role := range s.ownRoles(t, f.roots) {
				if len(all) == 0 || len(s.query(c, f.roots).ways(t, "t", role)) == 0 || len(out) >= maxFields {
					continue
				}
				found, err := s.fieldsOf(ctx, tx, c, f.roots, t, role, all, maxFields-len(out))
				if err != nil {
					return fmt.Errorf("read the fields of %s: %w", t.Name, err)
				}
				out = append(out, found...)
			}
		}
		return nil
	})
	return out, err
}

func (s *Store) fieldsOf(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, t *datamap.Table, role datamap.Role, all []spot, limit int) ([]Field, error) {
	q := s.query(c, r)
	selected := []string{q.rowKey("t", t) + " AS key", "coalesce(" + q.tenant("t", t) + ", '') AS tenant"}
	for i, p := range all {
		selected = append(selected, fmt.Sprintf("%s::text AS c%d", ident("t", p.column.Name), i))
	}
	sql := fmt.Sprintf("SELECT * FROM (%s) u ORDER BY 1 LIMIT %d", q.union(t, role, strings.Join(selected, ", "), ""), limit)
	rows, err := readRows(ctx, tx, sql, len(all)+1, q.args...)
	if err != nil {
		return nil, err
	}
	var out []Field
	for _, one := range rows {
		for i, p := range all {
			old, err := p.text(one.values[i+1])
			if err != nil || len(p.column.Only) > 0 && !slices.Contains(p.column.Only, role) {
				continue // no JSON object: nothing there that could be corrected
			}
			category := p.column.Category
			if category == "" {
				category = t.Category
			}
			out = append(out, Field{Table: t.Name, Key: keyText(one.key), Column: p.name(), Title: p.column.Title, Category: category,
				Old: old, Type: p.how.Type, OneOf: p.how.OneOf, Routing: p.how.Routing, Tenant: deref(one.values[0])})
		}
	}
	return out[:min(limit, len(out))], nil
}

// keyText writes a row's key as one text, as RowRef, Field and Mention have it:
// of several columns, as a JSON list.
func keyText(key []string) string {
	if len(key) == 1 {
		return key[0]
	}
	b, _ := json.Marshal(key) // texts always marshal
	return string(b)
}

// keyParts reads it back.
func keyParts(text string, columns int) ([]string, bool) {
	if columns == 1 {
		return []string{text}, true
	}
	var key []string
	err := json.Unmarshal([]byte(text), &key)
	return key, err == nil && len(key) == columns
}

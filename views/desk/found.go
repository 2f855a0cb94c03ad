package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// CategoryFound is what the store holds in one category about a subject.
type CategoryFound struct {
	Category    datamap.Category
	Rows        int64
	Controllers []datamap.Controller
	Tables      []datamap.Found
}

// ByCategory folds what was found per table into the map's categories, in the
// map's order. A category without rows stays: "none" is an answer too.
func ByCategory(cats []datamap.Category, found []datamap.Found) []CategoryFound {
	out := make([]CategoryFound, 0, len(cats))
	for _, c := range cats {
		out = append(out, CategoryFound{Category: c})
	}
	for _, f := range found {
		i := slices.IndexFunc(out, func(c CategoryFound) bool { return c.Category.ID == f.Category })
		if i < 0 {
			out = append(out, CategoryFound{Category: datamap.Category{ID: f.Category}})
			i = len(out) - 1
		}
		out[i].Rows += f.Rows
		out[i].Tables = append(out[i].Tables, f)
		if f.Rows > 0 && !slices.Contains(out[i].Controllers, f.Controller) {
			out[i].Controllers = append(out[i].Controllers, f.Controller)
		}
	}
	return out
}

// LearntRow is how many rows of a table, and of one organisation in it, are the
// subject only because of an identifier that another row gave.
type LearntRow struct {
	Table  string
	By     string
	Tenant string
	Rows   int64
}

// LearntRows folds the matches that an organisation's own entry led to.
func LearntRows(c privacy.Case) []LearntRow {
	var out []LearntRow
	for _, m := range c.Matches {
		if !m.Learnt {
			continue
		}
		i := slices.IndexFunc(out, func(r LearntRow) bool { return r.Table == m.Table && r.By == m.By && r.Tenant == m.Tenant })
		if i < 0 {
			i = len(out)
			out = append(out, LearntRow{Table: m.Table, By: m.By, Tenant: m.Tenant})
		}
		out[i].Rows++
	}
	return out
}

// tables counts what was searched; one table may have been searched by several
// roles.
func (c CategoryFound) tables() int {
	names := map[string]bool{}
	for _, t := range c.Tables {
		names[t.Table] = true
	}
	return len(names)
}

func foundRows(found []datamap.Found) (n int64) {
	for _, f := range found {
		n += f.Rows
	}
	return n
}

// narrowed says that somebody did not ask for everything.
func narrowed(r privacy.Request) bool {
	return len(r.Answers.Categories) > 0 || !r.Answers.AllTime && r.Answers.From+r.Answers.Until != ""
}

// categoryWords names categories; none stands for all.
func (p CasePage) categoryWords(ctx context.Context, ids []string) string {
	if len(ids) == 0 {
		return lang.T(ctx, "desk.keeping.all")
	}
	var names []string
	for _, id := range ids {
		names = append(names, categoryTitle(p.Categories, id, string(lang.From(ctx))))
	}
	return strings.Join(names, ", ")
}

// categoryTitle names a category; one that the map no longer has keeps its id.
func categoryTitle(cats []datamap.Category, id, tag string) string {
	for _, c := range cats {
		if c.ID == id && c.Title.In(tag) != "" {
			return c.Title.In(tag)
		}
	}
	return id
}

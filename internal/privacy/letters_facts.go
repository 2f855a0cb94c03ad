package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// answerFacts works out which letter answers a request, and what it tells. done is
// what was carried out, and where nothing was yet, what is planned. delivery is
// the package, if there is one, and review what was covered in it.
func (o *Office) answerFacts(ctx context.Context, q *queries.Queries, r Request, done []datamap.Outcome, d *Delivery, review *export.SheetTotals) (letter.Kind, letter.Facts, error) {
	c, err := chosen(ctx, q, r)
	if err != nil {
		return "", letter.Facts{}, err
	}
	found, err := foundIn(ctx, q, r.ID)
	if err != nil {
		return "", letter.Facts{}, fmt.Errorf("read what was found for %s: %w", r.Ref, err)
	}
	f := letter.Facts{Held: o.held(r.Lang, found), Items: o.refusedItems(r, c.Choices), Days: c.Days, Told: o.told(r, found)}
	refused := len(f.Items)
	if r.Kind.Packs() {
		f.LeftOut = append(o.leftOut(r.Lang, found), covered(r, review)...)
		if d != nil {
			f.Until, f.Downloads, f.Parts = d.Until, d.Allowed, len(d.Package)
		}
	} else {
		f.Items = append(o.done(r, done), f.Items...)
	}
	kept := 0
	for _, i := range f.Items {
		if i.Outcome == letter.Kept {
			kept++
		}
	}
	switch {
	case r.Kind == RestrictionLift:
		return letter.RestrictionLifted, f, nil
	case refused+kept == 0:
		return letter.Fulfilment, f, nil
	case refused+kept == len(f.Items) && !r.Kind.Packs():
		f.Reason = reasons(f.Items)
		return letter.Refusal, f, nil
	}
	if r.Kind.Packs() { // what is handed over stands before what is not
		f.Items = append(o.handed(f.Held, f.Items), f.Items...)
	}
	return letter.Partial, f, nil
}

// reasons are those of the items, each once: there is no other where all of a
// plan keeps what it finds.
func reasons(items []letter.Item) string {
	var out []string
	for _, i := range items {
		if i.Why != "" && !slices.Contains(out, i.Why) {
			out = append(out, i.Why)
		}
	}
	return strings.Join(out, "\n")
}

func foundIn(ctx context.Context, q *queries.Queries, id ID) ([]datamap.Found, error) {
	row, err := q.DiscoveryOf(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d Discovery
	return d.Found, d.read(row)
}

// held is what we hold, category by category, as the data map tells it.
func (o *Office) held(l lang.Tag, found []datamap.Found) []letter.Category {
	rows := map[string]int64{}
	for _, f := range found {
		rows[f.Category] += f.Rows
	}
	var categories []datamap.Category
	if o.set.Map != nil {
		categories = o.set.Map.Categories
	}
	for _, id := range o.set.Categories { // a map without words still has these
		if !slices.ContainsFunc(categories, func(c datamap.Category) bool { return c.ID == id }) {
			categories = append(categories, datamap.Category{ID: id, Title: o.set.Titles[id]})
		}
	}
	in := func(t datamap.Text) string { return t.In(string(l)) }
	var out []letter.Category
	for _, c := range categories {
		one := letter.Category{ID: c.ID, Title: in(c.Title), About: in(c.About), Rows: rows[c.ID], Purpose: in(c.Purpose), Basis: in(c.Basis),
			Retention: in(c.Retention), Source: in(c.Source), Transfers: in(c.Transfers)}
		if one.Title == "" {
			one.Title = c.ID
		}
		for _, r := range c.Recipients {
			one.Recipients = append(one.Recipients, in(r))
		}
		out = append(out, one)
	}
	return out
}

// handed are the categories that are in the package, as far as none is refused.
func (o *Office) handed(held []letter.Category, refused []letter.Item) []letter.Item {
	var out []letter.Item
	for _, c := range held {
		if c.Rows > 0 && !slices.ContainsFunc(refused, func(i letter.Item) bool { return i.What == c.Title }) {
			out = append(out, letter.Item{What: c.Title, Outcome: letter.Given, Rows: c.Rows})
		}
	}
	return out
}

// became is what an action makes of a record, for the person.
var became = map[datamap.Action]string{
	datamap.Delete: letter.Deleted, datamap.Anonymise: letter.Anonymised, datamap.Tombstone: letter.Anonymised, datamap.Redact: letter.Anonymised,
	datamap.Keep: letter.Kept, datamap.Correcting: letter.Corrected, datamap.Restricting: letter.Restricted, datamap.Lifting: letter.Lifted,
	datamap.Suppressing: letter.Stopped, datamap.Shortening: letter.Shortened,
}

// done gathers what became of the records: one item for each category, or each
// purpose, and what happened to it.
func (o *Office) done(r Request, outcomes []datamap.Outcome) []letter.Item {
	type key struct{ what, outcome string }
	var order []key
	items := map[key]*letter.Item{}
	for _, out := range outcomes {
		s := out.Step
		outcome := became[s.Action]
		if outcome == "" || out.Affected == 0 {
			continue
		}
		what := o.titleOf(r.Lang, s.Category)
		if s.Purpose != "" && r.Kind != Restriction {
			what = o.titleOf(r.Lang, s.Purpose)
		}
		if outcome == letter.Restricted && r.Kind != Restriction {
			outcome = letter.Stopped
		}
		k := key{what, outcome}
		i := items[k]
		if i == nil {
			i = &letter.Item{What: what, Outcome: outcome}
			items[k] = i
			order = append(order, k)
		}
		i.Rows += out.Affected
		o.because(i, s, r.Lang)
	}
	list := make([]letter.Item, len(order))
	for n, k := range order {
		list[n] = *items[k]
	}
	return list
}

// because adds why a record stays, by which rule and until when.
func (o *Office) because(i *letter.Item, s datamap.Step, l lang.Tag) {
	if why := s.Reason.In(string(l)); why != "" && !strings.Contains(i.Why, why) {
		i.Why = strings.TrimSpace(i.Why + " " + why)
	}
	if o.set.Map != nil {
		if g, ok := o.set.Map.Grounds[s.Ground]; ok && g.Law != "" && !strings.Contains(i.Law, g.Law) {
			i.Law = strings.TrimPrefix(i.Law+"; "+g.Law, "; ")
		}
	}
	if t, err := time.Parse(time.DateOnly, s.Until); err == nil && t.After(i.Until) {
		i.Until = t.Add(12 * time.Hour) // the day, wherever the law's clock runs
	}
}

func (o *Office) titleOf(l lang.Tag, id string) string {
	if o.set.Map != nil {
		if c, ok := o.set.Map.Category(id); ok && len(c.Title) > 0 {
			return c.Title.In(string(l))
		}
		if t := o.set.Map.Words[id].In(string(l)); t != "" {
			return t
		}
	}
	if t := o.set.Titles[id].In(string(l)); t != "" {
		return t
	}
	return id
}

// leftOut is what was found and is in no package: secrets, other people's
// identities and other people's words.
func (o *Office) leftOut(l lang.Tag, found []datamap.Found) []letter.Omission {
	there := map[string]bool{}
	for _, f := range found {
		there["others"] = there["others"] || f.Withheld && f.Rows > 0
		if o.set.Map == nil || f.Rows == 0 {
			continue
		}
		t, ok := o.set.Map.Table(f.Table)
		if !ok {
			continue
		}
		for _, c := range t.Columns {
			there["secret"] = there["secret"] || c.Group == datamap.Secret
			there["staff"] = there["staff"] || c.Group == datamap.Staff
		}
	}
	var out []letter.Omission
	for _, sort := range []string{"secret", "staff", "others"} {
		if there[sort] {
			out = append(out, letter.Omission{What: lang.In(l, "package.omitted."+sort), Why: lang.In(l, "package.omitted."+sort+".why")})
		}
	}
	return out
}

// covered is what a package hides of other people, by how often it does.
func covered(r Request, review *export.SheetTotals) (out []letter.Omission) {
	if review == nil {
		return nil
	}
	ctx := lang.With(context.Background(), r.Lang) // carries the language only
	ground, _ := law.RefusalOf("THIRD_PARTY_RIGHTS")
	why := lang.T(ctx, "law.refusal."+ground.Code+".why")
	if a := ground.Article(law.For(r.Law)); a != "" {
		why += " (" + a + ")"
	}
	if review.Hidden > 0 {
		out = append(out, letter.Omission{What: lang.N(ctx, "letters.covered", int64(review.Hidden)), Why: why})
	}
	if review.Withheld > 0 {
		out = append(out, letter.Omission{What: lang.N(ctx, "letters.covered.files", int64(review.Withheld)), Why: why})
	}
	return out
}

// told are those who had to be told that something was changed.
func (o *Office) told(r Request, found []datamap.Found) []string {
	if !slices.Contains(tells, r.Kind) {
		return nil
	}
	var out []string
	for _, to := range o.set.Recipients {
		if slices.ContainsFunc(found, func(f datamap.Found) bool { return f.Rows > 0 && slices.Contains(to.Categories, f.Category) }) {
			out = append(out, to.Name.In(string(r.Lang)))
		}
	}
	return out
}

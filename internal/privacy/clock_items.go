package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
)

// ItemRefusal is one thing of a request that is not done, and why.
type ItemRefusal struct {
	Item  string `json:"item"`  // as Items names it
	Code  string `json:"code"`  // of law.Refusals
	Words string `json:"words"` // the sentence to the person
}

// Items are the parts of a request of which each may be granted or refused: the
// categories found, what was to be corrected, the purposes to stop.
const (
	categoryItem = "category:" // of the data map
	askedItem    = "asked:"    // place in the list of what was to be corrected
	purposeItem  = "purpose:"
)

// Category gives the category that an item is, "" if it is none.
func (i ItemRefusal) Category() string { return itemOf(i.Item, categoryItem) }

// Purpose gives the purpose that an item is, "" if it is none.
func (i ItemRefusal) Purpose() string { return itemOf(i.Item, purposeItem) }

// Asked gives the place of what was to be corrected, -1 if it is none.
func (i ItemRefusal) Asked() int {
	n, err := strconv.Atoi(itemOf(i.Item, askedItem))
	if err != nil {
		return -1
	}
	return n
}

func itemOf(item, sort string) string {
	if rest, ok := strings.CutPrefix(item, sort); ok {
		return rest
	}
	return ""
}

// Items lists what of a request can be granted or refused on its own.
func (c Case) Items() []string { return items(c.Request, c.Found) }

func items(r Request, found []datamap.Found) (out []string) {
	switch r.Kind {
	case Access, Portability, Deletion, Restriction:
		for _, f := range found {
			if item := categoryItem + f.Category; f.Rows > 0 && f.Category != "" && !slices.Contains(out, item) {
				out = append(out, item)
			}
		}
	case Correction:
		for i := range r.Answers.Corrections {
			out = append(out, askedItem+strconv.Itoa(i))
		}
	case Objection:
		for _, p := range r.Answers.Purposes {
			out = append(out, purposeItem+p)
		}
	case ShortenedRetention:
		for _, id := range r.Answers.Categories {
			out = append(out, categoryItem+id)
		}
	}
	return out
}

// Refusals are the codes with which a request of that kind may be refused, as a
// whole or in part, under its law. Catalogue: "law.refusal.<code>".
func Refusals(k Kind, code string) (out []string) {
	for _, f := range law.For(code).Refusals(string(k)) {
		out = append(out, f.Code)
	}
	return out
}

// Refuses gives the refusal of an item, if it is refused.
func (c Choices) Refuses(item string) (ItemRefusal, bool) {
	i := slices.IndexFunc(c.Refusals, func(r ItemRefusal) bool { return r.Item == item })
	if i < 0 {
		return ItemRefusal{}, false
	}
	return c.Refusals[i], true
}

// ItemField names a field of the form about one item; n is its place in Items.
func ItemField(sort string, n int) string { return sort + "-" + strconv.Itoa(n) }

// checkRefusals holds refused items against what there is, and each against the
// law. Where all is refused, the request is: that has a letter of its own.
func checkRefusals(f fault.Fields, r Request, found []datamap.Found, c Choices) {
	all := items(r, found)
	for _, x := range c.Refusals {
		n := slices.Index(all, x.Item)
		if n < 0 {
			f.Add(ItemField("code", 0), "error.choices_changed")
			continue
		}
		if !slices.Contains(Refusals(r.Kind, r.Law), x.Code) {
			f.Add(ItemField("code", n), "error.field.refusal_missing")
		}
		needed(f, ItemField("words", n), x.Words, MaxDetails, "error.field.refusal_text_missing")
		if p := x.Purpose(); p != "" && slices.Contains(c.Purposes, p) {
			f.Add(ItemField("code", n), "error.field.refused_and_granted")
		}
		if id := x.Category(); r.Kind == ShortenedRetention && slices.Contains(c.Categories, id) {
			f.Add(ItemField("code", n), "error.field.refused_and_granted")
		}
	}
	if len(all) > 0 && len(c.Refusals) >= len(all) && len(f) == 0 {
		f.Add(ItemField("code", 0), "error.field.all_refused")
	}
}

// Refuse replaces what of a request is refused. The rest of what was asked is
// granted, and so is asked of the store.
func (c *Choices) Refuse(r Request, refusals []ItemRefusal) {
	c.Refusals = refusals
	granted := func(chosen, asked []string, sort string) []string {
		out := slices.Clone(chosen)
		for _, x := range asked {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
		return slices.DeleteFunc(out, func(x string) bool { _, no := c.Refuses(sort + x); return no })
	}
	switch r.Kind {
	case Objection:
		c.Purposes = granted(c.Purposes, r.Answers.Purposes, purposeItem)
	case ShortenedRetention:
		c.Categories = granted(c.Categories, r.Answers.Categories, categoryItem)
	}
}

// Spared are the categories that are left as they are, or out of a package.
func (c Choices) Spared() (out []ItemRefusal) {
	for _, x := range c.Refusals {
		if x.Category() != "" {
			out = append(out, x)
		}
	}
	return out
}

// refusedItems is what a letter tells of what is refused.
func (o *Office) refusedItems(r Request, c Choices) []letter.Item {
	out := make([]letter.Item, len(c.Refusals))
	for i, x := range c.Refusals {
		out[i] = letter.Item{What: o.itemWords(r, x), Outcome: letter.Refused, Code: x.Code, Why: x.Words}
	}
	return out
}

// itemWords names an item in the person's language.
func (o *Office) itemWords(r Request, x ItemRefusal) string {
	switch n := x.Asked(); {
	case x.Category() != "":
		return cmp.Or(o.set.Titles[x.Category()].In(string(r.Lang)), x.Category())
	case x.Purpose() != "":
		return cmp.Or(o.set.Titles[x.Purpose()].In(string(r.Lang)), x.Purpose())
	case n >= 0 && n < len(r.Answers.Corrections):
		return fmt.Sprintf("%s → %s", r.Answers.Corrections[n].Wrong, r.Answers.Corrections[n].Right)
	}
	return x.Item
}

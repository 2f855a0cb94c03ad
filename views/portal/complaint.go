package portal

import (
	"context"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// itemName says what of a request was refused, in the person's words.
func itemName(ctx context.Context, o Own, x privacy.ItemRefusal) string {
	asked := o.Request.Answers.Corrections
	switch n := x.Asked(); {
	case x.Category() != "":
		for _, c := range o.Categories {
			if c.ID == x.Category() && c.Title.In(tag(ctx)) != "" {
				return c.Title.In(tag(ctx))
			}
		}
		return x.Category()
	case x.Purpose() != "":
		if w := o.Words[x.Purpose()].In(tag(ctx)); w != "" {
			return w
		}
		return x.Purpose()
	case n >= 0 && n < len(asked):
		return strings.Join([]string{asked[n].Wrong, asked[n].Right}, " → ")
	}
	return x.Item
}

package portal

import (
	"context"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// lineWords is one step of how a date came about.
func lineWords(ctx context.Context, l law.Line) string {
	return t(ctx, l.Key, l.Values(func(at time.Time) string { return lang.Date(ctx, at) })...)
}

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

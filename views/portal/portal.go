// Package portal has the pages of the person who asks.
package portal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/icon"
	"github.com/crowsstack/privacy-portal/views/ui"
)

func t(ctx context.Context, key string, args ...any) string { return lang.T(ctx, key, args...) }

func operator(ctx context.Context) string { return ui.FrameOf(ctx).Operator }

func tag(ctx context.Context) string { return string(lang.From(ctx)) }

// right is a kind in the person's words: "Get a copy of my data".
func right(ctx context.Context, k privacy.Kind) string { return t(ctx, "portal.right."+string(k)) }

// mineTitle is a kind as the person's own request: "A copy of your data".
func mineTitle(ctx context.Context, r privacy.Request) string {
	if r.Organization() {
		return t(ctx, "portal.mine.title.organization", "Right", t(ctx, "kind."+string(r.Kind)))
	}
	return t(ctx, "portal.mine.title."+string(r.Kind))
}

func kindIcon(k privacy.Kind) templ.Component {
	switch k {
	case privacy.Access:
		return icon.FileDown
	case privacy.Correction:
		return icon.Pencil
	case privacy.Deletion:
		return icon.Trash
	case privacy.Portability:
		return icon.Swap
	case privacy.Objection:
		return icon.Stop
	case privacy.Withdrawal:
		return icon.Refresh
	case privacy.OptOut:
		return icon.Bell
	case privacy.ShortenedRetention:
		return icon.Clock
	}
	return icon.CirclePause
}

func rightPath(k privacy.Kind) string { return link.RequestRight + "?kind=" + string(k) }

// size writes a file size as people read it.
func size(ctx context.Context, n int64) string {
	for _, u := range []struct {
		key string
		one int64
	}{{"ui.size.gb", 1e9}, {"ui.size.mb", 1e6}} {
		if n >= u.one {
			s := fmt.Sprintf("%.1f", float64(n)/float64(u.one))
			return t(ctx, u.key, "N", strings.Replace(s, ".", t(ctx, "ui.size.point"), 1))
		}
	}
	return t(ctx, "ui.size.kb", "N", lang.Number(ctx, max(1, (n+500)/1000)))
}

// lastDigits names a number without telling it: "ends in 184".
func lastDigits(phone string) string {
	if len(phone) < 6 {
		return ""
	}
	return phone[len(phone)-3:]
}

// in says how long it is until then, in the largest unit that fits.
func in(ctx context.Context, d time.Duration) string {
	switch {
	case d <= time.Minute:
		return lang.N(ctx, "portal.in.minutes", 1)
	case d < 2*time.Hour:
		return lang.N(ctx, "portal.in.minutes", int64((d+time.Minute-1)/time.Minute))
	case d < 48*time.Hour:
		return lang.N(ctx, "portal.in.hours", int64((d+time.Hour-1)/time.Hour))
	}
	return lang.N(ctx, "portal.in.days", int64(d/(24*time.Hour)))
}

// categoryTitle names a category of the data map in the page's language.
func categoryTitle(ctx context.Context, cats []datamap.Category, id string) string {
	for _, c := range cats {
		if c.ID == id {
			return c.Title.In(tag(ctx))
		}
	}
	return id
}

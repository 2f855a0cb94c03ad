// Package ui has the pieces that every page is made of: the shell, fields,
// notes, lists. Pages of the person are in portal and org, staff's in desk.
package ui

import (
	"context"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Frame is what the shell of a page shows whatever the page is. Like the
// language, it travels in the context of rendering.
type Frame struct {
	Operator string // the company that answers
	Email    string // where people write to
	Path     string // the page, to come back to after a choice of language
	Theme    string // "light", "dark" or "" for the system's
	SignedIn bool   // the person opened a mailed link
}

type frameKey struct{}

// WithFrame sets the frame for rendering.
func WithFrame(ctx context.Context, f Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, f)
}

// FrameOf gives the frame of a context.
func FrameOf(ctx context.Context) Frame {
	f, _ := ctx.Value(frameKey{}).(Frame) // the zero frame is fine for a piece alone
	return f
}

type refreshKey struct{}

// WithRefresh lets a page say, while it is rendered, after how many seconds it
// wants to be loaded again. Who serves the page sends that as a header: checkers
// take a meta element of that kind for a mistake, and it may not be switched off.
func WithRefresh(ctx context.Context, seconds *int) context.Context {
	return context.WithValue(ctx, refreshKey{}, seconds)
}

// refreshAfter notes the wish; it draws nothing.
func refreshAfter(ctx context.Context, seconds int) string {
	if n, ok := ctx.Value(refreshKey{}).(*int); ok {
		*n = seconds
	}
	return ""
}

// t is short for the catalogue; templates are full of it.
func t(ctx context.Context, key string, args ...any) string { return lang.T(ctx, key, args...) }

// Doc is what a document needs before its body.
type Doc struct {
	Title   string
	Body    string // class of the body: "public" or "staff"
	Error   bool   // the page shows problems with what was typed
	Refresh int    // seconds until the page looks again by itself; 0 never. Offer a way to stop it
	KeysOff bool   // single-key shortcuts are switched off (WCAG 2.1.4)
}

func (d Doc) title(ctx context.Context) string {
	s := d.Title + " – " + FrameOf(ctx).Operator + " " + t(ctx, "ui.brand")
	if d.Error {
		return t(ctx, "ui.error.title", "Title", s)
	}
	return s
}

// others are the languages that the page could be read in instead.
func others(ctx context.Context) []lang.Tag {
	var tags []lang.Tag
	for _, l := range lang.Supported {
		if l != lang.From(ctx) {
			tags = append(tags, l)
		}
	}
	return tags
}

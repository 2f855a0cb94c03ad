package portal

import (
	"context"

	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// overKey says which story a dead link has: gone (the request was forgotten),
// used (it is confirmed already), mine, or expired.
func overKey(s privacy.LinkState) string {
	switch {
	case s.Purpose == privacy.LinkMine:
		return "mine"
	case s.Request.State == privacy.Lapsed:
		return "gone"
	case s.Request.State != privacy.Received:
		return "used"
	}
	return "expired"
}

func overTitle(ctx context.Context, s privacy.LinkState) string {
	if overKey(s) == "used" {
		return t(ctx, "portal.over.used.h1")
	}
	return t(ctx, "error.410.title")
}

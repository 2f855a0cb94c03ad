package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/link"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// turnedAway answers somebody who may not come in yet. Who wanted a page is
// sent to the door. Who sent a form is told first, with what they wrote: a
// redirect would lose it, and without a session there is nowhere to keep it.
func (s *Server) turnedAway(c echo.Context, r deskRoute, door string) error {
	back := c.Request().URL.Path
	if r.method == http.MethodPost {
		back = (&visit{route: r}).formPage(c)
	}
	if door == link.DeskSignIn && back != link.Desk {
		door += "?back=" + url.QueryEscape(back)
	}
	if r.method != http.MethodPost {
		return seeOther(c, door)
	}
	return render(c, statusFormOld, views.SignedOut(door, written(c)))
}

// written is what people wrote into a form of the desk, and nothing that the
// page itself put there.
func written(c echo.Context) []views.Written {
	var out []views.Written
	sent := typed(c)
	for _, f := range views.Fields[formName(c)] {
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			if words := sent.Get(name); f.Is(name) && words != "" {
				out = append(out, views.Written{Field: views.Field{Name: name, Label: f.Label}, Text: words})
			}
		}
	}
	return out
}

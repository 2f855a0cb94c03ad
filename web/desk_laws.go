package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskLaws is the laws that the portal answers to, for whoever works here.
var deskLaws = []deskRoute{
	{"GET", link.DeskLaws + "/:law", "", false, "", (*Server).oneLaw},
}

// oneLaw shows everything that we know of a law.
func (s *Server) oneLaw(c echo.Context, v *visit) error {
	r, ok := law.Find(c.Param("law"))
	if !ok {
		return echo.ErrNotFound
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Law(frame, r))
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// dueShown is how many requests of each list the dashboard names.
const dueShown = 8

// dashboard shows where the open requests stand, and what is due.
func (s *Server) dashboard(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	states, err := s.Office.OpenByState(ctx)
	if err != nil {
		return err
	}
	overdue, err := s.Office.Queue(ctx, v.by, privacy.Filter{View: privacy.ViewOverdue})
	if err != nil {
		return err
	}
	soon, err := s.Office.Queue(ctx, v.by, privacy.Filter{View: privacy.ViewSoon})
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, soon.Counts)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Dashboard(frame, views.DashboardPage{Counts: soon.Counts, States: states,
		Overdue: overdue.Rows[:min(dueShown, len(overdue.Rows))], Soon: soon.Rows[:min(dueShown, len(soon.Rows))]}))
}

package web

import (
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/static"
)

func (s *Server) asset(c echo.Context) error {
	if !static.Serve(c.Response(), c.Request()) {
		return echo.ErrNotFound
	}
	return nil
}

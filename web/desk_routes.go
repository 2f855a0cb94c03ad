package web

import "github.com/labstack/echo/v4"

// deskRoutes adds the staff pages.
func (s *Server) deskRoutes(_ *echo.Echo) {}

package web

import "github.com/labstack/echo/v4"

// devRoutes adds the development inbox; it exists only when Options.Dev is set.
func (s *Server) devRoutes(_ *echo.Echo) {}

package web

import "github.com/labstack/echo/v4"

// ClientIP lets the tests ask how an address is found.
func (s *Server) ClientIP() echo.IPExtractor { return s.clientIP() }

// ReadDay lets the tests try dates.
var ReadDay = readDay

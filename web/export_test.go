package web

import "github.com/labstack/echo/v4"

// ClientIP lets the tests ask how an address is found.
func (s *Server) ClientIP() echo.IPExtractor { return s.clientIP() }

// ReadDay lets the tests try dates.
var ReadDay = readDay

// Network lets the tests ask which network an address is of.
var Network = network

// NetworkLimits names what is limited per network.
var NetworkLimits = []string{manyVisits.what, manySubmissions.what, manyLinks.what, manyStaffLinks.what, manyCodes.what}

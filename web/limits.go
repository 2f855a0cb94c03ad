package web

import (
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
)

// networkLimit bounds what one client network may ask of a page that is open to
// everybody. An office shares a network, so these are wide; the narrow limits,
// per address and per member, are kept where the letters and codes are.
type networkLimit struct {
	what string
	auth.Limit
}

var (
	manyVisits      = networkLimit{"network/visit", auth.Limit{Burst: 600, Per: time.Hour}} // each has a session to keep
	manySubmissions = networkLimit{"network/submit", auth.Limit{Burst: 100, Per: time.Hour}}
	manyLinks       = networkLimit{"network/link", auth.Limit{Burst: 100, Per: time.Hour}}
	manyStaffLinks  = networkLimit{"network/staff link", auth.Limit{Burst: 100, Per: time.Hour}}
	manyCodes       = networkLimit{"network/staff code", auth.Limit{Burst: 200, Per: 15 * time.Minute}}
)

// admit takes one try from the client's network.
func (s *Server) admit(c echo.Context, l networkLimit) error {
	return s.Office.Admit(c.Request().Context(), l.what, network(c.RealIP()), l.Limit)
}

// network is the /24 or /64 of an address: who has one address of it usually
// has the others too.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}

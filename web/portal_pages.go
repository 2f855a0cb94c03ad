package web

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/views/org"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// home is the same for all who share a language and an appearance, so it is
// rendered once for each.
func (s *Server) home(c echo.Context) error {
	ctx := c.Request().Context()
	key := string(lang.From(ctx)) + "/" + ui.FrameOf(ctx).Theme
	public(c)
	if page, ok := s.homes.Load(key); ok {
		return c.HTMLBlob(http.StatusOK, page.([]byte))
	}
	var b bytes.Buffer
	if err := portal.Home().Render(ctx, &b); err != nil {
		return err
	}
	s.homes.Store(key, b.Bytes())
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

func (s *Server) policy(c echo.Context) error {
	p, ok := portal.PolicyAt(s.Policy, c.Param("version"), string(lang.From(c.Request().Context())))
	if !ok {
		return echo.ErrNotFound
	}
	public(c)
	return render(c, http.StatusOK, portal.Policy(p))
}

func (s *Server) subprocessors(c echo.Context) error {
	public(c)
	return render(c, http.StatusOK, portal.Subprocessors(portal.DemoSubprocessors))
}

func (s *Server) complaint(c echo.Context) error {
	options := places(lang.From(c.Request().Context()))
	country := c.QueryParam("country")
	var a law.Authority
	for _, o := range options {
		if o.Value == country {
			a = law.For(country).Authority
		}
	}
	public(c)
	return render(c, http.StatusOK, portal.Complaint(options, country, a))
}

func (s *Server) accessibility(c echo.Context) error {
	public(c)
	return render(c, http.StatusOK, portal.Accessibility())
}

func (s *Server) verifyNumber(c echo.Context) error {
	public(c)
	return render(c, http.StatusOK, portal.VerifyNumber())
}

func (s *Server) org(c echo.Context) error {
	public(c)
	return render(c, http.StatusOK, org.Organization())
}

func isDesk(path string) bool { return path == link.Desk || strings.HasPrefix(path, link.Desk+"/") }

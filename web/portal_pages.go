package web

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/static"
	"github.com/crowsstack/privacy-portal/views/org"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// front is the home page, ready to be sent.
type front struct{ plain, packed []byte }

// home is the same for all who share a language and an appearance, so it is
// rendered once for each.
func (s *Server) home(c echo.Context) error {
	ctx := c.Request().Context()
	key := string(lang.From(ctx)) + "/" + ui.FrameOf(ctx).Theme
	page, ok := s.homes.Load(key)
	if !ok {
		var b bytes.Buffer
		if err := portal.Home().Render(ctx, &b); err != nil {
			return err
		}
		page, _ = s.homes.LoadOrStore(key, front{b.Bytes(), static.Pack(b.Bytes())})
	}
	public(c)
	h, body := c.Response().Header(), page.(front).plain
	h.Add("Vary", "Accept-Encoding")
	if static.Unpacks(c.Request()) {
		h.Set("Content-Encoding", "gzip")
		body = page.(front).packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	return c.HTMLBlob(http.StatusOK, body)
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

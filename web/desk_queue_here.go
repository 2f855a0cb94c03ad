package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// here says that the page is still open, and answers who else has the case open.
func (s *Server) here(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	r, err := s.Office.Named(ctx, v.by, privacy.Ref(strings.ToUpper(c.Param("ref"))))
	if err != nil {
		return err
	}
	others, err := s.Office.Here(ctx, v.by, r.ID)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.String(http.StatusOK, views.PresenceWords(ctx, others))
}

// seen is the office for what is saved on a case: it refuses a change if
// somebody else has changed the case since the page of the form was made. The
// form says by itself how the case was then.
func (s *Server) seen(c echo.Context, v *visit) *privacy.Office {
	version, err := strconv.ParseInt(text(c, "seen"), 10, 64)
	if err != nil {
		return s.Office // a page that was made by an older version
	}
	return s.Office.Seen(v.by, version)
}

// proveSender says that it is the person who sent a letter, or that nobody could find
// that out.
func (s *Server) proveSender(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx, flash := c.Request().Context(), "queue.vouch.done"
	if text(c, "do") == "unproved" {
		flash, err = "queue.vouch.ended", s.seen(c, v).Unproved(ctx, v.by, cs.Request.ID)
	} else {
		err = s.seen(c, v).ProveSender(ctx, v.by, cs.Request.ID, text(c, "proof"))
	}
	return s.answerForm(c, v, err, link.DeskCase(string(cs.Request.Ref)), lang.T(ctx, flash))
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
)

// linkPage shows what a mailed link is for. It changes nothing, however often a
// mail scanner opens it.
func (s *Server) linkPage(c echo.Context) error {
	st, err := s.Office.PeekLink(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return s.showLink(c, st)
}

func (s *Server) showLink(c echo.Context, st privacy.LinkState) error {
	here := link.Confirm(c.Param("token"))
	switch {
	case st.Expired:
		return render(c, http.StatusGone, portal.LinkOver(st, here))
	case st.Purpose == privacy.LinkConfirm:
		return render(c, http.StatusOK, portal.Confirm(st.Request, here))
	}
	return render(c, http.StatusOK, portal.OpenMine(here))
}

// openLink does what the pressed button of that page says.
func (s *Server) openLink(c echo.Context) error {
	ctx, raw := c.Request().Context(), c.Param("token")
	st, err := s.Office.PeekLink(ctx, raw)
	if err != nil {
		return err
	}
	switch text(c, "act") {
	case "renew":
		return s.renewLink(c, st)
	case "disown":
		if err := s.Office.Disown(ctx, raw); err != nil {
			return s.linkError(c, err)
		}
		return render(c, http.StatusOK, portal.Disowned())
	case "confirm":
	default:
		return s.showLink(c, st)
	}
	if st.Purpose != privacy.LinkConfirm {
		email, err := s.Office.OpenMine(ctx, raw)
		if err != nil {
			return s.linkError(c, err)
		}
		if err := s.signIn(c, email); err != nil {
			return err
		}
		if st.Purpose == privacy.LinkDeletion {
			return seeOther(c, link.MyAction(string(st.Request.Ref), "delete"))
		}
		return seeOther(c, s.wanted(c))
	}
	r, err := s.Office.Confirm(ctx, raw)
	if err != nil {
		return s.linkError(c, err)
	}
	if err := s.signIn(c, r.Email); err != nil {
		return err
	}
	return seeOther(c, link.MyRequest(string(r.Ref))+"?done=confirmed")
}

// linkError shows the page of a dead link when that is the trouble: a double
// click gets the page that says what happened.
func (s *Server) linkError(c echo.Context, err error) error {
	if fault.KindOf(err) != fault.Expired {
		return err
	}
	st, err := s.Office.PeekLink(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	st.Expired = true
	return s.showLink(c, st)
}

// renewLink mails a fresh link. Where it goes is not shown.
func (s *Server) renewLink(c echo.Context, st privacy.LinkState) error {
	ctx := c.Request().Context()
	if err := s.admit(c, manyLinks); err != nil {
		return err
	}
	var err error
	if r := st.Request; st.Purpose == privacy.LinkConfirm && r.State != privacy.Received && r.Email != "" {
		err = s.Office.SendMyLink(ctx, r.Email, lang.From(ctx)) // confirmed already: lead to the request
	} else {
		err = s.Office.RenewLink(ctx, c.Param("token"))
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, portal.Mailed(""))
}

package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// nextCookie remembers the page that somebody wanted before proving an address.
const nextCookie = "next"

// my lists the requests of whoever is there, or offers to mail a link.
func (s *Server) my(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		wanted := cookie(c.Request(), nextCookie) != ""
		return render(c, http.StatusOK, portal.My(portal.AskLink{Wanted: wanted}))
	}
	rs, err := s.Office.ListMine(c.Request().Context(), p.Email)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, portal.MyList(rs))
}

// sendMyLink answers the same whether or not we know the address.
func (s *Server) sendMyLink(c echo.Context) error {
	ctx, email := c.Request().Context(), text(c, "email")
	err := s.admit(c, manyLinks)
	if err == nil {
		err = s.Office.SendMyLink(ctx, email, lang.From(ctx))
	}
	if f, ok := invalid(err); ok {
		return render(c, http.StatusUnprocessableEntity, portal.My(portal.AskLink{Email: email, Problems: ui.ProblemsOf(ctx, f.Fields)}))
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, portal.Mailed(email))
}

// askLink remembers the page and leads to the one that mails a link.
func (s *Server) askLink(c echo.Context, wanted string) error {
	c.SetCookie(&http.Cookie{Name: nextCookie, Value: wanted, Path: "/", MaxAge: 3600, HttpOnly: true,
		Secure: s.https(), SameSite: http.SameSiteLaxMode})
	return seeOther(c, link.My)
}

// wanted is the page to go to after a proof, and forgets it.
func (s *Server) wanted(c echo.Context) string {
	to := localPath(cookie(c.Request(), nextCookie))
	c.SetCookie(&http.Cookie{Name: nextCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteLaxMode})
	if !strings.HasPrefix(to, link.My+"/") {
		return link.My
	}
	return to
}

func ref(c echo.Context) privacy.Ref { return privacy.Ref(c.Param("ref")) }

// own reads the person's own page of the request in the address.
func (s *Server) own(c echo.Context, p person) (portal.Own, error) {
	m, err := s.Office.Mine(c.Request().Context(), p.Email, ref(c))
	o := portal.Own{Mine: m, Now: s.Now(), UploadLimit: s.uploadLimit()}
	if s.Map != nil {
		o.Categories, o.Words = s.Map.Categories, s.Map.Words
	}
	return o, err
}

// flashes are what may just have been done, by the word in the address.
var flashes = map[string]string{
	"confirmed": "portal.flash.confirmed", "message": "portal.flash.message",
	"withdrawn": "portal.flash.withdrawn", "deletion": "portal.flash.deletion", "complaint": "clock.flash.complaint",
}

func (s *Server) myRequest(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyRequest(c.Param("ref")))
	}
	o, err := s.own(c, p)
	if err != nil {
		return err
	}
	o.Flash, o.Still = flashes[c.QueryParam("done")], c.QueryParam("still") != ""
	return render(c, http.StatusOK, portal.Mine(o))
}

// writeToStaff keeps what was typed, also when the session is over.
func (s *Server) writeToStaff(c echo.Context) error {
	ctx, body := c.Request().Context(), text(c, "body")
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return render(c, statusFormOld, portal.Unsent(c.Param("ref"), body))
	}
	files, err := s.filesOfPerson(c, p)
	if err == nil {
		err = s.Office.WriteToStaff(ctx, p.Email, ref(c), body, files...)
	}
	if f, ok := invalid(err); ok {
		o, err := s.own(c, p)
		if err != nil {
			return err
		}
		if o.Pending, err = s.Office.Unsent(ctx, o.Request.ID, nil, files); err != nil {
			return err
		}
		o.Body, o.Problems = body, ui.ProblemsOf(ctx, f.Fields)
		return render(c, http.StatusUnprocessableEntity, portal.Mine(o))
	}
	if err != nil {
		return err
	}
	return seeOther(c, link.MyRequest(c.Param("ref"))+"?done=message#messages")
}

func (s *Server) withdrawPage(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyAction(c.Param("ref"), "withdraw"))
	}
	o, err := s.own(c, p)
	if err != nil {
		return err
	}
	if !o.Request.Withdrawable() {
		return seeOther(c, link.MyRequest(c.Param("ref")))
	}
	return render(c, http.StatusOK, portal.Withdraw(o))
}

func (s *Server) withdraw(c echo.Context) error {
	p, err := s.who(c)
	if err != nil {
		return err
	}
	if err := s.Office.Withdraw(c.Request().Context(), p.Email, ref(c)); err != nil {
		return err
	}
	return seeOther(c, link.MyRequest(c.Param("ref"))+"?done=withdrawn")
}

// deletePage shows the plan of a deletion, to be confirmed.
func (s *Server) deletePage(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyAction(c.Param("ref"), "delete"))
	}
	o, err := s.own(c, p)
	if err != nil {
		return err
	}
	if !o.AsksConfirmation() {
		return seeOther(c, link.MyRequest(c.Param("ref")))
	}
	return render(c, http.StatusOK, portal.Plan(o, s.Office.Settings().CoolingOff))
}

// confirmDeletion is the second yes, to exactly the plan that was shown.
func (s *Server) confirmDeletion(c echo.Context) error {
	p, err := s.who(c)
	if err != nil {
		return err
	}
	if err := s.Office.ConfirmDeletion(c.Request().Context(), p.Email, ref(c), text(c, "plan")); err != nil {
		return err
	}
	return seeOther(c, link.MyRequest(c.Param("ref"))+"?done=deletion")
}

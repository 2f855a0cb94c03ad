package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// complaint shows the form, and the authority of the place that was asked for.
func (s *Server) complaint(c echo.Context) error {
	g := portal.Grievance{Grievance: privacy.Grievance{Draft: newDraft().ID, Country: c.QueryParam("country")}}
	public(c)
	return s.showComplaint(c, http.StatusOK, g)
}

func (s *Server) showComplaint(c echo.Context, status int, g portal.Grievance) error {
	g.Places = places(lang.From(c.Request().Context()))
	for _, o := range g.Places {
		if o.Value == g.Country {
			g.Authority = law.For(g.Country).Authority
		}
	}
	return render(c, status, portal.Complaint(g))
}

// complain takes a complaint from whoever writes. The answer is the same whatever
// we know of the address or the reference.
func (s *Server) complain(c echo.Context) error {
	ctx := c.Request().Context()
	g := privacy.Grievance{Words: text(c, "words"), Ref: text(c, "ref"), Name: text(c, "name"), Email: text(c, "email"), Country: text(c, "country"),
		Lang: lang.From(ctx), Draft: text(c, "draft")}
	err := s.Office.CheckGrievance(g)
	if err == nil {
		err = s.admit(c, manySubmissions)
	}
	if err == nil {
		err = s.Office.Complain(ctx, g)
	}
	if f, ok := invalid(err); ok {
		return s.showComplaint(c, http.StatusUnprocessableEntity, portal.Grievance{Grievance: g, Problems: ui.ProblemsOf(ctx, f.Fields, "words", "ref", "name", "email", "country")})
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, portal.Complained(g.Email))
}

// complaintPage is the form about a request of one's own.
func (s *Server) complaintPage(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyComplaint(c.Param("ref")))
	}
	o, err := s.own(c, p)
	if err != nil {
		return err
	}
	if o.Clock.Appeal == "" {
		return seeOther(c, link.MyRequest(c.Param("ref")))
	}
	return render(c, http.StatusOK, portal.ComplaintAbout(o, ""))
}

// complainAbout files it. What was typed is kept when something is wrong with it.
func (s *Server) complainAbout(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	ctx, words := c.Request().Context(), text(c, "words")
	if !p.signedIn() {
		return render(c, statusFormOld, portal.Unsent(c.Param("ref"), words))
	}
	filed, err := s.Office.FileAbout(ctx, p.Email, ref(c), words)
	if f, ok := invalid(err); ok {
		o, err := s.own(c, p)
		if err != nil {
			return err
		}
		o.Problems = ui.ProblemsOf(ctx, f.Fields)
		return render(c, http.StatusUnprocessableEntity, portal.ComplaintAbout(o, words))
	}
	if err != nil {
		return err
	}
	return seeOther(c, link.MyRequest(string(filed.Ref))+"?done=complaint")
}

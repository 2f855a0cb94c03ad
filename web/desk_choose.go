package web

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// choose replaces one part of what staff decided about a case and leaves the
// others as they stand.
func (s *Server) choose(c echo.Context, v *visit, part func(privacy.Case, *privacy.Choices)) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx, next := c.Request().Context(), cs.Chosen.Choices
	part(cs, &next)
	seen, err := strconv.Atoi(text(c, "version"))
	if err != nil {
		seen = -1 // a version that never was: the page is too old
	}
	err = s.Office.Choose(ctx, v.by, cs.Request.ID, seen, next)
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "desk.chosen.saved"))
}

// chooseWho takes whose the rows are, and the organisations to stay in.
func (s *Server) chooseWho(c echo.Context, v *visit) error {
	form := typed(c)
	return s.choose(c, v, func(cs privacy.Case, p *privacy.Choices) {
		p.Include, p.Exclude = views.Said(cs, form)
		p.Tenants = form["tenants"]
	})
}

func (s *Server) chooseEdits(c echo.Context, v *visit) error {
	return s.choose(c, v, func(_ privacy.Case, p *privacy.Choices) { p.Edits = views.Edited(typed(c)) })
}

func (s *Server) choosePurposes(c echo.Context, v *visit) error {
	return s.choose(c, v, func(_ privacy.Case, p *privacy.Choices) { p.Purposes = typed(c)["purposes"] })
}

func (s *Server) chooseKeeping(c echo.Context, v *visit) error {
	return s.choose(c, v, func(_ privacy.Case, p *privacy.Choices) {
		p.Days, p.Categories = 0, typed(c)["categories"]
		if n, err := strconv.Atoi(text(c, "keep_days")); err == nil {
			p.Days = n
		}
	})
}

// openLift begins the request that ends a restriction, and goes there.
func (s *Server) openLift(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	r, err := s.Office.OpenLift(ctx, v.by, cs.Request.ID)
	return s.answerForm(c, v, err, link.DeskCase(string(r.Ref)), lang.T(ctx, "desk.lift.opened"))
}

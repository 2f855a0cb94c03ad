package web

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

func (s *Server) savedViews(c echo.Context, v *visit) error {
	return s.showViews(c, v, views.Form{}, http.StatusOK)
}

func (s *Server) showViews(c echo.Context, v *visit, form views.Form, status int) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, status, views.SavedViews(frame, form))
}

// saveView keeps the filter of the page that the form stands on.
func (s *Server) saveView(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	f := addressFilter(link.Desk + "?" + text(c, "query"))
	err := s.Office.SaveView(ctx, v.by, text(c, "name"), f, text(c, "shared") == "1")
	if e, ok := invalid(err); ok {
		form := views.Form{Name: "save", Values: typed(c), Fields: e.Fields}
		return s.showQueue(c, v, f, form, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return s.done(c, v, views.QueueAddress(f.Kept()), lang.T(ctx, "queue.saved.done"))
}

// changeView renames, shares or removes one of the member's own views.
func (s *Server) changeView(c echo.Context, v *visit) error {
	id, err := uuid.Parse(text(c, "id"))
	if err != nil {
		return fault.New(fault.NotFound, "queue.saved.none")
	}
	ctx, flash := c.Request().Context(), "queue.saved.changed"
	if text(c, "do") == "remove" {
		flash, err = "queue.saved.removed", s.Office.DropView(ctx, v.by, id)
	} else {
		err = s.Office.ChangeView(ctx, v.by, id, text(c, "name"), text(c, "shared") == "1")
	}
	if e, ok := invalid(err); ok {
		form := views.Form{Name: id.String(), Values: typed(c), Fields: e.Fields}
		return s.showViews(c, v, form, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return s.done(c, v, link.DeskViews, lang.T(ctx, flash))
}

// followUp has one request come up again on a day.
func (s *Server) followUp(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	done, err := s.Office.FollowUpMany(ctx, v.by, []privacy.Ref{cs.Request.Ref}, readDay(text(c, "on"), lang.From(ctx), false))
	if err == nil && len(done.Left) > 0 {
		err = &fault.Error{Kind: fault.Conflict, Text: done.Left[0].Why}
	}
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "queue.follow_up.saved"))
}

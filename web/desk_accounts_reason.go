package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// contentReason stands before everything that shows what people wrote. A page
// or form that needs content.read begins, after caseOf, with
//
//	if ok, err := s.contentReason(c, v, cs); !ok {
//		return err
//	}
//
// ok says that this member gave a reason for this case in this sign-in within
// the last 30 minutes (audited as "content.granted"). If not, it has answered
// already: with the page that asks for the reason and then comes back to the
// page that was wanted. A form with a field "reason" of its own gives it on the
// way; what is wrong with it is shown on the page of that form.
func (s *Server) contentReason(c echo.Context, v *visit, cs privacy.Case) (ok bool, err error) {
	_, ok, err = s.reasonFor(c, v, cs)
	return ok, err
}

// reasonFor does the same, and tells the reason.
func (s *Server) reasonFor(c echo.Context, v *visit, cs privacy.Case) (g staff.Grant, ok bool, err error) {
	ctx, of := c.Request().Context(), subjectOf(cs)
	if !v.by.Can(staff.ContentRead) {
		return g, false, s.forbidden(c, v)
	}
	_, own := c.Request().PostForm["reason"]
	if text(c, "reason") == "" {
		if g, ok, err = s.Roster.Granted(ctx, v.by, auth.Login(v.ses), of); ok || err != nil {
			return g, ok, err
		}
	}
	if own {
		code := text(c, "code")
		if code == "" {
			code = "review" // a form that asks in words only
		}
		g, err = s.Roster.Reason(ctx, v.by, auth.Login(v.ses), of, code, text(c, "reason"))
		if err != nil {
			return g, false, s.answerForm(c, v, err, "", "")
		}
		return g, true, nil
	}
	back := c.Request().URL.Path
	if c.Request().Method == http.MethodPost {
		back = v.formPage(c)
	}
	return g, false, s.askReason(c, v, cs, back, v.takeKept(back), http.StatusOK)
}

func subjectOf(cs privacy.Case) staff.Subject {
	return staff.Subject{ID: cs.Request.ID, Ref: string(cs.Request.Ref)}
}

func (s *Server) askReason(c echo.Context, v *visit, cs privacy.Case, back string, form views.Form, status int) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, status, views.Reason(frame, string(cs.Request.Ref), deskPath(back), form))
}

// giveReason keeps why a member reads a case, and goes on to what they wanted.
func (s *Server) giveReason(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx, back := c.Request().Context(), v.formPage(c)
	_, err = s.Roster.Reason(ctx, v.by, auth.Login(v.ses), subjectOf(cs), text(c, "code"), text(c, "reason"))
	switch kind := fault.KindOf(err); {
	case err == nil:
		return s.done(c, v, back, lang.T(ctx, "accounts.reason.given"))
	case kind == fault.Invalid || kind == fault.Forbidden:
		return s.askReason(c, v, cs, back, formOf(c, err), statusOf[kind])
	}
	return err
}

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// tabViews are a case's pages.
var tabViews = map[string]func(views.Frame, views.CasePage) templ.Component{
	"":          views.Overview,
	"data":      views.Data,
	"redaction": views.Redaction,
	"plan":      views.Plan,
	"decision":  views.Decision,
	"messages":  views.Messages,
	"letters":   views.Letters,
	"clock":     views.Clock,
	"items":     views.Items,
	"appeal":    views.Grievance,
	"audit":     views.CaseAudit,
}

// tab shows one page of a case.
func tab(id string) func(*Server, echo.Context, *visit) error {
	return func(s *Server, c echo.Context, v *visit) error {
		cs, err := s.caseOf(c, v)
		if err != nil {
			return err
		}
		form := v.takeKept(c.Request().URL.Path)
		return s.showCase(c, v, cs, id, form, http.StatusOK)
	}
}

func (s *Server) caseOf(c echo.Context, v *visit) (privacy.Case, error) {
	return s.Office.Case(c.Request().Context(), v.by, privacy.Ref(strings.ToUpper(c.Param("ref"))))
}

func (s *Server) showCase(c echo.Context, v *visit, cs privacy.Case, id string, form views.Form, status int) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	p := views.CasePage{Case: cs, Tab: id, Form: form, Still: c.QueryParam("still") != ""}
	if err := s.withFiles(c, v, &p); err != nil {
		return err
	}
	frame.Version = cs.Version
	if p.Here, err = s.Office.Here(c.Request().Context(), v.by, cs.Request.ID); err != nil {
		return err
	}
	if s.Map != nil {
		p.Categories, p.Purposes, p.Words = s.Map.Categories, s.Map.Objectionable(), s.Map.Words
	}
	if id == "data" && v.by.Can(staff.ContentRead) {
		if _, p.Reads, err = s.Roster.Granted(c.Request().Context(), v.by, auth.Login(v.ses), subjectOf(cs)); err != nil {
			return err
		}
	}
	if id == "clock" && v.by.Can(staff.HoldSet) { // who may answer for a hold
		if p.People, err = s.Roster.List(c.Request().Context()); err != nil {
			return err
		}
	}
	return render(c, status, tabViews[id](frame, p))
}

// caseAgain shows the page of a form that could not be taken, with what was
// typed and what to do about it.
func (s *Server) caseAgain(c echo.Context, v *visit, cause error, status int) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	page := strings.TrimPrefix(v.formPage(c), link.DeskCase(c.Param("ref")))
	return s.showCase(c, v, cs, strings.TrimPrefix(page, "/"), formOf(c, cause), status)
}

// answer ends a form: on to the next page, to the second factor, or back to
// the form.
func (s *Server) answerForm(c echo.Context, v *visit, err error, to, flash string) error {
	switch kind := fault.KindOf(err); {
	case err == nil:
		return s.done(c, v, to, flash)
	case kind == fault.Unproved: // the factor grew old while the form was sent
		return s.stepUp(c, v)
	case kind == fault.Invalid || kind == fault.Conflict || kind == fault.Forbidden:
		return s.caseAgain(c, v, err, statusOf[kind])
	}
	return err
}

func (s *Server) assign(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.seen(c, v).Assign(ctx, v.by, cs.Request.ID, v.by.ID)
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "desk.assign.done"))
}

// search sends a worker to look, or to count again.
func (s *Server) search(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Office.Search(ctx, v.by, cs.Request.ID)
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "desk.search.started"))
}

func (s *Server) writeToPerson(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	files, err := s.filesOfMember(c, v, cs.Request.ID)
	c.Set(pendingKey, files)
	if text(c, "insert") == "1" && err == nil {
		return s.begun(c, v, cs)
	}
	ctx, body, note := c.Request().Context(), text(c, "body"), text(c, "note") == "1"
	flash := "desk.messages.sent"
	if note {
		flash = "desk.messages.noted"
	}
	switch {
	case err != nil:
	case body == "" && len(files) == 0:
		f := fault.Fields{}
		f.Add("body", "desk.error.body")
		err = f.Err()
	default:
		err = s.seen(c, v).WriteToPerson(ctx, v.by, cs.Request.ID, body, note, files...)
	}
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, flash))
}

func (s *Server) propose(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Office.Propose(ctx, v.by, cs.Request.ID, text(c, "hash"), text(c, "note"))
	return s.answerForm(c, v, err, link.DeskCase(string(cs.Request.Ref)), lang.T(ctx, "desk.propose.sent"))
}

func (s *Server) reject(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.seen(c, v).Reject(ctx, v.by, cs.Request.ID, text(c, "code"), text(c, "text"))
	return s.answerForm(c, v, err, link.DeskCase(string(cs.Request.Ref)), lang.T(ctx, "desk.refuse.done"))
}

// decide is the second person's answer to exactly one version.
func (s *Server) decide(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx, r, hash, note := c.Request().Context(), cs.Request, text(c, "hash"), text(c, "note")
	if text(c, "do") == "back" {
		err = s.Office.SendBack(ctx, v.by, r.ID, hash, note)
		return s.answerForm(c, v, err, link.DeskCase(string(r.Ref)), lang.T(ctx, "desk.decision.sent_back"))
	}
	if err = checked(c, cs); err == nil {
		err = s.Office.Approve(ctx, v.by, r.ID, hash, note)
	}
	return s.answerForm(c, v, err, link.DeskCase(string(r.Ref)), lang.T(ctx, "desk.decision.approved."+views.Answer(cs)))
}

// checked holds an approval to what the page asks of the second person.
func checked(c echo.Context, cs privacy.Case) error {
	f, ref := fault.Fields{}, string(cs.Request.Ref)
	for _, k := range views.Checks(cs) {
		if !slices.Contains(c.Request().PostForm["checks"], k) {
			f.Add("checks", "desk.error.checks")
			break
		}
	}
	if !strings.EqualFold(text(c, "reference"), ref) {
		f.Add("reference", "desk.error.reference", "Ref", ref)
	}
	return f.Err()
}

// inspect streams the staged package to a member who said why.
func (s *Server) inspect(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	why, ok, err := s.reasonFor(c, v, cs)
	if !ok {
		return err
	}
	part := 1 // most packages are one ZIP
	if n, err := strconv.Atoi(text(c, "part")); err == nil {
		part = n
	}
	d, err := s.Office.Inspect(c.Request().Context(), v.by, cs.Request.ID, part, why.Reason)
	if err != nil {
		return s.answerForm(c, v, err, "", "")
	}
	return s.sendPackage(c, d, string(cs.Request.Ref)+"-staged")
}

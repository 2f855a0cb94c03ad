package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// fieldOrder is the order in which problems are listed.
var fieldOrder = func() []string {
	order := []string{"kind", "relation", "business", "organization", "name", "email", "phone", "country"}
	for i := range portal.MaxPairs {
		order = append(order, fmt.Sprintf("wrong-%d", i), fmt.Sprintf("right-%d", i))
	}
	return append(order, "purposes", "keep_days", "categories", "from", "until", "details", "correct")
}()

func stepOf(c echo.Context) (privacy.Step, error) {
	step := privacy.Step(c.Param("step"))
	if !slices.Contains(privacy.Steps, step) {
		return "", echo.ErrNotFound
	}
	return step, nil
}

// formPage shows one page of the form with the answers so far.
func (s *Server) formPage(c echo.Context) error {
	step, err := stepOf(c)
	if err != nil {
		return err
	}
	d, err := s.sessionDraft(c)
	if err != nil {
		return err
	}
	switch {
	case d.ID == "":
		d = newDraft()
	case d.Sent != nil:
		d = d.again(step == privacy.StepRight)
	}
	if step == privacy.StepRight {
		d = preset(c, d)
	}
	if open := d.firstOpen(); open != "" && slices.Index(privacy.Steps, open) < slices.Index(privacy.Steps, step) {
		return seeOther(c, portal.StepPath(open))
	}
	return s.showForm(c, http.StatusOK, step, d, nil)
}

// preset takes what a link to the form already says. The page then belongs to a
// draft of its own, so that following a link changes nothing by itself.
func preset(c echo.Context, d draft) draft {
	kind, relation := privacy.Kind(c.QueryParam("kind")), privacy.Relation(c.QueryParam("relation"))
	if slices.Contains(privacy.Kinds, kind) && d.Answers.Kind != kind {
		d = d.again(false)
		d.wants(kind)
	}
	if slices.Contains(privacy.Relations, relation) && d.Answers.Relation != relation {
		d = d.again(false)
		d.Answers.Relation = relation
	}
	return d
}

// answer takes one page of the form.
func (s *Server) answer(c echo.Context) error {
	step, err := stepOf(c)
	if err != nil {
		return err
	}
	d, stale, err := s.posted(c)
	if err != nil {
		return err
	}
	if d.Sent != nil { // gone back after sending
		d = d.again(false)
	}
	s.take(c, step, &d)
	if stale && step != privacy.StepRight {
		return s.showForm(c, statusFormOld, step, d, nil)
	}
	if step == privacy.StepScope && text(c, "more") != "" {
		d.Answers.Corrections = append(d.Answers.Corrections, privacy.CorrectionPair{})
		return s.showForm(c, http.StatusOK, step, d, nil)
	}
	if err := s.Office.Check(step, d.Answers); err != nil {
		if f, ok := invalid(err); ok {
			return s.showForm(c, http.StatusUnprocessableEntity, step, d, f.Fields)
		}
		return err
	}
	d.mark(step)
	if err := s.keepDraft(c, d); err != nil {
		return err
	}
	return seeOther(c, portal.StepPath(after(step, d)))
}

// after is the page that follows: the check once everything is answered.
func after(step privacy.Step, d draft) privacy.Step {
	open := d.firstOpen()
	i := slices.Index(privacy.Steps, step) + 1
	if open == "" || i == len(privacy.Steps) {
		return open
	}
	return privacy.Steps[i]
}

// take puts the fields of one page into the answers. A question below an
// option that was not chosen is not asked, so its answer does not count.
func (s *Server) take(c echo.Context, step privacy.Step, d *draft) {
	a := &d.Answers
	switch step {
	case privacy.StepRight:
		d.wants(privacy.Kind(text(c, "kind")))
	case privacy.StepYou:
		a.Relation, a.Business, a.Organization = privacy.Relation(text(c, "relation")), "", ""
		if a.Relation == privacy.Recipient {
			a.Business = text(c, "business")
		}
		if a.Relation == privacy.Representative {
			a.Organization = text(c, "organization")
		}
	case privacy.StepDetails:
		a.Name, a.Email, a.Phone, a.Country = text(c, "name"), text(c, "email"), text(c, "phone"), text(c, "country")
	case privacy.StepScope:
		l := lang.From(c.Request().Context())
		a.From, a.Until = readDay(text(c, "from"), l, false), readDay(text(c, "until"), l, true)
		a.AllTime = a.From == "" && a.Until == ""
		a.Details = text(c, "details")
		a.Categories = s.chosen(c.Request().PostForm["categories"])
		a.Corrections, a.Purposes, a.KeepDays = nil, nil, 0
		switch a.Kind {
		case privacy.Correction:
			a.Corrections = corrections(c)
		case privacy.Objection, privacy.Withdrawal:
			a.Purposes = c.Request().PostForm["purposes"]
		case privacy.ShortenedRetention:
			a.KeepDays, _ = strconv.Atoi(text(c, "keep_days")) // what is no number is refused as none
		}
	}
}

// chosen gives the categories that were ticked; nil, which is everything, if
// all or none were.
func (s *Server) chosen(ids []string) []string {
	if s.Map == nil || len(ids) == len(s.Map.Categories) {
		return nil
	}
	return ids
}

func corrections(c echo.Context) []privacy.CorrectionPair {
	var pairs []privacy.CorrectionPair
	for i := range portal.MaxPairs {
		p := privacy.CorrectionPair{Wrong: text(c, fmt.Sprintf("wrong-%d", i)), Right: text(c, fmt.Sprintf("right-%d", i))}
		if p.Wrong != "" || p.Right != "" {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

func invalid(err error) (*fault.Error, bool) {
	f, ok := errors.AsType[*fault.Error](err)
	return f, ok && f.Kind == fault.Invalid
}

var stepPages = map[privacy.Step]func(portal.Form) templ.Component{
	privacy.StepRight: portal.Right, privacy.StepYou: portal.You, privacy.StepDetails: portal.Details,
	privacy.StepScope: portal.Scope, "": portal.Check,
}

func (s *Server) showForm(c echo.Context, status int, step privacy.Step, d draft, fields map[string]fault.Message) error {
	ctx := c.Request().Context()
	sealed, err := s.drafts.seal(d)
	if err != nil {
		return err
	}
	f := portal.Form{
		Step: step, Answers: d.Answers, Done: d.Done, Sealed: sealed, Old: status == statusFormOld,
		Problems: ui.ProblemsOf(ctx, fields, fieldOrder...),
		Pairs:    min(portal.MaxPairs, max(1, len(d.Answers.Corrections))),
	}
	if s.Map != nil {
		f.Categories = s.Map.Categories
		for _, code := range s.Map.Objectionable() {
			f.Purposes = append(f.Purposes, portal.Purpose{Code: code, Title: s.Map.Words[code]})
		}
	}
	if step == privacy.StepDetails || step == "" {
		f.Places = places(lang.From(ctx))
	}
	if step == "" {
		f.Due = s.Office.DueIfSentNow(d.Answers)
	}
	return render(c, status, stepPages[step](f))
}

// checkPage shows all answers before they are sent.
func (s *Server) checkPage(c echo.Context) error {
	d, err := s.sessionDraft(c)
	if err != nil {
		return err
	}
	if d.Sent != nil { // the back button after sending
		return seeOther(c, link.RequestSent)
	}
	for _, step := range privacy.Steps {
		if !d.done(step) || s.Office.Check(step, d.Answers) != nil {
			return seeOther(c, portal.StepPath(step))
		}
	}
	return s.showForm(c, http.StatusOK, "", d, nil)
}

// send makes the request. The draft's id goes along: a double click, a second
// tab and a page reloaded later all get the one request.
func (s *Server) send(c echo.Context) error {
	d, stale, err := s.posted(c)
	if err != nil {
		return err
	}
	if d.Sent != nil {
		return seeOther(c, link.RequestSent)
	}
	if open := d.firstOpen(); open != "" {
		return seeOther(c, portal.StepPath(open))
	}
	if stale {
		return s.showForm(c, statusFormOld, "", d, nil)
	}
	if text(c, "correct") == "" {
		return s.showForm(c, http.StatusUnprocessableEntity, "", d, map[string]fault.Message{"correct": {Key: "error.field.promise_missing"}})
	}
	ctx := c.Request().Context()
	a := d.Answers
	a.Lang, a.Draft = lang.From(ctx), d.ID
	if err := s.admit(c, manySubmissions); err != nil {
		return s.keepAnd(c, d, err)
	}
	r, err := s.Office.Submit(ctx, a)
	if f, ok := invalid(err); ok {
		return s.showForm(c, http.StatusUnprocessableEntity, s.stepWith(d.Answers), d, f.Fields)
	}
	if err != nil {
		return s.keepAnd(c, d, err)
	}
	d.Sent = &sent{ID: r.ID, Email: r.Email, At: s.Now()}
	if err := s.keepDraft(c, d); err != nil {
		return err
	}
	return seeOther(c, link.RequestSent)
}

// stepWith is the first page with a problem.
func (s *Server) stepWith(a privacy.Submission) privacy.Step {
	for _, step := range privacy.Steps {
		if s.Office.Check(step, a) != nil {
			return step
		}
	}
	return ""
}

// keepAnd keeps the answers when sending them was refused or failed.
func (s *Server) keepAnd(c echo.Context, d draft, err error) error {
	return errors.Join(err, s.keepDraft(c, d))
}

// sentPage is the same for every address.
func (s *Server) sentPage(c echo.Context) error {
	d, err := s.sessionDraft(c)
	if err != nil {
		return err
	}
	if d.Sent == nil {
		return seeOther(c, link.Home)
	}
	return s.showSent(c, http.StatusOK, d, "")
}

func (s *Server) showSent(c echo.Context, status int, d draft, tooOften string) error {
	ctx := c.Request().Context()
	return render(c, status, portal.Sent(portal.SentTo{
		Email: d.Sent.Email, At: lang.DateTime(ctx, d.Sent.At), Until: s.linkUntil(ctx, d),
		Again: c.QueryParam("again") != "" && tooOften == "", TooOft: tooOften,
	}))
}

func (s *Server) linkUntil(ctx context.Context, d draft) string {
	return lang.DateTime(ctx, d.Sent.At.Add(s.Office.Settings().LinkTTL))
}

// resend mails the link once more; the page says when that was too often.
func (s *Server) resend(c echo.Context) error {
	d, err := s.sessionDraft(c)
	if err != nil {
		return err
	}
	if d.Sent == nil {
		return seeOther(c, link.Home)
	}
	ctx := c.Request().Context()
	if err = s.admit(c, manyLinks); err == nil {
		err = s.Office.Resend(ctx, d.Sent.ID)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.TooMany {
		return s.showSent(c, http.StatusTooManyRequests, d, lang.T(ctx, f.Text.Key, f.Text.Args...))
	}
	if err != nil {
		return err
	}
	d.Sent.At = s.Now()
	if err := s.keepDraft(c, d); err != nil {
		return err
	}
	return seeOther(c, link.RequestSent+"?again=1")
}

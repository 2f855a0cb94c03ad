package web

import (
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskClock is the dates of a case: pauses, holds, extension, refusal, complaint.
var deskClock = []deskRoute{
	{"GET", deskRef + "/clock", staff.RequestRead, false, "", tab("clock")},
	{"POST", deskRef + "/extend", staff.RequestWork, false, "clock", (*Server).extend},
	{"POST", deskRef + "/ask", staff.RequestWork, false, "clock", (*Server).askPerson},
	{"POST", deskRef + "/answered", staff.RequestWork, false, "clock", (*Server).answered},
	{"POST", deskRef + "/law", staff.RequestWork, false, "clock", (*Server).setLaw},
	{"POST", deskRef + "/laws", staff.RequestWork, false, "clock", (*Server).setLaws},
	{"POST", deskRef + "/hold", staff.HoldSet, true, "clock", (*Server).hold},
	{"POST", deskRef + "/unhold", staff.HoldSet, true, "clock", (*Server).unhold},
	{"GET", deskRef + "/items", staff.RequestRead, false, "", tab("items")},
	{"POST", deskRef + "/items", staff.PlanPropose, false, "items", (*Server).chooseItems},
	{"GET", deskRef + "/appeal", staff.RequestRead, false, "", tab("appeal")},
	{"POST", deskRef + "/appeal", staff.PlanApprove, true, "appeal", (*Server).decideAppeal},
}

// onClock does one thing about the dates of a case, as the page showed them.
func (s *Server) onClock(c echo.Context, v *visit, flash string, do func(privacy.ID, int64) error) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(text(c, "version"), 10, 64)
	if err != nil {
		seen = -1 // a version that never was: the page is too old
	}
	return s.answerForm(c, v, do(cs.Request.ID, seen), v.formPage(c), lang.T(c.Request().Context(), flash))
}

func (s *Server) extend(c echo.Context, v *visit) error {
	return s.onClock(c, v, "clock.extend.done", func(id privacy.ID, seen int64) error {
		until, _ := day(c, "until") // missing or wrong is told where it is needed
		return s.Office.Extend(c.Request().Context(), v.by, id, seen, text(c, "extend_reason"), until)
	})
}

// askPerson puts a question to the person whose answer may move the dates.
func (s *Server) askPerson(c echo.Context, v *visit) error {
	return s.onClock(c, v, "clock.ask.done", func(id privacy.ID, seen int64) error {
		q := privacy.Question{What: law.EventKind(text(c, "what")), Reason: text(c, "ask_reason"), Words: text(c, "ask_words")}
		return s.Office.Ask(c.Request().Context(), v.by, id, seen, q)
	})
}

func (s *Server) answered(c echo.Context, v *visit) error {
	return s.onClock(c, v, "clock.answer.done", func(id privacy.ID, seen int64) error {
		a := privacy.Reply{Reason: text(c, "answer_reason")}
		a.Question, _ = strconv.ParseInt(text(c, "question"), 10, 64) // none is refused
		a.On, _ = day(c, "answer_on")
		if m, err := uuid.Parse(text(c, "answer_message")); err == nil {
			a.Message = &m
		}
		return s.Office.Answered(c.Request().Context(), v.by, id, seen, a)
	})
}

func (s *Server) setLaw(c echo.Context, v *visit) error {
	return s.onClock(c, v, "clock.country.done", func(id privacy.ID, seen int64) error {
		return s.Office.SetLaw(c.Request().Context(), v.by, id, seen, text(c, "country"), text(c, "law_reason"))
	})
}

func (s *Server) setLaws(c echo.Context, v *visit) error {
	return s.onClock(c, v, "clock.laws.done", func(id privacy.ID, seen int64) error {
		codes := typed(c)["laws"]
		if more := text(c, "laws_more"); more != "" {
			codes = append(codes, more)
		}
		return s.Office.SetLaws(c.Request().Context(), v.by, id, seen, codes, text(c, "laws_reason"))
	})
}

func (s *Server) hold(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	h := privacy.Hold{Scope: privacy.Scope(text(c, "scope")), Matter: text(c, "matter"), Reason: text(c, "hold_reason"), Told: text(c, "told") != ""}
	h.ReviewOn, _ = day(c, "review")
	h.Owner, _ = uuid.Parse(text(c, "owner")) // nobody is told at its field
	flash := lang.T(ctx, "clock.hold.done")
	if err = s.Office.Hold(ctx, v.by, cs.Request.ID, h); err == nil && h.Scope == privacy.OnPerson {
		if cs, err = s.caseOf(c, v); err != nil {
			return err
		}
		if len(cs.Clock.Running) > 0 {
			flash = views.TooLate(ctx, cs.Clock.Running)
		}
	}
	return s.answerForm(c, v, err, v.formPage(c), flash)
}

func (s *Server) unhold(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	hold, _ := uuid.Parse(text(c, "hold")) // one that is not there is told
	err = s.Office.LiftHold(ctx, v.by, cs.Request.ID, hold, text(c, "lift_reason"))
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "clock.hold.lift_done"))
}

// chooseItems takes what of a request is refused, and why; a new search follows.
func (s *Server) chooseItems(c echo.Context, v *visit) error {
	form := typed(c)
	return s.choose(c, v, func(cs privacy.Case, p *privacy.Choices) { p.Refuse(cs.Request, views.RefusedItems(cs, form)) })
}

func (s *Server) decideAppeal(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Office.DecideAppeal(ctx, v.by, cs.Request.ID, privacy.Outcome(text(c, "verdict")), text(c, "words"))
	return s.answerForm(c, v, err, link.DeskCase(string(cs.Request.Ref)), lang.T(ctx, "clock.appeal.done"))
}

// day reads a day of a form, as browsers send it.
func day(c echo.Context, name string) (time.Time, error) {
	return time.Parse(time.DateOnly, text(c, name))
}

package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskDuties is tasks, recipients, attachments, and what is known of who asks.
var deskDuties = []deskRoute{
	{"POST", deskRef + "/tasks", staff.RequestWork, false, "", (*Server).addTask},
	{"POST", deskRef + "/settle", staff.RequestWork, false, "", (*Server).settle},
	{"POST", deskRef + "/duplicate", staff.RequestWork, false, "", (*Server).markDuplicate},
	{"POST", deskRef + "/evidence", staff.RequestWork, false, "", (*Server).vouch},
	{"POST", deskRef + "/override", staff.HoldSet, true, "", (*Server).override},
	{"POST", deskRef + "/file", staff.RequestWork, false, "messages", (*Server).openFile},
	{"POST", deskRef + "/drop", staff.RequestWork, false, "messages", (*Server).dropFile},
}

// dayOf reads a day; an empty field is fine.
func dayOf(c echo.Context, name string) (day time.Time, ok bool) {
	s := text(c, name)
	if s == "" {
		return time.Time{}, true
	}
	day, err := time.Parse(time.DateOnly, s)
	return day, err == nil
}

func (s *Server) addTask(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx, f := c.Request().Context(), fault.Fields{}
	due, ok := dayOf(c, "task_due")
	if !ok {
		f.Add("task_due", "duties.error.day")
	} else if !due.IsZero() {
		due = due.Add(24*time.Hour - time.Second) // the end of that day
	}
	to, err := uuid.Parse(text(c, "task_to"))
	if err != nil {
		to = uuid.Nil // whoever has the case
	}
	if err = f.Err(); err == nil {
		err = s.seen(c, v).AddTask(ctx, v.by, cs.Request.ID, privacy.NewTask{Title: text(c, "task"), Note: text(c, "task_note"), To: to, Due: due})
	}
	return s.answerForm(c, v, err, v.formPage(c)+"#colleagues", lang.T(ctx, "duties.task.added"))
}

// settle closes one duty of the list; its fields carry its place, because a
// page has many of them.
func (s *Server) settle(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(text(c, "n"))
	if err != nil {
		n = 0
	}
	duty, err := uuid.Parse(text(c, "duty"))
	if err != nil {
		return echo.ErrNotFound
	}
	ctx, names := c.Request().Context(), views.SettleFields(n)
	on, _ := dayOf(c, names["on"]) // one that is no day is missing
	err = s.seen(c, v).Settle(ctx, v.by, cs.Request.ID, duty, privacy.Settlement{State: privacy.DutyState(text(c, names["state"])),
		How: text(c, names["how"]), On: on, Reference: text(c, names["reference"]), Reason: text(c, names["why"])})
	return s.answerForm(c, v, renamed(err, names), v.formPage(c), lang.T(ctx, "duties.settled"))
}

// renamed puts the problems of a form to the names that its fields have on the page.
func renamed(err error, names map[string]string) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	here := *e
	here.Fields = fault.Fields{}
	for field, m := range e.Fields {
		if name, ok := names[field]; ok {
			field = name
		}
		here.Fields[field] = m
	}
	return &here
}

func (s *Server) markDuplicate(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.seen(c, v).MarkDuplicate(ctx, v.by, cs.Request.ID, privacy.Ref(text(c, "duplicate_of")), text(c, "duplicate_reason"))
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "duties.duplicate.marked"))
}

// vouch keeps what a member checked about who asks.
func (s *Server) vouch(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	file, err := uuid.Parse(text(c, "evidence_file"))
	if err != nil {
		file = uuid.Nil // nothing that was sent was looked at
	}
	err = s.seen(c, v).Vouch(ctx, v.by, cs.Request.ID, privacy.Check(text(c, "evidence")), text(c, "evidence_note"), file)
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "duties.evidence.saved"))
}

func (s *Server) override(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.seen(c, v).Override(ctx, v.by, cs.Request.ID, text(c, "override"))
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "duties.override.saved"))
}

// openFile streams a file of the correspondence to a member.
func (s *Server) openFile(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(text(c, "file"))
	if err != nil {
		return echo.ErrNotFound
	}
	a, body, err := s.Office.OpenFile(c.Request().Context(), v.by, cs.Request.ID, id)
	if err != nil {
		return s.answerForm(c, v, err, "", "")
	}
	return sendFile(c, a, body)
}

func (s *Server) dropFile(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(text(c, "file"))
	if err != nil {
		return echo.ErrNotFound
	}
	ctx := c.Request().Context()
	err = s.seen(c, v).DropFile(ctx, v.by, cs.Request.ID, id)
	return s.answerForm(c, v, err, v.formPage(c), lang.T(ctx, "duties.file.dropped"))
}

// begun is the page of a message that begins with a template, below what was
// typed already. Nothing is kept.
func (s *Server) begun(c echo.Context, v *visit, cs privacy.Case) error {
	words, body := views.TemplateText(text(c, "template"), cs.Request, s.Operator), text(c, "body")
	if body != "" && words != "" {
		words = body + "\n\n" + words
	} else if words == "" {
		words = body
	}
	c.Request().PostForm.Set("body", words)
	return s.caseAgain(c, v, nil, http.StatusOK)
}

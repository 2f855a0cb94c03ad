package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// asking gives what a page's script needs to ask the browser for a passkey. It
// is a POST, because the question is kept.
type asking func(ctx context.Context, member, login uuid.UUID) (options []byte, err error)

// askSecond asks for a passkey that somebody has.
func (s *Server) askSecond(c echo.Context) error { return s.askAtTheDoor(c, s.Roster.AskPasskey) }

// askEnrol asks for a new one, of somebody who has no second factor yet.
func (s *Server) askEnrol(c echo.Context) error {
	return s.askAtTheDoor(c, func(ctx context.Context, member, login uuid.UUID) ([]byte, error) {
		m, err := s.Roster.ByID(ctx, member)
		if err == nil && m.Enrolled {
			return nil, echo.NewHTTPError(http.StatusConflict)
		}
		if err != nil {
			return nil, err
		}
		return s.Roster.NewPasskey(ctx, member, login)
	})
}

func (s *Server) askAtTheDoor(c echo.Context, ask asking) error {
	m, ses, err := s.half(c)
	if err != nil || ses == nil {
		return err
	}
	if !tokenFits(c, ses) {
		return echo.NewHTTPError(statusFormOld)
	}
	if err := s.admit(c, manyCodes); err != nil {
		return err
	}
	return s.ask(c, ask, m, ses)
}

func (s *Server) ask(c echo.Context, ask asking, m staff.Member, ses *sessions.Session) error {
	options, err := ask(c.Request().Context(), m.ID, auth.Login(ses))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSONBlob(http.StatusOK, options)
}

// secondPasskey checks a passkey: at sign-in, and again when a step needs a
// fresh factor.
func (s *Server) secondPasskey(c echo.Context) error {
	return s.checkSecond(c, func(ctx context.Context, m staff.Member, ses *sessions.Session) error {
		return s.Roster.CheckPasskey(ctx, m.ID, auth.Login(ses), answer(c))
	})
}

// enrolPasskey makes a passkey the first second factor.
func (s *Server) enrolPasskey(c echo.Context) error {
	return s.enrolWith(c, func(ctx context.Context, m staff.Member, ses *sessions.Session) ([]string, error) {
		return s.Roster.EnrolPasskey(ctx, m.ID, auth.Login(ses), text(c, "passkey_name"), answer(c))
	})
}

// answer is what the browser answered, as the script put it into the form.
func answer(c echo.Context) []byte { return []byte(c.Request().PostForm.Get("passkey")) }

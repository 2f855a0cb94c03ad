package web

import (
	"context"
	"net/http"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

func (s *Server) deskSignInPage(c echo.Context) error {
	return s.showSignIn(c, deskPath(c.QueryParam("back")), http.StatusOK, views.Form{})
}

func (s *Server) showSignIn(c echo.Context, back string, status int, f views.Form) error {
	return render(c, status, views.SignIn(back, s.SSO != nil, f))
}

// sendDeskLink mails a link to a member and says the same to everybody.
func (s *Server) sendDeskLink(c echo.Context) error {
	email, back := text(c, "email"), deskPath(text(c, "back"))
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
		f := fault.Fields{}
		f.Add("email", "desk.error.email")
		return s.showSignIn(c, back, http.StatusUnprocessableEntity, formOf(c, f.Err()))
	}
	if err := s.admit(c, manyStaffLinks); err != nil {
		return err
	}
	if err := s.Roster.SendSignIn(c.Request().Context(), email); err != nil {
		return err
	}
	if back != link.Desk {
		if err := s.keepBack(c, back); err != nil {
			return err
		}
	}
	return render(c, http.StatusOK, views.LinkSent(email))
}

// keepBack remembers the page that was wanted before the sign-in.
func (s *Server) keepBack(c echo.Context, back string) error {
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	ses.Values[keyBack] = back
	return s.keepVisitor(c, ses)
}

// deskLinkPage shows a button; mail scanners open links, people press buttons.
func (s *Server) deskLinkPage(c echo.Context) error {
	expired, err := s.Roster.PeekSignIn(c.Request().Context(), c.Param("token"))
	if fault.KindOf(err) == fault.NotFound || err == nil && expired {
		return render(c, http.StatusGone, views.LinkExpired())
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Link(c.Param("token")))
}

// openDeskLink uses the link up: the first of two factors.
func (s *Server) openDeskLink(c echo.Context) error {
	m, err := s.Roster.RedeemSignIn(c.Request().Context(), c.Param("token"))
	if fault.KindOf(err) == fault.Expired {
		return render(c, http.StatusGone, views.LinkExpired())
	}
	if err != nil {
		return err
	}
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	if err := s.begin(c, ses, m); err != nil {
		return err
	}
	if !m.Enrolled {
		return seeOther(c, link.DeskEnrol)
	}
	return seeOther(c, link.DeskSecond)
}

// begin makes the session that of somebody who has just shown the first factor.
// Nothing of an earlier member's stays in it.
func (s *Server) begin(c echo.Context, ses *sessions.Session, m staff.Member) error {
	delete(ses.Values, keyKept)
	delete(ses.Values, keyFlash)
	auth.Begin(ses, m.ID, device(c.Request().UserAgent()))
	return s.renew(c, ses)
}

// renew gives the session a new secret and its forms a new token.
func (s *Server) renew(c echo.Context, ses *sessions.Session) error {
	ses.Values[keyToken] = newToken()
	if err := s.Sessions.Rotate(c.Request().Context(), ses); err != nil {
		return err
	}
	return s.Sessions.Save(c.Request(), c.Response(), ses)
}

// half gives the member who has shown the first factor at least; nobody is
// sent to the sign-in page and comes back as the zero member.
func (s *Server) half(c echo.Context) (staff.Member, *sessions.Session, error) {
	ses, err := s.session(c)
	if err != nil {
		return staff.Member{}, nil, err
	}
	m, err := s.memberOf(c.Request().Context(), ses)
	if err != nil {
		return staff.Member{}, nil, err
	}
	if m.ID == uuid.Nil {
		return m, nil, seeOther(c, link.DeskSignIn)
	}
	s.speak(c, m)
	return m, ses, nil
}

func tokenOf(ses *sessions.Session) string { t, _ := ses.Values[keyToken].(string); return t }

func (s *Server) secondPage(c echo.Context) error {
	m, ses, err := s.half(c)
	if err != nil || ses == nil {
		return err
	}
	if !m.Enrolled {
		return seeOther(c, link.DeskEnrol)
	}
	return s.showSecond(c, m, ses, http.StatusOK, views.Form{})
}

func (s *Server) showSecond(c echo.Context, m staff.Member, ses *sessions.Session, status int, f views.Form) error {
	app, passkey, err := s.Roster.Factors(c.Request().Context(), m.ID)
	if err != nil {
		return err
	}
	passkey = passkey && s.Roster.Passkeys.At(c.Request().Host)
	return render(c, status, views.Second(views.SecondPage{Token: tokenOf(ses), Again: m.FactorAt != nil, App: app, Passkey: passkey, Form: f}))
}

// second checks a code: at sign-in, and again when a step needs a fresh one.
func (s *Server) second(c echo.Context) error {
	return s.checkSecond(c, func(ctx context.Context, m staff.Member, _ *sessions.Session) error {
		return s.Roster.CheckCode(ctx, m.ID, text(c, "code"))
	})
}

// checkSecond lets somebody go on whose second factor is right.
func (s *Server) checkSecond(c echo.Context, check func(context.Context, staff.Member, *sessions.Session) error) error {
	m, ses, err := s.half(c)
	if err != nil || ses == nil {
		return err
	}
	if !tokenFits(c, ses) {
		return s.showSecond(c, m, ses, statusFormOld, views.Form{Trouble: errFormOld.Text})
	}
	if err := s.admit(c, manyCodes); err != nil {
		return err
	}
	err = check(c.Request().Context(), m, ses)
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Invalid || kind == fault.Conflict:
		return s.showSecond(c, m, ses, http.StatusUnprocessableEntity, formOf(c, err))
	case kind == fault.Expired: // the question, not the session
		return s.showSecond(c, m, ses, http.StatusGone, formOf(c, err))
	default:
		return err
	}
	back, _ := ses.Values[keyBack].(string) // absent: the queue
	if err := s.shown(c, ses); err != nil {
		return err
	}
	return seeOther(c, deskPath(back))
}

// shown records that the second factor was shown just now.
func (s *Server) shown(c echo.Context, ses *sessions.Session) error {
	delete(ses.Values, keyBack)
	ses.Values[keyFactor] = s.Now().UTC().Format(time.RFC3339)
	return s.renew(c, ses)
}

func (s *Server) enrolPage(c echo.Context) error {
	m, ses, err := s.half(c)
	if err != nil || ses == nil {
		return err
	}
	return s.showEnrol(c, m, tokenOf(ses), http.StatusOK, views.Form{})
}

func (s *Server) showEnrol(c echo.Context, m staff.Member, token string, status int, f views.Form) error {
	if m.Enrolled {
		return seeOther(c, link.DeskSecond)
	}
	secret, otpauth, err := s.Roster.EnrolSecret(c.Request().Context(), m.ID)
	if err != nil {
		return err
	}
	return render(c, status, views.Enrol(views.EnrolPage{Token: token, Secret: secret, OTPAuth: otpauth, Passkey: s.Roster.Passkeys.At(c.Request().Host), Form: f}))
}

// enrol turns the second factor on, and shows the recovery codes this once.
func (s *Server) enrol(c echo.Context) error {
	return s.enrolWith(c, func(ctx context.Context, m staff.Member, _ *sessions.Session) ([]string, error) {
		return s.Roster.ConfirmEnrol(ctx, m.ID, text(c, "code"))
	})
}

func (s *Server) enrolWith(c echo.Context, confirm func(context.Context, staff.Member, *sessions.Session) ([]string, error)) error {
	m, ses, err := s.half(c)
	if err != nil || ses == nil {
		return err
	}
	if !tokenFits(c, ses) {
		return s.showEnrol(c, m, tokenOf(ses), statusFormOld, formOf(c, errFormOld))
	}
	if err := s.admit(c, manyCodes); err != nil {
		return err
	}
	codes, err := confirm(c.Request().Context(), m, ses)
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Invalid || kind == fault.Expired:
		return s.showEnrol(c, m, tokenOf(ses), http.StatusUnprocessableEntity, formOf(c, err))
	default:
		return err
	}
	if err := s.shown(c, ses); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Recovery(codes))
}

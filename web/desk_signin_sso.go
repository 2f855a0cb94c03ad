package web

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// What a member goes to the provider for.
const (
	ssoSignIn = "sign in"
	ssoBind   = "bind" // to come in that way from now on
)

// startSSO leads to the provider. It is a link, not a form: browsers hold
// "form-action 'self'" against every step that a form leads to. All that a
// visit leaves is a question that nobody answered.
func (s *Server) startSSO(c echo.Context) error {
	if s.SSO == nil {
		return echo.ErrNotFound
	}
	if err := s.admit(c, manyStaffLinks); err != nil {
		return err
	}
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	if back := deskPath(c.QueryParam("back")); back != link.Desk {
		ses.Values[keyBack] = back
	}
	return s.leaveForSSO(c, ses, ssoSignIn)
}

func (s *Server) leaveForSSO(c echo.Context, ses *sessions.Session, purpose string) error {
	address, err := s.SSO.Start(c.Request().Context(), auth.Login(ses), purpose)
	if err != nil {
		return s.ssoTrouble(c, err)
	}
	if err := s.keepVisitor(c, ses); err != nil {
		return err
	}
	return c.Redirect(http.StatusFound, address)
}

// bindSSO leads a member who is in to the provider, to come in that way later.
func (s *Server) bindSSO(c echo.Context, v *visit) error {
	if s.SSO == nil {
		return echo.ErrNotFound
	}
	if !v.freshFactor(s.Now()) {
		return s.stepUp(c, v)
	}
	return s.leaveForSSO(c, v.ses, ssoBind)
}

// finishSSO is where the provider sends people back to: the first of two
// factors, unless we trust the provider with both.
func (s *Server) finishSSO(c echo.Context) error {
	if s.SSO == nil {
		return echo.ErrNotFound
	}
	ctx := c.Request().Context()
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	id, err := s.SSO.Finish(ctx, auth.Login(ses), auth.Answer{State: c.QueryParam("state"), Code: c.QueryParam("code"),
		Issuer: c.QueryParam("iss"), Error: c.QueryParam("error")})
	if err != nil {
		return s.ssoTrouble(c, err)
	}
	if id.For == ssoBind {
		return s.bound(c, ses, id)
	}
	m, err := s.Roster.SignInAs(ctx, id)
	if err != nil {
		return s.ssoTrouble(c, err)
	}
	if err := s.begin(c, ses, m); err != nil {
		return err
	}
	return s.afterSSO(c, ses, m, id)
}

// afterSSO asks for our second factor, unless the provider vouches for one.
// Such a one lets its holder in; only one of ours is ever fresh enough for a
// step that needs that, unless the provider says when it was shown.
func (s *Server) afterSSO(c echo.Context, ses *sessions.Session, m staff.Member, id auth.Identity) error {
	switch {
	case id.MFA:
		at := id.FactorAt
		if at.IsZero() || at.After(s.Now()) {
			at = s.Now().Add(-2 * staff.FactorFresh)
		}
		back, _ := ses.Values[keyBack].(string) // absent: the queue
		delete(ses.Values, keyBack)
		ses.Values[keyFactor] = at.UTC().Format(time.RFC3339)
		if err := s.renew(c, ses); err != nil {
			return err
		}
		return seeOther(c, deskPath(back))
	case m.Enrolled:
		return seeOther(c, link.DeskSecond)
	}
	return seeOther(c, link.DeskEnrol)
}

// bound ends what bindSSO began. The session is the one that asked, so its
// member is the one who wanted it.
func (s *Server) bound(c echo.Context, ses *sessions.Session, id auth.Identity) error {
	ctx := c.Request().Context()
	m, err := s.memberOf(ctx, ses)
	if err != nil {
		return err
	}
	if m.ID == uuid.Nil || m.FactorAt == nil {
		return seeOther(c, link.DeskSignIn)
	}
	s.speak(c, m)
	if err := s.Roster.Bind(ctx, m, id); err != nil {
		return s.ssoTrouble(c, err)
	}
	return s.done(c, &visit{by: m, ses: ses}, link.DeskAccount, lang.T(c.Request().Context(), "accounts.sso.bound"))
}

// ssoTrouble says why it did not work and offers the mailed link.
func (s *Server) ssoTrouble(c echo.Context, err error) error {
	status := http.StatusForbidden
	switch fault.KindOf(err) {
	case fault.Unproved:
	case fault.Expired:
		status = http.StatusGone
	case fault.Conflict:
		status = http.StatusServiceUnavailable
	default:
		return err
	}
	return s.showSignIn(c, link.Desk, status, views.Form{Trouble: formOf(c, err).Trouble})
}

package web

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskAccounts is people, their factors and sessions, and why content is read.
var deskAccounts = []deskRoute{
	{"POST", link.DeskPeople, staff.StaffManage, true, link.DeskPeople, (*Server).invite},
	{"POST", link.DeskPeople + "/:id", staff.StaffManage, true, link.DeskPeople, (*Server).changeMember},
	{"POST", deskRef + "/reason", staff.ContentRead, true, backPage, (*Server).giveReason},
	{"GET", link.DeskAccount + "/sso", "", false, link.DeskAccount, (*Server).bindSSO},
	{"POST", link.DeskAccount + "/passkeys/options", "", true, link.DeskAccount, (*Server).askNewPasskey},
	{"POST", link.DeskAccount + "/passkeys", "", true, link.DeskAccount, (*Server).addPasskey},
	{"POST", link.DeskAccount + "/remove", "", true, link.DeskAccount, (*Server).removeFactor},
	{"POST", link.DeskAccount + "/app", "", true, link.DeskAccount, (*Server).startApp},
	{"POST", link.DeskAccount + "/app/confirm", "", true, link.DeskAccount, (*Server).confirmApp},
	{"POST", link.DeskAccount + "/codes", "", true, link.DeskAccount, (*Server).renewCodes},
	{"POST", link.DeskAccount + "/sessions", "", false, link.DeskAccount, (*Server).endSessions},
}

func (s *Server) askNewPasskey(c echo.Context, v *visit) error {
	return s.ask(c, s.Roster.NewPasskey, v.by, v.ses)
}

func (s *Server) addPasskey(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	err := s.Roster.AddPasskey(ctx, v.by.ID, auth.Login(v.ses), text(c, "passkey_name"), answer(c))
	return s.answerAccount(c, v, err, lang.T(ctx, "accounts.passkey.added"))
}

// removeFactor takes one of the member's own ways in away.
func (s *Server) removeFactor(c echo.Context, v *visit) (err error) {
	ctx := c.Request().Context()
	switch text(c, "what") {
	case "app":
		err = s.Roster.RemoveApp(ctx, v.by.ID)
	case "sso":
		err = s.Roster.Unlink(ctx, v.by, auth.Login(v.ses))
	default:
		key, bad := base64.RawURLEncoding.DecodeString(text(c, "passkey"))
		if bad != nil {
			return fault.New(fault.NotFound, "error.no_passkey")
		}
		err = s.Roster.RemovePasskey(ctx, v.by.ID, key)
	}
	return s.answerAccount(c, v, err, lang.T(ctx, "accounts.removed"))
}

func (s *Server) startApp(c echo.Context, v *visit) error {
	_, _, err := s.Roster.StartApp(c.Request().Context(), v.by)
	if err != nil {
		return err
	}
	return seeOther(c, link.DeskAccount+"#app")
}

func (s *Server) confirmApp(c echo.Context, v *visit) error {
	if err := s.admit(c, manyCodes); err != nil {
		return err
	}
	ctx := c.Request().Context()
	err := s.Roster.ConfirmApp(ctx, v.by.ID, auth.Login(v.ses), text(c, "code"))
	return s.answerAccount(c, v, err, lang.T(ctx, "accounts.app.confirmed"))
}

// renewCodes shows other recovery codes, this once.
func (s *Server) renewCodes(c echo.Context, v *visit) error {
	codes, err := s.Roster.NewRecovery(c.Request().Context(), v.by)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Recovery(codes))
}

// endSessions signs the member out elsewhere.
func (s *Server) endSessions(c echo.Context, v *visit) error {
	ctx, mine := c.Request().Context(), auth.Login(v.ses)
	if text(c, "which") == "others" {
		err := s.Roster.EndOtherLogins(ctx, v.by, mine)
		return s.answerAccount(c, v, err, lang.T(ctx, "accounts.sessions.ended"))
	}
	login, err := uuid.Parse(text(c, "which"))
	if err != nil {
		return fault.New(fault.NotFound, "error.no_login")
	}
	if login == mine {
		return s.deskSignOut(c, v)
	}
	err = s.Roster.EndLogin(ctx, v.by, login)
	return s.answerAccount(c, v, err, lang.T(ctx, "accounts.session.ended"))
}

// answerAccount goes back to the account, with the result or with what is wrong.
func (s *Server) answerAccount(c echo.Context, v *visit, err error, flash string) error {
	switch kind := fault.KindOf(err); {
	case err == nil:
		return s.done(c, v, link.DeskAccount, flash)
	case kind == fault.Invalid || kind == fault.Conflict || kind == fault.Expired:
		return s.showSettings(c, v, "account", formOf(c, err), statusOf[kind])
	}
	return err
}

// accountPage is the member's own account as the settings show it.
func (s *Server) accountPage(c echo.Context, v *visit) (p views.AccountPage, err error) {
	ctx, issuer := c.Request().Context(), ""
	if s.SSO != nil {
		issuer = s.SSO.Issuer()
	}
	if p.Account, err = s.Roster.Account(ctx, v.by.ID, issuer); err != nil {
		return p, err
	}
	p.Here, p.Passkeys, p.SSO = auth.Login(v.ses), s.Roster.Passkeys.At(c.Request().Host), s.SSO != nil
	if k := s.Roster.Passkeys; k != nil {
		p.Origin = k.Origin
	}
	p.Secret, p.OTPAuth, err = s.Roster.AppSecret(ctx, v.by)
	return p, err
}

// device names a browser and its system in a word each, from what browsers say
// about themselves; "" for one that says nothing we know. More is not kept.
func device(agent string) string {
	first := func(pairs ...[2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	// Most browsers name older ones too, so the order matters.
	browser := first([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS/", "Firefox"},
		[2]string{"Chrome/", "Chrome"}, [2]string{"CriOS/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Android", "Android"}, [2]string{"CrOS", "ChromeOS"},
		[2]string{"Windows", "Windows"}, [2]string{"Mac OS X", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+"/"+system, "/")
}

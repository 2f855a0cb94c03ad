package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

func (s *Server) settings(c echo.Context, v *visit) error {
	part := c.Param("part")
	if part == "" {
		part = views.SettingsParts[0]
	}
	if !slices.Contains(views.SettingsParts, part) {
		return echo.ErrNotFound
	}
	return s.showSettings(c, v, part, v.takeKept(c.Request().URL.Path), http.StatusOK)
}

func (s *Server) showSettings(c echo.Context, v *visit, part string, form views.Form, status int) (err error) {
	p := views.SettingsPage{Part: part, Form: form}
	switch part {
	case "people":
		if p.People, err = s.Roster.People(c.Request().Context()); err != nil {
			return err
		}
		p.SSO = s.SSO != nil
	case "account":
		if p.Account, err = s.accountPage(c, v); err != nil {
			return err
		}
	case "deadlines":
		for _, code := range laws() {
			p.Regimes = append(p.Regimes, law.For(code))
		}
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, status, views.Settings(frame, p))
}

// invite makes a new member and mails them the way in.
func (s *Server) invite(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	_, _, err := s.Roster.Add(ctx, v.by.Actor(), text(c, "email"), text(c, "name"), roles(c), lang.From(ctx))
	return s.answerPeople(c, v, err, lang.T(ctx, "desk.people.invite_sent"))
}

// changeMember gives a member other roles, or takes their access away.
func (s *Server) changeMember(c echo.Context, v *visit) error {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return fault.New(fault.NotFound, "error.no_member")
	}
	ctx, by := c.Request().Context(), v.by.Actor()
	do, ok := memberChanges[text(c, "do")]
	if !ok {
		err = s.Roster.SetRoles(ctx, by, id, roles(c))
		return s.answerPeople(c, v, err, lang.T(ctx, "desk.people.roles_saved"))
	}
	return s.answerPeople(c, v, do.change(s.Roster, ctx, by, id), lang.T(ctx, do.flash))
}

// memberChanges are the buttons beside a member, besides the roles.
var memberChanges = map[string]struct {
	change func(*staff.Roster, context.Context, audit.Actor, uuid.UUID) error
	flash  string
}{
	"disable":  {(*staff.Roster).Disable, "desk.people.disabled_done"},
	"factor":   {(*staff.Roster).ResetFactor, "desk.people.factor_reset"},
	"invite":   {(*staff.Roster).Invite, "desk.people.invite_sent"},
	"withdraw": {(*staff.Roster).Withdraw, "accounts.people.withdrawn"},
	"unbind":   {(*staff.Roster).Unbind, "accounts.people.unbound"},
}

// answerPeople goes back to the list, with the result or with what is wrong.
func (s *Server) answerPeople(c echo.Context, v *visit, err error, flash string) error {
	switch kind := fault.KindOf(err); {
	case err == nil:
		// Whoever changed their own roles has just lost this session.
		if again := s.done(c, v, link.DeskPeople, flash); fault.KindOf(again) != fault.Expired {
			return again
		}
		return seeOther(c, link.DeskSignIn)
	case kind == fault.Invalid || kind == fault.Conflict:
		form := formOf(c, err)
		if c.Param("id") != "" { // the form of one row; its boxes are shown as they are
			form = views.Form{Trouble: firstOf(form)}
		}
		return s.showSettings(c, v, "people", form, statusOf[kind])
	}
	return err
}

func firstOf(f views.Form) fault.Message {
	for _, m := range f.Fields {
		return m
	}
	return f.Trouble
}

func roles(c echo.Context) []staff.Role {
	var out []staff.Role
	for _, r := range c.Request().PostForm["roles"] {
		out = append(out, staff.Role(r))
	}
	return out
}

// saveKeyboard keeps the choice in this browser: it is about this keyboard.
func (s *Server) saveKeyboard(c echo.Context, v *visit) error {
	off := "off"
	if text(c, "keys") == "on" {
		off = ""
	}
	s.keepCookie(c, keysCookie, off)
	return s.done(c, v, link.DeskSettings+"/keyboard", lang.T(c.Request().Context(), "desk.settings.saved"))
}

package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/dev"
)

// devRoutes adds the development inbox: everybody who gets there reads
// everybody's mail, so it exists only where the installation says that it is
// for development.
func (s *Server) devRoutes(e *echo.Echo) {
	if !s.Dev || s.InboxDir == "" {
		return
	}
	e.GET(link.DevInbox, s.devInbox)
	e.GET(link.DevInbox+"/:id", s.devMail)
	e.GET(link.DevInbox+"/:id/html", s.devMailHTML)
}

// devInbox lists the mails and looks again by itself.
func (s *Server) devInbox(c echo.Context) error {
	received, err := inbox.List(s.InboxDir)
	if err != nil {
		return err
	}
	mails := make([]dev.Mail, len(received))
	for i, m := range received {
		mails[i] = shown(m)
	}
	codes, err := demoCodes(s.InboxDir, s.Now())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Refresh", "5")
	return render(c, http.StatusOK, dev.Inbox(mails, codes))
}

// demoCodes computes what the demo staff's authenticator apps would show. The
// development stack leaves their secrets beside the mails; without it there is
// no demo staff.
func demoCodes(dir string, now time.Time) ([]dev.Code, error) {
	b, err := os.ReadFile(filepath.Join(dir, "staff.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the demo staff: %w", err)
	}
	var members []struct {
		Email, Secret string
		Roles         []staff.Role
	}
	if err := json.Unmarshal(b, &members); err != nil {
		return nil, fmt.Errorf("read the demo staff: %w", err)
	}
	codes := make([]dev.Code, len(members))
	for i, m := range members {
		code, err := totp.GenerateCode(m.Secret, now)
		if err != nil {
			return nil, fmt.Errorf("compute a demo code: %w", err)
		}
		codes[i] = dev.Code{Email: m.Email, Roles: m.Roles, Now: code}
	}
	return codes, nil
}

func (s *Server) devMail(c echo.Context) error {
	m, err := s.readMail(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", csp+"; frame-src 'self'")
	return render(c, http.StatusOK, dev.OneMail(shown(m)))
}

// mailCSP is for the HTML part of a mail alone: inline styles, as mail needs
// them, and nothing else; a link opens in the whole window once it is clicked.
const mailCSP = "default-src 'none'; style-src 'unsafe-inline'; " +
	"sandbox allow-top-navigation-by-user-activation allow-popups; frame-ancestors 'self'"

func (s *Server) devMailHTML(c echo.Context) error {
	m, err := s.readMail(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", mailCSP)
	h.Set("Cache-Control", "no-store")
	// A mail program opens links outside of the mail. So does this frame.
	return c.HTML(http.StatusOK, strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1))
}

func (s *Server) readMail(c echo.Context) (inbox.Mail, error) {
	m, err := inbox.Read(s.InboxDir, c.Param("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return inbox.Mail{}, echo.ErrNotFound
	}
	return m, err
}

func shown(m inbox.Mail) dev.Mail {
	return dev.Mail{ID: m.ID, To: m.To, From: m.From, Subject: m.Subject, At: m.At, Text: m.Text, HTML: m.HTML != ""}
}

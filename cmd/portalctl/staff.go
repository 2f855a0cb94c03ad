package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

type staffAdd struct {
	Email string   `arg:"" help:"The member's address; mailed links go there."`
	More  []string `arg:"" optional:"" hidden:""`
	Role  []string `help:"agent, reviewer, approver, officer, administrator or auditor; several with commas, spaces or the flag repeated." required:"" placeholder:"ROLE"`
	Name  string   `help:"The member's name, as people read it; default the address before the @."`
	Lang  string   `help:"Language of mails and pages." default:"en"`
	Apply bool     `help:"Do it; without, only say what would be done."`
}

type added struct {
	Email  string       `json:"email"`
	Roles  []staff.Role `json:"roles"`
	Link   string       `json:"link,omitempty"` // one-time sign-in, mailed as well
	DryRun bool         `json:"dry_run"`
}

func (s staffAdd) Run(a *app) error {
	roles, err := s.roles()
	if err != nil {
		return err
	}
	c, err := a.settings()
	if err != nil {
		return err
	}
	if c.Keys == "" || c.BaseURL == nil || c.MailFrom == "" {
		return errors.New("PORTAL_KEYS, PORTAL_BASE_URL and PORTAL_MAIL_FROM are needed to write the invitation: expected the values that the portal has")
	}
	keys, err := seal.Parse(c.Keys)
	if err != nil {
		return fmt.Errorf("PORTAL_KEYS: %w", err)
	}
	db, err := a.database(c)
	if err != nil {
		return err
	}
	defer db.Close()
	queue, err := pg.Queue(db)
	if err != nil {
		return err
	}
	roster := staff.NewRoster(db, mail.NewOutbox(queue, keys, c.BaseURL, process.MailDomain(c.MailFrom)), keys, auth.NewThrottle(db, keys))

	r := added{Email: strings.ToLower(s.Email), Roles: roles, DryRun: !s.Apply}
	if !s.Apply {
		switch _, err := roster.ByEmail(a.ctx, r.Email); {
		case err == nil:
			return fmt.Errorf("%s is a member of staff already", r.Email)
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		return a.show(r)
	}
	name := s.Name
	if name == "" {
		name, _, _ = strings.Cut(s.Email, "@")
	}
	m, path, err := roster.Add(a.ctx, actor(), s.Email, name, roles, lang.Tag(s.Lang))
	if err != nil {
		return err
	}
	r.Email, r.Roles, r.Link = m.Email, m.Roles, c.BaseURL.JoinPath(path).String()
	return a.show(r)
}

// roles takes -role a -role b, -role a,b and -role a b.
func (s staffAdd) roles() (roles []staff.Role, err error) {
	for _, word := range append(s.Role, s.More...) {
		role := staff.Role(strings.TrimSpace(word))
		if _, known := staff.Bundles[role]; !known {
			return nil, misuse("there is no role %q: expected agent, reviewer, approver, officer, administrator or auditor", word)
		}
		roles = append(roles, role)
	}
	return roles, nil
}

func (r added) text(w io.Writer) {
	var names []string
	for _, role := range r.Roles {
		names = append(names, string(role))
	}
	if r.DryRun {
		fmt.Fprintf(w, "Would invite %s as %s (add -apply).\n", r.Email, strings.Join(names, ", "))
		return
	}
	fmt.Fprintf(w, "Invited %s as %s. The same link is on its way by mail; it works once:\n%s\n", r.Email, strings.Join(names, ", "), r.Link)
}

// Command portal is the web process: the pages for people and for staff. It
// has no credential for the messaging store.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/web"
)

func main() { process.Main(config.PortalProcess, run) }

func run(ctx context.Context, log *slog.Logger) error {
	c, notices, err := config.ReadPortal(os.Environ())
	if err != nil {
		return err
	}
	for _, n := range notices {
		log.Info(n)
	}
	parts, err := process.Build(ctx, c.Office)
	if err != nil {
		return err
	}
	defer parts.Close()
	var policy []portal.Version
	if c.Policy != "" {
		if policy, err = portal.ReadPolicy(os.DirFS(c.Policy)); err != nil {
			return fmt.Errorf("PORTAL_POLICY: %w", err)
		}
	}
	if parts.Roster.Passkeys, err = auth.NewPasskeys(c.Operator, c.BaseURL); err != nil {
		return err
	}
	if parts.Roster.Passkeys == nil {
		log.Warn("browsers allow no passkeys at PORTAL_BASE_URL: it is a number, not a name; staff use authenticator apps")
	}
	site := web.New(web.Server{
		Office:   parts.Office,
		Roster:   parts.Roster,
		Log:      audit.NewLog(parts.DB),
		Sessions: parts.Sessions,
		SSO:      sso(c, parts),
		Vault:    parts.Vault,
		Map:      parts.Map,
		Options: web.Options{
			BaseURL:        c.BaseURL,
			Dev:            c.DevInbox != "",
			InboxDir:       c.DevInbox,
			TrustedProxies: c.TrustedProxies,
			Operator:       c.Operator,
			PrivacyEmail:   c.PrivacyEmail,
			Keys:           parts.Keys,
			Policy:         policy,
		},
	})
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return process.Serve(ctx, c.Listen, site.Handler()) })
	if c.OpsListen != "" {
		ops := &process.Ops{DB: parts.DB, Office: parts.Office}
		all.Go(func() error { return process.Serve(ctx, c.OpsListen, ops.Handler()) })
	}
	return all.Wait()
}

// sso is nil without a provider.
func sso(c config.Portal, parts *process.Parts) *auth.SSO {
	if c.SSO == nil {
		return nil
	}
	return auth.NewSSO(auth.NewOnce(parts.Side, parts.Keys), auth.SSOOptions{Issuer: c.SSO.Issuer, ClientID: c.SSO.ClientID, Secret: c.SSO.Secret,
		TrustMFA: c.SSO.TrustMFA, Return: c.BaseURL.String() + link.DeskSSOBack})
}

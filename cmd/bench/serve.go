package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/web"
)

// serveSite is the web process as it is, but for its environment.
func serveSite(ctx context.Context, t task) (outcome, error) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	base := &url.URL{Scheme: "http", Host: t.Address}
	parts, err := process.Build(ctx, config.Office{
		DatabaseURL: t.Database, Keys: t.Keys, BaseURL: base, Datamap: filepath.Join(t.Dir, "datamap.yaml"),
		Vault: filepath.Join(t.Dir, "vault"), MailFrom: "privacy@example.com", Operator: "CrowsStack",
		CoolingOff: time.Hour, DeliveryDays: 14, DeliveryCount: 5,
	})
	if err != nil {
		return outcome{}, err
	}
	defer parts.Close()
	keys, err := seal.Parse(t.Keys)
	if err != nil {
		return outcome{}, err
	}
	site := web.New(web.Server{
		Office: parts.Office, Roster: parts.Roster, Log: audit.NewLog(parts.DB), Sessions: parts.Sessions, Vault: parts.Vault, Map: parts.Map,
		Options: web.Options{BaseURL: base, Operator: "CrowsStack", PrivacyEmail: "privacy@example.com", Keys: keys},
	})
	return outcome{}, process.Serve(ctx, t.Address, site.Handler())
}

// serveBare sends bytes that it has read once.
func serveBare(ctx context.Context, t task) (outcome, error) {
	body, err := os.ReadFile(t.Body)
	if err != nil {
		return outcome{}, err
	}
	if len(body) == 0 {
		return outcome{}, errors.New("there is no page to send")
	}
	e := echo.New()
	e.GET("/*", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, body) })
	return outcome{}, process.Serve(ctx, t.Address, e)
}

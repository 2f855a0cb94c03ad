// Package web is the HTTP face of the portal: it turns requests into calls on
// Office and results into pages. It holds no SQL and no rules.
package web

import (
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/portal"
)

// Options say how this installation is reached and who answers for it.
type Options struct {
	BaseURL        *url.URL // how browsers reach us; the only host we answer to
	Dev            bool     // development: the inbox is shown, loopback hosts are fine
	InboxDir       string   // where the development inbox keeps its mails
	TrustedProxies []netip.Prefix
	Operator       string           // the company that answers, "CrowsStack"
	PrivacyEmail   string           // where people write to
	Policy         []portal.Version // the operator's policy, newest first; the demo's if empty
	Keys           *seal.Keyring    // seals form answers into the page; one of this process if nil
	Now            func() time.Time
}

// Server answers for people and for staff.
type Server struct {
	Office   *privacy.Office
	Roster   *staff.Roster
	Log      *audit.Log
	Sessions *auth.Sessions
	SSO      *auth.SSO // nil without a provider
	Vault    *export.Vault
	Map      *datamap.Map
	Options

	drafts *drafts
	homes  *sync.Map // the home page, rendered: language/theme → []byte
}

// New completes a server; Office and the other fields are set by the caller.
func New(s Server) *Server {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Operator == "" {
		s.Operator = "CrowsStack"
	}
	if len(s.Policy) == 0 {
		var err error
		if s.Policy, err = portal.ReadPolicy(portal.DemoPolicy()); err != nil {
			panic(err) // embedded, and read by the tests
		}
	}
	s.drafts, s.homes = newDrafts(s.Keys, s.Now), &sync.Map{}
	return &s
}

// maxBody bounds what a form may send: the longest message, percent-encoded,
// and the sealed answers, with room to spare.
const maxBody = 256 << 10

// bodyTime is how long a form may take to arrive: a slow line gets through, and
// somebody who sends a byte a minute does not hold on to us.
const bodyTime = 30 * time.Second

// Handler gives the whole site.
func (s *Server) Handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.showError
	e.IPExtractor = s.clientIP()
	e.Use(s.logAccess, recoverPanic, s.secure, s.knownHost, plainAddress, sameOrigin, s.readForm, s.frame)
	s.routes(e)
	return e
}

// clientIP trusts X-Forwarded-For only from the proxies that were named.
func (s *Server) clientIP() echo.IPExtractor {
	if len(s.TrustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range s.TrustedProxies {
		p = p.Masked()
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP:   p.Addr().AsSlice(),
			Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// logAccess writes one line per request: the route's pattern, never the
// address itself, because addresses carry references and tokens.
func (s *Server) logAccess(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		route := c.Path()
		if route == "" {
			route = "none"
		}
		slog.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("method", c.Request().Method), slog.String("route", route),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", time.Since(start)))
		return nil
	}
}

// csp is the policy of every page. The only exception, the framed mail of the
// staff preview, sets its own.
const csp = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

func (s *Server) https() bool { return s.BaseURL != nil && s.BaseURL.Scheme == "https" }

func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	// Made once and shared: a header that is set later replaces its value.
	always := map[string][]string{
		"Content-Security-Policy": {csp},
		"X-Content-Type-Options":  {"nosniff"},
		// same-origin, not no-referrer: the latter makes browsers send
		// "Origin: null" with forms. Nothing reaches another site either way.
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
	}
	if s.https() {
		always["Strict-Transport-Security"] = []string{"max-age=63072000; includeSubDomains"}
	}
	return func(c echo.Context) error {
		maps.Copy(c.Response().Header(), always)
		return next(c)
	}
}

// knownHost refuses requests that name another host, so that no mail, link or
// cache entry is ever made for one.
func (s *Server) knownHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		host := c.Request().Host
		if s.BaseURL == nil || strings.EqualFold(host, s.BaseURL.Host) || s.Dev && loopback(host) {
			return next(c)
		}
		return echo.NewHTTPError(http.StatusMisdirectedRequest)
	}
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// plainAddress knows no address with bytes that are not text: no page has one,
// and the database does not take them.
func plainAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		texts := []string{u.Path}
		for name, values := range u.Query() { // leaves out what it cannot read
			texts = append(append(texts, name), values...)
		}
		for _, text := range texts {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return echo.ErrNotFound
			}
		}
		return next(c)
	}
}

var safeMethods = []string{http.MethodGet, http.MethodHead, http.MethodOptions}

// sameOrigin refuses writes that another site started, and writes that do not
// say where they come from: every browser says so, and no machine posts here.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		r := c.Request()
		if slices.Contains(safeMethods, r.Method) {
			return next(c)
		}
		if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			return errCrossSite
		}
		if err := protection.Check(r); err != nil {
			return errCrossSite
		}
		return next(c)
	}
}

// readForm reads a posted form before any handler does, so that one that is too
// big or broken is answered in one place. Files are taken in few places only.
func (s *Server) readForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if slices.Contains(safeMethods, r.Method) {
			return next(c)
		}
		if takesFiles(c) {
			return s.readUpload(c, next)
		}
		if r.ContentLength > maxBody {
			return echo.ErrStatusRequestEntityTooLarge
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
		// Not every writer has deadlines (tests do not); those need none.
		rc := http.NewResponseController(c.Response())
		_ = rc.SetReadDeadline(time.Now().Add(bodyTime))
		err := r.ParseForm()
		_ = rc.SetReadDeadline(time.Time{})
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return echo.ErrStatusRequestEntityTooLarge
		}
		if err != nil {
			return fault.New(fault.Invalid, "error.422.text").Because(err)
		}
		return next(c)
	}
}

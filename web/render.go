package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/views/ui"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a page in one piece, so that a template that fails still gets
// an error page. Pages are personal unless public was called before.
func render(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	refresh := 0
	if err := page.Render(ui.WithRefresh(c.Request().Context(), &refresh), b); err != nil {
		return err
	}
	h := c.Response().Header()
	if refresh > 0 {
		h.Set("Refresh", strconv.Itoa(refresh)+"; url="+again(c.Request().URL))
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	return c.HTMLBlob(status, b.Bytes())
}

// again is the address of a page without the word that tells what was just done.
func again(u *url.URL) string {
	q := u.Query()
	q.Del("done")
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// public says that the page is the same for everybody who reads the language.
func public(c echo.Context) {
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Language, Cookie")
}

// seeOther sends the browser on after something was done.
func seeOther(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, to) }

const (
	languageCookie = "lang"
	themeCookie    = "theme"
)

// frame settles the language and what the page's frame shows.
func (s *Server) frame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		f := ui.Frame{Operator: s.Operator, Email: s.PrivacyEmail, Path: r.URL.Path, Theme: theme(cookie(r, themeCookie))}
		ctx := ui.WithFrame(lang.With(r.Context(), lang.Match(r, cookie(r, languageCookie))), f)
		c.SetRequest(r.WithContext(ctx))
		return next(c)
	}
}

func cookie(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

func theme(s string) string {
	if s == "light" || s == "dark" {
		return s
	}
	return ""
}

// prefer keeps the language and the appearance that somebody chose.
func (s *Server) prefer(c echo.Context) error {
	if l := c.FormValue("lang"); lang.Known(lang.Tag(l)) {
		s.keepCookie(c, languageCookie, l)
	}
	if c.Request().PostForm.Has("theme") {
		s.keepCookie(c, themeCookie, theme(c.FormValue("theme")))
	}
	return seeOther(c, localPath(c.FormValue("back")))
}

func (s *Server) keepCookie(c echo.Context, name, value string) {
	age := 365 * 24 * 3600
	if value == "" {
		age = -1
	}
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		Secure: s.https(), SameSite: http.SameSiteLaxMode})
}

// maxPath is longer than any address of ours.
const maxPath = 300

// localPath lets a form name the page to go back to, on this site only.
func localPath(p string) string {
	if len(p) > maxPath || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\?#") || strings.ContainsFunc(p, unicode.IsControl) {
		return link.Home
	}
	return p
}

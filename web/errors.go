package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/views/ui"
)

var errCrossSite = fault.New(fault.Forbidden, "error.cross_site")

// statusFormOld says that a form was open too long to be taken as it is.
const statusFormOld = 419

var statusOf = map[fault.Kind]int{
	fault.NotFound:  http.StatusNotFound,
	fault.Invalid:   http.StatusUnprocessableEntity,
	fault.Conflict:  http.StatusConflict,
	fault.Forbidden: http.StatusForbidden,
	fault.Unproved:  http.StatusForbidden,
	fault.Expired:   http.StatusGone,
	fault.TooMany:   http.StatusTooManyRequests,
}

// status maps an error to its status; what nobody may read about is 500.
func status(err error) int {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if st, ok := statusOf[f.Kind]; ok {
			return st
		}
		return http.StatusInternalServerError
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return h.Code
	}
	if away(err) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// away says that the database does not answer, or not now: the same click may
// well work in a moment, and nothing that was sent is lost.
func away(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	// Connection, resources, shutting down or starting.
	return ok && slices.ContainsFunc([]string{"08", "53", "57"}, func(class string) bool { return strings.HasPrefix(e.SQLState(), class) })
}

// known are the statuses with a page of their own in the catalogue:
// "error.<status>.title", ".text".
var known = map[int]bool{403: true, 404: true, 409: true, 410: true, 413: true, 419: true, 421: true, 422: true, 429: true, 500: true, 503: true}

// showError makes the page for anything a handler returns. An internal error is
// logged here, once, under the code that the page shows.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		slog.Warn("answer broken off", slog.String("route", c.Path()), slog.String("error", err.Error()))
		return
	}
	ctx := c.Request().Context()
	st := status(err)
	if st == http.StatusMethodNotAllowed {
		st = http.StatusNotFound
	}
	if !known[st] {
		st = http.StatusInternalServerError
	}
	if ui.FrameOf(ctx).Operator == "" { // refused before the frame was made
		_ = s.frame(func(echo.Context) error { return nil })(c) // cannot fail: it only fills in the context
		ctx = c.Request().Context()
	}
	p := ui.Trouble{
		Title: lang.T(ctx, fmt.Sprintf("error.%d.title", st)),
		Text:  lang.T(ctx, fmt.Sprintf("error.%d.text", st)),
		Desk:  isDesk(c.Request().URL.Path),
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Text.Key != "" && f.Kind != fault.Internal {
		p.Text = lang.T(ctx, f.Text.Key, f.Text.Args...)
	}
	if st >= 500 {
		p.Code = errorCode()
		slog.ErrorContext(ctx, "request failed", slog.String("code", p.Code), slog.String("route", c.Path()),
			slog.Int("status", st), slog.String("error", err.Error()))
	}
	switch st {
	case http.StatusTooManyRequests:
		c.Response().Header().Set("Retry-After", "600")
	case http.StatusServiceUnavailable:
		c.Response().Header().Set("Retry-After", "30")
	}
	c.Response().Header().Del("Cache-Control")
	if err := render(c, st, ui.TroublePage(p)); err != nil {
		slog.ErrorContext(ctx, "error page failed", slog.String("error", err.Error()))
		_ = c.NoContent(st) // nothing better is left
	}
}

// recoverPanic turns a panic into an ordinary internal error.
func recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				slog.Error("panic", slog.String("route", c.Path()), slog.String("stack", string(debug.Stack())))
				err = fmt.Errorf("panic in %s: %v", c.Path(), p)
			}
		}()
		return next(c)
	}
}

// errorCode is short enough to read out on the phone: "K4-71".
func errorCode() string {
	const letters, digits = "ACDEFGHJKLMNPQRTUVWXY", "23456789"
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	l := func(i int) byte { return letters[int(b[i])%len(letters)] }
	d := func(i int) byte { return digits[int(b[i])%len(digits)] }
	return string([]byte{l(0), d(1), '-', l(2), d(3), d(4)})
}

package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/audit"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// logPage is how many entries a page of the log has.
const logPage = 50

func (s *Server) auditLog(c echo.Context, v *visit) error { return s.showLog(c, v, nil) }

func (s *Server) showLog(c echo.Context, v *visit, check *views.Check) error {
	before, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64) // not a number: the newest
	entry, _ := strconv.ParseInt(c.QueryParam("entry"), 10, 64)   // not a number: the first shown
	p := views.LogPage{Action: c.QueryParam("action"), Target: strings.ToUpper(clean(c.QueryParam("q"))),
		Actions: views.Actions, Entry: entry, First: before == 0, Check: check}
	entries, err := s.Log.Page(c.Request().Context(), audit.Filter{Action: p.Action, Target: p.Target, Before: before, Limit: logPage + 1})
	if err != nil {
		return err
	}
	if len(entries) > logPage {
		entries = entries[:logPage]
		p.Older = entries[logPage-1].ID
	}
	p.Entries = entries
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.AuditLog(frame, p))
}

// verifyAudit re-hashes the whole log and shows what that gave.
func (s *Server) verifyAudit(c echo.Context, v *visit) error {
	r, err := s.Log.Verify(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showLog(c, v, &views.Check{OK: r.OK, Size: r.Size, Pending: r.Pending, Root: r.Root, FirstBad: r.FirstBad})
}

package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// queue shows one view; the whole filter is in the address.
func (s *Server) queue(c echo.Context, v *visit) error {
	f := privacy.Filter{
		View:   privacy.View(c.QueryParam("view")),
		Kind:   privacy.Kind(c.QueryParam("kind")),
		Law:    c.QueryParam("law"),
		Search: clean(c.QueryParam("q")),
		After:  c.QueryParam("after"),
	}
	if !slices.Contains(privacy.Views, f.View) {
		f.View = privacy.ViewOpen
	}
	if !slices.Contains(privacy.Kinds, f.Kind) {
		f.Kind = ""
	}
	page, err := s.Office.Queue(c.Request().Context(), v.by, f)
	if fault.KindOf(err) == fault.Invalid { // a cursor that somebody shortened
		f.After = ""
		page, err = s.Office.Queue(c.Request().Context(), v.by, f)
	}
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, page.Counts)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Queue(frame, views.QueuePage{Filter: f, Page: page, Laws: laws(), First: f.After == ""}))
}

// laws lists the laws that requests can come under.
func laws() []string {
	codes := []string{law.Generous}
	for _, p := range law.Places() {
		if !slices.Contains(codes, p.Law) {
			codes = append(codes, p.Law)
		}
	}
	slices.Sort(codes)
	return codes
}

// assignMany gives the ticked requests to the member who ticked them.
func (s *Server) assignMany(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	refs := c.Request().PostForm["ref"]
	back := queueAddress(text(c, "back"))
	if len(refs) == 0 {
		return s.done(c, v, back, lang.T(ctx, "desk.assign.none"))
	}
	refs = refs[:min(len(refs), privacy.PageSize)]
	for _, ref := range refs {
		cs, err := s.Office.Case(ctx, v.by, privacy.Ref(clean(ref)))
		if err != nil {
			return err
		}
		if err := s.Office.Assign(ctx, v.by, cs.Request.ID, v.by.ID); err != nil {
			return err
		}
	}
	return s.done(c, v, back, lang.N(ctx, "desk.assign.done_many", int64(len(refs))))
}

// queueAddress lets a form name the view to go back to.
func queueAddress(back string) string {
	if back == link.Desk || len(back) > len(link.Desk) && back[:len(link.Desk)+1] == link.Desk+"?" {
		return back
	}
	return link.Desk
}

// deskQueue is what the queue offers besides itself.
var deskQueue = []deskRoute{}

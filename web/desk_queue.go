package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskQueue is what the queue offers besides itself.
var deskQueue = []deskRoute{
	{"GET", link.DeskRecord, staff.RequestWork, false, "", (*Server).recordPage},
	{"POST", link.DeskRecord, staff.RequestWork, false, link.DeskRecord, (*Server).record},
	{"GET", link.DeskViews, staff.RequestRead, false, "", (*Server).savedViews},
	{"POST", link.DeskViews, staff.RequestRead, false, link.DeskViews, (*Server).saveView},
	{"POST", link.DeskViewChange, staff.RequestRead, false, link.DeskViews, (*Server).changeView},
	{"POST", link.DeskExport, staff.ContentRead, true, link.Desk, (*Server).exportQueue},
	{"GET", link.DeskKeys, staff.RequestRead, false, "", (*Server).keysPage},
	{"POST", deskRef + "/here", staff.RequestRead, false, "", (*Server).here},
	{"POST", deskRef + "/sender", staff.RequestWork, false, "", (*Server).proveSender},
	{"POST", deskRef + "/follow-up", staff.RequestWork, false, "", (*Server).followUp},
}

// queue shows one view; the whole filter is in the address.
func (s *Server) queue(c echo.Context, v *visit) error {
	return s.showQueue(c, v, readFilter(c.QueryParams()), views.Form{}, http.StatusOK)
}

func (s *Server) showQueue(c echo.Context, v *visit, f privacy.Filter, form views.Form, status int) error {
	ctx := c.Request().Context()
	page, err := s.Office.Queue(ctx, v.by, f)
	if fault.KindOf(err) == fault.Invalid { // a cursor that somebody shortened
		f = f.First()
		page, err = s.Office.Queue(ctx, v.by, f)
	}
	if err != nil {
		return err
	}
	people, err := s.Office.People(ctx)
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, page.Counts)
	if err != nil {
		return err
	}
	return render(c, status, views.Queue(frame, views.QueuePage{Filter: f, Page: page, Laws: laws(), People: people, Form: form}))
}

// readFilter makes a filter of an address, or of one that a form names.
func readFilter(q url.Values) privacy.Filter {
	for _, values := range q {
		for i := range values {
			values[i] = clean(values[i])
		}
	}
	return privacy.ReadFilter(q)
}

// laws lists the laws that requests can come under.
var laws = func() func() []string {
	codes := []string{law.Generous}
	for _, p := range law.Places() {
		if !slices.Contains(codes, p.Law) {
			codes = append(codes, p.Law)
		}
	}
	slices.Sort(codes)
	return func() []string { return codes }
}()

// assignMany does something with the ticked requests: gives them to somebody,
// to nobody, or has them come up again. What could not be done is told one by one.
func (s *Server) assignMany(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	back := queueAddress(text(c, "back"))
	var refs []privacy.Ref
	for _, ref := range c.Request().PostForm["ref"] {
		refs = append(refs, privacy.Ref(clean(ref)))
	}
	if len(refs) == 0 {
		return s.done(c, v, back, lang.T(ctx, "desk.assign.none"))
	}
	done, word, err := s.bulk(c, v, refs)
	if f, ok := invalid(err); ok {
		form := views.Form{Name: "bulk", Values: typed(c), Fields: f.Fields}
		return s.showQueue(c, v, addressFilter(back), form, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	result := lang.N(ctx, word, int64(len(done.Done)))
	if len(done.Left) == 0 {
		return s.done(c, v, back, result)
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.BulkResult(frame, views.BulkPage{Bulk: done, Result: result, Back: back}))
}

// bulk does what the button says; word is how the result is told.
func (s *Server) bulk(c echo.Context, v *visit, refs []privacy.Ref) (done privacy.Bulk, word string, err error) {
	ctx := c.Request().Context()
	switch text(c, "do") {
	case "nobody":
		done, err = s.Office.AssignMany(ctx, v.by, refs, uuid.Nil)
		return done, "queue.bulk.freed", err
	case "to":
		to, err := uuid.Parse(text(c, "to"))
		if err != nil {
			f := fault.Fields{}
			f.Add("to", "queue.bulk.nobody")
			return done, "", f.Err()
		}
		done, err = s.Office.AssignMany(ctx, v.by, refs, to)
		return done, "queue.bulk.given", err
	case "follow":
		done, err = s.Office.FollowUpMany(ctx, v.by, refs, readDay(text(c, "on"), lang.From(ctx), false))
		return done, "queue.bulk.followed", err
	}
	done, err = s.Office.AssignMany(ctx, v.by, refs, v.by.ID)
	return done, "desk.assign.done_many", err
}

// queueAddress lets a form name the view to go back to.
func queueAddress(back string) string {
	if back == link.Desk || strings.HasPrefix(back, link.Desk+"?") {
		return back
	}
	return link.Desk
}

// addressFilter is the filter of such an address.
func addressFilter(back string) privacy.Filter {
	_, query, _ := strings.Cut(back, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return privacy.ReadFilter(nil)
	}
	return readFilter(q)
}

func (s *Server) keysPage(c echo.Context, v *visit) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Keys(frame))
}

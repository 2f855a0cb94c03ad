package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// deskRoute is one address of the desk and what a member needs to use it.
type deskRoute struct {
	method string
	path   string
	need   staff.Permission // "" for every member
	fresh  bool             // the second factor must be recent
	page   string           // where the form of a POST stands: a tab, or an address
	handle func(*Server, echo.Context, *visit) error
}

const deskRef = link.Desk + "/:ref"

// desk is every address behind the sign-in. What is not in it does not exist:
// guarded is the only way in. Where there are many of one sort, they stand at
// the head of their file.
var desk = slices.Concat(deskCase, deskQueue, deskClock, deskDuties, deskRedaction, deskLetters, deskAccounts, deskFigures, deskLaws)

var deskCase = []deskRoute{
	{"GET", link.Desk, staff.RequestRead, false, "", (*Server).queue},
	{"POST", link.Desk + "/assign", staff.RequestWork, false, link.Desk, (*Server).assignMany},
	{"GET", deskRef, staff.RequestRead, false, "", tab("")},
	{"GET", deskRef + "/data", staff.RequestRead, false, "", tab("data")},
	{"GET", deskRef + "/plan", staff.RequestRead, false, "", tab("plan")},
	{"GET", deskRef + "/decision", staff.RequestRead, false, "", tab("decision")},
	{"GET", deskRef + "/messages", staff.RequestRead, false, "", tab("messages")},
	{"GET", deskRef + "/audit", staff.RequestRead, false, "", tab("audit")},
	{"POST", deskRef + "/assign", staff.RequestWork, false, "", (*Server).assign},
	{"POST", deskRef + "/search", staff.RequestWork, false, "", (*Server).search},
	{"POST", deskRef + "/messages", staff.RequestWork, false, "messages", (*Server).writeToPerson},
	{"POST", deskRef + "/who", staff.PlanPropose, false, "data", (*Server).chooseWho},
	{"POST", deskRef + "/edits", staff.PlanPropose, false, "data", (*Server).chooseEdits},
	{"POST", deskRef + "/purposes", staff.PlanPropose, false, "data", (*Server).choosePurposes},
	{"POST", deskRef + "/keeping", staff.PlanPropose, false, "data", (*Server).chooseKeeping},
	{"POST", deskRef + "/lift", staff.PlanPropose, false, "", (*Server).openLift},
	{"POST", deskRef + "/propose", staff.PlanPropose, false, "data", (*Server).propose},
	{"POST", deskRef + "/decision", staff.PlanApprove, true, "decision", (*Server).decide},
	{"POST", deskRef + "/reject", staff.PlanApprove, true, "", (*Server).reject},
	{"POST", deskRef + "/inspect", staff.ContentRead, true, "data", (*Server).inspect},
	{"GET", link.DeskAudit, staff.AuditRead, false, "", (*Server).auditLog},
	{"POST", link.DeskAudit, staff.AuditRead, false, link.DeskAudit, (*Server).verifyAudit},
	{"GET", link.DeskSettings, "", false, "", (*Server).settings},
	{"GET", link.DeskSettings + "/:part", "", false, "", (*Server).settings},
	{"POST", link.DeskSettings + "/keyboard", "", false, link.DeskSettings + "/keyboard", (*Server).saveKeyboard},
	{"POST", link.DeskSignOut, "", false, link.Desk, (*Server).deskSignOut},
}

// deskDoor is what stands before the sign-in. The pages of the second factor
// check for themselves that the first one was shown.
var deskDoor = []struct {
	method, path string
	handle       func(*Server, echo.Context) error
}{
	{"GET", link.DeskSignIn, (*Server).deskSignInPage},
	{"POST", link.DeskSignIn, (*Server).sendDeskLink},
	{"GET", link.DeskSecond, (*Server).secondPage},
	{"POST", link.DeskSecond, (*Server).second},
	{"GET", link.DeskEnrol, (*Server).enrolPage},
	{"POST", link.DeskEnrol, (*Server).enrol},
	{"POST", link.DeskPasskey, (*Server).secondPasskey},
	{"POST", link.PasskeyOptions(link.DeskPasskey), (*Server).askSecond},
	{"POST", link.DeskEnrolPasskey, (*Server).enrolPasskey},
	{"POST", link.PasskeyOptions(link.DeskEnrolPasskey), (*Server).askEnrol},
	{"GET", link.DeskSSO, (*Server).startSSO},
	{"GET", link.DeskSSOBack, (*Server).finishSSO},
	{"GET", link.DeskLink(":token"), (*Server).deskLinkPage},
	{"POST", link.DeskLink(":token"), (*Server).openDeskLink},
}

// deskRoutes adds the staff pages.
func (s *Server) deskRoutes(e *echo.Echo) {
	for _, r := range deskDoor {
		e.Add(r.method, strings.ReplaceAll(r.path, "%3A", ":"), func(c echo.Context) error { return r.handle(s, c) })
	}
	for _, r := range desk {
		e.Add(r.method, r.path, s.guarded(r))
	}
}

// guarded lets a member through who is signed in with both factors and may use
// the route; a form must carry the session's token.
func (s *Server) guarded(r deskRoute) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, door, err := s.visit(c)
		if err != nil {
			return err
		}
		if v == nil {
			return s.turnedAway(c, r, door)
		}
		v.route = r
		if r.need != "" && !v.by.Can(r.need) {
			return s.forbidden(c, v)
		}
		if r.method != http.MethodPost {
			return r.handle(s, c, v)
		}
		if !v.tokenFits(c) {
			return s.formTooOld(c, v)
		}
		if r.fresh && !v.freshFactor(s.Now()) {
			return s.stepUp(c, v)
		}
		return r.handle(s, c, v)
	}
}

package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestNoDeskAddressIsOutsideTheTables(t *testing.T) {
	t.Parallel()
	e := echo.New()
	New(Server{}).deskRoutes(e)
	listed := map[string]bool{}
	for _, r := range desk {
		if listed[r.method+" "+r.path] {
			t.Errorf("%s %s stands twice in the table", r.method, r.path)
		}
		listed[r.method+" "+r.path] = true
		// What changes something without any permission concerns oneself only.
		if r.method != http.MethodGet && r.need == "" && r.path != link.DeskSignOut && r.path != link.DeskSettings+"/keyboard" && !strings.HasPrefix(r.path, link.DeskAccount+"/") {
			t.Errorf("%s needs no permission", r.path)
		}
	}
	for _, r := range deskDoor {
		listed[r.method+" "+strings.ReplaceAll(r.path, "%3A", ":")] = true
	}
	for _, r := range e.Routes() {
		if !listed[r.Method+" "+r.Path] {
			t.Errorf("%s %s answers without being listed", r.Method, r.Path)
		}
	}
}

func TestTheFirstFactorAloneOpensNothing(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := &browser{b: b}
	rec, _ := w.post(link.DeskLink(b.mint("staff_sign_in", b.staff[staff.Officer].ID)))
	goes(t, rec, link.DeskSecond)
	for _, route := range desk {
		if route.method == http.MethodGet {
			rec, _ := w.get(route.path)
			goes(t, rec, link.DeskSecond)
		} else {
			rec, doc := w.post(route.path)
			code(t, rec, statusFormOld)
			if doc.Find(`.actions a[href="`+link.DeskSecond+`"]`).Length() != 1 {
				t.Errorf("%s does not lead to the second factor", route.path)
			}
		}
	}
}

func TestASwitchedOffMemberIsOut(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, _ := w.get(link.Desk)
	code(t, rec, http.StatusOK)
	must(t, b.s.Roster.Disable(t.Context(), b.staff[staff.Officer].Actor(), b.staff[staff.Agent].ID))
	rec, _ = w.get(link.Desk)
	goes(t, rec, link.DeskSignIn)
}

func TestAForeignReferenceIsNotFound(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Officer, time.Minute)
	for _, path := range []string{"/desk/CS-0000-0000", "/desk/CS-0000-0000/decision", "/desk/nothing"} {
		rec, _ := w.get(path)
		code(t, rec, http.StatusNotFound)
	}
}

func TestTheDeskTakesNoBytesThatAreNoText(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Officer, time.Minute)
	for _, bad := range []string{"%00", "%ff", "%zz", "a%00b"} {
		for _, path := range []string{"/desk/" + bad, "/desk/" + bad + "/plan", "/desk?law=" + bad, "/desk?q=" + bad, "/desk?kind=" + bad, "/desk?view=" + bad, "/desk?after=" + bad,
			"/desk/audit?action=" + bad, "/desk/audit?q=" + bad, "/desk/audit?before=" + bad, "/desk/audit?entry=" + bad, "/desk/settings/" + bad} {
			if strings.Contains(path, "%zz") && !strings.Contains(path, "?") {
				continue // no server takes such an address in
			}
			if rec, _ := w.get(path); rec.Code >= 500 {
				t.Errorf("GET %s gives %d", path, rec.Code)
			}
		}
	}
	for _, path := range []string{"/desk/assign", "/desk/settings/people"} {
		if rec, _ := w.post(path, "ref", "\x00", "ref", "\xff", "email", "\x00\xff", "name", "\x00", "roles", "\x00", "back", "/desk?\x00\r\nX: y"); rec.Code >= 500 {
			t.Errorf("POST %s gives %d", path, rec.Code)
		}
	}
}

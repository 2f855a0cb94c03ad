package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// permissions says once more, and by itself, what each address of the desk
// needs: a route without a line here fails the test, and so does one whose line
// says something else. "everybody" is every member, for what concerns only
// themselves; "fresh" is a second factor of the last five minutes.
const permissions = `
GET  /desk                                       request.read
POST /desk/assign                                request.work
GET  /desk/:ref                                  request.read
GET  /desk/:ref/data                             request.read
GET  /desk/:ref/plan                             request.read
GET  /desk/:ref/decision                         request.read
GET  /desk/:ref/messages                         request.read
GET  /desk/:ref/letters                          request.read
POST /desk/:ref/letters                          request.work
POST /desk/:ref/letters/preview                  request.read
GET  /desk/:ref/letters/next                     request.read
GET  /desk/:ref/letters/:id                      request.read
GET  /desk/:ref/audit                            request.read
POST /desk/:ref/assign                           request.work
POST /desk/:ref/search                           request.work
POST /desk/:ref/messages                         request.work
POST /desk/:ref/who                              plan.propose
POST /desk/:ref/edits                            plan.propose
POST /desk/:ref/purposes                         plan.propose
POST /desk/:ref/keeping                          plan.propose
POST /desk/:ref/lift                             plan.propose
POST /desk/:ref/propose                          plan.propose
POST /desk/:ref/decision                         plan.approve fresh
POST /desk/:ref/reject                           plan.approve fresh
POST /desk/:ref/inspect                          content.read fresh
POST /desk/:ref/reason                           content.read fresh
GET  /desk/:ref/redaction                        request.read
GET  /desk/:ref/redaction/people                 content.read
POST /desk/:ref/redaction/people                 content.read
GET  /desk/:ref/redaction/files                  content.read
POST /desk/:ref/redaction/files                  content.read
POST /desk/:ref/redaction/undo                   content.read
POST /desk/:ref/redaction/finish                 content.read
GET  /desk/:ref/redaction/:talk                  content.read
POST /desk/:ref/redaction/:talk                  content.read
POST /desk/:ref/tasks                            request.work
POST /desk/:ref/settle                           request.work
POST /desk/:ref/duplicate                        request.work
POST /desk/:ref/evidence                         request.work
POST /desk/:ref/override                         hold.set fresh
POST /desk/:ref/file                             request.work
POST /desk/:ref/drop                             request.work
GET  /desk/:ref/clock                            request.read
POST /desk/:ref/extend                           request.work
POST /desk/:ref/ask                              request.work
POST /desk/:ref/answered                         request.work
POST /desk/:ref/law                              request.work
POST /desk/:ref/laws                             request.work
POST /desk/:ref/hold                             hold.set fresh
POST /desk/:ref/unhold                           hold.set fresh
GET  /desk/:ref/items                            request.read
POST /desk/:ref/items                            plan.propose
GET  /desk/:ref/appeal                           request.read
POST /desk/:ref/appeal                           plan.approve fresh
GET  /desk/record                                request.work
POST /desk/record                                request.work
GET  /desk/views                                 request.read
POST /desk/views                                 request.read
POST /desk/views/change                          request.read
POST /desk/export                                content.read fresh
GET  /desk/keys                                  request.read
POST /desk/:ref/here                             request.read
POST /desk/:ref/sender                           request.work
POST /desk/:ref/follow-up                        request.work
GET  /desk/dashboard                             request.read
GET  /desk/dashboard/figures.csv                 request.read
GET  /desk/dashboard/year                        request.read
GET  /desk/dashboard/year.csv                    request.read
GET  /desk/audit                                 audit.read
POST /desk/audit                                 audit.read
GET  /desk/settings                              everybody
GET  /desk/settings/:part                        everybody
GET  /desk/settings/wording                      everybody
POST /desk/settings/wording                      map.edit
GET  /desk/settings/deadlines/:law               everybody
POST /desk/settings/keyboard                     everybody
POST /desk/settings/people                       staff.manage fresh
POST /desk/settings/people/:id                   staff.manage fresh
GET  /desk/settings/account/sso                  everybody
POST /desk/settings/account/passkeys/options     everybody fresh
POST /desk/settings/account/passkeys             everybody fresh
POST /desk/settings/account/remove               everybody fresh
POST /desk/settings/account/app                  everybody fresh
POST /desk/settings/account/app/confirm          everybody fresh
POST /desk/settings/account/codes                everybody fresh
POST /desk/settings/account/sessions             everybody
POST /desk/sign-out                              everybody
`

type permissionLine struct {
	need  staff.Permission
	fresh bool
}

func permissionLines(t *testing.T) map[string]permissionLine {
	t.Helper()
	out := map[string]permissionLine{}
	for text := range strings.Lines(permissions) {
		f := strings.Fields(text)
		if len(f) == 0 {
			continue
		}
		l := permissionLine{need: staff.Permission(f[2]), fresh: slices.Contains(f[3:], "fresh")}
		if l.need == "everybody" {
			l.need = ""
		}
		if _, twice := out[f[0]+" "+f[1]]; twice {
			t.Errorf("%s %s has two lines", f[0], f[1])
		}
		out[f[0]+" "+f[1]] = l
	}
	return out
}

func TestEachRouteHasItsLine(t *testing.T) {
	t.Parallel()
	lines := permissionLines(t)
	for _, r := range desk {
		name := r.method + " " + r.path
		l, ok := lines[name]
		if !ok {
			t.Errorf("%s has no line: say who may, in web/desk_permissions_test.go", name)
			continue
		}
		if l.need != r.need || l.fresh != r.fresh {
			t.Errorf("%s needs %q, fresh %v; its line says %q, fresh %v", name, r.need, r.fresh, l.need, l.fresh)
		}
		delete(lines, name)
	}
	for name := range lines {
		t.Errorf("%s has a line and no route", name)
	}
}

// hire makes a member who holds one role only.
func (b *deskBench) hire(role staff.Role) {
	b.t.Helper()
	m := staff.Member{ID: uuid.New(), Name: "Only " + string(role), Email: "only." + string(role) + "@demo.example", Roles: []staff.Role{role}}
	_, err := b.db.Exec(b.t.Context(), `INSERT INTO staff_members (id, email, name, roles, lang, totp_secret, enrolled_at, arrived_at)
		VALUES ($1, $2, $3, $4, 'en', 'sealed', now(), now())`, m.ID, m.Email, m.Name, []string{string(role)})
	must(b.t, err)
	b.staff[role] = staff.DemoMember{Member: m}
}

// filled is a route's address with something in each place.
func filled(path string, r privacy.Request) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		switch {
		case p == ":ref":
			parts[i] = string(r.Ref)
		case p == ":part":
			parts[i] = "people"
		case p == ":law":
			parts[i] = "UK"
		case strings.HasPrefix(p, ":"):
			parts[i] = uuid.NewString()
		}
	}
	return strings.Join(parts, "/")
}

// Each route and each role, and nobody, and half of somebody: what is not
// allowed is refused, before anything is looked at.
func TestEachRouteAsksForItsPermission(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	officer := b.staff[staff.Officer] // with both roles: stays, so that an administrator is left
	for _, role := range staff.AllRoles {
		b.hire(role)
	}
	half := b.signedIn(staff.Officer, time.Minute)
	b.half(half, b.staff[staff.Officer].ID)
	out := b.signedIn(staff.Reviewer, time.Minute)
	must(t, b.s.Roster.Disable(t.Context(), officer.Actor(), b.staff[staff.Reviewer].ID))
	b.hireAgain(staff.Reviewer)
	send := func(w *browser, route deskRoute) int {
		if route.method == http.MethodGet {
			rec, _ := w.get(filled(route.path, r))
			return rec.Code
		}
		w.token = "not the session's"
		rec, _ := w.post(filled(route.path, r))
		return rec.Code
	}
	for name, l := range permissionLines(t) {
		method, path, _ := strings.Cut(name, " ")
		i := slices.IndexFunc(desk, func(d deskRoute) bool { return d.method == method && d.path == path })
		if i < 0 {
			continue // told by the test above
		}
		route := desk[i]
		door := http.StatusSeeOther // to the sign-in page
		if method != http.MethodGet {
			door = statusFormOld // told first, with what they typed
		}
		for who, w := range map[string]*browser{"nobody": {b: b}, "the first factor": half, "a switched-off member": out} {
			if st := send(w, route); st != door {
				t.Errorf("%s: %s gets %d, want %d", name, who, st, door)
			}
		}
		for _, role := range staff.AllRoles {
			may := l.need == "" || slices.Contains(staff.Bundles[role], l.need)
			switch st := send(b.signedIn(role, time.Minute), route); {
			case !may && st != http.StatusForbidden:
				t.Errorf("%s: %s gets %d, want 403", name, role, st)
			case may && method != http.MethodGet && st != statusFormOld:
				t.Errorf("%s: %s gets %d for a form without the session's token, want %d", name, role, st, statusFormOld)
			case may && method == http.MethodGet && st != http.StatusOK && st != http.StatusNotFound && st != http.StatusSeeOther:
				t.Errorf("%s: %s gets %d, want to be let in", name, role, st)
			}
		}
	}
}

// half takes the second factor out of a browser's session.
func (b *deskBench) half(w *browser, id uuid.UUID) {
	b.t.Helper()
	w.cookie = nil
	rec, _ := w.post(link.DeskLink(b.mint("staff_sign_in", id)))
	goes(b.t, rec, link.DeskSecond)
}

// hireAgain makes another member of a role whose first one is gone.
func (b *deskBench) hireAgain(role staff.Role) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), `UPDATE staff_members SET email = 'gone.' || email WHERE id = $1`, b.staff[role].ID)
	must(b.t, err)
	b.hire(role)
}

// A form counts with the token of its own session only, and where that is asked
// with a fresh second factor only. Whatever is refused changes nothing.
func TestEachFormIsHeldAgainstItsSession(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, _ := b.inReview(privacy.Access)
	for _, role := range []staff.Role{staff.Reviewer, staff.Officer, staff.Administrator} {
		b.hire(role)
	}
	everything := func() (n int) {
		must(t, b.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM audit_events) + (SELECT count(*) FROM letters) + (SELECT count(*) FROM content_grants)`).Scan(&n))
		return n
	}
	able := func(need staff.Permission) staff.Role {
		for _, role := range []staff.Role{staff.Agent, staff.Officer, staff.Administrator} {
			if need == "" || b.staff[role].Can(need) {
				return role
			}
		}
		t.Fatalf("nobody may %s", need)
		return ""
	}
	for _, route := range desk {
		if route.method == http.MethodGet {
			continue
		}
		role, path, before := able(route.need), filled(route.path, r), everything()
		ago := time.Minute
		mine, elsewhere, other := b.signedIn(role, ago), b.signedIn(role, ago), b.signedIn(staff.Auditor, ago)
		for name, token := range map[string]string{"no": "", "a wrong": newToken(), "another session's": elsewhere.token, "another member's": other.token} {
			w := *mine
			w.token = token
			if rec, _ := w.post(path); rec.Code != statusFormOld {
				t.Errorf("POST %s with %s token gives %d, want %d", route.path, name, rec.Code, statusFormOld)
			}
		}
		if route.fresh {
			stale := b.signedIn(role, staff.FactorFresh+time.Second)
			rec, _ := stale.post(path)
			if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != link.DeskSecond {
				t.Errorf("POST %s with an old factor gives %d to %q", route.path, rec.Code, rec.Header().Get("Location"))
			}
		}
		if now := everything(); now != before {
			t.Errorf("POST %s was refused and left %d traces", route.path, now-before)
		}
	}
}

// doors says what each address before the sign-in answers to somebody who has
// shown nothing, and to somebody who has shown the first factor.
var doors = map[string]struct{ nobody, half int }{
	"GET /desk/sign-in":                        {200, 200},
	"POST /desk/sign-in":                       {422, 422}, // no address
	"GET /desk/sign-in/code":                   {303, 200},
	"POST /desk/sign-in/code":                  {303, 419},
	"GET /desk/sign-in/enrol":                  {303, 303}, // has a factor already
	"POST /desk/sign-in/enrol":                 {303, 303},
	"POST /desk/sign-in/passkey":               {303, 419},
	"POST /desk/sign-in/passkey/options":       {303, 419},
	"POST /desk/sign-in/enrol/passkey":         {303, 303},
	"POST /desk/sign-in/enrol/passkey/options": {303, 419},
	"GET /desk/sign-in/sso":                    {404, 404}, // no provider here
	"GET /desk/sign-in/sso/back":               {404, 404},
	"GET /desk/sign-in/:token":                 {410, 410},
	"POST /desk/sign-in/:token":                {410, 410},
}

func TestEachDoorOpensOnlySoFar(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	known := map[string]bool{}
	for _, d := range deskDoor {
		name := d.method + " " + strings.ReplaceAll(d.path, "%3A", ":")
		known[name] = true
		want, ok := doors[name]
		if !ok {
			t.Errorf("%s has no line", name)
			continue
		}
		path := strings.ReplaceAll(strings.ReplaceAll(d.path, "%3A", ":"), ":token", newToken())
		half := &browser{b: b}
		b.half(half, b.staff[staff.Agent].ID)
		for who, w := range map[string]struct {
			*browser
			want int
		}{"nobody": {&browser{b: b}, want.nobody}, "half of somebody": {half, want.half}} {
			w.token = newToken()
			var st int
			if d.method == http.MethodGet {
				rec, _ := w.get(path)
				st = rec.Code
			} else {
				rec, _ := w.post(path)
				st = rec.Code
			}
			if st != w.want {
				t.Errorf("%s: %s gets %d, want %d", name, who, st, w.want)
			}
			if rec, _ := w.get(link.Desk); rec.Code != http.StatusSeeOther {
				t.Errorf("%s let %s in", name, who)
			}
		}
	}
	for name := range doors {
		if !known[name] {
			t.Errorf("%s has a line and no route", name)
		}
	}
}

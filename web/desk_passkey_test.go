package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/auth/authtest"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

const deskOrigin = "https://privacy.example"

// withPasskeys is a desk at a site to which browsers bind passkeys.
func withPasskeys(t *testing.T) *deskBench {
	t.Helper()
	b := newDeskBench(t)
	base, err := url.Parse(deskOrigin)
	must(t, err)
	b.s.Roster.Passkeys, err = auth.NewPasskeys("CrowsStack", base)
	must(t, err)
	return b
}

// ask gets the question for a passkey, as the script of a page does.
func (w *browser) ask(path string) []byte {
	w.b.t.Helper()
	rec, _ := w.post(link.PasskeyOptions(path))
	code(w.b.t, rec, http.StatusOK)
	if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") || rec.Header().Get("Cache-Control") != "no-store" {
		w.b.t.Fatalf("the question is %q, kept %q", got, rec.Header().Get("Cache-Control"))
	}
	return rec.Body.Bytes()
}

// carrying gives a member a passkey, and the device that holds it.
func (b *deskBench) carrying(r staff.Role) *authtest.Device {
	b.t.Helper()
	d, w := authtest.New(b.t, deskOrigin), b.signedIn(r, time.Minute)
	rec, _ := w.post(link.DeskAccount+"/passkeys", "passkey_name", "Key of "+string(r), "passkey", string(d.Make(b.t, w.ask(link.DeskAccount+"/passkeys"))))
	goes(b.t, rec, link.DeskAccount)
	return d
}

func TestANewMemberEnrolsWithAPasskeyAndComesBackWithIt(t *testing.T) {
	t.Parallel()
	b := withPasskeys(t)
	m := staff.Member{ID: uuid.New()}
	_, err := b.db.Exec(t.Context(), `INSERT INTO staff_members (id, email, name, roles, lang) VALUES ($1, 'new@demo.example', 'New', '{agent}', 'en')`, m.ID)
	must(t, err)
	w, d := &browser{b: b}, authtest.New(t, deskOrigin)
	rec, _ := w.post(link.DeskLink(b.mint("staff_invite", m.ID)))
	goes(t, rec, link.DeskEnrol)
	rec, doc := w.get(link.DeskEnrol)
	code(t, rec, http.StatusOK)
	if form := doc.Find(`form[data-passkey="create"][hidden]`); form.AttrOr("action", "") != link.DeskEnrolPasskey || doc.Find(`script[type="module"]`).Length() != 2 {
		t.Error("the page does not offer a passkey, or offers it without its script")
	}
	answer := string(d.Make(t, w.ask(link.DeskEnrolPasskey)))
	rec, doc = w.post(link.DeskEnrolPasskey, "passkey_name", "", "passkey", answer)
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#passkey_name"]`).Length() != 1 {
		t.Error("the missing name is not explained")
	}
	before := w.cookie.Value
	rec, doc = w.post(link.DeskEnrolPasskey, "passkey_name", "My phone", "passkey", answer)
	code(t, rec, http.StatusOK)
	if doc.Find(`[data-test="recovery"] li`).Length() != 10 || w.cookie.Value == before {
		t.Error("no recovery codes, or the session kept its secret")
	}
	rec, _ = w.get(link.Desk)
	code(t, rec, http.StatusOK)

	w = &browser{b: b}
	rec, _ = w.post(link.DeskLink(b.mint("staff_sign_in", m.ID)))
	goes(t, rec, link.DeskSecond)
	_, doc = w.get(link.DeskSecond)
	if doc.Find(`form[data-passkey="get"]`).Length() != 1 || strings.TrimSpace(doc.Find(`label[for="code"]`).Text()) != "Recovery code" {
		t.Error("somebody without an app is asked for its code")
	}
	answer = string(d.Use(t, w.ask(link.DeskPasskey)))
	other := &browser{b: b}
	_, _ = other.post(link.DeskLink(b.mint("staff_sign_in", m.ID)))
	other.get(link.DeskSecond)
	rec, _ = other.post(link.DeskPasskey, "passkey", answer) // asked of another browser
	code(t, rec, http.StatusGone)
	rec, _ = other.get(link.Desk)
	goes(t, rec, link.DeskSecond)
	rec, _ = w.post(link.DeskPasskey, "passkey", answer)
	goes(t, rec, link.Desk)
	rec, _ = w.get(link.Desk)
	code(t, rec, http.StatusOK)
	w.get(link.DeskSecond)
	rec, _ = w.post(link.DeskPasskey, "passkey", answer) // once more
	code(t, rec, http.StatusGone)
}

func TestAPasskeyIsFreshEnoughToApprove(t *testing.T) {
	t.Parallel()
	b := withPasskeys(t)
	d := b.carrying(staff.Approver)
	r, hash := b.inReview(privacy.Access)
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))
	w, page := b.signedIn(staff.Approver, time.Hour), link.DeskTab(string(r.Ref), "decision")
	rec, _ := w.post(page, "do", "back", "hash", hash, "note", "Look again, please.")
	goes(t, rec, link.DeskSecond)
	_, doc := w.get(link.DeskSecond)
	if doc.Find(`[data-test="step-up"]`).Length() != 1 {
		t.Error("the page does not say why it asks again")
	}
	rec, _ = w.post(link.DeskPasskey, "passkey", string(d.Use(t, w.ask(link.DeskPasskey))))
	goes(t, rec, page)
	_, doc = w.get(page)
	if doc.Find(`[name="note"]`).Text() != "Look again, please." {
		t.Error("what was typed is lost")
	}
	rec, _ = w.post(page, "do", "back", "hash", hash, "note", "Look again, please.")
	goes(t, rec, link.DeskCase(string(r.Ref)))
	if b.state(r) != privacy.Discovering {
		t.Errorf("it is %s", b.state(r))
	}
}

func TestAStaleFactorGetsNoQuestionForANewPasskey(t *testing.T) {
	t.Parallel()
	b := withPasskeys(t)
	w := b.signedIn(staff.Agent, time.Hour)
	rec, _ := w.post(link.PasskeyOptions(link.DeskAccount+"/passkeys"), "passkey_name", "Laptop")
	goes(t, rec, link.DeskSecond)
	w.get(link.DeskSecond)
	rec, _ = w.post(link.DeskSecond, "code", b.digits(staff.Agent, 0))
	goes(t, rec, link.DeskAccount)
	_, doc := w.get(link.DeskAccount)
	if doc.Find("#passkey_name").AttrOr("value", "") != "Laptop" {
		t.Error("the name that was typed is lost")
	}
}

func TestTheAccountPageLooksAfterFactorsAndSessions(t *testing.T) {
	t.Parallel()
	b := withPasskeys(t)
	b.carrying(staff.Agent)
	w, elsewhere := b.signedIn(staff.Agent, time.Minute), b.signedIn(staff.Agent, time.Minute)
	_, doc := w.get(link.DeskAccount)
	if doc.Find(`[data-test="passkey"]`).Length() != 1 || doc.Find(`[data-test="session"]`).Length() != 3 || doc.Find(`[data-test="session"] .badge.accent`).Length() != 1 {
		t.Errorf("passkeys and sessions are not listed: %s", doc.Find("main").Text())
	}
	rec, _ := w.post(link.DeskAccount+"/sessions", "which", "others")
	goes(t, rec, link.DeskAccount)
	rec, _ = elsewhere.get(link.Desk)
	goes(t, rec, link.DeskSignIn)

	key := doc.Find(`[data-test="passkey"] input[name="passkey"]`).AttrOr("value", "")
	w.get(link.DeskAccount)
	rec, _ = w.post(link.DeskAccount+"/remove", "what", "app")
	goes(t, rec, link.DeskAccount)
	_, doc = w.get(link.DeskAccount)
	if doc.Find(`[data-test="passkey"] button`).Length() != 0 {
		t.Error("the last factor can be removed")
	}
	rec, doc = w.post(link.DeskAccount+"/remove", "what", "passkey", "passkey", key)
	code(t, rec, http.StatusConflict)
	if doc.Find(`[data-test="trouble"]`).Length() != 1 {
		t.Error("it is not said that the last factor stays")
	}
	rec, _ = w.post(link.DeskAccount + "/app")
	goes(t, rec, link.DeskAccount+"#app")
	_, doc = w.get(link.DeskAccount)
	if doc.Find(`[data-test="secret"]`).Length() != 1 {
		t.Error("the secret of the new app is not shown")
	}
	rec, doc = w.post(link.DeskAccount+"/app/confirm", "code", "000000")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find(`#errors a[href="#code"]`).Length() != 1 {
		t.Error("the wrong code is not explained")
	}
	rec, doc = w.post(link.DeskAccount + "/codes")
	code(t, rec, http.StatusOK)
	if doc.Find(`[data-test="recovery"] li`).Length() != 10 {
		t.Error("no new recovery codes")
	}
	mine := w.cookie.Value
	_, doc = w.get(link.DeskAccount)
	rec, _ = w.post(link.DeskAccount+"/sessions", "which", doc.Find(`[data-test="session"] input[name="which"]`).AttrOr("value", ""))
	goes(t, rec, link.DeskSignIn) // it was this one
	if w.cookie.Value == mine {
		t.Error("the cookie is still there")
	}
}

func TestDevicesAreNamedInTwoWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox/Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":           "Edge/Windows",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":                         "Chrome/Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari/iPhone",
		"curl/8": "", "": "",
	} {
		if got := device(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func TestPeopleAreInvitedAgainAndInvitationsWithdrawn(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	_, err := b.db.Exec(t.Context(), `UPDATE staff_members SET lang = 'en'`)
	must(t, err)
	w := b.signedIn(staff.Officer, time.Minute)
	rec, _ := w.post(link.DeskPeople, "name", "Nils Berg", "email", "nils@demo.example", "roles", "agent")
	goes(t, rec, link.DeskPeople)
	row := func() string {
		t.Helper()
		_, doc := w.get(link.DeskPeople)
		return doc.Find(`[data-test="person-nils@demo.example"]`).Text()
	}
	if got := row(); !strings.Contains(got, "Invited") || !strings.Contains(got, "Until ") || !strings.Contains(got, "No second factor yet") {
		t.Errorf("the row says %q", got)
	}
	m, err := b.s.Roster.ByEmail(t.Context(), "nils@demo.example")
	must(t, err)
	change := func(do string) {
		t.Helper()
		rec, _ := w.post(link.DeskPerson(m.ID.String()), "do", do)
		goes(t, rec, link.DeskPeople)
	}
	change("invite")
	change("withdraw")
	if got := row(); !strings.Contains(got, "Switched off") || !strings.Contains(got, "Invite again") {
		t.Errorf("the row says %q", got)
	}
	change("invite")
	_, err = b.db.Exec(t.Context(), `UPDATE staff_members SET invited_until = now() WHERE id = $1`, m.ID)
	must(t, err)
	if got := row(); !strings.Contains(got, "Invitation expired") {
		t.Errorf("the row says %q", got)
	}
	rec, doc := w.post(link.DeskPerson(b.staff[staff.Officer].ID.String()), "do", "disable")
	code(t, rec, http.StatusConflict)
	if !strings.Contains(doc.Find(`[data-test="trouble"]`).Text(), "last administrator") {
		t.Error("it is not said why the last administrator stays")
	}
}

func TestAPageOfContentAsksFirstWhyItIsRead(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, _ := b.inReview(privacy.Access)
	path, back := link.DeskReason(string(r.Ref)), link.DeskTab(string(r.Ref), "data")
	w := b.signedIn(staff.Approver, time.Minute)
	rec, doc := w.post(path, "back", back, "reason", "x")
	code(t, rec, http.StatusUnprocessableEntity)
	if doc.Find("#errors a").Length() != 2 || doc.Find("#reason").AttrOr("value", "") != "x" || doc.Find(`input[name="back"]`).AttrOr("value", "") != back {
		t.Error("what is wrong is not explained, or what was typed is lost")
	}
	rec, _ = w.post(path, "back", "https://evil.example/", "code", "review", "reason", "to check the answer")
	goes(t, rec, link.Desk) // the desk, whatever the form says
	rec, _ = w.post(path, "back", back, "code", "review", "reason", "to check the answer")
	goes(t, rec, back)
	rec, _ = w.post(link.DeskTab(string(r.Ref), "inspect"), "reason", "") // the reason holds
	code(t, rec, http.StatusOK)
	rec, _ = b.signedIn(staff.Approver, time.Minute).post(link.DeskTab(string(r.Ref), "inspect"), "reason", "") // in that session only
	code(t, rec, http.StatusUnprocessableEntity)
	stale := b.signedIn(staff.Approver, time.Hour)
	rec, _ = stale.post(path, "back", back, "code", "review", "reason", "to check the answer")
	goes(t, rec, link.DeskSecond)
}

// Every route of a case that needs content.read must ask for the reason; the one
// that takes it cannot.
func TestNoContentWithoutAReason(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, _ := b.inReview(privacy.Access)
	for _, route := range desk {
		if route.need != staff.ContentRead || !strings.HasPrefix(route.path, deskRef) || strings.HasSuffix(route.path, "/reason") {
			continue
		}
		w, path := b.signedIn(staff.Approver, time.Minute), filled(route.path, r)
		rec, doc := w.get(path)
		if route.method == http.MethodPost {
			rec, doc = w.post(path)
		}
		if rec.Code < 300 && doc.Find(`[data-test="reason"]`).Length() != 1 {
			t.Errorf("%s %s gives content without a reason: %d", route.method, route.path, rec.Code)
		}
	}
}

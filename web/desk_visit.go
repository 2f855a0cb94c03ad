package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// What a member's session holds besides auth.MemberKey. A session without
// keyFactor has shown the first factor only.
const (
	keyFactor = auth.FactorKey
	keyToken  = "desk_token"
	keyBack   = "desk_back"  // where to go after the second factor
	keyKept   = "desk_kept"  // a form that has to wait for it
	keyFlash  = "desk_flash" // result of what was just done
)

// keysCookie switches the single-key shortcuts off.
const keysCookie = "keys"

// maxKept bounds what a session keeps of a form; the longest note fits.
const maxKept = 32 << 10

// visit is one request by a member who is signed in.
type visit struct {
	by    staff.Member
	ses   *sessions.Session
	route deskRoute
	saved bool // the session was changed and must be saved with the answer
}

// visit finds out who is there. For nobody, or half of somebody, the visit is
// nil, and door is where they have to go first.
func (s *Server) visit(c echo.Context) (v *visit, door string, err error) {
	ses, err := s.session(c)
	if err != nil {
		return nil, "", err
	}
	m, err := s.memberOf(c.Request().Context(), ses)
	switch {
	case err != nil:
		return nil, "", err
	case m.ID == uuid.Nil:
		return nil, link.DeskSignIn, nil
	}
	s.speak(c, m)
	switch {
	case m.FactorAt != nil:
		return &visit{by: m, ses: ses}, "", nil
	case m.Enrolled:
		return nil, link.DeskSecond, nil
	}
	return nil, link.DeskEnrol, nil
}

// memberOf gives the member of a session, the zero one if there is none or
// they may not come in any more.
func (s *Server) memberOf(ctx context.Context, ses *sessions.Session) (staff.Member, error) {
	text, _ := ses.Values[auth.MemberKey].(string) // absent is nobody
	id, err := uuid.Parse(text)
	if err != nil {
		return staff.Member{}, nil
	}
	m, err := s.Roster.ByID(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && m.Disabled {
		return staff.Member{}, nil
	}
	if err != nil {
		return staff.Member{}, err
	}
	if at, ok := ses.Values[keyFactor].(string); ok {
		if t, err := time.Parse(time.RFC3339, at); err == nil {
			m.FactorAt = &t
		}
	}
	return m, nil
}

// speak answers in the member's own language unless this browser chose one.
func (s *Server) speak(c echo.Context, m staff.Member) {
	r := c.Request()
	if cookie(r, languageCookie) == "" && lang.Known(m.Lang) {
		c.SetRequest(r.WithContext(lang.With(r.Context(), m.Lang)))
	}
}

// deskPath keeps a way back inside the desk.
func deskPath(p string) string {
	if p = localPath(p); p == link.Desk || strings.HasPrefix(p, link.Desk+"/") && !strings.HasPrefix(p, link.DeskSignIn) {
		return p
	}
	return link.Desk
}

func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (v *visit) token() string { t, _ := v.ses.Values[keyToken].(string); return t }

func (v *visit) tokenFits(c echo.Context) bool { return tokenFits(c, v.ses) }

func tokenFits(c echo.Context, ses *sessions.Session) bool {
	want, _ := ses.Values[keyToken].(string) // absent fits nothing
	got := text(c, "token")
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

func (v *visit) freshFactor(now time.Time) bool {
	return v.by.FactorAt != nil && now.Sub(*v.by.FactorAt) <= staff.FactorFresh
}

// frame is what the pages of the desk show around their own matter; reading
// the flash takes it out of the session.
func (s *Server) deskFrame(c echo.Context, v *visit, counts map[privacy.View]int64) (views.Frame, error) {
	f := views.Frame{Member: v.by, Token: v.token(), Counts: counts, Now: s.Now(), KeysOff: cookie(c.Request(), keysCookie) == "off"}
	if counts == nil && v.by.Can(staff.RequestRead) {
		var err error
		if f.Counts, err = s.Office.Counts(c.Request().Context(), v.by); err != nil {
			return f, err
		}
	}
	if v.by.Can(staff.RequestRead) {
		var err error
		if f.Saved, err = s.Office.SavedViews(c.Request().Context(), v.by); err != nil {
			return f, err
		}
	}
	if text, ok := v.ses.Values[keyFlash].(string); ok {
		f.Flash = text
		delete(v.ses.Values, keyFlash)
		v.saved = true
	}
	if v.saved {
		return f, s.Sessions.Save(c.Request(), c.Response(), v.ses)
	}
	return f, nil
}

// done sends the browser on and tells there what was done.
func (s *Server) done(c echo.Context, v *visit, to, flash string) error {
	v.ses.Values[keyFlash] = flash
	if err := s.Sessions.Save(c.Request(), c.Response(), v.ses); err != nil {
		return err
	}
	return seeOther(c, to)
}

// kept is a form that waits in the session for a fresh second factor.
type kept struct {
	Page   string `json:"page"`
	Form   string `json:"form"`
	Values string `json:"values"`
}

// stepUp asks for the second factor again and keeps what was typed.
func (s *Server) stepUp(c echo.Context, v *visit) error {
	k := kept{Page: v.formPage(c), Form: formName(c), Values: typed(c).Encode()}
	if len(k.Values) > maxKept {
		k.Values = ""
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	v.ses.Values[keyKept], v.ses.Values[keyBack] = string(text), k.Page
	if err := s.Sessions.Save(c.Request(), c.Response(), v.ses); err != nil {
		return err
	}
	return seeOther(c, link.DeskSecond)
}

// takeKept gives back the form that waited for this page.
func (v *visit) takeKept(page string) views.Form {
	text, ok := v.ses.Values[keyKept].(string)
	if !ok {
		return views.Form{}
	}
	var k kept
	if json.Unmarshal([]byte(text), &k) != nil || k.Page != page {
		return views.Form{}
	}
	delete(v.ses.Values, keyKept)
	v.saved = true
	values, err := url.ParseQuery(k.Values)
	if err != nil {
		return views.Form{}
	}
	return views.Form{Name: k.Form, Values: values}
}

// backPage is the page of a form that may stand on any; it says on which.
const backPage = "back"

// formPage is the page on which the form of this request stands.
func (v *visit) formPage(c echo.Context) string {
	ref := c.Param("ref")
	page := v.route.page
	if page == backPage {
		return deskPath(c.Request().PostForm.Get("back"))
	}
	if ref == "" {
		return page
	}
	if t := text(c, "tab"); t == "overview" {
		page = ""
	} else if _, ok := tabViews[t]; ok && t != "" {
		page = t
	}
	if page == "" {
		return link.DeskCase(ref)
	}
	return link.DeskTab(ref, page)
}

// formName is the action, the last part of the address.
func formName(c echo.Context) string {
	p := c.Path()
	return p[strings.LastIndexByte(p, '/')+1:]
}

// typed is what the form had, without what belongs to the page.
func typed(c echo.Context) url.Values {
	out := url.Values{}
	if err := c.Request().ParseForm(); err != nil {
		return out // what cannot be read cannot be kept
	}
	for name, values := range c.Request().PostForm {
		switch name {
		case "token", "hash", "tab", "do":
			continue
		}
		for _, x := range values {
			out.Add(name, clean(x))
		}
	}
	return out
}

// formOf is the form as it was sent, with what is wrong with it.
func formOf(c echo.Context, err error) views.Form {
	f := views.Form{Name: formName(c), Values: typed(c)}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		f.Fields = e.Fields
		if len(f.Fields) == 0 {
			f.Trouble = e.Text
		}
	}
	return f
}

var errFormOld = fault.New(fault.Expired, "desk.error.token")

// formTooOld shows the page of the form again, with what was typed.
func (s *Server) formTooOld(c echo.Context, v *visit) error {
	part, ok := strings.CutPrefix(v.route.page, link.DeskSettings+"/")
	switch {
	case ok:
		return s.showSettings(c, v, part, formOf(c, errFormOld), statusFormOld)
	case v.route.page == backPage:
		cs, err := s.caseOf(c, v)
		if err != nil {
			return err
		}
		return s.askReason(c, v, cs, v.formPage(c), formOf(c, errFormOld), statusFormOld)
	case v.route.page == link.DeskRecord:
		return s.recordAgain(c, v, errFormOld, statusFormOld)
	case c.Param("ref") == "":
		return echo.NewHTTPError(statusFormOld)
	}
	return s.caseAgain(c, v, errFormOld, statusFormOld)
}

func (s *Server) forbidden(c echo.Context, v *visit) error {
	f, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusForbidden, views.Forbidden(f))
}

func (s *Server) deskSignOut(c echo.Context, v *visit) error {
	if err := s.Sessions.Destroy(c.Request(), c.Response(), v.ses); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return seeOther(c, link.DeskSignIn)
}

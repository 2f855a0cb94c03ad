package web

import (
	"encoding/json"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// What a person's session holds: the proved address, when it was proved, and
// the form being filled in.
const (
	keyEmail  = "email"
	keyProved = "proved_at"
	keyDraft  = "draft"
)

// proofFresh is how recent a mailed link must be for downloading.
const proofFresh = 15 * time.Minute

// person is somebody who opened a link mailed to this address.
type person struct {
	Email    string
	ProvedAt time.Time
}

func (p person) signedIn() bool { return p.Email != "" }

func (s *Server) session(c echo.Context) (*sessions.Session, error) {
	return s.Sessions.Of(c.Request())
}

// whoever reads who is there; nobody is not an error.
func (s *Server) whoever(c echo.Context) (person, error) {
	ses, err := s.session(c)
	if err != nil {
		return person{}, err
	}
	var p person
	p.Email, _ = ses.Values[keyEmail].(string) // absent is nobody
	if at, ok := ses.Values[keyProved].(string); ok {
		p.ProvedAt, err = time.Parse(time.RFC3339, at)
		if err != nil {
			return person{}, nil // not written by us: nobody
		}
	}
	if p.signedIn() {
		r := c.Request()
		f := ui.FrameOf(r.Context())
		f.SignedIn = true
		c.SetRequest(r.WithContext(ui.WithFrame(r.Context(), f)))
	}
	return p, nil
}

var errNobody = fault.New(fault.Unproved, "error.nobody")

// who is whoever, but somebody must be there.
func (s *Server) who(c echo.Context) (person, error) {
	p, err := s.whoever(c)
	if err == nil && !p.signedIn() {
		err = errNobody
	}
	return p, err
}

// signIn starts a session under a new id for the owner of a proved address.
func (s *Server) signIn(c echo.Context, email string) error {
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	ses.Values[keyEmail] = email
	ses.Values[keyProved] = s.Now().UTC().Format(time.RFC3339)
	if err := s.Sessions.Rotate(c.Request().Context(), ses); err != nil {
		return err
	}
	return s.Sessions.Save(c.Request(), c.Response(), ses)
}

func (s *Server) signOut(c echo.Context) error {
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	if err := s.Sessions.Destroy(c.Request(), c.Response(), ses); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return seeOther(c, link.Home)
}

// sessionDraft is the form as kept on the server; a zero draft if there is none.
func (s *Server) sessionDraft(c echo.Context) (draft, error) {
	ses, err := s.session(c)
	if err != nil {
		return draft{}, err
	}
	var d draft
	if text, ok := ses.Values[keyDraft].(string); ok {
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return draft{}, nil // written by an older version: start again
		}
	}
	return d, nil
}

// keepVisitor saves the session of somebody who need not be known. Anybody can
// make us keep one, so a network gets a number of them.
func (s *Server) keepVisitor(c echo.Context, ses *sessions.Session) error {
	if ses.ID == "" {
		if err := s.admit(c, manyVisits); err != nil {
			return err
		}
	}
	return s.Sessions.Save(c.Request(), c.Response(), ses)
}

func (s *Server) keepDraft(c echo.Context, d draft) error {
	ses, err := s.session(c)
	if err != nil {
		return err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	ses.Values[keyDraft] = string(text)
	return s.keepVisitor(c, ses)
}

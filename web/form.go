package web

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// draft is the five-step form while it is filled in. It lives in the session,
// and once more sealed in each page of the form: an expired session, a second
// tab or the back button loses nothing.
type draft struct {
	ID      string             `json:"id"` // one request per draft, however often it is sent
	Answers privacy.Submission `json:"answers"`
	Done    []privacy.Step     `json:"done"` // steps answered
	Sent    *sent              `json:"sent,omitempty"`
}

// sent is what the page after sending shows.
type sent struct {
	ID    privacy.ID `json:"id"`
	Email string     `json:"email"`
	At    time.Time  `json:"at"`
}

func newDraft() draft {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return draft{ID: base64.RawURLEncoding.EncodeToString(b)}
}

// again is a new draft with the answers of one that was sent: whoever goes back
// to change something makes a new request. Starting over keeps only who it is.
func (d draft) again(fromStart bool) draft {
	n := newDraft()
	n.Answers, n.Done = d.Answers, d.Done
	if fromStart {
		a := d.Answers
		n.Answers = privacy.Submission{Relation: a.Relation, Business: a.Business, Organization: a.Organization,
			Name: a.Name, Email: a.Email, Phone: a.Phone, Country: a.Country}
		n.Done = nil
	}
	return n
}

func (d draft) done(step privacy.Step) bool { return slices.Contains(d.Done, step) }

func (d *draft) mark(step privacy.Step) {
	if !d.done(step) {
		d.Done = append(slices.Clone(d.Done), step)
	}
}

// wants changes what is asked for. What exactly is a question of its own for each
// right, so the answer to another one's does not count.
func (d *draft) wants(kind privacy.Kind) {
	if d.Answers.Kind == kind {
		return
	}
	a := &d.Answers
	a.Kind, a.Corrections, a.Purposes, a.KeepDays = kind, nil, nil, 0
	d.Done = slices.DeleteFunc(slices.Clone(d.Done), func(s privacy.Step) bool { return s == privacy.StepScope })
}

// firstOpen is the first step that still wants an answer; "" if all are done.
func (d draft) firstOpen() privacy.Step {
	for _, step := range privacy.Steps {
		if !d.done(step) {
			return step
		}
	}
	return ""
}

const (
	draftField = "draft"
	draftAAD   = "web.draft"
	// draftLife is how long a page with answers may lie open. After it, the
	// answers are shown again before anything is done with them.
	draftLife = 12 * time.Hour
)

// drafts seals drafts into pages.
type drafts struct {
	keys *seal.Keyring
	now  func() time.Time
}

func newDrafts(keys *seal.Keyring, now func() time.Time) *drafts {
	if keys == nil {
		var err error
		if keys, err = seal.Parse(seal.NewKey("process")); err != nil {
			panic(err) // our own new key
		}
	}
	return &drafts{keys: keys, now: now}
}

type sealedDraft struct {
	At    time.Time `json:"at"`
	Draft draft     `json:"draft"`
}

func (d *drafts) seal(v draft) (string, error) {
	text, err := json.Marshal(sealedDraft{d.now(), v})
	if err != nil {
		return "", err
	}
	b, err := d.keys.Seal(draftAAD, text)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// open gives the draft sealed in a page; ok is false when it is not ours any
// more, stale when the page lay open for too long.
func (d *drafts) open(text string) (v draft, stale, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return draft{}, false, false
	}
	plain, err := d.keys.Open(draftAAD, b)
	if err != nil {
		return draft{}, false, false
	}
	var s sealedDraft
	if json.Unmarshal(plain, &s) != nil {
		return draft{}, false, false
	}
	return s.Draft, d.now().Sub(s.At) > draftLife, true
}

// posted finds the draft that a posted page belongs to. The session knows the
// newest answers; the page itself knows which draft it is about, and all of it
// when there is no session any more.
func (s *Server) posted(c echo.Context) (d draft, stale bool, err error) {
	kept, err := s.sessionDraft(c)
	if err != nil {
		return draft{}, false, err
	}
	page, stale, ok := s.drafts.open(text(c, draftField))
	switch {
	case ok && kept.ID == page.ID:
		return kept, false, nil
	case ok:
		return page, stale, nil
	case kept.ID != "":
		return kept, false, nil
	}
	return newDraft(), true, nil
}

// text reads one field of a posted form; the query never counts.
func text(c echo.Context, name string) string {
	return clean(c.Request().PostForm.Get(name))
}

// clean makes typed text fit to keep: valid UTF-8, no NUL, plain line breaks.
func clean(s string) string {
	s = strings.NewReplacer("\x00", "", "\r\n", "\n").Replace(s)
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}

package web

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// draft is the five-step form while it is filled in. It lives in the session,
// and once more sealed in each page of the form: an expired session, a second
// tab or the back button loses nothing.
type draft struct {
	ID      string             `json:"id"` // one request per draft, however often it is sent
	Made    time.Time          `json:"made"`
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

func newDraft(now time.Time) draft {
	return draft{ID: uuid.NewString(), Made: now, Answers: privacy.Submission{AllTime: true}}
}

func (d draft) done(step privacy.Step) bool {
	for _, s := range d.Done {
		if s == step {
			return true
		}
	}
	return false
}

func (d *draft) mark(step privacy.Step) {
	if !d.done(step) {
		d.Done = append(d.Done, step)
	}
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
	// sentLife is how long a second sending of the same draft is recognised.
	sentLife = 24 * time.Hour
)

// drafts seals drafts into pages and sees to it that each is sent once.
type drafts struct {
	keys *seal.Keyring
	now  func() time.Time

	mu    sync.Mutex
	sends map[string]*sending
}

type sending struct {
	once sync.Mutex
	sent *sent
	at   time.Time
}

func newDrafts(keys *seal.Keyring, now func() time.Time) *drafts {
	if keys == nil {
		var err error
		if keys, err = seal.Parse(seal.NewKey("process")); err != nil {
			panic(err) // our own new key
		}
	}
	return &drafts{keys: keys, now: now, sends: map[string]*sending{}}
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

// once runs send for a draft unless it ran before; whoever comes second waits
// and gets the same answer.
func (d *drafts) once(id string, send func() (*sent, error)) (*sent, error) {
	d.mu.Lock()
	for k, x := range d.sends {
		if d.now().Sub(x.at) > sentLife {
			delete(d.sends, k)
		}
	}
	x := d.sends[id]
	if x == nil {
		x = &sending{at: d.now()}
		d.sends[id] = x
	}
	d.mu.Unlock()

	x.once.Lock()
	defer x.once.Unlock()
	if x.sent != nil {
		return x.sent, nil
	}
	var err error
	x.sent, err = send()
	return x.sent, err
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

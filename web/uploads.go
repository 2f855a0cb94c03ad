package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// uploadRoutes are the forms that may carry files.
var uploadRoutes = []string{"/my/:ref/messages", deskRef + "/messages"}

// takesFiles says whether this is a form with files, at a place that takes them.
func takesFiles(c echo.Context) bool {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data" && slices.Contains(uploadRoutes, c.Path())
}

// uploadLimit is how big a file may be; 0 if none can be sent.
func (s *Server) uploadLimit() int64 {
	limit, ok := s.Office.TakesFiles()
	if !ok {
		return 0
	}
	return limit
}

const (
	incomingKey = "web.incoming"
	// pieceTime is how long the next piece of a file may take to arrive: a slow
	// line gets through, a dead one is let go.
	pieceTime = 30 * time.Second
	// uploadTime is how long all of a form may take, however alive its line is.
	uploadTime = 20 * time.Minute
	maxParts   = 200
)

// incoming is a form whose files are still on their way. The fields before the
// first file can be read at once; those behind it when the files have been. The
// bytes of files go straight into the vault: memory and disk never hold them.
type incoming struct {
	rc    *http.ResponseController
	form  url.Values
	parts *multipart.Reader
	body  io.Reader
	next  *multipart.Part // the file that comes next; nil if none does
	text  int64           // bytes that fields may still have
	left  int             // parts that may still come
}

// readUpload lets the form's handler begin while its files arrive. What the
// handler leaves is read and thrown away before it answers, because a browser
// that still sends hears nothing.
func (s *Server) readUpload(c echo.Context, next echo.HandlerFunc) error {
	r, limit := c.Request(), s.uploadLimit()
	most := 2*privacy.MaxFiles*limit + 2*maxBody // twice, so that one file too many gets its sentence
	if r.ContentLength > most {
		return echo.ErrStatusRequestEntityTooLarge
	}
	in := &incoming{rc: http.NewResponseController(c.Response()), form: url.Values{}, text: maxBody, left: maxParts}
	in.body = http.MaxBytesReader(c.Response(), r.Body, most)
	r.Body = io.NopCloser(&patient{in.body, in.rc, time.Now().Add(uploadTime)})
	var err error
	if in.parts, err = r.MultipartReader(); err != nil {
		return fault.New(fault.Invalid, "error.422.text").Because(err)
	}
	r.PostForm, r.Form = in.form, in.form
	if err := in.fields(); err != nil {
		return err
	}
	c.Set(incomingKey, in)
	c.Response().Before(func() {
		_, _ = io.Copy(io.Discard, r.Body) // too much, or too slow: the answer goes out anyway
		_ = in.rc.SetReadDeadline(time.Time{})
	})
	return next(c)
}

// patient moves the read deadline along with what arrives, up to the last one.
type patient struct {
	io.Reader
	rc   *http.ResponseController
	last time.Time
}

func (p *patient) Read(b []byte) (int, error) {
	// Not every writer has deadlines (tests do not); those need none.
	next := time.Now().Add(pieceTime)
	if next.After(p.last) {
		next = p.last
	}
	_ = p.rc.SetReadDeadline(next)
	return p.Reader.Read(b)
}

// fields reads up to the next file. A file field that was left empty is none.
func (in *incoming) fields() error {
	for in.next = nil; ; {
		part, err := in.parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if in.left--; err == nil && in.left < 0 {
			return echo.ErrStatusRequestEntityTooLarge
		}
		if err != nil {
			return formFault(err)
		}
		if part.FileName() != "" {
			in.next = part
			return nil
		}
		value, err := io.ReadAll(io.LimitReader(part, in.text+1))
		if err != nil {
			return formFault(err)
		}
		if in.text -= int64(len(value)); in.text < 0 {
			return echo.ErrStatusRequestEntityTooLarge
		}
		in.form.Add(part.FormName(), string(value))
	}
}

func formFault(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return echo.ErrStatusRequestEntityTooLarge
	}
	return fault.New(fault.Invalid, "error.422.text").Because(err)
}

// files gives the files one after the other, as they arrive.
func (in *incoming) files(yield func(privacy.Upload, error) bool) {
	for in.next != nil {
		part := in.next
		if !yield(privacy.Upload{Name: part.FileName(), Body: part}, nil) {
			return
		}
		if err := in.fields(); err != nil {
			yield(privacy.Upload{}, err)
			return
		}
	}
}

// uploads are the files of the form; ok is false if it has none.
func uploads(c echo.Context) (files privacy.Uploads, ok bool) {
	in, ok := c.Get(incomingKey).(*incoming)
	if !ok || in.next == nil {
		return nil, false
	}
	return in.files, true
}

// sentFiles are those that the form names because they were sent before.
func sentFiles(c echo.Context) (ids []uuid.UUID) {
	for _, text := range c.Request().PostForm["file"] {
		if id, err := uuid.Parse(text); err == nil && len(ids) < 2*privacy.MaxFiles { // one too many gets its sentence
			ids = append(ids, id)
		}
	}
	return ids
}

func withIDs(ids []uuid.UUID, kept []privacy.Attachment) []uuid.UUID {
	for _, a := range kept {
		ids = append(ids, a.ID)
	}
	return ids
}

// filesOfPerson takes the files of a message in and gives them with those that
// wait, also where one of them is refused.
func (s *Server) filesOfPerson(c echo.Context, p person) ([]uuid.UUID, error) {
	files, ok := uploads(c)
	if !ok {
		return sentFiles(c), nil
	}
	kept, err := s.Office.TakeOwn(c.Request().Context(), p.Email, ref(c), files)
	return withIDs(sentFiles(c), kept), arriving(err)
}

// filesOfMember is filesOfPerson for the desk.
func (s *Server) filesOfMember(c echo.Context, v *visit, id privacy.ID) ([]uuid.UUID, error) {
	files, ok := uploads(c)
	if !ok {
		return sentFiles(c), nil
	}
	kept, err := s.Office.Take(c.Request().Context(), v.by, id, files)
	return withIDs(sentFiles(c), kept), arriving(err)
}

// arriving makes an error of the transfer one that a person may read.
func arriving(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, io.ErrUnexpectedEOF) {
		return formFault(err)
	}
	return err
}

// withFiles shows what can be sent with a message, and what was sent of it.
func (s *Server) withFiles(c echo.Context, v *visit, p *views.CasePage) (err error) {
	p.UploadLimit = s.uploadLimit()
	ids, _ := c.Get(pendingKey).([]uuid.UUID) // absent: nothing waits
	p.Pending, err = s.Office.Unsent(c.Request().Context(), p.Case.Request.ID, &v.by.ID, ids)
	return err
}

// pendingKey is where the files stand that a page shows again.
const pendingKey = "web.pending"

// ownFile streams a file of the correspondence to its person.
func (s *Server) ownFile(c echo.Context) error {
	p, err := s.who(c)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(c.Param("file"))
	if err != nil {
		return echo.ErrNotFound
	}
	a, body, err := s.Office.OpenOwn(c.Request().Context(), p.Email, ref(c), id)
	if err != nil {
		return err
	}
	return sendFile(c, a, body)
}

// sendFile streams a file that somebody else sent. Whatever is in it, no browser
// shows it as a page of ours: it is saved, its type is told to nobody, and if it
// is opened all the same, it may do nothing.
func sendFile(c echo.Context, a privacy.Attachment, body *export.Reader) error {
	defer body.Close()
	h := c.Response().Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition(a.Name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	http.ServeContent(newSlowWriter(c.Response()), c.Request(), "", time.Time{}, body)
	return nil
}

// disposition names a download twice: in ASCII for every browser, and as it is.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || r < ' ' || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain, strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
}

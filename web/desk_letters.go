package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskLetters is letters and their wording.
var deskLetters = []deskRoute{
	{"GET", deskRef + "/letters", staff.RequestRead, false, "", framing(tab("letters"))},
	{"POST", deskRef + "/letters", staff.RequestWork, false, "letters", framing((*Server).writeOwed)},
	{"GET", deskRef + "/letters/next", staff.RequestRead, false, "", (*Server).nextLetter},
	{"POST", deskRef + "/letters/preview", staff.RequestRead, false, "", (*Server).previewLetter},
	{"GET", deskRef + "/letters/:id", staff.RequestRead, false, "", (*Server).deskLetter},
	{"GET", link.DeskWording, "", false, "", (*Server).wording},
	{"POST", link.DeskWording, staff.MapEdit, false, link.DeskWording, (*Server).word},
}

// framing lets a page show a letter in a frame; the letter brings a policy of
// its own.
func framing(handle func(*Server, echo.Context, *visit) error) func(*Server, echo.Context, *visit) error {
	return func(s *Server, c echo.Context, v *visit) error {
		c.Response().Header().Set("Content-Security-Policy", csp+"; frame-src 'self'")
		return handle(s, c, v)
	}
}

// framed answers with a letter alone: it may use its own style, and nothing else.
func framed(c echo.Context, html []byte) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", letter.Policy+"; sandbox; frame-ancestors 'self'")
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(http.StatusOK, html)
}

// letterName takes the address of a letter apart: its id, and the form that is
// asked for.
func letterName(c echo.Context) (uuid.UUID, privacy.LetterForm, error) {
	name, form, _ := strings.Cut(c.Param("id"), ".")
	id, err := uuid.Parse(name)
	if err != nil {
		return id, "", fault.New(fault.NotFound, "letters.none")
	}
	return id, privacy.LetterForm(form), nil
}

// takeLetter hands a form over to keep.
func takeLetter(c echo.Context, l privacy.KeptLetter) error {
	h := c.Response().Header()
	kind := "application/pdf"
	if l.Form == privacy.LetterText {
		kind = "text/plain; charset=utf-8"
	}
	h.Set("Content-Disposition", `attachment; filename="`+fileName(c.Param("ref"))+"-"+string(l.Kind)+"."+string(l.Form)+`"`)
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, kind, l.Bytes)
}

// nextLetter is the answer before it goes out. Where there is none to show, the
// frame stays empty.
func (s *Server) nextLetter(c echo.Context, v *visit) error {
	l, missing, err := s.Office.NextLetter(c.Request().Context(), v.by, privacy.Ref(strings.ToUpper(c.Param("ref"))))
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Text.Key == "letters.none" || len(missing) > 0 {
		return framed(c, nil)
	}
	if err != nil {
		return err
	}
	html, err := l.HTML()
	if err != nil {
		return err
	}
	return framed(c, html)
}

// previewed are the forms whose button writes a letter: it can be seen before
// anybody presses that one.
var previewed = []string{"extend", "ask", "reject", "appeal"}

// previewLetter does what the form of an action would do, as a rehearsal, and
// shows the letter. What is wrong with the form is told as the form would tell it.
func (s *Server) previewLetter(c echo.Context, v *visit) error {
	act, routes := c.QueryParam("act"), slices.Concat(deskCase, deskClock)
	i := slices.IndexFunc(routes, func(r deskRoute) bool { return r.method == http.MethodPost && r.path == deskRef+"/"+act })
	if i < 0 || !slices.Contains(previewed, act) {
		return echo.ErrNotFound
	}
	v.route = routes[i]
	c.SetPath(v.route.path) // whatever is wrong is told in that form
	if !v.by.Can(v.route.need) {
		return s.forbidden(c, v)
	}
	if v.route.fresh && !v.freshFactor(s.Now()) {
		return s.stepUp(c, v)
	}
	var l letter.Letter
	tried := *s
	tried.Office = s.Office.Rehearse(&l)
	err := v.route.handle(&tried, c, v)
	if !errors.Is(err, privacy.ErrRehearsed) {
		return err
	}
	html, err := l.HTML()
	if err != nil {
		return err
	}
	return framed(c, html)
}

// deskLetter shows a letter of a case, or hands over one of its forms.
func (s *Server) deskLetter(c echo.Context, v *visit) error {
	id, form, err := letterName(c)
	if err != nil {
		return err
	}
	ctx, ref := c.Request().Context(), privacy.Ref(strings.ToUpper(c.Param("ref")))
	if form != "" {
		l, err := s.Office.DeskLetter(ctx, v.by, ref, id, form)
		if err != nil {
			return err
		}
		if form == privacy.LetterHTML {
			return framed(c, l.Bytes)
		}
		return takeLetter(c, l)
	}
	words, err := s.Office.DeskLetter(ctx, v.by, ref, id, privacy.LetterText)
	if err != nil {
		return err
	}
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	row := words.LetterRow
	for _, l := range cs.Sent.Letters { // its fingerprint is that of the PDF
		if l.ID == id {
			row = l
		}
	}
	c.Response().Header().Set("Content-Security-Policy", csp+"; frame-src 'self'")
	return render(c, http.StatusOK, views.Letter(frame, views.CasePage{Case: cs, Tab: "letters"}, row, string(words.Bytes)))
}

// writeOwed writes the letter of a case that was answered without one.
func (s *Server) writeOwed(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	err := s.Office.WriteOwed(ctx, v.by, privacy.Ref(strings.ToUpper(c.Param("ref"))))
	return s.answerForm(c, v, err, link.DeskTab(c.Param("ref"), "letters"), lang.T(ctx, "letters.desk.done"))
}

// wording lists what letters say in a language, or shows one place of it.
func (s *Server) wording(c echo.Context, v *visit) error {
	l := lang.Tag(c.QueryParam("lang"))
	if !lang.Known(l) {
		l = lang.From(c.Request().Context())
	}
	return s.showWording(c, v, views.WordingPage{Lang: l}, c.QueryParam("slot"), http.StatusOK)
}

func (s *Server) showWording(c echo.Context, v *visit, p views.WordingPage, slot string, status int) (err error) {
	ctx := c.Request().Context()
	if p.All, err = s.Office.Wordings(ctx, p.Lang); err != nil {
		return err
	}
	for _, w := range p.All {
		if w.Slot.ID == slot {
			p.Here = &w
		}
	}
	if slot != "" && p.Here == nil {
		return echo.ErrNotFound
	}
	page := views.Wording
	if p.Here != nil {
		if p.History, err = s.Office.WordingHistory(ctx, slot, p.Lang); err != nil {
			return err
		}
		page = views.WordingEdit
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, status, page(frame, p))
}

// word saves other words for a place, shows a letter with them, or goes back to
// ours.
func (s *Server) word(c echo.Context, v *visit) error {
	ctx, slot, l, words := c.Request().Context(), text(c, "slot"), lang.Tag(text(c, "lang")), text(c, "words")
	p := views.WordingPage{Lang: l, Form: formOf(c, nil)}
	if !lang.Known(l) {
		return echo.ErrNotFound
	}
	seen, err := strconv.Atoi(text(c, "seen"))
	if err != nil {
		return fault.New(fault.Invalid, "error.422.text")
	}
	flash := "letters.wording.saved"
	switch text(c, "do") {
	case "preview":
		if p.Sample, p.Form.Fields, err = s.sample(c, v, slot, l, words); err != nil {
			return err
		}
		status := http.StatusOK
		if len(p.Form.Fields) > 0 {
			status = http.StatusUnprocessableEntity
		}
		return s.showWording(c, v, p, slot, status)
	case "ours":
		flash = "letters.wording.went_back"
		err = s.Office.Word(ctx, v.by, slot, l, seen, nil)
	default:
		err = s.Office.Word(ctx, v.by, slot, l, seen, &words)
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		return s.done(c, v, link.DeskWording+"?lang="+string(l), lang.T(ctx, flash))
	case kind == fault.Invalid || kind == fault.Conflict:
		p.Form, p.Moved = formOf(c, err), kind == fault.Conflict
		return s.showWording(c, v, p, slot, statusOf[kind])
	}
	return err
}

// sample is a letter with the words of the form, or what is wrong with them.
func (s *Server) sample(c echo.Context, v *visit, slot string, l lang.Tag, words string) (string, map[string]fault.Message, error) {
	place, ok := letter.SlotOf(slot)
	if !ok {
		return "", nil, echo.ErrNotFound
	}
	if m, ok := place.Check(letter.Tidy(words)); !ok {
		return "", map[string]fault.Message{"words": m}, nil
	}
	made, err := s.Office.SampleLetter(c.Request().Context(), v.by, slot, l, words)
	if err != nil {
		return "", nil, err
	}
	html, err := made.HTML()
	return letter.Inset(letter.Article(html)), nil, err
}

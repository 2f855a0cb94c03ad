package web

import (
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

func (s *Server) recordPage(c echo.Context, v *visit) error {
	return s.showRecord(c, v, v.takeKept(link.DeskRecord), http.StatusOK)
}

// recordAgain shows the form with what was typed.
func (s *Server) recordAgain(c echo.Context, v *visit, cause error, status int) error {
	return s.showRecord(c, v, formOf(c, cause), status)
}

func (s *Server) showRecord(c echo.Context, v *visit, form views.Form, status int) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	p := views.RecordPage{Form: form, Draft: form.Value("draft"), Places: places(lang.From(c.Request().Context())), Today: s.Now().UTC()}
	if p.Draft == "" {
		p.Draft = rand.Text() + rand.Text()
	}
	if s.Map != nil {
		p.Categories, p.Purposes, p.Words = s.Map.Categories, s.Map.Objectionable(), s.Map.Words
	}
	return render(c, status, views.Record(frame, p))
}

// record takes a request in that came by another way than the portal.
func (s *Server) record(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	r, err := s.Office.Record(ctx, v.by, s.receipt(c))
	switch kind := fault.KindOf(err); {
	case kind == fault.Invalid || kind == fault.Conflict || kind == fault.Forbidden:
		return s.recordAgain(c, v, err, statusOf[kind])
	case err != nil:
		return err
	}
	flash := "queue.record.done_mail"
	if r.Email == "" {
		flash = "queue.record.done_post"
	}
	return s.done(c, v, link.DeskCase(string(r.Ref)), lang.T(ctx, flash, "Ref", string(r.Ref)))
}

func (s *Server) receipt(c echo.Context) privacy.Receipt {
	l := lang.From(c.Request().Context())
	r := privacy.Receipt{Channel: privacy.Channel(text(c, "channel")), Day: readDay(text(c, "day"), l, false), Time: text(c, "time"),
		Zone: text(c, "zone"), Original: text(c, "original"),
		Submission: privacy.Submission{
			Kind: privacy.Kind(text(c, "kind")), Relation: privacy.Relation(text(c, "relation")),
			Name: text(c, "name"), Email: text(c, "email"), Phone: text(c, "phone"), Country: text(c, "country"),
			From: readDay(text(c, "from"), l, false), Until: readDay(text(c, "until"), l, true),
			Details: text(c, "details"), Categories: s.chosen(c.Request().PostForm["categories"]),
			Lang: lang.Tag(text(c, "lang")), Draft: text(c, "draft"),
		}}
	if !lang.Known(r.Lang) {
		r.Lang = l
	}
	r.AllTime = r.From == "" && r.Until == ""
	switch r.Relation {
	case privacy.Recipient:
		r.Business = text(c, "business")
	case privacy.Representative:
		r.Organization = text(c, "organization")
	}
	switch r.Kind {
	case privacy.Correction:
		r.Corrections = corrections(c)
	case privacy.Objection, privacy.Withdrawal:
		r.Purposes = c.Request().PostForm["purposes"]
	case privacy.ShortenedRetention:
		r.KeepDays, _ = strconv.Atoi(text(c, "keep_days")) // what is no number is refused as none
	}
	return r
}

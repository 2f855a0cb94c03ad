package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
)

// myLetter shows a letter to the person it was written to, or hands over the PDF
// or the text.
func (s *Server) myLetter(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyLetter(c.Param("ref"), c.Param("id"), ""))
	}
	id, form, err := letterName(c)
	if err != nil {
		return err
	}
	read := form == ""
	if read {
		form = privacy.LetterHTML
	}
	l, err := s.Office.MyLetter(c.Request().Context(), p.Email, ref(c), id, form)
	if err != nil {
		return err
	}
	switch {
	case read:
		return render(c, http.StatusOK, portal.Letter(c.Param("ref"), l.LetterRow, letter.Article(l.Bytes)))
	case form == privacy.LetterHTML:
		return framed(c, l.Bytes)
	}
	return takeLetter(c, l)
}

package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskFigures is the dashboard and what goes with it.
var deskFigures = []deskRoute{
	{"GET", link.DeskDashboard, staff.RequestRead, false, "", (*Server).dashboard},
	{"GET", link.DeskDashboard + "/figures.csv", staff.RequestRead, false, "", (*Server).figuresFile},
	{"GET", link.DeskYear, staff.RequestRead, false, "", (*Server).year},
	{"GET", link.DeskDashboard + "/year.csv", staff.RequestRead, false, "", (*Server).yearFile},
}

// dashboard shows how the desk is doing.
func (s *Server) dashboard(c echo.Context, v *visit) error {
	figures, err := s.Office.Figures(c.Request().Context(), v.by, privacy.Period(c.QueryParam("period")))
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Dashboard(frame, figures))
}

func (s *Server) figuresFile(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	figures, err := s.Office.Figures(ctx, v.by, privacy.Period(c.QueryParam("period")))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(append([][]string{{lang.T(ctx, "desk.figures.what"), lang.T(ctx, "desk.figures.of"), lang.T(ctx, "desk.figures.n")}}, views.FigureRows(ctx, figures)...)); err != nil {
		return err
	}
	return csvFile(c, "figures-"+string(figures.Period)+".csv", out.Bytes())
}

// year shows what happened to the requests of a calendar year.
func (s *Server) year(c echo.Context, v *visit) error {
	page, err := s.yearPage(c, v)
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Year(frame, page))
}

func (s *Server) yearFile(c echo.Context, v *visit) error {
	page, err := s.yearPage(c, v)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	var out bytes.Buffer
	if err := privacy.WriteYear(&out, page.Rows, func(key string) string { return lang.T(ctx, "desk.year."+key) }); err != nil {
		return err
	}
	return csvFile(c, "requests-"+strconv.Itoa(page.Year)+".csv", out.Bytes())
}

// yearPage reads which year and which law are meant: last year and California,
// whose regulation asks for it, if nothing is said.
func (s *Server) yearPage(c echo.Context, v *visit) (views.YearPage, error) {
	now := s.Now().Year()
	p := views.YearPage{Year: now - 1, Law: "US-CA", Laws: laws()}
	if y, err := strconv.Atoi(c.QueryParam("year")); err == nil && y >= 2000 && y <= now {
		p.Year = y
	}
	for y := now; y > now-5; y-- {
		p.Years = append(p.Years, y)
	}
	switch code := c.QueryParam("law"); code {
	case "":
	case "all":
		p.Law = privacy.AllLaws
	default:
		p.Law = code
	}
	var err error
	p.Rows, err = s.Office.Year(c.Request().Context(), v.by, p.Year, p.Law)
	return p, err
}

// csvFile sends a small table. It is about requests, so nobody keeps it.
func csvFile(c echo.Context, name string, body []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", body)
}

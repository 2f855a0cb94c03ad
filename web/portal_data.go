package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
)

func (s *Server) fresh(p person) bool { return s.Now().Sub(p.ProvedAt) <= proofFresh }

// dataPage shows what waits to be downloaded. Fetching it wants a proof of the
// last fifteen minutes; the page offers to mail a link otherwise.
func (s *Server) dataPage(c echo.Context) error {
	p, err := s.whoever(c)
	if err != nil {
		return err
	}
	if !p.signedIn() {
		return s.askLink(c, link.MyData(c.Param("ref")))
	}
	o, err := s.own(c, p)
	if err != nil {
		return err
	}
	if o.Delivery == nil || o.Request.State != privacy.Ready {
		return seeOther(c, link.MyRequest(c.Param("ref")))
	}
	return render(c, http.StatusOK, portal.Download(portal.Data{
		Request: o.Request, Delivery: *o.Delivery, Categories: o.Categories, Fresh: s.fresh(p),
	}))
}

// openData counts a download and leads to the file, or mails a fresh link.
func (s *Server) openData(c echo.Context) error {
	p, err := s.who(c)
	if err != nil {
		return err
	}
	ctx, here := c.Request().Context(), link.MyData(c.Param("ref"))
	if text(c, "act") == "prove" {
		if err := s.admit(c, manyLinks); err != nil {
			return err
		}
		if err := s.Office.SendMyLink(ctx, p.Email, lang.From(ctx)); err != nil {
			return err
		}
		c.SetCookie(&http.Cookie{Name: nextCookie, Value: here, Path: "/", MaxAge: 3600, HttpOnly: true,
			Secure: s.https(), SameSite: http.SameSiteLaxMode})
		return render(c, http.StatusOK, portal.Mailed(p.Email))
	}
	if !s.fresh(p) {
		return seeOther(c, here)
	}
	part := 1 // most packages are one ZIP
	if n, err := strconv.Atoi(text(c, "part")); err == nil {
		part = n
	}
	grant, err := s.Office.OpenDelivery(ctx, p.Email, ref(c), part)
	if err != nil {
		return err
	}
	return seeOther(c, link.MyFile(c.Param("ref"), grant))
}

// download streams a part of the package. A browser that was cut off asks for the rest
// with the same grant.
func (s *Server) download(c echo.Context) error {
	p, err := s.who(c)
	if err != nil {
		return err
	}
	d, err := s.Office.RedeemDelivery(c.Request().Context(), p.Email, ref(c), c.Param("grant"))
	if err != nil {
		return err
	}
	return s.sendPackage(c, d, fileName(c.Param("ref")))
}

// sendPackage streams a sealed ZIP, all of it or the range that is asked for.
func (s *Server) sendPackage(c echo.Context, d privacy.Fetch, name string) error {
	if d.Of > 1 {
		name += fmt.Sprintf("-part-%d-of-%d", d.Number, d.Of)
	}
	file, err := s.Vault.Open(c.Request().Context(), d.Artifact)
	if err != nil {
		return fmt.Errorf("open the package: %w", err)
	}
	defer file.Close()
	h := c.Response().Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.zip"`, name))
	h.Set("Cache-Control", "no-store")
	h.Set("ETag", `"`+d.Artifact.SHA256+`"`)
	http.ServeContent(newSlowWriter(c.Response()), c.Request(), "", d.Manifest.Made, file)
	return nil
}

// fileName keeps what a reference may hold.
func fileName(ref string) string {
	var b []byte
	for i := range len(ref) {
		if c := ref[i]; c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' {
			b = append(b, c)
		}
	}
	return string(b)
}

// chunkTime is how long a browser may take for one chunk of a download.
const chunkTime = 60 * time.Second

// slowWriter moves the write deadline along with the transfer: a slow line may
// take as long as it needs, a dead one is let go.
type slowWriter struct {
	http.ResponseWriter
	rc   *http.ResponseController
	next time.Time
}

func newSlowWriter(w http.ResponseWriter) *slowWriter {
	return &slowWriter{ResponseWriter: w, rc: http.NewResponseController(w)}
}

func (w *slowWriter) Write(b []byte) (int, error) {
	if now := time.Now(); now.After(w.next) {
		// Not every writer has deadlines (tests do not); those need none.
		_ = w.rc.SetWriteDeadline(now.Add(chunkTime))
		w.next = now.Add(time.Second)
	}
	return w.ResponseWriter.Write(b)
}

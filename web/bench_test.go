package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/web"
)

// nowhere takes an answer and forgets it.
type nowhere struct{ h http.Header }

func (w nowhere) Header() http.Header         { return w.h }
func (w nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (w nowhere) WriteHeader(int)             {}

func serve(b *testing.B, h http.Handler) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "privacy.example"
	r.Header.Set("Accept-Language", "de-DE,de;q=0.9,en;q=0.7")
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(nowhere{http.Header{}}, r)
	}
}

func BenchmarkHome(b *testing.B) {
	serve(b, web.New(web.Server{Options: web.Options{BaseURL: &url.URL{Scheme: "https", Host: "privacy.example"}}}).Handler())
}

// The yardstick: a page of the same size out of a bare echo.
func BenchmarkBareEcho(b *testing.B) {
	page := make([]byte, 12<<10)
	e := echo.New()
	e.GET("/", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, page) })
	serve(b, e)
}

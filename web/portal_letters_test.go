package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

func TestThePersonReadsAndTakesALetter(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	ref := string(r.Ref)
	p := b.Get(link.MyRequest(ref)).Is(200, link.MyRequest(ref))
	href, ok := p.Find(`[data-test="letters"] li a`).First().Attr("href")
	if !ok {
		t.Fatalf("no letter is listed:\n%s", p.Body)
	}
	p = b.Get(href).Is(200, href)
	if p.H1() != "We have your request" || !strings.Contains(p.Find(`[data-test="letter"]`).Text(), "Hello Ada Lovelace,") || p.Find("h1").Length() != 1 {
		t.Errorf("the page shows %q", p.H1())
	}
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Error("the letter may be kept by a proxy")
	}
	pdf := b.Get(p.Find(`[data-test="pdf"]`).AttrOr("href", ""))
	if pdf.Status != http.StatusOK || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") || !strings.HasPrefix(pdf.Header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("the PDF: %d %v", pdf.Status, pdf.Header)
	}
	text := b.Get(p.Find(`[data-test="txt"]`).AttrOr("href", ""))
	if text.Status != http.StatusOK || !strings.Contains(text.Body, "Reference: "+ref) {
		t.Errorf("the text: %d %s", text.Status, text.Body)
	}
	for _, form := range []string{"", "pdf", "txt", "html"} {
		if got := b.Get(link.MyLetter(ref, uuid.NewString(), form)).Status; got != http.StatusNotFound {
			t.Errorf("a letter that never was gives %d", got)
		}
		nobody := s.Browser().Get(strings.TrimSuffix(href+"."+form, "."))
		if strings.Contains(nobody.Body, "Lovelace") || nobody.Path != link.My {
			t.Errorf("nobody gets %d %s", nobody.Status, nobody.Path)
		}
	}
}

func TestAnotherPersonsLetterIsNotFound(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	href := b.Get(link.MyRequest(string(r.Ref))).Find(`[data-test="letters"] li a`).First().AttrOr("href", "")
	eve, hers := confirmedAs(t, s, "eve@example.com")
	for _, path := range []string{href, href + ".pdf", href + ".txt", href + ".html", strings.Replace(href, string(r.Ref), string(hers.Ref), 1), strings.Replace(href, string(r.Ref), string(hers.Ref), 1) + ".pdf"} {
		if p := eve.Get(path); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Lovelace") {
			t.Errorf("%s gives %d", path, p.Status)
		}
	}
}

// confirmedAs is confirmed with another address.
func confirmedAs(t *testing.T, s *webtest.Site, email string) (*webtest.Browser, privacy.Request) {
	t.Helper()
	b := s.Browser()
	p := b.Get(link.RequestRight)
	p = b.PostForm(link.RequestRight, p.Fill("kind", "access")).Is(200, link.RequestYou)
	p = b.PostForm(link.RequestYou, p.Fill("relation", "recipient", "business", "Baobab Deliveries")).Is(200, link.RequestDetails)
	p = b.PostForm(link.RequestDetails, p.Fill("name", "Eve", "email", email, "country", "GB")).Is(200, link.RequestScope)
	p = b.PostForm(link.RequestScope, p.Fill()).Is(200, link.RequestCheck)
	b.PostForm(link.RequestCheck, p.Fill("correct", "yes")).Is(200, link.RequestSent)
	r := s.Latest()
	b.Post(link.Confirm(s.Link(privacy.LinkConfirm, r.ID)), "act", "confirm").Is(200, link.MyRequest(string(r.Ref))+"?done=confirmed")
	return b, r
}

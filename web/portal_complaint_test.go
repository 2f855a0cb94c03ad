package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

func TestAComplaintByTheFormKeepsWhatWasTypedAndTellsNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.Browser()
	p := b.Get("/complaint?country=DE").Is(http.StatusOK, "/complaint?country=DE")
	if p.Find(`[data-test="authority"]`).Length() != 1 || s.Count("SELECT count(*) FROM requests") != 0 {
		t.Error("the authority is not shown, or looking changed something")
	}
	f := p.Fill("words", "It took too long.", "name", "Ada", "email", "nobody", "ref", "CS-2222-2222")
	p = b.PostForm("/complaint", f)
	p.Is(http.StatusUnprocessableEntity, "/complaint")
	if p.Find("#words").Text() != "It took too long." || p.Find("#email").AttrOr("value", "") != "nobody" || p.Find(`#errors a[href="#email"]`).Length() != 1 {
		t.Error("what was typed is lost, or what is wrong is not said")
	}
	f.Set("email", "ada@example.com")
	first := b.PostForm("/complaint", f).Is(http.StatusOK, "/complaint")
	f.Set("draft", "another draft, which is long enough")
	f.Set("ref", "")
	second := b.PostForm("/complaint", f).Is(http.StatusOK, "/complaint")
	if first.Body != second.Body {
		t.Error("the answer tells whether there is such a request")
	}
	if n := s.Count("SELECT count(*) FROM requests WHERE kind = 'complaint' AND state = 'received'"); n != 2 {
		t.Errorf("%d complaints", n)
	}
	confirm := "/confirm/" + s.Link(privacy.LinkConfirm, s.Latest().ID)
	if p = b.Get(confirm); strings.Contains(p.Body, "⟦") {
		t.Error("the page of the mailed link lacks words")
	}
	if p = b.Post(confirm, "act", "confirm"); p.Status != http.StatusOK || strings.Contains(p.Body, "⟦") || p.H1() != "Your complaint" || p.Find(`[data-test="phase-grieves"]`).Length() != 1 {
		t.Errorf("%d %s %q", p.Status, p.Path, p.H1())
	}
	if p = b.Get("/my"); strings.Contains(p.Body, "⟦") {
		t.Error("the list lacks words")
	}
}

func TestAComplaintFromThePageOfARequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	r, err := s.Server.Office.Submit(t.Context(), privacy.Submission{Kind: privacy.Access, Relation: privacy.Visitor, Name: "Ada", Email: "ada@example.com", Country: "GB", Lang: lang.English, AllTime: true})
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	b.Post("/confirm/"+s.Link(privacy.LinkConfirm, r.ID), "act", "confirm")
	page := "/my/" + string(r.Ref)
	if p := b.Get(page); p.Find(`a[href="`+page+`/complaint"]`).Length() == 0 {
		t.Error("the page does not lead to the form")
	}
	b.Get(page+"/complaint").Is(http.StatusOK, page+"/complaint")
	p := b.Post(page+"/complaint", "words", " ")
	p.Is(http.StatusUnprocessableEntity, page+"/complaint")
	p = b.Post(page+"/complaint", "words", "You are slow.")
	if p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/my/CS-") || strings.HasPrefix(p.Path, page) || strings.Contains(p.Body, "⟦") {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if s.Latest().Kind != privacy.Complaint || s.Latest().About == nil || *s.Latest().About != r.ID {
		t.Errorf("%+v", s.Latest())
	}
	if p := s.Browser().Post(page+"/complaint", "words", "I was signed out."); !strings.Contains(p.Body, "I was signed out.") || p.Status == http.StatusOK {
		t.Error("what was typed is lost with the session")
	}
}

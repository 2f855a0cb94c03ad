package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestTheDeskListsEveryLawAndShowsEach(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	w := b.signedIn(staff.Agent, time.Minute)
	rec, doc := w.get(link.DeskLaws)
	if rec.Code != http.StatusOK || doc.Find(`tr[data-test^="law-"]`).Length() != len(law.Codes()) {
		t.Fatalf("%d, %d laws", rec.Code, doc.Find(`tr[data-test^="law-"]`).Length())
	}
	if rec, doc = w.get(link.DeskLaw("US-CA")); rec.Code != http.StatusOK || !strings.Contains(doc.Find("h1").Text(), "California") {
		t.Errorf("%d %s", rec.Code, doc.Find("h1").Text())
	}
	if rec, _ = w.get(link.DeskLaw("XX-1")); rec.Code != http.StatusNotFound {
		t.Errorf("a law that is none: %d", rec.Code)
	}
}

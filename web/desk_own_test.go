package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// TestWhoAsksIsToldThatOthersAnswer: the desk says why, and keeps what was typed.
func TestWhoAsksIsToldThatOthersAnswer(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r, hash := b.inReview(privacy.Access)
	must(t, b.s.Office.Propose(t.Context(), b.staff[staff.Agent].Member, r.ID, hash, ""))
	if _, err := b.db.Exec(t.Context(), "UPDATE staff_members SET email = $1 WHERE id = $2", r.Email, b.staff[staff.Approver].ID); err != nil {
		t.Fatal(err)
	}
	says := lang.In(lang.English, "error.own_request")
	for page, fields := range map[string][]string{
		"decision": approval(r, hash),
		"reject":   {"code", "EXCESSIVE", "text", "no"},
		"inspect":  {"reason", "curious"},
	} {
		rec, doc := b.signedIn(staff.Approver, time.Minute).post(link.DeskTab(string(r.Ref), page), fields...)
		if rec.Code != http.StatusForbidden || !strings.Contains(doc.Find("main").Text(), says) {
			t.Errorf("%s gives %d and does not say why", page, rec.Code)
		}
	}
	if st := b.state(r); st != privacy.InReview {
		t.Errorf("the request is %s", st)
	}
}

package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	at := func(part string) string { return link.DeskTab(string(r.Ref), part) }
	const words = "Two lines <b>of</b> text.\nNothing is lost."
	for _, tt := range []struct {
		path, back string
		fields     []string
		field      string
	}{
		{at("messages"), at("messages"), []string{"body", words, "note", "1"}, "body"},
		{at("propose"), at("plan"), []string{"note", words, "hash", "machinery", "tab", "plan"}, "note"},
		{at("decision"), at("decision"), []string{"note", words, "hash", "machinery", "reference", "machinery", "checks", "machinery", "do", "approve"}, "note"},
		{link.DeskCase(string(r.Ref)) + "/reject", link.DeskCase(string(r.Ref)), []string{"text", words, "code", "machinery", "foreign", "machinery"}, "text"},
		{at("inspect"), at("data"), []string{"reason", words}, "reason"},
		{link.DeskSettings + "/people", link.DeskSettings + "/people", []string{"name", words, "roles", "machinery"}, "name"},
		{link.Desk + "/assign", link.Desk, []string{"ref", "machinery", "back", "/desk?machinery"}, ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			w := &browser{b: b, token: "machinery"}
			rec, doc := w.post(tt.path, tt.fields...)
			code(t, rec, statusFormOld)
			kept := doc.Find("textarea[readonly]")
			if tt.field == "" && kept.Length() != 0 {
				t.Error("a field is shown that nobody typed in")
			}
			if tt.field != "" && (kept.Length() != 1 || strings.TrimSpace(kept.Text()) != words || doc.Find(`label[for="`+tt.field+`"]`).Length() != 1) {
				t.Errorf("what was typed is not there to copy: %q", kept.Text())
			}
			if strings.Contains(rec.Body.String(), "machinery") || strings.Contains(rec.Body.String(), "<b>of") {
				t.Error("the page shows what nobody typed, or takes words for markup")
			}
			if rec.Header().Get("Cache-Control") != "no-store" || w.cookie != nil {
				t.Error("what was typed is kept somewhere")
			}
			want := link.DeskSignIn
			if tt.back != link.Desk {
				want += "?back=" + url.QueryEscape(tt.back)
			}
			if got := doc.Find("main .actions a").AttrOr("href", ""); got != want {
				t.Errorf("the button leads to %q, want %q", got, want)
			}
		})
	}
}

func TestASwitchedOffMemberGetsTheirWordsBackAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	r := b.verified(privacy.Access)
	w := b.signedIn(staff.Agent, time.Minute)
	must(t, b.s.Roster.Disable(t.Context(), b.staff[staff.Officer].Actor(), b.staff[staff.Agent].ID))
	rec, doc := w.post(link.DeskTab(string(r.Ref), "messages"), "body", "Hello Ada")
	code(t, rec, statusFormOld)
	if doc.Find("textarea[readonly]").Text() != "Hello Ada" {
		t.Error("what was typed is lost")
	}
	mine, err := b.s.Office.Mine(t.Context(), "ada@example.com", r.Ref)
	must(t, err)
	if len(mine.Messages) != 0 {
		t.Error("the message was sent")
	}
}

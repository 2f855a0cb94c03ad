package portal_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/portal"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// told is who has to be told what was changed, one of each end.
func told(o *portal.Own) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for i, s := range append([]privacy.DutyState{privacy.DutyOpen}, privacy.RecipientStates...) {
		d := privacy.Duty{Title: "Recipient", Recipient: text("Recipient "+string(rune('A'+i)), "Empfänger "+string(rune('A'+i))), State: s, Reason: "an inside reason"}
		if s == privacy.DutyTold {
			d.ToldOn, d.How, d.Reference = &day, "email", "inside-1"
		}
		o.Recipients = append(o.Recipients, d)
	}
}

func filed(o *portal.Own) {
	thread(o)
	o.UploadLimit = 10 << 20
	for i, s := range []privacy.Scan{privacy.ScanClean, privacy.ScanWaiting, privacy.ScanInfected, privacy.ScanOff} {
		o.Messages[0].Files = append(o.Messages[0].Files, privacy.Attachment{ID: uuid.UUID{15: byte(i)}, Name: "file " + string(s) + ".pdf", Size: 48_211, Scan: s, Gone: s == privacy.ScanInfected})
	}
	o.Pending = []privacy.Attachment{{ID: uuid.UUID{15: 9}, Name: "sent before.pdf", Size: 4_000, Scan: privacy.ScanClean}}
	o.Problems = ui.Problems{{Field: "files", Text: "File 2 is empty"}}
}

func TestPagesWithFilesAndRecipients(t *testing.T) {
	t.Parallel()
	for _, l := range lang.Supported {
		for name, o := range map[string]portal.Own{
			"told":      own(privacy.Deletion, privacy.Closed, outcome(privacy.Erased), told),
			"files":     own(privacy.Access, privacy.InReview, filed),
			"duplicate": own(privacy.Access, privacy.Closed, outcome(privacy.Duplicated), func(o *portal.Own) { o.Duplicate = "CS-7F3K-29QD" }),
		} {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				var b bytes.Buffer
				if err := portal.Mine(o).Render(in(l), &b); err != nil {
					t.Fatal(err)
				}
				html := b.String()
				checkMarkup(t, html, l)
				if strings.Contains(html, "inside") {
					t.Error("the person reads what staff wrote down for themselves")
				}
				doc, err := goquery.NewDocumentFromReader(&b)
				if err != nil {
					t.Fatal(err)
				}
				switch name {
				case "told":
					if n := doc.Find(`[data-test="told"] dt`).Length(); n != 5 {
						t.Errorf("%d recipients are named", n)
					}
				case "files":
					if n := doc.Find(`[data-test="file"]`).Length(); n != 2 {
						t.Errorf("%d files can be fetched, want the one that is clean and the one that nobody scans", n)
					}
					if doc.Find(`input[type="checkbox"][name="file"]`).Length() != 1 || doc.Find(`#errors a[href="#files"]`).Length() != 1 {
						t.Error("what was sent before is lost, or what is wrong is not named")
					}
				case "duplicate":
					if doc.Find(`[data-test="goes-on"] a[href="/my/CS-7F3K-29QD"]`).Length() != 1 {
						t.Error("the page does not lead to the request that goes on")
					}
				}
			})
		}
	}
}

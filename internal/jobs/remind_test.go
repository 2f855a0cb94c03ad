package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/malware/malwaretest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// TestTheClockRemindsAndScans: what runs by the clock writes about a duty that is
// due, and asks the scanner about a file that it has not seen.
func TestTheClockRemindsAndScans(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	scan, scanner := malwaretest.Start(t)
	for _, o := range []*privacy.Office{w.office, w.deps.Office} {
		o.Files(privacy.Filing{Vault: w.deps.Vault.Files(), Scanner: scanner, Limit: 1 << 20})
	}
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Access})
	if err := w.office.AddTask(ctx, d.agent, r.ID, privacy.NewTask{Title: "Ask finance", To: d.officer.ID, Due: time.Now()}); err != nil {
		t.Fatal(err)
	}
	scan.Down(true)
	kept, err := w.office.TakeOwn(ctx, r.Email, r.Ref, func(yield func(privacy.Upload, error) bool) {
		yield(privacy.Upload{Name: "letter.txt", Body: strings.NewReader("words")}, nil)
	})
	if err != nil || kept[0].Scan != privacy.ScanWaiting {
		t.Fatal(kept, err)
	}
	scan.Down(false)
	w.start(t)
	w.ends(t, jobs.RemindArgs{})
	w.ends(t, jobs.FilesArgs{})
	if n := w.count(t, "SELECT count(*) FROM letters WHERE letter = 'staff_reminder_duty'"); n != 1 {
		t.Errorf("%d reminders", n)
	}
	if n := w.count(t, "SELECT count(*) FROM attachments WHERE scan = 'clean'"); n != 1 {
		t.Error("the file was not scanned")
	}
	w.ends(t, jobs.RemindArgs{})
	if n := w.count(t, "SELECT count(*) FROM letters WHERE letter = 'staff_reminder_duty'"); n != 1 {
		t.Errorf("%d reminders after the second round", n)
	}
}

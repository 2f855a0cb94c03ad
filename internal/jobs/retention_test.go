package jobs_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// TestTheDailyPurgeObeysWhatWasShortened: what becomes too old after the request
// was closed goes with the next purge, of this person and of nobody else.
func TestTheDailyPurgeObeysWhatWasShortened(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.ShortenedRetention, KeepDays: 30, Categories: []string{"messages"}})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	w.decide(t, d.agent, d.approver, w.review(t, d.agent, r, 1))
	w.closed(t, r, privacy.RetentionShortened)
	const late = "SELECT count(*) FROM messages WHERE body = 'found in an old phone' AND created_at < now() - interval '30 days'"
	for _, person := range []demo.Person{demo.Heavy, demo.Marina} {
		_, err := w.store.Exec(ctx, `INSERT INTO conversations (organization_id, contact_id, channel, status, created_at, last_message_at)
			SELECT organization_id, id, 'sms', 'open', now(), now() FROM contacts WHERE id = $1`, person.ContactIDs()[0])
		if err == nil {
			_, err = w.store.Exec(ctx, `INSERT INTO messages (organization_id, conversation_id, direction, kind, body, created_at)
				SELECT organization_id, id, 'in', 'text', 'found in an old phone', now() - interval '40 days' FROM conversations ORDER BY id DESC LIMIT 1`)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := w.stored(t, late); n != 2 {
		t.Fatalf("%d messages were found", n)
	}
	w.ends(t, jobs.RetentionArgs{})
	if n := w.stored(t, late); n != 1 {
		t.Errorf("%d messages are left", n)
	}
	if n := w.stored(t, "SELECT count(*) FROM dsar.operation WHERE kind = 'retention_purge' AND state = 'finished'"); n != 1 {
		t.Errorf("%d purges are finished", n)
	}
}

// TestThePurgeTellsTheQueueNoStoredValue: River keeps and logs the text of an
// error, and a server quotes what it stumbled over.
func TestThePurgeTellsTheQueueNoStoredValue(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	_, err := w.store.Exec(t.Context(), `DROP TABLE dsar.retention; CREATE VIEW dsar.retention AS
		SELECT '\x00'::bytea AS subject, gen_random_uuid() AS operation, email::integer AS days, email AS category, '\x00'::bytea AS sealed, now() AS since FROM contacts WHERE email IS NOT NULL;
		GRANT SELECT ON dsar.retention TO portal_exec`)
	if err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.await(t, "SELECT count(*) FROM river_job WHERE kind = 'privacy.retention' AND state = 'discarded'")
	var said string
	if err := w.db.QueryRow(t.Context(), "SELECT errors::text FROM river_job WHERE kind = 'privacy.retention' AND state = 'discarded' LIMIT 1").Scan(&said); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said, "@") || !strings.Contains(said, "SQLSTATE 22P02") {
		t.Errorf("the queue keeps %s", said)
	}
}

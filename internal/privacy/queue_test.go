package privacy_test

import (
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestClosedRequestsComeNewestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	// Ten at a time closed in the same moment, due in the opposite order; one page
	// ends in the middle of such a moment.
	if _, err := b.db.Exec(ctx, `INSERT INTO requests (ref, kind, state, outcome, relation, name, email, country, lang, law, answers, verified_at, due_at, closed_at)
		SELECT 'CS-TEST-' || lpad(i::text, 4, '0'), 'access', CASE i % 2 WHEN 0 THEN 'closed' ELSE 'rejected' END, CASE i % 2 WHEN 0 THEN 'answered' ELSE 'refused' END,
			'recipient', 'Person', 'p@example.com', 'DE', 'en', 'EU-DE', '{}', now(), now() - i * interval '1 hour', now() + ((i + 5) / 10) * interval '1 microsecond'
		FROM generate_series(1, 120) i`); err != nil {
		t.Fatal(err)
	}
	seen := map[privacy.Ref]bool{}
	var before *time.Time
	f := privacy.Filter{View: privacy.ViewClosed}
	for pages := 1; ; pages++ {
		p, err := b.web.Queue(ctx, b.agent, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			if seen[r.Ref] || (before != nil && r.ClosedAt.After(*before)) {
				t.Fatalf("%s out of order or twice", r.Ref)
			}
			seen[r.Ref], before = true, r.ClosedAt
		}
		if f.After = p.Next; f.After == "" {
			if pages != 3 || len(seen) != 120 {
				t.Fatalf("%d rows on %d pages", len(seen), pages)
			}
			return
		}
	}
}

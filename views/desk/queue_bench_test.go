package desk_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/desk"
)

// BenchmarkQueue draws a full page; its bytes are the figure beside the time.
func BenchmarkQueue(b *testing.B) {
	q := desk.QueuePage{Filter: privacy.Filter{View: privacy.ViewOpen}, Page: privacy.Page{Counts: counts, Next: "x"}, Laws: []string{"EU-DE", "UK"}}
	for i := range privacy.PageSize {
		r := privacy.QueueRow{Request: request(privacy.Kinds[i%4], privacy.InReview)}
		r.Ref, r.DueAt = privacy.Ref(fmt.Sprintf("CS-4M8W-%04d", i)), days(i-5)
		q.Page.Rows = append(q.Page.Rows, r)
	}
	page, ctx := desk.Queue(frame(tomas), q), lang.With(b.Context(), lang.English)
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := page.Render(ctx, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "bytes")
}

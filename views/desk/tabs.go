package desk

import (
	"context"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// tab is one of a case's pages, an address each.
type tab struct {
	ID, Key, Href string
	N             int64
}

func tabs(c privacy.Case) []tab {
	ref := string(c.Request.Ref)
	all := []tab{{Key: "overview", Href: link.DeskCase(ref)}, {ID: "data", Key: tabKey("data", c.Request.Kind)}}
	if c.Redaction.Totals != nil {
		all = append(all, tab{ID: "redaction", Key: "redaction", N: int64(c.Open())})
	}
	if planKind(c.Request.Kind) {
		all = append(all, tab{ID: "plan", Key: tabKey("plan", c.Request.Kind)})
	}
	all = append(all, tab{ID: "decision", Key: "decision"}, tab{ID: "messages", Key: "messages", N: int64(len(c.Messages))}, tab{ID: "letters", Key: "letters", N: int64(len(c.Sent.Letters))}, tab{ID: "audit", Key: "audit", N: c.AuditCount})
	all = clockTabs(c, all)
	for i := range all {
		if all[i].Href == "" {
			all[i].Href = link.DeskTab(ref, all[i].ID)
		}
	}
	return all
}

// tabValue is how a form names the page that it stands on.
func tabValue(id string) string {
	if id == "" {
		return "overview"
	}
	return id
}

func tabKey(id string, k privacy.Kind) string {
	switch {
	case id == "data" && !planKind(k):
		return "package"
	case id == "plan" && k != privacy.Deletion:
		return "changes"
	}
	return id
}

func (f Frame) count(ctx context.Context, v privacy.View) string {
	n, ok := f.Counts[v]
	if !ok {
		return ""
	}
	return capped(ctx, n)
}

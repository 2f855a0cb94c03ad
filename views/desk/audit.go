package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
)

// Actions are what the log can be filtered by. Catalogue: "action.<action>".
var Actions = []string{
	"request.received",
	"request.verified",
	"request.discovering",
	"request.in_review",
	"request.approved",
	"request.executing",
	"request.ready",
	"request.closed",
	"request.rejected",
	"request.lapsed",
	"request.assigned", "request.recorded", "request.follow_up", "queue.exported",
	"request.duplicate",
	"task.added",
	"task.done",
	"duty.reminded",
	"recipients.owed",
	"recipient.settled",
	"identity.checked",
	"file.opened",
	"file.dropped",
	"file.infected",
	"letter.written",
	"letter.missing",
	"letters.worded",
	"clock.identity_asked",
	"clock.identity_proved",
	"clock.clarification_asked",
	"clock.clarified",
	"clock.fee_asked",
	"clock.fee_paid",
	"clock.extended",
	"clock.law_set",
	"clock.laws_set",
	"hold.set",
	"hold.lifted",
	"request.attention",
	"request.withdrawn",
	"plan.chosen",
	"redaction.ruled",
	"plan.proposed",
	"lift.announced",
	"deletion.confirmed",
	"delivery.opened",
	"delivery.downloaded",
	"content.granted",
	"content.read",
	"message.received",
	"message.sent",
	"note.written",
	"link.resent",
	"person.signed_in",
	"store.down",
	"store.back",
	"staff.invited",
	"staff.roles_set",
	"staff.disabled",
	"staff.factor_reset",
	"schema.migrated",
	"staff.enrolled",
	"staff.link_used",
	"staff.sign_in_sent",
	"staff.sign_in_unknown",
	"staff.code_accepted",
	"staff.code_refused",
	"staff.recovery_used",
	"staff.passkey_added",
	"staff.passkey_removed",
	"staff.passkey_used",
	"staff.passkey_refused",
	"staff.passkey_blocked",
	"staff.app_set",
	"staff.app_removed",
	"staff.recovery_made",
	"staff.login_ended",
	"staff.withdrawn",
	"staff.sso_bound",
	"staff.sso_unbound",
	"staff.sso_used",
	"staff.sso_refused",
}

// LogPage is the audit log under one filter.
type LogPage struct {
	Entries []audit.Entry
	Action  string
	Target  string
	Actions []string // to filter by
	Entry   int64    // the entry shown in full; 0 for the newest
	Older   int64    // entries before this id; 0 on the last page
	First   bool
	Check   *Check // result of a check that was just made
}

// Check is what re-hashing the whole log gave.
type Check struct {
	OK       bool
	Size     int64
	Pending  int64
	Root     string
	FirstBad *int64
}

func (p LogPage) href(entry, before int64) string {
	q := url.Values{}
	if p.Action != "" {
		q.Set("action", p.Action)
	}
	if p.Target != "" {
		q.Set("q", p.Target)
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if entry > 0 {
		q.Set("entry", strconv.FormatInt(entry, 10))
	}
	if len(q) == 0 {
		return link.DeskAudit
	}
	return link.DeskAudit + "?" + q.Encode()
}

// page is the address of the page that the entry is on.
func (p LogPage) before() int64 {
	if p.First || len(p.Entries) == 0 {
		return 0
	}
	return p.Entries[0].ID + 1
}

// shown is the entry that the side describes.
func (p LogPage) shown() (audit.Entry, bool) {
	for _, e := range p.Entries {
		if e.ID == p.Entry {
			return e, true
		}
	}
	if len(p.Entries) > 0 {
		return p.Entries[0], true
	}
	return audit.Entry{}, false
}

// entryNumber is the place in the sealed chain, counted from one.
func entryNumber(ctx context.Context, e audit.Entry) string {
	if e.Index == nil {
		return lang.T(ctx, "desk.audit.unsealed")
	}
	return lang.Number(ctx, *e.Index+1)
}

func hashShort(e audit.Entry) string { return short(hex.EncodeToString(e.Hash), 8) }

func isRef(target string) bool {
	return strings.HasPrefix(target, "CS-") && len(target) == len("CS-0000-0000")
}

// fact is one line of an entry's detail: codes and counts, never personal data.
type fact struct{ Name, Value string }

func details(e audit.Entry) []fact {
	var out []fact
	for _, k := range slices.Sorted(maps.Keys(e.Detail)) {
		out = append(out, fact{k, plain(e.Detail[k])})
	}
	return out
}

// plain writes a JSON value for reading.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		if len(v) == 64 && !strings.Contains(v, " ") { // a hash; the whole of it is in the export
			return v[:16] + "…"
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = plain(v[i])
		}
		return strings.Join(words, ", ")
	case map[string]any:
		var words []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			words = append(words, k+" "+plain(v[k]))
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}

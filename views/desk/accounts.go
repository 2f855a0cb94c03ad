package desk

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// AccountPage is a member's own account: how they come in, and where they are
// signed in.
type AccountPage struct {
	staff.Account
	Here            uuid.UUID // this sign-in
	Secret, OTPAuth string    // of an app that waits for its first code
	Passkeys        bool      // browsers allow them at this address …
	Origin          string    // … or at this one; "" at none
	SSO             bool      // the company has a provider
}

// fewCodes is when a member should make new recovery codes.
const fewCodes = 3

// factors counts what works as a second factor; the last one cannot be removed.
func (p AccountPage) factors() int {
	n := p.Usable()
	if p.App != nil {
		n++
	}
	return n
}

// removable says that something is left that works when a passkey goes.
func (p AccountPage) removable(k staff.Passkey) bool {
	return p.factors() > 1 || k.Blocked && p.factors() > 0
}

func keyValue(k staff.Passkey) string { return base64.RawURLEncoding.EncodeToString(k.ID) }

// deviceWords names a browser and its system; the session keeps a word for each.
func deviceWords(ctx context.Context, device string) string {
	browser, system, both := strings.Cut(device, "/")
	switch {
	case device == "":
		return lang.T(ctx, "accounts.device.unknown")
	case !both:
		return device
	}
	return lang.T(ctx, "accounts.device", "Browser", browser, "System", system)
}

// waysIn tells how somebody comes in, a line each.
func waysIn(ctx context.Context, m staff.Person) []string {
	var out []string
	if m.Bound {
		out = append(out, lang.T(ctx, "accounts.way.sso"))
	}
	if m.Passkeys > 0 {
		out = append(out, lang.N(ctx, "accounts.way.passkeys", int64(m.Passkeys)))
	}
	if m.App {
		out = append(out, lang.T(ctx, "accounts.way.app"))
	}
	if m.Enrolled {
		out = append(out, lang.N(ctx, "accounts.way.codes", int64(m.Codes)))
	} else if !m.Disabled {
		out = append(out, lang.T(ctx, "accounts.way.none"))
	}
	return out
}

func personState(ctx context.Context, m staff.Person) (class, word string) {
	switch {
	case m.Disabled:
		return "", lang.T(ctx, "desk.people.disabled")
	case m.Arrived:
		return "ok", lang.T(ctx, "desk.people.active")
	case m.Lapsed:
		return "act", lang.T(ctx, "accounts.people.lapsed")
	}
	return "wait", lang.T(ctx, "desk.people.invited")
}

// personWhen says more about the state: until when, or where.
func personWhen(ctx context.Context, m staff.Person, now time.Time) string {
	switch {
	case m.Disabled:
		return ""
	case m.Arrived && m.Open > 0:
		return lang.N(ctx, "accounts.people.open", int64(m.Open))
	case m.Arrived:
		return ""
	case m.Lapsed:
		return lang.T(ctx, "accounts.people.since", "When", lang.Date(ctx, m.InvitedUntil))
	}
	return lang.T(ctx, "accounts.people.until", "When", lang.Date(ctx, m.InvitedUntil))
}

// here says whether a sign-in is the one that is looking.
func (p AccountPage) here(l staff.Login) bool { return l.Login == p.Here }

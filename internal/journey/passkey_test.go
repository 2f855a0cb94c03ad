package journey

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// byName is the same installation at an address to which browsers bind passkeys:
// to a name, never to a number.
func (k *stack) byName() *stack {
	named := *k
	named.base = strings.Replace(k.base, "127.0.0.1", "localhost", 1)
	return &named
}

// carriesKey gives a browser a device that holds passkeys and asks nobody.
func (b *tab) carriesKey() *tab {
	b.t.Helper()
	b.do("plug a device in", call(webauthn.Enable, webauthn.EnableParams{}), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
	return b
}

// opensLink shows the first factor.
func (b *tab) opensLink(m staff.DemoMember) *tab {
	b.t.Helper()
	b.open("/desk/sign-in").fill("email", m.Email).press("Email me a link").sees("Check your email")
	mail := b.k.letter(b.t, m.Email, "sign").Links[0]
	return b.open(strings.Replace(mail, "127.0.0.1", "localhost", 1)).press("Go on")
}

// forgets takes out of what the browser said what is no complaint.
func (b *tab) forgets(what string) *tab {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = slices.DeleteFunc(b.said, func(s string) bool { return strings.Contains(s, what) })
	return b
}

// growsOld makes the second factor of a member's sessions six minutes old.
func (k *stack) growsOld(t *testing.T, member uuid.UUID) {
	t.Helper()
	rows, err := k.portal.Query(t.Context(), `SELECT hash, data FROM auth_sessions WHERE member = $1`, member)
	if err != nil {
		t.Fatal(err)
	}
	type session struct{ hash, data []byte }
	var all []session
	for rows.Next() {
		var s session
		if err := rows.Scan(&s.hash, &s.data); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if rows.Err() != nil || len(all) == 0 {
		t.Fatalf("%d sessions (%v)", len(all), rows.Err())
	}
	for _, s := range all {
		name := "session " + hex.EncodeToString(s.hash)
		plain, err := k.keys.Open(name, s.data)
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]any{}
		if err := json.Unmarshal(plain, &values); err != nil {
			t.Fatal(err)
		}
		values[auth.FactorKey] = time.Now().UTC().Add(-6 * time.Minute).Format(time.RFC3339)
		if plain, err = json.Marshal(values); err != nil {
			t.Fatal(err)
		}
		sealed, err := k.keys.Seal(name, plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.portal.Exec(t.Context(), `UPDATE auth_sessions SET data = $2 WHERE hash = $1`, s.hash, sealed); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPasskeyOpensTheDeskAndApproves(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 2_000})
	ref := k.browse(t, "the person", true).asks(wish{kind: privacy.Restriction, who: demo.Amina, title: "Why should we pause it?"})
	m := k.members[staff.Approver]

	approver := k.byName().browse(t, "the approver with a passkey", true).carriesKey().opensLink(m)
	code, err := totp.GenerateCode(m.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	approver.fill("code", code).submit()
	approver.open("/desk/settings/account").sees("Passkeys", "Where you are signed in", "This one").accessible()
	approver.fill("passkey_name", "Work laptop").press("Add a passkey").sees("Passkey added.", "Work laptop").accessible()
	approver.press("Sign out").forgets("Clear-Site-Data") // the browser says that it does

	approver.opensLink(m).sees("Use a passkey").accessible()
	approver.press("Use a passkey")
	if approver.where() != "/desk" {
		t.Fatalf("the passkey leads to %s\n%s", approver.where(), approver.text())
	}

	k.browse(t, "the officer", true).signsIn(staff.Officer, false).open("/desk/settings/people").sees(m.Email, "1 Passkey").accessible()
	agent := k.browse(t, "the agent", true).signsIn(staff.Agent, false)
	agent.searches(ref, "Review the plan").signs()

	k.growsOld(t, m.ID)
	approver.open("/desk/" + ref + "/decision").decides(ref).press("Approve and carry out").sees("not older than 5 minutes")
	approver.press("Use a passkey").sees("You did not prepare this, so you may approve it.")
	approver.decides(ref).press("Approve and carry out").sees("Approved")
	if n := k.count(t, k.portal, `SELECT count(*) FROM audit_events WHERE action = 'staff.passkey_used' AND actor_id = $1`, m.ID.String()); n != 2 {
		t.Errorf("the passkey was used %d times, want 2", n)
	}
}

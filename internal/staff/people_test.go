package staff_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// signIn opens a session for a member, as a sign-in does, and gives its name.
func signIn(t *testing.T, db *pgxpool.Pool, id uuid.UUID) (login uuid.UUID) {
	t.Helper()
	login = uuid.New()
	exec(t, db, `INSERT INTO auth_sessions (hash, member, data, login, device, proved, idle_at, ends_at)
		VALUES (sha256($1::uuid::text::bytea), $2, '', $1::uuid, 'Firefox/Linux', true, now() + interval '1 hour', now() + interval '1 hour')`, login, id)
	return login
}

func sessionsOf(t *testing.T, db *pgxpool.Pool, id uuid.UUID) int {
	t.Helper()
	return count(t, db, `SELECT count(*) FROM auth_sessions WHERE member = $1`, id)
}

func TestAnInvitationIsSentAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	boss, _, _ := enrolled(t, db, r, staff.Administrator)
	m, first := add(t, r, "mara@example.org", staff.Agent)
	if err := r.Invite(t.Context(), boss.Actor(), m.ID); err != nil {
		t.Fatal(err)
	}
	_, err := r.RedeemSignIn(t.Context(), first)
	wantKind(t, err, fault.Expired)
	if n := count(t, db, `SELECT count(*) FROM letters WHERE letter = 'staff_invite'`); n != 3 {
		t.Errorf("%d invitations were sent, want 3", n)
	}
	wantKind(t, r.Invite(t.Context(), boss.Actor(), boss.ID), fault.Conflict)
}

func TestAnInvitationThatIsOverOpensNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *pgxpool.Pool, *staff.Roster, uuid.UUID){
		"too old": func(t *testing.T, db *pgxpool.Pool, _ *staff.Roster, id uuid.UUID) {
			exec(t, db, `UPDATE staff_members SET invited_until = now() WHERE id = $1`, id)
		},
		"withdrawn": func(t *testing.T, _ *pgxpool.Pool, r *staff.Roster, id uuid.UUID) {
			for range 2 { // a double click
				if err := r.Withdraw(t.Context(), cli, id); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			r := rosterOn(t, db)
			m, raw := add(t, r, "mara@example.org", staff.Agent)
			end(t, db, r, m.ID)
			_, err := r.RedeemSignIn(t.Context(), raw)
			wantKind(t, err, fault.Expired)
			if err := r.SendSignIn(t.Context(), "mara@example.org"); err != nil {
				t.Fatal(err)
			}
			if n := count(t, db, `SELECT count(*) FROM letters WHERE letter = 'staff_sign_in'`); n != 0 {
				t.Error("a sign-in link was sent to somebody whose invitation is over")
			}
			if _, err := r.SignInAs(t.Context(), auth.Identity{Issuer: "i", Subject: "s", Email: m.Email, Verified: true}); fault.KindOf(err) != fault.Unproved {
				t.Errorf("the company account comes in: %v", err)
			}
			if err := r.Invite(t.Context(), cli, m.ID); err != nil {
				t.Fatal(err)
			}
			if err := r.SendSignIn(t.Context(), "mara@example.org"); err != nil {
				t.Fatal(err)
			}
			if n := count(t, db, `SELECT count(*) FROM letters WHERE letter = 'staff_sign_in'`); n != 1 {
				t.Error("invited again, they get no link")
			}
		})
	}
}

func TestWhoIsInvitedAgainBeginsAnew(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, secret, codes := enrolled(t, db, r, staff.Reviewer)
	key(t, r, m.ID, "Mine")
	if err := r.Bind(t.Context(), m, auth.Identity{Issuer: "i", Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	signIn(t, db, m.ID)
	wantKind(t, r.Withdraw(t.Context(), cli, m.ID), fault.Conflict)
	if err := r.Disable(t.Context(), cli, m.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Invite(t.Context(), cli, m.ID); err != nil {
		t.Fatal(err)
	}
	got, err := r.ByID(t.Context(), m.ID)
	if err != nil || got.Enrolled || got.Arrived || got.Disabled || !slices.Equal(got.Roles, m.Roles) {
		t.Errorf("got %+v (%v), want a newcomer with the same roles", got, err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, code(t, db, secret, 0)), fault.Conflict)
	wantKind(t, r.CheckCode(t.Context(), m.ID, codes[0]), fault.Conflict)
	if n := count(t, db, `SELECT (SELECT count(*) FROM staff_passkeys) + (SELECT count(*) FROM staff_identities) + (SELECT count(*) FROM auth_sessions)`); n != 0 {
		t.Errorf("%d things of before still open the desk", n)
	}
}

func TestAnInvitedAdministratorIsNotTheLastOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	boss, _, _ := enrolled(t, db, r, staff.Administrator)
	invited, _ := add(t, r, "next@example.org", staff.Administrator)
	wantKind(t, r.Disable(t.Context(), cli, boss.ID), fault.Conflict)
	wantKind(t, r.SetRoles(t.Context(), cli, boss.ID, []staff.Role{staff.Officer}), fault.Conflict)
	if _, err := db.Exec(t.Context(), `UPDATE staff_members SET disabled_at = now() WHERE id = $1`, boss.ID); err == nil || !strings.Contains(err.Error(), "last administrator") {
		t.Errorf("the database lets the last one who has come in go (%v)", err)
	}
	if err := r.Withdraw(t.Context(), boss.Actor(), invited.ID); err != nil {
		t.Errorf("the invitation of another one: %v", err)
	}
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _, _ := enrolled(t, db, r, staff.Agent)
	other, _, _ := enrolled(t, db, r, staff.Agent)
	here, there, third, theirs := signIn(t, db, m.ID), signIn(t, db, m.ID), signIn(t, db, m.ID), signIn(t, db, other.ID)
	a, err := r.Account(t.Context(), m.ID, "")
	if err != nil || len(a.Logins) != 3 || a.Logins[0].Device != "Firefox/Linux" || !a.Logins[0].Proved {
		t.Errorf("the account is %+v (%v), want three sessions", a, err)
	}
	wantKind(t, r.EndLogin(t.Context(), m, theirs), fault.NotFound)
	if err := r.EndLogin(t.Context(), m, there); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.EndLogin(t.Context(), m, there), fault.NotFound)
	if err := r.EndOtherLogins(t.Context(), m, here); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, `SELECT count(*) FROM auth_sessions WHERE login = $1 OR login = $2`, here, theirs); n != 2 || sessionsOf(t, db, m.ID) != 1 {
		t.Errorf("the wrong ones are left (third was %s)", third)
	}
}

func TestWhatChangesAnAccountEndsItsSessions(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	for name, change := range map[string]func(staff.Member) error{
		"other roles":      func(m staff.Member) error { return r.SetRoles(t.Context(), cli, m.ID, []staff.Role{staff.Reviewer}) },
		"a factor reset":   func(m staff.Member) error { return r.ResetFactor(t.Context(), cli, m.ID) },
		"switched off":     func(m staff.Member) error { return r.Disable(t.Context(), cli, m.ID) },
		"identity unbound": func(m staff.Member) error { return r.Unbind(t.Context(), cli, m.ID) },
	} {
		m, _, _ := enrolled(t, db, r, staff.Agent)
		signIn(t, db, m.ID)
		if err := change(m); err != nil || sessionsOf(t, db, m.ID) != 0 {
			t.Errorf("%s: %d sessions are left (%v)", name, sessionsOf(t, db, m.ID), err)
		}
	}
}

func TestAnotherAppTakesTheFirstOnesPlaceWithItsFirstCode(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, old, codes := enrolled(t, db, r, staff.Officer)
	here := signIn(t, db, m.ID)
	signIn(t, db, m.ID)
	secret, address, err := r.StartApp(t.Context(), m)
	if err != nil || secret == old || !strings.Contains(address, secret) {
		t.Fatalf("%s (%v): want another secret", address, err)
	}
	again, _, err := r.AppSecret(t.Context(), m)
	if err != nil || again != secret {
		t.Errorf("a reloaded page shows another secret (%v)", err)
	}
	wantKind(t, r.ConfirmApp(t.Context(), m.ID, here, "000000"), fault.Invalid)
	if err := r.CheckCode(t.Context(), m.ID, code(t, db, old, 0)); err != nil {
		t.Errorf("the old app before the new one is confirmed: %v", err)
	}
	if err := r.ConfirmApp(t.Context(), m.ID, here, code(t, db, secret, 0)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, code(t, db, old, 1)), fault.Invalid)
	if err := r.CheckCode(t.Context(), m.ID, codes[0]); err != nil {
		t.Errorf("the recovery codes: %v", err)
	}
	if n := sessionsOf(t, db, m.ID); n != 1 {
		t.Errorf("%d sessions, want this one", n)
	}
	wantKind(t, r.ConfirmApp(t.Context(), m.ID, here, code(t, db, secret, 1)), fault.Conflict)
}

func TestNewRecoveryCodesReplaceTheOld(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _, old := enrolled(t, db, r, staff.Officer)
	fresh, err := r.NewRecovery(t.Context(), m)
	if err != nil || len(fresh) != 10 {
		t.Fatalf("%d codes (%v), want 10", len(fresh), err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, old[0]), fault.Invalid)
	if err := r.CheckCode(t.Context(), m.ID, fresh[0]); err != nil {
		t.Error(err)
	}
}

func TestACompanyAccountIsBoundOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	invited, _ := add(t, r, "mara@example.org", staff.Agent)
	in, _, _ := enrolled(t, db, r, staff.Officer)
	as := func(subject, email string, verified bool) auth.Identity {
		return auth.Identity{Issuer: "https://login.example", Subject: subject, Email: email, Verified: verified}
	}
	for name, id := range map[string]auth.Identity{
		"an address that nobody checked": as("1", invited.Email, false),
		"a stranger":                     as("1", "else@example.org", true),
		"no address":                     as("1", "", true),
		"somebody who is in already":     as("1", in.Email, true),
	} {
		if _, err := r.SignInAs(t.Context(), id); fault.KindOf(err) != fault.Unproved {
			t.Errorf("%s comes in: %v", name, err)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM staff_identities`); n != 0 {
		t.Fatalf("%d were bound", n)
	}
	if m, err := r.SignInAs(t.Context(), as("1", "Mara@Example.org", true)); err != nil || m.ID != invited.ID {
		t.Fatalf("the invited member: %+v (%v)", m, err)
	}
	// From now on the address says nothing.
	if m, err := r.SignInAs(t.Context(), as("1", "other@example.org", false)); err != nil || m.ID != invited.ID {
		t.Errorf("the same account with another address: %+v (%v)", m, err)
	}
	if _, err := r.SignInAs(t.Context(), as("2", invited.Email, true)); fault.KindOf(err) != fault.Unproved {
		t.Errorf("another account with the same address comes in: %v", err)
	}
	if _, err := r.SignInAs(t.Context(), auth.Identity{Issuer: "https://other.example", Subject: "1"}); fault.KindOf(err) != fault.Unproved {
		t.Errorf("the same name at another provider comes in: %v", err)
	}
	if err := r.Bind(t.Context(), in, as("1", "", false)); fault.KindOf(err) != fault.Unproved {
		t.Errorf("somebody else's account was bound: %v", err)
	}
	if err := r.Bind(t.Context(), in, as("3", "", false)); err != nil {
		t.Fatal(err)
	}
	if err := r.Bind(t.Context(), in, as("4", "", false)); fault.KindOf(err) != fault.Unproved {
		t.Errorf("a second account was bound: %v", err)
	}
	if m, err := r.SignInAs(t.Context(), as("3", "", false)); err != nil || m.ID != in.ID {
		t.Errorf("the member who bound it: %+v (%v)", m, err)
	}
	if err := r.Disable(t.Context(), cli, in.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignInAs(t.Context(), as("3", "", false)); fault.KindOf(err) != fault.Unproved {
		t.Errorf("a switched-off member comes in: %v", err)
	}
}

func TestOfManyAccountsAtOnceOneIsBound(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	invited, _ := add(t, r, "mara@example.org", staff.Agent)
	ctx := context.WithoutCancel(t.Context())
	good := together(8, func() error {
		_, err := r.SignInAs(ctx, auth.Identity{Issuer: "i", Subject: uuid.NewString(), Email: invited.Email, Verified: true})
		return err
	})
	if good != 1 {
		t.Errorf("%d came in, want 1", good)
	}
}

func TestReadingContentNeedsAReason(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _, _ := enrolled(t, db, r, staff.Reviewer)
	agent, _, _ := enrolled(t, db, r, staff.Agent)
	of := func(email string) staff.Subject {
		s := staff.Subject{ID: uuid.New(), Ref: "CS-" + strings.ToUpper(uuid.NewString()[:4]) + "-0000"}
		exec(t, db, `INSERT INTO requests (id, ref, kind, relation, name, email, country, lang, law, answers, due_at)
			VALUES ($1, $2, 'access', 'visitor', 'Ada', $3, 'GB', 'en', 'UK', '{}', now())`, s.ID, s.Ref, email)
		return s
	}
	theirs, another := of("ada@example.com"), of("bo@example.com")
	here := uuid.New()
	for name, tt := range map[string]struct {
		by           staff.Member
		of           staff.Subject
		code, reason string
		want         fault.Kind
	}{
		"without the permission": {agent, theirs, "review", "to answer", fault.Forbidden},
		"without a code":         {m, theirs, "", "to answer", fault.Invalid},
		"without a sentence":     {m, theirs, "review", "  x ", fault.Invalid},
		"with a novel":           {m, theirs, "review", strings.Repeat("a", 501), fault.Invalid},
		"about oneself":          {m, of(strings.Replace(m.Email, "@", "+x@", 1)), "review", "to answer", fault.Forbidden},
	} {
		if _, err := r.Reason(t.Context(), tt.by, here, tt.of, tt.code, tt.reason); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := r.Reason(t.Context(), m, here, theirs, "review", " to answer "); err != nil {
		t.Fatal(err)
	}
	granted := func(by staff.Member, login uuid.UUID, of staff.Subject) bool {
		t.Helper()
		_, ok, err := r.Granted(t.Context(), by, login, of)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !granted(m, here, theirs) || granted(m, uuid.New(), theirs) || granted(m, here, another) || granted(agent, here, theirs) {
		t.Error("the reason holds for something else than this member, sign-in and case")
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE action = 'content.granted' AND target = $1 AND detail->>'code' = 'review' AND detail->>'reason' = 'to answer'`, theirs.Ref); n != 1 {
		t.Errorf("%d entries, want one with the reason", n)
	}
	exec(t, db, `UPDATE content_grants SET given_at = given_at - interval '31 minutes', until = until - interval '31 minutes'`)
	if granted(m, here, theirs) {
		t.Error("it holds after half an hour")
	}
}

// Whoever takes a process over has its database role, and that lets them do no
// more than this.
func TestTheDatabaseRolesStopAtTheirPart(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Reviewer)
	key(t, r, m.ID, "Mine")
	if err := r.Bind(t.Context(), m, auth.Identity{Issuer: "i", Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	for role, list := range map[string][]string{
		"portal_web": {
			`UPDATE staff_passkeys SET member = member`,
			`UPDATE staff_passkeys SET record = record`,
			`UPDATE staff_passkeys SET sign_count = sign_count - 1`,
			`UPDATE staff_identities SET subject = 'x'`,
			`UPDATE content_grants SET until = now() + interval '1 day'`,
			`INSERT INTO content_grants (request_id, member, login, code, reason, until) VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'review', 'a reason', now())`,
			`DELETE FROM content_grants`,
			`UPDATE staff_members SET email = 'x@example.org'`,
		},
		"portal_worker": {
			`SELECT record FROM staff_passkeys`,
			`SELECT handle FROM staff_members`,
			`SELECT subject FROM staff_identities`,
			`SELECT data FROM auth_once`,
			`SELECT reason FROM content_grants`,
			`INSERT INTO staff_passkeys (id, member, name, record, sign_count) VALUES ('0123456789abcdef', gen_random_uuid(), 'x', 'x', 0)`,
			`DELETE FROM staff_passkeys`,
		},
	} {
		as := pgtest.As(t, db, role)
		for _, sql := range list {
			if _, err := as.Exec(t.Context(), sql); err == nil {
				t.Errorf("%s may do this: %s", role, sql)
			}
		}
	}
}

package staff_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var cli = audit.Actor{Kind: audit.CLIActor, ID: "root", Label: "Command line"}

// rosterOn works with the rights of the web process, which is who uses it.
func rosterOn(t *testing.T, db *pgxpool.Pool) *staff.Roster {
	t.Helper()
	keys, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	web := pgtest.As(t, db, "portal_web")
	jobs, err := river.NewClient(riverpgxv5.New(web), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	base := &url.URL{Scheme: "https", Host: "privacy.example"}
	return staff.NewRoster(web, mail.NewOutbox(jobs, keys, base, "privacy.example"), keys, auth.NewThrottle(web, keys))
}

func add(t *testing.T, r *staff.Roster, email string, roles ...staff.Role) (staff.Member, string) {
	t.Helper()
	m, path, err := r.Add(t.Context(), cli, email, "Mara Lund", roles, lang.German)
	if err != nil {
		t.Fatal(err)
	}
	return m, strings.TrimPrefix(path, "/desk/sign-in/")
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got %v, want a fault of kind %s", err, want)
	}
}

func count(t *testing.T, db *pgxpool.Pool, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func actions(t *testing.T, db *pgxpool.Pool) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT action FROM audit_events ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnInvitedMemberSignsInByTheLink(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, raw := add(t, r, " Mara.Lund@Example.org ", staff.Officer, staff.Agent, staff.Officer)
	want := staff.Member{ID: m.ID, Name: "Mara Lund", Email: "mara.lund@example.org", Roles: []staff.Role{staff.Agent, staff.Officer}, Lang: lang.German}
	for name, get := range map[string]func() (staff.Member, error){
		"as added":   func() (staff.Member, error) { return m, nil },
		"by id":      func() (staff.Member, error) { return r.ByID(t.Context(), m.ID) },
		"by address": func() (staff.Member, error) { return r.ByEmail(t.Context(), "MARA.LUND@example.org") },
	} {
		got, err := get()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if expired, err := r.PeekSignIn(t.Context(), raw); err != nil || expired {
		t.Errorf("the link is expired (%v) before it was used", err)
	}
	got, err := r.RedeemSignIn(t.Context(), raw)
	if err != nil || got.ID != m.ID || got.Enrolled {
		t.Fatalf("got %+v (%v), want the member, not enrolled", got, err)
	}
	_, err = r.RedeemSignIn(t.Context(), raw)
	wantKind(t, err, fault.Expired)
	if expired, err := r.PeekSignIn(t.Context(), raw); err != nil || !expired {
		t.Errorf("the link is not expired (%v) after it was used", err)
	}
	if n := count(t, db, `SELECT count(*) FROM letters WHERE letter = 'staff_invite'`); n != 1 {
		t.Errorf("%d invitations, want 1", n)
	}
	if diff := cmp.Diff([]string{"staff.invited", "staff.link_used"}, actions(t, db)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeAdded(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	add(t, r, "mara@example.org", staff.Agent)
	for _, tt := range []struct {
		name, email, member string
		roles               []staff.Role
		want                fault.Kind
		field               string
	}{
		{"an address twice", "MARA@example.org", "Else", []staff.Role{staff.Agent}, fault.Conflict, "email"},
		{"the same mailbox by another name", "mara+second@example.org", "Else", []staff.Role{staff.Approver}, fault.Conflict, "email"},
		{"no address", "", "Else", []staff.Role{staff.Agent}, fault.Invalid, "email"},
		{"two addresses", "a@example.org,b@example.org", "Else", []staff.Role{staff.Agent}, fault.Invalid, "email"},
		{"an address that looks like another", "mıke@example.org", "Else", []staff.Role{staff.Agent}, fault.Invalid, "email"},
		{"no name", "bo@example.org", " ", []staff.Role{staff.Agent}, fault.Invalid, "name"},
		{"no role", "bo@example.org", "Bo", nil, fault.Invalid, "roles"},
		{"an unknown role", "bo@example.org", "Bo", []staff.Role{"king"}, fault.Invalid, "roles"},
	} {
		_, _, err := r.Add(t.Context(), cli, tt.email, tt.member, tt.roles, lang.English)
		wantKind(t, err, tt.want)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || len(e.Fields) != 1 || !lang.Has(e.Text.Key) && e.Text.Key != "error.form" || !lang.Has(e.Fields[tt.field].Key) {
			t.Errorf("%s: %+v, want a sentence for %s", tt.name, e, tt.field)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM staff_members`); n != 1 {
		t.Errorf("%d members, want 1", n)
	}
}

func TestSignInLinks(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	_, invitation := add(t, r, "mara@example.org", staff.Administrator)
	gone, _ := add(t, r, "gone@example.org", staff.Agent)
	if err := r.Disable(t.Context(), cli, gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"Mara@example.org", "nobody@example.org", "gone@example.org", "not an address"} {
		if err := r.SendSignIn(t.Context(), email); err != nil {
			t.Errorf("the answer for %s differs: %v", email, err)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM letters WHERE letter = 'staff_sign_in'`); n != 1 {
		t.Errorf("%d letters, want 1, to the one who works here", n)
	}
	if n := count(t, db, `SELECT count(*) FROM auth_links WHERE purpose = 'staff_sign_in' AND expires_at BETWEEN now() + interval '9 minutes' AND now() + interval '10 minutes'`); n != 1 {
		t.Errorf("%d sign-in links of ten minutes, want 1", n)
	}
	if expired, err := r.PeekSignIn(t.Context(), invitation); err != nil || expired {
		t.Errorf("the invitation was killed by a sign-in link (%v)", err)
	}
}

func TestSignInLinksAreLimitedForAnybody(t *testing.T) {
	t.Parallel()
	r := rosterOn(t, pgtest.New(t))
	add(t, r, "mara@example.org", staff.Agent)
	for _, email := range []string{"mara@example.org", "nobody@example.org"} {
		var err error
		for range 6 {
			err = r.SendSignIn(t.Context(), email)
		}
		wantKind(t, err, fault.TooMany)
	}
}

func TestALinkOfAnotherPurposeOpensNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _ := add(t, r, "mara@example.org", staff.Agent)
	var raw string
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(t.Context(), tx, "confirm_request", m.ID, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.PeekSignIn(t.Context(), raw)
	wantKind(t, err, fault.NotFound)
	_, err = r.RedeemSignIn(t.Context(), raw)
	wantKind(t, err, fault.Expired)
	if l, err := auth.PeekLink(t.Context(), db, raw); err != nil || l.Used {
		t.Errorf("got %+v (%v): the desk used it up", l, err)
	}
}

func TestDisablingEndsEverything(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	boss, _ := add(t, r, "boss@example.org", staff.Administrator)
	m, raw := add(t, r, "mara@example.org", staff.Agent)
	e, secret, _ := enrolled(t, db, r, staff.Agent)
	exec(t, db, `INSERT INTO auth_sessions (hash, member, data, idle_at, ends_at) SELECT sha256(id::text::bytea), id, '', now() + interval '1 hour', now() + interval '1 hour' FROM staff_members`)
	for _, id := range []uuid.UUID{m.ID, e.ID, m.ID} { // twice does no harm
		if err := r.Disable(t.Context(), boss.Actor(), id); err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.RedeemSignIn(t.Context(), raw)
	wantKind(t, err, fault.Expired)
	wantKind(t, r.CheckCode(t.Context(), e.ID, code(t, db, secret, 0)), fault.NotFound)
	if n := count(t, db, `SELECT count(*) FROM auth_sessions`); n != 1 {
		t.Errorf("%d sessions, want the administrator's own", n)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE action = 'staff.disabled'`); n != 2 {
		t.Errorf("%d entries for two members", n)
	}
	members, err := r.List(t.Context())
	if err != nil || len(members) != 3 {
		t.Fatalf("%d members (%v), want 3", len(members), err)
	}
	if !slices.ContainsFunc(members, func(x staff.Member) bool { return x.ID == m.ID && x.Disabled }) {
		t.Error("the list does not show who is disabled")
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	boss, _ := add(t, r, "boss@example.org", staff.Administrator)
	wantKind(t, r.Disable(t.Context(), cli, boss.ID), fault.Conflict)
	wantKind(t, r.SetRoles(t.Context(), cli, boss.ID, []staff.Role{staff.Auditor}), fault.Conflict)
	if err := r.SetRoles(t.Context(), cli, boss.ID, []staff.Role{staff.Officer, staff.Administrator}); err != nil {
		t.Errorf("another role beside it: %v", err)
	}
	second, _ := add(t, r, "second@example.org", staff.Administrator)
	if err := r.SetRoles(t.Context(), cli, boss.ID, []staff.Role{staff.Officer}); err != nil {
		t.Errorf("with a second administrator: %v", err)
	}
	wantKind(t, r.Disable(t.Context(), cli, second.ID), fault.Conflict)
	wantKind(t, r.SetRoles(t.Context(), cli, boss.ID, nil), fault.Invalid)
	wantKind(t, r.Disable(t.Context(), cli, uuid.New()), fault.NotFound)
	for _, sql := range []string{`UPDATE staff_members SET disabled_at = now()`, `UPDATE staff_members SET roles = '{agent}'`} {
		if _, err := db.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "last administrator") {
			t.Errorf("the database lets %q through (%v)", sql, err)
		}
	}
}

func TestOfAllAdministratorsWhoLeaveAtOnceOneStays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	ids := make(chan uuid.UUID, 8)
	for range cap(ids) {
		m, _ := add(t, r, uuid.NewString()+"@example.org", staff.Administrator)
		ids <- m.ID
	}
	ctx := context.WithoutCancel(t.Context())
	if good := together(8, func() error { return r.Disable(ctx, cli, <-ids) }); good != 7 {
		t.Errorf("%d of 8 left, want 7", good)
	}
}

func TestTheDemoStaffCanBeMadeTwiceAndSignIn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	first, err := r.SeedDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.SeedDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the second time differs (-first +second):\n%s", diff)
	}
	may := map[staff.Permission]int{}
	for _, d := range first {
		if err := r.CheckCode(t.Context(), d.ID, code(t, db, d.Secret, 0)); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		got, err := r.ByEmail(t.Context(), d.Email)
		if diff := cmp.Diff(d.Member, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for _, p := range []staff.Permission{staff.RequestWork, staff.PlanPropose, staff.PlanApprove, staff.StaffManage, staff.AuditRead} {
			if d.Can(p) {
				may[p]++
			}
		}
	}
	for p, want := range map[staff.Permission]int{staff.RequestWork: 2, staff.PlanPropose: 2, staff.PlanApprove: 2, staff.StaffManage: 1, staff.AuditRead: 2} {
		if may[p] != want {
			t.Errorf("%d may %s, want %d", may[p], p, want)
		}
	}
}

func TestTheAuditNeverNamesAnAddress(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _ := add(t, r, "canary@example.org", staff.Administrator)
	if err := errors.Join(r.SendSignIn(t.Context(), "canary@example.org"), r.SendSignIn(t.Context(), "canary.unknown@example.org"),
		r.SetRoles(t.Context(), cli, m.ID, []staff.Role{staff.Administrator, staff.Agent})); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events e WHERE e::text ILIKE '%canary%' OR encode(leaf, 'escape') ILIKE '%canary%'`); n != 0 {
		t.Errorf("%d entries name an address", n)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events`); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
}

package staff_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// enrolled gives a member with a second factor, its secret and recovery codes.
func enrolled(t *testing.T, db *pgxpool.Pool, r *staff.Roster, roles ...staff.Role) (m staff.Member, secret string, recovery []string) {
	t.Helper()
	m, _ = add(t, r, uuid.NewString()+"@example.org", roles...)
	secret, _, err := r.EnrolSecret(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err = r.ConfirmEnrol(t.Context(), m.ID, code(t, db, secret, 0))
	if err != nil {
		t.Fatal(err)
	}
	// As if that was a while ago: the current code is unused again.
	exec(t, db, `UPDATE staff_members SET totp_step = totp_step - 10 WHERE id = $1`, m.ID)
	return m, secret, recovery
}

// code is the code that an app shows, some steps from now.
func code(t *testing.T, db *pgxpool.Pool, secret string, steps int) string {
	t.Helper()
	var now time.Time
	if err := db.QueryRow(t.Context(), `SELECT now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	c, err := totp.GenerateCode(secret, now.Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEnrolment(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, raw := add(t, r, "mara@example.org", staff.Agent)
	wantKind(t, r.CheckCode(t.Context(), m.ID, "000000"), fault.Conflict)
	leaked, _, err := r.EnrolSecret(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.RedeemSignIn(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	secret, address, err := r.EnrolSecret(t.Context(), m.ID)
	if err != nil || secret == leaked || !strings.Contains(address, "secret="+secret) {
		t.Fatalf("the secret after a new sign-in is the old one, or not in its address (%v)", err)
	}
	again, addressAgain, err := r.EnrolSecret(t.Context(), m.ID)
	if err != nil || again != secret || addressAgain != address {
		t.Errorf("a reloaded page shows another secret (%v)", err)
	}
	if n := count(t, db, `SELECT count(*) FROM staff_members WHERE position($1::bytea IN totp_pending) > 0`, []byte(secret)); n != 0 {
		t.Error("the secret lies open in the database")
	}
	_, err = r.ConfirmEnrol(t.Context(), m.ID, "12345")
	wantKind(t, err, fault.Invalid)
	c := code(t, db, secret, 0)
	recovery, err := r.ConfirmEnrol(t.Context(), m.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(recovery)
	if len(slices.Compact(recovery)) != 10 || len(recovery[0]) != 19 {
		t.Errorf("recovery codes %d, want 10 different ones of 19 characters", len(recovery))
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, c), fault.Invalid) // the code that enrolled is used up
	if got, err := r.ByID(t.Context(), m.ID); err != nil || !got.Enrolled {
		t.Errorf("got %+v (%v), want the member enrolled", got, err)
	}
	_, _, err = r.EnrolSecret(t.Context(), m.ID)
	wantKind(t, err, fault.Conflict)
	_, err = r.ConfirmEnrol(t.Context(), m.ID, code(t, db, secret, 1))
	wantKind(t, err, fault.Conflict)
	if got := actions(t, db); got[len(got)-1] != "staff.code_refused" || !slices.Contains(got, "staff.enrolled") {
		t.Errorf("audit %v: want the enrolment and the refused codes", got)
	}
}

func TestACodeCountsOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, secret, _ := enrolled(t, db, r, staff.Agent)
	c := code(t, db, secret, 0)
	if err := r.CheckCode(t.Context(), m.ID, c[:3]+" "+c[3:]); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, c), fault.Invalid)
	wantKind(t, r.CheckCode(t.Context(), m.ID, code(t, db, secret, -1)), fault.Invalid)
	if err := r.CheckCode(t.Context(), m.ID, code(t, db, secret, 1)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

// together calls f n times at the same moment and counts how often it went well.
func together(n int, f func() error) (good int) {
	begin, results := make(chan struct{}), make(chan error, n)
	for range n {
		go func() { <-begin; results <- f() }()
	}
	close(begin)
	for range n {
		if err := <-results; err == nil {
			good++
		}
	}
	return good
}

func TestTheSameCodeAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, secret, recovery := enrolled(t, db, r, staff.Agent)
	ctx := context.WithoutCancel(t.Context())
	for _, c := range []string{code(t, db, secret, 0), recovery[3]} {
		exec(t, db, `DELETE FROM auth_buckets`)
		// The limit lets five through; each of them is a try at the same code.
		if good := together(20, func() error { return r.CheckCode(ctx, m.ID, c) }); good != 1 {
			t.Errorf("%d of 20 counted, want 1", good)
		}
	}
}

func TestARecoveryCodeCountsOnceHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _, recovery := enrolled(t, db, r, staff.Agent)
	other, _, theirs := enrolled(t, db, r, staff.Agent)
	if err := r.CheckCode(t.Context(), m.ID, " "+strings.ToUpper(strings.ReplaceAll(recovery[0], "-", " "))); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, recovery[0]), fault.Invalid)
	wantKind(t, r.CheckCode(t.Context(), m.ID, theirs[0]), fault.Invalid)
	if err := r.CheckCode(t.Context(), other.ID, theirs[0]); err != nil {
		t.Errorf("somebody else's try used a code up: %v", err)
	}
	if !slices.Contains(actions(t, db), "staff.recovery_used") {
		t.Error("the audit does not say that a recovery code was used")
	}
}

func TestCodesCannotBeGuessed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, secret, _ := enrolled(t, db, r, staff.Agent)
	for range 5 {
		wantKind(t, r.CheckCode(t.Context(), m.ID, "no code"), fault.Invalid)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, code(t, db, secret, 0)), fault.TooMany)
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE action = 'staff.code_refused'`); n != 5 {
		t.Errorf("%d refusals in the audit, want 5", n)
	}
}

func TestRightCodesAreNotLimited(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, secret, _ := enrolled(t, db, r, staff.Agent)
	for range 8 {
		if err := r.CheckCode(t.Context(), m.ID, code(t, db, secret, 0)); err != nil {
			t.Fatal(err)
		}
		exec(t, db, `UPDATE staff_members SET totp_step = totp_step - 10`) // later
	}
}

func TestALostFactorIsSetUpAnew(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, secret, recovery := enrolled(t, db, r, staff.Agent)
	if err := r.ResetFactor(t.Context(), cli, m.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{code(t, db, secret, 0), recovery[0]} {
		wantKind(t, r.CheckCode(t.Context(), m.ID, c), fault.Conflict)
	}
	fresh, _, err := r.EnrolSecret(t.Context(), m.ID)
	if err != nil || fresh == secret {
		t.Fatalf("the old secret comes back (%v)", err)
	}
	if _, err := r.ConfirmEnrol(t.Context(), m.ID, code(t, db, fresh, 0)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, recovery[0]), fault.Invalid)
}

package staff_test

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/auth/authtest"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

const site = "https://privacy.example"

// withPasskeys is a roster at a site to which browsers bind passkeys.
func withPasskeys(t *testing.T) (*pgxpool.Pool, *staff.Roster) {
	t.Helper()
	db := pgtest.New(t)
	r := rosterOn(t, db)
	base, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	if r.Passkeys, err = auth.NewPasskeys("CrowsStack", base); err != nil {
		t.Fatal(err)
	}
	return db, r
}

// key gives a member who is in one more passkey.
func key(t *testing.T, r *staff.Roster, id uuid.UUID, name string) *authtest.Device {
	t.Helper()
	d, login := authtest.New(t, site), uuid.New()
	q, err := r.NewPasskey(t.Context(), id, login)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.AddPasskey(t.Context(), id, login, name, d.Make(t, q)); err != nil {
		t.Fatal(err)
	}
	return d
}

// use shows a passkey in a sign-in.
func use(t *testing.T, r *staff.Roster, id, login uuid.UUID, d *authtest.Device) error {
	t.Helper()
	q, err := r.AskPasskey(t.Context(), id, login)
	if err != nil {
		t.Fatal(err)
	}
	return r.CheckPasskey(t.Context(), id, login, d.Use(t, q))
}

func TestAPasskeyIsASecondFactorFromTheFirstDay(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _ := add(t, r, "mara@example.org", staff.Agent)
	d, login := authtest.New(t, site), uuid.New()
	q, err := r.NewPasskey(t.Context(), m.ID, login)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(q, []byte(m.ID.String())) {
		t.Error("the handle of the passkey is the member's id")
	}
	answer := d.Make(t, q)
	_, err = r.EnrolPasskey(t.Context(), m.ID, login, " ", answer)
	wantKind(t, err, fault.Invalid) // a name is missing; the question still stands
	codes, err := r.EnrolPasskey(t.Context(), m.ID, login, " Work  laptop ", answer)
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d recovery codes (%v), want 10", len(codes), err)
	}
	if len(d.Handle) != 64 || bytes.Contains(d.Handle, []byte("mara")) {
		t.Errorf("a handle of %d bytes, want 64 random ones", len(d.Handle))
	}
	if got, err := r.ByID(t.Context(), m.ID); err != nil || !got.Enrolled || !got.Arrived {
		t.Errorf("got %+v (%v), want the member enrolled", got, err)
	}
	for range 2 {
		if err := use(t, r, m.ID, uuid.New(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.CheckCode(t.Context(), m.ID, codes[0]); err != nil {
		t.Errorf("a recovery code without an app: %v", err)
	}
	wantKind(t, r.CheckCode(t.Context(), m.ID, "123456"), fault.Invalid)
	a, err := r.Account(t.Context(), m.ID, "")
	if err != nil || a.App != nil || len(a.Passkeys) != 1 || a.Passkeys[0].Name != "Work laptop" || a.Passkeys[0].Used == nil || a.Codes != 9 {
		t.Errorf("the account is %+v (%v)", a, err)
	}
	// Nobody comes in by enrolling once more.
	_, _, err = r.EnrolSecret(t.Context(), m.ID)
	wantKind(t, err, fault.Conflict)
	other := authtest.New(t, site)
	q, err = r.NewPasskey(t.Context(), m.ID, login)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.EnrolPasskey(t.Context(), m.ID, login, "Another", other.Make(t, q))
	wantKind(t, err, fault.Conflict)
	if n := count(t, db, `SELECT count(*) FROM staff_passkeys WHERE position('publicKey'::bytea IN record) > 0`); n != 0 {
		t.Error("the record lies open in the database")
	}
}

func TestWhatIsNoAnswerToAPasskeysQuestion(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Officer)
	other, _, _ := enrolled(t, db, r, staff.Agent)
	d, theirs := key(t, r, m.ID, "Mine"), key(t, r, other.ID, "Theirs")
	login := uuid.New()
	ask := func(id, in uuid.UUID) []byte {
		t.Helper()
		q, err := r.AskPasskey(t.Context(), id, in)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	check := func(answer []byte) error { return r.CheckPasskey(t.Context(), m.ID, login, answer) }
	foreign := *d
	foreign.Origin = "https://privacy.example.evil"
	planted := *theirs
	for name, tt := range map[string]struct {
		answer func() []byte
		want   fault.Kind
	}{
		"an answer from a false page":     {func() []byte { return foreign.Use(t, ask(m.ID, login)) }, fault.Invalid},
		"somebody else's passkey":         {func() []byte { return planted.Use(t, ask(m.ID, login)) }, fault.Invalid},
		"a passkey nobody registered":     {func() []byte { return authtest.New(t, site).Use(t, ask(m.ID, login)) }, fault.Invalid},
		"the question of another sign-in": {func() []byte { return d.Use(t, ask(m.ID, uuid.New())) }, fault.Expired},
		"the question of another member":  {func() []byte { return d.Use(t, ask(other.ID, login)) }, fault.Invalid},
		"an older question": {func() []byte {
			old := ask(m.ID, login)
			ask(m.ID, login)
			return d.Use(t, old)
		}, fault.Expired},
		"a question that is too old": {func() []byte {
			q := ask(m.ID, login)
			exec(t, db, `UPDATE auth_once SET expires_at = now() WHERE login = $1`, login)
			return d.Use(t, q)
		}, fault.Expired},
		"no answer at all": {func() []byte { ask(m.ID, login); return []byte(`{"response":{}}`) }, fault.Expired},
		"the answer for a new one": {func() []byte {
			q, err := r.NewPasskey(t.Context(), m.ID, login)
			if err != nil {
				t.Fatal(err)
			}
			return authtest.New(t, site).Make(t, q)
		}, fault.Expired},
	} {
		if err := check(tt.answer()); fault.KindOf(err) != tt.want || err == nil {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	q := ask(m.ID, login)
	answer := d.Use(t, q)
	if err := check(answer); err != nil {
		t.Errorf("the right answer after all that: %v", err)
	}
	wantKind(t, check(answer), fault.Expired) // the same once more
}

func TestTheSameAnswerAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Officer)
	d, login := key(t, r, m.ID, "Mine"), uuid.New()
	q, err := r.AskPasskey(t.Context(), m.ID, login)
	if err != nil {
		t.Fatal(err)
	}
	answer, ctx := d.Use(t, q), context.WithoutCancel(t.Context())
	if good := together(10, func() error { return r.CheckPasskey(ctx, m.ID, login, answer) }); good != 1 {
		t.Errorf("it counted %d times", good)
	}
}

func TestACopiedPasskeyIsBlocked(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, secret, _ := enrolled(t, db, r, staff.Officer)
	d := key(t, r, m.ID, "Mine")
	copied := *d
	for range 3 {
		if err := use(t, r, m.ID, uuid.New(), d); err != nil {
			t.Fatal(err)
		}
	}
	login := uuid.New()
	wantKind(t, use(t, r, m.ID, login, &copied), fault.Invalid)
	_, err := r.AskPasskey(t.Context(), m.ID, login)
	wantKind(t, err, fault.Conflict) // it is not even asked for
	a, err := r.Account(t.Context(), m.ID, "")
	if err != nil || !a.Passkeys[0].Blocked || a.Usable() != 0 {
		t.Errorf("the account is %+v (%v), want the passkey blocked", a, err)
	}
	if got := actions(t, db); !slices.Contains(got, "staff.passkey_blocked") {
		t.Errorf("audit %v: want the blocked passkey", got)
	}
	if got, err := r.ByID(t.Context(), m.ID); err != nil || !got.Enrolled {
		t.Error("a blocked passkey makes its holder a newcomer")
	}
	if err := r.CheckCode(t.Context(), m.ID, code(t, db, secret, 0)); err != nil {
		t.Errorf("the app: %v", err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE staff_passkeys SET blocked_at = NULL`); err == nil {
		t.Error("the database lets it work again")
	}
	if err := r.RemovePasskey(t.Context(), m.ID, d.ID()); err != nil {
		t.Error(err)
	}
}

func TestAPasskeyThatDoesNotCountWorksEachTime(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Officer)
	d := key(t, r, m.ID, "Synced")
	d.Silent = true
	for range 3 {
		if err := use(t, r, m.ID, uuid.New(), d); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLastFactorStays(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Officer)
	wantKind(t, r.RemoveApp(t.Context(), m.ID), fault.Conflict)
	one, two := key(t, r, m.ID, "One"), key(t, r, m.ID, "Two")
	if err := r.RemoveApp(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.RemoveApp(t.Context(), m.ID), fault.NotFound)
	wantKind(t, r.RemovePasskey(t.Context(), m.ID, []byte("unknown")), fault.NotFound)
	other, _, _ := enrolled(t, db, r, staff.Agent)
	wantKind(t, r.RemovePasskey(t.Context(), other.ID, one.ID()), fault.NotFound)
	ids := make(chan []byte, 2)
	ids <- one.ID()
	ids <- two.ID()
	ctx := context.WithoutCancel(t.Context())
	if good := together(2, func() error { return r.RemovePasskey(ctx, m.ID, <-ids) }); good != 1 {
		t.Errorf("%d of two passkeys were removed at once, want 1", good)
	}
	if n := count(t, db, `SELECT count(*) FROM staff_passkeys WHERE member = $1`, m.ID); n != 1 {
		t.Errorf("%d passkeys are left, want the last one", n)
	}
}

func TestPasskeysHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	db, r := withPasskeys(t)
	m, _, _ := enrolled(t, db, r, staff.Officer)
	key(t, r, m.ID, "Laptop")
	login := uuid.New()
	q, err := r.NewPasskey(t.Context(), m.ID, login)
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, r.AddPasskey(t.Context(), m.ID, login, "LAPTOP", authtest.New(t, site).Make(t, q)), fault.Invalid)
	if n := count(t, db, `SELECT count(*) FROM staff_passkeys`); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}
}

func TestWhereBrowsersAllowNoPasskeys(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"https://privacy.example": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true, "https://192.0.2.7": false} {
		base, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		p, err := auth.NewPasskeys("CrowsStack", base)
		if err != nil || (p != nil) != want {
			t.Errorf("%s: %v (%v), want passkeys %v", address, p, err, want)
		}
		if p.At("127.0.0.1:8080") || p.At("example") || p.At("privacy.example") != (base.Host == "privacy.example") || p.At("localhost:8080") != (base.Scheme == "http") {
			t.Errorf("%s: offered at the wrong host", address)
		}
	}
	db := pgtest.New(t)
	r := rosterOn(t, db)
	m, _, _ := enrolled(t, db, r, staff.Agent)
	_, err := r.NewPasskey(t.Context(), m.ID, uuid.New())
	wantKind(t, err, fault.NotFound)
	if app, passkey, err := r.Factors(t.Context(), m.ID); err != nil || !app || passkey {
		t.Errorf("app %v, passkey %v (%v)", app, passkey, err)
	}
}

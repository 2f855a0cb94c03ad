package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func keyring(t *testing.T) *seal.Keyring {
	t.Helper()
	k, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != want || err == nil {
		t.Errorf("got %v, want a fault of kind %s", err, want)
	}
}

// together runs f n times at the same moment and counts how often it went well.
func together(n int, f func() error) (good int, errs []error) {
	begin, results := make(chan struct{}), make(chan error, n)
	for range n {
		go func() { <-begin; results <- f() }()
	}
	close(begin)
	for range n {
		if err := <-results; err != nil {
			errs = append(errs, err)
		} else {
			good++
		}
	}
	return good, errs
}

const confirm, other auth.Purpose = "confirm", "other"

func mint(t *testing.T, db *pgxpool.Pool, p auth.Purpose, bound uuid.UUID, ttl time.Duration) (raw string) {
	t.Helper()
	err := pg.InTx(t.Context(), db, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(t.Context(), tx, p, bound, ttl)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func redeem(ctx context.Context, db *pgxpool.Pool, p auth.Purpose, raw string) (bound uuid.UUID, err error) {
	err = pg.InTx(ctx, db, func(tx pgx.Tx) error {
		bound, err = auth.RedeemLink(ctx, tx, p, raw)
		return err
	})
	return bound, err
}

func TestALinkWorksOnce(t *testing.T) {
	t.Parallel()
	db, bound := pgtest.As(t, pgtest.New(t), "portal_web"), uuid.New()
	raw := mint(t, db, confirm, bound, time.Hour)
	if len(raw) != 43 {
		t.Errorf("a secret of %d characters, want 43", len(raw))
	}
	for range 3 { // a mail scanner opens it
		l, err := auth.PeekLink(t.Context(), db, raw)
		if want := (auth.Link{Purpose: confirm, Bound: bound}); err != nil || l != want {
			t.Fatalf("got %+v (%v), want %+v", l, err, want)
		}
	}
	if _, err := redeem(t.Context(), db, other, raw); fault.KindOf(err) != fault.Expired {
		t.Errorf("a link of another purpose: %v, want expired", err)
	}
	got, err := redeem(t.Context(), db, confirm, raw)
	if err != nil || got != bound {
		t.Fatalf("got %s (%v), want %s", got, err, bound)
	}
	_, err = redeem(t.Context(), db, confirm, raw)
	wantKind(t, err, fault.Expired)
	if l, err := auth.PeekLink(t.Context(), db, raw); err != nil || !l.Used {
		t.Errorf("got %+v (%v), want it used", l, err)
	}
}

func TestARedeemingThatIsRolledBackLeavesTheLink(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	raw, stop := mint(t, db, confirm, uuid.New(), time.Hour), errors.New("stop")
	err := pg.InTx(t.Context(), db, func(tx pgx.Tx) error {
		if _, err := auth.RedeemLink(t.Context(), tx, confirm, raw); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if _, err := redeem(t.Context(), db, confirm, raw); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
}

func TestOfFiftyAtOnceOneUsesTheLink(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	raw := mint(t, db, confirm, uuid.New(), time.Hour)
	good, errs := together(50, func() error { _, err := redeem(context.Background(), db, confirm, raw); return err })
	if good != 1 {
		t.Errorf("%d used the link, want 1", good)
	}
	for _, err := range errs {
		wantKind(t, err, fault.Expired)
	}
}

func TestAFreshLinkKillsTheOldOne(t *testing.T) {
	t.Parallel()
	db, bound := pgtest.New(t), uuid.New()
	old, foreign, elsewhere := mint(t, db, confirm, bound, time.Hour), mint(t, db, other, bound, time.Hour), mint(t, db, confirm, uuid.New(), time.Hour)
	fresh := mint(t, db, confirm, bound, time.Hour)
	_, err := redeem(t.Context(), db, confirm, old)
	wantKind(t, err, fault.Expired)
	if l, err := auth.PeekLink(t.Context(), db, old); err != nil || !l.Expired || l.Used {
		t.Errorf("got %+v (%v), want it expired and not used", l, err)
	}
	for _, l := range []struct {
		p   auth.Purpose
		raw string
	}{{confirm, fresh}, {other, foreign}, {confirm, elsewhere}} {
		if _, err := redeem(t.Context(), db, l.p, l.raw); err != nil {
			t.Errorf("a link that nothing replaced: %v", err)
		}
	}
}

func TestOfManyFreshLinksAtOnceOneLives(t *testing.T) {
	t.Parallel()
	db, bound := pgtest.New(t), uuid.New()
	ctx := t.Context()
	raws := make(chan string, 20)
	good, errs := together(20, func() error {
		return pg.InTx(ctx, db, func(tx pgx.Tx) error {
			raw, err := auth.MintLink(ctx, tx, confirm, bound, time.Hour)
			raws <- raw
			return err
		})
	})
	if good != 20 {
		t.Fatalf("minting failed: %v", errors.Join(errs...))
	}
	alive := 0
	for range 20 {
		if _, err := redeem(ctx, db, confirm, <-raws); err == nil {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d links live, want 1", alive)
	}
}

func TestALinkEndsByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	raw := mint(t, db, confirm, uuid.New(), time.Hour)
	exec(t, db, `UPDATE auth_links SET expires_at = now()`)
	if l, err := auth.PeekLink(t.Context(), db, raw); err != nil || !l.Expired {
		t.Errorf("got %+v (%v), want it expired", l, err)
	}
	_, err := redeem(t.Context(), db, confirm, raw)
	wantKind(t, err, fault.Expired)
}

func TestAnUnknownLinkIsNotFoundByItsPageAndExpiredByItsButton(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, raw := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("é", 4000)} {
		_, err := auth.PeekLink(t.Context(), db, raw)
		wantKind(t, err, fault.NotFound)
		_, err = redeem(t.Context(), db, confirm, raw)
		wantKind(t, err, fault.Expired)
	}
}

func exec(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestTheDatabaseNeverHoldsASecret(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	raw := mint(t, db, confirm, uuid.New(), time.Hour)
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	cookie := save(t, store, nil, map[string]any{"draft": "my telephone number"})
	if err := auth.NewThrottle(db, keyring(t)).Allow(t.Context(), "link", "ana@example.org", auth.Limit{Burst: 1, Per: time.Hour}); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), `SELECT encode(hash, 'escape') || purpose FROM auth_links
		UNION ALL SELECT encode(hash, 'escape') || encode(data, 'escape') FROM auth_sessions UNION ALL SELECT encode(key, 'escape') FROM auth_buckets`)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(texts) != 3 {
		t.Fatalf("%d rows (%v), want 3", len(texts), err)
	}
	for _, secret := range []string{raw, cookie.Value, "telephone", "ana@example.org"} {
		if strings.Contains(strings.Join(texts, "\n"), secret) {
			t.Errorf("the database holds %q", secret)
		}
	}
}

// save stores values in the session that the cookie names, or in a new one.
func save(t *testing.T, store *auth.Sessions, cookie *http.Cookie, values map[string]any) *http.Cookie {
	t.Helper()
	r := visit(t, cookie)
	ses, err := store.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range values {
		ses.Values[k] = v
	}
	w := httptest.NewRecorder()
	if err := ses.Save(r, w); err != nil {
		t.Fatal(err)
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want 1", len(cookies))
	}
	return cookies[0]
}

func visit(t *testing.T, cookie *http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	return r
}

func value(t *testing.T, store *auth.Sessions, cookie *http.Cookie, key string) any {
	t.Helper()
	ses, err := store.Of(visit(t, cookie))
	if err != nil {
		t.Fatal(err)
	}
	return ses.Values[key]
}

func TestASessionComesBackByItsCookie(t *testing.T) {
	t.Parallel()
	store := auth.NewSessions(pgtest.As(t, pgtest.New(t), "portal_web"), keyring(t), auth.SessionOptions{Name: "s", Secure: true})
	first := save(t, store, nil, map[string]any{"name": "Ana"})
	if first.Name != "__Host-s" || !first.Secure || !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || first.MaxAge != 0 || first.Domain != "" {
		t.Errorf("cookie %+v: want __Host-, Secure, HttpOnly, Lax, path / and no age", first)
	}
	second := save(t, store, first, map[string]any{"step": "you"})
	if second.Value != first.Value {
		t.Error("saving again changed the secret")
	}
	if got := value(t, store, second, "name"); got != "Ana" {
		t.Errorf("got %v, want Ana", got)
	}
	if got := value(t, store, nil, "name"); got != nil {
		t.Errorf("a visitor without a cookie reads %v", got)
	}
	forged := *first
	forged.Value = strings.Repeat("A", 43)
	if got := value(t, store, &forged, "name"); got != nil {
		t.Errorf("a forged cookie reads %v", got)
	}
}

func TestASessionEndsByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"idle_at", "ends_at"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
			cookie := save(t, store, nil, map[string]any{"name": "Ana"})
			exec(t, db, `UPDATE auth_sessions SET `+column+` = now()`)
			if got := value(t, store, cookie, "name"); got != nil {
				t.Errorf("a session that is over reads %v", got)
			}
			if n, err := store.Purge(t.Context()); err != nil || n != 1 {
				t.Errorf("purged %d (%v), want 1", n, err)
			}
		})
	}
}

func TestAVisitIsWrittenDownEveryFewMinutesOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{Idle: 30 * time.Minute})
	cookie := save(t, store, nil, nil)
	left := func() (d time.Duration) {
		t.Helper()
		if err := db.QueryRow(t.Context(), `SELECT idle_at - now() FROM auth_sessions`).Scan(&d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	exec(t, db, `UPDATE auth_sessions SET seen_at = now() - interval '4 minutes', idle_at = now() + interval '10 minutes'`)
	value(t, store, cookie, "")
	if d := left(); d > 10*time.Minute {
		t.Errorf("a visit after 4 minutes was written down: %s left", d)
	}
	exec(t, db, `UPDATE auth_sessions SET seen_at = now() - interval '6 minutes'`)
	value(t, store, cookie, "")
	if d := left(); d < 29*time.Minute {
		t.Errorf("a visit after 6 minutes was not written down: %s left", d)
	}
}

func TestRotationChangesTheSecretAndKeepsTheValues(t *testing.T) {
	t.Parallel()
	store := auth.NewSessions(pgtest.New(t), keyring(t), auth.SessionOptions{})
	before := save(t, store, nil, map[string]any{"name": "Ana"})
	r, w := visit(t, before), httptest.NewRecorder()
	ses, err := store.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Rotate(t.Context(), ses); err != nil {
		t.Fatal(err)
	}
	if err := ses.Save(r, w); err != nil {
		t.Fatal(err)
	}
	after := w.Result().Cookies()[0]
	if after.Value == before.Value || value(t, store, after, "name") != "Ana" {
		t.Error("want another secret and the same values")
	}
	if got := value(t, store, before, "name"); got != nil {
		t.Errorf("the old secret still reads %v", got)
	}
}

func TestAnEndedSessionDoesNotComeBackByASave(t *testing.T) {
	t.Parallel()
	db, member := pgtest.New(t), uuid.New()
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	cookie := save(t, store, nil, map[string]any{auth.MemberKey: member.String()})
	bystander := save(t, store, nil, map[string]any{auth.MemberKey: uuid.NewString(), "name": "Bo"})
	r := visit(t, cookie)
	ses, err := store.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.InTx(t.Context(), db, func(tx pgx.Tx) error { return auth.EndSessions(t.Context(), tx, member) }); err != nil {
		t.Fatal(err)
	}
	wantKind(t, ses.Save(r, httptest.NewRecorder()), fault.Expired)
	if got := value(t, store, cookie, auth.MemberKey); got != nil {
		t.Errorf("the ended session reads %v", got)
	}
	if got := value(t, store, bystander, "name"); got != "Bo" {
		t.Errorf("somebody else's session reads %v, want Bo", got)
	}
}

func TestDestroyTakesTheCookieBack(t *testing.T) {
	t.Parallel()
	store := auth.NewSessions(pgtest.New(t), keyring(t), auth.SessionOptions{})
	cookie := save(t, store, nil, map[string]any{"name": "Ana"})
	r, w := visit(t, cookie), httptest.NewRecorder()
	ses, err := store.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Destroy(r, w, ses); err != nil {
		t.Fatal(err)
	}
	if c := w.Result().Cookies()[0]; c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("cookie %+v, want it taken back", c)
	}
	if got := value(t, store, cookie, "name"); got != nil {
		t.Errorf("the old cookie reads %v", got)
	}
}

func TestASessionWhoseKeyIsGoneIsOver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	cookie := save(t, auth.NewSessions(db, keyring(t), auth.SessionOptions{}), nil, map[string]any{"name": "Ana"})
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	if got := value(t, store, cookie, "name"); got != nil {
		t.Errorf("reads %v under a key that did not seal it", got)
	}
	if fresh := save(t, store, cookie, map[string]any{"name": "Bo"}); fresh.Value == cookie.Value || value(t, store, fresh, "name") != "Bo" {
		t.Error("its holder does not get a new session")
	}
}

func TestADatabaseThatIsDownIsAnErrorAndNotASignOut(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	cookie := save(t, store, nil, nil)
	db.Close()
	if _, err := store.Of(visit(t, cookie)); err == nil {
		t.Error("no error")
	}
	if err := auth.NewThrottle(db, keyring(t)).Allow(context.Background(), "link", "k", auth.Limit{Burst: 1, Per: time.Hour}); err == nil {
		t.Error("the limit allowed what it could not count")
	}
}

func TestAThrottleAllowsABurstAndThenOneAtATime(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	limit := auth.Limit{Burst: 4, Per: time.Hour}
	throttle := auth.NewThrottle(pgtest.As(t, db, "portal_web"), keyring(t))
	allow := func(what, key string) error { return throttle.Allow(t.Context(), what, key, limit) }
	for range 4 {
		if err := allow("link", "ana@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	err := allow("link", "ana@example.org")
	wantKind(t, err, fault.TooMany)
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Text.Key != "error.too_many" || len(e.Text.Args) != 2 || e.Text.Args[1] != 15 {
		t.Errorf("got %+v, want 15 minutes to wait", e)
	}
	if err := errors.Join(allow("link", "bo@example.org"), allow("code", "ana@example.org")); err != nil {
		t.Errorf("another key or another thing is limited as well: %v", err)
	}
	daily := auth.Limit{Burst: 3, Per: 24 * time.Hour}
	for range 3 {
		if err := throttle.Allow(t.Context(), "resend", "ana@example.org", daily); err != nil {
			t.Fatal(err)
		}
	}
	err = throttle.Allow(t.Context(), "resend", "ana@example.org", daily)
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Text.Key != "error.too_many_hours" || e.Text.Args[1] != 8 {
		t.Errorf("got %+v, want 8 hours to wait", e)
	}
	exec(t, db, `UPDATE auth_buckets SET full_at = full_at - interval '15 minutes'`)
	if err := allow("link", "ana@example.org"); err != nil {
		t.Errorf("not allowed after the wait: %v", err)
	}
	wantKind(t, allow("link", "ana@example.org"), fault.TooMany)
	if err := throttle.Forget(t.Context(), "link", "ana@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := allow("link", "ana@example.org"); err != nil {
		t.Errorf("not allowed after it was forgotten: %v", err)
	}
}

func TestAThrottleHoldsUnderARush(t *testing.T) {
	t.Parallel()
	throttle := auth.NewThrottle(pgtest.New(t), keyring(t))
	good, _ := together(40, func() error {
		return throttle.Allow(context.Background(), "code", "k", auth.Limit{Burst: 7, Per: time.Hour})
	})
	if good != 7 {
		t.Errorf("%d allowed, want 7", good)
	}
}

func TestTheWorkerMayPurgeAndNotRead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	worker := pgtest.As(t, db, "portal_worker")
	store := auth.NewSessions(worker, keyring(t), auth.SessionOptions{})
	cookie := save(t, auth.NewSessions(db, keyring(t), auth.SessionOptions{}), nil, nil)
	exec(t, db, `UPDATE auth_sessions SET ends_at = now()`)
	if n, err := store.Purge(t.Context()); err != nil || n != 1 {
		t.Errorf("purged %d (%v), want 1", n, err)
	}
	_, err := store.Of(visit(t, cookie))
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "42501" {
		t.Errorf("the worker read a session: %v", err)
	}
}

func TestAMembersSignInKeepsItsNameAndItsEnd(t *testing.T) {
	t.Parallel()
	db, member := pgtest.New(t), uuid.New()
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	r, w := visit(t, save(t, store, nil, map[string]any{"name": "Ana"})), httptest.NewRecorder()
	ses, err := store.Of(r)
	if err != nil {
		t.Fatal(err)
	}
	auth.Begin(ses, member, "Firefox/Linux")
	login := auth.Login(ses)
	rotate := func() {
		t.Helper()
		if err := errors.Join(store.Rotate(t.Context(), ses), store.Save(r, w, ses)); err != nil {
			t.Fatal(err)
		}
	}
	rotate()
	exec(t, db, `UPDATE auth_sessions SET began_at = now() - interval '11 hours', ends_at = now() + interval '1 hour'`)
	ses.Values[auth.FactorKey] = "now"
	rotate()
	open, err := auth.LoginsOf(t.Context(), db, member)
	if err != nil || len(open) != 1 || open[0].Login != login || open[0].Device != "Firefox/Linux" || !open[0].Proved || time.Since(open[0].Began) < 10*time.Hour {
		t.Errorf("got %+v (%v), want the same sign-in", open, err)
	}
	var left time.Duration
	if err := db.QueryRow(t.Context(), `SELECT ends_at - now() FROM auth_sessions`).Scan(&left); err != nil || left > time.Hour {
		t.Errorf("it lives for %s more (%v): a second factor made the sign-in longer", left, err)
	}
	// Another first factor is another sign-in, with a life of its own.
	auth.Begin(ses, member, "Firefox/Linux")
	rotate()
	if err := db.QueryRow(t.Context(), `SELECT ends_at - now() FROM auth_sessions`).Scan(&left); err != nil || left < 11*time.Hour || auth.Login(ses) == login {
		t.Errorf("it lives for %s (%v), want twelve hours under another name", left, err)
	}
	if _, ok := ses.Values[auth.FactorKey]; ok {
		t.Error("the second factor outlived the first")
	}
}

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.As(t, pgtest.New(t), "portal_web")
	once, here, there := auth.NewOnce(db, keyring(t)), uuid.New(), uuid.New()
	keep := func(login uuid.UUID, purpose, word, v string, ttl time.Duration) {
		t.Helper()
		if err := once.Keep(t.Context(), login, purpose, word, v, ttl); err != nil {
			t.Fatal(err)
		}
	}
	take := func(login uuid.UUID, purpose, word string) (v string, err error) {
		return v, once.Take(context.WithoutCancel(t.Context()), login, purpose, word, &v)
	}
	keep(here, "a", "word", "mine", time.Hour)
	keep(there, "a", "word", "theirs", time.Hour)
	keep(here, "b", "word", "another", time.Hour)
	for _, wrong := range []struct {
		login         uuid.UUID
		purpose, word string
	}{{here, "a", "guess"}, {here, "c", "word"}, {uuid.New(), "a", "word"}} {
		_, err := take(wrong.login, wrong.purpose, wrong.word)
		wantKind(t, err, fault.Expired)
	}
	if good, _ := together(20, func() error { _, err := take(here, "a", "word"); return err }); good != 1 {
		t.Errorf("it was answered %d times", good)
	}
	if v, err := take(here, "b", "word"); err != nil || v != "another" {
		t.Errorf("got %q (%v)", v, err)
	}
	keep(there, "a", "newer", "newer", time.Hour)
	_, err := take(there, "a", "word")
	wantKind(t, err, fault.Expired)
	keep(there, "a", "late", "late", -time.Second)
	_, err = take(there, "a", "late")
	wantKind(t, err, fault.Expired)
	store := auth.NewSessions(db, keyring(t), auth.SessionOptions{})
	if n, err := store.Purge(t.Context()); err != nil || n != 1 {
		t.Errorf("purged %d (%v), want what nobody answered", n, err)
	}
}

package auth

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// MemberKey is the session value that holds the id of the member of staff who
// is signed in, as a string; EndSessions finds theirs by it.
const MemberKey = "member"

// SessionOptions says how sessions live.
type SessionOptions struct {
	Name     string        // of the cookie; "session" if empty
	Secure   bool          // cookies over https only, with the __Host- prefix
	Idle     time.Duration // over after this time without a visit; 30 minutes if 0
	Absolute time.Duration // over in any case; 12 hours if 0
}

// Sessions is a gorilla store on PostgreSQL. The cookie holds 32 random bytes,
// the row is found by their hash, and the values (JSON, with string keys) are
// sealed. Give it a pool of its own where handlers hold transactions.
type Sessions struct {
	pool *pgxpool.Pool
	keys *seal.Keyring
	o    SessionOptions
}

var _ sessions.Store = (*Sessions)(nil)

// NewSessions makes the store; keys seal the values.
func NewSessions(pool *pgxpool.Pool, keys *seal.Keyring, o SessionOptions) *Sessions {
	if o.Name == "" {
		o.Name = "session"
	}
	if o.Secure {
		o.Name = "__Host-" + o.Name
	}
	if o.Idle <= 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Absolute <= 0 {
		o.Absolute = 12 * time.Hour
	}
	return &Sessions{pool, keys, o}
}

// Name is the cookie's name, as to be given to Get.
func (s *Sessions) Name() string { return s.o.Name }

// Of gives the session of a request.
func (s *Sessions) Of(r *http.Request) (*sessions.Session, error) { return s.Get(r, s.o.Name) }

// Get gives the session of a request, the same one however often it is asked.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the cookie names. No cookie, an unknown one, and
// one that is over or was sealed by a key that is gone give a fresh session; a
// database that does not answer is an error, because that must not look like
// being signed out.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	ses := sessions.NewSession(s, name)
	ses.Options, ses.IsNew = s.cookie(), true
	c, err := r.Cookie(name)
	if err != nil || len(c.Value) != base64.RawURLEncoding.EncodedLen(32) {
		return ses, nil
	}
	ctx, q, key := r.Context(), queries.New(s.pool), secretKey(c.Value)
	row, err := q.ReadSession(ctx, queries.ReadSessionParams{Hash: key, Slide: interval(s.slide())})
	if errors.Is(err, pgx.ErrNoRows) {
		return ses, nil
	}
	if err != nil {
		return ses, fmt.Errorf("read a session: %w", err)
	}
	values, err := s.open(key, row.Data)
	if errors.Is(err, seal.ErrOpen) { // its key was taken out of the list: nobody can use it any more
		slog.WarnContext(ctx, "a session does not open with the sealing keys in use; its holder has to sign in again")
		return ses, nil
	}
	if err != nil {
		return ses, err
	}
	if row.Stale {
		if err := q.TouchSession(ctx, queries.TouchSessionParams{Hash: key, Idle: interval(s.o.Idle)}); err != nil {
			return ses, fmt.Errorf("keep a session alive: %w", err)
		}
	}
	for k, v := range values {
		ses.Values[k] = v
	}
	ses.ID, ses.IsNew = c.Value, false
	return ses, nil
}

// slide is how old the last visit must be before another one is written down.
func (s *Sessions) slide() time.Duration { return min(s.o.Idle/6, 5*time.Minute) }

func (s *Sessions) cookie() *sessions.Options {
	return &sessions.Options{Path: "/", Secure: s.o.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Save writes the session and its cookie, before the first byte of the body.
// It is a write: call it when something changed. A session that was ended
// meanwhile does not come back: that is a fault of kind Expired.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, ses *sessions.Session) error {
	ctx := r.Context()
	if ses.Options.MaxAge < 0 {
		return s.Destroy(r, w, ses)
	}
	member, err := memberOf(ses)
	if err != nil {
		return err
	}
	q := queries.New(s.pool)
	if ses.ID == "" {
		raw, key := newSecret()
		data, err := s.seal(key, ses.Values)
		if err != nil {
			return err
		}
		err = q.InsertSession(ctx, queries.InsertSessionParams{Hash: key, Member: member, Data: data,
			Idle: interval(s.o.Idle), Absolute: interval(s.o.Absolute)})
		if err != nil {
			return fmt.Errorf("write a new session: %w", err)
		}
		ses.ID = raw
	} else {
		key := secretKey(ses.ID)
		data, err := s.seal(key, ses.Values)
		if err != nil {
			return err
		}
		n, err := q.WriteSession(ctx, queries.WriteSessionParams{Hash: key, Member: member, Data: data, Idle: interval(s.o.Idle)})
		if err != nil {
			return fmt.Errorf("write a session: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Expired, "error.session_over")
		}
	}
	http.SetCookie(w, sessions.NewCookie(ses.Name(), ses.ID, ses.Options))
	return nil
}

// Rotate drops the stored session; the next Save stores it under a new secret
// and gives it a full life. For sign-in, second factor and change of role: a
// secret that somebody planted or saw before is worth nothing after.
func (s *Sessions) Rotate(ctx context.Context, ses *sessions.Session) error {
	if ses.ID == "" {
		return nil
	}
	if err := queries.New(s.pool).DeleteSession(ctx, secretKey(ses.ID)); err != nil {
		return fmt.Errorf("rotate a session: %w", err)
	}
	ses.ID = ""
	return nil
}

// Destroy ends the session here and takes the cookie back.
func (s *Sessions) Destroy(r *http.Request, w http.ResponseWriter, ses *sessions.Session) error {
	if err := s.Rotate(r.Context(), ses); err != nil {
		return err
	}
	clear(ses.Values)
	o := s.cookie()
	o.MaxAge = -1
	http.SetCookie(w, sessions.NewCookie(ses.Name(), "", o))
	return nil
}

// EndSessions ends every session of a member of staff, in the transaction of a
// change to the account that its open sessions must not outlive.
func EndSessions(ctx context.Context, tx pgx.Tx, member uuid.UUID) error {
	if _, err := queries.New(tx).DeleteSessionsOf(ctx, member); err != nil {
		return fmt.Errorf("end the sessions of member %s: %w", member, err)
	}
	return nil
}

// Purge deletes what is over: sessions, links a month after their end, and rate
// limits that are full again. It says how many rows went.
func (s *Sessions) Purge(ctx context.Context) (int64, error) {
	q := queries.New(s.pool)
	var total int64
	for _, p := range []struct {
		what string
		run  func(context.Context) (int64, error)
	}{{"sessions", q.PurgeSessions}, {"links", q.PurgeLinks}, {"rate limits", q.PurgeBuckets}} {
		n, err := p.run(ctx)
		if err != nil {
			return total, fmt.Errorf("purge %s: %w", p.what, err)
		}
		total += n
	}
	return total, nil
}

func memberOf(ses *sessions.Session) (*uuid.UUID, error) {
	v, ok := ses.Values[MemberKey]
	if !ok {
		return nil, nil
	}
	text, _ := v.(string)
	id, err := uuid.Parse(text)
	if err != nil {
		return nil, errors.New("the session value " + MemberKey + " is no member id")
	}
	return &id, nil
}

func (s *Sessions) seal(key []byte, values map[any]any) ([]byte, error) {
	m := make(map[string]any, len(values))
	for k, v := range values {
		name, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("session key of type %T: only strings are kept", k)
		}
		m[name] = v
	}
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write session values: %w", err)
	}
	sealed, err := s.keys.Seal(sessionAAD(key), plain)
	if err != nil {
		return nil, fmt.Errorf("seal a session: %w", err)
	}
	return sealed, nil
}

func (s *Sessions) open(key, sealed []byte) (map[string]any, error) {
	plain, err := s.keys.Open(sessionAAD(key), sealed)
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(plain, &values); err != nil {
		return nil, fmt.Errorf("read session values: %w", err)
	}
	return values, nil
}

func sessionAAD(key []byte) string { return "session " + hex.EncodeToString(key) }

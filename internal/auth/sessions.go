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

// Session values that Sessions itself looks at, all strings.
const (
	MemberKey = "member"     // id of the member of staff who is signed in
	LoginKey  = "login"      // names the sign-in, whatever secret the session has
	DeviceKey = "device"     // which browser, in a few words
	FactorKey = "factor_at"  // when the second factor was shown; absent before
	beganKey  = "login_from" // when the sign-in began, by the database's clock
)

// Begin makes the session that of a member who has just shown the first
// factor: another sign-in, with a life of its own. Rotate and Save come next.
func Begin(ses *sessions.Session, member uuid.UUID, device string) {
	delete(ses.Values, FactorKey)
	delete(ses.Values, beganKey)
	ses.Values[MemberKey], ses.Values[LoginKey], ses.Values[DeviceKey] = member.String(), uuid.NewString(), device
}

// Login names the sign-in of a session; Nil is none. One that has no name yet
// gets it here, and keeps it by the next Save.
func Login(ses *sessions.Session) uuid.UUID {
	text, _ := ses.Values[LoginKey].(string) // absent does not parse
	id, err := uuid.Parse(text)
	if err != nil {
		id = uuid.New()
		ses.Values[LoginKey] = id.String()
	}
	return id
}

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
	of := queries.WriteSessionParams{Member: member, Idle: interval(s.o.Idle)}
	if member != nil || ses.Values[LoginKey] != nil {
		login := Login(ses)
		of.Login = &login
	}
	of.Device, _ = ses.Values[DeviceKey].(string) // absent is unknown
	_, of.Proved = ses.Values[FactorKey].(string)
	q := queries.New(s.pool)
	if ses.ID == "" {
		raw, key := newSecret()
		data, err := s.seal(key, ses.Values)
		if err != nil {
			return err
		}
		err = q.InsertSession(ctx, queries.InsertSessionParams{Hash: key, Member: member, Data: data, Login: of.Login, Device: of.Device, Proved: of.Proved,
			Began: began(ses), Idle: of.Idle, Absolute: interval(s.o.Absolute)})
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
		of.Hash, of.Data = key, data
		n, err := q.WriteSession(ctx, of)
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

// Rotate drops the stored session; the next Save stores it under a new secret.
// For sign-in, second factor and change of role: a secret that somebody planted
// or saw before is worth nothing after. A member's sign-in goes on, so it ends
// no later than before; everybody else's session gets a full life.
func (s *Sessions) Rotate(ctx context.Context, ses *sessions.Session) error {
	if ses.ID == "" {
		return nil
	}
	row, err := queries.New(s.pool).DeleteSession(ctx, secretKey(ses.ID))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // over already
		return fmt.Errorf("rotate a session: %w", err)
	}
	if login, _ := ses.Values[LoginKey].(string); row.Member != nil && row.Login != nil && row.Login.String() == login {
		ses.Values[beganKey] = row.BeganAt.UTC().Format(time.RFC3339Nano)
	}
	ses.ID = ""
	return nil
}

// began is when the sign-in began; nil for now.
func began(ses *sessions.Session) *time.Time {
	text, _ := ses.Values[beganKey].(string) // absent does not parse
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return &t
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

// Purge deletes what is over: sessions, links a month after their end, questions
// that nobody answered, and rate limits that are full again. It says how many
// rows went.
func (s *Sessions) Purge(ctx context.Context) (int64, error) {
	q := queries.New(s.pool)
	var total int64
	for _, p := range []struct {
		what string
		run  func(context.Context) (int64, error)
	}{{"sessions", q.PurgeSessions}, {"links", q.PurgeLinks}, {"open questions", q.PurgeOnce}, {"rate limits", q.PurgeBuckets}} {
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

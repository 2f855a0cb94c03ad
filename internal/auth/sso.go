package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"github.com/crowsstack/privacy-portal/internal/fault"
)

// SSOOptions say which provider signs staff in, and as what it knows us.
type SSOOptions struct {
	Issuer   string
	ClientID string
	Secret   string
	Return   string           // where the provider sends people back to
	TrustMFA bool             // a second factor that it vouches for counts
	Now      func() time.Time // time.Now if nil
	Client   *http.Client     // one of our own if nil
}

// SSO signs members in through the company's own provider, by OpenID Connect.
type SSO struct {
	o    SSOOptions
	once *Once

	mu       sync.Mutex
	provider *oidc.Provider
}

// NewSSO does not ask the provider anything yet: one that is down must not keep
// the desk from starting.
func NewSSO(once *Once, o SSOOptions) *SSO {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	return &SSO{o: o, once: once}
}

// Issuer is the provider, as it names itself.
func (s *SSO) Issuer() string { return s.o.Issuer }

// Identity is whom the provider vouches for. Issuer and subject name the
// person; the address is only what it says about them.
type Identity struct {
	Issuer   string
	Subject  string
	Email    string
	Verified bool      // the provider checked the address
	MFA      bool      // with two factors, as far as we trust the provider with that
	FactorAt time.Time // when they were shown; zero if it does not say
	For      string    // what Start was called for
}

// wanted is what an answer must fit, kept on our side until it comes.
type wanted struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	For      string `json:"for"`
}

const (
	ssoPurpose = "sso"
	ssoLife    = 10 * time.Minute
)

// Start gives the address at the provider. State, nonce and verifier stay here,
// bound to the sign-in of the session that asks.
func (s *SSO) Start(ctx context.Context, login uuid.UUID, purpose string) (address string, err error) {
	c, _, err := s.config(ctx)
	if err != nil {
		return "", err
	}
	state := word()
	w := wanted{Nonce: word(), Verifier: oauth2.GenerateVerifier(), For: purpose}
	if err := s.once.Keep(ctx, login, ssoPurpose, state, w, ssoLife); err != nil {
		return "", err
	}
	return c.AuthCodeURL(state, oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)), nil
}

// Answer is what the provider sends back through the browser.
type Answer struct {
	State, Code, Issuer string
	Error               string // the provider's word for why not
}

// Finish checks an answer. It counts once, for the session that asked.
func (s *SSO) Finish(ctx context.Context, login uuid.UUID, a Answer) (Identity, error) {
	var w wanted
	if err := s.once.Take(ctx, login, ssoPurpose, a.State, &w); err != nil {
		return Identity{}, err
	}
	if a.Error != "" || a.Code == "" || a.Issuer != "" && a.Issuer != s.o.Issuer {
		return Identity{}, refused(errors.New("the provider did not sign anybody in"))
	}
	c, p, err := s.config(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, s.o.Client)
	token, err := c.Exchange(ctx, a.Code, oauth2.VerifierOption(w.Verifier))
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answer.Response.StatusCode < http.StatusInternalServerError {
		return Identity{}, refused(fmt.Errorf("the provider refused the code: %s", answer.ErrorCode))
	}
	if err != nil {
		return Identity{}, unreachable(errors.New("the provider did not exchange the code")) // err may repeat the code
	}
	raw, _ := token.Extra("id_token").(string) // absent does not verify
	id, err := p.Verifier(&oidc.Config{ClientID: s.o.ClientID, Now: s.o.Now}).Verify(ctx, raw)
	if err != nil {
		return Identity{}, refused(errors.New("the identity token does not verify"))
	}
	return s.identity(ctx, p, token, id, w)
}

func (s *SSO) identity(ctx context.Context, p *oidc.Provider, token *oauth2.Token, id *oidc.IDToken, w wanted) (Identity, error) {
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"`
		Party    string `json:"azp"`
		Methods  any    `json:"amr"` // a list, but not everywhere
		Class    string `json:"acr"`
		AuthTime int64  `json:"auth_time"`
	}
	if err := id.Claims(&claims); err != nil {
		return Identity{}, refused(errors.New("the identity token cannot be read"))
	}
	switch {
	case w.Nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(w.Nonce)) != 1:
		return Identity{}, refused(errors.New("the identity token answers another question"))
	case id.Subject == "":
		return Identity{}, refused(errors.New("the identity token names nobody"))
	case claims.Party != "" && claims.Party != s.o.ClientID, claims.Party == "" && len(id.Audience) > 1:
		return Identity{}, refused(errors.New("the identity token was made for somebody else"))
	}
	out := Identity{Issuer: id.Issuer, Subject: id.Subject, Email: claims.Email, Verified: isTrue(claims.Verified), For: w.For}
	if out.Email == "" && p.UserInfoEndpoint() != "" { // most keep it there
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return Identity{}, unreachable(errors.New("the provider did not tell about the person"))
		}
		if info.Subject != id.Subject {
			return Identity{}, refused(errors.New("the provider tells about somebody else"))
		}
		out.Email, out.Verified = info.Email, info.EmailVerified
	}
	methods, _ := claims.Methods.([]any) // anything else says nothing
	out.MFA = s.o.TrustMFA && (slices.Contains(methods, any("mfa")) || slices.Contains(mfaClasses, claims.Class))
	if out.MFA && claims.AuthTime > 0 {
		out.FactorAt = time.Unix(claims.AuthTime, 0)
	}
	return out, nil
}

// mfaClasses are what providers call a sign-in with two factors, besides "mfa"
// of RFC 8176.
var mfaClasses = []string{"https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}

// isTrue takes the texts in which some providers write a truth.
func isTrue(v any) bool {
	text, _ := v.(string) // anything else is not true
	return v == true || strings.EqualFold(text, "true")
}

// config asks the provider for its addresses, once.
func (s *SSO) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider == nil {
		p, err := oidc.NewProvider(oidc.ClientContext(ctx, s.o.Client), s.o.Issuer)
		if err != nil {
			return nil, nil, unreachable(err)
		}
		s.provider = p
	}
	return &oauth2.Config{ClientID: s.o.ClientID, ClientSecret: s.o.Secret, Endpoint: s.provider.Endpoint(), RedirectURL: s.o.Return,
		Scopes: []string{oidc.ScopeOpenID, "email"}}, s.provider, nil
}

// What stays in the log names no person, token or code.
func refused(why error) error     { return fault.New(fault.Unproved, "error.sso_refused").Because(why) }
func unreachable(why error) error { return fault.New(fault.Conflict, "error.sso_down").Because(why) }

func word() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

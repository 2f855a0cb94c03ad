package auth

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkeys asks browsers to make and to use passkeys, and checks the answers.
// It keeps nothing: the question goes through Once, the key to its owner.
type Passkeys struct {
	Origin string // where browsers offer them: https://privacy.example.com
	rp     *webauthn.WebAuthn
}

// PasskeyLife is how long a browser may take to answer.
const PasskeyLife = 5 * time.Minute

// NewPasskeys binds passkeys to the site at base. It gives nil for an address
// to which browsers bind none, which is any number that is not this machine.
// The addresses of this machine stand for "localhost": that is where browsers
// allow passkeys in development.
func NewPasskeys(operator string, base *url.URL) (*Passkeys, error) {
	host, origin := base.Hostname(), *base
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return nil, nil
		}
		host, origin.Host = "localhost", "localhost"
		if p := base.Port(); p != "" {
			origin.Host += ":" + p
		}
	}
	p := &Passkeys{Origin: origin.Scheme + "://" + origin.Host}
	wait := webauthn.TimeoutConfig{Enforce: true, Timeout: PasskeyLife, TimeoutUVD: PasskeyLife}
	var err error
	p.rp, err = webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: operator + " Privacy", RPOrigins: []string{p.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred},
		Timeouts: webauthn.TimeoutsConfig{Login: wait, Registration: wait},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", host, err)
	}
	return p, nil
}

// At says whether browsers offer passkeys on a page of that host.
func (p *Passkeys) At(host string) bool {
	return p != nil && strings.HasSuffix(p.Origin, "://"+host)
}

// Passkey is a public key that belongs to a member, as its owner keeps it.
type Passkey struct {
	ID     []byte
	Record []byte // everything but the counter; opaque
	Count  uint32 // how often it says it was used; 0 where it does not count
}

// Holder is whose passkeys they are. Handle is random and names nobody.
type Holder struct {
	Handle []byte
	Name   string
	Label  string // by which the holder knows the account
	Keys   []Passkey
}

// Question is what a browser is asked: Options for its script, the rest for us
// to keep, found again by the word that the answer repeats.
type Question struct {
	Options json.RawMessage
	Word    string
	Session json.RawMessage
}

// Make asks for a new passkey, on a device that holds none of the holder's.
func (p *Passkeys) Make(h Holder) (Question, error) {
	u, err := userOf(h)
	if err != nil {
		return Question{}, err
	}
	options, session, err := p.rp.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.keys).CredentialDescriptors()))
	if err != nil {
		return Question{}, fmt.Errorf("ask for a new passkey: %w", err)
	}
	return question(options, session)
}

// Made checks the answer to Make.
func (p *Passkeys) Made(h Holder, question json.RawMessage, answer []byte) (Passkey, error) {
	u, session, err := asked(h, question)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Passkey{}, fmt.Errorf("read a new passkey: %w", err)
	}
	c, err := p.rp.CreateCredential(u, session, parsed)
	if err != nil {
		return Passkey{}, fmt.Errorf("check a new passkey: %w", err)
	}
	count := c.Authenticator.SignCount
	c.Authenticator.SignCount, c.Attestation = 0, webauthn.CredentialAttestation{} // we ask for no proof of the maker
	record, err := json.Marshal(c)
	if err != nil {
		return Passkey{}, fmt.Errorf("write a new passkey: %w", err)
	}
	return Passkey{ID: c.ID, Record: record, Count: count}, nil
}

// Use asks for one of the holder's passkeys.
func (p *Passkeys) Use(h Holder) (Question, error) {
	u, err := userOf(h)
	if err != nil {
		return Question{}, err
	}
	options, session, err := p.rp.BeginLogin(u)
	if err != nil {
		return Question{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return question(options, session)
}

// Used checks the answer to Use and gives the key with its new count. Copied
// says that the key is right but its counter is not: there may be two of it.
func (p *Passkeys) Used(h Holder, question json.RawMessage, answer []byte) (key Passkey, copied bool, err error) {
	u, session, err := asked(h, question)
	if err != nil {
		return Passkey{}, false, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Passkey{}, false, fmt.Errorf("read a passkey's answer: %w", err)
	}
	c, err := p.rp.ValidateLogin(u, session, parsed)
	if err != nil {
		return Passkey{}, false, fmt.Errorf("check a passkey's answer: %w", err)
	}
	return Passkey{ID: c.ID, Count: c.Authenticator.SignCount}, c.Authenticator.CloneWarning, nil
}

// Word reads from an answer which question it is to; "" if it is no answer.
// Only Made and Used say whether it is a right one.
func Word(answer []byte) string {
	var a struct {
		Response struct {
			ClientData protocol.URLEncodedBase64 `json:"clientDataJSON"`
		} `json:"response"`
	}
	var data struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(answer, &a) != nil || json.Unmarshal(a.Response.ClientData, &data) != nil {
		return ""
	}
	return data.Challenge
}

func question(options any, session *webauthn.SessionData) (Question, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Question{}, fmt.Errorf("write a passkey's question: %w", err)
	}
	kept, err := json.Marshal(session)
	if err != nil {
		return Question{}, fmt.Errorf("write what a passkey was asked: %w", err)
	}
	return Question{Options: text, Word: session.Challenge, Session: kept}, nil
}

// asked reads a kept question back; nothing of it may be lost on the way.
func asked(h Holder, question json.RawMessage) (u user, session webauthn.SessionData, err error) {
	if err := json.Unmarshal(question, &session); err != nil {
		return u, session, fmt.Errorf("read what a passkey was asked: %w", err)
	}
	u, err = userOf(h)
	return u, session, err
}

// user is a holder as the library knows one.
type user struct {
	Holder
	keys []webauthn.Credential
}

func userOf(h Holder) (user, error) {
	u := user{Holder: h}
	for _, k := range h.Keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Record, &c); err != nil {
			return u, fmt.Errorf("read a passkey: %w", err)
		}
		c.Authenticator.SignCount = k.Count
		u.keys = append(u.keys, c)
	}
	return u, nil
}

func (u user) WebAuthnID() []byte                         { return u.Handle }
func (u user) WebAuthnName() string                       { return u.Label }
func (u user) WebAuthnDisplayName() string                { return u.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/oauth2"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// provider is a real OpenID provider on this machine, with accounts and two
// clients: this portal, and somebody else.
type provider struct {
	t      *testing.T
	issuer string
	server *httptest.Server
	people people
	amr    []string // how it says that people signed in
}

const ssoReturn = "http://privacy.example" + link.DeskSSOBack

type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }

func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (p people) ExampleClientID() string { return "service" }

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{t: t, people: people{}, amr: []string{"pwd"}}
	p.server = httptest.NewUnstartedServer(nil)
	p.issuer = "http://" + p.server.Listener.Addr().String()
	clients := map[string]*storage.Client{"portal": storage.WebClient("portal", "secret", ssoReturn), "other": storage.WebClient("other", "secret", ssoReturn)}
	p.server.Config.Handler = exampleop.SetupServer(p.issuer, accounts{storage.NewStorageWithClients(p.people, clients), p}, nil, false)
	p.server.Start()
	t.Cleanup(p.server.Close)
	return p
}

// accounts is the provider's storage, which also says how people signed in.
type accounts struct {
	*storage.Storage
	p *provider
}

type signedInBy struct {
	op.AuthRequest
	amr []string
}

func (s signedInBy) GetAMR() []string { return s.amr }

func (a accounts) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	r, err := a.Storage.AuthRequestByCode(ctx, code)
	return signedInBy{r, a.p.amr}, err
}

// employ opens an account at the provider.
func (p *provider) employ(id, email string, verified bool) {
	p.people[id] = &storage.User{ID: id, Username: id, Password: "secret", Email: email, EmailVerified: verified}
}

// signIn does what a person does at the provider, and gives where it sends them
// back to.
func (p *provider) signIn(address, id string) *url.URL {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	must(p.t, err)
	c := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "privacy.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	res, err := c.Get(address)
	must(p.t, err)
	res.Body.Close()
	if to, err := res.Location(); err == nil { // refused before anybody signed in
		return to
	}
	res, err = c.PostForm(p.issuer+"/login/username", url.Values{"username": {id}, "password": {"secret"}, "id": {res.Request.URL.Query().Get("authRequestID")}})
	must(p.t, err)
	res.Body.Close()
	to, err := res.Location()
	must(p.t, err)
	return to
}

// withSSO is a desk whose staff can sign in through the provider.
func withSSO(t *testing.T, change func(*auth.SSOOptions)) (*deskBench, *provider) {
	t.Helper()
	b, p := newDeskBench(t), newProvider(t)
	o := auth.SSOOptions{Issuer: p.issuer, ClientID: "portal", Secret: "secret", Return: ssoReturn}
	if change != nil {
		change(&o)
	}
	b.s.SSO = auth.NewSSO(auth.NewOnce(pgtest.As(t, b.db, "portal_web"), b.s.Keys), o)
	return b, p
}

func (b *deskBench) invited(email string) staff.Member {
	b.t.Helper()
	m, _, err := b.s.Roster.Add(b.t.Context(), b.staff[staff.Officer].Actor(), email, "Mara Lund", []staff.Role{staff.Approver}, "en")
	must(b.t, err)
	return m
}

// leave presses the link and gives where it leads.
func (w *browser) leave() string {
	w.b.t.Helper()
	_, doc := w.get(link.DeskSignIn)
	rec, _ := w.get(doc.Find(`a[data-test="sso"]`).AttrOr("href", "no link"))
	code(w.b.t, rec, http.StatusFound)
	return rec.Header().Get("Location")
}

func back(u *url.URL) string { return u.Path + "?" + u.RawQuery }

// refuses checks that an answer lets nobody in and offers the mailed link.
func (w *browser) refuses(what, path string, status int) {
	w.b.t.Helper()
	rec, doc := w.get(path)
	if rec.Code != status || doc.Find(`[data-test="trouble"]`).Length() != 1 || doc.Find(`form[action="`+link.DeskSignIn+`"]`).Length() != 1 {
		w.b.t.Errorf("%s: %d, want %d with the reason and the other way in: %s", what, rec.Code, status, doc.Find("main").Text())
	}
	if rec, _ := w.get(link.DeskSecond); rec.Header().Get("Location") != link.DeskSignIn {
		w.b.t.Errorf("%s: somebody is half in", what)
	}
}

func TestAMemberComesInThroughTheProvider(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t, nil)
	m := b.invited("mara@demo.example")
	p.employ("u1", "Mara@demo.example", true)
	w := &browser{b: b}
	address := w.leave()
	q, err := url.Parse(address)
	must(t, err)
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Query().Get(name)) < 43 {
			t.Errorf("%s is %q", name, q.Query().Get(name))
		}
	}
	if q.Query().Get("code_challenge_method") != "S256" {
		t.Error("the code is not bound to us")
	}
	before := w.cookie.Value
	answer := p.signIn(address, "u1")
	rec, _ := w.get(back(answer))
	goes(t, rec, link.DeskEnrol) // ours is still asked for
	if w.cookie.Value == before {
		t.Error("the session kept its secret")
	}
	rec, _ = w.get(link.Desk)
	goes(t, rec, link.DeskEnrol)
	rec, _ = w.get(back(answer)) // the same answer once more
	code(t, rec, http.StatusGone)

	// Somebody who has a second factor is asked for it, whatever address the
	// provider has for them by now.
	_, err = b.db.Exec(t.Context(), `UPDATE staff_members SET totp_secret = 'sealed', enrolled_at = now(), arrived_at = now() WHERE id = $1`, m.ID)
	must(t, err)
	p.people["u1"].Email, p.people["u1"].EmailVerified = "new.name@demo.example", false
	w = &browser{b: b}
	rec, _ = w.get(back(p.signIn(w.leave(), "u1")))
	goes(t, rec, link.DeskSecond)
}

func TestWhatIsNoAnswerOfTheProvider(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t, nil)
	b.invited("mara@demo.example")
	b.invited("nils@demo.example")
	p.employ("mara", "mara@demo.example", true)
	p.employ("unchecked", "nils@demo.example", false)
	p.employ("stranger", "else@demo.example", true)
	p.employ("enrolled", b.staff[staff.Officer].Email, true)

	for who, status := range map[string]int{"unchecked": 403, "stranger": 403, "enrolled": 403} {
		w := &browser{b: b}
		w.refuses("an account that is "+who, back(p.signIn(w.leave(), who)), status)
	}
	w := &browser{b: b}
	address := w.leave()
	other, err := url.Parse(address)
	must(t, err)
	q := other.Query()
	q.Set("nonce", strings.Repeat("a", 43))
	other.RawQuery = q.Encode()
	w.refuses("an answer to another question", back(p.signIn(other.String(), "mara")), http.StatusForbidden)

	w = &browser{b: b}
	good := p.signIn(w.leave(), "mara")
	(&browser{b: b}).refuses("an answer in another browser", back(good), http.StatusGone)
	wrong := *good
	q = wrong.Query()
	q.Set("state", strings.Repeat("a", 43))
	wrong.RawQuery = q.Encode()
	w.refuses("a state that nobody gave out", back(&wrong), http.StatusGone)
	second := w.leave()
	w.refuses("an answer to the link before", back(good), http.StatusGone)
	// The code of the first answer with the state of the second.
	fresh := p.signIn(second, "mara")
	q = fresh.Query()
	q.Set("code", good.Query().Get("code"))
	fresh.RawQuery = q.Encode()
	w.refuses("a code that belongs to another verifier", back(fresh), http.StatusForbidden)

	w = &browser{b: b}
	w.leave()
	w.refuses("a refusal without a state", link.DeskSSOBack+"?error=access_denied", http.StatusGone)
	u, err := url.Parse(w.leave())
	must(t, err)
	w.refuses("a refusal", link.DeskSSOBack+"?error=access_denied&state="+u.Query().Get("state"), http.StatusForbidden)
	u, err = url.Parse(w.leave())
	must(t, err)
	w.refuses("another provider's answer", link.DeskSSOBack+"?code=x&iss=https%3A%2F%2Fevil.example&state="+u.Query().Get("state"), http.StatusForbidden)

	w = &browser{b: b}
	answer := p.signIn(w.leave(), "mara")
	rec, _ := w.get(back(answer))
	goes(t, rec, link.DeskEnrol)
	w = &browser{b: b}
	fresh = p.signIn(w.leave(), "mara")
	q = fresh.Query()
	q.Set("code", answer.Query().Get("code")) // used up
	fresh.RawQuery = q.Encode()
	w.refuses("a code that was used", back(fresh), http.StatusForbidden)
	p.employ("impostor", "mara@demo.example", true)
	w = &browser{b: b}
	w.refuses("another account with the same address", back(p.signIn(w.leave(), "impostor")), http.StatusForbidden)
}

// swap is a provider's answer on the way to us, with another identity token.
type swap struct{ token string }

func (s *swap) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || s.token == "" || res.StatusCode != http.StatusOK || r.Method != http.MethodPost {
		return res, err
	}
	var m map[string]any
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
		return nil, err
	}
	res.Body.Close()
	m["id_token"] = s.token
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Del("Content-Length")
	return res, nil
}

// token gets an identity token for a client by a sign-in of its own.
func (p *provider) token(client, nonce, id string) string {
	p.t.Helper()
	c := oauth2.Config{ClientID: client, ClientSecret: "secret", RedirectURL: ssoReturn, Scopes: []string{"openid", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: p.issuer + "/auth", TokenURL: p.issuer + "/oauth/token"}}
	verifier := oauth2.GenerateVerifier()
	to := p.signIn(c.AuthCodeURL("s", oauth2.SetAuthURLParam("nonce", nonce), oauth2.S256ChallengeOption(verifier)), id)
	t, err := c.Exchange(p.t.Context(), to.Query().Get("code"), oauth2.VerifierOption(verifier))
	must(p.t, err)
	return t.Extra("id_token").(string)
}

func TestATokenForSomebodyElseOpensNothing(t *testing.T) {
	t.Parallel()
	swapped := &swap{}
	b, p := withSSO(t, func(o *auth.SSOOptions) { o.Client = &http.Client{Transport: swapped} })
	foreign := newProvider(t)
	b.invited("mara@demo.example")
	for _, at := range []*provider{p, foreign} {
		at.employ("mara", "mara@demo.example", true)
	}
	for name, tt := range map[string]struct {
		of     *provider
		client string
	}{"of another audience": {p, "other"}, "signed by another provider": {foreign, "portal"}} {
		w := &browser{b: b}
		address := w.leave()
		u, err := url.Parse(address)
		must(t, err)
		answer := p.signIn(address, "mara")
		swapped.token = tt.of.token(tt.client, u.Query().Get("nonce"), "mara")
		w.refuses("a token "+name, back(answer), http.StatusForbidden)
		swapped.token = ""
	}
	// The swap is not what makes it fail: one for us, with the right nonce, passes.
	w := &browser{b: b}
	address := w.leave()
	u, err := url.Parse(address)
	must(t, err)
	answer := p.signIn(address, "mara")
	swapped.token = p.token("portal", u.Query().Get("nonce"), "mara")
	rec, _ := w.get(back(answer))
	goes(t, rec, link.DeskEnrol)
}

func TestAnExpiredTokenOpensNothing(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t, func(o *auth.SSOOptions) { o.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } })
	b.invited("mara@demo.example")
	p.employ("mara", "mara@demo.example", true)
	w := &browser{b: b}
	w.refuses("an expired token", back(p.signIn(w.leave(), "mara")), http.StatusForbidden)
}

func TestAProviderThatIsDownLeavesTheMailedLink(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t, nil)
	p.server.Close()
	(&browser{b: b}).refuses("a provider that is down", link.DeskSSO, http.StatusServiceUnavailable)
}

func TestAProvidersSecondFactorCountsOnlyWhereItIsTrusted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		trust bool
		amr   []string
		to    string
	}{
		"not trusted":             {false, []string{"pwd", "mfa"}, link.DeskEnrol},
		"trusted, but only one":   {true, []string{"pwd"}, link.DeskEnrol},
		"trusted, and it vouches": {true, []string{"pwd", "otp", "mfa"}, link.Desk},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, p := withSSO(t, func(o *auth.SSOOptions) { o.TrustMFA = tt.trust })
			b.invited("mara@demo.example")
			p.employ("mara", "mara@demo.example", true)
			p.amr = tt.amr
			w := &browser{b: b}
			rec, _ := w.get(back(p.signIn(w.leave(), "mara")))
			goes(t, rec, tt.to)
			if rec, _ := w.get(link.Desk); (rec.Code == http.StatusOK) != (tt.to == link.Desk) {
				t.Errorf("the desk answers %d", rec.Code)
			}
		})
	}
}

func TestAMemberConnectsTheirCompanyAccount(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t, nil)
	p.employ("noor", "private@elsewhere.example", false)
	stale := b.signedIn(staff.Approver, time.Hour)
	rec, _ := stale.get(link.DeskAccount + "/sso")
	goes(t, rec, link.DeskSecond)

	w := b.signedIn(staff.Approver, time.Minute)
	_, doc := w.get(link.DeskAccount)
	rec, _ = w.get(doc.Find(`section[aria-labelledby="sso"] a`).AttrOr("href", ""))
	code(t, rec, http.StatusFound)
	answer := p.signIn(rec.Header().Get("Location"), "noor")
	rec, _ = b.signedIn(staff.Agent, time.Minute).get(back(answer)) // in somebody else's session
	code(t, rec, http.StatusGone)
	rec, _ = w.get(back(answer))
	goes(t, rec, link.DeskAccount)

	again := &browser{b: b}
	rec, _ = again.get(back(p.signIn(again.leave(), "noor")))
	goes(t, rec, link.DeskSecond)
	w.get(link.DeskAccount)
	rec, _ = w.post(link.DeskAccount+"/remove", "what", "sso")
	goes(t, rec, link.DeskAccount)
	again = &browser{b: b}
	again.refuses("an account that was disconnected", back(p.signIn(again.leave(), "noor")), http.StatusForbidden)

	rows, err := b.db.Query(t.Context(), `SELECT action FROM audit_events WHERE target = $1`, b.staff[staff.Approver].ID.String())
	must(t, err)
	var actions []string
	for rows.Next() {
		var a string
		must(t, rows.Scan(&a))
		actions = append(actions, a)
	}
	for _, want := range []string{"staff.sso_bound", "staff.sso_used", "staff.sso_unbound"} {
		if !slices.Contains(actions, want) {
			t.Errorf("the log lacks %s: %v", want, actions)
		}
	}
}

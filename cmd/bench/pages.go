package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

const portalName = "portal"

// page is one that is measured; a mark proves that it is the page meant.
type page struct {
	name, path, mark, cookie string
}

// pages measures what the web process does with two pages, against a handler
// that only sends the same bytes.
func (b *bench) pages() error {
	keys := seal.NewKey("bench")
	cookie, err := b.fillPortal(keys)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.dir, "datamap.yaml"), demo.DataMap, 0o644); err != nil {
		return fmt.Errorf("write the data map: %w", err)
	}
	for _, p := range []page{
		{"home page", link.Home, "<h1", ""},
		{"queue page, signed in, 10,000 requests", link.Desk, "CS-BNCH-", cookie},
	} {
		if err := b.page(p, keys); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (b *bench) page(p page, keys string) error {
	r, body := results{}, filepath.Join(b.dir, "page.html")
	for range b.rounds {
		for _, t := range []task{
			{Do: "site", Database: b.db.DSN("portal_web", portalName), Dir: b.dir, Keys: keys, Body: body},
			{Do: "bare", Body: body},
		} {
			out, err := b.served(t, p)
			if err != nil {
				return err
			}
			r[t.Do] = append(r[t.Do], out)
		}
	}
	info, err := os.Stat(body)
	if err != nil {
		return fmt.Errorf("look at the page: %w", err)
	}
	f := figure{Against: "an echo handler that sends the same bytes", ours: "site", limit: "bare",
		Note: fmt.Sprintf("%d bytes, %d connections kept open; server, database and client on the same cores", info.Size(), connections)}
	of := func(name, unit string, m metric) figure {
		f.Name, f.Unit, f.metric = p.name+name, unit, m
		return f
	}
	return r.print(of("", "requests/s", rate), of(", p99", "ms", p99), of(", processor", "ms/request", processor))
}

// served runs a web server and asks for the page. The processor time is that
// of one answer, the database's part too, in milliseconds.
func (b *bench) served(t task, p page) (out outcome, err error) {
	if t.Address, err = freeAddress(); err != nil {
		return out, err
	}
	cmd, err := b.command(t)
	if err != nil {
		return out, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // the access log is written, and goes nowhere
	if err != nil {
		return out, err
	}
	defer null.Close()
	cmd.Stderr = null
	before, err := b.db.cpu()
	if err != nil {
		return out, err
	}
	if err := cmd.Start(); err != nil {
		return out, fmt.Errorf("start the web server: %w", err)
	}
	out, err = b.asked(t, p)
	if err := errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		return out, err
	}
	after, err := b.db.cpu()
	if err != nil {
		return out, err
	}
	spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() + after - before
	out.CPU = spent.Seconds() * 1000 / float64(out.Rows)
	b.say("%-5s%-10s %7.0f requests/s, p99 %.2f ms, %.3f ms of processor each", t.Do, p.path, out.Rate, out.P99, out.CPU)
	return out, nil
}

// asked waits for the server and asks it for the page for some seconds; Rows
// are all answers.
func (b *bench) asked(t task, p page) (outcome, error) {
	address := "http://" + t.Address + p.path
	got, err := b.await(address, p)
	if err != nil {
		return outcome{}, err
	}
	if t.Do == "site" {
		if err := os.WriteFile(t.Body, got, 0o644); err != nil {
			return outcome{}, fmt.Errorf("keep the page: %w", err)
		}
	}
	warm, err := b.ask(address, p.cookie, 1)
	if err != nil {
		return outcome{}, err
	}
	seconds := 5
	if b.o.quick {
		seconds = 2
	}
	out, err := b.ask(address, p.cookie, seconds)
	if err != nil {
		return out, err
	}
	out.Rows += warm.Rows
	_, err = b.get(address, p) // still the page that was meant
	return out, err
}

// await asks until the server is up.
func (b *bench) await(address string, p page) (body []byte, err error) {
	for range 100 {
		if body, err = b.get(address, p); err == nil || !errors.As(err, new(*net.OpError)) {
			return body, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, err
}

func (b *bench) get(address string, p page) ([]byte, error) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", p.cookie)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), p.mark) {
		return nil, fmt.Errorf("the answer is %s and not the page", resp.Status)
	}
	return body, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("look for a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// fillPortal makes our own database with ten thousand requests and gives the
// cookie of a member of staff who is signed in with both factors.
func (b *bench) fillPortal(keys string) (cookie string, err error) {
	b.say("filling the portal with 10,000 requests")
	admin, err := b.db.create(b.ctx, portalName)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	if _, err := pg.Migrate(b.ctx, admin); err != nil {
		return "", err
	}
	ring, err := seal.Parse(keys)
	if err != nil {
		return "", err
	}
	members, err := staff.NewRoster(admin, nil, ring, nil).SeedDemo(b.ctx)
	if err != nil {
		return "", err
	}
	agent, approver := members[0].ID, members[1].ID
	if _, err := admin.Exec(b.ctx, requests, agent, approver); err != nil {
		return "", fmt.Errorf("write the requests: %w", err)
	}
	if _, err := admin.Exec(b.ctx, proposals, agent); err != nil {
		return "", fmt.Errorf("write the proposals: %w", err)
	}
	if _, err := admin.Exec(b.ctx, "VACUUM ANALYZE"); err != nil {
		return "", fmt.Errorf("prepare the portal: %w", err)
	}
	return signIn(b.ctx, admin, ring, members[0].Member)
}

// requests are spread over kinds, states, places, weeks and assignees as in an
// office that keeps up.
const requests = `
	INSERT INTO requests (ref, kind, state, outcome, relation, name, email, phone, country, lang, law, answers, received_at, verified_at, due_at, closed_at, assignee, attention)
	SELECT 'CS-BNCH-' || lpad(i::text, 4, '0'),
	       (ARRAY['access', 'deletion', 'access', 'correction', 'portability', 'restriction'])[1 + i % 6], s.state,
	       CASE WHEN s.state IN ('closed', 'rejected') THEN 'answered' END,
	       (ARRAY['recipient', 'account', 'organization', 'visitor'])[1 + i % 4], 'Person ' || i, 'person' || i || '@example.com', '',
	       (ARRAY['DE', 'FR', 'GB', 'BR'])[1 + i % 4], (ARRAY['en', 'de'])[1 + i % 2], (ARRAY['EU-DE', 'EU-FR', 'UK', 'BR'])[1 + i % 4], '{}',
	       d.received, d.received + interval '1 hour', d.received + interval '30 days',
	       CASE WHEN s.state IN ('closed', 'rejected') THEN d.received + interval '20 days' END,
	       CASE i % 3 WHEN 0 THEN $1::uuid WHEN 1 THEN $2::uuid END, CASE WHEN i % 50 = 0 THEN 'attention.rows_moved' ELSE '' END
	FROM generate_series(0, 9999) i,
	     LATERAL (SELECT (ARRAY['verified', 'discovering', 'in_review', 'in_review', 'in_review', 'approved', 'ready', 'closed', 'closed', 'rejected'])[1 + i / 7 % 10] AS state) s,
	     LATERAL (SELECT now() - i * interval '4 minutes' AS received) d`

const proposals = `
	INSERT INTO proposals (id, request_id, version, plan, hash, prepared_by, prepared_name, prepared_at)
	SELECT gen_random_uuid(), id, 1, '{}', repeat('ab', 32), $1, 'Hana Yamashita', now()
	FROM requests WHERE state = 'in_review' AND right(ref, 1) IN ('1', '4', '7')`

// signIn writes the session that stands after the second factor.
func signIn(ctx context.Context, db *pgxpool.Pool, keys *seal.Keyring, m staff.Member) (cookie string, err error) {
	sessions := auth.NewSessions(db, keys, auth.SessionOptions{})
	req, rec := httptest.NewRequest(http.MethodGet, link.Desk, nil).WithContext(ctx), httptest.NewRecorder()
	ses, err := sessions.Of(req)
	if err != nil {
		return "", err
	}
	ses.Values[auth.MemberKey] = m.ID.String()
	ses.Values["factor_at"], ses.Values["desk_token"] = time.Now().UTC().Format(time.RFC3339), "a token for forms"
	if err := sessions.Save(req, rec, ses); err != nil {
		return "", err
	}
	c := rec.Result().Cookies()[0]
	return c.Name + "=" + url.QueryEscape(c.Value), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// place is where the processes answer.
type place struct {
	listen, portalOps, workerOps string
	base                         string
}

// choosePorts takes the wanted port or the next free one.
func choosePorts(ctx context.Context, listen string) (place, error) {
	host, wanted, err := net.SplitHostPort(listen)
	port, err2 := strconv.Atoi(wanted)
	if err := errors.Join(err, err2); err != nil {
		return place{}, fmt.Errorf("-listen is %q: expected host:port, such as 127.0.0.1:8080", listen)
	}
	got, err := freePort(ctx, host, port)
	if err != nil {
		return place{}, err
	}
	if got != port {
		say("Port %d is taken by another program, so the portal is on port %d.", port, got)
	}
	p := place{listen: net.JoinHostPort(host, strconv.Itoa(got)), base: "http://localhost:" + strconv.Itoa(got)}
	ops := 9090
	for _, address := range []*string{&p.portalOps, &p.workerOps} {
		if ops, err = freePort(ctx, "127.0.0.1", ops); err != nil {
			return place{}, err
		}
		*address = net.JoinHostPort("127.0.0.1", strconv.Itoa(ops))
		ops++
	}
	return p, nil
}

// freePort finds a port to listen on. The first one gets a moment, because a
// portal whose devstack was killed is still on its way out.
func freePort(ctx context.Context, host string, first int) (int, error) {
	patience := time.Now().Add(1500 * time.Millisecond)
	for port := first; port < first+100; {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return 0, fmt.Errorf("listen on port %d: %w", port, err)
		}
		if port == first && time.Now().Before(patience) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		port++
	}
	return 0, fmt.Errorf("the ports %d to %d are all taken", first, first+99)
}

// programs are our two, each with the environment that it needs and no more.
func programs(d dirs, s *server, smtp string, p place) (portal, worker program) {
	common := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TZ=UTC",
		"PORTAL_BASE_URL=" + p.base,
		"PORTAL_KEYS_FILE=" + d.keys,
		"PORTAL_DATAMAP=" + d.datamap,
		"PORTAL_VAULT_URL=" + d.vault,
		"PORTAL_MAIL_FROM=CrowsStack Privacy <privacy@crowsstack.com>",
		"PORTAL_COOLING_OFF=30s", // a demo is watched; 24 hours is the default
	}
	with := func(more ...string) []string { return append(append([]string{}, common...), more...) }
	portal = program{name: "portal", log: filepath.Join(d.log, "portal.log"), env: with(
		"PORTAL_DATABASE_URL="+s.dsn("portal_web", portalName),
		"PORTAL_LISTEN="+p.listen,
		"PORTAL_OPS_LISTEN="+p.portalOps,
		"PORTAL_DEV_INBOX="+d.inbox,
	)}
	worker = program{name: "worker", log: filepath.Join(d.log, "worker.log"), env: with(
		"PORTAL_DATABASE_URL="+s.dsn("portal_worker", portalName),
		"PORTAL_MESSAGING_URL="+s.dsn("portal_exec", storeName),
		"PORTAL_OPS_LISTEN="+p.workerOps,
		"PORTAL_OBJECTS="+d.objects,
		"PORTAL_SMTP_URL=smtp://"+smtp,
	)}
	return portal, worker
}

// answers waits until both processes are ready, or one has given up.
func (p place) answers(ctx context.Context, c *children) error {
	for _, address := range []string{p.portalOps, p.workerOps} {
		for deadline := time.Now().Add(30 * time.Second); !ready(ctx, address); {
			if time.Now().After(deadline) {
				return errors.New("the processes do not become ready; look into their logs")
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-c.failed:
				return err
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

func ready(ctx context.Context, address string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// banner is all that a stranger needs to begin.
func banner(p place, d dirs, s *server, members []staff.DemoMember, took time.Duration) {
	fmt.Printf("\n  The privacy portal is running (%.1f s).\n\n", took.Seconds())
	say("%-10s %s", "Portal", p.base+link.Home)
	say("%-10s %s   every mail that the portal sends, and the staff's codes", "Inbox", p.base+link.DevInbox)
	say("%-10s %s", "Desk", p.base+link.Desk)
	fmt.Println("\n  Ask as one of the people in the demo store, or as anybody else:")
	for _, who := range []struct {
		demo.Person
		is string
	}{
		{demo.Marina, "wrote to two organisations"},
		{demo.Tomas, "works for an organisation"},
		{demo.Ines, "owns one, and may ask for all its data"},
	} {
		say("%-34s %s", who.Email, who.is)
	}
	fmt.Println("\n  Answer as staff. Sign in with an address; the link comes to the inbox, where the six-digit code is, too:")
	for _, m := range members {
		var roles []string
		for _, r := range m.Roles {
			roles = append(roles, string(r))
		}
		say("%-34s %s", m.Email, strings.Join(roles, ", "))
	}
	fmt.Println("\n  For the curious:")
	say("%-10s http://%s/readyz and /metrics, http://%s/readyz and /metrics", "Ops", p.portalOps, p.workerOps)
	say("%-10s %s", "Logs", d.log)
	if s.private != nil { // an address that was given may hold a password
		say("%-10s psql '%s'", "Requests", s.dsn("", portalName))
		say("%-10s psql '%s'", "Store", s.dsn("", storeName))
	}
	fmt.Println("\n  Ctrl-C ends everything. What you did is kept for the next start.")
	fmt.Println()
}

package journey

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// programs are the real ones, built once for all journeys.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "journey-bin-")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir+"/", module+"cmd/portal", module+"cmd/worker", module+"cmd/portalctl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return dir, nil
})

// stack is one whole installation: two databases, object store, vault, a real
// SMTP server, and the two programs as processes of their own.
type stack struct {
	dir     string // state: objects, vault, inbox
	base    string // http://127.0.0.1:port
	portal  *pgxpool.Pool
	store   *pgxpool.Pool
	keys    *seal.Keyring
	members map[staff.Role]staff.DemoMember
	env     map[string]string // of the worker
	stats   demo.Stats
	read    map[string]bool // letters that somebody has opened, by id
	worker  *process
	web     *process
}

type size struct {
	rows, heavy int
	coolingOff  time.Duration
}

func newStack(t *testing.T, s size) *stack {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: whole journeys take longer than -short allows")
	}
	ctx := t.Context()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	k := &stack{dir: t.TempDir(), portal: pgtest.New(t), store: pgtest.Blank(t), members: map[staff.Role]staff.DemoMember{}, read: map[string]bool{}}
	k.fill(t, s)
	mails, err := inbox.Start("127.0.0.1:0", k.path("inbox"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mails.Close() }) // the test's result does not hang on it
	address := freeAddress(t)
	k.base = "http://" + address
	key := seal.NewKey("journey")
	if k.keys, err = seal.Parse(key); err != nil {
		t.Fatal(err)
	}
	k.hire(ctx, t)
	both := map[string]string{
		"PORTAL_KEYS": key, "PORTAL_BASE_URL": k.base, "PORTAL_DATAMAP": k.path("datamap.yaml"), "PORTAL_VAULT_URL": k.path("vault"),
		"PORTAL_MAIL_FROM": "CrowsStack Privacy <privacy@portal.example>", "PORTAL_COOLING_OFF": s.coolingOff.String(),
	}
	web := with(both, map[string]string{"PORTAL_DATABASE_URL": pgtest.DSN(k.portal, "portal_web"), "PORTAL_LISTEN": address, "PORTAL_DEV_INBOX": k.path("inbox")})
	k.env = with(both, map[string]string{"PORTAL_DATABASE_URL": pgtest.DSN(k.portal, "portal_worker"),
		"PORTAL_MESSAGING_URL": pgtest.DSN(k.store, "portal_exec"), "PORTAL_SMTP_URL": "smtp://" + mails.Addr(), "PORTAL_OBJECTS": k.path("objects")})
	k.web = start(t, filepath.Join(bin, "portal"), web)
	k.startWorker(t)
	k.until(t, "the portal answers", func() bool {
		res, err := http.Get(k.base + "/")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return k
}

func (k *stack) path(name string) string { return filepath.Join(k.dir, name) }

// fill makes the messaging store: rows, files, ledger and roles.
func (k *stack) fill(t *testing.T, s size) {
	t.Helper()
	ctx := t.Context()
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(k.path("datamap.yaml"), demo.DataMap, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := demo.Create(ctx, k.store); err != nil {
		t.Fatal(err)
	}
	if k.stats, err = demo.Load(ctx, k.store, demo.Options{Seed: 7, Rows: s.rows, HeavySubject: s.heavy, Objects: k.path("objects")}); err != nil {
		t.Fatal(err)
	}
	if _, err := connector.Migrate(ctx, k.store); err != nil {
		t.Fatal(err)
	}
	for _, g := range connector.Grants(m) {
		if _, err := k.store.Exec(ctx, g); err != nil {
			t.Fatalf("%s: %v", g, err)
		}
	}
}

// hire makes the demo staff.
func (k *stack) hire(ctx context.Context, t *testing.T) {
	t.Helper()
	queue, err := pg.Queue(k.portal)
	if err != nil {
		t.Fatal(err)
	}
	outbox := mail.NewOutbox(queue, k.keys, &url.URL{Scheme: "http", Host: "portal.example"}, "portal.example")
	members, err := staff.NewRoster(k.portal, outbox, k.keys, auth.NewThrottle(k.portal, k.keys)).SeedDemo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		k.members[m.Roles[0]] = m
	}
}

// process is one of our programs, with what it wrote to stderr.
type process struct {
	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan struct{}
}

func start(t *testing.T, program string, env map[string]string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program), log: &lockedBuffer{}, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, v := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+v)
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }() // how it ended does not matter here
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
		select {
		case <-p.done:
		case <-time.After(15 * time.Second):
			t.Errorf("%s did not stop within 15 seconds of SIGTERM", filepath.Base(program))
			_ = p.cmd.Process.Kill()
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), p.log.tail(6000))
		}
	})
	return p
}

func (k *stack) startWorker(t *testing.T) {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	k.worker = start(t, filepath.Join(bin, "worker"), k.env)
}

// killWorker is kill -9, without warning, wherever it is.
func (k *stack) killWorker(t *testing.T) {
	t.Helper()
	if err := k.worker.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-k.worker.done
}

// until polls for something that another process brings about.
func (k *stack) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 90 seconds in vain: %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// mailTo waits for a mail to an address whose text has a word, newer than the
// ones seen before, and gives its first link.
func (k *stack) mailTo(t *testing.T, address, word string) inbox.Mail {
	t.Helper()
	var found inbox.Mail
	k.until(t, "a mail with “"+word+"”", func() bool {
		mails, err := inbox.List(k.path("inbox"))
		if err != nil {
			return false
		}
		for _, m := range mails {
			if strings.EqualFold(m.To, address) && strings.Contains(m.Subject+m.Text, word) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (k *stack) count(t *testing.T, db *pgxpool.Pool, sql string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func with(a, b map[string]string) map[string]string {
	m := map[string]string{}
	for _, x := range []map[string]string{a, b} {
		for name, v := range x {
			m[name] = v
		}
	}
	return m
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedBuffer) tail(n int) string {
	s := l.String()
	return s[max(0, len(s)-n):]
}

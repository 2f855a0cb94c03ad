package pgtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
)

// administrator is a pool on the server that all tests of this process share:
// the one of TEST_DATABASE_URL, else one that is started for them.
var administrator = sync.OnceValues(func() (*pgxpool.Pool, error) {
	dsn := os.Getenv("TEST_DATABASE_URL")
	if dsn == "" {
		s, err := startPrivate()
		if err != nil {
			return nil, err
		}
		dsn = s.DSN("postgres", "postgres")
	}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL cannot be read: expected the address of a PostgreSQL superuser")
	}
	cfg.MaxConns = 8
	return pgxpool.NewWithConfig(context.Background(), cfg)
})

// Private is a server that is thrown away. Its directory goes even when the
// process that started it is killed.
type Private struct {
	*pgdev.Server
	dir    string
	reaper *exec.Cmd
	alive  io.WriteCloser
}

// reap removes the directory once the pipe from its parent closes, by whatever
// end of the parent, and the server is gone.
const reap = `read -r _; n=0; while [ -e "$1/pg/data/postmaster.pid" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done; rm -rf "$1"`

// StartPrivate starts a server for tests, in memory where there is room;
// bundled is where PostgreSQL's binaries may have been unpacked to.
func StartPrivate(bundled string) (*Private, error) {
	dir, err := os.MkdirTemp(roomy(), "privacy-portal-test-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the test server: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the server's user walks through it
		return nil, err
	}
	p := &Private{dir: dir, reaper: exec.Command("/bin/sh", "-c", reap, "sh", dir)}
	p.reaper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.alive, err = p.reaper.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.reaper.Start(); err != nil {
		return nil, fmt.Errorf("start the reaper: %w", err)
	}
	p.Server, err = pgdev.Start(context.Background(), pgdev.Options{Dir: filepath.Join(dir, "pg"), Throwaway: true, Bundled: bundled})
	if err != nil {
		p.reapNow()
		return nil, err
	}
	return p, nil
}

// Stop ends the server and removes all it wrote.
func (p *Private) Stop() error {
	err := p.Server.Stop()
	p.reapNow()
	return err
}

func (p *Private) reapNow() {
	_ = p.alive.Close()
	_ = p.reaper.Wait() // nothing hangs on it
}

// roomy is a directory in memory if it has more than a gigabyte to spare.
func roomy() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &fs); err == nil && fs.Bavail*uint64(fs.Bsize) > 1<<30 {
		return "/dev/shm"
	}
	return ""
}

var private struct {
	sync.Mutex
	server *Private
}

func startPrivate() (*Private, error) {
	private.Lock()
	defer private.Unlock()
	s, err := StartPrivate("")
	private.server = s
	return s, err
}

func stopPrivate() {
	private.Lock()
	defer private.Unlock()
	if private.server != nil {
		_ = private.server.Stop() // the tests have said what they had to say
	}
}

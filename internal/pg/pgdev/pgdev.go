// Package pgdev runs a private PostgreSQL as a child process, for development,
// the demo and the tests: reachable only through a socket directory that
// nobody else can enter, gone when the parent is gone, never wiped.
package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say where the server keeps its things.
type Options struct {
	Dir       string                           // made when missing; holds the lock, the cluster and the server's log
	Bundled   string                           // binaries to fall back on, as <Bundled>/bin; "" for none
	Throwaway bool                             // the data need not outlive a crash: faster, never for data to keep
	Notice    func(format string, args ...any) // told what a person should know; nil for nobody
}

// Server is a running PostgreSQL.
type Server struct {
	Dir    string // where the cluster really is
	socket string
	cmd    *exec.Cmd
	done   chan struct{}
	lock   *os.File
	stop   sync.Once
}

// patience is how long a start waits for the remains of a killed server.
const patience = 15 * time.Second

// errRemains says that a killed predecessor's processes are still going away.
var errRemains = errors.New("the processes of an earlier server are still there")

// Start runs the server of a directory and returns once it answers. A cluster
// is made on the first start. A second Start on the same directory fails.
func Start(ctx context.Context, o Options) (*Server, error) {
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := settle(o, who)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, lock: lock}
	if err := s.begin(ctx, o, who); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func (s *Server) begin(ctx context.Context, o Options, who *syscall.Credential) error {
	bin, err := chooseBin(s.Dir, o.Bundled, who)
	if err != nil {
		return err
	}
	if s.socket, err = socketDir(s.Dir, who); err != nil {
		return err
	}
	if err := initialise(ctx, bin, s.Dir, s.socket, who); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); ; {
		err := s.run(ctx, bin, o.Throwaway, who)
		if !errors.Is(err, errRemains) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// run starts the server once and waits until it answers or exits.
func (s *Server) run(ctx context.Context, bin string, throwaway bool, who *syscall.Credential) error {
	// Appending keeps what the processes of a killed server still say behind
	// what this one says, and no hole between.
	log, err := os.OpenFile(filepath.Join(s.Dir, "postgres.log"), os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	defer log.Close()
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), s.arguments(throwaway)...)
	s.cmd.SysProcAttr, s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = attributes(who), s.socket, log, log
	s.cmd.Env = append(os.Environ(), "TZ=UTC")
	s.done = make(chan struct{})

	started := make(chan error, 1)
	go func() {
		// The death signal follows this thread, not the process: the thread
		// has to live exactly as long as the server.
		runtime.LockOSThread()
		defer close(s.done)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", s.cmd.Path, err)
	}
	return s.await(ctx)
}

func (s *Server) await(ctx context.Context) error {
	for {
		select {
		case <-s.done:
			return s.autopsy()
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.shutdown())
		case <-time.After(15 * time.Millisecond):
		}
		conn, err := pgx.Connect(ctx, s.DSN("postgres", "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
	}
}

// autopsy reads in the log why the server went.
func (s *Server) autopsy() error {
	path := filepath.Join(s.Dir, "postgres.log")
	tail := Tail(path)
	for _, sign := range []string{"already exists", "still in use", "is already in use", "another postmaster"} {
		if strings.Contains(tail, sign) {
			return fmt.Errorf("%w: %s", errRemains, tail)
		}
	}
	return fmt.Errorf("postgres ended at once (%v); the last lines of %s:\n%s", s.cmd.ProcessState, path, tail)
}

func (s *Server) arguments(throwaway bool) []string {
	settings := []string{
		"listen_addresses=",
		"unix_socket_directories=" + s.socket,
		"unix_socket_permissions=0700",
		"logging_collector=off",
		"max_connections=200",
		"timezone=UTC",
		// Statements carry personal data: the log gets neither text nor values.
		"log_min_error_statement=panic",
		"log_parameter_max_length_on_error=0",
	}
	if throwaway {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
			"jit=off", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h", "max_connections=400")
	}
	args := []string{"-D", filepath.Join(s.Dir, "data")}
	for _, v := range settings {
		args = append(args, "-c", v)
	}
	return args
}

// DSN is the address of one database for one role, as a URL. There is no
// password: who can enter the socket directory is trusted.
func (s *Server) DSN(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: url.Values{"host": {s.socket}}.Encode()}
	return u.String()
}

// PID is the server's process id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server in an orderly way and waits for it. Calling it again
// does nothing.
func (s *Server) Stop() (err error) {
	s.stop.Do(func() {
		err = errors.Join(s.shutdown(), os.RemoveAll(s.socket), s.lock.Close())
	})
	return err
}

// shutdown asks for a fast shutdown, then insists.
func (s *Server) shutdown() error {
	for _, ask := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := s.cmd.Process.Signal(ask.signal); errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		select {
		case <-s.done:
			return nil
		case <-time.After(ask.wait):
		}
	}
	return fmt.Errorf("postgres (process %d) does not end", s.PID())
}

// Tail gives the end of a log file, for a person who wants to know why a child
// has ended; or why it cannot be read.
func Tail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 2000 {
		_, _ = f.Seek(-2000, io.SeekEnd) // from the start will do as well
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b))
}

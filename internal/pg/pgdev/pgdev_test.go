package pgdev_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
)

// TestMain makes this binary its own victim: with CHILD_DIR set it runs a
// server until somebody kills it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CHILD_DIR"); dir != "" {
		s, err := pgdev.Start(context.Background(), pgdev.Options{Dir: dir})
		if err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("up\n")
		<-s.Done()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestServerKeepsDataBetweenRuns(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	first := start(t, dir)
	exec1(t, first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
	begin := time.Now()
	second := start(t, dir)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the second start took %v", took)
	}
	if n := number(t, second, "SELECT n FROM kept"); n != 7 {
		t.Errorf("kept %d, want 7", n)
	}
}

func TestServerIsReachedOnlyThroughItsSocket(t *testing.T) {
	t.Parallel()
	s := start(t, stateDir(t))
	cfg, err := pgx.ParseConfig(s.DSN("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(cfg.Host)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket directory has mode %v, want 0700", info.Mode().Perm())
	}
	if got := text(t, s, "SHOW listen_addresses"); got != "" {
		t.Errorf("the server listens on %q", got)
	}
}

func TestLongAndOddPathsWork(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(stateDir(t), "a directory, with ümläuts & a name that is far too long for a socket's path", "pg")
	s := start(t, dir)
	if n := number(t, s, "SELECT 1"); n != 1 {
		t.Errorf("the server answers %d", n)
	}
}

func TestSecondServerOnOneDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	start(t, dir)
	_, err := pgdev.Start(t.Context(), pgdev.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "already running") {
		t.Errorf("got %v", err)
	}
}

func TestKilledServerIsNoticedAndRecovers(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	s := start(t, dir)
	exec1(t, s, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody noticed that the server is dead")
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := number(t, start(t, dir), "SELECT n FROM kept"); n != 7 {
		t.Errorf("kept %d, want 7", n)
	}
}

func TestKilledParentTakesTheServerDown(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	start(t, dir).Stop() // the cluster exists, so that the child is quick
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "CHILD_DIR="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	if n, err := out.Read(line); err != nil || string(line[:n]) != "up\n" {
		t.Fatalf("the child said %q (%v)", line[:n], err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	s := start(t, dir)
	if n := number(t, s, "SELECT 1"); n != 1 {
		t.Errorf("the next server answers %d", n)
	}
}

func TestClusterOfAnotherVersionIsNeverTouched(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	start(t, dir).Stop()
	version := filepath.Join(dir, "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9.6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgdev.Start(t.Context(), pgdev.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9.6") || !strings.Contains(err.Error(), "Nothing was touched") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "global", "pg_control")); err != nil {
		t.Errorf("the cluster was touched: %v", err)
	}
}

func TestDirectoryOutOfReachIsReplaced(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	var notice string
	s, err := pgdev.Start(t.Context(), pgdev.Options{Dir: filepath.Join(closed, "pg"), Throwaway: true,
		Notice: func(format string, _ ...any) { notice = format }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(); os.RemoveAll(s.Dir) })
	if !strings.HasPrefix(s.Dir, "/var/tmp/privacy-portal-") || notice == "" {
		t.Errorf("the cluster is in %s and the notice is %q", s.Dir, notice)
	}
}

// stateDir is a directory that the server's user can reach, unlike t.TempDir.
func stateDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("", "pgdev-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	return filepath.Join(parent, "pg")
}

func start(t *testing.T, dir string) *pgdev.Server {
	t.Helper()
	s, err := pgdev.Start(t.Context(), pgdev.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

func connect(t *testing.T, s *pgdev.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec1(t *testing.T, s *pgdev.Server, sql string) {
	t.Helper()
	if _, err := connect(t, s).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, s *pgdev.Server, sql string) (n int) {
	t.Helper()
	if err := connect(t, s).QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func text(t *testing.T, s *pgdev.Server, sql string) (v string) {
	t.Helper()
	if err := connect(t, s).QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

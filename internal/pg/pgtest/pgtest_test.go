package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestMain makes this binary its own victim: with VICTIM set it starts a
// server, says where, and panics when told to.
func TestMain(m *testing.M) {
	if os.Getenv("VICTIM") != "" {
		p, err := pgtest.StartPrivate("")
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString(p.Dir + "\n")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		panic("as a test would")
	}
	pgtest.Main(m)
}

func TestNothingIsLeftBehindByTestsThatPanic(t *testing.T) {
	t.Parallel()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), "VICTIM=yes")
	in, err1 := victim.StdinPipe()
	out, err2 := victim.StdoutPipe()
	if err := errors.Join(err1, err2, victim.Start()); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(strings.TrimSpace(line))
	if _, err := os.Stat(filepath.Join(dir, "pg", "data")); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := victim.Wait(); err == nil {
		t.Fatal("the victim lived")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s is still there", dir)
		case <-tick:
		}
	}
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	one, two := pgtest.Blank(t), pgtest.Blank(t)
	if _, err := one.Exec(t.Context(), "CREATE TABLE mine (n int)"); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := two.QueryRow(t.Context(), "SELECT to_regclass('mine') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("the other test's table is there: %v, %v", there, err)
	}
}

func TestAddressIsOfTheSameDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, role := range []string{"", "portal_web"} {
		conn, err := pgx.Connect(t.Context(), pgtest.DSN(db, role))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		var name, user string
		if err := conn.QueryRow(t.Context(), "SELECT current_database(), current_user").Scan(&name, &user); err != nil {
			t.Fatal(err)
		}
		if cc := db.Config().ConnConfig; name != cc.Database || role != "" && user != role {
			t.Errorf("connected to %s as %s, want %s as %q", name, user, cc.Database, role)
		}
	}
}

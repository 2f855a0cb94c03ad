package export_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"

	"github.com/crowsstack/privacy-portal/internal/bucket/buckettest"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
)

const plainWords = "what Davi wrote to Marina "

// TestHalfAPackage is no test: it is the process that TestAKilledWriter starts
// and kills.
func TestHalfAPackage(t *testing.T) {
	address := os.Getenv("HALF_A_PACKAGE")
	if address == "" {
		t.Skip("only as a child of TestAKilledWriterLeavesNothingToRead")
	}
	v := cellar{address: address}.vault(t)
	_, err := v.Create(t.Context(), uuid.MustParse(os.Getenv("PACKAGE_ID")), func(w io.Writer) error {
		for range 30 << 20 / len(plainWords) { // several parts of an upload
			if _, err := io.WriteString(w, plainWords); err != nil {
				return err
			}
		}
		fmt.Println("half")
		_, err := io.Copy(io.Discard, os.Stdin) // which never ends
		return err
	})
	t.Error("lived on: ", err)
}

// killHalfWay lets a process write half a package and kills it.
func killHalfWay(t *testing.T, address string, id uuid.UUID) (temp string) {
	t.Helper()
	temp = t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHalfAPackage$")
	child.Env = append(os.Environ(), "HALF_A_PACKAGE="+address, "PACKAGE_ID="+id.String(), "TMPDIR="+temp)
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "half\n" {
		t.Errorf("the child says %q, %v", line, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = child.Wait() // it was killed
	return temp
}

func TestAKilledWriterLeavesNothingToRead(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	unread := func(t *testing.T, address, temp string) {
		t.Helper()
		v := cellar{address: address}.vault(t)
		if _, err := v.Open(t.Context(), export.Artifact{ID: id}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the half package opens with %v", err)
		}
		if n, err := v.Sweep(t.Context(), func(uuid.UUID) bool { return false }); n != 0 || err != nil {
			t.Errorf("swept %d packages, %v", n, err)
		}
		if left := names(t, temp); len(left) != 0 {
			t.Errorf("written outside the vault: %q", left)
		}
	}
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "vault")
		temp := killHalfWay(t, dir, id)
		half := names(t, dir)
		if len(half) != 1 || !strings.HasSuffix(half[0], ".partial") {
			t.Fatalf("in the vault: %q", half)
		}
		body, err := os.ReadFile(filepath.Join(dir, half[0]))
		if err != nil || len(body) < 20<<20 || bytes.Contains(body, []byte(plainWords)) {
			t.Errorf("%d bytes, %v, or plain words", len(body), err)
		}
		unread(t, dir, temp)
		if left := names(t, dir); len(left) != 0 {
			t.Errorf("left: %q", left)
		}
	})
	t.Run("S3", func(t *testing.T) {
		t.Parallel()
		clock := gofakes3.FixedTimeSource(time.Now().Add(-25 * time.Hour))
		server := buckettest.NewAt(t, clock)
		temp := killHalfWay(t, server.Address("plain"), id)
		if n := server.Uploads(t, "plain"); n != 1 {
			t.Errorf("%d uploads begun", n)
		}
		unread(t, server.Address("plain"), temp)
		if n := server.Uploads(t, "plain"); n != 0 {
			t.Errorf("%d uploads left", n)
		}
	})
}

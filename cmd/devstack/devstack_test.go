package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// script writes a small program that stands in for one of ours.
func script(t *testing.T, dir, name, body string) program {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return program{name: name, log: filepath.Join(dir, name+".log"), env: []string{"PATH=" + os.Getenv("PATH"), "DIR=" + dir}}
}

func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// awaitFile polls until a child has written a file.
func awaitFile(t *testing.T, path string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for tick := time.Tick(10 * time.Millisecond); ; {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s never came", path)
		case <-tick:
		}
	}
}

func TestChildThatEndsAtOnceSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := launch(t.Context(), dir, script(t, dir, "dies", "echo PORTAL_KEYS is not set; exit 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	select {
	case err := <-c.failed:
		if !strings.Contains(err.Error(), "PORTAL_KEYS is not set") {
			t.Errorf("the reason is missing: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody said that the child ended")
	}
}

func TestChildThatDiesIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := launch(t.Context(), dir, script(t, dir, "once", `[ -e $DIR/first ] && { touch $DIR/second; exec sleep 60; }
touch $DIR/first
kill -9 $$
`))
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	awaitFile(t, filepath.Join(dir, "second"))
}

func TestStopAsksAndWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := launch(t.Context(), dir, script(t, dir, "stays", `trap 'touch $DIR/tidy; exit 0' TERM
touch $DIR/up
while :; do sleep 0.05; done
`))
	if err != nil {
		t.Fatal(err)
	}
	awaitFile(t, filepath.Join(dir, "up"))
	c.stop()
	if _, err := os.Stat(filepath.Join(dir, "tidy")); err != nil {
		t.Error("the child had no time to tidy up")
	}
}

func TestChildrenGetTheirOwnEnvironmentOnly(t *testing.T) {
	t.Setenv("PORTAL_MESSAGING_URL", "postgres://leaked")
	d := dirs{root: "/r", log: "/r/log", keys: "/r/keys/sealing", inbox: "/r/inbox", objects: "/r/objects"}
	s := &server{address: mustParse(t, "postgres://boss:secret@db/postgres"), secrets: map[string]string{"portal_web": "w", "portal_worker": "k", "portal_exec": "x"}}
	portal, worker := programs(d, s, "127.0.0.1:2525", place{})
	if all := strings.Join(portal.env, "\n"); strings.Contains(all, "MESSAGING") || strings.Contains(all, "leaked") || strings.Contains(all, "SMTP") || strings.Contains(all, "secret") {
		t.Errorf("the portal is given more than it needs:\n%s", all)
	}
	if all := strings.Join(worker.env, "\n"); !strings.Contains(all, "PORTAL_MESSAGING_URL=postgres://portal_exec:x@db/crowsstack_demo\n") || strings.Contains(all, "secret") {
		t.Errorf("the worker's environment is\n%s", all)
	}
}

func TestTakenPortLeadsToTheNext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	p, err := choosePorts(context.Background(), net.JoinHostPort("127.0.0.1", strconv.Itoa(taken)))
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(p.listen)
	if err != nil || port == strconv.Itoa(taken) || p.base != "http://localhost:"+port {
		t.Errorf("chose %+v while %d is taken (%v)", p, taken, err)
	}
	if _, err := choosePorts(context.Background(), "8080"); err == nil || !strings.Contains(err.Error(), "expected host:port") {
		t.Errorf("a port without a host: %v", err)
	}
}

func TestKeysAreMadeOnceAndForUsAlone(t *testing.T) {
	t.Parallel()
	d, err := layout(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	first, err := loadKeys(d)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Seal("test", []byte("kept"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadKeys(d)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := second.Open("test", sealed); err != nil || string(plain) != "kept" {
		t.Errorf("the second start has other keys: %v", err)
	}
	if info, err := os.Stat(d.keys); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys have mode %v (%v)", info.Mode(), err)
	}
}

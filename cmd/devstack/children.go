package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
)

// program is one of ours, to be run as a child with an environment of its own.
type program struct {
	name string
	log  string // file
	env  []string
}

// children are programs that are kept running.
type children struct {
	cancel context.CancelFunc
	wait   sync.WaitGroup
	failed chan error // a program that ends before it ever worked
}

// grace is how long a child may take to finish what it has in hand.
const grace = 40 * time.Second

// launch starts the programs that lie in dir.
func launch(ctx context.Context, dir string, list ...program) (*children, error) {
	// The children get their signal from stop, in order, not from ctx.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &children{cancel: cancel, failed: make(chan error, len(list))}
	for _, p := range list {
		path := filepath.Join(dir, p.name)
		if _, err := os.Stat(path); err != nil {
			cancel()
			return nil, fmt.Errorf("%s is not beside devstack: run make build", p.name)
		}
		if err := os.RemoveAll(p.log); err != nil { // one log per run
			cancel()
			return nil, err
		}
		c.wait.Go(func() { c.keep(life, path, p) })
	}
	return c, nil
}

// stop ends all children and waits for them.
func (c *children) stop() {
	c.cancel()
	c.wait.Wait()
}

// keep runs a program again whenever it ends, more slowly each time that it did
// not last.
func (c *children) keep(ctx context.Context, path string, p program) {
	// The death signal follows this thread, so it has to live as long as the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for wait := time.Second; ; {
		begin := time.Now()
		err := runOnce(ctx, path, p)
		if ctx.Err() != nil {
			return
		}
		lasted := time.Since(begin)
		if lasted < 2*time.Second {
			select {
			case c.failed <- fmt.Errorf("%s ended at once (%v):\n%s", p.name, err, pgdev.Tail(p.log)):
			default: // told already
			}
		}
		if lasted > time.Minute {
			wait = time.Second
		}
		say("%s has ended (%v); starting it again in %v. Its log: %s", p.name, err, wait, p.log)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, 30*time.Second)
	}
}

func runOnce(ctx context.Context, path string, p program) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, path)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	// A process group of its own keeps Ctrl-C in the terminal away: it is ours
	// to pass on. The death signal is for when we are killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd.Run()
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childWord as the first argument makes this program one of its own children.
// Each candidate is a process of its own, so that memory and processor time
// are its own too.
const childWord = "child"

// task is what a child reads from its input, outcome what it answers.
type task struct {
	Do       string
	Database string // address
	Dir      string
	Batch    int
	Paced    bool   // as the engine paces itself
	By       string // what a lookup starts from
	Profile  string // file for a profile of the processor time; empty for none

	Address string // of a web server
	Keys    string
	Body    string // file
	Cookie  string
	Cookies []string // one of each member
	Seconds int
}

type outcome struct {
	Seconds float64
	Phases  map[string]float64
	Rows    int64
	Bytes   int64
	Idle    int64 // resident kB before the work
	Peak    int64 // highest resident kB
	Rate    float64
	P50     float64 // ms
	P99     float64 // ms
	Max     float64 // ms
	WAL     int64   // bytes that were logged meanwhile

	Statement string

	CPU float64 `json:"-"` // seconds, the server's too
}

// tasks are what children can do.
var tasks = map[string]func(context.Context, task) (outcome, error){
	"export":              func(ctx context.Context, t task) (outcome, error) { return exportPackage(ctx, t, false) },
	"export data":         func(ctx context.Context, t task) (outcome, error) { return exportPackage(ctx, t, true) },
	"export small":        exportSmall,
	"export organization": exportOrganization,
	"erase":               erase,
	"erase plain":         erasePlain,
	"erase batches":       eraseBatches,
	"find":                find,
	"lookup":              lookup,
	"site":                serveSite,
	"bare":                serveBare,
	"ask":                 askClosedLoop,
	"bare queue":          serveBareQueue,
	"ask queue":           askAsMembers,
}

func child() int {
	var t task
	err := json.NewDecoder(os.Stdin).Decode(&t)
	if err == nil {
		var out outcome
		if out, err = perform(t); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func perform(t task) (out outcome, err error) {
	if t.Profile != "" {
		f, err := os.Create(t.Profile)
		if err != nil {
			return out, fmt.Errorf("make a profile: %w", err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return out, fmt.Errorf("make a profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM) // how a web server is ended
	defer stop()
	return tasks[t.Do](ctx, t)
}

// command prepares a child.
func (b *bench) command(t task) (*exec.Cmd, error) {
	if b.o.profiles != "" {
		t.Profile = filepath.Join(b.o.profiles, strings.ReplaceAll(t.Do, " ", "-")+".pprof")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	in, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write a task: %w", err)
	}
	cmd := exec.CommandContext(b.ctx, self, childWord)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return cmd, nil
}

// measure runs a child on a database after a checkpoint.
func (b *bench) measure(t task, address string) (out outcome, err error) {
	t.Database = address
	out.CPU, err = b.witnessed(func() (time.Duration, error) {
		cmd, err := b.command(t)
		if err != nil {
			return 0, err
		}
		var answer bytes.Buffer
		cmd.Stdout = &answer
		if err := cmd.Run(); err != nil {
			return 0, fmt.Errorf("%s: %w", t.Do, errors.Join(context.Cause(b.ctx), err))
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), json.Unmarshal(answer.Bytes(), &out)
	})
	if err != nil {
		return out, err
	}
	b.say("%-14s %7.2f s  %6.2f s of processor", t.Do, out.Seconds, out.CPU)
	return out, nil
}

// witnessed adds the server's processor time to what run reports of its own.
func (b *bench) witnessed(run func() (time.Duration, error)) (float64, error) {
	if _, err := b.db.admin.Exec(b.ctx, "CHECKPOINT"); err != nil {
		return 0, fmt.Errorf("write everything back: %w", err)
	}
	before, err := b.db.cpu()
	if err != nil {
		return 0, err
	}
	own, err := run()
	if err != nil {
		return 0, err
	}
	after, err := b.db.cpu()
	return (own + after - before).Seconds(), err
}

// memory reads this process's resident and highest resident kB; 0 where the
// system does not tell.
func memory() (now, peak int64) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64) // 0 for the others
		switch name {
		case "VmRSS":
			now = n
		case "VmHWM":
			peak = n
		}
	}
	return now, peak
}

// idle is what this process needs before it has done anything.
func idle() int64 {
	debug.FreeOSMemory()
	now, _ := memory()
	return now
}

// clock times the phases of a piece of work.
type clock struct {
	begun, last time.Time
	phases      map[string]float64
}

func newClock() *clock {
	now := time.Now()
	return &clock{now, now, map[string]float64{}}
}

func (c *clock) phase(name string) {
	now := time.Now()
	c.phases[name], c.last = now.Sub(c.last).Seconds(), now
}

func (c *clock) outcome(rows int64) outcome {
	return outcome{Seconds: time.Since(c.begun).Seconds(), Phases: c.phases, Rows: rows}
}

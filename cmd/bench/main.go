// Command bench measures what people wait for, each figure against the best
// that this machine does without us, taken in turn in the same run. It prints
// one line of JSON per figure and needs nothing but PostgreSQL: it runs a
// server of its own and takes everything away afterwards.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

type options struct {
	messages int
	most     int // messages of one person
	only     string
	quick    bool
	dir      string
	profiles string
}

// parts are measured in this order.
var parts = []struct {
	name string
	run  func(*bench) error
}{
	{"export", (*bench).exports},
	{"organization", (*bench).organizations},
	{"deletion", (*bench).deletions},
	{"quiet", (*bench).quiet},
	{"discovery", (*bench).discoveries},
	{"pages", (*bench).pages},
	{"queue", (*bench).queue},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == childWord {
		os.Exit(child())
	}
	var o options
	flag.IntVar(&o.messages, "messages", 2_000_000, "messages in the store; half of them, and as many as -person at most, are the person's who is exported and deleted")
	flag.IntVar(&o.most, "person", 1_000_000, "the most messages that the person has")
	flag.StringVar(&o.only, "only", "", "measure only this: export, organization, deletion, quiet, discovery, pages or queue")
	flag.BoolVar(&o.quick, "quick", false, "200,000 messages and one round: to try out, not to publish")
	flag.StringVar(&o.dir, "dir", "/var/tmp", "where the database is made; 10 GB are needed for two million messages, 60 GB for twenty")
	flag.StringVar(&o.profiles, "profiles", "", "a directory: each of our processes writes a profile there, the last round's stays")
	flag.Parse()
	if o.quick && !given("messages") {
		o.messages = 200_000
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us at once
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func given(name string) (found bool) {
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// bench is one run.
type bench struct {
	ctx    context.Context
	o      options
	rounds int
	dir    string
	db     *server
	main   *store
	wide   *store // the scattered one, if it is another
	begun  time.Time
}

func run(ctx context.Context, o options) (err error) {
	if err := check(o); err != nil {
		return err
	}
	// The death signal of a child follows the thread that started it.
	runtime.LockOSThread()
	b := &bench{ctx: ctx, o: o, rounds: 3, begun: time.Now()}
	b.main = &store{name: "store", messages: o.messages, person: min(o.messages/2, o.most)}
	if o.quick {
		b.rounds = 1
	}
	if b.dir, err = os.MkdirTemp(o.dir, "portal-bench-"); err != nil {
		return fmt.Errorf("make a directory for the run: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := os.Chmod(b.dir, 0o755); err != nil { // the database's own user has to get in
		return err
	}
	if b.db, err = startServer(ctx, filepath.Join(b.dir, "postgres")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.db.close()) }()
	for _, p := range parts {
		if o.only != "" && o.only != p.name {
			continue
		}
		if err := p.run(b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	b.say("done")
	return nil
}

// another tells whether there is time for a round more: a busy machine gets
// fewer rounds, and the figures say how many.
func (b *bench) another(round, rounds int, until time.Duration) bool {
	return round < rounds && (round == 0 || time.Since(b.begun) < until)
}

// check says at once what would stop the run later.
func check(o options) error {
	known := o.only == ""
	var names []string
	for _, p := range parts {
		known, names = known || p.name == o.only, append(names, p.name)
	}
	switch {
	case !known:
		return fmt.Errorf("there is no part %q: say %s", o.only, strings.Join(names, ", "))
	case o.messages < 10_000:
		return errors.New("-messages needs at least 10000: fewer measure nothing but noise")
	case flag.NArg() > 0:
		return errors.New("only flags are taken; -h lists them")
	}
	for _, tool := range []string{"psql", "gzip", "pgbench"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing, which we are measured against: install it first (Debian and Ubuntu: apt-get install postgresql-client postgresql-contrib gzip)", tool)
		}
	}
	return nil
}

// say tells the person at the terminal what is going on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.1fs  %s\n", time.Since(b.begun).Seconds(), fmt.Sprintf(format, args...))
}

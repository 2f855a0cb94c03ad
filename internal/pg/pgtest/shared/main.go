// Command shared runs another command, such as go test, with a PostgreSQL
// server that all packages' tests share, and throws it away afterwards.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// bundled is where the makefile's other targets look for PostgreSQL, too.
const bundled = ".data/pgbin"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: shared COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	// Ctrl-C reaches the command as well; we only have to outlive it.
	signal.Ignore(syscall.SIGINT)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()

	env := os.Environ()
	if os.Getenv("TEST_DATABASE_URL") == "" {
		if err := pgdev.Provide(ctx, bundled, os.Stderr); err != nil {
			return 1, err
		}
		server, err := pgtest.StartPrivate(bundled)
		if err != nil {
			return 1, err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		env = append(env, "TEST_DATABASE_URL="+server.DSN("postgres", "postgres"))
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

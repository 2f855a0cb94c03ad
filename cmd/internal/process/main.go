// Package process is what the programs share: how they start, the parts they
// build from their settings, the operator's port, and an orderly end.
package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/crowsstack/privacy-portal/internal/config"
)

// drain is how long running work may take after the signal to stop.
const drain = 30 * time.Second

// Main runs a program that takes its settings from the environment and no
// arguments. The first SIGTERM or Ctrl-C ends the context, the second kills.
func Main(p config.Process, run func(ctx context.Context, log *slog.Logger) error) {
	if len(os.Args) > 1 {
		if a := os.Args[1]; a == "-h" || a == "--help" || a == "-help" {
			config.Usage(os.Stdout, p)
			return
		}
		fmt.Fprintf(os.Stderr, "%s takes no arguments; -h shows its settings\n", p)
		os.Exit(2)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("process", string(p))
	slog.SetDefault(log)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from now on a signal has its usual effect
	if err := run(ctx, log); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p, err)
		os.Exit(1)
	}
}

// Serve answers on an address until the context ends, then lets running
// requests finish.
func Serve(ctx context.Context, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program listens on %s already", address)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	slog.Info("listening", "address", l.Addr().String())
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", address, err)
	case <-ctx.Done():
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(soon); err != nil {
		// Whoever is still downloading resumes with a range request.
		return server.Close()
	}
	return nil
}

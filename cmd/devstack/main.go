// Command devstack runs the whole portal on one machine with demo data: a
// private PostgreSQL, a messaging store, a mail inbox, the web process and the
// worker. One Ctrl-C ends all of it; what it made stays for the next start.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/crowsstack/privacy-portal/internal/inbox"
)

type options struct {
	dir      string
	listen   string
	database string
	rows     int
	rowsSet  bool
	reset    bool
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", ".data", "where everything is kept between runs")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of the portal; the next free port if it is taken")
	flag.StringVar(&o.database, "database", os.Getenv("DATABASE_URL"), "URL of a PostgreSQL administrator, to use that server instead of a private one (default DATABASE_URL)")
	flag.IntVar(&o.rows, "rows", 10_000, "size of the demo store, all tables together")
	flag.BoolVar(&o.reset, "reset", false, "begin anew: throw demo data, requests, mails and packages away, after asking")
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { o.rowsSet = o.rowsSet || f.Name == "rows" })
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "devstack takes no arguments, only flags; -h lists them\n")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us at once, and the children with us
	if err := run(ctx, o); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "\ndevstack:", err)
		os.Exit(1)
	}
}

// say tells the person at the terminal what is going on.
func say(format string, args ...any) { fmt.Printf("  "+format+"\n", args...) }

func run(ctx context.Context, o options) (err error) {
	begin := time.Now()
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	if o.reset && !confirmed(o.dir) {
		return errors.New("nothing was thrown away")
	}
	fmt.Println()
	dirs, err := layout(o.dir)
	if err != nil {
		return err
	}
	db, err := openServer(ctx, o, dirs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if o.reset {
		if err := reset(ctx, db, dirs); err != nil {
			return err
		}
	}
	keys, err := loadKeys(dirs)
	if err != nil {
		return err
	}
	staff, err := prepare(ctx, o, dirs, db, keys)
	if err != nil {
		return err
	}
	mails, err := inbox.Start("127.0.0.1:0", dirs.inbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mails.Close()) }()

	place, err := choosePorts(ctx, o.listen)
	if err != nil {
		return err
	}
	portal, worker := programs(dirs, db, mails.Addr(), place)
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own place: %w", err)
	}
	both, err := launch(ctx, filepath.Dir(self), portal, worker)
	if err != nil {
		return err
	}
	defer both.stop()
	if err := place.answers(ctx, both); err != nil {
		return err
	}
	banner(place, dirs, db, staff, time.Since(begin))

	select {
	case <-ctx.Done():
		fmt.Println("\n  Stopping …")
		return nil
	case <-db.gone():
		return fmt.Errorf("PostgreSQL has ended; its last words are in %s", filepath.Join(db.home(), "postgres.log"))
	}
}

// confirmed asks before anything is thrown away. Without a terminal the answer
// comes from standard input all the same.
func confirmed(dir string) bool {
	fmt.Printf("This throws away the demo store, all requests, mails and packages in %s. Type yes to go on: ", dir)
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no answer is no
	return strings.EqualFold(strings.TrimSpace(line), "yes")
}

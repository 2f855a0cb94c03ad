// Command portalctl is the operator's tool. It changes nothing unless told to
// with -apply, and puts what it changed into the audit record.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

// Exit codes, as product contract and scripts know them.
const (
	fine   = 0
	failed = 1
	usage  = 2
	found  = 3 // it worked, and something is wrong with what was looked at
)

type commands struct {
	JSON bool `name:"json" help:"Print one JSON document."`

	Migrate migrate `cmd:"" help:"Bring the database up to date; the messaging store's ledger as well if its address is given."`
	Staff   struct {
		Add staffAdd `cmd:"" help:"Invite a member of staff."`
	} `cmd:"" help:"Who works at the desk."`
	Datamap struct {
		Draft  datamapDraft  `cmd:"" help:"Propose a first map from a live schema. Read-only."`
		Check  datamapCheck  `cmd:"" help:"Hold a data map against a live store."`
		Schema datamapSchema `cmd:"" help:"Print the JSON Schema of a data map, for editors."`
	} `cmd:"" help:"The data map."`
	Find  find `cmd:"" help:"Search a store for somebody's data. Read-only."`
	Plan  plan `cmd:"" help:"Say what a request would do to a store. Read-only."`
	Due   due  `cmd:"" help:"Compute the deadlines of a request."`
	Audit struct {
		Verify auditVerify `cmd:"" help:"Compute every hash of the audit record again."`
	} `cmd:"" help:"The audit record."`
	Bundle struct {
		Verify bundleVerify `cmd:"" help:"Hold a delivered ZIP, or all parts of a package, against the manifest."`
	} `cmd:"" help:"Delivered packages."`
}

// app is what a command has to do with.
type app struct {
	ctx      context.Context
	out, err io.Writer
	env      []string
	json     bool
}

// result is what a command found or did; its JSON form is the contract's.
type result interface{ text(w io.Writer) }

// errFound ends a command that worked and found something wrong.
var errFound = errors.New("something is wrong")

// usageError is a mistake in the arguments.
type usageError struct{ error }

func misuse(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	a := &app{ctx: ctx, out: os.Stdout, err: os.Stderr, env: os.Environ()}
	os.Exit(a.run(os.Args[1:]))
}

func (a *app) run(args []string) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("portalctl"), kong.Description("The operator's tool of the privacy portal. Settings come from the environment (PORTAL_…)."),
		kong.Writers(a.out, a.err), kong.Exit(func(code int) { exit = code }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(a.ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintf(a.err, "portalctl: %v\n", err)
		return failed
	}
	chosen, err := parser.Parse(doubleDashes(args))
	if exit >= 0 { // -h has been answered
		return exit
	}
	if err != nil {
		fmt.Fprintf(a.err, "portalctl: %v. Try -h.\n", err)
		return usage
	}
	a.json = c.JSON
	return a.code(chosen.Run(a))
}

// code tells a command's end to the shell, and why to the person.
func (a *app) code(err error) int {
	if err == nil {
		return fine
	}
	if errors.Is(err, errFound) {
		return found
	}
	fmt.Fprintf(a.err, "portalctl: %s\n", sentence(err))
	if _, ok := errors.AsType[usageError](err); ok {
		return usage
	}
	return failed
}

// sentence gives the words that a person may read, where there are some.
func sentence(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	for _, m := range e.Fields { // on the command line the first one will do
		return lang.In(lang.English, m.Key, m.Args...)
	}
	return lang.In(lang.English, e.Text.Key, e.Text.Args...)
}

// doubleDashes lets long flags be written with one dash, -apply, or two.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(out[i:], args[i:])
			break
		}
		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' && (arg[1] < '0' || arg[1] > '9') {
			arg = "-" + arg
		}
		out[i] = arg
	}
	return out
}

// show prints a result in the form that was asked for.
func (a *app) show(r result) error {
	if !a.json {
		r.text(a.out)
		return nil
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// settings reads what the environment says to the command line.
func (a *app) settings() (config.Ctl, error) {
	c, notices, err := config.ReadCtl(a.env)
	for _, n := range notices {
		fmt.Fprintln(a.err, n)
	}
	return c, err
}

// database opens our own database.
func (a *app) database(c config.Ctl) (*pgxpool.Pool, error) {
	if c.DatabaseURL == "" {
		return nil, errors.New("PORTAL_DATABASE_URL is not set: expected the portal's database")
	}
	return a.open(c.DatabaseURL)
}

// open makes a pool and sees that somebody answers.
func (a *app) open(dsn string) (*pgxpool.Pool, error) {
	db, err := pg.Open(a.ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(a.ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("the database does not answer: %w", err)
	}
	return db, nil
}

// actor is who sits at the command line, as the audit names them.
func actor() audit.Actor {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return audit.Actor{Kind: audit.CLIActor, ID: name, Label: "portalctl"}
}

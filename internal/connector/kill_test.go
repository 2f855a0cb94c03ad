package connector_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// wanted is how often one deletion is killed.
const wanted = 200

// TestOneMillionRowsKilledTwoHundredTimes kills the worker process with kill -9
// at random moments: mostly while it works, sometimes while it starts or waits
// for the lease of a dead one. A second worker always stands by, so there are
// two at any moment. Afterwards each row went once, each file too, and nobody
// else's changed.
func TestOneMillionRowsKilledTwoHundredTimes(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	begun := time.Now()
	s := newSiege(t, db, pgtest.DSN(db, ""), size{500_000, 244_998, 5_000}, connector.Options{Lease: 100 * time.Millisecond, BatchRows: 1000})
	if s.rows != 1_000_000 {
		t.Fatalf("the person has %d rows", s.rows)
	}
	built := time.Since(begun)
	k := &killing{siege: s, dice: rand.New(rand.NewPCG(1, uint64(begun.UnixNano()))), rate: 50}
	k.run(t)
	t.Logf("1,000,000 rows: built in %.1f s; %d workers killed with kill -9: %d at work on rows, %d on files, %d while they started or waited; %.1f s in all",
		built.Seconds(), k.rows+k.files+k.idle, k.rows, k.files, k.idle, time.Since(begun).Seconds())
	if n := k.rows + k.idle; n < wanted {
		t.Errorf("only %d workers were killed while rows were left", n)
	}
	s.proved(t)
}

// killing is a deletion under fire.
type killing struct {
	*siege
	dice              *rand.Rand
	rate              float64 // rows a worker does in a millisecond
	rows, files, idle int     // kills
}

// run kills until the deletion is carried out all the same: so often that rows
// are left for the last of the wanted kills, then while files are removed.
func (k *killing) run(t *testing.T) {
	at, standby := k.start(t), k.start(t)
	for {
		if k.dice.IntN(5) == 0 && k.rows+k.idle < wanted { // whoever is in no hurry: starting, waiting, sometimes at work
			time.Sleep(time.Duration(k.dice.IntN(60)) * time.Millisecond)
			standby.end()
			standby = k.start(t)
			k.idle++
		}
		at, standby = working(t, at, standby)
		before, begun := k.done(t), time.Now()
		if !at.lives(t, k.life(k.siege.rows-before)) {
			standby.end()
			return
		}
		at.end()
		if before < k.siege.rows {
			k.rows++
			k.rate = 0.9*k.rate + 0.1*float64(k.done(t)-before)/max(1, float64(time.Since(begun).Milliseconds()))
		} else {
			k.files++
		}
		at, standby = standby, k.start(t)
	}
}

// life is how long the next worker may work, with so many rows left.
func (k *killing) life(left int64) time.Duration {
	most := 100 * float64(k.files+1) // ms; files take as long as they take
	switch to := wanted - k.rows - k.idle; {
	case left > 0 && to > 0:
		most = 1.4 * float64(left) / float64(to+5) / k.rate
	case left > 0: // enough: let somebody get to the files
		most = 1.5 * float64(left) / k.rate
	}
	return time.Duration(k.dice.Float64() * most * float64(time.Millisecond))
}

// lives lets a worker work for a while; false says that it got through.
func (w *worker) lives(t *testing.T, life time.Duration) bool {
	t.Helper()
	select {
	case <-time.After(life):
		return true
	case word := <-w.lines:
		if word != "done" {
			t.Fatalf("a worker ended: %q", word)
		}
		return false
	}
}

// working waits until one of two workers does something, and gives that first.
func working(t *testing.T, a, b *worker) (at, standby *worker) {
	t.Helper()
	select {
	case word := <-a.lines:
		if word == "working" {
			return a, b
		}
		t.Fatalf("a worker ended: %q", word)
	case word := <-b.lines:
		if word == "working" {
			return b, a
		}
		t.Fatalf("a worker ended: %q", word)
	case <-time.After(time.Minute):
		t.Fatal("no worker has done anything for a minute")
	}
	return nil, nil
}

// TestAStoppedWorkerWakesBesideItsSuccessor stops the worker process for longer
// than its lease, wherever it is, lets another one take over, wakes the first,
// and so on with the second. Who was stopped is fenced off each time.
func TestAStoppedWorkerWakesBesideItsSuccessor(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := newSiege(t, db, pgtest.DSN(db, ""), size{100_000, 50_000, 1000}, connector.Options{Lease: 150 * time.Millisecond, BatchRows: 200})
	s.job.Once = true
	at, fenced := s.start(t), 0
	for word := at.hears(t); word == "working" && fenced < 10; {
		at.signal(t, syscall.SIGSTOP)
		next := s.start(t)
		word = next.hears(t)
		at.signal(t, syscall.SIGCONT)
		if got := at.hears(t); got != "fenced" {
			t.Errorf("who was stopped says %q", got)
		}
		at = next
		fenced++
	}
	if err := s.Execute(t.Context(), s.job.Operation, s.job.Plan, nothing); errors.Is(err, connector.ErrBusy) {
		if word := at.hears(t); word != "done" {
			t.Errorf("the last worker says %q", word)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	if fenced < 5 {
		t.Errorf("the deletion was over after %d workers: the test proves little", fenced)
	}
	t.Logf("%d workers were stopped past their lease and fenced off when they woke", fenced)
	s.proved(t)
}

func nothing(datamap.Outcome) error { return nil }

// TestTwoWorkersTakeTheDeletionFromEachOther ends the lease again and again
// under two living processes: each takes over in the middle of the other's
// batch.
func TestTwoWorkersTakeTheDeletionFromEachOther(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := newSiege(t, db, pgtest.DSN(db, ""), size{40_000, 10_000, 1000}, connector.Options{Lease: time.Second, BatchRows: 50})
	a, b := s.start(t), s.start(t)
	for through, ended := 0, 0; through < 2; {
		var word string
		select {
		case word = <-a.lines:
		case word = <-b.lines:
		case <-time.After(2 * time.Millisecond):
			if ended++; ended > 500 { // enough
				continue
			}
			exec(t, db, "UPDATE dsar.operation SET lease_until = now() - interval '1 second' WHERE id = $1", s.job.Operation)
		}
		switch word {
		case "done":
			through++
		case "", "working":
		default:
			t.Fatalf("a worker says %q", word)
		}
	}
	var epoch int64
	if err := db.QueryRow(t.Context(), "SELECT epoch FROM dsar.operation WHERE id = $1", s.job.Operation).Scan(&epoch); err != nil {
		t.Fatal(err)
	}
	if epoch < 20 {
		t.Errorf("the deletion changed hands only %d times", epoch)
	}
	t.Logf("the deletion changed hands %d times", epoch)
	s.proved(t)
}

// TestTheStoreIsKilledUnderTheWorker ends PostgreSQL itself, at once and
// without a checkpoint, and starts it again under the same worker.
func TestTheStoreIsKilledUnderTheWorker(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "privacy-portal-kill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // the server's user walks through it
		t.Fatal(err)
	}
	up := func() *pgdev.Server {
		server, err := pgdev.Start(t.Context(), pgdev.Options{Dir: filepath.Join(dir, "pg")})
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := up()
	t.Cleanup(func() { _ = server.Stop() })
	db, err := pgxpool.New(t.Context(), server.DSN("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := newSiege(t, db, "", size{30_000, 10_000, 1000}, connector.Options{Lease: 200 * time.Millisecond, BatchRows: 100, Pause: 4 * time.Millisecond})
	ended := make(chan error, 1)
	go func() { ended <- until(t.Context(), s) }()
	dice, kills := rand.New(rand.NewPCG(3, 4)), 0
	for over := false; !over; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			over = true
		case <-time.After(time.Duration(100+dice.IntN(400)) * time.Millisecond):
			if kills == 8 { // enough
				continue
			}
			signal := []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL}[kills%2] // an immediate shutdown; not even that
			if err := syscall.Kill(server.PID(), signal); err != nil {
				t.Fatal(err)
			}
			<-server.Done()
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
			server = up()
			kills++
		}
	}
	if kills < 4 {
		t.Errorf("PostgreSQL was killed %d times only: the test proves little", kills)
	}
	t.Logf("PostgreSQL was killed %d times", kills)
	s.proved(t)
}

// until calls Execute again, as the job queue does, until it gets through.
func until(ctx context.Context, s *siege) error {
	for range 1000 {
		if err := s.Execute(ctx, s.job.Operation, s.job.Plan, nothing); err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("no attempt got through")
}

// TestACommitWithoutAnAnswer cuts the connection at commits: sometimes before
// the store hears of it, sometimes before the worker hears the answer.
func TestACommitWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	plain := pgtest.Blank(t)
	wire := &faulty{}
	cfg := plain.Config()
	dial := cfg.ConnConfig.DialFunc
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return &cut{Conn: conn, of: wire}, err
	}
	db, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := newSiege(t, plain, "", size{30_000, 10_000, 1000}, connector.Options{Lease: 200 * time.Millisecond, BatchRows: 250, Pause: connector.NoPause})
	behind := open(t, db, []byte(read(t, "siege.yaml")), connector.Options{Secret: secret, Objects: s.objects, Lease: 200 * time.Millisecond, Pause: connector.NoPause})
	if err := until(t.Context(), &siege{Store: behind, job: s.job}); err != nil {
		t.Fatal(err)
	}
	if wire.before.Load() < 10 || wire.after.Load() < 10 {
		t.Errorf("only %d and %d commits were cut", wire.before.Load(), wire.after.Load())
	}
	t.Logf("%d commits were lost on their way, %d were done and their answers lost", wire.before.Load(), wire.after.Load())
	s.proved(t)
}

// faulty counts commits: of each seven one gets lost, and one's answer.
type faulty struct{ commits, before, after atomic.Int32 }

// cut is a connection to a store over a faulty wire.
type cut struct {
	net.Conn
	of *faulty
}

func (c *cut) Write(b []byte) (int, error) {
	if b[0] != 'Q' || !strings.Contains(string(b), "commit") {
		return c.Conn.Write(b)
	}
	switch c.of.commits.Add(1) % 7 {
	case 3:
		c.of.before.Add(1)
		return 0, errors.Join(net.ErrClosed, c.Conn.Close())
	case 5:
		if _, err := c.Conn.Write(b); err != nil {
			return 0, err
		}
		if _, err := c.Conn.Read(make([]byte, 1024)); err != nil { // the store has done it
			return 0, err
		}
		c.of.after.Add(1)
		return len(b), c.Conn.Close()
	}
	return c.Conn.Write(b)
}

package connector_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

// besieged is the person of testdata/siege.sql.
var besieged = connector.Subject{Email: "person@example.com"}

// siege is a frozen deletion of a store that nothing else works on, and what
// has to be true of it whatever happens meanwhile.
type siege struct {
	*connector.Store
	db      *pgxpool.Pool
	objects *connector.Objects
	job     job
	rows    int64
	files   int
	before  map[string]demo.Sum
}

// job is what a worker that is a process of its own needs to know.
type job struct {
	Store, Objects string
	Operation      uuid.UUID
	Plan           datamap.Plan
	Lease          time.Duration
	Batch          int
	Once           bool // end when somebody else takes over
}

// size is how much there is; four fifths are the person's.
type size struct{ messages, charges, files int }

func newSiege(t *testing.T, db *pgxpool.Pool, dsn string, n size, opt connector.Options) *siege {
	t.Helper()
	exec(t, db, strings.NewReplacer("{messages}", strconv.Itoa(n.messages), "{charges}", strconv.Itoa(n.charges),
		"{files}", strconv.Itoa(n.files)).Replace(read(t, "siege.sql")))
	if _, err := connector.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := 1; i <= n.files; i++ {
		write(t, filepath.Join(dir, whose(i), strconv.Itoa(i)))
	}
	objects, err := connector.OpenObjects(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	opt.Secret, opt.Objects = secret, objects
	s := &siege{Store: open(t, db, []byte(read(t, "siege.yaml")), opt), db: db, objects: objects, files: n.files - n.files/5}
	s.before = s.sums(t)
	s.job = job{Store: dsn, Objects: dir, Lease: opt.Lease, Batch: opt.BatchRows}
	s.job.Operation, s.job.Plan = freeze(t, s.Store, besieged)
	for _, st := range s.job.Plan.Steps {
		s.rows += st.Rows
	}
	return s
}

func whose(i int) string {
	if i%5 == 0 {
		return "other"
	}
	return "person"
}

func write(t *testing.T, path string) {
	t.Helper()
	err := os.WriteFile(path, nil, 0o600)
	if os.IsNotExist(err) {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sums are checksums of all rows that are not the person's.
func (s *siege) sums(t *testing.T) map[string]demo.Sum {
	t.Helper()
	out := map[string]demo.Sum{}
	for table, theirs := range map[string]string{
		"account": "id = 1", "message": "account_id = 1", "charge": "account_id = 1", "event": "message_id % 5 <> 0", "file": "message_id % 5 <> 0",
	} {
		var sum demo.Sum
		if err := s.db.QueryRow(t.Context(), "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text FROM "+table+" r WHERE NOT ("+theirs+")").Scan(&sum.Rows, &sum.Hash); err != nil {
			t.Fatal(err)
		}
		out[table] = sum
	}
	return out
}

// proved demands that the deletion was carried out exactly once.
func (s *siege) proved(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	var steps int
	for _, r := range rows(t, s.db, "SELECT concat_ws(' ', table_name, affected, planned, next_batch, batches, done_at IS NOT NULL) FROM dsar.step WHERE operation = $1 ORDER BY seq", s.job.Operation) {
		var table string
		var affected, planned, next, batches int64
		var done string
		if _, err := fmt.Sscan(r, &table, &affected, &planned, &next, &batches, &done); err != nil {
			t.Fatal(err)
		}
		if affected != planned || next != batches || done != "t" || planned != s.job.Plan.Steps[steps].Rows {
			t.Errorf("the ledger of %s: %d of %d rows in %d of %d batches, done %s; the plan says %d rows", table, affected, planned, next, batches, done, s.job.Plan.Steps[steps].Rows)
		}
		steps++
	}
	if steps != len(s.job.Plan.Steps) {
		t.Errorf("%d steps in the ledger, %d in the plan", steps, len(s.job.Plan.Steps))
	}
	if diff := cmp.Diff(s.before, s.sums(t)); diff != "" {
		t.Errorf("somebody else's rows changed (-before +after):\n%s", diff)
	}
	if got := rows(t, s.db, "SELECT (SELECT count(*) FROM message WHERE account_id = 1) || ' ' || (SELECT count(*) FROM event WHERE message_id % 5 <> 0) || ' ' || (SELECT count(*) FROM file WHERE message_id % 5 <> 0)"); got[0] != "0 0 0" {
		t.Errorf("messages, events and files that are left: %v", got)
	}
	// One HMAC over all of the person's charges, and so none that was hashed twice.
	if got := rows(t, s.db, "SELECT DISTINCT length(payer)::text FROM charge WHERE account_id = 1 GROUP BY payer"); !cmp.Equal(got, []string{"64"}) {
		t.Errorf("hashes of the payer, by length: %v", got)
	}
	if got := rows(t, s.db, "SELECT count(DISTINCT payer)::text FROM charge WHERE account_id = 1"); got[0] != "1" {
		t.Errorf("the payer has %s hashes: a batch was done twice", got[0])
	}
	s.provedFiles(t)
	if residue, err := s.Recheck(ctx, s.job.Operation, besieged); err != nil || !residue.Empty() {
		t.Errorf("left: %+v, %v", residue, err)
	}
	if err := s.Finish(ctx, s.job.Operation); err != nil {
		t.Error(err)
	}
}

func (s *siege) provedFiles(t *testing.T) {
	t.Helper()
	if got := rows(t, s.db, "SELECT outcome || ' ' || count(*) FROM dsar.object WHERE operation = $1 GROUP BY outcome", s.job.Operation); s.files > 0 && !cmp.Equal(got, []string{fmt.Sprint("removed ", s.files)}) {
		t.Errorf("files in the ledger: %v, want all %d removed", got, s.files)
	}
	left, err := filepath.Glob(filepath.Join(s.job.Objects, "person", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	others, err := filepath.Glob(filepath.Join(s.job.Objects, "other", "*"))
	if err != nil || len(others) != s.files/4 {
		t.Errorf("%d files of others, want %d; %v", len(others), s.files/4, err)
	}
}

// done counts the rows that are behind the deletion.
func (s *siege) done(t *testing.T) (n int64) {
	t.Helper()
	if err := s.db.QueryRow(t.Context(), "SELECT sum(affected) FROM dsar.step WHERE operation = $1", s.job.Operation).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// jobFile names the environment variable that makes this test binary a worker.
const jobFile = "CONNECTOR_TEST_JOB"

// worker is one process that carries the deletion out.
type worker struct {
	*osexec.Cmd
	lines chan string // what it says: working, fenced, done; closed when it ends
}

func (s *siege) start(t *testing.T) *worker {
	t.Helper()
	b, err := json.Marshal(s.job)
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{osexec.Command(os.Args[0]), make(chan string, 10)}
	w.Env = append(os.Environ(), jobFile+"="+string(b))
	w.Stderr = os.Stderr
	out, err := w.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			w.lines <- in.Text()
		}
	}()
	t.Cleanup(func() { w.end() })
	return w
}

// end kills the process as nothing can be caught, and waits for it.
func (w *worker) end() {
	_ = w.Process.Kill() // it may have ended
	_ = w.Wait()         // by the signal
}

func (w *worker) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := w.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// hears waits for the worker's next word.
func (w *worker) hears(t *testing.T) string {
	t.Helper()
	select {
	case line, ok := <-w.lines:
		if !ok {
			return "ended"
		}
		return line
	case <-time.After(time.Minute):
		t.Fatal("a worker has said nothing for a minute")
		return ""
	}
}

// work is the worker process: it tries until the deletion is carried out.
func work(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := pgxpool.New(ctx, j.Store)
	if err != nil {
		return err
	}
	src, err := os.ReadFile(filepath.Join("testdata", "siege.yaml"))
	if err != nil {
		return err
	}
	m, err := datamap.Parse("siege.yaml", src)
	if err != nil {
		return err
	}
	objects, err := connector.OpenObjects(j.Objects)
	if err != nil {
		return err
	}
	store, err := connector.Open(ctx, db, m, connector.Options{Secret: secret, Objects: objects, Lease: j.Lease, BatchRows: j.Batch, Pause: connector.NoPause})
	if err != nil {
		return err
	}
	said := false
	for {
		err := store.Execute(ctx, j.Operation, j.Plan, func(datamap.Outcome) error {
			if !said {
				fmt.Println("working")
			}
			said = true
			return nil
		})
		switch {
		case err == nil:
			fmt.Println("done")
			return nil
		case errors.Is(err, connector.ErrFenced) && j.Once:
			fmt.Println("fenced")
			return nil
		case errors.Is(err, connector.ErrBusy) || errors.Is(err, connector.ErrFenced):
			time.Sleep(5 * time.Millisecond) // as the job queue would ring again
		default:
			return err
		}
	}
}

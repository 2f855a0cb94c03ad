package jobs_test

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// works is a worker on two real databases, with the rights that its roles have
// in them and no others.
type works struct {
	db, store *pgxpool.Pool // owners of the portal's and of the messaging store
	office    *privacy.Office
	vault     string // directory
	deps      jobs.Deps
	runner    *river.Client[pgx.Tx] // from start on
}

func newWorks(t *testing.T) *works {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := &works{db: pgtest.New(t), store: pgtest.Blank(t)}
	files := t.TempDir()
	must(demo.Create(ctx, w.store))
	_, err := demo.Load(ctx, w.store, demo.Options{Seed: 4, Rows: 2000, HeavySubject: 200, Objects: files})
	must(err)
	_, err = connector.Migrate(ctx, w.store)
	must(err)
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	must(err)
	for _, grant := range connector.Grants(m) {
		_, err := w.store.Exec(ctx, grant)
		must(err)
	}
	keys, err := seal.Parse(seal.NewKey("test"))
	must(err)
	w.vault = t.TempDir()
	vault, err := export.OpenVault(w.vault, keys)
	must(err)
	t.Cleanup(func() { _ = vault.Close() })
	objects, err := connector.OpenObjects(files)
	must(err)
	t.Cleanup(func() { _ = objects.Close() })
	smtp, err := mail.NewSMTP("smtp://127.0.0.1:1", "privacy@privacy.example") // nobody listens there
	must(err)
	pool := pgtest.As(t, w.db, "portal_worker")
	queue, err := pg.Queue(w.db)
	must(err)
	outbox := mail.NewOutbox(queue, keys, &url.URL{Scheme: "https", Host: "privacy.example"}, "privacy.example")
	office := func(db *pgxpool.Pool) *privacy.Office {
		throttle := auth.NewThrottle(db, keys)
		return privacy.NewOffice(db, queue, outbox, staff.NewRoster(db, outbox, keys, throttle), throttle, privacy.Settings{Categories: []string{"messages"}, Purposes: []string{"marketing"}}, nil)
	}
	w.deps = jobs.Deps{
		DB: pool, Office: office(pool), Sessions: auth.NewSessions(pool, keys, auth.SessionOptions{}), Vault: vault,
		Post: &mail.Post{DB: pool, Keys: keys, SMTP: smtp}, Messaging: map[string]*pgxpool.Pool{"": pgtest.As(t, w.store, connector.ExecRole)}, Map: m, Objects: objects,
		Store: connector.Options{Secret: keys.MAC("ledger", nil), Objects: objects}, Log: slog.New(slog.DiscardHandler),
	}
	w.office = office(w.db)
	return w
}

func (w *works) start(t *testing.T) {
	t.Helper()
	var err error
	if w.runner, err = jobs.NewRunner(w.deps); err != nil {
		t.Fatal(err)
	}
	if err := w.runner.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.runner.StopAndCancel(ctx); err != nil {
			t.Error(err)
		}
	})
}

// await waits until a query counts something.
func (w *works) await(t *testing.T, sql string, args ...any) {
	t.Helper()
	late := time.After(30 * time.Second)
	for w.count(t, sql, args...) == 0 {
		select {
		case <-time.Tick(20 * time.Millisecond):
		case <-late:
			t.Fatalf("waited in vain: %s", sql)
		}
	}
}

// ends queues a job and waits for its end.
func (w *works) ends(t *testing.T, args river.JobArgs) {
	t.Helper()
	res, err := w.runner.Insert(t.Context(), args, &river.InsertOpts{Queue: "upkeep", UniqueOpts: river.UniqueOpts{}})
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "SELECT count(*) FROM river_job WHERE id = $1 AND state = 'completed'", res.Job.ID)
}

func (w *works) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// searched takes a request of the demo's heavy person to the desk's review.
func (w *works) searched(t *testing.T, kind privacy.Kind) privacy.Request {
	t.Helper()
	r := w.asked(t, kind)
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'in_review'", r.ID)
	return r
}

// asked confirms a request of the demo's heavy person and sends the worker searching.
func (w *works) asked(t *testing.T, kind privacy.Kind) privacy.Request {
	t.Helper()
	ctx := t.Context()
	r, err := w.office.Submit(ctx, privacy.Submission{Kind: kind, Relation: privacy.Recipient, Name: "A person", Email: demo.Heavy.Email, Country: "GB", Lang: lang.English, AllTime: true})
	if err != nil {
		t.Fatal(err)
	}
	var raw string
	err = pg.InTx(ctx, w.db, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(ctx, tx, auth.Purpose(privacy.LinkConfirm), r.ID, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.office.Confirm(ctx, raw); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Search(ctx, staff.Member{ID: uuid.New(), Roles: []staff.Role{staff.Agent}}, r.ID); err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *works) frozen(t *testing.T) (plans, targets int) {
	t.Helper()
	if err := w.store.QueryRow(t.Context(), "SELECT count(DISTINCT o.id), count(t.operation) FROM dsar.operation o JOIN dsar.target t ON t.operation = o.id").Scan(&plans, &targets); err != nil {
		t.Fatal(err)
	}
	return plans, targets
}

// A frozen plan names a person's rows inside the messaging store. Whatever way
// a request ends, the list must not outlive it.
func TestNothingStaysFrozenForARequestThatEnded(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.start(t)
	withdrawn, open := w.searched(t, privacy.Deletion), w.searched(t, privacy.Deletion)
	if err := w.office.Withdraw(t.Context(), demo.Heavy.Email, withdrawn.Ref); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Search(t.Context(), staff.Member{ID: uuid.New(), Roles: []staff.Role{staff.Agent}}, open.ID); err != nil {
		t.Fatal(err)
	}
	w.await(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND version = 2", open.ID)
	w.ends(t, jobs.SweepArgs{})
	if n, _ := w.frozen(t); n != 3 {
		t.Fatalf("%d plans are frozen; young ones may not be written down anywhere yet", n)
	}
	if _, err := w.store.Exec(t.Context(), "UPDATE dsar.operation SET frozen_at = now() - interval '2 hours'"); err != nil {
		t.Fatal(err)
	}
	w.ends(t, jobs.SweepArgs{})
	if n, targets := w.frozen(t); n != 1 || targets == 0 {
		t.Fatalf("%d plans with %d lists of rows are frozen; only the open request's last one is of use", n, targets)
	}
}

// A queue that is merely long must not grow by a bell for every letter in it
// each time the reconciler looks.
func TestOverdueLettersAreQueuedAgainOnce(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.start(t)
	w.searched(t, privacy.Access)
	for _, sql := range []string{"UPDATE letters SET next_try_at = now() - interval '1 hour'", "DELETE FROM river_job WHERE kind = 'mail.send'"} {
		if _, err := w.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	// Held by somebody, no letter goes out, and every bell for it waits.
	held, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback(context.Background()) // it changed nothing
	if _, err := held.Exec(t.Context(), "SELECT FROM letters FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	letters := w.count(t, "SELECT count(*) FROM letters")
	const rounds = 5
	for range rounds {
		w.ends(t, jobs.ReconcileArgs{})
	}
	// One for each; one more when the ten minutes happen to end meanwhile.
	if n := w.count(t, "SELECT count(*) FROM river_job WHERE kind = 'mail.send'"); n != letters && n != 2*letters {
		t.Fatalf("%d bells for %d overdue letters after %d rounds", n, letters, rounds)
	}
}

// People go on writing while a worker searches. What is counted, frozen and
// packed must be of one moment, or a lively person's request never gets through.
func TestASearchIsOfOneMoment(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil {
			_, err := w.store.Exec(ctx, `INSERT INTO messages (organization_id, conversation_id, direction, kind, body)
				SELECT organization_id, id, 'in', 'text', 'one more' FROM conversations WHERE contact_id = $1 LIMIT 1`, demo.Heavy.Contacts[0].ID)
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	t.Cleanup(func() { stop(); writer.Wait() })
	w.start(t)
	for _, kind := range []privacy.Kind{privacy.Access, privacy.Deletion} {
		r := w.searched(t, kind)
		if n := w.count(t, "SELECT count(*) FROM audit_events WHERE request = $1 AND action = 'request.attention'", r.ID); n != 0 {
			t.Errorf("%s: staff were called %d times for what a busy store is like", kind, n)
		}
	}
}

// A panic is a failed attempt like any other: staff see it, and the request
// rests before the next.
func TestStaffSeeThatAJobPanicked(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.deps.Vault = nil
	w.start(t)
	r := w.asked(t, privacy.Access)
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND attention = 'attention.failed'", r.ID)
	w.await(t, "SELECT count(*) FROM work WHERE request_id = $1 AND lease_until > now() + interval '10 seconds'", r.ID)
}

package privacy_test

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestAPlanThatIsTheSameStaysConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, hash := b.inReview(t, privacy.Deletion)
	if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.ConfirmDeletion(t.Context(), "ada@example.com", r.Ref, hash); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	b.discover(t, r, discovery(privacy.Deletion))
	if n := b.count(t, "SELECT count(*) FROM requests WHERE confirmed_hash = $1 AND runs_at IS NOT NULL", hash); n != 1 {
		t.Error("counting again, with the same result, took the person's confirmation away")
	}
}

// TestNobodyDecidesAboutTheirOwnRequest: whoever works here may ask for their
// data like anybody else, and keeps out of the answer.
func TestNobodyDecidesAboutTheirOwnRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, hash := b.inReview(t, privacy.Access)
	own := func(m staff.Member, address string) staff.Member { m.Email = address; return m }
	for _, address := range []string{"ada@example.com", "ada+desk@example.com"} {
		refused := map[string]error{
			"proposed":  b.web.Propose(ctx, own(b.agent, address), r.ID, hash, ""),
			"refused":   b.web.Reject(ctx, own(b.approver, address), r.ID, "EXCESSIVE", "no"),
			"looked in": func() error { _, err := b.web.Inspect(ctx, own(b.approver, address), r.ID, 1, "curious"); return err }(),
		}
		for what, err := range refused {
			if fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "error.own_request") {
				t.Errorf("%s %s about their own request: %v", address, what, err)
			}
		}
	}
	if err := b.web.Propose(ctx, b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.Approve(ctx, own(b.approver, "ada@example.com"), r.ID, hash, ""), fault.Forbidden, "error.own_request")
	wants(t, b.web.SendBack(ctx, own(b.approver, "ada@example.com"), r.ID, hash, "no"), fault.Forbidden, "error.own_request")
	if err := b.web.Approve(ctx, own(b.approver, "adam@example.com"), r.ID, hash, ""); err != nil {
		t.Errorf("a namesake may decide: %v", err)
	}
}

// TestOneConnectionIsEnough: whoever holds a transaction and waits for a second
// connection stands still as soon as enough people do it at once.
func TestOneConnectionIsEnough(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	narrow := narrowOffice(t, b)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, hash := b.inReview(t, privacy.Deletion)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"propose", func() error { return narrow.Propose(ctx, b.agent, r.ID, hash, "") }},
		{"confirm", func() error { return narrow.ConfirmDeletion(ctx, "ada@example.com", r.Ref, hash) }},
		{"write", func() error { return narrow.WriteToStaff(ctx, "ada@example.com", r.Ref, "hello") }},
		{"approve", func() error { return narrow.Approve(ctx, b.approver, r.ID, hash, "") }},
		{"withdraw", func() error { return narrow.Withdraw(ctx, "ada@example.com", r.Ref) }},
		{"link", func() error { return narrow.SendMyLink(ctx, "ada@example.com", "en") }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	access, _ := b.approved(t, privacy.Access)
	l := b.lease(t, access.ID)
	if _, _, err := b.worker.BeginExecution(ctx, l); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	if _, err := narrow.OpenDelivery(ctx, "ada@example.com", access.Ref, 1); err != nil {
		t.Fatalf("open the delivery: %v", err)
	}
}

// statements counts what goes to the database.
type statements struct{ n atomic.Int64 }

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.n.Add(1)
	return ctx
}
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestAKnownAddressTakesAsLongAsAnUnknownOne: time cannot be tested without
// luck, but what takes the time can: the same number of statements.
func TestAKnownAddressTakesAsLongAsAnUnknownOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.verified(t, privacy.Access)
	var count statements
	office := officeWith(t, b, func(c *pgxpool.Config) {
		c.ConnConfig.Tracer = &count
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // on a busy machine it would be counted
	})
	asks := func(address string) int64 {
		t.Helper()
		before := count.n.Load()
		if err := office.SendMyLink(t.Context(), address, "en"); err != nil {
			t.Fatal(err)
		}
		return count.n.Load() - before
	}
	asks("warm@example.com") // connections and prepared statements
	if known, unknown := asks("ada@example.com"), asks("stranger@example.com"); known != unknown {
		t.Errorf("a known address takes %d statements, an unknown one %d", known, unknown)
	}
	if n := b.count(t, "SELECT count(*) FROM auth_links WHERE purpose = 'my_requests'"); n != 1 {
		t.Errorf("%d links were kept, want that of the known address", n)
	}
}

// TestNobodyIsBuriedInOurLetters: whoever knows an address can have us write to
// it, and must soon be unable to.
func TestNobodyIsBuriedInOurLetters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	before := b.count(t, "SELECT count(*) FROM letters")
	for range 24 { // hours of a day on which somebody does nothing else
		for range 6 {
			_ = b.web.SendMyLink(ctx, "victim@example.com", "en") // refused is what we want
			if r, err := b.web.Submit(ctx, privacy.Submission{Kind: privacy.Access, Relation: privacy.Visitor, Name: "X", Email: "victim@example.com", Country: "GB", Lang: "en", AllTime: true}); err == nil {
				for range 3 {
					_ = b.web.Resend(ctx, r.ID)
				}
			}
		}
		if _, err := b.db.Exec(ctx, "UPDATE auth_buckets SET full_at = full_at - interval '1 hour'"); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(t, "SELECT count(*) FROM letters") - before; n < 10 || n > 100 {
		t.Errorf("%d letters to one address in a day, want 100 at most", n)
	}
}

// narrowOffice is the web process with one connection to its name, as all but
// one are busy. Limits have their own, as in the real process.
func narrowOffice(t *testing.T, b *bench) *privacy.Office {
	t.Helper()
	return officeWith(t, b, func(c *pgxpool.Config) { c.MaxConns = 1 })
}

func officeWith(t *testing.T, b *bench, change func(*pgxpool.Config)) *privacy.Office {
	t.Helper()
	side := pgtest.As(t, b.db, "portal_web")
	cfg := side.Config()
	change(cfg)
	one, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(one.Close)
	queue, err := pg.Queue(one)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	outbox := mail.NewOutbox(queue, keys, &url.URL{Scheme: "https", Host: "privacy.example"}, "privacy.example")
	throttle := auth.NewThrottle(side, keys)
	return privacy.NewOffice(one, queue, outbox, staff.NewRoster(one, outbox, keys, throttle), throttle,
		privacy.Settings{CoolingOff: coolingOff}, func() time.Time { return *b.clock })
}

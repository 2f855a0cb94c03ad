package privacy_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// bench is one installation: the office as the web process and as the worker
// have it, each with the rights of its own database role and no others.
type bench struct {
	db                                *pgxpool.Pool // owner, for looking
	web                               *privacy.Office
	worker                            *privacy.Office
	agent, approver, officer, auditor staff.Member
	clock                             *time.Time
}

const coolingOff = time.Hour

func newBench(t *testing.T, change ...func(*privacy.Settings)) *bench {
	t.Helper()
	db := pgtest.New(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	b := &bench{db: db, clock: &now}
	keys, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	office := func(role string) (*privacy.Office, *staff.Roster) {
		pool := pgtest.As(t, db, role)
		queue, err := pg.Queue(pool)
		if err != nil {
			t.Fatal(err)
		}
		outbox := mail.NewOutbox(queue, keys, &url.URL{Scheme: "https", Host: "privacy.example"}, "privacy.example")
		throttle := auth.NewThrottle(pool, keys)
		roster := staff.NewRoster(pool, outbox, keys, throttle)
		set := privacy.Settings{
			CoolingOff: coolingOff, Categories: []string{"account", "messages"}, Purposes: []string{"marketing", "profiling"},
			Recipients: []privacy.DataRecipient{{Name: datamap.Text{"en": "The organisation"}, Categories: []string{"account", "messages"}},
				{Name: datamap.Text{"en": "Meta"}, Categories: []string{"messages"}}, {Name: datamap.Text{"en": "The tax office"}, Categories: []string{"billing"}}},
		}
		for _, c := range change {
			c(&set)
		}
		return privacy.NewOffice(pool, queue, outbox, roster, throttle, set, func() time.Time { return now }), roster
	}
	var roster *staff.Roster
	b.web, roster = office("portal_web")
	b.worker, _ = office("portal_worker")
	for _, m := range []struct {
		to   *staff.Member
		role staff.Role
	}{{&b.agent, staff.Agent}, {&b.approver, staff.Approver}, {&b.officer, staff.Officer}, {&b.auditor, staff.Auditor}} {
		added, _, err := roster.Add(t.Context(), audit.Actor{Kind: audit.CLIActor, ID: "test"}, string(m.role)+"@desk.example", "The "+string(m.role), []staff.Role{m.role}, lang.English)
		if err != nil {
			t.Fatal(err)
		}
		added.FactorAt = &now
		*m.to = added
	}
	return b
}

func submission(kind privacy.Kind) privacy.Submission {
	return privacy.Submission{Kind: kind, Relation: privacy.Recipient, Name: "Ada Lovelace", Email: "Ada@Example.com", Phone: "+44 7700 900184",
		Country: "GB", Lang: lang.English, AllTime: true, Corrections: []privacy.CorrectionPair{{Wrong: "Ada Lovelase", Right: "Ada Lovelace"}}, Purposes: []string{"marketing"}, KeepDays: 90}
}

// link mints the link that the letter carried; letters are sealed.
func (b *bench) link(t *testing.T, p privacy.LinkPurpose, id privacy.ID) string {
	t.Helper()
	tx, err := b.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := auth.MintLink(t.Context(), tx, auth.Purpose(p), id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return raw
}

func (b *bench) verified(t *testing.T, kind privacy.Kind) privacy.Request {
	t.Helper()
	r, err := b.web.Submit(t.Context(), submission(kind))
	if err != nil {
		t.Fatal(err)
	}
	if r, err = b.web.Confirm(t.Context(), b.link(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	return r
}

// discovery is what a worker would report: two tables, one kept row.
func discovery(kind privacy.Kind) privacy.Discovery {
	hash := strings.Repeat("ab", 32)
	d := privacy.Discovery{ID: uuid.New(),
		Found:   []datamap.Found{{Table: "messages", Category: "messages", Controller: datamap.Organization, Role: "thread", Rows: 7}, {Table: "contacts", Category: "account", Role: "owner", Rows: 1}},
		Matches: []privacy.Match{{Table: "contacts", Key: "1", By: "email"}}, Learnt: []string{"phone"},
		Plan: datamap.Plan{Kind: string(kind), Hash: hash, Steps: []datamap.Step{
			{Seq: 1, Table: "messages", Role: "thread", Action: datamap.Delete, Rows: 7}, {Seq: 2, Table: "invoices", Action: datamap.Keep, Rows: 1, Ground: "tax"}}},
	}
	if kind == privacy.Access {
		d.Package = export.Package{{Artifact: export.Artifact{ID: d.ID, Size: 10, SHA256: strings.Repeat("cd", 32), Key: []byte("wrapped")},
			Manifest: export.Manifest{Part: 1, Last: true, Ref: "x", Rows: 8}}}
	}
	return d
}

func (b *bench) lease(t *testing.T, id privacy.ID) privacy.Lease {
	t.Helper()
	l, err := b.worker.TakeWork(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// inReview takes a request to a staged proposal and gives its hash.
func (b *bench) inReview(t *testing.T, kind privacy.Kind) (privacy.Request, string) {
	t.Helper()
	r := b.verified(t, kind)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	return r, b.discover(t, r, discovery(kind))
}

func (b *bench) discover(t *testing.T, r privacy.Request, d privacy.Discovery) string {
	t.Helper()
	l := b.lease(t, r.ID)
	if err := b.worker.RecordDiscovery(t.Context(), l, d); err != nil {
		t.Fatal(err)
	}
	if err := b.worker.ReleaseWork(t.Context(), l, 0); err != nil {
		t.Fatal(err)
	}
	return d.Hash()
}

func (b *bench) approved(t *testing.T, kind privacy.Kind) (privacy.Request, string) {
	t.Helper()
	r, hash := b.inReview(t, kind)
	if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, "all found"); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Approve(t.Context(), b.approver, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	return r, hash
}

func (b *bench) state(t *testing.T, id privacy.ID) privacy.State {
	t.Helper()
	r, err := b.web.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r.State
}

func (b *bench) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := b.db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wants(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if fault.KindOf(err) != kind || (key != "" && !strings.Contains(err.Error(), key)) {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

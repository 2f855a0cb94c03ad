package journey

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// reachable lets the worker's role into the messaging store, or throws it out.
func (k *stack) reachable(t *testing.T, yes bool) {
	t.Helper()
	db := pgx.Identifier{k.store.Config().ConnConfig.Database}.Sanitize()
	limit := "0"
	if yes {
		limit = "-1"
	}
	if _, err := k.portal.Exec(t.Context(), "ALTER DATABASE "+db+" CONNECTION LIMIT "+limit); err != nil {
		t.Fatal(err)
	}
	if !yes {
		k.count(t, k.portal, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1 AND usename = 'portal_exec'", k.store.Config().ConnConfig.Database)
	}
}

func TestStoreThatDoesNotAnswerIsWaitedFor(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	ctx := t.Context()
	k.reachable(t, false)
	r, err := o.Submit(ctx, privacy.Submission{Kind: privacy.Access, Relation: privacy.Recipient, Name: demo.Lukas.Name, Email: demo.Lukas.Email, Country: "DE", AllTime: true, Lang: lang.German})
	if err != nil {
		t.Fatalf("a request does not come in while the store is down: %v", err)
	}
	if _, err := o.Confirm(ctx, k.mint(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	if err := o.Search(ctx, k.member(staff.Agent), r.ID); err != nil {
		t.Fatal(err)
	}
	k.until(t, "staff see that the store does not answer", func() bool {
		c, err := o.Case(ctx, k.member(staff.Agent), r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		return c.Request.StoreDownAt != nil && c.Request.State == privacy.Discovering
	})
	k.reachable(t, true)
	hash := k.staged(t, o, r)
	c, err := o.Case(ctx, k.member(staff.Agent), r.Ref)
	if err != nil || c.Request.StoreDownAt != nil || hash == "" {
		t.Fatalf("after the store came back: %+v, %v", c.Request, err)
	}
}

func TestAdministratorGetsTheOrganizationsOwnData(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	ctx := t.Context()
	keys, err := demo.RowsOfOrganization(ctx, k.store, demo.Ines.OrganizationID)
	if err != nil {
		t.Fatal(err)
	}
	r, hash := k.ask(t, o, demo.Ines, privacy.Access, privacy.Representative)
	k.decide(t, o, r, hash)
	k.ended(t, o, r.ID, privacy.Ready)
	c, err := o.Case(ctx, k.member(staff.Agent), r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Proposal.Package.Rows(), int64(keys.Count()); got != want {
		t.Errorf("the package has %d rows, the organization %d", got, want)
	}

	// An agent of another organization is no administrator: nothing is found.
	r, hash = k.ask(t, o, demo.Tomas, privacy.Access, privacy.Representative)
	k.decide(t, o, r, hash)
	if r = k.ended(t, o, r.ID, privacy.Closed); r.Outcome != privacy.NothingFound {
		t.Errorf("an agent's request for the organization ended as %s", r.Outcome)
	}
}

func TestStrangerIsToldThatNothingIsStored(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	for _, kind := range []privacy.Kind{privacy.Access, privacy.Deletion} {
		r, err := o.Submit(t.Context(), privacy.Submission{Kind: kind, Relation: privacy.Visitor, Name: "Nobody", Email: demo.Nobody.Email, Country: "DE", AllTime: true, Lang: lang.English})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Confirm(t.Context(), k.mint(t, privacy.LinkConfirm, r.ID)); err != nil {
			t.Fatal(err)
		}
		if err := o.Search(t.Context(), k.member(staff.Agent), r.ID); err != nil {
			t.Fatal(err)
		}
		hash := k.staged(t, o, r)
		if err := o.Propose(t.Context(), k.member(staff.Agent), r.ID, hash, ""); err != nil {
			t.Fatal(err)
		}
		if err := o.Approve(t.Context(), k.member(staff.Approver), r.ID, hash, ""); err != nil {
			t.Fatal(err)
		}
		if r = k.ended(t, o, r.ID, privacy.Closed); r.Outcome != privacy.NothingFound {
			t.Errorf("%s ended as %s", kind, r.Outcome)
		}
	}
}

func TestLettersThatAreRefusedOrDelayedAreShownToStaff(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 2_000})
	o := k.counter(t)
	for address, want := range map[string]mail.DeliveryState{"refuse.me@example.com": mail.Failed, "mailbusy@example.com": mail.Delayed} {
		r, err := o.Submit(t.Context(), privacy.Submission{Kind: privacy.Access, Relation: privacy.Visitor, Name: "Somebody", Email: address, Country: "DE", AllTime: true, Lang: lang.English})
		if err != nil {
			t.Fatal(err)
		}
		k.until(t, address+" is "+string(want), func() bool {
			c, err := o.Case(t.Context(), k.member(staff.Agent), r.Ref)
			if err != nil {
				t.Fatal(err)
			}
			return len(c.Letters) == 1 && c.Letters[0].State == want && c.Letters[0].Reply != ""
		})
	}
}

// The programs write logs, jobs and audit entries; none of it may name anybody.
func TestNothingWrittenAsideNamesAPerson(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	who := demo.Marina
	r, hash := k.ask(t, o, who, privacy.Deletion, privacy.Recipient)
	k.decide(t, o, r, hash)
	k.ended(t, o, r.ID, privacy.Closed)
	res, err := http.Get(k.base + "/confirm/" + who.Planted[0] + "?email=" + who.Email)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	aside := k.worker.log.String() + k.web.log.String()
	for _, sql := range []string{"SELECT coalesce(string_agg(j::text, ' '), '') FROM river_job j", "SELECT coalesce(string_agg(e::text, ' '), '') FROM audit_events e"} {
		var s string
		if err := k.portal.QueryRow(t.Context(), sql).Scan(&s); err != nil {
			t.Fatal(err)
		}
		aside += s
	}
	planted(t, aside, append(who.Planted, who.Name, who.Email, who.Phone, "/confirm/"+who.Planted[0]))
}

func TestSealedPackageIsUnreadableAtRest(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	k.ask(t, o, demo.Marina, privacy.Access, privacy.Recipient)
	files, err := filepath.Glob(k.path("vault/*"))
	if err != nil || len(files) != 2 { // the package, and the sheet beside it for the review
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		planted(t, string(body), append(slices.Clone(demo.Marina.Planted), "index.html", "PK\x03\x04"))
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

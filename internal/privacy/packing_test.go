package privacy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// partOf is a sealed part as a worker reports it.
func partOf(n int, last bool) export.Part {
	return export.Part{Artifact: export.Artifact{ID: uuid.New(), Size: int64(n), SHA256: fmt.Sprintf("%064x", n), Key: []byte("wrapped")},
		Manifest: export.Manifest{Version: 1, Part: n, Last: last, Rows: 4}}
}

func behind(n int) export.Position {
	return export.Position{Parts: n, Previous: "sum", Tables: []export.Mark{{Table: "messages", Role: "thread", Key: []string{fmt.Sprint(n * 4)}, Rows: int64(n * 4)}}}
}

// searching takes a request to where a worker looks for it.
func (b *bench) searching(t *testing.T) privacy.Request {
	t.Helper()
	r := b.verified(t, privacy.Access)
	if err := b.web.Search(t.Context(), b.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	return r
}

// dies ends a lease as a crash does.
func (b *bench) dies(t *testing.T, l privacy.Lease) {
	t.Helper()
	if _, err := b.db.Exec(t.Context(), "UPDATE work SET lease_until = now() WHERE request_id = $1", l.ID); err != nil {
		t.Fatal(err)
	}
}

// packs begins a package and writes two parts down.
func (b *bench) packs(t *testing.T, l privacy.Lease) privacy.Unfinished {
	t.Helper()
	ctx := t.Context()
	if err := b.worker.BeginSearch(ctx, l); err != nil {
		t.Fatal(err)
	}
	u, err := b.worker.ResumePacking(ctx, l, "these rows", false)
	if err != nil || len(u.Parts) != 0 {
		t.Fatalf("ResumePacking = %+v, %v", u, err)
	}
	for n := 1; n <= 2; n++ {
		p := partOf(n, false)
		if err := b.worker.AddPart(ctx, l, u.Set, p, behind(n)); err != nil {
			t.Fatal(err)
		}
		u.Parts, u.At = append(u.Parts, p), behind(n)
	}
	return u
}

func TestAPackageGoesOnUnderTheNextLease(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.searching(t)
	first := b.lease(t, r.ID)
	u := b.packs(t, first)
	b.dies(t, first)
	second := b.lease(t, r.ID)

	for what, err := range map[string]error{
		"write a part down": b.worker.AddPart(ctx, first, u.Set, partOf(3, false), behind(3)),
		"say how far it is": b.worker.ReportPacking(ctx, first, privacy.Packing, 1, 2),
		"begin a search":    b.worker.BeginSearch(ctx, first),
	} {
		if !errors.Is(err, privacy.ErrLost) {
			t.Errorf("a worker without its lease could %s: %v", what, err)
		}
	}
	if err := b.worker.BeginSearch(ctx, second); err != nil {
		t.Fatal(err)
	}
	again, err := b.worker.ResumePacking(ctx, second, "these rows", false)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(u, again); d != "" {
		t.Errorf("the next worker gets something else (-left +got):\n%s", d)
	}
}

func TestAPackageOfOtherRowsBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, resume := range map[string]func(*bench, privacy.Lease) (privacy.Unfinished, error){
		"other rows": func(b *bench, l privacy.Lease) (privacy.Unfinished, error) {
			return b.worker.ResumePacking(t.Context(), l, "other rows", false)
		},
		"rows that moved": func(b *bench, l privacy.Lease) (privacy.Unfinished, error) {
			return b.worker.ResumePacking(t.Context(), l, "these rows", true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r := b.searching(t)
			l := b.lease(t, r.ID)
			u := b.packs(t, l)
			again, err := resume(b, l)
			if err != nil || len(again.Parts) != 0 || again.Set == u.Set || again.At.Parts != 0 {
				t.Errorf("ResumePacking = %+v, %v", again, err)
			}
			if n := b.count(t, "SELECT count(*) FROM package_parts"); n != 0 {
				t.Errorf("%d parts of the old package are still there", n)
			}
		})
	}
}

// inParts takes an access request with a package of three parts to its delivery.
func (b *bench) inParts(t *testing.T) (privacy.Request, export.Package) {
	t.Helper()
	ctx := t.Context()
	r := b.searching(t)
	l := b.lease(t, r.ID)
	u := b.packs(t, l)
	d := discovery(privacy.Access)
	d.ID, d.Package = u.Set, append(u.Parts, partOf(3, true))
	if err := b.worker.RecordDiscovery(ctx, l, d); err != nil {
		t.Fatal(err)
	}
	b.dies(t, l)
	if err := b.web.Propose(ctx, b.agent, r.ID, d.Hash(), ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Approve(ctx, b.approver, r.ID, d.Hash(), ""); err != nil {
		t.Fatal(err)
	}
	l = b.lease(t, r.ID)
	_, p, err := b.worker.BeginExecution(ctx, l)
	if err != nil || len(p.Package) != 3 {
		t.Fatalf("%d parts, %v", len(p.Package), err)
	}
	if err := b.worker.Deliver(ctx, l); err != nil {
		t.Fatal(err)
	}
	return r, p.Package
}

func TestEachPartIsADownloadOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r, parts := b.inParts(t)
	open := func(n int) string {
		t.Helper()
		grant, err := b.web.OpenDelivery(ctx, r.Email, r.Ref, n)
		if err != nil {
			t.Fatal(err)
		}
		return grant
	}
	for range 5 {
		open(1)
	}
	_, err := b.web.OpenDelivery(ctx, r.Email, r.Ref, 1)
	wants(t, err, fault.Expired, "error.delivery_over")
	for _, n := range []int{0, 4, -1} {
		_, err := b.web.OpenDelivery(ctx, r.Email, r.Ref, n)
		wants(t, err, fault.Expired, "error.delivery_over")
	}
	got, err := b.web.RedeemDelivery(ctx, r.Email, r.Ref, open(2))
	if err != nil || got.ID != parts[1].ID || got.Number != 2 || got.Of != 3 {
		t.Errorf("RedeemDelivery = %+v, %v", got, err)
	}
	left := func() (opened []int, used int) {
		t.Helper()
		m, err := b.web.Mine(ctx, r.Email, r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		return m.Delivery.Opened, m.Delivery.Used
	}
	if opened, used := left(); !cmp.Equal(opened, []int{5, 1, 0}) || used != 0 {
		t.Errorf("opened %v, whole %d", opened, used)
	}
	open(3)
	open(2)
	if opened, used := left(); !cmp.Equal(opened, []int{5, 2, 1}) || used != 1 {
		t.Errorf("opened %v, whole %d", opened, used)
	}

	// Staff still see what was handed over when nobody can read it any more.
	if _, err := b.db.Exec(ctx, "UPDATE deliveries SET until = now() - interval '1 minute'"); err != nil {
		t.Fatal(err)
	}
	*b.clock = b.clock.AddDate(0, 0, 15)
	if n, err := b.worker.Sweep(ctx); err != nil || n != 1 {
		t.Fatalf("Sweep = %d, %v", n, err)
	}
	c, err := b.web.Case(ctx, b.auditor, r.Ref)
	if err != nil || len(c.Proposal.Package) != 3 || !c.Proposal.Package.Gone() || c.Delivery != nil || c.Request.Outcome != privacy.Answered {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = b.web.Inspect(ctx, b.approver, r.ID, 1, "what was in it?")
	wants(t, err, fault.NotFound, "error.no_package")
}

func TestAStagedPackageDoesNotChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.inParts(t)
	for _, role := range []string{"portal_web", "portal_worker"} {
		for name, sql := range map[string]string{
			"add a part":            "INSERT INTO package_parts (request_id, set_id, number, artifact_id, size, sha256, manifest) SELECT request_id, set_id, 9, gen_random_uuid(), 1, sha256, manifest FROM package_parts LIMIT 1",
			"take a part away":      "DELETE FROM package_parts WHERE number = 3",
			"put another file in":   "UPDATE package_parts SET artifact_id = gen_random_uuid()",
			"change a fingerprint":  "UPDATE package_parts SET sha256 = repeat('0', 64)",
			"change what is inside": "UPDATE package_parts SET manifest = '{}'",
		} {
			refuses(t, b.db, role, name, sql)
		}
	}
	refuses(t, b.db, "portal_web", "say how far a package is", "INSERT INTO packings (request_id, set_id, bound, phase, done, planned) SELECT request_id, set_id, '', 'packing', 1, 1 FROM package_parts LIMIT 1")
	refuses(t, b.db, "portal_worker", "count a download", "UPDATE package_parts SET used = 0")
	if n := b.count(t, "SELECT count(*) FROM package_parts WHERE position IS NOT NULL"); n != 0 {
		t.Errorf("%d positions are still kept", n)
	}
}

func TestBothPagesSeeHowFarAPackageIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.searching(t)
	sees := func(want *privacy.Staging) {
		t.Helper()
		m, err := b.web.Mine(ctx, r.Email, r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		c, err := b.web.Case(ctx, b.auditor, r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, m.Staging) + cmp.Diff(want, c.Staging); d != "" {
			t.Error(d)
		}
	}
	sees(nil)
	l := b.lease(t, r.ID)
	if err := b.worker.BeginSearch(ctx, l); err != nil {
		t.Fatal(err)
	}
	sees(&privacy.Staging{Phase: privacy.Searching, Alive: true})
	u := b.packs(t, l)
	if err := b.worker.ReportPacking(ctx, l, privacy.Packing, 5, 12); err != nil {
		t.Fatal(err)
	}
	sees(&privacy.Staging{Phase: privacy.Packing, Done: 5, Planned: 12, Alive: true})
	b.dies(t, l)
	sees(&privacy.Staging{Phase: privacy.Packing, Done: 5, Planned: 12})
	l = b.lease(t, r.ID)
	d := discovery(privacy.Access)
	d.ID, d.Package = u.Set, append(u.Parts, partOf(3, true))
	if err := b.worker.RecordDiscovery(ctx, l, d); err != nil {
		t.Fatal(err)
	}
	sees(nil)
}

func TestPartsOfAWithdrawnRequestAreGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.searching(t)
	l := b.lease(t, r.ID)
	u := b.packs(t, l)
	live, err := b.worker.LiveProposals(ctx)
	if err != nil || !live[u.Parts[0].ID] || !live[u.Parts[1].ID] {
		t.Fatalf("parts in the making are not live: %v, %v", live, err)
	}
	if err := b.web.Withdraw(ctx, r.Email, r.Ref); err != nil {
		t.Fatal(err)
	}
	if live, err = b.worker.LiveProposals(ctx); err != nil || len(live) != 0 {
		t.Errorf("still live: %v, %v", live, err)
	}
	if n := b.count(t, "SELECT count(*) FROM package_parts WHERE key IS NOT NULL OR position IS NOT NULL"); n != 0 {
		t.Errorf("%d keys or positions are still there", n)
	}
	err = b.worker.AddPart(ctx, l, u.Set, partOf(3, false), behind(3))
	wants(t, err, fault.Conflict, "error.wrong_state")
}

// A program of the last version may still run when the schema is new.
func TestAPackageOfTheLastVersionIsCarriedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	r := b.searching(t)
	id := uuid.New()
	_, err := b.db.Exec(ctx, `INSERT INTO proposals (id, request_id, version, plan, hash, manifest, artifact_size, artifact_sha256, artifact_key)
		VALUES ($1, $2, 1, '{}', $3, '{"version": 1, "rows": 7}', 10, $3, 'wrapped')`, id, r.ID, strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.web.Case(ctx, b.auditor, r.Ref)
	if err != nil || len(c.Proposal.Package) != 1 || c.Proposal.Package[0].ID != id || c.Proposal.Package.Rows() != 7 {
		t.Fatalf("%+v, %v", c.Proposal, err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE proposals SET artifact_key = NULL"); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT count(*) FROM package_parts WHERE key IS NOT NULL"); n != 0 {
		t.Error("the part's key outlived the package's")
	}
}

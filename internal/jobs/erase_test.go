package jobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// member makes somebody at the desk who has just shown the second factor.
func (w *works) member(t *testing.T, role staff.Role) staff.Member {
	t.Helper()
	now := time.Now()
	m := staff.Member{ID: uuid.New(), Email: string(role) + "@desk.example", Name: string(role), Roles: []staff.Role{role}, FactorAt: &now}
	if _, err := w.db.Exec(t.Context(), "INSERT INTO staff_members (id, email, name, roles, lang) VALUES ($1, $2, $3, ARRAY[$3], 'en')", m.ID, m.Email, m.Name); err != nil {
		t.Fatal(err)
	}
	return m
}

// A package whose bytes are gone or changed is made again; a disk that does not
// answer is no reason to ask everybody for their approval once more.
func TestOnlyADamagedPackageGoesBackToTheSearch(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	r := w.searched(t, privacy.Access)
	c, err := w.office.Case(ctx, w.member(t, staff.Auditor), r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	c = w.settled(t, w.member(t, staff.Reviewer), c)
	sealed := filepath.Join(w.vault, c.Proposal.Package[0].ID.String()+".zip.sealed")
	if err := errors.Join(os.Rename(sealed, sealed+".away"), os.Symlink(filepath.Base(sealed), sealed)); err != nil { // a loop: reads fail, and not as damage
		t.Fatal(err)
	}
	if err := w.office.Propose(ctx, w.member(t, staff.Agent), r.ID, c.Proposal.Hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Approve(ctx, w.member(t, staff.Approver), r.ID, c.Proposal.Hash, ""); err != nil {
		t.Fatal(err)
	}
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'executing' AND attention = 'attention.failed'", r.ID)
	if err := os.Remove(sealed); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(ctx, "UPDATE work SET lease_until = now()"); err != nil {
		t.Fatal(err)
	}
	w.ends(t, jobs.ReconcileArgs{})
	w.await(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND version = $2 AND decision IS NULL", r.ID, c.Proposal.Version+1)
}

// confirmed takes a deletion from its plan to the end of the cooling-off
// period, which is none here.
func (w *works) confirmed(t *testing.T, r privacy.Request) {
	t.Helper()
	ctx := t.Context()
	c, err := w.office.Case(ctx, w.member(t, staff.Auditor), r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	hash := c.Proposal.Hash
	if err := w.office.Propose(ctx, w.member(t, staff.Agent), r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.office.ConfirmDeletion(ctx, demo.Heavy.Email, r.Ref, hash); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Approve(ctx, w.member(t, staff.Approver), r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
}

// Done needs positive proof, and the proof reads every text in the store: staff
// are told once, and it is not tried again at every look of the reconciler.
func TestWhatIsLeftAfterADeletionKeepsTheRequestOpen(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	if _, err := w.store.Exec(ctx, "UPDATE contacts SET profile = jsonb_build_object('also', $1::text) WHERE id = 1", demo.Heavy.Email); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	r := w.searched(t, privacy.Deletion)
	w.confirmed(t, r)
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'executing' AND attention = 'attention.residue'", r.ID)
	w.await(t, "SELECT count(*) FROM work WHERE request_id = $1 AND lease_until > now() + interval '5 minutes'", r.ID)

	if _, err := w.store.Exec(ctx, "UPDATE contacts SET profile = '{}' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(ctx, "UPDATE work SET lease_until = now()"); err != nil {
		t.Fatal(err)
	}
	w.ends(t, jobs.ReconcileArgs{})
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'closed' AND outcome = 'erased'", r.ID)
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// organizations measures what the largest organization of the store takes along:
// everything that is its own, in parts, in the memory of a person's export.
func (b *bench) organizations() error {
	s, err := b.mainStore()
	if err != nil {
		return err
	}
	owner, messages, err := largest(b, s)
	if err != nil {
		return fmt.Errorf("look for the largest organization: %w", err)
	}
	dir, err := os.MkdirTemp(b.dir, "organization-")
	if err != nil {
		return fmt.Errorf("make a directory for the package: %w", err)
	}
	defer os.RemoveAll(dir)
	out, err := b.measure(task{Do: "export organization", Dir: dir, By: owner}, b.db.DSN(connector.ExecRole, s.name))
	if err != nil {
		return err
	}
	r := results{"organization": {out}, "allowed": {{Peak: maxMemory << 10}}}
	return r.print(figure{Name: "portability of an organization, memory above idle", Unit: "MB", Against: "the most that is allowed, whatever the size", Rows: out.Rows, Aim: 1,
		Note: fmt.Sprintf("%d messages, %d rows in %.0f parts of %d MB together, JSON and CSV with their schema, in %.0f s", messages, out.Rows, out.Rate, out.Bytes>>20, out.Seconds),
		ours: "organization", limit: "allowed", metric: megabytes})
}

// largest gives an owner of the organization with the most messages.
func largest(b *bench, s *store) (owner string, messages int64, err error) {
	db, err := pg.Open(b.ctx, b.db.DSN("postgres", s.name))
	if err != nil {
		return "", 0, err
	}
	defer db.Close()
	err = db.QueryRow(b.ctx, `SELECT u.email, m.n FROM (SELECT organization_id, count(*) AS n FROM messages GROUP BY 1) m
		JOIN users u ON u.organization_id = m.organization_id AND u.role = 'owner' AND u.deleted_at IS NULL ORDER BY m.n DESC, u.id LIMIT 1`).Scan(&owner, &messages)
	return owner, messages, err
}

// exportOrganization is what a worker does for an organization's portability
// request, less its mails: part after part, each sealed and read back.
func exportOrganization(ctx context.Context, t task) (outcome, error) {
	store, done, err := openStore(ctx, t, nil)
	if err != nil {
		return outcome{}, err
	}
	defer done()
	keys, err := seal.Parse(seal.NewKey("bench"))
	if err != nil {
		return outcome{}, err
	}
	vault, err := export.OpenVault(filepath.Join(t.Dir, "vault"), keys)
	if err != nil {
		return outcome{}, err
	}
	defer vault.Close()
	before, c := idle(), newClock()
	found, err := store.Find(ctx, connector.Subject{Email: t.By, Organization: true})
	if err != nil {
		return outcome{}, err
	}
	snap, err := store.Snapshot(ctx, found)
	if err != nil {
		return outcome{}, err
	}
	defer snap.Close()
	snap = snap.Portable()
	plan, err := snap.Plan("portability")
	if err != nil {
		return outcome{}, err
	}
	contents := jobs.Contents(snap, store.Map(), nil, export.Position{})
	contents.Ref, contents.Language, contents.Operator, contents.Made = "CS-BNCH-0001", "en", "CrowsStack", time.Now()
	contents.Portable, contents.TempDir, contents.Set, contents.Limits = true, t.Dir, uuid.New(), export.Limits{Rows: 1_000_000, Bytes: 200 << 20}
	packer := export.NewPacker(contents)
	defer packer.Close()
	var rows, parts, size int64
	for last := false; !last; {
		var m export.Manifest
		sealed, err := vault.Create(ctx, uuid.New(), func(w io.Writer) (err error) { m, err = packer.Part(ctx, w); return err })
		if err != nil {
			return outcome{}, err
		}
		rows, parts, size, last = rows+m.Rows, parts+1, size+sealed.Size, m.Last
	}
	var planned int64
	for _, step := range plan.Steps {
		planned += step.Rows
	}
	if rows != planned {
		return outcome{}, fmt.Errorf("planned %d rows, packed %d", planned, rows)
	}
	out := c.outcome(rows)
	_, out.Peak = memory()
	out.Idle, out.Bytes, out.Rate = before, size, float64(parts)
	return out, nil
}

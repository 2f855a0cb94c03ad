package jobs

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// who says what may be searched for: the proved address, never what was merely
// typed. A number is found only where the store itself links it to the address.
func who(r privacy.Request) connector.Subject {
	return connector.Subject{Organization: r.Organization(), Email: r.Email}
}

// discover searches the store, and stages what the request needs for the
// decision: the sealed package, or the plan with its frozen rows.
func (w *work) discover(ctx context.Context, lease privacy.Lease, r privacy.Request) error {
	store, err := w.store(ctx)
	if err != nil {
		return err
	}
	found, err := store.Find(ctx, who(r))
	if err != nil {
		return err
	}
	d := privacy.Discovery{ID: uuid.New(), Found: found.Tables, Learnt: found.Learnt, Warnings: found.Warnings}
	for _, m := range found.Matches {
		d.Matches = append(d.Matches, privacy.Match(m))
	}
	if d.Plan, err = store.Plan(ctx, found, string(r.Kind)); err != nil {
		return err
	}
	switch {
	case d.Rows() == 0:
	case r.Kind == privacy.Access:
		if err := w.pack(ctx, r, found, &d); err != nil {
			return err
		}
	case r.Kind == privacy.Deletion:
		if d.Plan, err = store.Freeze(ctx, d.ID, found, d.Plan); err != nil {
			return err
		}
	}
	void, err := w.Office.RecordDiscovery(ctx, lease, d)
	if err != nil {
		return err
	}
	if r.Kind == privacy.Deletion {
		for _, old := range void {
			if err := store.Discard(ctx, old); err != nil {
				return err
			}
		}
	}
	return nil
}

// pack builds the package from one snapshot of the store and seals it.
func (w *work) pack(ctx context.Context, r privacy.Request, found *connector.Found, d *privacy.Discovery) error {
	snap, err := found.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snap.Close()
	contents := export.Contents{
		Ref: string(r.Ref), Language: string(r.Lang), Operator: w.Operator, Made: time.Now().UTC(), MapVersion: w.Map.Hash(),
		Categories: w.Map.Categories, Tables: tables(snap), Files: w.files(snap),
	}
	var manifest export.Manifest
	artifact, err := w.Vault.Create(ctx, d.ID, func(out io.Writer) error {
		manifest, err = export.Write(ctx, out, contents)
		return err
	})
	if err != nil {
		return fmt.Errorf("build the package of %s: %w", r.Ref, err)
	}
	// Counted: what is in the package is what was found, or it is not ready.
	if want := d.Rows(); manifest.Rows != want {
		return attention{"attention.rows_moved", fmt.Errorf("found %d rows, packed %d", want, manifest.Rows)}
	}
	d.Package, d.Manifest = &artifact, &manifest
	return nil
}

// tables hands the snapshot's streams to the package, one by one.
func tables(snap *connector.Snapshot) iter.Seq2[export.Table, error] {
	return func(yield func(export.Table, error) bool) {
		for t, err := range snap.Tables() {
			out := export.Table{Name: t.Name, Title: t.Title, Category: t.Category, Role: t.Role}
			for _, c := range t.Columns {
				out.Columns = append(out.Columns, export.Column{Name: c.Name, Title: c.Title, Type: export.ColumnType(c.Kind)})
			}
			out.Rows = func(yield func(export.Row, error) bool) {
				for row, err := range t.Rows {
					if !yield(row, err) {
						return
					}
				}
			}
			if !yield(out, err) {
				return
			}
		}
	}
}

// files hands over the attachments that the snapshot's rows name.
func (w *work) files(snap *connector.Snapshot) iter.Seq2[export.File, error] {
	return func(yield func(export.File, error) bool) {
		if w.Objects == nil {
			return
		}
		for f, err := range snap.Files() {
			out := export.File{Name: f.Name, Open: func() (export.Opened, error) { return w.Objects.Open(f.Key) }}
			if !yield(out, err) {
				return
			}
		}
	}
}

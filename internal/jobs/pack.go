package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// pack builds the package from one snapshot of the store and seals it part by
// part, if there is anything to give. Parts that an earlier worker sealed are
// kept, and the snapshot is read from there.
func (w *work) pack(ctx context.Context, lease privacy.Lease, r privacy.Request, store *connector.Fleet, found *connector.Found, d *privacy.Discovery) error {
	snap, err := store.Snapshot(ctx, found)
	if err != nil {
		return err
	}
	defer snap.Close()
	if r.Kind == privacy.Portability {
		snap = snap.Portable()
	}
	snap = snap.Without(spares(d.Chosen))
	rulings, err := w.Office.Rulings(ctx, r.ID)
	if err != nil {
		return err
	}
	if n := len(rulings); n > 0 {
		d.Ruled = rulings[n-1].Version
	}
	if d.Plan, err = snap.Plan(string(r.Kind)); err != nil || planned(d.Plan) == 0 {
		return err
	}
	v, err := w.veil(r, snap, rulings, d)
	if err != nil {
		return err
	}
	u, err := w.resume(ctx, lease, r, snap, d)
	if err != nil {
		return err
	}
	if v != nil {
		if err := w.unveil(ctx, v, u.Parts, d); err != nil {
			return err
		}
		snap = snap.Standing(v.stand)
	}
	contents := veiled(snap, w.Map, w.Objects, u.At, v)
	contents.Ref, contents.Language, contents.Operator, contents.Contact = string(r.Ref), string(r.Lang), w.Operator, w.Contact
	contents.Received, contents.Made = r.ReceivedAt, time.Now().UTC()
	contents.Authority, contents.LeftOut = law.For(r.Law).Authority.Name, append(leftOut(w.Map, found), refused(w.Map, found, d.Chosen)...)
	contents.Portable, contents.Set, contents.Limits = r.Kind == privacy.Portability, u.Set, w.Parts
	contents.Progress = w.report(ctx, lease, planned(d.Plan))
	packer := export.NewPacker(contents)
	defer packer.Close()
	for last := false; !last; {
		part, err := w.seal(ctx, packer, v, d)
		if err != nil {
			return fmt.Errorf("build the package of %s: %w", r.Ref, err)
		}
		u.Parts = append(u.Parts, part)
		if last = part.Manifest.Last; last {
			break // written down with the proposal
		}
		if err := w.Office.AddPart(ctx, lease, u.Set, part, packer.Position()); err != nil {
			return err
		}
	}
	// Counted in the same snapshot: what is in the package is what was planned,
	// or it is not ready.
	if want, got := planned(d.Plan), u.Parts.Rows(); got != want {
		return attention{"attention.rows_moved", fmt.Errorf("found %d rows, packed %d", want, got)}
	}
	d.ID, d.Package = u.Set, u.Parts
	return nil
}

// veil reads who the package may speak of and what staff decided about that; nil
// for an organization's own data.
func (w *work) veil(r privacy.Request, snap *connector.Snapshot, rulings []privacy.Ruling, d *privacy.Discovery) (*veil, error) {
	if r.Organization() {
		return nil, nil
	}
	rules, err := privacy.NewRulebook(rulings, func(sealed []byte) ([]byte, error) { return w.Vault.OpenNote(privacy.WordsAbout(r), sealed) })
	if err != nil {
		return nil, fmt.Errorf("read what staff typed for %s: %w", r.Ref, err)
	}
	people, err := snap.People()
	if err != nil {
		return nil, err
	}
	d.Totals = &export.SheetTotals{}
	contact := func(n int) string { return lang.In(r.Lang, "package.contact", "N", n) }
	return newVeil(people, rules, w.Store.Secret, r.ID.String(), contact), nil
}

// unveil goes on with the pseudonyms of the parts that are sealed.
func (w *work) unveil(ctx context.Context, v *veil, parts export.Package, d *privacy.Discovery) error {
	for i, part := range parts {
		index, err := w.Vault.SheetIndex(ctx, part.Sheet)
		if err != nil {
			return err
		}
		v.sealed(part)
		d.Totals.Add(index.Totals())
		if i == len(parts)-1 {
			if err := json.Unmarshal(index.Names, v.names); err != nil {
				return err
			}
		}
	}
	return nil
}

// seal seals the next part and, beside it, its sheet: either both are there or
// the part is none.
func (w *work) seal(ctx context.Context, packer *export.Packer, v *veil, d *privacy.Discovery) (part export.Part, err error) {
	zip := func() (err error) {
		part.Artifact, err = w.Vault.Create(ctx, uuid.New(), func(out io.Writer) (err error) {
			part.Manifest, err = packer.Part(ctx, out)
			return err
		})
		return err
	}
	if v == nil {
		return part, zip()
	}
	part.Sheet.Artifact, err = w.Vault.Create(ctx, uuid.New(), func(out io.Writer) error {
		if err := v.begin(out); err != nil {
			return err
		}
		if err := zip(); err != nil {
			return err
		}
		return v.end(part)
	})
	if err == nil {
		v.sealed(part)
		d.Totals.Add(v.sheet.Totals())
	}
	return part, err
}

// resume takes up the parts that a worker left which is gone now, if the rows in
// them are still those of the store: as many up to each mark as were packed.
// Otherwise the package begins anew.
func (w *work) resume(ctx context.Context, lease privacy.Lease, r privacy.Request, snap *connector.Snapshot, d *privacy.Discovery) (privacy.Unfinished, error) {
	p := d.Plan
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Kind, p.Map, p.Schema, p.Subject, p.Asked, string(r.Lang), strconv.Itoa(d.Ruled)}, "\n")))
	bound := hex.EncodeToString(sum[:])
	u, err := w.Office.ResumePacking(ctx, lease, bound, false)
	if err != nil {
		return u, err
	}
	for _, m := range marks(u.At.Tables) {
		held, err := snap.Hold(m)
		if err != nil {
			return u, err
		}
		if !held {
			w.Log.WarnContext(ctx, "packed rows have moved, so the package begins anew", "request", r.ID, "table", m.Table, "parts", len(u.Parts))
			return w.Office.ResumePacking(ctx, lease, bound, true)
		}
	}
	return u, nil
}

// report notes now and then how far a package is. That it cannot be noted stops
// nothing: a worker without its lease is stopped by who holds it.
func (w *work) report(ctx context.Context, lease privacy.Lease, of int64) func(int64) {
	var last time.Time
	return func(rows int64) {
		if time.Since(last) < reportEvery {
			return
		}
		last = time.Now()
		if err := w.Office.ReportPacking(ctx, lease, privacy.Packing, rows, of); err != nil {
			w.Log.WarnContext(ctx, "could not note how far a package is", "request", lease.ID, "code", code(err))
		}
	}
}

// marks gives the places in the store where rows were read before.
func marks(packed []export.Mark) []connector.Mark {
	var out []connector.Mark
	for _, m := range packed {
		if m.Key != nil { // there was a row
			out = append(out, connector.Mark{Table: m.Table, Role: m.Role, Key: m.Key, Rows: m.Rows})
		}
	}
	return out
}

package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
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
	if err := w.Office.BeginSearch(ctx, lease); err != nil {
		return err
	}
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
	switch r.Kind {
	case privacy.Access, privacy.Portability:
		err = w.pack(ctx, lease, r, store, found, &d)
	case privacy.Deletion:
		err = w.freeze(ctx, store, found, &d)
	default: // staff see what is held; there is no plan to approve yet
		d.Plan = searchOnly(r, w.Map)
	}
	if err != nil {
		return err
	}
	return w.Office.RecordDiscovery(ctx, lease, d)
}

// searchOnly stands for a plan where nothing will be carried out.
func searchOnly(r privacy.Request, m *datamap.Map) datamap.Plan {
	h := sha256.Sum256([]byte("search only\n" + r.ID.String() + "\n" + m.Hash()))
	return datamap.Plan{Kind: string(r.Kind), Map: m.Hash(), Hash: hex.EncodeToString(h[:])}
}

// planned counts the rows of a plan.
func planned(p datamap.Plan) (n int64) {
	for _, s := range p.Steps {
		n += s.Rows
	}
	return n
}

// freeze plans the deletion and writes its rows down, if it is about any.
func (w *work) freeze(ctx context.Context, store *connector.Store, found *connector.Found, d *privacy.Discovery) (err error) {
	if d.Plan, err = store.Plan(ctx, found, connector.Ask{Kind: string(privacy.Deletion)}); err != nil || planned(d.Plan) == 0 {
		return err
	}
	d.Plan, err = store.Freeze(ctx, d.ID, found, connector.Ask{Kind: "deletion"}, d.Plan)
	return err
}

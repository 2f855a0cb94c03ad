package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// who says what may be searched for: the proved address, and the rows that
// staff decided on. A number or a name that was merely typed brings candidates
// only; a number is found where the store itself links it to the address. Where
// nobody decides, not even that: anybody's number may stand beside the address.
func who(r privacy.Request, c privacy.Chosen) connector.Subject {
	s := connector.Subject{Organization: r.Organization(), Email: r.Email, Tenants: c.Tenants, Include: refs(c.Include), Exclude: refs(c.Exclude),
		Settled: r.Kind.AtOnce() && c.Version == 0}
	if !s.Organization {
		s.Name = r.Name
		if r.Phone != "" {
			s.Claimed = map[string]string{"phone": r.Phone}
		}
	}
	return s
}

func refs(rows []privacy.RowRef) (out []connector.RowRef) {
	for _, r := range rows {
		out = append(out, connector.RowRef(r))
	}
	return out
}

// ask says what of the store is asked, beyond being found.
func (w *work) ask(ctx context.Context, r privacy.Request, c privacy.Chosen) (connector.Ask, error) {
	a := connector.Ask{Kind: string(r.Kind), Purposes: c.Purposes, Days: c.Days, Categories: c.Categories, Spares: spares(c)}
	for _, e := range c.Edits {
		a.Edits = append(a.Edits, connector.Edit(e))
	}
	if r.Ends == nil {
		return a, nil
	}
	var err error
	a.Undo, err = w.Office.CarriedOut(ctx, *r.Ends)
	return a, err
}

// spares are the categories that staff refused, each with its ground in words.
func spares(c privacy.Chosen) (out []datamap.Spare) {
	for _, x := range c.Spared() {
		out = append(out, datamap.Spare{Category: x.Category(), Ground: x.Code, Words: inAll("law.refusal." + x.Code)})
	}
	return out
}

// discover searches the store, and stages what the request needs for the
// decision: the sealed package, or the plan with its frozen rows.
func (w *work) discover(ctx context.Context, lease privacy.Lease, r privacy.Request) error {
	if err := w.Office.BeginSearch(ctx, lease); err != nil {
		return err
	}
	store, err := w.store()
	if err != nil {
		return err
	}
	chosen, err := w.Office.Chosen(ctx, r)
	if err != nil {
		return err
	}
	found, err := store.Find(ctx, who(r, chosen))
	if err != nil {
		return err
	}
	d := discovered(found, chosen)
	if r.Kind.Packs() {
		d.Review = reviewed(w.Map, found.Tables)
		err = w.pack(ctx, lease, r, store, found, &d)
	} else {
		err = w.plan(ctx, store, r, found, &d)
	}
	if err != nil {
		return err
	}
	return w.Office.RecordDiscovery(ctx, lease, d)
}

// discovered tells the office what a search found.
func discovered(found *connector.Found, chosen privacy.Chosen) privacy.Discovery {
	d := privacy.Discovery{ID: uuid.New(), Found: found.Tables, Learnt: found.Learnt, Warnings: found.Warnings, Chosen: chosen}
	for _, m := range found.Matches {
		d.Matches = append(d.Matches, privacy.Match{Store: m.Store, Table: m.Table, Key: m.Key, By: m.By, Learnt: m.Learnt, Tenant: m.Tenant,
			Label: found.Label(connector.RowRef{Store: m.Store, Table: m.Table, Key: m.Key}), Organization: found.TenantName(m.Store, m.Tenant)})
	}
	for _, c := range found.Candidates {
		d.Candidates = append(d.Candidates, privacy.Candidate{Store: c.Store, Table: c.Table, Key: c.Key, By: c.By, Tenant: c.Tenant, Why: c.Why,
			Label: found.Label(connector.RowRef{Store: c.Store, Table: c.Table, Key: c.Key}), Organization: found.TenantName(c.Store, c.Tenant)})
	}
	for _, m := range found.Mentions {
		d.Mentions = append(d.Mentions, privacy.Mention(m))
	}
	return d
}

// reviewed lists the columns that the map wants looked through before they are
// handed over, of the tables that have rows in the package.
func reviewed(m *datamap.Map, found []datamap.Found) (out []privacy.ReviewColumn) {
	for _, t := range m.Tables {
		var rows int64
		for _, f := range found {
			if f.Table == t.Name && !f.Withheld {
				rows += f.Rows
			}
		}
		for _, c := range t.Columns {
			if c.Review && rows > 0 {
				out = append(out, privacy.ReviewColumn{Table: t.Name, Column: c.Name, Rows: rows})
			}
		}
	}
	return out
}

// searchOnly stands for a plan where staff have to choose first.
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

// plan says what would be done and writes its rows down, if it is about any. A
// correction that nobody has chosen yet, or that the store would not take, has
// no plan; nor has a stop of what the map cannot stop, which staff answer.
func (w *work) plan(ctx context.Context, store *connector.Fleet, r privacy.Request, found *connector.Found, d *privacy.Discovery) error {
	ask, err := w.ask(ctx, r, d.Chosen)
	if err != nil {
		return err
	}
	if r.Kind == privacy.Correction {
		if err := correctable(ctx, store, found, d); err != nil {
			return err
		}
		if len(ask.Edits) == 0 {
			d.Plan = searchOnly(r, w.Map)
			return nil
		}
	}
	d.Plan, err = store.Plan(ctx, found, ask)
	if err == nil && planned(d.Plan) > 0 {
		d.Plan, err = store.Freeze(ctx, d.ID, found, ask, d.Plan)
	}
	no, refused := errors.AsType[connector.Refused](err)
	if !refused && !errors.Is(err, connector.ErrPurpose) {
		return err
	}
	for _, x := range no {
		d.Refused = append(d.Refused, privacy.Refusal(x))
	}
	d.Plan = searchOnly(r, w.Map)
	return nil
}

// correctable lists what may be corrected, with the values that stand now.
func correctable(ctx context.Context, store *connector.Fleet, found *connector.Found, d *privacy.Discovery) error {
	fields, err := store.Fields(ctx, found)
	for _, f := range fields {
		d.Fields = append(d.Fields, privacy.Field(f))
	}
	return err
}

package privacy

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Assign gives a request to a member; uuid.Nil takes it from everybody.
func (o *Office) Assign(ctx context.Context, by staff.Member, id ID, to uuid.UUID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		return o.assign(ctx, tx, by, r, to)
	})
}

// Search sends a worker to look through the messaging store: the first time,
// and again when staff want fresh counts.
func (o *Office) Search(ctx context.Context, by staff.Member, id ID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.State != Verified && r.State != InReview || r.Kind.Grieves() {
			return fault.New(fault.Conflict, "error.wrong_state")
		}
		return o.move(ctx, tx, by.Actor(), &r, change{to: Discovering, work: true})
	})
}

// Reject refuses a request with a ground of the law and a sentence to the person.
func (o *Office) Reject(ctx context.Context, by staff.Member, id ID, code, text string) error {
	if err := may(by, staff.PlanApprove); err != nil {
		return err
	}
	f := fault.Fields{}
	if _, known := law.RefusalOf(code); !known {
		f.Add("code", "error.field.refusal_missing")
	}
	if strings.TrimSpace(text) == "" {
		f.Add("text", "error.field.refusal_text_missing")
	}
	tooLong(f, "text", text, MaxDetails)
	if err := f.Err(); err != nil {
		return err
	}
	if err := o.fresh(by); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		if r.Kind.Grieves() {
			return fault.New(fault.Conflict, "error.appeal_refused")
		}
		if !slices.Contains(Refusals(r.Kind, r.Law), code) {
			f.Add("code", "error.field.refusal_missing")
			return f.Err()
		}
		q := queries.New(tx)
		if err := q.SetRefusal(ctx, queries.SetRefusalParams{ID: id, Code: code, Words: strings.TrimSpace(text)}); err != nil {
			return err
		}
		if err := q.SetRefusedBy(ctx, queries.SetRefusedByParams{ID: id, ByID: &by.ID}); err != nil {
			return err
		}
		if err := o.move(ctx, tx, by.Actor(), &r, change{to: Rejected, outcome: Refused, detail: map[string]any{"code": code}}); err != nil {
			return err
		}
		if err := o.dropPackages(ctx, tx, r); err != nil {
			return err
		}
		why := strings.TrimSpace(text)
		return o.compose(ctx, tx, by.Actor(), r, letter.Refusal, letter.Facts{Reason: why, Owner: r.Answers.Business,
			Items: []letter.Item{{What: lang.In(r.Lang, "kind."+string(r.Kind)), Outcome: letter.Refused, Code: code, Why: why}}})
	})
}

// Package privacy moves a privacy request through its life: intake,
// verification, triage, discovery, review, execution, delivery, closure.
// Each stage has a file of that name; state.go has the edges between them.
package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// The stubs below are the agreed surface; the stage files replace them.

type Office struct{}

// ---- the person ----

func (o *Office) Check(step Step, s Submission) error                                { panic("stub") }
func (o *Office) Submit(ctx context.Context, s Submission) (Request, error)          { panic("stub") }
func (o *Office) DueIfSentNow(s Submission) time.Time                                { panic("stub") }
func (o *Office) Resend(ctx context.Context, id ID) error                            { panic("stub") }
func (o *Office) PeekLink(ctx context.Context, raw string) (LinkState, error)        { panic("stub") }
func (o *Office) RenewLink(ctx context.Context, raw string) error                    { panic("stub") }
func (o *Office) Confirm(ctx context.Context, raw string) (Request, error)           { panic("stub") }
func (o *Office) Disown(ctx context.Context, raw string) error                       { panic("stub") }
func (o *Office) SendMyLink(ctx context.Context, email string, l lang.Tag) error     { panic("stub") }
func (o *Office) OpenMine(ctx context.Context, raw string) (email string, err error) { panic("stub") }
func (o *Office) ListMine(ctx context.Context, email string) ([]Request, error)      { panic("stub") }
func (o *Office) Mine(ctx context.Context, email string, ref Ref) (Mine, error)      { panic("stub") }
func (o *Office) WriteToStaff(ctx context.Context, email string, ref Ref, body string) error {
	panic("stub")
}
func (o *Office) Withdraw(ctx context.Context, email string, ref Ref) error { panic("stub") }
func (o *Office) ConfirmDeletion(ctx context.Context, email string, ref Ref, hash string) error {
	panic("stub")
}
func (o *Office) OpenDelivery(ctx context.Context, email string, ref Ref) (grant string, err error) {
	panic("stub")
}
func (o *Office) RedeemDelivery(ctx context.Context, email string, ref Ref, grant string) (Delivery, error) {
	panic("stub")
}

// ---- staff ----

func (o *Office) Queue(ctx context.Context, by staff.Member, f Filter) (Page, error) { panic("stub") }
func (o *Office) Case(ctx context.Context, by staff.Member, ref Ref) (Case, error)   { panic("stub") }
func (o *Office) Assign(ctx context.Context, by staff.Member, id ID, to uuid.UUID) error {
	panic("stub")
}
func (o *Office) Search(ctx context.Context, by staff.Member, id ID) error { panic("stub") }
func (o *Office) Propose(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	panic("stub")
}
func (o *Office) Approve(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	panic("stub")
}
func (o *Office) SendBack(ctx context.Context, by staff.Member, id ID, hash, note string) error {
	panic("stub")
}
func (o *Office) Reject(ctx context.Context, by staff.Member, id ID, code, text string) error {
	panic("stub")
}
func (o *Office) WriteToPerson(ctx context.Context, by staff.Member, id ID, body string, note bool) error {
	panic("stub")
}
func (o *Office) Inspect(ctx context.Context, by staff.Member, id ID, reason string) (Delivery, error) {
	panic("stub")
}

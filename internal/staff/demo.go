package staff

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// DemoMember is a member of the demo staff. Secret is the code secret as an
// authenticator app takes it; everybody can read it here, which is why only
// the development stack makes these members.
type DemoMember struct {
	Member
	Secret string
}

var demoStaff = []DemoMember{
	{Member{Name: "Hana Yamashita", Email: "agent@demo.example", Roles: []Role{Agent}, Lang: lang.English}, "CROWDEMOAGENT234567CROWDEMOAGENT"},
	{Member{Name: "Noor Haddad", Email: "approver@demo.example", Roles: []Role{Approver}, Lang: lang.English}, "CROWDEMOAPPRV234567CROWDEMOAPPRV"},
	{Member{Name: "Miriam Weiss", Email: "officer@demo.example", Roles: []Role{Officer, Administrator}, Lang: lang.German}, "CROWDEMOOFFCR234567CROWDEMOOFFCR"},
	{Member{Name: "Tomasz Lis", Email: "auditor@demo.example", Roles: []Role{Auditor}, Lang: lang.English}, "CROWDEMOAUDIT234567CROWDEMOAUDIT"},
}

// SeedDemo makes the demo staff, enrolled, and gives them with their secrets.
// Repeating it changes nothing.
func (r *Roster) SeedDemo(ctx context.Context) ([]DemoMember, error) {
	demo := make([]DemoMember, len(demoStaff))
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		for i, d := range demoStaff {
			d.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("mailto:"+d.Email))
			d.Enrolled, d.Arrived = true, true
			sealed, err := r.keys.Seal(secretAAD(d.ID), []byte(d.Secret))
			if err != nil {
				return fmt.Errorf("seal a demo secret: %w", err)
			}
			n, err := queries.New(tx).SeedMember(ctx, queries.SeedMemberParams{ID: d.ID, Email: d.Email, Name: d.Name,
				Roles: roleTexts(d.Roles), Lang: string(d.Lang), Secret: sealed})
			if err != nil {
				return fmt.Errorf("make the demo member %s: %w", d.ID, err)
			}
			demo[i] = d
			if n == 0 {
				continue
			}
			err = audit.Append(ctx, tx, audit.Event{Actor: demoActor, Action: "staff.invited", Target: d.ID.String(),
				Detail: map[string]any{"roles": d.Roles, "demo": true}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return demo, nil
}

var demoActor = audit.Actor{Kind: audit.CLIActor, ID: "devstack", Label: "Demo"}

// Package staff knows who works at the desk and what each may do.
package staff

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Permission is one thing a member may do (product contract, section 6).
type Permission string

const (
	RequestRead Permission = "request.read"
	RequestWork Permission = "request.work"
	ContentRead Permission = "content.read"
	PlanPropose Permission = "plan.propose"
	PlanApprove Permission = "plan.approve"
	HoldSet     Permission = "hold.set"
	MapEdit     Permission = "map.edit"
	StaffManage Permission = "staff.manage"
	AuditRead   Permission = "audit.read"
)

// Role bundles permissions.
type Role string

const (
	Agent         Role = "agent"
	Reviewer      Role = "reviewer"
	Approver      Role = "approver"
	Officer       Role = "officer"
	Administrator Role = "administrator"
	Auditor       Role = "auditor"
)

// Bundles says what each role may do.
var Bundles = map[Role][]Permission{
	Agent:         {RequestRead, RequestWork, PlanPropose},
	Reviewer:      {RequestRead, RequestWork, ContentRead, PlanPropose},
	Approver:      {RequestRead, ContentRead, PlanApprove},
	Officer:       {RequestRead, RequestWork, ContentRead, PlanPropose, PlanApprove, HoldSet, AuditRead},
	Administrator: {RequestRead, MapEdit, StaffManage, AuditRead},
	Auditor:       {RequestRead, AuditRead},
}

// Member is a person who works here, signed in or looked up.
type Member struct {
	ID       uuid.UUID
	Name     string
	Email    string
	Roles    []Role
	Lang     lang.Tag
	Enrolled bool       // has a second factor
	Arrived  bool       // has come in before; only invited, if not
	Lapsed   bool       // did not come in while the invitation stood
	Disabled bool       // may not sign in
	FactorAt *time.Time // when the second factor was last shown in this session
}

// Can says whether any of the member's roles has p.
func (m Member) Can(p Permission) bool {
	for _, r := range m.Roles {
		if slices.Contains(Bundles[r], p) {
			return true
		}
	}
	return false
}

// Actor is the member as the audit names it.
func (m Member) Actor() audit.Actor {
	return audit.Actor{Kind: audit.StaffActor, ID: m.ID.String(), Label: m.Name}
}

// FactorFresh is how recent the second factor must be for approving,
// executing and reading content (product contract, section 6).
const FactorFresh = 5 * time.Minute

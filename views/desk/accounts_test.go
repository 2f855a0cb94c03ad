package desk_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/desk"
)

const otpauth = "otpauth://totp/CrowsStack%20Privacy:tomas@example.com?algorithm=SHA1&digits=6&issuer=CrowsStack%20Privacy&period=30&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// somePeople has one of every state: in, invited, too late, switched off.
func somePeople(members ...staff.Member) []staff.Person {
	until := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	out := []staff.Person{
		{Member: staff.Member{ID: uuid.New(), Name: "Farah Nasser", Email: "farah@example.com", Roles: []staff.Role{staff.Approver}, Disabled: true}},
		{Member: staff.Member{ID: uuid.New(), Name: "Nils Berg", Email: "nils@example.com", Roles: []staff.Role{staff.Agent}}, InvitedUntil: until},
		{Member: staff.Member{ID: uuid.New(), Name: "Ola Rask", Email: "ola@example.com", Roles: []staff.Role{staff.Agent}, Lapsed: true}, InvitedUntil: until},
	}
	for i, m := range members {
		m.Enrolled, m.Arrived = true, true
		out = append(out, staff.Person{Member: m, App: i%2 == 0, Passkeys: i, Codes: 10 - i, Bound: i == 1, Open: i})
	}
	return out
}

func someAccount() desk.AccountPage {
	at := time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC)
	here := uuid.New()
	return desk.AccountPage{Here: here, Passkeys: true, SSO: true, Account: staff.Account{
		App: &at, Bound: &at, Codes: 3,
		Passkeys: []staff.Passkey{{ID: []byte("one"), Name: "Work laptop", Made: at, Used: &at}, {ID: []byte("two"), Name: "Old key", Made: at, Blocked: true}},
		Logins: []staff.Login{{Login: here, Began: at, Seen: at, Device: "Firefox/Linux", Proved: true}, {Login: uuid.New(), Began: at, Seen: at, Device: "Safari/iPhone", Proved: true},
			{Login: uuid.New(), Began: at, Seen: at}},
	}}
}

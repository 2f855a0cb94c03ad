package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// Roster is everybody who works here.
type Roster struct {
	Passkeys *auth.Passkeys // nil where browsers allow none

	pool     *pgxpool.Pool
	outbox   *mail.Outbox
	keys     *seal.Keyring
	throttle *auth.Throttle
	once     *auth.Once
}

// NewRoster makes the roster. keys seal the code secrets.
func NewRoster(pool *pgxpool.Pool, outbox *mail.Outbox, keys *seal.Keyring, throttle *auth.Throttle) *Roster {
	return &Roster{pool: pool, outbox: outbox, keys: keys, throttle: throttle, once: auth.NewOnce(pool, keys)}
}

// AllRoles lists the roles in the order of the product contract.
var AllRoles = []Role{Agent, Reviewer, Approver, Officer, Administrator, Auditor}

// Add makes a member and sends the invitation. It gives the invitation's path
// as well, because on a fresh install nobody can read mail yet.
func (r *Roster) Add(ctx context.Context, by audit.Actor, email, name string, roles []Role, l lang.Tag) (Member, string, error) {
	m, err := newMember(email, name, roles, l)
	if err != nil {
		return Member{}, "", err
	}
	var path string
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		n, err := queries.New(tx).InsertMember(ctx, queries.InsertMemberParams{
			ID: m.ID, Email: m.Email, Name: m.Name, Roles: roleTexts(m.Roles), Lang: string(m.Lang)})
		if err != nil {
			return fmt.Errorf("add a member: %w", err)
		}
		if n == 0 {
			return &fault.Error{Kind: fault.Conflict, Text: fault.Message{Key: "error.staff_exists"},
				Fields: map[string]fault.Message{"email": {Key: "error.staff_exists"}}}
		}
		if path, err = r.sendLink(ctx, tx, m, invitation); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.invited", Target: m.ID.String(),
			Detail: map[string]any{"roles": m.Roles}})
	})
	if err != nil {
		return Member{}, "", err
	}
	return m, path, nil
}

func newMember(email, name string, roles []Role, l lang.Tag) (Member, error) {
	m := Member{ID: uuid.New(), Name: strings.TrimSpace(name), Roles: sorted(roles), Lang: l}
	problems := fault.Fields{}
	var err error
	if m.Email, err = mail.ParseAddress(email); err != nil {
		problems.Add("email", "error.staff_email")
	}
	if m.Name == "" || utf8.RuneCountInString(m.Name) > 200 {
		problems.Add("name", "error.staff_name")
	}
	if len(m.Roles) == 0 || !known(m.Roles) {
		problems.Add("roles", "error.staff_roles")
	}
	if !lang.Known(m.Lang) {
		m.Lang = lang.English
	}
	return m, problems.Err()
}

// ByID gives a member, disabled ones too.
func (r *Roster) ByID(ctx context.Context, id uuid.UUID) (Member, error) {
	row, err := queries.New(r.pool).MemberByID(ctx, id)
	return found(queries.LockMemberRow(row), err)
}

// Find gives the same inside somebody else's transaction.
func Find(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Member, error) {
	row, err := queries.New(tx).MemberByID(ctx, id)
	return found(queries.LockMemberRow(row), err)
}

// ByEmail gives the member with that address, however it is capitalised.
func (r *Roster) ByEmail(ctx context.Context, email string) (Member, error) {
	address, err := mail.ParseAddress(email)
	if err != nil {
		return Member{}, fault.New(fault.NotFound, "error.no_member")
	}
	row, err := queries.New(r.pool).MemberByEmail(ctx, address)
	return found(queries.LockMemberRow(row), err)
}

// List gives all members by name.
func (r *Roster) List(ctx context.Context) ([]Member, error) {
	rows, err := queries.New(r.pool).Members(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	members := make([]Member, len(rows))
	for i, row := range rows {
		members[i] = member(queries.LockMemberRow(row))
	}
	return members, nil
}

// SetRoles gives a member other roles and ends their sessions. The last
// administrator stays one.
func (r *Roster) SetRoles(ctx context.Context, by audit.Actor, id uuid.UUID, roles []Role) error {
	roles = sorted(roles)
	if len(roles) == 0 || !known(roles) {
		problems := fault.Fields{}
		problems.Add("roles", "error.staff_roles")
		return problems.Err()
	}
	return r.change(ctx, id, slices.Contains(roles, Administrator), func(tx pgx.Tx, m Member) error {
		if err := queries.New(tx).SetRoles(ctx, queries.SetRolesParams{ID: id, Roles: roleTexts(roles)}); err != nil {
			return fmt.Errorf("set the roles of %s: %w", id, err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.roles_set", Target: id.String(),
			Detail: map[string]any{"before": m.Roles, "after": roles}})
	})
}

// Disable takes a member's access away at once: sign-in, open sessions, mailed
// links. Doing it twice changes nothing. The last administrator stays.
func (r *Roster) Disable(ctx context.Context, by audit.Actor, id uuid.UUID) error {
	return r.change(ctx, id, false, func(tx pgx.Tx, m Member) error {
		if m.Disabled {
			return nil
		}
		if err := queries.New(tx).DisableMember(ctx, id); err != nil {
			return fmt.Errorf("disable %s: %w", id, err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.disabled", Target: id.String()})
	})
}

// ResetFactor takes the second factors away from a member who has lost them:
// app, passkeys, recovery codes. The next sign-in sets up another one.
func (r *Roster) ResetFactor(ctx context.Context, by audit.Actor, id uuid.UUID) error {
	return r.change(ctx, id, true, func(tx pgx.Tx, _ Member) error {
		if err := dropFactors(ctx, queries.New(tx), id); err != nil {
			return fmt.Errorf("reset the second factor of %s: %w", id, err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by, Action: "staff.factor_reset", Target: id.String()})
	})
}

func dropFactors(ctx context.Context, q *queries.Queries, id uuid.UUID) error {
	return errors.Join(q.ResetFactor(ctx, id), q.DropRecovery(ctx, id), q.DropPasskeys(ctx, id))
}

// lastOf says that id is the only administrator, or the only one of several who
// has come in yet.
func lastOf(admins []queries.LockAdministratorsRow, id uuid.UUID) bool {
	is := func(a queries.LockAdministratorsRow) bool { return a.ID == id }
	at := slices.IndexFunc(admins, is)
	if at < 0 {
		return false
	}
	here := admins[at].ArrivedAt != nil
	return !slices.ContainsFunc(admins, func(a queries.LockAdministratorsRow) bool { return !is(a) && (a.ArrivedAt != nil || !here) })
}

// change runs do on a locked member. Unless they stay an administrator, it
// makes sure first that another one is left.
func (r *Roster) change(ctx context.Context, id uuid.UUID, staysAdministrator bool, do func(pgx.Tx, Member) error) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		q := queries.New(tx)
		admins, err := q.LockAdministrators(ctx)
		if err != nil {
			return fmt.Errorf("lock the administrators: %w", err)
		}
		if !staysAdministrator && lastOf(admins, id) {
			return fault.New(fault.Conflict, "error.last_administrator")
		}
		m, err := found(q.LockMember(ctx, id))
		if err != nil {
			return err
		}
		if err := do(tx, m); err != nil {
			return err
		}
		return auth.EndSessions(ctx, tx, id)
	})
}

func found(row queries.LockMemberRow, err error) (Member, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Member{}, fault.New(fault.NotFound, "error.no_member")
	}
	if err != nil {
		return Member{}, fmt.Errorf("read a member: %w", err)
	}
	return member(row), nil
}

func member(row queries.LockMemberRow) Member {
	m := Member{ID: row.ID, Name: row.Name, Email: row.Email, Lang: lang.Tag(row.Lang),
		Enrolled: row.Enrolled, Disabled: row.DisabledAt != nil,
		Arrived: row.ArrivedAt != nil || row.Enrolled} // whoever has a second factor was here
	m.Lapsed = !m.Arrived && !row.Invited
	for _, t := range row.Roles {
		m.Roles = append(m.Roles, Role(t))
	}
	return m
}

func known(roles []Role) bool {
	return !slices.ContainsFunc(roles, func(r Role) bool { return !slices.Contains(AllRoles, r) })
}

func sorted(roles []Role) []Role {
	roles = slices.Clone(roles)
	slices.SortFunc(roles, func(a, b Role) int { return slices.Index(AllRoles, a) - slices.Index(AllRoles, b) })
	return slices.Compact(roles)
}

func roleTexts(roles []Role) []string {
	texts := make([]string, len(roles))
	for i, r := range roles {
		texts[i] = string(r)
	}
	return texts
}

// The two mailed links that open the desk.
const (
	invitation auth.Purpose = "staff_invite"
	signIn     auth.Purpose = "staff_sign_in"
)

// linkLife is how long they work; the first is also in the schema, as how long
// an invitation stands.
var linkLife = map[auth.Purpose]time.Duration{invitation: 7 * 24 * time.Hour, signIn: 10 * time.Minute}

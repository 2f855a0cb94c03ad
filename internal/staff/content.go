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
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/staff/internal/queries"
)

// ReasonCodes are why somebody reads what people wrote. Catalogue:
// "accounts.reason.<code>".
var ReasonCodes = []string{"review", "identity", "question", "complaint", "other"}

// ContentFor is how long a reason holds, for one case and one sign-in.
const ContentFor = 30 * time.Minute

// Subject is the case that somebody wants to read in.
type Subject struct {
	ID  uuid.UUID
	Ref string
}

// Grant is a reason that was given and still holds.
type Grant struct {
	Code, Reason string
	Until        time.Time
}

// Reason keeps why a member reads the content of a case, and lets them for half
// an hour, in this sign-in. The database refuses it for their own request.
func (r *Roster) Reason(ctx context.Context, m Member, login uuid.UUID, of Subject, code, reason string) (Grant, error) {
	if !m.Can(ContentRead) {
		return Grant{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	reason = strings.TrimSpace(reason)
	f := fault.Fields{}
	if !slices.Contains(ReasonCodes, code) {
		f.Add("code", "error.reason_code")
	}
	if n := utf8.RuneCountInString(reason); n < 5 {
		f.Add("reason", "error.field.reason_missing")
	} else if n > 500 {
		f.Add("reason", "error.field.too_long", "Limit", 500, "Over", n-500)
	}
	if err := f.Err(); err != nil {
		return Grant{}, err
	}
	g := Grant{Code: code, Reason: reason}
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) (err error) {
		g.Until, err = queries.New(tx).GrantContent(ctx, queries.GrantContentParams{RequestID: of.ID, Member: m.ID, Login: login, Code: code, Reason: reason})
		if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23514" {
			return fault.New(fault.Forbidden, "error.own_request") // the guard of the table; all else is checked above
		}
		if err != nil {
			return fmt.Errorf("keep why %s reads %s: %w", m.ID, of.Ref, err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: m.Actor(), Action: "content.granted", Target: of.Ref, Request: of.ID.String(),
			Detail: map[string]any{"code": code, "reason": reason, "until": g.Until.UTC().Format(time.RFC3339)}})
	})
	return g, err
}

// Granted gives the reason that holds; ok is false when none does.
func (r *Roster) Granted(ctx context.Context, m Member, login uuid.UUID, of Subject) (g Grant, ok bool, err error) {
	row, err := queries.New(r.pool).ContentGrant(ctx, queries.ContentGrantParams{RequestID: of.ID, Member: m.ID, Login: login})
	if errors.Is(err, pgx.ErrNoRows) {
		return Grant{}, false, nil
	}
	if err != nil {
		return Grant{}, false, fmt.Errorf("read why %s reads %s: %w", m.ID, of.Ref, err)
	}
	return Grant{row.Code, row.Reason, row.Until}, true, nil
}

package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth/internal/queries"
)

// OpenLogin is one sign-in of a member that is not over.
type OpenLogin struct {
	Login  uuid.UUID
	Began  time.Time
	Seen   time.Time // to within a few minutes
	Device string
	Proved bool // with the second factor, too
}

// LoginsOf lists where a member is signed in, the latest visit first.
func LoginsOf(ctx context.Context, pool *pgxpool.Pool, member uuid.UUID) ([]OpenLogin, error) {
	rows, err := queries.New(pool).SessionsOf(ctx, member)
	if err != nil {
		return nil, fmt.Errorf("list the sign-ins of member %s: %w", member, err)
	}
	out := make([]OpenLogin, len(rows))
	for i, row := range rows {
		out[i] = OpenLogin{Began: row.BeganAt, Seen: row.SeenAt, Device: row.Device, Proved: row.Proved}
		if row.Login != nil {
			out[i].Login = *row.Login
		}
	}
	return out, nil
}

// OpenLogins counts for each member where they are signed in.
func OpenLogins(ctx context.Context, pool *pgxpool.Pool) (map[uuid.UUID]int, error) {
	rows, err := queries.New(pool).OpenSessions(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the open sign-ins: %w", err)
	}
	out := map[uuid.UUID]int{}
	for _, row := range rows {
		out[row.Member] = int(row.Open)
	}
	return out, nil
}

// EndLogin ends one sign-in of a member, and says whether there was one.
func EndLogin(ctx context.Context, tx pgx.Tx, member, login uuid.UUID) (bool, error) {
	n, err := queries.New(tx).DeleteLogin(ctx, queries.DeleteLoginParams{Member: member, Login: login})
	if err != nil {
		return false, fmt.Errorf("end a sign-in of member %s: %w", member, err)
	}
	return n > 0, nil
}

// EndOtherLogins ends every sign-in of a member but one, and says how many.
func EndOtherLogins(ctx context.Context, tx pgx.Tx, member, keep uuid.UUID) (int64, error) {
	n, err := queries.New(tx).DeleteOtherLogins(ctx, queries.DeleteOtherLoginsParams{Member: member, Keep: keep})
	if err != nil {
		return 0, fmt.Errorf("end the other sign-ins of member %s: %w", member, err)
	}
	return n, nil
}

package connector

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Discard throws a frozen list away that nothing was done with: a newer plan
// has taken its place. One that has begun stays; so does what is not there.
func (s *Store) Discard(ctx context.Context, op uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var frozen bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM dsar.operation WHERE id = $1 AND state = 'frozen' FOR UPDATE)", op).Scan(&frozen); err != nil {
			return fmt.Errorf("lock the operation: %w", err)
		}
		if !frozen {
			return nil
		}
		for _, table := range []string{"target", "step", "object"} {
			if _, err := tx.Exec(ctx, "DELETE FROM dsar."+table+" WHERE operation = $1", op); err != nil {
				return fmt.Errorf("discard the frozen list: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, "DELETE FROM dsar.operation WHERE id = $1", op); err != nil {
			return fmt.Errorf("discard the operation: %w", err)
		}
		return nil
	})
}

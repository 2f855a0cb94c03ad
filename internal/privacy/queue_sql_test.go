package privacy

import (
	"time"

	"github.com/google/uuid"
)

// QueueSQL gives the statements that a filter may be read with.
func QueueSQL(f Filter, now time.Time, me uuid.UUID) (statements []string, args []any, err error) {
	q, err := ask(f, now, me)
	if err != nil {
		return nil, nil, err
	}
	statements = []string{q.inOrder(PageSize+1, 0)}
	if !q.whole() {
		statements = []string{q.inOrder(PageSize+1, glance), q.fromList(PageSize + 1)}
	}
	return statements, q.args, nil
}

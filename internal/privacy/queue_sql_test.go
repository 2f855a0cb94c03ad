package privacy

import (
	"time"

	"github.com/google/uuid"
)

// QueueSQL gives the statements that a filter may be read with.
func QueueSQL(f Filter, now time.Time, me uuid.UUID) (statements []string, args [][]any, err error) {
	q, err := ask(f, now, me, false)
	if err != nil {
		return nil, nil, err
	}
	if q.whole() {
		return []string{q.inOrder(PageSize+1, 0)}, [][]any{q.args}, nil
	}
	listed, err := ask(f, now, me, true)
	return []string{q.inOrder(PageSize+1, glance), listed.fromList(PageSize + 1)}, [][]any{q.args, listed.args}, err
}

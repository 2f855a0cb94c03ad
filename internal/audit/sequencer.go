package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/audit/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/pg"
)

// batchSize is how many entries one transaction seals: big enough for speed,
// small enough to stay in memory.
const batchSize = 5000

// Seal puts every entry whose place is settled into the chain, and says how
// many there were. It may run in several processes at once: one at a time does
// the work, the others wait. An entry is settled once no transaction that is
// older can still commit; a long transaction anywhere in the database server
// therefore only delays it.
func Seal(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	total := 0
	for {
		var n int
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			n, err = sealBatch(ctx, queries.New(tx))
			return err
		})
		if err != nil {
			return total, fmt.Errorf("seal the audit log: %w", err)
		}
		total += n
		if n < batchSize {
			return total, nil
		}
	}
}

func sealBatch(ctx context.Context, q *queries.Queries) (int, error) {
	// Read committed: the statements after the lock see what its last holder wrote.
	if err := q.LockSequencer(ctx); err != nil {
		return 0, err
	}
	head, err := q.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the head: %w", err)
	}
	if head.ForeignServer {
		return 0, fmt.Errorf("the log was restored from a dump into a server whose transaction counter is behind %s: "+
			"move it past that with pg_resetwal --next-transaction-id, or restore a base backup", head.LastTxid)
	}
	events, err := q.UnsealedEvents(ctx, queries.UnsealedEventsParams{LastTxid: head.LastTxid, LastID: head.LastID, Batch: batchSize})
	if err != nil {
		return 0, fmt.Errorf("read what is not sealed: %w", err)
	}
	if len(events) == 0 {
		return 0, nil
	}
	links := make([]queries.InsertLinksParams, len(events))
	last := chainStart(head.Size, head.Hash)
	for i, e := range events {
		last = next(last, e.Leaf)
		links[i] = queries.InsertLinksParams{Idx: head.Size + int64(i), EventID: e.ID, Hash: append([]byte(nil), last[:]...)}
	}
	if _, err := q.InsertLinks(ctx, links); err != nil {
		return 0, fmt.Errorf("extend the chain: %w", err)
	}
	end := events[len(events)-1]
	err = q.MoveHead(ctx, queries.MoveHeadParams{Size: head.Size + int64(len(events)), Hash: last[:], LastTxid: end.Tx, LastID: end.ID})
	if err != nil {
		return 0, fmt.Errorf("move the head: %w", err)
	}
	return len(events), nil
}

type hash = [sha256.Size]byte

// The names keep these hashes apart from any other SHA-256 over the same bytes,
// the leaves of a later Merkle tree among them.
const (
	startName = "privacy-portal audit chain 1: start"
	linkName  = "privacy-portal audit chain 1: link\n"
)

// chainStart is the hash that the next link continues.
func chainStart(size int64, head []byte) hash {
	if size == 0 {
		return sha256.Sum256([]byte(startName))
	}
	var h hash
	copy(h[:], head)
	return h
}

// next is hash n = SHA-256(name, hash n-1, leaf n). The first two have a fixed
// length, so no two different inputs give the same bytes.
func next(last hash, leaf []byte) hash {
	buf := make([]byte, 0, len(linkName)+len(last)+len(leaf))
	buf = append(append(append(buf, linkName...), last[:]...), leaf...)
	return sha256.Sum256(buf)
}

// txNumber reads an xid8, which pgx hands over as text.
func txNumber(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }

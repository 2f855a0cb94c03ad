package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/pg"
)

// Report is what a check of the whole record found.
type Report struct {
	OK       bool
	Size     int64  // entries in the chain
	Pending  int64  // entries not sealed yet
	Root     string // the chain's last hash, hex
	FirstBad *int64 // index of the first entry that is not as it was; nil if none
	Problem  string // what is wrong with it, for the command line and the log
}

// Verify reads the whole record again and recomputes every hash. It finds an
// entry that was changed, removed, put in or moved, as long as the head or a
// hash kept elsewhere (Root) was not changed with it. Entries that wait for
// the sequencer (Pending) are not protected yet. Its memory does not grow with
// the log, and it may run while entries are written and sealed.
func Verify(ctx context.Context, q pg.Querier) (Report, error) {
	before, err := readHead(ctx, q)
	if err != nil {
		return Report{}, err
	}
	w := walker{last: chainStart(0, nil)}
	for w.next < before.size && w.bad == "" {
		if err := w.batch(ctx, q, min(w.next+verifyBatch, before.size)); err != nil {
			return Report{}, err
		}
	}
	if w.bad == "" {
		w.compareHead(before)
	}
	if w.bad == "" {
		if err := w.findStrays(ctx, q); err != nil {
			return Report{}, err
		}
	}
	r := Report{OK: w.bad == "", Size: before.size, Pending: before.pending, Root: hex.EncodeToString(w.last[:])}
	if !r.OK {
		r.FirstBad, r.Problem = &w.at, w.bad
	}
	return r, nil
}

const verifyBatch = 10000

type head struct {
	size, pending int64
	hash          []byte
	last          place
}

// place is where an event stands in the order of sealing.
type place struct {
	tx uint64
	id int64
}

func (p place) after(o place) bool { return p.tx > o.tx || p.tx == o.tx && p.id > o.id }

func readHead(ctx context.Context, q pg.Querier) (head, error) {
	var h head
	var tx string
	err := q.QueryRow(ctx, `SELECT h.size, h.hash, h.last_txid::text, h.last_id,
			(SELECT count(*) FROM audit_events e WHERE (e.txid, e.id) > (h.last_txid, h.last_id))
		FROM audit_head h`).Scan(&h.size, &h.hash, &tx, &h.last.id, &h.pending)
	if err == nil {
		h.last.tx, err = txNumber(tx)
	}
	if err != nil {
		return head{}, fmt.Errorf("read the head of the audit log: %w", err)
	}
	return h, nil
}

// walker goes through the chain and stops at the first thing that is wrong.
type walker struct {
	next  int64 // index expected next
	last  hash
	place place
	leaf  []byte
	at    int64 // index of what is bad
	bad   string
}

func (w *walker) fail(at int64, format string, args ...any) {
	if w.bad == "" {
		w.at, w.bad = at, fmt.Sprintf(format, args...)
	}
}

func (w *walker) batch(ctx context.Context, q pg.Querier, end int64) error {
	rows, err := q.Query(ctx, `SELECT c.idx, c.hash, e.txid::text, e.id, e.at, e.actor_kind, e.actor_id, e.actor_label,
			e.action, e.target, e.request, e.detail::text, e.leaf
		FROM audit_chain c LEFT JOIN audit_events e ON e.id = c.event_id
		WHERE c.idx >= $1 AND c.idx < $2 ORDER BY c.idx`, w.next, end)
	if err != nil {
		return fmt.Errorf("read the audit log from %d: %w", w.next, err)
	}
	defer rows.Close()
	for rows.Next() && w.bad == "" {
		if err := w.row(rows); err != nil {
			return fmt.Errorf("read audit entry %d: %w", w.next, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the audit log from %d: %w", w.next, err)
	}
	if w.bad == "" && w.next < end {
		w.fail(w.next, "entry %d is missing from the chain", w.next)
	}
	return nil
}

func (w *walker) row(rows pgx.Rows) error {
	var (
		idx                             int64
		stored, leaf                    []byte
		tx                              *string
		id                              *int64
		at                              *time.Time
		kind, actor, label, action, tgt *string
		request                         *uuid.UUID
		detail                          []byte
	)
	if err := rows.Scan(&idx, &stored, &tx, &id, &at, &kind, &actor, &label, &action, &tgt, &request, &detail, &leaf); err != nil {
		return err
	}
	switch {
	case idx != w.next:
		w.fail(w.next, "entry %d is missing from the chain", w.next)
		return nil
	case id == nil:
		w.fail(idx, "the event of entry %d was removed", idx)
		return nil
	}
	n, err := txNumber(*tx)
	if err != nil {
		return err
	}
	here := place{n, *id}
	f := facts{kind: *kind, id: *actor, label: *label, action: *action, target: *tgt, request: request, detail: detail}
	w.leaf = f.appendLeaf(w.leaf[:0], *at)
	sum := next(w.last, leaf)
	switch {
	case !bytes.Equal(sum[:], stored):
		w.fail(idx, "the hash of entry %d does not follow from what is stored", idx)
	case !bytes.Equal(w.leaf, leaf):
		w.fail(idx, "entry %d reads differently from what was hashed", idx)
	case !here.after(w.place):
		w.fail(idx, "entry %d is out of order", idx)
	}
	w.last, w.place, w.next = sum, here, idx+1
	return nil
}

// compareHead catches a chain that was cut or exchanged as a whole.
func (w *walker) compareHead(h head) {
	switch {
	case h.size > 0 && !bytes.Equal(w.last[:], h.hash):
		w.fail(h.size-1, "the chain ends with another hash than its head says")
	case h.size > 0 && w.place != h.last:
		w.fail(h.size-1, "the chain ends with another event than its head says")
	}
}

// findStrays looks for links beyond the head, and for events that stand before
// it but in no link: both mean that somebody wrote past the sequencer.
func (w *walker) findStrays(ctx context.Context, q pg.Querier) error {
	var beyond *int64
	var settled, size int64
	err := q.QueryRow(ctx, `SELECT h.size,
			(SELECT min(c.idx) FROM audit_chain c WHERE c.idx >= h.size),
			(SELECT count(*) FROM audit_events e WHERE (e.txid, e.id) <= (h.last_txid, h.last_id))
		FROM audit_head h`).Scan(&size, &beyond, &settled)
	if err != nil {
		return fmt.Errorf("count the audit log: %w", err)
	}
	if beyond != nil {
		w.fail(*beyond, "entry %d stands behind the end of the chain", *beyond)
	}
	if settled == size {
		return nil
	}
	var idx *int64
	err = q.QueryRow(ctx, `SELECT min(c.idx) FROM audit_chain c JOIN audit_events e ON e.id = c.event_id
		JOIN (SELECT x.txid, x.id FROM audit_events x, audit_head h
			WHERE (x.txid, x.id) <= (h.last_txid, h.last_id)
			  AND NOT EXISTS (SELECT FROM audit_chain y WHERE y.event_id = x.id)
			ORDER BY x.txid, x.id LIMIT 1) s ON (e.txid, e.id) > (s.txid, s.id)`).Scan(&idx)
	if err != nil {
		return fmt.Errorf("look for the audit entry that is too many: %w", err)
	}
	at := size
	if idx != nil {
		at = *idx
	}
	w.fail(at, "an event was put in before entry %d after it was sealed", at)
	return nil
}

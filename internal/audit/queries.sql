-- name: InsertEvent :exec
-- The database's clock is the only one: it is put in front of the rest of the leaf here.
WITH clock AS (SELECT clock_timestamp() AS at)
INSERT INTO audit_events (at, actor_kind, actor_id, actor_label, action, target, request, detail, leaf)
SELECT clock.at, sqlc.arg(actor_kind)::text, sqlc.arg(actor_id)::text, sqlc.arg(actor_label)::text,
       sqlc.arg(action)::text, sqlc.arg(target)::text, sqlc.narg(request)::uuid, sqlc.arg(detail)::text::json,
       convert_to('{"at":"' || to_char(clock.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'UTF8')
           || sqlc.arg(rest)::bytea
FROM clock;

-- name: LockSequencer :exec
SELECT pg_advisory_xact_lock(hashtextextended('privacy-portal/audit-sequencer', 0));

-- name: Head :one
-- The last comparison cannot be true on the server that wrote the log.
SELECT size, hash, last_txid::text AS last_txid, last_id,
       (last_txid >= pg_snapshot_xmax(pg_current_snapshot()))::boolean AS foreign_server
FROM audit_head;

-- name: UnsealedEvents :many
-- Every transaction below the snapshot's xmin has ended, so nothing can appear
-- later in front of what is taken now. The text form of txid has another name,
-- because ORDER BY would else sort by it.
SELECT id, txid::text AS tx, leaf
FROM audit_events
WHERE (txid, id) > (sqlc.arg(last_txid)::text::xid8, sqlc.arg(last_id)::bigint)
  AND txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY txid, id
LIMIT sqlc.arg(batch);

-- name: InsertLinks :copyfrom
INSERT INTO audit_chain (idx, event_id, hash) VALUES ($1, $2, $3);

-- name: MoveHead :exec
UPDATE audit_head
SET size = sqlc.arg(size), hash = sqlc.arg(hash), last_txid = sqlc.arg(last_txid)::text::xid8, last_id = sqlc.arg(last_id);

-- name: PlanForValues :exec
-- A page has one plan per set of filters; one plan for all would read the whole log.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: PageEvents :many
SELECT e.id, e.at, e.actor_kind, e.actor_id, e.actor_label, e.action, e.target, e.detail::text AS detail, c.idx, c.hash
FROM audit_events e
LEFT JOIN audit_chain c ON c.event_id = e.id
WHERE (sqlc.narg(action)::text IS NULL OR e.action = sqlc.narg(action))
  AND (sqlc.narg(target)::text IS NULL OR e.target = sqlc.narg(target))
  AND (sqlc.narg(actor)::text IS NULL OR e.actor_id = sqlc.narg(actor))
  AND e.id < sqlc.arg(before)::bigint
ORDER BY e.id DESC
LIMIT sqlc.arg(page_size);

-- name: EventsOfRequest :many
SELECT e.id, e.at, e.actor_kind, e.actor_id, e.actor_label, e.action, e.target, e.detail::text AS detail, c.idx, c.hash
FROM audit_events e
LEFT JOIN audit_chain c ON c.event_id = e.id
WHERE e.request = sqlc.arg(request)::uuid
ORDER BY e.id DESC
LIMIT sqlc.arg(page_size);

-- name: CountOfRequest :one
SELECT count(*) FROM audit_events WHERE request = sqlc.arg(request)::uuid;

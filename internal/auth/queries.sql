-- name: LockLinks :exec
-- Two fresh links at once: the second waits, so that it kills the first.
SELECT pg_advisory_xact_lock(hashtextextended('privacy-portal/link/' || sqlc.arg(purpose)::text || '/' || sqlc.arg(bound)::uuid::text, 0));

-- name: ReplaceLinks :exec
UPDATE auth_links SET replaced_at = now()
WHERE purpose = sqlc.arg(purpose) AND bound = sqlc.arg(bound) AND used_at IS NULL AND replaced_at IS NULL;

-- name: InsertLink :exec
INSERT INTO auth_links (hash, purpose, bound, expires_at)
VALUES (sqlc.arg(hash), sqlc.arg(purpose), sqlc.arg(bound), clock_timestamp() + sqlc.arg(ttl)::interval);

-- name: UseLink :one
UPDATE auth_links SET used_at = clock_timestamp()
WHERE hash = sqlc.arg(hash) AND purpose = sqlc.arg(purpose)
  AND used_at IS NULL AND replaced_at IS NULL AND expires_at > clock_timestamp()
RETURNING bound;

-- name: ReadSession :one
SELECT data, now() - seen_at > sqlc.arg(slide)::interval AS stale
FROM auth_sessions
WHERE hash = sqlc.arg(hash) AND idle_at > now() AND ends_at > now();

-- name: TouchSession :exec
UPDATE auth_sessions SET seen_at = now(), idle_at = now() + sqlc.arg(idle)::interval
WHERE hash = sqlc.arg(hash) AND idle_at > now() AND ends_at > now();

-- name: InsertSession :exec
INSERT INTO auth_sessions (hash, member, data, login, began_at, device, proved, idle_at, ends_at)
VALUES (sqlc.arg(hash), sqlc.narg(member), sqlc.arg(data), sqlc.narg(login), coalesce(sqlc.narg(began)::timestamptz, now()), sqlc.arg(device), sqlc.arg(proved),
    now() + sqlc.arg(idle)::interval, coalesce(sqlc.narg(began)::timestamptz, now()) + sqlc.arg(absolute)::interval);

-- name: WriteSession :execrows
-- Never an upsert: a session that was ended meanwhile must not come back.
UPDATE auth_sessions SET member = sqlc.narg(member), data = sqlc.arg(data), login = sqlc.narg(login), device = sqlc.arg(device), proved = sqlc.arg(proved),
    seen_at = now(), idle_at = now() + sqlc.arg(idle)::interval
WHERE hash = sqlc.arg(hash) AND idle_at > now() AND ends_at > now();

-- name: DeleteSession :one
DELETE FROM auth_sessions WHERE hash = sqlc.arg(hash) RETURNING member, login, began_at;

-- name: SessionsOf :many
SELECT login, began_at, seen_at, device, proved FROM auth_sessions
WHERE member = sqlc.arg(member)::uuid AND idle_at > now() AND ends_at > now()
ORDER BY seen_at DESC, login;

-- name: OpenSessions :many
SELECT member::uuid AS member, count(*) AS open FROM auth_sessions
WHERE member IS NOT NULL AND proved AND idle_at > now() AND ends_at > now()
GROUP BY member;

-- name: DeleteLogin :execrows
DELETE FROM auth_sessions WHERE member = sqlc.arg(member)::uuid AND login = sqlc.arg(login)::uuid;

-- name: DeleteOtherLogins :execrows
DELETE FROM auth_sessions WHERE member = sqlc.arg(member)::uuid AND login IS DISTINCT FROM sqlc.arg(keep)::uuid;

-- name: DeleteSessionsOf :execrows
DELETE FROM auth_sessions WHERE member = sqlc.arg(member)::uuid;

-- name: KeepOnce :exec
-- The newest question of a kind is the one that may be answered.
INSERT INTO auth_once (login, purpose, tag, data, expires_at)
VALUES (sqlc.arg(login), sqlc.arg(purpose), sqlc.arg(tag), sqlc.arg(data), clock_timestamp() + sqlc.arg(ttl)::interval)
ON CONFLICT (login, purpose) DO UPDATE SET tag = excluded.tag, data = excluded.data, expires_at = excluded.expires_at;

-- name: TakeOnce :one
-- One statement decides: of many answers at once, one finds the question.
DELETE FROM auth_once
WHERE login = sqlc.arg(login) AND purpose = sqlc.arg(purpose) AND tag = sqlc.arg(tag) AND expires_at > clock_timestamp()
RETURNING data;

-- name: PurgeOnce :execrows
DELETE FROM auth_once WHERE expires_at <= now();

-- name: TakeToken :execrows
-- One drop into the bucket, if it still fits.
INSERT INTO auth_buckets AS b (key, full_at) VALUES (sqlc.arg(key), now() + sqlc.arg(drop_time)::interval)
ON CONFLICT (key) DO UPDATE SET full_at = greatest(b.full_at, now()) + sqlc.arg(drop_time)::interval
WHERE greatest(b.full_at, now()) + sqlc.arg(drop_time)::interval <= now() + sqlc.arg(per)::interval;

-- name: BucketWait :one
SELECT greatest(0, extract(epoch FROM full_at + sqlc.arg(drop_time)::interval - sqlc.arg(per)::interval - now()))::double precision AS seconds
FROM auth_buckets WHERE key = sqlc.arg(key);

-- name: EmptyBucket :exec
DELETE FROM auth_buckets WHERE key = sqlc.arg(key);

-- name: PurgeSessions :execrows
DELETE FROM auth_sessions WHERE idle_at <= now() OR ends_at <= now();

-- name: PurgeLinks :execrows
DELETE FROM auth_links WHERE expires_at < now() - interval '30 days';

-- name: PurgeBuckets :execrows
DELETE FROM auth_buckets WHERE full_at <= now();

-- name: InsertRecorded :one
INSERT INTO requests (ref, kind, relation, name, email, phone, country, lang, law, answers, draft, received_at, due_at,
    earliest_at, legal_due_at, target_at, ack_due_at, notice_by, channel, recorded_by, recorded_at, original)
VALUES (@ref, @kind, @relation, @name, @email, @phone, @country, @lang, @law, @answers, @draft, @received_at, @due_at,
    @earliest_at, @legal_due_at, @target_at, @ack_due_at, @notice_by, @channel, @recorded_by, @recorded_at, @original)
ON CONFLICT (draft) DO NOTHING
RETURNING *;

-- name: SetProvedBy :exec
UPDATE requests SET proved_by = @proved_by, verified_at = @verified_at WHERE id = @id;

-- name: SetFollowUp :exec
UPDATE requests SET follow_up = @follow_up WHERE id = @id;

-- name: SavedViews :many
-- One's own and what others share, by name.
SELECT v.id, v.owner, m.name AS owner_name, v.name, v.query, v.shared
FROM saved_views v JOIN staff_members m ON m.id = v.owner
WHERE v.owner = @member OR v.shared
ORDER BY lower(v.name), v.id LIMIT 200;

-- name: CountSavedViews :one
SELECT count(*) FROM saved_views WHERE owner = @owner;

-- name: InsertSavedView :execrows
INSERT INTO saved_views (owner, name, query, shared) VALUES (@owner, @name, @query, @shared)
ON CONFLICT (owner, lower(name)) DO NOTHING;

-- name: ChangeSavedView :execrows
UPDATE saved_views SET name = @name, shared = @shared WHERE id = @id AND owner = @owner;

-- name: DeleteSavedView :execrows
DELETE FROM saved_views WHERE id = @id AND owner = @owner;

-- name: BeHere :exec
-- Who comes back after more than a moment has opened the case anew.
WITH left_behind AS (
    DELETE FROM presences p WHERE p.member = @member AND p.request_id <> @request_id AND p.seen_at < now() - interval '90 seconds'
)
INSERT INTO presences AS p (request_id, member) VALUES (@request_id, @member)
ON CONFLICT (request_id, member) DO UPDATE
SET since = CASE WHEN p.seen_at < now() - interval '90 seconds' THEN now() ELSE p.since END, seen_at = now();

-- name: WhoIsHere :many
SELECT m.id, m.name, p.since, extract(epoch FROM now() - p.since)::double precision AS seconds
FROM presences p JOIN staff_members m ON m.id = p.member
WHERE p.request_id = @request_id AND p.member <> @not_member AND p.seen_at >= now() - interval '90 seconds'
ORDER BY p.since, m.name LIMIT 20;

-- name: VersionOf :one
SELECT coalesce(max(id), 0)::bigint AS version FROM audit_events WHERE target = @ref AND target <> '';

-- name: ChangedSince :one
-- What somebody else has done to a case. Reading is no change, nor is what a job does by itself.
SELECT EXISTS (SELECT FROM audit_events e WHERE e.request = @request AND e.id > @version::bigint
    AND e.actor_kind <> 'system' AND e.actor_id <> @member::text AND e.action <> ALL (@reading::text[])) AS changed;

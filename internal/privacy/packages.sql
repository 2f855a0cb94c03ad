-- name: PartsOf :many
SELECT * FROM package_parts WHERE set_id = @set_id ORDER BY number;

-- name: AddPart :exec
INSERT INTO package_parts (request_id, set_id, number, artifact_id, size, sha256, key, manifest, position, sheet_id, sheet_size, sheet_sha256, sheet_key)
VALUES (@request_id, @set_id, @number, @artifact_id, @size, @sha256, @key, @manifest, @position, @sheet_id, @sheet_size, @sheet_sha256, @sheet_key);

-- name: PackingOf :one
SELECT k.*, (w.lease_until > now())::boolean AS alive FROM packings k JOIN work w ON w.request_id = k.request_id WHERE k.request_id = @request_id;

-- name: BeginPacking :exec
INSERT INTO packings (request_id, set_id, bound, phase, done, planned) VALUES (@request_id, @set_id, @bound, @phase, 0, 0)
ON CONFLICT (request_id) DO UPDATE SET set_id = excluded.set_id, bound = excluded.bound, phase = excluded.phase, done = 0, planned = 0;

-- name: SetPacking :execrows
-- Nobody reports any more whose lease another worker has.
UPDATE packings k SET phase = @phase, done = @done, planned = @planned
FROM work w WHERE k.request_id = @request_id AND w.request_id = k.request_id AND w.epoch = @epoch;

-- name: DropUnstaged :exec
-- Parts that never became a package: nobody can ask for them.
DELETE FROM package_parts a WHERE a.request_id = @request_id AND NOT EXISTS (SELECT FROM proposals p WHERE p.id = a.set_id);

-- name: ForgetPositions :exec
UPDATE package_parts SET position = NULL WHERE set_id = @set_id;

-- name: EndPacking :exec
DELETE FROM packings WHERE request_id = @request_id;

-- name: DropPartKeys :exec
UPDATE package_parts SET key = NULL, position = NULL WHERE request_id = @request_id AND key IS NOT NULL;

-- name: LiveParts :many
-- Parts that somebody may still read, those of packages in the making, and those that a hold keeps.
SELECT a.artifact_id FROM package_parts a JOIN requests r ON r.id = a.request_id LEFT JOIN proposals p ON p.id = a.set_id
WHERE (r.state NOT IN ('closed', 'rejected', 'lapsed') OR r.held_at IS NOT NULL) AND a.key IS NOT NULL
  AND (p.decision IS NULL OR p.decision = 'approved');

-- name: CountDownload :one
-- A package was downloaded as often as the part that was asked for least.
WITH opened AS (
    UPDATE package_parts a SET used = a.used + 1 FROM deliveries d
    WHERE d.request_id = @request_id AND a.set_id = d.proposal_id AND a.number = @number AND a.used < d.allowed AND d.until > now()
    RETURNING a.set_id, a.number, a.artifact_id, a.used
)
UPDATE deliveries d SET used = least(o.used, coalesce((SELECT min(a.used) FROM package_parts a WHERE a.set_id = o.set_id AND a.number <> o.number), o.used))
FROM opened o WHERE d.request_id = @request_id
RETURNING o.artifact_id;

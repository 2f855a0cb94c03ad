-- Queries of redaction.go.

-- name: RulingsOf :many
SELECT u.*, EXISTS (SELECT FROM rulings n WHERE n.undoes = u.id) AS undone FROM rulings u WHERE u.request_id = @request_id ORDER BY u.version;

-- name: RulingVersion :one
SELECT coalesce(max(version), 0)::integer AS version FROM rulings WHERE request_id = @request_id;

-- name: InsertRuling :exec
INSERT INTO rulings (id, request_id, version, sort, act, talk, place, start_at, end_at, digest, who, words, what, reason, undoes, settled, made_by, made_name, made_at)
VALUES (@id, @request_id, @version, @sort, @act, @talk, @place, @start_at, @end_at, @digest, @who, @words, @what, @reason, @undoes, @settled, @made_by, @made_name, @made_at);

-- name: RuledAnything :one
SELECT EXISTS (SELECT FROM rulings WHERE request_id = @request_id AND made_by = @made_by);

-- name: ForgetWords :exec
UPDATE rulings SET words = NULL WHERE request_id = @request_id AND words IS NOT NULL;

-- name: LiveSheets :many
-- Sheets that somebody may still read, those of packages in the making, and those that a hold keeps.
SELECT a.sheet_id::uuid AS sheet_id FROM package_parts a JOIN requests r ON r.id = a.request_id LEFT JOIN proposals p ON p.id = a.set_id
WHERE (r.state NOT IN ('closed', 'rejected', 'lapsed') OR r.held_at IS NOT NULL) AND a.sheet_key IS NOT NULL
  AND (p.decision IS NULL OR p.decision = 'approved');

-- name: DropSheetKeys :exec
-- What is hidden in a package is not readable for longer than it is reviewed.
UPDATE package_parts SET sheet_key = NULL WHERE request_id = @request_id AND sheet_key IS NOT NULL;

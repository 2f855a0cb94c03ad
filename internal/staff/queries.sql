-- name: InsertMember :execrows
-- Whichever it is, the address or the mailbox: that person works here already.
INSERT INTO staff_members (id, email, name, roles, lang)
VALUES (sqlc.arg(id), sqlc.arg(email), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(lang))
ON CONFLICT DO NOTHING;

-- name: MemberByID :one
SELECT id, email, name, roles, lang, enrolled_at, disabled_at FROM staff_members WHERE id = sqlc.arg(id);

-- name: MemberByEmail :one
SELECT id, email, name, roles, lang, enrolled_at, disabled_at FROM staff_members WHERE email = sqlc.arg(email);

-- name: Members :many
SELECT id, email, name, roles, lang, enrolled_at, disabled_at FROM staff_members ORDER BY lower(name), id;

-- name: LockMember :one
SELECT id, email, name, roles, lang, enrolled_at, disabled_at FROM staff_members WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: LockAdministrators :many
-- In one order, so that two changes at once wait for each other instead of deadlocking.
SELECT id FROM staff_members WHERE 'administrator' = ANY (roles) AND disabled_at IS NULL ORDER BY id FOR UPDATE;

-- name: SetRoles :exec
UPDATE staff_members SET roles = sqlc.arg(roles) WHERE id = sqlc.arg(id);

-- name: DisableMember :exec
UPDATE staff_members SET disabled_at = now() WHERE id = sqlc.arg(id) AND disabled_at IS NULL;

-- name: Factor :one
SELECT totp_secret, totp_pending, totp_step, enrolled_at, clock_timestamp()::timestamptz AS clock
FROM staff_members WHERE id = sqlc.arg(id) AND disabled_at IS NULL;

-- name: SetPending :execrows
UPDATE staff_members SET totp_pending = sqlc.arg(pending)
WHERE id = sqlc.arg(id) AND disabled_at IS NULL AND enrolled_at IS NULL AND totp_pending IS NULL;

-- name: ClearPending :exec
UPDATE staff_members SET totp_pending = NULL WHERE id = sqlc.arg(id) AND totp_pending IS NOT NULL;

-- name: Enrol :execrows
UPDATE staff_members
SET totp_secret = totp_pending, totp_pending = NULL, totp_step = sqlc.arg(step), enrolled_at = now()
WHERE id = sqlc.arg(id) AND disabled_at IS NULL AND enrolled_at IS NULL AND totp_pending = sqlc.arg(pending);

-- name: ResetFactor :exec
-- The step stays, so that a code of the old secret cannot come back with it.
UPDATE staff_members SET totp_secret = NULL, totp_pending = NULL, enrolled_at = NULL WHERE id = sqlc.arg(id);

-- name: AcceptStep :execrows
-- One code, one use: of two at the same moment, the second finds its step taken.
UPDATE staff_members SET totp_step = sqlc.arg(step)
WHERE id = sqlc.arg(id) AND disabled_at IS NULL AND totp_secret = sqlc.arg(secret) AND totp_step < sqlc.arg(step);

-- name: UseRecovery :execrows
UPDATE staff_recovery r SET used_at = now()
FROM staff_members m
WHERE r.hash = sqlc.arg(hash) AND r.member = sqlc.arg(member) AND r.used_at IS NULL
  AND m.id = r.member AND m.disabled_at IS NULL;

-- name: DropRecovery :exec
DELETE FROM staff_recovery WHERE member = sqlc.arg(member);

-- name: InsertRecovery :exec
INSERT INTO staff_recovery (hash, member) SELECT unnest(sqlc.arg(hashes)::bytea[]), sqlc.arg(member)::uuid;

-- name: SeedMember :execrows
INSERT INTO staff_members (id, email, name, roles, lang, totp_secret, enrolled_at)
VALUES (sqlc.arg(id), sqlc.arg(email), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(lang), sqlc.arg(secret), now())
ON CONFLICT (email) DO NOTHING;

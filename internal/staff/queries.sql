-- name: InsertMember :execrows
-- Whichever it is, the address or the mailbox: that person works here already.
INSERT INTO staff_members (id, email, name, roles, lang)
VALUES (sqlc.arg(id), sqlc.arg(email), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(lang))
ON CONFLICT DO NOTHING;

-- name: MemberByID :one
SELECT m.id, m.email, m.name, m.roles, m.lang, m.disabled_at, m.arrived_at, m.invited_until > now() AS invited,
    (m.enrolled_at IS NOT NULL OR EXISTS (SELECT FROM staff_passkeys p WHERE p.member = m.id))::boolean AS enrolled
FROM staff_members m WHERE m.id = sqlc.arg(id);

-- name: MemberByEmail :one
SELECT m.id, m.email, m.name, m.roles, m.lang, m.disabled_at, m.arrived_at, m.invited_until > now() AS invited,
    (m.enrolled_at IS NOT NULL OR EXISTS (SELECT FROM staff_passkeys p WHERE p.member = m.id))::boolean AS enrolled
FROM staff_members m WHERE m.email = sqlc.arg(email);

-- name: Members :many
SELECT m.id, m.email, m.name, m.roles, m.lang, m.disabled_at, m.arrived_at, m.invited_until > now() AS invited,
    (m.enrolled_at IS NOT NULL OR EXISTS (SELECT FROM staff_passkeys p WHERE p.member = m.id))::boolean AS enrolled
FROM staff_members m ORDER BY lower(m.name), m.id;

-- name: LockMember :one
SELECT m.id, m.email, m.name, m.roles, m.lang, m.disabled_at, m.arrived_at, m.invited_until > now() AS invited,
    (m.enrolled_at IS NOT NULL OR EXISTS (SELECT FROM staff_passkeys p WHERE p.member = m.id))::boolean AS enrolled
FROM staff_members m WHERE m.id = sqlc.arg(id) FOR UPDATE OF m;

-- name: LockAdministrators :many
-- In one order, so that two changes at once wait for each other instead of deadlocking.
SELECT id, arrived_at FROM staff_members WHERE 'administrator' = ANY (roles) AND disabled_at IS NULL ORDER BY id FOR UPDATE;

-- name: SetRoles :exec
UPDATE staff_members SET roles = sqlc.arg(roles) WHERE id = sqlc.arg(id);

-- name: DisableMember :exec
UPDATE staff_members SET disabled_at = now() WHERE id = sqlc.arg(id) AND disabled_at IS NULL;

-- name: Arrive :exec
UPDATE staff_members SET arrived_at = now() WHERE id = sqlc.arg(id) AND arrived_at IS NULL;

-- name: InviteAgain :exec
-- Another beginning: whatever they had before opens nothing any more.
UPDATE staff_members
SET disabled_at = NULL, arrived_at = NULL, invited_until = now() + interval '7 days', totp_secret = NULL, totp_pending = NULL, enrolled_at = NULL
WHERE id = sqlc.arg(id);

-- name: People :many
SELECT m.id, m.email, m.name, m.roles, m.lang, m.disabled_at, m.arrived_at, m.invited_until, m.enrolled_at,
    (SELECT count(*) FROM staff_passkeys p WHERE p.member = m.id) AS passkeys,
    (SELECT count(*) FROM staff_recovery c WHERE c.member = m.id AND c.used_at IS NULL) AS codes,
    EXISTS (SELECT FROM staff_identities i WHERE i.member = m.id) AS bound
FROM staff_members m ORDER BY m.disabled_at IS NOT NULL, lower(m.name), m.id;

-- name: Factor :one
SELECT totp_secret, totp_pending, totp_step, enrolled_at, clock_timestamp()::timestamptz AS clock
FROM staff_members WHERE id = sqlc.arg(id) AND disabled_at IS NULL;

-- name: SetPending :execrows
UPDATE staff_members SET totp_pending = sqlc.arg(pending)
WHERE id = sqlc.arg(id) AND disabled_at IS NULL AND totp_pending IS NULL;

-- name: ClearPending :exec
UPDATE staff_members SET totp_pending = NULL WHERE id = sqlc.arg(id) AND totp_pending IS NOT NULL;

-- name: Enrol :execrows
UPDATE staff_members
SET totp_secret = totp_pending, totp_pending = NULL, totp_step = sqlc.arg(step), enrolled_at = now()
WHERE id = sqlc.arg(id) AND disabled_at IS NULL AND totp_pending = sqlc.arg(pending);

-- name: DropApp :execrows
UPDATE staff_members SET totp_secret = NULL, totp_pending = NULL, enrolled_at = NULL WHERE id = sqlc.arg(id) AND enrolled_at IS NOT NULL;

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

-- name: RecoveryLeft :one
SELECT count(*) FROM staff_recovery WHERE member = sqlc.arg(member) AND used_at IS NULL;

-- name: Handle :one
-- Made when it is first needed; of two at the same moment, both get the same.
UPDATE staff_members SET handle = coalesce(handle, sqlc.arg(fresh)) WHERE id = sqlc.arg(id) AND disabled_at IS NULL RETURNING handle;

-- name: PasskeysOf :many
SELECT id, name, record, sign_count, made_at, used_at, blocked_at FROM staff_passkeys WHERE member = sqlc.arg(member) ORDER BY made_at, id;

-- name: InsertPasskey :execrows
INSERT INTO staff_passkeys (id, member, name, record, sign_count)
VALUES (sqlc.arg(id), sqlc.arg(member), sqlc.arg(name), sqlc.arg(record), sqlc.arg(sign_count))
ON CONFLICT DO NOTHING;

-- name: CountPasskey :execrows
-- One answer, one use: of two with the same count, the second finds it taken. A
-- key that does not count stays at nought.
UPDATE staff_passkeys k SET sign_count = sqlc.arg(sign_count), used_at = now()
FROM staff_members m
WHERE k.id = sqlc.arg(id) AND k.member = sqlc.arg(member) AND k.blocked_at IS NULL
  AND (k.sign_count < sqlc.arg(sign_count) OR k.sign_count = 0 AND sqlc.arg(sign_count) = 0)
  AND m.id = k.member AND m.disabled_at IS NULL;

-- name: BlockPasskey :exec
UPDATE staff_passkeys SET blocked_at = now() WHERE id = sqlc.arg(id) AND member = sqlc.arg(member) AND blocked_at IS NULL;

-- name: DropPasskey :one
DELETE FROM staff_passkeys WHERE id = sqlc.arg(id) AND member = sqlc.arg(member) RETURNING blocked_at;

-- name: DropPasskeys :exec
DELETE FROM staff_passkeys WHERE member = sqlc.arg(member);

-- name: MemberByIdentity :one
SELECT member FROM staff_identities WHERE issuer = sqlc.arg(issuer) AND subject = sqlc.arg(subject);

-- name: IdentityOf :one
SELECT issuer, bound_at FROM staff_identities WHERE member = sqlc.arg(member) AND issuer = sqlc.arg(issuer);

-- name: BindIdentity :execrows
INSERT INTO staff_identities (issuer, subject, member) VALUES (sqlc.arg(issuer), sqlc.arg(subject), sqlc.arg(member))
ON CONFLICT DO NOTHING;

-- name: DropIdentities :execrows
DELETE FROM staff_identities WHERE member = sqlc.arg(member);

-- name: GrantContent :one
INSERT INTO content_grants (request_id, member, login, code, reason)
VALUES (sqlc.arg(request_id), sqlc.arg(member), sqlc.arg(login), sqlc.arg(code), sqlc.arg(reason))
RETURNING until;

-- name: ContentGrant :one
SELECT code, reason, until FROM content_grants
WHERE request_id = sqlc.arg(request_id) AND member = sqlc.arg(member) AND login = sqlc.arg(login) AND until > now()
ORDER BY given_at DESC LIMIT 1;

-- name: SeedMember :execrows
INSERT INTO staff_members (id, email, name, roles, lang, totp_secret, enrolled_at, arrived_at)
VALUES (sqlc.arg(id), sqlc.arg(email), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(lang), sqlc.arg(secret), now(), now())
ON CONFLICT (email) DO NOTHING;

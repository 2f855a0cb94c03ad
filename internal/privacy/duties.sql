-- name: SendMessage :one
-- The same words with the same files twice within a minute are one click too
-- many. The request is locked, so two clicks cannot both look before either writes.
INSERT INTO messages (request_id, staff_id, author, note, body)
SELECT @request_id::uuid, sqlc.narg(staff_id)::uuid, @author::text, @note::boolean, @body::text
WHERE NOT EXISTS (SELECT FROM messages m WHERE m.request_id = @request_id AND m.staff_id IS NOT DISTINCT FROM sqlc.narg(staff_id)
    AND m.note = @note AND m.body = @body AND m.at > now() - interval '1 minute'
    AND coalesce((SELECT string_agg(a.sha256, ',' ORDER BY a.sha256) FROM attachments a WHERE a.message_id = m.id), '') = @files::text)
RETURNING id;

-- name: AddDuty :one
INSERT INTO duties (request_id, kind, title, note, assignee, due_at, made_by, made_name)
VALUES (@request_id, 'task', @title, @note, @assignee, @due_at, @made_by, @made_name)
RETURNING id;

-- name: AddRecipient :execrows
-- A recipient is told once of one request, however often a plan is finished.
INSERT INTO duties (request_id, kind, title, words, categories, due_at)
VALUES (@request_id, 'recipient', @title, @words, @categories, @due_at)
ON CONFLICT DO NOTHING;

-- name: DutiesOf :many
SELECT sqlc.embed(d), coalesce(m.name, '')::text AS assignee_name
FROM duties d LEFT JOIN staff_members m ON m.id = d.assignee
WHERE d.request_id = @request_id ORDER BY d.kind DESC, d.due_at, d.made_at, d.id LIMIT 200;

-- name: LockDuty :one
SELECT * FROM duties WHERE id = @id AND request_id = @request_id FOR UPDATE;

-- name: SettleDuty :exec
UPDATE duties SET state = @state, how = @how, reference = @reference, reason = @reason, told_on = @told_on,
    settled_at = @settled_at, settled_by = @settled_by, settled_name = @settled_name
WHERE id = @id;

-- name: DueDuties :many
-- Nobody is reminded twice of one duty.
SELECT sqlc.embed(d), r.ref, coalesce(d.assignee, r.assignee) AS who FROM duties d JOIN requests r ON r.id = d.request_id
WHERE d.state = 'open' AND d.reminded_at IS NULL AND d.due_at <= @now::timestamptz
ORDER BY d.due_at LIMIT 200 FOR UPDATE OF d SKIP LOCKED;

-- name: DutyReminded :exec
UPDATE duties SET reminded_at = @at WHERE id = @id;

-- name: CasesToRemind :many
-- Open cases of somebody, whose date is near or over, and about which nobody was
-- told yet. One whose clock stands is nobody's turn, unless something came.
SELECT r.id, r.ref, m.id AS who, r.due_at, CASE WHEN r.due_at < @now::timestamptz THEN 'overdue' ELSE 'soon' END::text AS what
FROM requests r JOIN staff_members m ON m.id = r.assignee AND m.disabled_at IS NULL
WHERE r.state NOT IN ('received', 'closed', 'rejected', 'lapsed') AND r.due_at < @until::timestamptz AND (r.paused_at IS NULL OR r.attention <> '')
  AND NOT EXISTS (SELECT FROM reminders o WHERE o.request_id = r.id AND o.due_at = r.due_at
    AND o.what = CASE WHEN r.due_at < @now::timestamptz THEN 'overdue' ELSE 'soon' END)
ORDER BY r.due_at, r.id LIMIT 200;

-- name: NoteOrphans :execrows
-- The same cases that nobody has, all at once; none if some were told about since.
INSERT INTO reminders (request_id, what, due_at)
SELECT r.id, CASE WHEN r.due_at < @now::timestamptz THEN 'overdue' ELSE 'soon' END, r.due_at FROM requests r
WHERE r.state NOT IN ('received', 'closed', 'rejected', 'lapsed') AND r.due_at < @until::timestamptz AND (r.paused_at IS NULL OR r.attention <> '')
  AND NOT EXISTS (SELECT FROM staff_members m WHERE m.id = r.assignee AND m.disabled_at IS NULL)
  AND NOT EXISTS (SELECT FROM reminders o JOIN requests x ON x.id = o.request_id WHERE o.at > @since::timestamptz
    AND NOT EXISTS (SELECT FROM staff_members m WHERE m.id = x.assignee AND m.disabled_at IS NULL))
ON CONFLICT DO NOTHING;

-- name: NoteReminder :execrows
INSERT INTO reminders (request_id, what, due_at) VALUES (@request_id, @what, @due_at) ON CONFLICT DO NOTHING;

-- name: AddAttachment :exec
INSERT INTO attachments (id, request_id, staff_id, name, type, size, sha256, key, scan, until)
VALUES (@id, @request_id, @staff_id, @name, @type, @size, @sha256, @key, @scan, @until);

-- name: AttachmentsOf :many
-- All that was sent, and what the writer has with them for the next message.
SELECT * FROM attachments WHERE request_id = @request_id AND message_id IS NOT NULL ORDER BY made_at, id LIMIT 500;

-- name: WritersAttachments :many
-- Of these, those that this writer sent: for the message being written, or with
-- the same one before, if its form is sent twice.
SELECT * FROM attachments WHERE request_id = @request_id AND id = ANY (@ids::uuid[]) AND key IS NOT NULL
  AND staff_id IS NOT DISTINCT FROM sqlc.narg(staff_id)::uuid
ORDER BY made_at, id;

-- name: AttachmentUse :one
-- How much a request's files take, those of messages that are still being written included.
SELECT count(*)::integer AS files, coalesce(sum(size), 0)::bigint AS bytes FROM attachments WHERE request_id = @request_id AND key IS NOT NULL;

-- name: SendAttachments :exec
UPDATE attachments SET message_id = @message_id, until = NULL WHERE id = ANY (@ids::uuid[]) AND message_id IS NULL;

-- name: SentAttachment :one
SELECT sqlc.embed(a), m.note FROM attachments a JOIN messages m ON m.id = a.message_id WHERE a.id = @id AND a.request_id = @request_id;

-- name: DropAttachment :exec
UPDATE attachments SET key = NULL WHERE id = @id;

-- name: LimitAttachment :exec
UPDATE attachments SET until = least(until, @until::timestamptz) WHERE id = @id;

-- name: WaitingAttachments :many
SELECT * FROM attachments WHERE scan = 'waiting' AND key IS NOT NULL ORDER BY made_at LIMIT 50;

-- name: SetClean :exec
UPDATE attachments SET scan = 'clean' WHERE id = @id AND scan = 'waiting';

-- name: SetInfected :exec
UPDATE attachments SET scan = 'infected', key = NULL WHERE id = @id AND scan = 'waiting';

-- name: OverAttachments :execrows
-- What was not sent, what was to go by a date, and what has outlived its case; of
-- a case on hold only what was not sent.
UPDATE attachments a SET key = NULL, name = ''
WHERE a.key IS NOT NULL AND (a.message_id IS NULL OR NOT EXISTS (SELECT FROM holds h WHERE h.request_id = a.request_id AND h.lifted_at IS NULL)) AND (a.until <= @now::timestamptz
    OR a.made_at < @closed_before::timestamptz AND EXISTS (SELECT FROM requests r WHERE r.id = a.request_id AND r.closed_at < @closed_before));

-- name: LiveAttachments :many
SELECT id FROM attachments WHERE key IS NOT NULL;

-- name: LikeRequests :many
-- Other requests that may be of the same person, and why. Each way of being
-- like this one is a short range of an index.
WITH found AS (
    (SELECT r.id FROM requests r WHERE r.email = @email::text AND @email <> '' ORDER BY r.received_at DESC LIMIT 20)
    UNION (SELECT r.id FROM requests r WHERE r.phone = @phone::text AND r.phone <> '' LIMIT 20)
    UNION (SELECT r.id FROM requests r WHERE lower(r.name) = lower(@name::text) AND r.name <> '' AND r.country = @country::text LIMIT 20))
SELECT r.id, r.ref, r.kind, r.state, r.outcome, r.received_at, r.verified_at, r.due_at, (@email <> '' AND r.email = @email)::boolean AS same_address,
    (@phone <> '' AND r.phone = @phone)::boolean AS same_number
FROM requests r JOIN found f ON f.id = r.id
WHERE r.id <> @id AND r.state <> 'lapsed' ORDER BY r.received_at DESC LIMIT 20;

-- name: DuplicateOf :one
SELECT d.reason, d.at, d.by_name, r.ref FROM duplicates d JOIN requests r ON r.id = d.of_id WHERE d.request_id = @request_id;

-- name: DuplicatesOf :many
SELECT r.ref FROM duplicates d JOIN requests r ON r.id = d.request_id WHERE d.of_id = @of_id ORDER BY d.at;

-- name: MarkDuplicate :execrows
INSERT INTO duplicates (request_id, of_id, reason, by_id, by_name) VALUES (@request_id, @of_id, @reason, @by_id, @by_name)
ON CONFLICT DO NOTHING;

-- name: SetIdentityLevel :exec
INSERT INTO identity_levels (proposal_id, request_id, needed, reached) VALUES (@proposal_id, @request_id, @needed, @reached);

-- name: IdentityLevel :one
-- Of the newest proposal.
SELECT i.needed, i.reached FROM identity_levels i JOIN proposals p ON p.id = i.proposal_id
WHERE i.request_id = @request_id ORDER BY p.version DESC LIMIT 1;

-- name: AddEvidence :exec
INSERT INTO identity_evidence (request_id, what, level, note, by_id, by_name) VALUES (@request_id, @what, @level, @note, @by_id, @by_name);

-- name: EvidenceOf :many
SELECT * FROM identity_evidence WHERE request_id = @request_id ORDER BY at, id LIMIT 100;

-- Facts that move or stop the dates of a request, and what is decided about a
-- complaint.

-- name: ClockEventsOf :many
SELECT id, kind, at, noted_at, reason, until, answers, message, law, laws, country, was_due, due_at, by_name
FROM clock_events WHERE request_id = @request_id ORDER BY id;

-- name: InsertClockEvent :one
INSERT INTO clock_events (request_id, kind, at, reason, until, answers, message, law, laws, country, was_due, due_at, by_id, by_name)
VALUES (@request_id, @kind, @at, @reason, @until, @answers, @message, @law, @laws, @country, @was_due, @due_at, @by_id, @by_name)
RETURNING id;

-- name: SetDates :exec
UPDATE requests SET law = @law, laws = @laws, country = @country, due_at = @due_at, legal_due_at = @legal_due_at, earliest_at = @earliest_at,
    target_at = @target_at, ack_due_at = @ack_due_at, notice_by = @notice_by, extended_at = @extended_at, paused_at = @paused_at
WHERE id = @id;

-- name: PostQuestion :one
-- The same words twice within a minute are one click too many.
INSERT INTO messages (request_id, staff_id, author, note, body)
SELECT @request_id::uuid, @staff_id::uuid, @author::text, false, @body::text
WHERE NOT EXISTS (SELECT FROM messages m WHERE m.request_id = @request_id AND m.staff_id = @staff_id AND m.body = @body AND m.at > now() - interval '1 minute')
RETURNING id;

-- name: PersonsMessage :one
-- A reply of the person, to be marked as the answer to a question.
SELECT id, at FROM messages WHERE id = @id AND request_id = @request_id AND staff_id IS NULL;

-- name: HoldsOf :many
SELECT * FROM holds WHERE request_id = @request_id ORDER BY started_at DESC, id;

-- name: HoldsOnPerson :many
-- Holds on the person that another of their requests has.
SELECT sqlc.embed(h), r.ref FROM holds h JOIN requests r ON r.id = h.request_id
WHERE h.scope = 'person' AND h.lifted_at IS NULL AND r.email <> '' AND mailbox(r.email) = mailbox(@email) AND r.id <> @not_id ORDER BY h.started_at DESC, h.id LIMIT 20;

-- name: RunningOf :many
-- What of a person is being carried out: a hold does not call it back.
SELECT r.ref FROM requests r
WHERE r.state = 'executing' AND r.kind IN ('deletion', 'correction', 'shortened_retention')
  AND (r.email = mailbox(@email) OR r.email <> mailbox(r.email) AND mailbox(r.email) = mailbox(@email)) ORDER BY r.received_at, r.id LIMIT 20;

-- name: InsertHold :one
INSERT INTO holds (request_id, scope, matter, reason, owner, owner_name, review_on, told, set_by, set_name)
VALUES (@request_id, @scope, @matter, @reason, @owner, @owner_name, @review_on, @told, @set_by, @set_name)
RETURNING id;

-- name: SettleHoldTask :exec
-- The task to look at a hold again ends with the hold.
UPDATE duties d SET state = 'done', settled_at = @at::timestamptz, settled_by = @by_id::uuid, settled_name = @by_name::text
FROM holds h WHERE h.id = @hold AND d.request_id = h.request_id AND d.kind = 'task' AND d.state = 'open' AND d.assignee = h.owner
    AND d.note = h.matter AND d.made_by = h.set_by AND d.made_at >= h.started_at;

-- name: LiftHold :execrows
UPDATE holds SET lifted_at = @at::timestamptz, lifted_by = @by_id, lifted_name = @by_name, lift_reason = @reason
WHERE id = @id AND request_id = @request_id AND lifted_at IS NULL;

-- name: ToldOfHold :one
SELECT EXISTS (SELECT FROM holds WHERE request_id = @request_id AND lifted_at IS NULL AND told) AS told;

-- name: LetGo :many
-- Approved requests of a person that nothing holds any more: their work goes on.
SELECT r.id, r.runs_at FROM requests r
WHERE r.state = 'approved' AND r.held_at IS NULL AND (r.id = @id OR r.email = @email AND r.email <> '') LIMIT 100;

-- name: HeldOperations :many
-- Shortened retentions that were carried out and must not go on deleting.
SELECT p.id FROM requests r JOIN proposals p ON p.request_id = r.id AND p.decision = 'approved'
WHERE r.kind = 'shortened_retention' AND r.held_at IS NOT NULL;

-- name: InsertGrievance :one
-- A complaint or an appeal, by the form or from the request that it is about.
INSERT INTO requests (ref, kind, relation, name, email, phone, country, lang, law, answers, draft, received_at, due_at,
    earliest_at, legal_due_at, target_at, ack_due_at, notice_by, about)
VALUES (@ref, @kind, @relation, @name, @email, '', @country, @lang, @law, @answers, @draft, @received_at, @due_at,
    @earliest_at, @legal_due_at, @target_at, @ack_due_at, @notice_by, @about)
ON CONFLICT (draft) DO NOTHING
RETURNING *;

-- name: InsertRenewal :one
-- What an appeal has upheld is looked into again, as it was asked.
INSERT INTO requests (ref, kind, relation, name, email, phone, country, lang, law, laws, answers, received_at, due_at,
    earliest_at, legal_due_at, target_at, ack_due_at, notice_by, about)
SELECT @ref, r.kind, r.relation, r.name, r.email, r.phone, r.country, r.lang, r.law, r.laws, r.answers, @received_at, @due_at,
    @earliest_at, @legal_due_at, @target_at, @ack_due_at, @notice_by, r.id
FROM requests r WHERE r.id = @about
RETURNING *;

-- name: AboutRequest :many
-- Complaints, appeals and what is looked into again, newest first.
SELECT * FROM requests WHERE about = @about AND state <> 'lapsed' ORDER BY received_at DESC LIMIT 20;

-- name: InsertAppealDecision :exec
INSERT INTO appeal_decisions (request_id, outcome, words, decided_by, decided_name)
VALUES (@request_id, @outcome, @words, @decided_by, @decided_name);

-- name: AppealDecisionOf :one
SELECT * FROM appeal_decisions WHERE request_id = @request_id;

-- name: SetRefusedBy :exec
UPDATE requests SET refused_by = @by_id WHERE id = @id;

-- name: InvolvedIn :many
-- Who had a part in the answer to a request: none of them decides about an appeal.
SELECT m.member::uuid AS member FROM involved_in(@request_id) AS m(member);

-- name: InsertRequest :one
INSERT INTO requests (ref, kind, relation, name, email, phone, country, lang, law, answers, draft, received_at, due_at,
    earliest_at, legal_due_at, target_at, ack_due_at, notice_by)
VALUES (@ref, @kind, @relation, @name, @email, @phone, @country, @lang, @law, @answers, @draft, @received_at, @due_at,
    @earliest_at, @legal_due_at, @target_at, @ack_due_at, @notice_by)
ON CONFLICT (draft) DO NOTHING
RETURNING *;

-- name: InsertLift :one
INSERT INTO requests (ref, kind, relation, name, email, phone, country, lang, law, answers, received_at, due_at, ends)
SELECT @ref, 'restriction_lift', r.relation, r.name, r.email, r.phone, r.country, r.lang, r.law, r.answers, @received_at, @due_at, r.id
FROM requests r WHERE r.id = @ends
RETURNING *;

-- name: LiftOf :one
-- The newest attempt to lift a restriction.
SELECT * FROM requests WHERE ends = @ends ORDER BY received_at DESC LIMIT 1;

-- name: RequestByDraft :one
SELECT * FROM requests WHERE draft = @draft;

-- name: RequestByID :one
SELECT * FROM requests WHERE id = @id;

-- name: RequestByRef :one
SELECT sqlc.embed(r), coalesce(m.name, '')::text AS assignee_name
FROM requests r LEFT JOIN staff_members m ON m.id = r.assignee
WHERE r.ref = @ref;

-- name: LockRequest :one
SELECT * FROM requests WHERE id = @id FOR UPDATE;

-- name: LatestOfAddress :one
SELECT * FROM requests WHERE email = @email AND state <> 'lapsed' ORDER BY received_at DESC LIMIT 1;

-- name: RequestsOfAddress :many
SELECT * FROM requests WHERE email = @email AND state <> 'lapsed' ORDER BY received_at DESC LIMIT 50;

-- name: SetState :exec
-- What staff were to look at, and an outage, belong to the state that ends.
UPDATE requests SET state = @state, closed_at = @closed_at, outcome = @outcome, attention = '', store_down_at = NULL, store_down = '' WHERE id = @id;

-- name: SetVerified :exec
UPDATE requests SET verified_at = @verified_at WHERE id = @id;

-- name: SetAssignee :exec
UPDATE requests SET assignee = @assignee WHERE id = @id;

-- name: SetConfirmed :exec
UPDATE requests SET confirmed_at = @confirmed_at, confirmed_hash = @confirmed_hash, runs_at = @runs_at WHERE id = @id;

-- name: SetRunsAt :exec
UPDATE requests SET runs_at = @runs_at WHERE id = @id;

-- name: VoidConfirmation :exec
UPDATE requests SET confirmed_at = NULL, confirmed_hash = NULL, runs_at = NULL WHERE id = @id AND confirmed_hash <> @hash::text;

-- name: SetStoreDown :execrows
UPDATE requests SET store_down_at = coalesce(store_down_at, @at), store_down = @store
WHERE id = @id AND (store_down_at IS NULL OR store_down <> @store);

-- name: ClearStoreDown :execrows
UPDATE requests SET store_down_at = NULL, store_down = '' WHERE id = @id AND store_down_at IS NOT NULL;

-- name: SetAttention :exec
UPDATE requests SET attention = @attention WHERE id = @id;

-- name: SetRefusal :exec
UPDATE requests SET refusal_code = @code, refusal_text = @words WHERE id = @id;

-- name: ForgetPerson :exec
-- Somebody else's address was typed in: nothing of the form stays.
UPDATE requests SET name = '', email = '', phone = '', answers = '{}', draft = NULL, original = '' WHERE id = @id;

-- name: UpsertDiscovery :exec
INSERT INTO discoveries (request_id, searched_at, found, matches, learnt, warnings, candidates, mentions, fields, refused, review)
VALUES (@request_id, @searched_at, @found, @matches, @learnt, @warnings, @candidates, @mentions, @fields, @refused, @review)
ON CONFLICT (request_id) DO UPDATE SET searched_at = excluded.searched_at, found = excluded.found,
    matches = excluded.matches, learnt = excluded.learnt, warnings = excluded.warnings, candidates = excluded.candidates,
    mentions = excluded.mentions, fields = excluded.fields, refused = excluded.refused, review = excluded.review;

-- name: ForgetFields :exec
UPDATE discoveries SET fields = '[]' WHERE request_id = @request_id AND fields <> '[]';

-- name: InsertChoices :exec
INSERT INTO choices (request_id, version, chosen, made_by, made_name, made_at)
VALUES (@request_id, @version, @chosen, @made_by, @made_name, @made_at);

-- name: ChoicesOf :one
SELECT * FROM choices WHERE request_id = @request_id ORDER BY version DESC LIMIT 1;

-- name: ChoseAnything :one
SELECT EXISTS (SELECT FROM choices WHERE request_id = @request_id AND made_by = @made_by) AS chose;

-- name: ChoosersOf :many
SELECT DISTINCT made_by FROM choices WHERE request_id = @request_id;

-- name: ForgetChoices :exec
-- The values go; who was meant stays, for the lift of a restriction.
UPDATE choices SET chosen = chosen - 'edits' - 'salt' WHERE request_id = @request_id AND chosen ?| ARRAY['edits', 'salt'];

-- name: DiscoveryOf :one
SELECT * FROM discoveries WHERE request_id = @request_id;

-- name: NextVersion :one
SELECT (coalesce(max(version), 0) + 1)::integer AS version FROM proposals WHERE request_id = @request_id;

-- name: SupersedeProposals :exec
-- The packages of older proposals are not needed any more: their keys go.
UPDATE proposals SET decision = coalesce(decision, 'superseded'), decided_at = coalesce(decided_at, now()), artifact_key = NULL
WHERE request_id = @request_id AND (decision IS NULL OR decision = 'sent_back');

-- name: RetireApproval :exec
-- The store has moved since the approval: that approval is worth nothing now.
UPDATE proposals SET decision = 'superseded', artifact_key = NULL WHERE request_id = @request_id AND decision = 'approved';

-- name: InsertProposal :exec
INSERT INTO proposals (id, request_id, version, plan, hash, manifest, artifact_size, artifact_sha256, artifact_key, choices, undecided, automatic,
    redaction, review)
VALUES (@id, @request_id, @version, @plan, @hash, @manifest, @artifact_size, @artifact_sha256, @artifact_key, @choices, @undecided, @automatic,
    @redaction, @review);

-- name: ProposalsOf :many
SELECT * FROM proposals WHERE request_id = @request_id ORDER BY version DESC LIMIT 20;

-- name: LockCurrentProposal :one
SELECT * FROM proposals WHERE request_id = @request_id ORDER BY version DESC LIMIT 1 FOR UPDATE;

-- name: ApprovedProposal :one
SELECT * FROM proposals WHERE request_id = @request_id AND decision = 'approved';

-- name: SetPrepared :exec
UPDATE proposals SET prepared_by = @by_id, prepared_name = @by_name, prepared_at = @at, note = @note WHERE id = @id;

-- name: ApproveAutomatic :exec
-- Nobody decides about what only stops something.
UPDATE proposals SET decision = 'approved', decided_at = @at WHERE id = @id AND automatic;

-- name: SetDecision :exec
UPDATE proposals SET decided_by = @by_id, decided_name = @by_name, decided_at = @at, decision = @decision, decision_note = @decision_note WHERE id = @id;

-- name: DropPackageKey :exec
UPDATE proposals SET artifact_key = NULL WHERE request_id = @request_id;

-- name: LiveProposals :many
SELECT p.id FROM requests r JOIN proposals p ON p.request_id = r.id
WHERE r.state NOT IN ('closed', 'rejected', 'lapsed') AND (p.decision IS NULL OR p.decision = 'approved');

-- name: EnsureWork :exec
INSERT INTO work (request_id) VALUES (@request_id) ON CONFLICT (request_id) DO NOTHING;

-- name: TakeWork :one
UPDATE work SET epoch = epoch + 1, lease_until = now() + make_interval(secs => @seconds::double precision)
WHERE request_id = @request_id AND lease_until <= now()
RETURNING epoch;

-- name: HoldWork :execrows
UPDATE work SET lease_until = now() + make_interval(secs => @seconds::double precision)
WHERE request_id = @request_id AND epoch = @epoch;

-- name: ReleaseWork :exec
UPDATE work SET lease_until = now() + make_interval(secs => @seconds::double precision) WHERE request_id = @request_id AND epoch = @epoch;

-- name: FenceWork :one
SELECT epoch FROM work WHERE request_id = @request_id AND epoch = @epoch FOR UPDATE;

-- name: WorkEpoch :one
SELECT coalesce((SELECT epoch FROM work WHERE request_id = @request_id), 0)::bigint AS epoch;

-- name: Unattended :many
-- Requests that a worker should be busy with and nobody is. A deletion waits for
-- the end of its cooling-off period and a lift for that of its notice, unless
-- the plan holds no row: then the person is asked nothing.
SELECT r.id, coalesce(w.epoch, 0)::bigint AS epoch
FROM requests r LEFT JOIN work w ON w.request_id = r.id
WHERE (r.state IN ('discovering', 'executing')
    OR (r.state = 'approved' AND (r.kind NOT IN ('deletion', 'restriction_lift') OR r.runs_at <= now()
        OR (r.runs_at IS NULL AND EXISTS (SELECT FROM proposals p WHERE p.request_id = r.id AND p.decision = 'approved'
            AND NOT jsonb_path_exists(p.plan, '$.steps[*] ? (@.rows > 0)'))))))
  AND coalesce(w.lease_until, '-infinity') <= now() AND (r.held_at IS NULL OR r.state <> 'approved')
ORDER BY r.due_at LIMIT 500;

-- name: UpsertProgress :exec
INSERT INTO progress (request_id, proposal_id, seq, step, affected, done)
VALUES (@request_id, @proposal_id, @seq, @step, @affected, @done)
ON CONFLICT (request_id, proposal_id, seq) DO UPDATE
SET affected = greatest(progress.affected, excluded.affected), done = progress.done OR excluded.done;

-- name: ProgressOf :many
SELECT * FROM progress WHERE request_id = @request_id AND proposal_id = @proposal_id ORDER BY seq;

-- name: InsertDelivery :exec
INSERT INTO deliveries (request_id, proposal_id, until, allowed) VALUES (@request_id, @proposal_id, @until, @allowed)
ON CONFLICT (request_id) DO NOTHING;

-- name: DeliveryOf :one
SELECT request_id, proposal_id, until, used, allowed FROM deliveries WHERE request_id = @request_id;

-- name: OtherCopies :many
-- Packages of the same address that can still be downloaded, the first to go first.
SELECT r.ref, d.until FROM requests r JOIN deliveries d ON d.request_id = r.id
WHERE r.email = @email AND r.id <> @not_id AND r.state = 'ready' AND d.until > now() AND d.used < d.allowed
ORDER BY d.until, r.ref LIMIT 50;

-- name: DeliveriesOver :many
SELECT d.request_id, d.used FROM deliveries d JOIN requests r ON r.id = d.request_id WHERE r.state = 'ready' AND r.held_at IS NULL AND d.until <= now() LIMIT 500;

-- name: Unconfirmed :many
-- What came by post waits for staff, and what they wrote down for its own time.
SELECT r.id FROM requests r WHERE r.state = 'received' AND r.received_at < @before AND (r.recorded_at IS NULL OR r.recorded_at < @before AND r.email <> '')
    AND NOT EXISTS (SELECT FROM holds h WHERE h.request_id = r.id AND h.lifted_at IS NULL) LIMIT 500;

-- name: MessagesOf :many
SELECT id, request_id, at, staff_id, author, note, body FROM messages
WHERE request_id = @request_id AND (NOT note OR @notes::boolean) ORDER BY at, id LIMIT 500;


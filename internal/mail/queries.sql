-- name: AddLetter :exec
INSERT INTO letters (id, request_id, letter, sealed, give_up_at)
VALUES (@id, @request_id, @letter, @sealed, now() + make_interval(secs => sqlc.arg(patience)::float8));

-- name: LettersOfRequest :many
SELECT letter, state, queued_at, sent_at, attempts, reply
FROM letters
WHERE request_id = @request_id
ORDER BY seq;

-- name: ClaimLetter :one
-- A claim that ran out means that its holder died on the way: nobody knows
-- whether the letter went out, so the attempt counts as unanswered.
UPDATE letters
SET attempts = attempts + 1,
    unanswered = unanswered + CASE WHEN claimed_until IS NULL THEN 0 ELSE 1 END,
    claimed_until = now() + make_interval(secs => sqlc.arg(seconds)::float8)
WHERE id = (
    SELECT l.id FROM letters AS l
    WHERE l.id = @id
      AND l.state IN ('queued', 'delayed')
      AND l.next_try_at <= now()
      AND (l.claimed_until IS NULL OR l.claimed_until <= now())
    FOR UPDATE SKIP LOCKED
)
RETURNING sealed, attempts, unanswered, now()::timestamptz AS at, give_up_at;

-- name: OverdueLetters :many
SELECT id
FROM letters
WHERE state IN ('queued', 'delayed')
  AND next_try_at < now() - make_interval(secs => sqlc.arg(grace)::float8)
  AND (claimed_until IS NULL OR claimed_until < now())
ORDER BY next_try_at
LIMIT 500;

-- name: LetterStanding :one
SELECT state, greatest(next_try_at, coalesce(claimed_until, next_try_at))::timestamptz AS again_at, now()::timestamptz AS at
FROM letters
WHERE id = @id;

-- name: MarkSent :execrows
UPDATE letters
SET state = 'sent', sent_at = now(), sealed = NULL, claimed_until = NULL, reply = @reply
WHERE id = @id AND attempts = @attempt AND state IN ('queued', 'delayed');

-- name: MarkFailed :execrows
UPDATE letters
SET state = 'failed', sealed = NULL, claimed_until = NULL, unanswered = @unanswered, reply = @reply
WHERE id = @id AND attempts = @attempt AND state IN ('queued', 'delayed');

-- name: MarkDelayed :execrows
UPDATE letters
SET state = 'delayed', claimed_until = NULL, unanswered = @unanswered, reply = @reply,
    next_try_at = now() + make_interval(secs => sqlc.arg(seconds)::float8)
WHERE id = @id AND attempts = @attempt AND state IN ('queued', 'delayed');

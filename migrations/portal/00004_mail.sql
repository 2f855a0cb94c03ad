-- +goose Up
-- The outbox: letters written in the transaction of the change they tell about.
-- What a letter says and where it goes is sealed, and wiped once it was sent or
-- failed for good; the row that stays says only that there was one.
CREATE TABLE letters (
    id          uuid PRIMARY KEY,
    seq         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    request_id  uuid,                     -- no foreign key: a letter outlives the request it is about
    letter      text NOT NULL CHECK (letter ~ '^[a-z_]{1,40}$'),
    sealed      bytea,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'delayed', 'failed')),
    attempts    integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    unanswered  integer NOT NULL DEFAULT 0 CHECK (unanswered >= 0), -- attempts of which nobody knows how they ended
    reply       text NOT NULL DEFAULT '' CHECK (reply ~ '^([245][0-9]{2}( [245]\.[0-9]{1,3}\.[0-9]{1,3})?)?$'),
    queued_at   timestamptz NOT NULL DEFAULT now(),
    give_up_at  timestamptz NOT NULL CHECK (give_up_at > queued_at),
    next_try_at timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,            -- somebody is sending it until then
    sent_at     timestamptz,
    CONSTRAINT letters_wiped CHECK ((sealed IS NULL) = (state IN ('sent', 'failed'))),
    CONSTRAINT letters_sent_at CHECK ((sent_at IS NOT NULL) = (state = 'sent')),
    CONSTRAINT letters_claim CHECK (claimed_until IS NULL OR state IN ('queued', 'delayed'))
);
CREATE INDEX letters_request ON letters (request_id, seq) WHERE request_id IS NOT NULL;
CREATE INDEX letters_open ON letters (next_try_at) WHERE state IN ('queued', 'delayed');

-- The web process writes letters and reads how they fare; it cannot read one back.
GRANT INSERT (id, request_id, letter, sealed, give_up_at) ON letters TO portal_web, portal_worker;
GRANT SELECT (id, seq, request_id, letter, state, attempts, reply, queued_at, sent_at) ON letters TO portal_web;
GRANT SELECT ON letters TO portal_worker;
GRANT UPDATE (sealed, state, attempts, unanswered, reply, next_try_at, claimed_until, sent_at) ON letters TO portal_worker;

-- +goose Down
DROP TABLE letters;

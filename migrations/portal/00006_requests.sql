-- +goose Up
CREATE TABLE requests (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ref            text NOT NULL UNIQUE CHECK (ref ~ '^CS-[0-9A-Z]{4}-[0-9A-Z]{4}$'),
    kind           text NOT NULL CHECK (kind IN ('access', 'correction', 'deletion', 'portability', 'restriction')),
    state          text NOT NULL DEFAULT 'received' CHECK (state IN
                   ('received', 'verified', 'discovering', 'in_review', 'approved', 'executing', 'ready', 'closed', 'rejected', 'lapsed')),
    outcome        text CHECK (outcome IN
                   ('answered', 'erased', 'nothing_found', 'withdrawn', 'refused', 'unconfirmed', 'disowned', 'delivery_over')),
    relation       text NOT NULL CHECK (relation IN ('recipient', 'account', 'organization', 'visitor')),
    name           text NOT NULL,
    email          text NOT NULL CHECK (email = lower(email)),
    phone          text NOT NULL DEFAULT '',
    country        text NOT NULL,
    lang           text NOT NULL,
    law            text NOT NULL,
    answers        jsonb NOT NULL,
    draft          bytea UNIQUE, -- SHA-256 of the form's draft name: a form sent twice is one request
    received_at    timestamptz NOT NULL DEFAULT now(),
    verified_at    timestamptz,
    due_at         timestamptz NOT NULL,
    closed_at      timestamptz,
    assignee       uuid REFERENCES staff_members (id),
    -- Facts on the request; none of them is a state.
    confirmed_at   timestamptz,  -- second confirmation of a deletion …
    confirmed_hash text,         -- … for exactly this plan
    runs_at        timestamptz,  -- end of the cooling-off period
    store_down_at  timestamptz,
    attention      text NOT NULL DEFAULT '',
    refusal_code   text NOT NULL DEFAULT '',
    refusal_text   text NOT NULL DEFAULT '',
    CONSTRAINT closed_has_time CHECK ((closed_at IS NOT NULL) = (state IN ('closed', 'rejected', 'lapsed'))),
    CONSTRAINT closed_has_outcome CHECK ((outcome IS NOT NULL) = (state IN ('closed', 'rejected', 'lapsed'))),
    CONSTRAINT work_needs_proof CHECK (state IN ('received', 'lapsed') OR verified_at IS NOT NULL),
    CONSTRAINT confirmation_is_whole CHECK ((confirmed_at IS NULL) = (confirmed_hash IS NULL) AND (confirmed_at IS NULL) = (runs_at IS NULL))
);
CREATE INDEX requests_by_email ON requests (email, received_at DESC);
-- The queue sorts by time left; each view is a range of one of these.
CREATE INDEX requests_open ON requests (due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_open_by_state ON requests (state, due_at, id) WHERE state NOT IN ('closed', 'rejected', 'lapsed');
CREATE INDEX requests_open_by_kind ON requests (kind, due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_open_by_assignee ON requests (assignee, due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_ended ON requests (due_at, id) WHERE state IN ('closed', 'rejected');
CREATE INDEX requests_unconfirmed ON requests (received_at) WHERE state = 'received';
CREATE INDEX requests_by_name ON requests (lower(name) text_pattern_ops);
CREATE INDEX requests_by_email_prefix ON requests (email text_pattern_ops);
CREATE INDEX requests_by_phone_prefix ON requests (phone text_pattern_ops) WHERE phone <> '';

-- Every edge of the lifecycle, as in state.go; the test compares the two.
CREATE TABLE request_edges (
    old text NOT NULL,
    new text NOT NULL,
    PRIMARY KEY (old, new)
);
INSERT INTO request_edges (old, new) VALUES
    ('received', 'verified'), ('received', 'lapsed'),
    ('verified', 'discovering'), ('verified', 'rejected'), ('verified', 'closed'),
    ('discovering', 'in_review'), ('discovering', 'rejected'), ('discovering', 'closed'),
    ('in_review', 'approved'), ('in_review', 'discovering'), ('in_review', 'rejected'), ('in_review', 'closed'),
    ('approved', 'executing'), ('approved', 'discovering'), ('approved', 'closed'),
    ('executing', 'ready'), ('executing', 'closed'), ('executing', 'discovering'),
    ('ready', 'closed');

-- What the last search found, per table and role; counts only.
CREATE TABLE discoveries (
    request_id  uuid PRIMARY KEY REFERENCES requests (id),
    searched_at timestamptz NOT NULL DEFAULT now(),
    found       jsonb NOT NULL,
    matches     jsonb NOT NULL,
    learnt      text[] NOT NULL,
    warnings    text[] NOT NULL
);

-- A staged package or plan, and who stands behind it.
CREATE TABLE proposals (
    id              uuid PRIMARY KEY,
    request_id      uuid NOT NULL REFERENCES requests (id),
    version         integer NOT NULL,
    plan            jsonb NOT NULL,
    hash            text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    manifest        jsonb,
    artifact_size   bigint,
    artifact_sha256 text,
    artifact_key    bytea, -- the package's own key, wrapped; NULL once the package is gone
    made_at         timestamptz NOT NULL DEFAULT now(),
    prepared_by     uuid REFERENCES staff_members (id),
    prepared_name   text NOT NULL DEFAULT '',
    prepared_at     timestamptz,
    note            text NOT NULL DEFAULT '',
    decided_by      uuid REFERENCES staff_members (id),
    decided_name    text NOT NULL DEFAULT '',
    decided_at      timestamptz,
    decision        text CHECK (decision IN ('approved', 'sent_back', 'superseded')),
    decision_note   text NOT NULL DEFAULT '',
    UNIQUE (request_id, version),
    CONSTRAINT prepared_is_whole CHECK ((prepared_by IS NULL) = (prepared_at IS NULL)),
    CONSTRAINT decided_is_whole CHECK ((decision IS NULL) = (decided_at IS NULL)),
    -- Four eyes: who prepared does not approve.
    CONSTRAINT four_eyes CHECK (decision IS DISTINCT FROM 'approved'
        OR (prepared_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> prepared_by))
);
-- At most one approval stands for a request.
CREATE UNIQUE INDEX proposals_one_approval ON proposals (request_id) WHERE decision = 'approved';

-- +goose StatementBegin
CREATE FUNCTION guard_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    approved text;
BEGIN
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM request_edges e WHERE e.old = OLD.state AND e.new = NEW.state) THEN
        RAISE EXCEPTION 'a request cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'executing' THEN
        SELECT p.hash INTO approved FROM proposals p WHERE p.request_id = NEW.id AND p.decision = 'approved';
        IF approved IS NULL THEN
            RAISE EXCEPTION 'nothing executes without an approval' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.kind = 'deletion' AND (NEW.confirmed_hash IS DISTINCT FROM approved OR NEW.runs_at IS NULL OR NEW.runs_at > now()) THEN
            RAISE EXCEPTION 'a deletion needs the person''s second confirmation of this plan, and the end of the cooling-off period' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_request BEFORE UPDATE OF state ON requests FOR EACH ROW EXECUTE FUNCTION guard_request();

-- Who works on a request right now: a lease with an epoch. The job queue is
-- only the bell; the reconciler rings again when no lease is alive.
CREATE TABLE work (
    request_id  uuid PRIMARY KEY REFERENCES requests (id),
    epoch       bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);

-- What an execution has done so far, as reported by the messaging store's ledger.
CREATE TABLE progress (
    request_id  uuid NOT NULL REFERENCES requests (id),
    proposal_id uuid NOT NULL REFERENCES proposals (id),
    seq         integer NOT NULL,
    step        jsonb NOT NULL,
    affected    bigint NOT NULL,
    done        boolean NOT NULL,
    PRIMARY KEY (request_id, proposal_id, seq)
);

CREATE TABLE deliveries (
    request_id  uuid PRIMARY KEY REFERENCES requests (id),
    proposal_id uuid NOT NULL REFERENCES proposals (id),
    until       timestamptz NOT NULL,
    used        integer NOT NULL DEFAULT 0,
    allowed     integer NOT NULL,
    CHECK (used <= allowed)
);

CREATE TABLE messages (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES requests (id),
    at         timestamptz NOT NULL DEFAULT now(),
    staff_id   uuid REFERENCES staff_members (id), -- NULL: from the person
    author     text NOT NULL,
    note       boolean NOT NULL DEFAULT false,     -- internal: never shown to the person
    body       text NOT NULL CHECK (length(body) <= 5000),
    CHECK (NOT note OR staff_id IS NOT NULL)
);
CREATE INDEX messages_by_request ON messages (request_id, at);

GRANT SELECT, INSERT, UPDATE ON requests TO portal_web, portal_worker;
GRANT SELECT ON request_edges TO portal_web, portal_worker;
GRANT SELECT, INSERT, UPDATE ON proposals, deliveries, work TO portal_web, portal_worker;
GRANT SELECT, INSERT ON messages TO portal_web;
GRANT SELECT ON messages TO portal_worker;
GRANT SELECT ON discoveries, progress TO portal_web;
GRANT SELECT, INSERT, UPDATE ON discoveries, progress TO portal_worker;

-- +goose Down
DROP TABLE messages, deliveries, progress, work, proposals, discoveries, requests, request_edges;
DROP FUNCTION guard_request();

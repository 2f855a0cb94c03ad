-- +goose Up
-- The ledger lives beside the rows that it accounts for, so that one commit
-- covers both. portal_read searches and exports, portal_exec carries plans out;
-- what they may touch outside this schema follows from the data map.
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_read') THEN
        CREATE ROLE portal_read LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_exec') THEN
        CREATE ROLE portal_exec LOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the roles portal_read and portal_exec are missing and this user may not create them: run "CREATE ROLE portal_read LOGIN; CREATE ROLE portal_exec LOGIN;" as an administrator, then migrate again';
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- somebody else made them at the same moment
END
$$;
-- +goose StatementEnd
CREATE SCHEMA IF NOT EXISTS dsar;

-- One approved plan. The lease says who works on it; the epoch fences off a
-- worker that lost it without noticing.
CREATE TABLE dsar.operation (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    plan        jsonb NOT NULL,
    plan_hash   text NOT NULL,
    state       text NOT NULL DEFAULT 'frozen' CHECK (state IN ('frozen', 'running', 'executed', 'finished')),
    epoch       bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    sealed      bytea,                      -- who it is about; wiped at the end
    frozen_at   timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    executed_at timestamptz,
    finished_at timestamptz,
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK (state <> 'finished' OR sealed IS NULL)
);

-- One step of a plan; a batch moves it on in the transaction of its rows.
CREATE TABLE dsar.step (
    operation  uuid NOT NULL REFERENCES dsar.operation (id),
    seq        integer NOT NULL,
    table_name text NOT NULL,
    role       text NOT NULL,
    part       text NOT NULL,
    action     text NOT NULL CHECK (action IN ('delete', 'anonymise', 'keep')),
    planned    bigint NOT NULL,
    batches    integer NOT NULL,
    next_batch integer NOT NULL DEFAULT 0 CHECK (next_batch <= batches),
    affected   bigint NOT NULL DEFAULT 0 CHECK (affected <= planned),
    epoch      bigint NOT NULL DEFAULT 0,
    done_at    timestamptz,
    PRIMARY KEY (operation, seq)
);

-- The frozen rows, a batch a row: the i-th elements of k1 to k4 are one key.
CREATE TABLE dsar.target (
    operation uuid NOT NULL,
    seq       integer NOT NULL,
    batch     integer NOT NULL,
    k1        text[] NOT NULL,
    k2        text[],
    k3        text[],
    k4        text[],
    digest    bytea NOT NULL,
    PRIMARY KEY (operation, seq, batch),
    FOREIGN KEY (operation, seq) REFERENCES dsar.step (operation, seq)
);

-- Files that lost their row and are to be removed from object storage.
CREATE TABLE dsar.object (
    operation  uuid NOT NULL REFERENCES dsar.operation (id),
    object_key text NOT NULL,
    outcome    text CHECK (outcome IN ('removed', 'shared')), -- shared: another row still names it
    PRIMARY KEY (operation, object_key)
);
CREATE INDEX object_pending_idx ON dsar.object (operation) WHERE outcome IS NULL;

-- Who was erased, as keyed hashes, so that a restored backup can be erased again.
CREATE TABLE dsar.erased (
    kind      text NOT NULL,                -- a root table, or a kind of identifier
    hash      bytea NOT NULL,
    operation uuid NOT NULL REFERENCES dsar.operation (id),
    erased_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, hash, operation)
);

-- +goose Down
DROP SCHEMA dsar CASCADE;

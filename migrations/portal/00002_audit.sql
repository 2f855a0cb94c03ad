-- +goose Up
-- What happened, in the transaction in which it happened. leaf is what is
-- hashed; the other columns are the same facts for reading, and the check of
-- the log holds the two against each other.
CREATE TABLE audit_events (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL,
    actor_kind  text        NOT NULL CHECK (actor_kind IN ('subject', 'staff', 'system', 'cli')),
    actor_id    text        NOT NULL,
    actor_label text        NOT NULL,
    action      text        NOT NULL CHECK (action ~ '^[a-z_]+([.][a-z_]+)+$'),
    target      text        NOT NULL,
    request     uuid,
    detail      json        NOT NULL, -- json, not jsonb: the bytes must come back as they were hashed
    leaf        bytea       NOT NULL
);
CREATE INDEX audit_events_order ON audit_events (txid, id);
CREATE INDEX audit_events_action ON audit_events (action, id);
CREATE INDEX audit_events_actor ON audit_events (actor_id, id);
CREATE INDEX audit_events_target ON audit_events (target, id) WHERE target <> '';
CREATE INDEX audit_events_request ON audit_events (request, id) WHERE request IS NOT NULL;

-- The order in which the sequencer sealed them. Kept apart from the events, so
-- that nothing ever has to update one, and a Merkle tree can be built over the
-- same leaves in the same order.
CREATE TABLE audit_chain (
    idx      bigint PRIMARY KEY CHECK (idx >= 0),
    event_id bigint NOT NULL UNIQUE REFERENCES audit_events (id),
    hash     bytea  NOT NULL CHECK (octet_length(hash) = 32)
);

-- How far the chain reaches: its size, its last hash, and the last event in it.
CREATE TABLE audit_head (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    size      bigint  NOT NULL CHECK (size >= 0),
    hash      bytea   NOT NULL,
    last_txid xid8    NOT NULL,
    last_id   bigint  NOT NULL
);
INSERT INTO audit_head (size, hash, last_txid, last_id) VALUES (0, ''::bytea, '0', 0);

-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Column by column: neither process can choose an entry's id or transaction.
GRANT SELECT ON audit_events, audit_chain, audit_head TO portal_web, portal_worker;
GRANT INSERT (at, actor_kind, actor_id, actor_label, action, target, request, detail, leaf)
    ON audit_events TO portal_web, portal_worker;
GRANT INSERT ON audit_chain TO portal_worker;
GRANT UPDATE (size, hash, last_txid, last_id) ON audit_head TO portal_worker;

-- +goose Down
DROP TABLE audit_head, audit_chain, audit_events;
DROP FUNCTION audit_refuse;

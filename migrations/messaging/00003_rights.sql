-- +goose Up
-- What the rights beside deletion leave behind: which rows are stopped and how
-- to undo it, who must not be written to, whose data is kept for less time.
-- The cells that a correction wrote; the digest is keyed and tells no value.
CREATE TABLE dsar.written (
    operation   uuid NOT NULL REFERENCES dsar.operation (id),
    table_name  text NOT NULL,
    key         text[] NOT NULL,            -- the columns of the row's key
    column_name text NOT NULL,
    digest      bytea NOT NULL,
    PRIMARY KEY (operation, table_name, key, column_name)
);

-- Rows that are stopped for a purpose. The messaging product and its jobs may
-- ask: dsar.is_stopped('contacts', 'restriction', id::text).
CREATE TABLE dsar.stop (
    table_name text NOT NULL,
    key        text[] NOT NULL,
    purpose    text NOT NULL,
    operation  uuid NOT NULL REFERENCES dsar.operation (id),
    since      timestamptz NOT NULL DEFAULT now(),
    sealed     bytea,                       -- what was written, and over what; NULL if nothing was
    PRIMARY KEY (table_name, key, purpose, operation)
);
CREATE INDEX stop_operation_idx ON dsar.stop (operation, table_name);

CREATE VIEW dsar.stopped AS
SELECT table_name, CASE WHEN cardinality(key) = 1 THEN key[1] ELSE to_json(key)::text END AS key, purpose, min(since) AS since
FROM dsar.stop
GROUP BY table_name, stop.key, purpose;

-- +goose StatementBegin
CREATE FUNCTION dsar.is_stopped(of_table text, for_purpose text, VARIADIC of_key text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM dsar.stop s WHERE s.table_name = of_table AND s.key = of_key AND s.purpose = for_purpose)
$$;
-- +goose StatementEnd

-- Who must not be written to, as keyed hashes: an opt-out outlives an erasure.
CREATE TABLE dsar.suppressed (
    tenant    text NOT NULL,
    kind      text NOT NULL,                -- of the identifier
    hash      bytea NOT NULL,
    operation uuid NOT NULL REFERENCES dsar.operation (id),
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, kind, hash)
);

-- Whose data of a category goes after so many days, whatever holds for others.
CREATE TABLE dsar.retention (
    subject   bytea NOT NULL,               -- keyed hash of who asked
    category  text NOT NULL,
    days      integer NOT NULL CHECK (days > 0),
    operation uuid NOT NULL REFERENCES dsar.operation (id),
    sealed    bytea NOT NULL,               -- who it is: the purge searches again each day
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, category)
);

-- +goose Down
DROP TABLE dsar.retention, dsar.suppressed;
DROP FUNCTION dsar.is_stopped;
DROP VIEW dsar.stopped;
DROP TABLE dsar.stop, dsar.written;

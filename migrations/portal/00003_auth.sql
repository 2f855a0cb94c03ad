-- +goose Up
-- Mailed links, download grants: what is kept is a hash, so that whoever reads
-- this table cannot use one.
CREATE TABLE auth_links (
    hash        bytea       PRIMARY KEY CHECK (octet_length(hash) = 32),
    purpose     text        NOT NULL CHECK (purpose <> ''),
    bound       uuid        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    replaced_at timestamptz
);
-- One live link for a purpose and what it is bound to.
CREATE UNIQUE INDEX auth_links_live ON auth_links (purpose, bound) WHERE used_at IS NULL AND replaced_at IS NULL;
CREATE INDEX auth_links_expiry ON auth_links (expires_at);

-- Sessions. data is sealed: it may hold a form that is half filled in.
CREATE TABLE auth_sessions (
    hash       bytea       PRIMARY KEY CHECK (octet_length(hash) = 32),
    member     uuid,
    data       bytea       NOT NULL CHECK (octet_length(data) <= 262144),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    idle_at    timestamptz NOT NULL, -- over unless seen before
    ends_at    timestamptz NOT NULL  -- over in any case
);
CREATE INDEX auth_sessions_member ON auth_sessions (member) WHERE member IS NOT NULL;
CREATE INDEX auth_sessions_expiry ON auth_sessions (idle_at);

-- Rate limits. full_at is when the bucket is full again; a keyed hash stands
-- for the address or network that it counts.
CREATE TABLE auth_buckets (
    key     bytea       PRIMARY KEY CHECK (octet_length(key) = 32),
    full_at timestamptz NOT NULL
);
CREATE INDEX auth_buckets_full ON auth_buckets (full_at);

GRANT SELECT, INSERT, DELETE ON auth_links TO portal_web, portal_worker;
GRANT UPDATE (used_at, replaced_at) ON auth_links TO portal_web, portal_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth_sessions TO portal_web;
GRANT SELECT (hash, member, idle_at, ends_at), DELETE ON auth_sessions TO portal_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth_buckets TO portal_web, portal_worker;

-- +goose Down
DROP TABLE auth_buckets, auth_sessions, auth_links;

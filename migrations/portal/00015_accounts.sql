-- +goose Up
-- Who comes in, with what, and until when an invitation holds.
ALTER TABLE staff_members
    -- How passkeys name a member: random, so that a lost key tells nobody whose it is.
    ADD COLUMN handle        bytea UNIQUE CHECK (octet_length(handle) = 64),
    ADD COLUMN invited_until timestamptz NOT NULL DEFAULT now() + interval '7 days',
    ADD COLUMN arrived_at    timestamptz; -- came in for the first time, with both factors
UPDATE staff_members SET arrived_at = enrolled_at;

-- Passkeys. The record (public key and flags) is sealed, so that nobody who can
-- write into this table can add a key of their own.
CREATE TABLE staff_passkeys (
    id         bytea       PRIMARY KEY CHECK (octet_length(id) BETWEEN 16 AND 1023),
    member     uuid        NOT NULL REFERENCES staff_members (id),
    name       text        NOT NULL CHECK (name <> '' AND length(name) <= 60),
    record     bytea       NOT NULL,
    sign_count bigint      NOT NULL CHECK (sign_count >= 0),
    made_at    timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    blocked_at timestamptz -- its counter went back: somebody may have a copy
);
CREATE UNIQUE INDEX staff_passkeys_name ON staff_passkeys (member, lower(name));

-- A counter only goes up, and a blocked key stays blocked.
-- +goose StatementBegin
CREATE FUNCTION guard_passkey() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.sign_count < OLD.sign_count OR OLD.blocked_at IS NOT NULL AND NEW.blocked_at IS DISTINCT FROM OLD.blocked_at THEN
        RAISE EXCEPTION 'a passkey does not go back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_passkey BEFORE UPDATE ON staff_passkeys FOR EACH ROW EXECUTE FUNCTION guard_passkey();

-- Single sign-on: an account is bound to the issuer's name for the person, once.
CREATE TABLE staff_identities (
    issuer   text        NOT NULL CHECK (issuer <> ''),
    subject  text        NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
    member   uuid        NOT NULL REFERENCES staff_members (id),
    bound_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject),
    UNIQUE (member, issuer)
);

-- A sign-in keeps its name through all changes of the session's secret, so that
-- its holder can see and end it, and what is bound to it stays bound.
ALTER TABLE auth_sessions
    ADD COLUMN login    uuid,
    ADD COLUMN began_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN device   text        NOT NULL DEFAULT '' CHECK (length(device) <= 40),
    ADD COLUMN proved   boolean     NOT NULL DEFAULT false; -- with the second factor
CREATE UNIQUE INDEX auth_sessions_login ON auth_sessions (login);

-- What is asked of a browser and may be answered once: the challenge of a
-- passkey, the state of a sign-in elsewhere. One of a kind for each sign-in.
CREATE TABLE auth_once (
    login      uuid        NOT NULL,
    purpose    text        NOT NULL CHECK (purpose <> ''),
    tag        bytea       NOT NULL CHECK (octet_length(tag) = 32),
    data       bytea       NOT NULL, -- sealed
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (login, purpose)
);
CREATE INDEX auth_once_expiry ON auth_once (expires_at);

-- Why somebody read what people wrote: for one case, in one sign-in, for half an hour.
CREATE TABLE content_grants (
    request_id uuid        NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    member     uuid        NOT NULL REFERENCES staff_members (id),
    login      uuid        NOT NULL,
    code       text        NOT NULL CHECK (code IN ('review', 'identity', 'question', 'complaint', 'other')),
    reason     text        NOT NULL CHECK (length(btrim(reason)) BETWEEN 5 AND 500),
    given_at   timestamptz NOT NULL DEFAULT now(),
    until      timestamptz NOT NULL DEFAULT now() + interval '30 minutes',
    PRIMARY KEY (request_id, member, login, given_at),
    CONSTRAINT half_an_hour CHECK (until <= given_at + interval '30 minutes')
);

-- Only somebody who works here, may read content, and does not ask for it themselves.
-- +goose StatementBegin
CREATE FUNCTION guard_content_grant() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM staff_members m JOIN requests r ON r.id = NEW.request_id
                   WHERE m.id = NEW.member AND m.disabled_at IS NULL AND m.roles && ARRAY['reviewer', 'approver', 'officer']
                     AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot read this content' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_content_grant BEFORE INSERT ON content_grants FOR EACH ROW EXECUTE FUNCTION guard_content_grant();

-- Who decides holds the permission at that moment …
-- +goose StatementBegin
CREATE FUNCTION guard_decider() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.decided_by AND m.disabled_at IS NULL AND m.roles && ARRAY['approver', 'officer']) THEN
        RAISE EXCEPTION 'this person may not decide' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_decider BEFORE UPDATE OF decision, decided_by ON proposals FOR EACH ROW
    WHEN (OLD.decision IS NULL AND NEW.decision IN ('approved', 'sent_back') AND NOT NEW.automatic)
    EXECUTE FUNCTION guard_decider();

-- … and still does, and is still somebody else than the preparer, when it is
-- carried out. An approval by somebody who was sent away meanwhile is none.
-- +goose StatementBegin
CREATE FUNCTION guard_execution() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM proposals p WHERE p.request_id = NEW.id AND p.decision = 'approved' AND p.automatic)
       AND NOT EXISTS (SELECT FROM proposals p
                       JOIN staff_members a ON a.id = p.prepared_by
                       JOIN staff_members b ON b.id = p.decided_by AND b.disabled_at IS NULL AND b.roles && ARRAY['approver', 'officer']
                       WHERE p.request_id = NEW.id AND p.decision = 'approved' AND a.id <> b.id
                         AND regexp_replace(a.email, '[+][^@]*@', '@') <> regexp_replace(b.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'nothing executes unless two people stand behind it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_execution BEFORE UPDATE OF state ON requests FOR EACH ROW
    WHEN (NEW.state = 'executing' AND OLD.state <> 'executing') EXECUTE FUNCTION guard_execution();

-- An administrator who was only invited cannot let anybody in yet: the last one
-- who has come in stays.
-- +goose StatementBegin
CREATE FUNCTION staff_keep_arrived() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM staff_members WHERE 'administrator' = ANY (roles) AND disabled_at IS NULL AND arrived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER staff_arrived_administrator AFTER UPDATE OF roles, disabled_at, arrived_at ON staff_members FOR EACH ROW
    WHEN ('administrator' = ANY (OLD.roles) AND OLD.disabled_at IS NULL AND OLD.arrived_at IS NOT NULL)
    EXECUTE FUNCTION staff_keep_arrived();

GRANT UPDATE (handle, invited_until, arrived_at) ON staff_members TO portal_web;
GRANT SELECT (invited_until, arrived_at) ON staff_members TO portal_worker;
GRANT SELECT, DELETE ON staff_passkeys TO portal_web;
GRANT INSERT (id, member, name, record, sign_count) ON staff_passkeys TO portal_web;
GRANT UPDATE (sign_count, used_at, blocked_at) ON staff_passkeys TO portal_web;
GRANT SELECT (id, member) ON staff_passkeys TO portal_worker;
GRANT SELECT, DELETE ON staff_identities TO portal_web;
GRANT INSERT (issuer, subject, member) ON staff_identities TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth_once TO portal_web;
GRANT SELECT (expires_at), DELETE ON auth_once TO portal_worker;
GRANT SELECT ON content_grants TO portal_web;
GRANT INSERT (request_id, member, login, code, reason) ON content_grants TO portal_web;

-- +goose Down
DROP TRIGGER staff_arrived_administrator ON staff_members;
DROP FUNCTION staff_keep_arrived();
DROP TRIGGER guard_execution ON requests;
DROP FUNCTION guard_execution();
DROP TRIGGER guard_decider ON proposals;
DROP FUNCTION guard_decider();
DROP TABLE content_grants, auth_once, staff_identities, staff_passkeys;
DROP FUNCTION guard_content_grant();
DROP FUNCTION guard_passkey();
DROP INDEX auth_sessions_login;
ALTER TABLE auth_sessions DROP COLUMN login, DROP COLUMN began_at, DROP COLUMN device, DROP COLUMN proved;
ALTER TABLE staff_members DROP COLUMN handle, DROP COLUMN invited_until, DROP COLUMN arrived_at;

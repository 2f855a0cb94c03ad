-- +goose Up
-- Who works at the desk. A row is a person, not an account: the address is
-- theirs alone, and whoever prepared cannot approve under another name.
CREATE TABLE staff_members (
    id           uuid        PRIMARY KEY,
    email        text        NOT NULL UNIQUE CHECK (email = lower(email) AND email <> ''),
    name         text        NOT NULL CHECK (name <> ''),
    roles        text[]      NOT NULL CHECK (cardinality(roles) > 0 AND array_position(roles, NULL) IS NULL
                                 AND roles <@ ARRAY['agent', 'reviewer', 'approver', 'officer', 'administrator', 'auditor']),
    lang         text        NOT NULL,
    totp_secret  bytea,      -- sealed
    totp_pending bytea,      -- sealed; becomes totp_secret with the first right code
    totp_step    bigint      NOT NULL DEFAULT 0, -- of the last code that was accepted: a code counts once
    enrolled_at  timestamptz,
    disabled_at  timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((totp_secret IS NULL) = (enrolled_at IS NULL))
);

-- Somebody must be left who can let people in.
-- +goose StatementBegin
CREATE FUNCTION staff_keep_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF 'administrator' = ANY (OLD.roles) AND OLD.disabled_at IS NULL
       AND NOT EXISTS (SELECT FROM staff_members WHERE 'administrator' = ANY (roles) AND disabled_at IS NULL) THEN
        RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER staff_administrator AFTER UPDATE OF roles, disabled_at OR DELETE ON staff_members
    FOR EACH ROW EXECUTE FUNCTION staff_keep_administrator();

-- For the day the telephone is lost. 80 random bits each, so a plain hash is enough.
CREATE TABLE staff_recovery (
    hash    bytea       PRIMARY KEY CHECK (octet_length(hash) = 32),
    member  uuid        NOT NULL REFERENCES staff_members (id),
    used_at timestamptz
);
CREATE INDEX staff_recovery_member ON staff_recovery (member);

GRANT SELECT, INSERT ON staff_members TO portal_web;
GRANT UPDATE (name, roles, lang, totp_secret, totp_pending, totp_step, enrolled_at, disabled_at) ON staff_members TO portal_web;
GRANT SELECT (id, email, name, roles, lang, enrolled_at, disabled_at, created_at) ON staff_members TO portal_worker;
GRANT SELECT, INSERT, DELETE ON staff_recovery TO portal_web;
GRANT UPDATE (used_at) ON staff_recovery TO portal_web;

-- +goose Down
DROP TABLE staff_recovery, staff_members;
DROP FUNCTION staff_keep_administrator;

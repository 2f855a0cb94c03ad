-- +goose Up
-- Two processes, two roles. Neither owns a table, so neither can change the
-- schema, switch a trigger off or take a grant back. They have no password: an
-- operator sets one, or maps them in pg_hba.conf, before anybody can sign in.
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_web') THEN
        CREATE ROLE portal_web LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_worker') THEN
        CREATE ROLE portal_worker LOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the roles portal_web and portal_worker are missing and this user may not create them: run "CREATE ROLE portal_web LOGIN; CREATE ROLE portal_worker LOGIN;" as an administrator, then migrate again';
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- somebody else made them at the same moment
END
$$;
-- +goose StatementEnd
GRANT USAGE ON SCHEMA public TO portal_web, portal_worker;

-- +goose Down
REVOKE USAGE ON SCHEMA public FROM portal_web, portal_worker;

-- +goose Up
-- A package is one sealed ZIP, or several where one would be too big for people.
-- A part is written down as soon as it is sealed, with the place where the next
-- one begins: a worker that dies has lost one part and not the package.
CREATE TABLE package_parts (
    request_id  uuid NOT NULL REFERENCES requests (id),
    set_id      uuid NOT NULL, -- the package; the proposal that it becomes has the same id
    number      integer NOT NULL CHECK (number > 0),
    artifact_id uuid NOT NULL UNIQUE,
    size        bigint NOT NULL,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    key         bytea, -- the part's own key, wrapped; NULL once the package is gone
    manifest    jsonb NOT NULL,
    position    jsonb, -- where the next part begins; NULL once the package is staged
    used        integer NOT NULL DEFAULT 0, -- downloads
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (set_id, number)
);
CREATE INDEX package_parts_by_request ON package_parts (request_id);

-- How far a search is, and the package that it makes. One row for each request
-- that a worker is busy with; what it says is true while the lease on it lives.
CREATE TABLE packings (
    request_id uuid PRIMARY KEY REFERENCES requests (id),
    set_id     uuid NOT NULL,
    bound      text NOT NULL, -- what the parts are made of; under another map or for other rows they are worth nothing
    phase      text NOT NULL CHECK (phase IN ('searching', 'packing')),
    done       bigint NOT NULL,
    planned    bigint NOT NULL
);

INSERT INTO package_parts (request_id, set_id, number, artifact_id, size, sha256, key, manifest, used, made_at)
SELECT p.request_id, p.id, 1, p.id, p.artifact_size, p.artifact_sha256, p.artifact_key, p.manifest, coalesce(d.used, 0), p.made_at
FROM proposals p LEFT JOIN deliveries d ON d.proposal_id = p.id
WHERE p.artifact_size IS NOT NULL AND p.artifact_sha256 IS NOT NULL AND p.manifest IS NOT NULL;

-- The keys of a package go with its proposal's. The columns of proposals that
-- once held the only part are written by programs of the last version alone;
-- what those stage while they still run is carried over.
-- +goose StatementBegin
CREATE FUNCTION carry_package() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO package_parts (request_id, set_id, number, artifact_id, size, sha256, key, manifest)
        VALUES (NEW.request_id, NEW.id, 1, NEW.id, NEW.artifact_size, NEW.artifact_sha256, NEW.artifact_key, NEW.manifest);
    ELSE
        UPDATE package_parts SET key = NULL WHERE set_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER carry_package AFTER INSERT ON proposals FOR EACH ROW WHEN (NEW.artifact_size IS NOT NULL) EXECUTE FUNCTION carry_package();
CREATE TRIGGER drop_package AFTER UPDATE OF artifact_key ON proposals FOR EACH ROW WHEN (NEW.artifact_key IS NULL) EXECUTE FUNCTION carry_package();

-- What is staged for a decision does not change: no part more, none less.
-- +goose StatementBegin
CREATE FUNCTION guard_part() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM proposals p WHERE p.id = CASE TG_OP WHEN 'DELETE' THEN OLD.set_id ELSE NEW.set_id END) THEN
        RAISE EXCEPTION 'a staged package does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_part BEFORE INSERT OR DELETE ON package_parts FOR EACH ROW
    WHEN (current_user IN ('portal_web', 'portal_worker')) EXECUTE FUNCTION guard_part();

GRANT SELECT ON package_parts, packings TO portal_web, portal_worker;
GRANT INSERT (request_id, set_id, number, artifact_id, size, sha256, key, manifest, position) ON package_parts TO portal_worker;
GRANT DELETE ON package_parts, packings TO portal_worker;
GRANT UPDATE (key, position) ON package_parts TO portal_web, portal_worker;
GRANT UPDATE (used) ON package_parts TO portal_web;
GRANT INSERT (request_id, set_id, bound, phase, done, planned), UPDATE (set_id, bound, phase, done, planned) ON packings TO portal_worker;

-- +goose Down
DROP TRIGGER carry_package ON proposals;
DROP TRIGGER drop_package ON proposals;
DROP TABLE packings, package_parts;
DROP FUNCTION carry_package();
DROP FUNCTION guard_part();

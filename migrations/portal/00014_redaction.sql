-- +goose Up
-- Beside each part of a package stands a sheet: what people wrote, with what is
-- hidden in it, for staff to review. It is sealed like the part, and its key
-- goes no later than the part's.
ALTER TABLE package_parts
    ADD COLUMN sheet_id     uuid UNIQUE,
    ADD COLUMN sheet_size   bigint,
    ADD COLUMN sheet_sha256 text CHECK (sheet_sha256 ~ '^[0-9a-f]{64}$'),
    ADD COLUMN sheet_key    bytea,
    ADD CONSTRAINT sheet_is_whole CHECK ((sheet_id IS NULL) = (sheet_size IS NULL) AND (sheet_id IS NULL) = (sheet_sha256 IS NULL)
        AND (sheet_id IS NOT NULL OR sheet_key IS NULL));

-- +goose StatementBegin
CREATE FUNCTION drop_sheet() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.sheet_key := NULL;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER drop_sheet BEFORE UPDATE OF key ON package_parts FOR EACH ROW WHEN (NEW.key IS NULL) EXECUTE FUNCTION drop_sheet();

-- What staff decided about what a package shows of other people. A decision
-- names a place by its row and a digest of the text, never by the text; words
-- that staff typed are sealed. What is undone stays, with what undid it.
CREATE TABLE rulings (
    id         uuid        PRIMARY KEY,
    request_id uuid        NOT NULL REFERENCES requests (id),
    version    integer     NOT NULL CHECK (version > 0),
    sort       text        NOT NULL CHECK (sort IN ('mark', 'words', 'person', 'file', 'undo')),
    act        text        NOT NULL CHECK (act IN ('hide', 'keep', 'undo')),
    talk       text        NOT NULL DEFAULT '', -- the conversation; '' for all of the package
    place      text        NOT NULL DEFAULT '', -- table, key and column of the value; table and key of a file
    start_at   integer     NOT NULL DEFAULT 0,
    end_at     integer     NOT NULL DEFAULT 0,
    digest     text        NOT NULL DEFAULT '', -- keyed, of the value: another text there is undecided
    who        text        NOT NULL DEFAULT '', -- token of the other person
    words      bytea,                           -- sealed; NULL once the request has ended
    what       text        NOT NULL DEFAULT '', -- what the words are
    reason     text        NOT NULL,
    undoes     uuid        UNIQUE REFERENCES rulings (id),
    settled    integer     NOT NULL DEFAULT 0 CHECK (settled >= 0), -- suggestions that it decided when it was made
    made_by    uuid        NOT NULL REFERENCES staff_members (id),
    made_name  text        NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (request_id, version),
    CONSTRAINT ruling_is_whole CHECK (CASE sort
        WHEN 'mark' THEN place <> '' AND digest <> '' AND start_at >= 0 AND end_at > start_at
        WHEN 'words' THEN what <> ''
        WHEN 'person' THEN who <> ''
        WHEN 'file' THEN place <> ''
        ELSE undoes IS NOT NULL END),
    CONSTRAINT undo_undoes CHECK ((sort = 'undo') = (undoes IS NOT NULL) AND (sort = 'undo') = (act = 'undo')),
    CONSTRAINT ruling_has_reason CHECK (sort = 'undo' OR reason <> '')
);

ALTER TABLE proposals
    ADD COLUMN redaction integer NOT NULL DEFAULT 0, -- the last ruling that it was made with; 0 is none
    ADD COLUMN review    jsonb;                      -- what its sheets count; NULL where it has none

-- Rulings are made one after the other while a package is in review, never by
-- the person who asks; afterwards only the typed words are forgotten.
-- +goose StatementBegin
CREATE FUNCTION guard_ruling() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.words IS NOT NULL
           OR NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.state IN ('closed', 'rejected', 'lapsed')) THEN
            RAISE EXCEPTION 'what was decided does not change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.version <> 1 + coalesce((SELECT max(u.version) FROM rulings u WHERE u.request_id = NEW.request_id), 0)
       OR NEW.undoes IS NOT NULL AND NOT EXISTS (SELECT FROM rulings u WHERE u.id = NEW.undoes AND u.request_id = NEW.request_id AND u.sort <> 'undo')
       OR NOT EXISTS (SELECT FROM requests r JOIN staff_members m ON m.id = NEW.made_by AND m.disabled_at IS NULL
                      WHERE r.id = NEW.request_id AND r.state = 'in_review' AND r.kind IN ('access', 'portability')
                        AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot decide what this package shows now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_ruling BEFORE INSERT OR UPDATE ON rulings FOR EACH ROW EXECUTE FUNCTION guard_ruling();

-- A package is proposed and approved as it was made with the rulings that
-- stand, once every suggestion is decided; and by nobody who made one of them.
-- +goose StatementBegin
CREATE FUNCTION guard_reviewed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.redaction <> coalesce((SELECT max(u.version) FROM rulings u WHERE u.request_id = NEW.request_id), 0) OR NEW.undecided > 0 THEN
        RAISE EXCEPTION 'the review of this package is not finished' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decision = 'approved' AND EXISTS (SELECT FROM rulings u WHERE u.request_id = NEW.request_id AND u.made_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'who decided what is shown cannot approve it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_reviewed BEFORE UPDATE ON proposals FOR EACH ROW
    WHEN (NOT NEW.automatic AND (OLD.prepared_by IS NULL AND NEW.prepared_by IS NOT NULL OR OLD.decision IS NULL AND NEW.decision = 'approved'))
    EXECUTE FUNCTION guard_reviewed();

GRANT SELECT, INSERT ON rulings TO portal_web;
GRANT SELECT ON rulings TO portal_worker;
GRANT UPDATE (words) ON rulings TO portal_web, portal_worker;
GRANT INSERT (sheet_id, sheet_size, sheet_sha256, sheet_key) ON package_parts TO portal_worker;
GRANT UPDATE (sheet_key) ON package_parts TO portal_web, portal_worker;
GRANT INSERT (redaction, review) ON proposals TO portal_worker;

-- +goose Down
DROP TRIGGER guard_reviewed ON proposals;
DROP TRIGGER drop_sheet ON package_parts;
DROP FUNCTION guard_reviewed();
ALTER TABLE proposals DROP COLUMN redaction, DROP COLUMN review;
DROP TABLE rulings;
DROP FUNCTION guard_ruling();
DROP FUNCTION drop_sheet();
ALTER TABLE package_parts DROP COLUMN sheet_id, DROP COLUMN sheet_size, DROP COLUMN sheet_sha256, DROP COLUMN sheet_key;

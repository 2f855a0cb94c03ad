-- +goose Up
-- The letters of a case, as they were handed over: the very bytes, sealed, with
-- the hash of each form. A letter is written once; nobody changes one.
CREATE TABLE case_letters (
    id          uuid PRIMARY KEY,
    seq         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    request_id  uuid NOT NULL REFERENCES requests (id),
    kind        text NOT NULL CHECK (kind IN ('acknowledgement', 'verification', 'clarification', 'extension', 'fulfilment', 'partial', 'refusal',
                    'nothing_found', 'restriction_lifted', 'redirected', 'appeal_decided')),
    lang        text NOT NULL CHECK (lang ~ '^[a-z]{2,3}$'),
    edition     integer NOT NULL CHECK (edition >= 0), -- of the operator's wording, see letter_wordings
    html        bytea NOT NULL,
    plain       bytea NOT NULL,
    pdf         bytea NOT NULL,
    html_sha256  text NOT NULL CHECK (html_sha256 ~ '^[0-9a-f]{64}$'),
    plain_sha256 text NOT NULL CHECK (plain_sha256 ~ '^[0-9a-f]{64}$'),
    pdf_sha256   text NOT NULL CHECK (pdf_sha256 ~ '^[0-9a-f]{64}$'),
    staff_id    uuid REFERENCES staff_members (id), -- nobody where a machine wrote it
    author      text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX case_letters_by_request ON case_letters (request_id, seq);

-- The operator's wording of letters, every version of it. The newest edition of a
-- place and a language counts; one without words goes back to the text that
-- comes with the portal.
CREATE TABLE letter_wordings (
    edition   integer PRIMARY KEY,
    slot      text NOT NULL CHECK (slot ~ '^[a-z_]{1,40}\.[a-z_]{1,40}$'),
    lang      text NOT NULL CHECK (lang ~ '^[a-z]{2,3}$'),
    words     text CHECK (length(words) <= 4000),
    made_by   uuid NOT NULL REFERENCES staff_members (id),
    made_name text NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX letter_wordings_newest ON letter_wordings (lang, slot, edition DESC);

-- A letter is about a request whose address is proved, and its author works here
-- and is not the person who asks.
-- +goose StatementBegin
CREATE FUNCTION guard_case_letter() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a letter does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.state NOT IN ('received', 'lapsed')) THEN
        RAISE EXCEPTION 'nobody is written to whose address is not proved' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.staff_id IS NOT NULL AND (current_user = 'portal_worker' OR NOT EXISTS (
        SELECT FROM requests r JOIN staff_members m ON m.id = NEW.staff_id AND m.disabled_at IS NULL
        WHERE r.id = NEW.request_id AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@'))) THEN
        RAISE EXCEPTION 'this person cannot write this letter' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_case_letter BEFORE INSERT OR UPDATE ON case_letters FOR EACH ROW EXECUTE FUNCTION guard_case_letter();

-- Wordings follow one another, each by somebody who works here.
-- +goose StatementBegin
CREATE FUNCTION guard_wording() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a wording that was used does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.edition <> 1 + coalesce((SELECT max(w.edition) FROM letter_wordings w), 0)
       OR NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.made_by AND m.disabled_at IS NULL) THEN
        RAISE EXCEPTION 'this person cannot word letters now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_wording BEFORE INSERT OR UPDATE ON letter_wordings FOR EACH ROW EXECUTE FUNCTION guard_wording();

GRANT SELECT ON case_letters, letter_wordings TO portal_web, portal_worker;
GRANT INSERT (id, request_id, kind, lang, edition, html, plain, pdf, html_sha256, plain_sha256, pdf_sha256, staff_id, author) ON case_letters TO portal_web, portal_worker;
GRANT INSERT (edition, slot, lang, words, made_by, made_name) ON letter_wordings TO portal_web;

-- +goose Down
DROP TABLE case_letters, letter_wordings;
DROP FUNCTION guard_case_letter();
DROP FUNCTION guard_wording();

-- +goose Up
-- What is to be done beside the answer itself: a task for a colleague, or a
-- recipient of the data who must be told what was corrected, deleted or
-- restricted (Article 19 GDPR). The recipient's name is the data map's.
CREATE TABLE duties (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id   uuid NOT NULL REFERENCES requests (id),
    kind         text NOT NULL CHECK (kind IN ('task', 'recipient')),
    title        text NOT NULL CHECK (title <> '' AND length(title) <= 200), -- of a recipient: its name in English, which is its key
    words        jsonb NOT NULL DEFAULT '{}',                                -- a recipient's name in each language
    categories   text[] NOT NULL DEFAULT '{}',                               -- of the data that was changed
    note         text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    assignee     uuid REFERENCES staff_members (id),
    due_at       timestamptz NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    made_by      uuid REFERENCES staff_members (id), -- NULL: it follows from what was carried out
    made_name    text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'open',
    how          text NOT NULL DEFAULT '' CHECK (length(how) <= 200),
    reference    text NOT NULL DEFAULT '' CHECK (length(reference) <= 200),
    reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    told_on      date,
    settled_at   timestamptz,
    settled_by   uuid REFERENCES staff_members (id),
    settled_name text NOT NULL DEFAULT '',
    reminded_at  timestamptz,
    CONSTRAINT duty_state CHECK (state = 'open' OR state = 'done' AND kind = 'task'
        OR state IN ('told', 'impossible', 'disproportionate', 'not_disclosed') AND kind = 'recipient'),
    CONSTRAINT duty_is_settled_by_somebody CHECK ((state = 'open') = (settled_at IS NULL) AND (state = 'open') = (settled_by IS NULL)),
    CONSTRAINT telling_has_a_way CHECK (state <> 'told' OR how <> '' AND told_on IS NOT NULL),
    CONSTRAINT not_telling_has_a_reason CHECK (state NOT IN ('impossible', 'disproportionate', 'not_disclosed') OR reason <> '')
);
CREATE UNIQUE INDEX duties_one_of_a_recipient ON duties (request_id, title) WHERE kind = 'recipient';
CREATE INDEX duties_by_request ON duties (request_id);
CREATE INDEX duties_due ON duties (due_at) WHERE state = 'open' AND reminded_at IS NULL;

-- A duty is settled once, and what was agreed does not change.
-- +goose StatementBegin
CREATE FUNCTION guard_duty() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'open' AND (NEW.state, NEW.how, NEW.reference, NEW.reason, NEW.told_on, NEW.settled_at, NEW.settled_by)
        IS DISTINCT FROM (OLD.state, OLD.how, OLD.reference, OLD.reason, OLD.told_on, OLD.settled_at, OLD.settled_by) THEN
        RAISE EXCEPTION 'a duty is settled once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_duty BEFORE UPDATE ON duties FOR EACH ROW EXECUTE FUNCTION guard_duty();

-- Which reminder of a case's own date went out; another date is another reminder.
CREATE TABLE reminders (
    request_id uuid NOT NULL REFERENCES requests (id),
    what       text NOT NULL CHECK (what IN ('soon', 'overdue')),
    due_at     timestamptz NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, what, due_at)
);

-- Files of the correspondence. The bytes lie sealed in the vault under the same
-- id; without the key here nobody can read them.
CREATE TABLE attachments (
    id         uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id),
    message_id uuid REFERENCES messages (id),      -- NULL while the message is being written
    staff_id   uuid REFERENCES staff_members (id), -- NULL: from the person
    name       text NOT NULL CHECK (length(name) <= 200),
    type       text NOT NULL,
    size       bigint NOT NULL CHECK (size > 0),
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    key        bytea,                              -- NULL once the file is gone
    scan       text NOT NULL CHECK (scan IN ('off', 'waiting', 'clean', 'infected')), -- off: there is no scanner
    made_at    timestamptz NOT NULL DEFAULT now(),
    until      timestamptz,                        -- goes then; NULL: with its case
    CONSTRAINT nothing_infected_is_kept CHECK (scan <> 'infected' OR key IS NULL)
);
CREATE INDEX attachments_by_request ON attachments (request_id);
CREATE INDEX attachments_waiting ON attachments (made_at) WHERE scan = 'waiting' AND key IS NOT NULL;
CREATE INDEX attachments_kept ON attachments (until) WHERE key IS NOT NULL;

-- A key that is gone does not come back, and a file stays with its message.
-- +goose StatementBegin
CREATE FUNCTION guard_attachment() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.key IS DISTINCT FROM OLD.key AND NEW.key IS NOT NULL
       OR OLD.message_id IS NOT NULL AND NEW.message_id IS DISTINCT FROM OLD.message_id
       OR OLD.scan IN ('clean', 'infected') AND NEW.scan IS DISTINCT FROM OLD.scan THEN
        RAISE EXCEPTION 'a file that was taken in does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.message_id IS DISTINCT FROM OLD.message_id AND NOT EXISTS (SELECT FROM messages m
        WHERE m.id = NEW.message_id AND m.request_id = NEW.request_id AND m.staff_id IS NOT DISTINCT FROM NEW.staff_id) THEN
        RAISE EXCEPTION 'a file goes with a message of whoever sent it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_attachment BEFORE UPDATE ON attachments FOR EACH ROW EXECUTE FUNCTION guard_attachment();

-- That a request asks what another one asks already is a fact about it. It
-- proves nothing and decides nothing.
CREATE TABLE duplicates (
    request_id uuid PRIMARY KEY REFERENCES requests (id),
    of_id      uuid NOT NULL REFERENCES requests (id),
    reason     text NOT NULL CHECK (reason <> '' AND length(reason) <= 2000),
    at         timestamptz NOT NULL DEFAULT now(),
    by_id      uuid NOT NULL REFERENCES staff_members (id),
    by_name    text NOT NULL,
    CHECK (request_id <> of_id)
);
CREATE INDEX duplicates_of ON duplicates (of_id);

-- What stays is a request that was proved, of the same kind and the same
-- address, not later due, and no duplicate itself: nobody is kept waiting for
-- somebody who proved nothing.
-- +goose StatementBegin
CREATE FUNCTION guard_duplicate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM requests a JOIN requests b ON b.id = NEW.of_id
                   WHERE a.id = NEW.request_id AND b.verified_at IS NOT NULL AND b.state NOT IN ('received', 'lapsed')
                     AND a.kind = b.kind AND a.email = b.email AND b.email <> '' AND b.due_at <= a.due_at)
       OR EXISTS (SELECT FROM duplicates d WHERE d.request_id = NEW.of_id OR d.of_id = NEW.request_id) THEN
        RAISE EXCEPTION 'this request is no duplicate of that one' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_duplicate BEFORE INSERT ON duplicates FOR EACH ROW EXECUTE FUNCTION guard_duplicate();

-- How sure it must be who asks, and how sure the search made it: what the
-- worker found out for one proposal.
CREATE TABLE identity_levels (
    proposal_id uuid PRIMARY KEY REFERENCES proposals (id),
    request_id  uuid NOT NULL REFERENCES requests (id),
    needed      smallint NOT NULL CHECK (needed BETWEEN 0 AND 3),
    reached     smallint NOT NULL CHECK (reached BETWEEN 0 AND 3)
);

-- What staff checked. Never the document: only what was looked at, and how sure
-- it makes them. An override is the privacy officer's word instead of a check.
CREATE TABLE identity_evidence (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES requests (id),
    what       text NOT NULL CHECK (what IN ('document', 'call', 'channel', 'questions', 'mandate', 'declaration', 'override')),
    level      smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    note       text NOT NULL CHECK (note <> '' AND length(note) <= 2000),
    at         timestamptz NOT NULL DEFAULT now(),
    by_id      uuid NOT NULL REFERENCES staff_members (id),
    by_name    text NOT NULL
);
CREATE INDEX identity_evidence_by_request ON identity_evidence (request_id);

-- Nobody vouches for themselves, nor for somebody whose address is not proved.
-- +goose StatementBegin
CREATE FUNCTION guard_evidence() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM requests r JOIN staff_members m ON m.id = NEW.by_id AND m.disabled_at IS NULL
                   WHERE r.id = NEW.request_id AND r.state IN ('verified', 'discovering', 'in_review')
                     AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot vouch for who asks' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_evidence BEFORE INSERT ON identity_evidence FOR EACH ROW EXECUTE FUNCTION guard_evidence();

-- Nothing is proposed or approved for somebody who is not known well enough; and
-- who vouched has prepared, and so does not approve.
-- +goose StatementBegin
CREATE FUNCTION guard_identity() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.prepared_by IS NOT DISTINCT FROM OLD.prepared_by AND (NEW.decision IS DISTINCT FROM 'approved' OR OLD.decision IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM identity_levels i WHERE i.proposal_id = NEW.id AND i.needed > i.reached
               AND i.needed > coalesce((SELECT max(e.level) FROM identity_evidence e WHERE e.request_id = NEW.request_id), 0)) THEN
        RAISE EXCEPTION 'it is not sure enough who asks' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decision = 'approved' AND EXISTS (SELECT FROM identity_evidence e WHERE e.request_id = NEW.request_id AND e.by_id = NEW.decided_by) THEN
        RAISE EXCEPTION 'who vouched for the person does not approve' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_identity BEFORE UPDATE OF prepared_by, decision ON proposals FOR EACH ROW EXECUTE FUNCTION guard_identity();

GRANT SELECT ON duties, attachments, duplicates, identity_levels, identity_evidence TO portal_web, portal_worker;
GRANT SELECT ON reminders TO portal_worker;
GRANT INSERT (request_id, kind, title, note, assignee, due_at, made_by, made_name) ON duties TO portal_web;
GRANT INSERT (request_id, kind, title, words, categories, due_at) ON duties TO portal_worker;
GRANT UPDATE (state, how, reference, reason, told_on, settled_at, settled_by, settled_name, assignee) ON duties TO portal_web;
GRANT UPDATE (reminded_at) ON duties TO portal_worker;
GRANT INSERT (request_id, what, due_at) ON reminders TO portal_worker;
GRANT INSERT (id, request_id, staff_id, name, type, size, sha256, key, scan, until) ON attachments TO portal_web;
GRANT UPDATE (message_id, key, until) ON attachments TO portal_web;
GRANT UPDATE (scan, key, name) ON attachments TO portal_worker;
GRANT INSERT (request_id, of_id, reason, by_id, by_name) ON duplicates TO portal_web;
GRANT INSERT (proposal_id, request_id, needed, reached) ON identity_levels TO portal_worker;
GRANT INSERT (request_id, what, level, note, by_id, by_name) ON identity_evidence TO portal_web;

-- +goose Down
DROP TRIGGER guard_identity ON proposals;
DROP TABLE identity_evidence, identity_levels, duplicates, attachments, reminders, duties;
DROP FUNCTION guard_duty(), guard_attachment(), guard_duplicate(), guard_evidence(), guard_identity();

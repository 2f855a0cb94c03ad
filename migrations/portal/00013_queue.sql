-- +goose Up
-- Requests that came by another way than the portal: who wrote one down, when,
-- and where the original lies. The clock starts with received_at, as always.
ALTER TABLE requests
    ADD COLUMN channel     text NOT NULL DEFAULT 'portal' CHECK (channel IN ('portal', 'email', 'post', 'phone', 'in_person', 'other')),
    ADD COLUMN recorded_by uuid REFERENCES staff_members (id),
    ADD COLUMN recorded_at timestamptz,
    ADD COLUMN original    text NOT NULL DEFAULT '' CHECK (length(original) <= 1000),
    ADD COLUMN proved_by  uuid REFERENCES staff_members (id), -- who found out that it is the person, where no link could
    ADD COLUMN follow_up   date,                               -- staff want to look again on that day
    ADD COLUMN proposed    boolean NOT NULL DEFAULT false,     -- something waits for a decision; kept by mark_proposed
    ADD CONSTRAINT recorded_is_whole CHECK ((channel = 'portal') = (recorded_by IS NULL) AND (recorded_by IS NULL) = (recorded_at IS NULL)),
    ADD CONSTRAINT received_before_recorded CHECK (received_at <= recorded_at + interval '1 minute'),
    -- Nobody makes a person up alone: who wrote a letter down does not also find
    -- out who sent it.
    ADD CONSTRAINT two_for_a_letter CHECK (proved_by IS NULL OR recorded_by IS NOT NULL AND proved_by <> recorded_by);

UPDATE requests r SET proposed = true
WHERE EXISTS (SELECT FROM proposals p WHERE p.request_id = r.id AND p.decision IS NULL AND p.prepared_at IS NOT NULL);

-- What the queue asks of a request, so that each view is one index and a page of
-- it a range of that. What came by another way is in the queue from the start.
ALTER TABLE requests
    ADD COLUMN queued boolean NOT NULL GENERATED ALWAYS AS (
        state NOT IN ('closed', 'rejected', 'lapsed') AND (state <> 'received' OR channel <> 'portal')) STORED,
    ADD COLUMN needs_staff boolean NOT NULL GENERATED ALWAYS AS (
        state NOT IN ('closed', 'rejected', 'lapsed')
        AND (state IN ('verified', 'in_review') OR state = 'received' AND channel <> 'portal' AND email = ''
             OR attention <> '' AND state <> 'received')) STORED,
    ADD COLUMN needs_person boolean NOT NULL GENERATED ALWAYS AS (
        state = 'received' AND channel <> 'portal' AND email <> ''
        OR paused_at IS NOT NULL AND state NOT IN ('received', 'closed', 'rejected', 'lapsed')
        OR kind = 'deletion' AND confirmed_at IS NULL AND (state = 'approved' OR state = 'in_review' AND proposed)) STORED;

DROP INDEX requests_open, requests_open_by_kind, requests_open_by_assignee, requests_by_name;
CREATE INDEX requests_queue ON requests (due_at, id) WHERE queued;
CREATE INDEX requests_queue_received ON requests (received_at, id) WHERE queued;
CREATE INDEX requests_queue_assignee ON requests (assignee, due_at, id) WHERE queued;
CREATE INDEX requests_queue_staff ON requests (due_at, id) WHERE needs_staff;
CREATE INDEX requests_queue_person ON requests (due_at, id) WHERE needs_person;
CREATE INDEX requests_queue_second ON requests (due_at, id) WHERE proposed AND state = 'in_review';
CREATE INDEX requests_queue_follow_up ON requests (follow_up) WHERE queued AND follow_up IS NOT NULL;
CREATE INDEX requests_closed_received ON requests (received_at, id) WHERE state IN ('closed', 'rejected');

-- Everything else that the queue is filtered by: a filter is an element, a
-- combination of filters is what holds all of them. Written as the queue writes it.
CREATE INDEX requests_facets ON requests USING gin ((ARRAY['kind:' || kind, 'law:' || law, 'state:' || state,
    'assignee:' || coalesce(assignee::text, 'nobody'), 'channel:' || channel, 'lang:' || lang,
    CASE WHEN attention <> '' THEN 'attention' ELSE '' END, CASE WHEN needs_person THEN 'person' ELSE '' END,
    CASE WHEN paused_at IS NOT NULL THEN 'paused' ELSE '' END])) WITH (fastupdate = off);

-- The words of a name, each found by how it begins.
CREATE INDEX requests_name_words ON requests USING gin (
    (array_to_tsvector(array_remove(regexp_split_to_array(lower(name), '[[:space:],.;:()"''/-]+'), '')))) WITH (fastupdate = off);
CREATE INDEX requests_by_ref_prefix ON requests (ref text_pattern_ops);

-- A request knows whether something of it waits for a decision. Whoever changes
-- a proposal holds the request's row already.
-- +goose StatementBegin
CREATE FUNCTION mark_proposed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    waits boolean := EXISTS (SELECT FROM proposals p WHERE p.request_id = NEW.request_id AND p.decision IS NULL AND p.prepared_at IS NOT NULL);
BEGIN
    UPDATE requests SET proposed = waits WHERE id = NEW.request_id AND proposed <> waits;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER mark_proposed AFTER INSERT OR UPDATE OF prepared_at, decision ON proposals FOR EACH ROW EXECUTE FUNCTION mark_proposed();

-- Where the original lies is written once, and forgotten with the person. Who
-- finds out who sent it does so once, while the request waits for that, and works here.
-- +goose StatementBegin
CREATE FUNCTION guard_recorded() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.original <> OLD.original AND NOT (NEW.original = '' AND NEW.state = 'lapsed') THEN
        RAISE EXCEPTION 'where the original lies does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.proved_by IS DISTINCT FROM OLD.proved_by AND (OLD.proved_by IS NOT NULL OR OLD.state <> 'received'
       OR NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.proved_by AND m.disabled_at IS NULL
                      AND (NEW.email = '' OR regexp_replace(m.email, '[+][^@]*@', '@') <> regexp_replace(NEW.email, '[+][^@]*@', '@')))) THEN
        RAISE EXCEPTION 'this person cannot say who sent this request now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_recorded BEFORE UPDATE OF original, proved_by ON requests FOR EACH ROW EXECUTE FUNCTION guard_recorded();

-- Who found out who sent a request has prepared, and so does not approve.
-- +goose StatementBegin
CREATE FUNCTION guard_proved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.proved_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'who found out who sent it does not approve' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_proved BEFORE UPDATE OF decision ON proposals FOR EACH ROW
    WHEN (NEW.decision = 'approved' AND OLD.decision IS NULL) EXECUTE FUNCTION guard_proved();

-- Filters that a member keeps under a name.
CREATE TABLE saved_views (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner      uuid NOT NULL REFERENCES staff_members (id),
    name       text NOT NULL CHECK (name <> '' AND length(name) <= 60),
    query      text NOT NULL CHECK (length(query) <= 600 AND query !~ '(^|&)(q|after|before)='), -- never what somebody looked for: it may name a person
    shared     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (owner, lower(name));
CREATE INDEX saved_views_shared ON saved_views (id) WHERE shared;

-- Who has a case open. Worth nothing after a crash, so nothing of it is logged.
CREATE UNLOGGED TABLE presences (
    request_id uuid NOT NULL REFERENCES requests (id),
    member     uuid NOT NULL REFERENCES staff_members (id),
    since      timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, member)
);
CREATE INDEX presences_member ON presences (member, seen_at);

GRANT INSERT (channel, recorded_by, recorded_at, original) ON requests TO portal_web;
GRANT UPDATE (proved_by, follow_up) ON requests TO portal_web;
GRANT UPDATE (original) ON requests TO portal_web, portal_worker;
GRANT SELECT, DELETE ON saved_views, presences TO portal_web;
GRANT INSERT (owner, name, query, shared), UPDATE (name, shared) ON saved_views TO portal_web;
GRANT INSERT (request_id, member), UPDATE (since, seen_at) ON presences TO portal_web;

-- +goose Down
DROP TABLE presences, saved_views;
DROP TRIGGER guard_proved ON proposals;
DROP FUNCTION guard_proved();
DROP TRIGGER guard_recorded ON requests;
DROP FUNCTION guard_recorded();
DROP TRIGGER mark_proposed ON proposals;
DROP FUNCTION mark_proposed();
DROP INDEX requests_by_ref_prefix, requests_name_words, requests_facets, requests_queue, requests_queue_received, requests_queue_assignee,
    requests_queue_staff, requests_queue_person, requests_queue_second, requests_queue_follow_up, requests_closed_received;
ALTER TABLE requests DROP COLUMN queued, DROP COLUMN needs_staff, DROP COLUMN needs_person;
ALTER TABLE requests DROP CONSTRAINT two_for_a_letter, DROP CONSTRAINT received_before_recorded, DROP CONSTRAINT recorded_is_whole,
    DROP COLUMN channel, DROP COLUMN recorded_by, DROP COLUMN recorded_at, DROP COLUMN original, DROP COLUMN proved_by, DROP COLUMN follow_up, DROP COLUMN proposed;
CREATE INDEX requests_open ON requests (due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_open_by_kind ON requests (kind, due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_open_by_assignee ON requests (assignee, due_at, id) WHERE state NOT IN ('received', 'closed', 'rejected', 'lapsed');
CREATE INDEX requests_by_name ON requests (lower(name) text_pattern_ops);

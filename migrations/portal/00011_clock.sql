-- +goose Up
-- Facts that move or stop the dates of a request. None of them is a state: a
-- request that is on hold, waits for an answer or was extended goes on to be what
-- it is. A complaint about us, or an appeal against a decision, is a request with
-- a clock of its own.
ALTER TABLE requests
    DROP CONSTRAINT requests_kind_check,
    ADD CONSTRAINT requests_kind_check CHECK (kind IN ('access', 'correction', 'deletion', 'portability', 'restriction',
        'objection', 'withdrawal', 'opt_out', 'shortened_retention', 'restriction_lift', 'complaint', 'appeal')),
    DROP CONSTRAINT requests_outcome_check,
    ADD CONSTRAINT requests_outcome_check CHECK (outcome IN ('answered', 'erased', 'nothing_found', 'withdrawn', 'refused', 'unconfirmed', 'disowned',
        'delivery_over', 'corrected', 'restricted', 'lifted', 'objected', 'consent_withdrawn', 'opted_out', 'retention_shortened',
        'upheld', 'partly_upheld', 'dismissed', 'duplicate')),
    ADD COLUMN laws         text[] NOT NULL DEFAULT '{}', -- further laws that apply; the earliest date of all counts
    ADD COLUMN earliest_at  timestamptz, -- the strictest reading
    ADD COLUMN legal_due_at timestamptz, -- without an extension; due_at is with it
    ADD COLUMN target_at    timestamptz, -- what staff work towards
    ADD COLUMN ack_due_at   timestamptz, -- of the acknowledgement, where the law wants one
    ADD COLUMN notice_by    timestamptz, -- last moment to announce an extension
    ADD COLUMN extended_at  timestamptz, -- when an extension was announced
    ADD COLUMN paused_at    timestamptz, -- the clock stands since
    ADD COLUMN held_at      timestamptz, -- a legal hold stands since; kept by the holds
    ADD COLUMN about        uuid REFERENCES requests (id), -- of a complaint or appeal, and of what is looked into again after one
    ADD COLUMN refused_by   uuid REFERENCES staff_members (id),
    ADD CONSTRAINT an_appeal_is_about_something CHECK (kind <> 'appeal' OR about IS NOT NULL);
CREATE INDEX requests_about ON requests (about, received_at) WHERE about IS NOT NULL;
-- What an appeal has upheld is looked into again once.
CREATE UNIQUE INDEX requests_one_renewal ON requests (about) WHERE about IS NOT NULL AND kind NOT IN ('complaint', 'appeal');
-- Whose clock stands, and what is on hold.
CREATE INDEX requests_paused ON requests (due_at, id) WHERE paused_at IS NOT NULL AND state NOT IN ('closed', 'rejected', 'lapsed');
CREATE INDEX requests_held ON requests (due_at, id) WHERE held_at IS NOT NULL;

-- What moved the dates of a request, in order. A row says which date it led to,
-- so that no date changes without one.
CREATE TABLE clock_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests (id),
    kind       text NOT NULL CHECK (kind IN ('identity_asked', 'identity_proved', 'clarification_asked', 'clarified', 'fee_asked', 'fee_paid',
                   'extended', 'law_set', 'laws_set')),
    at         timestamptz NOT NULL, -- when it happened: what counts
    noted_at   timestamptz NOT NULL DEFAULT now(),
    reason     text NOT NULL CHECK (reason <> '' AND length(reason) <= 2000),
    until      timestamptz,          -- an extension whose end we name ourselves
    answers    bigint REFERENCES clock_events (id), -- what an answer is the answer to
    message    uuid REFERENCES messages (id),       -- the question as it was sent, or the person's reply
    law        text,                 -- from here on
    laws       text[],
    country    text,
    was_due    timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    by_id      uuid NOT NULL REFERENCES staff_members (id),
    by_name    text NOT NULL,
    tx         xid8 NOT NULL DEFAULT pg_current_xact_id(), -- dates change in the transaction of their event
    CONSTRAINT a_named_end CHECK (until IS NULL OR kind = 'extended'),
    CONSTRAINT answers_something CHECK ((answers IS NOT NULL) = (kind IN ('identity_proved', 'clarified', 'fee_paid'))),
    CONSTRAINT law_is_named CHECK ((law IS NOT NULL) = (kind = 'law_set') AND (country IS NOT NULL) = (kind = 'law_set') AND (laws IS NOT NULL) = (kind = 'laws_set')),
    UNIQUE (answers)
);
CREATE INDEX clock_events_of_request ON clock_events (request_id, id);
-- An extension is announced once.
CREATE UNIQUE INDEX clock_events_one_extension ON clock_events (request_id) WHERE kind = 'extended';

-- Noted by somebody who works here, about an open request of somebody else, after
-- it came and not in the future; an answer after its question, an extension in time.
-- +goose StatementBegin
CREATE FUNCTION guard_clock_event() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    r requests;
BEGIN
    SELECT * INTO r FROM requests WHERE id = NEW.request_id FOR UPDATE;
    IF r.state IN ('closed', 'rejected', 'lapsed') OR NEW.at < r.received_at OR NEW.at > NEW.noted_at + interval '1 minute' OR NEW.was_due <> r.due_at THEN
        RAISE EXCEPTION 'the clock of this request does not move' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.by_id AND m.disabled_at IS NULL
                   AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot move the clock of this request' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.answers IS NOT NULL AND NOT EXISTS (SELECT FROM clock_events q WHERE q.id = NEW.answers AND q.request_id = NEW.request_id AND q.at <= NEW.at
            AND (q.kind, NEW.kind) IN (('identity_asked', 'identity_proved'), ('clarification_asked', 'clarified'), ('fee_asked', 'fee_paid'))) THEN
        RAISE EXCEPTION 'this answers no question' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind LIKE '%\_asked' AND EXISTS (SELECT FROM clock_events q WHERE q.request_id = NEW.request_id AND q.kind = NEW.kind
            AND NOT EXISTS (SELECT FROM clock_events a WHERE a.answers = q.id)) THEN
        RAISE EXCEPTION 'the same was asked and is not answered' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'extended' AND (NEW.at > r.notice_by AND r.paused_at IS NULL OR NEW.due_at <= r.due_at) THEN
        RAISE EXCEPTION 'an extension is announced in time, and gives time' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_clock_event BEFORE INSERT ON clock_events FOR EACH ROW EXECUTE FUNCTION guard_clock_event();

-- No date of a request changes without its event, and none gets earlier but by
-- another law.
-- +goose StatementBegin
CREATE FUNCTION guard_dates() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    e clock_events;
BEGIN
    IF (NEW.due_at, NEW.legal_due_at, NEW.earliest_at, NEW.target_at, NEW.ack_due_at, NEW.notice_by, NEW.extended_at, NEW.paused_at, NEW.law, NEW.laws, NEW.country)
       IS NOT DISTINCT FROM
       (OLD.due_at, OLD.legal_due_at, OLD.earliest_at, OLD.target_at, OLD.ack_due_at, OLD.notice_by, OLD.extended_at, OLD.paused_at, OLD.law, OLD.laws, OLD.country) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO e FROM clock_events x WHERE x.request_id = NEW.id AND x.tx = pg_current_xact_id() ORDER BY x.id DESC LIMIT 1;
    IF e.id IS NULL OR e.due_at <> NEW.due_at
       OR (NEW.law, NEW.country) IS DISTINCT FROM (OLD.law, OLD.country) AND (NEW.law, NEW.country) IS DISTINCT FROM (e.law, e.country)
       OR NEW.laws IS DISTINCT FROM OLD.laws AND NEW.laws IS DISTINCT FROM e.laws
       OR NEW.extended_at IS DISTINCT FROM OLD.extended_at AND e.kind <> 'extended' THEN
        RAISE EXCEPTION 'a date changes by an event only' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.due_at < OLD.due_at AND e.kind NOT IN ('law_set', 'laws_set') THEN
        RAISE EXCEPTION 'a date does not get earlier' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_dates BEFORE UPDATE OF due_at, legal_due_at, earliest_at, target_at, ack_due_at, notice_by, extended_at, paused_at, law, laws, country ON requests
    FOR EACH ROW WHEN (current_user IN ('portal_web', 'portal_worker')) EXECUTE FUNCTION guard_dates();

-- A legal hold: nothing of the case is carried out or purged while it stands. One
-- on the person also stops what would change or delete their data by another request.
CREATE TABLE holds (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id  uuid NOT NULL REFERENCES requests (id),
    scope       text NOT NULL CHECK (scope IN ('case', 'person')),
    matter      text NOT NULL CHECK (matter <> '' AND length(matter) <= 200),
    reason      text NOT NULL CHECK (reason <> '' AND length(reason) <= 2000),
    owner       uuid NOT NULL REFERENCES staff_members (id), -- who answers for it
    owner_name  text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    review_on   date NOT NULL,
    told        boolean NOT NULL, -- the person is told that data is kept for legal claims
    set_by      uuid NOT NULL REFERENCES staff_members (id),
    set_name    text NOT NULL,
    lifted_at   timestamptz,
    lifted_by   uuid REFERENCES staff_members (id),
    lifted_name text NOT NULL DEFAULT '',
    lift_reason text NOT NULL DEFAULT '' CHECK (length(lift_reason) <= 2000),
    CONSTRAINT lifted_is_whole CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason = ''))
);
CREATE INDEX holds_of_request ON holds (request_id, started_at);
CREATE INDEX holds_live ON holds (scope, request_id) WHERE lifted_at IS NULL;

-- Says since when a request is on hold: by its own hold, by one on its person, or,
-- if it would delete what a decision is about, by an appeal that nobody has
-- decided yet.
-- +goose StatementBegin
CREATE FUNCTION held_since(request uuid, address text, what text) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT min(x.since) FROM (
        SELECT h.started_at AS since FROM holds h JOIN requests o ON o.id = h.request_id
        WHERE h.lifted_at IS NULL AND (h.request_id = request
            OR h.scope = 'person' AND address <> '' AND o.email = address AND what IN ('deletion', 'correction', 'shortened_retention'))
        UNION ALL
        SELECT a.received_at FROM requests a
        WHERE what = 'deletion' AND address <> '' AND a.email = address AND a.kind = 'appeal' AND a.state = 'verified') x
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION guard_hold() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a hold is lifted once' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM requests r JOIN staff_members m ON m.id = CASE TG_OP WHEN 'INSERT' THEN NEW.set_by ELSE NEW.lifted_by END AND m.disabled_at IS NULL
                   WHERE r.id = NEW.request_id AND r.state <> 'lapsed'
                     AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot set or lift this hold' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.state = 'executing') THEN
        RAISE EXCEPTION 'what is being carried out cannot be held' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
-- The column of the requests that a hold is about, or lets go of.
-- +goose StatementBegin
CREATE FUNCTION carry_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind)
    WHERE r.id = NEW.request_id OR NEW.scope = 'person' AND r.email <> '' AND r.email = (SELECT o.email FROM requests o WHERE o.id = NEW.request_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION carry_appeal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind)
    WHERE r.email = NEW.email AND r.email <> '' AND r.kind = 'deletion' AND r.state NOT IN ('closed', 'rejected', 'lapsed');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION guard_held() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.held_at := held_since(NEW.id, NEW.email, NEW.kind);
    ELSIF NEW.state = 'executing' AND OLD.state <> 'executing' AND held_since(NEW.id, NEW.email, NEW.kind) IS NOT NULL THEN
        RAISE EXCEPTION 'nothing is carried out while a hold stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_hold BEFORE INSERT OR UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION guard_hold();
CREATE TRIGGER carry_hold AFTER INSERT OR UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION carry_hold();
CREATE TRIGGER carry_appeal AFTER UPDATE OF state ON requests FOR EACH ROW WHEN (NEW.kind = 'appeal' AND NEW.state <> OLD.state) EXECUTE FUNCTION carry_appeal();
CREATE TRIGGER guard_held_new BEFORE INSERT ON requests FOR EACH ROW WHEN (NEW.kind IN ('deletion', 'correction', 'shortened_retention')) EXECUTE FUNCTION guard_held();
CREATE TRIGGER guard_held BEFORE UPDATE OF state ON requests FOR EACH ROW EXECUTE FUNCTION guard_held();

-- What somebody who had no part in a decision found about a complaint or an
-- appeal against it.
CREATE TABLE appeal_decisions (
    request_id   uuid PRIMARY KEY REFERENCES requests (id),
    outcome      text NOT NULL CHECK (outcome IN ('upheld', 'partly_upheld', 'dismissed')),
    words        text NOT NULL CHECK (words <> '' AND length(words) <= 5000),
    decided_by   uuid NOT NULL REFERENCES staff_members (id),
    decided_name text NOT NULL,
    decided_at   timestamptz NOT NULL DEFAULT now()
);

-- +goose StatementBegin
CREATE FUNCTION guard_appeal_decision() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    r requests;
BEGIN
    SELECT * INTO r FROM requests WHERE id = NEW.request_id;
    IF r.kind NOT IN ('complaint', 'appeal') OR r.state <> 'verified'
       OR NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.decided_by AND m.disabled_at IS NULL
                      AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot decide about this now' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM proposals p WHERE p.request_id = r.about AND NEW.decided_by IN (p.prepared_by, p.decided_by))
       OR EXISTS (SELECT FROM choices c WHERE c.request_id = r.about AND c.made_by = NEW.decided_by)
       OR EXISTS (SELECT FROM rulings u WHERE u.request_id = r.about AND u.made_by = NEW.decided_by)
       OR EXISTS (SELECT FROM requests o WHERE o.id = r.about AND o.refused_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'who prepared or decided does not decide about the appeal' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
-- A complaint or appeal is decided, and nothing is searched for it; what it is
-- about is of the same person. What was upheld is looked into once more, by a
-- request like the one that was decided.
-- +goose StatementBegin
CREATE FUNCTION guard_appeal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state <> OLD.state AND (NEW.state IN ('discovering', 'rejected')
           OR NEW.state = 'closed' AND NEW.outcome <> 'withdrawn'
              AND NOT EXISTS (SELECT FROM appeal_decisions d WHERE d.request_id = NEW.id AND d.outcome = NEW.outcome)) THEN
            RAISE EXCEPTION 'a complaint ends with a decision about it' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.about AND r.email = NEW.email AND r.verified_at IS NOT NULL) THEN
        RAISE EXCEPTION 'this is about nothing of the same person' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind NOT IN ('complaint', 'appeal') AND NOT EXISTS (
        SELECT FROM requests r JOIN requests a ON a.about = r.id JOIN appeal_decisions d ON d.request_id = a.id AND d.outcome IN ('upheld', 'partly_upheld')
        WHERE r.id = NEW.about AND (r.kind, r.name, r.relation, r.law) = (NEW.kind, NEW.name, NEW.relation, NEW.law)) THEN
        RAISE EXCEPTION 'nothing was upheld that would have to be looked into again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION guard_refused_by() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.refused_by IS NOT NULL AND NEW.refused_by IS DISTINCT FROM OLD.refused_by THEN
        RAISE EXCEPTION 'who refused does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_appeal_decision BEFORE INSERT ON appeal_decisions FOR EACH ROW EXECUTE FUNCTION guard_appeal_decision();
CREATE TRIGGER guard_appeal_new BEFORE INSERT ON requests FOR EACH ROW WHEN (NEW.about IS NOT NULL) EXECUTE FUNCTION guard_appeal();
CREATE TRIGGER guard_appeal BEFORE UPDATE OF state ON requests FOR EACH ROW WHEN (OLD.kind IN ('complaint', 'appeal')) EXECUTE FUNCTION guard_appeal();
CREATE TRIGGER guard_refused_by BEFORE UPDATE OF refused_by ON requests FOR EACH ROW EXECUTE FUNCTION guard_refused_by();

GRANT INSERT (about, laws, earliest_at, legal_due_at, target_at, ack_due_at, notice_by) ON requests TO portal_web;
GRANT UPDATE (due_at, law, laws, country, earliest_at, legal_due_at, target_at, ack_due_at, notice_by, extended_at, paused_at, refused_by) ON requests TO portal_web;
GRANT SELECT ON clock_events, holds, appeal_decisions TO portal_web, portal_worker;
GRANT INSERT (request_id, kind, at, reason, until, answers, message, law, laws, country, was_due, due_at, by_id, by_name) ON clock_events TO portal_web;
GRANT INSERT (request_id, scope, matter, reason, owner, owner_name, review_on, told, set_by, set_name), UPDATE (lifted_at, lifted_by, lifted_name, lift_reason) ON holds TO portal_web;
GRANT INSERT (request_id, outcome, words, decided_by, decided_name) ON appeal_decisions TO portal_web;

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN RAISE EXCEPTION 'there is no way back: complaints, holds and what moved the dates would have no place'; END $$;
-- +goose StatementEnd

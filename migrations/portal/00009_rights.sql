-- +goose Up
-- Every right is carried out. The lift of a restriction is a request of its own,
-- opened by staff from the one that it ends.
ALTER TABLE requests
    DROP CONSTRAINT requests_kind_check,
    ADD CONSTRAINT requests_kind_check CHECK (kind IN ('access', 'correction', 'deletion', 'portability', 'restriction',
        'objection', 'withdrawal', 'opt_out', 'shortened_retention', 'restriction_lift')),
    DROP CONSTRAINT requests_outcome_check,
    ADD CONSTRAINT requests_outcome_check CHECK (outcome IN ('answered', 'erased', 'nothing_found', 'withdrawn', 'refused', 'unconfirmed', 'disowned',
        'delivery_over', 'corrected', 'restricted', 'lifted', 'objected', 'consent_withdrawn', 'opted_out', 'retention_shortened')),
    ADD COLUMN ends uuid REFERENCES requests (id), -- the restriction that a lift ends
    ADD COLUMN store_down text NOT NULL DEFAULT '', -- which store has not answered since store_down_at
    ADD CONSTRAINT a_lift_ends_something CHECK ((ends IS NOT NULL) = (kind = 'restriction_lift')),
    DROP CONSTRAINT confirmation_is_whole,
    -- A lift runs after a notice, which nobody has to confirm.
    ADD CONSTRAINT confirmation_is_whole CHECK ((confirmed_at IS NULL) = (confirmed_hash IS NULL)
        AND ((confirmed_at IS NULL) = (runs_at IS NULL) OR kind = 'restriction_lift'));
-- A restriction is lifted once.
CREATE UNIQUE INDEX requests_one_lift ON requests (ends) WHERE ends IS NOT NULL AND coalesce(outcome, 'lifted') = 'lifted';

-- What staff decided about a request before anybody proposes: who it is, what
-- is corrected, what stops. A change is a new version; who made one prepares.
CREATE TABLE choices (
    request_id uuid        NOT NULL REFERENCES requests (id),
    version    integer     NOT NULL CHECK (version > 0),
    chosen     jsonb       NOT NULL,
    made_by    uuid        NOT NULL REFERENCES staff_members (id),
    made_name  text        NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, version)
);

-- What a search gives staff to decide on. The old values are the person's data:
-- they go when the request ends.
ALTER TABLE discoveries
    ADD COLUMN candidates jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN mentions   jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN fields     jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN refused    jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN review     jsonb NOT NULL DEFAULT '[]';

ALTER TABLE proposals
    ADD COLUMN choices   integer NOT NULL DEFAULT 0, -- the version that it was made from; 0 is what the person asked
    ADD COLUMN undecided integer NOT NULL DEFAULT 0, -- what staff still have to decide
    ADD COLUMN automatic boolean NOT NULL DEFAULT false, -- nothing to decide: it only stops something
    DROP CONSTRAINT four_eyes,
    -- Four eyes: who prepared does not approve.
    ADD CONSTRAINT four_eyes CHECK (decision IS DISTINCT FROM 'approved'
        OR (automatic AND prepared_by IS NULL AND decided_by IS NULL)
        OR (NOT automatic AND prepared_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> prepared_by)),
    ADD CONSTRAINT all_is_decided CHECK (decision IS DISTINCT FROM 'approved' OR automatic OR undecided = 0);

GRANT SELECT, INSERT ON choices TO portal_web;
GRANT SELECT ON choices TO portal_worker;
GRANT UPDATE (chosen) ON choices TO portal_web, portal_worker;
GRANT UPDATE (fields) ON discoveries TO portal_web;
GRANT INSERT (ends) ON requests TO portal_web;
GRANT UPDATE (store_down) ON requests TO portal_web, portal_worker;
GRANT INSERT (choices, undecided, automatic) ON proposals TO portal_worker;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION guard_request() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    approved text;
BEGIN
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM request_edges e WHERE e.old = OLD.state AND e.new = NEW.state) THEN
        RAISE EXCEPTION 'a request cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'executing' THEN
        SELECT p.hash INTO approved FROM proposals p WHERE p.request_id = NEW.id AND p.decision = 'approved';
        IF approved IS NULL THEN
            RAISE EXCEPTION 'nothing executes without an approval' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.kind = 'deletion' AND (NEW.confirmed_hash IS DISTINCT FROM approved OR NEW.runs_at IS NULL OR NEW.runs_at > now()) THEN
            RAISE EXCEPTION 'a deletion needs the person''s second confirmation of this plan, and the end of the cooling-off period' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.kind = 'restriction_lift' AND (NEW.runs_at IS NULL OR NEW.runs_at > now()) THEN
            RAISE EXCEPTION 'a restriction is lifted after the person had notice of it' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- A lift is opened for the person whose restriction was carried out.
-- +goose StatementBegin
CREATE FUNCTION guard_lift() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.ends AND r.kind = 'restriction' AND r.state = 'closed' AND r.outcome = 'restricted'
                   AND (r.email, r.name, r.relation, r.law) = (NEW.email, NEW.name, NEW.relation, NEW.law)) THEN
        RAISE EXCEPTION 'there is no restriction to lift' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_lift BEFORE INSERT ON requests FOR EACH ROW WHEN (NEW.ends IS NOT NULL) EXECUTE FUNCTION guard_lift();

-- Choices are made one after the other while a request is in review, never by
-- the person who asks; afterwards only the values in them are forgotten.
-- +goose StatementBegin
CREATE FUNCTION guard_choices() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.chosen IS DISTINCT FROM OLD.chosen - 'edits' - 'salt'
           OR NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.state IN ('closed', 'rejected', 'lapsed')) THEN
            RAISE EXCEPTION 'what was chosen does not change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.version <> 1 + coalesce((SELECT max(c.version) FROM choices c WHERE c.request_id = NEW.request_id), 0)
       OR NOT EXISTS (SELECT FROM requests r JOIN staff_members m ON m.id = NEW.made_by AND m.disabled_at IS NULL
                      WHERE r.id = NEW.request_id AND (r.state = 'in_review' OR r.state = 'verified' AND r.kind = 'restriction_lift')
                        AND regexp_replace(r.email, '[+][^@]*@', '@') <> regexp_replace(m.email, '[+][^@]*@', '@')) THEN
        RAISE EXCEPTION 'this person cannot choose for this request now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_choices BEFORE INSERT OR UPDATE OF chosen ON choices FOR EACH ROW EXECUTE FUNCTION guard_choices();

-- An approval is given once, for what is in review and made from the choices
-- that stand, by somebody who works here, chose nothing, and is not the person
-- who asks. No person is needed where a request only stops something.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION guard_proposal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.prepared_by IS NOT NULL AND NEW.prepared_by IS DISTINCT FROM OLD.prepared_by
       OR OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by
       OR OLD.decision IS NOT NULL AND NEW.decision IS DISTINCT FROM OLD.decision AND NEW.decision IS DISTINCT FROM 'superseded' THEN
        RAISE EXCEPTION 'who proposed and what was decided does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decision = 'approved' AND OLD.decision IS NULL THEN
        IF NEW.automatic THEN
            IF NEW.choices <> 0
               OR NOT EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.state = 'in_review' AND r.kind IN ('withdrawal', 'opt_out'))
               OR jsonb_path_exists(NEW.plan, '$.steps[*] ? (@.action != "restrict" && @.action != "suppress")') THEN
                RAISE EXCEPTION 'only what stops something needs no person' USING ERRCODE = 'check_violation';
            END IF;
        ELSIF NOT EXISTS (
            SELECT FROM requests r
            JOIN staff_members a ON a.id = NEW.prepared_by
            JOIN staff_members b ON b.id = NEW.decided_by AND b.disabled_at IS NULL
            WHERE r.id = NEW.request_id AND r.state = 'in_review'
              AND NEW.choices = coalesce((SELECT max(c.version) FROM choices c WHERE c.request_id = r.id), 0)
              AND NOT EXISTS (SELECT FROM choices c WHERE c.request_id = r.id AND c.made_by = NEW.decided_by)
              AND regexp_replace(r.email, '[+][^@]*@', '@') NOT IN (regexp_replace(a.email, '[+][^@]*@', '@'), regexp_replace(b.email, '[+][^@]*@', '@'))) THEN
            RAISE EXCEPTION 'this person cannot approve this request' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN RAISE EXCEPTION 'there is no way back: requests of the new kinds would have no place'; END $$;
-- +goose StatementEnd

-- +goose Up
-- What each process writes, column by column: the web process takes requests in
-- and records what people decide, the worker stages and reports. Whoever takes
-- one of them over cannot do the other's part, nor rewrite what was decided.
REVOKE INSERT, UPDATE ON requests, proposals, deliveries, work FROM portal_web, portal_worker;
REVOKE INSERT ON messages FROM portal_web;

GRANT INSERT (ref, kind, relation, name, email, phone, country, lang, law, answers, draft, received_at, due_at) ON requests TO portal_web;
GRANT UPDATE (state, outcome, closed_at, attention, store_down_at, confirmed_at, confirmed_hash, runs_at, name, email, phone, answers, draft)
    ON requests TO portal_web, portal_worker;
GRANT UPDATE (verified_at, assignee, refusal_code, refusal_text) ON requests TO portal_web;

GRANT INSERT (id, request_id, version, plan, hash, manifest, artifact_size, artifact_sha256, artifact_key) ON proposals TO portal_worker;
GRANT UPDATE (decision, decided_at, artifact_key) ON proposals TO portal_web, portal_worker;
GRANT UPDATE (prepared_by, prepared_name, prepared_at, note, decided_by, decided_name, decision_note) ON proposals TO portal_web;

GRANT INSERT (request_id, proposal_id, until, allowed) ON deliveries TO portal_worker;
GRANT UPDATE (used) ON deliveries TO portal_web;
GRANT INSERT (request_id) ON work TO portal_web, portal_worker;
GRANT UPDATE (epoch, lease_until) ON work TO portal_worker;
GRANT INSERT (request_id, staff_id, author, note, body) ON messages TO portal_web;

-- A guard looks at our tables, also when somebody has put temporary ones of the
-- same names in front of them.
ALTER FUNCTION guard_request() SET search_path = public, pg_temp;
ALTER FUNCTION staff_keep_administrator() SET search_path = public, pg_temp;

-- Who asks, what proved it and which plan was confirmed are facts: they are
-- written once, and forgotten as a whole when somebody disowns the request.
-- +goose StatementBegin
CREATE FUNCTION guard_request_facts() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.name, NEW.email, NEW.phone, NEW.answers) IS DISTINCT FROM (OLD.name, OLD.email, OLD.phone, OLD.answers)
       AND NOT (NEW.state = 'lapsed' AND NEW.email = '') THEN
        RAISE EXCEPTION 'who asks does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.verified_at IS NOT NULL AND NEW.verified_at IS DISTINCT FROM OLD.verified_at THEN
        RAISE EXCEPTION 'an address is proved once' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.confirmed_hash IS DISTINCT FROM OLD.confirmed_hash AND NEW.confirmed_hash IS NOT NULL
       AND NOT EXISTS (SELECT FROM proposals p WHERE p.request_id = NEW.id AND p.hash = NEW.confirmed_hash
                       AND p.prepared_at IS NOT NULL AND coalesce(p.decision, 'approved') = 'approved') THEN
        RAISE EXCEPTION 'no such plan waits for a confirmation' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_request_facts BEFORE UPDATE OF name, email, phone, answers, verified_at, confirmed_hash ON requests
    FOR EACH ROW EXECUTE FUNCTION guard_request_facts();

-- An approval is given once, for what is in review, by somebody who works here
-- and is not the person who asks. "name+anything" is the mailbox of "name".
-- +goose StatementBegin
CREATE FUNCTION guard_proposal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.prepared_by IS NOT NULL AND NEW.prepared_by IS DISTINCT FROM OLD.prepared_by
       OR OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by
       OR OLD.decision IS NOT NULL AND NEW.decision IS DISTINCT FROM OLD.decision AND NEW.decision IS DISTINCT FROM 'superseded' THEN
        RAISE EXCEPTION 'who proposed and what was decided does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decision = 'approved' AND OLD.decision IS NULL AND NOT EXISTS (
        SELECT FROM requests r
        JOIN staff_members a ON a.id = NEW.prepared_by
        JOIN staff_members b ON b.id = NEW.decided_by AND b.disabled_at IS NULL
        WHERE r.id = NEW.request_id AND r.state = 'in_review'
          AND regexp_replace(r.email, '[+][^@]*@', '@') NOT IN (regexp_replace(a.email, '[+][^@]*@', '@'), regexp_replace(b.email, '[+][^@]*@', '@'))) THEN
        RAISE EXCEPTION 'this person cannot approve this request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_proposal BEFORE UPDATE OF prepared_by, decided_by, decision ON proposals
    FOR EACH ROW EXECUTE FUNCTION guard_proposal();

-- Four eyes are two people: a second account in the same mailbox is none.
CREATE UNIQUE INDEX staff_members_mailbox ON staff_members (regexp_replace(email, '[+][^@]*@', '@'));

-- Neither process dates an entry of the audit, and the worker, which no person
-- uses, writes none in a person's name.
-- +goose StatementBegin
CREATE FUNCTION guard_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF abs(extract(epoch FROM NEW.at - clock_timestamp())) > 60 THEN
        RAISE EXCEPTION 'an audit entry is of now' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF current_user = 'portal_worker' AND NEW.actor_kind <> 'system' THEN
        RAISE EXCEPTION 'the worker acts for nobody' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_audit BEFORE INSERT ON audit_events FOR EACH ROW
    WHEN (current_user IN ('portal_web', 'portal_worker')) EXECUTE FUNCTION guard_audit();

-- +goose Down
DROP INDEX staff_members_mailbox;
DROP TRIGGER guard_audit ON audit_events;
DROP FUNCTION guard_audit();
DROP TRIGGER guard_proposal ON proposals;
DROP FUNCTION guard_proposal();
DROP TRIGGER guard_request_facts ON requests;
DROP FUNCTION guard_request_facts();
ALTER FUNCTION guard_request() RESET search_path;
ALTER FUNCTION staff_keep_administrator() RESET search_path;
REVOKE INSERT, UPDATE ON requests, proposals, deliveries, work FROM portal_web, portal_worker;
GRANT INSERT, UPDATE ON requests, proposals, deliveries, work TO portal_web, portal_worker;
GRANT INSERT ON messages TO portal_web;

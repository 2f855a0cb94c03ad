-- +goose Up
-- Who had a part in how a request was answered: prepared, chose, redacted,
-- decided or refused it, made sure who asks, or closed it as a duplicate. Of a
-- complaint also who decided about it, and so on down to what it is about: who
-- dismissed a complaint does not judge the next one about that.
-- +goose StatementBegin
CREATE FUNCTION involved_in(request uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH RECURSIVE about AS (
        SELECT r.id, r.about, r.refused_by, r.proved_by FROM requests r WHERE r.id = request
        UNION
        SELECT r.id, r.about, r.refused_by, r.proved_by FROM requests r JOIN about a ON r.id = a.about
    ), members AS (
        SELECT p.prepared_by AS member FROM proposals p JOIN about a ON a.id = p.request_id
        UNION SELECT p.decided_by FROM proposals p JOIN about a ON a.id = p.request_id
        UNION SELECT c.made_by FROM choices c JOIN about a ON a.id = c.request_id
        UNION SELECT u.made_by FROM rulings u JOIN about a ON a.id = u.request_id
        UNION SELECT e.by_id FROM identity_evidence e JOIN about a ON a.id = e.request_id
        UNION SELECT d.by_id FROM duplicates d JOIN about a ON a.id = d.request_id
        UNION SELECT d.decided_by FROM appeal_decisions d JOIN about a ON a.id = d.request_id
        UNION SELECT a.refused_by FROM about a
        UNION SELECT a.proved_by FROM about a)
    SELECT m.member FROM members m WHERE m.member IS NOT NULL
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION guard_appeal_apart() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.decided_by IN (SELECT m.member FROM requests r, involved_in(r.about) AS m(member) WHERE r.id = NEW.request_id) THEN
        RAISE EXCEPTION 'who had a part in it does not decide about the appeal' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_appeal_apart BEFORE INSERT ON appeal_decisions FOR EACH ROW EXECUTE FUNCTION guard_appeal_apart();

-- What stays goes on: a request that was answered, refused or taken back answers
-- no other one. Complaints are decided, never merged. The two are locked in one
-- order, so that of two who mark each as the other's duplicate one is refused.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION guard_duplicate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM requests r WHERE r.id IN (NEW.request_id, NEW.of_id) ORDER BY r.id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM requests a JOIN requests b ON b.id = NEW.of_id
                   WHERE a.id = NEW.request_id AND b.verified_at IS NOT NULL AND b.state NOT IN ('received', 'closed', 'rejected', 'lapsed')
                     AND a.kind = b.kind AND a.kind NOT IN ('complaint', 'appeal') AND a.email = b.email AND b.email <> '' AND b.due_at <= a.due_at)
       OR EXISTS (SELECT FROM duplicates d WHERE d.request_id = NEW.of_id OR d.of_id = NEW.request_id) THEN
        RAISE EXCEPTION 'this request is no duplicate of that one' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- A hold is on a person, and "name+anything" is the mailbox of "name": nobody
-- gets out of one by another spelling.
-- +goose StatementBegin
CREATE FUNCTION mailbox(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(address, '[+][^@]*@', '@')
$$;
-- +goose StatementEnd
CREATE INDEX requests_by_mailbox ON requests (mailbox(email)) WHERE email <> mailbox(email);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION held_since(request uuid, address text, what text) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT min(x.since) FROM (
        SELECT h.started_at AS since FROM holds h JOIN requests o ON o.id = h.request_id
        WHERE h.lifted_at IS NULL AND (h.request_id = request
            OR h.scope = 'person' AND address <> '' AND mailbox(o.email) = mailbox(address) AND what IN ('deletion', 'correction', 'shortened_retention'))
        UNION ALL
        SELECT a.received_at FROM requests a
        WHERE what = 'deletion' AND address <> '' AND a.kind = 'appeal' AND a.state = 'verified'
            AND (a.email = mailbox(address) OR a.email <> mailbox(a.email) AND mailbox(a.email) = mailbox(address))) x
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION carry_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    box text := (SELECT mailbox(o.email) FROM requests o WHERE o.id = NEW.request_id AND o.email <> '');
BEGIN
    UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind) WHERE r.id = NEW.request_id;
    IF NEW.scope = 'person' AND box IS NOT NULL THEN
        UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind)
        WHERE r.id <> NEW.request_id AND (r.email = box OR r.email <> mailbox(r.email) AND mailbox(r.email) = box);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION carry_appeal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind)
    WHERE NEW.email <> '' AND r.kind = 'deletion' AND r.state NOT IN ('closed', 'rejected', 'lapsed')
        AND (r.email = mailbox(NEW.email) OR r.email <> mailbox(r.email) AND mailbox(r.email) = mailbox(NEW.email));
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- What stands already holds by the other spelling too.
UPDATE requests r SET held_at = held_since(r.id, r.email, r.kind)
WHERE r.state NOT IN ('closed', 'rejected', 'lapsed') AND r.kind IN ('deletion', 'correction', 'shortened_retention')
    AND mailbox(r.email) IN (SELECT mailbox(o.email) FROM holds h JOIN requests o ON o.id = h.request_id
                             WHERE h.lifted_at IS NULL AND h.scope = 'person' AND o.email <> '');

-- Nothing of a case is purged while a hold stands: not who asked, and not what
-- was sent. A file that is a danger goes all the same, and one that was never sent.
-- +goose StatementBegin
CREATE FUNCTION guard_purge() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM holds h WHERE h.lifted_at IS NULL
               AND h.request_id = coalesce((to_jsonb(NEW) ->> 'request_id')::uuid, NEW.id)) THEN -- of a file its request, or the request itself
        RAISE EXCEPTION 'nothing is purged while a hold stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_purge BEFORE UPDATE OF state ON requests FOR EACH ROW
    WHEN (NEW.state = 'lapsed' AND NEW.outcome = 'unconfirmed' AND OLD.state <> 'lapsed') EXECUTE FUNCTION guard_purge();
CREATE TRIGGER guard_purge BEFORE UPDATE OF key ON attachments FOR EACH ROW
    WHEN (NEW.key IS NULL AND OLD.key IS NOT NULL AND NEW.scan <> 'infected' AND NEW.message_id IS NOT NULL) EXECUTE FUNCTION guard_purge();

-- A letter without an address proves nobody by a link: somebody found out who
-- sent it. What goes on from a proved request takes its proof over.
-- +goose StatementBegin
CREATE FUNCTION guard_proof() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'nobody found out who sent this request' USING ERRCODE = 'check_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_proof BEFORE UPDATE OF state ON requests FOR EACH ROW
    WHEN (OLD.state = 'received' AND NEW.state = 'verified' AND NEW.email = '' AND NEW.proved_by IS NULL AND NEW.about IS NULL AND NEW.ends IS NULL)
    EXECUTE FUNCTION guard_proof();

-- A refusal is somebody's who may decide, with a ground and a sentence. The
-- person's appeal against it goes to somebody else, so the name must be there.
-- +goose StatementBegin
CREATE FUNCTION guard_refusal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.refusal_code = '' OR NEW.refusal_text = ''
       OR NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.refused_by AND m.disabled_at IS NULL AND m.roles && ARRAY['approver', 'officer']
                      AND mailbox(m.email) <> mailbox(NEW.email)) THEN
        RAISE EXCEPTION 'nobody who may decide refused this request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_refusal BEFORE UPDATE OF state ON requests FOR EACH ROW
    WHEN (NEW.state = 'rejected' AND OLD.state <> 'rejected') EXECUTE FUNCTION guard_refusal();

-- A privacy officer alone goes on without a check, and what can be guessed makes
-- nobody sure.
-- +goose StatementBegin
CREATE FUNCTION guard_sure() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.what = 'questions' AND NEW.level > 2
       OR NEW.what = 'override' AND NOT EXISTS (SELECT FROM staff_members m WHERE m.id = NEW.by_id AND 'officer' = ANY (m.roles)) THEN
        RAISE EXCEPTION 'this check does not make it that sure' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_sure BEFORE INSERT ON identity_evidence FOR EACH ROW EXECUTE FUNCTION guard_sure();

-- An extension is in time by our own clock, whatever day it claims; and what was
-- said about a request was said in it.
-- +goose StatementBegin
CREATE FUNCTION guard_clock_now() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.kind = 'extended' AND EXISTS (SELECT FROM requests r WHERE r.id = NEW.request_id AND r.paused_at IS NULL AND r.notice_by < NEW.noted_at) THEN
        RAISE EXCEPTION 'an extension is announced in time' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.message IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.id = NEW.message AND m.request_id = NEW.request_id AND NOT m.note) THEN
        RAISE EXCEPTION 'this was not said about this request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER guard_clock_now BEFORE INSERT ON clock_events FOR EACH ROW
    WHEN (current_user IN ('portal_web', 'portal_worker')) EXECUTE FUNCTION guard_clock_now();

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN RAISE EXCEPTION 'there is no way back: what was repaired would break again'; END $$;
-- +goose StatementEnd

-- +goose Up
-- Every new deletion asks whether an appeal of its person is open. There are few of
-- those, so they have an index to themselves, and no plan reads all requests.
CREATE INDEX requests_open_appeals ON requests (mailbox(email)) WHERE kind = 'appeal' AND state = 'verified';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION held_since(request uuid, address text, what text) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT min(x.since) FROM (
        SELECT h.started_at AS since FROM holds h JOIN requests o ON o.id = h.request_id
        WHERE h.lifted_at IS NULL AND (h.request_id = request
            OR h.scope = 'person' AND address <> '' AND mailbox(o.email) = mailbox(address) AND what IN ('deletion', 'correction', 'shortened_retention'))
        UNION ALL
        SELECT a.received_at FROM requests a
        WHERE what = 'deletion' AND address <> '' AND a.kind = 'appeal' AND a.state = 'verified' AND mailbox(a.email) = mailbox(address)) x
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN RAISE EXCEPTION 'there is no way back: held_since needs the index'; END $$;
-- +goose StatementEnd

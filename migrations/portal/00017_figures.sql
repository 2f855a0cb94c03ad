-- +goose Up

-- When an answer was there for the person: a law looks at that, not at when it
-- was fetched. Counted from here by the dashboard and the yearly figures.
ALTER TABLE requests ADD COLUMN answered_at timestamptz;
UPDATE requests SET answered_at = closed_at WHERE state IN ('closed', 'rejected');

-- +goose StatementBegin
CREATE FUNCTION note_answer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.answered_at IS NULL AND NEW.state IN ('ready', 'closed', 'rejected') THEN
        NEW.answered_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER note_answer BEFORE UPDATE OF state ON requests FOR EACH ROW EXECUTE FUNCTION note_answer();

CREATE INDEX requests_received ON requests (received_at) WHERE verified_at IS NOT NULL;
CREATE INDEX requests_answered ON requests (answered_at) WHERE answered_at IS NOT NULL;

-- +goose Down
DROP INDEX requests_answered, requests_received;
DROP TRIGGER note_answer ON requests;
DROP FUNCTION note_answer();
ALTER TABLE requests DROP COLUMN answered_at;

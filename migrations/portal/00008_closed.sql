-- +goose Up
-- What is closed is read newest first, so its index sorts by when it closed. The
-- one by due date has no reader left.
CREATE INDEX requests_closed ON requests (closed_at, id) WHERE state IN ('closed', 'rejected');
DROP INDEX requests_ended;

-- +goose Down
CREATE INDEX requests_ended ON requests (due_at, id) WHERE state IN ('closed', 'rejected');
DROP INDEX requests_closed;

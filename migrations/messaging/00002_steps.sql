-- +goose Up
-- More kinds of step, and files in more than one place.
ALTER TABLE dsar.step
    DROP CONSTRAINT step_action_check,
    ADD CONSTRAINT step_action_check CHECK (action IN ('delete', 'anonymise', 'tombstone', 'redact', 'keep',
        'repair', 'detach', 'correct', 'restrict', 'lift', 'suppress', 'shorten')),
    ADD COLUMN moved bigint NOT NULL DEFAULT 0; -- rows that were changed behind the plan's back, and left alone

-- What a row's place in the plan depended on when it was frozen: the i-th
-- element is the hash of the i-th row. Rows of a step without such columns have
-- none.
ALTER TABLE dsar.target ADD COLUMN prints bigint[];

-- Which object storage, and whether the key is a prefix: everything below it.
ALTER TABLE dsar.object
    ADD COLUMN store text NOT NULL DEFAULT '',
    ADD COLUMN below boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT object_pkey,
    ADD PRIMARY KEY (operation, store, object_key),
    DROP CONSTRAINT object_outcome_check,
    ADD CONSTRAINT object_outcome_check CHECK (outcome IN ('removed', 'shared', 'flagged')); -- flagged: holds more people

-- +goose Down
DELETE FROM dsar.object WHERE store <> '' OR below OR outcome = 'flagged';
ALTER TABLE dsar.object
    DROP CONSTRAINT object_pkey,
    ADD PRIMARY KEY (operation, object_key),
    DROP CONSTRAINT object_outcome_check,
    ADD CONSTRAINT object_outcome_check CHECK (outcome IN ('removed', 'shared')),
    DROP COLUMN store,
    DROP COLUMN below;
ALTER TABLE dsar.target DROP COLUMN prints;
ALTER TABLE dsar.step
    DROP COLUMN moved,
    DROP CONSTRAINT step_action_check,
    ADD CONSTRAINT step_action_check CHECK (action IN ('delete', 'anonymise', 'keep')) NOT VALID;

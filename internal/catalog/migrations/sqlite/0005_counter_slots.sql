-- +goose Up
-- A counter may be spread over several rows, for engines with many writers. Here it never is.
ALTER TABLE counters ADD COLUMN slot BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX counters_by_slot ON counters (status, data_type, slot);

-- +goose Down
DROP INDEX counters_by_slot;
ALTER TABLE counters DROP COLUMN slot;
